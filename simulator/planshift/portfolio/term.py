"""The term of an account that is in force on a day, and what follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from planshift.billing.contract import Agreed, Contract
from planshift.billing.schedule import Term
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan


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
    return bool(terms.usage_payment(day).value == "prepaid_credits")
