"""The ledger: everything a run found out, as arrays, and as the rows of the tables that come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.billing.alerts import Stops
from planshift.billing.blocks import joined, over_draws
from planshift.billing.charges import Arrears, Charge, CreditCharge, InvoiceLine
from planshift.billing.contract import CreditSettings, Limits
from planshift.billing.credits import Expiry
from planshift.billing.money import short_text
from planshift.billing.schedule import Term
from planshift.billing.seats import Seats
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms

ORGANIZATION = "organization"

AMOUNTS = (
    "demand",
    "unavailable",
    "included",
    "metered",
    "billed",
    "blocked_allowance",
    "blocked_member_limit",
    "blocked_organization_limit",
    "blocked_credits",
)
"""What became of usage, in the order of the columns of members.csv."""
COLUMN = {name: index for index, name in enumerate(AMOUNTS)}
BLOCKED = AMOUNTS[5:]

Columns: TypeAlias = tuple[npt.NDArray[np.int64], ...]
"""Alerts in columns: draw, scope, day (ordinal), the threshold in billionths."""


@dataclass(frozen=True)
class Phase:
    """What was in force from a day on: kept for explanations."""

    since: date
    terms: Terms
    term: Term
    seats: Seats
    limits: Limits
    credits: CreditSettings
    counterfactual: bool


@dataclass(frozen=True)
class EndOfDay:
    """What became of a day's usage, nano-dollars of shape (len(AMOUNTS), draws, members); the credits left at its end,
    and those gone unused since the run began, shape (draws,)."""

    usage: Nanos
    balance: Nanos
    expired: Nanos


@dataclass(frozen=True)
class TermEnd:
    """Where things stood when a term ended, at its renewal or by an ``early`` move, before anything came of that.

    ``plan``: the one that is left, or renewed; ``prepaid``: was usage paid from credits? ``closing``: what would be
    charged in arrears if the contract ended here. Nano-dollars: ``usage``, what the month came to so far under the
    plan, shape (len(AMOUNTS), draws, members); ``balance``, the credits left, shape (draws,).
    """

    day: date
    early: bool
    plan: str
    prepaid: bool
    closing: tuple[Arrears, ...] = field(metadata=over_draws())
    usage: Nanos = field(metadata=over_draws(1))
    balance: Nanos = field(metadata=over_draws(0))


@dataclass(frozen=True)
class Snapshot:
    """Where things stand at the end of a run (Rulebook M1), nano-dollars: month to date by draw and member, limits,
    credits."""

    spent: Nanos = field(metadata=over_draws(0))
    member_limits: Nanos
    organization_limit: int
    balance: Nanos | None = field(metadata=over_draws(0))


@dataclass(frozen=True)
class Alert:
    """A threshold reached: the day, a member's id or ``organization``, the share of the limit."""

    day: date
    scope: str
    threshold: str


@dataclass(frozen=True)
class Stop:
    """A stop on record (Rulebook M3); ``until`` None and ``resumed_by`` empty where it goes on."""

    scope: str
    cause: str
    since: date
    until: date | None
    resumed_by: str


@dataclass(frozen=True)
class Ledger:
    """What a run found out.

    ``usage`` maps (first day of the month, plan id) to nano-dollars of shape (len(AMOUNTS), draws, members);
    ``balances`` maps the same to credits left, shape (draws,). ``charges``: all that is owed or given back, in the
    order in which things happened; ``opening``: what the term in force had charged for seats before the first day;
    ``pending``: what a usage period that goes on would come to if the contract ended with the run.
    ``turns``: every term that ended, ``expiries``: credits that were lost, both in the order of their days.
    ``days``: each day by itself, where that was asked for.
    """

    start: date
    end: date
    members: tuple[str, ...]
    draws: int = field(metadata=over_draws())
    usage: Mapping[tuple[date, str], Nanos] = field(metadata=over_draws(1))
    balances: Mapping[tuple[date, str], Nanos] = field(metadata=over_draws(0))
    charges: tuple[Charge, ...]
    member_alerts: Columns
    organization_alerts: Columns
    member_stops: tuple[Stops, ...]
    organization_stops: tuple[Stops, ...]
    phases: tuple[Phase, ...]
    standing: Snapshot = field(metadata=over_draws())
    expired: Nanos = field(metadata=over_draws(0))
    warnings: tuple[str, ...]
    turns: tuple[TermEnd, ...] = field(metadata=over_draws())
    pending: tuple[Arrears, ...] = field(metadata=over_draws())
    opening: tuple[Charge, ...] = ()
    expiries: tuple[Expiry, ...] = ()
    days: Mapping[date, EndOfDay] = field(default_factory=dict)

    @classmethod
    def joined(cls, ledgers: Sequence[Ledger]) -> Ledger:
        """The ledger of all draws, those of one after those of the other, from ledgers of the same run, one or more."""
        if len(ledgers) == 1:
            return ledgers[0]
        return replace(
            joined(ledgers),
            charges=tuple(_charges(ledgers)),
            member_alerts=_alerts([ledger.member_alerts for ledger in ledgers], ledgers),
            organization_alerts=_alerts([ledger.organization_alerts for ledger in ledgers], ledgers),
            member_stops=_stops([ledger.member_stops for ledger in ledgers]),
            organization_stops=_stops([ledger.organization_stops for ledger in ledgers]),
            expiries=tuple(_expiries(ledgers)),
        )

    def phase(self, day: date) -> Phase:
        """What is in force on a day of the run, at its end."""
        return [phase for phase in self.phases if phase.since <= day][-1]

    @property
    def counterfactual(self) -> bool:
        """Did a plan run on past its end (Rulebook P2)?"""
        return any(phase.counterfactual for phase in self.phases)

    @property
    def counterfactual_since(self) -> date:
        """The day from which a plan runs on past its end; the last day there is where none does."""
        return min((phase.since for phase in self.phases if phase.counterfactual), default=date.max)

    def lines(self, draw: int = 0) -> list[InvoiceLine]:
        """Every invoice line of a draw, in the order in which things happened."""
        return [line for charge in self.charges for one in charge.of(draw) for line in one.lines()]

    def spans(self) -> list[tuple[date, str]]:
        """Month and plan of every part of the run, sorted."""
        return sorted(self.usage)

    def total(self, column: str, draw: int = 0) -> int:
        """The sum of one amount over all members and months, nano-dollars."""
        return sum(int(array[COLUMN[column], draw].sum()) for array in self.usage.values())

    def lapsed(self) -> dict[tuple[date, str], Nanos]:
        """Credits that lapsed unused by month and the plan in force, nano-dollars of shape (draws,) (Rulebook C3, C4).

        Where usage is prepaid, each balance is the one before + bought − billed − lapsed.
        """
        sums: dict[tuple[date, str], Nanos] = {}
        for expiry in self.expiries:
            key = (expiry.day.replace(day=1), self.phase(expiry.day).terms.plan.id)
            sums[key] = sums.get(key, np.zeros(self.draws, dtype=np.int64)) + expiry.amounts
        return sums

    def alerts(self, draw: int = 0) -> list[Alert]:
        """Every alert of a draw, sorted by day, scope and threshold (Rulebook M2)."""
        found = [*self._alerts(self.member_alerts, self.members, draw)]
        found += self._alerts(self.organization_alerts, (ORGANIZATION,), draw)
        return sorted(found, key=lambda alert: (alert.day, alert.scope, Fraction(alert.threshold)))

    def _alerts(self, columns: Columns, scopes: tuple[str, ...], draw: int) -> Iterator[Alert]:
        draws, which, days, shares = columns
        for row in np.flatnonzero(draws == draw):
            yield Alert(date.fromordinal(int(days[row])), scopes[which[row]], short_text(int(shares[row])))

    def stops(self, draw: int = 0) -> list[Stop]:
        """Every stop of a draw, sorted by first day, scope and cause (Rulebook M3)."""
        found = [
            Stop(
                scopes[scope],
                record.cause,
                date.fromordinal(since),
                None if until is None else date.fromordinal(until),
                resumed_by,
            )
            for records, scopes in ((self.member_stops, self.members), (self.organization_stops, (ORGANIZATION,)))
            for record in records
            for scope, since, until, resumed_by in record.rows(draw)
        ]
        return sorted(found, key=lambda stop: (stop.since, stop.scope, stop.cause, stop.until or date.max))


def _expiries(ledgers: Sequence[Ledger]) -> Iterator[Expiry]:
    """Credits lost in any of the blocks, among all draws; those that lapse on a day after those that expire on it."""
    found = sorted({(expiry.day, expiry.lapsed) for ledger in ledgers for expiry in ledger.expiries})
    for day, lapsed in found:
        amounts = [
            sum(
                (expiry.amounts for expiry in ledger.expiries if (expiry.day, expiry.lapsed) == (day, lapsed)),
                np.zeros(ledger.draws, dtype=np.int64),
            )
            for ledger in ledgers
        ]
        yield Expiry(day, np.concatenate(amounts), lapsed)


def _charges(ledgers: Sequence[Ledger]) -> Iterator[Charge]:
    """Charges in the order of every ledger: all but purchases of credits are made at the same points of all of them."""
    draws = [ledger.draws for ledger in ledgers]
    waiting = [deque(ledger.charges) for ledger in ledgers]
    while any(waiting):
        for block, charges in enumerate(waiting):
            around = sum(draws[:block]), sum(draws[block + 1 :])
            while charges and isinstance(credit := charges[0], CreditCharge):
                charges.popleft()
                # A purchase in one block is one in none of the others.
                yield credit.with_times(np.pad(credit.purchases.times, around))
        if waiting[0]:
            first, *others = (charges.popleft() for charges in waiting)
            arrears = [one for one in (first, *others) if isinstance(one, Arrears)]
            # What does not depend on usage is alike in all blocks.
            yield joined(arrears) if arrears else first


def _alerts(of_blocks: Sequence[Columns], ledgers: Sequence[Ledger]) -> Columns:
    starts = np.cumsum([0, *(ledger.draws for ledger in ledgers)])
    moved = [(draws + start, *rest) for (draws, *rest), start in zip(of_blocks, starts, strict=False)]
    return tuple(np.concatenate(column) for column in zip(*moved, strict=True))


def _stops(of_blocks: Sequence[tuple[Stops, ...]]) -> tuple[Stops, ...]:
    return tuple(Stops.joined(records) for records in zip(*of_blocks, strict=True))
