"""Worked cases of the ledger of an account, with numbers that anybody can check with a pocket calculator."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

from forecast_accounts import Made, account_of, contract, ledger, made, months_of, opening_of, run_of
from planshift.forecasting.account_ledger import Basis, ledger_of
from planshift.forecasting.history import Grid, SeatPriceShock, term_price
from planshift.portfolio.account import PaymentTerms

LEGACY, ENTERPRISE = "legacy_standard_premium", "enterprise"


def test_a_year_of_seats_from_the_fifteenth_of_march_is_earned_by_the_day() -> None:
    """50 seats × 20 USD × 12 = 12,000.00, over the 366 days to 15 March 2028."""
    signed = contract(ENTERPRISE, "sales_assisted", date(2027, 3, 15), seats={"enterprise": 50})
    found = ledger(made(signed, date(2027, 3, 15), 22), date(2027, 1, 1), 24)
    earned = months_of(found, "recognised_seats")
    # 17 of 366 days: 55,737.70; 47: 154,098.36; 78: 255,737.70
    assert earned[:5] == [0, 0, 55738, 154098 - 55738, 255738 - 154098]
    # 292 days by the year's end: 957,377.05
    assert months_of(found, "deferred_seats")[11] == 1_200_000 - 957_377
    # The last 14 days (1,154,098.36 by 29 February), and 17 of 365 days of the next term: 55,890.41
    assert earned[14] == (1_200_000 - 1_154_098) + 55_890
    assert months_of(found, "billed_seats")[2] == months_of(found, "booked_seats")[2] == 1_200_000
    assert months_of(found, "receivable")[2:4] == [1_200_000, 0]
    assert months_of(found, "paid")[3] == 1_200_000  # 14 April
    assert months_of(found, "seats")[1:3] == [0, 50]
    assert months_of(found, "accounts")[1:3] == [0, 1]
    assert opening_of(found, "deferred_seats") == opening_of(found, "seats") == 0


def test_a_term_from_the_last_of_january_and_an_addition_in_it() -> None:
    """60 × 18.00 × 12 = 12,960.00 over 365 days; ten more from 30 April, nine months: 1,620.00 over 276 days."""
    signed = contract(
        ENTERPRISE, "sales_assisted", date(2026, 1, 31), seats={"enterprise": 60}, seat_prices={"enterprise": 18}
    )
    events = [{"date": date(2026, 4, 30), "add_seats": {"enterprise": 10}}]
    found = ledger(made(signed, date(2026, 1, 31), 13, events=events), date(2026, 1, 1), 13)
    earned = months_of(found, "recognised_seats")
    # Days 1, 29, 60, 90 of 365: 3,550.68, 102,969.86, 213,041.10, 319,561.64; one day of 276 of the addition: 586.96
    assert earned[:4] == [3551, 102_970 - 3551, 213_041 - 102_970, 319_562 - 213_041 + 587]
    assert months_of(found, "billed_seats")[:4] == [1_296_000, 0, 0, 162_000]
    # Both are earned by 30 January 2027; the day after is the first of a term of 70 × 20 × 12 = 16,800.00.
    assert sum(earned[:13]) == 1_296_000 + 162_000 + 4603
    assert months_of(found, "seats")[2:4] == [60, 70]


CREDITS = {"initial": 100, "expiry_months": 2}
USED = {date(2027, 1, 20): 3000, date(2027, 2, 20): 4000, date(2027, 3, 5): 2000, date(2027, 4, 5): 1000}


@pytest.mark.parametrize(
    ("expected", "broken", "owed"),
    [
        # 100.00 of January, of which 30.00 are left on 1 March; 50.00 of 10 February, of which 20.00 are on 10 April
        (Fraction(0), [0, 0, 3000, 2000], [7000, 8000, 3000, 0]),
        # A fifth of each: a quarter beside what is used. 62.50 left of the first, then 12.50, and 25.00 of the second.
        (Fraction(1, 5), [750, 1000, 1750, 1500], [6250, 6250, 2500, 0]),
    ],
)
def test_credits_are_used_oldest_first_and_expire(expected: Fraction, broken: list[int], owed: list[int]) -> None:
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 1), seats={"enterprise": 20}, credits=CREDITS)
    events = [{"date": date(2027, 2, 10), "buy_credits": 50}]
    found = ledger(made(signed, date(2027, 1, 1), 4, USED, events), date(2027, 1, 1), 4, expected=expected)
    assert months_of(found, "billed_credits") == months_of(found, "booked_credits") == [10_000, 5000, 0, 0]
    assert months_of(found, "recognised_credits") == [3000, 4000, 2000, 1000]
    assert months_of(found, "breakage") == broken
    assert months_of(found, "deferred_credits") == owed
    # The seat fee of 4,800.00 is paid on 31 January, credits at once.
    assert months_of(found, "paid") == [490_000, 5000, 0, 0]


def test_whoever_uses_more_than_was_expected_takes_breakage_back() -> None:
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 1), seats={"enterprise": 20}, credits={"initial": 100})
    used = {date(2027, 1, 20): 9500, date(2027, 2, 20): 500}
    found = ledger(made(signed, date(2027, 1, 1), 2, used), date(2027, 1, 1), 2, expected=Fraction(1, 5))
    assert months_of(found, "recognised_credits") == [9500, 500]
    assert months_of(found, "breakage") == [500, -500]
    assert months_of(found, "deferred_credits") == [0, 0]


def test_the_share_foreseen_is_of_each_purchase_also_of_several_on_a_day() -> None:
    """10.00 on New Year, twice 10.00 on the 20th: two are used up, and 5.00 of the third, beside which go 1.25."""
    reload = {"auto_reload": {"below": 1, "amount": 10}, "payment": "card"}
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 1), seats={"enterprise": 20}, credits=reload)
    account = made(signed, date(2027, 1, 1), 1, {date(2027, 1, 20): 2500})
    found = ledger(account, date(2027, 1, 1), 1, expected=Fraction(1, 5))
    assert months_of(found, "billed_credits") == [3000]
    assert months_of(found, "recognised_credits") == [2500]
    assert months_of(found, "breakage") == [125]
    assert months_of(found, "deferred_credits") == [375]


@pytest.mark.parametrize(("payment", "paid"), [("card", [10_000, 0, 0]), ("ach", [0, 0, 10_000])])
def test_credits_are_paid_at_once_by_card_and_after_the_terms_by_transfer(payment: str, paid: list[int]) -> None:
    bought = {"initial": 100, "payment": payment}
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 1), seats={"enterprise": 20}, credits=bought)
    found = ledger(made(signed, date(2027, 1, 1), 3), date(2027, 1, 1), 3, payment=PaymentTerms(60))
    fee_paid = [0, 0, 480_000]  # 2 March
    assert months_of(found, "paid") == [fee + cents for fee, cents in zip(fee_paid, paid, strict=True)]


def test_usage_in_arrears_is_earned_when_used_and_invoiced_the_month_after() -> None:
    signed = contract(ENTERPRISE, "sales_assisted", date(2026, 10, 1), seats={"enterprise": 50})
    used = {date(2026, 12, 20): 1234, date(2027, 1, 20): 3000, date(2027, 3, 31): 77}
    found = ledger(made(signed, date(2026, 10, 1), 6, used), date(2027, 1, 1), 3)
    assert months_of(found, "recognised_usage") == months_of(found, "booked_usage") == [3000, 0, 77]
    assert months_of(found, "billed_usage") == [1234, 3000, 0]
    assert months_of(found, "unbilled") == [3000, 0, 77]
    assert opening_of(found, "unbilled") == 1234
    # 1 January + 30 days, 1 February + 30 days
    assert months_of(found, "paid") == [1234, 0, 3000]
    assert months_of(found, "receivable") == [0, 3000, 0]


@pytest.mark.parametrize(
    ("invoiced", "days", "rule", "paid"),
    [
        (date(2027, 1, 28), 30, "none", date(2027, 2, 27)),
        (date(2027, 1, 28), 30, "before", date(2027, 3, 2)),
        (date(2027, 1, 28), 30, "after", date(2027, 2, 28)),
        (date(2027, 1, 30), 30, "none", date(2027, 3, 1)),
        (date(2027, 1, 30), 30, "before", date(2027, 3, 2)),
        (date(2027, 1, 30), 30, "after", date(2027, 3, 31)),
        (date(2028, 1, 15), 45, "none", date(2028, 2, 29)),
        (date(2028, 1, 15), 45, "before", date(2028, 3, 16)),
        (date(2028, 1, 15), 45, "after", date(2028, 2, 29)),
    ],
)
def test_payment_terms_across_february(
    invoiced: date, days: int, rule: Literal["none", "before", "after"], paid: date
) -> None:
    terms = PaymentTerms(days, rule)
    assert terms.due(invoiced) == paid
    signed = contract(ENTERPRISE, "sales_assisted", invoiced, seats={"enterprise": 50})
    found = ledger(made(signed, invoiced, 5), invoiced.replace(day=1), 4, payment=terms)
    expected = [0, 0, 0, 0]
    expected[paid.month - 1] = 1_200_000
    assert months_of(found, "paid") == expected


def moved(credit: str) -> Made:
    """60 Standard seats at 40 USD from New Year 2027 (28,800.00), which move on 1 July."""
    signed = contract(LEGACY, "sales_assisted", date(2027, 1, 1), seats={"standard": 60})
    events = [{"date": date(2027, 7, 1), "migrate": {"credit": credit}}]
    return made(signed, date(2027, 1, 1), 24, events=events, seat="standard")


@pytest.mark.parametrize(
    ("credit", "billed", "left"),
    # 181 of 365 days: 1,428,164.38. By S2, six months are given back: 60 × 40 × 6 = 14,400.00.
    [("none", 0, 2_880_000 - 1_428_164), ("prorated", -1_440_000, 2_880_000 - 1_428_164 - 1_440_000)],
)
def test_an_early_move_spreads_what_is_left_and_not_credited_over_the_new_term(
    credit: str, billed: int, left: int
) -> None:
    found = ledger(moved(credit), date(2027, 1, 1), 24)
    assert sum(months_of(found, "recognised_seats", LEGACY)[:6]) == 1_428_164
    assert months_of(found, "billed_seats", LEGACY)[6] == months_of(found, "booked_seats", LEGACY)[6] == billed
    july = {1_451_836: 122_970, 11_836: 1003}[left]  # 31 of 366 days: 122,969.93 or 1,002.50
    assert months_of(found, "recognised_seats", LEGACY)[6] == july
    assert months_of(found, "deferred_seats", LEGACY)[6] == left - july
    # The new fee of 60 × 20 × 12 = 14,400.00: 31 of 366 days, 121,967.21
    assert months_of(found, "recognised_seats", ENTERPRISE)[6] == 121_967
    assert months_of(found, "paid", LEGACY)[6:8] == ([0, 0] if credit == "none" else [-1_440_000, 0])  # 31 July
    assert months_of(found, "deferred_seats", LEGACY)[18] == 0
    assert sum(months_of(found, "recognised_seats", LEGACY)) == 2_880_000 + billed
    assert months_of(found, "seats", LEGACY)[5:7] == [60, 0]
    assert months_of(found, "seats", ENTERPRISE)[5:7] == [0, 60]


@pytest.mark.parametrize("credit", ["none", "prorated"])
def test_a_contract_that_ends_at_an_early_move_has_earned_all_it_was_paid(credit: str) -> None:
    found = ledger(moved(credit), date(2027, 1, 1), 24, decided=[[False, True]])
    assert months_of(found, "recognised_seats", LEGACY)[6] == 2_880_000 - 1_428_164
    assert months_of(found, "billed_seats")[6:] == [0] * 18
    assert months_of(found, "deferred_seats")[6:] == [0] * 18
    assert months_of(found, "accounts")[5:] == [1] + [0] * 18
    assert months_of(found, "accounts", ENTERPRISE, draw=1)[6:] == [1] * 18


def ending(channel: str, **more: object) -> Made:
    """A contract from 10 January 2027: used 100.00 in June, 50.00 before its renewal and 70.00 after it."""
    seats = {"enterprise": 20 if channel == "self_serve" else 50}
    used = {date(2027, 6, 1): 10_000, date(2028, 1, 5): 5000, date(2028, 1, 15): 7000}
    signed = contract(ENTERPRISE, channel, date(2027, 1, 10), seats=seats, **more)
    return made(signed, date(2027, 1, 10), 15, used)


def test_a_contract_that_ends_loses_its_credits_on_that_day() -> None:
    scenario = ending("self_serve", credits={"initial": 500})
    found = ledger(scenario, date(2027, 2, 1), 14, decided=[[False, True]])
    january = 11
    assert months_of(found, "recognised_credits")[january:] == [5000, 0, 0]
    assert months_of(found, "breakage")[january:] == [35_000, 0, 0]
    assert months_of(found, "deferred_credits")[january - 1 :] == [40_000, 0, 0, 0]
    assert months_of(found, "billed_seats")[january:] == [0, 0, 0]
    assert months_of(found, "deferred_seats")[january:] == [0, 0, 0]
    assert months_of(found, "seats")[january - 1 :] == [20, 0, 0, 0]
    assert months_of(found, "recognised_credits", draw=1)[january:] == [12_000, 0, 0]
    assert months_of(found, "breakage", draw=1)[january:] == [0, 0, 0]
    assert months_of(found, "deferred_credits", draw=1)[january:] == [28_000] * 3
    assert months_of(found, "billed_seats", draw=1)[january:] == [480_000, 0, 0]


def test_a_contract_that_ends_inside_a_month_is_invoiced_on_that_day_for_its_part_of_it() -> None:
    found = ledger(ending("sales_assisted"), date(2027, 2, 1), 14, decided=[[False, True]])
    january = 11
    assert months_of(found, "recognised_usage")[january:] == [5000, 0, 0]
    assert months_of(found, "billed_usage")[january:] == [5000, 0, 0]
    assert months_of(found, "paid")[january:] == [0, 5000, 0]  # 9 February
    assert months_of(found, "recognised_usage", draw=1)[january:] == [12_000, 0, 0]
    assert months_of(found, "billed_usage", draw=1)[january:] == [0, 12_000, 0]
    assert months_of(found, "unbilled", draw=1)[january:] == [12_000, 0, 0]


def test_a_shock_to_seat_prices_is_on_terms_that_begin_after_it() -> None:
    shock = SeatPriceShock(date(2027, 9, 1), Fraction(11, 10), np.array([False, True]))
    found = ledger(ending("sales_assisted"), date(2027, 2, 1), 14, shocks=[shock], draws=2)
    assert months_of(found, "billed_seats")[11] == 1_200_000
    assert months_of(found, "billed_seats", draw=1)[11] == 1_320_000
    assert opening_of(found, "deferred_seats") == opening_of(found, "deferred_seats", draw=1)
    assert found.committed.steps["price"].tolist() == [0, 120_000]
    assert found.committed.last.tolist() == [1_200_000, 1_320_000]


def test_shocks_multiply_and_a_line_is_rounded_half_up() -> None:
    first = SeatPriceShock(date(2027, 1, 1), Fraction(11, 10), np.array([True, False, True, False]))
    second = SeatPriceShock(date(2027, 6, 1), Fraction(1, 2), np.array([True, True, False, False]))
    both = term_price([first, second], date(2027, 6, 1), 4)
    assert both.of(5).tolist() == [3, 3, 6, 5]  # 2.75, 2.5, 5.5, 5
    assert both.of(-5).tolist() == [-3, -3, -6, -5]
    assert term_price([first, second], date(2027, 5, 31), 4).of(10).tolist() == [11, 10, 11, 10]
    assert term_price([first, second], date(2026, 5, 31), 4).of(10).tolist() == [10] * 4


def test_a_term_that_began_before_the_simulation_is_deferred_and_owed_at_the_opening() -> None:
    """12,000.00 of 1 July 2026: 184 of 365 days are earned, 604,931.51; due after 200 days, on 17 January."""
    signed = contract(ENTERPRISE, "sales_assisted", date(2026, 7, 1), seats={"enterprise": 50})
    scenario = made(signed, date(2027, 1, 1), 6)
    found = ledger(scenario, date(2027, 1, 1), 6, payment=PaymentTerms(200))
    assert opening_of(found, "deferred_seats") == 1_200_000 - 604_932
    assert opening_of(found, "receivable") == 1_200_000
    assert opening_of(found, "seats") == 50
    assert months_of(found, "billed_seats") == [0] * 6
    assert months_of(found, "paid") == [1_200_000, 0, 0, 0, 0, 0]
    assert months_of(found, "deferred_seats")[-1] == 0
    assert found.committed.first.tolist() == found.committed.last.tolist() == [1_200_000]


def test_credits_that_lapse_at_a_renewal_are_breakage_then() -> None:
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 10), seats={"enterprise": 20}, credits={"initial": 500})
    used = {date(2027, 6, 1): 10_000, date(2028, 1, 5): 5000}
    account = made(signed, date(2027, 1, 10), 15, used, rules={"credits.at_renewal": "lapse"})
    for expected in (Fraction(0), Fraction(1, 100)):
        found = ledger(account, date(2028, 1, 1), 3, expected=expected)
        assert months_of(found, "recognised_credits") == [5000, 0, 0]
        # A ninety-ninth of what is used comes before: 1.01 of 100.00
        assert months_of(found, "breakage") == [35_000 - 101 * (expected > 0), 0, 0]
        assert months_of(found, "deferred_credits") == [0, 0, 0]


def test_credits_stay_with_the_plan_that_sold_them_and_go_before_newer_ones() -> None:
    """100.00 of the old plan, of which 30.00 are used; then 60.00 of the new one, and 90.00 used: 70.00 and 20.00."""
    signed = contract(
        "legacy_chat_claude_code",
        "self_serve",
        date(2026, 7, 1),
        seats={"chat_claude_code": 20},
        credits={"initial": 100},
        renewal={"credits": {"initial": 60}},
    )
    used = {date(2027, 6, 10): 3000, date(2027, 7, 10): 9000}
    scenario = made(signed, date(2027, 1, 1), 8, used, seat="chat_claude_code")
    found = ledger(scenario, date(2027, 6, 1), 3, decided=[[True, False]])
    old, new = "legacy_chat_claude_code", ENTERPRISE
    assert months_of(found, "recognised_credits", old) == [3000, 7000, 0]
    assert months_of(found, "recognised_credits", new) == [0, 2000, 0]
    assert months_of(found, "deferred_credits", old) == [7000, 0, 0]
    assert months_of(found, "deferred_credits", new) == [0, 4000, 4000]
    assert months_of(found, "breakage", old, 1) == [0, 7000, 0]
    assert months_of(found, "billed_credits", new, 1) == [0, 0, 0]


def test_what_a_term_of_two_years_defers_for_more_than_one_is_said() -> None:
    """50 × 20 × 24 = 24,000.00 over 731 days; 396 of them lie before 1 February 2028: 1,300,136.80."""
    signed = contract(ENTERPRISE, "sales_assisted", date(2027, 1, 1), seats={"enterprise": 50})
    found = ledger(made(signed, date(2027, 1, 1), 24, rules={"term_months": 24}), date(2027, 1, 1), 24)
    later = months_of(found, "deferred_later")
    assert later[0] == 2_400_000 - 1_300_137
    assert later[11:] == [0] * 13
    assert opening_of(found, "deferred_later") == 0
    assert found.committed.last.tolist() == [1_200_000]


def test_what_is_included_and_what_is_stopped_stand_beside() -> None:
    signed = contract(
        LEGACY, "sales_assisted", date(2027, 1, 1), seats={"standard": 60}, included_usage_per_week={"standard": 6}
    )
    used = {date(2027, 1, 5): 1000, date(2027, 1, 20): 500}
    found = ledger(made(signed, date(2027, 1, 1), 1, used, seat="standard"), date(2027, 1, 1), 1)
    assert months_of(found, "included") == [1100]
    assert months_of(found, "stopped") == [400]
    assert months_of(found, "recognised_usage") == [0]


def test_a_run_that_ends_on_another_day_is_refused() -> None:
    signed = contract(ENTERPRISE, "sales_assisted", date(2027, 1, 1), seats={"enterprise": 50})
    scenario = made(signed, date(2027, 1, 1), 6)
    run = run_of(scenario, date(2027, 6, 1))
    account = ledger(scenario, date(2027, 1, 1), 5)
    assert account.account_id == "A-1"
    with pytest.raises(ValueError, match="ends on 2027-06-01, not on 2027-07-01"):
        ledger_of(account_of(scenario), run, Basis(Grid(date(2027, 1, 1), 6), Fraction(0)), np.ones((0, 1), bool))


def test_a_forecast_starts_with_a_month() -> None:
    with pytest.raises(ValueError, match="first day of a month"):
        Grid(date(2027, 1, 2), 6)


def test_expected_breakage_is_a_share() -> None:
    signed = contract(ENTERPRISE, "self_serve", date(2027, 1, 1), seats={"enterprise": 20}, credits={"initial": 100})
    with pytest.raises(ValueError, match="a share from 0 to less than 1"):
        ledger(made(signed, date(2027, 1, 1), 1), date(2027, 1, 1), 1, expected=Fraction(1))
