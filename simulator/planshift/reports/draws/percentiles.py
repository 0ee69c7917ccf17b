"""Percentiles over draws, each the amount of an actual draw, and means that add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planshift.impact.spread import means
from planshift.reports.charts.fan import Band

Amounts = npt.NDArray[np.int64]

BAND = (10, 25, 50, 75, 90)
"""The percentiles of a band of a chart."""


def percentiles(values: Amounts, percents: Sequence[int]) -> Amounts:
    """What so many of a hundred draws do not exceed: values (…, draws) → (percents, …), each of them one of the values.

    As `planshift.impact.spread.spreads` takes them (NumPy's ``inverted_cdf``).
    """
    draws = values.shape[-1]
    ordered = np.sort(values, axis=-1)
    return np.stack([ordered[..., -(-draws * percent // 100) - 1] for percent in percents])


def band(name: str, values: Amounts) -> Band:
    """The band of amounts of shape (months, draws), cents."""
    return Band(name, *(tuple(map(int, row)) for row in percentiles(values, BAND)))


def means_that_add_up(parts: Sequence[Amounts]) -> list[int]:
    """The means of parts, each of shape (draws,), rounded so that they add up to the rounded mean of their sum.

    Each is the difference of two rounded running means, so that none is off by a cent or more.
    """
    running = means(np.cumsum(np.stack(parts), axis=0))
    return [int(cents) for cents in np.diff(running, prepend=0)]
