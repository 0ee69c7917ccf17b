"""The sheets Provenance and Inputs: what made the workbook, and what a reader may change."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.reports.forecast.columns import TOTAL
from planshift.reports.workbook.model import (
    CENTS,
    FAN,
    LINE_HEADERS,
    LINES,
    STATS,
    Check,
    Goal,
    Model,
    four,
    picked,
    this_row,
)
from planshift.reports.workbook.sheet import Cell, Field, Formula, Sheet
from planshift.version import __version__

_READING = (
    ("Means and percentiles", "A mean is over the draws, and means add up. P10, P50 and P90 are each the amount of one"
     " of the draws: they never add up, over lines, months or accounts."),
    ("Money", "US dollars before tax, to the cent, shown in whole dollars; negative amounts in red parentheses, – is"
     " nothing."),
    ("Measures", "Booked: what is committed to on the day it is. Invoiced: what is charged. Paid: by the payment terms."
     " Recognised: seats by the day, credits as they are used or expire, usage in arrears in its month."),
    ("Colours", "Blue on yellow may be changed (sheet Inputs), and every sheet follows. Plain blue was given to the"
     " run."),
)  # fmt: skip
SHEETS = (
    ("Inputs", "The scenario shown, targets, and what the run was given"),
    ("Charts", "The forecast in pictures"),
    ("Months", "Every line by month: mean, P10, P50, P90"),
    ("Roll-forward", "Opening + what comes − what goes = closing, by month"),
    ("Bridge", "Committed ARR and usage run-rate, from first to last"),
    ("Renewals", "Who renews when, and the money at stake"),
    ("Accounts", "What every account comes to"),
    ("Checks", "What must hold, live"),
    ("Data", "Every scenario's figures, as values"),
)


def fill_provenance(sheet: Sheet, model: Model, verdict: str) -> None:
    """Write the sheet; ``verdict``: what all checks together come to."""
    about, forecast = model.about, model.now.forecast
    row = sheet.heading(f"Forecast: {about.title}", model.subtitle("An estimate, not an invoice."))
    row = sheet.section(row, "What made it", 4)
    coarse = any(one.coarse for one in model.forecasts)
    method = "Members by persona and month (coarse)" if coarse else "Every member, day by day"
    told: list[tuple[str, Cell, str]] = [
        ("Made by", f"planshift {__version__}", "plain"),
        ("Command", about.command, "mono"),
        ("Seed", about.seed, "plain_number"),
        ("Draws", max(one.draws for one in model.forecasts), "plain_number"),
        ("Usage is drawn", method, "plain"),
        ("Months", f"{model.span()} ({len(forecast.months)})", "plain"),
        ("Accounts", len(forecast.accounts), "plain_number"),
        ("Scenarios", ", ".join(one.name for one in model.figures), "plain"),
        ("Scenario shown", Formula("scenario", model.now.name), "plain"),
        ("All checks", Formula("all_checks", verdict), "check_left"),
    ]
    for label, cell, look in told:
        sheet.put(row, 0, label, "label")
        sheet.put(row, 1, cell, look)
        row += 1
    sheet.verdicts(f"B{row}")
    row = _files(sheet, row + 1, model)
    row = _paragraphs(sheet, row, "How to read it", _READING)
    notes = list(dict.fromkeys([*about.notes, *(text for one in model.forecasts for text in one.warnings)]))
    if notes:
        row = _paragraphs(sheet, row, "Before believing a figure", [(str(n), note) for n, note in enumerate(notes, 1)])
    _sheets(sheet, row)
    sheet.widths(24, 58, 70, 12)
    sheet.printed(f"{about.title} – Provenance", frozen=(2, 0))


def _files(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Files it was made from", 4)
    files = [("portfolio", one) for one in model.about.portfolio] + [("plans", one) for one in model.about.plans]
    fields = [
        Field("What", "text", [what for what, _ in files]),
        Field("File", "text", [one.path for _, one in files]),
        Field("SHA-256", "mono", [one.sha256 for _, one in files]),
        Field("Bytes", "count", [one.bytes for _, one in files]),
    ]
    return sheet.table("files", row, fields, tall=18).last + 3


def _paragraphs(sheet: Sheet, row: int, title: str, said: Sequence[tuple[str, str]]) -> int:
    row = sheet.section(row, title, 4)
    for label, text in said:
        sheet.put(row, 0, label, "label")
        sheet.raw.merge_range(row, 1, row, 3, "", sheet.looks["wrapped"])
        sheet.put(row, 1, text, "wrapped")
        sheet.raw.set_row(row, 16 * (1 + len(text) // 135))
        row += 1
    return row + 2


def _sheets(sheet: Sheet, row: int) -> None:
    row = sheet.section(row, "Sheets", 4)
    for place, (name, what) in enumerate(SHEETS, start=row):
        sheet.raw.write_url(place, 0, f"internal:'{name}'!A1", sheet.looks["link"], name)
        sheet.put(place, 1, what, "plain")


_WIDE = 10
SCENARIO_CELL = (6, 2)
"""Where the scenario is chosen: row and column, counted from 0."""
FAN_CELL = (7, 2)
_END_OF_MONTH = {
    "none": "counted from the invoice's day",
    "before": "counted from the end of the invoice's month",
    "after": "counted from the invoice's day, then on to the month's end",
}


def fill_inputs(sheet: Sheet, model: Model, verdict: str) -> None:
    """Write the sheet; ``verdict``: what all checks together come to."""
    row = sheet.heading(
        "Inputs",
        "Blue on yellow may be changed here, and every sheet follows.",
        "Plain blue is what the run was given: changing it needs a new run.",
    )
    sheet.section(row, "What the workbook shows", _WIDE)
    after = _choices(sheet, model, verdict)
    row = _scenarios(sheet, after, model)
    row = _targets(sheet, row, model)
    row = _payment(sheet, row, model)
    _shocks(sheet, row, model)
    sheet.widths(5, 42, 40, *([18] * 7))
    sheet.printed(f"{model.about.title} – Inputs", frozen=(2, 0))


def _choices(sheet: Sheet, model: Model, verdict: str) -> int:
    """The selectors and what follows from them; the next free row."""
    names = [one.name for one in model.figures]
    row, column = SCENARIO_CELL
    sheet.put(row, 1, "Scenario", "label")
    sheet.put(row, column, names[model.chosen], "input_text")
    sheet.put(row, 3, "Choose from the list; the scenarios are described below.", "note")
    sheet.define("scenario", row, column)
    fan_row, fan_column = FAN_CELL
    sheet.put(fan_row, 1, "Line of the fan chart", "label")
    sheet.put(fan_row, fan_column, FAN, "input_text")
    sheet.put(fan_row, 3, "Choose from the list: any line of the sheet Months.", "note")
    sheet.define("fan_measure", fan_row, fan_column)
    number = row + 2
    sheet.put(number, 1, "Number of the scenario", "plain")
    sheet.put(number, 2, Formula("MATCH(scenario,scenarios[Scenario],0)", model.chosen + 1), "number")
    sheet.define("scenario_no", number, 2)
    sheet.put(number + 1, 1, "Its title", "plain")
    sheet.put(number + 1, 2, Formula("INDEX(scenarios[Title],scenario_no)", model.now.forecast.title), "plain")
    sheet.define("scenario_title", number + 1, 2)
    sheet.put(number + 2, 1, "All checks", "plain")
    sheet.put(number + 2, 2, Formula("all_checks", verdict), "check")
    sheet.verdicts(f"C{number + 3}")
    return number + 4


def _scenarios(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Scenarios of the run", _WIDE)
    made = ["members by persona and month (coarse)" if one.coarse else "member by member, day by day"
            for one in model.forecasts]  # fmt: skip
    fields = [
        Field("No", "number", list(range(1, len(model.figures) + 1))),
        Field("Title", "given", [one.title for one in model.forecasts]),
        Field("Usage is drawn", "given", made),
        Field("Scenario", "given", [one.name for one in model.figures]),
        Field("Draws", "given_count", [one.draws for one in model.forecasts]),
        Field("Months", "given_count", [len(one.months) for one in model.forecasts]),
    ]
    placed = sheet.table("scenarios", row, fields, tall=18)
    _lists(sheet, placed.column("Scenario"))
    return placed.last + 3


def _lists(sheet: Sheet, scenarios: str) -> None:
    """The lists from which the two selectors choose."""
    message = {"error_title": "Not in the list", "error_message": "Choose one of the list."}
    sheet.raw.data_validation(*SCENARIO_CELL, *SCENARIO_CELL, {"validate": "list", "source": scenarios, **message})
    last = len(LINES) + 1
    headers = "=Lists!$A$2:$A$" + str(last)
    sheet.raw.data_validation(*FAN_CELL, *FAN_CELL, {"validate": "list", "source": headers, **message})


def fill_lists(sheet: Sheet) -> None:
    """Write the sheet Lists: what the second selector offers."""
    sheet.put(0, 0, "Lines", "label")
    for row, header in enumerate(LINE_HEADERS, start=1):
        sheet.put(row, 0, header, "plain")
    sheet.widths(24)
    sheet.raw.hide()


def _targets(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Targets: US dollars over the horizon or a year of it, or a year's run-rate", _WIDE)
    goals = model.goals
    now = [model.now.amounts[goal.measure, goal.period] for goal in goals]
    cells = {stat: _stat(model, stat) for stat in STATS}
    fields = [
        Field("No", "number", list(range(1, len(goals) + 1))),
        Field("Measure", "text", [goal.title for goal in goals]),
        Field("Period", "text", [_period(model, goal) for goal in goals]),
        Field("Target", "input_money", [None if goal.target is None else goal.target / CENTS for goal in goals]),
        *(Field(stat, "money", cells[stat]) for stat in STATS),
        Field("Mean less target", "money", [_distance(goal, one.mean) for goal, one in zip(goals, now, strict=True)]),
        Field(
            "Probability of missing",
            "share",
            [
                _missing(goal, goal.target is not None and one.missed(goal.target) / len(one.draws))
                for goal, one in zip(goals, now, strict=True)
            ],
        ),
    ]
    placed = sheet.table("targets", row, fields)
    note = "The probability is the share of draws below the target; a target may be typed for any of the lines."
    sheet.put(placed.last + 1, 0, note, "note")
    return placed.last + 4


def _period(model: Model, goal: Goal) -> str:
    return model.span() if goal.period == TOTAL else goal.period


def _stat(model: Model, stat: str) -> list[Cell]:
    formula = picked("data_targets", stat, f"{{{this_row('targets', 'No')}}}")
    amounts = (model.now.amounts[goal.measure, goal.period] for goal in model.goals)
    return [Formula(formula, four(amount.mean, amount.draws)[stat]) for amount in amounts]


def _distance(goal: Goal, mean: int) -> Formula:
    target = this_row("targets", "Target")
    value: float | str = "" if goal.target is None else (mean - goal.target) / CENTS
    return Formula(f'IF(ISNUMBER({target}),{this_row("targets", "Mean")}-{target},"")', value)


def _missing(goal: Goal, share: float) -> Formula:
    """The share of draws below the target, counted in the draws of the sheet Data."""
    target = this_row("targets", "Target")
    place = f"({this_row('targets', 'No')}-1)*ROWS(scenarios[No])+scenario_no"
    draws = f"INDEX(target_draws,0,{place})"
    counted = f"SUMPRODUCT(ISNUMBER({draws})*({draws}<{target}))/COUNT({draws})"
    return Formula(f'IF(ISNUMBER({target}),{counted},"")', "" if goal.target is None else share)


def _payment(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Payment terms", _WIDE)
    terms = model.about.payment
    if not terms:
        sheet.put(row, 1, "None were given.", "note")
        return row + 3
    fields = [
        Field("No", "number", list(range(1, len(terms) + 1))),
        Field("Terms", "given", [_END_OF_MONTH.get(one.end_of_month, one.end_of_month) for one in terms]),
        Field("Days", "given_count", [one.days for one in terms]),
        Field("Accounts", "given_count", [one.accounts for one in terms]),
    ]
    return sheet.table("payment_terms", row, fields, tall=18).last + 3


def _shocks(sheet: Sheet, row: int, model: Model) -> None:
    row = sheet.section(row, "Shocks that all accounts share, drawn once in each draw", _WIDE)
    shocks = model.about.shocks
    if not shocks:
        sheet.put(row, 1, "None: growth and prices are as the plans and the usage have them.", "note")
        return

    def texts(name: str) -> Sequence[Cell]:
        return [getattr(one, name) for one in shocks]

    fields = [
        Field("No", "number", list(range(1, len(shocks) + 1))),
        Field("Shock", "given", texts("title")),
        Field("Size", "given", texts("size")),
        Field("Scenario", "given", texts("scenario")),
        Field("From", "given_day", texts("since")),
        Field("Probability", "given_share", texts("probability")),
        Field("Source", "given", texts("source")),
    ]
    sheet.table("shocks", row, fields, tall=18)


def inputs_checks() -> list[Check]:
    """What must hold on the sheet: the scenario that is chosen is one of the run's."""
    return [Check("The scenario chosen is one of the run's", Formula("IF(ISNUMBER(scenario_no),0,1)", 0))]
