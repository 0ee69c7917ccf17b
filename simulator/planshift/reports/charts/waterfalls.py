"""Waterfalls side by side on one scale: what is never one figure, such as what is committed and what is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planshift.reports.charts.looks import INK
from planshift.reports.charts.sheet import Box, Sheet
from planshift.reports.charts.waterfall import Waterfall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 30.0
_HEADING = 9.0
_BARS_AT_LEAST = 5


@dataclass(frozen=True)
class Waterfalls:
    """Waterfalls from left to right, each under its own title; the key is that of the first."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    parts: tuple[Waterfall, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the waterfalls on the sheet."""
        if any(part.drawn for part in self.parts):
            sheet.key(self.parts[0].handles())
        low, high = (list(ends) for ends in zip(*(part.reach for part in self.parts), strict=True))
        drawn = []
        for room, part in zip(self._rooms(sheet.room), self.parts, strict=True):
            axes = sheet.axes(room)
            heading = sheet.ruler.within(part.title, (room[2] - room[0]) * 0.95, _HEADING, 2, "bold")
            axes.set_title(heading, size=_HEADING, loc="left", color=INK, weight="bold")
            part.draw_in(sheet, axes, room, (min(low), max(high)))
            drawn.append(axes)
        _level(drawn)

    def _rooms(self, room: Box) -> list[Box]:
        """A place for each, as wide as it has bars."""
        left, bottom, right, top = room
        bars = [max(_BARS_AT_LEAST, len(part.steps) + 2) for part in self.parts]
        width = (right - left - _GAP * (len(bars) - 1)) / sum(bars)
        found = []
        for count in bars:
            found.append((left, bottom, left + width * count, top))
            left += width * count + _GAP
        return found


def _level(drawn: Sequence[Axes]) -> None:
    """Make axes as low and as high as the room of all of them, so that one amount has one height."""
    boxes = [axes.get_position() for axes in drawn]
    bottom, top = max(box.y0 for box in boxes), min(box.y1 for box in boxes)
    for axes, box in zip(drawn, boxes, strict=True):
        axes.set_position((box.x0, bottom, box.width, top - bottom))
