"""The annual term: its months, its end, and how much of it is left (S1, S2, R1)."""

from calendar import monthrange
from datetime import date
from fractions import Fraction


def months_after(start: date, months: int) -> date:
    """The day `months` months after `start`; a day that the month lacks is the month's last (31 Jan -> 28 Feb)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def term_end(start: date) -> date:
    """The renewal date: twelve months after the term's start (R1)."""
    return months_after(start, 12)


def months_left(day: date, start: date, proration: str) -> Fraction:
    """The months of the term that are left on `day`, itself included, as the convention counts them (S2)."""
    end = term_end(start)
    if not start <= day < end:
        raise ValueError(f"{day} is outside the term from {start} to {end}")
    if proration == "days":
        return Fraction(12 * (end - day).days, (end - start).days)
    current = max(number for number in range(12) if months_after(start, number) <= day)
    if proration == "whole_months":
        return Fraction(12 - current)
    if proration != "months_and_days":
        raise ValueError(f"no such proration: {proration}")
    begins, ends = months_after(start, current), months_after(start, current + 1)
    return 11 - current + Fraction((ends - day).days, (ends - begins).days)
