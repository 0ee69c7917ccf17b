"""Two years side by side, month by month: seats and usage stacked, a pair of columns a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import (
    COUNTERFACTUAL_EDGE,
    INK,
    LINE,
    NEW_SEATS,
    NEW_USAGE,
    OLD_SEATS,
    OLD_USAGE,
    dollar_axis,
    whole,
)
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 0.4
_AMOUNT = 7.0
_FIRST_ROW, _ROW = 27.0, 11.0


@dataclass(frozen=True)
class Year:
    """One of the two: what its seats and its usage are called, and what they cost month by month, cents."""

    seats_name: str
    usage_name: str
    seats: tuple[int, ...]
    usage: tuple[int, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """Seats and usage, month by month."""
        return tuple(seats + usage for seats, usage in zip(self.seats, self.usage, strict=True))


@dataclass(frozen=True)
class PairedMonths:
    """The old year and the new one; ``before`` is the year before them, a line, where there is one.

    ``rows`` are the names of the three in the amounts below the months: before, old, new.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    months: tuple[date, ...]
    old: Year
    new: Year
    rows: tuple[str, str, str] = ("", "", "")
    before_name: str = ""
    before: tuple[int, ...] | None = None
    old_is_counterfactual: bool = False

    def draw(self, sheet: Sheet) -> None:
        """Put the columns and the line on the sheet."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        counterfactual = COUNTERFACTUAL_EDGE if self.old_is_counterfactual else {}
        looks = [{**OLD_SEATS, **counterfactual}, {**OLD_USAGE, **counterfactual}, NEW_SEATS, NEW_USAGE]
        names = [self.old.seats_name, self.old.usage_name, self.new.seats_name, self.new.usage_name]
        handles: list[Any] = [Patch(label=name, **look) for name, look in zip(names, looks, strict=True)]
        line: dict[str, Any] = {"color": INK, "marker": "D", "markerfacecolor": "white", "linewidth": 1.2}
        if self.before:
            handles.append(Line2D([], [], label=self.before_name, **line))
        sheet.key(handles)
        axes = sheet.axes()
        _stack(axes, self.old, -_WIDTH / 2, looks[:2])
        _stack(axes, self.new, _WIDTH / 2, looks[2:])
        if self.before:
            axes.plot(range(len(self.months)), [cents / 100 for cents in self.before], **line)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.set_xlim(-0.6, len(self.months) - 0.4)
        axes.margins(y=0.08)
        dollar_axis(axes, "y", self.unit)
        axes.set_xticks(range(len(self.months)), month_names(self.months))
        sheet.fit(axes)
        self._amounts(sheet, axes)

    def _amounts(self, sheet: Sheet, axes: Axes) -> None:
        """What the columns add up to, in whole dollars below the months, where it has room there."""
        years = [self.before, self.old.totals, self.new.totals]
        rows = [(name, year) for name, year in zip(self.rows, years, strict=True) if year]
        widest = max(sheet.ruler.width(whole(cents), _AMOUNT) for _, year in rows for cents in year)
        if widest * 1.2 > axes.get_window_extent(sheet.renderer).width / (len(self.months) + 0.2):
            return
        for number, (name, year) in enumerate(rows):
            below = -_FIRST_ROW - number * _ROW
            heading: dict[str, Any] = {"xycoords": "axes fraction", "ha": "right", "color": LINE}
            axes.annotate(name, (0, 0), (-5, below), textcoords="offset points", va="top", size=_AMOUNT, **heading)
            for place, cents in enumerate(year):
                axes.annotate(
                    whole(cents),
                    (place, 0),
                    (0, below),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    size=_AMOUNT,
                    weight="bold" if number == len(rows) - 1 else "normal",
                )
        sheet.fit(axes)


def _stack(axes: Axes, year: Year, shift: float, looks: Sequence[dict[str, Any]]) -> None:
    places = [place + shift for place in range(len(year.seats))]
    seats = [cents / 100 for cents in year.seats]
    axes.bar(places, seats, _WIDTH, **looks[0])
    axes.bar(places, [cents / 100 for cents in year.usage], _WIDTH, bottom=seats, **looks[1])


def month_names(months: Sequence[date]) -> list[str]:
    """``Jan`` and its year below it on the first month and on every January, ``Feb`` on the others."""
    return [
        f"{_SHORT[month.month - 1]}\n{month.year}" if place == 0 or month.month == 1 else _SHORT[month.month - 1]
        for place, month in enumerate(months)
    ]


_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
