"""An account of a portfolio: a contract, who uses how much under it, how it pays, and what may become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

from planshift.billing.calendar import month_of, next_month
from planshift.billing.contract import Contract

EndOfMonth = Literal["none", "before", "after"]


@dataclass(frozen=True)
class PaymentTerms:
    """When an invoice is paid: so many ``days`` after it, and what the end of a month has to do with it.

    ``end_of_month``: "none" counts from the invoice's day; "before" counts from the last day of the invoice's month;
    "after" counts from the invoice's day, and goes on to the last day of the month reached. An invoice of 28 February
    at 30 days is due on 30 March, 30 March and 31 March; one of 10 September at 30 days on 10, 30 and 31 October.
    """

    days: int
    end_of_month: EndOfMonth = "none"

    def due(self, invoiced: date) -> date:
        """The day on which an invoice of a day is paid."""
        if self.end_of_month == "before":
            invoiced = _last_of_month(invoiced)
        day = invoiced + timedelta(days=self.days)
        return _last_of_month(day) if self.end_of_month == "after" else day


def _last_of_month(day: date) -> date:
    return next_month(month_of(day)) - timedelta(days=1)


@dataclass(frozen=True)
class Mix:
    """Who an account's members are: seat type → persona → share of the seat's members, adding up to 1."""

    name: str
    shares: Mapping[str, Mapping[str, Fraction]]


@dataclass(frozen=True)
class AccountUsage:
    """How much an account's members use: a ``mix`` of personas, or the personas of a ``scenario`` file.

    ``monthly_spend``: what they used a month so far, US dollars at list price over the whole organization; personas
    keep their proportions and are scaled so that their mean is this. None: as the personas have it.
    """

    mix: Mix | None = None
    scenario: Path | None = None
    monthly_spend: Decimal | None = None


@dataclass(frozen=True)
class Account:
    """One contract of a portfolio.

    ``members``: how many there are, by seat type of the contract's plan; ``renewal_probability``: that it goes on at
    each renewal, at the early move too; ``seat_change``: how many more seats (a share, negative for fewer) it takes at
    its first renewal; ``migrate_on`` and ``migrate_credit``: an early move (Rulebook R3), None for none, and for the
    plan's own choice.
    """

    account_id: str
    title: str
    segment: str
    region: str
    contract: Contract
    members: Mapping[str, int]
    usage: AccountUsage
    payment: PaymentTerms
    renewal_probability: Fraction
    seat_change: Fraction
    migrate_on: date | None = None
    migrate_credit: str | None = None
