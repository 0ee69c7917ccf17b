"""Money: whole nano-dollars inside, cents on invoices, text outside."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from planshift.plans.bounds import MOST_NANOS
from planshift.plans.bounds import NANO as NANO

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CENT = 10_000_000
"""Nano-dollars in a cent."""
UNLIMITED = MOST_NANOS
"""More nano-dollars than anybody spends: the value of a limit that is none (Rulebook L5)."""


def nano(dollars: Decimal | int) -> int:
    """An amount in dollars as whole nano-dollars, half up."""
    return half_up(Fraction(dollars) * NANO)


def dollars(nanos: int) -> Decimal:
    """Nano-dollars as dollars, exactly."""
    return Decimal(int(nanos)).scaleb(-9)


def half_up(amount: Fraction | Decimal | int, unit: int = 1) -> int:
    """How many whole units make an amount, half up; a negative amount is the mirror of its positive."""
    top, bottom = amount.as_integer_ratio()
    bottom *= unit
    whole = (2 * abs(top) + bottom) // (2 * bottom)
    return -whole if top < 0 else whole


def to_cents(nanos: Fraction | int) -> int:
    """Nano-dollars as whole cents, half up."""
    return half_up(nanos if isinstance(nanos, Fraction) else int(nanos), CENT)


def all_to_cents(nanos: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What `to_cents` gives, for amounts of any shape."""
    import numpy as np

    cents: npt.NDArray[np.int64] = np.sign(nanos) * ((np.abs(nanos) + CENT // 2) // CENT)
    return cents


def cents_text(cents: int) -> str:
    """Cents as dollars with two decimals: ``1285.16``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def nano_text(nanos: int) -> str:
    """Nano-dollars as dollars with nine decimals: ``36.164230007``."""
    sign = "-" if nanos < 0 else ""
    whole, rest = divmod(abs(int(nanos)), NANO)
    return f"{sign}{whole}.{rest:09d}"


def short_text(nanos: int) -> str:
    """The same with as many decimals as it needs, two at least: ``36.16423``, ``0.75``."""
    text = nano_text(nanos)
    return text[:-7] + text[-7:].rstrip("0")
