"""Members one below the other: what each costs more or less, the largest increase on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import CHEAPER, DEARER, LINE, dollar_axis, of_series, signed, whole
from planshift.reports.charts.sheet import Box, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IN_A_PANEL, FEW = 20, 12
_GAP = 30.0
_TICK = 8.0
_HEADROOM = 1.04


@dataclass(frozen=True)
class MemberRow:
    """A member, or several as one: what they cost more on each of the other plans, cents."""

    name: str
    changes: tuple[int, ...]


@dataclass(frozen=True)
class MemberChanges:
    """Members in the order in which they are shown; more than twenty stand in two columns."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    plans: tuple[str, ...]
    rows: tuple[MemberRow, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet, or a mark for each plan where there are several."""
        if len(self.plans) > 1:
            sheet.key(self._handles())
        panels = _panels(self.rows)
        rooms = _rooms(sheet.room, len(panels))
        most = max(len(panel) for panel in panels)
        drawn = [sheet.axes(room) for room in rooms]
        size, lines = (8.0, 2) if most <= FEW else (6.5, 1)
        for axes, room, panel in zip(drawn, rooms, panels, strict=True):
            self._panel(sheet, axes, room, panel, size, lines)
            axes.set_ylim(most - 0.4, -0.6)
        self._scale(sheet, drawn, rooms, panels, size)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D

        looks = [{**of_series(number), "linestyle": ""} for number in range(1, len(self.plans) + 1)]
        return [Line2D([], [], label=name, **look) for name, look in zip(self.plans, looks, strict=True)]

    def _panel(self, sheet: Sheet, axes: Axes, room: Box, rows: Sequence[MemberRow], size: float, lines: int) -> None:
        thickness = min(0.66, 0.12 + 0.09 * len(rows))
        for place, row in enumerate(rows):
            if len(self.plans) == 1:
                cents = row.changes[0]
                axes.barh(place, cents / 100, thickness, **(DEARER if cents > 0 else CHEAPER))
                continue
            ends = [cents / 100 for cents in (0, *row.changes)]
            axes.plot([min(ends), max(ends)], [place, place], color="#B8BDC4", linewidth=1.0, zorder=1)
            for number, cents in enumerate(row.changes, start=1):
                axes.plot(cents / 100, place, **{**of_series(number), "linestyle": ""})
        axes.axvline(0, color=LINE, linewidth=0.8)
        width = (room[2] - room[0]) * (0.36 if lines == 1 else 0.3)
        names = [sheet.ruler.within(row.name, width, size, lines) for row in rows]
        axes.set_yticks(range(len(rows)), names, size=size, color="#222222", linespacing=0.95)
        axes.spines["left"].set_visible(False)
        longest = max((whole(cents) for row in self.rows for cents in row.changes), key=len)
        label = sheet.ruler.width(f"{longest}00", _TICK)
        dollar_axis(axes, "x", self.unit, ticks=max(2, min(7, int((room[2] - room[0] - width) / (1.4 * label)))))

    def _scale(
        self,
        sheet: Sheet,
        drawn: Sequence[Axes],
        rooms: Sequence[Box],
        panels: Sequence[Sequence[MemberRow]],
        size: float,
    ) -> None:
        """One scale for all columns, with room for the amounts beside the bars."""
        changes = [cents / 100 for row in self.rows for cents in row.changes]
        low, high = min(0.0, *changes), max(0.0, *changes)
        high = high if high > low else low + 1
        label = 0.0
        if len(self.plans) == 1:
            label = max(sheet.ruler.width(signed(row.changes[0]), size) for row in self.rows) + 10
        for axes, room in zip(drawn, rooms, strict=True):
            axes.set_xlim(low, high)
            sheet.fit(axes, room)
        narrowest = min(float(axes.get_window_extent(sheet.renderer).width) for axes in drawn)
        sides = (low < 0) + (high > 0)
        extra = (high - low) * label / max(narrowest - sides * label, 1)
        slack = (high - low) * (_HEADROOM - 1)
        for axes, room, panel in zip(drawn, rooms, panels, strict=True):
            axes.set_xlim(low - (extra + slack if low < 0 else 0), high + extra + slack)
            if label:
                _amounts(axes, panel, size)
            sheet.fit(axes, room)
        sheet.alike(drawn)


def _amounts(axes: Axes, rows: Sequence[MemberRow], size: float) -> None:
    for place, row in enumerate(rows):
        cents = row.changes[0]
        side, shift = ("right", -3) if cents < 0 else ("left", 3)
        axes.annotate(
            signed(cents), (cents / 100, place), (shift, 0), textcoords="offset points", ha=side, va="center", size=size
        )


def _panels(rows: Sequence[MemberRow]) -> list[Sequence[MemberRow]]:
    if len(rows) <= IN_A_PANEL:
        return [rows]
    half = -(-len(rows) // 2)
    return [rows[:half], rows[half:]]


def _rooms(room: Box, count: int) -> list[Box]:
    left, bottom, right, top = room
    width = (right - left - _GAP * (count - 1)) / count
    starts = [left + number * (width + _GAP) for number in range(count)]
    return [(start, bottom, start + width, top) for start in starts]
