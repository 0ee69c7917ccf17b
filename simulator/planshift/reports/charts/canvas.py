"""A canvas in points from its upper left corner: shapes and texts become an SVG, the same for the same shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from planshift.reports.charts import text_metrics
from planshift.reports.charts.styles import INK, Look
from planshift.reports.charts.text_metrics import ASCENT, LINE_HEIGHT

_HATCHES = {
    "/": (4.5, "M-1 1L1-1M-1 5.5L5.5-1M3.5 5.5L5.5 3.5"),
    "\\": (4.5, "M3.5-1L5.5 1M-1-1L5.5 5.5M-1 3.5L1 5.5"),
    "x": (4.5, "M-1 5.5L5.5-1M-1-1L5.5 5.5"),
    "|": (3.0, "M1.5 0V3"),
    ".": (3.6, "M1 .5V1.5M2.8 2.3V3.3"),
}
"""Of each hatch, the side of its tile and what is drawn on it."""
_MARKERS = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "D": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "^": ((0, -1.15), (1.15, 1), (-1.15, 1)),
    "v": ((0, 1.15), (1.15, -1), (-1.15, -1)),
}
_NARROWER = 0.94
"""So much smaller are letters of a page's own font, which is wider than ours as a rule."""
_STROKES = {"|": ((0, -1, 0, 1),), "_": ((-1, 0, 1, 0),), "x": ((-1, -1, 1, 1), (-1, 1, 1, -1))}


@dataclass(frozen=True)
class Box:
    """A part of the canvas."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass
class Canvas:
    """Shapes in the order in which they lie on each other, and every text with its place.

    ``fitted``: texts are held to the width that was measured, for fonts that are not ours; ``name`` keeps the hatches
    of several pictures on a page apart.
    """

    width: float
    height: float
    name: str = ""
    fitted: bool = False
    texts: list[tuple[str, Box]] = field(default_factory=list)
    _shapes: list[str] = field(default_factory=list)
    _hatches: dict[tuple[str, str], str] = field(default_factory=dict)

    def svg(self, alt: str, look: str = "") -> str:
        """The picture, with its sentence for those who cannot see it; ``look``: its class on a page."""
        hatches = "".join(
            f'<pattern id="{name}" width="{_number(_HATCHES[hatch][0])}" height="{_number(_HATCHES[hatch][0])}"'
            f' patternUnits="userSpaceOnUse"><path d="{_HATCHES[hatch][1]}" fill="none" stroke="{color}"'
            f' stroke-width="{1 if hatch == "." else 0.6}"/></pattern>'
            for (hatch, color), name in self._hatches.items()
        )
        size = f"{_number(self.width)} {_number(self.height)}"
        kind = f' class="{look}"' if look else ""
        family, space = f' font-family="{text_metrics.FAMILY}"', ' xmlns="http://www.w3.org/2000/svg"'
        if self.fitted:
            family = space = ""
        return (
            f'<svg{space} viewBox="0 0 {size}" role="img" aria-label="{escape(alt)}"{kind}'
            f' fill="{INK}"{family}>{f"<defs>{hatches}</defs>" if hatches else ""}{"".join(self._shapes)}</svg>'
        )

    def rectangle(self, box: Box, look: Look) -> None:
        """A rectangle with its filling, its hatch and its outline."""
        place = f'x="{_number(box.left)}" y="{_number(box.top)}"'
        self._filled("rect", f'{place} width="{_number(box.width)}" height="{_number(box.height)}"', look)

    def area(self, points: Sequence[tuple[float, float]], look: Look) -> None:
        """The inside of a polygon, filled in the same way."""
        self._filled("path", f'd="{_path(points)}Z"', look)

    def line(self, points: Sequence[tuple[float, float]], look: Look) -> None:
        """A line through points and the markers at them; a point that is not a number parts it."""
        runs: list[list[tuple[float, float]]] = [[]]
        for point in points:
            if point[1] == point[1]:
                runs[-1].append(point)
            else:
                runs.append([])
        if look.width:
            drawn = "".join(_path(run) for run in runs if len(run) > 1)
            if drawn:
                self._shapes.append(f'<path d="{drawn}" fill="none"{_stroke(look)}/>')
        if look.marker:
            for run in runs:
                for x, y in run:
                    self.marker(x, y, look)

    def marker(self, x: float, y: float, look: Look) -> None:
        """A look's marker, its middle at a point."""
        half, fill = look.size / 2, "#fff" if look.hollow else look.edge
        opacity = f' opacity="{look.opacity}"' if look.opacity < 1 else ""
        if look.marker in _STROKES:
            ends = _STROKES[look.marker]
            drawn = "".join(_path([(x + half * a, y + half * b), (x + half * c, y + half * d)]) for a, b, c, d in ends)
            self._shapes.append(f'<path d="{drawn}" fill="none" stroke="{look.edge}" stroke-width="1.1"{opacity}/>')
        elif look.marker == "o":
            place = f'cx="{_number(x)}" cy="{_number(y)}" r="{_number(half)}"'
            self._shapes.append(f'<circle {place} fill="{fill}" stroke="{look.edge}"{opacity}/>')
        else:
            corners = [(x + half * a, y + half * b) for a, b in _MARKERS[look.marker]]
            self._shapes.append(f'<path d="{_path(corners)}Z" fill="{fill}" stroke="{look.edge}"{opacity}/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        anchor: str = "start",
        bold: bool = False,
        color: str = INK,
        paper: bool = False,
        turned: bool = False,
    ) -> Box:
        """A text whose first line's letters reach up to ``y``; ``turned`` by a quarter, it is read from below."""
        lines, wide = text.split("\n"), text_metrics.widest([text], size, bold)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = Box(left, y, left + wide, y + text_metrics.height(text, size))
        if turned:
            box = Box(x, y - wide / 2, x + text_metrics.height(text, size), y + wide / 2)
        if paper:
            self.rectangle(Box(box.left - 1, box.top - 0.5, box.right + 1, box.bottom + 0.5), Look("#FFFFFF"))
        shown = size * (_NARROWER if self.fitted else 1.0)
        look = f' font-size="{_number(shown)}"' + (' font-weight="600"' if bold else "")
        look += f' fill="{color}"' if color != INK else ""
        look += f' text-anchor="{anchor}"' if anchor != "start" else ""
        for number, line in enumerate(lines):
            base = y + (ASCENT + number * LINE_HEIGHT) * size
            place = f'x="{_number(x)}" y="{_number(base)}"'
            if turned:
                base = x + ASCENT * size
                place = f'transform="translate({_number(base)} {_number(y)})rotate(-90)"'
            if self.fitted and len(line) > 1:
                long = _number(text_metrics.width(line, size, bold))
                place += f' textLength="{long}" lengthAdjust="spacingAndGlyphs"'
            self._shapes.append(f"<text {place}{look}>{escape(line, quote=False)}</text>")
        if text.strip():
            self.texts.append((text, box))
        return box

    def _filled(self, shape: str, where: str, look: Look) -> None:
        edge = _stroke(look) if look.edge and look.width else ""
        if look.hatch:
            self._shapes.append(f'<{shape} {where} fill="{look.fill or "none"}"/>' if look.fill else "")
            self._shapes.append(f'<{shape} {where} fill="url(#{self._hatch(look)})"{edge}/>')
        else:
            self._shapes.append(f'<{shape} {where} fill="{look.fill or "none"}"{edge}/>')

    def _hatch(self, look: Look) -> str:
        key = (look.hatch, look.edge)
        return self._hatches.setdefault(key, f"{self.name}hatch{len(self._hatches)}")


def _stroke(look: Look) -> str:
    dash = f' stroke-dasharray="{" ".join(map(_number, look.dash))}"' if look.dash else ""
    opacity = f' opacity="{look.opacity}"' if look.opacity < 1 else ""
    return f' stroke="{look.edge}" stroke-width="{_number(look.width)}"{dash}{opacity}'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    """A number with two decimals at most: where a shape is does not depend on the last bits of a sum."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
