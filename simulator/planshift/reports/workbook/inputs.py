"""The sheet Inputs: what a reader may change (blue on yellow), and what the run was given (blue)."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.reports.forecast.columns import TOTAL
from planshift.reports.workbook.figures import CENTS, STATS
from planshift.reports.workbook.lines import LINES
from planshift.reports.workbook.model import FAN, LINE_HEADERS, Check, Goal, Model, picked, this_row
from planshift.reports.workbook.sheet import Cell, Field, Live, Sheet

_COLUMNS = 10
SCENARIO_CELL = (6, 2)
"""Where the scenario is chosen: row and column, counted from 0."""
FAN_CELL = (7, 2)
_END_OF_MONTH = {
    "none": "counted from the invoice's day",
    "before": "counted from the end of the invoice's month",
    "after": "counted from the invoice's day, then on to the month's end",
}


def fill(sheet: Sheet, model: Model, verdict: str) -> None:
    """Write the sheet; ``verdict``: what all checks together come to."""
    row = sheet.heading(
        "Inputs",
        "Blue on yellow may be changed here, and every sheet follows.",
        "Plain blue is what the run was given: changing it needs a new run.",
    )
    sheet.section(row, "What the workbook shows", _COLUMNS)
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
    sheet.put(number, 2, Live("MATCH(scenario,scenarios[Scenario],0)", model.chosen + 1), "number")
    sheet.define("scenario_no", number, 2)
    sheet.put(number + 1, 1, "Its title", "plain")
    sheet.put(number + 1, 2, Live("INDEX(scenarios[Title],scenario_no)", model.now.forecast.title), "plain")
    sheet.define("scenario_title", number + 1, 2)
    sheet.put(number + 2, 1, "All checks", "plain")
    sheet.put(number + 2, 2, Live("all_checks", verdict), "check")
    sheet.verdicts(f"C{number + 3}")
    return number + 4


def _scenarios(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Scenarios of the run", _COLUMNS)
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


def lists(sheet: Sheet) -> None:
    """Write the sheet Lists: what the second selector offers."""
    sheet.put(0, 0, "Lines", "label")
    for row, header in enumerate(LINE_HEADERS, start=1):
        sheet.put(row, 0, header, "plain")
    sheet.widths(24)
    sheet.raw.hide()


def _targets(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Targets: US dollars over the horizon or a year of it, or a year's run-rate", _COLUMNS)
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
    place = STATS.index(stat)
    formula = picked("data_targets", stat, f"{{{this_row('targets', 'No')}}}")
    found: list[Cell] = []
    for goal in model.goals:
        amount = model.now.amounts[goal.measure, goal.period]
        ordered = sorted(amount.draws.tolist())
        tenths = [ordered[-(-len(ordered) * percent // 100) - 1] for percent in (10, 50, 90)]
        found.append(Live(formula, [amount.mean, *tenths][place] / CENTS))
    return found


def _distance(goal: Goal, mean: int) -> Live:
    target = this_row("targets", "Target")
    value: float | str = "" if goal.target is None else (mean - goal.target) / CENTS
    return Live(f'IF(ISNUMBER({target}),{this_row("targets", "Mean")}-{target},"")', value)


def _missing(goal: Goal, share: float) -> Live:
    """The share of draws below the target, counted in the draws of the sheet Data."""
    target = this_row("targets", "Target")
    place = f"({this_row('targets', 'No')}-1)*ROWS(scenarios[No])+scenario_no"
    draws = f"INDEX(target_draws,0,{place})"
    counted = f"SUMPRODUCT(ISNUMBER({draws})*({draws}<{target}))/COUNT({draws})"
    return Live(f'IF(ISNUMBER({target}),{counted},"")', "" if goal.target is None else share)


def _payment(sheet: Sheet, row: int, model: Model) -> int:
    row = sheet.section(row, "Payment terms", _COLUMNS)
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
    row = sheet.section(row, "Shocks that all accounts share, drawn once in each draw", _COLUMNS)
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


def checks() -> list[Check]:
    """What must hold on the sheet: the scenario that is chosen is one of the run's."""
    return [Check("The scenario chosen is one of the run's", Live("IF(ISNUMBER(scenario_no),0,1)", 0))]
