"""The week: seven columns, or several series of them side by side, about the mean of the seven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import LINE, NEW_SEATS, NEW_USAGE, OLD_SEATS, OLD_USAGE
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOOKS: tuple[dict[str, Any], ...] = (NEW_SEATS, OLD_SEATS, NEW_USAGE, OLD_USAGE)
"""Series beside each other; what belongs together shares a hue and parts by its hatch."""
_GROUP = 0.8
_AMOUNT = 6.5


@dataclass(frozen=True)
class Week:
    """A series: seven values, Monday first."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Weekdays:
    """Up to four series of the week."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    weeks: tuple[Week, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the columns on the sheet."""
        from matplotlib.patches import Patch

        sheet.key([Patch(label=week.name, **look) for week, look in zip(self.weeks, LOOKS, strict=False)])
        axes = sheet.axes()
        draw_weekdays(axes, self.weeks, self.unit)
        sheet.fit(axes)


def draw_weekdays(axes: Axes, weeks: Sequence[Week], unit: str) -> None:
    """The columns on axes, each with its value."""
    width = _GROUP / len(weeks)
    for number, (week, look) in enumerate(zip(weeks, LOOKS, strict=False)):
        places = [day - _GROUP / 2 + (number + 0.5) * width for day in range(len(DAYS))]
        axes.bar(places, week.values, width * 0.92, **look)
        for place, value in zip(places, week.values, strict=True):
            axes.annotate(
                f"{value:.2f}",
                (place, value),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                size=_AMOUNT,
            )
    axes.axhline(1, color=LINE, linewidth=0.7, linestyle=(0, (3, 2)))
    axes.set_xticks(range(len(DAYS)), DAYS)
    axes.set_ylim(0, max(1.0, *(max(week.values) for week in weeks)) * 1.1)
    axes.set_ylabel(unit)
    axes.grid(visible=False, axis="x")
