"""The picture of a scenario's usage: its days over the draws, its week, and how much few members have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from planshift.billing.scenario import Scenario
from planshift.impact.spread import spreads
from planshift.reports.charts.lorenz import Curve
from planshift.reports.charts.usage_days import Days, UsageDays
from planshift.reports.charts.weekdays import DAYS as WEEKDAYS
from planshift.reports.charts.weekdays import Week
from planshift.reports.scenario.personas import percent
from planshift.reports.scenario.sample import UsageSample
from planshift.usage.synthetic.organization import Organization

UNIT = "US dollars a day, at list price"
_POINTS = 101
_WEEK = 7
_NANO = 1e-9

Floats = npt.NDArray[np.float64]


def usage_chart(scenario: Scenario, shown: UsageSample) -> UsageDays:
    """The picture; without a band where there is one draw."""
    drawn = isinstance(scenario.usage, Organization)
    week = tuple(np.nan_to_num(shown.week).tolist())
    tenth, at = shown.top_tenth, np.linspace(0, 1, _POINTS)
    days = _days(shown, drawn)
    per_day = f"{np.median(shown.daily.mean(axis=1)) * _NANO:,.2f}"
    what = f"{shown.draws} draws" if shown.draws > 1 else "one draw" if drawn else "the usage file"
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(WEEKDAYS, week, strict=True))
    return UsageDays(
        title=f"{scenario.title}: the top tenth of members asks for {percent(tenth)} of it",
        footnotes=(
            f"At list price, before plans, limits and discounts, in {what}"
            f"{f', seed {scenario.seed}' if scenario.seed is not None else ''}.",
        ),
        alt=f"Three charts of usage in US dollars at list price, in {what}. Days from {shown.start} to"
        f" {shown.end - timedelta(days=1)}: {per_day} a day on average. Weekdays over their mean: {said}. Lorenz curve"
        f" of members: the top tenth has {percent(tenth)}, Gini {shown.gini:.2f}.",
        unit=UNIT,
        days=days,
        week_unit="Mean of the seven = 1",
        week=Week("Weekdays", week),
        users="Members, those with the least first",
        held="Their share of it all",
        curve=Curve("Members", tuple(at.tolist()), tuple(shown.lorenz(at).tolist())),
    )


def _days(shown: UsageSample, drawn: bool) -> Days:
    smooth = np.stack([_over_weeks(row * _NANO) for row in shown.daily.astype(np.float64)])
    cents = np.rint(smooth.T * 100).astype(np.int64)
    found = spreads(cents)
    several = shown.draws > 1
    first = "the first draw" if drawn else "the file"
    weekly = f"mean of seven days{', middle draw (P50)' if several else ''}"
    return Days(
        start=shown.start,
        daily=tuple((shown.daily[0] * _NANO).tolist()),
        middle=tuple(row.p50 / 100 for row in found),
        low=tuple(row.p10 / 100 for row in found) if several else None,
        high=tuple(row.p90 / 100 for row in found) if several else None,
        daily_name=f"Each day of {first}",
        middle_name=weekly[:1].upper() + weekly[1:],
        band_name="The same, eight of ten draws (P10 to P90)",
    )


def _over_weeks(daily: Floats) -> Floats:
    """The mean of the seven days about each day; at the ends of those of them that there are."""
    width = min(_WEEK, len(daily))
    window: Any = np.ones(width)
    return np.asarray(np.convolve(daily, window, "same") / np.convolve(np.ones(len(daily)), window, "same"))
