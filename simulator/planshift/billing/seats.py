"""Seats: what they cost for a term and for the rest of one, who holds them, and what they open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from planshift.billing.money import NANO, to_cents
from planshift.billing.schedule import Term


def months_and_days(term: Term, day: date) -> Fraction:
    """Whole months after the current one, plus the share of days left of it, the day included (Rulebook S2).

    rest = (months − k − 1) + (start of month k+1 − day) ÷ (start of month k+1 − start of month k)
    """
    current = term.month_of(day)
    begins, ends = term.month(current), term.month(current + 1)
    return term.months - current - 1 + Fraction((ends - day).days, (ends - begins).days)


def whole_months(term: Term, day: date) -> Fraction:
    """The months of the term that are left, the current one counted whole (Rulebook S2)."""
    return Fraction(term.months - term.month_of(day))


def days(term: Term, day: date) -> Fraction:
    """months × days left ÷ days in the term, the day included (Rulebook S2)."""
    return Fraction(term.months * (term.renewal - day).days, (term.renewal - term.start).days)


CONVENTIONS: Mapping[str, Callable[[Term, date], Fraction]] = {
    "months_and_days": months_and_days,
    "whole_months": whole_months,
    "days": days,
}
"""The ways of counting the rest of a term; a plan or a contract chooses one by name."""


def rest_of_term(convention: str, term: Term, day: date) -> Fraction:
    """The rest of a term in months, by a named convention (Rulebook S2)."""
    return CONVENTIONS[convention](term, day)


def seat_charge(seats: int, price: Fraction, months: Fraction) -> int:
    """Cents for seats at a price in dollars a month: seats × price × months, rounded half up once (Rulebook S1, S2)."""
    return to_cents(seats * price * months * NANO)


@dataclass(frozen=True)
class Seats:
    """Seats held, those that leave at the renewal, and which member has which type (None: unassigned)."""

    held: Mapping[str, int]
    leaving: Mapping[str, int] = field(default_factory=dict)
    assigned: Mapping[str, str | None] = field(default_factory=dict)

    def added(self, more: Mapping[str, int]) -> Seats:
        """With seats bought."""
        return replace(self, held=_sum(self.held, more))

    def given_up(self, fewer: Mapping[str, int]) -> Seats:
        """With seats that will leave at the renewal (Rulebook S3)."""
        return replace(self, leaving=_sum(self.leaving, fewer))

    def with_assigned(self, members: Mapping[str, str | None]) -> Seats:
        """With members put on other seats, or on none."""
        return replace(self, assigned={**self.assigned, **members})

    def remaining(self) -> dict[str, int]:
        """What is held less what leaves."""
        return {seat: count - self.leaving.get(seat, 0) for seat, count in self.held.items()}

    def shortage(self) -> tuple[str, int, int] | None:
        """The first seat type with more members than seats: type, members, seats (Rulebook S4)."""
        for seat in dict.fromkeys(seat for seat in self.assigned.values() if seat):
            members = sum(1 for held in self.assigned.values() if held == seat)
            if members > self.held.get(seat, 0):
                return seat, members, self.held.get(seat, 0)
        return None


def mapped(seats: Mapping[str, int], seat_map: Mapping[str, str]) -> dict[str, int]:
    """Seats by the types that they become (Rulebook R1)."""
    result: dict[str, int] = {}
    for seat, count in seats.items():
        result[seat_map[seat]] = result.get(seat_map[seat], 0) + count
    return result


def _sum(seats: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {seat: seats.get(seat, 0) + more.get(seat, 0) for seat in dict.fromkeys([*seats, *more])}
