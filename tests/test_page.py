"""The page about a renewal: the tables' figures in three languages, for two audiences, the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES, run
from pages import (
    BAD_NAMES,
    BAD_TEAMS,
    DEMO,
    LANGUAGES,
    SECTIONS,
    bad_scenario,
    demo,
    demo_with,
    figures,
    report,
    texts,
)
from planshift.problems import InputError
from planshift.reports.page.labels import read_labels
from planshift.reports.page.language import Language
from planshift.reports.page.report import PageOptions, Report
from programs import ENDS_WITHIN


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report("customer", "de", "Kestrel").write(tmp_path_factory.mktemp("written") / "out")


# --- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_figures_of_the_tables(language: str, written: Path) -> None:
    said = texts(report("customer", language).html)
    writes = Language(language)
    for table, columns, signed in (
        ("months", ("old_cost", "new_cost", "year_before"), False),
        ("months", ("change",), True),
        ("winners", ("old_cost", "new_cost"), False),
        ("winners", ("change",), True),
        ("teams", ("change",), True),
        ("recommendations", ("value",), False),
    ):
        for column in columns:
            for cents in figures(written / f"{table}.csv", column):
                text = writes.figure(cents, signed=signed)
                assert text in said or writes.count(cents // 100) in said, (table, column, text)
    first, *steps, last = figures(written / "bridge.csv", "amount")
    assert {writes.figure(first), writes.figure(last)} <= set(re.split(r"\s+", said))
    assert [writes.figure(cents, signed=True) for cents in steps if writes.figure(cents, signed=True) not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_comes_first_and_the_sections_in_their_order(language: str) -> None:
    page = report("customer", language).html
    assert re.findall(r'<section id="([a-z-]+)"', page) == list(SECTIONS)
    assert f'<html lang="{language}"' in page


def test_the_verdict_is_one_sentence() -> None:
    nb = "\u00a0"
    assert Language("en").text(report("customer", "en").page.verdict.said).replace(nb, " ") == (
        "Year one on Enterprise: 74,164 USD, 14,702 (25%) more than today's terms would have cost (for comparison"
        " only; they cannot be renewed)."
    )
    assert Language("de").text(report("customer", "de").page.verdict.said).replace(nb, " ") == (
        "Das erste Jahr im Tarif Enterprise: 74.164 $; das sind 14.702 $ (25 %) mehr, als die bisherigen Konditionen"
        " gekostet hätten (nur zum Vergleich; sie lassen sich nicht verlängern)."
    )
    assert Language("it").text(report("customer", "it").page.verdict.said).replace(nb, " ") == (
        "Primo anno con Enterprise: 74.164 USD, 14.702 USD (25%) in più di quanto sarebbero costate le condizioni"
        " attuali (solo a titolo di confronto, perché non sono rinnovabili)."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_english_is_left_on_a_page_in_another_language(language: str) -> None:
    if language == "en":
        return
    said = texts(report("customer", language).html)
    english = {
        label.text("other")
        for key, label in read_labels("en").items()
        if label != read_labels(language)[key] and len(label.text("other").split()) > 2
    }
    assert [text for text in english if "{" not in text and text in said] == []


@pytest.mark.parametrize(
    ("example", "language"),
    [("renewal_chat_claude_code", "it"), ("renewal_standard_premium", "en"), ("waiting_for_the_week", "de")],
)
@pytest.mark.usefixtures("no_pictures")
def test_every_example_that_can_be_renewed_has_its_page(example: str, language: str) -> None:
    found = planshift.renew(EXAMPLES / f"{example}.yaml")
    page = PageOptions("internal", language).of(found).html
    assert Language(language).dollars(int(found.renewal.new.cost[0])) in texts(page)


# --- whole in itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing_from_anywhere(language: str) -> None:
    page = report("internal", language).html
    addresses = re.findall(r'(?:src|srcset|href|action|data)="([^"]*)"', page)
    assert addresses != []
    assert [address[:40] for address in addresses if not address.startswith("data:")] == []
    assert re.findall(r"url\((?!#)|@import|<script|<iframe|<object|<link(?! rel=\"icon\" href=\"data:,\")", page) == []
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page


def test_every_picture_is_in_lines_and_is_said_in_words() -> None:
    for language in LANGUAGES:
        page = report("customer", language).html
        alts = re.findall(r'<svg [^>]*role="img" aria-label="([^"]+)"', page)
        # The bridge is there twice: wide, and narrow for a telephone.
        assert len(alts) == page.count("<svg ") == 4
        assert "<img" not in page
        for alt in alts:
            assert alt.endswith(".")
            assert Language(language).figure(1_470_220)[-3:-2] in alt


def test_it_is_small_enough_to_be_mailed() -> None:
    assert max(len(report("internal", language).html) for language in LANGUAGES) < 200_000


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> Report:
    found = planshift.renew(bad_scenario(tmp_path_factory.mktemp("harmful")))
    made = PageOptions("customer", "en", "<b>Kestrel</b> & Sons").of(found)
    # Drawn here: tests without pictures share it.
    assert made.html
    return made


def test_names_are_shown_letter_by_letter(harmful: Report) -> None:
    page = harmful.html
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page
    shown = texts(page)
    names = [*BAD_NAMES.values(), *BAD_TEAMS.values(), "<b>Kestrel</b> & Sons"]
    assert [name for name in names if name not in shown] == []
    assert "49" not in shown.partition("7 * 7")[0][-20:]


@pytest.mark.usefixtures("no_pictures")
def test_no_name_is_a_formula_in_a_table(harmful: Report, tmp_path: Path) -> None:
    out = harmful.found.write(tmp_path / "out")
    for path in out.glob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = re.findall(r'(?:^|,)("?)([=@+][^,]*)', line)
            assert [cell for _, cell in cells if not re.fullmatch(r"\+?[\d.]+", cell)] == [], path.name


@pytest.mark.usefixtures("no_pictures")
def test_the_customer_reads_no_titles_and_no_paths(harmful: Report) -> None:
    assert "SECRET" not in harmful.html
    assert "secret_scenario_name" not in harmful.html
    internal = PageOptions("internal", "en").of(harmful.found).html
    assert "A SECRET TITLE" in internal
    assert "secret_scenario_name.yaml" in internal


# --- the same bytes ---------------------------------------------------------------------------------------------------


def test_the_same_renewal_gives_the_same_page_and_the_same_pdf(tmp_path: Path) -> None:
    words = ["renew", str(DEMO), "--report", "customer", "--language", "de", "--customer", "Kestrel", "--out"]
    for out in ("one", "other"):
        program = f"import sys; sys.argv = ['planshift', *{[*words, out]!r}]; from planshift.cli import main; main()"
        subprocess.run(
            [sys.executable, "-c", program], timeout=ENDS_WITHIN, check=True, cwd=tmp_path, capture_output=True
        )
    one, other = ({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()} for out in ("one", "other"))
    assert {"renewal.html", "renewal.pdf"} < one.keys() == other.keys()
    assert [name for name in one.keys() - {"manifest.json"} if one[name] != other[name]] == []


# --- the folder, and the command --------------------------------------------------------------------------------------


def test_the_folder_has_everything_that_a_renewal_writes_and_the_page(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    pages = {"renewal.html", "renewal.pdf", "renewal_bridge.png", "renewal_months.png", "renewal_swings.png"}
    assert names == pages | set(demo().file_names)
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"].endswith(" --report customer --language de --customer Kestrel")
    assert manifest["run"]["report"] == "customer"
    assert {name for name in pages if name.endswith(".png")} <= set(manifest["pictures"])
    assert {file["name"] for file in manifest["files"]} == names - {"manifest.json"}


@pytest.mark.usefixtures("no_pictures")
def test_tables_are_in_no_language(written: Path, tmp_path: Path) -> None:
    plain = demo().write(tmp_path / "plain")
    for path in plain.glob("*.csv"):
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name


@pytest.mark.usefixtures("no_pictures")
def test_the_command_says_where_the_page_is(tmp_path: Path) -> None:
    answer = run("renew", DEMO, "--report", "internal", "--out", tmp_path / "out")
    assert answer.status == 0
    assert "renewal.html, renewal.pdf" in answer.out
    as_json = run("renew", DEMO, "--report", "internal", "--language", "it", "--out", tmp_path / "it", "--json")
    assert "renewal.html" in as_json.data["files"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--report", "custmer", "--out", "x"], "--report: there is no page for 'custmer' - did you mean 'customer'?"),
        (["--report", "customer"], "--report: there is no folder to write the page to - name one: --out DIR"),
        (
            ["--report", "customer", "--language", "fr", "--out", "x"],
            "--language: there are no labels in the language 'fr' - use one of: de, en, it",
        ),
        (["--language", "de"], "--language: there is no page that it is for - ask for one: --report customer, or"),
        (["--customer", "Kestrel"], "--customer: there is no page that it is for - ask for one"),
    ],
)
def test_what_cannot_be_asked_is_an_error_before_anything_is_written(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("renew", DEMO, *words)
    assert answer.status == 2
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "instead", "said"),
    [
        (
            "horizon: {start: 2026-01-01, months: 12}",
            "horizon: {start: 2027-02-01, months: 12}",
            "scenario.yaml:21:18: the horizon starts on 2027-02-01, outside the contract's term",
        ),
        ("members: renewal_demo_members.csv", "members: nowhere.csv", "nowhere.csv"),
    ],
)
def test_what_cannot_be_renewed_has_no_page(text: str, instead: str, said: str, tmp_path: Path) -> None:
    answer = run("renew", demo_with(tmp_path, text, instead), "--report", "customer", "--out", tmp_path / "out")
    assert answer.status == 2
    assert said in answer.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("example", ["seats_added_mid_term", "credits_run_out"])
def test_a_plan_that_renews_on_itself_has_no_page(example: str, tmp_path: Path) -> None:
    scenario = EXAMPLES / f"{example}.yaml"
    answer = run("renew", scenario, "--report", "internal", "--language", "it", "--out", tmp_path / "out")
    assert (answer.status, answer.out) == (2, "")
    assert "'enterprise' renews on itself" in answer.err
    assert "use `planshift compare` to set plans beside each other" in answer.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("line", "text", "instead", "said"),
    [
        (1, "team", "teams", "csv:1: the column 'teams' is not read, so that nobody is in a team - call it 'team'"),
        (1, "team", "Team", "csv:1: the column 'Team' is not read, so that nobody is in a team - call it 'team'"),
        (1, "team", "team,team", "members.csv:1: the column 'team' is there twice - keep one of them"),
        (3, "apps", "Apps ", "members.csv:3: the team 'Apps ' is written 'apps' on line 2 - write it in one way"),
        (2, "lars", "larss", "'lars' is not a member: nobody without a seat can use anything - did you mean 'larss'?"),
    ],
)
def test_teams_that_do_not_match_are_refused(line: int, text: str, instead: str, said: str, tmp_path: Path) -> None:
    scenario = demo_with(tmp_path, "months: 12", "months: 12")
    members = tmp_path / "renewal_demo_members.csv"
    rows = members.read_text(encoding="utf-8").splitlines(keepends=True)
    assert text in rows[line - 1]
    rows[line - 1] = rows[line - 1].replace(text, instead)
    members.write_text("".join(rows), encoding="utf-8")
    answer = run("renew", scenario, "--report", "customer", "--out", tmp_path / "out")
    assert answer.status == 2
    assert said in answer.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["jinja2"], "a page needs Jinja2, which is not installed"),
        (["babel", "jinja2"], "a page needs Jinja2 and Babel, which are not installed"),
    ],
)
def test_without_the_extra_the_error_says_what_to_install(
    missing: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    answer = run("renew", DEMO, "--report", "customer", "--out", tmp_path / "out")
    assert answer.status == 2
    assert said in answer.err
    assert "pip install 'planshift[report]'" in answer.err
    assert not (tmp_path / "out").exists()


def test_an_audience_or_a_language_is_checked_before_it_is_used() -> None:
    with pytest.raises(InputError, match="there is no page for 'everybody'"):
        PageOptions("everybody").check()


def test_a_plain_renewal_needs_none_of_it() -> None:
    program = (
        "import sys\nfor name in ('jinja2', 'babel', 'typst'): sys.modules[name] = None\n"
        f"import planshift; planshift.renew({str(DEMO)!r}).answer"
    )
    subprocess.run([sys.executable, "-c", program], timeout=ENDS_WITHIN, check=True, capture_output=True)
