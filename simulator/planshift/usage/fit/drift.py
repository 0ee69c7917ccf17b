"""How volumes change in time: what a member's days have of their own, what drifts slowly, what all share.

By variograms: half the mean squared difference of the logarithms of two active days of a member, by the days between
them. It needs nobody's mean, so a short time makes it noisy but not wrong. The product of two members' differences
over the same two days holds only what they share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planshift.usage.fit.laws import Floats, trigamma

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
