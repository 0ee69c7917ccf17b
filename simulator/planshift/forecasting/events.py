"""What happens to money under one contract, read off its history once: seats charged and held, usage in arrears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from planshift.billing.charges import SEAT_CREDIT, SEAT_FEE, Arrears, Kind, SeatCharge
from planshift.billing.seats import seat_charge
from planshift.billing.sharing import Nanos
from planshift.forecasting.history import History, TermHeld
from planshift.forecasting.measures import Cents
from planshift.forecasting.renewal_draws import Which

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
    priced = made.terms_ended - (made.kind is SEAT_CREDIT)
    held = history.terms[priced]
    cents = held.price.of(int(made.cents[0])) * history.reaches(made.terms_ended)
    return BookedSeats(made, priced, cents, held.price.of(_yearly(made, held)))


def _yearly(made: SeatCharge, held: TermHeld) -> int:
    """What the seats of a charge cost a year at its price, cents; nothing where they are given back."""
    if made.kind is SEAT_CREDIT:
        return 0
    if made.kind is SEAT_FEE and held.term.months == YEAR:
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
