"""One draw of a renewal by itself, member by member, for tests that look at a single year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import half_up
from planshift.billing.scenario import Scenario
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import Run
from planshift.impact.at_list import blocked_at_list
from planshift.impact.bridge import SEAT_FEES, STEPS, steps
from planshift.impact.odds import ABOUT_THE_SAME
from planshift.impact.outcome import Outcomes
from planshift.impact.renewal import Renewal
from planshift.impact.renewal import renew as renew_whole
from planshift.plans.plan import Plan
from planshift.reports.changes import CHEAPER, DEARER, GROUPS, SAME
from planshift.reports.words import tenths


@dataclass(frozen=True)
class MonthCost:
    """A calendar month, or the part of it that counts: seats and usage in cents, work not done in nano-dollars."""

    month: date
    seats: int
    usage: int
    blocked: int
    unavailable: int

    @property
    def total(self) -> int:
        """What the month costs, cents."""
        return self.seats + self.usage


@dataclass(frozen=True)
class YearAlone:
    """What the days from ``first`` up to, not including, ``end`` came to under a plan.

    ``amounts`` has shape (len(AMOUNTS), members), nano-dollars; everything else is in cents. ``accrued``: what the
    usage cost holds of charges other than usage itself, by kind. ``counterfactual``: the plan ran on past its
    end (Rulebook P2).
    """

    plan: Plan
    first: date
    end: date
    counterfactual: bool
    members: tuple[str, ...]
    seat_types: Mapping[str, str | None]
    seats: Mapping[str, int]
    amounts: Nanos
    months: tuple[MonthCost, ...]
    accrued: Mapping[str, int]
    invoiced: int
    credits_bought: int
    credits_left: int
    credits_lapsed: int

    @property
    def seat_cost(self) -> int:
        """Seat fees of these days, cents."""
        return sum(month.seats for month in self.months)

    @property
    def usage_cost(self) -> int:
        """Usage of these days as it is billed, cents, each month rounded once, and what else accrues with it."""
        return sum(month.usage for month in self.months)

    @property
    def cost(self) -> int:
        """Seats and usage of these days, cents."""
        return self.seat_cost + self.usage_cost

    def amount(self, column: str) -> int:
        """One amount over all members, nano-dollars."""
        return int(self.amounts[COLUMN[column]].sum())

    @property
    def blocked(self) -> int:
        """Work that limits, allowances and empty credits stopped, nano-dollars."""
        return sum(self.amount(column) for column in BLOCKED)


def year_alone(found: Outcomes, draw: int) -> YearAlone:
    """An outcome in one draw."""
    drawn = found.drawn
    months = zip(
        drawn.months,
        drawn.seat_cost.tolist(),
        drawn.usage_cost[:, draw].tolist(),
        drawn.blocked[:, draw].tolist(),
        found.unavailable[:, draw].tolist(),
        strict=True,
    )
    return YearAlone(
        plan=drawn.plan,
        first=drawn.first,
        end=drawn.end,
        counterfactual=drawn.counterfactual,
        members=found.members,
        seat_types=found.seat_types,
        seats=drawn.seats,
        amounts=found.amounts[:, draw],
        months=tuple(MonthCost(*month) for month in months),
        accrued={kind: int(cents[draw]) for kind, cents in drawn.accrued.items()},
        invoiced=int(drawn.invoiced[draw]),
        credits_bought=int(drawn.credits_bought[draw]),
        credits_left=int(drawn.credits_left[draw]),
        credits_lapsed=int(drawn.credits_lapsed[draw]),
    )


@dataclass(frozen=True)
class Step:
    """One step of a bridge: a key of STEPS and its amount in cents, positive where the new plan costs more."""

    key: str
    cents: int

    @property
    def title(self) -> str:
        """What reports call it."""
        return STEPS[self.key][0]

    @property
    def rule(self) -> str:
        """The rules of the rulebook behind it."""
        return STEPS[self.key][1]

    @property
    def description(self) -> str:
        """What it is, in a sentence."""
        return STEPS[self.key][2]


def bridge(old: YearAlone, new: YearAlone) -> tuple[Step, ...]:
    """The steps from the old cost to the new, of one draw: they add up to ``new.cost - old.cost`` to the cent."""
    seats, whole = new.seat_cost - old.seat_cost, np.array([new.cost - old.cost])
    before, after = ({kind: np.array([cents]) for kind, cents in one.accrued.items()} for one in (old, new))
    cents = steps(old.amounts[:, None], new.amounts[:, None], seats, (before, after), whole)
    return tuple(Step(key, int(step[0])) for key, step in cents.items() if step[0] or key == SEAT_FEES)


def undone(result: YearAlone) -> int:
    """The work that could not be done, at list price, nano-dollars: stopped, or not open to the members' seats."""
    return int(blocked_at_list(result.amounts).sum()) + result.amount("unavailable")


@dataclass(frozen=True)
class MemberChange:
    """A member before and after: seat types, the price of the seat for these months and billed usage, cents."""

    user_id: str
    team: str
    old_seat: str
    new_seat: str
    old_seat_cost: int
    new_seat_cost: int
    old_usage: int
    new_usage: int
    newly_done: int
    newly_stopped: int

    @property
    def change(self) -> int:
        """What the member costs more after the renewal, cents."""
        return self.new_seat_cost + self.new_usage - self.old_seat_cost - self.old_usage


@dataclass(frozen=True)
class Change:
    """What somebody cost before and costs afterwards, cents."""

    before: int
    after: int

    @property
    def cents(self) -> int:
        """What they cost more."""
        return self.after - self.before

    @property
    def group(self) -> str:
        """One of GROUPS."""
        if abs(self.cents) <= ABOUT_THE_SAME * self.before:
            return SAME
        return DEARER if self.cents > 0 else CHEAPER


@dataclass(frozen=True)
class Group:
    """Those of one group: how many, what they cost before and afterwards, cents."""

    name: str
    members: int
    before: int
    after: int

    @property
    def cents(self) -> int:
        """What they cost more, together."""
        return self.after - self.before

    @property
    def mean(self) -> int | None:
        """What one of them costs more on average, cents, half up; None where there is nobody."""
        return half_up(Fraction(self.cents, self.members)) if self.members else None

    def share(self, whole: int) -> str:
        """Their part of a whole change in per cent, one decimal; empty where nothing changes."""
        return tenths(Fraction(self.cents, whole) * 100) if whole else ""


def groups(changes: Iterable[Change]) -> list[Group]:
    """The three groups, in the order of GROUPS, also those with nobody in them."""
    found = list(changes)
    return [_group(name, [change for change in found if change.group == name]) for name in GROUPS]


def _group(name: str, inside: Sequence[Change]) -> Group:
    return Group(name, len(inside), sum(change.before for change in inside), sum(change.after for change in inside))


@dataclass(frozen=True)
class Alone:
    """A renewal in its first draw: ``whole`` is all of it, everything else of that draw."""

    whole: Renewal
    old: YearAlone
    new: YearAlone
    year_before: YearAlone | None
    steps: tuple[Step, ...]
    members: tuple[MemberChange, ...]
    change: int

    @classmethod
    def of(cls, whole: Renewal, draw: int = 0) -> Alone:
        years = whole.years
        old, new = year_alone(years.old, draw), year_alone(years.new, draw)
        before = year_alone(years.before, draw) if years.before else None
        return cls(whole, old, new, before, bridge(old, new), members_alone(whole, draw), new.cost - old.cost)

    @property
    def scenario(self) -> Scenario:
        return self.whole.scenario

    @property
    def day(self) -> date:
        return self.whole.day

    @property
    def end(self) -> date:
        return self.whole.end

    @property
    def months(self) -> int:
        return self.whole.months

    @property
    def run(self) -> Run:
        return self.whole.run

    @property
    def counterfactual(self) -> Run:
        return self.whole.counterfactual

    @property
    def notes(self) -> tuple[str, ...]:
        return self.whole.notes


def members_alone(whole: Renewal, draw: int) -> tuple[MemberChange, ...]:
    """The members in one draw."""
    people = whole.years.members
    columns = (people.old_seat_costs, people.new_seat_costs, people.old_usage[draw], people.new_usage[draw])
    cells = [column.tolist() for column in (*columns, people.newly_done[draw], people.newly_stopped[draw])]
    teams = [whole.scenario.teams.get(member, "") for member in people.members]
    rows = zip(people.members, teams, people.old_seats, people.new_seats, *cells, strict=True)
    return tuple(MemberChange(*row) for row in rows)


def renew(scenario: Scenario) -> Alone:
    """The renewal of a scenario in one draw."""
    return Alone.of(renew_whole(scenario))
