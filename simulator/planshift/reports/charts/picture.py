"""A chart as a file: an SVG, or a PNG of 1600 x 900 pixels; the same bytes for the same chart."""

from __future__ import annotations

from planshift.reports.charts.chart import Chart
from planshift.reports.charts.layout import FILE, PAGE, PHONE, Form, drawn
from planshift.reports.typesetting import typeset

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
    canvas = drawn(chart, form)
    size = f"width: {canvas.width}pt, height: {canvas.height}pt"
    page = f'#set page({size}, margin: 0pt)\n#image("chart.svg", width: 100%)'
    return typeset({"main.typ": page, "chart.svg": canvas.svg("")}, dots=dots)
