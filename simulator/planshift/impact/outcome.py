"""The outcome of a run over some days: what they cost, month by month, and what became of the work asked for.

Cost is what the days themselves use up: a seat fee counts by the day over the term it pays for, usage in the month in
which it was used. What is invoiced when is another question, answered by the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np

from planshift.billing.calendar import month_of, next_month
from planshift.billing.invoices import CREDIT_PURCHASE, SEAT_FEE, InvoiceLine, seat_invoice
from planshift.billing.ledger import AMOUNTS, BLOCKED, COLUMN, Ledger, Phase
from planshift.billing.money import to_cents
from planshift.billing.seats import Term
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.plans.plan import Plan

SEAT_KINDS = ("seat_fee", "seat_addition", "seat_credit")


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
class Outcome:
    """What the days from ``first`` up to, not including, ``end`` came to under a plan.

    ``amounts`` has shape (len(AMOUNTS), members), nano-dollars; everything else is in cents. ``counterfactual``: the
    plan ran on past its end (Rulebook P2).
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
    invoiced: int
    credits_bought: int
    credits_left: int

    @property
    def seat_cost(self) -> int:
        """Seat fees of these days, cents."""
        return sum(month.seats for month in self.months)

    @property
    def usage_cost(self) -> int:
        """Usage of these days as it is billed, cents, each month rounded once."""
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


@dataclass(frozen=True)
class Opening:
    """What was in force on a run's first day, before anything happened on it."""

    terms: Terms
    term: Term
    seats: Mapping[str, int]


def outcome(
    ledger: Ledger,
    first: date,
    end: date,
    *,
    opening: Opening | None = None,
    before: Ledger | None = None,
    draw: int = 0,
) -> Outcome:
    """What a run came to from ``first`` up to, not including, ``end``, its own end or earlier.

    ``opening`` tells of a term that began before the run. Where ``first`` lies inside a month, ``before`` is a run of
    the same demand under the same plan that differs only from ``first`` on: what it used of that month before is taken
    away.
    """
    usage = dict(_usage(ledger, first, end, before, draw))
    phase = _phase(ledger, first)
    months = _months(usage, _seat_days(ledger, opening, first, end), first, end)
    lines = [line for line in ledger.lines(draw) if first <= line.day < end]
    return Outcome(
        plan=phase.terms.plan,
        first=first,
        end=end,
        counterfactual=any(found.counterfactual for found in ledger.phases if found.since < end),
        members=ledger.members,
        seat_types=phase.seats.assigned,
        seats=phase.seats.held,
        amounts=sum(usage.values(), np.zeros((len(AMOUNTS), len(ledger.members)), dtype=np.int64)),
        months=months,
        invoiced=sum(line.cents for line in lines),
        credits_bought=sum(line.cents for line in lines if line.kind == CREDIT_PURCHASE),
        credits_left=_credits_left(ledger, end, draw),
    )


def _phase(ledger: Ledger, day: date) -> Phase:
    return [phase for phase in ledger.phases if phase.since <= day][-1]


def _credits_left(ledger: Ledger, end: date, draw: int) -> int:
    held = [key for key in ledger.balances if key[0] < end]
    return to_cents(int(ledger.balances[max(held)][draw])) if held else 0


def _usage(
    ledger: Ledger, first: date, end: date, before: Ledger | None, draw: int
) -> Iterator[tuple[date, Nanos]]:
    """Month → amounts of shape (len(AMOUNTS), members), of the days that count."""
    plan = _phase(ledger, first).terms.plan.id
    sums: dict[date, Nanos] = {}
    for (month, held), amounts in ledger.usage.items():
        if month_of(first) <= month < end and held == plan:
            sums[month] = sums.get(month, 0) + amounts[:, draw]
    earlier = before.usage.get((month_of(first), plan)) if before else None
    if earlier is not None:
        sums[month_of(first)] = sums[month_of(first)] - earlier[:, draw]
    yield from sums.items()


def _seat_days(ledger: Ledger, opening: Opening | None, first: date, end: date) -> dict[date, Fraction]:
    """Month → seat fees of its days that count, in cents: each charge by the day over what it pays for."""
    sums: dict[date, Fraction] = {}
    for line, until in _charges(ledger, opening):
        span = (until - line.day).days
        for start, stop in _parts(max(line.day, first), min(until, end)):
            month = month_of(start)
            sums[month] = sums.get(month, Fraction(0)) + Fraction(line.cents * (stop - start).days, span)
    return sums


def _charges(ledger: Ledger, opening: Opening | None) -> Iterator[tuple[InvoiceLine, date]]:
    """Every charge for seats with the day up to which it pays, also that of a term which began before the run."""
    if opening and opening.term.start < ledger.start:
        seats = list(opening.seats.items())
        for line in seat_invoice(SEAT_FEE, opening.terms, seats, opening.term, opening.term.start).lines:
            yield line, opening.term.renewal
    for line in ledger.lines():
        if line.kind in SEAT_KINDS:
            # A plan that is left on the run's first day is in none of its phases.
            of_plan = [phase.term for phase in ledger.phases if phase.terms.plan.id == line.plan]
            began = [term for term in of_plan if term.start <= line.day] or ([opening.term] if opening else [])
            yield line, began[-1].renewal


def _parts(first: date, end: date) -> Iterator[tuple[date, date]]:
    """The parts of a stretch of days that lie in one calendar month each."""
    while first < end:
        stop = min(next_month(first), end)
        yield first, stop
        first = stop


def _months(
    usage: Mapping[date, Nanos], seats: Mapping[date, Fraction], first: date, end: date
) -> tuple[MonthCost, ...]:
    """Month by month; seat fees are rounded so that they add up."""
    starts = [month_of(start) for start, _ in _parts(first, end)]
    running = [Fraction(0)]
    for month in starts:
        running.append(running[-1] + seats.get(month, Fraction(0)))
    rounded = [_half_up(amount) for amount in running]
    fees = [after - before for before, after in pairwise(rounded)]
    return tuple(_month(month, fee, usage.get(month)) for month, fee in zip(starts, fees, strict=True))


def _half_up(cents: Fraction) -> int:
    sign = -1 if cents < 0 else 1
    return sign * int(abs(cents) + Fraction(1, 2))


def _month(month: date, fee: int, amounts: Nanos | None) -> MonthCost:
    if amounts is None:
        return MonthCost(month, fee, 0, 0, 0)
    return MonthCost(
        month=month,
        seats=fee,
        usage=to_cents(int(amounts[COLUMN["billed"]].sum())),
        blocked=sum(int(amounts[COLUMN[column]].sum()) for column in BLOCKED),
        unavailable=int(amounts[COLUMN["unavailable"]].sum()),
    )
