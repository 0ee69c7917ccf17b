"""The shipped scenarios with usage files, or none, run without a warning and are as plausible as their heads say."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from planshift.billing.ledger import Ledger
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.simulation import Run, simulate
from planshift.billing.totals import totals
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.usage.cells import COLUMNS
from planshift.usage.measure import Carried

FOLDER = folder("scenarios")
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.yaml")}
NAMES = sorted(name for name, text in TEXTS.items() if "\ncontract:" in text and "personas:" not in text)
DOLLAR = 1_000_000_000
LARGEST_FILE = 700_000

# Whole dollars over the horizon: seats (fees and additions), what was asked for, what was billed.
RANGES = {
    "chat_and_claude_code": ((12_000, 12_000), (1_200, 1_800), (900, 1_400)),
    "renewal_demo": ((57_000, 57_100), (45_000, 60_000), (3_000, 6_000)),
    "seats_only": ((30_375, 30_375), (0, 0), (0, 0)),
    "startup_credits": ((0, 0), (2_500, 3_500), (2_300, 3_200)),
}


@cache
def scenario(name: str) -> Scenario:
    return read_scenario(FOLDER / f"{name}.yaml", load_catalogue())


@cache
def run(name: str) -> Run:
    return simulate(scenario(name))


def carried_on(name: str, until: date) -> Ledger:
    """The ledger of a scenario whose usage goes on as it was, up to a day."""
    covered = scenario(name).covered
    assert covered
    return simulate(scenario(name), until=until, carried=Carried.from_last(*covered)).ledger


def seat_dollars(ledger: Ledger) -> int:
    charged = totals(ledger).charges
    return int(charged["seat_fees"].sum() + charged["seat_additions"].sum()) // 100


def test_every_shipped_scenario_has_its_range_here() -> None:
    assert sorted(RANGES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_begins_with_its_schema_and_says_what_it_shows(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=schema/scenario.schema.json"
    assert lines[1] == "#"
    assert len(lines[2]) > 60


@pytest.mark.parametrize("name", [name for name in NAMES if name != "renewal_demo"])
def test_it_runs_without_a_warning(name: str) -> None:
    assert run(name).warnings == ()


def test_the_demo_warns_of_the_days_that_its_usage_does_not_cover_and_of_nothing_else() -> None:
    [warning] = run("renewal_demo").warnings
    assert "2026-11-20" in warning


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_out_in_its_ranges(name: str) -> None:
    ledger = run(name).ledger
    found = seat_dollars(ledger), ledger.total("demand") // DOLLAR, ledger.total("billed") // DOLLAR
    for value, (low, high) in zip(found, RANGES[name], strict=True):
        assert low <= value <= high


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*_usage.csv")), ids=lambda file: file.stem)
def test_a_usage_file_is_small_sorted_and_without_repeated_rows(file: Path) -> None:
    assert file.stat().st_size < LARGEST_FILE
    with file.open(encoding="utf-8", newline="") as text:
        header, *rows = csv.reader(text)
    keys = [tuple(row[:4]) for row in rows]
    assert header == list(COLUMNS[:-1])
    assert keys == sorted(set(keys))


def test_no_file_lies_beside_the_scenarios_that_none_of_them_uses() -> None:
    used = {file.name for name in NAMES for file in scenario(name).files}
    assert {file.name for file in FOLDER.glob("*.csv")} == used


def test_the_demo_has_five_teams_and_idle_seats() -> None:
    demo = scenario("renewal_demo")
    held = sum(demo.contract.seats.values())
    assert set(demo.teams) == set(demo.members)
    assert len(set(demo.teams.values())) == 5
    assert list(demo.members.values()).count("premium") == 12
    assert held > len(demo.members) == 58


def test_the_demo_has_members_who_ask_for_nothing() -> None:
    demanded = dict.fromkeys(scenario("renewal_demo").members, 0)
    ledger = run("renewal_demo").ledger
    for amounts in ledger.usage.values():
        for member, nanos in zip(ledger.members, amounts[0, 0], strict=True):
            demanded[member] += int(nanos)
    assert 2 <= list(demanded.values()).count(0) <= 5


def test_the_demos_members_spend_like_people() -> None:
    ledger = run("renewal_demo").ledger
    months = [amounts[0, 0] for (month, _), amounts in ledger.usage.items() if month <= date(2026, 10, 1)]
    monthly = sorted(int(nanos) for amounts in months for nanos in amounts)
    yearly = sorted(sum(int(amounts[member]) for amounts in months) // len(months) for member in range(58))
    assert 20 * DOLLAR <= monthly[len(monthly) // 2] <= 35 * DOLLAR
    assert [average for average in yearly if average > 300 * DOLLAR] == yearly[-6:]
    assert monthly[-1] < 1_000 * DOLLAR


def test_the_demos_coding_is_mostly_cache_reads() -> None:
    with (FOLDER / "renewal_demo_usage.csv").open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["surface"] == "claude_code"]
    read = sum(int(row["cache_read_tokens"]) for row in rows)
    everything = sum(int(count) for row in rows for name, count in row.items() if name.endswith("_tokens"))
    assert 0.90 < read / everything < 0.97


def test_the_demos_models_are_not_used_before_they_came_out() -> None:
    released = re.compile(r"Released (\d{4}-\d\d-\d\d)")
    card = load_catalogue().cards["claude_api"]
    first: dict[str, str] = {}
    for file in FOLDER.glob("*_usage.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                first[row["model"]] = min(first.get(row["model"], "9"), row["date"])
    for model, day in first.items():
        entry = card.models[model].prices["input"].entries[0]
        said = released.search(entry[1].note)
        assert day >= (said.group(1) if said else entry[0].isoformat()), model


def test_the_demos_usage_ends_before_its_horizon() -> None:
    covered = scenario("renewal_demo").covered
    assert covered is not None
    assert covered[1] == date(2026, 11, 20)
    assert scenario("renewal_demo").end == date(2027, 1, 1)


def test_in_the_demos_new_term_both_limits_bind_a_little() -> None:
    ledger = carried_on("renewal_demo", date(2028, 1, 1))
    asked = sum(int(amounts[0].sum()) for (_, plan), amounts in ledger.usage.items() if plan == "enterprise")
    stopped = {stop.cause for stop in ledger.stops() if stop.since >= date(2027, 1, 1)}
    blocked = ledger.total("blocked_member_limit") + ledger.total("blocked_organization_limit")
    assert stopped == {"member limit", "organization limit"}
    assert 0.005 < blocked / asked < 0.03


def test_the_start_up_never_runs_out_of_credits() -> None:
    ledger = run("startup_credits").ledger
    assert ledger.total("blocked_credits") == 0
    assert sum(line.kind == "credit_purchase" for line in ledger.lines()) > 5


def test_chat_seats_gain_claude_code_at_their_renewal() -> None:
    ledger = run("chat_and_claude_code").ledger
    unavailable = {key: int(amounts[1].sum()) for key, amounts in ledger.usage.items()}
    assert all((nanos > 0) == (plan == "legacy_chat_claude_code") for (_, plan), nanos in unavailable.items())
