"""Numbers, days and sources as an explanation says them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from planshift.billing.money import CENT, dollars
from planshift.billing.terms import CONTRACT
from planshift.explanation.explanation import YOUR_CONTRACT
from planshift.plans.plan import ALWAYS, Dated, Plan, Sourced

_CENT = Decimal("0.01")
_HALF_A_CENT = Decimal("0.005")


def money(nanos: int) -> str:
    """Nano-dollars as dollars, half up to the cent: ``1,285.16``."""
    return cents(dollars(nanos))


def uncut(nanos: int) -> str:
    """The same with all nine decimals where it is no whole cents: for what is rounded in the next step."""
    return f"{dollars(nanos):,.2f}" if nanos % CENT == 0 else f"{dollars(nanos):,.9f}"


def cents(amount: Decimal) -> str:
    """Dollars as people read them, half up to the cent; what is not nothing never looks like it."""
    if 0 < abs(amount) < _HALF_A_CENT:
        return "under 0.01" if amount > 0 else "-under 0.01"
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):,.2f}"


def of_cents(cents: int) -> Decimal:
    """Cents as dollars."""
    return Decimal(cents).scaleb(-2)


def price(value: Decimal | int) -> str:
    """A price as people write it: at least two decimals, more where it has them."""
    text = f"{Decimal(value).normalize():,f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"


def difference(nanos: int) -> str:
    """``30.00 more``, ``12.50 less``, ``the same``."""
    if not nanos:
        return "the same"
    return f"{money(abs(nanos))} {'more' if nanos > 0 else 'less'}"


def percent(share: Decimal | int) -> str:
    """A share as ``7.5 %``."""
    return f"{(Decimal(share) * 100).normalize():f} %"


def span(first: date, end: date) -> str:
    """Days from ``first`` up to, not including, ``end``: ``2026-10-01 to 2026-10-31``, or the one day."""
    last = end - timedelta(days=1)
    return f"{first}" if first == last else f"{first} to {last}"


def counted(number: int, noun: str) -> str:
    """``1 seat``, ``5,000 seats``."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def said_by(plan: Plan, value: Sourced) -> str:
    """Who says so: title and address of a source, ``your contract``, ``assumed: …`` or ``what-if: …``."""
    return YOUR_CONTRACT if value.reference == CONTRACT else plan.source(value).removesuffix(".")


def in_force_since(dated: Dated | None, day: date) -> str:
    """``, in force since 2025-11-01`` for the entry of a dated value that holds on a day; empty for an undated one."""
    held = [since for since, _ in dated.entries if since <= day] if dated else []
    return f", in force since {held[-1]}" if held and held[-1] != ALWAYS else ""
