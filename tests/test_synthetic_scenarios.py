"""The shipped organizations of personas load, run without a warning, and come out as plausible as their heads say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import planshift
from alone import renew
from command import run
from engine import tables_of
from planshift.billing.contract import Assign
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.scenario import Scenario, read_scenario, scenario_from
from planshift.billing.simulation import Prepared, simulate
from planshift.billing.totals import totals
from planshift.impact.carry import forward
from planshift.impact.compare import compare
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import parse_document
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.usage.cells import COLUMNS
from planshift.usage.measure import UsageSource
from planshift.usage.rows import read_blocks
from planshift.usage.synthetic.persona import Organization

FOLDER = folder("scenarios")
NAMES = sorted(
    file.stem
    for file in FOLDER.glob("*.yaml")
    if "personas:" in file.read_text(encoding="utf-8") and file.stem != "personas"
)
DOLLAR = 1_000_000_000
DRAWS = 12

# Members; then thousands of whole dollars over the horizon: seats; the least and the most that the middle of the draws
# may ask for, and that it may be billed for.
RANGES = {
    "large_chat_seats": (600, 91, (400, 620), (330, 510)),
    "midsize_premium": (120, 70, (110, 195), (35, 66)),
    "research_institute": (84, 20, (80, 160), (70, 130)),
    "tight_limits": (56, 13, (80, 150), (46, 60)),
    "young_company_credits": (19, 4, (22, 55), (18, 38)),
}


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@cache
def scenario(name: str) -> Scenario:
    return read_scenario(FOLDER / f"{name}.yaml", catalogue())


@cache
def drawn(name: str) -> Ledger:
    """The ledger of a scenario's first draws."""
    prepared = Prepared.of(scenario(name))
    return prepared.run(prepared.asked(range(DRAWS))).ledger


def organization(name: str) -> Organization:
    usage = scenario(name).usage
    assert isinstance(usage, Organization)
    return usage


def by_draw(name: str, column: str) -> np.ndarray:
    """Dollars of a column over the horizon, draw by draw."""
    total: np.ndarray = sum(amounts[COLUMN[column]].sum(axis=1) for amounts in drawn(name).usage.values()) / DOLLAR
    return total


# --- what they are -------------------------------------------------------------------------------------------------


def test_every_shipped_organization_has_its_range_here() -> None:
    assert sorted(RANGES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_begins_with_its_schema_and_says_what_it_shows(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=schema/scenario.schema.json"
    assert lines[1] == "#"
    assert len(lines[2]) > 60
    assert "It shows" in " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_out_in_its_ranges_without_a_warning(name: str) -> None:
    members, seats, asked, billed = RANGES[name]
    prepared = Prepared.of(scenario(name))
    assert prepared.warnings == ()
    assert len(scenario(name).members) == members
    charged = totals(drawn(name)).charges
    assert round((charged["seat_fees"][:, 0].sum() + charged["seat_additions"][:, 0].sum()) / 100_000) == seats
    assert asked[0] <= np.median(by_draw(name, "demand")) / 1000 <= asked[1]
    assert billed[0] <= np.median(by_draw(name, "billed")) / 1000 <= billed[1]


@pytest.mark.parametrize("name", NAMES)
def test_its_members_are_those_of_its_personas(name: str) -> None:
    found = scenario(name)
    assert sorted(found.members) == list(organization(name).members) == list(found.people)
    assert set(found.teams) == set(found.members)
    assert "engineer-001" in found.members
    assert found.covered is None
    assert forward(found, date(2030, 1, 1)).carried is None
    assert [file.name for file in found.files] == ["personas.yaml"]


@pytest.mark.parametrize("name", NAMES)
def test_its_renewal_runs_with_nothing_carried_forward(name: str) -> None:
    found = renew(scenario(name))
    assert found.run.measured.carried is None
    assert found.run.measured.rows == found.run.measured.outside == 0
    assert found.new.plan.id == "enterprise"
    assert not any("usage file" in note for note in found.notes)
    assert sum(step.cents for step in found.steps) == found.change
    assert found.new.cost > found.old.cost


def test_it_can_be_compared_on_other_plans() -> None:
    found = compare(scenario("midsize_premium").with_draws(1, None), ["legacy_standard_premium", "enterprise"])
    seats, metered = found.plans
    asked, then = (int(plan.outcome.amounts[COLUMN["demand"]].sum()) for plan in (seats, metered))
    assert asked >= then > 0


# --- what their heads say ------------------------------------------------------------------------------------------


def test_engineers_cost_what_is_published_a_month() -> None:
    members = drawn("midsize_premium").members
    engineers = [place for place, member in enumerate(members) if member.startswith("engineer-")]
    amounts = list(drawn("midsize_premium").usage.values())
    month = sum(float(each[COLUMN["demand"]][:, engineers].mean()) for each in amounts) / len(amounts) / DOLLAR
    assert 150 <= month <= 250


def test_the_young_company_begins_slowly_and_stands_still_when_credits_are_gone() -> None:
    usage = drawn("young_company_credits").usage.values()
    months = [float(np.median(amounts[COLUMN["demand"]].sum(axis=1))) for amounts in usage]
    assert months[0] < 0.5 * np.mean(months[3:])
    blocked = by_draw("young_company_credits", "blocked_credits")
    assert (blocked > 0).mean() > 0.9
    assert np.median(blocked / by_draw("young_company_credits", "demand")) < 0.15


def test_the_large_organizations_chat_seats_ask_for_what_they_do_not_open() -> None:
    ledger = drawn("large_chat_seats")
    unavailable = sum(amounts[COLUMN["unavailable"]].sum(axis=0) for amounts in ledger.usage.values())
    asking = {member.rpartition("-")[0] for member, nanos in zip(ledger.members, unavailable, strict=True) if nanos}
    assert asking == {"analyst", "manager"}


def test_the_institutes_deadlines_cost_half_as_much_again() -> None:
    months = {
        month.month: float(np.median(amounts[COLUMN["demand"]].sum(axis=1)))
        for (month, _), amounts in drawn("research_institute").usage.items()
    }
    assert min(months[1], months[5]) > 1.3 * np.median(list(months.values()))


def test_the_tight_limits_are_hit_every_month_in_every_draw() -> None:
    for amounts in drawn("tight_limits").usage.values():
        blocked = sum(amounts[COLUMN[column]].sum(axis=1) for column in BLOCKED)
        assert (blocked > 0).mean() > 0.9
    spread = by_draw("tight_limits", "billed")
    asked = by_draw("tight_limits", "demand")
    assert spread.std() / spread.mean() < 0.5 * asked.std() / asked.mean()


def test_what_engineers_use_is_made_of_what_the_panels_people_use(tmp_path: Path) -> None:
    text = (
        "title: Engineers\ncontract: {plan: enterprise, channel: sales_assisted, term_start: 2027-01-01,"
        " seats: {enterprise: 600}}\nhorizon: {start: 2027-01-01, months: 3}\n"
        "usage: {seed: 3, personas: {engineer: 600}}\n"
    )
    (tmp_path / "engineers.yaml").write_text(text, encoding="utf-8")
    rows = planshift.draw_usage(tmp_path / "engineers.yaml").rows
    code = rows[rows["surface"] == "claude_code"]
    tokens = code[[name for name in COLUMNS if name.endswith("_tokens")]]
    assert 0.90 < tokens["cache_read_tokens"].sum() / tokens.to_numpy().sum() < 0.95
    family = tokens.sum(axis=1).groupby(code["model"].str.split("-").str[1]).sum()
    share = family / family.sum()
    assert share["opus"] == pytest.approx(0.58, abs=0.08)
    assert share["sonnet"] == pytest.approx(0.40, abs=0.08)
    assert share["haiku"] < 0.05


# --- draws and seeds -----------------------------------------------------------------------------------------------


def test_draws_and_seed_of_the_command_go_before_the_scenarios() -> None:
    found = scenario("tight_limits")
    assert (found.draws, found.seed) == (200, 56)
    other = found.with_draws(5, 1)
    assert (other.draws, other.seed) == (5, 1)
    assert (found.with_draws(None, 9).draws, found.with_draws(3, None).seed) == (200, 56)
    assert found.with_draws(None, None) is found
    same = found.with_draws(7, None).demand(found.start, found.end)
    assert (same.demand.total == found.demand(found.start, found.end).demand.total).all()
    assert (other.demand(found.start, found.end).demand.total != same.demand.total).any()


@pytest.mark.parametrize(("draws", "seed", "option"), [(2, None, "--draws"), (None, 1, "--seed")])
def test_a_usage_file_is_one_draw(draws: int | None, seed: int | None, option: str) -> None:
    found = read_scenario(FOLDER / "startup_credits.yaml", catalogue())
    assert (found.draws, found.seed) == (1, None)
    with pytest.raises(InputError) as refused:
        found.with_draws(draws, seed)
    [problem] = refused.value.problems
    assert problem.place.file == option
    assert "planshift usage fit" in problem.remedy


@pytest.mark.parametrize(("draws", "seed"), [(0, None), (-3, None), (None, -1)])
def test_no_draws_and_no_seed_below_nothing(draws: int | None, seed: int | None) -> None:
    with pytest.raises(InputError):
        scenario("tight_limits").with_draws(draws, seed)


def test_a_draw_is_the_same_alone_and_among_others() -> None:
    found = scenario("young_company_credits")
    among = found.demand(found.start, found.end, draws=range(5)).demand.total
    alone = found.demand(found.start, found.end, draws=range(3, 4)).demand.total
    assert (among[:, 3] == alone[:, 0]).all()


def test_members_without_usage_may_stand_beside_personas(tmp_path: Path) -> None:
    text = (FOLDER / "young_company_credits.yaml").read_text(encoding="utf-8")
    (tmp_path / "one.yaml").write_text(text + "members: {aaron: chat}\n", encoding="utf-8")
    found = read_scenario(tmp_path / "one.yaml", catalogue())
    before = scenario("young_company_credits").demand(found.start, found.end).demand
    after = found.demand(found.start, found.end).demand
    assert after.members == ("aaron", *before.members)
    assert not after.total[:, :, 0].any()
    assert (after.total[:, :, 1:] == before.total).all()


# --- a draw as a usage file ----------------------------------------------------------------------------------------


def as_a_file(name: str, draw: int, where: Path, months: int) -> tuple[Scenario, Scenario]:
    """The scenario of some months, and the same with one of its draws as a usage file."""
    long = replace(scenario(name), months=months)
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").replace("months: 12", f"months: {months}")
    (where / "long.yaml").write_text(text, encoding="utf-8")
    answer = run("usage", "draw", where / "long.yaml", "-o", where / "usage.csv", "--draw", draw)
    assert answer.status == 0, answer.err
    source = UsageSource(where / "usage.csv", (), long.surfaces)
    return long, replace(long, usage=source)


@pytest.mark.parametrize(
    ("name", "draw", "months"),
    [
        ("young_company_credits", 0, 12),
        ("young_company_credits", 17, 12),
        ("tight_limits", 3, 12),
        ("research_institute", 1, 12),
        ("midsize_premium", 2, 14),
        ("large_chat_seats", 1, 13),
    ],
)
def test_a_draw_written_as_a_file_gives_the_same_bills_to_the_nano_dollar(
    name: str, draw: int, months: int, tmp_path: Path
) -> None:
    synthetic, filed = as_a_file(name, draw, tmp_path, months)
    prepared = Prepared.of(synthetic)
    expected = prepared.run(prepared.asked(range(draw, draw + 1))).ledger
    assert tables_of(simulate(filed).ledger) == tables_of(expected)


def test_the_command_says_what_it_has_drawn(tmp_path: Path) -> None:
    answer = run("usage", "draw", FOLDER / "tight_limits.yaml", "--draw", 4, "-o", tmp_path / "usage.csv")
    assert answer.first.startswith("A company that hits its limits every month: ")
    assert "drawn at random (draw 4, seed 56)" in answer.first
    assert answer.out.splitlines()[-1] == f"Written to {tmp_path / 'usage.csv'}"
    data = run("usage", "draw", FOLDER / "tight_limits.yaml", "--draw", 4, "--json").data
    assert data["rows_written"] == sum(len(block.columns) for block in read_blocks(tmp_path / "usage.csv"))
    found = scenario("tight_limits")
    demand = found.demand(found.start, found.end, draws=range(4, 5)).demand
    assert Decimal(data["list_cost"]) * DOLLAR == int(demand.total.sum())
    assert data["out"] is None
    assert sum(each["rows"] for each in data["tokens"]) == data["rows_written"]


def test_the_same_draw_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a.csv", 1), ("b.csv", 1), ("c.csv", 2)):
        run("usage", "draw", FOLDER / "young_company_credits.yaml", "--seed", seed, "-o", tmp_path / name)
    contents = [(tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv")]
    assert contents[0] == contents[1] != contents[2]
    assert contents[0].startswith((",".join(COLUMNS) + "\n").encode())


def test_a_file_that_holds_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("my notes\n", encoding="utf-8")
    answer = run("usage", "draw", FOLDER / "tight_limits.yaml", "-o", tmp_path / "notes.csv")
    assert (answer.status, answer.out) == (1, "")
    assert "is there already and holds no usage rows" in answer.err
    assert (tmp_path / "notes.csv").read_text(encoding="utf-8") == "my notes\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["startup_credits.yaml"], "is not drawn from personas"),
        (["seats_only.yaml"], "is not drawn from personas"),
        (["startup_credits.yaml", "--seed", "3"], "leave --seed out"),
        (["tight_limits.yaml", "--draw", "-1"], "draws are counted from 0 (got -1)"),
    ],
)
def test_what_has_no_draws_is_refused(words: list[str], said: str, tmp_path: Path) -> None:
    answer = run("usage", "draw", FOLDER / words[0], *words[1:], "-o", tmp_path / "usage.csv")
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


# --- one draw, explained -------------------------------------------------------------------------------------------


def test_a_draw_can_be_explained_to_the_nano_dollar(tmp_path: Path) -> None:
    text = (FOLDER / "midsize_premium.yaml").read_text(encoding="utf-8")
    one = text.replace("draws: 200", "draws: 1").replace("months: 12", "months: 13")
    (tmp_path / "one.yaml").write_text(one, encoding="utf-8")
    planshift.simulate(tmp_path / "one.yaml").write(tmp_path / "run")
    ledger = simulate(read_scenario(tmp_path / "one.yaml", catalogue())).ledger
    place = ledger.members.index("heavy_engineer-003")
    for month, plan in ((date(2026, 5, 1), "legacy_standard_premium"), (date(2027, 3, 1), "enterprise")):
        found = planshift.explain(tmp_path / "run", member="heavy_engineer-003", month=f"{month:%Y-%m}")
        assert found.amount * DOLLAR == int(ledger.usage[month, plan][COLUMN["billed"], 0, place])
        assert "drawn at random (draw 0)" in found.steps[0].text
        assert found.steps[0].amount * DOLLAR == int(ledger.usage[month, plan][COLUMN["demand"], 0, place])


def test_somebody_who_joins_by_an_event_is_a_member_without_usage() -> None:
    text = (FOLDER / "young_company_credits.yaml").read_text(encoding="utf-8")
    text += "events:\n  - {date: 2027-01-11, assign: {zoe: chat_claude_code, engineer-002: unassigned}}\n"
    found = scenario_from(parse_document(text, "joins.yaml"), catalogue(), FOLDER)
    assert isinstance(found.events[0].action, Assign)
    ledger = simulate(found).ledger
    of = {member: place for place, member in enumerate(ledger.members)}
    later = [amounts for (month, _), amounts in ledger.usage.items() if month > date(2027, 1, 31)]
    assert not any(amounts[:, 0, of["zoe"]].any() for amounts in later)
    left = of["engineer-002"]
    assert all(amounts[COLUMN["demand"], 0, left] == amounts[COLUMN["unavailable"], 0, left] for amounts in later)
    assert any(amounts[COLUMN["demand"], 0, left] for amounts in later)
