"""A canvas in points from its upper left corner: shapes and texts become an SVG, the same for the same shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TypeAlias

from planshift.reports.charts import text_metrics
from planshift.reports.charts.styles import INK, Look
from planshift.reports.charts.text_metrics import ASCENT, LINE_HEIGHT

Points: TypeAlias = tuple[tuple[float, float], ...]

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


@dataclass(frozen=True)
class Filled:
    """The inside of a polygon, or of a box where ``box`` says so, with its filling, its hatch and its outline."""

    points: Points
    look: Look
    box: Box | None = None


@dataclass(frozen=True)
class Line:
    """Lines through points, each through one run of them."""

    runs: tuple[Points, ...]
    look: Look


@dataclass(frozen=True)
class Marker:
    """A look's marker, its middle at a point."""

    x: float
    y: float
    look: Look

    @property
    def fill(self) -> str:
        """What its inside has."""
        return "#ffffff" if self.look.hollow else self.look.edge

    @property
    def corners(self) -> Points:
        """The corners of a marker that has any."""
        half = self.look.size / 2
        return tuple((self.x + half * a, self.y + half * b) for a, b in _MARKERS[self.look.marker])

    @property
    def strokes(self) -> tuple[Points, ...]:
        """The lines of a marker that is made of lines; none of any other."""
        x, y, half = self.x, self.y, self.look.size / 2
        return tuple(
            ((x + half * a, y + half * b), (x + half * c, y + half * d))
            for a, b, c, d in _STROKES.get(self.look.marker, ())
        )


@dataclass(frozen=True)
class Letters:
    """Text on its base line; ``turned`` by a quarter, it is read from below. ``anchor``: start, middle or end."""

    x: float
    base: float
    text: str
    size: float
    anchor: str = "start"
    bold: bool = False
    color: str = INK
    turned: bool = False


Shape: TypeAlias = Filled | Line | Marker | Letters


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
    shapes: list[Shape] = field(default_factory=list)

    def svg(self, alt: str, look: str = "") -> str:
        """The picture, with its sentence for those who cannot see it; ``look``: its class on a page."""
        written = _Written(self)
        shapes = "".join(map(written.shape, self.shapes))
        size = f"{_number(self.width)} {_number(self.height)}"
        kind = f' class="{look}"' if look else ""
        family, space = f' font-family="{text_metrics.FAMILY}"', ' xmlns="http://www.w3.org/2000/svg"'
        if self.fitted:
            family = space = ""
        return (
            f'<svg{space} viewBox="0 0 {size}" role="img" aria-label="{escape(alt)}"{kind}'
            f' fill="{INK}"{family}>{written.defined}{shapes}</svg>'
        )

    def rectangle(self, box: Box, look: Look) -> None:
        """A rectangle with its filling, its hatch and its outline."""
        corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
        self.shapes.append(Filled(corners, look, box))

    def area(self, points: Sequence[tuple[float, float]], look: Look) -> None:
        """The inside of a polygon, filled in the same way."""
        self.shapes.append(Filled(tuple(points), look))

    def line(self, points: Sequence[tuple[float, float]], look: Look) -> None:
        """A line through points and the markers at them; a point that is not a number parts it."""
        runs: list[list[tuple[float, float]]] = [[]]
        for point in points:
            if point[1] == point[1]:
                runs[-1].append(point)
            else:
                runs.append([])
        drawn = tuple(tuple(run) for run in runs if len(run) > 1)
        if look.width and drawn:
            self.shapes.append(Line(drawn, look))
        if look.marker:
            self.shapes += [Marker(x, y, look) for run in runs for x, y in run]

    def marker(self, x: float, y: float, look: Look) -> None:
        """A look's marker, its middle at a point."""
        self.shapes.append(Marker(x, y, look))

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
        for number, line in enumerate(lines):
            base = y + (ASCENT + number * LINE_HEIGHT) * size
            place = (x + ASCENT * size, y) if turned else (x, base)
            self.shapes.append(Letters(*place, line, size, anchor, bold, color, turned))
        if text.strip():
            self.texts.append((text, box))
        return box


@dataclass
class _Written:
    """The shapes of a canvas as SVG, and the hatches that they need."""

    canvas: Canvas
    hatches: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def defined(self) -> str:
        """The hatches, each defined once."""
        hatches = "".join(
            f'<pattern id="{name}" width="{_number(_HATCHES[hatch][0])}" height="{_number(_HATCHES[hatch][0])}"'
            f' patternUnits="userSpaceOnUse"><path d="{_HATCHES[hatch][1]}" fill="none" stroke="{color}"'
            f' stroke-width="{1 if hatch == "." else 0.6}"/></pattern>'
            for (hatch, color), name in self.hatches.items()
        )
        return f"<defs>{hatches}</defs>" if hatches else ""

    def shape(self, shape: Shape) -> str:
        """One of the shapes."""
        match shape:
            case Filled():
                return self._filled(shape)
            case Line(runs, look):
                return f'<path d="{"".join(map(_path, runs))}" fill="none"{_stroke(look)}/>'
            case Marker():
                return _marker(shape)
            case Letters():
                return self._letters(shape)

    def _filled(self, shape: Filled) -> str:
        look, box = shape.look, shape.box
        drawn = f'path d="{_path(shape.points)}Z"'
        if box:
            place = f'x="{_number(box.left)}" y="{_number(box.top)}"'
            drawn = f'rect {place} width="{_number(box.width)}" height="{_number(box.height)}"'
        edge = _stroke(look) if look.edge and look.width else ""
        if not look.hatch:
            return f'<{drawn} fill="{look.fill or "none"}"{edge}/>'
        name = self.hatches.setdefault((look.hatch, look.edge), f"{self.canvas.name}hatch{len(self.hatches)}")
        below = f'<{drawn} fill="{look.fill}"/>' if look.fill else ""
        return f'{below}<{drawn} fill="url(#{name})"{edge}/>'

    def _letters(self, of: Letters) -> str:
        fitted = self.canvas.fitted
        look = f' font-size="{_number(of.size * (_NARROWER if fitted else 1.0))}"'
        look += ' font-weight="600"' if of.bold else ""
        look += f' fill="{of.color}"' if of.color != INK else ""
        look += f' text-anchor="{of.anchor}"' if of.anchor != "start" else ""
        place = f'x="{_number(of.x)}" y="{_number(of.base)}"'
        if of.turned:
            place = f'transform="translate({_number(of.x)} {_number(of.base)})rotate(-90)"'
        if fitted and len(of.text) > 1:
            long = _number(text_metrics.width(of.text, of.size, of.bold))
            place += f' textLength="{long}" lengthAdjust="spacingAndGlyphs"'
        return f"<text {place}{look}>{escape(of.text, quote=False)}</text>"


def _marker(of: Marker) -> str:
    look, opacity = of.look, f' opacity="{of.look.opacity}"' if of.look.opacity < 1 else ""
    if of.strokes:
        drawn = "".join(map(_path, of.strokes))
        return f'<path d="{drawn}" fill="none" stroke="{look.edge}" stroke-width="1.1"{opacity}/>'
    fill = "#fff" if look.hollow else look.edge
    if look.marker == "o":
        place = f'cx="{_number(of.x)}" cy="{_number(of.y)}" r="{_number(look.size / 2)}"'
        return f'<circle {place} fill="{fill}" stroke="{look.edge}"{opacity}/>'
    return f'<path d="{_path(of.corners)}Z" fill="{fill}" stroke="{look.edge}"{opacity}/>'


def _stroke(look: Look) -> str:
    dash = f' stroke-dasharray="{" ".join(map(_number, look.dash))}"' if look.dash else ""
    opacity = f' opacity="{look.opacity}"' if look.opacity < 1 else ""
    return f' stroke="{look.edge}" stroke-width="{_number(look.width)}"{dash}{opacity}'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    """A number with two decimals at most: where a shape is does not depend on the last bits of a sum."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
