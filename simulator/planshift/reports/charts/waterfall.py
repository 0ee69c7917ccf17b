"""A waterfall: from one amount to another, in steps that add up; with draws, in means that do, and their whiskers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
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
    signed_whole,
    whole,
)
from planshift.reports.charts.sheet import Box, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 0.62
_HEADROOM = 0.09
_LABEL, _NAME = 8.0, 7.5
_NAME_LINES = 5
_KEYS = ("Mean of the draws: adds to the cost", "Mean of the draws: takes away from it")
_BESIDE_AXIS = 0.8
"""So much of the width is left beside the amounts of an axis."""
_THOUSANDS = " (k: thousands)"
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
    """From ``first`` to ``last``; the steps between add up to the difference, but for what a footnote says.

    ``keys`` are what a step up and one down are called where there are draws; with ``gain``, more is better: the two
    change their looks. ``short``: amounts above the bars in whole dollars, or thousands where they would touch.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    first: Step
    steps: tuple[Step, ...]
    last: Step
    first_is_counterfactual: bool = False
    keys: tuple[str, str] = _KEYS
    gain: bool = False
    short: bool = False

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet."""
        if self.drawn:
            sheet.key(self.handles())
        self.draw_in(sheet, sheet.axes(), sheet.room, self.reach)

    @property
    def drawn(self) -> bool:
        """Does any step differ between draws?"""
        return any(step.low is not None for step in (self.first, *self.steps, self.last))

    @property
    def reach(self) -> tuple[int, int]:
        """The least and the largest amount that a bar or a whisker reaches, cents; zero lies between them."""
        tops = self._tops()
        reached = [end for base, step in self._based(tops) for end in step.ends(base)]
        return min(0, *tops, *reached), max(*tops, *reached, 100)

    def draw_in(self, sheet: Sheet, axes: Axes, place: Box, reach: tuple[int, int]) -> None:
        """Put the bars on axes that fill a place of the sheet, on a scale that has room for ``reach``."""
        names = [self.first.name, *(step.name for step in self.steps), self.last.name]
        tops = self._tops()
        slot = (place[2] - place[0]) * 0.9 / len(names)
        texts = self._written(sheet, slot * _BESIDE_AXIS)
        self._bars(axes, tops, texts)
        self._connect(axes, tops)
        low, high = reach
        room = (high - low) / 100 * _HEADROOM
        axes.set_ylim(low / 100 - (room if low < 0 else 0), high / 100 + room)
        axes.set_xlim(-0.6, len(names) - 0.4)
        dollar_axis(axes, "y", self.unit + (_THOUSANDS if any(text.endswith("k") for text in texts) else ""))
        broken = [sheet.ruler.within(name, slot * 0.89, _NAME, _NAME_LINES) for name in names]
        axes.set_xticks(range(len(names)), broken, size=_NAME)
        axes.axhline(0, color=LINE, linewidth=0.8)
        sheet.fit(axes, place)

    def handles(self) -> list[Any]:
        """What the bars and the whiskers mean."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        up, down = self._looks
        return [
            Patch(label=self.keys[0], **up),
            Patch(label=self.keys[1], **down),
            Line2D([], [], label="P10 to P90 over the draws", marker="_", markersize=7, **_WHISKER),
        ]

    @property
    def _looks(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a step up and one down look like."""
        return (CHEAPER, DEARER) if self.gain else (DEARER, CHEAPER)

    def _tops(self) -> list[int]:
        """Where the first bar and every step end."""
        return list(accumulate((step.cents for step in self.steps), initial=self.first.cents))

    def _written(self, sheet: Sheet, slot: float) -> list[str]:
        """What stands above the first bar, the steps and the last one; in full where short amounts are not wanted."""
        cents = [self.first.cents, *(step.cents for step in self.steps), self.last.cents]
        if not self.short:
            return [amount(cents[0]), *map(signed, cents[1:-1]), amount(cents[-1])]
        found = [whole(cents[0]), *map(signed_whole, cents[1:-1]), whole(cents[-1])]
        if max(sheet.ruler.width(text, _LABEL, "bold") for text in found) <= slot:
            return found
        thousands = [(abs(one) + 500) // 1000 * (-1 if one < 0 else 1) for one in cents]
        texts = [whole(thousands[0]), *map(signed_whole, thousands[1:-1]), whole(thousands[-1])]
        return [text if text == "0" else f"{text}k" for text in texts]

    def _bars(self, axes: Axes, tops: list[int], texts: Sequence[str]) -> None:
        counterfactual = COUNTERFACTUAL_EDGE if self.first_is_counterfactual else {}
        axes.bar(0, self.first.cents / 100, _WIDTH, **{**OLD_TOTAL, **counterfactual})
        _label(axes, 0, max(self.first.ends(0)), texts[0], weight="bold")
        for place, step in enumerate(self.steps, start=1):
            look = self._looks[0] if step.cents > 0 else self._looks[1]
            axes.bar(place, step.cents / 100, _WIDTH, bottom=tops[place - 1] / 100, **look)
            _label(axes, place, max(tops[place - 1], *step.ends(tops[place - 1])), texts[place])
        place = len(self.steps) + 1
        axes.bar(place, self.last.cents / 100, _WIDTH, **NEW_TOTAL)
        _label(axes, place, max(self.last.ends(0)), texts[-1], weight="bold")
        for place, (base, step) in enumerate(self._based(tops)):
            _whisker(axes, place, base, step)

    def _based(self, tops: list[int]) -> list[tuple[int, Step]]:
        """Where each bar begins, from the first to the last, and what it shows."""
        return list(zip((0, *tops[:-1], 0), (self.first, *self.steps, self.last), strict=True))

    def _connect(self, axes: Axes, tops: list[int]) -> None:
        half = _WIDTH / 2
        for place, top in enumerate(tops):
            axes.plot([place + half, place + 1 - half], [top / 100] * 2, color=LINE, linewidth=0.7)


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
        text,
        (place, cents / 100),
        (0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        size=_LABEL,
        weight=weight,
    )
