"""A chart as plain values: panels of marks on two axes, a key, a title, footnotes, and a sentence that says it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from planshift.reports.charts.styles import INK, Look, cents_tick

Point = tuple[float, float]
"""A place and a value."""
TickText = Callable[[float, float], str]
"""The text of a tick, from its value and from how much the axis spans."""


@dataclass(frozen=True)
class Bar:
    """From one value to another at a place, so thick in places."""

    place: float
    start: float
    end: float
    look: Look
    thickness: float = 0.62


@dataclass(frozen=True)
class Line:
    """A line through points, or marks at them; a point without a value (NaN) is a gap."""

    points: tuple[Point, ...]
    look: Look


@dataclass(frozen=True)
class Area:
    """Between a lower and an upper value over places."""

    places: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    look: Look


@dataclass(frozen=True)
class Whisker:
    """From a low to a high value at a place; nothing where they are one."""

    place: float
    low: float
    high: float
    color: str = INK


@dataclass(frozen=True)
class Rule:
    """A line across the whole panel at a value, or at a place."""

    at: float
    look: Look
    of_place: bool = False


@dataclass(frozen=True)
class Label:
    """A text at a point, None for the beginning of an axis, on one of its sides: above, below, left or right.

    ``wrap``: the share of the panel's width in which it is broken into lines, 0 for none; ``lift``: so many points
    higher; ``aligned``: above or below, it begins at the point instead of having its middle there; ``paper``: white
    behind it.
    """

    text: str
    place: float | None
    value: float | None
    side: str
    size: float = 1.0
    bold: bool = False
    color: str = INK
    gap: float = 3.0
    lift: float = 0.0
    wrap: float = 0.0
    lines: int = 2
    aligned: bool = False
    paper: bool = False


@dataclass(frozen=True)
class Sides:
    """What a row says about its bar below its base and above it: beside the bar, or under it where names are above."""

    place: float
    low: float
    high: float
    before: str
    after: str


@dataclass(frozen=True)
class Apart:
    """Labels along an axis, moved apart where they would touch: along values at their end, or, at a place, in its row.

    ``of_places``: along places, above the panel, with a broken line at each. ``share``: of the width, for their lines.
    """

    labels: tuple[tuple[str, float], ...]
    at: float | None = None
    of_places: bool = False
    bold: tuple[int, ...] = ()
    colors: tuple[str, ...] = ()
    share: float = 0.2


Mark = Bar | Line | Area | Whisker | Rule | Label | Sides | Apart


@dataclass(frozen=True)
class Axis:
    """What an axis shows: categories by their ``names``, places 0, 1, 2, …, or numbers with ticks.

    ``low`` and ``high`` are its ends where they are fixed; else they follow from the marks, and ``zero`` is among them.
    """

    label: str = ""
    names: tuple[str, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    count: int = 7
    text: TickText = cents_tick
    low: float | None = None
    high: float | None = None
    log: bool = False
    least: float = 1.0
    """The smallest step between ticks."""
    span: float = 100.0
    """As much at least as it shows, where zero is among it: a dollar."""
    zero: bool = True


@dataclass(frozen=True)
class Panel:
    """Marks on an axis of places and one of values: columns side by side, or ``rows`` one below the other.

    ``below``: rows of text under the places, each with its name; those whose texts would touch are left out.
    """

    marks: tuple[Mark, ...]
    places: Axis
    values: Axis
    rows: bool = False
    title: str = ""
    standing: str = ""
    below: tuple[tuple[str, tuple[str, ...]], ...] = ()
    share: float = 1.0
    name_share: float = 0.34
    name_lines: int = 3
    name_size: float = 1.0


@dataclass(frozen=True)
class Entry:
    """What a look means."""

    text: str
    look: Look
    line: bool = False


@dataclass(frozen=True)
class Chart:
    """Panels in rows from the top, with what they mean; ``alt``: the chart in a sentence, for those who cannot see it.

    ``alike``: the panels have one scale of values. ``heights``: the shares of the rows of panels. ``half``: on a page,
    half of its width is enough.
    """

    title: str
    footnotes: tuple[str, ...]
    alt: str
    panels: tuple[tuple[Panel, ...], ...]
    key: tuple[Entry, ...] = ()
    alike: bool = False
    heights: tuple[float, ...] = ()
    half: bool = False
