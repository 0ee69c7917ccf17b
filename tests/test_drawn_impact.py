"""Renewals and comparisons over many draws: every draw's figures are those of that draw alone."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alone import Alone, Change, YearAlone, undone
from planshift.billing.ledger import AMOUNTS, BLOCKED, COLUMN
from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import metered_from
from planshift.impact.bridge import STEPS
from planshift.impact.compare import Comparison, compare
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import Renewal, renew
from planshift.impact.spread import Spread, mean_of_sums, means, spread, spreads
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.reports.changes import GROUPS
from stacked import Drawn, drawn
from test_draws import EXAMPLES
from test_totals import assert_same

DRAWS = 5
RENEWALS = {
    "standard_premium": EXAMPLES / "renewal_standard_premium.yaml",
    "chat_claude_code": EXAMPLES / "renewal_chat_claude_code.yaml",
    "demo": folder("scenarios") / "renewal_demo.yaml",
}
EARLY = """\
title: Moving early, in the middle of a month, to credits
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-06-01
  seats: {standard: 45, premium: 10}
  seat_prices: {standard: 40.00, premium: 200.00}
  included_usage_per_week: {standard: 6.00, premium: 30.00}
  usage_discount: 0.1
  spend_limits: {each_member: 60, organization: 250}
  renewal:
    channel: self_serve
    seats: {enterprise: 55}
    spend_limits: {each_member: 140}
    credits: {initial: 400, when_exhausted: {buy: 300, after_days: 3}, expiry_months: 4}
horizon: {start: 2026-10-01, months: 2}
members: {ada: premium, ben: standard, cleo: standard, dan: standard}
events:
  - {date: 2026-11-17, migrate: {credit: prorated}}
"""


@cache
def scenario(name: str, folder: Path) -> Drawn:
    path = RENEWALS.get(name, folder / "early.yaml")
    if name == "early":
        path.write_text(EARLY)
    return drawn(read_scenario(path, load_catalogue()), DRAWS)


@pytest.fixture(scope="module", params=[*RENEWALS, "early"])
def customer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return scenario(request.param, tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def renewed(customer: Drawn) -> tuple[Renewal, list[Alone]]:
    """All draws at once in blocks of two, and each by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.billing.blocks.block_size", lambda members, days: 2)
        return renew(customer, detail=3, jobs=1), [Alone.of(renew(only(customer, draw))) for draw in range(DRAWS)]


@pytest.fixture(scope="module")
def compared(customer: Drawn) -> tuple[Comparison, list[Comparison]]:
    plans = [customer.contract.plan.id, "enterprise"]
    if customer.contract.channel == "self_serve" or customer.contract.renewal.channel == "self_serve":
        plans.reverse()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.billing.blocks.block_size", lambda members, days: 2)
        found = compare(customer, plans, detail=3, jobs=1)
    return found, [compare(only(customer, draw), plans) for draw in range(DRAWS)]


def only(customer: Drawn, draw: int) -> Drawn:
    return replace(customer, only=draw)


def assert_outcome(found: Outcome, draw: int, alone: YearAlone) -> None:
    same = ("plan", "first", "end", "counterfactual", "seats")
    assert [getattr(found, name) for name in same] == [getattr(alone, name) for name in same]
    assert found.months == tuple(month.month for month in alone.months)
    assert found.seat_cost.tolist() == [month.seats for month in alone.months]
    assert found.usage_cost[:, draw].tolist() == [month.usage for month in alone.months]
    assert found.month_cost[:, draw].tolist() == [month.total for month in alone.months]
    assert found.blocked[:, draw].tolist() == [month.blocked for month in alone.months]
    assert found.amounts[:, draw].tolist() == [alone.amount(name) for name in AMOUNTS]
    assert [int(found.by_cause[name][:, draw].sum()) for name in BLOCKED] == [alone.amount(name) for name in BLOCKED]
    assert found.undone[draw] == undone(alone)
    amounts = (found.cost, found.invoiced, found.credits_bought, found.credits_left)
    told = [int(amount[draw]) for amount in amounts]
    assert told == [alone.cost, alone.invoiced, alone.credits_bought, alone.credits_left]


# --- renewals ------------------------------------------------------------------------------------------------------


def test_each_year_is_that_of_the_draw_alone(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    assert (found.draws, found.day, found.end, found.months) == (DRAWS, alone[0].day, alone[0].end, alone[0].months)
    for draw, one in enumerate(alone):
        assert_outcome(found.old, draw, one.old)
        assert_outcome(found.new, draw, one.new)
        assert (found.year_before is None) == (one.year_before is None)
        if found.year_before and one.year_before:
            assert_outcome(found.year_before, draw, one.year_before)
        assert found.change[draw] == one.change


def test_the_steps_are_those_of_the_draw_alone_and_add_up(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    assert list(found.steps) == [key for key in STEPS if key in found.steps]
    assert np.array_equal(sum(found.steps.values()), found.change)
    for draw, one in enumerate(alone):
        cents = {step.key: step.cents for step in one.steps}
        assert {key: int(step[draw]) for key, step in found.steps.items()} == {
            key: cents.get(key, 0) for key in found.steps
        }
        assert set(cents) <= set(found.steps)


def test_members_are_the_mean_over_the_draws(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    odds = found.members
    for place, member in enumerate(odds.members):
        rows = [one.members[place] for one in alone]
        assert {row.user_id for row in rows} == {member}
        assert {(row.old_seat, row.new_seat) for row in rows} == {(odds.old_seats[place], odds.new_seats[place])}
        before = [row.old_seat_cost + row.old_usage for row in rows]
        after = [row.new_seat_cost + row.new_usage for row in rows]
        assert odds.old_cost[place] == rounded_mean(before)
        assert odds.new_cost[place] == rounded_mean(after)
        assert odds.newly_done[place] == rounded_mean([row.newly_done for row in rows])
        assert odds.newly_stopped[place] == rounded_mean([row.newly_stopped for row in rows])
        dearer, cheaper = shares(before, after)
        assert (odds.costs_more[place], odds.costs_less[place]) == (dearer, cheaper)
        assert odds.more_done[place] == fmean(row.newly_done > 0 for row in rows)
        assert odds.less_done[place] == fmean(row.newly_stopped > 0 for row in rows)
        own = COLUMN["blocked_member_limit"]
        assert odds.limited[place] == fmean(one.new.amounts[own, place] > 0 for one in alone)


def test_the_first_draws_are_kept_whole(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    assert found.run.ledger.draws == found.counterfactual.ledger.draws == 3
    for draw in range(3):
        detail, one = Alone.of(found, draw), alone[draw]
        assert (detail.steps, detail.members) == (one.steps, one.members)
        assert found.run.ledger.lines(draw) == one.run.ledger.lines()
        assert found.counterfactual.ledger.lines(draw) == one.counterfactual.ledger.lines()


def test_teams_are_counted_in_each_draw(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    teams = found.teams
    assert teams is not None
    assert sum(teams.sizes) == len(found.members.members)
    assert (teams.members.sum(axis=(0, 1)) == len(found.members.members)).all()
    for draw, one in enumerate(alone):
        assert teams.newly_done[:, draw].sum() == sum(member.newly_done for member in one.members)
        assert teams.newly_stopped[:, draw].sum() == sum(member.newly_stopped for member in one.members)
        before = {group: [0, 0, 0] for group in GROUPS}
        for member in one.members:
            change = Change(member.old_seat_cost + member.old_usage, member.new_seat_cost + member.new_usage)
            before[change.group] = [
                sum(pair) for pair in zip(before[change.group], (1, change.before, change.after), strict=True)
            ]
        seen = (teams.members, teams.old_cost, teams.new_cost)
        for place, group in enumerate(GROUPS):
            assert [int(of[:, place, draw].sum()) for of in seen] == before[group]


def test_what_is_not_of_a_draw_is_noted_once(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, alone = renewed
    of_draws = [note for note in found.notes if "on average over the draws" in note]
    assert [note for note in found.notes if note not in of_draws] == [
        note for note in alone[0].notes if not note.startswith("On the new plan credits for")
    ]
    assert bool(of_draws) == bool(found.new.credits_bought.any())


def test_the_processes_make_no_difference(customer: Drawn, renewed: tuple[Renewal, list[Alone]]) -> None:
    again = renew(customer, detail=1, jobs=2)
    assert_same(again.members, renewed[0].members)
    assert_same(again.teams, renewed[0].teams)
    assert np.array_equal(again.change, renewed[0].change)


# --- comparisons ---------------------------------------------------------------------------------------------------


def test_each_plan_is_that_of_the_draw_alone(compared: tuple[Comparison, list[Comparison]]) -> None:
    found, alone = compared
    assert (found.draws, found.first, found.end) == (DRAWS, alone[0].first, alone[0].end)
    assert found.notes == alone[0].notes
    for place, on_plan in enumerate(found.plans):
        for draw, one in enumerate(alone):
            mine, other = on_plan.outcome, one.plans[place].outcome
            for name in ("usage_cost", "blocked", "amounts", "undone", "invoiced", "credits_bought", "credits_left"):
                assert getattr(mine, name)[..., draw].tolist() == getattr(other, name)[..., 0].tolist(), name
            assert mine.seat_cost.tolist() == other.seat_cost.tolist()
            assert on_plan.notes == one.plans[place].notes
            lines = one.plans[place].ledger.lines()
            assert on_plan.totals.invoiced[:, draw].sum() == sum(line.cents for line in lines)


def test_members_on_each_plan_are_the_mean_over_the_draws(compared: tuple[Comparison, list[Comparison]]) -> None:
    found, alone = compared
    for plan in range(len(found.plans)):
        for place in range(len(found.members.members)):
            first, costs, stopped = (
                [int(rows[number, place]) for rows in columns]
                for number, columns in (
                    (0, [one.members.costs for one in alone]),
                    (plan, [one.members.costs for one in alone]),
                    (plan, [one.members.stopped for one in alone]),
                )
            )
            changes = [cost - before for cost, before in zip(costs, first, strict=True)]
            assert found.members.costs[plan, place] == rounded_mean(costs)
            assert found.members.change[plan, place] == rounded_mean(changes)
            assert found.members.stopped[plan, place] == rounded_mean(stopped)
            odds = found.members.dearer[plan, place], found.members.cheaper[plan, place]
            assert odds == shares(first, costs)


def test_groups_are_counted_in_each_draw(compared: tuple[Comparison, list[Comparison]]) -> None:
    found, alone = compared
    for draw, one in enumerate(alone):
        for name in ("members", "before", "after"):
            assert np.array_equal(getattr(found.groups, name)[..., draw], getattr(one.groups, name)[..., 0])
    assert (found.groups.members.sum(axis=1) == len(found.members.members)).all()
    assert found.groups.after.sum() == sum(one.members.costs.sum() for one in alone)


def test_the_first_draws_are_kept_whole_on_each_plan(compared: tuple[Comparison, list[Comparison]]) -> None:
    found, alone = compared
    for place, plan in enumerate(found.plans):
        assert plan.ledger.draws == 3
        for draw in range(3):
            assert plan.ledger.lines(draw) == alone[draw].plans[place].ledger.lines()


def test_comparing_in_processes_makes_no_difference(
    customer: Drawn, compared: tuple[Comparison, list[Comparison]]
) -> None:
    plans = [on_plan.outcome.plan.id for on_plan in compared[0].plans]
    again = compare(customer, plans, detail=1, jobs=2)
    for mine, other in zip(again.plans, compared[0].plans, strict=True):
        assert_same(mine.totals, other.totals)


# --- being metered -------------------------------------------------------------------------------------------------


def test_usage_is_metered_from_the_day_on_which_nothing_is_included(customer: Drawn) -> None:
    end = customer.term.renewal.replace(year=customer.term.renewal.year + 1)
    expected: Any = None
    if customer.contract.plan.seat_based:
        moves = [event.day for event in customer.events if type(event.action).__name__ == "Migrate"]
        expected = min([*moves, customer.term.renewal])
    assert metered_from(customer, end) == expected
    assert metered_from(customer, customer.start) is None
    before = [event for event in customer.events if type(event.action).__name__ != "Migrate"]
    assert metered_from(customer.with_events(before), end, counterfactual=True) is None


def test_the_year_on_the_new_plan_answers_to_being_metered(renewed: tuple[Renewal, list[Alone]]) -> None:
    found, _ = renewed
    demand = COLUMN["demand"]
    factor = 2 if found.old.plan.seat_based else 1
    assert np.allclose(found.old.amounts[demand], factor * found.new.amounts[demand], rtol=1e-6)


def test_a_shipped_organization_renews_alike_in_any_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = read_scenario(folder("scenarios") / "midsize_premium.yaml", load_catalogue()).with_draws(5, None)
    whole = renew(shipped, detail=5, jobs=1)
    monkeypatch.setattr("planshift.billing.blocks.block_size", lambda members, days: 2)
    parts = renew(shipped, detail=1, jobs=2)
    assert_same(parts.teams, whole.teams)
    assert np.array_equal(parts.change, whole.change)
    assert_same(parts.members, whole.members)
    assert parts.notes == whole.notes
    alone = Alone.of(whole)
    assert_outcome(parts.new, 0, alone.new)
    assert_outcome(parts.old, 0, alone.old)
    assert 0 < parts.new.amounts[COLUMN["demand"]].sum() < parts.old.amounts[COLUMN["demand"]].sum()


# --- spreads -------------------------------------------------------------------------------------------------------

amounts = st.integers(-(10**15), 10**15)
rows = arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(1, 40)), elements=amounts)


@given(rows)
def test_a_spread_is_a_mean_and_amounts_of_draws(values: np.ndarray) -> None:
    for row, found in zip(values, spreads(values), strict=True):
        low, middle, high = (int(np.percentile(row, p, method="inverted_cdf")) for p in (10, 50, 90))
        assert found == Spread(rounded_mean(row.tolist()), low, middle, high)
        assert found == spread(row)
        assert mean_of_sums(row.sum(keepdims=True), len(row))[0] == found.mean


def test_the_mean_of_amounts_whose_sum_leaves_64_bits() -> None:
    values = np.full(1000, 9 * 10**18, dtype=np.int64)
    assert means(values) == 9 * 10**18
    assert means(-values) == -9 * 10**18


def rounded_mean(values: Sequence[int]) -> int:
    mean = Fraction(sum(values), len(values))
    whole = int(abs(mean) + Fraction(1, 2))
    return whole if mean >= 0 else -whole


def shares(before: Sequence[int], after: Sequence[int]) -> tuple[float, float]:
    pairs = list(zip(before, after, strict=True))
    dearer = sum(new - old > Fraction(old, 100) for old, new in pairs)
    cheaper = sum(old - new > Fraction(old, 100) for old, new in pairs)
    return dearer / len(pairs), cheaper / len(pairs)
