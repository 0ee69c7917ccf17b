"""Run-rates of a year and why they change: committed ARR (seat fees in force) and usage; what each renewal risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.charges import SEAT_ADDITION, SEAT_FEE
from planshift.billing.ledger import AMOUNTS, COLUMN
from planshift.billing.money import all_to_cents
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.forecasting.charge import BookedSeats
from planshift.forecasting.history import Grid, History, Which, known
from planshift.forecasting.result import Bridge, Cents
from planshift.impact.at_list import discount_taken

BILLED, INCLUDED, DISCOUNT, STOPPED = range(4)
"""The places of a month's amounts: what is billed, included, taken off by a discount, and stopped, at list price."""


@dataclass(frozen=True)
class MonthUsage:
    """Calendar months under a plan, in the order of days: nano-dollars over all members, shape (4, spans, draws), see
    BILLED and the others."""

    months: tuple[date, ...]
    plans: tuple[str, ...]
    amounts: Nanos


def month_usage(history: History) -> MonthUsage:
    """Every month as if the contract went on."""
    spans = history.ledger.usage
    months, plans = tuple(month for month, _ in spans), tuple(plan for _, plan in spans)
    return MonthUsage(months, plans, _amounts(spans.values(), history.draws))


def cut_usage(history: History, usage: MonthUsage) -> MonthUsage:
    """The same with nothing after the day on which the contract ends, where it does."""
    amounts = usage.amounts
    for number, turn in enumerate(history.turns):
        ends = history.churns_at(number)
        if not ends.any():
            continue
        last, held = month_of(turn.day), list(zip(usage.months, usage.plans, strict=True))
        part = held.index((last, turn.plan)) if (last, turn.plan) in held else None
        # The plans of a month stand in the order in which they were in force.
        after = [
            month > last or (month == last and (part is None or place > part)) for place, (month, _) in enumerate(held)
        ]
        amounts = np.where(np.array(after)[:, None] & ends, 0, amounts)
        if part is not None:
            amounts[:, part] = np.where(ends, _amounts([turn.usage], history.draws)[:, 0], amounts[:, part])
    return replace(usage, amounts=amounts)


def _amounts(used: Iterable[Nanos], draws: int) -> Nanos:
    """The four amounts over all members, of arrays of shape (len(AMOUNTS), draws, members)."""
    arrays = list(used)
    sums: npt.NDArray[np.int64] = np.array([array.sum(axis=2) for array in arrays], dtype=np.int64)
    by_name = sums.reshape(len(arrays), len(AMOUNTS), draws).swapaxes(0, 1)
    billed, included, metered = (by_name[COLUMN[name]] for name in ("billed", "included", "metered"))
    listed = by_name[COLUMN["demand"]] - by_name[COLUMN["unavailable"]] - included
    taken = listed - metered
    for place in np.flatnonzero((taken.any(axis=1)) & (metered != billed).any(axis=1)):
        # The part of a member's discount that fell on stopped usage was never given.
        taken[place] = discount_taken(arrays[place]).sum(axis=1)
    return np.stack((billed, included, taken, listed - billed - taken))


YEAR, QUARTER = 12, 3
PRICE, SEATS, CHURN = "price", "seats", "churn"
METERED, OFF, GROWTH = "included_to_metered", "discount", "growth"


@dataclass(frozen=True)
class Renewal:
    """A renewal or an ``early`` move of an account on a day of the forecast; amounts in cents a year, shape (draws,).

    ``committed_before`` and ``committed_after`` are committed ARR in the old term and, if the contract goes on, in the
    new one; ``usage`` the usage run-rate before. ``reached``: the draws in which the contract is in force until then;
    ``goes_on``: those in which it goes on; ``probability``: how likely that is.
    """

    account_id: str
    number: int
    day: date
    early: bool
    old_plan: str
    new_plan: str
    seats_before: int
    seats_after: int
    committed_before: Cents
    committed_after: Cents
    usage: Cents
    reached: Which
    goes_on: Which
    probability: Fraction

    @property
    def at_stake(self) -> Cents:
        """What is lost if the contract does not go on: both run-rates before, cents a year, shape (draws,)."""
        return self.committed_before + self.usage


@dataclass(frozen=True)
class TermArr:
    """Committed ARR of a term as if the contract comes to it, cents a year of shape (draws,), and its seats.

    ``fee`` and ``fee_seats`` on its first day, ``whole`` and ``seats`` with everything that was added.
    """

    fee: Cents
    fee_seats: int
    whole: Cents
    seats: int


def term_arr(history: History, charges: Sequence[BookedSeats]) -> list[TermArr]:
    """The committed ARR of every term: what its seats cost a year at the prices that were charged."""
    found = []
    for number in range(len(history.terms)):
        fee = whole = np.zeros(history.draws, dtype=np.int64)
        fee_seats = seats = 0
        for charge in charges:
            if charge.term == number and charge.kind in (SEAT_FEE, SEAT_ADDITION):
                first = charge.kind == SEAT_FEE
                fee, fee_seats = fee + charge.yearly * first, fee_seats + charge.made.seats * first
                whole, seats = whole + charge.yearly, seats + charge.made.seats
        found.append(TermArr(fee, fee_seats, whole, seats))
    return found


def committed_steps(
    history: History, charges: Sequence[BookedSeats], terms: Sequence[TermArr], grid: Grid
) -> Mapping[str, Cents]:
    """How committed ARR changes, by step and the grid's places, cents a year of shape (months + 2, draws).

    At a renewal ``seats`` is what more or fewer of them would cost at the old average price, ``price`` the rest; a
    contract that begins, and seats added during a term, are all ``seats``.
    """
    steps = {name: grid.flows(history.draws) for name in (PRICE, SEATS, CHURN)}
    for charge in charges:
        if charge.kind == SEAT_ADDITION or (charge.kind == SEAT_FEE and not charge.term):
            steps[SEATS][grid.place(charge.day)] += charge.yearly * history.reaches(charge.term)
    for number, turn in enumerate(history.turns):
        place, old, new = grid.place(turn.day.toordinal()), terms[number], terms[number + 1]
        change = new.fee - old.whole
        more = _share(old.whole, new.fee_seats - old.seats, old.seats) if old.seats else change
        goes_on = history.reaches(number + 1)
        steps[SEATS][place] += more * goes_on
        steps[PRICE][place] += (change - more) * goes_on
        steps[CHURN][place] -= old.whole * history.churns_at(number)
    return steps


def _share(cents: Cents, part: int, whole: int) -> Cents:
    """Cents × part ÷ whole, rounded half up; a negative result is the mirror of its positive."""
    product = cents * part
    result: Cents = np.sign(product) * ((2 * np.abs(product) + whole) // (2 * whole))
    return result


def committed_bridge(steps: Mapping[str, Cents]) -> Bridge:
    """The bridge of committed ARR over the forecast's months, from its steps by place."""
    first = sum((step[0] for step in steps.values()), np.zeros_like(steps[SEATS][0]))
    over = {name: step[1:-1].sum(axis=0) for name, step in steps.items()}
    return Bridge(first, over, sum(over.values(), first))


def committed_by(steps: Mapping[str, Cents]) -> Cents:
    """Committed ARR by each of a grid's ends, cents a year of shape (months + 1, draws)."""
    return known(sum(steps.values(), np.zeros_like(steps[SEATS])))


@dataclass(frozen=True)
class RunRates:
    """Usage by calendar month as if the contract went on: nano-dollars of shape (4, months, draws), from ``base`` on.

    ``base``: the first whole month that is simulated; ``begins``: the first day of the contract's term by then.
    """

    base: date
    begins: date
    amounts: Nanos

    @classmethod
    def of(cls, history: History, usage: MonthUsage, grid: Grid) -> RunRates:
        """The whole months of a run up to the forecast's end; where there is none, the part of one that there is."""
        start = history.ledger.start
        base = month_of(start) if start.day == 1 or next_month(start) == grid.end else next_month(start)
        amounts = np.zeros((4, _number(grid.end) - _number(base), history.draws), dtype=np.int64)
        for place, month in enumerate(usage.months):
            if month >= base:
                amounts[:, _number(month) - _number(base)] += usage.amounts[:, place]
        return cls(base, history.terms[0].term.start, amounts)

    def before(self, day: date) -> Cents:
        """A year at the pace of the last three whole months before a day's, cents of shape (4, draws).

        Of fewer where no more are simulated; where none is, at that of the first three that are. Nothing where the
        contract has not begun by then.
        """
        if day <= self.begins:
            return np.zeros((4, self.amounts.shape[2]), dtype=np.int64)
        end = _number(day) - _number(self.base)
        first, end = (max(0, end - QUARTER), end) if end > 0 else (0, min(QUARTER, self.amounts.shape[1]))
        cents: Cents = all_to_cents(self.amounts[:, first:end].sum(axis=1)) * (YEAR // (end - first))
        return cents


def _number(day: date) -> int:
    return day.year * YEAR + day.month - 1


def usage_bridge(history: History, rates: RunRates, grid: Grid) -> Bridge:
    """The bridge of the usage run-rate over the forecast's months.

    What is billed is what could be done, at list price, less what is included and what a discount takes off: ``growth``
    is the change of the first, which a contract that ends has until then; ``churn`` is what it loses there.
    """
    first, last = rates.before(grid.start), rates.before(grid.end)
    churn = np.zeros(history.draws, dtype=np.int64)
    for number, turn in enumerate(history.turns):
        ends = history.churns_at(number)
        if ends.any():
            last = np.where(ends, rates.before(turn.day), last)
            churn = np.where(ends, -last[BILLED], churn)
    steps = {METERED: first[INCLUDED] - last[INCLUDED], OFF: first[DISCOUNT] - last[DISCOUNT]}
    steps[GROWTH] = last[BILLED] - first[BILLED] - steps[METERED] - steps[OFF]
    steps[CHURN] = churn
    return Bridge(first[BILLED], steps, last[BILLED] + churn)


def renewals(
    account_id: str, probability: Fraction, history: History, terms: Sequence[TermArr], rates: RunRates, grid: Grid
) -> list[Renewal]:
    """Every renewal and early move on a day of the forecast."""
    found = []
    for number, turn in enumerate(history.turns):
        if turn.day < grid.start:
            continue
        old, new = terms[number], terms[number + 1]
        found.append(
            Renewal(
                account_id=account_id,
                number=number + 1,
                day=turn.day,
                early=turn.early,
                old_plan=turn.plan,
                new_plan=history.terms[number + 1].terms.plan.id,
                seats_before=old.seats,
                seats_after=new.fee_seats,
                committed_before=old.whole,
                committed_after=new.fee,
                usage=rates.before(turn.day)[BILLED],
                reached=history.reaches(number),
                goes_on=history.reaches(number + 1),
                probability=probability,
            )
        )
    return found
