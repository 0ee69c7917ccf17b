"""How well generated usage is like that of the file: the same statistics of both, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import RateCard
from planshift.usage import statistics
from planshift.usage.fit.fitting import Fit
from planshift.usage.fit.panel import drawn

Floats: TypeAlias = npt.NDArray[np.float64]

LAGS = (1, 2, 3, 7, 14, 21, 28)
TABLE_LAGS = (1, 7, 28)

_CELLS, _FEWEST, _MOST = 4_000_000, 10, 60
_SAMPLE = 200_000


@dataclass(frozen=True)
class Look:
    """What usage looks like, of a file or of the mean over draws.

    ``volumes``: dollars of members' active days, sorted; ``held``: the Lorenz curve of members' totals at 101 shares of
    them, who use nothing left out; ``week`` and ``active``: total and share of active members by weekday, Monday first;
    ``correlations`` at `LAGS`; ``level``: dollars of an active day, mean over members; ``active_days``: the mean number
    in four weeks, of members who have any; ``total``: dollars.
    """

    volumes: Floats
    held: Floats
    gini: float
    top: float
    week: Floats
    active: Floats
    correlations: Floats
    level: float
    active_days: float
    total: float


@dataclass(frozen=True)
class Quality:
    """A file and what the fit generates in its place, on the same days with the same number of members.

    ``low``, ``middle`` and ``high``: the 10th, 50th and 90th percentile over draws of each day's total; ``totals``: the
    draws' totals.
    """

    start: date
    real: Look
    generated: Look
    draws: int
    daily: Floats
    low: Floats
    middle: Floats
    high: Floats
    totals: Floats

    @property
    def ks(self) -> float:
        """The Kolmogorov-Smirnov distance of the volumes of members' active days."""
        return statistics.ks_distance(self.real.volumes, self.generated.volumes)

    @property
    def lorenz_gap(self) -> float:
        """The largest vertical distance of the Lorenz curves of members' totals."""
        return float(np.abs(self.real.held - self.generated.held).max())

    @property
    def week_gap(self) -> float:
        """The largest difference of the weekday profiles, over the mean day."""
        return float(np.nanmax(np.abs(self.real.week - self.generated.week), initial=0.0))

    @property
    def place(self) -> float:
        """The share of draws whose total is below the file's."""
        return float((self.totals < self.real.total).mean())


def quality(fit: Fit, card: RateCard) -> Quality:
    """The file's usage beside draws of the fit, at the prices of the file's first day; the draws are the first ones of
    the fit's seed."""
    panel = fit.panel
    count = min(_MOST, max(_FEWEST, _CELLS // panel.volumes.size))
    looks, totals = [], []
    for dollars in drawn(fit.on_file(), card, panel.days, count):
        if dollars.any():
            looks.append(_look(dollars, panel.start, _SAMPLE // count))
        totals.append(dollars.sum(axis=1))
    by_day = np.stack(totals)
    low, middle, high = np.percentile(by_day, [10, 50, 90], axis=0)
    return Quality(
        start=panel.start,
        real=_look(panel.volumes, panel.start, _SAMPLE),
        generated=_mean(looks),
        draws=count,
        daily=panel.volumes.sum(axis=1),
        low=low,
        middle=middle,
        high=high,
        totals=by_day.sum(axis=1),
    )


def _look(dollars: Floats, start: date, sample: int) -> Look:
    totals = dollars.sum(axis=0)
    shown = totals > 0
    # A day's smallest amount is a whole step; sorting by size makes every so many of them a fair sample.
    volumes = np.sort(dollars[dollars > 0])
    return Look(
        volumes=volumes[:: max(1, len(volumes) // max(sample, 1))],
        held=statistics.lorenz(totals[shown]),
        gini=statistics.gini(totals[shown]),
        top=statistics.top_share(totals[shown], 0.1),
        week=statistics.weekday_profile(dollars, start),
        active=statistics.activity_profile(dollars[:, shown], start),
        correlations=statistics.autocorrelation(dollars, LAGS),
        level=float(np.nanmean(statistics.per_active_day(dollars[:, shown]))),
        active_days=float(statistics.active_days(dollars).mean()),
        total=float(totals.sum()),
    )


def _mean(looks: Sequence[Look]) -> Look:
    """The mean look; the volumes of all of them together."""

    def mean(arrays: Sequence[Floats] | Sequence[float]) -> Floats:
        stacked = np.array(arrays, dtype=np.float64)
        known = np.isfinite(stacked)
        held = np.where(known, stacked, 0.0).sum(axis=0)
        return np.where(known.any(axis=0), held / np.maximum(known.sum(axis=0), 1), np.nan)

    return Look(
        volumes=np.sort(np.concatenate([look.volumes for look in looks])),
        held=mean([look.held for look in looks]),
        gini=float(mean([look.gini for look in looks])),
        top=float(mean([look.top for look in looks])),
        week=mean([look.week for look in looks]),
        active=mean([look.active for look in looks]),
        correlations=mean([look.correlations for look in looks]),
        level=float(mean([look.level for look in looks])),
        active_days=float(mean([look.active_days for look in looks])),
        total=float(mean([look.total for look in looks])),
    )
