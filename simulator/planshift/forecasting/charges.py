"""The charges of one account in one draw: what is bought, what is used of it month by month, and what is lost of it.

A purchase (seats of a term, credits) is billed at once and covers later use; what is used of it is earned month by
month and billed no more. Usage in arrears is billed and earned in one. Everything is read off the same history as the
ledger of the account, and comes to the same cents; breakage that is only expected is no charge, so that unused credits
are lost on the day on which they are gone, whatever the method of breakage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from planshift.billing.charges import SEAT_CREDIT, USAGE, CreditCharge
from planshift.billing.money import CENT, NANO, to_cents
from planshift.billing.schedule import month_of
from planshift.billing.simulation import Run
from planshift.billing.terms import Terms
from planshift.forecasting.charge import (
    CREDIT_EXPIRY,
    CREDIT_PURCHASE,
    CREDIT_USE,
    PAR,
    SEAT_CARRIED,
    SEAT_UNUSED,
    SEAT_USE,
    BookedSeats,
    Charge,
    booked_seats,
    covered,
    decimal,
    number_of,
    usage_periods,
)
from planshift.forecasting.history import Grid, History, SeatPriceShock, TermHeld, history, last_terms, renewals_of
from planshift.forecasting.recognition import NEVER, Lots, lot_by_lot, lots, spread_by_day
from planshift.forecasting.run_rates import BILLED, DISCOUNT, cut_usage, month_usage
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio

_ARREARS = "U"
_NEARLY = Fraction(1, 1_000_000)
"""Dollars per dollar that amounts differ by because they are rounded."""


@dataclass(frozen=True)
class UsagePrices:
    """Usage at list price, and what the contract bills of it."""

    past: History

    @cached_property
    def _months(self) -> Mapping[tuple[date, str], tuple[int, int]]:
        """Nano-dollars billed, and the same at list price, by month and plan."""
        used = cut_usage(self.past, month_usage(self.past))
        billed, taken = (used.amounts[place, :, 0].tolist() for place in (BILLED, DISCOUNT))
        spans = zip(used.months, used.plans, strict=True)
        return {span: (paid, paid + off) for span, paid, off in zip(spans, billed, taken, strict=True)}

    def listed(self, nanos: int, plan: str, month: date) -> Decimal:
        """Dollars at list price of what was billed of a plan's usage in a month."""
        paid, listed = self._months.get((month, plan), (0, 0))
        if not paid:
            # Credits outlive the plan that sold them: what they paid for was used under another one.
            sums = [both for (first, _), both in self._months.items() if first == month and both[0]]
            paid, listed = sum(both[0] for both in sums), sum(both[1] for both in sums)
        return decimal(Fraction(nanos * listed, paid * NANO)) if paid else decimal(Fraction(nanos, NANO))

    def contracted(self, nanos: int, listed: Decimal, first: date, until: date) -> Decimal:
        """Dollars for a dollar at list price: 1 − discount where one discount holds for all of it, else what it comes
        to."""
        days = first, date.fromordinal(until.toordinal() - 1)
        shares = {Fraction(_held_on(self.past, day).terms.usage_discount(day).value) for day in days}
        paid, at_list = Fraction(nanos, NANO), Fraction(listed)
        if len(shares) == 1:
            agreed = decimal(1 - shares.pop())
            # What is at list price is a share of the month, in which another discount may have held before or after.
            if abs(at_list * Fraction(agreed) - paid) <= _NEARLY * max(Fraction(1), at_list):
                return agreed
        return decimal(paid / at_list) if listed else PAR


def usage_charges(past: History, grid: Grid, usage: UsagePrices) -> Iterator[Charge]:
    """Usage in arrears, and what is charged with it: billed on the day after its period, earned in the month of use."""
    periods = usage_periods(past)
    columns = periods.charges, periods.cents[:, 0].tolist(), periods.nanos[:, 0].tolist()
    for made, cents, nanos in zip(*columns, strict=True):
        first, until = made.first, made.until
        if not (nanos if made.kind == USAGE else cents) or not grid.place(until.toordinal()):
            continue
        listed, price = decimal(Fraction(cents, 100)), PAR
        if made.kind == USAGE:
            listed = usage.listed(nanos, made.plan, month_of(first))
            price = usage.contracted(nanos, listed, first, until)
        number = number_of(until, _ARREARS)
        yield Charge(
            kind=made.kind.name,
            terms=_held_on(past, first).terms,
            seat_type="",
            first=first,
            until=until,
            invoiced=until,
            invoice=number,
            purchase=number,
            earned=month_of(made.last),
            quantity=listed,
            list_price=PAR,
            price=price,
            billed=cents,
            effective=cents,
        )


def _held_on(past: History, day: date) -> TermHeld:
    """The term in force on a day."""
    return [held for held in past.terms if held.term.start <= day][-1]


_CREDITS = "C"


def credit_charges(past: History, grid: Grid, usage: UsagePrices) -> Iterator[Charge]:
    """Purchases of credits one by one, oldest first, each followed by what is used of it and what is lost."""
    together = lots(past)
    if together is None:
        return
    bought = _one_by_one(together, past)
    left, lost = lot_by_lot(past, bought, grid)
    numbers: dict[int, int] = {}
    for lot, day in enumerate(bought.days.tolist()):
        numbers[day] = numbers.get(day, 0) + 1
        losses = {gone: int(amounts[lot, 0]) for gone, amounts in lost if amounts[lot, 0]}
        terms = past.terms[int(bought.terms[lot])].terms
        ends = min(int(bought.gone[lot]), *losses, grid.days[-1] if bought.gone[lot] == NEVER else NEVER)
        amount = int(bought.amounts[lot, 0])
        number = number_of(date.fromordinal(day), f"{_CREDITS}{numbers[day]}")
        made = Charge(
            kind=CREDIT_PURCHASE,
            terms=terms,
            seat_type="",
            first=date.fromordinal(day),
            until=date.fromordinal(max(ends, day + 1)),
            invoiced=date.fromordinal(day),
            invoice=number,
            purchase=number,
            earned=None,
            quantity=decimal(Fraction(amount, NANO)),
            list_price=PAR,
            price=PAR,
            billed=int(bought.cents[lot, 0]),
            effective=0,
        )
        if grid.place(day):
            yield made
        yield from _lot_used(made, left[:, lot, 0].tolist(), losses, amount, grid, usage)


def _one_by_one(together: Lots, past: History) -> Lots:
    """The same purchases, each time an invoice of its own (Rulebook C1)."""
    times = [int(one.purchases.times[0]) for one in past.ledger.charges if isinstance(one, CreditCharge)]
    times = [count if cents else 0 for count, cents in zip(times, together.cents[:, 0].tolist(), strict=True)]
    counts = np.array(times, dtype=np.int64)
    each = np.maximum(counts, 1)[:, None]
    return Lots(
        plans=tuple(plan for plan, count in zip(together.plans, times, strict=True) for _ in range(count)),
        terms=np.repeat(together.terms, counts),
        days=np.repeat(together.days, counts),
        gone=np.repeat(together.gone, counts),
        at_once=tuple(one for one, count in zip(together.at_once, times, strict=True) for _ in range(count)),
        amounts=np.repeat(together.amounts // each, counts, axis=0),
        cents=np.repeat(together.cents // each, counts, axis=0),
    )


def _lot_used(
    made: Charge, left: Sequence[int], losses: Mapping[int, int], amount: int, grid: Grid, usage: UsagePrices
) -> Iterator[Charge]:
    """What is used of a purchase and what is lost of it, month by month.

    ``left``, ``losses``, ``amount``: nano-dollars. A balance of half a cent is rounded down, as in the ledger.
    """
    bought_in = grid.place(made.first.toordinal())
    deferred = [(nanos + CENT // 2 - 1) // CENT for nanos in left]
    for place, month in enumerate(grid.firsts, 1):
        if bought_in != place and not left[place - 1]:
            continue
        lost = {day: nanos for day, nanos in losses.items() if grid.place(day) == place}
        gone = sum(lost.values())
        taken = (amount if bought_in == place else 0) + left[place - 1] - left[place] - gone
        earned = (made.billed if bought_in == place else 0) + deferred[place - 1] - deferred[place]
        broken = min(to_cents(gone), earned) if taken else earned
        if taken:
            first = max(made.first.toordinal(), grid.days[place - 1])
            until = max(min(made.until.toordinal(), grid.days[place]), first + 1)
            listed = usage.listed(taken, made.terms.plan.id, month)
            used = covered(made, CREDIT_USE, first, until, month, listed, earned - broken)
            yield replace(used, price=usage.contracted(taken, listed, used.first, used.until))
        if gone:
            last = max(lost)
            first = max(made.first.toordinal(), last - 1)
            quantity = decimal(Fraction(gone, NANO))
            yield covered(made, CREDIT_EXPIRY, first, first + 1, month, quantity, broken)


_SEATS = "S"
_NEVER = date.max.toordinal()


@dataclass(frozen=True)
class _Fee:
    """Cents earned by the day from ``first`` up to ``until`` (ordinals) in a term: ``made`` is one charge of all of it,
    as it would be in its first month."""

    term: int
    first: int
    until: int
    cents: int
    made: Charge

    def earned(self, by: Sequence[int]) -> list[int]:
        """Cents earned by some days."""
        bounds = np.array([self.first]), np.array([self.until])
        found: list[int] = spread_by_day(np.array([[self.cents]]), *bounds, np.array(by))[0, :, 0].tolist()
        return found

    def quantity(self, first: int, until: int) -> Decimal:
        """What falls on some of the days."""
        return decimal(Fraction(self.made.quantity) * (until - first) / (self.until - self.first))


class SeatCharges:
    """Seats of all terms: purchases, and what is earned of them, as the ledger has it."""

    def __init__(self, past: History, grid: Grid) -> None:
        self._past, self._grid = past, grid

    def charges(self) -> Iterator[Charge]:
        """Purchases first, then what is earned of them, term by term."""
        past, turns = self._past, self._past.turns
        credited: dict[int, list[_Fee]] = {}
        held: dict[int, list[_Fee]] = {number: [] for number in range(len(past.terms))}
        for one in booked_seats(past):
            if past.reaches(one.term)[0]:
                fee = self._fee(one)
                if self._grid.place(one.day):
                    yield fee.made
                group = credited if one.kind == SEAT_CREDIT else held
                group.setdefault(one.term, []).append(fee)
        for number, fees in held.items():
            early = number < len(turns) and turns[number].early and bool(past.reaches(number)[0])
            stop = turns[number].day.toordinal() if early else _NEVER
            left: dict[str, list[tuple[_Fee, int]]] = {}
            for fee in fees:
                yield from self._used(fee, stop)
                left.setdefault(fee.made.terms.plan.id, []).append((fee, fee.cents - fee.earned([stop])[0]))
            if not early:
                continue
            if past.churns_at(number)[0]:
                yield from self._unused(left, stop)
                continue
            for fee in credited.get(number + 1, []):
                left.setdefault(fee.made.terms.plan.id, []).append((fee, fee.cents))
            held[number + 1] += [self._carried(number + 1, rest) for rest in left.values()]

    def _fee(self, one: BookedSeats) -> _Fee:
        held = self._past.terms[one.priced]
        of, terms = one.made, held.terms
        factor = held.price.factors[held.price.codes[0]]
        sign = -1 if one.kind == SEAT_CREDIT else 1
        number = number_of(of.day, _SEATS)
        made = Charge(
            kind=one.kind.name,
            terms=terms,
            seat_type=of.seat_type,
            first=of.day,
            until=of.until,
            invoiced=of.day,
            invoice=number,
            purchase=number,
            earned=None,
            quantity=decimal(sign * of.seats * of.months),
            list_price=decimal(_list_price(terms, of.seat_type, of.charged or of.day) * factor),
            price=decimal(Fraction(of.price) * factor),
            billed=int(one.cents[0]),
            effective=0,
        )
        return _Fee(one.term, one.day, one.until, made.billed, made)

    def _used(self, fee: _Fee, stop: int) -> Iterator[Charge]:
        """What is earned of a fee in each month, up to a day."""
        days = self._grid.days
        until = min(fee.until, stop)
        if until <= days[0] or fee.first >= days[-1]:
            return
        earned = fee.earned([min(day, stop) for day in days])
        kind = SEAT_USE if fee.made.kind != SEAT_CARRIED else SEAT_CARRIED
        for month, first in enumerate(self._grid.firsts):
            begins, ends = max(fee.first, days[month]), min(until, days[month + 1])
            if begins < ends:
                cents = earned[month + 1] - earned[month]
                yield covered(fee.made, kind, begins, ends, first, fee.quantity(begins, ends), cents)

    def _unused(self, left: Mapping[str, Sequence[tuple[_Fee, int]]], stop: int) -> Iterator[Charge]:
        """What was paid for and will not be used, as the contract ends by an early move."""
        if not self._grid.place(stop):
            return
        for fee, cents in (pair for pairs in left.values() for pair in pairs):
            if fee.first <= stop < fee.until:
                month = month_of(date.fromordinal(stop))
                quantity = fee.quantity(stop, fee.until)
                yield covered(fee.made, SEAT_UNUSED, stop, stop + 1, month, quantity, cents)

    def _carried(self, number: int, rest: Sequence[tuple[_Fee, int]]) -> _Fee:
        """What is left of a plan's fees after an early move, less what is credited, to be earned over the new term."""
        term = self._past.terms[number].term
        invoice = number_of(term.start, _SEATS)
        made = replace(
            rest[0][0].made,
            kind=SEAT_CARRIED,
            seat_type="",
            first=term.start,
            until=term.renewal,
            purchase=invoice,
            quantity=Decimal(0),
            list_price=Decimal(0),
            price=Decimal(0),
            billed=0,
        )
        cents = sum(cents for _, cents in rest)
        return _Fee(number, term.start.toordinal(), term.renewal.toordinal(), cents, made)


def _list_price(terms: Terms, seat: str, day: date) -> Fraction:
    """Dollars a month: the plan's price where somebody published it, else the contract's own (Rulebook P3)."""
    listed = terms.plan.find(f"seats.{seat}.price_usd_per_month", day)
    if listed is None or (listed.assumed and not listed.overlay):
        listed = terms.seat_price(seat, day)
    return Fraction(listed.value)


def charges(past: History, grid: Grid) -> Iterator[Charge]:
    """Every charge that is billed or earned in the months of a grid, of an account's history in one draw.

    By kind and then by day: seats, credits, usage in arrears. What was bought before the first month is only seen in
    what is still used of it. ValueError for more than one draw.
    """
    if past.draws != 1:
        raise ValueError(f"charges are of one draw (got {past.draws})")
    yield from SeatCharges(past, grid).charges()
    usage = UsagePrices(past)
    yield from credit_charges(past, grid, usage)
    yield from usage_charges(past, grid, usage)


def account_charges(
    account: Account, run: Run, portfolio: Portfolio, seat_prices: Sequence[SeatPriceShock] = ()
) -> Iterator[Charge]:
    """The charges of an account of a portfolio in its first draw, in the months of the portfolio's horizon.

    ``run``: of the account's scenario in that draw alone, with ``until=portfolio.end``, as if every renewal happened;
    ``seat_prices``: the portfolio's shocks in that draw.
    """
    decided = renewals_of(account, run, portfolio, range(1))
    return charges(history(run, last_terms(decided), seat_prices), Grid(portfolio.start, portfolio.months))
