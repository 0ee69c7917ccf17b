"""What the generator's laws make of their parameters, and back: logarithms of Gamma days, slow processes, copulas."""

from __future__ import annotations

import math
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
