"""What happens to money under one contract, read off its history once: seats charged and held, usage in arrears."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from planshift.billing.charges import SEAT_CREDIT, SEAT_FEE, Kind, SeatCharge, UsageCharge
from planshift.billing.money import all_to_cents
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
    """Usage in arrears in columns: the plan, the day after the last (an ordinal), on which it is invoiced, and cents of
    shape (periods, draws); the first day, and the same amounts in nano-dollars."""

    plans: tuple[str, ...]
    untils: tuple[int, ...]
    cents: Cents
    firsts: tuple[int, ...]
    nanos: Nanos


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
    cents = held.price.of(int(made.cents[0])) * history.comes_to(made.terms_ended)
    return BookedSeats(made, priced, cents, held.price.of(_yearly(made, held)))


def _yearly(made: SeatCharge, held: TermHeld) -> int:
    """What the seats of a charge cost a year at its price, cents; nothing where they are given back."""
    if made.kind is SEAT_CREDIT:
        return 0
    if made.kind is SEAT_FEE and held.term.months == YEAR:
        return int(made.cents[0])
    return seat_charge(made.seats, Fraction(made.price), Fraction(YEAR))


def usage_periods(history: History) -> UsagePeriods:
    """Every period of usage in arrears, cut off where the contract ends.

    A contract that ends inside a period is invoiced for its part of it on the day on which it ends (Rulebook A2).
    """
    days = [turn.day.toordinal() for turn in history.turns]
    plans: list[str] = []
    untils: list[int] = []
    firsts: list[int] = []
    nanos: list[Nanos] = []
    there: list[Which] = []
    for charge in history.ledger.charges:
        if not isinstance(charge, UsageCharge):
            continue
        first, until = charge.first.toordinal(), charge.until.toordinal()
        crossed = [number for number, day in enumerate(days) if first < day < until]
        closing = [one for number in crossed for one in history.turns[number].closing if isinstance(one, UsageCharge)]
        plans += [charge.plan] * (len(crossed) + 1)
        untils += [*(days[number] for number in crossed), until]
        firsts += [first] * (len(crossed) + 1)
        nanos += [one.billed.sum(axis=1) for one in (*closing, charge)]
        there += [history.ends_with(number) for number in crossed]
        there.append(history.comes_to(bisect_left(days, until)))
    shape = len(plans), history.draws
    amounts = np.array(nanos, dtype=np.int64).reshape(shape) * np.array(there, dtype=np.bool_).reshape(shape)
    return UsagePeriods(tuple(plans), tuple(untils), all_to_cents(amounts), tuple(firsts), amounts)


def seats_held(history: History, charges: Sequence[BookedSeats]) -> list[Held]:
    """Seats from day to day, in the order of days, also those of before the run's first day."""
    first, start = history.terms[0], history.ledger.start.toordinal()
    before = sum(charge.made.seats for charge in charges if charge.day < start)
    found = [Held(first.term.start.toordinal(), 0, first.terms.plan.id, before)] if before else []
    for phase in history.ledger.phases:
        number = sum(turn.day <= phase.since for turn in history.turns)
        found.append(Held(phase.since.toordinal(), number, phase.terms.plan.id, sum(phase.seats.held.values())))
    return found
