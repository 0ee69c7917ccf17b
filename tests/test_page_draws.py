"""The parts of a page about many draws: means that add up to the cent, percentiles beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

import planshift
from alone import Alone
from pages import DRAWN, DRAWS, LANGUAGES, SECTIONS, demo, drawn, drawn_report, page_count, texts
from planshift.billing.ledger import AMOUNTS
from planshift.impact.bridge import BEHAVIOUR, INCLUDED, ROUNDING, SEAT_FEES, STEPS
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import Renewal
from planshift.impact.spread import Spread
from planshift.reports.page.language import Language
from planshift.reports.page.of_renewal import bridge_of, can_do_of, months_of, verdict_of, who_of
from planshift.reports.page.report import PageOptions
from planshift.reports.words import rounded

FIRST = date(2027, 1, 1)


def year(seats: list[int], usage: list[list[int]], first: date = FIRST, stopped: int = 0) -> Outcome:
    """A year of a few months: seats by month, usage by month and draw, cents; what limits stop, nano-dollars."""
    draws = len(usage[0])
    nothing = np.zeros(draws, dtype=np.int64)
    return Outcome(
        plan=demo().renewal.new.plan,
        first=first,
        end=date(first.year + 1, 1, 1),
        counterfactual=False,
        seats={},
        months=tuple(date(first.year, 1 + month, 1) for month in range(len(seats))),
        seat_cost=np.array(seats),
        usage_cost=np.array(usage),
        accrued={},
        amounts=np.array([[stopped * (name == "blocked_member_limit")] * draws for name in AMOUNTS]),
        undone=nothing,
        blocked=np.zeros((len(seats), draws), dtype=np.int64),
        by_cause={},
        invoiced=nothing,
        credits_bought=nothing,
        credits_left=nothing,
        credits_lapsed=nothing,
    )


@pytest.fixture
def years() -> Renewal:
    """Two months in three draws: the old plan costs the same in all of them, the new one 1,000, 1,010 or 1,103."""
    old = year([400, 400], [[0, 0, 0], [0, 0, 0]])
    new = year([100, 100], [[300, 301, 350], [500, 509, 553]], stopped=35_000_000)
    included = new.cost - old.cost + 600
    steps = {SEAT_FEES: np.full(3, -600), INCLUDED: included}
    before = year([90, 90], [[1, 1, 1], [2, 2, 2]], date(2026, 1, 1))
    return replace(demo().renewal, old=old, new=new, year_before=before, steps=steps)


def test_the_bridge_of_means_adds_up(years: Renewal) -> None:
    bridge = bridge_of(years)
    assert (bridge.old, bridge.new) == (800, 1038)
    assert bridge.old + sum(step.cents for step in bridge.steps) == bridge.new
    assert [(step.key, step.cents, step.low, step.high) for step in bridge.steps] == [
        (SEAT_FEES, -600, -600, -600),
        (INCLUDED, 838, 800, 903),
    ]


def test_months_have_means_and_the_spread_of_the_new_plan(years: Renewal) -> None:
    months = months_of(years)
    january, february = months.rows
    assert (january.new_seats, january.new_usage, january.new) == (100, 317, 417)
    assert (january.low, january.high, february.low, february.high) == (400, 450, 600, 653)
    assert (january.before, february.before, months.before) == (91, 92, 183)
    assert (months.old, months.new, months.change) == (800, 1038, 238)


def test_without_a_year_before_there_is_none(years: Renewal) -> None:
    months = months_of(replace(years, year_before=None))
    assert [row.before for row in months.rows] == [None, None]
    assert months.before is None


def test_the_verdict_is_that_of_the_middle() -> None:
    costs = [80_000, 90_000, 120_000, 140_000, 150_000, 160_000, 170_000, 180_000, 190_000, 200_000]
    old, new = year([0], [[100_000] * 10]), year([0], [costs])
    verdict = verdict_of(replace(demo().renewal, old=old, new=new))
    assert (verdict.old, verdict.new, verdict.change, verdict.share) == (100_000, 150_000, 50_000, None)
    assert verdict.change_range is not None
    assert (verdict.change_range.p10, verdict.change_range.p90, verdict.dearer) == (-20_000, 90_000, Fraction(8, 10))
    said = Language("en").text(verdict.said)
    assert "the median of 10 simulated years; 8 in 10 fall between" in said
    assert "The median difference is 500.00\u00a0USD more" in said


# --- a renewal of drawn usage -----------------------------------------------------------------------------------------


def test_the_page_is_in_its_order_and_says_what_is_drawn() -> None:
    for language in LANGUAGES:
        page = drawn_report("customer", language).html
        assert tuple(re.findall(r'<section id="([a-z-]+)"', page)) == SECTIONS
        assert Language(language).say("notes.drawn", count=DRAWS) in texts(page)
    assert drawn_report("customer", "en").page.rests_on.notes[0].key == "notes.drawn"
    rests_on, again = drawn_report("internal", "en").page.rests_on, f"--draws {DRAWS} --seed 120"
    assert again in rests_on.command
    assert f"planshift renew SCENARIO {again} --report customer --language en" in texts(
        drawn_report("customer", "en").html
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_ranges_and_the_probability_that_it_costs_more(language: str) -> None:
    writes, said = Language(language), texts(drawn_report("customer", language).html)
    ranges = drawn().values["range"][1]
    spreads = [Spread(*row) for row in zip(*(ranges[name] for name in ("mean", "p10", "p50", "p90")), strict=True)]
    for found in spreads:
        low, middle, high = (rounded(cents, found) for cents in (found.p10, found.p50, found.p90))
        assert writes.dollars(middle) in said
        assert writes.say("verdict.range", low=writes.prose(low), high=writes.dollars(high)) in said
    share = Fraction(next(share for share in ranges["share_dearer"] if share)) / 100
    assert writes.say("verdict.odds", dearer=share) in said


def test_the_bridge_is_that_of_the_tables_with_the_step_that_only_drawn_usage_has() -> None:
    table = drawn().values["bridge"][1]
    bridge = drawn_report("customer", "en").page.bridge
    shown = {step.key: (step.cents, step.low, step.high) for step in bridge.steps if step.key != ROUNDING}
    rows = zip(table["step"], table["amount"], table["p10"], table["p90"], strict=True)
    assert shown == {key: tuple(found) for key, *found in rows if key in STEPS and key != ROUNDING}
    assert BEHAVIOUR in shown
    assert (bridge.old, bridge.new) == (table["amount"][0], table["amount"][-1])
    assert bridge.old + sum(step.cents for step in bridge.steps) == bridge.new


def test_the_months_are_means_and_percentiles_of_the_draws() -> None:
    table = drawn().values["months"][1]
    by_month: dict[date, list[int]] = {}
    for month, cents in zip(table["month"], table["new_cost"], strict=True):
        by_month.setdefault(month, []).append(cents)
    for row in drawn_report("customer", "en").page.month_by_month.rows:
        costs = sorted(by_month[row.month])
        assert abs(row.new * DRAWS - sum(costs)) <= DRAWS
        assert row.low is not None
        assert row.high is not None
        assert costs[0] <= row.low <= row.high <= costs[-1]


def test_who_is_concerned_is_what_the_tables_say() -> None:
    found, page = drawn(), drawn_report("customer", "en").page
    assert page.who is not None
    who = found.values["who"][1]
    rows = [row for row in zip(who["of"], who["name"], who["count"], who["change"], strict=True) if row[0] == "members"]
    shown = [(Language("en").average(row.members), row.change) for row in page.who.groups]
    assert shown == [(count, change) for _, _, count, change in rows]
    members = found.values["members"][1]
    assert sum(row.members for row in page.who.teams) == len(members["user_id"])
    assert sum(row.cheaper for row in page.who.teams) == page.who.groups[0].members
    assert sum(row.dearer for row in page.who.teams) == page.who.groups[1].members
    assert page.who.drawn
    assert sum(row.count for row in page.who.members) == len(members["user_id"])
    for row in page.who.members:
        name = Language("en").text(row.name)
        assert name.endswith(" (simulated)")
        assert row.change == row.new - row.old
    together = sum(row.count * row.change for row in page.who.members)
    assert abs(together - sum(members["change"])) <= 2 * len(members["user_id"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", ["customer", "internal"])
def test_nobody_who_was_drawn_is_named(language: str, audience: str) -> None:
    said = texts(drawn_report(audience, language).html)
    assert [name for name in drawn().renewal.scenario.people if name in said] == []
    assert Language(language).say("names.personas.heavy_engineer") in said


def test_what_they_can_do_is_the_mean_over_the_draws() -> None:
    can_do = drawn_report("customer", "en").page.can_do
    assert can_do is not None
    members = drawn().values["members"][1]
    assert can_do.newly_done == sum(members["newly_done"])
    alone = [Alone.of(drawn().renewal, draw).members for draw in range(DRAWS)]
    assert len(alone) == DRAWS
    for row, key in ((can_do.newly_done_members, "newly_done"), (can_do.newly_stopped_members, "newly_stopped")):
        assert row == Fraction(sum(getattr(member, key) > 0 for found in alone for member in found), DRAWS)
    assert can_do.newly_stopped == sum(members["newly_stopped"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_hits_which_limit_when_and_how_likely_stands_on_the_page(language: str) -> None:
    can_do = drawn_report("customer", language).page.can_do
    assert can_do is not None
    limits, odds = drawn().values["limits"][1], drawn().renewal.members
    stopped: dict[str, list[float]] = {}
    for member, share in zip(odds.members, odds.limited.tolist(), strict=True):
        stopped.setdefault(drawn().renewal.scenario.personas[member].name, []).append(share)
    chances = {
        (scope, cause, month): Fraction(chance) / 100
        for scope, cause, month, chance, past in zip(
            *(limits[name] for name in ("scope", "cause", "month", "chance", "counterfactual")), strict=True
        )
        if not past
    }
    writes, said = Language(language), texts(drawn_report("customer", language).html)
    assert can_do.hits != ()
    for row in can_do.hits:
        assert row.chance is not None
        assert row.likeliest is not None
        assert row.in_year is not None
        scope = row.scope.values["persona"].key.rpartition(".")[2] if row.scope else "organization"
        of_months = [chances[scope, row.cause, month] for month in row.months]
        assert abs(row.chance - max(of_months)) < Fraction(1, 1000)
        assert row.chance <= row.in_year <= 1
        if row.scope:
            assert row.in_year == pytest.approx(fmean(stopped[scope]))
        likeliest = writes.say("can_do.likeliest", month=writes.month(row.likeliest), chance=writes.percent(row.chance))
        assert likeliest in said
        assert writes.percent(row.in_year) in said


def test_nobody_is_shown_a_row_where_there_are_no_members(years: Renewal) -> None:
    nobody = replace(drawn().renewal.members, members=(), teams=())
    assert who_of(replace(drawn().renewal, members=nobody), drawn().answers.winners_losers) is None
    none, never = np.zeros(0, np.int64), np.zeros(0)
    nothing = replace(nobody, newly_done=none, newly_stopped=none, more_done=never, less_done=never)
    found = can_do_of(replace(years, members=nothing))
    assert found is not None
    assert [(row.cause, row.old, row.new) for row in found.stops] == [("blocked_member_limit", 0, 4)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_on_two_sheets(language: str) -> None:
    for audience in ("customer", "internal"):
        assert page_count(drawn_report(audience, language).pdf) == 2


def test_the_same_bytes_whatever_the_processes(tmp_path: Path) -> None:
    again = planshift.renew(DRAWN, draws=DRAWS, jobs=2)
    here = drawn_report("customer", "it").write(tmp_path / "here")
    there = PageOptions("customer", "it").of(again).write(tmp_path / "there")
    names = sorted(path.name for path in here.iterdir() if path.name != "manifest.json")
    assert {"renewal.html", "renewal.pdf", "renewal_bridge.png"} <= set(names)
    assert [name for name in names if (here / name).read_bytes() != (there / name).read_bytes()] == []
