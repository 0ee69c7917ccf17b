"""What a day of the calendar does to usage: weekdays, public holidays, growth, shocked days and bursts."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.persona import Bursts, Growth, Organization, Shocks, Week
from planshift.usage.synthetic.streams import ORGANIZATION, Words, normals, starts, uniforms

_LATE_DECEMBER = (12, 24), (1, 1)


@dataclass(frozen=True)
class DayFactors:
    """Factors by day, shape (days,): on the probability of being active, and on the volume of an active day."""

    activity: npt.NDArray[np.float64]
    volume: npt.NDArray[np.float64]


def is_late_december(day: date) -> bool:
    """Does the day lie between 24 December and 1 January, both included?"""
    return not _LATE_DECEMBER[1] < (day.month, day.day) < _LATE_DECEMBER[0]


def day_factors(week: Week, start: date, days: int, off: Collection[date], late_december: bool) -> DayFactors:
    """The factors of ``days`` days from ``start`` on; the arrays are shared, and cannot be written to.

    Holidays (``off``), and where asked for late December, have their own factor on the probability instead of the
    weekday's where that is larger: a Sunday that is a holiday is no quieter than the quieter of the two.
    """
    return _day_factors(week, start, days, frozenset(off), late_december)


@lru_cache(maxsize=256)
def _day_factors(week: Week, start: date, days: int, off: frozenset[date], late_december: bool) -> DayFactors:
    weekdays, late = _calendar(start, days)
    activity, volume = (np.array(factors, dtype=np.float64)[weekdays] for factors in (week.activity, week.volume))
    holidays = [number for number in ((day - start).days for day in off) if 0 <= number < days]
    activity[holidays] = np.minimum(activity[holidays], week.holiday)
    if late_december:
        activity[late] = np.minimum(activity[late], week.late_december)
    activity.flags.writeable = volume.flags.writeable = False
    return DayFactors(activity, volume)


@lru_cache(maxsize=64)
def _calendar(start: date, days: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The weekdays, Monday being 0, and which days lie in late December."""
    dates = [start + timedelta(days=number) for number in range(days)]
    weekdays = np.array([day.weekday() for day in dates], dtype=np.intp)
    return weekdays, np.array([is_late_december(day) for day in dates], dtype=np.bool_)


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """The codes of the countries whose holidays are known, ISO 3166 with two letters, sorted."""
    from holidays.utils import list_supported_countries

    return tuple(sorted(code for code in list_supported_countries(include_aliases=False) if len(code) == 2))


@lru_cache(maxsize=16)
def days_off(country: str | None, first: date, last: date) -> frozenset[date]:
    """The public holidays of the whole country from ``first`` to ``last``, both included; none without a country.

    Holidays of a region or a trade do not count. Raises ValueError for a country that `countries` has not.
    """
    if country is None:
        return frozenset()
    if country not in countries():
        raise ValueError(f"'{country}' is not the code of a country whose holidays are known")
    from holidays import country_holidays

    years = range(first.year, last.year + 1)
    return frozenset(day for day in country_holidays(country, years=years) if first <= day <= last)


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
