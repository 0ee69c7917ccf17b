"""What usage looks like, in a few numbers: how it is spread over members, weekdays and time.

Volumes are arrays of the shape (days, members), in any unit, none negative; a day without usage is 0. Where nothing
can be said (no usage at all, too short a time) a number is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.floating[Any]] | npt.NDArray[np.integer[Any]]

WEEK = 7
MONTH = 28
"""Four whole weeks: what is called a month here, so that all of them have the same weekdays."""


def ks_distance(ones: Numbers, others: Numbers) -> float:
    """The largest vertical distance between the distribution functions of two samples of any lengths (two-sample
    Kolmogorov-Smirnov), from 0 to 1."""
    one, other = np.sort(np.ravel(ones)), np.sort(np.ravel(others))
    if not len(one) or not len(other):
        return float("nan")
    every = np.concatenate([one, other])
    below_one = np.searchsorted(one, every, side="right") / len(one)
    below_other = np.searchsorted(other, every, side="right") / len(other)
    return float(np.abs(below_one - below_other).max())


def lorenz(amounts: Numbers, shares: Floats | None = None) -> Floats:
    """The share of the whole that the smallest have together, at each of ``shares`` of them (101 of them, 0 to 1).

    Amounts have shape (members,); between two members the curve is straight.
    """
    at = np.linspace(0, 1, 101) if shares is None else shares
    held = np.concatenate([[0.0], np.cumsum(np.sort(np.asarray(amounts, dtype=np.float64)))])
    if len(held) == 1 or held[-1] <= 0:
        return np.full(len(at), np.nan)
    return np.asarray(np.interp(at, np.linspace(0, 1, len(held)), held / held[-1]), dtype=np.float64)


def lorenz_gap(ones: Numbers, others: Numbers) -> float:
    """The largest vertical distance between the Lorenz curves of two samples, from 0 to 1."""
    at = np.union1d(np.linspace(0, 1, len(ones) + 1), np.linspace(0, 1, len(others) + 1))
    return float(np.abs(lorenz(ones, at) - lorenz(others, at)).max())


def gini(amounts: Numbers) -> float:
    """The Gini coefficient: 0 where all have the same, (n − 1)/n where one of n has all."""
    ordered = np.sort(np.asarray(amounts, dtype=np.float64))
    count, whole = len(ordered), ordered.sum()
    if not count or whole <= 0:
        return float("nan")
    return float(((2 * np.arange(1, count + 1) - count - 1) * ordered).sum() / (count * whole))


def top_share(amounts: Numbers, share: float) -> float:
    """What the largest ``share`` (0.01 for one in a hundred) of members have together, as a share of the whole."""
    return float(1 - lorenz(amounts, np.array([1 - share]))[0])


def percentile_over_mean(amounts: Numbers, percent: float) -> float:
    """A percentile over the mean of all: ``percent`` 90 gives P90 over mean."""
    mean = float(np.mean(amounts)) if len(amounts) else 0.0
    return float(np.percentile(amounts, percent)) / mean if mean > 0 else float("nan")


def per_active_day(volumes: Numbers) -> Floats:
    """Each member's mean of the days on which they used anything, shape (members,); NaN for who never did."""
    days = np.count_nonzero(volumes, axis=0)
    with np.errstate(invalid="ignore"):
        mean: Floats = volumes.sum(axis=0, dtype=np.float64) / np.where(days, days, np.nan)
    return mean


def active_days(volumes: Numbers, days: int = MONTH) -> Floats:
    """Days of use in each window of ``days`` days, of members who have any in it, shape (windows × members who do).

    Windows follow each other from the first day; one that is not full is left out, unless there is no other.
    """
    counts = np.stack([np.count_nonzero(window, axis=0) for window in _windows(volumes, days)])
    return counts[counts > 0].astype(np.float64)


def weekdays(start: date, days: int) -> npt.NDArray[np.int64]:
    """The weekday of each of ``days`` days from ``start`` on, 0 for Monday, shape (days,)."""
    return (start.weekday() + np.arange(days)) % WEEK


def weekday_profile(volumes: Numbers, start: date) -> Floats:
    """The mean total of each weekday over the mean of the seven, Monday first, shape (7,); NaN for a weekday that
    never was."""
    return _of_weekdays(volumes.sum(axis=1, dtype=np.float64), start)


def activity_profile(volumes: Numbers, start: date) -> Floats:
    """The mean share of members who use anything, by weekday, Monday first, shape (7,)."""
    return weekday_means((volumes > 0).mean(axis=1), start)


def weekday_means(totals: Floats, start: date) -> Floats:
    """The mean of the days of each weekday, Monday first: from shape (days,) to shape (7,)."""
    kinds = weekdays(start, len(totals))
    counts = np.bincount(kinds, minlength=WEEK)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.bincount(kinds, weights=totals, minlength=WEEK) / np.where(counts, counts, np.nan)
    return mean


def _of_weekdays(totals: Floats, start: date) -> Floats:
    means = weekday_means(totals, start)
    known = means[~np.isnan(means)]
    whole = float(known.mean()) if len(known) else 0.0
    return means / whole if whole > 0 else np.full(WEEK, np.nan)


def normal_scores(volumes: Numbers) -> Floats:
    """Each active day's volume as the normal quantile of its rank among the member's active days, NaN on idle days;
    shape (days, members). Equal volumes share the mean of their ranks."""
    scores = np.full(volumes.shape, np.nan)
    for member in range(volumes.shape[1]):
        active = np.flatnonzero(volumes[:, member])
        if len(active):
            scores[active, member] = _scored(np.asarray(volumes[active, member]))
    return scores


def _scored(values: npt.NDArray[Any]) -> Floats:
    ordered = np.sort(values)
    # The first and the last rank of each value, from 0; their sum is twice the middle one.
    twice = np.searchsorted(ordered, values) + np.searchsorted(ordered, values, side="right") - 1
    return np.asarray(_quantiles(len(values))[twice])


@lru_cache(maxsize=4096)
def _quantiles(count: int) -> Floats:
    """The normal quantiles of so many ranks and of the middles between them."""
    inverse = NormalDist().inv_cdf
    return np.array([inverse((half + 1) / (2 * count)) for half in range(2 * count - 1)])


def autocorrelation(volumes: Numbers, lags: Sequence[int]) -> Floats:
    """The correlation between days so many days apart of the normal scores of members' active days, by lag.

    Pairs of all members are pooled; both days must be active. Scores are within a member, so levels do not count. It
    is biased down where few days are known (by about 1/n, and more by slow change).
    """
    scores = normal_scores(volumes)
    variance = float(np.nanmean(scores**2)) if np.isfinite(scores).any() else 0.0
    return np.array([_correlation(scores, lag, variance) for lag in lags])


def _correlation(scores: Floats, lag: int, variance: float) -> float:
    if not variance or lag >= len(scores):
        return float("nan")
    products = scores[lag:] * scores[: len(scores) - lag]
    known = np.isfinite(products)
    return float(products[known].mean() / variance) if known.any() else float("nan")


def within_members(volumes: Numbers) -> Floats:
    """Every active day's volume over its member's mean of those days, shape (active days,)."""
    shares = volumes / per_active_day(volumes)
    return np.asarray(shares[volumes > 0], dtype=np.float64)


def monthly_totals(volumes: Numbers, days: int = MONTH) -> Floats:
    """The total of all members in each window of ``days`` days; one that is not full is left out, shape (windows,)."""
    return np.array([window.sum(dtype=np.float64) for window in _windows(volumes, days) if len(window) == days])


def log_change_sd(totals: Numbers) -> float:
    """The standard deviation of the logarithm of the change from one total to the next, those of nothing left out."""
    ordered = np.asarray(totals, dtype=np.float64)
    pairs = (ordered[1:] > 0) & (ordered[:-1] > 0)
    changes = np.log(ordered[1:][pairs] / ordered[:-1][pairs])
    return float(changes.std(ddof=1)) if len(changes) > 1 else float("nan")


def _windows(volumes: Numbers, days: int) -> list[npt.NDArray[Any]]:
    full = len(volumes) // days
    return [volumes[number * days : (number + 1) * days] for number in range(full)] or [volumes]
