"""Demand: what members ask for, in nano-dollars at list price, by day, draw, member and surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

Nanos = npt.NDArray[np.int64]


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

    @cached_property
    def total(self) -> Nanos:
        """Demand on all surfaces together, shape (days, draws, members)."""
        arrays = list(self.by_surface.values())
        if len(arrays) == 1:
            return arrays[0]
        total = np.zeros((self.days, self.draws, len(self.members)), dtype=np.int64)
        for array in arrays:
            total += array
        return total

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(days=self.days)

    def between(self, first: date, last: date) -> slice:
        """The rows of the days from ``first`` up to, not including, ``last``."""
        return slice((first - self.start).days, (last - self.start).days)

    def available(self, days: slice, shut: Mapping[str, npt.NDArray[np.bool_]]) -> Nanos:
        """Demand on surfaces that are open to the member, shape (days, draws, members) (Rulebook U4).

        ``shut``: by surface that is not open to everybody, and by member: is it shut? The result may share memory with
        the demand: do not write into it.
        """
        if not shut:
            return self.total[days]
        result = self.total[days].copy()
        for name, members in shut.items():
            result[:, :, members] -= self.by_surface[name][days][:, :, members]
        return result

    def window(self, first: date, last: date) -> Demand:
        """The demand of the days from ``first`` up to, not including, ``last``."""
        rows = self.between(first, last)
        parts = {name: array[rows] for name, array in self.by_surface.items()}
        return Demand(first, self.members, parts, (last - first).days, self.draws)


def no_demand(start: date, days: int, members: tuple[str, ...]) -> Demand:
    """Nobody asks for anything."""
    return Demand(start, members, {}, days)
