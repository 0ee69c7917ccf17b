"""Run-rates of a year, what changes them, what renewals risk, and in which draws contracts go on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from forecast_accounts import Made, contract, ledger, made
from planshift.forecasting.history import goes_on, last_terms

LEGACY, ENTERPRISE = "legacy_standard_premium", "enterprise"
MONTHS = [date(2026 + (month + 9) // 12, (month + 9) % 12 + 1, 4) for month in range(16)]


def renewing(seats_after: int = 66) -> Made:
    """60 Standard seats at 40 USD, 6.00 a week of usage included, of a year from October 2026; then 66 at 20 USD.

    10.00 are used in a week of every month, of which 4.00 are extra usage; then all of it, at 10 % off.
    """
    signed = contract(
        LEGACY,
        "sales_assisted",
        date(2026, 10, 1),
        seats={"standard": 60},
        included_usage_per_week={"standard": 6},
        extra_usage={"enabled": True},
        renewal={"seats": {"enterprise": seats_after}, "usage_discount": Decimal("0.10")},
    )
    return made(signed, date(2026, 10, 1), 15, dict.fromkeys(MONTHS, 1000), seat="standard")


def test_committed_arr_goes_from_the_old_fees_to_the_new_by_seats_and_price() -> None:
    """28,800.00 a year; six seats more at 480.00 are 2,880.00; 66 × 240.00 = 15,840.00."""
    found = ledger(renewing(), date(2027, 1, 1), 12, decided=[[True, False]])
    bridge = found.committed
    assert bridge.first.tolist() == [2_880_000, 2_880_000]
    assert bridge.steps["seats"].tolist() == [288_000, 0]
    assert bridge.steps["price"].tolist() == [1_584_000 - 2_880_000 - 288_000, 0]
    assert bridge.steps["churn"].tolist() == [0, -2_880_000]
    assert bridge.last.tolist() == [1_584_000, 0]
    assert found.committed_by[:, 0].tolist() == [2_880_000] * 10 + [1_584_000] * 3
    assert found.committed_by[:, 1].tolist() == [2_880_000] * 10 + [0] * 3


def test_the_usage_run_rate_goes_from_what_is_billed_to_what_is_billed() -> None:
    """Three months of 4.00 × 4 = 48.00, of 6.00 included 72.00; three of 9.00 × 4 = 108.00, 12.00 taken off."""
    bridge = ledger(renewing(), date(2027, 1, 1), 12, decided=[[True, False]]).usage
    assert list(bridge.steps) == ["included_to_metered", "discount", "growth", "churn"]
    assert bridge.first.tolist() == [4800, 4800]
    assert bridge.steps["included_to_metered"].tolist() == [7200, 0]
    assert bridge.steps["discount"].tolist() == [-1200, 0]
    assert bridge.steps["growth"].tolist() == [0, 0]
    assert bridge.steps["churn"].tolist() == [0, -4800]
    assert bridge.last.tolist() == [10_800, 0]


def test_a_run_rate_of_a_shorter_past_is_that_of_the_months_there_are() -> None:
    used = {date(2027, 1, 4): 100, date(2027, 2, 4): 300, date(2027, 3, 4): 800}
    signed = contract(ENTERPRISE, "sales_assisted", date(2026, 6, 15), seats={"enterprise": 50})
    for start, first in ((date(2027, 2, 1), 100 * 12), (date(2027, 3, 1), 400 * 6), (date(2027, 1, 1), 1200 * 4)):
        scenario = made(signed, date(2027, 1, 1), 5, used)
        months = 6 - start.month
        assert ledger(scenario, start, months).usage.first.tolist() == [first]


def test_a_contract_that_begins_in_the_forecast_begins_with_nothing() -> None:
    signed = contract(ENTERPRISE, "sales_assisted", date(2027, 2, 15), seats={"enterprise": 50})
    scenario = made(signed, date(2027, 2, 15), 5, {date(2027, 3, 1): 500, date(2027, 5, 1): 700})
    found = ledger(scenario, date(2027, 1, 1), 6)
    assert found.committed.first.tolist() == [0]
    assert found.committed.steps["seats"].tolist() == found.committed.last.tolist() == [1_200_000]
    assert found.usage.first.tolist() == [0]
    assert found.usage.last.tolist() == [700 * 4]  # April to June


def test_added_seats_are_seats_for_a_year_whenever_they_come() -> None:
    signed = contract(ENTERPRISE, "sales_assisted", date(2026, 10, 1), seats={"enterprise": 50})
    events = [{"date": date(2027, 3, 17), "add_seats": {"enterprise": 7}}]
    found = ledger(made(signed, date(2026, 10, 1), 9, events=events), date(2027, 1, 1), 6)
    assert found.committed.steps["seats"].tolist() == [7 * 24_000]
    assert found.committed_by[:, 0].tolist() == [1_200_000] * 3 + [1_368_000] * 4


def test_a_renewal_says_what_is_at_stake() -> None:
    found = ledger(renewing(), date(2027, 1, 1), 12, decided=[[True, False]])
    (row,) = found.renewals
    assert (row.account_id, row.number, row.day, row.early) == ("A-1", 1, date(2027, 10, 1), False)
    assert (row.old_plan, row.new_plan, row.seats_before, row.seats_after) == (LEGACY, ENTERPRISE, 60, 66)
    assert row.committed_before.tolist() == [2_880_000] * 2
    assert row.committed_after.tolist() == [1_584_000] * 2
    assert row.usage.tolist() == [4800] * 2
    assert row.at_stake.tolist() == [2_884_800] * 2
    assert row.reached.tolist() == [True, True]
    assert row.goes_on.tolist() == [True, False]
    assert row.probability == Fraction(9, 10)


def test_a_renewal_before_the_forecast_is_no_row_of_it() -> None:
    assert ledger(renewing(), date(2027, 11, 1), 2).renewals == ()


TURNS = [date(2027, 3, 1), date(2028, 3, 1), date(2029, 3, 1)]


def test_as_many_contracts_go_on_as_are_said_to() -> None:
    decided = goes_on(5, "A-17", Fraction(9, 10), TURNS, date(2027, 1, 1), range(20_000))
    assert decided.shape == (3, 20_000)
    # Three standard errors of a share of 0.9 are 0.0064.
    assert np.abs(decided.mean(axis=1) - 0.9) == pytest.approx([0, 0, 0], abs=0.0064)
    assert np.corrcoef(decided)[0, 1] == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("probability", "share"), [(Fraction(0), 0), (Fraction(1), 1)])
def test_what_is_certain_is_certain(probability: Fraction, share: int) -> None:
    assert goes_on(5, "A-17", probability, TURNS, date(2027, 1, 1), range(1000)).mean() == share


def test_a_renewal_hangs_on_the_seed_the_account_its_number_and_the_draw_alone() -> None:
    half, start = Fraction(1, 2), date(2027, 1, 1)
    all_of_them = goes_on(5, "A-17", half, TURNS, start, range(64))
    assert (goes_on(5, "A-17", half, TURNS[:1], start, range(64)) == all_of_them[:1]).all()
    assert (goes_on(5, "A-17", half, TURNS, start, range(40, 64)) == all_of_them[:, 40:]).all()
    assert (goes_on(5, "A-18", half, TURNS, start, range(64)) != all_of_them).any()
    assert (goes_on(6, "A-17", half, TURNS, start, range(64)) != all_of_them).any()
    likelier = goes_on(5, "A-17", Fraction(3, 4), TURNS, start, range(64))
    assert (likelier >= all_of_them).all()


def test_a_renewal_of_the_past_has_happened() -> None:
    decided = goes_on(5, "A-17", Fraction(0), TURNS, date(2028, 3, 1), range(3))
    assert decided.tolist() == [[True] * 3, [False] * 3, [False] * 3]
    assert goes_on(5, "A-17", Fraction(0), [], date(2028, 3, 1), range(3)).shape == (0, 3)


def test_a_contract_comes_as_far_as_its_first_end() -> None:
    decided = np.array([[True, True, False, True], [True, False, True, False]])
    assert last_terms(decided).tolist() == [2, 1, 0, 1]
    assert last_terms(np.ones((0, 4), dtype=np.bool_)).tolist() == [0] * 4
