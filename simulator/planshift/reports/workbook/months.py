"""The sheets Months and Roll-forward: every line month by month, and how each balance comes about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from planshift.forecasting.result import BALANCE, COUNT, FLOW
from planshift.reports.workbook.model import FAN, LINES, STATS, Check, Line, Model, parts, picked, this_row
from planshift.reports.workbook.sheet import A3, Cell, Field, Formula, Placed, Sheet, cell_name, width_for

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


def fill_months(sheet: Sheet, model: Model) -> tuple[dict[str, Placed], Placed]:
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
    return [Formula(formula, model.line(line.header, number, stat)) for number in model.numbers]


def _whole(model: Model, line: Line, stat: str) -> Formula:
    """What a column comes to over the horizon: means are added up, percentiles are those of the sum in each draw."""
    horizon = model.now.horizon
    value = model.line(line.header, horizon, stat)
    cells = f"{TABLES[stat]}[{line.header}]"
    if line.kind != FLOW:
        return Formula(f"INDEX({cells},ROWS({cells}))", value)
    if stat == "Mean":
        return Formula(f"SUM({cells})", value)
    return Formula(picked("data_months", stat, line.header, str(horizon)), value)


def _fan(sheet: Sheet, row: int, model: Model) -> Placed:
    """What the fan chart is drawn from: the line chosen on the sheet Inputs."""
    title = Formula(f'fan_measure&"{_FAN_TITLE}"', f"{FAN}{_FAN_TITLE}")
    row = sheet.section(row, title, len(LINES) + 2)

    def cells(header: str) -> list[Cell]:
        return [Formula(_fan_formula(header), _fan_value(model, header, number)) for number in model.numbers]

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


def months_checks(model: Model) -> list[Check]:
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
            Check(
                f"{line.header}, {where}: the sum of its lines is the run's", Formula(f"ROUND({here}-{there},2)", value)
            )
        )
    first, last = LINES[0].header, LINES[-1].header
    spans = [f"{TABLES[stat]}[[{first}]:[{last}]]" for stat in ("P10", "P50", "P90")]
    disorder = "+".join(f"SUMPRODUCT(--({low}>{high}))" for low, high in pairwise(spans))
    found.append(Check("P10 ≤ P50 ≤ P90 in every month and line: cells out of order", Formula(disorder, 0)))
    everywhere = [f"{table}[[{first}]:[{last}]]" for table in TABLES.values()]
    errors = "+".join(f"SUMPRODUCT(--ISERROR({span}))" for span in everywhere)
    found.append(Check("No cell of Months is an error: cells that are", Formula(errors, 0)))
    return found


_ROLL_COLUMNS = 10
PLUS, LESS = "plus ", "less "
_TOLERANCE = 0.005


@dataclass(frozen=True)
class Roll:
    """A balance, and the lines of the sheet Months that add to it and take from it."""

    table: str
    title: str
    balance: str
    adding: tuple[str, ...]
    taking: tuple[str, ...]


ROLLS = (
    Roll(
        *("roll_deferred", "Deferred revenue: seats and prepaid credits", "Deferred"),
        *(("Invoiced seats", "Invoiced credits"), ("Recognised seats", "Recognised credits", "Recognised breakage")),
    ),
    Roll("roll_seats", "Deferred revenue: seats", "Deferred seats", ("Invoiced seats",), ("Recognised seats",)),
    Roll(
        *("roll_credits", "Deferred revenue: prepaid credits", "Deferred credits"),
        *(("Invoiced credits",), ("Recognised credits", "Recognised breakage")),
    ),
    Roll(
        *("roll_unbilled", "Unbilled receivable: usage in arrears, recognised and not yet invoiced", "Unbilled"),
        *(("Recognised usage",), ("Invoiced usage",)),
    ),
    Roll("roll_receivable", "Receivable: invoiced and not yet paid", "Receivable", ("Invoiced",), ("Paid",)),
)


def closings(model: Model, roll: Roll) -> list[float]:
    """What a balance comes to month by month by its own roll-forward, the opening before the first month."""
    found = [model.line(roll.balance, 0)]
    for number in model.numbers:
        comes = sum(model.line(line, number) for line in roll.adding)
        goes = sum(model.line(line, number) for line in roll.taking)
        found.append(round(found[-1] + comes - goes, 2))
    return found


def _differences(model: Model, roll: Roll) -> list[float]:
    own = (model.line(roll.balance, number) for number in model.numbers)
    return [round(here - there, 2) for here, there in zip(closings(model, roll)[1:], own, strict=True)]


def _verdict(differences: Sequence[float]) -> str:
    return "ok" if all(abs(one) < _TOLERANCE for one in differences) else "ERROR"


def fill_roll_forward(sheet: Sheet, model: Model) -> None:
    """Write the sheet."""
    row = sheet.heading(
        "Roll-forward",
        model.subtitle("US dollars, means over the draws."),
        "Closing = opening + what comes − what goes (shown in parentheses). The check compares it with the run's own"
        " balance of that month.",
    )
    for roll in ROLLS:
        row = _roll(sheet, row, model, roll)
    sheet.widths(5, 19, *([17] * (_ROLL_COLUMNS - 1)))
    sheet.printed(f"{model.about.title} – Roll-forward", frozen=(2, 2))


def _roll(sheet: Sheet, row: int, model: Model, roll: Roll) -> int:
    row = sheet.section(row, roll.title, _ROLL_COLUMNS)
    comes = [f"{PLUS}{line}" for line in roll.adding]
    goes = [f"{LESS}{line}" for line in roll.taking]
    closing = 3 + len(comes) + len(goes)

    def cell(formula: str, value: float | str) -> Formula:
        return Formula(formula, value)

    openings: list[Cell] = [cell(picked("data_months", "Mean", roll.balance, "0"), model.line(roll.balance, 0))]
    openings += [
        cell(cell_name(row + number, closing), value) for number, value in enumerate(closings(model, roll)[1:-1], 1)
    ]
    fields = [
        Field("No", "number", list(model.numbers)),
        Field("Month", "month", model.months),
        Field("Opening", "money", openings),
        *(_flow(model, roll, header, line, 1) for header, line in zip(comes, roll.adding, strict=True)),
        *(_flow(model, roll, header, line, -1) for header, line in zip(goes, roll.taking, strict=True)),
        *_closing(model, roll, ["Opening", *comes, *goes]),
    ]
    placed = sheet.table(roll.table, row, fields)
    _totals(sheet, placed.last + 1, model, roll, fields)
    sheet.verdicts(placed.column("Check"))
    return placed.last + 4


def _flow(model: Model, roll: Roll, header: str, line: str, sign: int) -> Field:
    minus = "-" if sign < 0 else ""
    formula = f"{minus}INDEX(months_mean[{line}],{this_row(roll.table, 'No')})"
    return Field(
        header,
        "less" if sign < 0 else "money",
        [Formula(formula, sign * model.line(line, number)) for number in model.numbers],
    )


def _closing(model: Model, roll: Roll, parts: Sequence[str]) -> list[Field]:
    differences = _differences(model, roll)
    added = "+".join(this_row(roll.table, part) for part in parts)
    own = f"INDEX(months_mean[{roll.balance}],{this_row(roll.table, 'No')})"
    difference = f"ROUND({this_row(roll.table, 'Closing')}-{this_row(roll.table, 'In the run')},2)"
    verdict = f'IF(ABS({this_row(roll.table, "Difference")})<{_TOLERANCE},"ok","ERROR")'
    return [
        Field("Closing", "money", [Formula(added, value) for value in closings(model, roll)[1:]], total=True),
        Field("In the run", "money", [Formula(own, model.line(roll.balance, number)) for number in model.numbers]),
        Field("Difference", "cents", [Formula(difference, value) for value in differences]),
        Field("Check", "check", [Formula(verdict, _verdict([value])) for value in differences]),
    ]


def _totals(sheet: Sheet, row: int, model: Model, roll: Roll, fields: Sequence[Field]) -> None:
    """The whole horizon: the first opening, the flows added up, the last closing."""
    horizon = model.now.horizon
    sheet.put(row, 0, None, "text_total")
    sheet.put(row, 1, "Whole horizon", "text_total")
    for column, one in enumerate(fields[2:], start=2):
        cells = f"{roll.table}[{one.header}]"
        if one.header == "Opening":
            cell: Cell = Formula(f"INDEX({cells},1)", model.line(roll.balance, 0))
        elif one.header == "Closing":
            cell = Formula(f"INDEX({cells},ROWS({cells}))", closings(model, roll)[-1])
        elif one.header == "In the run":
            cell = Formula(f"INDEX({cells},ROWS({cells}))", model.line(roll.balance, horizon))
        elif one.header == "Difference":
            cell = Formula(f"SUM({cells})", sum(_differences(model, roll)))
        elif one.header == "Check":
            cell = Formula(f'IF(COUNTIF({cells},"ok")=ROWS({cells}),"ok","ERROR")', _verdict(_differences(model, roll)))
        else:
            sign = -1 if one.header.startswith(LESS) else 1
            cell = Formula(
                f"SUM({cells})", sign * model.line(one.header.removeprefix(PLUS).removeprefix(LESS), horizon)
            )
        sheet.put(row, column, cell, f"{one.look}_total")


def roll_forward_checks(model: Model) -> list[Check]:
    """What must hold on the sheet: every roll-forward closes at the run's balance, in every month."""
    return [
        Check(
            f"{roll.balance}: opening + what comes − what goes = closing; the largest difference of a month",
            Formula(f"MAX(MAX({roll.table}[Difference]),-MIN({roll.table}[Difference]))", largest),
        )
        for roll in ROLLS
        for largest in [max(map(abs, _differences(model, roll)))]
    ]
