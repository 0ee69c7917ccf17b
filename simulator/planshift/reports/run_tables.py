"""The tables of a run: what each column is, means, and comes from, with the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final

from planshift.billing.charges import InvoiceLine
from planshift.billing.ledger import COLUMN, ORGANIZATION, Ledger
from planshift.billing.money import UNLIMITED
from planshift.billing.schedule import next_month
from planshift.billing.totals import LedgerTotals
from planshift.reports.spread import Amounts
from planshift.reports.table import Column, Kind, Table, by_draw, each


@dataclass(frozen=True)
class LedgerDraw:
    """One draw of a ledger: what the tables of a run are computed from."""

    ledger: Ledger
    draw: int = 0

    @cached_property
    def lines(self) -> list[InvoiceLine]:
        """The lines of its invoices."""
        return self.ledger.lines(self.draw)

    @cached_property
    def spans(self) -> list[tuple[date, str]]:
        """Months and plans of the usage of members."""
        return self.ledger.spans()

    @property
    def spans_run_on(self) -> list[bool]:
        """For each of them, does the plan run on past its end?"""
        return [self.run_on(month) for month, _ in self.spans]

    @cached_property
    def spent(self) -> list[int]:
        """Month to date of the organization and then of every member, nano-dollars."""
        spent = [int(value) for value in self.ledger.standing.spent[self.draw]]
        return [sum(spent), *spent]

    @cached_property
    def limits(self) -> list[int | None]:
        """The limits of the organization and then of every member, nano-dollars; None where there is none."""
        state = self.ledger.standing
        limits = [state.organization_limit, *map(int, state.member_limits)]
        return [None if limit >= UNLIMITED else limit for limit in limits]

    def run_on(self, month: date) -> bool:
        """Does a plan run on past its end in a month, or in part of it?"""
        return next_month(month) > self.ledger.counterfactual_since


def draws_of(ledger: Ledger, draws: int | None = None) -> list[LedgerDraw]:
    """The first draws of a ledger, all of them where no number is given."""
    return [LedgerDraw(ledger, draw) for draw in range(ledger.draws if draws is None else min(draws, ledger.draws))]


def _of_members(amount: str) -> Callable[[LedgerDraw], Sequence[int]]:
    """One of the amounts of a ledger's usage, by month, plan and member."""
    row = COLUMN[amount]

    def values(of: LedgerDraw) -> Sequence[int]:
        return [value for span in of.spans for value in of.ledger.usage[span][row, of.draw].tolist()]

    return values


_RUNS_ON: Final = "yes where the plan runs on past the renewal at which it ends (Rulebook P2)"
_MONTH: Final = "The calendar month"
_PLAN: Final = "Id of the plan in force"

INVOICES: Final = Table(
    "invoices",
    "a line of an invoice, in the order in which things happened",
    (
        Column("date", Kind.DAY, "Day of the invoice", each(lambda line: line.day)),
        Column("plan", Kind.TEXT, _PLAN),
        Column("kind", Kind.TEXT, "seat_fee, seat_addition, seat_credit, credit_purchase, usage or usage_minimum"),
        Column("line", Kind.COUNT, "Number of the line on its invoice, from 1"),
        Column("user_id", Kind.TEXT, "The member whose usage it is; empty on other lines"),
        Column("seat_type", Kind.TEXT, "The seat type charged; empty on other lines"),
        Column("quantity", Kind.COUNT, "Seats, or 1 for a purchase of credits; empty for usage", optional=True),
        Column(
            "amount",
            Kind.CENTS,
            "What is charged; negative for a credit",
            each(lambda line: line.cents),
        ),
        Column("unit_price", Kind.NUMBER, "US dollars for one of the quantity, for the months charged"),
        Column("description", Kind.TEXT, "The line in words"),
        Column("rule", Kind.TEXT, "The rules of the rulebook and the values of the plan that made the line"),
        Column(
            "counterfactual",
            Kind.FLAG,
            _RUNS_ON,
            lambda of: [line.day >= of.ledger.counterfactual_since for line in of.lines],
        ),
    ),
    lambda of: of.lines,
)

MEMBERS: Final = Table(
    "members",
    "a month, a plan in force in it and a member; demand = unavailable + included + metered at list price,"
    " and metered = billed + the four blocked",
    (
        Column("month", Kind.MONTH, _MONTH, lambda of: [month for month, _ in of.spans for _ in of.ledger.members]),
        Column("plan", Kind.TEXT, _PLAN, lambda of: [plan for _, plan in of.spans for _ in of.ledger.members]),
        Column(
            "user_id", Kind.TEXT, "The member", lambda of: [member for _ in of.spans for member in of.ledger.members]
        ),
        *(
            Column(name, Kind.NANO, meaning, _of_members(name))
            for name, meaning in (
                ("demand", "What the member asked for, at API list rates (Rulebook U1)"),
                ("unavailable", "Asked of surfaces that the seat does not open (Rulebook U4)"),
                ("included", "Covered by the usage that the seat includes (Rulebook I1)"),
                ("metered", "Beyond what is included, after the discount (Rulebook U5)"),
                ("billed", "Of the metered usage, what could be used and is paid"),
                ("blocked_allowance", "Stopped: included usage used up, no extra usage (Rulebook I2)"),
                ("blocked_member_limit", "Stopped by the member's spend limit (Rulebook L2)"),
                ("blocked_organization_limit", "Stopped by the organization's spend limit (Rulebook L6)"),
                ("blocked_credits", "Stopped because the credits were used up (Rulebook C1)"),
            )
        ),
        Column(
            "counterfactual",
            Kind.FLAG,
            _RUNS_ON,
            lambda of: [flag for flag in of.spans_run_on for _ in of.ledger.members],
        ),
    ),
)
"""Also members who asked for nothing have a row."""

ALERTS: Final = Table(
    "alerts",
    "a threshold of a spend limit that was reached (Rulebook M2)",
    (
        Column("date", Kind.DAY, "The day at whose end it was reached", each(lambda alert: alert.day)),
        Column("scope", Kind.TEXT, "A member, or organization"),
        Column("threshold", Kind.NUMBER, "The share of the limit, 0.75 for 75 %"),
    ),
    lambda of: of.ledger.alerts(of.draw),
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
    lambda of: of.ledger.stops(of.draw),
)


def _of_draws(rows: Callable[[LedgerTotals], Amounts]) -> Callable[[LedgerTotals], list[int]]:
    """Amounts of shape (spans, draws) as a column."""
    return lambda of: by_draw(rows(of))


def _charge(name: str) -> Callable[[LedgerTotals], list[int]]:
    return lambda of: by_draw(of.charges[name])


MONTHS: Final = Table(
    "months",
    "a month and a plan that was in force, or invoiced, in it",
    (
        Column("month", Kind.MONTH, _MONTH, lambda of: [month for month, _ in of.spans] * of.draws),
        Column("plan", Kind.TEXT, _PLAN, lambda of: [plan for _, plan in of.spans] * of.draws),
        *(
            Column(name, Kind.CENTS, meaning, _charge(name))
            for name, meaning in (
                ("seat_fees", "Seats charged for whole terms (Rulebook S1)"),
                ("seat_additions", "Seats added during a term, less seats credited (Rulebook S2, R3)"),
                ("credit_purchases", "Credits bought (Rulebook C1)"),
                ("usage_invoiced", "Usage invoiced in arrears, for the period before (Rulebook A1, A3)"),
            )
        ),
        Column("invoiced", Kind.CENTS, "The sum of the four before", _of_draws(lambda of: of.invoiced)),
        Column(
            "usage_billed",
            Kind.NANO,
            "Usage of the month itself, from credits or in arrears",
            _of_draws(lambda of: of.amount("billed")),
        ),
        Column(
            "blocked",
            Kind.NANO,
            "Usage of the month that was stopped, at the price it would have been billed at",
            _of_draws(lambda of: of.blocked),
        ),
        Column("credit_balance", Kind.NANO, "Credits left at the month's end", _of_draws(lambda of: of.balances)),
        Column("active_members", Kind.COUNT, "Members who asked for anything", _of_draws(lambda of: of.active)),
        Column("counterfactual", Kind.FLAG, _RUNS_ON, lambda of: [*of.counterfactual] * of.draws),
        Column(
            "credits_lapsed",
            Kind.NANO,
            "Credits gone unused; balance before + bought - used - lapsed = balance",
            _of_draws(lambda of: of.lapsed),
        ),
    ),
    draw=lambda of: [draw for draw in range(of.draws) for _ in of.spans],
)
"""Computed from the totals of a ledger: draw after draw."""

STANDING: Final = Table(
    "standing",
    "a member, or the organization, at the end of a day (Rulebook M1)",
    (
        Column("scope", Kind.TEXT, "A member, or organization", lambda of: [ORGANIZATION, *of.ledger.members]),
        Column("month_to_date", Kind.NANO, "Billed since the usage period began", lambda of: of.spent),
        Column("limit", Kind.NANO, "The monthly spend limit in force; empty where there is none", lambda of: of.limits),
        Column(
            "left",
            Kind.NANO,
            "What is left of the limit; empty where there is none",
            lambda of: [
                None if limit is None else max(0, limit - spent)
                for limit, spent in zip(of.limits, of.spent, strict=True)
            ],
        ),
        Column(
            "credit_balance",
            Kind.NANO,
            "Credits left; only in the organization's row, where usage is prepaid",
            lambda of: [_balance(of), *([None] * len(of.ledger.members))],
        ),
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

LEDGER_TABLES: Final = (INVOICES, MEMBERS, ALERTS, STOPS)
"""The tables that are computed from one draw of a ledger after the other."""

RUN_TABLES: Final = (*LEDGER_TABLES, MONTHS)
"""The tables of every run."""

TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in (*RUN_TABLES, STANDING)})
"""Every table that comes out, by name."""


def _balance(of: LedgerDraw) -> int | None:
    balance = of.ledger.standing.balance
    return None if balance is None else int(balance[of.draw])
