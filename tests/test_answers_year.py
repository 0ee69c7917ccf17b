"""The years that answers bill are those of the renewal itself, to the nano-dollar, though few days are run through."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from alone import YearAlone, renew
from answering import CHAT, DEMO, billed, catalogue, demands, shipped
from command import EXAMPLES
from engine import as_scenario
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.scenario import read_scenario
from planshift.impact.answers.course import Course, Variant, Years, scaled, tried
from planshift.impact.answers.year import BilledYear
from planshift.plans.files import folder
from planshift.plans.plan import read_overlay

drawn = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
OVERLAYS = folder("plans") / "overlays"
PATHS = [DEMO, CHAT, EXAMPLES / "renewal_standard_premium.yaml", EXAMPLES / "renewal_chat_claude_code.yaml"]


def assert_same(year: BilledYear, seen: YearAlone) -> None:
    assert year.months == tuple(month.month for month in seen.months)
    assert year.seat_cost.tolist() == [month.seats for month in seen.months]
    assert year.usage_cost[:, 0].tolist() == [month.usage for month in seen.months]
    assert int(year.cost[0]) == seen.cost
    assert np.array_equal(year.amounts[:, 0], seen.amounts)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_both_years_of_a_shipped_renewal_are_the_renewals(path: Path) -> None:
    scenario = read_scenario(path, catalogue())
    found, (old, new) = renew(scenario), billed(Course.of(scenario))
    assert_same(old, found.old)
    assert_same(new, found.new)


@drawn
@given(drawn_one=scenarios().filter(lambda one: one[0]["contract"]["plan"] != "enterprise"))
def test_both_years_of_a_drawn_renewal_are_the_renewals(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    found, (old, new) = renew(scenario), billed(Course.of(scenario))
    assert_same(old, found.old)
    assert_same(new, found.new)


def test_the_demo_is_billed_from_the_week_of_its_renewal_on() -> None:
    course = Course.of(shipped(DEMO))
    assert (str(course.old.warm), str(course.new.warm)) == ("2026-12-28", "2027-01-01")


@pytest.mark.parametrize("name", sorted(path.stem for path in OVERLAYS.glob("*.yaml")))
def test_a_variant_on_measured_demand_is_the_renewal_under_the_overlay(name: str) -> None:
    overlay = read_overlay(OVERLAYS / f"{name}.yaml")
    scenario, base = shipped(DEMO), Course.of(shipped(DEMO))
    one = tried(Variant(name, "", overlays=(overlay,)), base)
    asked = demands(base)
    years = Years(base.old.billed(asked.old), base.new.billed(asked.new))
    found = one.years(years, demands(one.course) if one.reprices else asked)
    under = renew(Variant(name, "", overlays=(overlay,)).applied(scenario))
    assert_same(found.old, under.old)
    assert_same(found.new, under.new)


def test_more_usage_is_scaled_and_rounded_half_up() -> None:
    nanos = np.array([0, 1, 2, 3, 10**18], dtype=np.int64)
    assert scaled(nanos, Fraction(5, 4)).tolist() == [0, 1, 3, 4, 125 * 10**16]
    assert scaled(nanos, Fraction(1, 2)).tolist() == [0, 1, 1, 2, 5 * 10**17]
    assert scaled(np.array([4 * 10**18], dtype=np.int64), Fraction(3, 2)).tolist() == [6 * 10**18]
