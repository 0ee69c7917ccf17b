"""Answers over many draws: they are what each draw alone says, and nothing depends on how draws are cut into blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from alone import Alone, Change, MemberChange, groups
from answering import catalogue
from drawn_scenarios import company
from planshift.billing.contract import LimitChange
from planshift.billing.money import CENT
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.schedule import month_of
from planshift.billing.totals import totals
from planshift.billing.usage_request import UsageRequest
from planshift.impact.answers.answer import Answers, answer
from planshift.impact.answers.course import Course
from planshift.impact.answers.levels import Levels, shipped_levels
from planshift.impact.answers.recommend import DEFAULT_LIMIT, MEMBER_LIMIT, ORGANIZATION_LIMIT, PERSONA_LIMIT
from planshift.impact.answers.timing import calendar
from planshift.impact.answers.what_if import WhatIfRow
from planshift.impact.renewal import renew
from planshift.impact.spread import mean_of_sums, spread
from planshift.plans.files import folder
from planshift.plans.plan import read_overlay
from planshift.reports.answers.tables import answer_values
from planshift.reports.table import csv_text
from planshift.usage.synthetic.generate import Generator
from synthetic import BOT, CARD, mixed, plain, population

DRAWS = 5
LEVELS = replace(shipped_levels(), draws=4, trial_draws=3)
OVERLAYS = folder("plans") / "overlays"
CHEAPER, BESIDES = OVERLAYS / "sonnet_by_default.yaml", OVERLAYS / "seat_price_25.yaml"
CHANGES = {
    "tight": {"each_member: 200.00": "each_member: 90.00", "organization: 2000.00": "organization: 600.00"},
    "credits": {
        "renewal:\n    channel: sales_assisted\n": "renewal:\n    channel: self_serve\n"
        "    credits: {initial: 300, auto_reload: {below: 50, amount: 200}, payment: card}\n",
        "{metered: 0.9, assumed: true, note: A test.}": "{metered: 1.0, assumed: true, note: A test.}",
    },
    "early": {
        "\nalternatives": "\nevents:\n  - {date: 2027-03-11, migrate: {credit: prorated}}\nalternatives",
        "horizon: {start: 2026-10-17, months: 12}": "horizon: {start: 2026-12-01, months: 12}",
    },
}


@dataclass(frozen=True)
class OneDraw(Scenario):
    """A scenario that has one of the draws of another, ``which``, and no more."""

    which: int = 0

    @property
    def draws(self) -> int:
        return 1

    def asked(self, end: date, draws: range = range(1), carried: object = None) -> UsageRequest:
        assert draws == range(1)
        return super().asked(end, range(self.which, self.which + 1))


@dataclass(frozen=True)
class Case:
    """A scenario, its answers over all draws, and the answers and the renewal of each draw alone."""

    scenario: Scenario
    whole: Answers
    alone: tuple[Answers, ...]
    years: tuple[Alone, ...]


def only(scenario: Scenario, draw: int) -> OneDraw:
    held = {field.name: getattr(scenario, field.name) for field in fields(Scenario)}
    return OneDraw(**held, which=draw)


def read(name: str, where: Path) -> Scenario:
    where.mkdir(exist_ok=True)
    return read_scenario(company(where, **CHANGES[name]), catalogue()).with_draws(DRAWS, None)


def in_blocks(scenario: Scenario, size: int, jobs: int = 1, levels: Levels = LEVELS) -> Answers:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.impact.answers.answer.block_size", lambda members, days: size)
        return answer(scenario, levels, what_if=[BESIDES], jobs=jobs)


@cache
def case_of(name: str, where: Path) -> Case:
    scenario = read(name, where)
    one_by_one = [only(scenario, draw) for draw in range(DRAWS)]
    return Case(
        scenario,
        in_blocks(scenario, 2),
        tuple(answer(one, LEVELS, what_if=[BESIDES], jobs=1) for one in one_by_one),
        tuple(Alone.of(renew(one)) for one in one_by_one),
    )


@pytest.fixture(params=list(CHANGES))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(request.param, tmp_path_factory.getbasetemp() / f"answers-{request.param}")


def cents(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(list(values), dtype=np.int64)


# --- what is asked for ------------------------------------------------------------------------------------------------


def test_moves_on_several_days_ask_for_what_each_alone_does(case: Case) -> None:
    course = Course.of(case.scenario)
    days = [candidate.scenario for candidate in calendar(course).candidates]
    start = course.scenario.start
    moved = course.asked(range(2)).moved(start)
    each = [(scenario, course.asked(range(2)).moved(start).as_in(scenario, 2)) for scenario in days]
    for scenario, alone in (*each, *reversed(each), each[0]):
        found = moved.as_in(scenario, 2)
        assert found.total.any()
        assert np.array_equal(found.total, alone.total)
        for name, asked in alone.by_surface.items():
            assert np.array_equal(found.by_surface[name], asked)


# --- how much ---------------------------------------------------------------------------------------------------------


def test_the_range_is_that_of_the_draws_one_by_one(case: Case) -> None:
    found, years = case.whole.range, case.years
    assert found.old == spread(cents([year.old.cost for year in years]))
    assert found.new == spread(cents([year.new.cost for year in years]))
    assert found.change == spread(cents([year.change for year in years]))
    assert found.costs_more == Fraction(sum(1 for year in years if year.change > 0), DRAWS)
    assert found.draws == DRAWS


def test_the_range_is_that_of_the_renewal(case: Case) -> None:
    found, renewal = case.whole.range, renew(case.scenario, detail=2, jobs=1)
    assert (found.old, found.new) == (spread(renewal.old.cost), spread(renewal.new.cost))
    assert found.change == spread(renewal.change) == case.whole.what_if.base.change
    assert sum(int(step.sum()) for step in renewal.steps.values()) == int(renewal.change.sum())
    assert found.costs_more == Fraction(int(np.count_nonzero(renewal.change > 0)), DRAWS)


def test_one_draw_alone_says_what_the_renewal_says_of_it(case: Case) -> None:
    for found, year in zip(case.alone, case.years, strict=True):
        assert (found.range.old.p50, found.range.new.p50, found.range.change.p50) == (
            year.old.cost,
            year.new.cost,
            year.change,
        )


# --- who, and what they can do ----------------------------------------------------------------------------------------


def test_who_pays_more_is_counted_in_each_draw_and_averaged(case: Case) -> None:
    by_draw = [groups(Change(*costs_of(member)) for member in year.members) for year in case.years]
    for place, party in enumerate(case.whole.winners_losers.members):
        alone = [found[place] for found in by_draw]
        counts = cents([group.members for group in alone])
        assert (party.name, party.of) == (alone[0].name, len(case.scenario.people))
        assert party.count == Fraction(int(counts.sum()), DRAWS)
        assert (party.low, party.high) == (spread(counts).p10, spread(counts).p90)
        assert party.before == spread(cents([group.before for group in alone])).mean
        assert party.after == spread(cents([group.after for group in alone])).mean
    cheaper, dearer, _ = case.whole.winners_losers.members
    assert cheaper.change <= 0 <= dearer.change


def test_members_of_teams_and_bins_are_counted_in_each_draw_and_averaged(case: Case) -> None:
    teams = case.scenario.teams
    for team in case.whole.winners_losers.each_team:
        inside = [
            [member for member in year.members if teams.get(member.user_id, "") == team.party.name]
            for year in case.years
        ]
        alone = [groups(Change(*costs_of(member)) for member in members) for members in inside]
        split = (team.split.costs_less, team.split.costs_more, team.split.same)
        for place, share in enumerate(split):
            assert share == Fraction(sum(found[place].members for found in alone), DRAWS)
        as_one = [Change(*map(sum, zip(*map(costs_of, members), strict=True))).group for members in inside]
        assert as_one.count(team.group) == max(map(as_one.count, as_one))
    for place, party in enumerate(case.whole.winners_losers.teams):
        assert party.count == sum(one.winners_losers.teams[place].count for one in case.alone) / DRAWS
    whole = sum(one.split.costs_more for one in case.whole.winners_losers.bins)
    assert whole == case.whole.winners_losers.members[1].count


def costs_of(member: MemberChange) -> tuple[int, int]:
    """What a member costs on the old plan and on the new one, cents."""
    return member.old_seat_cost + member.old_usage, member.new_seat_cost + member.new_usage


def test_usage_around_the_break_even_is_the_mean_of_the_draws(case: Case) -> None:
    alone = [one.break_even.places for one in case.alone]
    for place, *others in zip(case.whole.break_even.places, *alone, strict=True):
        assert {other.user_id for other in others} == {place.user_id}
        mean = Fraction(sum(other.usage for other in others), DRAWS)
        # Each of them is rounded to the nano-dollar.
        assert abs(place.usage - mean) <= 1


def test_work_that_can_be_done_is_spread_over_the_draws(case: Case) -> None:
    keys = {(work.direction, work.cause, work.surface) for one in case.alone for work in one.capability.works}
    assert {(work.direction, work.cause, work.surface) for work in case.whole.capability.works} == keys
    for work in case.whole.capability.works:
        key = work.direction, work.cause, work.surface
        found = [
            [other for other in one.capability.works if (other.direction, other.cause, other.surface) == key]
            for one in case.alone
        ]
        assert work.amount == spread(cents([sum(other.amount.p50 for other in each) for each in found]))
        assert work.chance == Fraction(sum(1 for each in found if each), DRAWS)
        assert work.members == Fraction(sum(other.members for each in found for other in each), DRAWS)


def test_a_limit_is_hit_with_the_share_of_draws_in_which_it_is(case: Case) -> None:
    hits = [{(hit.plan, hit.month, hit.scope, hit.cause): hit for hit in one.capability.hits} for one in case.alone]
    assert {(hit.plan, hit.month, hit.scope, hit.cause) for hit in case.whole.capability.hits} == set().union(*hits)
    for hit in case.whole.capability.hits:
        alone = [each[key] for each in hits if (key := (hit.plan, hit.month, hit.scope, hit.cause)) in each]
        assert hit.chance == sum(other.chance for other in alone) / DRAWS
        assert hit.stopped == int(mean_of_sums(cents([sum(other.stopped for other in alone)]), DRAWS)[0])
        assert {other.counterfactual for other in alone} == {hit.counterfactual}


def test_limits_are_hit_in_the_tight_case(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = case_of("tight", tmp_path_factory.getbasetemp() / "answers-tight").whole.capability
    assert {"blocked_member_limit", "blocked_organization_limit"} <= {hit.cause for hit in found.hits}
    assert any(0 < hit.chance < 1 for hit in found.hits)


def test_nothing_is_told_of_somebody_who_was_drawn(case: Case) -> None:
    drawn = set(case.scenario.personas)
    assert drawn == set(case.scenario.people)
    assert not drawn & {hit.scope for hit in case.whole.capability.hits}
    for one in case.whole.recommendations.all:
        assert one.key != MEMBER_LIMIT
        assert not drawn & {one.subject, *one.names}


def test_a_persona_has_a_limit_where_its_members_need_more_than_all(case: Case) -> None:
    found = case.whole.recommendations
    default = found.of(DEFAULT_LIMIT)
    assert default is not None
    own = {one.subject: one for one in found.all if one.key == PERSONA_LIMIT}
    names = {persona.name for persona in case.scenario.personas.values()}
    assert own.keys() < names
    assert all(one.value > default.value and one.chance <= one.level == Fraction(1, 20) for one in own.values())
    assert "heavy_engineer" in own


# --- what if, when, and what it depends on ----------------------------------------------------------------------------


def row_of(one: Answers, key: str) -> WhatIfRow:
    """A row of a draw's table; a what-if that changes nothing in it is as the renewal stands."""
    return next((row for row in one.what_if.rows if row.key == key), one.what_if.base)


def test_a_what_if_costs_what_it_costs_in_each_draw(case: Case) -> None:
    rows = [row for row in case.whole.what_if.rows if row.key != "recommended_limit"]
    alone = {row.key for one in case.alone for row in one.what_if.rows} - {"recommended_limit"}
    assert {row.key for row in rows} == alone
    assert len(rows) > 5
    for row in rows:
        found = [row_of(one, row.key) for one in case.alone]
        assert row.old == spread(cents([other.old.p50 for other in found]))
        assert row.new == spread(cents([other.new.p50 for other in found]))
        assert row.change == spread(cents([other.change.p50 for other in found]))
        assert row.effect == spread(cents([other.effect.p50 for other in found]))
        assert row.undone == spread(cents([other.undone.p50 for other in found]))
        assert row.costs_more == Fraction(sum(1 for other in found if other.change.p50 > 0), DRAWS)


def test_the_recommended_limit_costs_what_the_renewal_costs_with_it(case: Case) -> None:
    row = next((row for row in case.whole.what_if.rows if row.key == "recommended_limit"), None)
    limit = case.whole.recommendations.of(ORGANIZATION_LIMIT)
    assert row is not None
    assert limit is not None
    scenario, agreed = case.scenario, case.scenario.contract.renewal
    held = agreed.limits
    change = replace(held, organization=limit.value * CENT) if held else LimitChange(limit.value * CENT)
    contract = replace(scenario.contract, renewal=replace(agreed, limits=change))
    assert row.new == spread(renew(replace(scenario, contract=contract), detail=1, jobs=1).new.cost)
    assert row.old == case.whole.range.old


def test_moving_early_costs_what_it_costs_in_each_of_the_first_draws(case: Case) -> None:
    found, alone = case.whole.timing, [one.timing for one in case.alone[: LEVELS.trial_draws]]
    assert found.draws == LEVELS.trial_draws
    assert len(found.moves) > 3
    for move, *others in zip(found.moves, *(one.moves for one in alone), strict=True):
        assert {(other.day, other.credit, other.seats) for other in others} == {(move.day, move.credit, move.seats)}
        assert move.cost == spread(cents([other.cost.p50 for other in others]))
        assert move.change == spread(cents([other.change.p50 for other in others]))
        assert move.cash.keys() == {month for other in others for month in other.cash}
        for month, paid in move.cash.items():
            assert paid == spread(cents([other.cash[month].p50 if month in other.cash else 0 for other in others]))


def test_a_draw_that_moves_early_costs_what_its_bills_say(case: Case) -> None:
    """The cash of moving on a day is what the invoices of a contract with that very move come to."""
    if any(event.action.__class__.__name__ == "Migrate" for event in case.scenario.events):
        pytest.skip("it has a move of its own")
    found = case.whole.timing
    waiting = totals(renew(case.scenario, detail=DRAWS, jobs=1).run.ledger)
    first = month_of(found.first)
    months = [row for row, (month, _) in enumerate(waiting.spans) if month >= first]
    paid = waiting.invoiced[months, : LEVELS.trial_draws].sum(axis=0)
    by_month = {month: 0 for month, _ in waiting.spans}
    for row in months:
        by_month[waiting.spans[row][0]] += int(waiting.invoiced[row, 0])
    alone = case.alone[0].timing.waiting.cash
    assert {month: sums.p50 for month, sums in alone.items() if sums.p50} == {m: c for m, c in by_month.items() if c}
    means = sum(sums.mean for sums in found.waiting.cash.values())
    assert means == pytest.approx(float(paid.mean()), abs=len(by_month))


def test_each_swing_of_the_tornado_is_the_middle_of_the_first_draws(case: Case) -> None:
    found, alone = case.whole.tornado, [one.tornado for one in case.alone[: LEVELS.trial_draws]]
    assert found.draws == LEVELS.trial_draws
    assert found.base == spread(cents([one.base for one in alone])).p50
    by_key = [{swing.key: swing for swing in one.swings} for one in alone]
    assert {swing.key for swing in found.swings} == set(by_key[0])
    for swing in found.swings:
        for side in swing.sides:
            same = [next(other for other in swings[swing.key].sides if other.value == side.value) for swings in by_key]
            assert side.change == spread(cents([other.change for other in same])).p50
            assert side.new == spread(cents([other.new for other in same])).p50


# --- blocks and processes ---------------------------------------------------------------------------------------------


def digest(found: Answers) -> str:
    tables = "\n".join(csv_text(table, values) for table, values in answer_values(found))
    return hashlib.sha256(tables.encode()).hexdigest()


@pytest.mark.parametrize(("size", "jobs"), [(1, 1), (3, 2), (100, 1)])
def test_blocks_and_processes_change_nothing(case: Case, size: int, jobs: int) -> None:
    assert digest(in_blocks(case.scenario, size, jobs)) == digest(case.whole)


def test_progress_is_told_of_every_draw(case: Case) -> None:
    told: list[int] = []
    answer(case.scenario, LEVELS, jobs=1, progress=told.append)
    assert sum(told) == DRAWS


# --- other prices -----------------------------------------------------------------------------------------------------


def test_other_prices_are_those_of_the_same_tokens() -> None:
    """Levels in dollars say how many tokens there are at the customer's prices, not at those of a what-if."""
    end, organization = date(2027, 1, 10), mixed()
    cheap = catalogue().with_overlay(read_overlay(CHEAPER)).cards["claude_api"]
    drawn = Generator(organization, CARD, end).draw(range(3))
    again = Generator(organization, cheap, end)
    priced = again.priced(drawn)
    for draw in range(3):
        one, other = drawn.rows(draw), priced.rows(draw)
        assert np.array_equal(one.tokens, other.tokens)
        assert [one.model_names[code] for code in one.model] == [other.model_names[code] for code in other.model]
    days = organization.start, end, drawn.members
    before, after = drawn.demand(*days).total.sum(), priced.demand(*days).total.sum()
    assert after < 0.9 * before
    # Drawn anew, they would use so many more tokens that it cost as much as ever.
    assert again.draw(range(3)).demand(*days).total.sum() > 0.95 * before


def test_usage_in_tokens_is_the_same_when_it_is_drawn_anew() -> None:
    end, organization = date(2026, 3, 1), plain(population(BOT, 3))
    cheap = catalogue().with_overlay(replace(read_overlay(CHEAPER), since=date(2026, 1, 1))).cards["claude_api"]
    days = organization.start, end, organization.members
    again = Generator(organization, cheap, end)
    priced = again.priced(Generator(organization, CARD, end).draw(range(2)))
    assert np.array_equal(priced.demand(*days).total, again.draw(range(2)).demand(*days).total)
