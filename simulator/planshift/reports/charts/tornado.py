"""A tornado: how far one thing after the other moves an amount, the one that moves it most on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import CHEAPER, DEARER, INK, LINE, amount, dollar_axis, signed
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_THICKNESS = 0.58
_NAME, _LABEL = 8.0, 7.0
_NAME_SHARE = 0.34


@dataclass(frozen=True)
class TornadoBar:
    """One thing: what it is, with its value as it stands, and for each other value its name and the amount with it."""

    name: str
    sides: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TornadoChart:
    """Bars from the amount as it stands, ``base`` in cents, to the amount with another value.

    Two values on the same side of the base lie over each other, the shorter in front. ``keys`` are what more and less
    is called, ``base_name`` the line that the bars begin at; with ``gain``, more is better: the two change their looks.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    unit: str
    base: int
    base_name: str
    keys: tuple[str, str]
    rows: tuple[TornadoBar, ...]
    gain: bool = False

    def draw(self, sheet: Sheet) -> None:
        """Put the bars on the sheet."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        line: dict[str, Any] = {"color": INK, "linewidth": 1.2}
        sheet.key(
            [
                Line2D([], [], label=f"{self.base_name}: {amount(self.base)}", **line),
                Patch(label=self.keys[0], **self._looks[0]),
                Patch(label=self.keys[1], **self._looks[1]),
            ]
        )
        axes = sheet.axes()
        for place, row in enumerate(self.rows):
            self._bars(axes, place, row)
        axes.axvline(self.base / 100, **line)
        axes.set_ylim(max(len(self.rows), 3) - 0.4, -0.6)
        width = (sheet.room[2] - sheet.room[0]) * _NAME_SHARE
        names = [sheet.ruler.within(row.name, width, _NAME, 2) for row in self.rows]
        axes.set_yticks(range(len(self.rows)), names, size=_NAME, color=INK, linespacing=0.95)
        axes.spines["left"].set_visible(False)
        dollar_axis(axes, "x", self.unit, ticks=6)
        self._scale(sheet, axes)

    @property
    def _looks(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What more and less look like."""
        return (CHEAPER, DEARER) if self.gain else (DEARER, CHEAPER)

    def _bars(self, axes: Axes, place: int, row: TornadoBar) -> None:
        for _, cents in sorted(row.sides, key=lambda side: -abs(side[1] - self.base)):
            look = self._looks[0] if cents > self.base else self._looks[1]
            axes.barh(place, (cents - self.base) / 100, _THICKNESS, left=self.base / 100, **look)

    def _scale(self, sheet: Sheet, axes: Axes) -> None:
        """Room for what stands beside the bars."""
        ends = [cents / 100 for row in self.rows for _, cents in row.sides] + [self.base / 100]
        low, high = min(ends), max(ends)
        if high == low:
            low, high = low - 1, high + 1
        axes.set_xlim(low, high)
        sheet.fit(axes)
        inner = float(axes.get_window_extent(sheet.renderer).width)
        beside = {side: [self._label(row, side) for row in self.rows] for side in (False, True)}
        left, right = (
            max((sheet.ruler.width(text, _LABEL) for text in texts), default=0) + 14 for texts in beside.values()
        )
        dollars = (high - low) / max(inner - left - right, inner * 0.2)
        axes.set_xlim(low - left * dollars, high + right * dollars)
        for place, row in enumerate(self.rows):
            self._beside(axes, place, row)
        sheet.fit(axes)

    def _label(self, row: TornadoBar, more: bool) -> str:
        """What stands beside the bars on one side of the base."""
        sides = [side for side in row.sides if (side[1] > self.base) == more and side[1] != self.base]
        ordered = sorted(sides, key=lambda side: side[1])
        return "; ".join(f"{value}: {signed(cents - self.base)}" for value, cents in ordered)

    def _beside(self, axes: Axes, place: int, row: TornadoBar) -> None:
        for more in (False, True):
            ends = [cents for _, cents in row.sides if (cents > self.base) == more and cents != self.base]
            if not ends:
                continue
            at = max(ends) if more else min(ends)
            axes.annotate(
                self._label(row, more),
                (at / 100, place),
                (4 if more else -4, 0),
                textcoords="offset points",
                ha="left" if more else "right",
                va="center",
                size=_LABEL,
                color=LINE,
            )
