"""Included usage: an amount for each member and window, drawn on first, lost when the window ends."""

from __future__ import annotations

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

    def draw(self, available: Nanos, amounts: Nanos) -> tuple[Nanos, Nanos]:
        """Included usage by member, and by day what goes beyond it (Rulebook I1).

        included = min(available, amount − used before in the window), day by day

        ``available``: nano-dollars of shape (days, draws, members), all days inside one window; ``amounts``: by member.
        Returns shapes (draws, members) and (days, draws, members).
        """
        left = np.maximum(amounts - self._used, 0)
        asked = np.cumsum(available, axis=0)
        included = np.minimum(asked, left)
        beyond = asked - included
        beyond[1:] -= beyond[:-1].copy()
        self._used += included[-1]
        return included[-1], beyond
