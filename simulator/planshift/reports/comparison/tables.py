"""A comparison's tables as values: totals, months, members, winners and invoices, a row a plan in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planshift.billing.money import to_cents
from planshift.impact.at_list import done_at_list
from planshift.impact.compare import Comparison, MemberCost, OnPlan
from planshift.reports.changes import Change, Group, groups
from planshift.reports.impact_columns import COMPARED_MEMBERS, COMPARED_MONTHS, COMPARED_WINNERS, TOTALS
from planshift.reports.run_tables import INVOICES, LedgerDraw
from planshift.reports.table import Table, Values, of_days

_IN_NANOS = (
    "included",
    "unavailable",
    "blocked_allowance",
    "blocked_member_limit",
    "blocked_organization_limit",
    "blocked_credits",
)


def comparison_values(comparison: Comparison) -> list[tuple[Table, Values]]:
    """Every table of a comparison with its values."""
    return [
        (TOTALS, totals(comparison)),
        (COMPARED_MONTHS, months(comparison)),
        (COMPARED_MEMBERS, members(comparison)),
        (COMPARED_WINNERS, winners(comparison)),
        (INVOICES, invoices(comparison)),
    ]


def totals(comparison: Comparison) -> Values:
    """The values of totals.csv."""
    found = [plan.outcome for plan in comparison.plans]
    return {
        "plan": [result.plan.id for result in found],
        "title": [result.plan.title for result in found],
        "seats": [sum(result.seats.values()) for result in found],
        "seat_fees": [result.seat_cost for result in found],
        "usage_billed": [result.usage_cost for result in found],
        "cost": [result.cost for result in found],
        "difference": [result.cost - found[0].cost for result in found],
        **{name: [to_cents(result.amount(name)) for result in found] for name in _IN_NANOS},
        "work_done": [to_cents(int(done_at_list(result.amounts).sum())) for result in found],
        "invoiced": [result.invoiced for result in found],
        "credits_bought": [result.credits_bought for result in found],
        "credits_left": [result.credits_left for result in found],
        "counterfactual": [result.counterfactual for result in found],
    }


def months(comparison: Comparison) -> Values:
    """The values of months.csv, by month and then in the order of the plans."""
    rows = [
        (months_of_plans[number], plan.outcome)
        for months_of_plans in zip(*(plan.outcome.months for plan in comparison.plans), strict=True)
        for number, plan in enumerate(comparison.plans)
    ]
    return {
        "month": [month.month for month, _ in rows],
        "plan": [result.plan.id for _, result in rows],
        "seat_fees": [month.seats for month, _ in rows],
        "usage_billed": [month.usage for month, _ in rows],
        "cost": [month.total for month, _ in rows],
        "stopped": [to_cents(month.blocked) for month, _ in rows],
        "unavailable": [to_cents(month.unavailable) for month, _ in rows],
        "counterfactual": [result.counterfactual for _, result in rows],
    }


def members(comparison: Comparison) -> Values:
    """The values of members.csv, by member and then in the order of the plans."""
    rows = [
        (member, number, plan.outcome) for member in comparison.members for number, plan in enumerate(comparison.plans)
    ]
    return {
        "user_id": [member.user_id for member, _, _ in rows],
        "team": [member.team for member, _, _ in rows],
        "plan": [result.plan.id for _, _, result in rows],
        "seat_type": [result.seat_types.get(member.user_id) or "" for member, _, result in rows],
        "cost": [member.costs[number] for member, number, _ in rows],
        "change": [member.change(number) for member, number, _ in rows],
        "group": [_change(member, number).group if number else "" for member, number, _ in rows],
        "stopped": [member.stopped[number] for member, number, _ in rows],
        "counterfactual": [result.counterfactual for _, _, result in rows],
    }


def winners(comparison: Comparison) -> Values:
    """The values of winners.csv: every plan but the first, held against it."""
    rows: list[tuple[OnPlan, Group, int]] = []
    for number, plan in enumerate(comparison.plans[1:], start=1):
        found = groups(_change(member, number) for member in comparison.members)
        whole = sum(group.cents for group in found)
        rows += [(plan, group, whole) for group in found]
    return {
        "plan": [plan.outcome.plan.id for plan, _, _ in rows],
        "group": [group.name for _, group, _ in rows],
        "members": [group.members for _, group, _ in rows],
        "first_cost": [group.before for _, group, _ in rows],
        "cost": [group.after for _, group, _ in rows],
        "change": [group.cents for _, group, _ in rows],
        "mean_change": [group.mean for _, group, _ in rows],
        "share_of_change": [group.share(whole) for _, group, whole in rows],
        "counterfactual": [plan.outcome.counterfactual for plan, _, _ in rows],
    }


def invoices(comparison: Comparison, draw: int = 0) -> Values:
    """The values of invoices.csv: what would be invoiced on each plan, one below the other."""
    days = (comparison.first, comparison.end)
    found = [of_days(INVOICES.values(LedgerDraw(plan.ledger, draw)), "date", *days) for plan in comparison.plans]
    counts = [len(values["date"]) for values in found]
    flags = [
        plan.outcome.counterfactual for plan, count in zip(comparison.plans, counts, strict=True) for _ in range(count)
    ]
    return {**_stacked(found), "counterfactual": flags}


def _stacked(parts: Sequence[Values]) -> dict[str, list[Any]]:
    return {name: [value for values in parts for value in values[name]] for name in INVOICES.header}


def _change(member: MemberCost, number: int) -> Change:
    return Change(member.costs[0], member.costs[number])
