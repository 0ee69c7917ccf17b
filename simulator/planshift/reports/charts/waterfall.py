"""A waterfall: from one amount to another, in steps that add up; with draws, in means that do, and their whiskers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import (
    CHEAPER,
    COUNTERFACTUAL_EDGE,
    DEARER,
    INK,
    LINE,
    NEW_TOTAL,
    OLD_TOTAL,
    amount,
    dollar_axis,
    signed,
)
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 0.62
_HEADROOM = 0.09
_LABEL, _NAME = 8.0, 7.5
_NAME_LINES = 5
_WHISKER: dict[str, Any] = {"color": INK, "linewidth": 1.5}


@dataclass(frozen=True)
class Step:
    """One step: what it is and what it adds, cents; ``low`` and ``high`` where that differs between draws."""

    name: str
    cents: int
    low: int | None = None
    high: int | None = None

    def ends(self, base: int) -> tuple[int, ...]:
        """Where a bar from ``base`` on ends, and its whisker."""
        return tuple(base + cents for cents in (self.cents, self.low, self.high) if cents is not None)


@dataclass(frozen=True)
class Waterfall:
    """From ``first`` to ``last``; the steps between add up to the difference, but for what a footnote says."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    first: Step
    steps: tuple[Step, ...]
    last: Step
    first_is_counterfactual: bool = False

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet."""
        if any(step.low is not None for step in (self.first, *self.steps, self.last)):
            sheet.key(_handles())
        axes = sheet.axes()
        names = [self.first.name, *(step.name for step in self.steps), self.last.name]
        tops = [self.first.cents]
        for step in self.steps:
            tops.append(tops[-1] + step.cents)
        self._bars(axes, tops)
        self._connect(axes, tops)
        reached = [end for base, step in self._based(tops) for end in step.ends(base)]
        low, high = min(0, *tops, *reached), max(*tops, *reached, 100)
        room = (high - low) / 100 * _HEADROOM
        axes.set_ylim(low / 100 - (room if low < 0 else 0), high / 100 + room)
        axes.set_xlim(-0.6, len(names) - 0.4)
        dollar_axis(axes, "y", self.unit)
        slot = (sheet.room[2] - sheet.room[0]) * 0.93 / len(names)
        broken = [sheet.ruler.within(name, slot * 0.86, _NAME, _NAME_LINES) for name in names]
        axes.set_xticks(range(len(names)), broken, size=_NAME)
        axes.axhline(0, color=LINE, linewidth=0.8)
        sheet.fit(axes)

    def _bars(self, axes: Axes, tops: list[int]) -> None:
        counterfactual = COUNTERFACTUAL_EDGE if self.first_is_counterfactual else {}
        axes.bar(0, self.first.cents / 100, _WIDTH, **{**OLD_TOTAL, **counterfactual})
        _label(axes, 0, max(self.first.ends(0)), amount(self.first.cents), weight="bold")
        for place, step in enumerate(self.steps, start=1):
            look = DEARER if step.cents > 0 else CHEAPER
            axes.bar(place, step.cents / 100, _WIDTH, bottom=tops[place - 1] / 100, **look)
            _label(axes, place, max(tops[place - 1], *step.ends(tops[place - 1])), signed(step.cents))
        place = len(self.steps) + 1
        axes.bar(place, self.last.cents / 100, _WIDTH, **NEW_TOTAL)
        _label(axes, place, max(self.last.ends(0)), amount(self.last.cents), weight="bold")
        for place, (base, step) in enumerate(self._based(tops)):
            _whisker(axes, place, base, step)

    def _based(self, tops: list[int]) -> list[tuple[int, Step]]:
        """Where each bar begins, from the first to the last, and what it shows."""
        return list(zip((0, *tops[:-1], 0), (self.first, *self.steps, self.last), strict=True))

    def _connect(self, axes: Axes, tops: list[int]) -> None:
        half = _WIDTH / 2
        for place, top in enumerate(tops):
            axes.plot([place + half, place + 1 - half], [top / 100] * 2, color=LINE, linewidth=0.7)


def _handles() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(label="Mean of the draws: adds to the cost", **DEARER),
        Patch(label="Mean of the draws: takes away from it", **CHEAPER),
        Line2D([], [], label="P10 to P90 over the draws", marker="_", markersize=7, **_WHISKER),
    ]


def _whisker(axes: Axes, place: int, base: int, step: Step) -> None:
    """From P10 to P90 of a step, where its mean begins."""
    if step.low is None or step.high is None or step.low == step.high:
        return
    low, high, half = (base + step.low) / 100, (base + step.high) / 100, _WIDTH * 0.14
    # Light below dark: it is seen on every filling.
    for look in ({**_WHISKER, "color": "white", "linewidth": 3.4}, _WHISKER):
        axes.plot([place, place], [low, high], **look)
        for end in (low, high):
            axes.plot([place - half, place + half], [end, end], **look)


def _label(axes: Axes, place: int, cents: int, text: str, weight: str = "normal") -> None:
    axes.annotate(
        text, (place, cents / 100), (0, 3), textcoords="offset points", ha="center", va="bottom", size=_LABEL,
        weight=weight,
    )
