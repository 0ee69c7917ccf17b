"""The tables of the answers about a renewal: every column's name, values and meaning, in one place.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from typing import Final

from planshift.reports.table import Column, Kind, Table

_TEAM: Final = Column("team", Kind.TEXT, "Their team; empty where they are in none")


def _spread(name: str, meaning: str) -> tuple[Column, ...]:
    """Mean and percentiles of an amount over the draws; with one draw all four are its amount."""
    return (
        Column(f"{name}_mean", Kind.CENTS, f"{meaning}; the mean over the draws"),
        Column(f"{name}_p10", Kind.CENTS, "The same: a tenth of the draws keep to it"),
        Column(f"{name}_p50", Kind.CENTS, "The same: half of the draws keep to it"),
        Column(f"{name}_p90", Kind.CENTS, "The same: nine tenths of the draws keep to it"),
    )


_COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes: the old plan going on is a counterfactual (Rulebook P2)"
)
_DRAWS: Final = Column("draws", Kind.COUNT, "How many draws it rests on; 1 for one year of usage")

RANGE: Final = Table(
    "range",
    "the year's cost had the old plan continued, on the new plan, and the difference, draw by draw",
    (
        Column("cost", Kind.TEXT, "old, new, or change: the new plan less the old one"),
        Column("mean", Kind.CENTS, "The mean over the draws"),
        Column("p10", Kind.CENTS, "A tenth of the draws keep to it"),
        Column("p50", Kind.CENTS, "Half of the draws keep to it"),
        Column("p90", Kind.CENTS, "Nine tenths of the draws keep to it"),
        Column("share_dearer", Kind.NUMBER, "Per cent of the draws in which the new plan costs more; only for change"),
        _DRAWS,
        Column("counterfactual", Kind.FLAG, "yes for the old plan, which cannot be renewed (Rulebook P2)"),
    ),
)

BREAK_EVEN: Final = Table(
    "break_even",
    "a seat type of the old plan, or the customer's own mix, and a usage at which both plans cost the same;"
    " usage is alike in every week, no limit stops it, and the old seat opens what is used",
    (
        Column("seat", Kind.TEXT, "The old seat type; empty for all members together, each in their own proportion"),
        Column("title", Kind.TEXT, "Its title"),
        Column("new_seat", Kind.TEXT, "The seat type that it becomes"),
        Column("old_price", Kind.CENTS, "The old seat's price a month; empty for the mix"),
        Column("new_price", Kind.CENTS, "The new seat's price a month; empty for the mix"),
        Column("included", Kind.CENTS, "What the old seat includes a month, at list price (Rulebook I1)"),
        Column("old_discount", Kind.NUMBER, "Per cent off usage on the old plan (Rulebook U5)"),
        Column("new_discount", Kind.NUMBER, "Per cent off usage on the new plan"),
        Column("billed_beyond", Kind.FLAG, "yes where the old plan bills what goes beyond the included (Rulebook I2)"),
        Column("usage", Kind.CENTS, "Usage a month and member, at list price, at which both cost the same"),
        Column(
            "beyond",
            Kind.TEXT,
            "dearer or cheaper: the new plan beyond that usage; where none is given, at any usage, or about the same",
        ),
        Column("members", Kind.COUNT, "Members on the seat type"),
        Column(
            "cheaper",
            Kind.COUNT,
            "Of them, those for whom the new plan costs less at their own mean usage",
            optional=True,
        ),
        Column("dearer", Kind.COUNT, "Those for whom it costs more, by any amount", optional=True),
        Column("mean_usage", Kind.CENTS, "Their usage a month, at list price, of what the old seats open: the mean"),
        _DRAWS,
        _COUNTERFACTUAL,
    ),
)

PLACES: Final = Table(
    "usage_of_members",
    "a member with a seat, and where they stand around the break-even",
    (
        Column("user_id", Kind.TEXT, "The member"),
        _TEAM,
        Column("seat", Kind.TEXT, "The seat type on the old plan"),
        Column("usage", Kind.CENTS, "Usage a month, at list price, of what the old seat opens: the mean"),
    ),
)

WHO: Final = Table(
    "who",
    "members, or teams, who cost less, more, or about the same (within 1 % of the old cost); each team; and members in"
    " bins of the same size by their usage on the old plan, on which the new plan has no bearing",
    (
        Column("of", Kind.TEXT, "members, teams, team (one of them), or usage (a bin of members)"),
        Column("name", Kind.TEXT, "cheaper, dearer, about the same; the team; or the bin: idle, 1 of 4, …"),
        Column("count", Kind.NUMBER, "How many members, or teams: counted in each draw, and averaged"),
        Column("share", Kind.NUMBER, "Per cent of all members, or teams"),
        Column("old_cost", Kind.CENTS, "Seats and usage, had the old plan continued; the mean over the draws"),
        Column("new_cost", Kind.CENTS, "Seats and usage on the new plan, likewise"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("mean_change", Kind.CENTS, "The change each; empty where there is nobody"),
        Column("share_of_change", Kind.NUMBER, "Per cent of the whole change, negative against it"),
        Column("group", Kind.TEXT, "Of a team as one: cheaper, dearer, or about the same, as in most draws"),
        Column("cheaper", Kind.NUMBER, "Of a team or bin: members who cost less, counted in each draw and averaged"),
        Column("dearer", Kind.NUMBER, "Members who cost more, likewise"),
        Column("about_the_same", Kind.NUMBER, "The others"),
        Column("least_usage", Kind.CENTS, "Of a bin: the least usage a month of its members, on the old plan"),
        Column("most_usage", Kind.CENTS, "Of a bin: the most"),
        _DRAWS,
        _COUNTERFACTUAL,
    ),
)

CAN_DO: Final = Table(
    "can_do",
    "work that one plan keeps from being done and the other does not, over the year",
    (
        Column("direction", Kind.TEXT, "newly possible on the new plan, or newly stopped by it"),
        Column(
            "cause",
            Kind.TEXT,
            "Why it is not done: unavailable (not open to the seat), blocked_allowance, blocked_member_limit,"
            " blocked_organization_limit or blocked_credits",
        ),
        Column("surface", Kind.TEXT, "The surface, of what is not open; empty for stops, which hold for all alike"),
        *_spread("work", "The work, at list price"),
        Column("members", Kind.NUMBER, "Members whom it concerns: counted in each draw, and averaged"),
        Column("chance", Kind.NUMBER, "Per cent of the draws in which there is any"),
        _DRAWS,
    ),
)

LIMITS: Final = Table(
    "limits",
    "a month in which a limit, an allowance or empty credits stop a member, or the organization",
    (
        Column("month", Kind.MONTH, "The calendar month"),
        Column("plan", Kind.TEXT, "Id of the plan under which it happens"),
        Column("scope", Kind.TEXT, "The member, or organization; the persona where members are drawn"),
        _TEAM,
        Column("cause", Kind.TEXT, "What stops them, as members.csv calls it"),
        Column("chance", Kind.NUMBER, "Per cent of the draws in which it happens; of a persona, to one of its members"),
        Column("stopped", Kind.CENTS, "What it stops, at the price it would be billed at; the mean over the draws"),
        _DRAWS,
        Column("counterfactual", Kind.FLAG, "yes where the old plan has ended (Rulebook P2)"),
    ),
)

RECOMMENDATIONS: Final = Table(
    "recommendations",
    "a value to choose for the new plan, with the rule that made it, and what a lower and a higher one cost",
    (
        Column(
            "key",
            Kind.TEXT,
            "organization_limit, default_member_limit, member_limit, first_purchase, reload_below, reload_amount or"
            " seats",
        ),
        Column("subject", Kind.TEXT, "The member whose limit it is, or the seat type; else empty"),
        Column("unit", Kind.TEXT, "usd (a month, for limits), or seats"),
        Column("value", Kind.NUMBER, "What is recommended"),
        Column("exact", Kind.NUMBER, "Before it was rounded up to a step, or raised to the plan's minimum"),
        Column("agreed", Kind.NUMBER, "What the scenario has; empty for nothing"),
        Column("rule", Kind.TEXT, "How the value was found"),
        Column("level", Kind.NUMBER, "Per cent of the years in which it may be exceeded; for the default, of members"),
        Column("chance", Kind.NUMBER, "Per cent of the draws in which it is; for the default, of members and years"),
        Column("lower_value", Kind.NUMBER, "A lower value"),
        Column("lower_costs", Kind.TEXT, "What the lower value costs: work_stopped, or purchases"),
        Column("lower_amount", Kind.NUMBER, "How much: US dollars a year on average, or purchases a year"),
        Column("lower_chance", Kind.NUMBER, "In per cent of the draws; empty where it is certain"),
        Column("higher_value", Kind.NUMBER, "A higher value"),
        Column(
            "higher_costs", Kind.TEXT, "What the higher value costs: spent_more (at most), money_parked, or seat_fees"
        ),
        Column("higher_amount", Kind.NUMBER, "How much: US dollars a year; of money_parked, on average at a time"),
        Column("names", Kind.TEXT, "For seats: members who never used theirs, by semicolon"),
        _DRAWS,
        Column("held", Kind.NUMBER, "For seats: how many are held on the old plan"),
        Column("minimum", Kind.NUMBER, "For seats: the fewest that the plan sells (Rulebook S5)"),
    ),
)

EARLY: Final = Table(
    "early",
    "a day on which the customer may move, and a way of crediting the unused term; all cost the same days",
    (
        Column("day", Kind.DAY, "The day of the move"),
        Column("credit", Kind.TEXT, "How the unused term is credited (Rulebook R3); empty for the renewal itself"),
        *_spread("cost", "Seats by the day, and usage, from the first of these days to the end of the year compared"),
        Column("seats", Kind.CENTS, "Of it, seats, less what is credited"),
        *_spread("change", "What it costs more than waiting for the renewal"),
        _DRAWS,
    ),
)

EARLY_CASH: Final = Table(
    "early_cash",
    "a month of a move of early.csv, and what is invoiced in it",
    (
        Column("day", Kind.DAY, "The day of the move"),
        Column("credit", Kind.TEXT, "How the unused term is credited; empty for the renewal itself"),
        Column("month", Kind.MONTH, "The calendar month"),
        *_spread("invoiced", "Everything invoiced in the month, credits for the old term taken off"),
    ),
)

WHAT_IF: Final = Table(
    "what_if",
    "the renewal as it stands (base), then one what-if at a time",
    (
        Column("key", Kind.TEXT, "A name that stays: the overlay's file, or that of the what-if"),
        Column("title", Kind.TEXT, "The what-if in a few words"),
        *_spread("old_cost", "The year had the old plan continued: a counterfactual (Rulebook P2)"),
        *_spread("new_cost", "The year on the new plan"),
        *_spread("change", "The new plan less the old one, draw by draw"),
        *_spread("effect", "The new plan's cost less what it is as it stands, draw by draw"),
        *_spread("undone", "Work that cannot be done on the new plan, at list price"),
        Column("share_dearer", Kind.NUMBER, "Per cent of the draws in which the new plan costs more than the old one"),
        _DRAWS,
        _COUNTERFACTUAL,
    ),
)

TORNADO: Final = Table(
    "tornado",
    "another value of something that the answer depends on, the largest effect first",
    (
        Column("key", Kind.TEXT, "A name that stays: the plan and the path of its value, or usage, or seats"),
        Column("kind", Kind.TEXT, "open choice and assumed figure (published nowhere), usage, or seats"),
        Column("plan", Kind.TEXT, "Id of the plan whose value it is; else empty"),
        Column("path", Kind.TEXT, "Where the value stands in the plan file"),
        Column("value", Kind.TEXT, "The value as it stands; usage as a factor"),
        Column("other_value", Kind.TEXT, "The value that is tried"),
        Column("change", Kind.CENTS, "The new plan less the old one with it, half of the draws keep to it"),
        Column("difference", Kind.CENTS, "How far that is from the change as it stands"),
        Column("new_cost", Kind.CENTS, "The year on the new plan with it, half of the draws keep to it"),
        Column("effect", Kind.CENTS, "How far any of its values moves the change at most"),
        _DRAWS,
    ),
)

ANSWER_TABLES: Final = (
    RANGE,
    BREAK_EVEN,
    PLACES,
    WHO,
    CAN_DO,
    LIMITS,
    RECOMMENDATIONS,
    EARLY,
    EARLY_CASH,
    WHAT_IF,
    TORNADO,
)
"""The tables of the answers; without those that would be empty where nobody is stopped, say."""
