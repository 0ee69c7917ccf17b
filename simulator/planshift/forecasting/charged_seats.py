"""Charges for seats: what is bought of them, and what is earned of that month by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from planshift.billing.charges import SEAT_CREDIT
from planshift.billing.schedule import month_of
from planshift.billing.terms import Terms
from planshift.forecasting.charge import SEAT_CARRIED, SEAT_UNUSED, SEAT_USE, Charge, covered, decimal, number_of
from planshift.forecasting.events import BookedSeats, booked_seats
from planshift.forecasting.history import Grid, History
from planshift.forecasting.recognition import spread_by_day

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
