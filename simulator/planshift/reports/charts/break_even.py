"""Break-even: what a member costs a month at a usage, on the old seat and on the new one, and where members stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import COUNTERFACTUAL_EDGE, INK, LINE, amount, dollar_axis
from planshift.reports.charts.sheet import Box, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 34.0
_HEADING, _LABEL = 9.0, 7.5
_RUG = 0.09
_OLD: dict[str, Any] = {"color": "#868C94", "linestyle": COUNTERFACTUAL_EDGE["linestyle"], "linewidth": 1.8}
_NEW: dict[str, Any] = {"color": "#0B4F7D", "linestyle": "-", "linewidth": 1.8}


@dataclass(frozen=True)
class SeatPanel:
    """A seat type: heading, the bends of both lines as usage and cost, cents, the crossings, and members' usage.

    Lines go on straight behind their last bend, along ``old_slope`` and ``new_slope``.
    """

    heading: str
    old: tuple[tuple[int, int], ...]
    new: tuple[tuple[int, int], ...]
    old_slope: float
    new_slope: float
    crossings: tuple[int, ...]
    members: tuple[int, ...]
    standing: str


@dataclass(frozen=True)
class BreakEvenChart:
    """A panel for each seat type, side by side, with its own scale."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    usage_unit: str
    cost_unit: str
    old_name: str
    new_name: str
    member_name: str
    panels: tuple[SeatPanel, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the lines and the members on the sheet."""
        from matplotlib.lines import Line2D

        marks: dict[str, Any] = {"color": LINE, "marker": "|", "linestyle": "", "markersize": 8}
        sheet.key(
            [
                Line2D([], [], label=self.old_name, **_OLD),
                Line2D([], [], label=self.new_name, **_NEW),
                Line2D([], [], label=self.member_name, **marks),
            ]
        )
        rooms = _rooms(sheet.room, len(self.panels))
        for room, panel in zip(rooms, self.panels, strict=True):
            self._panel(sheet, room, panel)

    def _panel(self, sheet: Sheet, room: Box, panel: SeatPanel) -> None:
        axes = sheet.axes(room)
        most = _reach(panel)
        top = 0.0
        # The broken line lies over the other, so that both are seen where they are one.
        for bends, slope, look in ((panel.new, panel.new_slope, _NEW), (panel.old, panel.old_slope, _OLD)):
            usage, cost = _line(bends, slope, most)
            axes.plot(usage, cost, **look)
            top = max(top, *cost)
        axes.set_xlim(0, most / 100)
        axes.set_ylim(-_RUG * top, top * 1.08)
        for crossing in panel.crossings:
            if crossing <= most:
                _mark(axes, crossing, _cost(panel.new, panel.new_slope, crossing))
        inside = [used / 100 for used in panel.members if used <= most]
        marks: dict[str, Any] = {"color": LINE, "marker": "|", "linestyle": "", "markersize": 9, "alpha": 0.75}
        axes.plot(inside, [-_RUG * top / 2] * len(inside), **marks)
        axes.axhline(0, color=LINE, linewidth=0.6)
        dollar_axis(axes, "y", self.cost_unit, ticks=6)
        dollar_axis(axes, "x", self.usage_unit, ticks=5)
        heading = sheet.ruler.within(panel.heading, room[2] - room[0], _HEADING, 1)
        width = (room[2] - room[0]) * 0.95
        said = sheet.ruler.wrapped(panel.standing, width, _LABEL)
        axes.set_title(f"{heading}\n{said}", size=_LABEL, loc="left", color=INK, linespacing=1.25)
        sheet.fit(axes, room)


def _mark(axes: Axes, crossing: int, cost: float) -> None:
    """The point at which both cost the same."""
    axes.plot([crossing / 100] * 2, [0, cost], color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.plot(crossing / 100, cost, marker="o", color=INK, markerfacecolor="white", markersize=6)
    axes.annotate(
        amount(crossing),
        (crossing / 100, cost),
        (6, -3),
        textcoords="offset points",
        ha="left",
        va="top",
        size=_LABEL,
        weight="bold",
    )


def _reach(panel: SeatPanel) -> int:
    """How far the usage axis goes: behind every crossing, and to nine tenths of the members at least."""
    ordered = sorted(panel.members)
    most = ordered[-(-len(ordered) * 9 // 10) - 1] if ordered else 0
    return int(max(1.5 * max(panel.crossings, default=0), 1.1 * most, panel.old[-1][0] * 1.1, 1000))


def _line(bends: Sequence[tuple[int, int]], slope: float, most: int) -> tuple[list[float], list[float]]:
    """The points of a line as far as the axis goes, dollars."""
    inside = [bend for bend in bends if bend[0] < most]
    points = [*((float(usage), float(cost)) for usage, cost in inside), (float(most), 100 * _cost(bends, slope, most))]
    return [usage / 100 for usage, _ in points], [cost / 100 for _, cost in points]


def _cost(bends: Sequence[tuple[int, int]], slope: float, usage: int) -> float:
    """The cost at a usage, dollars."""
    start, cost = max(bend for bend in bends if bend[0] <= usage)
    later = [bend for bend in bends if bend[0] > usage]
    steep = (later[0][1] - cost) / (later[0][0] - start) if later else slope
    return (cost + steep * (usage - start)) / 100


def _rooms(room: Box, count: int) -> list[Box]:
    left, bottom, right, top = room
    width = (right - left - _GAP * (count - 1)) / max(1, count)
    starts = [left + number * (width + _GAP) for number in range(count)]
    return [(start, bottom, start + width, top) for start in starts]
