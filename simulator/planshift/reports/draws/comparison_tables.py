"""A comparison in many draws as tables: every draw of each plan, members, chances, and the first invoices in detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from planshift.billing.money import all_to_cents
from planshift.impact.drawn_comparison import DrawnComparison, OnPlanDrawn
from planshift.reports.comparison import tables as comparison_tables
from planshift.reports.draws.columns import COMPARISON_ODDS
from planshift.reports.impact_columns import COMPARED_MONTHS
from planshift.reports.risk import CHANCES, COSTS_LEAST, COSTS_MORE, Risk, outcome_risks
from planshift.reports.run_tables import INVOICES
from planshift.reports.spread import (
    PLAN_DRAWS,
    SUMMARY,
    Amounts,
    Measured,
    interleaved,
    outcome_measures,
    shares,
)
from planshift.reports.table import Table, Values

IN_DETAIL = (INVOICES.name,)
"""The tables that hold the first draws alone."""


def measured(comparison: DrawnComparison) -> Iterator[Measured]:
    """What is measured of each plan; the changes are from the first, draw by draw."""
    first, *others = (plan.outcome for plan in comparison.plans)
    yield outcome_measures(first)
    for outcome in others:
        yield outcome_measures(outcome, first)


def events(comparison: DrawnComparison, budget: int | None) -> list[Risk]:
    """What may happen on each plan: that it costs least, or more than the first, is beyond the budget, or stops work.

    Of plans that cost the same least in a draw, the first counts.
    """
    costs = np.stack([plan.outcome.cost for plan in comparison.plans])
    cheapest = costs.argmin(axis=0)
    found: list[Risk] = []
    for number, plan in enumerate(comparison.plans):
        name, flag = plan.outcome.plan.id, plan.outcome.counterfactual
        found.append(Risk(COSTS_LEAST, name, (), (cheapest == number)[None], flag))
        if number:
            more = (costs[number] > costs[0])[None]
            found.append(Risk(COSTS_MORE, name, (), more, flag, "It costs more than the first plan"))
        found += outcome_risks(plan.outcome, budget)
    return found


def comparison_values(comparison: DrawnComparison, detail: int, budget: int | None) -> Iterator[tuple[Table, Values]]:
    """Every table with its values; ``detail``: so many draws are in detail."""
    shown = range(min(detail, len(comparison.detail)))
    yield SUMMARY, SUMMARY.values(measured(comparison))
    yield CHANCES, CHANCES.values(events(comparison, budget))
    yield COMPARED_MONTHS, months(comparison)
    yield PLAN_DRAWS, PLAN_DRAWS.values([plan.outcome for plan in comparison.plans], drawn=True)
    yield COMPARISON_ODDS, members(comparison)
    yield INVOICES, INVOICES.of_draws([comparison_tables.invoices(comparison.detail[draw], draw) for draw in shown])


def months(comparison: DrawnComparison) -> Values:
    """The values of months.csv: by draw, by month and then in the order of the plans."""
    outcomes = [plan.outcome for plan in comparison.plans]
    count, shown = comparison.draws, outcomes[0].months
    rows = [(month, outcome) for month in shown for outcome in outcomes]
    seats = [np.repeat(outcome.seat_cost[:, None], count, axis=1) for outcome in outcomes]
    return {
        "draw": [draw for draw in range(count) for _ in rows],
        "month": [month for month, _ in rows] * count,
        "plan": [outcome.plan.id for _, outcome in rows] * count,
        "seat_fees": interleaved(seats),
        "usage_billed": interleaved([outcome.usage_cost for outcome in outcomes]),
        "cost": interleaved([outcome.month_cost for outcome in outcomes]),
        "stopped": interleaved([all_to_cents(outcome.blocked) for outcome in outcomes]),
        "unavailable": interleaved([_unavailable(plan) for plan in comparison.plans]),
        "counterfactual": [outcome.counterfactual for _, outcome in rows] * count,
    }


def _unavailable(plan: OnPlanDrawn) -> Amounts:
    """Asked of surfaces that are not open, cents, shape (months, draws)."""
    tally, months_shown = plan.tally, plan.outcome.months
    found = np.zeros((len(months_shown), tally.draws), dtype=np.int64)
    for row, (month, _) in enumerate(tally.spans):
        if month in months_shown:
            found[months_shown.index(month)] += tally.amount("unavailable")[row]
    return all_to_cents(found)


def members(comparison: DrawnComparison) -> Values:
    """The values of members.csv, by member and then in the order of the plans."""
    costs, plans = comparison.members, comparison.plans
    people = range(len(costs.members))
    seat_types = [plan.outcome.seat_types for plan in comparison.detail[0].plans]
    return {
        "user_id": [costs.members[member] for member in people for _ in plans],
        "team": [costs.teams[member] for member in people for _ in plans],
        "plan": [plan.outcome.plan.id for _ in people for plan in plans],
        "seat_type": [seats.get(costs.members[member]) or "" for member in people for seats in seat_types],
        "mean_cost": _by_member(costs.costs),
        "mean_change": _by_member(costs.change),
        "chance_dearer": shares(costs.dearer.T.ravel().tolist()),
        "chance_cheaper": shares(costs.cheaper.T.ravel().tolist()),
        "chance_stopped": shares(costs.limited.T.ravel().tolist()),
        "mean_stopped": _by_member(costs.stopped),
        "counterfactual": [plan.outcome.counterfactual for _ in people for plan in plans],
    }


def _by_member(cents: Amounts) -> Sequence[int]:
    column: list[int] = cents.T.ravel().tolist()
    return column
