"""What finance sees of a forecast: means that add up, percentiles of sums, balances that roll, charts to be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from command import floats_in
from forecasts import NEW, OLD, SEGMENTS, forecast, table
from planshift.forecasting.result import (
    ACCOUNT_COLUMNS,
    BILLED,
    BOOKED,
    INDEX,
    MEASURES,
    RECOGNISED,
    RENEWAL_COLUMNS,
    Bridge,
    Forecast,
    Table,
)
from planshift.forecasting.varied import Varied, first_draws
from planshift.impact.spread import spread
from planshift.problems import InputError
from planshift.reports.assumptions import Assumption
from planshift.reports.charts.picture import PAGE, PHONE, drawn
from planshift.reports.forecast.columns import ALL, FORECAST_TABLES, TOTAL
from planshift.reports.forecast.cube import FIVE, SUMMED, Cube, Target, amounts, means_of, periods
from planshift.reports.forecast.options import ForecastOptions, read_target, target_text
from planshift.reports.forecast.provenance import Provenance
from planshift.reports.forecast.result import LONG, ForecastResult
from planshift.reports.forecast.tables import swings
from planshift.reports.table import DRAW, csv_text
from test_charts import assert_apart, assert_readable
from test_draw_reports import spread_by_hand

TITLES = {OLD: "Standard and Premium seats", NEW: "Enterprise, usage-based"}
TARGETS = (Target("recognised", 1_600_000_000), Target("paid", 500_000_000, yearly=True))
SUBJECT = Provenance("Customers of the north", 7, 40, TITLES, TARGETS, assumed=(Assumption("Credits do not expire."),))
PARTS = (OLD, NEW)


@cache
def made(scenario: str = "base", draws: int = 60, **changed: float) -> Forecast:
    titles = {"base": "As it stands", "low": "Few renew", "high": "Many renew"}
    return forecast(draws=draws, scenario=scenario, title=titles[scenario], **changed)  # type: ignore[arg-type]


def called(value: str, **changed: float) -> Forecast:
    """A forecast with another value of something, which it is called by."""
    return replace(made(**changed), title=value)


@cache
def found() -> ForecastResult:
    low, high = made("low", growth=0.9, renewing=0.9), made("high", growth=1.15, renewing=1.05)
    sides = {
        "growth": (called("0.9 times", growth=0.9), called("1.3 times", growth=1.3)),
        "renewal_probability": (called("less likely", renewing=0.9), called("more likely", renewing=1.05)),
    }
    varied = Varied(made(), sides)
    forecasts = {"base": made(), "low": low, "high": high}
    return ForecastResult(SUBJECT, forecasts, ForecastOptions("north.yaml", draws=60), varied=varied)


def alone(of: Forecast, provenance: Provenance = SUBJECT) -> ForecastResult:
    return ForecastResult(provenance, {of.scenario: of}, ForecastOptions("north.yaml"))


def rows(of: ForecastResult, name: str, **wanted: object) -> list[dict[str, str]]:
    """The rows of a table as its file has them, those with the wanted cells."""
    read = csv.DictReader(io.StringIO(csv_text(*of.values[name])))
    return [row for row in read if all(row[column] == str(cell) for column, cell in wanted.items())]


def row(of: ForecastResult, name: str, **wanted: object) -> dict[str, str]:
    (one,) = rows(of, name, **wanted)
    return one


def money(cells: Mapping[str, str], *columns: str) -> dict[str, Decimal]:
    return {column: Decimal(cells[column]) for column in columns}


def dollars(cents: Sequence[int]) -> list[Decimal]:
    return [Decimal(int(one)).scaleb(-2) for one in cents]


def changed(of: Forecast, measure: str, cents: int) -> Forecast:
    """The forecast with a slip: an amount of the first cell's third month is something else."""
    cells = {cell: amounts.copy() for cell, amounts in of.cells.items()}
    next(iter(cells.values()))[INDEX[measure], 2, 0] += cents
    return replace(of, cells=cells)


# --- means ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [1, 3, 7, 60])
def test_means_add_up_and_every_balance_rolls_to_the_cent(draws: int) -> None:
    cube = Cube.of(made(draws=draws))
    means = means_of(cube)
    of = alone(made(draws=draws))
    assert all(check.ok for check in of.checks)
    assert {check.difference for check in of.checks if check.key == "means_roll"} == {0}
    exact = cube.amounts.mean(axis=-1)
    scale = np.where([measure.kind == "count" for measure in MEASURES], 100, 1)
    off = np.abs(means.months - exact * scale[:, None])
    # Sums of a few rounded amounts: no mean is off by more than a few cents.
    assert off.max() < 5
    segments = cube.amounts.sum(axis=0).mean(axis=-1) * scale[:, None]
    for balance in ("deferred_seats", "deferred_credits", "unbilled", "receivable", "seats"):
        place = INDEX[balance]
        assert np.abs(means.months.sum(axis=0)[:, place] - segments[:, place]).max() <= 0.5
    if draws == 1:
        assert (means.months == cube.amounts[..., 0] * scale[:, None]).all()


def test_sums_in_months_are_the_sums_of_their_parts_in_means_alone() -> None:
    whole = row(found(), "months", scenario="base", month="2027-09", measure="recognised_seats", plan=ALL, segment=ALL)
    parts = [
        row(found(), "months", scenario="base", month="2027-09", measure="recognised_seats", plan=plan, segment=segment)
        for plan in PARTS
        for segment in SEGMENTS
    ]
    assert Decimal(whole["mean"]) == sum(Decimal(part["mean"]) for part in parts)
    assert Decimal(whole["p90"]) < sum(Decimal(part["p90"]) for part in parts)
    for plan in PARTS:
        of_plan = row(
            found(), "months", scenario="base", month="2027-09", measure="recognised_seats", plan=plan, segment=ALL
        )
        inside = [Decimal(part["mean"]) for part in parts if part["plan"] == plan]
        assert Decimal(of_plan["mean"]) == sum(inside)


def test_percentiles_are_those_of_sums_over_accounts_in_each_draw() -> None:
    shown = row(found(), "months", scenario="base", month="2027-09", measure="billed_usage", plan=NEW, segment="Large")
    cells = [amounts for cell, amounts in made().cells.items() if (cell.plan, cell.segment) == (NEW, "Large")]
    draws = sum(amounts[INDEX["billed_usage"], 8] for amounts in cells)
    by_hand = spread_by_hand(dollars(draws))
    assert money(shown, "p10", "p50", "p90") == {name: by_hand[name] for name in ("p10", "p50", "p90")}


def test_counts_have_means_with_two_decimals_that_add_up() -> None:
    whole = row(found(), "counts", scenario="base", month="2027-12", measure="accounts", plan=ALL, segment=ALL)
    parts = [
        row(found(), "counts", scenario="base", month="2027-12", measure="accounts", plan=ALL, segment=segment)
        for segment in SEGMENTS
    ]
    assert Decimal(whole["mean"]) == sum(Decimal(part["mean"]) for part in parts)
    draws = made().total("accounts")[11]
    assert abs(Decimal(whole["mean"]) - Decimal(int(draws.sum())) / 60) <= Decimal("0.005")
    assert int(whole["p50"]) == spread(draws).p50


# --- balances ---------------------------------------------------------------------------------------------------------

SIGNS = {
    "deferred_seats": {"billed": 1, "recognised": -1},
    "deferred_credits": {"billed": 1, "recognised": -1, "breakage": -1},
    "deferred": {"billed": 1, "recognised": -1, "breakage": -1},
    "unbilled": {"billed": -1, "recognised": 1},
    "receivable": {"billed": 1, "paid": -1},
}


@pytest.mark.parametrize("segment", [ALL, *SEGMENTS])
@pytest.mark.parametrize("balance", SIGNS)
def test_a_balance_rolls_forward_month_by_month(balance: str, segment: str) -> None:
    before = None
    for one in rows(found(), "rollforward", scenario="low", balance=balance, segment=segment):
        opening, closing = Decimal(one["opening"]), Decimal(one["closing"])
        assert before is None or opening == before
        moved = sum(sign * Decimal(one[column]) for column, sign in SIGNS[balance].items())
        assert opening + moved == closing
        assert {
            one[column] for column in ("billed", "recognised", "breakage", "paid") if column not in SIGNS[balance]
        } <= {""}
        assert Decimal(one["current"]) + Decimal(one["non_current"]) == closing
        before = closing


def test_seats_and_credits_are_all_that_is_deferred_and_months_say_the_same() -> None:
    for month in ("2027-01", "2027-08", "2028-12"):
        seats, credit, both = (
            row(found(), "rollforward", scenario="base", balance=balance, segment="Mid-size", month=month)
            for balance in ("deferred_seats", "deferred_credits", "deferred")
        )
        assert Decimal(seats["closing"]) + Decimal(credit["closing"]) == Decimal(both["closing"])
        shown = row(
            found(), "months", scenario="base", month=month, measure="deferred_seats", plan=ALL, segment="Mid-size"
        )
        assert shown["mean"] == seats["closing"]
        assert shown["p90"] == seats["closing_p90"]


def test_what_is_due_in_more_than_twelve_months_is_not_current() -> None:
    of = made()
    cells = {cell: amounts.copy() for cell, amounts in of.cells.items()}
    for amounts_of in cells.values():
        amounts_of[INDEX["deferred_later"]] = amounts_of[INDEX["deferred_seats"]] // 4
    later = alone(replace(of, cells=cells))
    assert all(check.ok for check in later.checks)
    one = row(later, "rollforward", balance="deferred", segment=ALL, month="2027-06")
    seats = row(later, "rollforward", balance="deferred_seats", segment=ALL, month="2027-06")
    assert Decimal(one["non_current"]) == Decimal(seats["non_current"]) > 0
    assert Decimal(seats["non_current"]) == pytest.approx(Decimal(seats["closing"]) / 4, abs=Decimal("0.05"))
    for amounts_of in cells.values():
        amounts_of[INDEX["deferred_later"]] = amounts_of[INDEX["deferred_seats"]] + 1
    assert not all(check.ok for check in alone(replace(of, cells=cells)).checks)


# --- the summary ------------------------------------------------------------------------------------------------------


def test_the_summary_is_that_of_the_draws() -> None:
    drawn = rows(found(), "draws", scenario="base")
    assert [int(one["draw"]) for one in drawn] == list(range(60))
    for measure in (*FIVE, "arr_committed", "arr_usage", "receivable"):
        shown = row(found(), "summary", scenario="base", measure=measure, period=TOTAL)
        by_hand = spread_by_hand([Decimal(one[measure]) for one in drawn])
        assert money(shown, "p10", "p50", "p90") == {name: by_hand[name] for name in ("p10", "p50", "p90")}
        assert abs(Decimal(shown["mean"]) - by_hand["mean"]) <= Decimal("0.10")


def test_the_five_measures_are_what_they_say() -> None:
    of = made()
    wanted = {
        "booked": of.total(*BOOKED).sum(axis=0),
        "billed": of.total(*BILLED).sum(axis=0),
        "paid": of.total("paid").sum(axis=0),
        "recognised": of.total(*RECOGNISED).sum(axis=0),
        "deferred": of.total("deferred_seats", "deferred_credits")[-1],
    }
    listed = {one.key: one for one in amounts(of, means_of(Cube.of(of))) if one.period == TOTAL}
    assert tuple(wanted) == FIVE
    assert all((listed[key].draws == draws).all() for key, draws in wanted.items())
    opening = sum(cents[INDEX["deferred_seats"]] for cents in of.opening.values())
    up_front = of.total("billed_seats", "billed_credits").sum(axis=0)
    earned = of.total("recognised_seats", "recognised_credits", "breakage").sum(axis=0)
    assert (opening + up_front - earned == wanted["deferred"]).all()


def test_the_years_of_a_flow_add_up_to_the_horizon_and_a_balance_is_that_of_the_end() -> None:
    of = forecast(accounts=6, draws=5, months=30)
    assert list(periods(of)) == [TOTAL, "2027-01 to 2027-12", "2028-01 to 2028-12", "2029-01 to 2029-06"]
    listed = list(amounts(of, means_of(Cube.of(of))))
    for one in SUMMED:
        total, *years = [item for item in listed if item.key == one.key]
        if one.stands:
            assert (years[-1].draws == total.draws).all()
        else:
            assert sum(year.mean for year in years) == total.mean
    assert list(periods(forecast(accounts=2, draws=2, months=12))) == [TOTAL]


def test_a_target_is_missed_in_the_draws_that_reach_less() -> None:
    shown = row(found(), "summary", scenario="base", measure="recognised", period=TOTAL)
    missed = int((made().total(*RECOGNISED).sum(axis=0) < 1_600_000_000).sum())
    assert 0 < missed < 60
    assert (shown["target"], shown["missed"]) == ("16000000.00", str(missed))
    assert Decimal(shown["probability_missed"]) == pytest.approx(Decimal(missed) / 60, abs=Decimal("0.0001"))
    years = rows(found(), "summary", scenario="base", measure="paid")
    assert [one["target"] for one in years] == ["", "5000000.00", "5000000.00"]
    exactly = Target("recognised", int(made().total(*RECOGNISED).sum(axis=0).min()))
    assert "is missed in no draw" in alone(made(), replace(SUBJECT, targets=(exactly,))).besides[1]


def test_a_year_that_the_horizon_has_a_part_of_has_no_target() -> None:
    of = alone(forecast(accounts=6, draws=5, months=30))
    assert [one["target"] != "" for one in rows(of, "summary", measure="paid")] == [False, True, True, False]
    one_year = alone(forecast(accounts=6, draws=5, months=12))
    assert [one["target"] != "" for one in rows(one_year, "summary", measure="paid")] == [True]


# --- scenarios, tornado, bridges --------------------------------------------------------------------------------------


def test_scenarios_change_draw_by_draw() -> None:
    base, low = (found().forecasts[name].total("paid").sum(axis=0) for name in ("base", "low"))
    by_hand = spread_by_hand(dollars(low - base))
    shown = row(found(), "scenarios", scenario="low", measure="paid")
    percentiles = money(shown, "change_p10", "change_p50", "change_p90")
    assert list(percentiles.values()) == [by_hand[name] for name in ("p10", "p50", "p90")]
    first = row(found(), "scenarios", scenario="base", measure="paid")
    assert Decimal(shown["mean"]) - Decimal(first["mean"]) == Decimal(shown["change_mean"])
    assert Decimal(shown["p10"]) - Decimal(first["p10"]) != percentiles["change_p10"]
    assert {first[name] for name in ("change_mean", "change_p10", "change_p90")} == {"0.00"}


def test_the_tornado_has_the_middle_of_the_same_draws_and_the_largest_swing_first() -> None:
    listed = rows(found(), "tornado", measure="recognised")
    assert [one["input"] for one in listed] == ["growth", "renewal_probability"]
    swing = [Decimal(one["swing"]) for one in listed]
    assert swing == sorted(swing, reverse=True)
    low, high = (made(growth=factor).total(*RECOGNISED).sum(axis=0) for factor in (0.9, 1.3))
    assert listed[0]["low"] == str(dollars([spread(low).p50])[0])
    assert listed[0]["high"] == str(dollars([spread(high).p50])[0])
    assert (listed[0]["low_value"], listed[0]["high_value"]) == ("0.9 times", "1.3 times")
    assert found().varied is not None
    assert swings(found().varied, "paid")[0].base == spread(made().total("paid").sum(axis=0)).p50


def test_the_first_draws_are_those_of_the_whole() -> None:
    first = first_draws(made(), 10)
    assert first.draws == 10
    assert (first.total("paid") == made().total("paid")[:, :10]).all()
    assert all(check.ok for check in alone(first).checks if not check.key.startswith(("accounts", "renewals")))
    assert first_draws(made(), 1000).draws == 60


@pytest.mark.parametrize("kind", ["committed", "usage"])
def test_the_bridge_adds_up_in_steps_and_in_segments(kind: str) -> None:
    listed = rows(found(), "arr_bridge", scenario="high", kind=kind)
    by_segment = {name: [one for one in listed if one["segment"] == name] for name in (ALL, *SEGMENTS)}
    for steps in by_segment.values():
        assert (steps[0]["step"], steps[-1]["step"]) == ("first", "last")
        assert sum(Decimal(one["mean"]) for one in steps[:-1]) == Decimal(steps[-1]["mean"])
    for place, step in enumerate(by_segment[ALL]):
        assert Decimal(step["mean"]) == sum(Decimal(by_segment[name][place]["mean"]) for name in SEGMENTS)
    bridges: Mapping[str, Bridge] = getattr(found().forecasts["high"], kind)
    last = sum(bridge.last for bridge in bridges.values())
    assert by_segment[ALL][-1]["p90"] == str(dollars([spread(last).p90])[0])


# --- contracts --------------------------------------------------------------------------------------------------------


def renewal(account: str, day: date, arr: int, retained: int, renewed: int, plan: str = OLD) -> dict[str, object]:
    return {
        "account_id": account,
        "title": account,
        "segment": "S",
        "region": "R",
        "day": np.datetime64(day),
        "number": 1,
        "early": False,
        "plan": plan,
        "plan_after": NEW,
        "seats_before": 10,
        "seats_after": 12,
        "arr_before": arr,
        "retained": retained,
        "usage_before": 500,
        "probability": 0.9,
        "reached": 10,
        "renewed": renewed,
    }


@cache
def three() -> ForecastResult:
    """Two contracts that renew in March, one of them again a year later, and one in June."""
    of = forecast(accounts=3, draws=10, months=18)
    listed = [
        renewal("a", date(2027, 3, 1), 100_000, 45_000, 9),
        renewal("b", date(2027, 3, 20), 300_000, 200_000, 10, plan=NEW),
        renewal("c", date(2027, 6, 1), 70_000, 0, 0),
        renewal("a", date(2028, 3, 1), 45_000, 30_000, 6, plan=NEW),
    ]
    return alone(replace(of, renewals=table(listed)))


def test_the_calendar_says_who_renews_when_and_what_is_at_stake() -> None:
    march = row(three(), "calendar", month="2027-03")
    assert march == {
        "scenario": "base",
        "month": "2027-03",
        "renewals": "2",
        "seats": "20",
        "arr_before": "4000.00",
        "usage_before": "10.00",
        "at_stake": "4010.00",
        "retained": "2450.00",
        "migrating": "1",
        "expected": "1.90",
    }
    assert [one["renewals"] for one in rows(three(), "calendar")] == [*"002001000000001000"]
    june = row(three(), "renewals", account_id="c")
    assert (june["at_stake"], june["retained"], june["probability"], june["early"]) == ("705.00", "0.00", "0.9000", "")


def test_a_cohort_is_followed_from_its_first_renewal_on() -> None:
    listed = rows(three(), "cohorts", cohort="2027-03")
    assert [int(one["months_since"]) for one in listed] == list(range(16))
    first, last = listed[0], listed[12]
    assert (first["accounts"], first["arr_before"]) == ("2", "4000.00")
    assert (first["retained"], first["accounts_retained"], first["share_retained"]) == ("2450.00", "1.90", "0.6125")
    # b was on the new plan before: only a has migrated.
    assert (first["migrated"], first["share_migrated"]) == ("0.90", "0.4500")
    assert (last["retained"], last["accounts_retained"], last["migrated"]) == ("2300.00", "1.60", "0.60")
    june = rows(three(), "cohorts", cohort="2027-06")
    assert {(one["retained"], one["share_retained"]) for one in june} == {("0.00", "0.0000")}
    assert len(june) == 13


def test_the_accounts_that_move_the_total_most_come_first() -> None:
    listed = rows(found(), "movers")
    sizes = [abs(Decimal(one["change"])) for one in listed]
    assert sizes == sorted(sizes, reverse=True)
    assert [int(one["rank"]) for one in listed] == list(range(1, len(listed) + 1))
    account = row(found(), "accounts", account_id=listed[0]["account_id"])
    committed = Decimal(account["arr_last"]) - Decimal(account["arr_first"])
    used = Decimal(account["usage_last"]) - Decimal(account["usage_first"])
    assert money(listed[0], "committed", "usage", "change") == {
        "committed": committed,
        "usage": used,
        "change": committed + used,
    }
    assert sum(Decimal(one["share"]) for one in listed) == pytest.approx(Decimal(1), abs=Decimal("0.01"))


def test_a_portfolio_in_which_nothing_renews_has_empty_tables() -> None:
    nothing = alone(replace(made(), renewals=Table({})))
    assert (rows(nothing, "renewals"), rows(nothing, "cohorts")) == ([], [])
    assert {one["at_stake"] for one in rows(nothing, "calendar")} == {"0.00"}
    assert nothing.besides[0].startswith("No contract renews, committed ARR falls from ")
    assert nothing.charts["renewals"].alt.endswith("nothing renews.")
    assert list(nothing.tables["renewals"].columns) == list(nothing.values["renewals"][0].header)


def test_the_forecast_has_the_columns_that_are_agreed() -> None:
    assert set(made().renewals.columns) == set(RENEWAL_COLUMNS)
    assert set(made().accounts.columns) == set(ACCOUNT_COLUMNS)


# --- checks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "cents", "failing"),
    [
        ("billed_seats", 1, {"rolls_deferred_seats", "rolls_receivable"}),
        ("recognised_credits", -1, {"rolls_deferred_credits"}),
        ("recognised_usage", 7, {"rolls_unbilled"}),
        ("paid", 12_345, {"rolls_receivable", "accounts_paid"}),
        ("accounts", -1000, {"not_negative"}),
    ],
)
def test_a_slip_of_a_cent_is_found_and_said_first(measure: str, cents: int, failing: set[str]) -> None:
    broken = alone(changed(made(draws=1), measure, cents))
    assert {check.key for check in broken.checks if not check.ok} == failing
    assert broken.notes[0].startswith("A check does not hold (base): ")
    assert broken.facts()["checks_hold"] is False
    assert {one["ok"] for one in rows(broken, "checks", check=sorted(failing)[0])} == {""}


def test_a_bridge_that_does_not_add_up_is_found() -> None:
    of = made()
    bridges = {**of.usage, SEGMENTS[0]: replace(of.usage[SEGMENTS[0]], last=of.usage[SEGMENTS[0]].last + 1)}
    checks = alone(replace(of, usage=bridges)).checks
    assert [check.key for check in checks if not check.ok] == ["bridge_usage"]


# --- words ------------------------------------------------------------------------------------------------------------


def test_the_answer_comes_first_with_its_range_and_what_the_renewals_change() -> None:
    answer = found().answer
    stake = f"{int(made().renewals.columns['arr_before'].sum()) // 100:,}"
    assert answer.startswith("Customers of the north (As it stands): ")
    assert " USD recognised in the median of 60 simulations of 24 months (8 in 10 between " in answer
    assert " from 2027-01 to 2028-12, " in answer
    assert " invoiced (8 in 10 between " in answer
    assert " paid (8 in 10 between " in answer
    assert answer.endswith(".")
    renewals, targets = found().besides
    assert renewals.startswith(f"Of 40 renewals, {stake} USD a year at stake, ")
    assert f"committed ARR falls from {stake} to " in renewals
    assert " and usage run-rate rises from 0 to " in renewals
    assert "the target of 16,000,000 USD recognised is missed in " in targets
    assert targets.startswith("The target of 5,000,000 USD paid from 2027-01 to 2027-12 is missed in ")
    assert answer.count("\n") == 0


def test_one_draw_has_no_ranges() -> None:
    single = alone(made(draws=1))
    assert "P10" not in single.answer
    assert "draw" not in single.answer
    assert any(note.startswith("One draw alone") for note in single.notes)
    assert "1 draw of usage, renewals and what all accounts share, with seed 7" in single.notes[0]


def test_notes_say_what_is_simulated_recognised_and_coarse() -> None:
    assert "60 draws" in found().notes[0]
    assert any("prospectively" in note for note in found().notes)
    assert any("taxes are in none" in note for note in found().notes)
    assert not any("oarse" in note for note in found().notes)
    coarse = alone(replace(made(), coarse=True, warnings=("One account has no usage.",)))
    assert any(note.startswith("Usage is coarse") for note in coarse.notes)
    assert coarse.notes[-1] == "One account has no usage."
    assert coarse.assumed == ("Credits do not expire.",)


# --- charts -----------------------------------------------------------------------------------------------------------

SHAPES: dict[str, dict[str, int]] = {
    "as usual": {"accounts": 40, "draws": 60},
    "one draw": {"accounts": 12, "draws": 1},
    "one month": {"accounts": 8, "draws": 20, "months": 1},
    "five years": {"accounts": 20, "draws": 20, "months": 60},
    "one account": {"accounts": 1, "draws": 20},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_chart_can_be_read(shape: str) -> None:
    of = forecast(**SHAPES[shape])  # type: ignore[arg-type]
    for chart in alone(of).charts.values():
        assert_readable(chart)
        for form in (PAGE, PHONE):
            assert_apart(drawn(chart, form))
        assert chart.alt.endswith(".")
        assert "US dollars" in chart.alt


def test_so_can_those_of_scenarios_and_of_what_they_depend_on() -> None:
    assert {"scenarios", "tornado"} < set(found().charts)
    for name in ("scenarios", "tornado"):
        assert_readable(found().charts[name])


def test_so_can_those_of_billions() -> None:
    of = made()
    large = {cell: amounts * 1000 for cell, amounts in of.cells.items()}
    opening = {cell: amounts * 1000 for cell, amounts in of.opening.items()}

    def larger(bridges: Mapping[str, Bridge]) -> dict[str, Bridge]:
        return {
            name: Bridge(
                bridge.first * 1000, {key: step * 1000 for key, step in bridge.steps.items()}, bridge.last * 1000
            )
            for name, bridge in bridges.items()
        }

    whole = replace(of, cells=large, opening=opening, committed=larger(of.committed), usage=larger(of.usage))
    for chart in alone(whole).charts.values():
        assert_readable(chart)


# --- files ------------------------------------------------------------------------------------------------------------


def test_every_table_has_the_columns_that_are_documented() -> None:
    assert [shown.name for shown, _ in found().values.values()] == [shown.name for shown in FORECAST_TABLES]
    for shown in FORECAST_TABLES:
        listed, values = found().values[shown.name]
        assert listed is shown
        assert set(values) - {DRAW.name} == set(shown.header)
        assert len({len(column) for column in values.values()}) == 1


def test_the_folder_holds_all_of_it_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    small = forecast(accounts=5, draws=4, months=3)
    first, again = (alone(small).write(tmp_path / name) for name in ("first", "again"))
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(alone(small).file_names)
    for name in names:
        assert (first / name).read_bytes() == (again / name).read_bytes(), name
    manifest = json.loads((first / "manifest.json").read_bytes())
    assert manifest["command"].startswith("planshift forecast north.yaml --draws 4 --seed 7")
    assert manifest["run"]["portfolio"] == "north.yaml"
    assert set(manifest["pictures"]) == {name for name in names if name.endswith(".png")}
    assert "tornado.csv" not in names
    assert "scenarios.csv" not in names


@pytest.mark.usefixtures("no_pictures")
def test_parquet_holds_the_same_numbers(tmp_path: Path) -> None:
    import pandas as pd

    of = replace(alone(forecast(accounts=5, draws=4, months=3)), options=ForecastOptions("north.yaml", parquet=True))
    out = of.write(tmp_path / "out")
    for name, frame in of.tables.items():
        read = pd.read_parquet(out / f"{name}.parquet")
        assert list(read.columns) == list(frame.columns)
        assert len(read) == len(frame)
    months = pd.read_parquet(out / "months.parquet")
    assert list(months["mean"]) == list(of.tables["months"]["mean"])
    assert of.manifest()["command"] == "planshift forecast north.yaml --draws 4 --seed 7 --parquet"


def test_plain_data_has_the_same_numbers_as_text() -> None:
    facts = json.loads(json.dumps(found().facts()))
    assert floats_in(facts) == []
    assert facts["answer"] == found().answer
    assert set(facts["tables"]) == set(found().values) - set(LONG)
    assert facts["tables"]["rollforward"][0] == {
        name: cell or None if name in ("billed", "recognised", "breakage", "paid") else cell
        for name, cell in rows(found(), "rollforward")[0].items()
    }
    shown = row(found(), "summary", scenario="low", measure="paid", period=TOTAL)
    assert facts["scenarios"]["low"]["amounts"]["paid"]["p10"] == shown["p10"]
    assert facts["scenarios"]["low"]["amounts"]["paid"]["mean"] == shown["mean"]


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_targets_are_read_as_they_are_written() -> None:
    assert read_target("paid=80000") == Target("paid", 8_000_000)
    assert read_target("recognised=80000.50/year") == Target("recognised", 8_000_050, yearly=True)
    assert [target_text(read_target(text)) for text in ("paid=7/year", "paid=7")] == ["paid=7.00/year", "paid=7.00"]
    given = SUBJECT.with_targets([Target("recognised", 5), Target("billed", 6)])
    assert given.targets == (Target("recognised", 5), TARGETS[1], Target("billed", 6))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payd=7", "'payd=7' names no measure - did you mean 'paid'?"),
        ("paid", "'paid' names no measure"),
        ("paid=7,000", "'7,000' is not an amount in US dollars - write it without signs or commas"),
        ("paid=-7", "'-7' is not an amount"),
        ("paid=nan", "'nan' is not an amount"),
        ("paid=0.001", "'0.001' is not an amount"),
        ("arr_usage=7/year", "arr_usage is known at the end of the horizon alone - leave /year out"),
    ],
)
def test_what_is_no_target_is_said(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_target(text)
    assert f"--target: {said}" in str(caught.value)


def test_everything_that_cannot_be_asked_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        ForecastOptions("north.yaml", start=date(2027, 1, 5), months=0, draws=0, seed=-1, jobs=0, targets=["pay=7"])
    assert {problem.place.file for problem in caught.value.problems} == {
        "--start",
        "--months",
        "--draws",
        "--seed",
        "--jobs",
        "--target",
    }
