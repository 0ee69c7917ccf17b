"""A year under a plan, set up once and billed for any demand: only the days that have a say in it are run through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from planshift.billing.account import bill
from planshift.billing.contract import Agreed, BuyCredits, Contract, Event, Migrate
from planshift.billing.ledger import COLUMN, Ledger, Phase
from planshift.billing.meter import WEEK, window_starts
from planshift.billing.money import CENT
from planshift.billing.schedule import month_of
from planshift.billing.seats import Seats
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.impact.outcome import Cents, accrued, months_between, seat_cost
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.usage.demand import Demand, no_demand


@dataclass(frozen=True)
class Contracted:
    """A contract with what is held on its first simulated day, what happens from then on and what did earlier."""

    contract: Contract
    seats: Seats
    events: tuple[Event, ...]
    catalogue: Catalogue
    counterfactual: bool = False
    earlier: tuple[Event, ...] = ()

    def bill(self, demand: Demand) -> Ledger:
        """What it makes of a demand; events behind it have no say."""
        events = tuple(event for event in self.events if demand.start <= event.day < demand.end)
        return bill(
            self.contract,
            self.seats,
            demand,
            events,
            self.catalogue,
            counterfactual=self.counterfactual,
            earlier=self.earlier,
        )

    def seats_alone(self, start: date, end: date) -> Ledger:
        """What it makes of seats, with nobody to use anything."""
        return self.bill(no_demand(start, (end - start).days, ()))


@dataclass(frozen=True)
class BilledYear:
    """What a year came to under a plan in some draws.

    ``seat_cost`` (months,) and ``usage_cost`` (months, draws) in cents, by the day and each month rounded once;
    ``usage``: for each of ``months`` nano-dollars of shape (len(AMOUNTS), draws, members), as a ledger has them;
    ``accrued``: what accrues beside seats and usage by kind of charge, cents of shape (months, draws).
    """

    months: tuple[date, ...]
    members: tuple[str, ...]
    seat_cost: Cents
    usage: Mapping[date, Nanos]
    accrued: Mapping[str, Cents]

    @cached_property
    def usage_cost(self) -> Cents:
        """Usage as it is billed, and what else accrues with it, cents, shape (months, draws)."""
        billed = [self.usage[month][COLUMN["billed"]].sum(axis=1) for month in self.months]
        return sum(self.accrued.values(), cents(np.stack(billed)))

    @cached_property
    def cost(self) -> Cents:
        """Seats and usage, cents, shape (draws,)."""
        cost: Cents = self.seat_cost.sum() + self.usage_cost.sum(axis=0)
        return cost

    @cached_property
    def amounts(self) -> Nanos:
        """The amounts of all months together, shape (len(AMOUNTS), draws, members)."""
        amounts: Nanos = np.sum([self.usage[month] for month in self.months], axis=0)
        return amounts


def cents(nanos: Nanos) -> Cents:
    """Amounts that are not negative in whole cents, half up."""
    result: Cents = (nanos + CENT // 2) // CENT
    return result


@dataclass(frozen=True)
class PlanYear:
    """A year under a plan from ``first`` up to, not including, ``end``, before any usage.

    ``whole`` is run from the demand's first day; ``cut``, where nothing that came before it has a say, from the day
    ``warm`` on. ``phase``: what is in force on ``first``; ``before``: was the same plan in force in the days of the
    first month that lie before it?
    """

    first: date
    end: date
    months: tuple[date, ...]
    seat_cost: Cents
    phase: Phase
    warm: date
    cut: Contracted
    before: bool

    @property
    def plan(self) -> Plan:
        """The plan of the year."""
        return self.phase.terms.plan

    @property
    def terms(self) -> Terms:
        """The terms in force on its first day."""
        return self.phase.terms

    def seat(self, member: str) -> str:
        """The seat type that a member has on the first day; empty without one."""
        return self.phase.seats.assigned.get(member) or ""

    def billed(self, demand: Demand) -> BilledYear:
        """What the year comes to for a demand that begins on ``warm`` or earlier and ends with it."""
        ledger = self.cut.bill(demand.window(self.warm, self.end))
        members = ledger.members
        usage = {month: ledger.usage[month, self.plan.id] for month in self.months}
        earlier = None
        if self.before and self.warm < self.first:
            earlier = self.cut.bill(demand.window(self.warm, self.first))
            month = month_of(self.first)
            if (month, self.plan.id) in earlier.usage:
                usage[month] = usage[month] - earlier.usage[month, self.plan.id]
        extra = accrued(ledger, self.months, self.first, self.end, earlier)
        return BilledYear(self.months, members, self.seat_cost, usage, extra)


def plan_year(whole: Contracted, start: date, first: date, end: date) -> PlanYear:
    """The year from ``first`` up to ``end`` of a contract that is simulated from ``start`` on."""
    bare = whole.seats_alone(start, end)
    months = months_between(first, end)
    phase = bare.phase(first)
    new = phase.since == first and phase.term.start == first and not whole.counterfactual
    warm, cut = _cut(whole, bare, start, first, phase, new=new)
    return PlanYear(
        first=first,
        end=end,
        months=months,
        seat_cost=seat_cost(bare, months, first, end),
        phase=phase,
        warm=warm,
        cut=cut,
        before=not new,
    )


def _cut(
    whole: Contracted, bare: Ledger, start: date, first: date, phase: Phase, *, new: bool
) -> tuple[date, Contracted]:
    """From which day on it must be run, and what is run then."""
    paid_ahead = any(other.terms.prepaid for other in bare.phases if other.since < first or not new)
    bought = any(isinstance(event.action, BuyCredits) for event in whole.events if event.day <= first)
    if paid_ahead or (phase.terms.prepaid and bought):
        # Credits have a memory.
        return start, whole
    warm = first if new else _warm(phase.terms.plan, phase.term.start, first)
    if warm <= start:
        return start, whole
    held = phase if new else [other for other in bare.phases if other.since < warm][-1]
    contract = Contract(
        plan=held.terms.plan,
        channel=held.terms.channel,
        term_start=held.term.start,
        first_day=held.term.anchor,
        seats=held.seats.held,
        own=held.terms.own,
        limits=held.limits,
        credits=held.credits,
        renewal=Agreed() if new else whole.contract.renewal,
    )
    events = tuple(event for event in whole.events if (event.day > first if new else event.day >= warm))
    later = tuple(event for event in events if not (new and isinstance(event.action, Migrate)))
    return warm, Contracted(contract, held.seats, later, whole.catalogue, whole.counterfactual)


def _warm(plan: Plan, term_start: date, first: date) -> date:
    """The first day that has a say in ``first`` on a plan that was in force before: limits count by the calendar month
    and included usage by its window (Rulebook L1, I1)."""
    day = month_of(first)
    if not plan.seat_based:
        return day
    back = (day - timedelta(days=ahead) for ahead in range(WEEK))
    return next(
        other for other in back if window_starts(str(plan.value("included_usage.window", other)), term_start, other)
    )
