"""The term of an account that is in force on a day, and what follows it."""

from __future__ import annotations

from datetime import date

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


def prepaid(terms: Terms, day: date) -> bool:
    """Is usage paid from credits on a day (Rulebook C1)?"""
    return bool(terms.usage_payment(day).value == "prepaid_credits")
