"""The tables of `planshift renew` and `planshift compare`: every column's name, values and meaning, in one place.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from typing import Final

from planshift.reports.run_tables import INVOICES, STOPS
from planshift.reports.table import Column, Kind, Table

_MONTH: Final = Column("month", Kind.MONTH, "The calendar month")
_OLD_IS_COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes where the old plan is a counterfactual: it cannot be renewed (Rulebook P2)"
)
_GROUPS: Final = "cheaper, dearer, or about the same: within 1 % of the"
_SHARE: Final = Column(
    "share_of_change", Kind.NUMBER, "Per cent of the whole change, negative against it; empty where nothing changes"
)

YEARS: Final = Table(
    "years",
    "a measure of the months after the renewal, on the old plan and on the new one",
    (
        Column("measure", Kind.TEXT, "What is measured, a name that stays"),
        Column("title", Kind.TEXT, "The measure in words"),
        Column("old_plan_counterfactual", Kind.CENTS, "Had the old plan continued: a counterfactual (Rulebook P2)"),
        Column("new_plan", Kind.CENTS, "On the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("year_before", Kind.CENTS, "The same months a year before; empty where they are not known"),
        Column("description", Kind.TEXT, "What counts into it"),
    ),
)

BRIDGE: Final = Table(
    "bridge",
    "the cost on the old plan, the steps that lead from it to the cost on the new plan, and that cost",
    (
        Column("step", Kind.TEXT, "old_cost, a step, or new_cost: names that stay"),
        Column("title", Kind.TEXT, "The step in words"),
        Column("amount", Kind.CENTS, "The two costs; of a step, what it adds on the way from one to the other"),
        Column("rule", Kind.TEXT, "The rules of the rulebook behind it"),
        Column("description", Kind.TEXT, "What it is"),
        Column("counterfactual", Kind.FLAG, "yes for the cost of the old plan, which cannot be renewed (Rulebook P2)"),
    ),
)

RENEWAL_MONTHS: Final = Table(
    "months",
    "a calendar month of the months after the renewal, or the part of it that belongs to them",
    (
        _MONTH,
        Column("old_seats", Kind.CENTS, "Seat fees by the day, had the old plan continued"),
        Column("old_usage", Kind.CENTS, "Usage billed, had the old plan continued"),
        Column("old_cost", Kind.CENTS, "The sum of the two"),
        Column("new_seats", Kind.CENTS, "Seat fees by the day on the new plan, and of what is left of an old term"),
        Column("new_usage", Kind.CENTS, "Usage billed on the new plan"),
        Column("new_cost", Kind.CENTS, "The sum of the two"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("year_before", Kind.CENTS, "What the same month cost a year before; empty where that is not known"),
        Column("old_stopped", Kind.CENTS, "Work stopped on the old plan, at the price it would have been billed at"),
        Column("new_stopped", Kind.CENTS, "Work stopped on the new plan, likewise"),
        _OLD_IS_COUNTERFACTUAL,
    ),
)

RENEWAL_MEMBERS: Final = Table(
    "members",
    "a member",
    (
        Column("user_id", Kind.TEXT, "The member"),
        Column("team", Kind.TEXT, "Their team; empty where they are in none"),
        Column("old_seat", Kind.TEXT, "The seat type on the old plan, on the day of the renewal; empty without a seat"),
        Column("new_seat", Kind.TEXT, "The seat type on the new plan; empty without a seat"),
        Column("old_seat_cost", Kind.CENTS, "The price of the old seat for these months"),
        Column("new_seat_cost", Kind.CENTS, "The price of the new seat for these months"),
        Column("old_usage", Kind.CENTS, "Usage billed, had the old plan continued"),
        Column("new_usage", Kind.CENTS, "Usage billed on the new plan"),
        Column("old_cost", Kind.CENTS, "Seat and usage, had the old plan continued"),
        Column("new_cost", Kind.CENTS, "Seat and usage on the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("group", Kind.TEXT, f"{_GROUPS} old cost"),
        Column("newly_done", Kind.CENTS, "Work, at list price, that can be done more than on the old plan"),
        Column("newly_stopped", Kind.CENTS, "Work, at list price, that can be done less than on the old plan"),
        _OLD_IS_COUNTERFACTUAL,
    ),
)

TEAMS: Final = Table(
    "teams",
    "a team; its members' seats and usage, but no seat that nobody has",
    (
        Column("team", Kind.TEXT, "The team; empty for members who are in none"),
        Column("members", Kind.COUNT, "How many there are"),
        Column("old_cost", Kind.CENTS, "Seats and usage of its members, had the old plan continued"),
        Column("new_cost", Kind.CENTS, "Seats and usage of its members on the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("cheaper", Kind.COUNT, "Members who cost less, by more than 1 % of their old cost"),
        Column("dearer", Kind.COUNT, "Members who cost more, by more than 1 % of their old cost"),
        Column("about_the_same", Kind.COUNT, "Members whose cost changes by 1 % at most"),
        Column("cheaper_change", Kind.CENTS, "The change of those who cost less"),
        Column("dearer_change", Kind.CENTS, "The change of those who cost more"),
        Column("about_the_same_change", Kind.CENTS, "The change of the others"),
        Column("newly_done", Kind.CENTS, "Work, at list price, that its members can do more than on the old plan"),
        Column("newly_stopped", Kind.CENTS, "Work, at list price, that its members can do less"),
        _OLD_IS_COUNTERFACTUAL,
    ),
)

RENEWAL_WINNERS: Final = Table(
    "winners",
    "the members who cost less, more, or about the same after the renewal",
    (
        Column("group", Kind.TEXT, f"{_GROUPS} old cost"),
        Column("members", Kind.COUNT, "How many there are"),
        Column("old_cost", Kind.CENTS, "Their seats and usage, had the old plan continued"),
        Column("new_cost", Kind.CENTS, "Their seats and usage on the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("mean_change", Kind.CENTS, "The change a member; empty without members"),
        _SHARE,
        _OLD_IS_COUNTERFACTUAL,
    ),
)

COUNTERFACTUAL_INVOICES: Final = Table(
    "counterfactual_invoices",
    "a line of an invoice, had the old plan continued: nobody will ever get it (Rulebook P2)",
    INVOICES.columns,
    INVOICES.rows,
)

RENEWAL_TABLES: Final = (
    YEARS,
    BRIDGE,
    RENEWAL_MONTHS,
    RENEWAL_MEMBERS,
    TEAMS,
    RENEWAL_WINNERS,
    INVOICES,
    COUNTERFACTUAL_INVOICES,
    STOPS,
)
"""The tables of a renewal; ``teams`` only where members are in teams."""
