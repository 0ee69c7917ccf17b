"""Fits: what a known scenario generated is found again, and what a file is too small for is said.

Tolerances of the round trip stand in ``TOLERANCES`` and in reports/FITTING.md; a test holds the two together.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from command import EXAMPLES, floats_in, run
from planshift.billing.scenario import read_scenario, scenario_from
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import chosen_card, load_catalogue
from planshift.plans.documents import parse_document
from planshift.plans.files import folder
from planshift.plans.schemas import problems
from planshift.problems import InputError, OutputError
from planshift.reports.charts.picture import drawn as chart_drawn
from planshift.reports.fit.fitted import FitResult, check_targets, fit_contract
from planshift.reports.fit.scenario import ContractOptions
from planshift.usage.files import write_usage
from planshift.usage.fit import activity, groups, mix, volume
from planshift.usage.fit.estimate import estimate
from planshift.usage.fit.fitting import Fit, fit_panel
from planshift.usage.fit.mix import Shipped, read_shipped
from planshift.usage.fit.panel import read_panel
from planshift.usage.measure import UsageSource
from planshift.usage.products import read_products
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Growth, Level, Organization, Persona, Population, RollOut, Shocks
from test_charts import assert_apart

START = date(2026, 2, 2)
CATALOGUE = load_catalogue()
CARD = chosen_card(CATALOGUE)
TITLES = read_products().titles
QUIET = Shocks(0.2, 0.1, 60)
ENTERPRISE = ContractOptions(plan="enterprise", channel="sales_assisted", seats=1000)
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SCENARIOS = folder("scenarios")


@cache
def shipped() -> Shipped:
    return read_shipped(CARD, START)


def persona(shipped_name: str, **changed: Any) -> Persona:
    return replace(shipped().personas[shipped_name], **changed)


def organization(counts: Mapping[str, int], seed: int, **more: Any) -> Organization:
    return made_of([(persona(kind), count) for kind, count in counts.items()], seed, **more)


def made_of(people: Sequence[tuple[Persona, int]], seed: int, **more: Any) -> Organization:
    populations = tuple(Population(who, count, "enterprise", who.name) for who, count in people)
    return Organization(populations, START, seed, more.pop("shocks", QUIET), **more)


def drawn(path: Path, made: Organization, days: int) -> Path:
    """A usage file of the first draw of an organization."""
    volumes = Generator(made, CARD, made.start + timedelta(days=days)).draw(range(1))
    write_usage(volumes.rows(0).frame(), path)
    return path


def fitted(path: Path) -> Fit:
    panel = read_panel(UsageSource(path, (), TITLES), CARD, None)
    seats = dict.fromkeys(panel.members, "enterprise")
    return fit_panel(panel, seats, CARD, shipped(), panel.start, 1, TITLES)


# --- the round trip ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tolerance:
    """How far a fitted parameter may be from the true one: by ``by``, or by the factor ``times``."""

    value: Callable[[Persona], float]
    large: float
    small: float
    is_factor: bool = False

    def holds(self, true: float, found: float, *, few: bool) -> bool:
        most = self.small if few else self.large
        if self.is_factor:
            return 1 / most <= found / true <= most
        return abs(found - true) <= most


def cached(who: Persona) -> float:
    return max(who.surfaces, key=lambda use: use.share).mix.shares["cache_read"]


def spread(who: Persona) -> float:
    return max(who.surfaces, key=lambda use: use.share).mix.cache_spread


TOLERANCES: Mapping[str, Tolerance] = {
    "level, mean": Tolerance(lambda who: who.level.amount, 1.5, 1.9, is_factor=True),
    "level, sigma": Tolerance(lambda who: who.level.sigma, 0.25, 0.45),
    "activity, mean": Tolerance(lambda who: who.activity.alpha / (who.activity.alpha + who.activity.beta), 0.05, 0.12),
    "activity, alpha + beta": Tolerance(lambda who: who.activity.alpha + who.activity.beta, 1.4, 1.9, is_factor=True),
    "activity, with level": Tolerance(lambda who: who.activity.with_level, 0.3, 0.6),
    "activity, persistence": Tolerance(lambda who: who.activity.persistence, 0.05, 0.1),
    "drift, sd": Tolerance(lambda who: who.drift.sd, 0.2, 0.25),
    "drift, days": Tolerance(lambda who: who.drift.days, 1.6, 1.6, is_factor=True),
    "day, shape": Tolerance(lambda who: who.day.shape, 1.2, 1.3, is_factor=True),
    "week, activity on Saturday": Tolerance(lambda who: who.week.activity[5], 0.07, 0.12),
    "week, volume on Friday": Tolerance(lambda who: who.week.volume[4], 0.13, 0.25),
    "models, share of the preferred": Tolerance(lambda who: who.preferred_share, 0.01, 0.01),
    "models, who prefers the first": Tolerance(lambda who: who.models["claude-opus-4-5"], 0.12, 0.2),
    "surfaces, share of the main": Tolerance(lambda who: max(use.share for use in who.surfaces), 0.01, 0.01),
    "tokens, cache reads": Tolerance(cached, 0.01, 0.02),
    "tokens, spread of cache reads": Tolerance(spread, 1.25, 1.5, is_factor=True),
}

DAILY_SD = {200: 0.08, 60: 0.15}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "members", "days"), [("engineer", 200, 200), ("engineer", 60, 120)])
def test_what_a_persona_generated_finds_it_again(name: str, members: int, days: int, seed: int, tmp_path: Path) -> None:
    fit = fitted(drawn(tmp_path / "usage.csv", organization({name: members}, seed), days))
    assert [person.like for person in fit.personas] == [name]
    true, found = persona(name), fit.personas[0].persona
    off = {
        what: (one.value(true), one.value(found))
        for what, one in TOLERANCES.items()
        if not one.holds(one.value(true), one.value(found), few=members < 200)
    }
    assert off == {}
    assert fit.shocks.daily_sd == pytest.approx(QUIET.daily_sd, abs=DAILY_SD[members])
    assert fit.per_month == 0


def test_the_tolerances_are_documented() -> None:
    text = (folder("reports") / "FITTING.md").read_text(encoding="utf-8")
    for what, one in TOLERANCES.items():
        cells = [f"× {most:g}" if one.is_factor else f"± {most:g}" for most in (one.large, one.small)]
        assert f"| {what} | {' | '.join(cells)} |" in text
    assert f"| shared, daily sd | ± {DAILY_SD[200]:g} | ± {DAILY_SD[60]:g} |" in text


def test_small_days_that_whole_steps_hide_are_accounted_for(tmp_path: Path) -> None:
    """A light user's day is a few steps of tokens: what is below half a step is never seen."""
    fit = fitted(drawn(tmp_path / "usage.csv", organization({"light_user": 200}, 2), 200))
    found = fit.personas[0].persona
    assert found.level.sigma == pytest.approx(1.0, abs=0.3)
    assert found.day.shape == pytest.approx(1.3, rel=0.2)


# --- groups --------------------------------------------------------------------------------------------------------


def test_kinds_of_work_become_personas(tmp_path: Path) -> None:
    fit = fitted(drawn(tmp_path / "usage.csv", organization({"engineer": 40, "light_user": 50, "analyst": 15}, 4), 90))
    found = {person.persona.name: (len(person.group.members), person.like) for person in fit.personas}
    assert set(found) == {"chat", "claude_code", "mixed"}
    assert found["claude_code"] == (40, "engineer")
    # Of those who hardly ever do anything some do nothing in ninety days.
    assert 44 <= found["chat"][0] <= 50
    assert found["mixed"] == (15, "analyst")


def test_one_kind_is_parted_by_level_only_where_it_is_plainly_two(tmp_path: Path) -> None:
    heavy = persona("engineer", name="a_heavy", level=Level(60.0, "usd", 0.4))
    light = persona("engineer", name="b_light", level=Level(1.5, "usd", 0.4))
    fit = fitted(drawn(tmp_path / "two.csv", made_of([(heavy, 60), (light, 60)], 1), 150))
    names = {person.persona.name: len(person.group.members) for person in fit.personas}
    assert set(names) == {"claude_code_light", "claude_code_heavy"}
    assert names["claude_code_heavy"] == pytest.approx(60, abs=12)
    levels = [person.persona.level.amount for person in fit.personas]
    assert max(levels) > 8 * min(levels)


def test_one_sort_is_never_parted() -> None:
    random = np.random.default_rng(5)
    for members in (30, 100, 400):
        one = groups.Group("seat", "chat", "", np.arange(members))
        level_of, often = random.normal(1, 1.2, members), random.beta(1.3, 1, members)
        assert [part.size for part in groups.by_size(one, level_of, often)] == [""]


def test_who_is_alone_with_a_kind_of_work_joins_the_others() -> None:
    surfaces = {"chat": np.array([5.0, 4, 3, 2, 0]), "claude_code": np.array([0.0, 0, 0, 1, 9])}
    found = groups.by_kind(surfaces, ["a", "a", "a", "a", "a"])
    assert [(group.kind, group.members.tolist()) for group in found] == [("chat", [0, 1, 2, 3, 4])]
    parted = groups.by_kind(surfaces, ["a", "a", "b", "b", "b"])
    assert [(group.seat_type, group.kind) for group in parted] == [("a", "chat"), ("b", "chat")]


# --- the scenario --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fit") / "usage.csv"
    return drawn(path, organization({"engineer": 30, "light_user": 40}, 3), 100)


@pytest.fixture(scope="module")
def result(mixed: Path) -> FitResult:
    return fit_contract(mixed, ENTERPRISE)


def test_the_scenario_is_read_as_what_was_fitted(result: FitResult) -> None:
    document = parse_document(result.text, "scenario.yaml")
    assert problems(document, "scenario") == []
    scenario = scenario_from(document, CATALOGUE, Path())
    assert isinstance(scenario.usage, Organization)
    for population, person in zip(scenario.usage.populations, result.fit.personas, strict=True):
        assert population.count == len(person.group.members)
        assert replace(population.persona, seats={}) == person.persona
    assert scenario.usage.shocks == result.fit.shocks
    assert scenario.usage.growth == Growth(result.fit.per_month)
    assert (scenario.start, scenario.months) == (START, 4)


def test_the_scenario_comes_to_the_total_of_the_file(result: FitResult) -> None:
    scenario = scenario_from(parse_document(result.text, "scenario.yaml"), CATALOGUE, Path())
    panel = result.fit.panel
    asked = scenario.demand(panel.start, panel.last + timedelta(days=1), draws=range(150)).demand
    totals = asked.total.sum(axis=(0, 2)) / 1e9
    assert totals.mean() == pytest.approx(panel.nanos / 1e9, rel=0.1)
    low, high = np.percentile(totals, [5, 95])
    assert low < panel.nanos / 1e9 < high


def test_the_scenario_can_be_simulated(result: FitResult) -> None:
    scenario = scenario_from(parse_document(result.text, "scenario.yaml"), CATALOGUE, Path())
    assert simulate(scenario).ledger.total("demand") > 0


def test_what_is_borrowed_says_why(result: FitResult) -> None:
    assert "# the slow shock that all share: that of the shipped organization; it takes 240 days (there are 100)" in (
        result.text
    )
    assert "days:" not in next(line for line in result.text.splitlines() if "drift:" in line)
    assert [person.origins["how fast the drift forgets"] for person in result.fit.personas] == ["shipped", "shipped"]
    assert any(warning.startswith("How fast the drift forgets: as shipped") for warning in result.warnings)


def test_generated_usage_is_like_the_file(result: FitResult) -> None:
    quality = result.quality
    assert quality.ks < 0.06
    assert quality.lorenz_gap < 0.15
    assert quality.generated.correlations[:4] == pytest.approx(quality.real.correlations[:4], abs=0.15)
    assert quality.generated.active == pytest.approx(quality.real.active, abs=0.08)


def test_the_same_file_gives_the_same_bytes(mixed: Path, result: FitResult, tmp_path: Path) -> None:
    again = fit_contract(mixed, ENTERPRISE)
    assert again.text == result.text
    for name, one in (("a", result), ("b", again)):
        one.write(tmp_path / f"{name}.yaml", tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.yaml", "b.png", "b.yaml"]


def test_the_picture_has_everything_in_its_place(result: FitResult) -> None:
    chart = result.chart()
    assert sum(len(row) for row in chart.panels) == 5
    assert_apart(chart_drawn(chart))


# --- too little ----------------------------------------------------------------------------------------------------


def rows(*cells: tuple[str, str, int]) -> pd.DataFrame:
    """Rows of a usage file: day, member, output tokens."""
    days, people, tokens = zip(*cells, strict=True)
    zeros = dict.fromkeys(
        ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "web_searches"), 0
    )
    names = {"date": list(days), "user_id": list(people), "surface": "chat", "model": "claude-sonnet-4-5"}
    return pd.DataFrame({**names, **zeros, "output_tokens": list(tokens), "modifiers": ""})


def test_a_few_days_are_fitted_with_a_plain_warning(tmp_path: Path) -> None:
    path = drawn(tmp_path / "usage.csv", organization({"engineer": 20}, 1), 10)
    found = fit_contract(path, ENTERPRISE)
    assert found.warnings[0].startswith("There are only 10 days: ")
    assert "How levels differ between members: as shipped, not of this file" in " ".join(found.warnings)
    like, made = persona("engineer"), found.fit.personas[0].persona
    assert (made.drift, made.day, made.week) == (like.drift, like.day, like.week)
    assert made.activity.persistence == like.activity.persistence
    assert found.quality.generated.total == pytest.approx(found.quality.real.total, rel=0.15)


@pytest.mark.parametrize(
    "cells", [[("2026-02-02", "a", 7_000)], [("2026-02-02", "a", 500_000), ("2026-02-20", "b", 9)]]
)
def test_one_row_is_enough_to_be_told_that_it_is_not(cells: list[tuple[str, str, int]], tmp_path: Path) -> None:
    write_usage(rows(*cells), tmp_path / "usage.csv")
    found = fit_contract(tmp_path / "usage.csv", ENTERPRISE)
    assert "Do not plan with it" in found.warnings[0]
    assert found.rows()[-1][1] == "unknown"
    found.write(tmp_path / "s.yaml", tmp_path / "s.png")
    assert read_scenario(tmp_path / "s.yaml", CATALOGUE).draws == 1


def test_a_file_in_which_nothing_costs_anything_is_a_mistake(tmp_path: Path) -> None:
    write_usage(rows(("2026-02-02", "a", 0)), tmp_path / "usage.csv")
    with pytest.raises(InputError, match="nothing in the file costs anything"):
        fit_contract(tmp_path / "usage.csv", ENTERPRISE)


def test_usage_that_is_less_than_a_step_is_a_mistake(tmp_path: Path) -> None:
    write_usage(rows(("2026-02-02", "a", 5)), tmp_path / "usage.csv")
    with pytest.raises(InputError, match=r"all its usage costs 0\.000075 dollars, less than a step"):
        fit_contract(tmp_path / "usage.csv", ENTERPRISE)


def test_an_unknown_model_is_told_with_its_line(tmp_path: Path) -> None:
    frame = rows(("2026-02-02", "a", 7), ("2026-02-03", "a", 7)).assign(model=["claude-sonnet-4-5", "gpt-9"])
    write_usage(frame, tmp_path / "usage.csv")
    with pytest.raises(InputError, match=r"usage\.csv:3: .*gpt-9"):
        fit_contract(tmp_path / "usage.csv", ENTERPRISE)


# --- the contract --------------------------------------------------------------------------------------------------


def test_a_contract_is_kept_word_for_word_with_members_who_use_nothing(tmp_path: Path) -> None:
    scenario = SCENARIOS / "renewal_demo.yaml"
    found = fit_contract(SCENARIOS / "renewal_demo_usage.csv", ContractOptions(contract=scenario))
    found.write(tmp_path / "s.yaml", tmp_path / "s.png")
    made, before = read_scenario(tmp_path / "s.yaml", CATALOGUE), read_scenario(scenario, CATALOGUE)
    assert (made.contract, made.start, made.months) == (before.contract, before.start, before.months)
    assert [event.action for event in made.events] == [event.action for event in before.events]
    assert len(made.members) == len(before.members)
    assert sorted(made.members.values()) == sorted(before.members.values())
    # Six models were released within the year; on its first day there were others.
    assert any("cannot be had on the horizon's first day" in warning for warning in found.warnings)


def test_limits_of_members_whom_personas_replace_are_not_dropped_in_silence() -> None:
    with pytest.raises(InputError, match="this is about 'aiko', whom a persona replaces"):
        fit_contract(
            SCENARIOS / "startup_credits_usage.csv", ContractOptions(contract=SCENARIOS / "startup_credits.yaml")
        )


def test_modifiers_of_the_contracts_usage_are_told_of(tmp_path: Path) -> None:
    text = (SCENARIOS / "chat_and_claude_code.yaml").read_text(encoding="utf-8")
    usage = "chat_and_claude_code_usage.csv"
    priced = f"{{file: {usage}, modifiers: [us_only_inference]}}"
    (tmp_path / "s.yaml").write_text(text.replace(f"{{file: {usage}}}", priced), encoding="utf-8")
    (tmp_path / usage).write_bytes((SCENARIOS / usage).read_bytes())
    found = fit_contract(tmp_path / usage, ContractOptions(contract=tmp_path / "s.yaml"))
    assert any("has modifiers for every row of its usage (us_only_inference)" in warning for warning in found.warnings)


def test_a_stranger_in_the_file_is_a_mistake(tmp_path: Path) -> None:
    write_usage(rows(("2026-02-02", "nobody", 7)), tmp_path / "usage.csv")
    with pytest.raises(InputError, match="'nobody' is not a member"):
        fit_contract(tmp_path / "usage.csv", ContractOptions(contract=EXAMPLES / "renewal_chat_claude_code.yaml"))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (ContractOptions(), "a scenario needs a contract, and none was given"),
        (ContractOptions(plan="enterprise"), "how the plan is bought is not said"),
        (ContractOptions(plan="enterprise", channel="by_mail"), "'enterprise' is not sold as 'by_mail'"),
        (ContractOptions(plan="enterprize", channel="self_serve"), "did you mean 'enterprise'"),
        (ContractOptions(plan="legacy_standard_premium", channel="sales_assisted"), "has several seat types"),
        (ContractOptions(plan="enterprise", channel="self_serve", seat_type="gold"), "'gold' is not a seat type"),
        (ContractOptions(contract=SCENARIOS / "renewal_demo.yaml", plan="enterprise"), "says this already"),
        (
            ContractOptions(plan="enterprise", channel="sales_assisted", seats=3),
            "--plan: 3 seats are below the minimum",
        ),
    ],
)
def test_a_contract_is_never_guessed(wanted: ContractOptions, told: str, tmp_path: Path) -> None:
    write_usage(rows(("2026-02-02", "a", 70_000)), tmp_path / "usage.csv")
    with pytest.raises(InputError, match=told):
        fit_contract(tmp_path / "usage.csv", wanted)


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_prints_sentence_tables_and_warnings(mixed: Path, tmp_path: Path) -> None:
    words = ("usage", "fit", mixed, "--plan", "enterprise", "--channel", "sales_assisted")
    answer = run(*words, "-o", tmp_path / "s.yaml")
    assert "100 days of usage from 2026-02-02 to 2026-05-12 make 2 personas: " in answer.first
    for title in ("Personas", "The file and ", "Warnings"):
        assert f"\n{title}" in answer.out
    assert answer.out.splitlines()[-1] == (f"Written to {tmp_path / 's.yaml'}, with a picture in {tmp_path / 's.png'}")
    # What a fit wrote a fit may write over.
    assert run(*words, "-o", tmp_path / "s.yaml", "--quiet").out.count("\n") == 1


def test_json_has_amounts_as_text(mixed: Path) -> None:
    data = run("usage", "fit", mixed, "--plan", "enterprise", "--channel", "sales_assisted", "--json").data
    assert data["out"] is None
    assert isinstance(data["list_cost"], str)
    assert isinstance(data["quality"]["file"]["total"], str)
    assert {"ks_distance", "lorenz_gap", "weekday_gap", "file", "generated"} == set(data["quality"])
    assert all(number >= 0 for number in floats_in(data["personas"]))


def test_only_what_a_fit_wrote_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("title: mine\n", encoding="utf-8")
    (tmp_path / "mine.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to(tmp_path / "mine.yaml")
    free = tmp_path / "free.png"
    for out, chart, told in (
        ("mine.yaml", free, "was not written by a fit"),
        ("new.yaml", tmp_path / "mine.png", "was not written by a fit"),
        ("folder.yaml", free, "is a folder"),
        ("link.yaml", free, "is a link"),
        ("new.txt", free, "does not end in .yaml"),
        ("new.yaml", tmp_path / "new.jpg", "does not end in .png"),
        ("nowhere/new.yaml", free, "there is no such folder"),
    ):
        with pytest.raises(OutputError, match=told):
            check_targets(tmp_path / out, chart)


def test_a_picture_needs_a_scenario(mixed: Path, tmp_path: Path) -> None:
    answer = run("usage", "fit", mixed, "--chart", tmp_path / "a.png")
    assert answer.status != 0
    assert "give --out, too" in answer.err


# --- parts ---------------------------------------------------------------------------------------------------------


def test_logarithms_of_gamma_variables() -> None:
    assert volume.digamma(1) == pytest.approx(-0.5772156649, abs=1e-9)
    assert volume.digamma(0.5) == pytest.approx(-1.9635100260, abs=1e-9)
    assert volume.trigamma(1) == pytest.approx(math.pi**2 / 6, abs=1e-9)
    assert volume.trigamma(0.5) == pytest.approx(math.pi**2 / 2, abs=1e-8)
    assert volume.shape_of(volume.trigamma(1.3)) == pytest.approx(1.3)


def test_a_beta_law_has_the_moments_it_is_made_of() -> None:
    alpha, beta = volume.beta_of(0.6, 0.05)
    assert alpha / (alpha + beta) == pytest.approx(0.6)
    assert alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1)) == pytest.approx(0.05)
    # What no Beta law has is as near to it as the bounds allow, with the mean kept.
    alpha, beta = volume.beta_of(0.6, 0.0)
    assert max(alpha, beta) <= 50
    assert alpha / (alpha + beta) == pytest.approx(0.6)


def test_shares_add_up_exactly() -> None:
    shares = mix.whole_shares({"a": 1, "b": 1, "c": 1, "d": 1e-9})
    assert shares == {"a": 0.33334, "b": 0.33333, "c": 0.33333}
    assert mix.significant(0.012345) == 0.0123
    assert mix.significant(0) == 0


def test_levels_are_told_apart_from_noise() -> None:
    random = np.random.default_rng(2)
    noise = random.uniform(0.1, 2, 400)
    means = 1 + 0.7 * random.normal(size=400) + np.sqrt(noise) * random.normal(size=400)
    found = volume.levels(means, noise)
    assert found.mean == pytest.approx(1, abs=0.15)
    assert found.sigma == pytest.approx(0.7, abs=0.15)
    assert volume.levels(means, noise, sigma=0.5).sigma == 0.5


def test_a_chain_is_found_in_its_days() -> None:
    random = np.random.default_rng(4)
    kinds = activity.DayKinds.of(START, 300)
    probability, stays, factors = random.beta(2, 2, 400), 0.4, kinds.factors([1, 1, 1, 1, 1, 0.3, 0.5], 0.2)
    active = np.zeros((300, 400), dtype=bool)
    active[0] = random.random(400) < probability * factors[0]
    for day in range(1, 300):
        kept = stays * min(factors[day - 1 : day + 1])
        likely = factors[day] * probability + kept * (active[day - 1] - factors[day - 1] * probability)
        active[day] = random.random(400) < likely
    assert activity.persistence(active, kinds) == pytest.approx(0.4, abs=0.03)
    assert activity.day_factors(active, kinds) == pytest.approx([1, 1, 1, 1, 1, 0.3, 0.5], abs=0.05)
    found = activity.chain(active, np.ones(active.shape, dtype=bool), factors)
    assert (found.alpha, found.beta) == (pytest.approx(2, rel=0.25), pytest.approx(2, rel=0.25))


def test_late_december_is_found(tmp_path: Path) -> None:
    made = replace(organization({"engineer": 80}, 6), start=date(2026, 11, 2))
    names = {"claude-opus-4-5": 1.0}
    made = replace(made, populations=(replace(made.populations[0], persona=persona("engineer", models=names)),))
    found = fitted(drawn(tmp_path / "usage.csv", made, 80)).personas[0].persona.week
    assert found.late_december == pytest.approx(0.25, abs=0.1)
    assert found.activity[:5] == pytest.approx((1,) * 5, abs=0.12)


def test_weekdays_on_volumes_are_found_through_drift() -> None:
    random = np.random.default_rng(8)
    factors = np.array([1, 1, 1, 1, 0.8, 0.5, 1.5])
    kinds = (3 + np.arange(200)) % 7
    slow = np.cumsum(0.1 * random.normal(size=(200, 150)), axis=0)
    logs = np.log(factors)[kinds][:, None] + slow + 0.5 * random.normal(size=slow.shape)
    logs[random.random(logs.shape) < 0.4] = np.nan
    assert activity.volume_factors(logs, kinds) == pytest.approx(factors, rel=0.06)


def test_growth_is_told_from_chance(tmp_path: Path) -> None:
    growing = organization({"engineer": 100}, 2, growth=Growth(0.15))
    fit = fitted(drawn(tmp_path / "usage.csv", growing, 300))
    assert fit.per_month == pytest.approx(0.15, abs=0.08)
    flat = np.random.default_rng(1).normal(size=(200, 50))
    slope, error = volume.trend(flat, 0.3, 60)
    assert not volume.is_plain(slope, error)


def test_who_begins_late_becomes_a_roll_out(tmp_path: Path) -> None:
    steps = ((START, 0.5), (START + timedelta(days=84), 1.0))
    made = organization({"support_agent": 80}, 5, roll_out=RollOut(by_date=steps))
    found = fit_contract(drawn(tmp_path / "usage.csv", made, 168), ENTERPRISE)
    assert found.fit.joining.late == pytest.approx(40, abs=10)
    # Those who begin late are as active as the others, once they have begun.
    chain = found.fit.personas[0].persona.activity
    assert chain.alpha / (chain.alpha + chain.beta) == pytest.approx(0.8, abs=0.05)
    assert "by_date:" in found.text
    assert any("begin in the middle of the file" in warning for warning in found.warnings)
    assert found.quality.ks < 0.06


def test_nobody_begins_late_where_few_do() -> None:
    active = np.ones((100, 40), dtype=bool)
    active[:50, 0] = False
    assert activity.joining(active).late == 0
    active[:50, :10] = False
    assert activity.joining(active).late == 10
    assert activity.leaving(active[::-1]) == 10


def test_nothing_of_a_group_depends_on_the_order_of_members() -> None:
    random = np.random.default_rng(3)
    volumes = random.gamma(1.2, 5, (120, 40)) * (random.random((120, 40)) < 0.6)
    kinds, order = activity.DayKinds.of(START, 120), random.permutation(40)
    everybody = [groups.Group("seat", "chat", "", np.arange(40))]
    known = np.ones(volumes.shape, dtype=bool)
    one, other = (
        estimate(held, known, kinds, everybody, [persona("light_user")], QUIET) for held in (volumes, volumes[:, order])
    )
    assert one.laws[0].level.amount == pytest.approx(other.laws[0].level.amount)
    assert one.laws[0].drift.sd == pytest.approx(other.laws[0].drift.sd)


# --- real usage ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (DATA / "coding_agent_user_daily_calibration.csv").is_file(), reason=f"no data at {DATA}")
def test_real_coding_agents_are_fitted(tmp_path: Path) -> None:
    """Five people's days: too few members for nearly everything between members, enough for what is within them."""
    columns = {
        "input_tokens_uncached": "input_tokens",
        "output_tokens": "output_tokens",
        "cache_read_tokens": "cache_read_tokens",
        "cache_write_tokens": "cache_write_5m_tokens",
    }
    made = []
    with (DATA / "coding_agent_user_daily_calibration.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            tokens = {name: int(float(row[column] or 0)) for column, name in columns.items()}
            made.append({"date": row["date"], "user_id": row["user"], "surface": "claude_code", **tokens})
    frame = pd.DataFrame(made).assign(model="claude-sonnet-4-5", cache_write_1h_tokens=0, web_searches=0, modifiers="")
    frame = frame[frame["date"] >= "2025-10-01"]
    write_usage(frame, tmp_path / "usage.csv")
    found = fit_contract(tmp_path / "usage.csv", ENTERPRISE)
    assert any(warning.startswith("How levels differ between members: as shipped") for warning in found.warnings)
    assert 0.4 < found.fit.personas[0].persona.day.shape < 4
    assert found.fit.personas[0].persona.surfaces[0].mix.shares["cache_read"] > 0.8
    assert found.quality.ks < 0.4
