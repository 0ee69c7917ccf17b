"""What `planshift scenario show` says of a scenario: true of the draws, with a source for each word, and a picture."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import planshift
from command import floats_in, run
from planshift.billing.money import all_to_cents
from planshift.plans.files import folder
from planshift.problems import InputError, OutputError
from planshift.reports.charts.picture import drawn as chart_drawn
from planshift.reports.charts.picture import png
from planshift.reports.folder import MANIFEST, check_picture_target, write_picture
from planshift.reports.plans.sentences import Statement
from planshift.reports.scenario.personas import percent
from planshift.reports.scenario.shipped import personas, shipped_scenarios
from planshift.reports.scenario.shown import ScenarioShown, show_scenario
from test_charts import assert_apart

SCENARIOS = folder("scenarios")
DRAWN = SCENARIOS / "research_institute.yaml"
FILE = SCENARIOS / "startup_credits.yaml"
NO_USAGE = SCENARIOS / "seats_only.yaml"

HEAD = """\
title: A test
contract: {plan: enterprise, channel: self_serve, term_start: 2026-11-01, seats: {enterprise: 9}}
horizon: {start: 2026-11-01, months: 2}
"""


@cache
def drawn() -> ScenarioShown:
    return show_scenario(DRAWN, draws=4)


def shown(tmp_path: Path, usage: str, draws: int = 2) -> ScenarioShown:
    """A scenario with this `usage`, in some draws."""
    path = tmp_path / "scenario.yaml"
    path.write_text(f"{HEAD}usage:\n{usage}", encoding="utf-8")
    return show_scenario(path, draws=draws)


def about(found: ScenarioShown, group: str) -> list[Statement]:
    return [statement for statement in found.statements if statement.path == group]


# --- what is true of the draws ----------------------------------------------------------------------------------------


def test_the_draws_are_those_that_are_billed() -> None:
    found = drawn()
    scenario = found.scenario
    for draw in range(4):
        demand = scenario.demand(scenario.start, scenario.end, draws=range(draw, draw + 1)).demand.total[:, 0, :]
        assert (found.sample.daily[draw] == demand.sum(axis=1)).all()
        assert (found.sample.totals[draw] == demand.sum(axis=0)).all()
        assert (found.sample.active[draw] == (demand > 0).sum(axis=0)).all()


def test_more_draws_change_none_of_the_first() -> None:
    assert (show_scenario(DRAWN, draws=2).sample.daily == drawn().sample.daily[:2]).all()
    assert (show_scenario(DRAWN, draws=2, seed=5).sample.daily != drawn().sample.daily[:2]).any()


def test_the_tables_add_up_to_the_draws() -> None:
    found = drawn()
    months = found.values["months"][1]
    means = all_to_cents(found.sample.daily).mean(axis=0)
    assert sum(months["mean"]) == pytest.approx(means.sum(), abs=len(months["mean"]) * 2)
    members = found.values["members"][1]
    a_month = found.sample.totals.sum() / 1e7 / 4 / (found.sample.days / (365.25 / 12))
    assert sum(members["usd_per_month"]) == pytest.approx(a_month, rel=1e-3)
    for table, values in found.values.values():
        assert {len(values[column.name]) for column in table.columns} == {len(values[table.columns[0].name])}


def test_personas_share_the_whole_among_them() -> None:
    found = drawn()
    assert sum(row.share for row in found.personas) == pytest.approx(1)
    assert sum(row.members for row in found.personas) == len(found.sample.members) == 84
    whole = sum(row.per_month * row.members for row in found.personas)
    assert whole == pytest.approx(found.sample.totals.sum() / 1e7 / 4 / (365 / (365.25 / 12)), rel=1e-3)


def test_percentiles_are_in_order_and_one_draw_has_none() -> None:
    for name in ("days", "months"):
        values = drawn().values[name][1]
        rows = zip(values["p10"], values["p50"], values["p90"], strict=True)
        assert all(low <= middle <= high for low, middle, high in rows)
    answer = show_scenario(DRAWN, draws=1).answer
    assert "in one simul" in answer
    assert "P90" not in answer


def test_the_answer_says_who_how_much_and_what_is_assumed() -> None:
    answer = drawn().answer
    assert answer.startswith("A research institute with deadlines: 84 members ask for ")
    assert "USD a month at list price in the median of 4 simulated years (8 in 10 between " in answer
    assert "from 2026-11-01 to 2027-10-31; " in answer
    assert answer.endswith(" groups of figures behind it are assumed.")


# --- where each word comes from ---------------------------------------------------------------------------------------


def test_every_figure_has_a_source_or_is_assumed() -> None:
    for path in sorted(SCENARIOS.glob("*.yaml")):
        if "personas:\n" not in path.read_text(encoding="utf-8") or path.name == "personas.yaml":
            continue
        for statement in show_scenario(path, draws=1).statements:
            said_nothing = statement.path in ("growth", "roll_out", "calendar", "bursts")
            assert statement.source or statement.assumed or said_nothing, statement
            assert not statement.assumed or statement.note, statement


def test_a_shipped_persona_has_the_sources_of_its_file(tmp_path: Path) -> None:
    found = shown(tmp_path, "  {seed: 1, personas: {engineer: 3}}\n")
    (level,) = about(found, "level")
    assert level.text.startswith("Engineer: on an active day they ask for 13.00 USD at list price on average, ")
    # A log-normal of mean 13 and sigma 0.8 has the median 13 exp(-0.32) and the P90 exp(0.8 x 1.2816) times as high.
    assert "the middle member for 9.44, one in ten for 26.32 or more" in level.text
    assert level.source == "Claude Code, manage costs (enterprise deployments)"
    assert not level.assumed


def test_what_a_scenario_says_itself_is_said_to_be_its_own(tmp_path: Path) -> None:
    found = shown(
        tmp_path,
        "  seed: 1\n  personas:\n    engineer: {count: 3, level: {usd_per_active_day: 20.00, sigma: 0.5}}\n"
        "    analyst: {count: 1, activity: {alpha: 2, assumed: true, note: Asked three of them.}}\n"
        "    pilot: {count: 2, like: engineer, title: Pilot, drift: {sd: 0.4, reference: coding_panel}}\n",
    )
    level = {statement.text.partition(":")[0]: statement for statement in about(found, "level")}
    # Pilots are like the scenario's own engineers.
    assert level["Engineer and Pilot"].source == "the scenario"
    activity = {statement.text.partition(":")[0]: statement for statement in about(found, "activity")}
    assert activity["Analyst"].assumed
    assert "Asked three of them." in activity["Analyst"].note
    drift = {statement.text.partition(":")[0]: statement for statement in about(found, "drift")}
    assert drift["Pilot"].source.startswith("Usage logs of 21 people")


def test_what_members_share_is_said(tmp_path: Path) -> None:
    found = shown(
        tmp_path,
        "  seed: 1\n  personas: {engineer: 3, light_user: 2}\n  growth: {per_month: 0.05, sd_per_month: 0.1}\n"
        "  roll_out: {midpoint: 2026-12-01, days: 20}\n  calendar: {country: DE, late_december: false}\n"
        "  bursts:\n    planned: [{first: 2026-11-09, last: 2026-11-13, factor: 3}]\n"
        "    random: {per_year: 2, days: 4, factor: 1.5}\n"
        "  shocks: {daily_sd: 0, slow_sd: 0, slow_days: 30}\n",
    )
    texts = {statement.path: statement for statement in found.statements}
    assert texts["growth"].text == (
        "Everybody's volume grows by 5 % a month; between draws the logarithm of a month's growth has a standard"
        " deviation of 0.1."
    )
    assert "half of them by 2026-12-01, from a tenth to nine tenths within 20 days" in texts["roll_out"].text
    assert "24 December to 1 January are like any other" in texts["calendar"].text
    assert "3 times the volume from 2026-11-09 to 2026-11-13" in texts["bursts"].text
    assert "Nothing else is shared" in texts["shocks"].text
    assert {texts[name].source for name in ("growth", "roll_out", "calendar", "bursts", "shocks")} == {"the scenario"}


def test_how_usage_answers_is_said_with_its_note() -> None:
    found = show_scenario(SCENARIOS / "midsize_premium.yaml", draws=1)
    (metered,) = about(found, "behaviour")
    assert metered.text == "All: where usage is no longer included, 0.9 times the volume."
    assert metered.assumed
    assert metered.note


def test_those_alike_are_said_together() -> None:
    texts = [statement.text for statement in drawn().statements]
    assert len(texts) == len(set(texts))
    assert any(text.startswith("All but Service account: ") for text in texts)


@pytest.mark.parametrize(
    ("share", "said"), [(0.57, "57 %"), (0.004, "0.4 %"), (0, "0 %"), (1, "100 %"), (0.065, "6.5 %")]
)
def test_shares_are_said_in_per_cent(share: float, said: str) -> None:
    assert percent(share) == said


# --- usage files, and none --------------------------------------------------------------------------------------------


def test_a_usage_file_is_shown_as_it_is() -> None:
    found = show_scenario(FILE)
    scenario = found.scenario
    first, last = scenario.covered or (scenario.start, scenario.end)
    assert (found.sample.start, found.sample.days) == (first, (last - first).days + 1)
    assert "as a usage file has it: nothing is drawn at random" in found.answer
    demand = scenario.demand(found.sample.start, found.sample.end).demand.total
    assert int(found.sample.daily.sum()) == int(demand.sum())
    shares = [statement.text for statement in found.statements if "list price" in statement.text]
    assert shares[0].endswith("is Claude Code.")
    assert found.personas == []


def test_a_usage_file_has_no_draws_and_no_seed() -> None:
    for asked in ({"draws": 2}, {"seed": 1}):
        with pytest.raises(InputError, match="planshift usage fit"):
            show_scenario(FILE, **asked)


def test_without_usage_there_is_nothing_to_draw() -> None:
    found = show_scenario(NO_USAGE)
    assert found.answer == "Seats through a term and its renewal: it has no members who ask for anything."
    assert found.charts == {}
    with pytest.raises(InputError, match="nobody asks for anything"):
        found.write_chart("usage.png")


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_folder_and_a_picture(tmp_path: Path) -> None:
    out, chart = tmp_path / "shown", tmp_path / "usage.png"
    answer = run("scenario", "show", DRAWN, "--draws", 2, "--out", out, "--chart", chart)
    assert answer.status == 0, answer.err
    names = {"days.csv", "months.csv", "members.csv", "usage.png", MANIFEST}
    assert {path.name for path in out.iterdir()} == names
    assert chart.read_bytes() == (out / "usage.png").read_bytes()
    assert f"Written to {out}: days.csv, months.csv, members.csv, usage.png, manifest.json" in answer.out
    again = tmp_path / "again"
    assert run("scenario", "show", DRAWN, "--draws", 2, "--out", again).status == 0
    assert all((again / name).read_bytes() == (out / name).read_bytes() for name in names)


def test_the_command_prints_plain_data_and_one_sentence() -> None:
    data = run("scenario", "show", DRAWN, "--draws", 2, "--json").data
    assert data["draws"] == 2
    assert data["seed"] == 84
    assert len(data["members"]) == 84
    assert data["statements"][0]["topic"] == "How much they use"
    assert floats_in(data) == []
    quiet = run("scenario", "show", DRAWN, "--draws", 2, "--quiet")
    assert quiet.out == f"{data['answer']}\n"


def test_the_command_says_what_is_wrong() -> None:
    answer = run("scenario", "show", FILE, "--draws", 3)
    assert answer.status == 2
    assert answer.err.startswith("--draws: ")
    assert run("scenario", "show", DRAWN, "--draws", 0).status == 2
    assert "name it usage.png" in run("scenario", "show", DRAWN, "--chart", "usage.jpg").err


def test_shipped_scenarios_and_personas_are_listed() -> None:
    answer = run("scenario", "list")
    files = {one.file for one in shipped_scenarios()}
    assert f"scenarios/{DRAWN.name}" in files
    assert "scenarios/personas.yaml" not in files
    for text in (*files, *(one.name for one in personas())):
        assert text in answer.out
    engineer = next(one for one in personas() if one.name == "engineer")
    assert (Decimal(engineer.level), engineer.unit, engineer.active_weekdays) == (Decimal(13), "USD", "57 %")
    assert floats_in(run("scenario", "list", "--json").data) == []


def test_the_library_offers_it() -> None:
    assert isinstance(planshift.show_scenario(DRAWN, draws=1), planshift.ScenarioShown)


# --- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["drawn", "file", "one draw", "a week", "a long title"])
def test_every_text_of_the_picture_is_whole_and_apart(which: str, tmp_path: Path) -> None:
    found = drawn()
    if which == "file":
        found = show_scenario(FILE)
    elif which == "one draw":
        found = show_scenario(DRAWN, draws=1)
    elif which == "a week":
        sample = found.sample
        found = replace(found, sample=replace(sample, daily=sample.daily[:, 10:17]))
    elif which == "a long title":
        found = replace(found, scenario=replace(found.scenario, title="An organization with $x^2$ in its name " * 4))
    canvas = chart_drawn(found.charts["usage"])
    assert_apart(canvas)
    assert any("US dollars" in text for text, _ in canvas.texts)


def test_the_picture_is_the_same_for_the_same_draws_and_says_it_in_words() -> None:
    chart = drawn().charts["usage"]
    assert png(chart) == png(show_scenario(DRAWN, draws=4).charts["usage"])
    assert chart.alt.startswith("Three charts of usage in US dollars at list price, in 4 draws. Days from 2026-11-01")
    assert "Mon " in chart.alt
    assert "the top tenth has " in chart.alt


def test_the_lorenz_curve_rises_from_nothing_to_all() -> None:
    curve = drawn().sample.lorenz(np.linspace(0, 1, 11))
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1)
    assert (np.diff(curve) >= 0).all()
    assert drawn().sample.top_tenth == pytest.approx(1 - curve[9])


# --- a picture as a file ----------------------------------------------------------------------------------------------


def test_a_picture_never_replaces_what_is_no_picture(tmp_path: Path) -> None:
    other = tmp_path / "usage.png"
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is no picture"):
        check_picture_target(other)
    assert other.read_text(encoding="utf-8") == "mine"


def test_a_picture_replaces_a_picture_and_leaves_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "usage.png"
    for content in (b"\x89PNG\r\n\x1a\n one", b"\x89PNG\r\n\x1a\n two"):
        write_picture(content, place)
    assert place.read_bytes().endswith(b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["usage.png"]


@pytest.mark.parametrize(
    ("name", "fact"),
    [("usage.svg", "does not end in"), ("folder.png", "is a folder"), ("none/usage.png", "no such folder")],
)
def test_a_place_for_a_picture_that_is_none_is_refused(tmp_path: Path, name: str, fact: str) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match=fact):
        check_picture_target(tmp_path / name)
