"""Plans one below the other: seats and usage in a bar each, and behind them the work that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import (
    COUNTERFACTUAL_EDGE,
    LINE,
    NEW_SEATS,
    NEW_USAGE,
    UNDONE,
    amount,
    dollar_axis,
)
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME, _SUM, _CAPTION = 8.5, 9.0, 7.0
_NAME_SHARE = 0.2
_NAME_HEIGHT = 27.0


@dataclass(frozen=True)
class PlanBar:
    """A plan's bar, cents; ``difference`` stands below its sum, ``caption`` below the bar."""

    name: str
    seats: int
    usage: int
    undone: int
    difference: str
    caption: str
    counterfactual: bool = False

    @property
    def cost(self) -> int:
        """Seats and usage."""
        return self.seats + self.usage


@dataclass(frozen=True)
class PlanTotals:
    """The plans of a comparison, the first one on top."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    seats_name: str
    usage_name: str
    undone_name: str
    plans: tuple[PlanBar, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet."""
        from matplotlib.patches import Patch

        handles: list[Any] = [Patch(label=self.seats_name, **NEW_SEATS), Patch(label=self.usage_name, **NEW_USAGE)]
        if any(plan.undone for plan in self.plans):
            handles.append(Patch(label=self.undone_name, **UNDONE))
        sheet.key(handles)
        axes = sheet.axes()
        height = min(0.5, 0.3 + 0.05 * len(self.plans))
        for place, plan in enumerate(self.plans):
            _bar(axes, place, height, plan)
            self._texts(sheet, axes, place, height, plan)
        room = sheet.room[2] - sheet.room[0]
        lines = int((sheet.room[3] - sheet.room[1]) / len(self.plans) / _NAME_HEIGHT)
        names = [sheet.ruler.within(plan.name, room * _NAME_SHARE, _NAME, max(1, lines)) for plan in self.plans]
        axes.set_yticks(range(len(self.plans)), names, size=_NAME, color="#222222")
        axes.set_ylim(len(self.plans) - 0.4, -0.6)
        longest = max(plan.cost + plan.undone for plan in self.plans)
        axes.set_xlim(0, max(longest, 1) / 100)
        axes.spines["left"].set_visible(False)
        dollar_axis(axes, "x", self.unit)
        sheet.fit(axes)

    def _texts(self, sheet: Sheet, axes: Axes, place: int, height: float, plan: PlanBar) -> None:
        after = (plan.cost + plan.undone) / 100
        width = (sheet.room[2] - sheet.room[0]) * 0.16
        first, rest = amount(plan.cost), sheet.ruler.wrapped(plan.difference, width, _CAPTION)
        lift = 1 + 4.5 * len(rest.splitlines())
        axes.annotate(
            first, (after, place), (6, lift), textcoords="offset points", va="center", size=_SUM, weight="bold"
        )
        if rest:
            axes.annotate(rest, (after, place), (6, lift - 6), textcoords="offset points", va="top", size=_CAPTION)
        width = (sheet.room[2] - sheet.room[0]) * 0.6
        axes.annotate(
            sheet.ruler.wrapped(plan.caption, width, _CAPTION),
            (0, place + height / 2),
            (2, -3),
            textcoords="offset points",
            va="top",
            size=_CAPTION,
            color=LINE,
        )


def _bar(axes: Axes, place: int, height: float, plan: PlanBar) -> None:
    edge = COUNTERFACTUAL_EDGE if plan.counterfactual else {}
    axes.barh(place, plan.seats / 100, height, **{**NEW_SEATS, **edge})
    axes.barh(place, plan.usage / 100, height, left=plan.seats / 100, **{**NEW_USAGE, **edge})
    if plan.undone:
        axes.barh(place, plan.undone / 100, height, left=plan.cost / 100, **UNDONE)
