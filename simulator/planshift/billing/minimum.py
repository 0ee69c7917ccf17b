"""The minimum of usage that a contract agrees on: what a usage period lacks to it is charged after the period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from planshift.billing.charges import USAGE_MINIMUM, Arrears, InvoiceLine, Reason, UsageCharge
from planshift.billing.money import dollars, half_up, nano, to_cents
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.plans.plan import Sourced

AMOUNT, PART_MONTH, COUNTS = (f"usage_minimum.{name}" for name in ("usd_per_month", "part_month", "counts"))


@dataclass(frozen=True, eq=False)
class MinimumCharge(Arrears):
    """What a usage period lacks to the ``minimum`` (nano-dollars), where usage counts at its price ``times`` a factor
    (Rulebook A3)."""

    minimum: int
    times: Fraction

    def counted(self, draw: int = 0) -> int:
        """The usage that counts towards the minimum, nano-dollars."""
        return half_up(int(self.billed[draw].sum()) * self.times)

    def with_usage(self, billed: Nanos) -> MinimumCharge:
        """The same minimum for other usage: minimum − usage, at least nothing, rounded half up to the cent."""
        found = replace(self, billed=billed)
        lacking = [to_cents(max(0, self.minimum - found.counted(draw))) for draw in range(len(billed))]
        return replace(found, cents=np.array(lacking, dtype=np.int64))

    def lines(self) -> Iterator[InvoiceLine]:
        """A single line, where something is lacking."""
        if self.cents[0]:
            yield InvoiceLine(
                day=self.day,
                plan=self.plan,
                kind=self.kind.name,
                line=1,
                cents=int(self.cents[0]),
                description=f"Minimum of usage {self.first} to {self.last}: {dollars(self.minimum):,.2f} USD,"
                f" of which {dollars(self.counted()):,.2f} USD were used",
                rule=self.reason.text,
            )


def amount_agreed(terms: Terms, day: date) -> Sourced | None:
    """Dollars a month that the contract, or else the plan, has as its minimum; None without one."""
    found = terms.agreed(AMOUNT, terms.own.usage_minimum, day)
    return found if found and found.value else None


def minimum_charge(usage: UsageCharge) -> MinimumCharge | None:
    """What is charged beside the usage of a period for what it lacks to the minimum; None without one (Rulebook A3).

    What the contract agrees on the period's last day holds for all of it.
    """
    terms, last = usage.terms, usage.last
    agreed = amount_agreed(terms, last)
    if agreed is None:
        return None
    part, counts = terms.plan.on(PART_MONTH, last), terms.plan.on(COUNTS, last)
    share = _share(str(part.value), usage.first, usage.until)
    listed = counts.value == "list"
    reason = Reason(
        ("A3",),
        {AMOUNT: agreed, PART_MONTH: part, COUNTS: counts},
        {"usd_per_month": agreed.value, "share_of_month": share},
        {"usage_discount": terms.usage_discount(last)} if listed else {},
    )
    charge = MinimumCharge(
        **{name: getattr(usage, name) for name in usage.__dataclass_fields__}
        | {"kind": USAGE_MINIMUM, "reason": reason},
        minimum=half_up(nano(agreed.value) * share),
        times=1 / (1 - Fraction(terms.usage_discount(last).value)) if listed else Fraction(1),
    )
    return charge.with_usage(usage.billed)


def _share(part_month: str, first: date, until: date) -> Fraction:
    """The share of a month's minimum that a usage period has."""
    days, whole = (until - first).days, (next_month(first) - month_of(first)).days
    if part_month == "days":
        return Fraction(days, whole)
    return Fraction(days == whole or part_month == "whole")
