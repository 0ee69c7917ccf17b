"""Early moves: what each day to move on costs more or less than waiting, a line for each way of crediting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import LINE, dollar_axis, of_series, signed
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL = 7.0
_APART = 0.12


@dataclass(frozen=True)
class Way:
    """A way of crediting: what it is called, and by day what moving on it costs more than waiting, cents: the tenth,
    the half and nine tenths of the draws (three alike for one year of usage)."""

    name: str
    changes: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class EarlyMoves:
    """Days to move on, the renewal last, where every way comes to nothing."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    days: tuple[date, ...]
    ways: tuple[Way, ...]
    waiting_name: str

    def draw(self, sheet: Sheet) -> None:
        """Put the lines on the sheet."""
        from matplotlib.lines import Line2D

        looks = [of_series(number + 1) for number in range(len(self.ways))]
        named = zip(self.ways, looks, strict=True)
        handles: list[Any] = [Line2D([], [], label=way.name, **look) for way, look in named]
        handles.append(Line2D([], [], label=self.waiting_name, color=LINE, linewidth=0.8))
        sheet.key(handles)
        axes = sheet.axes()
        axes.axhline(0, color=LINE, linewidth=0.8)
        for number, (way, look) in enumerate(zip(self.ways, looks, strict=True)):
            self._line(axes, way, look, (number - (len(self.ways) - 1) / 2) * _APART)
            self._amounts(axes, way, look["color"])
        axes.set_xlim(-0.6, len(self.days) - 0.4)
        axes.margins(y=0.14)
        dollar_axis(axes, "y", self.unit)
        axes.set_xticks(range(len(self.days)), month_names(self.days))
        sheet.fit(axes)

    def _line(self, axes: Axes, way: Way, look: dict[str, Any], shift: float) -> None:
        middle = [change[1] / 100 for change in way.changes]
        places: Sequence[int] = range(len(middle))
        axes.plot(places, middle, **look)
        spread = [(place, change) for place, change in enumerate(way.changes) if change[0] != change[2]]
        for place, (low, _, high) in spread:
            axes.plot([place + shift] * 2, [low / 100, high / 100], color=look["color"], linewidth=1.0)

    def _amounts(self, axes: Axes, way: Way, color: str) -> None:
        """The change on the first day, and on the last before the renewal."""
        for place in sorted({0, len(way.changes) - 2}):
            change = way.changes[place]
            above = all(change[1] >= other.changes[place][1] for other in self.ways)
            axes.annotate(
                signed(change[1]),
                (place, change[2 if above else 0] / 100),
                (0, 8 if above else -8),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
                size=_LABEL,
                color=color,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
                zorder=4,
            )
