"""Lorenz curves: how much of the whole the users with the least use have together, and so how much the few have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planshift.reports.charts.looks import LINE, of_series
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVEN = "Everybody alike"
_EVEN: dict[str, Any] = {"color": LINE, "linewidth": 0.8, "linestyle": (0, (1, 2))}


@dataclass(frozen=True)
class Curve:
    """A curve: shares of users from 0 to 1, those with the least use first, and what they hold of the whole."""

    name: str
    users: tuple[float, ...]
    held: tuple[float, ...]


@dataclass(frozen=True)
class Holding:
    """A published point: the ``top`` share of users hold so much of the whole."""

    name: str
    top: float
    held: float


@dataclass(frozen=True)
class Lorenz:
    """Curves, and published points beside them."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    users: str
    held: str
    curves: tuple[Curve, ...]
    points: tuple[Holding, ...] = ()

    def draw(self, sheet: Sheet) -> None:
        """Put the curves on the sheet, each published point with its words beside it."""
        sheet.key(lorenz_handles(self.curves))
        axes = sheet.axes()
        draw_lorenz(axes, self.curves, self.users, self.held)
        axes.set_xticks([0.2, 0.4, 0.6, 0.8, 0.9, 1])
        for point in self.points:
            place = (1 - point.top, 1 - point.held)
            axes.plot(*place, marker="D", color="white", markeredgecolor="#D55E00", markersize=6, zorder=5)
            axes.annotate(
                point.name,
                place,
                (-9, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                size=7.5,
                color="#8A2F00",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
                zorder=4,
            )
        sheet.fit(axes)


def lorenz_handles(curves: Sequence[Curve]) -> list[Any]:
    """What the lines mean, for a key."""
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], label=curve.name, **_look(number)) for number, curve in enumerate(curves)]
    return [*lines, Line2D([], [], label=EVEN, **_EVEN)]


def draw_lorenz(axes: Axes, curves: Sequence[Curve], users: str, held: str) -> None:
    """Curves on axes in percent, with what each axis is."""
    from matplotlib.ticker import FuncFormatter

    axes.plot([0, 1], [0, 1], **_EVEN)
    for number, curve in enumerate(curves):
        axes.plot(curve.users, curve.held, **_look(number))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for axis, label in ((axes.xaxis, users), (axes.yaxis, held)):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.0f} %"))
        axis.set_label_text(label)
    axes.set_xticks([0.2, 0.4, 0.6, 0.8, 1])


def _look(number: int) -> dict[str, Any]:
    return {**of_series(number), "marker": ""}
