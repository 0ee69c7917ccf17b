"""Seat fees earned by the day over what they pay for, in whole cents that add up (IFRS 15.35(a), 39, B18).

A charge is spread so that what is earned by the end of each day, from its first on, is rounded half up to the cent. An
early move changes the contract prospectively (IFRS 15.21(a), ASC 606-10-25-13(a)): what was earned stays, and what is
left of the old fees, less what is credited, is spread over the term that begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.charges import SEAT_CREDIT
from planshift.forecasting.events import BookedSeats
from planshift.forecasting.history import Grid, History
from planshift.forecasting.measures import Cents
from planshift.forecasting.renewal_draws import Numbers

YEAR = 12


@dataclass(frozen=True)
class EarnedSeats:
    """Seat fees that a plan charged, cents of shape (months + 1, draws): earned by each of a grid's ends.

    ``later``: what will be earned more than twelve months after that, as the contract stands then.
    """

    cents: Cents
    later: Cents


@dataclass(frozen=True)
class _Spread:
    """Cents, shape (draws,), earned by the day from ``day`` up to ``until`` (ordinals), in a term, by number."""

    term: int
    plan: str
    day: int
    until: int
    cents: Cents


def spread_by_day(cents: Cents, first: Numbers, until: Numbers, by: Numbers) -> Cents:
    """What is earned of charges by some days: cents × days ÷ all days, rounded half up, a negative one as the mirror.

    ``cents`` (charges, draws); ``first``, ``until`` (charges,) and ``by`` (days,): ordinals; what is earned by a day is
    earned on the days before it. Returns shape (charges, days, draws).
    """
    whole = (until - first)[:, None]
    days = np.clip(by[None, :] - first[:, None], 0, whole)[:, :, None]
    earned: Cents = (2 * np.abs(cents)[:, None, :] * days + whole[:, :, None]) // (2 * whole[:, :, None])
    return np.sign(cents)[:, None, :] * earned


def recognised_seats(history: History, charges: Sequence[BookedSeats], grid: Grid) -> Mapping[str, EarnedSeats]:
    """What is earned of seat fees, by the plan that charged them.

    A contract that ends by an early move has earned by that day all that it was charged.
    """
    book = _Book(history, grid)
    spreads = [
        _Spread(charge.term, charge.plan, charge.day, charge.until, charge.cents)
        for charge in charges
        if charge.kind != SEAT_CREDIT
    ]
    for number, turn in enumerate(history.turns):
        if turn.early:
            credited = [charge for charge in charges if charge.kind == SEAT_CREDIT and charge.term == number + 1]
            ended = [spread for spread in spreads if spread.term == number]
            spreads = [spread for spread in spreads if spread.term != number]
            spreads += book.move(number, ended, credited)
    book.earn(spreads, date.max.toordinal())
    return book.earned


class _Book:
    """What is earned by each of a grid's ends, by plan, while it is added up."""

    def __init__(self, history: History, grid: Grid) -> None:
        self._history, self._grid = history, grid
        self.earned: dict[str, EarnedSeats] = {}

    def earn(self, spreads: Sequence[_Spread], stop: int) -> Cents:
        """Earn charges by the day up to a day, and return what is left of each, shape (charges, draws)."""
        if not spreads:
            return np.zeros((0, self._history.draws), dtype=np.int64)
        cents = np.stack([spread.cents for spread in spreads])
        first, until = (np.array([getattr(spread, name) for spread in spreads]) for name in ("day", "until"))
        by = np.append(np.minimum(self._grid.ends, stop), stop)
        earned = spread_by_day(cents, first, until, by)
        later = np.zeros_like(earned[:, :-1])
        if any(held.term.months > YEAR for held in self._history.terms):
            known = (first[:, None] < self._grid.ends) & (self._grid.ends <= stop)
            later = (cents[:, None] - spread_by_day(cents, first, until, self._grid.year_on)) * known[:, :, None]
        for place, spread in enumerate(spreads):
            self._add(spread.plan, earned[place, :-1], later[place])
        return cents - earned[:, -1]

    def move(self, number: int, ended: Sequence[_Spread], credited: Sequence[BookedSeats]) -> list[_Spread]:
        """Earn a term's fees up to an early move; the rest, less what is credited, is to be spread over the next."""
        day = self._history.turns[number].day.toordinal()
        until = self._history.terms[number + 1].term.renewal.toordinal()
        stops = self._history.churns_at(number)
        plans = [spread.plan for spread in ended] + [charge.plan for charge in credited]
        left = {plan: np.zeros(self._history.draws, dtype=np.int64) for plan in plans}
        for spread, rest in zip(ended, self.earn(ended, day), strict=True):
            # Where the contract ends with the move, nothing is left to be done for what was paid.
            at_once = (self._grid.ends > day)[:, None] * (rest * stops)
            self._add(spread.plan, at_once, np.zeros_like(at_once))
            left[spread.plan] = left[spread.plan] + rest * ~stops
        for charge in credited:
            left[charge.plan] = left[charge.plan] + charge.cents
        return [_Spread(number + 1, plan, day, until, cents) for plan, cents in left.items()]

    def _add(self, plan: str, cents: Cents, later: Cents) -> None:
        before = self.earned.get(plan)
        if before is not None:
            cents, later = before.cents + cents, before.later + later
        self.earned[plan] = EarnedSeats(cents, later)
