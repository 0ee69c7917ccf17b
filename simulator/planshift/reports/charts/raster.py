"""A canvas in pixels, drawn by matplotlib: every shape where the canvas has it, nothing laid out a second time."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from planshift.plans.files import folder
from planshift.reports.charts.canvas import Canvas, Filled, Letters, Line, Marker, Points, Shape
from planshift.reports.charts.styles import Look
from planshift.reports.charts.text_metrics import BOLD, REGULAR, advances

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

_OTHER_FONTS = ("DejaVuSans.ttf", "DroidSansFallback.ttf")
"""Fonts for letters that planshift's own lacks, in the order in which they are tried."""
_OURS: Any = {
    "text.antialiased": True,
    "text.hinting": "none",
    "hatch.linewidth": 0.6,
    "path.simplify": False,
}
"""What matplotlib is told, whatever the settings of whoever calls us."""
_HATCHES = {"/": "////", "\\": "\\\\\\\\", "x": "xxxx", "|": "||||", ".": "....."}


def raster(canvas: Canvas, dots: float) -> bytes:
    """The canvas as PNG, so many dots an inch; the same bytes for the same shapes."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import RendererAgg
    from PIL import Image

    scale = dots / 72
    size = round(canvas.width * scale), round(canvas.height * scale)
    with rc_context(_OURS):
        renderer: Any = RendererAgg(*size, dots)  # type: ignore[no-untyped-call]
        drawing = _Drawing(renderer, scale, size[1])
        for shape in canvas.shapes:
            drawing.shape(shape)
        # Nothing shows through: the fourth byte of a pixel is passed over.
        picture = Image.frombytes("RGB", size, bytes(renderer.buffer_rgba()), "raw", "RGBX")
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(dots, dots), compress_level=3)
    return out.getvalue()


@dataclass(frozen=True)
class _Drawing:
    """Shapes on a renderer of matplotlib's, which counts pixels from below."""

    renderer: Any
    scale: float
    height: int

    def shape(self, shape: Shape) -> None:
        """Draw one of the shapes."""
        match shape:
            case Filled(points, look):
                self._filled(points, look)
            case Line(runs, look):
                self._path(runs, self._pen(look))
            case Marker():
                self._marker(shape)
            case Letters():
                self._letters(shape)

    def _filled(self, points: Points, look: Look) -> None:
        if look.fill:
            self._path([points], self._pen(Look(width=0)), look.fill, closed=True)
        pen = self._pen(look if look.edge else Look(width=0))
        if look.hatch:
            from matplotlib.colors import to_rgba

            pen.set_hatch(_HATCHES[look.hatch])
            pen.set_hatch_color(to_rgba(look.edge))
        if look.hatch or (look.edge and look.width):
            self._path([points], pen, closed=True)

    def _marker(self, of: Marker) -> None:
        from matplotlib.path import Path

        pen = self._pen(Look(edge=of.look.edge, width=1.1 if of.strokes else 1.0, opacity=of.look.opacity))
        if of.strokes:
            self._path(of.strokes, pen)
        elif of.look.marker == "o":
            self._draw(Path.circle((of.x, of.y), of.look.size / 2), pen, of.fill)
        else:
            self._path([of.corners], pen, of.fill, closed=True)

    def _letters(self, of: Letters) -> None:
        if not of.text.strip():
            return
        pen = self.renderer.new_gc()
        pen.set_foreground(of.color)
        parts = _parts(of.text, of.bold)
        whole = sum(wide for *_, wide in parts) * of.size
        along = -{"start": 0.0, "middle": 0.5, "end": 1.0}[of.anchor] * whole
        for file, text, wide in parts:
            x, y = (of.x, of.base - along) if of.turned else (of.x + along, of.base)
            font = _font(file, of.size)
            self.renderer.draw_text(pen, x * self.scale, y * self.scale, text, font, 90 if of.turned else 0)
            along += wide * of.size

    def _path(self, runs: Iterable[Points], pen: Any, fill: str = "", *, closed: bool = False) -> None:
        from matplotlib.path import Path

        for run in runs:
            self._draw(Path([*run, run[0]] if closed else list(run), closed=closed), pen, fill)

    def _draw(self, path: Any, pen: Any, fill: str = "") -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.transforms import Affine2D

        placed = Affine2D().scale(self.scale, -self.scale).translate(0, self.height)
        self.renderer.draw_path(pen, path, placed, to_rgb(fill) if fill else None)

    def _pen(self, look: Look) -> Any:
        pen = self.renderer.new_gc()
        pen.set_linewidth(look.width)
        pen.set_capstyle("butt")
        pen.set_joinstyle("miter")
        if look.edge:
            pen.set_foreground(look.edge)
        if look.dash:
            pen.set_dashes(0, list(look.dash))
        if look.opacity < 1:
            pen.set_alpha(look.opacity)
        return pen


def _parts(text: str, bold: bool) -> list[tuple[str, str, float]]:
    """A text in parts of one font each, with their widths as shares of its size; what no font has is a mark."""
    fonts, parts = (BOLD if bold else REGULAR, *_OTHER_FONTS), list[tuple[str, str, float]]()
    for letter in text:
        found = next((font for font in fonts if letter in advances(font)), "")
        font, shown = (found, letter) if found else (_OTHER_FONTS[0], "\ufffd")
        wide = advances(font)[shown]
        if parts and parts[-1][0] == font:
            parts[-1] = (font, parts[-1][1] + shown, parts[-1][2] + wide)
        else:
            parts.append((font, shown, wide))
    return parts


@cache
def _font(file: str, size: float) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(folder("reports") / "fonts" / file), size=size)
