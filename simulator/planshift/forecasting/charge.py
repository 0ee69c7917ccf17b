"""A charge of an account in one draw, and how charges are numbered and counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction

from planshift.billing.charges import SEAT_ADDITION, SEAT_CREDIT, SEAT_FEE, USAGE, USAGE_MINIMUM
from planshift.billing.terms import Terms

SEAT_USE = "seat_use"
SEAT_UNUSED = "seat_unused"
SEAT_CARRIED = "seat_carried"
CREDIT_PURCHASE = "credit_purchase"
CREDIT_USE = "credit_use"
CREDIT_EXPIRY = "credit_expiry"
KINDS = (
    SEAT_FEE.name, SEAT_ADDITION.name, SEAT_CREDIT.name, SEAT_USE, SEAT_UNUSED, SEAT_CARRIED,
    CREDIT_PURCHASE, CREDIT_USE, CREDIT_EXPIRY, USAGE.name, USAGE_MINIMUM.name,
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
