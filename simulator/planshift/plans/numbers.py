"""How written numbers are read: a point or a comma marks decimals or thousands, and where it could be either, we ask.

``5.000`` is five thousand in half of Europe and five in the other half, and no money or count is ever written with
exactly three decimals. So a count or an amount of this form is refused, with both readings and how to write each.
What cannot have its thousands marked is no question: ``0.125``, ``1234.567``, ``5.0000``. Neither are shares, factors
and prices of a million tokens, which do have three decimals.
"""

from __future__ import annotations

import re
from decimal import Decimal

_EITHER = {mark: re.compile(rf"[-+]?[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}") for mark in ".,"}
_FEWEST_DECIMALS = 2


def may_mark_thousands(text: str, mark: str = ".") -> bool:
    """Whether the mark in a written number, the decimal one here, could stand for thousands: ``5.000``, ``110.000``."""
    return bool(_EITHER[mark].fullmatch(text))


def either_reading(text: str, *, whole: bool = False, mark: str = ".") -> tuple[str, str]:
    """The fact and the remedy for a number of which `may_mark_thousands` is true: ``could be 5000 … or 5.00``.

    The fact goes on after the number itself. ``whole``: only whole numbers are wanted, such as a count's.
    """
    thousands = text.replace(mark, "")
    decimals = _whole(text, mark) if whole else with_decimals(text.replace(mark, "."))
    readings = f"{thousands} or {decimals}" if decimals else thousands
    also = f" or {decimals} with three decimals" if decimals else ""
    return f"could be {thousands} with its thousands marked{also}", f"write {readings}"


def with_decimals(number: Decimal | str) -> str:
    """A number with as many decimals as it needs, two at least, and never three, which could be taken for thousands."""
    whole, _, decimals = f"{Decimal(number):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(_FEWEST_DECIMALS, "0")
    text = f"{whole}.{decimals}"
    return f"{text}0" if may_mark_thousands(text) else text


def _whole(text: str, mark: str) -> str:
    """The whole number before the mark, where nothing but zeros follows it."""
    whole, _, decimals = text.partition(mark)
    return "" if decimals.strip("0") else whole
