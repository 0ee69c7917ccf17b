"""Whether usage grows: the trend that members share, told apart from what drift and chance make."""

from __future__ import annotations

import numpy as np

from planshift.usage.fit.laws import Floats, slow_kernel

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
