"""The factors of weekdays on the volume of an active day, with members' levels and slow changes taken out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planshift.usage.fit.laws import Floats
from planshift.usage.statistics import WEEK

_BLOCK = 2 * WEEK
_ROUNDS = 40
_ORDINARY = 4


def volume_factors(logs: Floats, kinds: npt.NDArray[np.int64]) -> Floats:
    """The factors by weekday, Monday first, the mean of Monday to Thursday 1; shape (7,).

    Least squares of the logarithms of active days (days, members), NaN where idle, on the weekday and on the member's
    fortnight. A weekday on which nobody was active has 1.
    """
    days = -(-len(logs) // _BLOCK) * _BLOCK
    padded = np.full((days, logs.shape[1]), np.nan)
    padded[: len(logs)] = logs
    active = np.isfinite(padded)
    values = np.where(active, padded, 0.0).reshape(-1, _BLOCK, logs.shape[1])
    present = active.reshape(values.shape)
    of_days = ((kinds[0] + np.arange(days)) % WEEK).reshape(-1, _BLOCK)
    in_fortnight, on_weekday = present.sum(axis=1), np.bincount(of_days.ravel(), present.sum(axis=2).ravel(), WEEK)
    factors = np.zeros(WEEK)
    for _ in range(_ROUNDS):
        rest = np.where(present, values - factors[of_days][:, :, None], 0.0)
        fortnights = rest.sum(axis=1) / np.maximum(in_fortnight, 1)
        own = np.where(present, values - fortnights[:, None, :], 0.0).sum(axis=2)
        factors = np.bincount(of_days.ravel(), own.ravel(), WEEK) / np.maximum(on_weekday, 1)
        ordinary = on_weekday[:_ORDINARY] > 0
        factors = factors - (factors[:_ORDINARY][ordinary].mean() if ordinary.any() else 0.0)
    return np.asarray(np.where(on_weekday > 0, np.exp(factors), 1.0))
