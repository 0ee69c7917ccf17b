"""A forecast as an Excel workbook: the same bytes for the same forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from planshift.forecasting.result import Forecast
from planshift.problems import InputError
from planshift.reports.workbook.bridge import bridge_checks, fill_bridge, fill_charts
from planshift.reports.workbook.contracts import (
    accounts_of,
    contracts_checks,
    fill_accounts,
    fill_data_of_contracts,
    fill_renewals,
    renewals_of,
)
from planshift.reports.workbook.data import fill_data
from planshift.reports.workbook.inputs import SHEETS, fill_inputs, fill_lists, fill_provenance, inputs_checks
from planshift.reports.workbook.model import Check, Model, WorkbookAbout, this_row
from planshift.reports.workbook.months import fill_months, fill_roll_forward, months_checks, roll_forward_checks
from planshift.reports.workbook.sheet import Field, Formula, Sheet, Styles


def verdict_of(checks: Sequence[Check]) -> str:
    """What the sheet says of checks together: ok or ERROR."""
    return "ok" if all(abs(float(one.difference.value)) <= one.allowed for one in checks) else "ERROR"


def fill_checks(sheet: Sheet, model: Model, checks: Sequence[Check]) -> None:
    """Write the sheet; ``all_checks`` names the cell that says whether all of them hold."""
    note = "A difference may be no larger than what is allowed beside it."
    row = sheet.heading("Checks", model.subtitle("Every check is live."), note)
    difference, allowed = this_row("checks", "Difference"), this_row("checks", "Allowed")
    verdict = f'IFERROR(IF(ABS({difference})<={allowed},"ok","ERROR"),"ERROR")'
    fields = [
        Field("No", "number", list(range(1, len(checks) + 1))),
        Field("Check", "text", [one.title for one in checks]),
        Field("Difference", "cents", [one.difference for one in checks]),
        Field("Allowed", "cents", [one.allowed for one in checks]),
        Field("Result", "check", [Formula(verdict, verdict_of([one])) for one in checks]),
    ]
    placed = sheet.table("checks", row + 2, fields, tall=18)
    sheet.put(row, 1, "All checks", "label")
    sheet.put(
        row,
        4,
        Formula('IF(COUNTIF(checks[Result],"ok")=ROWS(checks[Result]),"ok","ERROR")', verdict_of(checks)),
        "check",
    )
    sheet.define("all_checks", row, 4)
    sheet.verdicts(placed.column("Result"))
    sheet.verdicts(f"E{row + 1}")
    sheet.widths(5, 92, 16, 14, 12)
    sheet.printed(f"{model.about.title} – Checks", frozen=(2, 0))


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
    looks = Styles(book)
    several = len(model.figures) > 1
    names = ["Provenance", *(name for name, _ in SHEETS), *([_CONTRACTS] if several else []), _LISTS]
    sheets = {name: Sheet(book, looks, name) for name in names}
    renewals, accounts = renewals_of(model), accounts_of(model)
    found = [
        *inputs_checks(),
        *months_checks(model),
        *roll_forward_checks(model),
        *bridge_checks(model),
        *contracts_checks(model, renewals, accounts),
    ]
    verdict = verdict_of(found)
    fill_provenance(sheets["Provenance"], model, verdict)
    fill_lists(sheets[_LISTS])
    fill_inputs(sheets["Inputs"], model, verdict)
    by_stat, fan = fill_months(sheets["Months"], model)
    fill_roll_forward(sheets["Roll-forward"], model)
    bridges = fill_bridge(sheets["Bridge"], model)
    calendar = fill_renewals(sheets["Renewals"], model, renewals)
    fill_accounts(sheets["Accounts"], model, accounts)
    fill_charts(sheets["Charts"], model, by_stat["Mean"], fan, bridges, calendar)
    fill_checks(sheets["Checks"], model, found)
    fill_data(sheets["Data"], model)
    if several:
        fill_data_of_contracts(sheets[_CONTRACTS], model, (renewals, accounts))
    sheets["Provenance"].raw.activate()
