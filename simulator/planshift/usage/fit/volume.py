"""How much members use on an active day, how that changes in time, and the laws that the generator draws it from.

By variograms: half the mean squared difference of the logarithms of two active days of a member, by the days between
them. It needs nobody's mean, so a short time makes it noisy but not wrong. The product of two members' differences
over the same two days holds only what they share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

_FAR = 8.0
"""From here on the asymptotic series of the digamma and trigamma functions are exact to nine digits."""


def digamma(shape: float) -> float:
    """ψ: the mean of the logarithm of a Gamma variable of this shape and scale 1."""
    below = 0.0
    while shape < _FAR:
        below -= 1 / shape
        shape += 1
    square = 1 / shape**2
    return below + math.log(shape) - 0.5 / shape - square * (1 / 12 - square * (1 / 120 - square / 252))


def trigamma(shape: float) -> float:
    """ψ′: the variance of the logarithm of a Gamma variable of this shape."""
    below = 0.0
    while shape < _FAR:
        below += 1 / shape**2
        shape += 1
    square = 1 / shape**2
    return below + 1 / shape + square / 2 + square / shape * (1 / 6 - square * (1 / 30 - square / 42))


def shape_of(log_variance: float, low: float = 0.05, high: float = 50.0) -> float:
    """The Gamma shape whose logarithm has this variance, between ``low`` and ``high``."""
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if trigamma(middle) > log_variance else (low, middle)
    return math.sqrt(low * high)


def log_mean(shape: float) -> float:
    """The mean of the logarithm of a Gamma variable of this shape and mean 1; below zero."""
    return digamma(shape) - math.log(shape)


def ranks_of(normal: float) -> float:
    """Spearman's rank correlation of two normal variables of that correlation."""
    return 6 / math.pi * math.asin(max(-1.0, min(1.0, normal)) / 2)


def beta_of(mean: float, variance: float, least: float = 0.2, most: float = 50.0) -> tuple[float, float]:
    """Alpha and beta of the Beta law with that mean and variance, each kept between ``least`` and ``most``."""
    mean = min(max(mean, 0.005), 0.995)
    sure = mean * (1 - mean)
    together = sure / max(variance, sure / (most + 1)) - 1
    alpha, beta = mean * together, (1 - mean) * together
    # Where one would leave its bounds both are scaled, so that the mean stays.
    scale = min(max(1.0, least / min(alpha, beta)), most / max(alpha, beta))
    return alpha * scale, beta * scale


def slow_kernel(days: int, sd: float, forgets: float, noise: float, correlation: float) -> Floats:
    """The covariance of the logarithms of an ordinary member's volumes between any two of ``days`` days.

    ``sd``² e^(−lag/``forgets``) of the slow process and ``noise`` × ``correlation``^lag of the days themselves.
    """
    lags = np.arange(days, dtype=np.float64)
    by_lag = sd**2 * np.exp(-lags / forgets) + noise * np.power(correlation, lags)
    place = np.arange(days)
    return np.asarray(by_lag[np.abs(place[:, None] - place[None, :])])


_SIGMAS = np.linspace(0, 4, 201)


@dataclass(frozen=True)
class Levels:
    """The mean and the standard deviation between members of the logarithm of the level.

    ``members``: each member's mean logarithm, and ``noise``: the variance of it that days and drift explain.
    """

    mean: float
    sigma: float
    members: Floats
    noise: Floats

    @property
    def reliability(self) -> float:
        """The part of the spread of members' means that is theirs: 1 without noise."""
        whole = self.sigma**2 + float(np.mean(self.noise))
        return self.sigma**2 / whole if whole > 0 else 0.0


def member_means(logs: Floats) -> Floats:
    """Each member's mean of the logarithms of their active days, shape (members,); everybody must have one."""
    active = np.isfinite(logs)
    return np.asarray(np.where(active, logs, 0.0).sum(axis=0) / active.sum(axis=0))


def noise_of(active: npt.NDArray[np.bool_], kernel: Floats) -> Floats:
    """The variance of each member's mean over their active days, given the days' covariance, shape (members,)."""
    days = active.astype(np.float64)
    return np.asarray(((kernel @ days) * days).sum(axis=0) / days.sum(axis=0) ** 2)


def levels(means: Floats, noise: Floats, sigma: float | None = None) -> Levels:
    """The law of members' levels, most likely given means that are noisy, each as it is (restricted likelihood).

    ``sigma`` sets the standard deviation where it is not to be fitted.
    """
    candidates = _SIGMAS if sigma is None else np.array([sigma])
    spread = np.maximum(candidates[:, None] ** 2 + noise, 1e-6)
    weights = 1 / spread
    held = weights.sum(axis=1)
    middles = weights @ means / held
    misfit = (weights * (means - middles[:, None]) ** 2).sum(axis=1)
    best = int((np.log(spread).sum(axis=1) + np.log(held) + misfit).argmin())
    return Levels(float(middles[best]), float(candidates[best]), means, noise)


def rank_correlation(ones: Floats, others: Floats, reliability: float) -> float:
    """Spearman's rank correlation that two quantities would show without noise; ``reliability`` is the product of
    theirs. From normal scores, and kept between -0.95 and 0.95."""
    shown = float(np.corrcoef(scores(ones), scores(others))[0, 1]) if len(ones) > 2 else 0.0
    if not np.isfinite(shown) or reliability <= 0:
        return 0.0
    return float(np.clip(ranks_of(float(np.clip(shown / np.sqrt(reliability), -0.97, 0.97))), -0.95, 0.95))


def scores(values: Floats) -> Floats:
    """The normal quantiles of the ranks of values; equal ones share the mean of their ranks."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts + 1) / 2 + 0.5) / len(values)
    inverse = NormalDist().inv_cdf
    return np.array([inverse(rank) for rank in ranks.tolist()])[which]


_TAUS = np.geomspace(6, 240, 48)
_DENSE, _STEP, _FARTHEST = 28, 7, 168
_WEEK = 7


@dataclass(frozen=True)
class Variogram:
    """By lag: half the mean squared difference of a member's days, the part of it that members share, and the pairs
    of days; all of shape (lags,)."""

    lags: npt.NDArray[np.int64]
    whole: Floats
    shared: Floats
    pairs: Floats

    @property
    def own(self) -> Floats:
        """What a member does not share with others."""
        return np.asarray(self.whole - self.shared)


def lags_for(days: int) -> npt.NDArray[np.int64]:
    """The lags worth looking at: all up to four weeks, then one a week, up to six tenths of the days."""
    last = min(int(0.6 * days), _FARTHEST)
    dense = np.arange(1, min(_DENSE, last) + 1)
    return np.concatenate([dense, np.arange(_DENSE + _STEP, last + 1, _STEP)]).astype(np.int64)


def variogram(logs: Floats, lags: npt.NDArray[np.int64]) -> Variogram:
    """The variogram of the logarithms of volumes, shape (days, members), NaN where idle."""
    active = np.isfinite(logs)
    known = np.where(active, logs, 0.0)
    rows = [_at(known, active, int(lag)) for lag in lags]
    whole, shared, pairs = np.array(rows, dtype=np.float64).reshape(len(rows), 3).T
    return Variogram(lags, whole, shared, pairs)


def _at(logs: Floats, active: npt.NDArray[np.bool_], lag: int) -> tuple[float, float, float]:
    both = active[lag:] & active[:-lag]
    change = np.where(both, logs[lag:] - logs[:-lag], 0.0)
    squares, sums, counts = (change**2).sum(axis=1), change.sum(axis=1), both.sum(axis=1).astype(np.float64)
    pairs, crossed = counts.sum(), (counts * (counts - 1)).sum()
    whole = squares.sum() / (2 * pairs) if pairs else np.nan
    shared = (sums**2 - squares).sum() / (2 * crossed) if crossed else np.nan
    return float(whole), float(shared), float(pairs)


def fit_own(
    lags: npt.NDArray[np.int64], own: Floats, pairs: Floats, correlation: float, forgets: float | None
) -> tuple[float, float, float]:
    """(noise, drift sd, drift days): the least squares of noise (1 − c^lag) + sd² (1 − e^(−lag/days)).

    ``noise`` is the variance of a day's own logarithm, ``correlation`` c its autocorrelation; ``forgets`` sets the days
    where they are not to be fitted. Each lag counts by its pairs.
    """
    known = np.isfinite(own) & (pairs > 0)
    at, values = lags[known].astype(np.float64), own[known]
    scale = np.maximum(values, 0.25 * float(np.median(values)))
    weights = np.sqrt(pairs[known]) / scale
    best = (np.inf, trigamma(1.0), 0.0, forgets or 0.0)
    for tau in _TAUS if forgets is None else [forgets]:
        law = np.stack([1 - np.power(correlation, at), 1 - np.exp(-at / tau)], axis=1)
        found = _not_negative(law * weights[:, None], values * weights)
        misfit = float((((law @ found) - values) ** 2 * weights**2).sum())
        if misfit < best[0]:
            best = (misfit, float(found[0]), float(found[1]), float(tau))
    return best[1], float(np.sqrt(best[2])), best[3]


def fit_shared(
    lags: npt.NDArray[np.int64], shared: Floats, pairs: Floats, forgets: float, slow: float | None
) -> tuple[float, float]:
    """(daily sd, slow sd): the least squares of daily² + slow² (1 − e^(−lag/``forgets``)); ``slow`` sets the second
    where it is not to be fitted, and then only days within a week are looked at, over which it makes little odds."""
    known = np.isfinite(shared) & (pairs > 0) & ((lags <= _WEEK) | (slow is None))
    at, values, weights = lags[known].astype(np.float64), shared[known], np.sqrt(pairs[known])
    rises = 1 - np.exp(-at / forgets)
    if slow is not None:
        daily = float(np.average(values - slow**2 * rises, weights=weights**2)) if known.any() else 0.0
        return float(np.sqrt(max(daily, 0.0))), slow
    law = np.stack([np.ones(len(at)), rises], axis=1)
    found = _not_negative(law * weights[:, None], values * weights)
    return float(np.sqrt(found[0])), float(np.sqrt(found[1]))


def _not_negative(law: Floats, values: Floats) -> Floats:
    """The least squares of two coefficients, neither of them below zero."""
    found = np.linalg.lstsq(law, values, rcond=None)[0]
    if (found >= 0).all():
        return np.asarray(found)
    choices = []
    for column in (0, 1):
        alone = np.zeros(2)
        alone[column] = max(float(law[:, column] @ values) / float(law[:, column] @ law[:, column]), 0.0)
        choices.append((float(((law @ alone - values) ** 2).sum()), column, alone))
    return min(choices, key=lambda choice: choice[:2])[2]


MONTH = 365.25 / 12
_ERRORS = 2.5


def trend(logs: Floats, slow_sd: float, slow_days: float) -> tuple[float, float]:
    """(the growth of the logarithm in a month, its standard error), from the logarithms of active days, shape (days,
    members), NaN where idle.

    The error has what members' own trends differ by, and what a slow shock of ``slow_sd`` and ``slow_days`` that all
    share would make of it.
    """
    active = np.isfinite(logs)
    time = np.arange(len(logs), dtype=np.float64)[:, None] / MONTH
    counts = np.maximum(active.sum(axis=0), 1)
    away = np.where(active, time - np.where(active, time, 0.0).sum(axis=0) / counts, 0.0)
    squares = (away**2).sum(axis=0)
    seen = squares > 0
    if seen.sum() < 2:
        return 0.0, float("inf")
    known = np.where(active, logs, 0.0)
    slopes = (away * known).sum(axis=0)[seen] / squares[seen]
    weights = squares[seen] / squares[seen].sum()
    slope = float((weights * slopes).sum())
    own = float((weights**2 * (slopes - slope) ** 2).sum())
    pulls = away[:, seen].sum(axis=1) / squares[seen].sum()
    shared = float(pulls @ slow_kernel(len(logs), slow_sd, slow_days, 0.0, 0.0) @ pulls)
    return slope, float(np.sqrt(own + shared))


def is_plain(slope: float, error: float) -> bool:
    """Is a trend more than chance and a slow shock would show?"""
    return abs(slope) > _ERRORS * error
