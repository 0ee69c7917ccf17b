"""Usage day by day over the draws, with its week and its Lorenz curve: what a scenario generates, in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import dollar_axis
from planshift.reports.charts.lorenz import Curve, draw_lorenz
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.sheet import Box, Sheet
from planshift.reports.charts.weekdays import Week, draw_weekdays

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE: dict[str, Any] = {"color": "#0B4F7D", "linewidth": 1.8}
_BAND: dict[str, Any] = {"facecolor": "#8CC7EC", "edgecolor": "#0B4F7D", "alpha": 0.6, "linewidth": 0.4}
_DAILY: dict[str, Any] = {"color": "#8A9099", "linewidth": 0.7}
_GAP, _UPPER = 40.0, 0.55
_WEEKS_SHARE = 0.5
_MONTHS_NAMED, _SHORT = 18, 92


@dataclass(frozen=True)
class Days:
    """Totals of days from ``start`` on, US dollars: ``daily`` as one draw has them; ``middle``, ``low`` and ``high`` of
    the draws, averaged over weeks. ``low`` and ``high`` are None where there is one draw."""

    start: date
    daily: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None
    daily_name: str
    middle_name: str
    band_name: str


@dataclass(frozen=True)
class UsageDays:
    """A scenario's usage: its days above, below them its week and its Lorenz curve."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    days: Days
    week_unit: str
    week: Week
    users: str
    held: str
    curve: Curve

    def draw(self, sheet: Sheet) -> None:
        """Put the three on the sheet."""
        sheet.key(self._handles())
        left, bottom, right, top = sheet.room
        parted = top - (top - bottom) * _UPPER
        across = left + (right - left) * _WEEKS_SHARE
        rooms: list[Box] = [
            (left, parted + _GAP / 2, right, top),
            (left, bottom, across - _GAP / 2, parted - _GAP / 2),
            (across + _GAP / 2, bottom, right, parted - _GAP / 2),
        ]
        days, week, lorenz = (sheet.axes(room) for room in rooms)
        _draw_days(days, self.days, self.unit)
        draw_weekdays(week, (self.week,), self.week_unit)
        draw_lorenz(lorenz, (self.curve,), self.users, self.held)
        for axes, room in zip((days, week, lorenz), rooms, strict=True):
            sheet.fit(axes, room)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        band = [Patch(label=self.days.band_name, **_BAND)] if self.days.low else []
        middle = Line2D([], [], label=self.days.middle_name, **_LINE)
        return [middle, *band, Line2D([], [], label=self.days.daily_name, **_DAILY)]


def _draw_days(axes: Axes, days: Days, unit: str) -> None:
    places = range(len(days.daily))
    if days.low and days.high:
        axes.fill_between(places, days.low, days.high, **_BAND)
    axes.plot(places, days.daily, **_DAILY)
    axes.plot(places, days.middle, **_LINE)
    axes.set_xlim(0, max(len(days.daily) - 1, 1))
    axes.set_ylim(0, max(1.0, *days.daily, *(days.high or ())) * 1.05)
    dollar_axis(axes, "y", unit, ticks=6)
    # Below the lowest amount, which stands at the same corner.
    axes.tick_params(axis="x", pad=8)
    axes.set_xticks(*_ticks([days.start + timedelta(days=place) for place in places]))


def _ticks(days: Sequence[date]) -> tuple[list[int], list[str]]:
    """Where months begin, with their names; in a quarter or less, where weeks do."""
    if len(days) <= _SHORT:
        mondays = [place for place, day in enumerate(days) if not day.weekday()] or [0]
        names = month_names([days[place] for place in mondays])
        return mondays, [f"{days[place].day} {name}" for place, name in zip(mondays, names, strict=True)]
    firsts = [place for place, day in enumerate(days) if day.day == 1] or [0]
    shown = firsts[:: -(-len(firsts) // _MONTHS_NAMED)]
    return shown, month_names([days[place] for place in shown])
