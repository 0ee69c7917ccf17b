"""Timing: moving before the renewal, month by month, under each way the unused term may be credited (Rulebook R3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.contract import Event, Migrate
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import DAY, month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.impact.answers.course import AskedDraws, Course, contracted
from planshift.impact.answers.year import Contracted, cents
from planshift.impact.counterpart import moved_event
from planshift.impact.outcome import Cents, accrued, months_between, seat_cost
from planshift.impact.spread import Spread, spread, spreads
from planshift.problems import InputError, Place


def cash(ledger: Ledger) -> dict[date, Cents]:
    """Month → everything invoiced in it, cents of shape (draws,)."""
    sums: dict[date, Cents] = {}
    for charge in ledger.charges:
        if not charge.nothing:
            month = month_of(charge.day)
            sums[month] = sums.get(month, np.zeros(ledger.draws, dtype=np.int64)) + charge.cents
    return sums


CREDIT = "early_migration.credit"


@dataclass(frozen=True)
class EarlyMove:
    """The move on a day: what everything from the first possible day to the fixed end costs, and what is paid when.

    ``credit``: how the unused term is credited, empty for the renewal itself. Cents: ``cost`` by the day, ``seats`` of
    it, ``change`` against waiting for the renewal (negative: moving saves), ``cash`` month → what is invoiced in it.
    """

    day: date
    credit: str
    cost: Spread
    seats: int
    change: Spread
    cash: Mapping[date, Spread]


@dataclass(frozen=True)
class Timing:
    """Moving on the first of each month, and waiting for the renewal, which is the last of ``moves``.

    ``allowed``: may the plan be left before its renewal? If not, ``moves`` holds the renewal alone. All cost what the
    days from ``first`` up to, not including, ``end`` cost. ``credits``: the ways to credit, the plan's own first.
    ``impossible``: days on which the contract, as it stands, cannot be moved, for want of seats for its members, say.
    """

    allowed: bool
    first: date
    end: date
    renewal: date
    credits: tuple[str, ...]
    moves: tuple[EarlyMove, ...]
    impossible: tuple[date, ...]
    draws: int

    @property
    def waiting(self) -> EarlyMove:
        """The move at the renewal."""
        return self.moves[-1]


@dataclass(frozen=True)
class Candidate:
    """A day to move on, before any usage: the contract with the move, and for each way of crediting what the seats cost
    (cents) and when they are paid (month → cents). ``scenario``: the scenario with the move."""

    day: date
    scenario: Scenario
    contracted: Contracted
    seats: Mapping[str, int]
    seat_cash: Mapping[str, Mapping[date, int]]


@dataclass(frozen=True)
class Calendar:
    """The days that are tried, the renewal last, from ``first`` up to ``end``."""

    course: Course
    first: date
    renewal: date
    allowed: bool
    credits: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    impossible: tuple[date, ...]


@dataclass(frozen=True)
class TimingBlock:
    """What a block of draws tells, in the order of the candidates: the cost of usage, cents of shape (draws,), and by
    month what is invoiced besides seats, likewise."""

    usage: tuple[Cents, ...]
    cash: tuple[Mapping[date, Cents], ...]


def calendar(course: Course, as_of: date | None = None) -> Calendar:
    """The first of each month from ``as_of`` to the renewal on which the plan can be left, and the renewal.

    Without ``as_of`` from the day after the last usage, or, where usage is drawn, from the scenario's start: what has
    gone by cannot be chosen any more. Whatever moves the scenario has of its own are left out.
    """
    scenario, plan = course.scenario, course.scenario.contract.plan
    renewal = scenario.term.renewal
    if as_of is None:
        as_of = scenario.covered[1] + DAY if scenario.covered else scenario.start
    offered = max(scenario.start, scenario.term.start, as_of)
    days = [day for day in _firsts(offered, renewal) if _allowed(scenario, day)]
    first = days[0] if days else scenario.start
    own = plan.find(CREDIT, course.day)
    ways = (str(own.value), *map(str, own.alternatives)) if own and days else ()
    found, impossible = [], []
    for day in days:
        try:
            found.append(_candidate(course, day, first, ways))
        except InputError:
            impossible.append(day)
    waiting = _candidate(course, renewal, first, ("",))
    return Calendar(course, first, renewal, bool(days), ways, (*found, waiting), tuple(impossible))


def _firsts(start: date, renewal: date) -> Iterator[date]:
    day = next_month(start) if start.day > 1 else start
    while day < renewal:
        yield day
        day = next_month(day)


def _allowed(scenario: Scenario, day: date) -> bool:
    return day > scenario.term.start and bool(scenario.contract.plan.value("early_migration.allowed", day))


def _candidate(course: Course, day: date, first: date, ways: Sequence[str]) -> Candidate:
    """The move on a day; the renewal's with one empty way of crediting."""
    seats: dict[str, int] = {}
    paid: dict[str, dict[date, int]] = {}
    scenarios = {credit: _moving(course, day, credit) for credit in ways}
    for credit, scenario in scenarios.items():
        whole = contracted(scenario, course.end)
        bare = whole.seats_alone(scenario.start, course.end)
        months = months_between(first, course.end)
        seats[credit] = int(seat_cost(bare, months, first, course.end).sum())
        paid[credit] = {}
        for charge in bare.charges:
            if charge.kind.measure == "seats" and charge.day >= first:
                month = month_of(charge.day)
                paid[credit][month] = paid[credit].get(month, 0) + int(charge.cents[0])
    scenario = scenarios[ways[0]]
    return Candidate(day, scenario, contracted(scenario, course.end), seats, paid)


def _moving(course: Course, day: date, credit: str) -> Scenario:
    """The scenario with a move on a day, or without a way of crediting with its renewal then.

    What the old plan's days still held is said in the new plan's seats from the move on. What the scenario says of its
    new contract (from its own move on) is left out where that has not begun yet.
    """
    scenario = course.scenario
    plan, agreed = scenario.contract.plan, scenario.contract.renewal
    terms = Terms(scenario.catalogue.plan(plan.successor(day)), agreed.channel or scenario.contract.channel, agreed.own)
    old, since = _around_own_move(scenario, course.day)
    new = [event for event in since if event.day >= day]
    # What is due on the day of the move happens before it.
    before = [event for event in old if event.day <= day]
    later = [moved_event(event, plan.seat_map(day), terms, event.day) for event in old if event.day > day]
    move = [Event(day, Migrate(credit), Place("early moves"))] if credit else []
    return scenario.with_events([*before, *move, *(event for event in later if event), *new])


def _around_own_move(scenario: Scenario, day: date) -> tuple[list[Event], list[Event]]:
    """What happens before the scenario's own move on a day, and what after it.

    A renewal comes first on its day; an early move where it stands among the events of the day.
    """
    events = sorted(scenario.events, key=lambda event: event.day)
    moves = [place for place, event in enumerate(events) if event.day == day and isinstance(event.action, Migrate)]
    own = moves[0] if moves else sum(event.day < day for event in events)
    old, new = events[:own], events[own:]
    return old, [event for event in new if not isinstance(event.action, Migrate)]


def timing_block(calendar: Calendar, asked: AskedDraws, draws: int) -> TimingBlock:
    """What a block's first draws tell about every candidate."""
    usage, paid = [], []
    moved = asked.moved(calendar.course.scenario.start)
    for candidate in calendar.candidates:
        ledger = candidate.contracted.bill(moved.as_in(candidate.scenario, draws))
        months = [used[COLUMN["billed"]].sum(axis=1) for (month, _), used in _from(ledger.usage, calendar.first)]
        seen = sorted({month for (month, _), _ in _from(ledger.usage, calendar.first)})
        besides = accrued(ledger, seen, calendar.first, calendar.course.end).values()
        usage.append(np.sum([*map(cents, months), *(part.sum(axis=0) for part in besides)], axis=0))
        bare = candidate.seat_cash[next(iter(candidate.seat_cash))]
        found = {month: sums for month, sums in cash(ledger).items() if month >= month_of(calendar.first)}
        paid.append({month: sums - bare.get(month, 0) for month, sums in found.items()})
    return TimingBlock(tuple(usage), tuple(paid))


def _from(usage: Mapping[tuple[date, str], Nanos], first: date) -> Iterator[tuple[tuple[date, str], Nanos]]:
    return ((key, used) for key, used in usage.items() if key[0] >= month_of(first))


def timing(calendar: Calendar, blocks: Sequence[TimingBlock]) -> Timing:
    """All moves, of all blocks of draws together."""
    usage = [np.concatenate([block.usage[place] for block in blocks]) for place in range(len(calendar.candidates))]
    draws = len(usage[0])
    waiting = usage[-1] + calendar.candidates[-1].seats[""]
    moves = []
    for place, candidate in enumerate(calendar.candidates):
        for credit, seats in candidate.seats.items():
            cost = usage[place] + seats
            moves.append(
                EarlyMove(
                    day=candidate.day,
                    credit=credit,
                    cost=spread(cost),
                    seats=seats,
                    change=spread(cost - waiting),
                    cash=_cash([block.cash[place] for block in blocks], candidate.seat_cash[credit], blocks),
                )
            )
    return Timing(
        allowed=calendar.allowed,
        first=calendar.first,
        end=calendar.course.end,
        renewal=calendar.renewal,
        credits=calendar.credits,
        moves=tuple(moves),
        impossible=calendar.impossible,
        draws=draws,
    )


def _cash(
    parts: Sequence[Mapping[date, Cents]], seats: Mapping[date, int], blocks: Sequence[TimingBlock]
) -> dict[date, Spread]:
    """By month, what is invoiced with the seats."""
    sizes = [len(block.usage[0]) for block in blocks]
    months = sorted({*seats, *(month for part in parts for month in part)})
    rows = [
        np.concatenate(
            [part.get(month, np.zeros(size, dtype=np.int64)) for part, size in zip(parts, sizes, strict=True)]
        )
        + seats.get(month, 0)
        for month in months
    ]
    return dict(zip(months, spreads(np.stack(rows)), strict=True)) if rows else {}
