"""Invoices: what is charged, on which day, in lines that add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.billing.contract import AddSeats, Contract, Event
from planshift.billing.credits import Purchases
from planshift.billing.money import CENT, NANO, all_to_cents, cents_text, nano_text, short_text, to_cents
from planshift.billing.schedule import Term
from planshift.billing.seats import rest_of_term, seat_charge
from planshift.billing.sharing import Nanos, largest_remainder
from planshift.billing.terms import Terms

SEAT_FEE = "seat_fee"
SEAT_ADDITION = "seat_addition"
SEAT_CREDIT = "seat_credit"
CREDIT_PURCHASE = "credit_purchase"
USAGE = "usage"

PURCHASE_RULES = {
    "initial": ("C2; credits.initial", "Credits bought at the start"),
    "by_date": ("C2; buy_credits", "Credits bought on this date"),
    "when_exhausted": ("C2; credits.when_exhausted", "Credits bought after running out"),
    "auto_reload": ("C2; credits.auto_reload", "Credits bought by auto reload"),
}


class InvoiceLine(NamedTuple):
    """One line of an invoice; ``cents`` is whole cents, negative for a credit, ``unit_price`` dollars a unit of
    quantity. For seats ``price`` is what one costs a month, for how many ``months``; what gives a charge back names the
    day on which that was ``charged``."""

    day: date
    plan: str
    kind: str
    line: int
    cents: int
    user_id: str = ""
    seat_type: str = ""
    quantity: int | None = None
    unit_price: str = ""
    description: str = ""
    rule: str = ""
    price: Decimal = Decimal(0)
    months: Fraction = Fraction(0)
    charged: date | None = None

    @property
    def amount(self) -> Decimal:
        """The amount in dollars, two decimals."""
        return Decimal(self.cents).scaleb(-2)


@dataclass(frozen=True)
class SeatInvoice:
    """An invoice for seats, the same in every draw: a line a seat type."""

    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True)
class CreditInvoice:
    """A purchase of credits in one draw, an invoice of its own (Rulebook C1): ``amount`` in nano-dollars."""

    plan: str
    day: date
    amount: int
    reason: str


@dataclass(frozen=True)
class CreditInvoices:
    """Credits bought on a day in all draws: an invoice for each time in each draw."""

    plan: str
    purchases: Purchases

    def of(self, draw: int) -> list[CreditInvoice]:
        """The invoices of one draw."""
        bought = self.purchases
        return [CreditInvoice(self.plan, bought.day, bought.amount, bought.reason) for _ in range(bought.times[draw])]


@dataclass(frozen=True)
class UsageInvoice:
    """What a usage period's invoice is made of: ``billed`` nano-dollars of shape (draws, members) (Rulebook A1)."""

    day: date
    plan: str
    first: date
    last: date
    billed: Nanos


Invoice: TypeAlias = SeatInvoice | CreditInvoice | UsageInvoice
DrawnInvoice: TypeAlias = SeatInvoice | CreditInvoices | UsageInvoice


def seat_invoice(kind: str, terms: Terms, seats: Mapping[str, int], term: Term, day: date) -> SeatInvoice:
    """The charge for seats on a day: the whole term (S1), or the rest of it (S2).

    amount = seats × price a month × months, each line rounded half up to the cent

    ``seats``: by type; types without seats get no line.
    """
    months = Fraction(term.months) if kind == SEAT_FEE else rest_of_term(terms.proration(day).value, term, day)
    bought = [
        _Seats(seat, seats[seat], Decimal(terms.seat_price(seat, day).value), months)
        for seat in terms.plan.seat_types
        if seats.get(seat)
    ]
    return _seat_lines(kind, terms, term, day, bought)


def seat_credit(charged: Iterable[InvoiceLine], terms: Terms, term: Term, day: date) -> SeatInvoice:
    """What the charges of a term give back on the day of an early move, a line each (Rulebook R3).

    amount = −seats × price × months: the price that was charged and the months that are left, never more than were
    charged
    """
    left = rest_of_term(terms.proration(day).value, term, day)
    given_back = [
        _Seats(
            line.seat_type,
            line.quantity or 0,
            terms.credit_price(line.seat_type, line.price, day),
            min(left, line.months),
            line.day,
        )
        for line in charged
    ]
    return _seat_lines(SEAT_CREDIT, terms, term, day, given_back)


def charged_before(contract: Contract, events: Iterable[Event], start: date) -> tuple[InvoiceLine, ...]:
    """What was charged for seats in the contract's term before a run's first day (Rulebook H1)."""
    terms, term = Terms.of(contract), contract.term
    lines: tuple[InvoiceLine, ...] = ()
    if term.start < start:
        lines = seat_invoice(SEAT_FEE, terms, contract.seats, term, term.start).lines
    for event in events:
        if event.day < start and isinstance(event.action, AddSeats):
            lines += seat_invoice(SEAT_ADDITION, terms, event.action.seats, term, event.day).lines
    return lines


@dataclass(frozen=True)
class _Seats:
    """Seats of a type for some months at a price a month, dollars; given back: of the charge of which day."""

    seat: str
    number: int
    price: Decimal
    months: Fraction
    charged: date | None = None


_SEAT_RULES = {
    SEAT_FEE: "S1; seats.{seat}.price_usd_per_month",
    SEAT_ADDITION: "S2; seats.{seat}.price_usd_per_month; proration",
    SEAT_CREDIT: "R3, S2; early_migration.credit; early_migration.credit_basis; proration",
}


def _seat_lines(kind: str, terms: Terms, term: Term, day: date, seats: Iterable[_Seats]) -> SeatInvoice:
    return SeatInvoice(tuple(_seat_line(kind, terms, term, day, of, line) for line, of in enumerate(seats, start=1)))


def _seat_line(kind: str, terms: Terms, term: Term, day: date, of: _Seats, line: int) -> InvoiceLine:
    sign, price, months = -1 if kind == SEAT_CREDIT else 1, of.price, of.months
    counted = f"{months.numerator}" if months.denominator == 1 else f"{float(months):.6f}"
    given_back = f", of what was charged on {of.charged}" if of.charged else ""
    return InvoiceLine(
        day=day,
        plan=terms.plan.id,
        kind=kind,
        line=line,
        cents=sign * seat_charge(of.number, Fraction(price), months),
        seat_type=of.seat,
        quantity=of.number,
        unit_price=short_text(round(sign * Fraction(price) * months * NANO)),
        description=f"{terms.plan.seat_titles[of.seat]}: {of.number} x {float(price):,.2f} USD a month"
        f" x {counted} months, to {term.renewal}{given_back}",
        rule=_SEAT_RULES[kind].format(seat=of.seat),
        price=price,
        months=months,
        charged=of.charged,
    )


def invoices_of(invoices: Iterable[DrawnInvoice], draw: int = 0) -> Iterator[Invoice]:
    """Every invoice of one draw, in the order in which things happened."""
    for invoice in invoices:
        if isinstance(invoice, CreditInvoices):
            yield from invoice.of(draw)
        else:
            yield invoice


@dataclass(frozen=True)
class Charge:
    """What an invoice charges in each draw: cents of shape (draws,), or the same in all of them."""

    day: date
    plan: str
    kind: str
    cents: npt.NDArray[np.int64] | int


def charged(invoice: DrawnInvoice) -> Iterator[Charge]:
    """What an invoice charges: its seat lines one by one, its other lines together; nothing where it has no lines."""
    if isinstance(invoice, SeatInvoice):
        for line in invoice.lines:
            yield Charge(line.day, line.plan, line.kind, line.cents)
    elif isinstance(invoice, CreditInvoices):
        bought = invoice.purchases
        yield Charge(bought.day, invoice.plan, CREDIT_PURCHASE, bought.times * to_cents(bought.amount))
    elif invoice.billed.any():
        yield Charge(invoice.day, invoice.plan, USAGE, all_to_cents(invoice.billed.sum(axis=1)))


def invoice_lines(invoices: Iterable[Invoice], members: Sequence[str], draw: int = 0) -> Iterator[InvoiceLine]:
    """Every line of one draw's invoices."""
    for invoice in invoices:
        if isinstance(invoice, SeatInvoice):
            yield from invoice.lines
        elif isinstance(invoice, CreditInvoice):
            yield _credit_line(invoice)
        else:
            yield from usage_lines(invoice, members, draw)


def _credit_line(invoice: CreditInvoice) -> InvoiceLine:
    rule, description = PURCHASE_RULES[invoice.reason]
    cents = to_cents(invoice.amount)
    return InvoiceLine(
        day=invoice.day,
        plan=invoice.plan,
        kind=CREDIT_PURCHASE,
        line=1,
        cents=cents,
        quantity=1,
        unit_price=cents_text(cents),
        description=description,
        rule=rule,
    )


def usage_lines(invoice: UsageInvoice, members: Sequence[str], draw: int) -> Iterator[InvoiceLine]:
    """A line for every member with billed usage: the exact sum rounded once, shared by largest remainder (A1)."""
    billed = invoice.billed[draw]
    users = np.flatnonzero(billed)
    if not len(users):
        return
    total = to_cents(int(billed.sum()))
    floors, remainders = np.divmod(billed[users], CENT)
    cents = largest_remainder(floors, remainders, total)
    used = f"Usage {invoice.first} to {invoice.last}"
    for line, (user, amount, nanos) in enumerate(
        zip(users.tolist(), cents.tolist(), billed[users].tolist(), strict=True), start=1
    ):
        yield InvoiceLine(
            day=invoice.day,
            plan=invoice.plan,
            kind=USAGE,
            line=line,
            cents=amount,
            user_id=members[user],
            description=f"{used}: {nano_text(nanos)} USD metered and billed",
            rule="A1, U1; usage_period",
        )
