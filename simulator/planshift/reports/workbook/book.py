"""A forecast as an Excel workbook: the same bytes for the same forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from planshift.forecasting.result import Forecast
from planshift.problems import InputError
from planshift.reports.workbook import (
    bridge,
    charts,
    checks,
    contracts,
    data,
    inputs,
    months,
    provenance,
    roll_forward,
)
from planshift.reports.workbook.about import WorkbookAbout
from planshift.reports.workbook.looks import Looks
from planshift.reports.workbook.model import Model
from planshift.reports.workbook.sheet import Sheet

GET_EXCEL = "pip install 'planshift[excel]'"
_ALWAYS = datetime(2000, 1, 1)  # noqa: DTZ001 - Excel's properties have no zone
"""A workbook says that it was made then: a clock would give every run other bytes."""
_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
"""Text stays text, whatever it begins with."""
_CONTRACTS = "Data contracts"
_LISTS = "Lists"


def check_excel() -> None:
    """Nothing where a workbook can be made; InputError, with what to install, where it cannot."""
    if find_spec("xlsxwriter") is None:
        raise InputError.at("--xlsx", "a workbook needs XlsxWriter, which is not installed", GET_EXCEL)


def workbook_bytes(forecasts: Mapping[str, Forecast], about: WorkbookAbout) -> bytes:
    """The workbook of named scenarios of one portfolio, the first of them the base.

    Its formulas are live, and the values stored with them are the engine's, in the scenario that it opens with.
    Raises InputError where XlsxWriter is missing, ValueError where the scenarios' months differ or there is none.
    """
    check_excel()
    import xlsxwriter

    model = Model.of(forecasts, about)
    file = BytesIO()
    book = xlsxwriter.Workbook(file, _PLAIN)
    book.set_properties({"title": about.title, "author": "planshift", "created": _ALWAYS})
    book.set_size(2400, 1500)
    _fill(book, model)
    book.close()
    return file.getvalue()


def _fill(book: Any, model: Model) -> None:
    looks = Looks(book)
    several = len(model.figures) > 1
    names = ["Provenance", *(name for name, _ in provenance.SHEETS), *([_CONTRACTS] if several else []), _LISTS]
    sheets = {name: Sheet(book, looks, name) for name in names}
    renewals, accounts = contracts.renewals_of(model), contracts.accounts_of(model)
    found = [
        *inputs.checks(),
        *months.checks(model),
        *roll_forward.checks(model),
        *bridge.checks(model),
        *contracts.checks(model, renewals, accounts),
    ]
    verdict = checks.verdict_of(found)
    provenance.fill(sheets["Provenance"], model, verdict)
    inputs.lists(sheets[_LISTS])
    inputs.fill(sheets["Inputs"], model, verdict)
    by_stat, fan = months.fill(sheets["Months"], model)
    roll_forward.fill(sheets["Roll-forward"], model)
    bridges = bridge.fill(sheets["Bridge"], model)
    calendar = contracts.fill_renewals(sheets["Renewals"], model, renewals)
    contracts.fill_accounts(sheets["Accounts"], model, accounts)
    charts.fill(sheets["Charts"], model, by_stat["Mean"], fan, bridges, calendar)
    checks.fill(sheets["Checks"], model, found)
    data.fill(sheets["Data"], model)
    if several:
        contracts.fill_data(sheets[_CONTRACTS], model, (renewals, accounts))
    sheets["Provenance"].raw.activate()
