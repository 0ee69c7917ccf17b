"""The months as a page shows them: seats and usage on both plans, the spread of the new one, the year before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from planshift.reports.charts.looks import (
    COUNTERFACTUAL_EDGE,
    INK,
    LINE,
    NEW_SEATS,
    NEW_USAGE,
    OLD_SEATS,
    OLD_USAGE,
)
from planshift.reports.page.language import Language
from planshift.reports.page.pictures import DOTS, WHISKER, Paper

_COLUMN = 0.4
_FOOT, _EDGE = 0.34, 0.06
_SMALL = 8.0
_SEATS_GONE_ON: dict[str, Any] = {**OLD_SEATS, **COUNTERFACTUAL_EDGE}
_USAGE_GONE_ON: dict[str, Any] = {**OLD_USAGE, **COUNTERFACTUAL_EDGE}
_BEFORE: dict[str, Any] = {"color": INK, "marker": "D", "markersize": 3.5, "markerfacecolor": "white", "linewidth": 1.1}


@dataclass(frozen=True)
class MonthsChart:
    """Months with seats and usage of both plans, cents, in the words of a language."""

    months: tuple[date, ...]
    old: tuple[tuple[int, int], ...]
    new: tuple[tuple[int, int], ...]
    spread: tuple[tuple[int, int] | None, ...]
    before: tuple[int | None, ...] | None
    language: Language
    alt: str

    @property
    def half(self) -> bool:
        """Has it room on half a page?"""
        return True

    def height(self, narrow: bool) -> float:  # noqa: ARG002 - as high on every paper
        """As high as the table beside it."""
        return 2.15

    def draw(self, paper: Paper) -> None:
        """Put the columns on the paper."""
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        axes = paper.axes
        used = self._key(paper)
        _stack(axes, self.old, -_COLUMN / 2, [_SEATS_GONE_ON, _USAGE_GONE_ON])
        _stack(axes, self.new, _COLUMN / 2, [NEW_SEATS, NEW_USAGE])
        for place, ends in enumerate(self.spread):
            if ends and ends[0] != ends[1]:
                for look in WHISKER:
                    axes.plot([place + _COLUMN / 2] * 2, ends, marker="_", markersize=5, **look)
        if self.before:
            # What is not known is no point of the line, and least of all zero.
            known = [float("nan") if cents is None else cents for cents in self.before]
            axes.plot(range(len(self.months)), known, **_BEFORE)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.set_xlim(-0.6, len(self.months) - 0.4)
        # A bar of no height would keep the margin from being there.
        axes.use_sticky_edges = False
        axes.margins(y=0.06)
        if not any(cents < 0 for plan in (self.old, self.new) for month in plan for cents in month):
            axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        low, high = axes.get_ylim()
        few = high - low < 1000
        axes.yaxis.set_major_formatter(FuncFormatter(lambda cents, _: self._tick(round(cents), few)))
        axes.tick_params(axis="y", labelsize=_SMALL)
        axes.grid(visible=False, axis="x")
        every = 2 if paper.narrow else 1
        axes.set_xticks(range(0, len(self.months), every), self._names()[::every], size=_SMALL)
        ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
        left = max(paper.inches(self._tick(round(tick), few), _SMALL) for tick in ticks) + 0.12
        paper.place(left, _FOOT, _EDGE, used)

    def _tick(self, cents: int, few: bool) -> str:
        return self.language.figure(cents) if few else self.language.whole(cents)

    def _names(self) -> list[str]:
        shown = []
        for place, month in enumerate(self.months):
            name = self.language.short_month(month)
            shown.append(f"{name}\n{month.year}" if place == 0 or month.month == 1 else name)
        return shown

    def _key(self, paper: Paper) -> float:
        """What the fillings mean, on top; how much room that takes, inches."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        say = self.language.say
        handles: list[Any] = [
            Patch(label=say("charts.old_seats"), **_SEATS_GONE_ON),
            Patch(label=say("charts.old_usage"), **_USAGE_GONE_ON),
            Patch(label=say("charts.new_seats"), **NEW_SEATS),
            Patch(label=say("charts.new_usage"), **NEW_USAGE),
        ]
        if any(self.spread):
            handles.append(Line2D([], [], label=say("charts.range"), color=INK, marker="_", linewidth=1.1))
        if self.before:
            handles.append(Line2D([], [], label=say("charts.before"), **_BEFORE))
        top = 1 - _EDGE / self.height(paper.narrow)
        for columns in (len(handles), 3, 2, 1):
            legend = paper.figure.legend(
                handles=handles,
                loc="upper left",
                bbox_to_anchor=(0.005, top),
                ncols=columns,
                fontsize=_SMALL,
                columnspacing=1.2,
                handlelength=1.6,
            )
            box = legend.get_window_extent(paper.renderer)
            if box.x1 <= paper.figure.bbox.width or columns == 1:
                break
            legend.remove()
        return float(box.height) / DOTS + 2 * _EDGE


def _stack(axes: Any, plan: tuple[tuple[int, int], ...], shift: float, looks: list[dict[str, Any]]) -> None:
    places = [place + shift for place in range(len(plan))]
    seats = [seats for seats, _ in plan]
    axes.bar(places, seats, _COLUMN, **looks[0])
    axes.bar(places, [usage for _, usage in plan], _COLUMN, bottom=seats, **looks[1])


def months_chart(page: Any, language: Language) -> MonthsChart:
    """The chart of a page's months, as its audience sees them."""
    rows, figure = page.month_by_month.rows, language.figure
    before = tuple(row.before for row in rows if row.before is not None)
    alt = language.say(
        "months.alt",
        first=language.month(rows[0].month),
        last=language.month(rows[-1].month),
        old_low=figure(min(row.old for row in rows)),
        old_high=figure(max(row.old for row in rows)),
        new_low=figure(min(row.new for row in rows)),
        new_high=figure(max(row.new for row in rows)),
    )
    spread = tuple((row.low, row.high) if row.low is not None else None for row in rows)
    if any(spread):
        alt += " " + language.say("months.alt_range")
    if before:
        alt += " " + language.say("months.alt_before", low=figure(min(before)), high=figure(max(before)))
    return MonthsChart(
        months=tuple(row.month for row in rows),
        old=tuple((row.old_seats, row.old_usage) for row in rows),
        new=tuple((row.new_seats, row.new_usage) for row in rows),
        spread=spread,
        before=tuple(row.before for row in rows) if before else None,
        language=language,
        alt=alt,
    )
