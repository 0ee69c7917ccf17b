"""The term of an account that is in force on a day, and what follows it."""

from __future__ import annotations

from datetime import date

from planshift.billing.calendar import months_after, months_passed
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan


def term_in_force(plan: Plan, started: date, day: date) -> date | None:
    """The first day of the term in force on a day, of a contract that started with a term on ``started``.

    ``started`` itself where the contract begins after the day; None where the plan had ended at a renewal before it.
    """
    months = int(plan.value("term_months", started))
    if months_after(started, months) > day:
        return started
    if plan.legacy(months_after(started, months)):
        return None
    return months_after(started, months_passed(started, day) // months * months)


def renewal_of(plan: Plan, term_start: date) -> date:
    """The day on which a term that starts on a day is renewed."""
    return months_after(term_start, int(plan.value("term_months", term_start)))


def following(catalogue: Catalogue, plan: Plan, term_start: date) -> tuple[Plan, date]:
    """The plan that follows at the end of a term, and the day on which it does (Rulebook R1, R2)."""
    renewal = renewal_of(plan, term_start)
    return catalogue.plan(plan.successor(renewal)), renewal


def prepaid(terms: Terms, day: date) -> bool:
    """Is usage paid from credits on a day (Rulebook C1)?"""
    return bool(terms.usage_payment(day).value == "prepaid_credits")
