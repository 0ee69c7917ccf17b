"""What was drawn is called simulated, what was measured as long as it was, and a page says when it was made."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import planshift
from command import run
from drawn_scenarios import PLANS, company
from pages import DEMO, LANGUAGES, drawn, drawn_report, report, texts
from planshift.impact.answers.levels import shipped_levels
from planshift.impact.carry import whole_months
from planshift.impact.spread import spread
from planshift.problems import InputError
from planshift.reports.page.audience import seen_by
from planshift.reports.page.imprint import Imprint
from planshift.reports.page.language import Language
from planshift.reports.page.report import PageOptions
from planshift.reports.page.sections import renewal_document
from planshift.reports.renewal.renewal import RenewalResult
from planshift.reports.words import rounded

SAID = {"en": "simulated", "de": "simuliert", "it": "simulat"}
ONE_MONTH = """\
title: A month of usage before the renewal
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {standard: 50, premium: 1}
  seat_prices: {standard: 40.00, premium: 200.00}
horizon: {start: 2026-01-01, months: 12}
members: {ada: premium}
usage: {file: usage.csv}
"""


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> int:
    """So few draws that a page takes them quickly where nobody says how many."""
    few = replace(shipped_levels(), page_draws=3)
    monkeypatch.setattr("planshift.reports.renewal.renewal.shipped_levels", lambda: few)
    return few.page_draws


@pytest.fixture
def undrawn(tmp_path: Path) -> Path:
    """A scenario with personas that does not say how often they are drawn."""
    return company(tmp_path, **{"  draws: 40\n": ""})


# --- simulated --------------------------------------------------------------------------------------------------------


def test_a_page_about_personas_takes_200_draws_where_nobody_says_how_many() -> None:
    assert shipped_levels().page_draws == 200


@pytest.mark.usefixtures("no_pictures")
def test_whoever_says_how_many_draws_gets_so_many(undrawn: Path, few_draws: int, tmp_path: Path) -> None:
    words = ["renew", undrawn, "--report", "customer", "--quiet"]
    assert f"the median of {few_draws} simulated years" in run(*words, "--out", tmp_path / "few").first
    assert "in one simulated year: " in run(*words, "--draws", 1, "--out", tmp_path / "one").first
    assert planshift.renew(undrawn).renewal.scenario.draws == 1
    (tmp_path / "two").mkdir()
    says = company(tmp_path / "two", **{"  draws: 40\n": "  draws: 2\n"})
    assert planshift.renew(says, page=True).renewal.scenario.draws == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", ["customer", "internal"])
def test_a_page_of_one_draw_says_that_it_is_simulated(language: str, audience: str, undrawn: Path) -> None:
    page = PageOptions(audience, language).of(planshift.renew(undrawn, draws=1)).html
    said = texts(page)
    verdict = Language(language).say("verdict.one_simulated", period="")
    assert verdict.strip(", ") in said
    assert Language(language).say("verdict.drawn_once") in said
    assert said.count(SAID[language]) >= 3
    assert not re.search(r"(engineer|analyst|light_user)-\d", page)


@pytest.mark.parametrize("command", ["simulate", "renew", "compare"])
@pytest.mark.parametrize("draws", [1, 4])
def test_every_first_sentence_calls_drawn_usage_simulated(command: str, draws: int, undrawn: Path) -> None:
    options = ["--plans", ",".join(PLANS)] if command == "compare" else []
    first = run(command, undrawn, *options, "--draws", draws).first
    assert ("one simulated year" if draws == 1 else "4 simulated years") in first


# --- one difference ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_figure_of_the_difference_is_the_median_or_says_what_else_it_is(language: str) -> None:
    writes, shown = Language(language), drawn_report("customer", language)
    page, change = shown.page, spread(drawn().renewal.change)
    # The headline and the tile are one value; whatever else there is stands under a heading that names it.
    assert page.verdict.change == rounded(change.p50, change)
    assert writes.dollars(abs(page.verdict.change)) in writes.text(page.verdict.said)
    assert page.what_if is not None
    assert (page.what_if.base, page.what_if.tried) == (change.p50, page.draws)
    assert page.month_by_month.change == page.bridge.new - page.bridge.old == change.mean
    said = texts(shown.html)
    for label in ("bridge.lead_draws", "months.lead_draws"):
        assert writes.say(label) in said
    assert said.count(writes.say("medians.all", count=page.draws)) >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_tried_on_the_first_draws_says_so(language: str) -> None:
    writes, page = Language(language), drawn_report("customer", language).page
    assert page.what_if is not None
    assert page.when is not None
    fewer = replace(page, what_if=replace(page.what_if, tried=4), when=replace(page.when, draws=4))
    seen = seen_by("customer", fewer)
    document = repr(renewal_document(seen, "customer", writes, {"bridge": "", "months": "", "swings": ""}))
    assert document.count(writes.say("medians.first", count=4)) == 2


# --- measured ---------------------------------------------------------------------------------------------------------


def a_month(folder: Path) -> RenewalResult:
    """A renewal after a year of which one month was measured."""
    days = [f"2026-10-{day:02d},ada,chat,claude-sonnet-4-6,0,0,5" for day in range(1, 32)]
    header = "date,user_id,surface,model,input_tokens,output_tokens,web_searches"
    (folder / "usage.csv").write_text("\n".join([header, *days, ""]))
    (folder / "month.yaml").write_text(ONE_MONTH)
    found = planshift.renew(folder / "month.yaml")
    assert isinstance(found, RenewalResult)
    return found


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), 1),
        (date(2026, 1, 1), date(2026, 12, 31), 12),
        (date(2026, 10, 1), date(2026, 10, 9), 0),
    ],
)
def test_how_many_months_were_measured(first: date, last: date, months: int) -> None:
    assert whole_months(first, last) == months


def test_a_month_of_usage_is_called_a_month_however_often_it_is_repeated(tmp_path: Path) -> None:
    found = a_month(tmp_path)
    assert any("Measured is 1 month of usage, however often it is repeated." in note for note in found.notes)
    for language in LANGUAGES:
        said = texts(PageOptions("customer", language).of(found).html)
        month = Language(language).say("measured.months", count=1)
        assert Language(language).say("advice.rests_on.measured", measured=month) in said
        assert Language(language).say("advice.rests_on.year") not in said


def test_months_before_the_usage_are_unknown_and_not_without_usage(tmp_path: Path) -> None:
    found = a_month(tmp_path)
    before = found.values["months"][1]["year_before"]
    assert before[:9] == [None] * 9
    assert all(before[9:])
    assert set(found.values["years"][1]["year_before"]) == {None}
    assert found.facts()["year_before"] is None
    months = PageOptions("customer", "en").of(found).page.month_by_month
    assert [row.before for row in months.rows] == before
    assert months.before is None
    assert any("what the months before that cost is not known" in note for note in found.notes)


# --- when it was made -------------------------------------------------------------------------------------------------

MADE = Imprint(date(2026, 11, 30), "Ada Lovelace", date(2026, 12, 31))
HEADS = {
    "en": "Prepared on 30 November 2026 by Ada Lovelace · Valid until 31 December 2026",
    "de": "Erstellt am 30. November 2026 von Ada Lovelace · Gültig bis 31. Dezember 2026",
    "it": "30 novembre 2026, a cura di Ada Lovelace · Validità: fino al 31 dicembre 2026",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_head_says_when_a_page_was_made_by_whom_and_until_when_it_holds(language: str) -> None:
    bare = report("customer", language)
    dated = replace(bare, asked=replace(bare.asked, imprint=MADE))
    assert HEADS[language] in texts(dated.html).replace("\u00a0", " ")
    assert dated.html == replace(bare, asked=replace(bare.asked, imprint=MADE)).html
    assert "Ada Lovelace" not in bare.html
    words = "--date 2026-11-30 --prepared-by 'Ada Lovelace' --valid-until 2026-12-31"
    assert words in str(dated.manifest()["command"])
    options = dated.manifest()["run"]
    assert isinstance(options, dict)
    assert MADE.options.items() <= options.items()


@pytest.mark.parametrize(
    ("imprint", "said"),
    [
        (Imprint(), ""),
        (Imprint(made=date(2026, 11, 30)), "Prepared on 30 November 2026"),
        (Imprint(prepared_by="Ada"), "Prepared by Ada"),
        (Imprint(valid_until=date(2026, 12, 31)), "Valid until 31 December 2026"),
    ],
)
def test_nothing_is_said_of_what_is_not_given(imprint: Imprint, said: str) -> None:
    written = " · ".join(map(Language("en").text, imprint.said))
    assert written.replace("\u00a0", " ") == said


def test_a_page_cannot_end_before_it_is_made() -> None:
    with pytest.raises(InputError, match=r"--valid-until: 2026-11-01 lies before 2026-11-30"):
        Imprint(date(2026, 11, 30), "", date(2026, 11, 1)).check()


@pytest.mark.parametrize("option", ["--date", "--valid-until"])
def test_days_of_a_page_without_a_page_are_refused(option: str) -> None:
    answer = run("renew", DEMO, option, "2026-11-30")
    assert answer.status == 2
    assert answer.err.startswith(f"{option}: there is no page that it is for")


def test_a_share_of_members_is_shown_with_one_decimal() -> None:
    assert [Language("de").average(number) for number in (Fraction(22, 5), Fraction(30))] == ["4,4", "30"]
