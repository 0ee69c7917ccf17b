"""Usage of a scenario in some draws, summed up by day and by member; of a usage file, the file's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from planshift.billing.scenario import Scenario
from planshift.usage.measure import UsageSource
from planshift.usage.statistics import gini, lorenz, top_share, weekday_profile
from planshift.usage.synthetic.persona import Organization

DAYS_A_MONTH = 365.25 / 12

Nanos = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class UsageSample:
    """What members ask for at list price, nano-dollars, from ``start`` on.

    ``daily``: all members together, shape (draws, days); ``totals``: each member, all days together, and ``active``:
    the days on which they ask for anything, both of the shape (draws, members); ``members`` are in order of id.
    ``surfaces``: the sum of all draws by surface.
    """

    start: date
    members: tuple[str, ...]
    daily: Nanos
    totals: Nanos
    active: npt.NDArray[np.int64]
    surfaces: Mapping[str, int]

    @property
    def draws(self) -> int:
        """How many draws."""
        return len(self.daily)

    @property
    def days(self) -> int:
        """How many days."""
        return int(self.daily.shape[1])

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(days=self.days)

    @cached_property
    def months(self) -> dict[date, Nanos]:
        """What all members ask for in each calendar month, by its first day, shape (draws,)."""
        firsts = [(self.start + timedelta(days=day)).replace(day=1) for day in range(self.days)]
        codes = np.array([firsts.index(first) for first in firsts])
        return {firsts[code]: self.daily[:, codes == code].sum(axis=1) for code in np.unique(codes).tolist()}

    @property
    def week(self) -> Floats:
        """The mean of each weekday over the mean of the seven, Monday first, all draws together."""
        return weekday_profile(self.daily.T.astype(np.float64), self.start)

    def lorenz(self, shares: Floats) -> Floats:
        """The share of the whole that so many of the members with the least have, the mean of the draws."""
        curve: Floats = np.mean([lorenz(totals, shares) for totals in self._used], axis=0)
        return curve

    @property
    def top_tenth(self) -> float:
        """What the top tenth of members have of the whole, the mean of the draws."""
        return float(np.mean([top_share(totals, 0.1) for totals in self._used]))

    @property
    def gini(self) -> float:
        """The Gini coefficient of members, the mean of the draws."""
        return float(np.mean([gini(totals) for totals in self._used]))

    @property
    def _used(self) -> list[Nanos]:
        """The draws in which anybody asks for anything."""
        return [totals for totals in self.totals if totals.any()]


def sample(scenario: Scenario, draws: int, progress: Callable[[int], None] | None = None) -> UsageSample:
    """Some draws of a scenario's usage over its horizon, one after another; of a usage file all of its days.

    Members who never ask for anything are among them. Raises InputError for what cannot be priced, and what a file
    holds of people who are not members.
    """
    start, end = scenario.start, scenario.end
    count = draws if isinstance(scenario.usage, Organization) else 1
    if isinstance(scenario.usage, UsageSource):
        first, last = scenario.covered or (start, end)
        start, end = first, last + timedelta(days=1)
    found = []
    surfaces: Counter[str] = Counter()
    for draw in range(count):
        demand = scenario.asked(end, range(draw, draw + 1)).measured(start, end).demand
        total = demand.total[:, 0, :]
        surfaces.update({name: int(array.sum()) for name, array in demand.by_surface.items()})
        found.append((total.sum(axis=1), total.sum(axis=0), np.count_nonzero(total, axis=0)))
        if progress:
            progress(draw + 1)
    daily, totals, active = (np.stack(parts) for parts in zip(*found, strict=True))
    return UsageSample(start, scenario.people, daily, totals, active.astype(np.int64), surfaces)
