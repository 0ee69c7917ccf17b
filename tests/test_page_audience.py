"""What customers see: a list of fields, and nothing of the page that is not on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from inspect import getmembers, isclass
from typing import Any

import pytest

import planshift
from pages import DEMO, LANGUAGES, report
from planshift.plans.files import folder
from planshift.reports.charts.renewal import page_charts
from planshift.reports.page import model
from planshift.reports.page.audience import CUSTOMER, CUSTOMERS_SEE, INTERNAL, seen_by
from planshift.reports.page.html import page_html
from planshift.reports.page.language import Language
from planshift.reports.page.report import PageOptions
from planshift.reports.page.said import Money
from planshift.reports.page.sections import renewal_document

PARTS = {name: part for name, part in getmembers(model, isclass) if part.__module__ == model.__name__}
WITHHELD = {
    ("InputRow", "name"),
    ("Page", "title"),
    ("Page", "what_ifs"),
    ("RestsOn", "command"),
    ("RestsOn", "remarks"),
    ("WhatIf", "own_rows"),
    ("WhatIf", "own_swings"),
}
"""What of a page customers do not see. Whoever adds to the page decides here, too."""


def whole_page() -> Any:
    """The page of the shipped scenario with something in every part of it."""
    page = report("internal", "en").page
    asked = page.what_if
    assert asked
    own = replace(asked.rows[0], title="own row"), replace(asked.swings[0], title="own swing")
    terms = (replace(page.rests_on.terms[0], old_assumed=True), *page.rests_on.terms[1:])
    ranged = model.Range(1, 2, 3)
    return replace(
        page,
        title="the scenario's title",
        what_ifs=("a title of a what-if",),
        what_if_count=1,
        verdict=replace(page.verdict, old_range=ranged, new_range=ranged, change_range=ranged),
        what_if=replace(asked, own_rows=(own[0],), own_swings=(own[1],)),
        rests_on=replace(page.rests_on, remarks=("a remark of the run",), terms=terms),
    )


def marked(part: Any) -> Any:
    """A part of a page with a mark in place of everything that customers do not see, however deep."""
    if isinstance(part, tuple):
        return tuple(map(marked, part))
    name = type(part).__name__
    if not is_dataclass(part) or name not in PARTS:
        return part
    seen = CUSTOMERS_SEE.get(name, frozenset())
    changes = {
        one.name: marked(getattr(part, one.name)) if one.name in seen else f"MARK-{name}-{one.name}"
        for one in fields(part)
    }
    return replace(part, **changes)  # type: ignore[type-var]


def rendered(page: Any, audience: str, language: str = "en") -> str:
    seen, writes = seen_by(audience, page), Language(language)
    charts = page_charts(seen, writes)
    document = renewal_document(seen, audience, writes, {name: chart.alt for name, chart in charts.items()})
    return page_html(document, charts)


def named(part: Any) -> Iterator[str]:
    """The names of all parts within a part."""
    if isinstance(part, tuple):
        for item in part:
            yield from named(item)
    elif is_dataclass(part) and type(part).__name__ in PARTS:
        yield type(part).__name__
        for one in fields(part):
            yield from named(getattr(part, one.name))


def test_the_list_names_only_fields_that_there_are() -> None:
    for name, seen in CUSTOMERS_SEE.items():
        assert seen <= {one.name for one in fields(PARTS[name])}, name


def test_what_is_withheld_is_decided() -> None:
    withheld = {
        (name, one.name) for name, part in PARTS.items() for one in fields(part) if one.name not in CUSTOMERS_SEE[name]
    }
    assert withheld == WITHHELD


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("no_pictures")
def test_nothing_that_is_not_on_the_list_reaches_a_customers_page(language: str) -> None:
    page = whole_page()
    assert set(named(page)) == set(PARTS)
    text = rendered(marked(page), CUSTOMER, language)
    assert "MARK-" not in text
    for own in ("own row", "own swing", "the scenario", "a title of a what-if", "a remark of the run"):
        assert own not in text


@pytest.mark.usefixtures("no_pictures")
def test_colleagues_see_all_of_it() -> None:
    text = rendered(whole_page(), INTERNAL)
    for own in ("own row", "own swing", "the scenario&#39;s title", "a title of a what-if", "a remark of the run"):
        assert own in text
    for row in report("internal", "en").page.rests_on.inputs:
        assert row.name in text


def test_a_field_that_is_withheld_is_not_even_there() -> None:
    seen = seen_by(CUSTOMER, whole_page())
    for name in ("title", "what_ifs"):
        assert not hasattr(seen, name)
    assert seen.rests_on.inputs[0].sha256
    assert not hasattr(seen.rests_on.inputs[0], "name")
    assert seen_by(CUSTOMER, Money(5)) == Money(5)


def test_a_part_that_is_not_on_the_list_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: seen for name, seen in CUSTOMERS_SEE.items() if name != "MemberRow"}
    monkeypatch.setattr("planshift.reports.page.audience.CUSTOMERS_SEE", kept)
    assert seen_by(CUSTOMER, whole_page()).who.members == ()


@pytest.mark.usefixtures("no_pictures")
def test_a_customers_page_under_a_what_if_says_so_without_its_title() -> None:
    overlay = folder("plans") / "overlays" / "seat_price_25.yaml"
    found = planshift.renew(DEMO, overlays=[overlay])
    page = PageOptions(CUSTOMER, "en").of(found).html
    assert "One what-if is applied; the amounts hold under it alone." in page
    assert "seat_price_25" not in page.replace("--overlay WHAT-IF", "")
    assert "Enterprise seat at 25 USD from 2027" not in page
    assert "Enterprise seat at 25 USD from 2027" in PageOptions(INTERNAL, "en").of(found).html
