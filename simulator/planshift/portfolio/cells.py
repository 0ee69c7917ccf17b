"""A cell of a file of accounts as a whole number: days, counts, nano-dollars, billionths of one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from planshift.billing.money import UNLIMITED
from planshift.plans.scalars import (
    OR_QUOTE,
    RefusedError,
    either_reading,
    may_mark_thousands,
    plain,
    shown,
    with_decimals,
)
from planshift.portfolio.columns import UNLIMITED_WORD, Column, Kind
from planshift.problems import did_you_mean

ABSENT = -(1 << 62)
"""What stands for an empty cell; no cell has this value."""

_DECIMALS = 9
_ONE = 10**_DECIMALS
_FEW = 9
_ASKED_ABOUT = (Kind.COUNT, Kind.MONEY, Kind.LIMIT)
_NUMBERS = (Kind.COUNT, Kind.MONEY, Kind.LIMIT, Kind.SHARE)
_YES_NO = {"yes": 1, "no": 0}
_REMEDIES = {
    Kind.DAY: "write it like 2026-10-01",
    Kind.COUNT: "write digits only",
    Kind.MONEY: "write US dollars in digits, with a point for decimals",
    Kind.LIMIT: f"write US dollars in digits, or {UNLIMITED_WORD}",
    Kind.SHARE: "write a number such as 0.10 for 10 %",
}


def number_of(column: Column, text: str) -> int:
    """The whole number that a cell's text stands for; ABSENT for an empty one.

    Dates are days since year 1, yes is 1 and no is 0, choices are their place among the column's, money and shares are
    billionths. Raises RefusedError for anything else, and for what lies outside the column's bounds.
    """
    if not text:
        return ABSENT
    quick = _quick(column, text) if column.kind in _NUMBERS else None
    if quick is not None:
        return quick
    if column.kind in (Kind.FLAG, Kind.CHOICE):
        known = _YES_NO if column.kind is Kind.FLAG else {word: place for place, word in enumerate(column.choices)}
        if text in known:
            return known[text]
        words = " or ".join(known) if len(known) < 3 else "one of " + ", ".join(known)
        raise RefusedError(f"'{column.name}' must be {words} (got {shown(text)})", did_you_mean(text, known))
    if column.kind is Kind.LIMIT and text == UNLIMITED_WORD:
        return UNLIMITED
    try:
        value = plain(text)
    except RefusedError as error:
        raise RefusedError(f"'{column.name}': {error.fact}", error.remedy.removesuffix(OR_QUOTE)) from None
    if column.kind is Kind.DAY:
        if isinstance(value, date):
            return value.toordinal()
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        if column.kind in _ASKED_ABOUT and may_mark_thousands(text):
            fact, remedy = either_reading(text, whole=column.kind is Kind.COUNT)
            raise RefusedError(f"'{column.name}' is {text}, which {fact}", remedy)
        return _bounded(column, Decimal(value), text)
    raise RefusedError(f"'{column.name}' must be {column.kind.value} (got {shown(text)})", _REMEDIES[column.kind])


def _quick(column: Column, text: str) -> int | None:
    """The number of a cell that is written as most are, some ten times faster; None for any other."""
    whole, _, rest = text.partition(".")
    if not (text.isascii() and whole.isdigit() and len(whole) <= _FEW and (whole[0] != "0" or whole == "0")):
        return None
    if column.kind is Kind.COUNT:
        return int(whole) if len(whole) == len(text) and column.low <= int(whole) <= column.high else None
    if rest:
        if column.kind in _ASKED_ABOUT and may_mark_thousands(text):
            return None
        if not (rest.isdigit() and len(rest) <= _DECIMALS):
            return None
    elif len(whole) != len(text):
        return None
    value = int(whole) * _ONE + int(rest.ljust(_DECIMALS, "0"))
    most = column.high * _ONE
    return value if column.low * _ONE <= value and (value < most or (value == most and not column.below)) else None


def _bounded(column: Column, value: Decimal, text: str) -> int:
    name, remedy = column.name, _REMEDIES[column.kind]
    if value < column.low:
        raise RefusedError(f"'{name}' must be at least {column.low} (got {shown(text)})", remedy)
    if value > column.high or (column.below and value == column.high):
        bound = f"less than {column.high:,}" if column.below else f"at most {column.high:,}"
        raise RefusedError(f"'{name}' must be {bound} (got {shown(text)})", remedy)
    if column.kind is Kind.COUNT:
        if value != value.to_integral_value():
            raise RefusedError(f"'{name}' must be a whole number (got {shown(text)})", remedy)
        return int(value)
    billionths = value.scaleb(_DECIMALS)
    if billionths != billionths.to_integral_value():
        raise RefusedError(f"'{name}' has more than {_DECIMALS} decimals (got {shown(text)})", "round it")
    return int(billionths)


def decimal_of(billionths: int) -> Decimal:
    """Billionths as a number, with at least two decimals, and none that is not needed."""
    return Decimal(with_decimals(Decimal(billionths).scaleb(-_DECIMALS)))
