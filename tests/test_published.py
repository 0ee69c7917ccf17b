"""A price that somebody enters breaks nothing: worked cases keep their plans, and only a change of the past is told."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from command import Answer, run
from planshift.plans.catalogue import PUBLISHED, load_catalogue, past_changes, published_catalogue
from planshift.plans.documents import read_document
from planshift.plans.files import folder

pytestmark = pytest.mark.usefixtures("live_plans")

README = Path(__file__).resolve().parents[1] / "README.md"
SEAT = "      2026-03-17: {value: 20.00, reference: pricing_page}\n"
OPUS = "        note: Tools could use the model from this day on; its page, as read, has the prices but no day.\n"
RECIPE = re.compile(r"^```yaml\n(?P<old>.+\n)(?P<new>.+\n)```", re.MULTILINE)


FILES = ("enterprise", "legacy_chat_claude_code", "legacy_standard_premium", "rates/claude_api")


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """A copy of the shipped plans as last checked, for somebody to change."""
    found = Path(shutil.copytree(folder("plans"), tmp_path / "plans"))
    for name in FILES:
        shutil.copy(found / PUBLISHED / f"{name}.yaml", found / f"{name}.yaml")
    return found


def edited(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")


def checked(plans: Path) -> Answer:
    answer = run("plans", "check", "--plans", plans, "--json")
    assert answer.status == 0, answer.err
    return answer


def test_the_shipped_plans_say_of_the_past_what_was_published() -> None:
    assert past_changes(load_catalogue(), published_catalogue()) == []


@pytest.mark.parametrize("name", FILES)
def test_the_plans_as_last_checked_lack_nothing_but_later_entries(name: str) -> None:
    """A value that is new, not a new price, goes into plans/cases/plans as well."""
    then, now = (read_document(place / f"{name}.yaml").data for place in (folder("plans") / PUBLISHED, folder("plans")))
    assert _up_to(now, then["checked"]) == {**then, "checked": now["checked"]}


def _up_to(data: Any, day: date) -> Any:
    """A document without the entries that begin after a day, whatever its value."""
    if not isinstance(data, dict):
        return data
    return {key: _up_to(item, day) for key, item in data.items() if not (isinstance(key, date) and key > day)}


def test_the_recipe_of_the_readme_works(plans: Path) -> None:
    """Its two lines, the old entry and the new one below it, in a copy of the plans."""
    recipe = RECIPE.search(README.read_text(encoding="utf-8"))
    assert recipe
    edited(plans / "enterprise.yaml", recipe["old"], recipe["old"] + recipe["new"])
    answer = checked(plans)
    assert answer.data["warnings"] == []
    assert answer.data["checked"]["file of worked cases"] == 11
    price = load_catalogue(plans).plan("enterprise").values["seats.enterprise.price_usd_per_month"]
    assert f"{price.dates[-1]}: {{value: {price.entries[-1][1].text}," in recipe["new"]


def test_a_later_price_of_tokens_changes_no_worked_case(plans: Path) -> None:
    classes = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
    prices = ", ".join(f"{name}_usd_per_mtok: 9.00" for name in classes)
    entry = f"      2026-11-21: {{{prices}, reference: pricing_docs}}\n"
    edited(plans / "rates" / "claude_api.yaml", OPUS, OPUS + entry)
    assert checked(plans).data["warnings"] == []


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        (
            SEAT,
            f"{SEAT}      2026-06-01: {{value: 24.00, reference: pricing_page}}\n",
            "seats.enterprise.price_usd_per_month is 24.00 on 2026-06-01, where 20.00 was published",
        ),
        (
            SEAT,
            SEAT.replace("20.00", "19.00"),
            "seats.enterprise.price_usd_per_month is 19.00 on 2026-03-17, where 20.00 was published",
        ),
        (
            "    minimum_seats: {value: 20, reference: plan_article}\n",
            "    minimum_seats: {value: 30, reference: plan_article}\n",
            "channels.self_serve.minimum_seats is 30 on 2026-11-20, where 20 was published",
        ),
        (
            "    minimum_seats: {value: 20, reference: plan_article}\n",
            "",
            "channels.self_serve.minimum_seats is not there on 2026-11-20, where 20 was published",
        ),
    ],
    ids=["inserted", "rewritten", "undated", "removed"],
)
def test_a_change_of_the_past_is_a_warning_with_its_place_and_remedy(
    plans: Path, old: str, new: str, fact: str
) -> None:
    edited(plans / "enterprise.yaml", old, new)
    (warning,) = checked(plans).data["warnings"]
    assert warning.startswith(f"{plans / 'enterprise.yaml'}")
    assert f": {fact}: bills already shown change - date a new value from the first day" in warning


def test_dating_a_value_that_had_no_date_changes_nothing(plans: Path) -> None:
    old = "    minimum_seats: {value: 20, reference: plan_article}\n"
    entries = {"2025-01-01": 20, "2027-01-01": 25}
    dated = "".join(f"      {day}: {{value: {seats}, reference: plan_article}}\n" for day, seats in entries.items())
    edited(plans / "enterprise.yaml", old, f"    minimum_seats:\n{dated}")
    assert checked(plans).data["warnings"] == []


def test_a_file_that_is_checked_by_itself_is_held_against_what_was_published(plans: Path) -> None:
    edited(plans / "enterprise.yaml", SEAT, SEAT.replace("20.00", "19.00"))
    answer = run("plans", "check", plans / "enterprise.yaml", "--json")
    assert len(answer.data["warnings"]) == 1


def test_a_what_if_that_a_new_price_has_overtaken_is_a_warning(plans: Path) -> None:
    edited(plans / "enterprise.yaml", SEAT, f"{SEAT}      2027-01-01: {{value: 25.00, reference: pricing_page}}\n")
    warnings = checked(plans).data["warnings"]
    assert warnings
    assert all("seat_price_25.yaml" in warning and "changes nothing" in warning for warning in warnings)


def test_cases_name_a_folder_of_plans_that_is_there(plans: Path) -> None:
    edited(plans / "cases" / "seats.yaml", "plans: plans\n", "plans: prices\n")
    answer = run("plans", "check", plans / "cases" / "seats.yaml")
    assert answer.status == 2
    assert "there is no folder" in answer.err
    assert "name a folder of plan files beside this file" in answer.err
