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
_PLAIN = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")


def exact(text: str) -> Decimal | None:
    """The number that a program wrote as a text; None for another text, and for more digits than can be added up."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


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


def decimal_mark(text: str) -> str | None:
    """The mark that a number has for decimals, as far as it cannot be read in another way.

    A comma in ``0,12``, ``1.234,56`` and ``1.234.567``, a point in ``0.12`` and ``1,234.56``, None in ``5.000``.
    """
    bare = _bare(text)
    for mark, forms in _CERTAIN.items():
        if forms.fullmatch(bare) and not may_mark_thousands(bare, mark):
            return mark
    return None


def in_point_form(text: str, mark: str) -> str | None:
    """A number whose decimals have that mark, without thousands and with a point: ``1234.56`` for ``1.234,56``.

    Dollar signs are left out. None for what is no such number. What is given back is no question again.
    """
    bare = _bare(text)
    if not _FORMS[mark].fullmatch(bare):
        return None
    whole, point, decimals = bare.partition(mark)
    whole = re.sub("[.,]", "", whole)
    return with_decimals(f"{whole}.{decimals}") if point else whole


_BLANKS = " \u00a0\u202f'\u2019"
_BETWEEN_GROUPS = re.compile(rf"(?<=[0-9])[{_BLANKS}](?=[0-9]{{3}}(?![0-9]))")
_DOLLARS = re.compile(r"^(?:US\$|\$|USD\b)\s*|\s*(?:\$|\bUSD)$")
_OTHER = {",": r"\.", ".": ","}
_GROUPED = {mark: rf"[-+]?[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}})" for mark, other in _OTHER.items()}
_FORMS = {mark: re.compile(rf"(?:[-+]?[0-9]+|{one}+)(?:{re.escape(mark)}[0-9]+)?") for mark, one in _GROUPED.items()}
_CERTAIN = {
    mark: re.compile(rf"(?:[-+]?[0-9]+|{one}+){re.escape(mark)}[0-9]+|{one}{{2,}}") for mark, one in _GROUPED.items()
}


def _bare(text: str) -> str:
    """The number without a sign for dollars, and without the blanks and apostrophes that mark its thousands."""
    return _BETWEEN_GROUPS.sub("", _DOLLARS.sub("", text.strip()))
