"""Lots of credits, oldest first: what is left of each purchase, and when that is gone."""

from __future__ import annotations

from datetime import date

import numpy as np

from planshift.billing.sharing import Nanos


class Lots:
    """What is left of credits in each draw, by purchase: used up in the order of buying, gone on a day of their own."""

    def __init__(self, gone: int, amounts: Nanos) -> None:
        self._gone = np.array([gone])
        self._left = amounts[None].copy()

    def add(self, gone: int, amounts: Nanos) -> None:
        """Credits bought, nano-dollars of shape (draws,); they are gone on a day (an ordinal)."""
        self._gone = np.append(self._gone, gone)
        self._left = np.concatenate((self._left, amounts[None]))

    def use(self, used: Nanos) -> None:
        """Take what was used, shape (draws,), from the oldest; there is as much."""
        older = np.cumsum(self._left, axis=0) - self._left
        self._keep(self._left - np.clip(used - older, 0, self._left))

    def expire(self, today: int) -> Nanos:
        """Drop what is gone by a day (an ordinal); the amounts dropped, shape (draws,)."""
        gone = self._gone <= today
        expired: Nanos = self._left[gone].sum(axis=0)
        if gone.any():
            self._left[gone] = 0
            self._keep(self._left)
        return expired

    @property
    def first(self) -> int:
        """The first day (an ordinal) on which something is gone; far off where nothing is left."""
        return int(self._gone.min(initial=date.max.toordinal()))

    def _keep(self, left: Nanos) -> None:
        held = left.any(axis=1)
        self._gone, self._left = self._gone[held], left[held]
