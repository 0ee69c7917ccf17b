"""A page's pictures: every text whole and apart from the others in every language, wide and narrow, the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pages import LANGUAGES, report
from planshift.reports.charts.picture import styled
from planshift.reports.page.bridge_chart import bridge_chart
from planshift.reports.page.language import Language
from planshift.reports.page.months_chart import months_chart
from planshift.reports.page.pictures import NARROW, WIDE, PageChart, page_figure, page_png
from planshift.reports.page.said import Name
from planshift.reports.page.swings_chart import swings_chart

if TYPE_CHECKING:
    from matplotlib.transforms import Bbox

LONG = "A plan whose title somebody wrote who never had to fit it into a chart, with everything that it includes"
MAKERS = {"bridge": bridge_chart, "months": months_chart, "swings": swings_chart}


def pages() -> dict[str, Any]:
    """Pages with little, much, and awkward things to draw."""
    page = report("internal", "en").page
    asked = page.what_if
    assert asked
    spread = tuple(replace(row, low=row.new - 900_00, high=row.new + 900_00) for row in page.month_by_month.rows)
    steps = tuple(replace(step, low=step.cents - 2_000_00, high=step.cents + 2_000_00) for step in page.bridge.steps)
    rows = page.month_by_month.rows
    nothing = {"old_seats": 0, "old_usage": 0, "new_seats": 0, "new_usage": 0, "old": 0, "new": 0, "change": 0}
    millions = {key: value * 10_000 for key, value in vars(rows[0]).items() if isinstance(value, int)}
    return {
        "shipped": page,
        "with ranges": replace(
            page,
            bridge=replace(page.bridge, steps=steps),
            month_by_month=replace(page.month_by_month, rows=spread),
        ),
        "of nothing": replace(
            page,
            bridge=replace(page.bridge, old=0, new=0, steps=(replace(steps[0], cents=0, low=None, high=None),)),
            month_by_month=replace(page.month_by_month, rows=(replace(rows[0], **nothing, before=None),)),
        ),
        "of millions": replace(
            page,
            old_plan=Name("none", LONG),
            new_plan=Name("none", f"{LONG} $x^2$"),
            bridge=replace(
                page.bridge,
                old=page.bridge.old * 10_000,
                new=page.bridge.new * 10_000,
                steps=tuple(replace(step, cents=step.cents * 10_000) for step in page.bridge.steps),
            ),
            month_by_month=replace(page.month_by_month, rows=(*(replace(row, **millions) for row in rows), rows[0])),
            what_if=replace(asked, swings=tuple(replace(row, low_value=LONG, title=LONG) for row in asked.swings)),
        ),
        "below nothing": replace(
            page,
            bridge=replace(
                page.bridge, old=500, new=100, steps=(replace(steps[0], cents=-900), replace(steps[1], cents=500))
            ),
        ),
    }


PAGES = pages()


def charts(page: Any, language: str) -> Iterator[PageChart]:
    seen = SimpleNamespace(**vars(page))
    for make in MAKERS.values():
        chart = make(seen, Language(language))
        if chart:
            yield chart


def boxes(chart: PageChart, width: float) -> tuple[list[tuple[str, Bbox]], Bbox]:
    """Every text that can be seen, with its place; and the paper."""
    from matplotlib.text import Text

    with styled():
        figure = page_figure(chart, width)
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        ticks = {
            label
            for axes in figure.axes
            for axis in (axes.xaxis, axes.yaxis)
            for tick in axis.get_major_ticks()
            for label in (tick.label1, tick.label2)
            if not axes.axison
            or label is tick.label2
            or not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        }
        found = [
            (text.get_text(), Text.get_window_extent(text, renderer))
            for text in figure.findobj(Text)
            if text.get_visible() and text.get_text().strip() and text not in ticks
        ]
        return found, figure.bbox


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_whole_and_apart_from_the_others(language: str, name: str, width: float) -> None:
    for chart in charts(PAGES[name], language):
        found, paper = boxes(chart, width)
        x, y = paper.x1 + 1, paper.y1 + 1
        outside = [text for text, box in found if box.x0 < -1 or box.y0 < -1 or box.x1 > x or box.y1 > y]
        assert outside == [], type(chart).__name__
        overlaps = [
            (one, other)
            for (one, a), (other, b) in combinations(found, 2)
            if min(a.x1, b.x1) - max(a.x0, b.x0) > 3 and min(a.y1, b.y1) - max(a.y0, b.y0) > 3
        ]
        assert overlaps == [], type(chart).__name__


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_page_has_the_same_pictures(language: str) -> None:
    for width in (WIDE, NARROW):
        once = [page_png(chart, width) for chart in charts(PAGES["with ranges"], language)]
        assert once == [page_png(chart, width) for chart in charts(PAGES["with ranges"], language)]


def test_pictures_speak_the_pages_language() -> None:
    drawn = {text for chart in charts(PAGES["shipped"], "it") for text, _ in boxes(chart, WIDE)[0]}
    assert {"Canoni delle licenze", "59.462,25", "−38.880,00", "Anno precedente", "6.000", "ott"} <= drawn
    assert not {text for text in drawn if "Seat" in text or "59,462" in text}


def test_every_picture_has_a_sentence() -> None:
    for language in LANGUAGES:
        for chart in charts(PAGES["with ranges"], language):
            assert chart.alt.endswith(".")
            assert "{" not in chart.alt
