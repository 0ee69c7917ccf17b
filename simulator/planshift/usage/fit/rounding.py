"""Numbers as a person writes them: few digits, and shares that add up to exactly 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import floor, log10

SHARE_DIGITS = 5


def significant(value: float, digits: int = 3) -> float:
    """The value with so many significant digits: 0.0123456 as 0.0123."""
    if not value:
        return 0.0
    return round(value, digits - 1 - floor(log10(abs(value))))


def whole_shares(amounts: Mapping[str, float], digits: int = SHARE_DIGITS) -> dict[str, float]:
    """Shares of so many digits that add up to exactly 1 as decimals; what rounds to nothing is left out.

    The largest takes what rounding leaves over.
    """
    total = sum(amounts.values())
    step = Decimal(1).scaleb(-digits)
    shares = {name: Decimal(str(amount / total)).quantize(step) for name, amount in amounts.items()}
    largest = max(shares, key=lambda name: shares[name])
    shares[largest] += 1 - sum(shares.values(), Decimal(0))
    return {name: float(share) for name, share in shares.items() if share}
