"""What all accounts share of a draw's usage: a factor for each day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.usage.demand import AT_A_TIME, Nanos
from planshift.usage.measure import Measured


@dataclass(frozen=True)
class Factors:
    """Factors on what is asked for, shape (days, draws), from ``start`` on; before ``start`` usage is as it is."""

    start: date
    by_day: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.by_day.ndim != 2 or not np.isfinite(self.by_day).all() or (self.by_day < 0).any():
            raise ValueError("factors must be finite, not negative, and of the shape (days, draws)")

    @property
    def draws(self) -> int:
        """For how many draws there are factors."""
        return int(self.by_day.shape[1])

    def some(self, draws: slice) -> Factors:
        """Those of some draws."""
        return Factors(self.start, self.by_day[:, draws])

    def applied(self, measured: Measured) -> Measured:
        """What was measured times the factors, each amount rounded to the nano-dollar, halves to the even one.

        Raises ValueError where there are not as many draws, or not factors up to the last day.
        """
        demand = measured.demand
        offset = (demand.start - self.start).days
        missing = offset + demand.days - len(self.by_day)
        if missing > 0:
            raise ValueError(f"the factors must reach the last of the {demand.days} days (got {missing} days fewer)")
        if demand.by_surface and self.draws != demand.draws:
            raise ValueError(f"there must be factors for {demand.draws} draws (got {self.draws})")
        before = max(0, -offset)
        rows = self.by_day[max(0, offset) : offset + demand.days]
        if (rows == 1).all():
            return measured
        surfaces = {name: _times(array, rows, before) for name, array in demand.by_surface.items()}
        return replace(measured, demand=replace(demand, by_surface=surfaces))


def _times(amounts: Nanos, factors: npt.NDArray[np.float64], before: int) -> Nanos:
    """Amounts of shape (days, draws, members) times factors of (days, draws), from the day ``before`` on."""
    result = np.empty_like(amounts)
    result[:before] = amounts[:before]
    size = max(1, AT_A_TIME // max(1, amounts[0].size)) if len(amounts) else 1
    for first in range(before, len(amounts), size):
        some = slice(first, first + size)
        here = amounts[some] * factors[first - before : first - before + size, :, None]
        np.copyto(result[some], np.rint(here, out=here), casting="unsafe")
    return result
