"""Demand: what members ask for, in nano-dollars at list price, by day, draw, member and surface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

Nanos = npt.NDArray[np.int64]
Which = npt.NDArray[np.bool_]

MANY_RUNS = 20
"""More runs of members than these are not taken one by one."""
AT_A_TIME = 1 << 14
"""How many numbers are worked on at a time where an array is needed again at once."""


@dataclass(frozen=True)
class Demand:
    """What members ask for from ``start`` on; each surface's array has the shape (days, draws, members).

    ``members`` are in order of id. All arrays are nano-dollars at list price, none negative.
    """

    start: date
    members: tuple[str, ...]
    by_surface: Mapping[str, Nanos]
    days: int
    draws: int = 1

    @classmethod
    def added_up(cls, start: date, members: tuple[str, ...], by_surface: Mapping[str, Nanos], total: Nanos) -> Demand:
        """A demand whose ``total`` is known already."""
        found = cls(start, members, by_surface, total.shape[0], total.shape[1])
        vars(found)["total"] = total
        return found

    @cached_property
    def total(self) -> Nanos:
        """Demand on all surfaces together, shape (days, draws, members)."""
        arrays = list(self.by_surface.values())
        if len(arrays) == 1:
            return arrays[0]
        total = np.empty((self.days, self.draws, len(self.members)), dtype=np.int64)
        for some in self._a_few_days(self.days):
            here = total[some]
            here[:] = arrays[0][some] if arrays else 0
            for array in arrays[1:]:
                here += array[some]
        return total

    def _a_few_days(self, days: int) -> Iterator[slice]:
        """So many days, a few at a time, so that they are still in the cache when they are needed again."""
        size = max(1, AT_A_TIME // max(1, self.draws * len(self.members)))
        for start in range(0, days, size):
            yield slice(start, min(start + size, days))

    @cached_property
    def pooled(self) -> Nanos:
        """Demand of all members together, shape (days, draws)."""
        pooled: Nanos = self.total.sum(axis=2)
        return pooled

    @cached_property
    def active(self) -> Which:
        """Who asks for anything at all, shape (draws, members)."""
        active: Which = np.count_nonzero(self.total, axis=0) > 0
        return active

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(days=self.days)

    def between(self, first: date, last: date) -> slice:
        """The rows of the days from ``first`` up to, not including, ``last``."""
        return slice((first - self.start).days, (last - self.start).days)

    def available(self, days: slice, shut: Mapping[str, Which]) -> tuple[Nanos, Nanos]:
        """Demand on surfaces that are open to the member, and the sum of the other (Rulebook U4).

        ``shut``: by surface that is not open to everybody, and by member: is it shut? Returns shapes (days, draws,
        members) and (draws, members). The first may share memory with the demand: do not write into it.
        """
        total = self.total[days]
        unavailable = np.zeros(total.shape[1:], dtype=np.int64)
        if not shut:
            return total, unavailable
        result = np.empty_like(total)
        parts = [
            (self.by_surface[name][days], run, mask) for name, members in shut.items() for run, mask in _runs(members)
        ]
        for some in self._a_few_days(len(total)):
            here = result[some]
            here[:] = total[some]
            for array, run, mask in parts:
                asked = array[some, :, run] if mask is None else array[some] & mask
                here[:, :, run] -= asked
                unavailable[:, run] += asked[0] if len(asked) == 1 else asked.sum(axis=0)
        return result, unavailable

    def with_days(self, part: Demand) -> Demand:
        """The demand with some days of another one, written over its own: this one is not to be used again."""
        rows = self.between(part.start, part.end)
        for name, array in self.by_surface.items():
            array[rows] = part.by_surface[name]
        self.total[rows] = part.total
        return Demand.added_up(self.start, self.members, self.by_surface, self.total)

    def window(self, first: date, last: date) -> Demand:
        """The demand of the days from ``first`` up to, not including, ``last``; it shares memory with this one."""
        rows = self.between(first, last)
        parts = {name: array[rows] for name, array in self.by_surface.items()}
        if "total" in vars(self):
            # Added up once, for all windows.
            return Demand.added_up(first, self.members, parts, self.total[rows])
        return Demand(first, self.members, parts, (last - first).days, self.draws)


def _runs(members: Which) -> list[tuple[slice, Nanos | None]]:
    """The members of a mask as runs of those who stand together; or all members, and the bits to keep of each.

    Members with the same seat mostly stand together.
    """
    edges = np.flatnonzero(np.diff(members, prepend=False, append=False))
    if len(edges) > 2 * MANY_RUNS:
        return [(slice(None), -members.astype(np.int64))]
    return [(slice(first, last), None) for first, last in edges.reshape(-1, 2).tolist()]


def no_demand(start: date, days: int, members: tuple[str, ...]) -> Demand:
    """Nobody asks for anything."""
    return Demand(start, members, {}, days)
