"""Recommendations: each keeps to its level over the draws, is the least that does, and the engine agrees."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import planshift
from answering import CHAT, DEMO, answered, billed, catalogue, demands, even, shipped
from command import run
from planshift.billing.contract import AutoReload, CreditSettings, LimitChange
from planshift.billing.ledger import COLUMN
from planshift.billing.money import CENT, UNLIMITED
from planshift.billing.scenario import Scenario
from planshift.impact.answers.capability import Needs, known_until, needs
from planshift.impact.answers.course import Course, Variant, tried
from planshift.impact.answers.levels import Levels, shipped_levels
from planshift.impact.answers.recommend import (
    DEFAULT_LIMIT,
    FIRST_PURCHASE,
    KEYS,
    MEMBER_LIMIT,
    ORGANIZATION_LIMIT,
    RELOAD_AMOUNT,
    RELOAD_BELOW,
    SEATS,
    Recommendation,
    recommend,
)
from planshift.reports.page.report import PageOptions
from planshift.usage.demand import Demand, Which

DRAWS = 40
SELF_SERVE = """\
contract:
  plan: legacy_chat_claude_code
  channel: self_serve
  term_start: 2026-01-01
  seats: {chat: 20, chat_claude_code: 10}
  credits: {initial: 100000.00}
  renewal: {credits: {initial: 50.00, auto_reload: {below: 10.00, amount: 20.00}, payment: PAYMENT}}
members: {ada: chat_claude_code, ben: chat_claude_code, cleo: chat}
"""


def levels(**changes: object) -> Levels:
    return replace(shipped_levels(), **changes)  # type: ignore[arg-type]


def drawn(demand: Demand, seed: int = 7) -> Demand:
    """The demand of a year in forty draws: each member's months are more or less by chance."""
    generator = np.random.default_rng(seed)
    by_surface = {}
    for name, nanos in demand.by_surface.items():
        months = generator.lognormal(0, 0.4, (len(nanos) // 30 + 1, DRAWS, nanos.shape[2])).repeat(30, axis=0)
        by_surface[name] = (nanos * months[: len(nanos)]).astype(np.int64)
    return replace(demand, by_surface=by_surface, draws=DRAWS)


def found(scenario: Scenario) -> tuple[Course, Demand, Needs]:
    course = Course.of(scenario)
    demand = drawn(demands(course).new)
    return course, demand, needs(course, course.new.billed(demand), demand, before(course, demand), DRAWS)


def before(course: Course, demand: Demand) -> Which:
    return demand.window(course.scenario.start, known_until(course)).active


def only(recommendations: tuple[Recommendation, ...], key: str) -> Recommendation:
    (one,) = (one for one in recommendations if one.key == key)
    return one


@pytest.mark.parametrize("share", ["0.05", "0.20", "0.001"])
def test_the_organization_limit_is_the_least_that_keeps_to_its_level(share: str) -> None:
    course, demand, needed = found(shipped(DEMO))
    one = recommend(course, needed, levels(years_beyond=Fraction(share), organization_step=1)).of(ORGANIZATION_LIMIT)
    assert one is not None
    assert one.chance <= Fraction(share)
    assert one.exact == one.value
    for limit, within in ((one.value, True), (one.value - 1, False)):
        change = LimitChange(limit * CENT, each_member=60_000 * CENT)
        year = tried(Variant("limit", "", limits=change), course).course.new.billed(demand)
        stopped = year.amounts[COLUMN["blocked_organization_limit"]].sum(axis=1)
        # What is below half a cent does not show in whole cents.
        beyond = np.count_nonzero(stopped > CENT // 2)
        assert (beyond <= Fraction(share) * DRAWS) is within


def test_a_tenth_less_stops_what_the_engine_says_it_stops() -> None:
    course, demand, needed = found(shipped(DEMO))
    one = recommend(course, needed, shipped_levels()).of(ORGANIZATION_LIMIT)
    assert one is not None
    billed_under = []
    for limit in (UNLIMITED, one.too_low.value * CENT):
        change = LimitChange(limit, each_member=60_000 * CENT)
        year = tried(Variant("limit", "", limits=change), course).course.new.billed(demand)
        billed_under.append(year.amounts[COLUMN["billed"]].sum(axis=1))
    fewer = billed_under[0] - billed_under[1]
    # Twelve months are rounded to the cent.
    assert abs(fewer.mean() / CENT - one.too_low.amount) < 12
    assert one.too_low.chance == Fraction(int(np.count_nonzero(fewer)), DRAWS)
    assert one.too_high.amount == (one.too_high.value - one.value) * 12


def test_each_member_keeps_to_the_default_or_has_a_limit_of_their_own() -> None:
    course, _, needed = found(shipped(DEMO))
    answer = recommend(course, needed, levels(member_step=1)).all
    default = only(answer, DEFAULT_LIMIT)
    own = {one.subject: one for one in answer if one.key == MEMBER_LIMIT}
    assert own
    peaks = (needed.months.max(axis=0) + CENT // 2) // CENT
    assert np.count_nonzero(peaks > default.value) <= default.level * peaks.size
    for place, member in enumerate(course.scenario.people):
        limit = own[member].value if member in own else default.value
        assert np.count_nonzero(peaks[:, place] > limit) <= DRAWS / 20
    assert all(one.value > default.value for one in own.values())


def test_with_one_year_the_largest_month_is_the_limit() -> None:
    answer = answered(DEMO).recommendations
    assert answer.rests_on_one_year
    limit = answer.of(ORGANIZATION_LIMIT)
    assert limit is not None
    # Of 5,926.80 dollars, rounded up to a hundred; 5,500 are agreed.
    assert (limit.exact, limit.value, limit.agreed, limit.chance) == (592_680, 600_000, 550_000, 0)


def test_seats_are_for_those_who_use_theirs_and_the_idle_are_named() -> None:
    seats = answered(DEMO).recommendations.of(SEATS)
    assert seats is not None
    assert (seats.value, seats.agreed, seats.names) == (55, 66, ("frida", "ivo", "willem"))
    assert (seats.too_high.value, seats.too_high.amount) == (56, 24_000)


def test_there_are_no_fewer_seats_than_the_plan_allows() -> None:
    seats = answered(CHAT).recommendations.of(SEATS)
    assert seats is not None
    assert (seats.exact, seats.value, seats.minimum) == (12, 50, 50)


def test_the_number_of_seats_says_why_on_the_terminal_and_on_the_page() -> None:
    assert "50 seats (12 used, 60 held, minimum 50)" in run("renew", CHAT).out
    html = PageOptions("customer", "en").of(planshift.renew(CHAT)).html
    assert "12 used and 60 held; the plan has at least 50" in html


def test_usage_in_arrears_needs_no_credits() -> None:
    assert {one.key for one in answered(DEMO).recommendations.all} == {
        ORGANIZATION_LIMIT,
        DEFAULT_LIMIT,
        MEMBER_LIMIT,
        SEATS,
    }


def self_serve(tmp_path: Path, payment: str) -> Scenario:
    text = SELF_SERVE.replace("PAYMENT", payment)
    return even(tmp_path, {"ada": 300, "ben": 150, "cleo": 20}, text)


def test_the_reload_covers_the_heaviest_day_and_a_few_reloads_the_largest_month(tmp_path: Path) -> None:
    course, demand, needed = found(self_serve(tmp_path, "card"))
    answer = recommend(course, needed, shipped_levels()).all
    first, below, amount = (only(answer, key) for key in (FIRST_PURCHASE, RELOAD_BELOW, RELOAD_AMOUNT))
    assert first.value == below.value + amount.value
    assert (first.agreed, below.agreed, amount.agreed) == (5_000, 1_000, 2_000)
    days = demand.total[demand.between(course.day, course.end)].sum(axis=2).T
    assert np.array_equal(needed.days, days)
    assert np.count_nonzero(days.max(axis=1) > below.value * CENT) <= DRAWS / 20
    months = needed.months.sum(axis=2).max(axis=0)
    assert np.count_nonzero(months > 4 * amount.value * CENT) <= DRAWS / 20


def test_under_the_recommended_reload_usage_never_stops(tmp_path: Path) -> None:
    scenario = self_serve(tmp_path, "card")
    course, demand, needed = found(scenario)
    answer = recommend(course, needed, shipped_levels()).all
    first, below, amount = (only(answer, key).value * CENT for key in (FIRST_PURCHASE, RELOAD_BELOW, RELOAD_AMOUNT))
    settings = CreditSettings(first, auto_reload=AutoReload(below, amount), payment="card")
    agreed = replace(scenario.contract.renewal, credits=settings)
    changed = replace(scenario, contract=replace(scenario.contract, renewal=agreed))
    year = Course.of(changed).new.billed(demand)
    assert not year.amounts[COLUMN["blocked_credits"]].any()


def test_where_nothing_can_reload_a_purchase_lasts_for_the_largest_month(tmp_path: Path) -> None:
    scenario = self_serve(tmp_path, "card")
    settings = CreditSettings(5_000 * CENT, payment="ach")
    agreed = replace(scenario.contract.renewal, credits=settings)
    course, _, needed = found(replace(scenario, contract=replace(scenario.contract, renewal=agreed)))
    answer = recommend(course, needed, shipped_levels()).all
    first = only(answer, FIRST_PURCHASE)
    assert not [one for one in answer if one.key in (RELOAD_BELOW, RELOAD_AMOUNT)]
    months = needed.months.sum(axis=2).max(axis=0)
    assert np.count_nonzero(months > first.value * CENT) <= DRAWS / 20


def test_recommendations_come_in_the_order_of_their_keys() -> None:
    keys = [KEYS.index(one.key) for one in answered(DEMO).recommendations.all]
    assert keys == sorted(keys)


def test_needs_of_blocks_are_put_together_draw_after_draw() -> None:
    course = Course.of(shipped(DEMO))
    _, new = billed(course)
    asked = demands(course).new
    one = needs(course, new, asked, before(course, asked), 1)
    both = Needs.joined([one, one])
    assert both.months.shape[1] == both.active.shape[0] == 2
    assert recommend(course, both, shipped_levels()).draws == 2
    assert catalogue().plan("enterprise").id == course.new.plan.id
