"""The outcome of a run over some days: what they cost, month by month, and what became of the work asked for.

Cost is what the days themselves use up: a seat fee counts by the day over the term it pays for, usage in the month in
which it was used. What is invoiced when is another question, answered by the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np

from planshift.billing.charges import CREDIT_PURCHASE, Charge, Kind
from planshift.billing.ledger import AMOUNTS, BLOCKED, COLUMN, Ledger
from planshift.billing.money import all_to_cents, half_up
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.impact.at_list import blocked_at_list
from planshift.impact.drawn import Cents, DrawnOutcome, joined_outcomes
from planshift.plans.plan import Plan


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


@dataclass(frozen=True)
class Outcomes:
    """What some days came to under a plan, in each draw of a ledger, with the members.

    ``amounts`` has shape (len(AMOUNTS), draws, members), ``unavailable`` (months, draws): nano-dollars.
    """

    drawn: DrawnOutcome
    members: tuple[str, ...]
    seat_types: Mapping[str, str | None]
    amounts: Nanos
    unavailable: Nanos

    def of(self, draw: int) -> Outcome:
        """The outcome of one draw."""
        drawn = self.drawn
        months = zip(
            drawn.months,
            drawn.seat_cost.tolist(),
            drawn.usage_cost[:, draw].tolist(),
            drawn.blocked[:, draw].tolist(),
            self.unavailable[:, draw].tolist(),
            strict=True,
        )
        return Outcome(
            plan=drawn.plan,
            first=drawn.first,
            end=drawn.end,
            counterfactual=drawn.counterfactual,
            members=self.members,
            seat_types=self.seat_types,
            seats=drawn.seats,
            amounts=self.amounts[:, draw],
            months=tuple(MonthCost(*month) for month in months),
            accrued={kind: int(cents[draw]) for kind, cents in drawn.accrued.items()},
            invoiced=int(drawn.invoiced[draw]),
            credits_bought=int(drawn.credits_bought[draw]),
            credits_left=int(drawn.credits_left[draw]),
            credits_lapsed=int(drawn.credits_lapsed[draw]),
        )


def joined(parts: Sequence[Outcomes]) -> Outcomes:
    """Outcomes of blocks of draws, one or more, put together to one."""
    return replace(
        parts[0],
        drawn=joined_outcomes([part.drawn for part in parts]),
        amounts=np.concatenate([part.amounts for part in parts], axis=1),
        unavailable=np.concatenate([part.unavailable for part in parts], axis=1),
    )


def outcome(ledger: Ledger, first: date, end: date, *, before: Ledger | None = None, draw: int = 0) -> Outcome:
    """What a run came to in one draw; see `outcomes`."""
    return outcomes(ledger, first, end, before=before).of(draw)


def outcomes(ledger: Ledger, first: date, end: date, *, before: Ledger | None = None) -> Outcomes:
    """What a run came to from ``first`` up to, not including, ``end``, its own end or earlier, in each of its draws.

    Where ``first`` lies inside a month, ``before`` is a run of the same demand under the same plan that differs only
    from ``first`` on: what it used of that month before is taken away.
    """
    phase = ledger.phase(first)
    months = tuple(month_of(start) for start, _ in _parts(first, end))
    usage = _usage(ledger, first, end, before)
    nothing = np.zeros((len(AMOUNTS), ledger.draws, len(ledger.members)), dtype=np.int64)
    amounts = sum(usage.values(), nothing)
    # By column, month and draw, over all members.
    sums = np.stack([usage.get(month, nothing).sum(axis=2) for month in months], axis=1)
    by_cause = {column: sums[COLUMN[column]] for column in BLOCKED}
    extra = accrued(ledger, months, first, end, before)
    drawn = DrawnOutcome(
        plan=phase.terms.plan,
        first=first,
        end=end,
        counterfactual=any(found.counterfactual for found in ledger.phases if found.since < end),
        seats=phase.seats.held,
        months=months,
        seat_cost=seat_cost(ledger, months, first, end),
        usage_cost=sum(extra.values(), all_to_cents(sums[COLUMN["billed"]])),
        accrued={kind: cents.sum(axis=0) for kind, cents in extra.items()},
        amounts=sums.sum(axis=1),
        undone=blocked_at_list(amounts).sum(axis=1) + sums[COLUMN["unavailable"]].sum(axis=0),
        blocked=sums[COLUMN[BLOCKED[0]] :].sum(axis=0),
        by_cause=by_cause,
        invoiced=_charged(ledger, first, end),
        credits_bought=_charged(ledger, first, end, CREDIT_PURCHASE),
        credits_left=_credits_left(ledger, end),
        credits_lapsed=_credits_lapsed(ledger, first, end),
    )
    return Outcomes(drawn, ledger.members, phase.seats.assigned, amounts, sums[COLUMN["unavailable"]])


def _charged(ledger: Ledger, first: date, end: date, kind: Kind | None = None) -> Cents:
    """What was invoiced on these days, or of one kind of charge: cents of shape (draws,)."""
    cents = np.zeros(ledger.draws, dtype=np.int64)
    for charge in ledger.charges:
        if first <= charge.day < end and kind in (None, charge.kind):
            cents += charge.cents
    return cents


def _credits_left(ledger: Ledger, end: date) -> Cents:
    held = [key for key in ledger.balances if key[0] < end]
    return all_to_cents(ledger.balances[max(held)]) if held else np.zeros(ledger.draws, dtype=np.int64)


def _credits_lapsed(ledger: Ledger, first: date, end: date) -> Cents:
    gone = [expiry.amounts for expiry in ledger.expiries if first <= expiry.day < end]
    return all_to_cents(sum(gone, np.zeros(ledger.draws, dtype=np.int64)))


def _usage(ledger: Ledger, first: date, end: date, before: Ledger | None) -> dict[date, Nanos]:
    """Month → amounts of shape (len(AMOUNTS), draws, members), of the days that count."""
    plan = ledger.phase(first).terms.plan.id
    sums: dict[date, Nanos] = {}
    for (month, held), amounts in ledger.usage.items():
        if month_of(first) <= month < end and held == plan:
            sums[month] = amounts
    earlier = before.usage.get((month_of(first), plan)) if before else None
    if earlier is not None:
        sums[month_of(first)] = sums[month_of(first)] - earlier
    return sums


def _parts(first: date, end: date) -> Iterator[tuple[date, date]]:
    """The parts of a stretch of days that lie in one calendar month each."""
    while first < end:
        stop = min(next_month(first), end)
        yield first, stop
        first = stop


def _shares(charge: Charge, first: date, end: date) -> Iterator[tuple[date, Fraction]]:
    """Month → the share of a charge that accrues in it, of the days that count: by the day over what it pays for."""
    for start, stop in _parts(max(charge.first, first), min(charge.until, end)):
        yield month_of(start), Fraction((stop - start).days, (charge.until - charge.first).days)


def seat_cost(ledger: Ledger, months: Sequence[date], first: date, end: date) -> Cents:
    """Seat fees month by month, cents, rounded so that the months add up."""
    of_month = dict.fromkeys(months, Fraction(0))
    for charge in (*ledger.opening, *ledger.charges):
        if charge.kind.measure == "seats":
            for month, share in _shares(charge, first, end):
                of_month[month] += int(charge.cents[0]) * share
    rounded = [half_up(amount) for amount in accumulate(of_month.values(), initial=Fraction(0))]
    return np.array([after - before for before, after in pairwise(rounded)], dtype=np.int64)


def accrued(
    ledger: Ledger, months: Sequence[date], first: date, end: date, before: Ledger | None = None
) -> dict[str, Cents]:
    """What accrues beside seats and metered usage, by kind of charge: cents of shape (months, draws).

    Of a charge for days before ``first`` too, that counts by which it exceeds what the run ``before``, which ends or
    differs from there on, has charged for them; without such a run it counts by the day.
    """
    sums: dict[str, Cents] = {}
    for charge in (*ledger.charges, *ledger.pending):
        if charge.kind.by_day and charge.kind.measure != "seats":
            of_kind = sums.setdefault(charge.kind.name, np.zeros((len(months), ledger.draws), dtype=np.int64))
            if before is not None and charge.first < first < charge.until:
                of_kind[0] += charge.cents - _charged_up_to(first, charge, before)
                continue
            for month, share in _shares(charge, first, end):
                of_kind[months.index(month)] += [half_up(cents * share) for cents in charge.cents.tolist()]
    return sums


def _charged_up_to(day: date, charge: Charge, before: Ledger) -> Cents:
    """What another run has charged for the days of a charge before a day."""
    alike = (one for one in (*before.charges, *before.pending) if (one.kind, one.first) == (charge.kind, charge.first))
    return next((one.cents for one in alike if one.until == day), np.zeros_like(charge.cents))
