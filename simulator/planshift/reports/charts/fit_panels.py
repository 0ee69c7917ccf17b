"""A file and what was fitted to it, side by side: days, members, the week, time, and the total of each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import LINE, NEW_SEATS, OLD_SEATS, dollar_axis
from planshift.reports.charts.lorenz import Curve, draw_lorenz
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.sheet import Box, Sheet
from planshift.reports.charts.weekdays import Week, draw_weekdays

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REAL: dict[str, Any] = {"color": "#222222", "linewidth": 1.1}
_MADE: dict[str, Any] = {"color": "#0072B2", "linewidth": 1.6, "linestyle": (0, (6, 2))}
_BAND: dict[str, Any] = {"facecolor": "#C9E2F5", "edgecolor": "#5E9CC7", "linewidth": 0.5}
_GAP, _BELOW = 26.0, 30.0
_UPPER = 0.54
_TOTALS_SHARE = 0.62
_MONTHS_NAMED = 12


@dataclass(frozen=True)
class Density:
    """How often a member's active day costs so much: shares by step of the logarithm, between ``edges`` in dollars."""

    edges: tuple[float, ...]
    real: tuple[float, ...]
    made: tuple[float, ...]


@dataclass(frozen=True)
class Totals:
    """Totals of days from ``start`` on, dollars: the file's, and of draws the middle, the 10th and 90th percentile."""

    start: date
    real: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Correlations:
    """Correlations of a member's days by the days between them."""

    lags: tuple[int, ...]
    real: tuple[float, ...]
    made: tuple[float, ...]


@dataclass(frozen=True)
class FitWords:
    """What the picture's parts are called."""

    real: str
    made: str
    band: str
    volumes: str
    days: str
    users: str
    held: str
    week: str
    lags: str
    correlation: str
    totals: str


@dataclass(frozen=True)
class FitPanels:
    """Five parts of one picture, the file and the fit in each."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    words: FitWords
    density: Density
    curves: tuple[Curve, Curve]
    weeks: tuple[Week, Week]
    correlations: Correlations
    totals: Totals

    def draw(self, sheet: Sheet) -> None:
        """Put the five on the sheet, three above and two below."""
        sheet.key(self._handles())
        rooms = _rooms(sheet.room)
        density, lorenz, week, lags, totals = (sheet.axes(room) for room in rooms)
        self._density(density)
        draw_lorenz(lorenz, self.curves, self.words.users, self.words.held)
        lorenz.set_xticks([0, 0.25, 0.5, 0.75, 1])
        draw_weekdays(week, self.weeks, self.words.week)
        for text in list(week.texts):
            text.remove()
        self._correlations(lags)
        self._totals(totals)
        for axes, room in zip((density, lorenz, week, lags, totals), rooms, strict=True):
            sheet.fit(axes, room)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        return [
            Line2D([], [], label=self.words.real, **_REAL),
            Line2D([], [], label=self.words.made, **_MADE),
            Patch(label=self.words.band, **_BAND),
            Patch(label=f"{self.words.real}, by weekday", **NEW_SEATS),
            Patch(label=f"{self.words.made}, by weekday", **OLD_SEATS),
        ]

    def _density(self, axes: Axes) -> None:
        from matplotlib.ticker import FuncFormatter, LogLocator

        edges = self.density.edges
        for shares, look in ((self.density.real, _REAL), (self.density.made, _MADE)):
            axes.stairs(shares, edges, baseline=None, **look)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_locator(LogLocator(subs="all", numticks=1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6f}".rstrip("0").rstrip(".")))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, None)
        axes.set_xlabel(self.words.volumes)
        axes.set_ylabel(self.words.days)

    def _correlations(self, axes: Axes) -> None:
        places = range(len(self.correlations.lags))
        axes.plot(places, self.correlations.real, marker="o", **_REAL)
        axes.plot(places, self.correlations.made, marker="s", **_MADE)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.set_xticks(list(places), [f"{lag}" for lag in self.correlations.lags])
        axes.set_xlabel(self.words.lags)
        axes.set_ylabel(self.words.correlation)

    def _totals(self, axes: Axes) -> None:
        totals = self.totals
        places = list(range(len(totals.real)))
        axes.fill_between(places, totals.low, totals.high, **_BAND)
        axes.plot(places, totals.middle, **_MADE)
        axes.plot(places, totals.real, **_REAL)
        axes.set_xlim(0, max(len(places) - 1, 1))
        axes.set_ylim(0, max(0.01, *totals.real, *totals.high) * 1.05)
        dollar_axis(axes, "y", self.words.totals, ticks=5)
        days = [totals.start + timedelta(days=place) for place in places]
        firsts = [place for place, day in enumerate(days) if day.day == 1] or [0]
        shown = firsts[:: -(-len(firsts) // _MONTHS_NAMED)]
        axes.set_xticks(shown, month_names([days[place] for place in shown]))


def _rooms(room: Box) -> list[Box]:
    left, bottom, right, top = room
    parted = top - (top - bottom) * _UPPER
    third = (right - left - 2 * _GAP) / 3
    across = right - (right - left) * _TOTALS_SHARE
    above = [(left + number * (third + _GAP), parted + _BELOW / 2, 0.0, top) for number in range(3)]
    return [
        *((start, low, start + third, high) for start, low, _, high in above),
        (left, bottom, across - _GAP / 2, parted - _BELOW / 2),
        (across + _GAP / 2, bottom, right, parted - _BELOW / 2),
    ]
