"""What people see of draws: percentiles of real draws, chances, means that add up, sentences, and charts to be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import planshift
from drawn_scenarios import PLANS, company
from planshift.billing.ledger import COLUMN
from planshift.impact.spread import Spread, spread
from planshift.problems import InputError
from planshift.reports.answers.tables import ANSWER_TABLES
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.comparison import FAN_PANELS_KEY, fan_panels
from planshift.reports.charts.kinds import (
    Band,
    PlanSpread,
    Step,
    fan,
    fan_key,
    plan_spreads,
    plan_spreads_key,
    waterfall,
    waterfall_key,
)
from planshift.reports.charts.picture import drawn, png
from planshift.reports.charts.renewal import BARS, Percentile, bar_width, bars, change_spread
from planshift.reports.charts.scales import apart, beside
from planshift.reports.comparison.comparison import COMPARED_DRAWS, ComparisonResult
from planshift.reports.comparison.tables import COMPARISON_TABLES
from planshift.reports.options import DETAIL, draw_options
from planshift.reports.renewal.renewal import RENEWED_DRAWS, RenewalResult
from planshift.reports.renewal.tables import DATED_TABLES, RENEWAL_TABLES
from planshift.reports.result import Result
from planshift.reports.risk import CHANCES, Risk, budget_risk, share_text
from planshift.reports.simulation.simulation import SIMULATION_TABLES, Simulation
from planshift.reports.spread import band, means_that_add_up, percentiles
from planshift.reports.table import DRAW, csv_text
from planshift.reports.words import about, change_said, half_up, in_draws, middle
from test_charts import FOOTNOTES, LONG, MONTHS, assert_readable, chart

DRAWS = 40
BUDGET = 17_000
OLD, NEW = PLANS
amounts = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60)


@cache
def scenario() -> Path:
    return company(Path(mkdtemp()))


@cache
def simulated() -> Simulation:
    return planshift.simulate(scenario(), budget=BUDGET)


@cache
def renewed() -> RenewalResult:
    return planshift.renew(scenario(), budget=BUDGET)


@cache
def compared() -> ComparisonResult:
    return planshift.compare(scenario(), PLANS, budget=BUDGET, detail=2)


ALL: dict[str, Callable[[], Result]] = {"simulate": simulated, "renew": renewed, "compare": compared}
TABLES = {
    "simulate": SIMULATION_TABLES,
    "renew": (*RENEWAL_TABLES, *(table for table, _ in DATED_TABLES), *RENEWED_DRAWS, *ANSWER_TABLES),
    "compare": (*COMPARISON_TABLES, *COMPARED_DRAWS),
}
every = pytest.mark.parametrize("command", ALL)


def rows(found: Result, table: str) -> list[dict[str, str]]:
    """A table's rows as its file has them."""
    return list(csv.DictReader(io.StringIO(csv_text(*found.values[table]))))


def by_hand(values: Sequence[Decimal], percent: int) -> Decimal:
    """The least of the values that so many of a hundred do not exceed."""
    needed = Fraction(percent * len(values), 100)
    return min(value for value in values if sum(other <= value for other in values) >= needed)


def mean_by_hand(values: Sequence[Decimal]) -> Decimal:
    cents = Fraction(sum(values)) * 100 / len(values)
    return Decimal(half_up(cents)).scaleb(-2)


def summary(found: Result, measure: str, plan: str, month: str) -> dict[str, Decimal]:
    (row,) = [
        row for row in rows(found, "summary") if (row["measure"], row["plan"], row["month"]) == (measure, plan, month)
    ]
    return {name: Decimal(row[name]) for name in ("mean", "p10", "p50", "p90")}


def spread_by_hand(values: Sequence[Decimal]) -> dict[str, Decimal]:
    return {"mean": mean_by_hand(values), **{f"p{percent}": by_hand(values, percent) for percent in (10, 50, 90)}}


# --- percentiles ------------------------------------------------------------------------------------------------------


@given(amounts, st.sampled_from([1, 10, 25, 50, 75, 90, 100]))
def test_a_percentile_is_the_least_amount_that_so_many_draws_do_not_exceed(values: list[int], percent: int) -> None:
    (found,) = percentiles(np.array(values), [percent])
    assert int(found) == int(by_hand([Decimal(value) for value in values], percent))


@given(st.lists(amounts, min_size=1, max_size=6))
def test_means_of_parts_add_up_and_none_is_a_cent_off(parts: list[list[int]]) -> None:
    count = min(map(len, parts))
    arrays = [np.array(part[:count]) for part in parts]
    found = means_that_add_up(arrays)
    assert sum(found) == spread(np.sum(arrays, axis=0)).mean
    assert all(abs(mean - Fraction(int(part.sum()), count)) <= 1 for mean, part in zip(found, arrays, strict=True))


def test_a_band_has_the_percentiles_of_each_month() -> None:
    found = band("x", np.array([list(range(1, 101)), [7] * 100]))
    assert (found.p10, found.p25, found.p50, found.p75, found.p90) == ((10, 7), (25, 7), (50, 7), (75, 7), (90, 7))


def test_the_summary_of_a_simulation_is_that_of_its_draws() -> None:
    found = simulated()
    draws = rows(found, "draws")
    for measure in ("invoiced", "usage_invoiced", "seat_fees"):
        totals = [Decimal(row[measure]) for row in draws]
        assert len(totals) == DRAWS
        assert summary(found, measure, OLD, "total") == spread_by_hand(totals)
    months = [row for row in rows(found, "months") if row["month"] == "2027-03"]
    assert summary(found, "invoiced", OLD, "2027-03") == spread_by_hand([Decimal(row["invoiced"]) for row in months])
    early = [row for row in rows(found, "months") if row["month"] < "2027-04"]
    so_far = [sum(Decimal(row["invoiced"]) for row in early if int(row["draw"]) == draw) for draw in range(DRAWS)]
    assert summary(found, "invoiced_so_far", OLD, "2027-03") == spread_by_hand([Decimal(cents) for cents in so_far])


@pytest.mark.parametrize("command", ["renew", "compare"])
def test_a_change_has_the_percentiles_of_each_draws_change_not_a_difference_of_percentiles(command: str) -> None:
    found = ALL[command]()
    draws = rows(found, "draws")
    costs = {plan: [Decimal(row["cost"]) for row in draws if row["plan"] == plan] for plan in PLANS}
    changes = [new - old for old, new in zip(costs[OLD], costs[NEW], strict=True)]
    assert [Decimal(row["change"]) for row in draws if row["plan"] == NEW] == changes
    assert {row["change"] for row in draws if row["plan"] == OLD} == {"0.00"}
    by_draw = summary(found, "change", NEW, "total")
    assert by_draw == spread_by_hand(changes)
    for plan in PLANS:
        assert summary(found, "cost", plan, "total") == spread_by_hand(costs[plan])
    differences = {
        name: summary(found, "cost", NEW, "total")[name] - summary(found, "cost", OLD, "total")[name]
        for name in ("p10", "p50", "p90")
    }
    assert any(by_draw[name] != differences[name] for name in differences)


@pytest.mark.parametrize("command", ["renew", "compare"])
def test_a_change_by_month_is_that_of_each_draw(command: str) -> None:
    found = ALL[command]()
    months = [row for row in rows(found, "months") if row["month"] == "2027-11"] or [
        row for row in rows(found, "months") if row["month"] == "2026-12"
    ]
    month = months[0]["month"]
    if command == "renew":
        changes = [Decimal(row["new_cost"]) - Decimal(row["old_cost"]) for row in months]
        assert [Decimal(row["change"]) for row in months] == changes
    else:
        costs = {(row["draw"], row["plan"]): Decimal(row["cost"]) for row in months}
        changes = [costs[str(draw), NEW] - costs[str(draw), OLD] for draw in range(DRAWS)]
    assert summary(found, "change", NEW, month) == spread_by_hand(changes)


# --- every draw -------------------------------------------------------------------------------------------------------


@every
def test_every_table_has_the_columns_that_are_documented_and_every_draw(command: str) -> None:
    found = ALL[command]()
    assert list(found.values) == [table.name for table in TABLES[command]]
    for table in TABLES[command]:
        shown, values = found.values[table.name]
        assert shown is table
        assert set(values) - {DRAW.name} == set(table.header)
        assert len({len(column) for column in values.values()}) == 1
    for name in ("months", "draws"):
        assert [*dict.fromkeys(found.values[name][1]["draw"])] == list(range(DRAWS))
    assert set(found.values["invoices"][1]["draw"]) == set(range(2 if command == "compare" else DETAIL))


@every
def test_the_tables_are_frames_too(command: str) -> None:
    frames = ALL[command]().tables
    assert list(frames["months"]["draw"].unique()) == list(range(DRAWS))
    assert all(isinstance(value, Decimal) for value in frames["summary"]["p50"])


def test_draw_0_is_the_single_draw() -> None:
    alone = planshift.simulate(scenario(), draws=1)
    for name in ("invoices", "members", "alerts", "stops", "months", "draws"):
        assert rows(alone, name) == [row for row in rows(simulated(), name) if row["draw"] == "0"]


def test_a_renewals_draw_0_is_the_single_draw() -> None:
    alone = planshift.renew(scenario(), draws=1)
    drawn = [row for row in rows(renewed(), "months") if row["draw"] == "0"]
    assert rows(alone, "months") == drawn
    years = {row["measure"]: row for row in rows(alone, "years")}
    (old,) = [row for row in rows(renewed(), "draws") if (row["draw"], row["plan"]) == ("0", OLD)]
    (new,) = [row for row in rows(renewed(), "draws") if (row["draw"], row["plan"]) == ("0", NEW)]
    kept = {"included_usage": "included", "seat_fees": "seat_fees", "usage_billed": "usage_billed", "cost": "cost"}
    kept |= {name: name for name in ("work_done", "unavailable", "invoiced", "credits_bought", "credits_left")}
    kept |= {name: name for name in years if name.startswith("blocked")}
    for measure, column in kept.items():
        assert (years[measure]["old_plan_counterfactual"], years[measure]["new_plan"]) == (old[column], new[column])


def test_comparison_months_and_totals_agree() -> None:
    months, draws = rows(compared(), "months"), rows(compared(), "draws")
    for row in draws:
        mine = [month for month in months if (month["draw"], month["plan"]) == (row["draw"], row["plan"])]
        for column in ("seat_fees", "usage_billed", "cost"):
            assert sum(Decimal(month[column]) for month in mine) == Decimal(row[column])


def test_amounts_of_a_draw_add_up() -> None:
    for row in rows(simulated(), "draws"):
        value = {name: Decimal(row[name]) for name in COLUMN}
        blocked = sum(value[name] for name in value if name.startswith("blocked"))
        assert value["metered"] == value["billed"] + blocked


def test_more_draws_and_more_in_detail_change_no_draw() -> None:
    more = planshift.simulate(scenario(), draws=DRAWS + 5, detail=12, jobs=2)
    for table in ("months", "draws"):
        assert rows(more, table)[: len(rows(simulated(), table))] == rows(simulated(), table)


@pytest.mark.parametrize("detail", [0, 1])
def test_few_draws_in_detail_keep_the_column_of_draws(detail: int) -> None:
    found = planshift.simulate(scenario(), draws=3, detail=detail)
    text = csv_text(*found.values["invoices"])
    assert text.startswith("draw,date,")
    assert {row["draw"] for row in csv.DictReader(io.StringIO(text))} == ({"0"} if detail else set())


def test_two_plans_in_a_row_are_counted_together_and_each_by_itself() -> None:
    path = company(Path(mkdtemp()), **{"months: 12}": "months: 24}"})
    found = planshift.simulate(path, draws=15, budget=30_000)
    draws = rows(found, "draws")
    assert [row["plan"] for row in draws[:4]] == [OLD, NEW, OLD, NEW]
    both = zip(draws[::2], draws[1::2], strict=True)
    totals = [Decimal(old["invoiced"]) + Decimal(new["invoiced"]) for old, new in both]
    assert summary(found, "invoiced", "all", "total") == spread_by_hand(totals)
    assert summary(found, "invoiced", NEW, "total") == spread_by_hand([Decimal(row["invoiced"]) for row in draws[1::2]])
    # October 2027 has days of both plans.
    october = [row for row in rows(found, "months") if row["month"] == "2027-10"]
    of_october = [sum(Decimal(row["invoiced"]) for row in october if row["draw"] == str(draw)) for draw in range(15)]
    assert {row["plan"] for row in october} == {OLD, NEW}
    assert summary(found, "invoiced", "all", "2027-10") == spread_by_hand([Decimal(cents) for cents in of_october])
    budgets = [row for row in rows(found, "chances") if (row["event"], row["month"]) == ("over_budget", "any")]
    assert [(row["plan"], int(row["draws"])) for row in budgets] == [("all", sum(total > 30_000 for total in totals))]
    for one in found.charts.values():
        assert_readable(one)


# --- steps, members ---------------------------------------------------------------------------------------------------


def test_mean_steps_lead_from_the_old_mean_to_the_new_to_the_cent() -> None:
    first, *between, last = rows(renewed(), "bridge")
    assert (first["step"], last["step"]) == ("old_cost", "new_cost")
    assert Decimal(first["amount"]) + sum(Decimal(step["amount"]) for step in between) == Decimal(last["amount"])
    assert Decimal(last["amount"]) == summary(renewed(), "cost", NEW, "total")["mean"]
    assert first["counterfactual"] == "yes"
    assert {step["counterfactual"] for step in (*between, last)} == {""}


def test_rounding_in_the_bridge_is_of_cents_also_where_usage_answers_to_the_plan() -> None:
    steps = {row["step"]: row for row in rows(renewed(), "bridge")}
    assert Decimal(steps["usage_answers_to_the_plan"]["amount"]) < 0
    assert abs(Decimal(steps["rounding"]["p90"])) < 1


def test_members_changes_add_up_to_the_organizations_but_for_seats_that_nobody_has() -> None:
    members, odds = rows(renewed(), "members"), rows(renewed(), "member_chances")
    assert [row["user_id"] for row in members] == [row["user_id"] for row in odds]
    assert len(members) == 8
    for row, chance in zip(members, odds, strict=True):
        assert Decimal(row["change"]) == Decimal(row["new_cost"]) - Decimal(row["old_cost"])
        assert Decimal(row["old_cost"]) == Decimal(row["old_seat_cost"]) + Decimal(row["old_usage"])
        chances = [Decimal(chance[f"chance_{name}"]) for name in ("dearer", "cheaper", "stopped")]
        assert all(0 <= chance <= 1 for chance in chances)
        assert chances[0] + chances[1] <= 1


def test_a_comparisons_members_change_from_the_first_plan() -> None:
    members, chances = rows(compared(), "members"), rows(compared(), "member_chances")
    for row, odds in zip(members, chances, strict=True):
        assert (row["user_id"], row["plan"]) == (odds["user_id"], odds["plan"])
        if row["plan"] == OLD:
            assert (row["change"], odds["chance_dearer"], odds["chance_cheaper"]) == ("0.00", "0.0000", "0.0000")
        assert row["seat_type"]


@pytest.mark.parametrize("command", ["renew", "compare"])
def test_winners_are_counted_in_each_draw_and_averaged(command: str) -> None:
    found = ALL[command]()
    winners = {row["group"]: Decimal(row["members"]) for row in rows(found, "winners")}
    odds = [row for row in rows(found, "member_chances") if row.get("plan", NEW) == NEW]
    for group, column in (("dearer", "chance_dearer"), ("cheaper", "chance_cheaper")):
        assert abs(winners[group] - sum(Decimal(row[column]) for row in odds)) <= Decimal("0.06")


# --- chances ----------------------------------------------------------------------------------------------------------

THREE = tuple(date(2026, month, 1) for month in (10, 11, 12))


def event(*by_draw: str) -> Risk:
    """Draws as texts: ``.x.`` happens in the second month."""
    return Risk("member_limit", "plan", THREE, np.array([[mark == "x" for mark in draw] for draw in by_draw]).T)


def test_an_event_counts_the_draws_in_which_it_happens_and_the_months_in_which_it_first_does() -> None:
    found = event("...", ".xx", ".x.", "xxx", "..x")
    assert (found.draws, found.of_draws, found.first_draws) == (4, 5, [1, 2, 1])
    assert found.first_month == date(2026, 11, 1)
    assert event("...").first_month is None
    values = CHANCES.values([found])
    assert values["month"] == ["2026-10", "2026-11", "2026-12", "any"]
    assert values["draws"] == [1, 3, 3, 4]
    assert values["probability"] == ["0.2000", "0.6000", "0.6000", "0.8000"]
    assert values["first_draws"] == [1, 2, 1, None]
    assert values["first_probability"] == ["0.2000", "0.4000", "0.2000", ""]


def test_a_budget_is_passed_once_and_for_all_unless_a_credit_brings_the_bill_back() -> None:
    so_far = np.array([[50, 120, 90], [101, 130, 110], [150, 125, 100]])
    found = budget_risk("plan", THREE, so_far, 100)
    assert found.happens.T.tolist() == [[False, True, True], [True, True, True], [False, False, False]]


def test_a_share_has_four_decimals_half_up() -> None:
    assert [share_text(draws, 3) for draws in range(4)] == ["0.0000", "0.3333", "0.6667", "1.0000"]
    assert share_text(1, 20_000) == "0.0001"


@every
def test_first_times_add_up_to_all_draws_in_which_it_happens(command: str) -> None:
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows(ALL[command](), "chances"):
        found.setdefault((row["event"], row["plan"]), []).append(row)
    assert found
    for held in found.values():
        *months, whole = held
        assert whole["month"] == "any"
        assert int(whole["of_draws"]) == DRAWS
        if months:
            assert sum(int(row["first_draws"]) for row in months) == int(whole["draws"])
            assert all(int(row["draws"]) <= int(whole["draws"]) for row in months)


def test_the_chance_of_a_bill_beyond_the_budget_is_that_of_the_draws() -> None:
    draws = rows(simulated(), "draws")
    beyond = sum(Decimal(row["invoiced"]) > BUDGET for row in draws)
    assert 0 < beyond < DRAWS
    (whole,) = [row for row in rows(simulated(), "chances") if (row["event"], row["month"]) == ("over_budget", "any")]
    assert int(whole["draws"]) == beyond


def test_the_chances_of_plans_are_those_of_the_draws() -> None:
    draws = rows(compared(), "draws")
    more = sum(Decimal(row["change"]) > 0 for row in draws if row["plan"] == NEW)
    ever = [row for row in rows(compared(), "chances") if row["month"] == "any"]
    held = {(row["event"], row["plan"]): int(row["draws"]) for row in ever}
    assert 0 < more < DRAWS
    assert held["costs_more", NEW] == more
    assert held["costs_least", OLD] + held["costs_least", NEW] == DRAWS
    assert held["costs_least", NEW] == sum(Decimal(row["change"]) < 0 for row in draws if row["plan"] == NEW)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cents", "p10", "p90", "said"),
    [
        (7_416_445, 6_100_000, 9_200_000, "74,200"),
        (7_416_445, 7_416_000, 7_417_000, "74,164"),
        (7_416_445, 7_416_445, 7_416_445, "74,164"),
        (-7_416_445, -9_200_000, -6_100_000, "-74,200"),
        (12_345_678_900, 10_000_000_000, 19_999_999_900, "123,500,000"),
        (0, 0, 10**9, "0"),
    ],
)
def test_amounts_are_said_as_far_as_their_spread_allows(cents: int, p10: int, p90: int, said: str) -> None:
    assert about(cents, Spread(cents, p10, cents, p90)) == said


@pytest.mark.parametrize(
    ("draws", "of_draws", "said"),
    [
        (0, 1000, "in no draw"),
        (1000, 1000, "in every draw"),
        (831, 1000, "in 83 of 100 draws"),
        (3, 1000, "in 3 of 1,000 draws"),
        (997, 1000, "in 997 of 1,000 draws"),
        (7, 20, "in 7 of 20 draws"),
        (995, 1000, "in 995 of 1,000 draws"),
    ],
)
def test_chances_are_said_in_draws(draws: int, of_draws: int, said: str) -> None:
    assert in_draws(draws, of_draws) == said


def test_a_change_is_said_with_its_own_percentiles() -> None:
    assert change_said(Spread(0, -210_000, 1_470_000, 3_030_000)) == (
        "the median difference is 14,700 USD more (8 in 10 between -2,100 and 30,300)"
    )
    assert change_said(Spread(0, -300, -200, 0)) == (
        "the median difference is 2.00 USD less (8 in 10 between -3.00 and 0.00)"
    )
    assert middle(Spread(5, 5, 5, 5), 3, 12) == "0.05 USD in the median of 3 simulated years (8 in 10 are the same)"
    assert middle(Spread(5, 4, 5, 6), 3, 24) == (
        "0.05 USD in the median of 3 simulations of 24 months (8 in 10 between 0.04 and 0.06)"
    )


def test_the_answers_say_the_middle_the_spread_and_the_chances() -> None:
    answer = simulated().answer
    total = summary(simulated(), "invoiced", OLD, "total")
    assert answer.startswith("A small company: ")
    invoiced = f"{round(total['p50'], -1):,.0f} USD invoiced from 2026-10-17 to 2027-10-17"
    assert f"{invoiced} in the median of 40 simulated years" in answer
    assert "beyond the budget of 17,000 USD in " in answer
    assert "most often first in 2027-" in answer
    assert renewed().answer.startswith("Year one on Enterprise: about ")
    assert "the median of 40 simulated years; 8 in 10 fall between " in renewed().answer
    assert "more than today's terms would have cost (for comparison only; they cannot be renewed)" in renewed().answer
    assert "the cheapest plan in " in compared().answer


@every
def test_it_is_said_that_usage_is_synthetic_and_what_is_in_detail(command: str) -> None:
    found = ALL[command]()
    notes = " ".join(found.manifest()["warnings"])  # type: ignore[call-overload]
    assert "Usage is simulated, not measured: 40 draws at random from the scenario's personas, with seed 7" in notes
    assert "They do not add up" in notes
    assert f"the first {2 if command == 'compare' else 10} draws alone; the other tables count all 40." in notes
    manifest = found.manifest()
    assert manifest["seed"] == 7
    options = manifest["run"]
    assert isinstance(options, dict)
    assert (options["draws"], options["seed"], options["budget"]) == (40, 7, "17000.00")
    assert str(manifest["command"]).endswith(f"--draws 40 --seed 7 --detail {options['detail']} --budget 17000.00")


def test_a_single_draw_says_that_it_is_one_of_many() -> None:
    alone = planshift.simulate(scenario(), draws=1, seed=11)
    assert "one draw at random" in alone.manifest()["warnings"][0]  # type: ignore[index]
    assert alone.manifest()["seed"] == 11


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_everything_that_cannot_be_asked_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        draw_options(0, -1, -1, "12,000", 0)
    assert [str(problem) for problem in caught.value.problems] == [
        "--budget: '12,000' is not an amount in US dollars - write it without signs or commas, as in 80000 or 80000.00",
        "--detail: -1 is less than 0 - give how many draws to write in detail, from 0 on",
        "--draws: 0 is less than 1 - ask for one draw or more, such as 1000",
        "--jobs: 0 is less than 1 - give how many processes to use, from 1 on",
        "--seed: -1 is less than 0 - give a whole number from 0 on",
    ]


def test_a_budget_that_could_be_one_of_two_amounts_is_asked_about() -> None:
    with pytest.raises(InputError, match=r"could be 1005 with its thousands marked or 1\.0050 with three decimals"):
        draw_options(budget="1.005")


@pytest.mark.parametrize("budget", ["-1", "1.00501", "NaN", "Infinity", "", "a lot", "$5"])
def test_a_budget_is_an_amount_in_whole_cents(budget: str) -> None:
    with pytest.raises(InputError, match="not an amount in US dollars"):
        draw_options(budget=budget)


@pytest.mark.parametrize("budget", ["80000", "80000.00", 80_000, Decimal("8e4")])
def test_a_budget_may_be_text_or_a_number(budget: str | int | Decimal) -> None:
    assert draw_options(budget=budget).budget == 8_000_000


# --- charts -----------------------------------------------------------------------------------------------------------


def fan_band(name: str, cents: int, months: int = 13) -> Band:
    return Band(name, *(tuple(cents * share + month for month in range(months)) for share in (5, 7, 10, 12, 20)))


def fans(*names: str, months: int = 13, cents: int = 100_000) -> tuple[Band, ...]:
    return tuple(fan_band(name, cents + 100 * number, months) for number, name in enumerate(names))


def fan_chart(
    *names: str, months: int = 13, cents: int = 100_000, budget: int | None = None, ends: bool = False
) -> Chart:
    bands = fans(*names, months=months, cents=cents)
    key = fan_key(bands, budget, "Budget: 80,000.00 USD")
    return chart(LONG, fan(MONTHS[:months], bands, "US dollars", budget, ends=ends), key=key)


def panels(count: int, months: int = 13) -> Chart:
    shown = fan_panels(MONTHS[:months], fans(*[LONG] * count, months=months), "US dollars")
    return Chart(LONG, FOOTNOTES, "", shown, FAN_PANELS_KEY, alike=True)


def changes(*cents: int) -> Chart:
    found = spread(np.array(cents))
    marks = [Percentile("P10", found.p10), Percentile("P50", found.p50), Percentile("P90", found.p90)]
    return chart(LONG, change_spread(cents, marks, "US dollars", "Draws"))


def spreads(count: int, cents: int = 5_000_000, wide: int = 1) -> Chart:
    plans = [
        PlanSpread(
            LONG,
            tuple(cents + wide * step for step in range(5)),
            cents + 2 * wide,
            caption=f"in the middle {LONG}",
            counterfactual=bool(number),
        )
        for number in range(count)
    ]
    key = plan_spreads_key(cents + wide, "Budget: 50,000.00 USD")
    return chart(LONG, plan_spreads(plans, "US dollars", cents + wide), key=key)


def bridge(*steps: tuple[int, int, int]) -> Chart:
    total = sum(step[0] for step in steps)
    first, last = (5_000_000, 4_000_000, 7_000_000), (5_000_000 + total, 4_500_000 + total, 6_000_000 + total)
    between = [Step("Work stopped because credits ran out", *step) for step in steps]
    panel = waterfall("US dollars", Step(LONG, *first), between, Step("New", *last))
    return chart(LONG, panel, key=waterfall_key("adds", "takes away"))


CHARTS: dict[str, Chart] = {
    "fan": fan_chart("Usage"),
    "fan with a budget and ends": fan_chart("Usage", budget=1_500_000, ends=True),
    "fan of one month": fan_chart("Usage", months=1, ends=True),
    "fan of nothing": fan_chart("Usage", cents=0, ends=True),
    "fan of millions": fan_chart("Usage", cents=123_456_789_00, ends=True),
    "two fans": fan_chart(LONG, f"{LONG} 2"),
    "two fans of one month": fan_chart(LONG, "new", months=1),
    **{f"panels, {count}": panels(count) for count in (2, 3, 4, 5, 9, 11)},
    "panels of one month": panels(2, months=1),
    "changes both ways": changes(*range(-1_000_000, 3_000_000, 4_321)),
    "changes, all alike": changes(*[500] * 20),
    "changes, none": changes(0, 0, 0),
    "changes far from nothing": changes(*range(100_000_000, 100_010_000, 100)),
    "changes of millions": changes(*range(-(10**12), 10**12, 10**10)),
    "changes far apart": changes(-1, 1, 10**9),
    "spreads of two": spreads(2, wide=500_000),
    "spreads, all alike": spreads(3, wide=0),
    "spreads of eight": spreads(8, wide=10_000),
    "spreads of nothing": spreads(2, cents=0, wide=0),
    "bridge with whiskers": bridge((-3_888_000, -3_888_000, -3_888_000), (5_400_000, 4_000_000, 7_000_000)),
    "bridge below zero": bridge((-6_000_000, -9_000_000, -3_000_000), (100, -900_000, 900_000)),
}


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_text_of_a_chart_of_draws_is_whole_and_apart_from_the_others(chart: Chart) -> None:
    assert_readable(chart)


@every
def test_so_is_every_text_of_the_charts_that_people_get(command: str) -> None:
    for name, one in ALL[command]().charts.items():
        assert_readable(one)
        assert one.alt.endswith("."), name
        assert "US dollars" in one.alt, name
        assert "40 draws" in one.alt, name


def test_the_spread_of_a_change_says_its_percentiles_and_how_many_draws_cost_more() -> None:
    change = renewed().charts["change"]
    more = sum(cents > 0 for cents in renewed().renewal.change.tolist())
    shown = " ".join(text for text, _ in drawn(change).texts)
    assert f"Costs more: {more} of 40 draws" in shown
    assert f"it is more in {more} draws and as much or less in {DRAWS - more}." in change.alt
    assert all(f"{name}\n" in shown for name in ("P10", "P50", "P90"))


def test_the_same_draws_give_the_same_pictures() -> None:
    for name in ("fan with a budget and ends", "changes both ways", "spreads of two", "bridge with whiskers"):
        assert png(CHARTS[name]) == png(CHARTS[name])


@given(st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=200))
def test_every_draw_is_in_one_bar_and_only_those_that_cost_more_are_right_of_zero(cents: list[int]) -> None:
    step = bar_width(tuple(cents))
    found = bars(tuple(cents), step)
    assert sum(found.values()) == len(cents)
    assert sum(count for number, count in found.items() if number > 0) == sum(value > 0 for value in cents)
    assert max(found) - min(found) <= BARS[1] + 1


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5), st.floats(1, 15))
def test_texts_beside_each_other_keep_their_distance_and_their_order(wanted: list[float], width: float) -> None:
    wanted = sorted(wanted)
    centres = beside(wanted, [width] * len(wanted), 0, 100)
    assert all(right - left >= width - 1e-9 for left, right in pairwise(centres))
    stacked = apart(wanted, [width] * len(wanted), 0, 100)
    assert all(high - low >= width - 1e-9 for low, high in pairwise(stacked))


def test_plans_that_are_not_drawn_are_named() -> None:
    assert sum(len(row) for row in CHARTS["panels, 11"].panels) == 9
