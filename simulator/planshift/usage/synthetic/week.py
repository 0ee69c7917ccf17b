"""What a day of the calendar does to activity and volume."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.persona import Week

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
