"""The outcome of a run over some days: what they cost, month by month, and what became of the work asked for.

Cost is what the days themselves use up: a seat fee counts by the day over the term it pays for, usage in the month in
which it was used. What is invoiced when is another question, answered by the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from planshift.billing.charges import CREDIT_PURCHASE, Charge, Kind
from planshift.billing.ledger import AMOUNTS, BLOCKED, COLUMN, Ledger
from planshift.billing.money import all_to_cents, half_up
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.impact.at_list import blocked_at_list
from planshift.plans.plan import Plan

Cents = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What the days from ``first`` up to, not including, ``end`` came to under a plan, in each draw.

    ``seats``: held on the first day; ``months``: first days of the calendar months of which days count. Cents:
    ``seat_cost`` (months,), the same in every draw; ``usage_cost`` (months, draws), each month rounded once, with
    what else ``accrued``: by kind of charge, (draws,);
    ``invoiced``, ``credits_bought``, ``credits_left``, ``credits_lapsed`` (draws,). Nano-dollars: ``amounts``
    (len(AMOUNTS), draws);
    ``undone`` (draws,): work that could not be done, at list price, stopped or not open to the members' seats;
    ``blocked`` (months, draws), and ``by_cause``: the same for each of the columns of what was blocked.
    ``counterfactual``: the plan ran on past its end, or could not be had (Rulebook P2).
    """

    plan: Plan
    first: date
    end: date
    counterfactual: bool
    seats: Mapping[str, int]
    months: tuple[date, ...]
    seat_cost: Cents
    usage_cost: Cents
    accrued: Mapping[str, Cents]
    amounts: Nanos
    undone: Nanos
    blocked: Nanos
    by_cause: Mapping[str, Nanos]
    invoiced: Cents
    credits_bought: Cents
    credits_left: Cents
    credits_lapsed: Cents

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.undone)

    @property
    def month_cost(self) -> Cents:
        """Seats and usage of each month, cents, shape (months, draws)."""
        return self.seat_cost[:, None] + self.usage_cost

    @property
    def cost(self) -> Cents:
        """Seats and usage of these days, cents, shape (draws,)."""
        cost: Cents = self.month_cost.sum(axis=0)
        return cost


def joined_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """Outcomes of the same days under the same plan, one or more, put together: their draws one after the other."""

    def together(arrays: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
        return np.concatenate(list(arrays), axis=-1)

    return replace(
        outcomes[0],
        usage_cost=together(one.usage_cost for one in outcomes),
        accrued={kind: together(one.accrued[kind] for one in outcomes) for kind in outcomes[0].accrued},
        amounts=together(one.amounts for one in outcomes),
        undone=together(one.undone for one in outcomes),
        blocked=together(one.blocked for one in outcomes),
        by_cause={name: together(one.by_cause[name] for one in outcomes) for name in outcomes[0].by_cause},
        invoiced=together(one.invoiced for one in outcomes),
        credits_bought=together(one.credits_bought for one in outcomes),
        credits_left=together(one.credits_left for one in outcomes),
        credits_lapsed=together(one.credits_lapsed for one in outcomes),
    )


@dataclass(frozen=True)
class Outcomes:
    """What some days came to under a plan, in each draw of a ledger, with the members.

    ``amounts`` has shape (len(AMOUNTS), draws, members), ``unavailable`` (months, draws): nano-dollars.
    """

    drawn: Outcome
    members: tuple[str, ...]
    seat_types: Mapping[str, str | None]
    amounts: Nanos
    unavailable: Nanos


def joined(parts: Sequence[Outcomes]) -> Outcomes:
    """Outcomes of blocks of draws, one or more, put together to one."""
    return replace(
        parts[0],
        drawn=joined_outcomes([part.drawn for part in parts]),
        amounts=np.concatenate([part.amounts for part in parts], axis=1),
        unavailable=np.concatenate([part.unavailable for part in parts], axis=1),
    )


def outcomes(ledger: Ledger, first: date, end: date, *, before: Ledger | None = None) -> Outcomes:
    """What a run came to from ``first`` up to, not including, ``end``, its own end or earlier, in each of its draws.

    Where ``first`` lies inside a month, ``before`` is a run of the same demand under the same plan that differs only
    from ``first`` on: what it used of that month before is taken away.
    """
    phase = ledger.phase(first)
    months = months_between(first, end)
    usage = _usage(ledger, first, end, before)
    nothing = np.zeros((len(AMOUNTS), ledger.draws, len(ledger.members)), dtype=np.int64)
    amounts = sum(usage.values(), nothing)
    # By column, month and draw, over all members.
    sums = np.stack([usage.get(month, nothing).sum(axis=2) for month in months], axis=1)
    by_cause = {column: sums[COLUMN[column]] for column in BLOCKED}
    extra = accrued(ledger, months, first, end, before)
    drawn = Outcome(
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


def months_between(first: date, end: date) -> tuple[date, ...]:
    """The first days of the calendar months of which days from ``first`` up to, not including, ``end`` count."""
    return tuple(month_of(start) for start, _ in _parts(first, end))


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
