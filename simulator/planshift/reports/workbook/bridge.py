"""The sheets Bridge and Charts: from the first run-rate to the last in steps that add up, and the pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planshift.reports.workbook.data import step_title
from planshift.reports.workbook.model import STATS, Check, Four, Model, picked, this_row
from planshift.reports.workbook.sheet import (
    FALL,
    FAN_INNER,
    FAN_LINE,
    FAN_OUTER,
    INK,
    QUIET,
    RISE,
    RULE,
    SERIES,
    Cell,
    Field,
    Formula,
    Placed,
    Sheet,
    cell_name,
)

_COLUMNS = 11
_NOTHING = Four(0, 0, 0, 0)


@dataclass(frozen=True)
class Kind:
    """One of the two bridges: its key on the sheet Data, its table and what it is."""

    key: str
    table: str
    title: str


KINDS = (
    Kind("committed", "bridge_committed", "Committed ARR: seat fees × 12"),
    Kind("usage", "bridge_usage", "Usage run-rate: metered usage of the last three months × 4"),
)


def steps_of(model: Model, kind: Kind) -> list[str]:
    """The steps of a bridge in all scenarios, from the first run-rate to the last."""
    found = dict.fromkeys(step for one in model.figures for step in one.bridges[kind.key, 0])
    return [*(step for step in found if step != "last"), "last"]


def fill_bridge(sheet: Sheet, model: Model) -> dict[str, Placed]:
    """Write the sheet; where the tables of the two bridges stand, by key."""
    row = sheet.heading(
        "Bridge",
        model.subtitle("US dollars a year."),
        "Committed ARR and usage run-rate are two figures, and never one. Percentiles are those of each step's draws.",
    )
    placed = {}
    for kind in KINDS:
        placed[kind.key] = _bridge(sheet, row, model, kind)
        row = _segments(sheet, placed[kind.key].last + 3, model, kind) + 3
    sheet.widths(5, 30, *([17] * (_COLUMNS - 2)))
    sheet.printed(f"{model.about.title} – Bridge", frozen=(2, 2))
    return placed


def _bridge(sheet: Sheet, row: int, model: Model, kind: Kind) -> Placed:
    row = sheet.section(row, kind.title, _COLUMNS)
    steps = steps_of(model, kind)
    found = model.now.bridges[kind.key, 0]
    figures = [found.get(step, _NOTHING) for step in steps]
    fields = [
        Field("No", "number", list(range(1, len(steps) + 1))),
        Field("Step", "text", [step_title(step) for step in steps]),
        *(
            Field(
                stat,
                "money",
                [
                    Formula(_pick(kind, 0, step, stat), figure[stat])
                    for step, figure in zip(steps, figures, strict=True)
                ],
                total=stat == "Mean",
            )
            for stat in STATS
        ),
        *_chart_fields(row, [figure.mean for figure in figures]),
    ]
    return sheet.table(kind.table, row, fields)


def _header(step: str) -> str:
    """A step as a column's header: letters and spaces, which formulas need no marks for."""
    return "".join(letter for letter in step_title(step) if letter.isalnum() or letter == " ")


def _pick(kind: Kind, segment: int | str, step: str, stat: str) -> str:
    number = segment if isinstance(segment, str) else str(segment)
    return f"IFERROR({picked('data_bridge', stat, kind.key, number, step)},0)"


def _chart_fields(header_row: int, means: list[float]) -> list[Field]:
    """What the chart stacks: an invisible base, the two run-rates, and the steps up and down."""
    last = len(means) - 1
    cells: dict[str, list[Cell]] = {header: [] for header in ("After", "Base of the chart", "Run-rate", "Up", "Down")}
    running = 0.0
    for place, mean in enumerate(means):
        row = header_row + 1 + place
        own, before, here = cell_name(row, 2), cell_name(row - 1, 6), cell_name(row, 6)
        made: list[Cell]
        if place in (0, last):
            running = mean
            made = [Formula(own, mean), 0, Formula(own, mean), 0, 0]
        else:
            started, running = running, running + mean
            made = [
                Formula(f"{before}+{own}", running),
                Formula(f"MAX(0,MIN({before},{here}))", max(0.0, min(started, running))),
                0,
                Formula(f"MAX(0,{own})", max(0.0, mean)),
                Formula(f"MAX(0,-{own})", max(0.0, -mean)),
            ]
        for found, cell in zip(cells.values(), made, strict=True):
            found.append(cell)
    return [Field(header, "money", found) for header, found in cells.items()]


def _segments(sheet: Sheet, row: int, model: Model, kind: Kind) -> int:
    """The same by segment, means; the row behind its totals."""
    steps = steps_of(model, kind)
    table = f"{kind.table}_segments"
    row = sheet.section(row, f"{kind.title}; by segment, means", _COLUMNS)
    numbers = range(1, len(model.segments) + 1)

    def value(number: int, step: str) -> float:
        return model.now.bridges.get((kind.key, number), {}).get(step, _NOTHING).mean

    def cells(step: str) -> list[Cell]:
        formula = _pick(kind, f"{{{this_row(table, 'No')}}}", step, "Mean")
        return [Formula(formula, value(number, step)) for number in numbers]

    titles = [_header(step) for step in steps]
    added = "+".join(this_row(table, title) for title in titles[:-1])
    difference = f"ROUND({added}-{this_row(table, titles[-1])},2)"
    fields = [
        Field("No", "number", list(numbers)),
        Field("Segment", "text", model.segments),
        *(Field(title, "money", cells(step)) for step, title in zip(steps, titles, strict=True)),
        Field("Difference", "cents", [Formula(difference, 0) for _ in numbers]),
    ]
    placed = sheet.table(table, row, fields)
    below = placed.last + 1
    sheet.put(below, 0, None, "text_total")
    sheet.put(below, 1, "All segments", "text_total")
    whole = model.now.bridges[kind.key, 0]
    for column, (step, title) in enumerate(zip(steps, titles, strict=True), start=2):
        sheet.put(below, column, Formula(f"SUM({table}[{title}])", whole.get(step, _NOTHING).mean), "money_total")
    sheet.put(below, 2 + len(steps), Formula(f"SUM({table}[Difference])", 0), "cents_total")
    return below


def bridge_checks(model: Model) -> list[Check]:
    """What must hold on the sheet: steps lead from the first run-rate to the last, and segments add up."""
    found = []
    for kind in KINDS:
        table, count = kind.table, len(steps_of(model, kind))
        means = f"{table}[Mean]"
        steps = f"SUM({means})-2*INDEX({means},{count})"
        found.append(Check(f"{kind.title}: the steps lead from the first to the last", Formula(f"ROUND({steps},2)", 0)))
        last = _header("last")
        segments = f"ROUND(SUM({table}_segments[{last}])-INDEX({means},{count}),2)"
        found.append(Check(f"{kind.title}: the segments add up to the whole", Formula(segments, 0)))
    return found


_WIDE, _HIGH = 760, 380
_ROWS, _CHART_COLUMNS = 20, 12


def fill_charts(
    sheet: Sheet, model: Model, months: Placed, fan: Placed, bridges: Mapping[str, Placed], calendar: Placed
) -> None:
    """Write the sheet."""
    row = sheet.heading("Charts", model.subtitle("US dollars; means unless a picture says otherwise."))
    pictures = (
        _fan(sheet, fan),
        _stacked(sheet, months),
        _waterfall(sheet, bridges["committed"], "Committed ARR, from first to last (US dollars a year)"),
        _waterfall(sheet, bridges["usage"], "Usage run-rate, from first to last (US dollars a year)"),
        _renewals(sheet, calendar),
        _balances(sheet, months),
    )
    for number, picture in enumerate(pictures):
        place = row + number // 2 * _ROWS, number % 2 * _CHART_COLUMNS
        sheet.raw.insert_chart(*place, picture, {"x_offset": 2, "y_offset": 2, "object_position": 2})
    sheet.widths(*([9] * (2 * _CHART_COLUMNS)))
    sheet.printed(f"{model.about.title} – Charts", last=(row + 3 * _ROWS, 2 * _CHART_COLUMNS - 1))


def _series(table: Placed, header: str, categories: str, **looks: Any) -> dict[str, Any]:
    return {
        "name": table.head(header),
        "categories": table.column(categories),
        "values": table.column(header),
        **looks,
    }


def _dressed(chart: Any, title: str, *, dates: bool, hidden: Sequence[int] = (), legend: bool = True) -> Any:
    """A chart with its title, axes and legend."""
    letters = {"name": "Calibri", "size": 9, "color": INK}
    chart.set_title({"name": title, "name_font": {**letters, "size": 12, "bold": True}, "overlay": False})
    axis = {"date_axis": True, "num_format": "mmm yy", "major_unit": 3, "major_unit_type": "months"} if dates else {}
    line = {"color": QUIET}
    chart.set_x_axis({**axis, "num_font": letters, "line": line, "label_position": "low"})
    chart.set_y_axis(
        {
            "num_font": letters,
            "num_format": "#,##0;(#,##0);0",
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
        }
    )
    place = {"position": "bottom", "font": letters, **({"delete_series": list(hidden)} if hidden else {})}
    chart.set_legend(place if legend else {"none": True})
    chart.set_size({"width": _WIDE, "height": _HIGH})
    return chart


def _fan(sheet: Sheet, fan: Placed) -> Any:
    """Stacked areas from P10 to P90 on an invisible base, with the median draw and the mean as lines."""
    area = sheet.chart("area", "stacked")
    area.add_series(_series(fan, "P10", "Month", fill={"none": True}, line={"none": True}))
    for header, colour in (("P10 to P50", FAN_OUTER), ("P50 to P90", FAN_INNER)):
        area.add_series(_series(fan, header, "Month", fill={"color": colour}, line={"none": True}))
    lines = sheet.chart("line")
    lines.add_series(_series(fan, "P50", "Month", line={"color": FAN_LINE, "width": 2}))
    dashed = {"color": FALL, "width": 1.5, "dash_type": "dash"}
    lines.add_series(_series(fan, "Mean", "Month", line=dashed))
    area.combine(lines)
    title = f"='{fan.sheet}'!$A${fan.header_row}"
    return _dressed(area, title, dates=True, hidden=[0])


def _stacked(sheet: Sheet, months: Placed) -> Any:
    chart = sheet.chart("column", "stacked")
    headers = ("Recognised seats", "Recognised usage", "Recognised credits", "Recognised breakage")
    for header, colour in zip(headers, SERIES, strict=True):
        chart.add_series(_series(months, header, "Month", fill={"color": colour}, gap=40))
    return _dressed(chart, "Recognised revenue by month, means (US dollars)", dates=True)


def _waterfall(sheet: Sheet, table: Placed, title: str) -> Any:
    """Stacked columns whose base cannot be seen."""
    chart = sheet.chart("column", "stacked")
    chart.add_series(_series(table, "Base of the chart", "Step", fill={"none": True}, border={"none": True}, gap=40))
    for header, colour in (("Run-rate", SERIES[0]), ("Up", RISE), ("Down", FALL)):
        chart.add_series(_series(table, header, "Step", fill={"color": colour}, border={"none": True}))
    return _dressed(chart, title, dates=False, hidden=[0])


def _renewals(sheet: Sheet, calendar: Placed) -> Any:
    chart = sheet.chart("column")
    for header, colour in (("Committed before", SERIES[3]), ("Committed after", SERIES[0])):
        chart.add_series(_series(calendar, header, "Month", fill={"color": colour}, gap=60))
    return _dressed(chart, "Renewals by month: committed ARR before and after (US dollars a year)", dates=True)


def _balances(sheet: Sheet, months: Placed) -> Any:
    chart = sheet.chart("line")
    for header, colour in zip(("Deferred", "Receivable", "Unbilled"), SERIES, strict=False):
        chart.add_series(_series(months, header, "Month", line={"color": colour, "width": 2.25}))
    return _dressed(chart, "Deferred revenue, receivable and unbilled at month ends, means (US dollars)", dates=True)
