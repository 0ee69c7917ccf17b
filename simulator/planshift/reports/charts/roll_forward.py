"""A balance that rolls forward: what comes and what goes month by month, as columns, and what is left, as a band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.fan import Band
from planshift.reports.charts.looks import FAN, FAN_LINE, INK, LINE, dollar_axis, of_part
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.sheet import Box, Sheet
from planshift.reports.charts.stacked_months import Part

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes

_WIDTH = 0.74
_GAP = 26.0
_UPPER = 0.52
_HEADROOM = 1.08
_HEADING = 9.0
_MONTHS_NAMED = 24
_OPENING: dict[str, Any] = {"color": INK, "marker": "o", "markerfacecolor": "white", "linestyle": ""}


@dataclass(frozen=True)
class RollForward:
    """Above what is left at each month's end, from its opening on; below it what comes (up) and what goes (down).

    ``closing`` is the band of the balance, ``opening`` its mean before the first month, cents; ``comes`` and ``goes``
    are means, all of them from zero up; ``headings`` stand above the two halves.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    headings: tuple[str, str]
    opening: int
    closing: Band
    comes: tuple[Part, ...]
    goes: tuple[Part, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the band and the columns on the sheet."""
        sheet.key(self._handles())
        left, bottom, right, top = sheet.room
        parted = top - (top - bottom) * _UPPER
        rooms: list[Box] = [(left, parted + _GAP / 2, right, top), (left, bottom, right, parted - _GAP / 2)]
        drawn = [sheet.axes(room) for room in rooms]
        self._balance(drawn[0])
        self._flows(drawn[1])
        for axes, room, heading in zip(drawn, rooms, self.headings, strict=True):
            axes.set_title(heading, size=_HEADING, loc="left", color=INK, weight="bold")
            axes.set_xlim(-1.4, len(self.months) - 0.4)
            dollar_axis(axes, "y", self.unit, ticks=5)
            step = -(-len(self.months) // _MONTHS_NAMED)
            names = [name if place % step == 0 else "" for place, name in enumerate(month_names(self.months))]
            axes.set_xticks(range(len(self.months)), names if axes is drawn[1] else [""] * len(names))
            axes.axhline(0, color=LINE, linewidth=0.8)
            sheet.fit(axes, room)
        sheet.alike(drawn)

    def _balance(self, axes: Axes) -> None:
        band = self.closing
        places = range(-1, len(self.months))
        low, middle, high = (
            [cents / 100 for cents in (self.opening, *found)] for found in (band.p10, band.p50, band.p90)
        )
        axes.fill_between(places, low, high, **FAN)
        axes.plot(places, middle, zorder=3, **FAN_LINE)
        axes.plot(-1, self.opening / 100, zorder=4, **_OPENING)
        axes.set_ylim(min(0.0, *low) * _HEADROOM, max(*high, 1.0) * _HEADROOM)

    def _flows(self, axes: Axes) -> None:
        number, reach = 0, [1.0]
        for parts, sign in ((self.comes, 1), (self.goes, -1)):
            ends = [0.0] * len(self.months)
            for part in parts:
                dollars = [sign * cents / 100 for cents in part.cents]
                axes.bar(range(len(dollars)), dollars, _WIDTH, bottom=ends, **of_part(number))
                ends = [end + value for end, value in zip(ends, dollars, strict=True)]
                number += 1
            reach += ends
        axes.set_ylim(min(reach) * _HEADROOM, max(reach) * _HEADROOM)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        parts = [Patch(label=part.name, **of_part(number)) for number, part in enumerate((*self.comes, *self.goes))]
        opening = Line2D([], [], label="Opening balance", **_OPENING)
        if self.closing.p10 == self.closing.p90:
            return [opening, Line2D([], [], label="Balance", **FAN_LINE), *parts]
        middle = Line2D([], [], label="Median of the draws (P50)", **FAN_LINE)
        return [opening, middle, Patch(label="Eight of ten draws (P10 to P90)", **FAN), *parts]
