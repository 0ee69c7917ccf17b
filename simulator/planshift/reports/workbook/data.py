"""The sheet Data: every scenario's figures as values, which the other sheets pick from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from planshift.reports.forecast.contracts import calendar
from planshift.reports.forecast.tables import BRIDGE_TITLES
from planshift.reports.workbook.model import CENTS, LINES, STATS, Model, ScenarioFigures, four, key_of, shown_stats
from planshift.reports.workbook.sheet import Cell, Field, Sheet

Row = Sequence[Cell]
CALENDAR: dict[str, tuple[str, str]] = {
    "Renewals": ("renewals", "count"),
    "Seats": ("seats", "count"),
    "Committed before": ("arr_before", "money"),
    "Usage before": ("usage_before", "money"),
    "At stake": ("at_stake", "money"),
    "Committed after": ("retained", "money"),
    "Onto another plan": ("migrating", "count"),
    "Expected to renew": ("expected", "mean_count"),
}
"""Header → the column of calendar.csv, and the look of its cells."""


def fill_data(sheet: Sheet, model: Model) -> None:
    """Write the sheet."""
    row = sheet.heading(
        "Data",
        "What the run found, every scenario as values; the other sheets pick the chosen scenario's rows by their key.",
        "US dollars, or counts. Percentiles are those of a row's own draws: they never add up, over rows or months.",
    )
    row = _data_months(sheet, row, model)
    row = _data_bridges(sheet, row, model)
    row = _data_calendar(sheet, row, model)
    row = _goals(sheet, row, model)
    _draws(sheet, row, model)
    sheet.widths(40, 16, 30, 12, 30, 24, *([18] * max(8, len(model.goals) * len(model.figures))))
    sheet.printed(f"{model.about.title} – Data", frozen=(4, 1), last=(row - 3, 12))


def _table(sheet: Sheet, row: int, name: str, title: str, columns: Sequence[tuple[str, str]], rows: list[Row]) -> int:
    """A titled table from rows; the row behind it, two left empty."""
    sheet.section(row, title, len(columns))
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    fields = [Field(header, look, found) for (header, look), found in zip(columns, cells, strict=True)]
    return sheet.table(name, row + 1, fields, tall=18).last + 3


_STATS = [(stat, "cents") for stat in STATS]


def _data_months(sheet: Sheet, row: int, model: Model) -> int:
    columns = [("Key", "text"), ("Scenario", "text"), ("Line", "text"), ("No", "number"), ("Period", "text"), *_STATS]
    rows: list[Row] = [
        (key_of(one.name, line.header, number), one.name, line.header, number, _period(one, number), *shown_stats(each))
        for one in model.figures
        for line in LINES
        for number, each in sorted(one.lines[line.header].items())
    ]
    title = "Months: 0 is the opening balance, the last number the whole horizon (for a balance, its end)"
    return _table(sheet, row, "data_months", title, columns, rows)


def _period(one: ScenarioFigures, number: int) -> str:
    if number == 0:
        return "opening"
    return "horizon" if number == one.horizon else f"{one.forecast.months[number - 1]:%Y-%m}"


def _data_bridges(sheet: Sheet, row: int, model: Model) -> int:
    columns = [("Key", "text"), ("Scenario", "text"), ("Run-rate", "text"), ("No", "number"), ("Segment", "text")]
    names = ("all", *model.segments)
    rows: list[Row] = [
        (key_of(one.name, kind, number, step), one.name, kind, number, names[number], title, *shown_stats(steps[step]))
        for one in model.figures
        for (kind, number), steps in one.bridges.items()
        for step, title in ((step, step_title(step)) for step in steps)
    ]
    title = "Bridge of annual run-rates: committed (seat fees) and usage (metered), by segment"
    return _table(sheet, row, "data_bridge", title, [*columns, ("Step", "text"), *_STATS], rows)


def step_title(step: str) -> str:
    """What the workbook calls a step of the bridge."""
    return BRIDGE_TITLES.get(step, step.replace("_", " ").capitalize())


def calendars(model: Model) -> list[dict[str, list[float]]]:
    """The figures of the renewal calendar, a dictionary a scenario: header → by month."""
    return [dict(_calendar_of(one)) for one in model.figures]


def _calendar_of(one: ScenarioFigures) -> Iterator[tuple[str, list[float]]]:
    found = calendar([one.forecast])
    for header, (name, look) in CALENDAR.items():
        scale = CENTS if look == "money" else 1
        yield header, [float(value) / scale for value in found[name]]


def _data_calendar(sheet: Sheet, row: int, model: Model) -> int:
    columns = [("Key", "text"), ("Scenario", "text"), ("Month", "text"), ("No", "number"), *_looks()]
    rows: list[Row] = [
        (
            key_of(one.name, number),
            *(one.name, f"{model.months[number - 1]:%Y-%m}", number),
            *(found[header][number - 1] for header in CALENDAR),
        )
        for one, found in zip(model.figures, calendars(model), strict=True)
        for number in model.numbers
    ]
    return _table(sheet, row, "data_calendar", "Renewals by month", columns, rows)


def _looks() -> list[tuple[str, str]]:
    return [(header, "cents" if look == "money" else look) for header, (_, look) in CALENDAR.items()]


def _goals(sheet: Sheet, row: int, model: Model) -> int:
    columns = [("Key", "text"), ("Scenario", "text"), ("Measure", "text"), ("No", "number"), ("Period", "text")]
    rows: list[Row] = []
    for one in model.figures:
        for number, goal in enumerate(model.goals, start=1):
            amount = one.amounts[goal.measure, goal.period]
            named = (key_of(one.name, number), one.name, goal.title, number, goal.period)
            rows.append((*named, *shown_stats(four(amount.mean, amount.draws))))
    return _table(sheet, row, "data_targets", "What targets are measured by", [*columns, *_STATS], rows)


def _draws(sheet: Sheet, row: int, model: Model) -> int:
    """Every draw of what has targets, sorted: from these the probability of missing one is counted."""
    sheet.section(row, "Draws of what targets are measured by, each column from the least to the most", 13)
    longest = max(one.forecast.draws for one in model.figures)
    fields = [Field("Draw", "number", list(range(1, longest + 1)))]
    for number, goal in enumerate(model.goals, start=1):
        for one in model.figures:
            amounts = np.sort(one.amounts[goal.measure, goal.period].draws) / CENTS
            cells: list[Cell] = [*amounts.tolist(), *([None] * (longest - len(amounts)))]
            fields.append(Field(f"{number} {one.name}", "cents", cells))
    placed = sheet.table("data_draws", row + 1, fields)
    sheet.define_range("target_draws", (placed.first, 1), (placed.last, len(fields) - 1))
    return placed.last + 3
