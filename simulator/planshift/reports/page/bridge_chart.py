"""The bridge as a page shows it: a waterfall that falls down the page, each step named beside its bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planshift.reports.charts.looks import CHEAPER, COUNTERFACTUAL_EDGE, DEARER, INK, LINE, NEW_TOTAL, OLD_TOTAL
from planshift.reports.page.language import Language
from planshift.reports.page.pictures import LETTERS, WHISKER, Paper

_ROW, _ROW_NARROW = 0.195, 0.47
_BAR = 0.62
_EDGE = 0.05
_NAMES = 2.75
_GAP = 0.06
_PATCH: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}


@dataclass(frozen=True)
class Bar:
    """A row: what it is, where its bar begins and ends, and what it says, cents; ``low`` and ``high`` over draws."""

    name: str
    begin: int
    end: int
    said: str
    look: dict[str, Any]
    low: int | None = None
    high: int | None = None
    total: bool = False


@dataclass(frozen=True)
class BridgeChart:
    """The rows from top to bottom, and the sentence for those who cannot see them."""

    bars: tuple[Bar, ...]
    alt: str

    @property
    def half(self) -> bool:
        """Has it room on half a page?"""
        return False

    def height(self, narrow: bool) -> float:
        """A row a bar."""
        return len(self.bars) * (_ROW_NARROW if narrow else _ROW) + 2 * _EDGE

    def draw(self, paper: Paper) -> None:
        """Put the bars on the paper."""
        axes = paper.axes
        labels = max(paper.inches(bar.said, weight="bold" if bar.total else "normal") for bar in self.bars) + 0.12
        left = _EDGE if paper.narrow else _NAMES
        paper.place(left, _EDGE, _EDGE, _EDGE)
        room = paper.width - left - _EDGE - labels
        low = min(0, *(bar.begin for bar in self.bars), *(bar.end for bar in self.bars))
        high = max(100, *(bar.begin for bar in self.bars), *(bar.end for bar in self.bars), *self._highs())
        axes.set_xlim(low, high + (high - low) * labels / room)
        axes.set_ylim(len(self.bars) - 0.5, -0.5)
        axes.set_axis_off()
        axes.axvline(0, color=LINE, linewidth=0.8)
        for row, bar in enumerate(self.bars):
            self._bar(paper, row, bar)
        for row, (bar, following) in enumerate(zip(self.bars, self.bars[1:], strict=False)):
            place = self._middle(paper, row)
            axes.plot([bar.end] * 2, [place, place + 1], color=LINE, linewidth=0.6, zorder=0)
            assert following.begin in (bar.end, 0)

    def _highs(self) -> list[int]:
        return [bar.begin + bar.high for bar in self.bars if bar.high is not None]

    def _middle(self, paper: Paper, row: int) -> float:
        """Where the middle of a row's bar is: in a narrow chart, the name is above it."""
        return row + (0.18 if paper.narrow else 0.0)

    def _bar(self, paper: Paper, row: int, bar: Bar) -> None:
        axes, place = paper.axes, self._middle(paper, row)
        high = _BAR * (0.72 if paper.narrow else 1.0)
        axes.barh(place, bar.end - bar.begin, high, left=bar.begin, **bar.look)
        reach = max(bar.begin, bar.end)
        if bar.low is not None and bar.high is not None and bar.low != bar.high:
            ends = [bar.begin + bar.low, bar.begin + bar.high]
            for look in WHISKER:
                axes.plot(ends, [place] * 2, marker="|", markersize=5, **look)
            reach = max(reach, *ends)
        weight = "bold" if bar.total else "normal"
        axes.annotate(
            bar.said, (reach, place), (4, 0), textcoords="offset points", va="center", size=LETTERS, weight=weight
        )
        self._name(paper, row, bar.name)

    def _name(self, paper: Paper, row: int, name: str) -> None:
        look: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "size": LETTERS, "color": INK, "va": "center"}
        if paper.narrow:
            text = paper.within(name, paper.width - 2 * _EDGE, 1)
            # A line that comes from the bar above must not cross the letters.
            paper.axes.annotate(text, (0, row - 0.27), ha="left", bbox=_PATCH, **look)
            return
        text = paper.within(name, _NAMES - _GAP - _EDGE, 2)
        paper.axes.annotate(text, (0, row), (-5, 0), textcoords="offset points", ha="right", linespacing=0.95, **look)


def bridge_chart(page: Any, language: Language) -> BridgeChart:
    """The chart of a page's bridge, as its audience sees it."""
    bridge, say = page.bridge, language.say
    old, new = language.text(page.old_plan), language.text(page.new_plan)
    drawn = [step for step in bridge.steps if step.key != "rounding"]
    bars = [
        Bar(
            language.sentence(say("bridge.old", old_plan=page.old_plan)),
            0,
            bridge.old,
            language.figure(bridge.old),
            {**OLD_TOTAL, **COUNTERFACTUAL_EDGE},
            total=True,
        )
    ]
    top = bridge.old
    for step in drawn:
        look = DEARER if step.cents > 0 else CHEAPER
        name, amount = say(f"bridge.steps.{step.key}"), language.figure(step.cents, signed=True)
        bars.append(Bar(name, top, top + step.cents, amount, look, step.low, step.high))
        top += step.cents
    name = language.sentence(say("bridge.new", new_plan=page.new_plan))
    bars.append(Bar(name, 0, bridge.new, language.figure(bridge.new), NEW_TOTAL, total=True))
    steps = [
        say("bridge.alt_step", step=say(f"bridge.steps.{step.key}"), amount=language.figure(step.cents, signed=True))
        for step in bridge.steps
    ]
    alt = say(
        "bridge.alt",
        old=language.figure(bridge.old),
        old_plan=old,
        steps=tuple(steps),
        new=language.figure(bridge.new),
        new_plan=new,
    )
    return BridgeChart(tuple(bars), alt)
