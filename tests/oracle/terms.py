"""The annual term: its months, its end, and how much of it is left (S1, S2, R1)."""

from calendar import monthrange
from datetime import date
from fractions import Fraction


def months_after(start: date, months: int) -> date:
    """The day `months` months after `start`; a day that the month lacks is the month's last (31 Jan -> 28 Feb)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def term_start(signed: date, term: int) -> date:
    """The first day of a term, by number from 0, of a contract whose first day is `signed` (R0, R1)."""
    return months_after(signed, 12 * term)


def months_left(day: date, signed: date, term: int, proration: str) -> Fraction:
    """The months of a term that are left on `day`, itself included, as the convention counts them (S2)."""
    start, end = term_start(signed, term), term_start(signed, term + 1)
    if not start <= day < end:
        raise ValueError(f"{day} is outside the term from {start} to {end}")
    if proration == "days":
        return Fraction(12 * (end - day).days, (end - start).days)
    current = max(number for number in range(12) if months_after(signed, 12 * term + number) <= day)
    if proration == "whole_months":
        return Fraction(12 - current)
    if proration != "months_and_days":
        raise ValueError(f"no such proration: {proration}")
    begins, ends = (months_after(signed, 12 * term + number) for number in (current, current + 1))
    return 11 - current + Fraction((ends - day).days, (ends - begins).days)
