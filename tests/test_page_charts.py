"""A page's pictures: every text whole and apart from the others in every language, wide and narrow, the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pages import LANGUAGES, report
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import PAGE, PHONE, Form, drawn, inline, page_form, png
from planshift.reports.charts.renewal import page_charts
from planshift.reports.page.language import Language
from planshift.reports.page.said import Name
from test_charts import assert_apart

LONG = "A plan whose title somebody wrote who never had to fit it into a chart, with everything that it includes"


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


def charts(page: Any, language: str) -> Iterator[Chart]:
    yield from page_charts(SimpleNamespace(**vars(page)), Language(language)).values()


@pytest.mark.parametrize("form", [PAGE, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_whole_and_apart_from_the_others(language: str, name: str, form: Form) -> None:
    for chart in charts(PAGES[name], language):
        assert_apart(drawn(chart, form))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_page_has_the_same_pictures(language: str) -> None:
    once = [png(chart, page_form(chart)) for chart in charts(PAGES["with ranges"], language)]
    assert once == [png(chart, page_form(chart)) for chart in charts(PAGES["with ranges"], language)]


def test_pictures_on_a_page_are_kept_apart_and_as_wide_as_they_were_measured() -> None:
    shown = "".join(inline(chart, f"chart{number}") for number, chart in enumerate(charts(PAGES["shipped"], "de")))
    hatches = re.findall(r'<pattern id="([^"]*)"', shown)
    assert len(hatches) == len(set(hatches)) > 4
    assert set(re.findall(r"url\(#([^)]*)\)", shown)) == set(hatches)
    texts = re.findall(r"<text ([^>]*)>([^<]*)</text>", shown)
    assert [text for how, text in texts if len(text) > 1 and 'lengthAdjust="spacingAndGlyphs"' not in how] == []


def test_pictures_speak_the_pages_language() -> None:
    shown = {text for chart in charts(PAGES["shipped"], "it") for text, _ in drawn(chart, PAGE).texts}
    assert {"Canoni delle licenze", "59.462,25", "−38.880,00", "Anno precedente", "6.000", "ott"} <= shown
    assert not {text for text in shown if "Seat" in text or "59,462" in text}


def test_every_picture_has_a_sentence() -> None:
    for language in LANGUAGES:
        for chart in charts(PAGES["with ranges"], language):
            assert chart.alt.endswith(".")
            assert "{" not in chart.alt
