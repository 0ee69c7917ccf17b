"""The workbook in LibreOffice: what its formulas come to is what the engine stored with them, in every scenario."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from planshift.forecasting.result import BILLED, BOOKED, INDEX, Cell, Forecast, Table
from planshift.reports.workbook import contracts
from planshift.reports.workbook.book import workbook_bytes
from recalculated import Cells, cells_of, changed, differences, formulas_of, office, recalculated
from test_workbook import HOSTILE, about, forecast, scenarios

pytest.importorskip("xlsxwriter", reason="XlsxWriter is not installed")

SELECTOR, FAN = ("Inputs", "C7"), ("Inputs", "C8")


@pytest.fixture(scope="module", autouse=True)
def _office() -> None:
    office()


@pytest.fixture(scope="module")
def forecasts() -> dict[str, Forecast]:
    return scenarios()


@pytest.fixture(scope="module")
def workbook(forecasts: dict[str, Forecast], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "stored.xlsx"
    path.write_bytes(workbook_bytes(forecasts, about()))
    return path


@pytest.fixture(scope="module")
def stored(workbook: Path) -> Cells:
    return cells_of(workbook)


@cache
def opened(workbook: Path) -> Any:
    return openpyxl.load_workbook(workbook)


def table_cell(workbook: Path, table: str, header: str, row: int) -> tuple[str, str]:
    """Sheet and name of a cell of a named table, rows counted from 0."""
    for sheet in opened(workbook):
        if table in sheet.tables:
            rows = sheet[sheet.tables[table].ref]
            place = [cell.value for cell in rows[0]].index(header)
            return sheet.title, rows[1 + row][place].coordinate
    raise LookupError(table)


@pytest.mark.parametrize("scenario", ["base", "low", "high"])
def test_switching_the_selector_gives_what_the_engine_stores(
    scenario: str, workbook: Path, stored: Cells, forecasts: dict[str, Forecast], tmp_path: Path
) -> None:
    expected = tmp_path / "expected.xlsx"
    expected.write_bytes(workbook_bytes(forecasts, about(chosen=scenario)))
    found = cells_of(recalculated(changed(workbook, tmp_path / "switched.xlsx", {SELECTOR: scenario}), tmp_path))
    assert len(formulas_of(workbook)) > 2000
    assert differences(cells_of(expected), found) == {}
    assert not [value for value in found.values() if isinstance(value, str) and value.startswith(("#", "Err:"))]
    assert (scenario == "base") == (differences(stored, found) == {})


def test_a_target_and_a_line_of_the_fan_may_be_changed(
    workbook: Path, stored: Cells, forecasts: dict[str, Forecast], tmp_path: Path
) -> None:
    free = next(row for row in range(20) if table_cell(workbook, "targets", "Target", row) not in stored)
    assert stored[table_cell(workbook, "targets", "Measure", free)] == "Booked"
    low, target = forecasts["low"], 4_000_000.5
    given = {SELECTOR: "low", FAN: "Invoiced", table_cell(workbook, "targets", "Target", free): target}
    found = cells_of(recalculated(changed(workbook, tmp_path / "given.xlsx", given), tmp_path))
    booked = low.total(*BOOKED).sum(axis=0) / 100
    missed = found[table_cell(workbook, "targets", "Probability of missing", free)]
    assert missed == pytest.approx((booked < target).mean())
    p90 = np.percentile(low.total(*BILLED), 90, axis=1, method="inverted_cdf") / 100
    for row in (0, 5, 13):
        assert found[table_cell(workbook, "fan_chart", "P90", row)] == pytest.approx(p90[row])


def test_a_balance_that_does_not_roll_forward_is_an_error(workbook: Path, stored: Cells, tmp_path: Path) -> None:
    keys = {value: place for place, value in stored.items() if isinstance(value, str) and place[0] == "Data"}
    sheet, name = keys["base|Deferred seats|5"]
    mean = (sheet, f"F{name[1:]}")
    off = float(str(stored[mean])) + 0.01
    found = cells_of(recalculated(changed(workbook, tmp_path / "off.xlsx", {mean: off}), tmp_path))
    assert found["Checks", "E5"] == "ERROR"
    assert found[table_cell(workbook, "roll_seats", "Check", 4)] == "ERROR"
    assert found[table_cell(workbook, "roll_seats", "Check", 3)] == "ok"
    assert [value for (name, _), value in found.items() if name == "Provenance"].count("ERROR") == 1


def test_hostile_names_one_draw_and_rows_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "ROWS_AT_MOST", 4)
    names = np.array(HOSTILE)

    def hostile(title: str, **changes: Any) -> Forecast:
        made = forecast(len(HOSTILE), 1, 13, scenario=title, title=title, **changes)
        columns = {**made.accounts.columns, "title": names, "account_id": names}
        renewals = {**made.renewals.columns, "title": names, "plan": names[::-1]}
        bridges = dict(zip(HOSTILE, made.committed.values(), strict=False))
        object.__setattr__(made, "committed", bridges)
        object.__setattr__(made, "accounts", Table(columns))
        object.__setattr__(made, "renewals", Table(renewals))
        return made

    named = {"=1*1": hostile("=A1"), "~low?": hostile("+low", growth=0.5), "LOW": hostile("@", renewing=0.1)}
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(workbook_bytes(named, about(chosen="~low?")))
    found = cells_of(recalculated(changed(path, tmp_path / "copy.xlsx", {}), tmp_path))
    assert differences(cells_of(path), found) == {}
    assert "ERROR" not in found.values()


def test_balances_below_nothing_are_shown_and_roll_forward(tmp_path: Path) -> None:
    made = forecast(3, 5, 4)
    cell = Cell("enterprise", "Refunds", "EMEA")
    amounts = np.zeros_like(next(iter(made.cells.values())))
    for month in range(4):
        amounts[INDEX["billed_usage"], month] = -1_000_000
        amounts[INDEX["unbilled"], month] = 1_000_000 * (month + 1)
        amounts[INDEX["receivable"], month] = -1_000_000 * (month + 1)
    refunds = {**made.cells, cell: amounts}
    object.__setattr__(made, "cells", refunds)
    path = tmp_path / "refunds.xlsx"
    path.write_bytes(workbook_bytes({"base": made}, about(targets=[])))
    found = cells_of(recalculated(changed(path, tmp_path / "copy.xlsx", {}), tmp_path))
    assert differences(cells_of(path), found) == {}
    assert [value for value in found.values() if isinstance(value, float | int) and value < -9_000]
