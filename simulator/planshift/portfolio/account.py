"""Accounts of a portfolio: a contract, who uses how much under it, how it pays, and how its terms follow each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

from planshift.billing.contract import Agreed, Contract
from planshift.billing.money import half_up
from planshift.billing.schedule import Term, month_of, next_month
from planshift.billing.seats import mapped
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan

EndOfMonth = Literal["none", "before", "after"]


@dataclass(frozen=True)
class PaymentTerms:
    """When an invoice is paid: so many ``days`` after it, and what the end of a month has to do with it.

    ``end_of_month``: "none" counts from the invoice's day; "before" counts from the last day of the invoice's month;
    "after" counts from the invoice's day, and goes on to the last day of the month reached. An invoice of 28 February
    at 30 days is due on 30 March, 30 March and 31 March; one of 10 September at 30 days on 10, 30 and 31 October.
    """

    days: int
    end_of_month: EndOfMonth = "none"

    def due(self, invoiced: date) -> date:
        """The day on which an invoice of a day is paid."""
        if self.end_of_month == "before":
            invoiced = _last_of_month(invoiced)
        day = invoiced + timedelta(days=self.days)
        return _last_of_month(day) if self.end_of_month == "after" else day


def _last_of_month(day: date) -> date:
    return next_month(month_of(day)) - timedelta(days=1)


@dataclass(frozen=True)
class Mix:
    """Who an account's members are: seat type → persona → share of the seat's members, adding up to 1."""

    name: str
    shares: Mapping[str, Mapping[str, Fraction]]


@dataclass(frozen=True)
class AccountUsage:
    """How much an account's members use: a ``mix`` of personas, or the personas of a ``scenario`` file.

    ``monthly_spend``: what they used a month so far, US dollars at list price over the whole organization; personas
    keep their proportions and are scaled so that their mean is this. None: as the personas have it.
    """

    mix: Mix | None = None
    scenario: Path | None = None
    monthly_spend: Decimal | None = None


@dataclass(frozen=True)
class Account:
    """One contract of a portfolio.

    ``members``: how many there are, by seat type of the contract's plan; ``renewal_probability``: that it goes on at
    each renewal, at the early move too; ``seat_change``: how many more seats (a share, negative for fewer) it takes at
    its first renewal; ``migrate_on`` and ``migrate_credit``: an early move (Rulebook R3), None for none, and for the
    plan's own choice.
    """

    account_id: str
    title: str
    segment: str
    region: str
    contract: Contract
    members: Mapping[str, int]
    usage: AccountUsage
    payment: PaymentTerms
    renewal_probability: Fraction
    seat_change: Fraction
    migrate_on: date | None = None
    migrate_credit: str | None = None


def first_term(plan: Plan, started: date) -> Term:
    """The first term of a contract on a plan."""
    return Term(started, int(plan.value("term_months", started)))


def term_in_force(plan: Plan, started: date, day: date) -> Term | None:
    """The term in force on a day of a contract whose first day is ``started``; the first one where that is later.

    None where the plan had ended at a renewal before the day.
    """
    first = first_term(plan, started)
    if first.renewal <= day and plan.legacy(first.renewal):
        return None
    return first.in_force(day)


def following(catalogue: Catalogue, plan: Plan, term: Term) -> Plan:
    """The plan that follows at the end of a term (Rulebook R1, R2)."""
    return catalogue.plan(plan.successor(term.renewal))


def with_terms_before(contract: Contract, day: date) -> Contract:
    """The contract from the term on that was in force on a day, where that is not its own but one before it.

    Terms before are like its own: a plan renews on itself, and nothing else is known of them. It goes no further back
    than the plan has values.
    """
    term = contract.term
    while term.start > day and term.passed >= term.months:
        earlier = Term(term.anchor, term.months, term.passed - term.months)
        if not _in_force(contract, earlier.start):
            break
        same = Agreed(
            seats=contract.seats,
            own=contract.own,
            limits=contract.limits.whole,
            credits=replace(contract.credits, initial=0),
            later=contract.renewal,
        )
        contract, term = replace(contract, term_start=earlier.start, renewal=same), earlier
    return contract


def _in_force(contract: Contract, day: date) -> bool:
    """Has the plan every value on a day that it has in the contract's term, but for prices that are the contract's?"""
    own = {f"seats.{seat}.price_usd_per_month" for seat in contract.own.seat_prices}
    values = (dated for path, dated in contract.plan.values.items() if path not in own)
    return all(dated.on(day) is not None for dated in values if dated.on(contract.term_start) is not None)


def prepaid(terms: Terms, day: date) -> bool:
    """Is usage paid from credits on a day (Rulebook C1)?"""
    return terms.prepaid_on(day)


@dataclass(frozen=True)
class FirstRenewal:
    """An account's first renewal, or its early move: its day, the plan after it, and the seats held then.

    ``seat_map``: what each seat type becomes; ``added``: how many more seats are wanted than held (negative: fewer),
    by the seat types after; ``raised``: how many beyond what is wanted the minimum asks for (Rulebook S5).
    """

    day: date
    plan: Plan
    seats: Mapping[str, int]
    seat_map: Mapping[str, str]
    added: Mapping[str, int]
    raised: int


def first_renewal(account: Account, catalogue: Catalogue) -> FirstRenewal:
    """The first renewal of an account, or its early move where that comes before.

    Seats are those held times 1 + the seat change, by the seat type that they become, rounded half up; then the first
    type is raised to the plan's minimum (Rulebook S5).
    """
    contract = account.contract
    after, day = following(catalogue, contract.plan, contract.term), contract.term.renewal
    if account.migrate_on is not None and account.migrate_on < day:
        day = account.migrate_on
        after = catalogue.plan(contract.plan.successor(day))
    seat_map = contract.plan.seat_map(day)
    held = mapped(contract.seats, seat_map)
    wanted = {seat: half_up(count * (1 + account.seat_change)) for seat, count in held.items()}
    channel = contract.renewal.channel or contract.channel
    missing = max(0, Terms(after, channel).minimum_seats(day) - sum(wanted.values()))
    first = next(iter(wanted), after.seat_types[0])
    seats = {**wanted, first: wanted.get(first, 0) + missing}
    added = {seat: wanted[seat] - held[seat] for seat in held}
    return FirstRenewal(day, after, seats, seat_map, added, missing)
