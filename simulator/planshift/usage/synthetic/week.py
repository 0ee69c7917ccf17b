"""What a day of the calendar does to activity and volume."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

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
    """The factors of ``days`` days from ``start`` on.

    Holidays (``off``), and where asked for late December, have their own factor on the probability instead of the
    weekday's where that is larger: a Sunday that is a holiday is no quieter than the quieter of the two.
    """
    dates = [start + timedelta(days=number) for number in range(days)]
    activity = [
        min(
            week.activity[day.weekday()],
            week.holiday if day in off else np.inf,
            week.late_december if late_december and is_late_december(day) else np.inf,
        )
        for day in dates
    ]
    return DayFactors(np.array(activity), np.array([week.volume[day.weekday()] for day in dates]))
