"""Fans: what an amount comes to month by month in many draws, as bands about a line; one, or the old and the new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import (
    BUDGET,
    FAN,
    FAN_INNER,
    FAN_LINE,
    LINE,
    OLD_FAN,
    OLD_FAN_LINE,
    dollar_axis,
    whole,
)
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.places import apart
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_END = 7.5
_HEADROOM = 1.08
_MONTHS_NAMED = 18
_HALF_A_MONTH = 0.3
_APART = 8.0


@dataclass(frozen=True)
class Band:
    """An amount in draws, month by month, cents: what 10, 25, 50, 75 and 90 of 100 draws do not exceed."""

    name: str
    p10: tuple[int, ...]
    p25: tuple[int, ...]
    p50: tuple[int, ...]
    p75: tuple[int, ...]
    p90: tuple[int, ...]


@dataclass(frozen=True)
class Fan:
    """One band, or the old one and the new one; ``ends``: are the amounts of the last month written beside it?"""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    bands: tuple[Band, ...]
    budget: int | None = None
    budget_name: str = "Budget"
    ends: bool = False

    def draw(self, sheet: Sheet) -> None:
        """Put the bands on the sheet."""
        sheet.key(self._handles())
        axes = sheet.axes()
        looks = _looks(len(self.bands))
        # The new band lies below the old one, which is only hatched: both are seen where they overlap.
        for band, look in reversed([*zip(self.bands, looks, strict=True)]):
            draw_band(axes, band, *look)
        if self.budget is not None:
            axes.axhline(self.budget / 100, **BUDGET)
        top = max([*(cents for band in self.bands for cents in band.p90), self.budget or 0, 1])
        low = min([0, *(cents for band in self.bands for cents in band.p10)])
        frame(axes, self.months, low, top)
        dollar_axis(axes, "y", self.unit)
        left, bottom, right, upper = sheet.room
        texts = self._end_texts() if self.ends else []
        widest = max((sheet.ruler.width(text, _END, "bold") for text, _ in texts), default=0)
        sheet.fit(axes, (left, bottom, right - (widest * 1.05 + 20 if texts else 0), upper))
        self._ends(sheet, axes, texts)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        handles: list[Any] = []
        for band, (outer, inner, line) in zip(self.bands, _looks(len(self.bands)), strict=True):
            before = f"{band.name}: " if len(self.bands) > 1 else ""
            middle = f"{before}the median of the draws (P50)"
            handles.append(Line2D([], [], label=middle[:1].upper() + middle[1:], **line))
            if inner:
                handles.append(Patch(label="Half of the draws (P25 to P75)", **inner))
            wide = f"{before}eight of ten draws (P10 to P90)"
            handles.append(Patch(label=wide[:1].upper() + wide[1:], **outer))
        if self.budget is not None:
            handles.append(Line2D([], [], label=self.budget_name, **BUDGET))
        return handles

    def _end_texts(self) -> list[tuple[str, int]]:
        return [
            (f"{name} {whole(cents[-1])}", cents[-1])
            for band in self.bands
            for name, cents in (("P90", band.p90), ("P50", band.p50), ("P10", band.p10))
        ]

    def _ends(self, sheet: Sheet, axes: Axes, texts: Sequence[tuple[str, int]]) -> None:
        """The amounts of the last month at the right, each as near to its place as the others let it."""
        if not texts:
            return
        wanted = [float(axes.transData.transform((0, cents / 100))[1]) for _, cents in texts]
        heights = [sheet.size_of(text, _END, "bold")[1] + 5 for text, _ in texts]
        centres = apart(wanted, heights, sheet.room[1], sheet.room[3])
        start = float(axes.get_window_extent(sheet.renderer).x1) + 8
        for (text, _), centre in zip(texts, centres, strict=True):
            weight = "bold" if text.startswith("P50") else "normal"
            sheet.text(start, centre, text, _END, va="center", weight=weight)


def draw_band(axes: Axes, band: Band, outer: dict[str, Any], inner: dict[str, Any], line: dict[str, Any]) -> None:
    """A band about its line; of one month, a short one about its middle."""
    places = [float(place) for place in range(len(band.p50))]

    def dollars(cents: Sequence[int]) -> list[float]:
        found = [amount / 100 for amount in cents]
        return found * 2 if len(found) == 1 else found

    if len(places) == 1:
        places = [-_HALF_A_MONTH, _HALF_A_MONTH]
    axes.fill_between(places, dollars(band.p10), dollars(band.p90), **outer)
    if inner:
        axes.fill_between(places, dollars(band.p25), dollars(band.p75), **inner)
    axes.plot(places, dollars(band.p50), zorder=3, **line)


def frame(axes: Axes, months: Sequence[date], low: int, top: int, named: int = _MONTHS_NAMED) -> None:
    """The scale of months, named so many times at most, and of cents from ``low`` to ``top``."""
    axes.set_ylim(low / 100 * _HEADROOM, max(top, 1) / 100 * _HEADROOM)
    axes.set_xlim(-0.4, len(months) - 0.6)
    axes.axhline(0, color=LINE, linewidth=0.8)
    step = -(-len(months) // named)
    if step > 2:
        # The first month lies close to the lowest amount of the other axis.
        axes.tick_params(axis="x", pad=_APART)
    names = [name if place % step == 0 else "" for place, name in enumerate(month_names(months))]
    axes.set_xticks(range(len(months)), names)


def _looks(count: int) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """What one band, or the old and the new one, look like: outer band, inner band, line."""
    if count == 1:
        return [(FAN, FAN_INNER, FAN_LINE)]
    return [(OLD_FAN, {}, OLD_FAN_LINE), (FAN, {}, FAN_LINE)]
