"""A chart as a picture: laid out in a form, and as SVG or PNG of it; the same bytes for the same chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from planshift.problems import printable
from planshift.reports.charts import text_metrics as metrics
from planshift.reports.charts.canvas import Box, Canvas
from planshift.reports.charts.chart import Chart, Entry, Panel, Sides
from planshift.reports.charts.frame import Setting, label_room
from planshift.reports.charts.plot import Plot
from planshift.reports.charts.raster import raster
from planshift.reports.charts.scales import Reach
from planshift.reports.charts.styles import QUIET, Look


@dataclass(frozen=True)
class Form:
    """A size to draw in, points; ``height`` None: as high as the chart needs. ``noted``: with the footnotes, which the
    page around a picture has itself."""

    width: float
    height: float | None = None
    letters: float = 9.5
    noted: bool = False
    margin: float = 2.0

    @property
    def narrow(self) -> bool:
        """Is it too narrow for names beside their bars?"""
        return self.width < 300


FILE = Form(720.0, 405.0, 9.0, noted=True, margin=16.0)
PAGE, PHONE = Form(525.6, letters=9.0), Form(259.2)
"""A file of 1600 x 900 pixels; the width of a printed page, and that of half of it or of a telephone."""

_TITLES, _FOOTNOTES = (14.0, 13.0, 12.0), 7.4
_ROW, _ROW_ABOVE, _ROW_SIDES, _COLUMNS = 14.0, 33.0, 31.0, (190.0, 116.0)
_GAP, _BETWEEN = 10.0, 14.0
DOTS, PAGE_DOTS = 160.0, 200.0
"""Pixels an inch of a file, and of a file that has a page's picture alone."""


def svg(chart: Chart, form: Form = FILE) -> str:
    """The picture of a chart in lines, in planshift's own fonts."""
    return drawn(chart, form).svg(chart.alt)


def page_form(chart: Chart) -> Form:
    """The form in which a page on paper shows a chart: as wide as the page, or half of it."""
    return PHONE if chart.half else PAGE


def inline(chart: Chart, name: str) -> str:
    """The picture for a page on a screen, in lines and in the page's own letters; beside a wide one there is a narrow
    one, for a telephone."""
    forms = [("", PHONE)] if chart.half else [("wide", PAGE), ("narrow", PHONE)]
    return "\n".join(drawn(chart, form, name=f"{name}{look}", fitted=True).svg(chart.alt, look) for look, form in forms)


def png(chart: Chart, form: Form = FILE, dots: float = DOTS) -> bytes:
    """The picture of a chart in pixels, so many an inch."""
    return raster(drawn(chart, form), dots)


def drawn(chart: Chart, form: Form = FILE, *, name: str = "", fitted: bool = False) -> Canvas:
    """The chart in a form; ``name`` and ``fitted`` as the canvas has them."""
    width = form.width - 2 * form.margin
    entries = _key(chart.key, width, form.letters)
    key = (entries[-1][1] + form.letters * 1.5 + 4 if entries else 0.0) if chart.key else 0.0
    height = form.height or key + _natural_height(chart, form)
    canvas = Canvas(form.width, height, name, fitted)
    canvas.rectangle(Box(0, 0, form.width, height), Look("#FFFFFF"))
    room = Box(form.margin, form.margin, form.width - form.margin, height - form.margin)
    room = _titled(canvas, chart, room, form)
    for left, top, entry in entries:
        _entry(canvas, entry, room.left + left, room.top + top, form.letters)
    room = replace(room, top=room.top + key)
    _panels(canvas, chart, room, form)
    return canvas


def _titled(canvas: Canvas, chart: Chart, room: Box, form: Form) -> Box:
    """Title and footnotes; the room between them."""
    if chart.title:
        size, title = _title(chart.title, form)
        room = replace(room, top=canvas.text(room.left, room.top, title, size, bold=True).bottom + _GAP)
    notes = "\n".join(metrics.wrapped(note, room.width, _FOOTNOTES) for note in chart.footnotes if note)
    if not notes or not form.noted:
        return room
    high = metrics.height(notes, _FOOTNOTES)
    canvas.text(room.left, room.bottom + 5 - high, notes, _FOOTNOTES, color=QUIET)
    return replace(room, bottom=room.bottom - high - 3)


def _title(title: str, form: Form) -> tuple[float, str]:
    """The size of the letters of a title, and the title in lines."""
    room = form.width - 2 * form.margin
    if not form.noted:
        return form.letters * 1.1, metrics.wrapped(title, room, form.letters * 1.1, True)
    size = next((size for size in _TITLES if metrics.width(printable(title), size, True) <= room), _TITLES[1])
    return size, metrics.wrapped(title, room, size, True)


def _key(entries: Sequence[Entry], width: float, letters: float) -> list[tuple[float, float, Entry]]:
    """Where each entry of the key begins, row after row."""
    size = letters * 0.94
    found: list[tuple[float, float, Entry]] = []
    left, top = 0.0, 0.0
    for entry in entries:
        text = metrics.within(entry.text, width - 2.2 * size, size, 1)
        long = metrics.width(text, size) + 2.3 * size
        if left and left + long > width:
            left, top = 0.0, top + letters * 1.45
        found.append((left, top, replace(entry, text=text)))
        left += long + 1.6 * size
    return found


def _entry(canvas: Canvas, entry: Entry, left: float, top: float, letters: float) -> None:
    size = letters * 0.94
    swatch = Box(left, top + 0.1 * size, left + 1.75 * size, top + 0.85 * size)
    if entry.line:
        middle = (swatch.top + swatch.bottom) / 2
        canvas.line([(swatch.left, middle), (swatch.right, middle)], replace(entry.look, marker=""))
        if entry.look.marker:
            canvas.marker((swatch.left + swatch.right) / 2, middle, entry.look)
    else:
        canvas.rectangle(swatch, entry.look)
    canvas.text(left + 2.2 * size, top, entry.text, size)


def _natural_height(chart: Chart, form: Form) -> float:
    """How high title and panels are where nobody says it, points."""
    size, title = _title(chart.title, form) if chart.title else (0.0, "")
    rows = [max(_natural(panel, form) for panel in row) for row in chart.panels]
    shares = chart.heights or (1.0,) * len(rows)
    high = max(sum(shares) * own / share for own, share in zip(rows, shares, strict=True))
    return 2 * form.margin + high + _BETWEEN * (len(rows) - 1) + (metrics.height(title, size) + _GAP if title else 0)


def _natural(panel: Panel, form: Form) -> float:
    """How high a panel is where nobody says it, points."""
    if not panel.rows:
        return _COLUMNS[form.narrow] + 2 * form.letters * bool(panel.places.label)
    sides = any(isinstance(mark, Sides) for mark in panel.marks)
    lines = [metrics.within(name, panel.name_share * form.width, form.letters, 2) for name in panel.places.names]
    high = max((metrics.height(line, form.letters) for line in lines), default=0.0) + 4.5
    row = max(_ROW, high) if not form.narrow else _ROW_SIDES if sides else _ROW_ABOVE
    axis = 2.6 * form.letters if panel.values.label else 0.0
    title = metrics.height(panel.title, form.letters * 1.1) + 4 if panel.title else 0.0
    return len(panel.places.names) * row + label_room(panel, form.letters) + axis + title + 3


def _panels(canvas: Canvas, chart: Chart, room: Box, form: Form) -> None:
    """Every panel in its part of the room; alike, they have one scale and are as wide as the slimmest of them."""
    setting = Setting(form.letters, form.narrow)
    plots = [Plot(panel, box, setting, canvas=canvas) for panel, box in _rooms(chart, room)]
    if chart.alike:
        reached: list[Reach] = [one for plot in plots for one in plot.reached]
        names = max(plot.name_width for plot in plots)
        plots = [replace(plot, pooled=tuple(reached), names_wide=names) for plot in plots]
        plots = [replace(plot, slimmest=min(one.inner.width for one in plots)) for plot in plots]
    for plot in plots:
        plot.draw()


def _rooms(chart: Chart, room: Box) -> Iterator[tuple[Panel, Box]]:
    """Each panel with its part of the room."""
    shares = chart.heights or (1.0,) * len(chart.panels)
    high = (room.height - _BETWEEN * (len(shares) - 1)) / sum(shares)
    top = room.top
    for row, share in zip(chart.panels, shares, strict=True):
        shown = chart.panels[0] if chart.alike else row
        left, wide = room.left, (room.width - _BETWEEN * (len(shown) - 1)) / sum(panel.share for panel in shown)
        for panel in row:
            yield panel, Box(left, top, left + wide * panel.share, top + high * share)
            left += wide * panel.share + _BETWEEN
        top += high * share + _BETWEEN
