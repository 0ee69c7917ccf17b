"""Numbers and lists as a sentence for people has them."""

from __future__ import annotations

from collections.abc import Iterable

from planshift.billing.money import CENT, to_cents

YEAR = 12
"""So many months are called a year."""

WHOLE_DOLLARS_FROM = 100_000
"""From so many cents on, sentences and headlines say an amount in whole dollars; tables say it to the cent."""


def usd(cents: int) -> str:
    """Cents as dollars: ``14,870.00``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def prose_usd(cents: int) -> str:
    """Cents as dollars in a sentence, whole ones from 1,000 on, half up: ``74,164``, ``526.92``."""
    if abs(cents) < WHOLE_DOLLARS_FROM:
        return usd(cents)
    return f"{'-' if cents < 0 else ''}{(abs(cents) + 50) // 100:,}"


def usd_of(nanos: int) -> str:
    """Nano-dollars as dollars, half up to the cent: ``36.16``; what is not nothing never looks like it."""
    if 0 < nanos < CENT // 2:
        return "under 0.01"
    return usd(to_cents(nanos))


def prose_usd_of(nanos: int) -> str:
    """The same in a sentence: whole dollars from 1,000 on."""
    return usd_of(nanos) if nanos < WHOLE_DOLLARS_FROM * CENT else prose_usd(to_cents(nanos))


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 seat``, ``5,000 seats``, ``no seats``."""
    return f"{f'{number:,}' if number else 'no'} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} {joint} {last}" if first else last


def simulated(draws: int, months: int) -> str:
    """``1,000 simulated years``, ``one simulated year``; where they are no years, ``200 simulations of 24 months``."""
    number = "one" if draws == 1 else f"{draws:,}"
    if months == YEAR:
        return f"{number} simulated year{'' if draws == 1 else 's'}"
    return f"{number} simulation{'' if draws == 1 else 's'} of {counted(months, 'month')}"


def set_before(marks: Iterable[str]) -> str:
    """What is said before a sentence: ``What-if 'a' and what-if 'b': ``; nothing where there is nothing to say."""
    said = listed(marks)
    return f"{said[:1].upper()}{said[1:]}: " if said else ""


def number_word(number: int) -> str:
    """``twelve``; from thirteen on in figures."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


_WORDS = (*("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),)
