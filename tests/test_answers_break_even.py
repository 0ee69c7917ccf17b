"""Break-even: the formula against the engine on usage that is the same every day, and what the crossings must be."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering import DEMO, answered, billed, even, shipped
from planshift.billing.ledger import COLUMN
from planshift.impact.answers.break_even import (
    COSTS_LESS,
    COSTS_MORE,
    SAME,
    BreakEven,
    Tariff,
    break_even,
    crossings,
    difference,
    everywhere,
    summed,
)
from planshift.impact.answers.course import Course

CONTRACT = """\
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {standard: 60}
  seat_prices: {standard: 40.00}
  included_usage_per_week: {standard: 25.00}
  extra_usage: {enabled: true}
members: {ada: standard}
"""
TWICE = (
    CONTRACT.replace("40.00}", "30.00}")
    .replace("25.00}", "5.00}")
    .replace("members:", "  renewal: {usage_discount: 0.20}\nmembers:")
)


def found(scenario: object) -> tuple[BreakEven, int]:
    """The break-even of a scenario with one member, and what that member costs more by the engine, cents a year."""
    course = Course.of(scenario)  # type: ignore[arg-type]
    old, new = billed(course)
    usage = (old.amounts[COLUMN["demand"]] - old.amounts[COLUMN["unavailable"]]).sum(axis=0)
    (seat,) = break_even(course, usage, 1).seats
    prices = int((seat.new.price - seat.old.price) * 1200)
    return break_even(course, usage, 1), prices + int(new.usage_cost.sum() - old.usage_cost.sum())


def test_with_prices_of_40_and_20_the_new_plan_is_dearer_from_20_dollars_a_month_on() -> None:
    seats = {one.seat: one for one in answered(DEMO).break_even.seats}
    # The seat is 20 dollars cheaper, and every dollar of usage that was included is billed: 40 − 20, and 200 − 20.
    assert [(one.usage, one.turns) for one in seats["standard"].crossings] == [(20, COSTS_MORE)]
    assert [(one.usage, one.turns) for one in seats["premium"].crossings] == [(180, COSTS_MORE)]


@pytest.mark.parametrize(("cents", "group"), [(65, COSTS_LESS), (66, COSTS_MORE)])
def test_the_engine_turns_where_the_formula_says(cents: int, group: str, tmp_path: Path) -> None:
    # 240 dollars a year ÷ 365 days: between 65 and 66 cents a day.
    answer, more = found(even(tmp_path, {"ada": cents}, CONTRACT))
    assert [one.usage for one in answer.seats[0].crossings] == [20]
    assert more == (cents * 365 - 24_000)
    assert (answer.seats[0].costs_more, answer.seats[0].costs_less) == ((1, 0) if group == COSTS_MORE else (0, 1))


@pytest.mark.parametrize(
    ("share", "costs_more"), [("0.97", False), ("1.05", True), ("4.4", True), ("4.9", False)], ids=str
)
def test_a_discount_on_the_new_plan_makes_it_cheaper_again_for_heavy_members(
    share: str, costs_more: bool, tmp_path: Path
) -> None:
    # 20 + 0.8 u = 30 at 12.50; and 20 + 0.8 u = 30 + u − 5 x 365 ÷ 7 ÷ 12 at 58.63.
    course = Course.of(even(tmp_path, {"ada": 50}, TWICE))
    seat = break_even(course, np.array([10**9]), 1).seats[0]
    included = Fraction(5 * 365, 84)
    expected = [(Fraction(25, 2), COSTS_MORE), ((included - 10) * 5, COSTS_LESS)]
    assert [(one.usage, one.turns) for one in seat.crossings] == expected
    cents = round(Fraction(share) * Fraction(25, 2) * 1200 / 365)
    _, more = found(even(tmp_path, {"ada": cents}, TWICE))
    # The engine's year begins and ends with a part of a week, for which the whole allowance holds.
    assert (more > 0) is costs_more


def test_without_extra_usage_the_old_plan_costs_its_price_and_no_more() -> None:
    old = Tariff(Fraction(40), Fraction(100), Fraction(0), billed_beyond=False)
    assert old.cost(Fraction(500)) == 40
    assert [one.usage for one in crossings(difference(old, Tariff(Fraction(20))))] == [20]


def test_a_dearer_seat_and_the_same_usage_is_dearer_at_any_usage() -> None:
    pieces = difference(Tariff(Fraction(10)), Tariff(Fraction(20)))
    assert (crossings(pieces), everywhere(pieces)) == ((), COSTS_MORE)
    same = difference(Tariff(Fraction(20)), Tariff(Fraction(20)))
    assert (crossings(same), everywhere(same)) == ((), SAME)


dollars = st.integers(0, 60).map(Fraction)
tariffs = st.builds(
    Tariff,
    price=dollars,
    included=st.one_of(st.just(Fraction(0)), dollars),
    discount=st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 2)]),
    billed_beyond=st.booleans(),
)


@given(old=tariffs, new=tariffs, usage=st.fractions(0, 300))
def test_between_two_crossings_the_same_plan_is_dearer(old: Tariff, new: Tariff, usage: Fraction) -> None:
    pieces = difference(old, new)
    change = new.cost(usage) - old.cost(usage)
    assert [piece.at(usage) for piece in pieces if piece.start <= usage][-1] == change
    passed = [one for one in crossings(pieces) if one.usage <= usage]
    if passed and change:
        assert passed[-1].turns == (COSTS_MORE if change > 0 else COSTS_LESS)
    if not crossings(pieces) and change:
        assert everywhere(pieces) == (COSTS_MORE if change > 0 else COSTS_LESS)


@given(
    pairs=st.lists(st.tuples(st.integers(0, 4).map(Fraction), tariffs, tariffs), max_size=5), factor=st.fractions(0, 50)
)
def test_the_mix_is_the_sum_of_its_members(pairs: list[tuple[Fraction, Tariff, Tariff]], factor: Fraction) -> None:
    pieces = summed([(weight, difference(old, new)) for weight, old, new in pairs], Fraction(7))
    exact = sum(new.cost(weight * factor) - old.cost(weight * factor) for weight, old, new in pairs) + 7
    assert [piece.at(factor) for piece in pieces if piece.start <= factor][-1] == exact


def test_at_the_break_even_of_the_mix_everybody_together_costs_the_same() -> None:
    course = Course.of(shipped(DEMO))
    old, _ = billed(course)
    usage = (old.amounts[COLUMN["demand"]] - old.amounts[COLUMN["unavailable"]]).sum(axis=0)
    answer = break_even(course, usage, 1)
    (crossing,) = answer.mix.crossings
    tariff_of = {one.seat: (one.old, one.new) for one in answer.seats}
    mean = Fraction(sum(place.usage for place in answer.places), len(answer.places))
    factor = crossing.usage * 10**9 / mean
    costs = [Fraction(0), Fraction(0)]
    for place in answer.places:
        used = Fraction(place.usage, 10**9) * factor
        for side in (0, 1):
            costs[side] += tariff_of[place.seat][side].cost(used)
    # Seats that nobody has: eight, as 60 Standard seats less the six that were given up face 46 members.
    idle_old = 40 * (60 - 6 - 46)
    idle_new = 20 * (66 - 58)
    assert abs(costs[1] + idle_new - costs[0] - idle_old) < Fraction(1, 1000)


def test_every_member_with_a_seat_has_a_place_and_only_those() -> None:
    answer = answered(DEMO).break_even
    assert len(answer.places) == sum(one.members for one in answer.seats) == answer.mix.members == 58
    assert {place.team for place in answer.places} == {"apps", "data", "marketing", "operations", "platform"}


def test_means_over_draws_stand_where_one_draw_would() -> None:
    course = Course.of(shipped(DEMO))
    usage = np.arange(len(course.scenario.people), dtype=np.int64) * 10**9
    one, four = break_even(course, usage, 1), break_even(course, usage * 4, 4)
    assert replace(four, draws=1) == one
