"""The columns of a file of accounts, and what their cells stand for; those of seat types come from the plan files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from planshift.billing.money import UNLIMITED
from planshift.plans.bounds import MOST_DAYS, MOST_DOLLARS, MOST_MEMBERS, MOST_SEATS
from planshift.plans.plan import Plan
from planshift.plans.scalars import (
    OR_QUOTE,
    RefusedError,
    either_reading,
    may_mark_thousands,
    plain,
    shown,
    with_decimals,
)
from planshift.problems import did_you_mean


class Kind(Enum):
    """What the cells of a column are: the value says it in words."""

    TEXT = "text"
    DAY = "a date"
    COUNT = "a whole number"
    MONEY = "a number of dollars"
    LIMIT = "a number of dollars or unlimited"
    SHARE = "a share"
    FLAG = "yes or no"
    CHOICE = "one of some words"


class Needed(Enum):
    """Must an account have the value: in the file, in the file or as a default, or not at all?"""

    IN_FILE = "in the file"
    SOMEWHERE = "in the file or as a default"
    NO = "no"


UNLIMITED_WORD = "unlimited"


@dataclass(frozen=True)
class Column:
    """A column: its name, what its cells are, whether they must be there, and what they mean.

    ``low`` and ``high``: the bounds of a number, both included; ``below``: a bound that it stays below; ``seat_type``:
    the one that it is about, if any.
    """

    name: str
    kind: Kind
    meaning: str
    needed: Needed = Needed.NO
    low: int = 0
    high: int = MOST_DOLLARS
    below: bool = False
    choices: tuple[str, ...] = ()
    seat_type: str = ""


_ALWAYS, _SOMEWHERE = Needed.IN_FILE, Needed.SOMEWHERE
_FIXED = (
    Column("account_id", Kind.TEXT, "Who it is, once in the portfolio; random numbers hang on it", _ALWAYS),
    Column("title", Kind.TEXT, "The account in a few words, as reports show it; else its account_id"),
    Column("segment", Kind.TEXT, "What sums are kept by, such as enterprise or mid-market; else none"),
    Column("region", Kind.TEXT, "What sums are kept by, such as DE or EMEA; else none"),
    Column("plan", Kind.TEXT, "The id of the plan that is in force", _ALWAYS),
    Column("channel", Kind.TEXT, "How the plan was bought: a channel of the plan", _ALWAYS),
    Column(
        "term_start",
        Kind.DAY,
        "The first day of the term that is in force before the horizon begins, or of the first one where the contract"
        " begins later; on a plan that renews on itself, that of any term before will do",
        _ALWAYS,
    ),
)
_BY_SEAT = (
    Column("members", Kind.COUNT, "Members with this seat type", high=MOST_MEMBERS),
    Column("seats", Kind.COUNT, "Seats of this type that the contract holds", high=MOST_SEATS),
    Column("seat_price", Kind.MONEY, "US dollars a month for a seat of this type; else the plan's"),
    Column("included_usage", Kind.MONEY, "US dollars of API value a week that the seat includes; else the plan's"),
    Column(
        "renewal_seat_price",
        Kind.MONEY,
        "US dollars a month agreed for a seat of this type from the first renewal on, for one term; else the plan's",
    ),
)
_TERMS = (
    Column("extra_usage", Kind.FLAG, "Is usage beyond the included one billed? Else the plan's"),
    Column("usage_discount", Kind.SHARE, "Negotiated discount on metered usage; else the plan's", high=1, below=True),
    Column(
        "renewal_usage_discount",
        Kind.SHARE,
        "Discount agreed from the first renewal on, for one term; else the plan's (Rulebook R4)",
        high=1,
        below=True,
    ),
    Column("usage", Kind.TEXT, "A mix of the portfolio, or a scenario file whose usage names personas", _SOMEWHERE),
    Column(
        "monthly_spend",
        Kind.MONEY,
        "What the account used a month so far, US dollars at list price; its personas are scaled to it",
    ),
    Column("payment_days", Kind.COUNT, "Days from an invoice to its payment", _SOMEWHERE, high=MOST_DAYS),
    Column(
        "payment_end_of_month",
        Kind.CHOICE,
        "none, or whether the end of the month is taken before or after the days are counted; else none",
        choices=("none", "before", "after"),
    ),
    Column(
        "renewal_probability", Kind.SHARE, "That the contract goes on at each renewal, 0.9 for 90 %", _SOMEWHERE, high=1
    ),
    Column(
        "seat_change",
        Kind.SHARE,
        "How many more seats it takes at its first renewal, -0.1 for a tenth fewer",
        _SOMEWHERE,
        low=-1,
        high=10,
    ),
    Column("migrate_on", Kind.DAY, "The day of an early move to the successor, where the plan allows it (Rulebook R3)"),
    Column(
        "migrate_credit",
        Kind.CHOICE,
        "What becomes of the rest of the old term at an early move; else the plan's choice",
        choices=("none", "prorated"),
    ),
    Column("organization_limit", Kind.LIMIT, "Monthly spend limit of the organization, US dollars; else none"),
    Column("member_limit", Kind.LIMIT, "Monthly spend limit of each member, US dollars; else none"),
    Column(
        "renewal_organization_limit",
        Kind.LIMIT,
        "The organization's limit agreed for the first renewal; else as the plan carries it over",
    ),
    Column(
        "renewal_member_limit",
        Kind.LIMIT,
        "Each member's limit agreed for the first renewal; else as the plan carries it over",
    ),
    Column(
        "credits_initial",
        Kind.MONEY,
        "Credits bought on the first day simulated, and when the first renewal sets prepayment up or nothing reloads",
    ),
    Column("credit_reload_below", Kind.MONEY, "Credits are bought at once when less than this is left"),
    Column("credit_reload_amount", Kind.MONEY, "How many are bought then, US dollars"),
    Column("credit_payment", Kind.CHOICE, "How credits are paid; by card on the same day", choices=("card", "ach")),
)
_NO_DEFAULT = ("title", "members", "seats", "migrate_on")


def seat_types(plans: Iterable[Plan]) -> tuple[str, ...]:
    """The seat types of some plans, each once, in the order of their files."""
    return tuple(dict.fromkeys(seat for plan in plans for seat in plan.seat_types))


def columns(plans: Mapping[str, Plan]) -> dict[str, Column]:
    """Every column of a file of accounts under these plans, by name, in the order in which a file has them."""
    return {column.name: column for column in _all(seat_types(plans.values()))}


def may_default(column: Column) -> bool:
    """May a portfolio say the column for all accounts that leave it out?"""
    own = column.name.removesuffix(f"_{column.seat_type}") if column.seat_type else column.name
    return column.needed is not Needed.IN_FILE and own not in _NO_DEFAULT


def _all(seats: Iterable[str]) -> Iterator[Column]:
    yield from _FIXED
    for column in _BY_SEAT:
        for seat in seats:
            yield replace(column, name=f"{column.name}_{seat}", seat_type=seat)
    yield from _TERMS


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
