"""Charges: whatever is owed or given back, the days that it pays for, why, and its lines on an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.billing.blocks import over_draws
from planshift.billing.credits import Purchases
from planshift.billing.money import CENT, NANO, all_to_cents, cents_text, nano_text, short_text, to_cents
from planshift.billing.schedule import Term
from planshift.billing.seats import rest_of_term, seat_charge
from planshift.billing.sharing import Nanos, largest_remainder
from planshift.billing.terms import CONTRACT, Terms
from planshift.plans.plan import Sourced

Cents = npt.NDArray[np.int64]
Quantity: TypeAlias = int | Decimal | Fraction | date


@dataclass(frozen=True)
class Kind:
    """A kind of charge: its ``name`` in invoices.csv, the ``column`` of months.csv and the ``measure`` of a forecast
    that it adds to, its ``rule``, what it is called and what it is ``of``, in words.

    ``by_day``: it accrues day by day over the days that it pays for; else nothing accrues but the usage that it is for,
    as that is metered.
    """

    name: str
    column: str
    measure: str
    by_day: bool
    rule: str
    title: str
    of: str


SEAT_FEE = Kind("seat_fee", "seat_fees", "seats", True, "S1", "Seat fees", "seats of the term, charged at its start")
SEAT_ADDITION = Kind(
    "seat_addition", "seat_additions", "seats", True, "S2", "Seats added", "seats added for the rest of the term"
)
SEAT_CREDIT = Kind(
    "seat_credit",
    "seat_additions",
    "seats",
    True,
    "R3, S2",
    "Seats credited",
    "seats given back for the rest of the term",
)
CREDIT_PURCHASE = Kind(
    "credit_purchase", "credit_purchases", "credits", False, "C1, C2", "Credits bought", "credits bought"
)
USAGE = Kind("usage", "usage_invoiced", "usage", False, "A1, A2", "Usage", "usage in arrears")
USAGE_MINIMUM = Kind(
    "usage_minimum", "usage_invoiced", "usage", True, "A3", "Minimum of usage", "what usage lacks to the minimum agreed"
)

KINDS = {kind.name: kind for kind in (SEAT_FEE, SEAT_ADDITION, SEAT_CREDIT, CREDIT_PURCHASE, USAGE, USAGE_MINIMUM)}
"""Every kind of charge, by its name."""
IN_ARREARS = tuple(kind for kind in KINDS.values() if kind.measure == "usage")
"""What is charged after usage periods."""
COLUMNS = tuple(dict.fromkeys(kind.column for kind in KINDS.values()))
"""What months.csv adds charges up to."""


@dataclass(frozen=True)
class Reason:
    """Why something is charged: the ``rules``, the ``values`` of the plan or contract that decided, by path, each with
    where it stands, and the ``quantities``. ``further`` values had a part too; the invoice does not cite them."""

    rules: tuple[str, ...]
    values: Mapping[str, Sourced]
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    further: Mapping[str, Sourced] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Rules and values as invoices cite them: ``S2; seats.standard.price_usd_per_month; proration``."""
        return "; ".join((", ".join(self.rules), *self.values))


class InvoiceLine(NamedTuple):
    """One line of an invoice; ``cents`` is whole cents, negative for a credit, ``unit_price`` dollars a unit of
    quantity."""

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

    @property
    def amount(self) -> Decimal:
        """The amount in dollars, two decimals."""
        return Decimal(self.cents).scaleb(-2)


@dataclass(frozen=True, eq=False)
class Charge:
    """What is charged on a day, or given back, under the ``terms`` and in the ``term`` in force when it is earned.

    ``first`` up to, not including, ``until``: the days that it pays for. ``cents``: shape (draws,), or (1,) where it is
    the same in every draw. ``terms_ended``: how many terms had ended in the run when it was made.
    """

    day: date
    terms: Terms
    term: Term
    kind: Kind
    first: date
    until: date
    cents: Cents = field(metadata=over_draws(0))
    reason: Reason
    terms_ended: int

    @property
    def plan(self) -> str:
        """The id of the plan that charges it."""
        return self.terms.plan.id

    @property
    def nothing(self) -> bool:
        """Is there no line for it in any draw?"""
        return not self.cents.any()

    def of(self, draw: int) -> Iterator[Charge]:
        """The charges of one draw, each on an invoice by itself or with others."""
        yield self if len(self.cents) == 1 else replace(self, cents=self.cents[draw : draw + 1])

    def lines(self) -> Iterator[InvoiceLine]:
        """The lines on its invoice, of a charge of one draw."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class SeatCharge(Charge):
    """Seats of a type, the same in every draw: ``seats`` × ``price`` a month × ``months`` (Rulebook S1, S2, R3).

    ``line``: its number on the invoice; what gives a charge back names the day on which that was ``charged``.
    """

    line: int
    seat_type: str
    seats: int
    price: Decimal
    months: Fraction
    charged: date | None = None

    @property
    def nothing(self) -> bool:
        """Seats have a line even if they cost nothing."""
        return False

    def lines(self) -> Iterator[InvoiceLine]:
        """A single line."""
        sign, months = -1 if self.kind == SEAT_CREDIT else 1, self.months
        counted = f"{months.numerator}" if months.denominator == 1 else f"{float(months):.6f}"
        given_back = f", of what was charged on {self.charged}" if self.charged else ""
        yield InvoiceLine(
            day=self.day,
            plan=self.plan,
            kind=self.kind.name,
            line=self.line,
            cents=int(self.cents[0]),
            seat_type=self.seat_type,
            quantity=self.seats,
            unit_price=short_text(round(sign * Fraction(self.price) * months * NANO)),
            description=f"{self.terms.plan.seat_titles[self.seat_type]}: {self.seats} x {float(self.price):,.2f} USD a"
            f" month x {counted} months, to {self.until}{given_back}",
            rule=self.reason.text,
        )


@dataclass(frozen=True, eq=False)
class CreditCharge(Charge):
    """Credits bought on a day, an invoice for each time (Rulebook C1); to be used until they are gone."""

    purchases: Purchases

    @property
    def amount(self) -> int:
        """What is bought each time, nano-dollars."""
        return self.purchases.amount

    def of(self, draw: int) -> Iterator[CreditCharge]:
        """The purchases of one draw, one by one."""
        once = self.with_times(np.ones(1, dtype=np.int64))
        yield from (replace(once) for _ in range(self.purchases.times[draw]))

    def lines(self) -> Iterator[InvoiceLine]:
        """A single line."""
        yield InvoiceLine(
            day=self.day,
            plan=self.plan,
            kind=self.kind.name,
            line=1,
            cents=int(self.cents[0]),
            quantity=1,
            unit_price=cents_text(int(self.cents[0])),
            description=OCCASIONS[self.purchases.occasion],
            rule=self.reason.text,
        )

    def with_times(self, times: npt.NDArray[np.int64]) -> CreditCharge:
        """The same credits, bought so many times in each draw."""
        return replace(self, purchases=replace(self.purchases, times=times), cents=times * to_cents(self.amount))


@dataclass(frozen=True, eq=False)
class Arrears(Charge):
    """What is charged on the day after a usage period: ``billed`` nano-dollars of usage, shape (draws, members)."""

    billed: Nanos = field(metadata=over_draws(0))
    members: tuple[str, ...]

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.until - timedelta(days=1)

    def of(self, draw: int) -> Iterator[Arrears]:
        """The charge of one draw."""
        yield self.with_usage(self.billed[draw : draw + 1])

    def with_usage(self, billed: Nanos) -> Arrears:
        """The same charge where other usage was billed in its days."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class UsageCharge(Arrears):
    """The usage of the period itself (Rulebook A1)."""

    @property
    def nothing(self) -> bool:
        """Usage has lines even if it comes to less than half a cent."""
        return not self.billed.any()

    def lines(self) -> Iterator[InvoiceLine]:
        """A line for every member with billed usage: the exact sum rounded once, shared by largest remainder (A1)."""
        billed = self.billed[0]
        users = np.flatnonzero(billed)
        if not len(users):
            return
        floors, remainders = np.divmod(billed[users], CENT)
        cents = largest_remainder(floors, remainders, int(self.cents[0]))
        used, rule, plan, kind = f"Usage {self.first} to {self.last}", self.reason.text, self.plan, self.kind.name
        rows = zip(users.tolist(), cents.tolist(), billed[users].tolist(), strict=True)
        for line, (user, amount, nanos) in enumerate(rows, start=1):
            yield InvoiceLine(
                day=self.day,
                plan=plan,
                kind=kind,
                line=line,
                cents=amount,
                user_id=self.members[user],
                description=f"{used}: {nano_text(nanos)} USD metered and billed",
                rule=rule,
            )

    def with_usage(self, billed: Nanos) -> UsageCharge:
        """The same charge for other usage: the exact sum of a draw, rounded half up to the cent once."""
        return replace(self, billed=billed, cents=all_to_cents(billed.sum(axis=1)))


def seat_charges(
    kind: Kind, terms: Terms, seats: Mapping[str, int], term: Term, day: date, terms_ended: int = 0
) -> tuple[SeatCharge, ...]:
    """The charges for seats on a day, one a type: of the whole term (S1), or of the rest of it (S2).

    amount = seats × price a month × months, each rounded half up to the cent

    ``seats``: by type; types without seats are not charged.
    """
    proration = terms.proration(day)
    months = Fraction(term.months) if kind == SEAT_FEE else rest_of_term(proration.value, term, day)
    found: list[SeatCharge] = []
    for seat in terms.plan.seat_types:
        if not seats.get(seat):
            continue
        price, path = terms.seat_price(seat, day), f"seats.{seat}.price_usd_per_month"
        if kind == SEAT_FEE:
            further = {"term_months": terms.plan.on("term_months", day)}
            reason = Reason(("S1",), {path: price}, {"seats": seats[seat], "months": months}, further)
        else:
            values = {path: price, "proration": proration}
            reason = Reason(("S2",), values, {"seats": seats[seat], "months": months})
        charge = SeatCharge(
            day=day,
            terms=terms,
            term=term,
            kind=kind,
            first=day,
            until=term.renewal,
            cents=np.array([seat_charge(seats[seat], Fraction(price.value), months)]),
            reason=reason,
            terms_ended=terms_ended,
            line=len(found) + 1,
            seat_type=seat,
            seats=seats[seat],
            price=Decimal(price.value),
            months=months,
        )
        found.append(charge)
    return tuple(found)


def seat_credits(
    charged: Iterable[SeatCharge], terms: Terms, day: date, credit: Sourced, terms_ended: int
) -> Iterator[SeatCharge]:
    """What the charges of a term give back on the day of an early move, one each (Rulebook R3).

    amount = −seats × price × months: the price that was charged and the months that are left, never more than were
    charged
    """
    proration = terms.proration(day)
    values = {
        "early_migration.credit": credit,
        "early_migration.credit_basis": terms.credit_basis(day),
        "proration": proration,
    }
    for line, one in enumerate(charged, start=1):
        price = terms.credit_price(one.seat_type, one.price, day)
        months = min(rest_of_term(proration.value, one.term, day), one.months)
        quantities: dict[str, Quantity] = {"seats": one.seats, "price": price, "months": months, "charged": one.day}
        yield replace(
            one,
            day=day,
            kind=SEAT_CREDIT,
            first=day,
            cents=-np.array([seat_charge(one.seats, Fraction(price), months)]),
            reason=Reason(("R3", "S2"), values, quantities),
            terms_ended=terms_ended,
            line=line,
            price=price,
            months=months,
            charged=one.day,
        )


OCCASIONS = {
    "initial": "Credits bought at the start",
    "by_date": "Credits bought on this date",
    "when_exhausted": "Credits bought after running out",
    "auto_reload": "Credits bought by auto reload",
}
"""On what occasion credits are bought, in the words of an invoice."""


def credit_charge(terms: Terms, term: Term, purchases: Purchases, terms_ended: int) -> CreditCharge:
    """The charge for credits bought on a day (Rulebook C1, C2)."""
    said = "buy_credits" if purchases.occasion == "by_date" else f"credits.{purchases.occasion}"
    return CreditCharge(
        day=purchases.day,
        terms=terms,
        term=term,
        kind=CREDIT_PURCHASE,
        first=purchases.day,
        until=purchases.expires or date.max,
        cents=purchases.times * to_cents(purchases.amount),
        reason=Reason(("C2",), {said: Sourced(purchases.amount, reference=CONTRACT)}),
        terms_ended=terms_ended,
        purchases=purchases,
    )


def usage_charge(
    terms: Terms, term: Term, first: date, day: date, billed: Nanos, members: tuple[str, ...], terms_ended: int
) -> UsageCharge:
    """The charge on the day after a usage period in arrears, from its ``first`` day on (Rulebook A1)."""
    return UsageCharge(
        day=day,
        terms=terms,
        term=term,
        kind=USAGE,
        first=first,
        until=day,
        cents=all_to_cents(billed.sum(axis=1)),
        reason=Reason(("A1", "U1"), {"usage_period": terms.plan.on("usage_period", first)}),
        terms_ended=terms_ended,
        billed=billed,
        members=members,
    )
