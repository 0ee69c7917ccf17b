"""The sheet that a chart is drawn on: a title above, footnotes below, and room between them that nothing leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planshift.problems import printable
from planshift.reports.charts.letters import Ruler

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Text

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in pixels from the lower left corner."""

MARGIN = 36.0
TITLE_SIZES, FOOTNOTE_SIZE = (12.5, 11.5, 10.5), 6.5
_GREY = "#5F6368"


class Sheet:
    """A figure with its title and footnotes; ``room`` is what is left for the chart itself."""

    def __init__(self, title: str, footnotes: Sequence[str]) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure()
        self.renderer: RendererAgg = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        self.ruler = Ruler(self.renderer)
        self.width, self.height = (float(side) for side in self.figure.bbox.size)
        top = self._lines([title], self.height - MARGIN, self._title_size(title), "top", weight="bold")
        bottom = self._lines(footnotes, MARGIN * 0.6, FOOTNOTE_SIZE, "bottom", color=_GREY)
        self.room: Box = (MARGIN, bottom + 16, self.width - MARGIN, top - 20)

    def _title_size(self, title: str) -> float:
        """The largest size at which the title needs one line; the middle one where none is small enough."""
        room = self.width - 2 * MARGIN
        fitting = [size for size in TITLE_SIZES if self.ruler.width(printable(title), size, "bold") <= room]
        return fitting[0] if fitting else TITLE_SIZES[1]

    def _lines(self, texts: Sequence[str], y: float, size: float, edge: str, **look: Any) -> float:
        """Put texts on the sheet, each on lines of its own; where they end."""
        weight = str(look.get("weight", "normal"))
        room = self.width - 2 * MARGIN
        whole = "\n".join(self.ruler.wrapped(text, room, size, weight) for text in texts if text)
        if not whole:
            return y
        placed = self.text(MARGIN, y, whole, size, va=edge, **look)
        box = placed.get_window_extent(self.renderer)
        return float(box.y0 if edge == "top" else box.y1)

    def text(self, x: float, y: float, text: str, size: float, **look: Any) -> Text:
        """A text at a place in pixels."""
        return self.figure.text(x / self.width, y / self.height, text, size=size, **look)

    def size_of(self, text: str, size: float, weight: str = "normal") -> tuple[float, float]:
        """Width and height of a text, pixels."""
        from matplotlib.text import Text

        probe = Text(0, 0, text, size=size, weight=weight)
        probe.set_figure(self.figure)
        box = probe.get_window_extent(self.renderer)
        return float(box.width), float(box.height)

    def key(self, handles: Sequence[Any]) -> None:
        """What the fillings and lines mean, in rows below the title; the room begins below it."""
        left, bottom, right, top = self.room
        for columns in range(len(handles), 0, -1):
            legend = self.figure.legend(
                handles=list(handles),
                loc="upper left",
                bbox_to_anchor=(left / self.width, top / self.height),
                ncols=columns,
            )
            box = legend.get_window_extent(self.renderer)
            if box.x1 <= right or columns == 1:
                self.room = (left, bottom, right, float(box.y0) - 12)
                return
            legend.remove()

    def axes(self, room: Box | None = None) -> Axes:
        """Axes that fill the room, or a part of it; `fit` them when everything is drawn."""
        return self.figure.add_axes(self._share(room or self.room))

    def fit(self, axes: Axes, room: Box | None = None) -> None:
        """Make the axes as large as the room allows with all their labels inside it."""
        wanted = room or self.room
        for _ in range(3):
            box = axes.get_tightbbox(self.renderer)
            assert box is not None
            inner = axes.get_window_extent(self.renderer)
            left, bottom = wanted[0] + inner.x0 - box.x0, wanted[1] + inner.y0 - box.y0
            right, top = wanted[2] - (box.x1 - inner.x1), wanted[3] - (box.y1 - inner.y1)
            axes.set_position(self._share((left, bottom, right, top)))

    def alike(self, drawn: Sequence[Axes]) -> None:
        """Make axes as wide as the narrowest of them, so that one scale has one length."""
        inner = [axes.get_window_extent(self.renderer) for axes in drawn]
        width = min(float(box.width) for box in inner)
        for axes, box in zip(drawn, inner, strict=True):
            axes.set_position(self._share((float(box.x1) - width, float(box.y0), float(box.x1), float(box.y1))))

    def _share(self, box: Box) -> tuple[float, float, float, float]:
        left, bottom, right, top = box
        wide, high = max(right - left, 1.0), max(top - bottom, 1.0)
        return (left / self.width, bottom / self.height, wide / self.width, high / self.height)
