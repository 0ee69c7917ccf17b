"""The schedule of a contract: days, terms, their months and renewals, all counted from its first day (Rulebook R0)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

DAY = timedelta(days=1)


def months_after(anchor: date, months: int) -> date:
    """The same day so many months later, or the month's last day: 31 Jan → 28 Feb → 31 Mar (Rulebook S2)."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def month_of(day: date) -> date:
    """The first day of a day's calendar month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the calendar month after a day's."""
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def month_text(day: date) -> str:
    """A day's month as tables write it: ``2026-10``."""
    return f"{day.year:04d}-{day.month:02d}"


def months_passed(anchor: date, day: date) -> int:
    """How many whole months have passed since the anchor, counted from the anchor (Rulebook S2).

    The result k satisfies months_after(anchor, k) <= day < months_after(anchor, k + 1).
    """
    count = (day.year - anchor.year) * 12 + day.month - anchor.month
    return count if months_after(anchor, count) <= day else count - 1


@dataclass(frozen=True)
class Term:
    """A term of a contract: ``months`` months, of which ``passed`` came before it since the contract's first day.

    The ``anchor`` is that first day, for good: from 29 February 2024 a term of twelve months is renewed on 28 February
    2025, 2026 and 2027 and on 29 February 2028.
    """

    anchor: date
    months: int
    passed: int = 0

    @cached_property
    def start(self) -> date:
        """The term's first day."""
        return self.month(0)

    @cached_property
    def renewal(self) -> date:
        """The first day of the term after."""
        return self.month(self.months)

    def month(self, number: int) -> date:
        """The first day of a month of the term, counted from 0 (Rulebook S2)."""
        return months_after(self.anchor, self.passed + number)

    def month_of(self, day: date) -> int:
        """The number of the month of the term in which a day lies, counted from 0."""
        return months_passed(self.anchor, day) - self.passed

    def followed(self, day: date, months: int) -> Term:
        """The term that begins on a day, the renewal or an early move, which begins a new contract (Rulebook R3)."""
        return Term(self.anchor, months, self.passed + self.months) if day == self.renewal else Term(day, months)

    def in_force(self, day: date) -> Term:
        """The term in force on a day where all have the same length; this one where the day is before it."""
        whole = max(0, self.month_of(day) // self.months)
        return Term(self.anchor, self.months, self.passed + whole * self.months)
