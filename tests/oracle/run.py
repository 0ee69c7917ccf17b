"""The state of a run: the contract in force, who sits where, what was spent, and all that came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oracle.alerts import Alerts
from oracle.contract import Contract
from oracle.facts import Plan
from oracle.ledger import Ledger
from oracle.limits import Limit
from oracle.minimum import lacking
from oracle.money import nano
from oracle.stops import CREDITS, MEMBER_LIMIT, ORGANIZATION, ORGANIZATION_LIMIT, Stops
from oracle.wallet import Wallet


@dataclass
class Tally:
    """What became of demand, in nano-dollars: the columns of members.csv."""

    demand: int = 0
    unavailable: int = 0
    included: int = 0
    metered: int = 0
    billed: int = 0
    blocked_allowance: int = 0
    blocked_member_limit: int = 0
    blocked_organization_limit: int = 0
    blocked_credits: int = 0

    def add(self, day: "Tally") -> None:
        """Adds a day."""
        for name, amount in vars(day).items():
            setattr(self, name, getattr(self, name) + amount)

    @property
    def blocked(self) -> int:
        """What was asked for and refused, whatever the reason."""
        return (
            self.blocked_allowance + self.blocked_member_limit + self.blocked_organization_limit + self.blocked_credits
        )


@dataclass
class Run:
    """Everything that one day hands to the next."""

    contract: Contract
    plans: Mapping[str, Plan]
    counterfactual: bool
    seat_of: dict[str, str | None]
    period_from: date
    metered_under: Contract
    wallet: Wallet = field(default_factory=Wallet)
    ledger: Ledger = field(default_factory=Ledger)
    stops: Stops = field(default_factory=Stops)
    alerts: Alerts = field(default_factory=Alerts)
    spent: dict[str, int] = field(default_factory=dict)
    used_this_week: dict[str, int] = field(default_factory=dict)
    known_limits: dict[str, Limit] = field(default_factory=dict)
    tallies: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    lapsed: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def members(self) -> list[str]:
        """All members of the scenario, in order of id."""
        return sorted(self.seat_of)

    def limits(self) -> dict[str, Limit]:
        """Every scope's effective limit."""
        return {scope: self.limit(scope) for scope in (ORGANIZATION, *self.members)}

    def limit(self, scope: str) -> Limit:
        """The effective limit of a member or of the organization (L1)."""
        if scope == ORGANIZATION:
            return self.contract.limits.organization
        return self.contract.limits.for_member(scope, self.seat_of[scope])

    def spend(self, scope: str) -> int:
        """Month-to-date billed amount of a member or of the organization (M1)."""
        return sum(self.spent.values()) if scope == ORGANIZATION else self.spent.get(scope, 0)

    def limit_left(self, scope: str) -> Limit:
        """What the scope's limit leaves, None without a limit; never less than nothing (L2)."""
        limit = self.limit(scope)
        return None if limit is None else max(0, limit - self.spend(scope))

    def notice_limits(self, day: date, resumed_by: str) -> None:
        """Where a limit is not what it was, ends its stop and re-arms its alerts (L4, M2, M3)."""
        limits = self.limits()
        for scope, limit in limits.items():
            if limit != self.known_limits.get(scope):
                self.stops.end(day, resumed_by, MEMBER_LIMIT, ORGANIZATION_LIMIT, scope=scope)
                self.alerts.limit_changed(scope, self.spend(scope), limit)
        self.known_limits = limits

    def buy_credits(self, day: date, amount: int) -> None:
        """A purchase: an invoice, credits, and the end of a stop for want of them (C1, C2)."""
        if not self.contract.prepaid:
            raise ValueError(f"credits on {day}, though usage is invoiced in arrears")
        self.wallet.put(day, amount, self.contract.credits)
        self.ledger.credit_purchase(day, self.contract, amount)
        self.stops.end(day, "credits bought", CREDITS)

    def buy_initial_credits(self, day: date) -> None:
        """What the credit settings say is bought at the start (C2, H2)."""
        initial: Any = self.contract.credits.get("initial", 0)
        if initial > 0:
            self.buy_credits(day, nano(initial))

    def end_usage_period(self, day: date) -> None:
        """Invoices what was used, if that is due in arrears, and starts again at nothing (A1, A2, A3)."""
        if not self.contract.prepaid:
            self.ledger.usage(day, self.contract, self.spent)
            short = lacking(self.metered_under.minimum, self.period_from, day, sum(self.spent.values()))
            self.ledger.usage_minimum(day, self.contract, short)
        self.period_from = day
        self.spent = {}
        self.alerts.rearm()

    def check_seats(self) -> None:
        """More members than seats of a type is an error (S4)."""
        for seat_type in {seat for seat in self.seat_of.values() if seat is not None}:
            sitting = sum(1 for seat in self.seat_of.values() if seat == seat_type)
            if sitting > self.contract.seats.get(seat_type, 0):
                raise ValueError(f"{sitting} members on fewer {seat_type} seats")
