"""A page's pictures: charts without title or footnotes, which the page has, in its language, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from planshift.reports.charts.letters import Ruler
from planshift.reports.charts.looks import INK
from planshift.reports.charts.picture import png_of, styled, svg_of
from planshift.reports.result import rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

WIDE, NARROW = 7.3, 3.6
"""Inches: the width of a printed page, and that of a telephone."""
DOTS = 200
LETTERS = 8.0
"""Points, at the size at which a page shows the picture."""
WHISKER: tuple[dict[str, Any], ...] = ({"color": "white", "linewidth": 3.0}, {"color": INK, "linewidth": 1.1})
"""From P10 to P90: light below dark, so that it is seen on every filling."""


@dataclass(frozen=True)
class Paper:
    """What a chart is drawn on: axes to fill, and a ruler for its texts; ``width`` in inches, ``dot`` in points."""

    figure: Figure
    axes: Axes
    renderer: RendererAgg
    ruler: Ruler
    width: float

    @property
    def narrow(self) -> bool:
        """Is it for a telephone?"""
        return self.width < WIDE

    def inches(self, text: str, size: float = LETTERS, weight: str = "normal") -> float:
        """How wide a text is."""
        return self.ruler.width(text, size, weight) / DOTS

    def within(self, text: str, inches: float, lines: int, size: float = LETTERS) -> str:
        """A text broken into at most so many lines; what goes beyond them is left out before its end."""
        return self.ruler.within(text.replace("\u00a0", " "), inches * DOTS, size, lines)

    def place(self, left: float, bottom: float, right: float, top: float) -> None:
        """Give the axes all but so many inches at each side."""
        width, height = (float(side) for side in self.figure.get_size_inches())
        self.axes.set_position(
            (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
        )


class PageChart(Protocol):
    """A chart for a page."""

    @property
    def alt(self) -> str:
        """The chart in a sentence."""

    @property
    def half(self) -> bool:
        """Has it room on half a page?"""

    def height(self, narrow: bool) -> float:
        """How high it is, inches."""

    def draw(self, paper: Paper) -> None:
        """Put everything on the paper."""


@dataclass(frozen=True)
class Drawn:
    """A chart and its pictures: ``paper`` as a printed page shows it and ``narrow`` for a telephone, PNG; ``lines`` for
    a PDF, SVG. Empty: narrow where one PNG does for both, lines where no PDF is made."""

    chart: PageChart
    paper: bytes
    narrow: bytes
    lines: bytes


def drawn(charts: Mapping[str, PageChart], jobs: int | None = None, *, for_pdf: bool = False) -> dict[str, Drawn]:
    """The pictures of charts, by the charts' names; ``jobs`` as in `rendered`."""
    # Imported here, every process that draws has it already.
    import matplotlib.backends.backend_agg  # noqa: F401

    makes: dict[str, Callable[[], bytes]] = {}
    for name, chart in charts.items():
        makes[name] = partial(page_png, chart, chart_width(chart))
        if not chart.half:
            makes[_narrow(name)] = partial(page_png, chart, NARROW)
        if for_pdf:
            makes[_lines(name)] = partial(page_svg, chart, chart_width(chart))
    made = rendered(makes, jobs)
    return {
        name: Drawn(chart, made[name], made.get(_narrow(name), b""), made.get(_lines(name), b""))
        for name, chart in charts.items()
    }


def _narrow(name: str) -> str:
    return f"{name}, narrow"


def _lines(name: str) -> str:
    return f"{name}, lines"


def chart_width(chart: PageChart) -> float:
    """The width at which a page on paper shows a chart, inches."""
    return NARROW if chart.half else WIDE


def page_figure(chart: PageChart, width: float) -> Figure:
    """The chart, drawn; within `styled`, as matplotlib reads its settings late."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, chart.height(width < WIDE)), dpi=DOTS)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    chart.draw(Paper(figure, figure.add_axes((0.0, 0.0, 1.0, 1.0)), renderer, Ruler(renderer), width))
    return figure


def page_png(chart: PageChart, width: float) -> bytes:
    """The picture of a chart at a width in inches, the same bytes for the same chart."""
    with styled():
        return png_of(page_figure(chart, width), DOTS)


def page_svg(chart: PageChart, width: float) -> bytes:
    """The same in lines, SVG."""
    with styled():
        return svg_of(page_figure(chart, width))
