"""What stands below a chart: whose it is, what to know before believing it, and what nobody has published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from planshift.billing.calendar import month_text
from planshift.reports.assumptions import Assumption

NOTES_SHOWN = 5


def footnotes(title: str, notes: Sequence[str], assumed: Sequence[Assumption]) -> tuple[str, ...]:
    """The lines below every chart of a result."""
    more = len(notes) - NOTES_SHOWN
    rest = [f"… and {more} more notes, in manifest.json."] if more > 0 else []
    values = [f"Assumed, as it is published nowhere: {' '.join(value.text for value in assumed)}"] if assumed else []
    ended = title if title.endswith((".", "!", "?")) else f"{title}."
    return (f"{ended} An estimate, not an invoice.", *notes[:NOTES_SHOWN], *rest, *values)


def part_months(first: date, end: date) -> str:
    """Which months from ``first`` up to, not including, ``end`` are shown only in part; empty where all are whole."""
    if first.day == 1:
        return ""
    last = end - timedelta(days=1)
    return f"{month_text(first)} counts from {first} on, {month_text(last)} up to {last}."
