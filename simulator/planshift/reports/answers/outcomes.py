"""What a renewal comes to as tables: the range of its cost, break-even, winners and losers, capability, limits.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, Final

from planshift.billing.money import CENT, half_up
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.break_even import MixBreakEven, SeatBreakEven
from planshift.reports.table import Column, Each, Kind, Table, each
from planshift.reports.words import tenths


@dataclass(frozen=True)
class Row:
    """What a row of a table is ``of``, whose attributes it has, and how many ``draws`` it rests on.

    ``part``: the part of the table that it stands in; ``beside``: what else its cells are made of.
    """

    of: Any
    draws: int
    part: Any = ""
    beside: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of, name)


def get(path: str) -> Each:
    """The value that stands at a path in what a row is of."""
    return each(attrgetter(path))


def percent(path: str) -> Each:
    """A share that stands there in per cent; empty for none."""
    get = attrgetter(path)
    return each(lambda row: _percent_of(get(row)))


def _percent_of(share: Fraction | None) -> str:
    return "" if share is None else tenths(share * 100)


def count_said(mean: Fraction) -> str:
    """How many, a mean over the draws, with one decimal where it is no whole number."""
    return tenths(mean).removesuffix(".0")


def _cents(dollars: Fraction) -> int:
    return half_up(dollars * 100)


def _nanos(amount: int) -> int:
    return half_up(Fraction(amount, CENT))


def spread_columns(name: str, meaning: str, path: str) -> tuple[Column, ...]:
    """Mean and percentiles of an amount over the draws; with one draw all four are its amount."""
    return (
        Column(f"{name}_mean", Kind.CENTS, f"{meaning}; the mean over the draws", get(f"{path}.mean")),
        Column(f"{name}_p10", Kind.CENTS, "The same: a tenth of the draws keep to it", get(f"{path}.p10")),
        Column(f"{name}_p50", Kind.CENTS, "The same: half of the draws keep to it", get(f"{path}.p50")),
        Column(f"{name}_p90", Kind.CENTS, "The same: nine tenths of the draws keep to it", get(f"{path}.p90")),
    )


_ALWAYS: Final = each(lambda _: True)
_TEAM: Final = Column("team", Kind.TEXT, "Their team; empty where they are in none")
COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes: the old plan going on is a counterfactual (Rulebook P2)", _ALWAYS
)
DRAWS: Final = Column("draws", Kind.COUNT, "How many draws it rests on; 1 for one year of usage")


def _of_seat(value: Callable[[Any], Any], without: object) -> Each:
    """A value of a seat type; another ``without`` one, of all members together."""
    return each(lambda row: value(row.of) if row.part else without)


def _of_part(value: Callable[[Any], Any], without: object) -> Each:
    """A value of a team or a bin."""
    return each(lambda row: value(row.of) if row.of else without)


def _of_bin(value: Callable[[Any], Any]) -> Each:
    return each(lambda row: value(row.of) if row.part == "usage" else None)


def _costs(answers: Answers) -> list[Row]:
    found = answers.range
    return [
        Row(found.old, found.draws, "old"),
        Row(found.new, found.draws, "new"),
        Row(found.change, found.draws, "change", found.costs_more),
    ]


def _crossings(answers: Answers) -> list[Row]:
    """A row a crossing, and one where there is none."""
    found = answers.break_even
    parts: list[tuple[SeatBreakEven | MixBreakEven, str]] = [*((one, "seat") for one in found.seats), (found.mix, "")]
    return [Row(one, found.draws, group, crossing) for one, group in parts for crossing in one.crossings or (None,)]


def _parties(answers: Answers) -> list[Row]:
    found = answers.winners_losers
    groups = {"members": found.members, "teams": found.teams if found.each_team else ()}
    return [
        *(Row(None, found.draws, name, party) for name, parties in groups.items() for party in parties),
        *(Row(team, found.draws, "team", team.party) for team in found.each_team),
        *(Row(one, found.draws, "usage", one.party) for one in found.bins),
    ]


RANGE: Final = Table(
    "range",
    "the year's cost had the old plan continued, on the new plan, and the difference, draw by draw",
    (
        Column("cost", Kind.TEXT, "old, new, or change: the new plan less the old one", each(lambda row: row.part)),
        Column("mean", Kind.CENTS, "The mean over the draws"),
        Column("p10", Kind.CENTS, "A tenth of the draws keep to it"),
        Column("p50", Kind.CENTS, "Half of the draws keep to it"),
        Column("p90", Kind.CENTS, "Nine tenths of the draws keep to it"),
        Column(
            "share_dearer",
            Kind.NUMBER,
            "Per cent of the draws in which the new plan costs more; only for change",
            each(lambda row: _percent_of(row.beside)),
        ),
        DRAWS,
        Column(
            "counterfactual",
            Kind.FLAG,
            "yes for the old plan, which cannot be renewed (Rulebook P2)",
            each(lambda row: row.part == "old"),
        ),
    ),
    rows=_costs,
)

BREAK_EVEN: Final = Table(
    "break_even",
    "a seat type of the old plan, or the customer's own mix, and a usage at which both plans cost the same;"
    " usage is alike in every week, no limit stops it, and the old seat opens what is used",
    (
        Column(
            "seat",
            Kind.TEXT,
            "The old seat type; empty for all members together, each in their own proportion",
            _of_seat(lambda seat: seat.seat, ""),
        ),
        Column("title", Kind.TEXT, "Its title", _of_seat(lambda seat: seat.title, "")),
        Column("new_seat", Kind.TEXT, "The seat type that it becomes", _of_seat(lambda seat: seat.new_seat, "")),
        Column(
            "old_price",
            Kind.CENTS,
            "The old seat's price a month; empty for the mix",
            _of_seat(lambda seat: _cents(seat.old.price), None),
        ),
        Column(
            "new_price",
            Kind.CENTS,
            "The new seat's price a month; empty for the mix",
            _of_seat(lambda seat: _cents(seat.new.price), None),
        ),
        Column(
            "included",
            Kind.CENTS,
            "What the old seat includes a month, at list price (Rulebook I1)",
            _of_seat(lambda seat: _cents(seat.old.included), None),
        ),
        Column(
            "old_discount",
            Kind.NUMBER,
            "Per cent off usage on the old plan (Rulebook U5)",
            _of_seat(lambda seat: _percent_of(seat.old.discount), ""),
        ),
        Column(
            "new_discount",
            Kind.NUMBER,
            "Per cent off usage on the new plan",
            _of_seat(lambda seat: _percent_of(seat.new.discount), ""),
        ),
        Column(
            "billed_beyond",
            Kind.FLAG,
            "yes where the old plan bills what goes beyond the included (Rulebook I2)",
            _of_seat(lambda seat: seat.old.billed_beyond, False),
        ),
        Column(
            "usage",
            Kind.CENTS,
            "Usage a month and member, at list price, at which both cost the same",
            each(lambda row: None if row.beside is None else _cents(row.beside.usage)),
        ),
        Column(
            "beyond",
            Kind.TEXT,
            "dearer or cheaper: the new plan beyond that usage; where none is given, at any usage, or about the same",
            each(lambda row: row.beside.turns if row.beside else row.everywhere),
        ),
        Column("members", Kind.COUNT, "Members on the seat type"),
        Column(
            "cheaper",
            Kind.COUNT,
            "Of them, those for whom the new plan costs less at their own average usage",
            _of_seat(lambda seat: seat.costs_less, None),
            optional=True,
        ),
        Column(
            "dearer",
            Kind.COUNT,
            "Those for whom it costs more, by any amount",
            _of_seat(lambda seat: seat.costs_more, None),
            optional=True,
        ),
        Column(
            "mean_usage",
            Kind.CENTS,
            "Their usage a month, at list price, of what the old seats open: the mean",
            each(lambda row: _nanos(row.mean_usage)),
        ),
        DRAWS,
        COUNTERFACTUAL,
    ),
    rows=_crossings,
)

PLACES: Final = Table(
    "usage_of_members",
    "a member with a seat, and where they stand around the break-even",
    (
        Column("user_id", Kind.TEXT, "The member"),
        _TEAM,
        Column("seat", Kind.TEXT, "The seat type on the old plan"),
        Column(
            "usage",
            Kind.CENTS,
            "Usage a month, at list price, of what the old seat opens: the mean",
            each(lambda row: _nanos(row.usage)),
        ),
    ),
    rows=lambda answers: [Row(one, answers.break_even.draws) for one in answers.break_even.places],
)

WHO: Final = Table(
    "who",
    "members, or teams, who cost less, more, or about the same (within 1 % of the old cost); each team; and members in"
    " bins of the same size by their usage on the old plan, on which the new plan has no bearing",
    (
        Column(
            "of",
            Kind.TEXT,
            "members, teams, team (one of them), or usage (a bin of members)",
            each(lambda row: row.part),
        ),
        Column(
            "name",
            Kind.TEXT,
            "cheaper, dearer, about the same; the team; or the bin: idle, 1 of 4, …",
            each(lambda row: row.beside.name),
        ),
        Column(
            "count",
            Kind.NUMBER,
            "How many members, or teams: counted in each draw, and averaged",
            each(lambda row: count_said(row.beside.count)),
        ),
        Column(
            "share", Kind.NUMBER, "Per cent of all members, or teams", each(lambda row: _percent_of(row.beside.share))
        ),
        Column(
            "old_cost",
            Kind.CENTS,
            "Seats and usage, had the old plan continued; the mean over the draws",
            each(lambda row: row.beside.before),
        ),
        Column("new_cost", Kind.CENTS, "Seats and usage on the new plan, likewise", each(lambda row: row.beside.after)),
        Column("change", Kind.CENTS, "The new plan less the old one", each(lambda row: row.beside.change)),
        Column(
            "mean_change",
            Kind.CENTS,
            "The change each; empty where there is nobody",
            each(lambda row: row.beside.mean_change),
        ),
        Column(
            "share_of_change",
            Kind.NUMBER,
            "Per cent of the whole change, negative against it",
            each(lambda row: _percent_of(row.beside.share_of_change)),
        ),
        Column(
            "group",
            Kind.TEXT,
            "Of a team as one: cheaper, dearer, or about the same, as in most draws",
            _of_part(lambda part: getattr(part, "group", ""), ""),
        ),
        Column(
            "cheaper",
            Kind.NUMBER,
            "Of a team or bin: members who cost less, counted in each draw and averaged",
            _of_part(lambda part: count_said(part.split.costs_less), ""),
        ),
        Column(
            "dearer",
            Kind.NUMBER,
            "Members who cost more, likewise",
            _of_part(lambda part: count_said(part.split.costs_more), ""),
        ),
        Column("about_the_same", Kind.NUMBER, "The others", _of_part(lambda part: count_said(part.split.same), "")),
        Column(
            "least_usage",
            Kind.CENTS,
            "Of a bin: the least usage a month of its members, on the old plan",
            _of_bin(lambda one: _nanos(one.low)),
        ),
        Column("most_usage", Kind.CENTS, "Of a bin: the most", _of_bin(lambda one: _nanos(one.high))),
        DRAWS,
        COUNTERFACTUAL,
    ),
    rows=_parties,
)

CAN_DO: Final = Table(
    "can_do",
    "work that one plan keeps from being done and the other does not, over the year",
    (
        Column("direction", Kind.TEXT, "newly possible on the new plan, or newly stopped by it"),
        Column(
            "cause",
            Kind.TEXT,
            "Why it is not done: unavailable (not open to the seat), blocked_allowance, blocked_member_limit,"
            " blocked_organization_limit or blocked_credits",
            get("cause"),
        ),
        Column("surface", Kind.TEXT, "The surface, of what is not open; empty for stops, which hold for all alike"),
        *spread_columns("work", "The work, at list price", "amount"),
        Column(
            "members",
            Kind.NUMBER,
            "Members whom it concerns: counted in each draw, and averaged",
            each(lambda row: count_said(row.members)),
        ),
        Column("chance", Kind.NUMBER, "Per cent of the draws in which there is any", percent("chance")),
        DRAWS,
    ),
    rows=lambda answers: [Row(one, answers.capability.draws) for one in answers.capability.works],
)

LIMITS: Final = Table(
    "limits",
    "a month in which a limit, an allowance or empty credits stop a member, or the organization",
    (
        Column("month", Kind.MONTH, "The calendar month"),
        Column("plan", Kind.TEXT, "Id of the plan under which it happens"),
        Column("scope", Kind.TEXT, "The member, or organization; the persona where members are drawn"),
        _TEAM,
        Column("cause", Kind.TEXT, "What stops them, as members.csv calls it"),
        Column(
            "chance",
            Kind.NUMBER,
            "Per cent of the draws in which it happens; of a persona, to one of its members",
            percent("chance"),
        ),
        Column("stopped", Kind.CENTS, "What it stops, at the price it would be billed at; the mean over the draws"),
        DRAWS,
        Column("counterfactual", Kind.FLAG, "yes where the old plan has ended (Rulebook P2)"),
    ),
    rows=lambda answers: [Row(one, answers.capability.draws) for one in answers.capability.hits],
)
