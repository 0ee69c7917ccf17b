"""Fans beside each other: a panel a plan, all on one scale, with the first plan's middle line in each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.fan import Band, draw_band, frame
from planshift.reports.charts.looks import FAN, FAN_INNER, FAN_LINE, OLD_FAN_LINE, dollar_axis
from planshift.reports.charts.sheet import Box, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS_AT_MOST = 9
_NAME = 8.5
_GAP = 26.0
_BELOW_NAME, _BELOW_KEY = 8.0, 6.0


@dataclass(frozen=True)
class FanPanels:
    """A band a plan, the first one first; those beyond nine are not drawn, which a footnote has to say."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    bands: tuple[Band, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the panels on the sheet."""
        sheet.key(self._handles())
        shown = self.bands[:PANELS_AT_MOST]
        left, bottom, right, upper = sheet.room
        rooms = _rooms((left, bottom, right, upper - _BELOW_KEY), len(shown))
        lines = 1 if len(shown) > 3 else 2
        pairs = list(zip(shown, rooms, strict=True))
        texts = [sheet.ruler.within(band.name, room[2] - room[0], _NAME, lines, "bold") for band, room in pairs]
        height = max(sheet.size_of(text, _NAME, "bold")[1] for text in texts) + _BELOW_NAME
        top = max(cents for band in shown for cents in band.p90)
        low = min([0, *(cents for band in shown for cents in band.p10)])
        drawn: list[Axes] = []
        for band, room, text in zip(shown, rooms, texts, strict=True):
            sheet.text(room[0], room[3], text, _NAME, va="top", weight="bold")
            inner = (room[0], room[1], room[2], room[3] - height)
            drawn.append(self._panel(sheet, inner, band, low, top))
        _align(sheet, drawn)

    def _panel(self, sheet: Sheet, room: Box, band: Band, low: int, top: int) -> Axes:
        axes = sheet.axes(room)
        draw_band(axes, band, FAN, FAN_INNER, FAN_LINE)
        if band is not self.bands[0]:
            first = self.bands[0].p50
            axes.plot(range(len(first)), [cents / 100 for cents in first], **OLD_FAN_LINE)
        frame(axes, self.months, low, top, named=max(2, int((room[2] - room[0]) / 90)))
        dollar_axis(axes, "y", self.unit, ticks=5 if room[3] - room[1] > 250 else 3)
        sheet.fit(axes, room)
        return axes

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        return [
            Line2D([], [], label="Median of the draws (P50)", **FAN_LINE),
            Patch(label="Half of the draws (P25 to P75)", **FAN_INNER),
            Patch(label="Eight of ten draws (P10 to P90)", **FAN),
            Line2D([], [], label="Median (P50) of the first plan", **OLD_FAN_LINE),
        ]


def _rooms(room: Box, count: int) -> list[Box]:
    """The room parted into as many, in rows of three at most; four stand two by two."""
    columns = 2 if count == 4 else min(count, 3)
    rows = math.ceil(count / columns)
    left, bottom, right, top = room
    width = (right - left - _GAP * (columns - 1)) / columns
    height = (top - bottom - _GAP * (rows - 1)) / rows
    found = []
    for number in range(count):
        row, column = divmod(number, columns)
        start, upper = left + column * (width + _GAP), top - row * (height + _GAP)
        found.append((start, upper - height, start + width, upper))
    return found


def _align(sheet: Sheet, drawn: Sequence[Axes]) -> None:
    """Make panels as wide and as high as the smallest of them, so that one scale has one length."""
    sheet.alike(drawn)
    boxes = [axes.get_window_extent(sheet.renderer) for axes in drawn]
    height = min(float(box.height) for box in boxes)
    for axes, box in zip(drawn, boxes, strict=True):
        low, width = float(box.y1) - height, float(box.width)
        axes.set_position((float(box.x0) / sheet.width, low / sheet.height, width / sheet.width, height / sheet.height))
