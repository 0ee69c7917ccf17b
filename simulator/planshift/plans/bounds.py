"""How large or small what people write may be: one fact, and what follows from it.

Money is counted in whole nano-dollars, in 64 bits. What a run adds up must stay inside them, so every amount has an
upper bound, and so has whatever is multiplied with one. The schemas carry these bounds as `minimum` and `maximum`;
a test compares them with this module. Products are checked where what they are made of comes together.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

NANO: Final = 10**9
"""Nano-dollars in a dollar."""
MOST_NANOS: Final = 2**62
"""The largest sum of money, nano-dollars: half of what 64 bits hold, so that two of them can be added."""
MOST_IN_ALL: Final = MOST_NANOS // NANO
"""The same in dollars: some 4.6 billion."""


def _round_below(number: int) -> int:
    """The largest power of ten that is not above a number."""
    return int(10 ** (len(str(number)) - 1))


MOST_DOLLARS: Final = _round_below(MOST_IN_ALL)
"""The largest amount that one value can be."""
MOST_AIMED_AT: Final = _round_below(2**62 // 100)
"""The largest target of a portfolio, dollars: its sums are whole cents, in 64 bits."""
MOST_TOKENS: Final = 10**12
"""The largest count of tokens of one row or one day."""
MOST_RATE: Final = _round_below(MOST_IN_ALL * 10**6 // MOST_TOKENS)
"""The highest price of a million tokens, dollars: so many tokens at it are no more than the largest sum."""
MOST_FACTOR: Final = MOST_RATE
"""The most that a price, a volume or another quantity is multiplied by."""
MOST_SEATS: Final = 10**7
MOST_MEMBERS: Final = 10**6
"""The most members of a seat type in one account, each of whom is drawn day by day."""
MOST_MONTHS: Final = 120
"""The longest horizon and term."""
MOST_DAYS: Final = 3650
"""The longest that anything is waited for, and the longest that the days of one usage file lie apart."""
LEAST_RELOAD: Final = 1
"""The least that a reload buys, dollars."""
MOST_RELOADS: Final = 1000
"""How many times a day, at most, credits are bought by reload."""
LONGEST_NAME: Final = 200
"""How many characters a name, an id or a title has at most."""
MOST_DRAWS: Final = 10**6
MOST_SEED: Final = 2**63 - 1
MOST_PROCESSES: Final = 1024
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""No contract, price or usage lies outside these days; a year outside them is a slip."""


def day_problem(day: date) -> tuple[str, str] | None:
    """What is wrong with a day that nobody can mean, and what to do; the fact goes on after the day itself."""
    if FIRST_DAY <= day <= LAST_DAY:
        return None
    return f"lies outside the years {FIRST_DAY.year} to {LAST_DAY.year}", "correct the year"


def too_much(dollars: Decimal | float) -> str:
    """How a sum of money that is too large is told of; the sentence goes on after what it is of."""
    return f"come to {dollars:,.0f} dollars, more than can be calculated with ({MOST_IN_ALL:,})"
