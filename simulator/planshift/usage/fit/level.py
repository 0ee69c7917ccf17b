"""How much members use on an ordinary active day, and how differently, with the noise of days and drift taken out."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from planshift.usage.fit.laws import Floats, ranks_of

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
