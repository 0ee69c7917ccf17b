"""A member in a month under a plan: a row of members.csv, and what became of each of its days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from planshift.billing.allowance import window_starts
from planshift.billing.calendar import DAY, month_of
from planshift.billing.charges import InvoiceLine, UsageCharge
from planshift.billing.ledger import BLOCKED, COLUMN, Phase
from planshift.billing.sharing import Nanos
from planshift.explanation.replay import Replay
from planshift.explanation.words import Words
from planshift.plans.plan import Sourced


@dataclass(frozen=True)
class Day:
    """One day: what was in force, and in nano-dollars what became of the member's and of everybody's usage."""

    day: date
    phase: Phase
    own: Nanos
    everybody: Nanos

    def amount(self, column: str) -> int:
        """One amount of the member's day."""
        return int(self.own[COLUMN[column]])

    def of_all(self, column: str) -> int:
        """The same amount of all members together."""
        return int(self.everybody[COLUMN[column]])

    @property
    def available(self) -> int:
        """What the member asked for of surfaces that their seat opens."""
        return self.amount("demand") - self.amount("unavailable")

    @property
    def begins_window(self) -> bool:
        """Does a window of included usage begin on it (Rulebook I1)?"""
        return self._begins_on(self.day)

    @property
    def ends_window(self) -> bool:
        """Does a window end with it?"""
        return self._begins_on(self.day + DAY)

    def _begins_on(self, day: date) -> bool:
        window = str(self.phase.terms.plan.value("included_usage.window", self.day))
        return window_starts(window, self.phase.term.start, day)


@dataclass(frozen=True)
class MemberMonth:
    """A row of members.csv: a member, a month and a plan that was in force in it."""

    replay: Replay
    member: str
    month: date
    plan_id: str

    @property
    def words(self) -> Words:
        """The language of its steps."""
        return self.replay.words

    @cached_property
    def index(self) -> int:
        """The member's index, in order of id."""
        return self.replay.ledger.members.index(self.member)

    @cached_property
    def span(self) -> tuple[date, date]:
        """The first day of the month under the plan, and the day after the last."""
        return self.replay.days_of(self.month, self.plan_id)

    def amount(self, column: str) -> int:
        """An amount of the row, nano-dollars."""
        return int(self.replay.ledger.usage[self.month, self.plan_id][COLUMN[column], 0, self.index])

    @property
    def discount(self) -> int:
        """What the discount takes off: demand = unavailable + included + discount + metered."""
        return self.amount("demand") - sum(self.amount(name) for name in ("unavailable", "included", "metered"))

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days of the month under the plan."""
        return tuple(self.between(*self.span))

    def between(self, first: date, end: date) -> Iterator[Day]:
        """The days from ``first`` up to, not including, ``end``."""
        while first < end:
            amounts = self.replay.used_on(first)
            yield Day(first, self.replay.phase(first), amounts[:, self.index], amounts.sum(axis=1))
            first += DAY

    def seat(self, day: Day) -> str | None:
        """The member's seat type on a day."""
        return day.phase.seats.assigned.get(self.member)

    def spanned(self, days: Sequence[Day]) -> str:
        """Days in a row in words: ``2026-10-01 to 2026-10-04``."""
        return self.words.days(days[0].day, days[-1].day + DAY)

    def source(self, day: Day, value: Sourced) -> str:
        """Who says so of a value in force on a day."""
        return self.words.source(day.phase.terms.plan, value)

    @property
    def title(self) -> str:
        """``ben in 2026-10 under 'enterprise', 2026-10-17 to 2026-10-31, Enterprise seat``."""
        words, titles = self.words, []
        for seat, days in stretches(self.days, self.seat):
            plan = days[0].phase.terms.plan
            titles.append(words.seat(plan, seat) if isinstance(seat, str) else words.say("row.no_seat"))
        seats = words.say("row.then").join(titles)
        month, days_said = words.month(self.month), words.days(*self.span)
        return words.say("row.title", member=self.member, month=month, plan=self.plan_id, days=days_said, seats=seats)

    def invoice_lines(self) -> Iterator[InvoiceLine]:
        """The invoice lines for the member's usage of the month under the plan."""
        for line, charge in self.replay.lines():
            usage = isinstance(charge, UsageCharge) and month_of(charge.first) == self.month
            if usage and (line.plan, line.user_id) == (self.plan_id, self.member):
                yield line


def row_amounts(amounts: Nanos) -> dict[str, int]:
    """A row's amounts by name, billed first; what was blocked as ``stopped``, demand left out: nothing changes it."""
    names = ("billed", "unavailable", "included")
    stopped = sum(int(amounts[COLUMN[name]]) for name in BLOCKED)
    return {**{name: int(amounts[COLUMN[name]]) for name in names}, "stopped": stopped}


def stretches(days: Iterable[Day], alike: Callable[[Day], object]) -> Iterator[tuple[object, list[Day]]]:
    """Days in a row for which something is the same, with what is."""
    run: list[Day] = []
    for day in days:
        if run and alike(run[-1]) != alike(day):
            yield alike(run[-1]), run
            run = []
        run.append(day)
    if run:
        yield alike(run[-1]), run
