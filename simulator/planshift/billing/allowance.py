"""Included usage: an amount for each member and window, drawn on first, lost when the window ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np

from planshift.billing.sharing import Nanos

WEEK = 7


def window_starts(window: str, term_start: date, day: date) -> bool:
    """Does a window of included usage begin on this day (Rulebook I1)?

    ``iso_week`` begins on Mondays, ``week_of_term`` on the weekday on which the term started.
    """
    return day.weekday() == (0 if window == "iso_week" else term_start.weekday())


def next_window(window: str, term_start: date, day: date) -> date:
    """The first day after ``day`` on which a window begins."""
    following = (day + timedelta(days=ahead) for ahead in range(1, WEEK + 1))
    return next(other for other in following if window_starts(window, term_start, other))


class Allowance:
    """What members have used of their window's included usage, nano-dollars of shape (draws, members)."""

    def __init__(self, draws: int, members: int) -> None:
        self._used = np.zeros((draws, members), dtype=np.int64)

    def new_window(self) -> None:
        """Everybody's amount is full again; what was not used is lost."""
        self._used[:] = 0

    def draw(self, available: Nanos, amounts: Nanos, fresh: Collection[int] = ()) -> tuple[Nanos, Nanos]:
        """Included usage by member, and by day what goes beyond it (Rulebook I1).

        included = min(available, amount − used before in the window), day by day

        ``available``: nano-dollars of shape (days, draws, members); ``amounts``: by member; ``fresh``: the indices of
        days on which another window begins. Returns shapes (draws, members) and (days, draws, members).
        """
        beyond = np.empty_like(available)
        included, taken = np.zeros_like(self._used), np.empty_like(self._used)
        left = np.maximum(amounts - self._used, 0)
        held = left.copy()
        # Day by day, so that what is left stays close at hand: running sums over whole stretches take twice as long.
        for day, asked in enumerate(available):
            if day in fresh:
                included += held - left
                self.new_window()
                held[:] = left[:] = amounts
            np.minimum(asked, left, out=taken)
            np.subtract(left, taken, out=left)
            np.subtract(asked, taken, out=beyond[day])
        held -= left
        self._used += held
        included += held
        return included, beyond
