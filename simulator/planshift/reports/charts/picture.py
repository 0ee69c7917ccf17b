"""A chart as a picture: a PNG of 1600 x 900 pixels, or the same in lines; the same bytes for the same chart."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from planshift.plans.files import folder
from planshift.reports.charts.sheet import Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = "planshift.mplstyle"


class Chart(Protocol):
    """Values and words that can be drawn; what they say stands in ``alt``, for those who cannot see it."""

    @property
    def title(self) -> str:
        """What the chart says, in a line or two."""

    @property
    def footnotes(self) -> tuple[str, ...]:
        """What to know before believing it."""

    @property
    def alt(self) -> str:
        """The chart in a sentence."""

    def draw(self, sheet: Sheet) -> None:
        """Put everything but title and footnotes on the sheet."""


def png(chart: Chart) -> bytes:
    """The picture of a chart, PNG."""
    with styled():
        return png_of(_drawn(chart))


def svg(chart: Chart) -> bytes:
    """The same in lines, SVG, which stays sharp however large it is shown."""
    with styled():
        return svg_of(_drawn(chart))


def figure(chart: Chart) -> Figure:
    """The figure as it is drawn, everything in its place, for whoever wants to measure it."""
    with styled():
        drawn = _drawn(chart)
        drawn.draw_without_rendering()
        return drawn


def png_of(drawn: Figure, dots: float | None = None) -> bytes:
    """A figure as PNG; ``dots`` an inch, None for the style's own. Within `styled`."""
    out = io.BytesIO()
    # Without matplotlib's name and version in it, the file depends on what is drawn alone.
    drawn.savefig(out, format="png", dpi=dots or "figure", metadata={"Software": None})
    return out.getvalue()


def svg_of(drawn: Figure) -> bytes:
    """A figure as SVG, without the day on which it was drawn. Within `styled`."""
    out = io.BytesIO()
    drawn.savefig(out, format="svg", metadata={"Creator": None, "Date": None})
    return out.getvalue()


def _drawn(chart: Chart) -> Figure:
    sheet = Sheet(chart.title, chart.footnotes)
    chart.draw(sheet)
    return sheet.figure


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Within it planshift's style holds, whatever a user's own matplotlibrc says; afterwards all is as it was."""
    import matplotlib as mpl

    style = mpl.rc_params_from_file(folder("reports") / "style" / STYLE, use_default_template=False)
    plain = {name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith("backend")}
    with mpl.rc_context({**plain, **style}), warnings.catch_warnings():
        # A letter that the font lacks is drawn as an empty box; nobody needs to be told on standard error.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
