"""Bills of the slow biller that were worked by hand, rule by rule.

Web searches cost one cent each, so that a row of 100 of them is a dollar.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from oracle import Tables, bill
from oracle.scenarios import Scenario


def asks(day: str, member: str, dollars: str, surface: str = "chat") -> dict[str, Any]:
    """A usage row of so many dollars at list price."""
    searches = int(Decimal(dollars) * 100)
    row = {"date": date.fromisoformat(day), "user_id": member, "surface": surface, "model": "claude-opus-5-5"}
    return {**row, "web_searches": searches}


def enterprise(start: str, months: int, channel: str = "sales_assisted", **rest: Any) -> Scenario:
    """An Enterprise contract with three members, run from its first day; `rest` goes into contract or scenario."""
    day = date.fromisoformat(start)
    outer: dict[str, Any] = {key: rest.pop(key) for key in ("events", "members", "horizon") if key in rest}
    seats = {"enterprise": 50 if channel == "sales_assisted" else 20}
    contract = {"plan": "enterprise", "channel": channel, "term_start": day, "seats": seats, **rest}
    members = dict.fromkeys(("ada", "ben", "cleo"), "enterprise")
    return {"contract": contract, "horizon": {"start": day, "months": months}, "members": members, **outer}


def on(day: str, **action: Any) -> dict[str, Any]:
    """An event."""
    return {"date": date.fromisoformat(day), **action}


def charges(tables: Tables, *kinds: str) -> list[tuple[str, ...]]:
    """(date, plan, kind, what the line is for, amount) of the invoices of these kinds, of all without any."""
    return [
        (day, plan, kind, user or seat, amount)
        for day, plan, kind, _, user, seat, _, amount in tables.invoices
        if kind in kinds or not kinds
    ]


def month(tables: Tables, name: str, plan: str = "enterprise") -> tuple[str, ...]:
    """The row of months after month and plan."""
    (row,) = [row[2:] for row in tables.months if row[:2] == (name, plan)]
    return row


def test_l6_gives_the_odd_nano_dollar_to_the_first_member_id() -> None:
    # A cent is left and three members ask for a cent each: 10,000,000 / 3 = 3,333,333 and one nano-dollar over.
    rows = [asks("2027-01-05", member, "0.01") for member in ("cleo", "ben", "ada")]
    tables = bill(enterprise("2027-01-01", 1, spend_limits={"organization": Decimal("0.01")}), rows)
    billed = [row[7] for row in tables.members]
    assert billed == ["0.003333334", "0.003333333", "0.003333333"]


def test_l6_gives_the_same_share_and_the_largest_remainder_first() -> None:
    # One dollar for 1 + 2 + 4: 1/7, 2/7, 4/7 = .142857142|857, .285714285|714, .571428571|428; two nano-dollars over.
    rows = [asks("2027-01-05", member, dollars) for member, dollars in (("ada", "1"), ("ben", "2"), ("cleo", "4"))]
    tables = bill(enterprise("2027-01-01", 1, spend_limits={"organization": 1}), rows)
    assert [row[7] for row in tables.members] == ["0.142857143", "0.285714286", "0.571428571"]


@pytest.mark.parametrize(
    ("left", "limit", "cause"),
    [("2", "3", "credits exhausted"), ("3", "2", "organization limit"), ("2", "2", "organization limit")],
)
def test_l6_blames_what_left_less_and_the_limit_if_they_left_the_same(left: str, limit: str, cause: str) -> None:
    terms: dict[str, Any] = {"credits": {"initial": Decimal(left)}, "spend_limits": {"organization": Decimal(limit)}}
    tables = bill(enterprise("2027-01-01", 1, "self_serve", **terms), [asks("2027-01-05", "ada", "5")])
    assert tables.stops == [("organization", cause, "2027-01-05", "", "")]


def test_a1_shares_a_cent_out_among_lines() -> None:
    # The limit leaves half a cent each: 1 cent together, equal remainders, so the first line has it.
    limits = {"each_member": Decimal("0.005")}
    rows = [asks("2027-01-05", "ada", "0.01"), asks("2027-01-05", "ben", "0.01")]
    tables = bill(enterprise("2027-01-01", 1, spend_limits=limits), rows)
    assert [line[3:] for line in charges(tables, "usage")] == [("ada", "0.01"), ("ben", "0.00")]


# A seat of 20 dollars added in a term from 29 Feb 2028 to 28 Feb 2029, 365 days, on 31 March. Its month runs from
# 29 March to 29 April, 31 days, of which 31 March to 28 April are 29; ten months follow. 334 days of the term are left.
# In a term from 31 Jan 2027 to 31 Jan 2028, on 30 March: the month is 28 Feb to 31 March, 31 days, of which one is
# left; ten months follow. 307 of 365 days are left.
# In a term from 15 March 2027, 366 days, on 29 Feb 2028: the last month, 15 Feb to 15 March, 29 days, of which 15 are
# left.
@pytest.mark.parametrize(
    ("start", "day", "proration", "amount"),
    [
        ("2028-02-29", "2028-03-31", "months_and_days", "218.71"),  # 20 x (10 + 29/31)
        ("2028-02-29", "2028-03-31", "whole_months", "220.00"),  # 20 x 11
        ("2028-02-29", "2028-03-31", "days", "219.62"),  # 20 x 12 x 334/365
        ("2027-01-31", "2027-03-30", "months_and_days", "200.65"),  # 20 x (10 + 1/31)
        ("2027-01-31", "2027-03-30", "whole_months", "220.00"),  # 20 x 11
        ("2027-01-31", "2027-03-30", "days", "201.86"),  # 20 x 12 x 307/365
        ("2027-03-15", "2028-02-29", "months_and_days", "10.34"),  # 20 x 15/29
        ("2027-03-15", "2028-02-29", "whole_months", "20.00"),  # 20 x 1
        ("2027-03-15", "2028-02-29", "days", "9.84"),  # 20 x 12 x 15/366
    ],
)
def test_s2_counts_the_rest_of_a_term(start: str, day: str, proration: str, amount: str) -> None:
    scenario = enterprise(start, 12, proration=proration, events=[on(day, add_seats={"enterprise": 1})])
    assert charges(bill(scenario, []), "seat_addition") == [(day, "enterprise", "seat_addition", "enterprise", amount)]


def test_a_term_from_29_february_renews_on_28_february() -> None:
    tables = bill(enterprise("2028-02-29", 13), [])
    assert [line[0] for line in charges(tables, "seat_fee")] == ["2028-02-29", "2029-02-28"]


def test_c1_usage_stops_without_credits_until_somebody_buys() -> None:
    # 3 of 5 dollars are served on the 5th, nothing on the 6th; after 10 are bought on the 7th, 4 are served.
    scenario = enterprise(
        "2027-01-01", 1, "self_serve", credits={"initial": 3}, events=[on("2027-01-07", buy_credits=10)]
    )
    rows = [asks("2027-01-05", "ada", "5"), asks("2027-01-06", "ben", "1"), asks("2027-01-07", "ben", "4")]
    tables = bill(scenario, rows)
    assert [(line[0], line[4]) for line in charges(tables, "credit_purchase")] == [
        ("2027-01-01", "3.00"),
        ("2027-01-07", "10.00"),
    ]
    assert tables.stops == [("organization", "credits exhausted", "2027-01-05", "2027-01-07", "credits bought")]
    assert charges(tables, "usage") == []
    # fees 20 x 20 x 12; bought 13, billed 3 + 4, blocked 2 + 1, left 6
    assert month(tables, "2027-01") == (
        *("4800.00", "0.00", "13.00", "0.00", "4813.00"),
        *("7.000000000", "3.000000000", "6.000000000", "2", "0.000000000"),
    )


@pytest.mark.parametrize(
    ("bought_on", "purchases"), [("2027-01-07", ["3.00", "1.00"]), ("2027-01-09", ["3.00", "9.00", "1.00"])]
)
def test_c2_a_reaction_is_dropped_if_there_are_credits_by_then(bought_on: str, purchases: list[str]) -> None:
    # Out on the evening of the 5th, so 9 dollars fall due on the 8th.
    terms: dict[str, Any] = {"initial": 3, "when_exhausted": {"buy": 9, "after_days": 3}}
    scenario = enterprise("2027-01-01", 1, "self_serve", credits=terms, events=[on(bought_on, buy_credits=1)])
    tables = bill(scenario, [asks("2027-01-05", "ada", "3")])
    assert [line[4] for line in charges(tables, "credit_purchase")] == purchases


def test_c2_a_purchase_answers_the_running_out_before_it() -> None:
    # Out on the 5th: due on the 15th. A dollar bought on the 7th answers that, and is used the same day: out again, due
    # on the 17th, and nothing on the 15th.
    terms: dict[str, Any] = {"initial": 3, "when_exhausted": {"buy": 9, "after_days": 10}}
    scenario = enterprise("2027-01-01", 1, "self_serve", credits=terms, events=[on("2027-01-07", buy_credits=1)])
    tables = bill(scenario, [asks("2027-01-05", "ada", "3"), asks("2027-01-07", "ada", "1")])
    assert [line[0] for line in charges(tables, "credit_purchase")] == ["2027-01-01", "2027-01-07", "2027-01-17"]


def test_c2_auto_reload_buys_as_often_as_it_takes() -> None:
    # 10 - 27 + 3 x 8 = 7 is the first that keeps 5; on the day before, 10 is kept without a purchase.
    terms: dict[str, Any] = {"initial": 10, "auto_reload": {"below": 5, "amount": 8}}
    tables = bill(enterprise("2027-01-01", 1, "self_serve", credits=terms), [asks("2027-01-05", "ada", "27")])
    days = [line[0] for line in charges(tables, "credit_purchase")]
    assert days == ["2027-01-01", "2027-01-05", "2027-01-05", "2027-01-05"]
    assert month(tables, "2027-01")[7] == "7.000000000"


def test_c3_the_oldest_credits_are_used_first_and_expire_first() -> None:
    # 10 of 31 January are gone on 28 February, less 4 that were used; 5 of 10 February are gone on 10 March.
    terms: dict[str, Any] = {"initial": 10, "expiry_months": 1}
    scenario = enterprise("2027-01-31", 2, "self_serve", credits=terms, events=[on("2027-02-10", buy_credits=5)])
    tables = bill(scenario, [asks("2027-02-12", "ada", "4"), asks("2027-03-09", "ada", "1")])
    assert [month(tables, name)[7] for name in ("2027-01", "2027-02", "2027-03")] == [
        "10.000000000",
        "5.000000000",
        "0.000000000",
    ]
    assert [month(tables, name)[9] for name in ("2027-01", "2027-02", "2027-03")] == [
        "0.000000000",
        "6.000000000",
        "4.000000000",
    ]


def test_m2_a_raise_rearms_what_it_unreaches() -> None:
    # 8 of 10 reaches 7.50. Of 12, three quarters are 9: re-armed, and reached again by one dollar more. A cut to 11
    # leaves it fired (8.25), as does a raise to 12 (9).
    events = [
        on("2027-01-03", set_limits={"organization": 12}),
        on("2027-01-06", set_limits={"organization": 11}),
        on("2027-01-07", set_limits={"organization": 12}),
    ]
    scenario = enterprise("2027-01-01", 1, spend_limits={"organization": 10}, events=events)
    tables = bill(scenario, [asks("2027-01-02", "ada", "8"), asks("2027-01-05", "ada", "1")])
    assert tables.alerts == [("2027-01-02", "organization", "0.75"), ("2027-01-05", "organization", "0.75")]


def test_m3_a_changed_limit_ends_a_stop_even_if_it_still_binds() -> None:
    events = [on("2027-01-06", set_limits={"members": {"ada": 4}})]
    scenario = enterprise("2027-01-01", 1, spend_limits={"each_member": 3}, events=events)
    tables = bill(scenario, [asks("2027-01-05", "ada", "5"), asks("2027-01-06", "ada", "5")])
    assert tables.stops == [
        ("ada", "member limit", "2027-01-05", "2027-01-06", "limit changed"),
        ("ada", "member limit", "2027-01-06", "", ""),
    ]
    assert [row[7] for row in tables.members] == ["4.000000000", "0.000000000", "0.000000000"]


def test_a_contract_below_the_minimum_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer seats"):
        bill(enterprise("2027-01-01", 1, seats={"enterprise": 49}), [])


RENEWAL = {"spend_limits": {"each_member": 9}, "seat_prices": {"enterprise": 18}}


def test_r2_a_renewal_on_itself_keeps_the_usage_period() -> None:
    # The term of 15 January 2027 renews in the middle of January 2028: 52 held less 1, at the price agreed anew, 18.
    # Three dollars of the 10th are spent still: of a limit of 9, six are left, and the new limit ends the stop.
    events = [
        on("2027-03-01", add_seats={"enterprise": 2}),
        on("2027-03-02", remove_seats={"enterprise": 1}),
    ]
    horizon = {"start": date(2028, 1, 1), "months": 1}
    terms: dict[str, Any] = {"spend_limits": {"each_member": 3}, "usage_discount": Decimal("0.5"), "renewal": RENEWAL}
    scenario = enterprise("2027-01-15", 1, events=events, horizon=horizon, **terms)
    tables = bill(scenario, [asks("2028-01-10", "ada", "8"), asks("2028-01-20", "ada", "8")])
    assert charges(tables) == [
        ("2028-01-15", "enterprise", "seat_fee", "enterprise", "11016.00"),  # 51 x 18 x 12
        ("2028-02-01", "enterprise", "usage", "ada", "9.00"),
    ]
    assert tables.stops == [
        ("ada", "member limit", "2028-01-10", "2028-01-15", "renewal"),
        ("ada", "member limit", "2028-01-20", "", ""),
    ]


def test_r1_a_renewal_that_closes_starts_the_month_to_date_again() -> None:
    # Chat seats of a term from 15 January 2027: what was used until the 14th is invoiced on the 15th. 28 seats are
    # raised to the minimum of 50; the limit agreed, 9, is there in full, and the discount is gone.
    horizon = {"start": date(2028, 1, 1), "months": 1}
    terms: dict[str, Any] = {"spend_limits": {"each_member": 3}, "usage_discount": Decimal("0.5"), "renewal": RENEWAL}
    legacy: dict[str, Any] = {"plan": "legacy_chat_claude_code", "seats": {"chat": 20, "chat_claude_code": 8}}
    scenario = enterprise("2027-01-15", 1, horizon=horizon, members={"ada": "chat"}, **terms, **legacy)
    tables = bill(scenario, [asks("2028-01-10", "ada", "8"), asks("2028-01-20", "ada", "10", "cowork")])
    assert charges(tables) == [
        ("2028-01-15", "legacy_chat_claude_code", "usage", "ada", "3.00"),
        ("2028-01-15", "enterprise", "seat_fee", "enterprise", "10800.00"),  # 50 x 18 x 12
        ("2028-02-01", "enterprise", "usage", "ada", "9.00"),
    ]
    assert tables.stops == [
        ("ada", "member limit", "2028-01-10", "2028-01-15", "renewal"),
        ("ada", "member limit", "2028-01-20", "", ""),
    ]
    # In months, a closed plan and its successor have a row each, and so has the charge of the day after the horizon.
    fees = ("10800.00", "0.00", "0.00", "0.00", "10800.00")
    assert month(tables, "2028-01") == (*fees, "9.000000000", "1.000000000", "0.000000000", "1", "0.000000000")
    usage = ("0.00", "0.00", "0.00", "3.00", "3.00")
    old = month(tables, "2028-01", "legacy_chat_claude_code")
    assert old == (*usage, "3.000000000", "1.000000000", "0.000000000", "1", "0.000000000")
    assert [row[:2] for row in tables.months] == [
        ("2028-01", "enterprise"),
        ("2028-01", "legacy_chat_claude_code"),
        ("2028-02", "enterprise"),
    ]


def test_r3_a_migration_credits_what_is_left_of_the_term() -> None:
    # On 16 April 2027, of a term from 1 January: 15 of April's 30 days and eight months, 8.5. 10 x 40 x 8.5 = 3400 and
    # 1 x 200 x 8.5 = 1700. Beyond 2 dollars included, 3 were used in April: invoiced first. The 11 seats are
    # raised to 50.
    legacy: dict[str, Any] = {
        "plan": "legacy_standard_premium",
        "seats": {"premium": 1, "standard": 10},
        "included_usage_per_week": {"standard": 2},
        "extra_usage": {"enabled": True},
    }
    events = [on("2027-04-16", migrate={"credit": "prorated"})]
    scenario = enterprise("2027-01-01", 5, members={"ada": "standard"}, events=events, **legacy)
    tables = bill(scenario, [asks("2027-04-15", "ada", "5"), asks("2027-04-16", "ada", "5")])
    assert charges(tables) == [
        ("2027-01-01", "legacy_standard_premium", "seat_fee", "standard", "4800.00"),
        ("2027-01-01", "legacy_standard_premium", "seat_fee", "premium", "2400.00"),
        ("2027-04-16", "legacy_standard_premium", "usage", "ada", "3.00"),
        ("2027-04-16", "legacy_standard_premium", "seat_credit", "standard", "-3400.00"),
        ("2027-04-16", "legacy_standard_premium", "seat_credit", "premium", "-1700.00"),
        ("2027-04-16", "enterprise", "seat_fee", "enterprise", "12000.00"),
        ("2027-05-01", "enterprise", "usage", "ada", "5.00"),
    ]
    # Net of the credit, the old plan's April is 3 - 5100.
    assert month(tables, "2027-04", "legacy_standard_premium")[:5] == ("0.00", "-5100.00", "0.00", "3.00", "-5097.00")


def test_r1_the_usage_of_a_closed_plan_has_a_row_in_the_month_of_its_invoice() -> None:
    # The term of 1 February 2027 ends with January 2028: its usage is invoiced on 1 February, when the plan is gone.
    legacy: dict[str, Any] = {"plan": "legacy_chat_claude_code", "seats": {"chat": 3}}
    for months in (1, 2):
        horizon = {"start": date(2028, 1, 1), "months": months}
        scenario = enterprise("2027-02-01", 1, horizon=horizon, members={"ada": "chat"}, **legacy)
        tables = bill(scenario, [asks("2028-01-10", "ada", "8")])
        row = month(tables, "2028-02", "legacy_chat_claude_code")
        nothing = "0.000000000"
        assert row == ("0.00", "0.00", "0.00", "8.00", "8.00", nothing, nothing, nothing, "0", nothing)


def test_p2_the_counterfactual_goes_on_and_charges_the_seats_that_are_left() -> None:
    # Own price, discount and included usage go on; (10 - 2) x 45 x 12 = 4320. 5 - 2 included, half of 3.
    legacy: dict[str, Any] = {
        "plan": "legacy_standard_premium",
        "seats": {"standard": 10},
        "seat_prices": {"standard": 45},
        "included_usage_per_week": {"standard": 2},
        "extra_usage": {"enabled": True},
        "usage_discount": Decimal("0.5"),
        "renewal": {"channel": "self_serve"},
    }
    events = [on("2027-04-16", remove_seats={"standard": 2})]
    horizon = {"start": date(2027, 12, 1), "months": 2}
    scenario = enterprise("2027-01-01", 1, members={"ada": "standard"}, events=events, horizon=horizon, **legacy)
    tables = bill(scenario, [asks("2028-01-10", "ada", "5")], counterfactual=True)
    assert charges(tables) == [
        ("2028-01-01", "legacy_standard_premium", "seat_fee", "standard", "4320.00"),
        ("2028-02-01", "legacy_standard_premium", "usage", "ada", "1.50"),
    ]


def test_s4_who_has_no_seat_can_use_nothing() -> None:
    # dan comes on the 10th, and leaves on the 20th; in between, two of his five dollars are let through.
    events = [on("2027-01-10", assign={"dan": "enterprise"}), on("2027-01-20", assign={"dan": "unassigned"})]
    limits = {"seat_types": {"enterprise": 2}}
    rows = [asks("2027-01-09", "dan", "1"), asks("2027-01-10", "dan", "5"), asks("2027-01-20", "dan", "7")]
    tables = bill(enterprise("2027-01-01", 1, members={}, events=events, spend_limits=limits), rows)
    (dan,) = tables.members
    assert dan[3:8] == ("13.000000000", "8.000000000", "0.000000000", "5.000000000", "2.000000000")
    # Without a seat the seat type's limit is not his any more, which ends the stop.
    assert tables.stops == [("dan", "member limit", "2027-01-10", "2027-01-20", "limit changed")]


def test_i1_a_week_is_full_again_on_monday_and_a_stop_ends() -> None:
    # 4 January 2027 is a Monday; the contract's first week has three days and the whole amount.
    legacy: dict[str, Any] = {
        "plan": "legacy_standard_premium",
        "seats": {"standard": 3},
        "included_usage_per_week": {"standard": 2},
    }
    rows = [asks(day, "ada", "3") for day in ("2027-01-02", "2027-01-03", "2027-01-04")]
    tables = bill(enterprise("2027-01-01", 1, members={"ada": "standard"}, **legacy), rows)
    assert tables.members[0][5:9] == ("4.000000000", "5.000000000", "0.000000000", "5.000000000")
    assert tables.stops == [
        ("ada", "allowance used up", "2027-01-02", "2027-01-04", "new window"),
        ("ada", "allowance used up", "2027-01-04", "2027-01-11", "new window"),
    ]


def test_other_facts_can_stand_in_place_of_a_plans_own() -> None:
    tables = bill(
        enterprise("2027-01-01", 1, seats={"enterprise": 3}), [], plan={"id": "enterprise", "minimum_seats": {}}
    )
    assert charges(tables) == [("2027-01-01", "enterprise", "seat_fee", "enterprise", "720.00")]


def test_m3_a_closing_contract_goes_before_the_new_period() -> None:
    # 1 March 2027 is a Monday, too: the migration of that day ends both stops.
    legacy: dict[str, Any] = {
        "plan": "legacy_standard_premium",
        "seats": {"standard": 3, "premium": 1},
        "included_usage_per_week": {"standard": 2, "premium": 2},
        "extra_usage": {"enabled": True},
        "spend_limits": {"members": {"ada": 1}, "organization": 2},
    }
    members = {"ada": "standard", "ben": "premium"}
    scenario = enterprise("2027-01-01", 3, members=members, events=[on("2027-03-01", migrate=True)], **legacy)
    tables = bill(scenario, [asks("2027-02-26", "ada", "5"), asks("2027-02-26", "ben", "5")])
    assert tables.stops == [
        ("ada", "member limit", "2027-02-26", "2027-03-01", "renewal"),
        ("organization", "organization limit", "2027-02-26", "2027-03-01", "renewal"),
    ]
