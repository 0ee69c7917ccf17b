"""Fillings and lines, told apart by hue, by lightness and by hatch, and amounts as charts write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planshift.reports.words import usd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#222222"
LINE = "#444444"
COUNTERFACTUAL_EDGE: dict[str, Any] = {"edgecolor": LINE, "linestyle": (0, (3, 2))}
"""What is only thought has a broken outline."""

OLD_SEATS: dict[str, Any] = {"facecolor": "#8A9099", "edgecolor": LINE}
OLD_USAGE: dict[str, Any] = {"facecolor": "#DADDE1", "edgecolor": LINE, "hatch": "////"}
OLD_TOTAL: dict[str, Any] = {"facecolor": "#DADDE1", "edgecolor": LINE, "hatch": "////"}
NEW_SEATS: dict[str, Any] = {"facecolor": "#0B4F7D", "edgecolor": "#062E4A"}
NEW_USAGE: dict[str, Any] = {"facecolor": "#8CC7EC", "edgecolor": "#062E4A", "hatch": "...."}
NEW_TOTAL: dict[str, Any] = {"facecolor": "#0B4F7D", "edgecolor": "#062E4A"}
DEARER: dict[str, Any] = {"facecolor": "#D55E00", "edgecolor": "#7A3600"}
CHEAPER: dict[str, Any] = {"facecolor": "#8FD3BF", "edgecolor": "#00553E", "hatch": "\\\\\\\\"}
UNDONE: dict[str, Any] = {"facecolor": "white", "edgecolor": "#8A2F00", "hatch": "xxxx", "linestyle": (0, (3, 2))}

FAN: dict[str, Any] = {"facecolor": "#C9E2F5", "edgecolor": "#5E9CC7", "linewidth": 0.8}
FAN_INNER: dict[str, Any] = {"facecolor": "#7DB6DF", "edgecolor": "#5E9CC7", "linewidth": 0.8}
FAN_LINE: dict[str, Any] = {"color": "#062E4A", "linewidth": 1.9}
OLD_FAN: dict[str, Any] = {"facecolor": "none", "edgecolor": "#777C82", "hatch": "////", "linewidth": 0.8}
OLD_FAN_LINE: dict[str, Any] = {"color": "#4A4E53", "linewidth": 1.7, "linestyle": (0, (5, 2))}
BUDGET: dict[str, Any] = {"color": "#A63D00", "linewidth": 1.6, "linestyle": (0, (1, 1.2))}
"""Bands of draws: of one fan, and of the old one beside the new one; and a budget."""

FILLS: tuple[dict[str, Any], ...] = (
    NEW_TOTAL,
    OLD_TOTAL,
    NEW_USAGE,
    OLD_SEATS,
    CHEAPER,
    {"facecolor": "#E8B04A", "edgecolor": "#6B4A0A", "hatch": "||||"},
)
"""Fillings of parts that lie on each other; from the seventh on they begin again."""

SERIES = (
    {"color": "#222222", "marker": "o", "linestyle": "-"},
    {"color": "#0072B2", "marker": "s", "linestyle": (0, (6, 2))},
    {"color": "#D55E00", "marker": "D", "linestyle": (0, (2, 1.5))},
    {"color": "#009E73", "marker": "^", "linestyle": (0, (6, 2, 1, 2))},
    {"color": "#AA4499", "marker": "v", "linestyle": (0, (1, 1))},
)
"""Looks of lines and marks beside each other; from the sixth on they begin again."""


def of_series(number: int) -> dict[str, Any]:
    """The look of one of several series."""
    return dict(SERIES[number % len(SERIES)])


def of_part(number: int) -> dict[str, Any]:
    """The filling of one of several parts."""
    return dict(FILLS[number % len(FILLS)])


def amount(cents: int) -> str:
    """Cents as dollars, with a real minus: ``−38,880.00``."""
    return usd(cents).replace("-", "−")


def signed(cents: int) -> str:
    """A difference, with its sign: ``+54,104.41``."""
    return f"+{amount(cents)}" if cents > 0 else amount(cents)


def whole(cents: int) -> str:
    """Cents as whole dollars, half up: ``6,187``."""
    dollars = (abs(cents) + 50) // 100
    return f"{'−' if cents < 0 and dollars else ''}{dollars:,}"


def signed_whole(cents: int) -> str:
    """A difference in whole dollars, with its sign: ``+54,104``."""
    return f"+{whole(cents)}" if cents >= 50 else whole(cents)


def dollar_axis(axes: Axes, which: str, label: str, ticks: int = 7) -> None:
    """An axis in dollars, with its unit, thousands parted by commas, and so many ticks at most."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, axis.get_view_interval())))
    axis.set_label_text(label)
    axes.grid(visible=False, axis="y" if which == "x" else "x")


def _tick(value: float, shown: tuple[float, float]) -> str:
    decimals = 0 if abs(shown[1] - shown[0]) >= 8 else 2
    return f"{value:,.{decimals}f}".replace("-", "−")
