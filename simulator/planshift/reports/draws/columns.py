"""The tables of many draws: every column's name, values and meaning, in one place.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from typing import Final

from planshift.reports.impact_columns import COUNTERFACTUAL_INVOICES, RENEWAL_MONTHS
from planshift.reports.risk import CHANCES
from planshift.reports.run_tables import INVOICES, STOPS
from planshift.reports.spread import PLAN_DRAWS, SUMMARY
from planshift.reports.table import Column, Kind, Table

TOTAL, ANY, ALL_PLANS = "total", "any", "all"

_PLAN: Final = Column("plan", Kind.TEXT, "Id of the plan")
_COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes where the plan is a counterfactual: it could not be had, or so long (Rulebook P2)"
)
_SPREAD: Final = (
    Column("mean", Kind.CENTS, "The mean over the draws, half up to the cent"),
    Column("p10", Kind.CENTS, "What 10 of 100 draws do not exceed; the amount of one of the draws"),
    Column("p50", Kind.CENTS, "What 50 of 100 draws do not exceed: the median draw"),
    Column("p90", Kind.CENTS, "What 90 of 100 draws do not exceed; percentiles never add up, each row has its own"),
)

STEPS: Final = Table(
    "steps",
    "the cost on the old plan, the steps that lead from it to the cost on the new plan, and that cost",
    (
        Column("step", Kind.TEXT, "old_cost, a step, or new_cost: names that stay"),
        Column("title", Kind.TEXT, "The step in words"),
        Column(
            "mean",
            Kind.CENTS,
            "The mean over the draws; means add up from the old cost to the new, for which each may be off by a cent",
        ),
        *_SPREAD[1:],
        Column("rule", Kind.TEXT, "The rules of the rulebook behind it"),
        Column("description", Kind.TEXT, "What it is"),
        Column("counterfactual", Kind.FLAG, "yes for the cost of the old plan, which cannot be renewed (Rulebook P2)"),
    ),
)

_CHANCES_OF_MEMBERS: Final = (
    Column("chance_dearer", Kind.NUMBER, "Share of the draws in which they cost more, by over 1 % of that cost"),
    Column("chance_cheaper", Kind.NUMBER, "Share of the draws in which they cost less, likewise"),
    Column("chance_stopped", Kind.NUMBER, "Share of the draws in which their own limit stops them at least once"),
)

RENEWAL_ODDS: Final = Table(
    "members",
    "a member, over all draws",
    (
        Column("user_id", Kind.TEXT, "The member"),
        Column("team", Kind.TEXT, "Their team; empty where they are in none"),
        Column("old_seat", Kind.TEXT, "The seat type on the old plan, on the day of the renewal; empty without a seat"),
        Column("new_seat", Kind.TEXT, "The seat type on the new plan; empty without a seat"),
        Column("mean_old_cost", Kind.CENTS, "The mean of seat and usage, had the old plan continued"),
        Column("mean_new_cost", Kind.CENTS, "The mean of seat and usage on the new plan"),
        Column("mean_change", Kind.CENTS, "The mean of the change in each draw: the new plan less the old one"),
        *_CHANCES_OF_MEMBERS,
        Column("mean_newly_done", Kind.CENTS, "Work, at list price, that can be done more than on the old plan"),
        Column("mean_newly_stopped", Kind.CENTS, "Work, at list price, that can be done less than on the old plan"),
        Column("counterfactual", Kind.FLAG, "yes: the old plan cannot be renewed (Rulebook P2)"),
    ),
)

RENEWAL_DRAW_TABLES: Final = (
    *(SUMMARY, CHANCES, STEPS, RENEWAL_MONTHS, PLAN_DRAWS, RENEWAL_ODDS),
    *(INVOICES, COUNTERFACTUAL_INVOICES, STOPS),
)
"""The tables of a renewal in many draws."""
