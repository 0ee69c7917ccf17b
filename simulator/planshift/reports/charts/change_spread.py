"""How a change is spread over draws: so many draws cost so much more or less."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import CHEAPER, DEARER, INK, LINE, dollar_axis, signed_whole
from planshift.reports.charts.places import beside
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = (8, 32)
"""So many bars at least and at most, about: with more draws more of them."""
SHOWN_AT_MOST = 100
"""So many bars would fill the picture."""
_LABEL = 8.0
_NICE = (1, 2, 5)
_GAP = 12.0


@dataclass(frozen=True)
class Mark:
    """An amount that is marked, cents, and what it is called."""

    name: str
    cents: int


@dataclass(frozen=True)
class ChangeSpread:
    """The change in each draw, cents; ``marks`` are percentiles, from the least to the largest."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    draws_name: str
    more_name: str
    less_name: str
    changes: tuple[int, ...]
    marks: tuple[Mark, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the bars and the marks on the sheet."""
        from matplotlib.patches import Patch
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        looks = ((self.more_name, DEARER), (self.less_name, CHEAPER))
        handles: list[Any] = [Patch(label=name, **look) for name, look in looks]
        sheet.key(handles)
        axes = sheet.axes()
        step = bar_width(self.changes)
        counts = bars(self.changes, step)
        for number, count in sorted(counts.items()):
            look = DEARER if number > 0 else CHEAPER
            axes.bar((number - 0.5) * step / 100, count, step / 100 * 0.94, **look)
        axes.axvline(0, color=LINE, linewidth=1.2)
        low, high = min(min(counts) - 1, -1) * step / 100, max(max(counts), 1) * step / 100
        axes.set_xlim(low - (high - low) * 0.02, high + (high - low) * 0.02)
        axes.set_ylim(0, max(counts.values()) * 1.06)
        dollar_axis(axes, "x", self.unit)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10], integer=True))
        # No nought where the axes meet: an amount may stand there.
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value else ""))
        axes.set_ylabel(self.draws_name)
        left, bottom, right, top = sheet.room
        height = sheet.size_of("P50\n0", _LABEL, "bold")[1]
        sheet.fit(axes, (left, bottom, right, top - height - _GAP))
        self._marks(sheet, axes)

    def _marks(self, sheet: Sheet, axes: Axes) -> None:
        """A line at each mark, its name above; the names stand apart where the marks lie close together."""
        texts = [f"{mark.name}\n{signed_whole(mark.cents)}" for mark in self.marks]
        widths = [sheet.size_of(text, _LABEL, "bold")[0] + 14 for text in texts]
        wanted = [float(axes.transData.transform((mark.cents / 100, 0))[0]) for mark in self.marks]
        centres = beside(wanted, widths, sheet.room[0], sheet.room[2])
        box = axes.get_window_extent(sheet.renderer)
        for text, mark, place, centre in zip(texts, self.marks, wanted, centres, strict=True):
            axes.axvline(mark.cents / 100, color=INK, linewidth=1.3, linestyle=(0, (4, 2)))
            axes.annotate(
                "",
                (place, float(box.y1)),
                (centre, float(box.y1) + _GAP),
                xycoords="figure pixels",
                textcoords="figure pixels",
                arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8},
                annotation_clip=False,
            )
            sheet.text(centre, float(box.y1) + _GAP, text, _LABEL, ha="center", va="bottom", weight="bold")


def bar_width(changes: tuple[int, ...]) -> int:
    """The width of a bar, cents: 1, 2 or 5 and noughts, so that there are as many as so many draws can fill.

    Where all changes are far from nothing, which is shown too, bars stay wide enough to be seen.
    """
    most = min(BARS[1], max(BARS[0], 2 * math.isqrt(len(changes))))
    spread, shown = max(changes) - min(changes), max(*changes, 0) - min(*changes, 0)
    step = 1
    while True:
        for nice in _NICE:
            if spread <= nice * step * most and shown <= nice * step * SHOWN_AT_MOST:
                return nice * step
        step *= 10


def bars(changes: tuple[int, ...], step: int) -> dict[int, int]:
    """Bar → its draws; bar n holds the changes above (n − 1) × step and up to n × step: zero is in no bar of more."""
    return Counter(-(-cents // step) for cents in changes)
