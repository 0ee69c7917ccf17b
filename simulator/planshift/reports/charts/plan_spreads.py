"""Plans one below the other: how far the cost of each is spread over the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import (
    BUDGET,
    COUNTERFACTUAL_EDGE,
    FAN,
    FAN_INNER,
    INK,
    LINE,
    dollar_axis,
    whole,
)
from planshift.reports.charts.places import beside
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME, _AMOUNT, _CAPTION = 8.5, 8.0, 7.0
_NAME_SHARE = 0.2
_NAME_HEIGHT = 27.0
_FEW = 4
_MEAN: dict[str, Any] = {"color": INK, "marker": "x", "markersize": 5.5, "linestyle": "", "markeredgewidth": 1.4}
_MIDDLE: dict[str, Any] = {"color": INK, "linewidth": 2.6}
_PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


@dataclass(frozen=True)
class PlanSpread:
    """What a plan costs in draws, cents; ``caption`` stands below its bar."""

    name: str
    p10: int
    p25: int
    p50: int
    p75: int
    p90: int
    mean: int
    caption: str
    counterfactual: bool = False


@dataclass(frozen=True)
class PlanSpreads:
    """The plans of a comparison, the first one on top."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    plans: tuple[PlanSpread, ...]
    budget: int | None = None
    budget_name: str = "Budget"

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet."""
        sheet.key(self._handles())
        axes = sheet.axes()
        height = min(0.34, 0.2 + 0.04 * len(self.plans))
        for place, plan in enumerate(self.plans):
            _bar(axes, place, height, plan)
            width, lines = (sheet.room[2] - sheet.room[0]) * 0.6, 2 if len(self.plans) <= _FEW else 1
            axes.annotate(
                sheet.ruler.within(plan.caption, width, _CAPTION, lines),
                (0, place + height / 2),
                (2, -3),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="top",
                size=_CAPTION,
                color=LINE,
                bbox=_PAPER,
            )
        if self.budget is not None:
            axes.axvline(self.budget / 100, **BUDGET)
        room = sheet.room[2] - sheet.room[0]
        lines = int((sheet.room[3] - sheet.room[1]) / len(self.plans) / _NAME_HEIGHT)
        names = [sheet.ruler.within(plan.name, room * _NAME_SHARE, _NAME, max(1, lines)) for plan in self.plans]
        axes.set_yticks(range(len(self.plans)), names, size=_NAME, color="#222222")
        axes.set_ylim(len(self.plans) - 0.4, -0.6)
        axes.set_xlim(0, max([*(plan.p90 for plan in self.plans), self.budget or 0, 1]) / 100 * 1.04)
        axes.spines["left"].set_visible(False)
        dollar_axis(axes, "x", self.unit)
        sheet.fit(axes)
        for place, plan in enumerate(self.plans):
            _amounts(sheet, axes, place, height, plan)

    def _handles(self) -> list[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        handles: list[Any] = [
            Line2D([], [], label="Median of the draws (P50)", **_MIDDLE),
            Line2D([], [], label="Mean", **_MEAN),
            Patch(label="Half of the draws (P25 to P75)", **FAN_INNER),
            Patch(label="Eight of ten draws (P10 to P90)", **FAN),
        ]
        return [*handles, *([Line2D([], [], label=self.budget_name, **BUDGET)] if self.budget is not None else [])]


def _bar(axes: Axes, place: int, height: float, plan: PlanSpread) -> None:
    edge = COUNTERFACTUAL_EDGE if plan.counterfactual else {}
    for low, high, look, high_share in ((plan.p10, plan.p90, FAN, 1.0), (plan.p25, plan.p75, FAN_INNER, 0.72)):
        shown = {**look, **edge}
        axes.barh(place, (high - low) / 100, height * high_share, left=low / 100, **shown)
    half = height * 0.5
    axes.plot([plan.p50 / 100] * 2, [place - half, place + half], **_MIDDLE)
    axes.plot(plan.mean / 100, place, **_MEAN)


def _amounts(sheet: Sheet, axes: Axes, place: int, height: float, plan: PlanSpread) -> None:
    """P10, P50 and P90 above the bar, side by side where they would lie on each other."""
    texts = [f"{name} {whole(cents)}" for name, cents in (("P10", plan.p10), ("P50", plan.p50), ("P90", plan.p90))]
    widths = [sheet.size_of(text, _AMOUNT, "bold")[0] + 12 for text in texts]
    wanted = [float(axes.transData.transform((cents / 100, 0))[0]) for cents in (plan.p10, plan.p50, plan.p90)]
    box = axes.get_window_extent(sheet.renderer)
    centres = beside(wanted, widths, float(box.x0), sheet.room[2])
    bottom = float(axes.transData.transform((0, place - height / 2))[1]) + 5
    for number, (text, centre) in enumerate(zip(texts, centres, strict=True)):
        weight = "bold" if number == 1 else "normal"
        sheet.text(centre, bottom, text, _AMOUNT, ha="center", va="bottom", weight=weight, bbox=_PAPER)
