"""Personas: the shipped ones are whole and sourced, and a scenario's words go before theirs, key by key."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from command import run
from planshift.billing.scenario import scenario_from
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import parse_document
from planshift.plans.files import folder
from planshift.plans.schemas import problems, schema
from planshift.problems import InputError
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Organization, Persona, Population, Shocks
from planshift.usage.synthetic.persona_reading import GROUPS, Known, described, read_persona
from planshift.usage.synthetic.reading import read_personas, shipped_personas

SHIPPED = folder("scenarios") / "personas.yaml"
NAMES = sorted(shipped_personas().layers)
PLANS = ("enterprise", "legacy_chat_claude_code", "legacy_standard_premium")
SOURCE_KEYS = {"reference", "assumed", "note"}
GENERATOR = Path(__file__).parents[2] / "shared" / "data" / "generator_params.json"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def shipped(name: str, day: date = date(2027, 1, 1)) -> Persona:
    """A shipped persona as a horizon that starts on a day has it."""
    file = shipped_personas()
    found: list[Any] = []
    words = described(name, {}, file.layers, found)
    assert words is not None
    known = Known(read_products().titles, file.mixes, catalogue().cards["claude_api"], day)
    persona = read_persona(words, known, found)
    assert persona is not None, found
    return persona


def data() -> Any:
    return shipped_personas().document.data


# --- what is shipped ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("day", ["2025-06-01", "2026-03-01", "2026-09-01", "2026-12-01", "2027-11-01"])
def test_a_shipped_persona_is_whole_on_every_day(name: str, day: str) -> None:
    persona = shipped(name, date.fromisoformat(day))
    assert sum(persona.models.values()) == pytest.approx(1)
    assert sum(use.share for use in persona.surfaces) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_persona_has_a_seat_on_every_shipped_plan(name: str) -> None:
    seats = shipped(name).seats
    assert set(seats) == set(PLANS)
    assert all(seat in catalogue().plans[plan].seat_types for plan, seat in seats.items())


def test_only_models_are_preferred_that_can_be_had_on_the_day_on_which_they_begin() -> None:
    for name in NAMES:
        for day in shipped_personas().layers[name].data.get("models", {}).get("preferred", {}):
            assert shipped(name, day).models


def test_every_group_of_figures_says_where_it_comes_from() -> None:
    groups = [group for persona in data()["personas"].values() for name, group in persona.items() if name in GROUPS]
    groups += [*data()["token_mixes"].values(), *data()["distributions"].values(), data()["organization"]["shocks"]]
    assert len(groups) > 50
    for group in groups:
        assert group.get("reference") in data()["sources"] or (group["assumed"] is True and len(group["note"]) > 10)


def test_every_source_is_used_and_can_be_found_or_says_why_not() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    unused = [name for name in data()["sources"] if f"reference: {name}" not in text and f"`{name}`" not in text]
    assert set(unused) <= {"cursor_habits", "viberank"}
    assert all("address" in source or "note" in source for source in data()["sources"].values())


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "surfaces"])
def test_every_law_is_documented_with_all_its_parameters(group: str) -> None:
    keys = set(schema("personas")["$defs"][group]["properties"]) - SOURCE_KEYS
    assert set(data()["distributions"][group]["parameters"]) == keys


def test_a_coding_agents_tokens_are_mostly_cache_reads() -> None:
    mixes = shipped_personas().mixes
    assert mixes["coding_agent"].shares["cache_read"] == 0.93
    assert 0.003 < mixes["coding_agent"].shares["output"] < 0.006
    assert mixes["chat"].shares["cache_read"] / (1 - mixes["chat"].shares["output"]) == pytest.approx(0.37, abs=0.005)


def test_the_engineer_and_the_service_account_are_those_of_the_fit() -> None:
    if not GENERATOR.is_file():
        pytest.skip(f"{GENERATOR} is not there")
    fit = json.loads(GENERATOR.read_text(encoding="utf-8"))
    human, engineer, program = fit["human_coding_agent"], shipped("engineer"), shipped("service_account")
    assert engineer.level.amount == human["mean_usd_per_active_day"]
    assert engineer.level.sigma == human["level_lognormal_sigma"]
    assert (engineer.drift.sd, engineer.drift.days) == (human["slow_ou_sigma"], human["slow_ou_tau_days"])
    assert (engineer.day.shape, engineer.day.correlation) == (human["day_gamma_shape"], human["day_copula_ar1"])
    assert [engineer.activity.alpha, engineer.activity.beta] == human["weekday_active_prob_beta"]
    assert engineer.activity.with_level == human["copula_level_activity"]
    assert engineer.activity.persistence == human["activity_persistence_rho"]
    assert engineer.week.activity[5:] == (human["weekend_activity_multiplier"],) * 2
    assert engineer.week.volume[4] == human["friday_volume_multiplier"]
    assert engineer.week.late_december == human["late_december_activity_multiplier"]
    assert [*engineer.onboarding, 1.0] == human["onboarding_week_multipliers"]
    assert program.level.sigma == fit["api_service_account"]["total_lognormal_sigma"]
    assert program.day.shape == fit["api_service_account"]["day_gamma_shape"]
    assert program.week.volume[5:] == (fit["api_service_account"]["weekend_multiplier"],) * 2
    assert shipped_personas().shocks == Shocks(
        fit["org"]["common_daily_sd_log"], fit["org"]["org_slow_sd_log"], fit["org"]["org_slow_tau_days"]
    )


# --- a file of personas that is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reference: claude_code_costs\n", "reference: claude_costs\n", "'claude_costs' is not among the file's"),
        ("      reference: generator_fit\n    drift", "    drift", "key 'reference' is missing in 'activity'"),
        ("cache_read: 0.93,", "cache_read: 0.94,", "the shares of token classes add up to 1.01, not to 1"),
        ("    like: light_user\n", "    like: lite_user\n", "did you mean 'light_user'?"),
        ("title: Light user\n    like: engineer", "title: Light user\n    like: manager", "is in the end like itself"),
        ("    service_account: true", "    service_acount: true", "did you mean 'service_account'?"),
        ("alpha: 1.3\n", "alpha: 0\n", "'alpha' must be more than 0 (got 0)"),
        ("step_tokens: 10000", "step_tokens: 10000.5", "'step_tokens' must be a whole number"),
        ("    title: Manager\n", "", "key 'title' is missing in 'manager'"),
    ],
)
def test_a_file_of_personas_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "personas.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_personas(path)
    assert said in str(refused.value)


# --- what a scenario says of them ----------------------------------------------------------------------------------


def organization(usage: str, plan: str = "legacy_standard_premium", start: str = "2026-12-01") -> Organization:
    """The organization of a scenario with this `usage`, indented by two."""
    channel, seats = "sales_assisted", ", ".join(f"{seat}: 60" for seat in catalogue().plans[plan].seat_types)
    text = (
        f"title: One\ncontract: {{plan: {plan}, channel: {channel}, term_start: {start}, seats: {{{seats}}}}}\n"
        f"horizon: {{start: {start}, months: 2}}\nusage:\n  seed: 7\n{usage}"
    )
    found = scenario_from(parse_with_schema(text), catalogue(), Path())
    assert isinstance(found.usage, Organization)
    return found.usage


def parse_with_schema(text: str) -> Any:
    document = parse_document(text, "scenario.yaml")
    assert problems(document, "scenario") == []
    return document


def only(usage: str, plan: str = "legacy_standard_premium", start: str = "2026-12-01") -> Population:
    (population,) = organization(usage, plan, start).populations
    return population


def test_a_number_is_that_many_members_as_they_are_shipped() -> None:
    population = only("  personas: {engineer: 12}\n")
    assert population.persona == shipped("engineer", date(2026, 12, 1))
    assert (population.count, population.seat_type, population.team) == (12, "standard", "Engineer")
    assert population.members[::11] == ("engineer-001", "engineer-012")
    assert (population.takes_up, population.metered) == ({}, 1.0)


def test_what_a_scenario_says_goes_before_what_is_shipped_key_by_key() -> None:
    words = "{count: 2, seat_type: premium, team: Platform, level: {sigma: 0.5}, day: {shape: 2}}"
    population = only(f"  personas:\n    engineer: {words}\n")
    assert (population.seat_type, population.team) == ("premium", "Platform")
    assert (population.persona.level.amount, population.persona.level.sigma) == (13.0, 0.5)
    assert (population.persona.day.shape, population.persona.day.correlation) == (2.0, 0.1)
    assert population.persona.title == "Engineer"


def test_a_level_in_tokens_takes_the_place_of_one_in_dollars() -> None:
    level = only("  personas:\n    engineer: {count: 2, level: {tokens_per_active_day: 250000}}\n").persona.level
    assert (level.amount, level.unit, level.sigma) == (250_000.0, "tokens", 0.8)


def test_shares_are_replaced_as_a_whole() -> None:
    words = "{count: 2, surfaces: {shares: {chat: 1}}, models: {preferred: {Claude Sonnet 5.5: 1}}}"
    persona = only(f"  personas:\n    engineer: {words}\n").persona
    assert [(use.surface, use.share, use.mix.name) for use in persona.surfaces] == [("chat", 1.0, "chat")]
    assert persona.models == {"claude-sonnet-5-5": 1.0}
    assert persona.preferred_share == 0.82


def test_a_persona_of_ones_own_may_be_like_another_of_ones_own() -> None:
    usage = (
        "  personas:\n"
        "    tester: {count: 1, like: engineer, level: {usd_per_active_day: 4}}\n"
        "    bug_hunter: {count: 1, like: tester, level: {sigma: 0.1}, title: Hunter}\n"
    )
    tester, hunter = organization(usage).populations
    assert (tester.persona.title, tester.team) == ("Tester", "Tester")
    assert (hunter.persona.title, hunter.seat_type) == ("Hunter", "standard")
    assert (hunter.persona.level.amount, hunter.persona.level.sigma) == (4.0, 0.1)


def test_models_are_those_in_force_on_the_horizons_first_day() -> None:
    assert "claude-opus-4-8" in only("  personas: {engineer: 1}\n", start="2026-10-06").persona.models
    assert "claude-opus-5-5" in only("  personas: {engineer: 1}\n", start="2026-10-07").persona.models


def test_where_a_plan_has_one_seat_type_nothing_need_be_said() -> None:
    assert only("  personas: {engineer: 1}\n", plan="enterprise").seat_type == "enterprise"


def test_a_token_mix_of_ones_own_goes_before_the_shipped_one() -> None:
    usage = (
        "  personas: {light_user: 1}\n"
        "  token_mixes:\n"
        "    chat: {title: Short, shares: {input: 0.9, output: 0.1}, cache_spread: 0, step_tokens: 100,"
        " assumed: true, note: A guess.}\n"
    )
    (use,) = only(usage).persona.surfaces
    assert (use.mix.title, use.mix.shares, use.mix.step_tokens) == ("Short", {"input": 0.9, "output": 0.1}, 100)


def test_uptake_is_of_those_whose_seats_do_not_open_the_surface() -> None:
    usage = (
        "  personas:\n"
        "    analyst: 3\n"
        "    engineer: 2\n"
        "    manager: {count: 2, behaviour: {uptake: {cowork: 0.9}, assumed: true, note: Keen.}}\n"
        "    light_user: 4\n"
        "  behaviour: {uptake: {cowork: 0.25, claude_code: 0.5}, assumed: true, note: A guess.}\n"
    )
    found = organization(usage, plan="legacy_chat_claude_code")
    assert {population.persona.name: population.takes_up for population in found.populations} == {
        "analyst": {"cowork": 0.25, "claude_code": 0.5},
        "engineer": {},
        "manager": {"cowork": 0.9},
        "light_user": {},
    }


def test_a_personas_answer_to_being_metered_goes_before_the_scenarios() -> None:
    usage = (
        "  personas:\n"
        "    analyst: 3\n"
        "    service_account: {count: 2, behaviour: {metered: 1, assumed: true, note: A program does not care.}}\n"
        "  behaviour: {metered: 0.9, assumed: true, note: A guess.}\n"
    )
    assert [population.metered for population in organization(usage).populations] == [0.9, 1.0]


def test_everything_else_is_as_it_is_said() -> None:
    usage = (
        "  personas: {engineer: 1}\n"
        "  draws: 25\n"
        "  growth: {per_month: 0.05}\n"
        "  roll_out: {by_date: {2026-12-01: 0.25, 2027-03-01: 1}}\n"
        "  calendar: {country: DE, late_december: false}\n"
        "  shocks: {daily_sd: 0.1}\n"
        "  bursts: {planned: [{first: 2027-01-04, last: 2027-01-08, factor: 2.5}],"
        " random: {per_year: 2, days: 3, factor: 2}}\n"
    )
    found = organization(usage)
    assert (found.seed, found.draws, found.start) == (7, 25, date(2026, 12, 1))
    assert (found.growth.per_month, found.growth.sd_per_month) == (0.05, 0.0)
    assert found.roll_out
    assert found.roll_out.by_date == ((date(2026, 12, 1), 0.25), (date(2027, 3, 1), 1.0))
    assert (found.country, found.late_december) == ("DE", False)
    assert found.shocks == Shocks(0.1, 0.3, 60.0)
    (burst,) = found.bursts.planned
    assert burst.last - burst.first == timedelta(days=4)
    assert (burst.factor, found.bursts.per_year, found.bursts.days, found.bursts.factor) == (2.5, 2.0, 3, 2.0)
    assert found.files == (SHIPPED,)


def test_without_words_nothing_grows_and_all_are_there_from_the_start() -> None:
    found = organization("  personas: {engineer: 1}\n")
    assert (found.draws, found.roll_out, found.country, found.late_december) == (1, None, None, True)
    assert (found.growth.per_month, found.growth.sd_per_month, found.bursts.per_year) == (0.0, 0.0, 0.0)
    assert found.shocks == shipped_personas().shocks


def test_a_file_of_personas_can_be_checked_and_its_schema_printed(tmp_path: Path) -> None:
    assert run("plans", "check", SHIPPED).first == "No errors found: 1 file of personas."
    path = tmp_path / "mine.yaml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace("sigma: 0.8", "sigma: -1"), encoding="utf-8")
    answer = run("plans", "check", path)
    assert answer.status != 0
    assert "'sigma' must be at least 0 (got -1)" in answer.out + answer.err
    assert run("schema", "personas").data["title"] == "Personas of planshift"
