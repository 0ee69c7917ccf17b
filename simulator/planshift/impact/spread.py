"""The spread of an amount over draws: its mean, and what a tenth, half and nine tenths of the draws keep to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PERCENTS = (10, 50, 90)


@dataclass(frozen=True)
class Spread:
    """An amount over draws, in its own unit: the mean rounded half up, and three percentiles.

    A percentile is the amount of one of the draws: the least that so many of a hundred draws do not exceed (NumPy's
    ``inverted_cdf``). A negative mean is rounded as the mirror of its positive.
    """

    mean: int
    p10: int
    p50: int
    p90: int


def spread(values: npt.NDArray[np.int64]) -> Spread:
    """The spread of amounts of shape (draws,), one draw or more; with one draw all four are its amount."""
    return spreads(values[None])[0]


def spreads(values: npt.NDArray[np.int64]) -> tuple[Spread, ...]:
    """The spread of each row of amounts of shape (rows, draws)."""
    draws = values.shape[1]
    ordered = np.sort(values, axis=1)
    percentiles = (ordered[:, -(-draws * percent // 100) - 1] for percent in PERCENTS)
    rows = zip(means(values), *percentiles, strict=True)
    return tuple(Spread(*map(int, row)) for row in rows)


def means(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The means over the last axis, rounded half up, a negative one as the mirror of its positive."""
    draws = np.int64(values.shape[-1])
    # Divided first: a thousand draws of millions of dollars in nano-dollars leave 64 bits when they are added.
    whole, rest = np.divmod(values, draws)
    return _half_up(whole.sum(axis=-1), rest.sum(axis=-1), draws)


def mean_of_sums(sums: npt.NDArray[np.int64], draws: int) -> npt.NDArray[np.int64]:
    """The means over so many draws of what adds up to ``sums``, rounded as `means` does."""
    return _half_up(np.zeros_like(sums), sums, np.int64(draws))


def _half_up(whole: npt.NDArray[np.int64], rest: npt.NDArray[np.int64], draws: np.int64) -> npt.NDArray[np.int64]:
    more, rest = np.divmod(rest, draws)
    floor = whole + more
    twice = 2 * rest
    result: npt.NDArray[np.int64] = floor + ((twice > draws) | ((twice == draws) & (floor >= 0)))
    return result
