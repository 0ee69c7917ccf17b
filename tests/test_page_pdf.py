"""The page on paper: two sheets that anybody can walk through, with every name as it is written, the same bytes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from pypdf.generic import DictionaryObject, IndirectObject

import planshift
from pages import (
    BAD_NAMES,
    BAD_TEAMS,
    LANGUAGES,
    bad_scenario,
    drawn_report,
    page_count,
    pdf_of,
    pdf_text,
    report,
)
from planshift.reports.page.document import (
    Bullets,
    Cell,
    Column,
    Document,
    Grid,
    Heading,
    Paragraph,
    Row,
    Section,
    text,
)
from planshift.reports.page.language import Language
from planshift.reports.page.pdf import FORECAST, NO_LETTER, RENEWAL, page_pdf
from planshift.reports.page.report import PageOptions, Report

A4 = (595.28, 841.89)
AUDIENCES = ("customer", "internal")


def told(**changes: Any) -> Document:
    """A page with nothing on it but what is given."""
    fields = {"language": "en", "title": "A page", "kind": "A kind", "internal": "", "about": (), "sections": ()}
    return Document(**{**fields, **changes})


def section(*blocks: Any) -> tuple[Section, ...]:
    return (Section("one", "A section", blocks),)


def tags(content: bytes) -> Iterator[tuple[str, DictionaryObject]]:
    """What a screen reader walks: each tag's name and what stands in it, in order."""

    def within(found: Any) -> Iterator[tuple[str, DictionaryObject]]:
        node = found.get_object() if isinstance(found, IndirectObject) else found
        if isinstance(node, list):
            for one in node:
                yield from within(one)
        elif isinstance(node, DictionaryObject) and "/S" in node:
            yield str(node["/S"]), node
            yield from within(node.get("/K", []))

    root = pdf_of(content).trailer["/Root"]
    assert isinstance(root, DictionaryObject)
    yield from within(root["/StructTreeRoot"]["/K"])  # type: ignore[index]


# --- two sheets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_it_has_two_sheets_of_a4_and_no_date(audience: str, language: str) -> None:
    content = report(audience, language).pdf
    pages = pdf_of(content).pages
    assert len(pages) == 2
    assert {(round(float(page.mediabox.width), 1), round(float(page.mediabox.height), 1)) for page in pages} == {
        tuple(round(side, 1) for side in A4)
    }
    assert b"CreationDate" not in content
    assert b"ModDate" not in content


def test_letters_are_smaller_and_rows_fewer_only_where_two_sheets_ask_for_it() -> None:
    columns = (Column("Name"), Column("Amount", "number"))

    def page(rows: int) -> Document:
        lines = (Row((Cell(text(f"row {one}")), Cell(text("1.00"))), spare=1) for one in range(rows))
        return told(sections=section(Grid("A table", columns, tuple(lines))))

    small = page_pdf(RENEWAL, page(20), {})
    assert (page_count(small), "row 19" in pdf_text(small)) == (1, True)
    full = page_pdf(RENEWAL, page(400), {})
    assert (page_count(full), "row 399" in pdf_text(full)) == (1, False)
    assert page_count(page_pdf(FORECAST, page(400), {})) > 2


@pytest.mark.parametrize("heading", [Heading("What it heads"), Paragraph(text("What it heads"), "lead")])
def test_what_heads_something_stands_on_its_sheet(heading: Any) -> None:
    columns = (Column("Name"),)
    table = Grid("A caption", columns, tuple(Row((Cell(text(f"row {one}")),)) for one in range(12)))
    for lines in range(32, 62, 2):
        before = tuple(Paragraph(text(f"line {one}")) for one in range(lines))
        found = pdf_of(page_pdf(RENEWAL, told(sections=section(*before, heading, table)), {}))
        sheets = [page.extract_text() for page in found.pages]
        (at,) = [place for place, sheet in enumerate(sheets) if "What it heads" in sheet]
        assert all(words in sheets[at] for words in ("A caption", "row 0", "row 11")), lines


# --- for whoever does not see it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_is_and_in_which_language(language: str) -> None:
    found = report("customer", language, "Kestrel")
    root = pdf_of(found.pdf).trailer["/Root"]
    assert isinstance(root, DictionaryObject)
    assert str(root["/Lang"]) == language
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    metadata = pdf_of(found.pdf).metadata
    assert metadata is not None
    assert metadata.title == found.document.title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()  # type: ignore[attr-defined]


def test_headings_tables_and_pictures_can_be_walked() -> None:
    found = report("customer", "de")
    walked = list(tags(found.pdf))
    names = [name for name, _ in walked]
    headings = sum(not one.quiet for one in found.document.sections)
    assert names.count("/H1") == headings
    grids = [name for name in names if name == "/Table"]
    assert len(grids) > 6
    assert names.count("/THead") == len(grids)
    assert names.count("/Caption") >= 5
    alts = [str(node["/Alt"]) for name, node in walked if name == "/Figure" and "/Alt" in node]
    assert alts == [chart.alt for chart in found.charts.values()]
    assert names.count("/L") >= 2


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_screen_says(language: str) -> None:
    for found in (report("customer", language), drawn_report("customer", language)):
        said = pdf_text(found.pdf)
        page, writes = found.page, Language(language)
        assert " ".join(writes.text(page.verdict.said).split()) in said
        amount = writes.whole if page.draws else writes.figure
        for month in page.month_by_month.rows:
            assert amount(month.change, signed=True) in said
        for one in found.document.sections:
            assert one.quiet or one.heading in said


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> Report:
    found = planshift.renew(bad_scenario(tmp_path_factory.mktemp("harmful")))
    return PageOptions("customer", "en", "#panic() <b>Kestrel</b> & *Sons*").of(found)


def test_names_are_shown_letter_by_letter(harmful: Report) -> None:
    content = harmful.pdf
    assert page_count(content) == 2
    said = pdf_text(content).replace(" ", "")
    names = [*BAD_NAMES.values(), *BAD_TEAMS.values(), "#panic() <b>Kestrel</b> & *Sons*"]
    assert [name for name in names if name.replace(" ", "") not in said] == []
    assert "SECRET" not in said


def test_letters_of_many_scripts_are_there_and_what_no_font_has_is_marked() -> None:
    names = ("Zoë Müller €", "Łukasz Żółć", "Ωμέγα", "Жанна", "渡辺さくら", "김철수", "王小明", "a\u200bb")
    content = page_pdf(FORECAST, told(sections=section(Bullets(tuple(map(text, (*names, "𓀀!")))))), {})
    said = pdf_text(content)
    assert [name for name in names[:-1] if name not in said] == []
    assert f"{NO_LETTER}!" in said


def test_a_long_name_without_a_place_to_break_stays_on_the_sheet() -> None:
    long = "x" * 300
    columns = (Column("Name", "name"), Column("Amount", "number"))
    grid = Grid("", columns, (Row((Cell(text(long)), Cell(text("1.00")))),))
    page = pdf_of(page_pdf(FORECAST, told(sections=section(grid)), {})).pages[0]
    ends: list[float] = []
    page.extract_text(visitor_text=lambda words, _, at, *__: ends.append(at[4]) if words.strip() else None)
    assert pdf_text(page_pdf(FORECAST, told(sections=section(grid)), {})).replace(" ", "").count("x") == 300
    assert max(ends) < A4[0]


# --- the same bytes, wherever -----------------------------------------------------------------------------------------


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork")
def test_it_is_made_in_a_process_that_was_forked_too() -> None:
    """Typst's threads do not live on in a fork of a process that has used it: there it would wait for ever."""
    document = told(sections=section(Paragraph(text("A paragraph"))))
    here = page_pdf(FORECAST, document, {})
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        assert pool.submit(page_pdf, FORECAST, document, {}).result(timeout=120) == here
