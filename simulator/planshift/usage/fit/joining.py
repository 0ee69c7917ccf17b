"""Who begins in the middle of a file: members whose first active day comes later than chance would have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

_EXPECTED = 10.0
_SOON = 3
_SHARE, _FEWEST = 0.1, 3
_STEP = 14


@dataclass(frozen=True)
class Joining:
    """Each member's first day, counted from the file's, shape (members,); 0 for who was there from the start."""

    first: npt.NDArray[np.int64]

    @property
    def late(self) -> int:
        """How many begin later."""
        return int((self.first > 0).sum())

    def known(self, days: int) -> npt.NDArray[np.bool_]:
        """On which days each member is there, shape (days, members)."""
        return np.asarray(np.arange(days)[:, None] >= self.first)

    def by_date(self, start: date, days: int) -> tuple[tuple[date, float], ...]:
        """The share of members who have begun by a date, every fortnight on which it grows; empty where nobody begins
        late."""
        if not self.late:
            return ()
        found = [(start, float((self.first == 0).mean()))]
        for day in range(_STEP, days + _STEP, _STEP):
            share = float((self.first < day + _STEP / 2).mean())
            if share > found[-1][1]:
                found.append((start + timedelta(days=day), share))
        return tuple((day, round(share, 4)) for day, share in found)


def joining(active: npt.NDArray[np.bool_]) -> Joining:
    """Who begins late, from activity of shape (days, members): those who had been active on ten days already, had they
    been so from the start as they are from their first active day on.

    Where it is fewer than a tenth of the members, or fewer than three, nobody is said to: single members come and go.
    """
    first = active.argmax(axis=0)
    days = np.arange(len(active))[:, None] >= first
    rate = active.sum(axis=0) / days.sum(axis=0)
    late = (first * rate >= _EXPECTED) & (len(active) - first >= _SOON)
    if late.sum() < max(_FEWEST, _SHARE * active.shape[1]):
        late[:] = False
    return Joining(np.where(late, first, 0).astype(np.int64))


def leaving(active: npt.NDArray[np.bool_]) -> int:
    """How many members stop before the end as plainly as others begin late."""
    return joining(active[::-1]).late
