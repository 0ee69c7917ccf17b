"""The tables of a scenario that is shown: every column's name, values and meaning, in one place."""

from __future__ import annotations

from typing import Final

from planshift.reports.table import Column, Kind, Table

_SPREAD: Final = (
    Column("mean", Kind.CENTS, "The mean over the draws, half up to the cent"),
    Column("p10", Kind.CENTS, "What 10 of 100 draws do not exceed"),
    Column("p50", Kind.CENTS, "What 50 of 100 draws do not exceed"),
    Column("p90", Kind.CENTS, "What 90 of 100 draws do not exceed"),
)

SHOWN_DAYS: Final = Table(
    "days",
    "a day: what all members ask for at list price",
    (Column("date", Kind.DAY, "The day"), *_SPREAD),
)
SHOWN_MONTHS: Final = Table(
    "months",
    "a calendar month, as far as it is shown: what all members ask for at list price",
    (Column("month", Kind.MONTH, "The calendar month"), *_SPREAD),
)
SHOWN_MEMBERS: Final = Table(
    "members",
    "a member: what they ask for at list price, the mean over the draws",
    (
        Column("user_id", Kind.TEXT, "The member"),
        Column("seat_type", Kind.TEXT, "Their seat type on the first day; empty for who joins later"),
        Column("team", Kind.TEXT, "Their team"),
        Column("active_days_per_month", Kind.NUMBER, "Days on which they ask for anything, in 30.4 days"),
        Column("usd_per_active_day", Kind.CENTS, "What they ask for on such a day"),
        Column("usd_per_month", Kind.CENTS, "What they ask for in 30.4 days"),
    ),
)

SHOWN_TABLES: Final = (SHOWN_DAYS, SHOWN_MONTHS, SHOWN_MEMBERS)
"""What `planshift scenario show --out` writes."""
