"""The sheet Bridge: from the first run-rate to the last, committed and usage apart, in steps that add up."""

from __future__ import annotations

from dataclasses import dataclass

from planshift.reports.workbook.data import step_title
from planshift.reports.workbook.figures import STATS, Four
from planshift.reports.workbook.model import Check, Model, picked, this_row
from planshift.reports.workbook.sheet import Cell, Field, Live, Placed, Sheet, cell_name

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


def fill(sheet: Sheet, model: Model) -> dict[str, Placed]:
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
                [Live(_pick(kind, 0, step, stat), figure[stat]) for step, figure in zip(steps, figures, strict=True)],
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
            made = [Live(own, mean), 0, Live(own, mean), 0, 0]
        else:
            started, running = running, running + mean
            made = [
                Live(f"{before}+{own}", running),
                Live(f"MAX(0,MIN({before},{here}))", max(0.0, min(started, running))),
                0,
                Live(f"MAX(0,{own})", max(0.0, mean)),
                Live(f"MAX(0,-{own})", max(0.0, -mean)),
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
        return [Live(formula, value(number, step)) for number in numbers]

    titles = [_header(step) for step in steps]
    added = "+".join(this_row(table, title) for title in titles[:-1])
    difference = f"ROUND({added}-{this_row(table, titles[-1])},2)"
    fields = [
        Field("No", "number", list(numbers)),
        Field("Segment", "text", model.segments),
        *(Field(title, "money", cells(step)) for step, title in zip(steps, titles, strict=True)),
        Field("Difference", "cents", [Live(difference, 0) for _ in numbers]),
    ]
    placed = sheet.table(table, row, fields)
    below = placed.last + 1
    sheet.put(below, 0, None, "text_total")
    sheet.put(below, 1, "All segments", "text_total")
    whole = model.now.bridges[kind.key, 0]
    for column, (step, title) in enumerate(zip(steps, titles, strict=True), start=2):
        sheet.put(below, column, Live(f"SUM({table}[{title}])", whole.get(step, _NOTHING).mean), "money_total")
    sheet.put(below, 2 + len(steps), Live(f"SUM({table}[Difference])", 0), "cents_total")
    return below


def checks(model: Model) -> list[Check]:
    """What must hold on the sheet: steps lead from the first run-rate to the last, and segments add up."""
    found = []
    for kind in KINDS:
        table, count = kind.table, len(steps_of(model, kind))
        means = f"{table}[Mean]"
        steps = f"SUM({means})-2*INDEX({means},{count})"
        found.append(Check(f"{kind.title}: the steps lead from the first to the last", Live(f"ROUND({steps},2)", 0)))
        last = _header("last")
        segments = f"ROUND(SUM({table}_segments[{last}])-INDEX({means},{count}),2)"
        found.append(Check(f"{kind.title}: the segments add up to the whole", Live(segments, 0)))
    return found
