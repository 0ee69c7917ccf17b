"""A member in a month under a plan: what became of each day's usage, and how the month's amounts come about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from planshift.billing.calendar import DAY
from planshift.billing.ledger import BLOCKED, COLUMN, Phase
from planshift.billing.money import dollars
from planshift.billing.sharing import Nanos
from planshift.explanation.explanation import Step
from planshift.explanation.replay import Replay


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


@dataclass(frozen=True)
class MemberMonth:
    """A row of members.csv: a member, a month and a plan that was in force in it."""

    replay: Replay
    member: str
    month: date
    plan_id: str

    @cached_property
    def place(self) -> int:
        """The member's index, in order of id."""
        return self.replay.ledger.members.index(self.member)

    @cached_property
    def span(self) -> tuple[date, date]:
        """The first day of the month under the plan, and the day after the last."""
        return self.replay.days_of(self.month, self.plan_id)

    def amount(self, column: str) -> int:
        """An amount of the row, nano-dollars."""
        return int(self.replay.ledger.usage[self.month, self.plan_id][COLUMN[column], 0, self.place])

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
            yield Day(first, self.replay.phase(first), amounts[:, self.place], amounts.sum(axis=1))
            first += DAY

    def seat(self, phase: Phase) -> str | None:
        """The member's seat type."""
        return phase.seats.assigned.get(self.member)

    def facts(self) -> dict[str, int]:
        """The amounts that other choices could change: first what is billed, then the rest of the row."""
        return facts_of(self.replay.ledger.usage[self.month, self.plan_id][:, 0, self.place])


def facts_of(amounts: Nanos) -> dict[str, int]:
    """A row's amounts by name, billed first; what was blocked as ``stopped``, demand left out: nothing changes it."""
    names = ("billed", "unavailable", "included")
    stopped = sum(int(amounts[COLUMN[name]]) for name in BLOCKED)
    return {**{name: int(amounts[COLUMN[name]]) for name in names}, "stopped": stopped}


def stretches(days: tuple[Day, ...], alike: Callable[[Day], object]) -> Iterator[tuple[object, list[Day]]]:
    """Days in a row for which something is the same, with what is."""
    run: list[Day] = []
    for day in days:
        if run and alike(run[-1]) != alike(day):
            yield alike(run[-1]), run
            run = []
        run.append(day)
    if run:
        yield alike(run[-1]), run


def adds_up(what: str, whole: int, parts: int) -> None:
    """Nothing where the parts are the whole; planshift would otherwise have explained another amount."""
    if whole != parts:
        raise RuntimeError(f"{what} is {dollars(whole)}, but its parts add up to {dollars(parts)}")


def checked(what: str, whole: int, steps: list[Step]) -> list[Step]:
    """The steps of level 1, whose amounts are those of the whole."""
    parts = sum((step.amount for step in steps if step.level == 1 and step.amount is not None), dollars(0))
    adds_up(what, whole, int(parts.scaleb(9)))
    return steps
