"""The tables that come out: every column's name, what its values are and what they mean, in one place.

New columns go behind the ones that are there: files of an earlier run stay readable by name and by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Kind(Enum):
    """What the values of a column are; its value is how the documentation says it."""

    DAY = "date, 2026-10-31"
    MONTH = "month, 2026-10"
    TEXT = "text"
    COUNT = "whole number"
    CENTS = "US dollars, two decimals"
    NANO = "US dollars, nine decimals"
    NUMBER = "number"
    FLAG = "yes, or empty"


@dataclass(frozen=True)
class Column:
    """A column: its name, what its values are, what they mean, and whether a count may be missing."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """A table: the name of its file without ``.csv``, what a row is, its columns in order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


DRAW: Final = Column("draw", Kind.COUNT, "The number of the draw, from 0; only where usage was drawn at random")

_MONTH: Final = Column("month", Kind.MONTH, "The calendar month")
_PLAN: Final = Column("plan", Kind.TEXT, "Id of the plan in force")
_COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes where the plan runs on past the renewal at which it ends (Rulebook P2)"
)

INVOICES: Final = Table(
    "invoices",
    "a line of an invoice, in the order in which things happened",
    (
        Column("date", Kind.DAY, "Day of the invoice"),
        _PLAN,
        Column("kind", Kind.TEXT, "seat_fee, seat_addition, seat_credit, credit_purchase or usage"),
        Column("line", Kind.COUNT, "Number of the line on its invoice, from 1"),
        Column("user_id", Kind.TEXT, "The member whose usage it is; empty on other lines"),
        Column("seat_type", Kind.TEXT, "The seat type charged; empty on other lines"),
        Column("quantity", Kind.COUNT, "Seats, or 1 for a purchase of credits; empty for usage", optional=True),
        Column("amount", Kind.CENTS, "What is charged; negative for a credit"),
        Column("unit_price", Kind.NUMBER, "US dollars for one of the quantity, for the months charged"),
        Column("description", Kind.TEXT, "The line in words"),
        Column("rule", Kind.TEXT, "The rules of the rulebook and the values of the plan that made the line"),
        _COUNTERFACTUAL,
    ),
)

MEMBERS: Final = Table(
    "members",
    "a month, a plan in force in it and a member; demand = unavailable + included + metered at list price,"
    " and metered = billed + the four blocked",
    (
        _MONTH,
        _PLAN,
        Column("user_id", Kind.TEXT, "The member"),
        Column("demand", Kind.NANO, "What the member asked for, at API list rates (Rulebook U1)"),
        Column("unavailable", Kind.NANO, "Asked of surfaces that the seat does not open (Rulebook U4)"),
        Column("included", Kind.NANO, "Covered by the usage that the seat includes (Rulebook I1)"),
        Column("metered", Kind.NANO, "Beyond what is included, after the discount (Rulebook U5)"),
        Column("billed", Kind.NANO, "Of the metered usage, what could be used and is paid"),
        Column("blocked_allowance", Kind.NANO, "Stopped: included usage used up, no extra usage (Rulebook I2)"),
        Column("blocked_member_limit", Kind.NANO, "Stopped by the member's spend limit (Rulebook L2)"),
        Column("blocked_organization_limit", Kind.NANO, "Stopped by the organization's spend limit (Rulebook L6)"),
        Column("blocked_credits", Kind.NANO, "Stopped because the credits were used up (Rulebook C1)"),
        _COUNTERFACTUAL,
    ),
)

ALERTS: Final = Table(
    "alerts",
    "a threshold of a spend limit that was reached (Rulebook M2)",
    (
        Column("date", Kind.DAY, "The day at whose end it was reached"),
        Column("scope", Kind.TEXT, "A member, or organization"),
        Column("threshold", Kind.NUMBER, "The share of the limit, 0.75 for 75 %"),
    ),
)

STOPS: Final = Table(
    "stops",
    "a stop of usage (Rulebook M3)",
    (
        Column("scope", Kind.TEXT, "A member, or organization"),
        Column("cause", Kind.TEXT, "member limit, organization limit, credits exhausted or allowance used up"),
        Column("since", Kind.DAY, "The first day on which something was blocked"),
        Column("until", Kind.DAY, "The day on which usage could go on; empty where it had not by the end"),
        Column(
            "resumed_by", Kind.TEXT, "new period, limit changed, credits bought, new window or renewal; empty likewise"
        ),
    ),
)

MONTHS: Final = Table(
    "months",
    "a month and a plan that was in force, or invoiced, in it",
    (
        _MONTH,
        _PLAN,
        Column("seat_fees", Kind.CENTS, "Seats charged for whole terms (Rulebook S1)"),
        Column("seat_additions", Kind.CENTS, "Seats added during a term, less seats credited (Rulebook S2, R3)"),
        Column("credit_purchases", Kind.CENTS, "Credits bought (Rulebook C1)"),
        Column("usage_invoiced", Kind.CENTS, "Usage invoiced in arrears, for the period before (Rulebook A1)"),
        Column("invoiced", Kind.CENTS, "The sum of the four before"),
        Column("usage_billed", Kind.NANO, "Usage of the month itself, from credits or in arrears"),
        Column("blocked", Kind.NANO, "Usage of the month that was stopped, at the price it would have been billed at"),
        Column("credit_balance", Kind.NANO, "Credits left at the month's end"),
        Column("active_members", Kind.COUNT, "Members who asked for anything"),
        _COUNTERFACTUAL,
        Column("credits_lapsed", Kind.NANO, "Credits gone unused; balance before + bought - used - lapsed = balance"),
    ),
)

STANDING: Final = Table(
    "standing",
    "a member, or the organization, at the end of a day (Rulebook M1)",
    (
        Column("scope", Kind.TEXT, "A member, or organization"),
        Column("month_to_date", Kind.NANO, "Billed since the usage period began"),
        Column("limit", Kind.NANO, "The monthly spend limit in force; empty where there is none"),
        Column("left", Kind.NANO, "What is left of the limit; empty where there is none"),
        Column("credit_balance", Kind.NANO, "Credits left; only in the organization's row, where usage is prepaid"),
    ),
)

USAGE: Final = Table(
    "usage",
    "what a member used on a day, on a surface, of a model; a usage file that people write, or an import writes",
    (
        Column("date", Kind.DAY, "The day, UTC"),
        Column("user_id", Kind.TEXT, "The member"),
        Column("surface", Kind.TEXT, "chat, claude_code or cowork (Rulebook U4)"),
        Column("model", Kind.TEXT, "The model, by its id or another name that the rate card knows"),
        Column("input_tokens", Kind.COUNT, "Input tokens that were neither read from the cache nor written to it"),
        Column("output_tokens", Kind.COUNT, "Output tokens, thinking included"),
        Column("cache_read_tokens", Kind.COUNT, "Input tokens read from the cache"),
        Column("cache_write_5m_tokens", Kind.COUNT, "Input tokens written to the five-minute cache"),
        Column("cache_write_1h_tokens", Kind.COUNT, "Input tokens written to the one-hour cache"),
        Column("web_searches", Kind.COUNT, "Web searches"),
        Column("modifiers", Kind.TEXT, "Modifiers of the rate card that hold, joined by a space; mostly empty"),
    ),
)

RUN_TABLES: Final = (INVOICES, MEMBERS, ALERTS, STOPS, MONTHS)
"""The tables of every run."""

TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in (*RUN_TABLES, STANDING)})
"""Every table that comes out, by name."""
