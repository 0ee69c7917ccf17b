"""The sheet Months: every line month by month, its mean and its own percentiles, of the chosen scenario."""

from __future__ import annotations

from itertools import groupby, pairwise

from planshift.forecasting.measures import BALANCE, COUNT, FLOW
from planshift.reports.workbook.figures import STATS
from planshift.reports.workbook.lines import LINES, Line, parts
from planshift.reports.workbook.model import FAN, Check, Model, picked, this_row
from planshift.reports.workbook.sheet import A3, Cell, Field, Live, Placed, Sheet, width_for

TABLES = {"Mean": "months_mean", "P10": "months_p10", "P50": "months_p50", "P90": "months_p90"}
_TITLES = {
    "Mean": "Means over the draws: they add up over lines and months",
    "P10": "P10: what 10 of 100 draws do not exceed, each cell by itself (they do not add up)",
    "P50": "P50: the median draw, each cell by itself (they do not add up)",
    "P90": "P90: what 90 of 100 draws do not exceed, each cell by itself (they do not add up)",
}
_FAN_TITLE = " by month: what 80 of 100 draws keep to, P10 to P90"
_LAST = "Total, or at the end"
BETWEEN = " to "
FAN_TABLE = "fan_chart"
_FAN_FIELDS = (*STATS, "P10 to P50", "P50 to P90")


def fill(sheet: Sheet, model: Model) -> tuple[dict[str, Placed], Placed]:
    """Write the sheet; where its tables stand by statistic, and the fan's."""
    row = sheet.heading("Months", model.subtitle("US dollars, seats and contracts as counts; before tax."))
    placed = {}
    for stat in STATS:
        placed[stat] = _block(sheet, row, model, stat)
        row = placed[stat].last + 4
    fan = _fan(sheet, row, model)
    sheet.raw.set_h_pagebreaks([placed["P50"].header_row - 2])
    sheet.widths(5, 21, *(_width(model, line) for line in LINES))
    sheet.printed(f"{model.about.title} – Months", paper=A3, frozen=(2, 2))
    return placed, fan


def _width(model: Model, line: Line) -> float:
    """Wide enough for the largest figure of any scenario."""
    found = (max(four.mean, four.p90) for one in model.figures for four in one.lines[line.header].values())
    return width_for(found)


def _block(sheet: Sheet, row: int, model: Model, stat: str) -> Placed:
    """One statistic's title, bands, table, and the row of totals below it."""
    row = sheet.section(row, _TITLES[stat], len(LINES) + 2)
    _bands(sheet, row)
    table = TABLES[stat]
    fields = [Field("No", "number", list(model.numbers)), Field("Month", "month", model.months)]
    fields += [Field(line.header, _look(line, stat), _cells(model, line, stat), line.is_sum) for line in LINES]
    placed = sheet.table(table, row + 1, fields)
    last = placed.last + 1
    sheet.put(last, 0, None, "text_total")
    sheet.put(last, 1, _LAST, "text_total")
    for column, line in enumerate(LINES, start=2):
        sheet.put(last, column, _whole(model, line, stat), f"{_look(line, stat)}_total")
    return placed


def _look(line: Line, stat: str) -> str:
    if line.kind != COUNT:
        return "money"
    return "mean_count" if stat == "Mean" else "count"


def _bands(sheet: Sheet, row: int) -> None:
    column = 2
    for band, lines in groupby(LINES, key=lambda line: line.band):
        width = len(list(lines))
        if width == 1:
            sheet.put(row, column, band, "band")
        else:
            sheet.raw.merge_range(row, column, row, column + width - 1, band, sheet.looks["band"])
        column += width


def _cells(model: Model, line: Line, stat: str) -> list[Cell]:
    table = TABLES[stat]
    if stat == "Mean" and line.is_sum:
        formula = "+".join(this_row(table, part.header) for part in parts(line))
    else:
        formula = picked("data_months", stat, line.header, f"{{{this_row(table, 'No')}}}")
    return [Live(formula, model.line(line.header, number, stat)) for number in model.numbers]


def _whole(model: Model, line: Line, stat: str) -> Live:
    """What a column comes to over the horizon: means are added up, percentiles are those of the sum in each draw."""
    horizon = model.now.horizon
    value = model.line(line.header, horizon, stat)
    cells = f"{TABLES[stat]}[{line.header}]"
    if line.kind != FLOW:
        return Live(f"INDEX({cells},ROWS({cells}))", value)
    if stat == "Mean":
        return Live(f"SUM({cells})", value)
    return Live(picked("data_months", stat, line.header, str(horizon)), value)


def _fan(sheet: Sheet, row: int, model: Model) -> Placed:
    """What the fan chart is drawn from: the line chosen on the sheet Inputs."""
    title = Live(f'fan_measure&"{_FAN_TITLE}"', f"{FAN}{_FAN_TITLE}")
    row = sheet.section(row, title, len(LINES) + 2)

    def cells(header: str) -> list[Cell]:
        return [Live(_fan_formula(header), _fan_value(model, header, number)) for number in model.numbers]

    fields = [Field("No", "number", list(model.numbers)), Field("Month", "month", model.months)]
    return sheet.table(FAN_TABLE, row, [*fields, *(Field(header, "money", cells(header)) for header in _FAN_FIELDS)])


def _fan_formula(header: str) -> str:
    low, between, high = header.partition(BETWEEN)
    if between:
        return f"{this_row(FAN_TABLE, high)}-{this_row(FAN_TABLE, low)}"
    return picked("data_months", header, "{fan_measure}", f"{{{this_row(FAN_TABLE, 'No')}}}")


def _fan_value(model: Model, header: str, number: int) -> float:
    low, between, high = header.partition(BETWEEN)
    if between:
        return model.line(FAN, number, high) - model.line(FAN, number, low)
    return model.line(FAN, number, header)


def checks(model: Model) -> list[Check]:
    """What must hold on the sheet: totals are the run's, percentiles are in order, no cell is an error."""
    found = []
    for line in (line for line in LINES if line.is_sum):
        cells = f"months_mean[{line.header}]"
        here = f"SUM({cells})" if line.kind == FLOW else f"INDEX({cells},ROWS({cells}))"
        there = picked("data_months", "Mean", line.header, str(model.now.horizon))
        own = model.line(line.header, model.now.horizon)
        value = round(sum(model.line(part.header, model.now.horizon) for part in parts(line)) - own, 2)
        where = "at the end" if line.kind == BALANCE else "over the horizon"
        found.append(
            Check(f"{line.header}, {where}: the sum of its lines is the run's", Live(f"ROUND({here}-{there},2)", value))
        )
    first, last = LINES[0].header, LINES[-1].header
    spans = [f"{TABLES[stat]}[[{first}]:[{last}]]" for stat in ("P10", "P50", "P90")]
    disorder = "+".join(f"SUMPRODUCT(--({low}>{high}))" for low, high in pairwise(spans))
    found.append(Check("P10 ≤ P50 ≤ P90 in every month and line: cells out of order", Live(disorder, 0)))
    everywhere = [f"{table}[[{first}]:[{last}]]" for table in TABLES.values()]
    errors = "+".join(f"SUMPRODUCT(--ISERROR({span}))" for span in everywhere)
    found.append(Check("No cell of Months is an error: cells that are", Live(errors, 0)))
    return found
