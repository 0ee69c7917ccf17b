"""The sheet Roll-forward: what is deferred, unbilled and receivable, opening + what comes − what goes = closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planshift.reports.workbook.model import Check, Model, picked, this_row
from planshift.reports.workbook.sheet import Cell, Field, Live, Sheet, cell_name

_COLUMNS = 10
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


def fill(sheet: Sheet, model: Model) -> None:
    """Write the sheet."""
    row = sheet.heading(
        "Roll-forward",
        model.subtitle("US dollars, means over the draws."),
        "Closing = opening + what comes − what goes (shown in parentheses). The check compares it with the run's own"
        " balance of that month.",
    )
    for roll in ROLLS:
        row = _roll(sheet, row, model, roll)
    sheet.widths(5, 19, *([17] * (_COLUMNS - 1)))
    sheet.printed(f"{model.about.title} – Roll-forward", frozen=(2, 2))


def _roll(sheet: Sheet, row: int, model: Model, roll: Roll) -> int:
    row = sheet.section(row, roll.title, _COLUMNS)
    comes = [f"{PLUS}{line}" for line in roll.adding]
    goes = [f"{LESS}{line}" for line in roll.taking]
    closing = 3 + len(comes) + len(goes)

    def cell(formula: str, value: float | str) -> Live:
        return Live(formula, value)

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
        [Live(formula, sign * model.line(line, number)) for number in model.numbers],
    )


def _closing(model: Model, roll: Roll, parts: Sequence[str]) -> list[Field]:
    differences = _differences(model, roll)
    added = "+".join(this_row(roll.table, part) for part in parts)
    own = f"INDEX(months_mean[{roll.balance}],{this_row(roll.table, 'No')})"
    difference = f"ROUND({this_row(roll.table, 'Closing')}-{this_row(roll.table, 'In the run')},2)"
    verdict = f'IF(ABS({this_row(roll.table, "Difference")})<{_TOLERANCE},"ok","ERROR")'
    return [
        Field("Closing", "money", [Live(added, value) for value in closings(model, roll)[1:]], total=True),
        Field("In the run", "money", [Live(own, model.line(roll.balance, number)) for number in model.numbers]),
        Field("Difference", "cents", [Live(difference, value) for value in differences]),
        Field("Check", "check", [Live(verdict, _verdict([value])) for value in differences]),
    ]


def _totals(sheet: Sheet, row: int, model: Model, roll: Roll, fields: Sequence[Field]) -> None:
    """The whole horizon: the first opening, the flows added up, the last closing."""
    horizon = model.now.horizon
    sheet.put(row, 0, None, "text_total")
    sheet.put(row, 1, "Whole horizon", "text_total")
    for column, one in enumerate(fields[2:], start=2):
        cells = f"{roll.table}[{one.header}]"
        if one.header == "Opening":
            cell: Cell = Live(f"INDEX({cells},1)", model.line(roll.balance, 0))
        elif one.header == "Closing":
            cell = Live(f"INDEX({cells},ROWS({cells}))", closings(model, roll)[-1])
        elif one.header == "In the run":
            cell = Live(f"INDEX({cells},ROWS({cells}))", model.line(roll.balance, horizon))
        elif one.header == "Difference":
            cell = Live(f"SUM({cells})", sum(_differences(model, roll)))
        elif one.header == "Check":
            cell = Live(f'IF(COUNTIF({cells},"ok")=ROWS({cells}),"ok","ERROR")', _verdict(_differences(model, roll)))
        else:
            sign = -1 if one.header.startswith(LESS) else 1
            cell = Live(f"SUM({cells})", sign * model.line(one.header.removeprefix(PLUS).removeprefix(LESS), horizon))
        sheet.put(row, column, cell, f"{one.look}_total")


def checks(model: Model) -> list[Check]:
    """What must hold on the sheet: every roll-forward closes at the run's balance, in every month."""
    return [
        Check(
            f"{roll.balance}: opening + what comes − what goes = closing; the largest difference of a month",
            Live(f"MAX(MAX({roll.table}[Difference]),-MIN({roll.table}[Difference]))", largest),
        )
        for roll in ROLLS
        for largest in [max(map(abs, _differences(model, roll)))]
    ]
