"""Plans as lines over the months, each with its name at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from planshift.reports.charts.looks import LINE, dollar_axis, of_series
from planshift.reports.charts.paired_months import month_names
from planshift.reports.charts.places import apart
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME = 8.0
_NAME_SHARE = 0.2


@dataclass(frozen=True)
class PlanLine:
    """A plan's line: what it costs month by month, cents."""

    name: str
    cents: tuple[int, ...]


@dataclass(frozen=True)
class PlanMonths:
    """What each plan costs month by month."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    plans: tuple[PlanLine, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the lines on the sheet."""
        axes = sheet.axes()
        for number, plan in enumerate(self.plans):
            axes.plot(range(len(self.months)), [cents / 100 for cents in plan.cents], **of_series(number))
        low, high = min(min(plan.cents) for plan in self.plans), max(max(plan.cents) for plan in self.plans)
        axes.set_ylim(min(0, low / 100 * 1.1), max(high, 1) / 100 * 1.08)
        axes.set_xlim(-0.3, len(self.months) - 0.7)
        axes.axhline(0, color=LINE, linewidth=0.8)
        dollar_axis(axes, "y", self.unit)
        step = -(-len(self.months) // 18)
        names = [name if place % step == 0 else "" for place, name in enumerate(month_names(self.months))]
        axes.set_xticks(range(len(self.months)), names)
        left, bottom, right, top = sheet.room
        inner = (left, bottom, right - (right - left) * _NAME_SHARE, top)
        sheet.fit(axes, inner)
        self._names(sheet, axes)

    def _names(self, sheet: Sheet, axes: Axes) -> None:
        """The plans' names at the right, each as near to its line's end as the others let it."""
        room = (sheet.room[2] - sheet.room[0]) * _NAME_SHARE - 24
        texts = [sheet.ruler.wrapped(plan.name, room, _NAME, "bold") for plan in self.plans]
        heights = [sheet.size_of(text, _NAME, "bold")[1] + 8 for text in texts]
        ends = [axes.transData.transform((len(self.months) - 1, plan.cents[-1] / 100)) for plan in self.plans]
        wanted = [float(y) for _, y in ends]
        centres = apart(wanted, heights, sheet.room[1], sheet.room[3])
        for number, (text, (x, y), centre) in enumerate(zip(texts, ends, centres, strict=True)):
            color = of_series(number)["color"]
            start = float(axes.get_window_extent(sheet.renderer).x1) + 22
            axes.annotate(
                "",
                (float(x) + 5, float(y)),
                (start - 2, centre),
                xycoords="figure pixels",
                textcoords="figure pixels",
                arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.7},
                annotation_clip=False,
            )
            sheet.text(start + 2, centre, text, _NAME, va="center", color=color, weight="bold")
