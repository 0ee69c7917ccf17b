"""Days, months and terms: UTC dates, months always counted from their anchor."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

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
