"""The workbook of a forecast: live formulas, the engine's values stored with them, and text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from forecasts import forecast
from planshift.forecasting.result import BILLED, RECOGNISED, Forecast, Table
from planshift.problems import InputError
from planshift.reports.folder import InputFile
from planshift.reports.forecast.cube import Target
from planshift.reports.workbook import book, contracts
from planshift.reports.workbook.book import workbook_bytes
from planshift.reports.workbook.model import Shock, TermsCount, WorkbookAbout, plain_names
from recalculated import Cells, cells_of, formulas_of

pytest.importorskip("xlsxwriter", reason="XlsxWriter is not installed")

SHEETS = [
    *("Provenance", "Inputs", "Charts", "Months", "Roll-forward", "Bridge", "Renewals", "Accounts", "Checks", "Data"),
    *("Data contracts", "Lists"),
]
PERCENTILE_TABLES = {"months_p10": "P10", "months_p50": "P50", "months_p90": "P90"}
HOSTILE = ('=HYPERLINK("http://example.com")', "+1+1", "-2", "@SUM(A1)", "http://example.com", "12", "<b>&amp;")


def scenarios(accounts: int = 12, draws: int = 30, months: int = 14) -> dict[str, Forecast]:
    """Three named scenarios of one portfolio."""

    def one(name: str, title: str, **changes: float) -> Forecast:
        return forecast(accounts, draws, months, scenario=name, title=title, **changes)

    return {
        "base": one("base", "As it stands"),
        "low": one("low", "Fewer renew", growth=0.8, renewing=0.8),
        "high": one("high", "Usage grows", growth=1.3, renewing=1.1, price=1.05),
    }


def about(**changes: Any) -> WorkbookAbout:
    """A run that the workbook is of."""
    said = WorkbookAbout(
        title="Legacy contracts",
        command="planshift forecast legacy.yaml --xlsx",
        seed=3,
        portfolio=[InputFile("legacy.yaml", "a" * 64, 1234)],
        plans=[InputFile("plans/enterprise.yaml", "b" * 64, 4321)],
        targets=[Target("billed", 400_000_000), Target("recognised", 450_000_000, yearly=True)],
        payment=[TermsCount(30, "none", 8), TermsCount(60, "before", 4)],
        shocks=[
            Shock("base", "Growth of usage", None, "30 % a year, standard deviation 12 %", None, "assumed"),
            Shock("low", "Token prices", date(2027, 7, 1), "times 0.8", 0.35, "assumed"),
        ],
        notes=["Renewal probabilities are assumed."],
    )
    return replace(said, **changes)


@pytest.fixture(scope="module")
def forecasts() -> dict[str, Forecast]:
    return scenarios()


@pytest.fixture(scope="module")
def workbook(forecasts: dict[str, Forecast], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "forecast.xlsx"
    path.write_bytes(workbook_bytes(forecasts, about()))
    return path


@pytest.fixture(scope="module")
def opened(workbook: Path) -> Any:
    """The workbook with its formulas."""
    return openpyxl.load_workbook(workbook)


@pytest.fixture(scope="module")
def stored(workbook: Path) -> Any:
    """The workbook with the values that are stored with its formulas."""
    return openpyxl.load_workbook(workbook, data_only=True)


@pytest.fixture(scope="module")
def column(opened: Any, stored: Any) -> Callable[[str, str], list[Any]]:
    """What finds the stored values of a named table's column."""

    def find(table: str, header: str) -> list[Any]:
        sheet = next(sheet for sheet in opened if table in sheet.tables)
        rows = stored[sheet.title][sheet.tables[table].ref]
        place = [cell.value for cell in rows[0]].index(header)
        return [row[place].value for row in rows[1:]]

    return find


def test_the_same_forecasts_give_the_same_bytes(forecasts: dict[str, Forecast], workbook: Path) -> None:
    assert workbook_bytes(scenarios(), about()) == workbook.read_bytes()
    assert workbook_bytes(forecasts, about(seed=4)) != workbook.read_bytes()


def test_the_sheets_are_there_in_order(opened: Any) -> None:
    assert opened.sheetnames == SHEETS
    assert opened.active.title == "Provenance"


def test_lists_and_series_are_named_tables(opened: Any) -> None:
    tables = {name for sheet in opened for name in sheet.tables}
    assert tables == {
        *("files", "scenarios", "targets", "payment_terms", "shocks", "fan_chart", "calendar", "renewals", "accounts"),
        *("months_mean", *PERCENTILE_TABLES, "checks", "data_months", "data_bridge", "data_calendar", "data_targets"),
        *("roll_deferred", "roll_seats", "roll_credits", "roll_unbilled", "roll_receivable"),
        *("bridge_committed", "bridge_committed_segments", "bridge_usage", "bridge_usage_segments"),
        *("data_draws", "data_renewals", "data_accounts"),
    }


def test_the_selectors_choose_from_lists(opened: Any) -> None:
    found = {str(one.sqref): one.formula1 for one in opened["Inputs"].data_validations.dataValidation}
    assert set(found) == {"C7", "C8"}
    assert opened["Inputs"]["C7"].value == "base"
    for cell in ("C7", "C8"):
        fill, font = opened["Inputs"][cell].fill.fgColor.rgb, opened["Inputs"][cell].font.color.rgb
        assert (fill, font) == ("FFFFF9C4", "FF0000FF"), "blue on yellow"


def test_stored_means_are_the_engines(forecasts: dict[str, Forecast], column: Callable[[str, str], list[Any]]) -> None:
    base = forecasts["base"]
    for header, measures in (("Invoiced", BILLED), ("Recognised", RECOGNISED), ("Receivable", ("receivable",))):
        means = base.total(*measures).mean(axis=1) / 100
        assert np.allclose(column("months_mean", header), means, atol=0.05)
        assert [round(value * 100, 6) % 1 for value in column("months_mean", header)] == [0] * len(means)


def test_stored_percentiles_are_those_of_each_months_draws(
    forecasts: dict[str, Forecast], column: Callable[[str, str], list[Any]]
) -> None:
    recognised = forecasts["base"].total(*RECOGNISED)
    for table, percent in (("months_p10", 10), ("months_p50", 50), ("months_p90", 90)):
        expected = np.percentile(recognised, percent, axis=1, method="inverted_cdf") / 100
        assert column(table, "Recognised") == pytest.approx(expected.tolist(), abs=1e-9)


def test_no_formula_adds_percentiles_up(opened: Any) -> None:
    months = opened["Months"]
    for table, stat in PERCENTILE_TABLES.items():
        rows = list(months[months.tables[table].ref])
        below = months[rows[-1][0].row + 1][2 : len(rows[0])]
        formulas = [cell.value for row in rows[1:] for cell in row[2:]] + [cell.value for cell in below]
        looked_up = re.compile(rf"=INDEX\(data_months\[{stat}\],MATCH\([^()]*,data_months\[Key\],0\)\)")
        at_the_end = re.compile(rf"=INDEX\({table}\[([^]]*)\],ROWS\({table}\[\1\]\)\)")
        assert all(looked_up.fullmatch(one) or at_the_end.fullmatch(one) for one in formulas)


def test_headers_in_formulas_need_no_marks(workbook: Path) -> None:
    """Excel refuses a file in which a header with a comma or a bracket stands in single brackets."""
    headers = {header for one in formulas_of(workbook).values() for header in re.findall(r"\[([^][]+)\]", str(one))}
    assert {"#This Row", "Invoiced seats", "Key", "Included usage now metered"} <= headers
    assert all(re.fullmatch(r"[\w ]+", header) for header in headers - {"#This Row"})


def test_targets_are_measured_over_draws(
    forecasts: dict[str, Forecast], column: Callable[[str, str], list[Any]]
) -> None:
    base = forecasts["base"]
    invoiced = base.total(*BILLED).sum(axis=0)
    assert column("targets", "Measure")[:2] == ["Invoiced", "Recognised revenue"]
    assert column("targets", "Period")[:2] == ["2027-01 to 2028-02", "2027-01 to 2027-12"]
    assert column("targets", "Probability of missing")[0] == pytest.approx((invoiced < 400_000_000).mean())
    free = column("targets", "Target").index(None)
    assert column("targets", "Probability of missing")[free] in (None, "")


def test_all_checks_hold(column: Callable[[str, str], list[Any]], stored: Any) -> None:
    assert set(column("checks", "Result")) == {"ok"}
    assert stored["Checks"]["E5"].value == "ok"


def test_rolls_forward_close_to_the_cent(column: Callable[[str, str], list[Any]]) -> None:
    for table in ("roll_deferred", "roll_seats", "roll_credits", "roll_unbilled", "roll_receivable"):
        assert set(column(table, "Difference")) == {0}
        assert column(table, "Opening")[1:] == column(table, "Closing")[:-1]


def test_provenance_says_what_made_it(workbook: Path) -> None:
    said = {value for (sheet, _), value in cells_of(workbook).items() if sheet == "Provenance"}
    assert {"planshift forecast legacy.yaml --xlsx", 3, 30, "a" * 64, "b" * 64, "legacy.yaml"} <= said
    assert "Renewal probabilities are assumed." in said


def widths_of(sheet: Any) -> dict[int, float]:
    """The widths of a sheet's columns by number."""
    spans = [(one.min, one.max, one.width) for one in sheet.column_dimensions.values()]
    return {number: width for first, last, width in spans for number in range(first, last + 1)}


def test_every_number_has_a_format_and_room(stored: Any) -> None:
    for sheet in stored:
        widths = widths_of(sheet)
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                    assert cell.number_format != "General", f"{sheet.title}!{cell.coordinate}"
                    digits = 2 if "0.00" in cell.number_format else 0
                    width = widths[cell.column]
                    needed = len(f"{abs(cell.value):,.{digits}f}") + 2 * (cell.value < 0)
                    assert needed < width or sheet.title == "Lists", f"{sheet.title}!{cell.coordinate}"


def test_sheets_print_one_page_wide_and_stay_in_sight(opened: Any) -> None:
    for sheet in opened:
        if sheet.title == "Lists":
            assert sheet.sheet_state == "hidden"
            continue
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area
        assert sheet.title == "Charts" or sheet.freeze_panes
    assert len(opened["Charts"]._charts) == 6


def test_text_from_files_is_never_a_formula(tmp_path: Path) -> None:
    base = forecast(len(HOSTILE), 5, 13, title=HOSTILE[0])
    titled = {**base.accounts.columns, "title": np.array(HOSTILE), "segment": np.array(HOSTILE[::-1])}
    hostile = replace(
        base,
        accounts=Table(titled),
        committed=dict(zip(HOSTILE, base.committed.values(), strict=False)),
        warnings=HOSTILE,
    )
    said = about(title=HOSTILE[1], command=HOSTILE[0], notes=HOSTILE, portfolio=[InputFile(HOSTILE[0], "c" * 64, 1)])
    path = tmp_path / "forecast.xlsx"
    path.write_bytes(workbook_bytes({"=base": hostile}, said))
    values = cells_of(path)
    assert {("Accounts", cell) for cell in ("C8", "C9")} & values.keys()
    shown = [value for value in values.values() if value in HOSTILE]
    assert set(shown) == set(HOSTILE)
    assert not [formula for formula in formulas_of(path).values() if "HYPERLINK" in str(formula)]
    links = [link.target for sheet in openpyxl.load_workbook(path) for link in sheet._hyperlinks if link.target]
    assert links == [], "only links into the workbook itself"


def test_accounts_that_are_left_out_share_a_row(
    forecasts: dict[str, Forecast], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(contracts, "ROWS_AT_MOST", 5)
    path = tmp_path / "forecast.xlsx"
    path.write_bytes(workbook_bytes(forecasts, about()))
    book = openpyxl.load_workbook(path, data_only=True)
    rows = list(book["Accounts"][book["Accounts"].tables["accounts"].ref])
    header = [cell.value for cell in rows[0]]
    title, invoiced, p10 = (header.index(name) for name in ("Title", "Invoiced", "Recognised P10"))
    assert len(rows) == 1 + 5 + 1
    assert (rows[-1][title].value, rows[-1][p10].value) == ("7 others", None)
    billed = forecasts["base"].accounts.columns["billed"]
    assert sum(row[invoiced].value for row in rows[1:]) == pytest.approx(billed.sum() / 100)
    kept = sorted(billed.tolist(), reverse=True)[:3]
    assert set(kept) <= {round(row[invoiced].value * 100) for row in rows[1:-1]}
    assert "5 of 12" in book["Accounts"]["A5"].value


def test_one_scenario_alone_needs_no_second_list(tmp_path: Path, forecasts: dict[str, Forecast]) -> None:
    path = tmp_path / "forecast.xlsx"
    path.write_bytes(workbook_bytes({"base": forecasts["base"]}, about(targets=[], payment=[], shocks=[])))
    assert "Data contracts" not in openpyxl.load_workbook(path).sheetnames
    assert set(_results(cells_of(path))) == {"ok"}


def test_a_portfolio_in_which_nothing_renews(tmp_path: Path) -> None:
    quiet = replace(forecast(3, 4, 5), renewals=Table({}))
    path = tmp_path / "forecast.xlsx"
    path.write_bytes(workbook_bytes({"base": quiet, "low": quiet}, about()))
    assert set(_results(cells_of(path))) == {"ok"}


def test_a_renewal_that_only_one_scenario_has_is_nothing_in_the_other(
    tmp_path: Path, forecasts: dict[str, Forecast]
) -> None:
    low = forecasts["low"]
    fewer = replace(low, renewals=Table({name: values[1:] for name, values in low.renewals.columns.items()}))
    path = tmp_path / "forecast.xlsx"
    path.write_bytes(workbook_bytes({"base": forecasts["base"], "low": fewer}, about(chosen="low")))
    assert set(_results(cells_of(path))) == {"ok"}


def _results(cells: Cells) -> list[object]:
    return [value for (sheet, _), value in cells.items() if sheet == "Checks" and value in ("ok", "ERROR")]


def test_scenarios_are_called_as_look_ups_can_find_them() -> None:
    assert plain_names(["base", "Base", "a*b", "a?b", ""]) == ["base", "Base (2)", "a-b", "a-b (2)", "scenario"]


@pytest.mark.parametrize(
    ("names", "changes", "says"),
    [
        ([], {}, "at least one forecast"),
        (["base", "short"], {}, "the same months"),
        (["base"], {"chosen": "hihg"}, "no scenario 'hihg'"),
    ],
)
def test_what_cannot_be_one_workbook_is_refused(
    names: list[str], changes: dict[str, Any], says: str, forecasts: dict[str, Forecast]
) -> None:
    known = {**forecasts, "short": forecast(2, 3, 4)}
    with pytest.raises(ValueError, match=says):
        workbook_bytes({name: known[name] for name in names}, about(**changes))


def test_without_xlsxwriter_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, forecasts: dict[str, Forecast]
) -> None:
    monkeypatch.setattr(book, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"XlsxWriter, which is not installed - pip install 'planshift\[excel\]'"):
        workbook_bytes(forecasts, about())
