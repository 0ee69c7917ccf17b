"""Spread by size: a column a size of organization, with published values as lines across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planshift.reports.charts.looks import NEW_SEATS, NEW_USAGE, OLD_USAGE
from planshift.reports.charts.sheet import Sheet

_LOOKS = (NEW_SEATS, OLD_USAGE, NEW_USAGE)
_GROUP = 0.7


@dataclass(frozen=True)
class SpreadSeries:
    """A value for each size."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class PublishedLine:
    """A value that somebody has published, whatever the size."""

    name: str
    value: float


@dataclass(frozen=True)
class Spreads:
    """Series of columns by size, and published values."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    sizes: tuple[str, ...]
    unit: str
    series: tuple[SpreadSeries, ...]
    published: tuple[PublishedLine, ...] = ()

    def draw(self, sheet: Sheet) -> None:
        """Put columns and lines on the sheet."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        line: dict[str, Any] = {"color": "#D55E00", "linewidth": 1.4, "linestyle": (0, (6, 2))}
        handles = [Patch(label=one.name, **look) for one, look in zip(self.series, _LOOKS, strict=False)]
        sheet.key([*handles, *(Line2D([], [], label=one.name, **line) for one in self.published)])
        axes = sheet.axes()
        width = _GROUP / len(self.series)
        for number, (one, look) in enumerate(zip(self.series, _LOOKS, strict=False)):
            places = [size - _GROUP / 2 + (number + 0.5) * width for size in range(len(self.sizes))]
            axes.bar(places, one.values, width * 0.92, **look)
            for place, value in zip(places, one.values, strict=True):
                axes.annotate(
                    f"{value:.2f}", (place, value), (0, 3), textcoords="offset points", ha="center", va="bottom"
                )
        for published in self.published:
            axes.axhline(published.value, **line)
        highest = max([value for one in self.series for value in one.values] + [one.value for one in self.published])
        axes.set_ylim(0, highest * 1.12)
        axes.set_xticks(range(len(self.sizes)), self.sizes)
        axes.set_ylabel(self.unit)
        axes.grid(visible=False, axis="x")
        sheet.fit(axes)
