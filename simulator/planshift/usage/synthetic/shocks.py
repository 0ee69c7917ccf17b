"""What all members share: growth, shocked days, a slow change, and bursts."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.organization import Bursts, Growth, Organization, Shocks
from planshift.usage.synthetic.streams import ORGANIZATION, Words, normals, starts, uniforms

Floats = npt.NDArray[np.float64]

DAYS_OF_YEAR = 365.25
DAYS_OF_MONTH = DAYS_OF_YEAR / 12
FEW = 32
"""Fewer draws than these are gone through number by number: what an array takes to be asked would be longer."""


def log_factors(organization: Organization, days: int, draws: range) -> Floats:
    """The logarithm of the factor on everybody's volume, shape (days, draws), from the organization's start on.

    ``growth + daily + slow + bursts``; apart from growth and bursts, the factor has the mean 1.
    """

    def stream(quantity: str) -> Words:
        return starts(organization.seed, (ORGANIZATION,), quantity, draws)[:, 0]

    result = _growth(organization.growth, days, stream("growth"))
    result += _daily(organization.shocks, days, stream("daily"))
    result += _slow(organization.shocks, days, stream("slow"))
    result += _planned(organization, days)[:, None]
    result += _random_bursts(organization.bursts, days, stream("bursts"))
    return result


def _growth(growth: Growth, days: int, stream: Words) -> Floats:
    """``(log(1 + per_month) + sd × N) × months``: each draw has one growth, the given one is their median."""
    per_month = math.log1p(growth.per_month) + growth.sd_per_month * normals(stream)
    result: Floats = np.arange(days)[:, None] / DAYS_OF_MONTH * per_month
    return result


def _daily(shocks: Shocks, days: int, stream: Words) -> Floats:
    """``sd × N − sd² / 2``, each day anew."""
    result: Floats = shocks.daily_sd * normals(stream, count=days) - shocks.daily_sd**2 / 2
    return result


def _slow(shocks: Shocks, days: int, stream: Words) -> Floats:
    """The same of an Ornstein-Uhlenbeck process, which has its lasting spread from the first day on."""
    result = normals(stream, count=days)
    kept = math.exp(-1 / shocks.slow_days)
    result[1:] *= math.sqrt(1 - kept**2)
    if len(stream) < FEW:
        for draw in range(len(stream)):
            result[:, draw] = [*accumulate(result[:, draw].tolist(), lambda before, new: kept * before + new)]
    else:
        for day in range(1, days):
            result[day] += kept * result[day - 1]
    result *= shocks.slow_sd
    result -= shocks.slow_sd**2 / 2
    return result


def _planned(organization: Organization, days: int) -> Floats:
    result = np.zeros(days)
    for burst in organization.bursts.planned:
        first, last = ((day - organization.start).days for day in (burst.first, burst.last))
        result[max(0, first) : max(0, last + 1)] += _log(burst.factor)
    return result


def _random_bursts(bursts: Bursts, days: int, stream: Words) -> Floats:
    """A burst begins on a day with the probability ``1 − exp(−per_year / 365.25)``; those that overlap are one.

    Bursts that began before the first day count too.
    """
    if not bursts.per_year or not bursts.days:
        return np.zeros((days, len(stream)))
    before = bursts.days - 1
    begins = uniforms(stream, -before, before + days) < -math.expm1(-bursts.per_year / DAYS_OF_YEAR)
    begun = np.concatenate([np.zeros((1, len(stream)), dtype=np.int64), np.cumsum(begins, axis=0)])
    within = begun[bursts.days :] > begun[: -bursts.days]
    return np.where(within, _log(bursts.factor), 0.0)


def _log(factor: float) -> float:
    return math.log(factor) if factor else -math.inf
