"""Fillings and lines, told apart by hue, lightness and hatch (colours by Okabe and Ito), and amounts on charts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planshift.reports.words import usd

INK, LINE, TICK, GRID, QUIET = "#222222", "#444444", "#444444", "#E3E6E9", "#5F6368"


@dataclass(frozen=True)
class Look:
    """A filling with its hatch, an outline or a line in points with its dashes, and the marker at its points."""

    fill: str = ""
    edge: str = ""
    width: float = 0.8
    dash: tuple[float, ...] = ()
    hatch: str = ""
    marker: str = ""
    size: float = 4.5
    hollow: bool = False
    opacity: float = 1.0


def counterfactual(look: Look) -> Look:
    """The same with a broken outline, for what is only thought."""
    return replace(look, dash=(2.6, 1.8))


OLD_SEATS = Look("#8A9099", LINE)
OLD_USAGE = OLD_TOTAL = Look("#DADDE1", LINE, hatch="/")
NEW_SEATS = NEW_TOTAL = Look("#0B4F7D", "#062E4A")
NEW_USAGE = Look("#8CC7EC", "#062E4A", hatch=".")
COSTS_MORE = Look("#D55E00", "#7A3600")
COSTS_LESS = Look("#8FD3BF", "#00553E", hatch="\\")
UNDONE = Look("#FFFFFF", "#8A2F00", dash=(2.6, 1.8), hatch="x")

FAN = Look("#C9E2F5", "#5E9CC7")
FAN_INNER = Look("#7DB6DF", "#5E9CC7")
FAN_LINE = Look(edge="#062E4A", width=1.9)
OLD_FAN = Look("", "#777C82", hatch="/")
OLD_FAN_LINE = Look(edge="#4A4E53", width=1.7, dash=(8.5, 3.4))
BUDGET = Look(edge="#A63D00", width=1.6, dash=(1.6, 1.9))
"""Bands of draws: of one fan, and of the old one beside the new one; and a budget."""

ZERO, WHISKER, THIN = Look(edge=LINE), Look(edge=INK, width=1.3), Look(edge=LINE, width=0.7)
OPENING = Look(width=0, edge=INK, marker="o", hollow=True)
BEFORE = Look(edge=INK, width=1.2, marker="D", hollow=True)

FILLS = (NEW_TOTAL, OLD_TOTAL, NEW_USAGE, OLD_SEATS, COSTS_LESS, Look("#E8B04A", "#6B4A0A", hatch="|"))
"""Fillings of parts that lie on each other; from the seventh on they begin again."""

SERIES = (
    Look(edge="#222222", width=1.6, marker="o"),
    Look(edge="#0072B2", width=1.6, marker="s", dash=(9.6, 3.2)),
    Look(edge="#D55E00", width=1.6, marker="D", dash=(3.2, 2.4)),
    Look(edge="#009E73", width=1.6, marker="^", dash=(9.6, 3.2, 1.6, 3.2)),
    Look(edge="#AA4499", width=1.6, marker="v", dash=(1.6, 1.6)),
)
"""Looks of lines and marks beside each other; from the sixth on they begin again."""


def of_series(number: int) -> Look:
    """The look of one of several series."""
    return SERIES[number % len(SERIES)]


def of_part(number: int) -> Look:
    """The filling of one of several parts."""
    return FILLS[number % len(FILLS)]


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


def cents_tick(cents: float, span: float) -> str:
    """An amount beside an axis: in whole dollars where the axis spans some."""
    return whole(round(cents)) if span >= 800 else amount(round(cents))


def percent_tick(share: float, span: float) -> str:  # noqa: ARG001 - one form for every axis
    """A share beside an axis: ``20 %``."""
    return f"{share * 100:.0f} %"


def plain_tick(value: float, span: float) -> str:  # noqa: ARG001 - one form for every axis
    """A number as it is: ``1.5``, ``12,000``."""
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "−")
