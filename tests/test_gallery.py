"""The gallery: everybody is in it, its pages are those of today, and whatever changes them is noticed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageDraw

from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.folder import MANIFEST, Content, digest
from planshift_dev.alike import alike
from planshift_dev.gallery import __main__ as command
from planshift_dev.gallery import current
from planshift_dev.gallery.index import FORECAST_PICTURES, INDEX, README, index
from planshift_dev.gallery.lighter import lighter, look_alike
from planshift_dev.gallery.made import Made
from planshift_dev.gallery.organizations import FILE, Forecasted, Gallery, Organization, read_gallery

PLACE = folder("reports") / "gallery"
pytestmark = pytest.mark.usefixtures("live_plans")
LARGEST = 7_000_000
QUICK = "chat_and_claude_code"
PORTFOLIO = "forty_accounts"
PARTS = ("recognised_seats", "recognised_credits", "breakage", "recognised_usage")


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return read_gallery()


@pytest.fixture(scope="module")
def portfolio(gallery: Gallery) -> Forecasted:
    (found,) = gallery.portfolios
    return found


@pytest.fixture
def one(gallery: Gallery) -> Organization:
    (found,) = (each for each in gallery.organizations if each.scenario == QUICK)
    return replace(found, in_full=False)


@pytest.fixture
def place(tmp_path: Path, one: Organization, gallery: Gallery) -> Path:
    """A gallery of one organization, said to be made from the files that are there today."""
    copied = tmp_path / "gallery"
    shutil.copytree(PLACE / QUICK, copied / QUICK)
    path = copied / QUICK / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for made_from in manifest["inputs"]:
        top, _, rest = made_from["path"].partition("/")
        made_from["sha256"] = digest(folder(top) / rest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    for name, text in index(Gallery(gallery.draws, (one,), ()), copied).items():
        (copied / name).write_text(text, encoding="utf-8")
    return copied


def stale(one: Organization, place: Path, *, everything: bool = False, draws: int = 60) -> list[str]:
    """What is out of date in a gallery of one organization."""
    scratch = place.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return list(current.out_of_date(Gallery(draws, (one,), ()), place, scratch, alike, everything=everything))


def made_of(place: Path, change: Callable[[dict[str, Content]], None]) -> Callable[[Organization, int], Made]:
    """What makes a folder as it lies in ``place``, with its files changed."""
    own = place / QUICK
    files: dict[str, Content] = {path.name: path.read_bytes() for path in own.iterdir() if path.name != MANIFEST}
    manifest: Mapping[str, object] = json.loads((own / MANIFEST).read_text(encoding="utf-8"))
    change(files)
    return lambda _, draws: Made(files, manifest)


def picture(height: int) -> bytes:
    """A bar of some height on a white sheet."""
    sheet = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(sheet).rectangle((100, 280 - height, 160, 280), fill=(0, 90, 160))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


# --- who is in it -----------------------------------------------------------------------------------------------------


def test_every_language_and_every_reader_is_seen(gallery: Gallery) -> None:
    assert {one.language for one in gallery.organizations} == {"de", "en", "it"}
    assert {one.report for one in gallery.organizations} == {"customer", "internal"}


def test_one_with_a_usage_file_and_one_that_is_drawn_are_made_anew_by_the_check(gallery: Gallery) -> None:
    texts = [one.path.read_text(encoding="utf-8") for one in gallery.organizations if one.in_full]
    assert {"personas:" in text for text in texts} == {True, False}


@pytest.mark.parametrize(
    ("right", "other", "said"),
    [
        ("scenario: tight_limits", "scenario: tigth_limits", "there is no scenario 'tigth_limits' - did you mean"),
        ("scenario: tight_limits", "scenario: midsize_premium", "'midsize_premium' stands here twice - remove one"),
        ("scenario: tight_limits", "scenario: midsize_premium", "'tight_limits' is missing - add it"),
        ("left_out:", "left_out:\n  - {scenario: tight_limits, why: None}", "stands here twice"),
        ("  - scenario: seats_only\n    why:", "  - scenario: sets_only\n    why:", "there is no scenario 'sets_only'"),
        ("language: it", "language: fr", "fr"),
        ("report: internal", "report: everybody", "everybody"),
        ("draws: 60", "draws: 1", "draws"),
        ("portfolio: forty_accounts", "portfolio: fourty_accounts", "there is no portfolio 'fourty_accounts' - did"),
        ("portfolio: forty_accounts", "portfolio: fourty_accounts", "the portfolio 'forty_accounts' is missing - add"),
        ("portfolios:", f"portfolios:\n  - {{portfolio: {PORTFOLIO}, what: It, coarse_draws: 2}}", "stands here twice"),
        ("coarse_draws: 200", "coarse_draws: 1", "coarse_draws"),
    ],
)
def test_every_mistake_of_the_file_is_told(right: str, other: str, said: str, tmp_path: Path) -> None:
    text = (folder("reports") / FILE).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / FILE).write_text(text.replace(right, other, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_gallery(tmp_path / FILE)
    assert said in refused.value.text()


def test_a_scenario_in_the_wrong_list_is_told(tmp_path: Path) -> None:
    text = (folder("reports") / FILE).read_text(encoding="utf-8")
    swapped = text.replace("scenario: tight_limits", "scenario: X").replace("scenario: seats_only", "scenario: Y")
    swapped = swapped.replace("scenario: X", "scenario: seats_only").replace("scenario: Y", "scenario: tight_limits")
    (tmp_path / FILE).write_text(swapped, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_gallery(tmp_path / FILE)
    assert "the plan of 'seats_only' renews on itself - move it to 'left_out'" in refused.value.text()
    assert "the plan of 'tight_limits' ends at its renewal - move it to 'organizations'" in refused.value.text()


# --- what lies in the repository --------------------------------------------------------------------------------------


def test_the_gallery_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--check"]) == 0, capsys.readouterr().err


def test_it_is_light() -> None:
    assert sum(path.stat().st_size for path in PLACE.rglob("*") if path.is_file()) < LARGEST


def test_nobodys_machine_is_named() -> None:
    for path in PLACE.rglob("*"):
        if path.suffix in {".csv", ".html", ".json", ".md"}:
            text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text(encoding="utf-8"))
            assert not re.search(r"/(?:home|root|tmp|Users|work|var)/", text), path
            assert str(PLACE.parents[1]) not in text, path


def test_every_organization_has_its_page_pictures_and_tables(gallery: Gallery) -> None:
    for each in gallery.organizations:
        own = PLACE / each.scenario
        assert f'<html lang="{each.language}"' in (own / "renewal.html").read_text(encoding="utf-8")
        for name in ("renewal_bridge.png", "bridge.png", "months.png", "break_even.png", "tornado.png"):
            assert (own / name).is_file()
        for name in ("range.csv", "break_even.csv", "who.csv", "can_do.csv", "recommendations.csv", "what_if.csv"):
            assert (own / name).is_file()


def test_the_index_says_who_they_are_and_what_changes(gallery: Gallery) -> None:
    markdown = (PLACE / README).read_text(encoding="utf-8")
    page = (PLACE / INDEX).read_text(encoding="utf-8")
    for each in gallery.organizations:
        (said,) = (line for line in markdown.split("\n") if line.startswith(each.who))
        assert re.search(r"(?i)year one on Enterprise: (about )?[\d,]+ USD", said)
        assert "for comparison only" in said
        assert f"]({each.scenario}/bridge.png)" in markdown
        assert f'href="{each.scenario}/renewal.html"' in page
    for left_out in gallery.left_out:
        assert left_out.why in markdown
    for portfolio in gallery.portfolios:
        (said,) = (line for line in markdown.split("\n") if line.startswith(portfolio.what))
        assert re.search(r": .* USD recognised in the median of \d+ simulat", said)
        for picture in FORECAST_PICTURES:
            assert f"]({portfolio.portfolio}/{picture})" in markdown
        for name in ("forecast.html", "forecast.xlsx", "coarse.md"):
            assert f'href="{portfolio.portfolio}/{name}"' in page
    pictures = len(gallery.folders)
    assert page.count('<img src="data:image/png;base64,') == page.count("<img ") == pictures
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|@import|url\(|<script""", page)


def test_every_link_of_the_index_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (PLACE / README).read_text(encoding="utf-8"))
    links += re.findall(r'href="([^"]+)"', (PLACE / INDEX).read_text(encoding="utf-8"))
    assert len(links) > 20
    for link in links:
        assert (PLACE / link).exists(), link


# --- what is noticed --------------------------------------------------------------------------------------------------


def test_a_gallery_as_it_was_made_is_current(one: Organization, place: Path) -> None:
    assert stale(one, place) == []


def test_a_page_that_somebody_changed_is_noticed(one: Organization, place: Path) -> None:
    page = place / QUICK / "renewal.html"
    page.write_text(page.read_text(encoding="utf-8").replace("4.463,05", "4.436,05", 1), encoding="utf-8")
    assert stale(one, place) == [f"{QUICK}: renewal.html was changed since it was made"]


def test_a_changed_plan_price_is_noticed_in_every_organization(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plans", "scenarios", "reports"):
        shutil.copytree(folder(name), tmp_path / name)
    plan = tmp_path / "plans" / "enterprise.yaml"
    text = plan.read_text(encoding="utf-8")
    assert "2026-03-17: {value: 20.00" in text
    plan.write_text(text.replace("2026-03-17: {value: 20.00", "2026-03-17: {value: 21.00"), encoding="utf-8")
    monkeypatch.setattr(current, "folder", lambda name: tmp_path / name)
    quick = replace(gallery, organizations=tuple(replace(each, in_full=False) for each in gallery.organizations))
    found = list(current.out_of_date(quick, PLACE, tmp_path, alike, everything=False))
    for each in gallery.organizations:
        assert f"{each.scenario}: plans/enterprise.yaml is not what it was made from" in found


def test_every_file_that_a_page_rests_on_is_among_what_it_was_made_from(gallery: Gallery) -> None:
    for each in gallery.organizations:
        manifest = json.loads((PLACE / each.scenario / MANIFEST).read_text(encoding="utf-8"))
        inputs = {one["path"] for one in manifest["inputs"]}
        assert {
            f"scenarios/{each.scenario}.yaml",
            "plans/enterprise.yaml",
            "plans/rates/claude_api.yaml",
            "reports/answers.yaml",
            f"reports/labels/{each.language}.yaml",
            "reports/templates/document.css",
            "reports/templates/document.html.j2",
        } <= inputs


def test_every_file_that_a_forecast_rests_on_is_among_what_it_was_made_from(portfolio: Forecasted) -> None:
    manifest = json.loads((PLACE / PORTFOLIO / MANIFEST).read_text(encoding="utf-8"))
    assert {
        f"scenarios/portfolios/{PORTFOLIO}.yaml",
        f"scenarios/portfolios/{PORTFOLIO}.csv",
        "scenarios/midsize_premium.yaml",
        "scenarios/personas.yaml",
        "plans/enterprise.yaml",
        "plans/rates/claude_api.yaml",
        "plans/overlays/credits_expire.yaml",
        "reports/templates/document.html.j2",
        "reports/templates/document.css",
    } <= {each["path"] for each in manifest["inputs"]}


def test_other_coarse_draws_and_a_changed_workbook_are_noticed(portfolio: Forecasted, tmp_path: Path) -> None:
    shutil.copytree(PLACE / PORTFOLIO, tmp_path / "gallery" / PORTFOLIO)
    with (tmp_path / "gallery" / PORTFOLIO / "forecast.xlsx").open("ab") as workbook:
        workbook.write(b"more")
    asked = Gallery(60, (), (), (replace(portfolio, coarse_draws=100, in_full=False),))
    found = list(current.out_of_date(asked, tmp_path / "gallery", tmp_path, alike, everything=False))
    assert f"{PORTFOLIO}: was made with coarse_draws 200, and is to be made with 100" in found
    assert f"{PORTFOLIO}: forecast.xlsx was changed since it was made" in found


def test_a_workbook_with_another_figure_is_another_one(tmp_path: Path) -> None:
    right = PLACE / PORTFOLIO / "forecast.xlsx"
    for number, (cell, other) in enumerate([("<v>1</v>", "<v>2</v>"), ("", "")]):
        copied = tmp_path / f"{number}.xlsx"
        with ZipFile(right) as book, ZipFile(copied, "w") as changed:
            for name in book.namelist():
                changed.writestr(name, book.read(name).decode().replace(cell, other, 1))
        assert current._same(right, copied, alike) == (number == 1)


def test_a_forecast_has_every_short_table_and_of_long_ones_what_counts_all_together(portfolio: Forecasted) -> None:
    own = PLACE / PORTFOLIO
    manifest = json.loads((own / MANIFEST).read_text(encoding="utf-8"))
    assert "months.csv" in manifest["shortened"]
    for name in manifest["shortened"]:
        with (own / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows
        assert {row["scenario"] for row in rows} == {"base"}
        assert {row["segment"] for row in rows} == {"all"}
    for name in ("summary", "scenarios", "arr_bridge", "calendar", "cohorts", "movers", "checks", "rollforward"):
        assert (own / f"{name}.csv").is_file()
    for name in ("accounts", "draws", "renewals"):
        assert not (own / f"{name}.csv").exists()


def test_the_error_of_the_coarse_way_is_what_its_table_says(portfolio: Forecasted) -> None:
    with (PLACE / PORTFOLIO / "coarse.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["measure"]: row for row in csv.DictReader(file) if row["period"] == "total"}
    recognised = rows["recognised"]
    page = (PLACE / PORTFOLIO / "coarse.md").read_text(encoding="utf-8")
    assert f"{portfolio.coarse_draws} draws either way" in page
    said = re.search(r"off by (\S+) % in the mean", page)
    assert said
    assert Decimal(said[1].replace("−", "-")) == Decimal(recognised["off_mean"])
    off = Decimal(recognised["coarse_mean"]) / Decimal(recognised["daily_mean"]) - 1
    assert abs(100 * off - Decimal(recognised["off_mean"])) <= Decimal("0.051")
    assert abs(off) < Decimal("0.02")
    parts = [Decimal(rows[name]["daily_mean"]) for name in PARTS]
    assert abs(sum(parts) - Decimal(recognised["daily_mean"])) < 2
    assert rows["recognised_seats"]["daily_p90"] == rows["recognised_seats"]["coarse_p90"]


def test_another_question_is_noticed(one: Organization, place: Path) -> None:
    (found,) = stale(replace(one, language="it"), place)
    assert found == f"{QUICK}: was made with language de, and is to be made with it"
    (found,) = stale(replace(one, customer="Kestrel"), place)
    assert found == f"{QUICK}: was made with customer None, and is to be made with Kestrel"


def test_other_draws_are_noticed(gallery: Gallery, tmp_path: Path) -> None:
    drawn = replace(gallery.organizations[-1], in_full=False)
    found = current.out_of_date(Gallery(61, (drawn,), ()), PLACE, tmp_path, alike, everything=False)
    assert f"{drawn.scenario}: was made with draws 60, and is to be made with 61" in list(found)


def test_files_that_are_gone_too_many_or_unreadable_are_noticed(one: Organization, place: Path) -> None:
    (place / QUICK / "who.csv").unlink()
    (place / QUICK / "notes.txt").write_text("mine", encoding="utf-8")
    (place / "old_friend").mkdir()
    assert stale(one, place) == [
        "old_friend: is not in the gallery any more",
        f"{QUICK}: who.csv is missing",
        f"{QUICK}: notes.txt was not written by planshift",
    ]
    (place / QUICK / MANIFEST).write_text("<<<<<<<", encoding="utf-8")
    assert f"{QUICK}: {MANIFEST} cannot be read" in stale(one, place)
    shutil.rmtree(place / QUICK)
    assert f"{QUICK}: is not there" in stale(one, place)


@pytest.mark.parametrize("name", [README, INDEX])
def test_an_index_that_somebody_changed_is_noticed(name: str, one: Organization, place: Path) -> None:
    (place / name).write_text("nothing", encoding="utf-8")
    assert stale(one, place) == [f"{name}: is not the index of these folders"]


def test_what_planshift_makes_differently_today_is_noticed(
    one: Organization, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differently(files: dict[str, Content]) -> None:
        files["who.csv"] = b"something else"
        files["bridge.png"] = lighter(picture(100))
        del files["range.csv"]

    monkeypatch.setattr(current, "make", made_of(place, differently))
    assert stale(one, place) == []
    assert stale(one, place, everything=True) == [
        f"{QUICK}: {name} is not what planshift makes of it today" for name in ("bridge.png", "range.csv", "who.csv")
    ]
    assert len(stale(replace(one, in_full=True), place)) == 3


def test_another_processors_rounding_is_not_noticed(
    one: Organization, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rounded(files: dict[str, Content]) -> None:
        table = files["break_even.csv"]
        assert isinstance(table, bytes)
        number = re.search(rb"\d+\.\d*[1-8]\b", table)
        assert number
        other = number[0][:-1] + str(int(number[0][-1:]) + 1).encode()
        files["break_even.csv"] = table.replace(number[0], other, 1)

    monkeypatch.setattr(current, "make", made_of(place, rounded))
    assert stale(one, place, everything=True) == []


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_lighter_picture_is_the_same_picture_and_smaller() -> None:
    heavy = (folder("reports") / "gallery" / "realism_week.png").read_bytes()
    light = lighter(heavy)
    assert light == lighter(heavy)
    assert len(light) < len(heavy) / 2
    assert look_alike(heavy, light)


def _base64(png: bytes) -> str:
    from base64 import b64encode

    return b64encode(png).decode()


def test_another_height_and_another_size_are_another_picture() -> None:
    assert look_alike(picture(100), picture(100))
    assert not look_alike(picture(100), picture(104))
    other = io.BytesIO()
    Image.new("RGB", (400, 301), "white").save(other, "PNG")
    assert not look_alike(picture(100), other.getvalue())


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["--write", "--check"], ["--check", QUICK], ["--all"], ["--check", "--all", "--all"]]
)
def test_other_words_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(words) == 2
    assert "give --write" in capsys.readouterr().err


def test_an_unknown_organization_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--write", "tigth_limits"]) == 2
    assert "tigth_limits: is not in the gallery - did you mean 'tight_limits'?" in capsys.readouterr().err


def test_it_writes_what_lies_in_the_repository(
    one: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "gallery" / QUICK
    shutil.copytree(PLACE, tmp_path / "gallery")
    made = made_of(PLACE, lambda files: None)
    (own / "who.csv").write_text("changed by somebody", encoding="utf-8")
    monkeypatch.setattr(command, "folder", lambda name: tmp_path)
    monkeypatch.setattr("planshift_dev.gallery.made.make", made)
    assert command.main(["--write", QUICK]) == 0
    assert "The gallery has 7 organizations and 1 portfolio, " in capsys.readouterr().out
    for path in sorted((PLACE / QUICK).iterdir()):
        assert digest(own / path.name) == digest(path), path.name
    for name in (README, INDEX):
        assert (tmp_path / "gallery" / name).read_bytes() == (PLACE / name).read_bytes()


def test_no_index_without_the_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "folder", lambda name: tmp_path)
    monkeypatch.setattr("planshift_dev.gallery.made.make", made_of(PLACE, lambda files: None))
    assert command.main(["--write", QUICK]) == 2
    assert "renewal_demo: has no folder in the gallery yet" in capsys.readouterr().err


def test_a_gallery_that_is_out_of_date_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gallery").mkdir()
    monkeypatch.setattr(command, "folder", lambda name: tmp_path)
    assert command.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert f"reports/gallery/{QUICK}: is not there" in said
    assert said.rstrip().endswith("The gallery is not current - write it anew: make gallery")
