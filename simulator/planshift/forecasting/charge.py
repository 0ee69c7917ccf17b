"""A contract's charges read off its history once, and how charges are numbered and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from planshift.billing.charges import IN_ARREARS, SEAT_ADDITION, SEAT_CREDIT, SEAT_FEE, Arrears, Kind, SeatCharge
from planshift.billing.seats import seat_charge
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.forecasting.history import History, TermHeld, Which
from planshift.forecasting.result import Cents

YEAR = 12


@dataclass(frozen=True)
class BookedSeats:
    """A charge for seats (Rulebook S1, S2, R3) over the draws of a forecast.

    ``cents`` (draws,): what is charged in the draws in which the contract comes to the term, 0 in the others;
    ``yearly`` (draws,): what the same seats would cost a year, whether it does or not. ``priced``: the number of the
    term whose prices hold.
    """

    made: SeatCharge
    priced: int
    cents: Cents
    yearly: Cents

    @property
    def term(self) -> int:
        """The number of the contract's term in which it is made."""
        return self.made.terms_ended

    @property
    def plan(self) -> str:
        """The plan that charges it."""
        return self.made.plan

    @property
    def kind(self) -> Kind:
        """What kind of charge it is."""
        return self.made.kind

    @cached_property
    def day(self) -> int:
        """The day of the invoice (an ordinal), and the first that is paid for or given back."""
        return self.made.day.toordinal()

    @cached_property
    def until(self) -> int:
        """The day after the last that is paid for or given back (an ordinal)."""
        return self.made.until.toordinal()


@dataclass(frozen=True)
class UsagePeriods:
    """What is charged in arrears, in columns: the charges, the days on which they are invoiced (ordinals), and in the
    draws in which the contract comes to them cents, and nano-dollars of usage, of shape (charges, draws)."""

    charges: tuple[Arrears, ...]
    untils: tuple[int, ...]
    cents: Cents
    nanos: Nanos

    @property
    def plans(self) -> tuple[str, ...]:
        """The plans that charge them."""
        return tuple(charge.plan for charge in self.charges)


@dataclass(frozen=True)
class Held:
    """Seats held from a day (an ordinal) on, in the draws in which the contract comes to the ``term``."""

    since: int
    term: int
    plan: str
    seats: int


def booked_seats(history: History) -> list[BookedSeats]:
    """Every charge for seats, also those of before the run's first day (Rulebook H1), in the order of invoices."""
    ledger = history.ledger
    return [_booked(made, history) for made in (*ledger.opening, *ledger.charges) if isinstance(made, SeatCharge)]


def _booked(made: SeatCharge, history: History) -> BookedSeats:
    # What is given back is given back at the prices of the term that is left.
    priced = made.terms_ended - (made.kind == SEAT_CREDIT)
    held = history.terms[priced]
    cents = held.price.of(int(made.cents[0])) * history.reaches(made.terms_ended)
    return BookedSeats(made, priced, cents, held.price.of(_yearly(made, held)))


def _yearly(made: SeatCharge, held: TermHeld) -> int:
    """What the seats of a charge cost a year at its price, cents; nothing where they are given back."""
    if made.kind == SEAT_CREDIT:
        return 0
    if made.kind == SEAT_FEE and held.term.months == YEAR:
        return int(made.cents[0])
    return seat_charge(made.seats, Fraction(made.price), Fraction(YEAR))


def usage_periods(history: History) -> UsagePeriods:
    """All that is charged after periods of usage in arrears, cut off where the contract ends.

    A contract that ends inside a period is charged for its part of it on the day on which it ends (Rulebook A2).
    """
    found: list[tuple[Arrears, Which]] = []
    turns = list(enumerate(history.turns))
    for charge in history.ledger.charges:
        if not isinstance(charge, Arrears):
            continue
        while turns and turns[0][1].day < charge.until:
            number, turn = turns.pop(0)
            if charge.first < turn.day:
                found += [(closing, history.churns_at(number)) for closing in turn.closing]
        before = sum(turn.day < charge.until for turn in history.turns)
        found.append((charge, history.reaches(before)))
    shape = len(found), history.draws
    there = np.array([which for _, which in found], dtype=np.bool_).reshape(shape)
    cents = np.array([charge.cents for charge, _ in found], dtype=np.int64).reshape(shape)
    nanos = np.array([charge.billed.sum(axis=1) for charge, _ in found], dtype=np.int64).reshape(shape)
    charges = tuple(charge for charge, _ in found)
    return UsagePeriods(charges, tuple(charge.until.toordinal() for charge in charges), cents * there, nanos * there)


def seats_held(history: History, charges: Sequence[BookedSeats]) -> list[Held]:
    """Seats from day to day, in the order of days, also those of before the run's first day."""
    first, start = history.terms[0], history.ledger.start.toordinal()
    before = sum(charge.made.seats for charge in charges if charge.day < start)
    found = [Held(first.term.start.toordinal(), 0, first.terms.plan.id, before)] if before else []
    for phase in history.ledger.phases:
        number = sum(turn.day <= phase.since for turn in history.turns)
        found.append(Held(phase.since.toordinal(), number, phase.terms.plan.id, sum(phase.seats.held.values())))
    return found


SEAT_USE = "seat_use"
SEAT_UNUSED = "seat_unused"
SEAT_CARRIED = "seat_carried"
CREDIT_PURCHASE = "credit_purchase"
CREDIT_USE = "credit_use"
CREDIT_EXPIRY = "credit_expiry"
KINDS = (
    SEAT_FEE.name, SEAT_ADDITION.name, SEAT_CREDIT.name, SEAT_USE, SEAT_UNUSED, SEAT_CARRIED,
    CREDIT_PURCHASE, CREDIT_USE, CREDIT_EXPIRY, *(kind.name for kind in IN_ARREARS),
)  # fmt: skip
"""Every kind of charge."""


PAR = Decimal(1)
"""Dollars for a credit, and for a dollar of usage at list price."""
_PLACES = 9
_WHOLE = 10**_PLACES
_EXACT = Context(prec=60)
_STATEMENT = "M"


@dataclass(frozen=True)
class Charge:
    """One charge of an account.

    ``first`` to ``until`` (not itself): what it is for; ``invoiced``: the day of its invoice; ``invoice``: the
    account's number of it, for what is billed no more that of the month's statement; ``purchase``: the invoice that
    paid for it. ``earned``: the first day of the month in which ``effective`` is earned, None where a purchase covers
    what comes later. ``quantity`` in seat-months, credits, or dollars of usage at list price, up to nine decimals, at
    ``list_price`` and ``price`` (the contract's), dollars; ``billed`` and ``effective``: cents.
    """

    kind: str
    terms: Terms
    seat_type: str
    first: date
    until: date
    invoiced: date
    invoice: str
    purchase: str
    earned: date | None
    quantity: Decimal
    list_price: Decimal
    price: Decimal
    billed: int
    effective: int

    @property
    def bought(self) -> bool:
        """Is it a purchase, or money given back of one?"""
        return self.earned is None


def decimal(value: Fraction | Decimal | int) -> Decimal:
    """A number with nine decimals, half up; a negative one is the mirror of its positive."""
    exact = Fraction(value) * _WHOLE
    nanos = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(-nanos if exact < 0 else nanos).scaleb(-_PLACES, _EXACT)


def number_of(day: date, of: str) -> str:
    """The number of an invoice among the account's: its day, and what it is of."""
    return f"{day:%Y%m%d}-{of}"


def statement(month: date) -> str:
    """The number of the statement of what a month used of what was paid before; it asks for nothing."""
    return f"{month:%Y%m}-{_STATEMENT}"


def covered(made: Charge, kind: str, first: int, until: int, month: date, quantity: Decimal, cents: int) -> Charge:
    """What is earned in a month of something that was paid before."""
    return replace(
        made,
        kind=kind,
        first=date.fromordinal(first),
        until=date.fromordinal(until),
        invoiced=month,
        invoice=statement(month),
        earned=month,
        quantity=quantity,
        billed=0,
        effective=cents,
    )
