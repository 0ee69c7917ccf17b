"""Charges for usage in arrears: what is billed of it, and what that is at list price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from planshift.billing.charges import USAGE
from planshift.billing.money import NANO
from planshift.billing.schedule import month_of
from planshift.forecasting.charge import PAR, Charge, decimal, number_of
from planshift.forecasting.events import usage_periods
from planshift.forecasting.history import Grid, History, TermHeld
from planshift.forecasting.month_usage import BILLED, DISCOUNT, cut_usage, month_usage

_ARREARS = "U"
_NEARLY = Fraction(1, 1_000_000)
"""Dollars per dollar that amounts differ by because they are rounded."""


@dataclass(frozen=True)
class UsagePrices:
    """Usage at list price, and what the contract bills of it."""

    past: History

    @cached_property
    def _months(self) -> Mapping[tuple[date, str], tuple[int, int]]:
        """Nano-dollars billed, and the same at list price, by month and plan."""
        used = cut_usage(self.past, month_usage(self.past))
        billed, taken = (used.amounts[place, :, 0].tolist() for place in (BILLED, DISCOUNT))
        spans = zip(used.months, used.plans, strict=True)
        return {span: (paid, paid + off) for span, paid, off in zip(spans, billed, taken, strict=True)}

    def listed(self, nanos: int, plan: str, month: date) -> Decimal:
        """Dollars at list price of what was billed of a plan's usage in a month."""
        paid, listed = self._months.get((month, plan), (0, 0))
        if not paid:
            # Credits outlive the plan that sold them: what they paid for was used under another one.
            sums = [both for (first, _), both in self._months.items() if first == month and both[0]]
            paid, listed = sum(both[0] for both in sums), sum(both[1] for both in sums)
        return decimal(Fraction(nanos * listed, paid * NANO)) if paid else decimal(Fraction(nanos, NANO))

    def contracted(self, nanos: int, listed: Decimal, first: date, until: date) -> Decimal:
        """Dollars for a dollar at list price: 1 − discount where one discount holds for all of it, else what it comes
        to."""
        days = first, date.fromordinal(until.toordinal() - 1)
        shares = {Fraction(_held_on(self.past, day).terms.usage_discount(day).value) for day in days}
        paid, at_list = Fraction(nanos, NANO), Fraction(listed)
        if len(shares) == 1:
            agreed = decimal(1 - shares.pop())
            # What is at list price is a share of the month, in which another discount may have held before or after.
            if abs(at_list * Fraction(agreed) - paid) <= _NEARLY * max(Fraction(1), at_list):
                return agreed
        return decimal(paid / at_list) if listed else PAR


def usage_charges(past: History, grid: Grid, usage: UsagePrices) -> Iterator[Charge]:
    """Usage in arrears, and what is charged with it: billed on the day after its period, earned in the month of use."""
    periods = usage_periods(past)
    columns = periods.charges, periods.cents[:, 0].tolist(), periods.nanos[:, 0].tolist()
    for made, cents, nanos in zip(*columns, strict=True):
        first, until = made.first, made.until
        if not (nanos if made.kind is USAGE else cents) or not grid.place(until.toordinal()):
            continue
        listed, price = decimal(Fraction(cents, 100)), PAR
        if made.kind is USAGE:
            listed = usage.listed(nanos, made.plan, month_of(first))
            price = usage.contracted(nanos, listed, first, until)
        number = number_of(until, _ARREARS)
        yield Charge(
            kind=made.kind.name,
            terms=_held_on(past, first).terms,
            seat_type="",
            first=first,
            until=until,
            invoiced=until,
            invoice=number,
            purchase=number,
            earned=month_of(made.last),
            quantity=listed,
            list_price=PAR,
            price=price,
            billed=cents,
            effective=cents,
        )


def _held_on(past: History, day: date) -> TermHeld:
    """The term in force on a day."""
    return [held for held in past.terms if held.term.start <= day][-1]
