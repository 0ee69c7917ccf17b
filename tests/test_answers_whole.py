"""The answers as a whole, for scenarios near the edges of the rules: there is always one, and its parts agree."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from alone import renew
from answering import catalogue
from engine import as_scenario
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.scenario import read_scenario
from planshift.impact.answers.answer import answer
from planshift.impact.answers.recommend import KEYS
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.reports.answers.tables import answer_values
from planshift.reports.charts.answers import Setting, answer_charts
from planshift.reports.table import csv_text

drawn = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@drawn
@given(drawn_one=scenarios().filter(lambda one: one[0]["contract"]["plan"] != "enterprise"))
def test_every_renewal_is_answered(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    found, year = answer(scenario), renew(scenario)
    assert (found.range.old.p50, found.range.new.p50) == (year.old.cost, year.new.cost)
    assert found.range.change.p50 == found.what_if.base.change.p50 == found.tornado.base == year.change
    assert sum(party.change for party in found.winners_losers.members) == sum(member.change for member in year.members)
    assert sum(one.party.count for one in found.winners_losers.bins) == len(year.members)
    assert found.timing.waiting.change.p50 == 0
    assert found.timing.end == year.end
    assert {one.key for one in found.recommendations.all} <= set(KEYS)
    for one in found.recommendations.all:
        assert one.value >= one.exact
        assert one.too_low.value <= one.value <= one.too_high.value
        assert min(one.too_low.amount, one.too_high.amount) >= 0
    for table, values in answer_values(found):
        assert csv_text(table, values).startswith(",".join(table.header))
    setting = Setting(scenario.catalogue, year.old.plan, year.new.plan, "", ())
    assert all(chart.alt.endswith(".") for chart in answer_charts(found, setting).values())


def test_a_plan_that_renews_on_itself_has_no_answers() -> None:
    scenario = read_scenario(folder("scenarios") / "seats_only.yaml", catalogue())
    with pytest.raises(InputError, match="renews on itself"):
        answer(scenario)
