"""What if: each row is the renewal under the what-if, side by side; the tornado tries one thing at a time."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from alone import renew
from answering import CHAT, DEMO, answered, catalogue, demands, shipped
from command import EXAMPLES
from planshift.billing.contract import Own
from planshift.billing.scenario import Scenario, read_scenario
from planshift.impact.answers.answer import answer
from planshift.impact.answers.course import Course, Variant, tried
from planshift.impact.answers.levels import shipped_levels
from planshift.impact.answers.what_if import BASE, FIGURE, OPEN, questions
from planshift.plans.files import folder
from planshift.plans.plan import read_overlay
from planshift.problems import InputError

OVERLAYS = folder("plans") / "overlays"


def test_the_first_row_is_the_renewal_as_it_stands() -> None:
    base, year = answered(DEMO).what_if.base, renew(shipped(DEMO))
    assert base.key == BASE
    assert (base.old.p50, base.new.p50, base.change.p50) == (year.old.cost, year.new.cost, year.change)
    assert base.effect.p50 == 0


@pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)
def test_a_row_of_an_overlay_is_the_renewal_under_it(path: Path) -> None:
    found = answered(path).what_if
    overlays = [row for row in found.rows if (OVERLAYS / f"{row.key}.yaml").is_file()]
    assert len(overlays) >= 5
    for row in overlays:
        overlay = read_overlay(OVERLAYS / f"{row.key}.yaml")
        year = renew(Variant(row.key, "", overlays=(overlay,)).applied(shipped(path)))
        assert (row.old.p50, row.new.p50, row.change.p50) == (year.old.cost, year.new.cost, year.change)
        assert row.effect.p50 == year.new.cost - found.base.new.p50
        assert row.title == overlay.title


def test_what_changes_nothing_for_a_customer_is_left_out() -> None:
    keys = {row.key for row in answered(DEMO).what_if.rows}
    # The contract has extra usage, and pays in arrears.
    assert {"extra_usage_on", "credits_expire"}.isdisjoint(keys)
    assert "extra_usage_on" in {path.stem for path in shipped_levels().what_ifs if isinstance(path, Path)}


def test_a_what_if_that_somebody_asks_for_is_shown_whatever_it_does() -> None:
    found = answer(shipped(CHAT), what_if=[OVERLAYS / "credits_expire.yaml", OVERLAYS / "seat_price_25.yaml"])
    rows = {row.key: row for row in found.what_if.rows}
    assert rows["credits_expire"].effect.p50 == 0
    # Fifty seats, charged on 2026-09-15: the overlay begins with 2027.
    assert rows["seat_price_25"].effect.p50 == 0


def test_half_of_claude_code_is_half_of_what_is_asked_of_it() -> None:
    course = Course.of(shipped(DEMO))
    one = Variant("half", "", surfaces={"claude_code": Fraction(1, 2)}).asked(demands(course))
    whole = demands(course).new.by_surface
    assert np.array_equal(one.new.by_surface["chat"], whole["chat"])
    assert np.array_equal(one.new.by_surface["claude_code"], (whole["claude_code"] + 1) // 2)
    rows = {row.key: row for row in answered(DEMO).what_if.rows}
    assert rows["claude_code_half"].new.p50 < rows[BASE].new.p50
    assert rows["claude_code_half"].old.p50 < rows[BASE].old.p50


def test_the_recommended_limit_is_billed_by_the_engine() -> None:
    scenario = shipped(DEMO)
    limit = answered(DEMO).recommendations.of("organization_limit")
    assert limit is not None
    assert scenario.contract.renewal.limits is not None
    limits = replace(scenario.contract.renewal.limits, organization=limit.value * 10**7)
    agreed = replace(scenario.contract.renewal, limits=limits)
    year = renew(replace(scenario, contract=replace(scenario.contract, renewal=agreed)))
    rows = {row.key: row for row in answered(DEMO).what_if.rows}
    assert rows["recommended_limit"].new.p50 == year.new.cost
    assert rows["recommended_limit"].undone.p50 < rows[BASE].undone.p50


def test_a_file_that_is_no_overlay_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("kind: overlay\n")
    with pytest.raises(InputError, match="key 'title' is missing"):
        answer(shipped(CHAT), what_if=[tmp_path / "one.yaml"])


# --- the tornado ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)
def test_the_largest_effect_comes_first(path: Path) -> None:
    found = answered(path).tornado
    effects = [swing.effect for swing in found.swings]
    assert effects == sorted(effects, reverse=True)
    for swing in found.swings:
        assert swing.effect == max(abs(side.change - found.base) for side in swing.sides)
        assert [side.change for side in swing.sides] == sorted(side.change for side in swing.sides)


def test_every_choice_that_the_plans_leave_open_is_tried() -> None:
    found = {swing.key: swing for swing in answered(DEMO).tornado.swings if swing.kind == OPEN}
    assert set(found) == {
        "enterprise.proration",
        "legacy_standard_premium.included_usage.window",
        "legacy_standard_premium.proration",
        "legacy_standard_premium.seats.premium.surfaces",
        "legacy_standard_premium.seats.standard.surfaces",
    }
    window = found["legacy_standard_premium.included_usage.window"]
    assert (window.value, [side.value for side in window.sides]) == ("iso_week", ["week_of_term"])


def test_an_open_choice_is_the_renewal_with_the_other_value() -> None:
    scenario = shipped(DEMO)
    (one,) = (
        question
        for question in questions(Course.of(scenario), shipped_levels())
        if question.key == "legacy_standard_premium.seats.standard.surfaces"
    )
    ((_, trial),) = one.others
    year = renew(trial.variant.applied(scenario))
    swing = next(swing for swing in answered(DEMO).tornado.swings if swing.key == one.key)
    assert [(side.change, side.new) for side in swing.sides] == [(year.change, year.new.cost)]


def test_credits_are_asked_about_where_usage_is_paid_ahead() -> None:
    startup = read_scenario(EXAMPLES / "renewal_chat_claude_code.yaml", catalogue())
    keys = {question.key for question in questions(Course.of(startup), shipped_levels())}
    assert not any("credits" in key for key in keys)
    prepaid = _self_serve(startup)
    keys = {question.key for question in questions(Course.of(prepaid), shipped_levels())}
    assert {"enterprise.credits.expiry_months", "legacy_chat_claude_code.credits.at_renewal"} <= keys


def _self_serve(scenario: Scenario) -> Scenario:
    return replace(scenario, contract=replace(scenario.contract, channel="self_serve"))


def test_an_example_in_place_of_a_figure_is_tried_a_fifth_lower_and_higher() -> None:
    scenario = shipped(DEMO)
    own = replace(scenario.contract.own, included_usage={"standard": Decimal("25.00")})
    found = questions(Course.of(replace(scenario, contract=replace(scenario.contract, own=own))), shipped_levels())
    (figure,) = (one for one in found if one.kind == FIGURE)
    assert figure.key == "legacy_standard_premium.seats.premium.included_usd_per_week"
    assert [value for value, _ in figure.others] == ["187.52", "281.28"]


def test_a_choice_that_the_contract_has_made_is_not_open() -> None:
    scenario = shipped(DEMO)
    agreed = replace(scenario.contract.renewal, own=Own(proration="days"))
    contract = replace(scenario.contract, renewal=agreed)
    found = questions(Course.of(replace(scenario, contract=contract)), shipped_levels())
    assert "enterprise.proration" not in {one.key for one in found}


def test_seats_never_fall_below_the_members_or_the_minimum() -> None:
    seats = {swing.key: swing for swing in answered(DEMO).tornado.swings}["seats"]
    assert (seats.value, sorted(side.value for side in seats.sides)) == ("66", ["58", "79"])
    seats = {swing.key: swing for swing in answered(CHAT).tornado.swings}["seats"]
    assert (seats.value, [side.value for side in seats.sides]) == ("50", ["60"])


def test_a_variant_leaves_what_it_does_not_touch_as_it_is() -> None:
    base = Course.of(shipped(DEMO))
    price = tried(Variant("x", "", overlays=(read_overlay(OVERLAYS / "seat_price_22.yaml"),)), base)
    assert (price.new, price.old, price.reprices) == (False, False, False)
    assert price.course.old is base.old
    assert price.course.new.seat_cost.sum() - base.new.seat_cost.sum() == 66 * 2 * 12 * 100
    discount = tried(Variant("x", "", overlays=(read_overlay(OVERLAYS / "usage_discount_10.yaml"),)), base)
    assert (discount.new, discount.old) == (True, False)
    extra = read_overlay(OVERLAYS / "sonnet_by_default.yaml")
    assert tried(Variant("x", "", overlays=(extra,)), base).reprices
