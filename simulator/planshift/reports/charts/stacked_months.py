"""Months as columns of parts that lie on each other, with lines of text below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import LINE, dollar_axis, of_part
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes

_WIDTH = 0.74
_TEXT = 7.0
_FIRST_ROW, _ROW = 27.0, 11.0
_HEADROOM = 1.07
_MONTHS_NAMED = 24


@dataclass(frozen=True)
class Part:
    """A part of every column: what it is called, and its cents by month; below zero it hangs down."""

    name: str
    cents: tuple[int, ...]


@dataclass(frozen=True)
class StackedMonths:
    """Parts from the bottom to the top; ``below``: rows of text under the months, a name and a text for each month.

    A row is left out where its texts would touch each other.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    parts: tuple[Part, ...]
    below: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def draw(self, sheet: Sheet) -> None:
        """Put the columns on the sheet."""
        from matplotlib.patches import Patch

        sheet.key([Patch(label=part.name, **of_part(number)) for number, part in enumerate(self.parts)])
        axes = sheet.axes()
        up, down = [0.0] * len(self.months), [0.0] * len(self.months)
        for number, part in enumerate(self.parts):
            dollars = [cents / 100 for cents in part.cents]
            starts = [up[place] if value >= 0 else down[place] for place, value in enumerate(dollars)]
            axes.bar(range(len(dollars)), dollars, _WIDTH, bottom=starts, **of_part(number))
            up = [top + max(0.0, value) for top, value in zip(up, dollars, strict=True)]
            down = [low + min(0.0, value) for low, value in zip(down, dollars, strict=True)]
        axes.set_ylim(min(down) * _HEADROOM, max(*up, 1.0) * _HEADROOM)
        axes.set_xlim(-0.6, len(self.months) - 0.4)
        axes.axhline(0, color=LINE, linewidth=0.8)
        dollar_axis(axes, "y", self.unit)
        step = -(-len(self.months) // _MONTHS_NAMED)
        names = [name if place % step == 0 else "" for place, name in enumerate(month_names(self.months))]
        axes.set_xticks(range(len(self.months)), names)
        sheet.fit(axes)
        self._texts(sheet, axes)

    def _texts(self, sheet: Sheet, axes: Axes) -> None:
        slot = axes.get_window_extent(sheet.renderer).width / (len(self.months) + 0.2)
        rows = [row for row in self.below if max(sheet.ruler.width(text, _TEXT) for text in row[1]) * 1.25 <= slot]
        for number, (name, texts) in enumerate(rows):
            below = -_FIRST_ROW - number * _ROW
            heading: dict[str, Any] = {"xycoords": "axes fraction", "ha": "right", "color": LINE}
            axes.annotate(name, (0, 0), (-5, below), textcoords="offset points", va="top", size=_TEXT, **heading)
            for place, text in enumerate(texts):
                axes.annotate(
                    text,
                    (place, 0),
                    (0, below),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    size=_TEXT,
                )
        sheet.fit(axes)
