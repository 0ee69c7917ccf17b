"""A waterfall: from one amount to another, in steps that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planshift.reports.charts.looks import (
    CHEAPER,
    COUNTERFACTUAL_EDGE,
    DEARER,
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


@dataclass(frozen=True)
class Step:
    """One step: what it is and what it adds, cents."""

    name: str
    cents: int


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
        axes = sheet.axes()
        names = [self.first.name, *(step.name for step in self.steps), self.last.name]
        tops = [self.first.cents]
        for step in self.steps:
            tops.append(tops[-1] + step.cents)
        self._bars(axes, tops)
        self._connect(axes, tops)
        low, high = min(0, *tops, self.last.cents), max(*tops, self.last.cents, 100)
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
        _label(axes, 0, self.first.cents, amount(self.first.cents), weight="bold")
        for place, step in enumerate(self.steps, start=1):
            look = DEARER if step.cents > 0 else CHEAPER
            axes.bar(place, step.cents / 100, _WIDTH, bottom=tops[place - 1] / 100, **look)
            _label(axes, place, max(tops[place - 1], tops[place]), signed(step.cents))
        place = len(self.steps) + 1
        axes.bar(place, self.last.cents / 100, _WIDTH, **NEW_TOTAL)
        _label(axes, place, self.last.cents, amount(self.last.cents), weight="bold")

    def _connect(self, axes: Axes, tops: list[int]) -> None:
        half = _WIDTH / 2
        for place, top in enumerate(tops):
            axes.plot([place + half, place + 1 - half], [top / 100] * 2, color=LINE, linewidth=0.7)


def _label(axes: Axes, place: int, cents: int, text: str, weight: str = "normal") -> None:
    axes.annotate(
        text, (place, cents / 100), (0, 3), textcoords="offset points", ha="center", va="bottom", size=_LABEL,
        weight=weight,
    )
