"""What to choose as tables: recommendations, early moves, what-ifs, and what the answer depends on; and all answers
together, with what they add to a folder's manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from planshift.billing.money import cents_text
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.levels import FILE, shipped_levels
from planshift.impact.answers.recommend import (
    CENTS,
    DEFAULT_LIMIT,
    FIRST_PURCHASE,
    MEMBER_LIMIT,
    ORGANIZATION_LIMIT,
    PERSONA_LIMIT,
    PURCHASES,
    RELOAD_AMOUNT,
    RELOAD_BELOW,
    SEATS,
    Recommendation,
    Wrong,
)
from planshift.impact.answers.what_if import BASE
from planshift.plans.files import folder, shown_path
from planshift.reports.answers.outcomes import (
    BREAK_EVEN,
    CAN_DO,
    COUNTERFACTUAL,
    DRAWS,
    LIMITS,
    PLACES,
    RANGE,
    WHO,
    Row,
    get,
    percent,
    spread_columns,
)
from planshift.reports.folder import InputFile
from planshift.reports.table import Column, Kind, Table, Values, each

RULES = {
    ORGANIZATION_LIMIT: "The least that the largest month of everybody together exceeds in at most the level of years",
    DEFAULT_LIMIT: "The least that a member's largest month exceeds in at most the level of all members' years",
    MEMBER_LIMIT: "The least that the member's own largest month exceeds in at most the level of years",
    PERSONA_LIMIT: "The least that a largest month exceeds in at most the level of the persona's members' years",
    FIRST_PURCHASE: "The reload's threshold and its amount together; the largest month where nothing reloads by itself",
    RELOAD_BELOW: "What the heaviest day of all members together takes, in all but the level of years",
    RELOAD_AMOUNT: "The largest month, in all but the level of years, parted into the reloads that a month may have",
    SEATS: "A seat for whoever used theirs at all, and no fewer than the plan's minimum",
}
"""How each value was found, in words."""
AS_IT_STANDS = "As it stands"


def _months(answers: Answers) -> list[Row]:
    moves = answers.timing.moves
    return [Row(move, answers.timing.draws, month, invoiced) for move in moves for month, invoiced in move.cash.items()]


def _swings(answers: Answers) -> list[Row]:
    found = answers.tornado
    return [
        Row(swing, found.draws, beside=(side, side.change - found.base))
        for swing in found.swings
        for side in swing.sides
    ]


def _amount(one: Recommendation, value: int) -> str:
    return cents_text(value) if one.unit == CENTS else str(value)


def _loss(wrong: Wrong) -> str:
    return str(wrong.amount) if wrong.kind == PURCHASES else cents_text(wrong.amount)


RECOMMENDATIONS: Final = Table(
    "recommendations",
    "a value to choose for the new plan, with the rule that made it, and what a lower and a higher one cost",
    (
        Column(
            "key",
            Kind.TEXT,
            "organization_limit, default_member_limit, member_limit, first_purchase, reload_below, reload_amount or"
            " seats",
            get("key"),
        ),
        Column("subject", Kind.TEXT, "The member whose limit it is, or the seat type; else empty"),
        Column(
            "unit",
            Kind.TEXT,
            "usd (a month, for limits), or seats",
            each(lambda row: "usd" if row.unit == CENTS else "seats"),
        ),
        Column("value", Kind.NUMBER, "What is recommended", each(lambda row: _amount(row.of, row.value))),
        Column(
            "exact",
            Kind.NUMBER,
            "Before it was rounded up to a step, or raised to the plan's minimum",
            each(lambda row: _amount(row.of, row.exact)),
        ),
        Column(
            "agreed",
            Kind.NUMBER,
            "What the scenario has; empty for nothing",
            each(lambda row: "" if row.agreed is None else _amount(row.of, row.agreed)),
        ),
        Column("rule", Kind.TEXT, "How the value was found", each(lambda row: RULES[row.key])),
        Column(
            "level",
            Kind.NUMBER,
            "Per cent of the years in which it may be exceeded; for the default, of members",
            percent("level"),
        ),
        Column(
            "chance",
            Kind.NUMBER,
            "Per cent of the draws in which it is; for the default, of members and years",
            percent("chance"),
        ),
        Column("lower_value", Kind.NUMBER, "A lower value", each(lambda row: _amount(row.of, row.too_low.value))),
        Column("lower_costs", Kind.TEXT, "What the lower value costs: work_stopped, or purchases", get("too_low.kind")),
        Column(
            "lower_amount",
            Kind.NUMBER,
            "How much: US dollars a year on average, or purchases a year",
            each(lambda row: _loss(row.too_low)),
        ),
        Column(
            "lower_chance",
            Kind.NUMBER,
            "In per cent of the draws; empty where it is certain",
            percent("too_low.chance"),
        ),
        Column("higher_value", Kind.NUMBER, "A higher value", each(lambda row: _amount(row.of, row.too_high.value))),
        Column(
            "higher_costs",
            Kind.TEXT,
            "What the higher value costs: spent_more (at most), money_parked, or seat_fees",
            get("too_high.kind"),
        ),
        Column(
            "higher_amount",
            Kind.NUMBER,
            "How much: US dollars a year; of money_parked, on average at a time",
            each(lambda row: _loss(row.too_high)),
        ),
        Column(
            "names",
            Kind.TEXT,
            "For seats: members who never used theirs, by semicolon",
            each(lambda row: "; ".join(row.names)),
        ),
        DRAWS,
        Column(
            "held",
            Kind.NUMBER,
            "For seats: how many are held on the old plan",
            each(lambda row: str(row.held) if row.unit != CENTS else ""),
        ),
        Column(
            "minimum",
            Kind.NUMBER,
            "For seats: the fewest that the plan sells (Rulebook S5)",
            each(lambda row: str(row.minimum) if row.minimum else ""),
        ),
    ),
    rows=lambda answers: [Row(one, answers.recommendations.draws) for one in answers.recommendations.all],
)

EARLY: Final = Table(
    "early",
    "a day on which the customer may move, and a way of crediting the unused term; all cost the same days",
    (
        Column("day", Kind.DAY, "The day of the move"),
        Column("credit", Kind.TEXT, "How the unused term is credited (Rulebook R3); empty for the renewal itself"),
        *spread_columns(
            "cost", "Seats by the day, and usage, from the first of these days to the end of the year compared", "cost"
        ),
        Column("seats", Kind.CENTS, "Of it, seats, less what is credited"),
        *spread_columns("change", "What it costs more than waiting for the renewal", "change"),
        DRAWS,
    ),
    rows=lambda answers: [Row(one, answers.timing.draws) for one in answers.timing.moves],
)

EARLY_CASH: Final = Table(
    "early_cash",
    "a month of a move of early.csv, and what is invoiced in it",
    (
        Column("day", Kind.DAY, "The day of the move"),
        Column("credit", Kind.TEXT, "How the unused term is credited; empty for the renewal itself"),
        Column("month", Kind.MONTH, "The calendar month", each(lambda row: row.part)),
        *spread_columns("invoiced", "Everything invoiced in the month, credits for the old term taken off", "beside"),
    ),
    rows=_months,
)

WHAT_IF: Final = Table(
    "what_if",
    "the renewal as it stands (base), then one what-if at a time",
    (
        Column("key", Kind.TEXT, "A name that stays: the overlay's file, or that of the what-if"),
        Column(
            "title",
            Kind.TEXT,
            "The what-if in a few words",
            each(lambda row: AS_IT_STANDS if row.key == BASE else row.title),
        ),
        *spread_columns("old_cost", "The year had the old plan continued: a counterfactual (Rulebook P2)", "old"),
        *spread_columns("new_cost", "The year on the new plan", "new"),
        *spread_columns("change", "The new plan less the old one, draw by draw", "change"),
        *spread_columns("effect", "The new plan's cost less what it is as it stands, draw by draw", "effect"),
        *spread_columns("undone", "Work that cannot be done on the new plan, at list price", "undone"),
        Column(
            "share_dearer",
            Kind.NUMBER,
            "Per cent of the draws in which the new plan costs more than the old one",
            percent("costs_more"),
        ),
        DRAWS,
        COUNTERFACTUAL,
    ),
    rows=lambda answers: [Row(one, answers.what_if.draws) for one in answers.what_if.rows],
)

TORNADO: Final = Table(
    "tornado",
    "another value of something that the answer depends on, the largest effect first",
    (
        Column("key", Kind.TEXT, "A name that stays: the plan and the path of its value, or usage, or seats"),
        Column("kind", Kind.TEXT, "open choice and assumed figure (published nowhere), usage, or seats"),
        Column("plan", Kind.TEXT, "Id of the plan whose value it is; else empty"),
        Column("path", Kind.TEXT, "Where the value stands in the plan file"),
        Column("value", Kind.TEXT, "The value as it stands; usage as a factor"),
        Column("other_value", Kind.TEXT, "The value that is tried", each(lambda row: row.beside[0].value)),
        Column(
            "change",
            Kind.CENTS,
            "The new plan less the old one with it, half of the draws keep to it",
            each(lambda row: row.beside[0].change),
        ),
        Column(
            "difference", Kind.CENTS, "How far that is from the change as it stands", each(lambda row: row.beside[1])
        ),
        Column(
            "new_cost",
            Kind.CENTS,
            "The year on the new plan with it, half of the draws keep to it",
            each(lambda row: row.beside[0].new),
        ),
        Column("effect", Kind.CENTS, "How far any of its values moves the change at most"),
        DRAWS,
    ),
    rows=_swings,
)

ANSWER_TABLES: Final = (
    RANGE,
    BREAK_EVEN,
    PLACES,
    WHO,
    CAN_DO,
    LIMITS,
    RECOMMENDATIONS,
    EARLY,
    EARLY_CASH,
    WHAT_IF,
    TORNADO,
)
"""The tables of the answers; without those that would be empty where nobody is stopped, say."""


def answer_values(answers: Answers) -> list[tuple[Table, Values]]:
    """Every table of the answers with its values."""
    return [(table, table.values(answers)) for table in ANSWER_TABLES]


def with_answers(manifest: Mapping[str, Any], what_ifs: Sequence[Path]) -> dict[str, object]:
    """A manifest with every file behind the answers among its inputs; ``what_ifs``: those of the command."""
    levels = folder("reports") / FILE
    shipped = [path for path in shipped_levels().what_ifs if isinstance(path, Path)]
    inputs: list[InputFile] = list(manifest["inputs"])
    held = {one.path for one in inputs}
    names = {shown_path(path): path for path in (levels, *shipped, *what_ifs)}
    inputs += [InputFile.of(path, name) for name, path in names.items() if name not in held]
    return {**manifest, "inputs": inputs}
