"""The terms in force: what a contract says before its plan, value by value, with the source of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from planshift.billing.contract import Contract, Own
from planshift.plans.plan import Plan, Sourced

CONTRACT = "the contract"
PREPAID = "prepaid_credits"


@dataclass(frozen=True)
class Terms:
    """A plan, the channel it was bought through, and what this customer has of their own (Rulebook P1, P3).

    A value is the what-if's where an overlay gives one, else the customer's own, else the plan's on that day.
    """

    plan: Plan
    channel: str
    own: Own = Own()

    @classmethod
    def of(cls, contract: Contract) -> Terms:
        """The terms of a contract in the term that it states."""
        return cls(contract.plan, contract.channel, contract.own)

    def agreed(self, path: str, own: Any, day: date) -> Sourced | None:
        """What the customer has of their ``own``, or else the plan at a path; a what-if goes before; None: neither."""
        listed = self.plan.find(path, day)
        return listed if own is None or (listed is not None and listed.overlay) else Sourced(own, reference=CONTRACT)

    def _agreed(self, path: str, own: Any, day: date) -> Sourced:
        return self.agreed(path, own, day) or self.plan.on(path, day)

    def seat_price(self, seat: str, day: date) -> Sourced:
        """Dollars a month for a seat of a type (Rulebook P3)."""
        return self._agreed(f"seats.{seat}.price_usd_per_month", self.own.seat_prices.get(seat), day)

    def included(self, seat: str, day: date) -> Sourced:
        """Dollars of API value a week that a seat includes (Rulebook I1)."""
        return self._agreed(f"seats.{seat}.included_usd_per_week", self.own.included_usage.get(seat), day)

    def usage_discount(self, day: date) -> Sourced:
        """The share taken off metered usage (Rulebook U5)."""
        return self._agreed("usage_discount", self.own.usage_discount, day)

    def proration(self, day: date) -> Sourced:
        """The name of the way in which the rest of a term is counted (Rulebook S2)."""
        return self._agreed("proration", self.own.proration, day)

    def extra_usage(self, day: date) -> Sourced:
        """Is usage beyond the included one billed, or does the member wait (Rulebook I2)?"""
        return self._agreed("extra_usage.enabled", self.own.extra_usage, day)

    def credit_basis(self, day: date) -> Sourced:
        """The price at which seats are given back on an early move (Rulebook R3)."""
        return self.plan.find("early_migration.credit_basis", day) or Sourced("price_paid")

    def credit_price(self, seat: str, charged: Decimal, day: date) -> Decimal:
        """Dollars a month at which a seat is given back: as it was charged, or today's price if less (Rulebook R3)."""
        if self.credit_basis(day).value == "price_paid":
            return charged
        return min(charged, Decimal(self.seat_price(seat, day).value))

    def surfaces(self, seat: str, day: date) -> Sourced:
        """The surfaces that a seat opens (Rulebook U4)."""
        return self.plan.on(f"seats.{seat}.surfaces", day)

    def usage_payment(self, day: date) -> Sourced:
        """``prepaid_credits`` or ``arrears`` (Rulebook C1, A1)."""
        return self.plan.on(f"channels.{self.channel}.usage_payment", day)

    def prepaid_on(self, day: date) -> bool:
        """Is usage paid from credits on a day (Rulebook C1), and not in arrears?"""
        return bool(self.usage_payment(day).value == PREPAID)

    def minimum_seats(self, day: date) -> int:
        """The fewest seats of a contract; 0 where the plan has no minimum (Rulebook S5)."""
        found = self.plan.find(f"channels.{self.channel}.minimum_seats", day)
        return int(found.value) if found else 0

    def alert_thresholds(self, day: date) -> tuple[Fraction, ...]:
        """The shares of a limit at which an alert is sent, rising (Rulebook M2)."""
        return tuple(Fraction(share) for share in self.plan.value("spend_limits.alert_thresholds", day))

    def expiry_months(self, own: int | None, day: date) -> int | None:
        """Months after which bought credits lapse; None where they do not (Rulebook C3)."""
        found = self._agreed("credits.expiry_months", own, day).value
        return None if found == "none" else int(found)

    @property
    def prepaid(self) -> bool:
        """Is usage paid from credits on this channel at all?"""
        path = f"channels.{self.channel}.usage_payment"
        return any(entry.value == PREPAID for _, entry in self.plan.values[path].entries)


def fraction(value: Decimal | int | str) -> Fraction:
    """A plan's number as an exact fraction."""
    return Fraction(value)
