"""What happens to money under one contract, read off its history once: seats charged and held, usage in arrears."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planshift.billing.invoices import (
    SEAT_CREDIT,
    SEAT_FEE,
    InvoiceLine,
    SeatInvoice,
    UsageInvoice,
    charged_before,
)
from planshift.billing.money import all_to_cents
from planshift.billing.seats import seat_charge
from planshift.billing.sharing import Nanos
from planshift.forecasting.history import History, TermHeld
from planshift.forecasting.measures import Cents
from planshift.forecasting.renewal_draws import Which

YEAR = 12


@dataclass(frozen=True)
class SeatCharge:
    """A line of an invoice for seats (Rulebook S1, S2, R3), made in a ``term`` of the contract, by number.

    ``day`` to ``until`` (ordinals): what it pays for, or gives back; ``cents`` (draws,): what is charged in the draws
    in which the contract comes to the term, 0 in the others; ``yearly`` (draws,): what the same seats would cost a
    year, whether it does or not. ``priced``: the number of the term whose prices hold; ``price`` a month,
    for how many ``months``, and the day on which what is given back was ``charged``, else ``day``.
    """

    term: int
    plan: str
    kind: str
    day: int
    until: int
    seats: int
    cents: Cents
    yearly: Cents
    seat_type: str
    priced: int
    price: Fraction
    months: Fraction
    charged: int


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


def seat_charges(history: History) -> list[SeatCharge]:
    """Every line for seats, also those of before the run's first day (Rulebook H1), in the order of invoices."""
    scenario = history.run.scenario
    before = charged_before(scenario.contract, scenario.events, history.ledger.start)
    charges = [_charge(line, 0, 0, history) for line in before]
    for number, invoice in history.invoices:
        for line in invoice.lines if isinstance(invoice, SeatInvoice) else ():
            # What is given back is given back at the prices of the term that is left.
            priced = number - 1 if line.kind == SEAT_CREDIT else number
            charges.append(_charge(line, number, priced, history))
    return charges


def _charge(line: InvoiceLine, number: int, priced: int, history: History) -> SeatCharge:
    """A line made in the term of a number, at the prices of another one, or the same."""
    held = history.terms[priced]
    return SeatCharge(
        term=number,
        plan=line.plan,
        kind=line.kind,
        day=line.day.toordinal(),
        until=held.term.renewal.toordinal(),
        seats=line.quantity or 0,
        cents=held.price.of(line.cents) * history.comes_to(number),
        yearly=held.price.of(_yearly(line, held)),
        seat_type=line.seat_type,
        priced=priced,
        price=Fraction(line.price),
        months=line.months,
        charged=(line.charged or line.day).toordinal(),
    )


def _yearly(line: InvoiceLine, held: TermHeld) -> int:
    """What the seats of a line cost a year at its price, cents; nothing where they are given back."""
    if line.kind == SEAT_CREDIT:
        return 0
    if line.kind == SEAT_FEE and held.term.months == YEAR:
        return line.cents
    return seat_charge(line.quantity or 0, Fraction(line.price), Fraction(YEAR))


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
    for _, invoice in history.invoices:
        if not isinstance(invoice, UsageInvoice):
            continue
        first, until = invoice.first.toordinal(), invoice.last.toordinal() + 1
        crossed = [number for number, day in enumerate(days) if first < day < until]
        plans += [invoice.plan] * (len(crossed) + 1)
        untils += [*(days[number] for number in crossed), until]
        firsts += [first] * (len(crossed) + 1)
        nanos += [*(history.turns[number].spent for number in crossed), invoice.billed.sum(axis=1)]
        there += [history.ends_with(number) for number in crossed]
        there.append(history.comes_to(bisect_left(days, until)))
    shape = len(plans), history.draws
    amounts = np.array(nanos, dtype=np.int64).reshape(shape) * np.array(there, dtype=np.bool_).reshape(shape)
    return UsagePeriods(tuple(plans), tuple(untils), all_to_cents(amounts), tuple(firsts), amounts)


def seats_held(history: History, charges: Sequence[SeatCharge]) -> list[Held]:
    """Seats from day to day, in the order of days, also those of before the run's first day."""
    first, start = history.terms[0], history.ledger.start.toordinal()
    before = sum(charge.seats for charge in charges if charge.day < start)
    found = [Held(first.term.start.toordinal(), 0, first.terms.plan.id, before)] if before else []
    for phase in history.ledger.phases:
        number = sum(turn.day <= phase.since for turn in history.turns)
        found.append(Held(phase.since.toordinal(), number, phase.terms.plan.id, sum(phase.seats.held.values())))
    return found
