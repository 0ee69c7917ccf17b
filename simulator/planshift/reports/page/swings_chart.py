"""What the answer depends on most, as a page shows it: a bar for each thing, the longest on top (a tornado)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planshift.reports.charts.looks import CHEAPER, DEARER, INK, LINE
from planshift.reports.page.language import Language
from planshift.reports.page.pictures import Paper
from planshift.reports.page.said import Money, Value

_ROW, _EDGE, _HEAD = 0.44, 0.05, 0.2
_LETTERS = 8.8
"""Points: a printed page shows it narrower than it is drawn, and so with letters of 8."""


@dataclass(frozen=True)
class SwingBar:
    """A thing, the lowest and the highest change with it, cents, and what is said at each end."""

    name: str
    low: int
    high: int
    low_said: str
    high_said: str


@dataclass(frozen=True)
class SwingsChart:
    """The bars from top to bottom, about the change as it stands; and the sentence for those who cannot see them."""

    bars: tuple[SwingBar, ...]
    base: int
    base_said: str
    alt: str

    @property
    def half(self) -> bool:
        """Has it room on half a page?"""
        return True

    def height(self, narrow: bool) -> float:  # noqa: ARG002 - as high on every paper
        """As high on every paper."""
        return len(self.bars) * _ROW + _HEAD + 2 * _EDGE

    def draw(self, paper: Paper) -> None:
        """Put the bars on the paper."""
        axes = paper.axes
        paper.place(_EDGE, _EDGE, _EDGE, _EDGE + _HEAD)
        low, high = min(self.base, *(bar.low for bar in self.bars)), max(self.base, *(bar.high for bar in self.bars))
        slack = max(high - low, 100) * 0.02
        axes.set_xlim(low - slack, high + slack)
        axes.set_ylim(len(self.bars) - 0.5, -0.5)
        axes.set_axis_off()
        for row, bar in enumerate(self.bars):
            axes.barh(row, bar.low - self.base, 0.22, left=self.base, **CHEAPER)
            axes.barh(row, bar.high - self.base, 0.22, left=self.base, **DEARER)
            self._words(paper, row, bar)
            axes.plot([self.base] * 2, [row - 0.16, row + 0.16], color=LINE, linewidth=1.2)
        share = (self.base - low + slack) / (high - low + 2 * slack)
        side = "left" if share < 1 / 3 else "right" if share > 2 / 3 else "center"
        top: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
        axes.annotate(self.base_said, (self.base, 1), (0, 2), ha=side, size=_LETTERS, weight="bold", color=INK, **top)

    def _words(self, paper: Paper, row: int, bar: SwingBar) -> None:
        """The name above the bar, what stands at its ends below it."""
        room = paper.width - 2 * _EDGE
        look: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "color": INK}
        name = paper.within(bar.name, room, 1, _LETTERS)
        paper.axes.annotate(name, (0, row - 0.29), ha="left", size=_LETTERS, **look)
        for text, place, side in ((bar.low_said, 0, "left"), (bar.high_said, 1, "right")):
            shown = paper.within(text, room * (0.5 if bar.low_said and bar.high_said else 1) - _EDGE, 1, _LETTERS)
            paper.axes.annotate(shown, (place, row + 0.28), ha=side, size=_LETTERS, **look)


def _end(language: Language, cents: int, value: Value, base: int) -> str:
    """What stands at an end of a bar; nothing where it is as it stands."""
    if cents == base:
        return ""
    return language.say("what_if.end", value=value, change=language.figure(cents, signed=True))


def _base_said(page: Any, language: Language) -> str:
    """The difference as it stands; where that was not tried in all draws, in which."""
    base, tried = language.prose(page.what_if.base, signed=True), page.what_if.tried
    if tried < page.draws:
        return language.say("what_if.as_it_stands.first", base=base, count=tried)
    return language.say("what_if.as_it_stands.all", base=base)


def swings_chart(page: Any, language: Language) -> SwingsChart | None:
    """The chart of what the answer depends on, as its audience sees it; None where there is nothing."""
    if page.what_if is None or not page.what_if.swings:
        return None
    say = language.say
    bars = tuple(
        SwingBar(
            name=language.text(row.title),
            low=row.low,
            high=row.high,
            low_said=_end(language, row.low, row.low_value, page.what_if.base),
            high_said=_end(language, row.high, row.high_value, page.what_if.base),
        )
        for row in page.what_if.swings
    )
    ends = [tuple(text for text in (bar.low_said, bar.high_said) if text) for bar in bars]
    said = tuple(say("what_if.alt_swing", thing=bar.name, ends=texts) for bar, texts in zip(bars, ends, strict=True))
    base = language.text(Money(page.what_if.base, signed=True))
    return SwingsChart(
        bars=bars,
        base=page.what_if.base,
        base_said=_base_said(page, language),
        alt=say("what_if.alt", base=base, swings=said),
    )
