"""The tables of a forecast: every column's name, values and meaning, in one place.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from typing import Final

from planshift.reports.table import Column, Kind, Table

ALL: Final = "all"
"""Stands for a plan or a segment where all of them count together."""
TOTAL: Final = "total"
"""Stands for a period: all of the horizon."""

_SCENARIO: Final = Column("scenario", Kind.TEXT, "The portfolio's named scenario")
_MONTH: Final = Column("month", Kind.MONTH, "The calendar month")
_PLAN: Final = Column("plan", Kind.TEXT, "Id of the plan in force; all for all of them")
_SEGMENT: Final = Column("segment", Kind.TEXT, "The accounts' segment; all for all of them")
_ACCOUNT: Final = (
    Column("account_id", Kind.TEXT, "The account"),
    Column("title", Kind.TEXT, "What it is called"),
    Column("segment", Kind.TEXT, "Its segment"),
    Column("region", Kind.TEXT, "Its region"),
)
_MEAN: Final = Column(
    "mean", Kind.CENTS, "The mean over the draws, to the cent, rounded so that means add up wherever amounts do"
)
_PERCENTILES: Final = (
    Column("p10", Kind.CENTS, "What 10 of 100 draws do not exceed; the amount of one of the draws"),
    Column("p50", Kind.CENTS, "What 50 of 100 draws do not exceed: the median draw"),
    Column("p90", Kind.CENTS, "What 90 of 100 draws do not exceed; percentiles never add up, each row has its own"),
)

MONTHS: Final = Table(
    "months",
    "a month, a measure, a plan and a segment: money that flows in the month, or stands at its end",
    (
        _SCENARIO,
        _MONTH,
        Column("measure", Kind.TEXT, "What is measured, a name that stays"),
        Column("title", Kind.TEXT, "The measure in words"),
        _PLAN,
        _SEGMENT,
        _MEAN,
        *_PERCENTILES,
    ),
)

COUNTS: Final = Table(
    "counts",
    "a month, something counted at its end, a plan and a segment",
    (
        _SCENARIO,
        _MONTH,
        Column("measure", Kind.TEXT, "seats or accounts"),
        Column("title", Kind.TEXT, "The measure in words"),
        _PLAN,
        _SEGMENT,
        Column("mean", Kind.NUMBER, "The mean over the draws, two decimals, rounded so that means add up"),
        Column("p10", Kind.COUNT, "What 10 of 100 draws do not exceed"),
        Column("p50", Kind.COUNT, "What 50 of 100 draws do not exceed"),
        Column("p90", Kind.COUNT, "What 90 of 100 draws do not exceed; percentiles never add up"),
    ),
)

DRAWS: Final = Table(
    "draws",
    "a draw: the whole portfolio over the horizon",
    (
        _SCENARIO,
        Column("booked", Kind.CENTS, "Booked: seats, credits and usage in arrears"),
        Column("billed", Kind.CENTS, "Invoiced"),
        Column("paid", Kind.CENTS, "Paid"),
        Column("recognised", Kind.CENTS, "Recognised as revenue, breakage included"),
        Column("breakage", Kind.CENTS, "Of it: credits that expired"),
        Column("deferred", Kind.CENTS, "Deferred at the end of the horizon"),
        Column("unbilled", Kind.CENTS, "Unbilled receivable at the end of the horizon"),
        Column("receivable", Kind.CENTS, "Invoiced and not paid at the end of the horizon"),
        Column("arr_committed", Kind.CENTS, "Committed ARR at the end: seat fees, a year"),
        Column("arr_usage", Kind.CENTS, "Usage run-rate at the end: metered usage of three months × 4"),
    ),
)

ROLLFORWARD: Final = Table(
    "rollforward",
    "a month, a balance and a segment, means: opening + what comes − what goes = closing, to the cent",
    (
        _SCENARIO,
        _MONTH,
        Column(
            "balance",
            Kind.TEXT,
            "deferred_seats, deferred_credits, deferred (the two together), unbilled or receivable: a name that stays",
        ),
        Column("title", Kind.TEXT, "The balance in words"),
        _SEGMENT,
        Column("opening", Kind.CENTS, "At the end of the month before"),
        Column("billed", Kind.CENTS, "Invoiced: adds to deferred and receivable, takes from unbilled"),
        Column("recognised", Kind.CENTS, "Recognised, without breakage: takes from deferred, adds to unbilled"),
        Column("breakage", Kind.CENTS, "Recognised because credits expired: takes from deferred"),
        Column("paid", Kind.CENTS, "Paid: takes from receivable"),
        Column("closing", Kind.CENTS, "At the month's end"),
        Column("current", Kind.CENTS, "Of it: due within twelve months"),
        Column("non_current", Kind.CENTS, "Of it: due later"),
        Column("closing_p10", Kind.CENTS, "Of the closing balance, what 10 of 100 draws do not exceed"),
        Column("closing_p50", Kind.CENTS, "The same of 50"),
        Column("closing_p90", Kind.CENTS, "The same of 90; percentiles do not roll forward, each month has its own"),
    ),
)

RENEWALS: Final = Table(
    "renewals",
    "a renewal of an account, by day, in the first scenario",
    (
        Column("day", Kind.DAY, "The day on which the term ends, or the contract moves early"),
        *_ACCOUNT,
        Column("number", Kind.COUNT, "The number of the account's renewal in the horizon, from 1"),
        Column("early", Kind.FLAG, "yes for an early move (Rulebook R3)"),
        Column("plan", Kind.TEXT, "Id of the plan before"),
        Column("plan_after", Kind.TEXT, "Id of the plan after, if it goes on"),
        Column("seats_before", Kind.COUNT, "Seats held before"),
        Column("seats_after", Kind.COUNT, "Seats from then on, if it goes on"),
        Column("arr_before", Kind.CENTS, "Committed ARR the day before, mean over the draws"),
        Column("usage_before", Kind.CENTS, "Usage run-rate before it, mean over the draws"),
        Column("at_stake", Kind.CENTS, "The sum of the two: a year's money that ends if the contract does not go on"),
        Column("retained", Kind.CENTS, "Committed ARR from then on, mean over the draws, also those in which it ends"),
        Column("probability", Kind.NUMBER, "That it goes on, as the portfolio and the scenario say"),
        Column("reached", Kind.COUNT, "The draws in which the contract is in force the day before"),
        Column("renewed", Kind.COUNT, "The draws in which it goes on"),
        Column("of_draws", Kind.COUNT, "All draws"),
    ),
)

CALENDAR: Final = Table(
    "calendar",
    "a month: what of the portfolio renews in it, means over the draws",
    (
        _SCENARIO,
        _MONTH,
        Column("renewals", Kind.COUNT, "Renewals that fall into the month, early moves among them"),
        Column("seats", Kind.COUNT, "Seats held before them"),
        Column("arr_before", Kind.CENTS, "Committed ARR before them"),
        Column("usage_before", Kind.CENTS, "Usage run-rate before them"),
        Column("at_stake", Kind.CENTS, "The sum of the two"),
        Column("retained", Kind.CENTS, "Committed ARR after them"),
        Column("migrating", Kind.COUNT, "Renewals of them onto another plan"),
        Column("expected", Kind.NUMBER, "How many of them happen in a draw, mean, two decimals"),
    ),
)

ARR_BRIDGE: Final = Table(
    "arr_bridge",
    "a step from the first run-rate to the last, US dollars a year; the steps add up",
    (
        _SCENARIO,
        Column("kind", Kind.TEXT, "committed (seat fees) or usage (metered usage): they are never one figure"),
        _SEGMENT,
        Column("step", Kind.TEXT, "first, the steps, last: names that stay"),
        Column("title", Kind.TEXT, "The step in words"),
        _MEAN,
        *_PERCENTILES,
    ),
)

COHORTS: Final = Table(
    "cohorts",
    "the accounts whose first renewal falls into a month, so many months later",
    (
        _SCENARIO,
        Column("cohort", Kind.MONTH, "The month of their first renewal in the horizon"),
        Column("months_since", Kind.COUNT, "Months since then, 0 for the month itself"),
        Column("accounts", Kind.COUNT, "How many accounts there are"),
        Column("arr_before", Kind.CENTS, "Their committed ARR before it, mean over the draws"),
        Column("accounts_retained", Kind.NUMBER, "How many of them are left, mean over the draws, two decimals"),
        Column("retained", Kind.CENTS, "Their committed ARR as of their last renewal, mean over the draws"),
        Column("migrated", Kind.NUMBER, "How many of them are on another plan than before, mean, two decimals"),
        Column("share_retained", Kind.NUMBER, "Committed ARR retained ÷ before, four decimals"),
        Column("share_migrated", Kind.NUMBER, "Accounts migrated ÷ all of them, four decimals"),
    ),
)

ACCOUNTS: Final = Table(
    "accounts",
    "an account, in the first scenario",
    (
        *_ACCOUNT,
        Column("plan", Kind.TEXT, "Id of its plan at the beginning"),
        Column("term_start", Kind.DAY, "The first day of its term at the beginning"),
        Column("seats", Kind.COUNT, "Seats held at the beginning"),
        Column("members", Kind.COUNT, "Members at the beginning"),
        Column("billed", Kind.CENTS, "Invoiced over the horizon, mean over the draws"),
        Column("paid", Kind.CENTS, "Paid over the horizon, mean"),
        Column("recognised", Kind.CENTS, "Recognised over the horizon, mean"),
        Column("recognised_p10", Kind.CENTS, "What of it 10 of 100 draws do not exceed"),
        Column("recognised_p90", Kind.CENTS, "The same of 90; accounts' percentiles do not add up to the portfolio's"),
        Column("arr_first", Kind.CENTS, "Committed ARR before the first month, mean"),
        Column("arr_last", Kind.CENTS, "Committed ARR at the end of the last month, mean"),
        Column("usage_first", Kind.CENTS, "Usage run-rate before the first month, mean"),
        Column("usage_last", Kind.CENTS, "Usage run-rate at the end of the last month, mean"),
        Column("lost", Kind.COUNT, "The draws in which the contract ends inside the horizon"),
    ),
)

MOVERS: Final = Table(
    "movers",
    "one of the accounts that move the total most, in the first scenario: by how much its run-rate changes",
    (
        Column("rank", Kind.COUNT, "From 1, the largest change first, up or down"),
        *_ACCOUNT,
        Column("change", Kind.CENTS, "What its committed ARR and usage run-rate change by over the horizon, mean"),
        Column("committed", Kind.CENTS, "Of it: committed ARR"),
        Column("usage", Kind.CENTS, "Of it: usage run-rate"),
        Column("share", Kind.NUMBER, "Its change ÷ the changes of all accounts, up and down apart, four decimals"),
        Column("recognised", Kind.CENTS, "What is recognised of it over the horizon, mean"),
        Column("recognised_p10", Kind.CENTS, "What of it 10 of 100 draws do not exceed"),
        Column("recognised_p90", Kind.CENTS, "The same of 90"),
        Column("lost", Kind.COUNT, "The draws in which the contract ends inside the horizon"),
    ),
)

SUMMARY: Final = Table(
    "summary",
    "a measure over the horizon, or twelve months of it, and how it is spread over the draws",
    (
        _SCENARIO,
        Column("measure", Kind.TEXT, "What is measured, a name that stays"),
        Column("title", Kind.TEXT, "The measure in words"),
        Column("period", Kind.TEXT, "total for the horizon, or twelve months of it, 2027-01 to 2027-12"),
        _MEAN,
        *_PERCENTILES,
        Column("target", Kind.CENTS, "The target; empty where there is none"),
        Column("missed", Kind.COUNT, "The draws in which less is reached", optional=True),
        Column("probability_missed", Kind.NUMBER, "The same as a share of the draws, four decimals"),
    ),
)

TORNADO: Final = Table(
    "tornado",
    "something uncertain and a measure over the horizon: the median draw with a low and a high value, all else alike",
    (
        Column("input", Kind.TEXT, "What is varied, a name that stays"),
        Column("title", Kind.TEXT, "The same in words"),
        Column("measure", Kind.TEXT, "What is measured"),
        Column("low", Kind.CENTS, "P50 with the low value, the same draws"),
        Column("base", Kind.CENTS, "P50 as it stands"),
        Column("high", Kind.CENTS, "P50 with the high value, the same draws"),
        Column("swing", Kind.CENTS, "How far low and high lie from the base at most"),
        Column("low_value", Kind.TEXT, "The low value in words"),
        Column("high_value", Kind.TEXT, "The high value in words"),
    ),
)

SCENARIOS: Final = Table(
    "scenarios",
    "a measure over the horizon, in a scenario and beside the first one",
    (
        Column("measure", Kind.TEXT, "What is measured"),
        Column("title", Kind.TEXT, "The measure in words"),
        _SCENARIO,
        _MEAN,
        *_PERCENTILES,
        Column("change_mean", Kind.CENTS, "What it is more than in the first scenario, mean"),
        Column("change_p10", Kind.CENTS, "Of the change in each draw, what 10 of 100 draws do not exceed"),
        Column("change_p50", Kind.CENTS, "The same of 50: never the difference of two percentiles"),
        Column("change_p90", Kind.CENTS, "The same of 90"),
    ),
)

CHECKS: Final = Table(
    "checks",
    "something that must hold in every month and draw",
    (
        _SCENARIO,
        Column("check", Kind.TEXT, "What is checked, a name that stays"),
        Column("title", Kind.TEXT, "The same in words"),
        Column("cases", Kind.COUNT, "How many amounts were compared"),
        Column("difference", Kind.CENTS, "The largest difference"),
        Column("allowed", Kind.CENTS, "What rounding may make of it"),
        Column("ok", Kind.FLAG, "yes where it holds"),
    ),
)

FORECAST_TABLES: Final = (
    *(SUMMARY, SCENARIOS, TORNADO, MONTHS, COUNTS, ROLLFORWARD, ARR_BRIDGE, CALENDAR, COHORTS),
    *(RENEWALS, MOVERS, ACCOUNTS, DRAWS, CHECKS),
)
"""The tables of a forecast, in the order in which it lists them; scenarios and tornado where they were asked for."""
