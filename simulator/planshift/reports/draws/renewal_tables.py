"""A renewal in many draws as tables: every draw's months and totals, steps, members, chances, the first in detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planshift.billing.ledger import Ledger
from planshift.billing.money import all_to_cents
from planshift.billing.schedule import months_after, next_month
from planshift.impact.bridge import STEPS as BRIDGE_STEPS
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.spread import Spread, spread
from planshift.reports.draws.columns import RENEWAL_ODDS, STEPS
from planshift.reports.impact_columns import COUNTERFACTUAL_INVOICES, RENEWAL_MONTHS
from planshift.reports.renewal.words import NEW_COST, OLD_COST, names
from planshift.reports.risk import CHANCES, COSTS_MORE, Risk, outcome_risks
from planshift.reports.run_tables import INVOICES, STOPS, LedgerDraw
from planshift.reports.spread import (
    PLAN_DRAWS,
    SUMMARY,
    Amounts,
    Measured,
    means_that_add_up,
    outcome_measures,
    shares,
)
from planshift.reports.table import Table, Values, of_days

IN_DETAIL = (INVOICES.name, COUNTERFACTUAL_INVOICES.name, STOPS.name)
"""The tables that hold the first draws alone."""
EVERY_DRAW = (RENEWAL_MONTHS.name, PLAN_DRAWS.name)
"""The tables that hold each draw, and are long."""


@dataclass(frozen=True)
class Step:
    """One of the costs, or a step between them: its mean, rounded so that means add up, and how it is spread."""

    key: str
    title: str
    rule: str
    description: str
    mean: int
    spread: Spread
    counterfactual: bool = False


def steps(renewal: DrawnRenewal) -> tuple[Step, ...]:
    """From the mean old cost in steps to the mean new cost."""
    old, new = names(renewal)
    keys = list(renewal.steps)
    amounts = [renewal.old.cost, *(renewal.steps[key] for key in keys)]
    means = means_that_add_up(amounts)
    first = Step(
        OLD_COST,
        f"{old} (counterfactual)",
        "P2",
        "Seats and usage, had the old plan continued",
        means[0],
        spread(renewal.old.cost),
        counterfactual=True,
    )
    last = Step(NEW_COST, new, "R1", "Seats and usage on the new plan", sum(means), spread(renewal.new.cost))
    between = [
        Step(key, *BRIDGE_STEPS[key], mean, spread(renewal.steps[key]))
        for key, mean in zip(keys, means[1:], strict=True)
    ]
    return (first, *between, last)


def measured(renewal: DrawnRenewal) -> tuple[Measured, Measured]:
    """What is measured of the old plan and of the new one; the change is the new one's."""
    return outcome_measures(renewal.old), outcome_measures(renewal.new, renewal.old)


def events(renewal: DrawnRenewal, budget: int | None) -> list[Risk]:
    """What may happen: that the new plan costs more; on each plan, beyond the budget, and what stops usage."""
    more = Risk(COSTS_MORE, renewal.new.plan.id, (), (renewal.change > 0)[None])
    return [more, *outcome_risks(renewal.new, budget), *outcome_risks(renewal.old, budget)]


def renewal_values(renewal: DrawnRenewal, detail: int, budget: int | None) -> Iterator[tuple[Table, Values]]:
    """Every table with its values; ``detail``: so many draws are in detail."""
    days = (renewal.day, renewal.end)

    def dated(table: Table, column: str, ledgers: Sequence[Ledger]) -> Values:
        draws = (table.values(LedgerDraw(ledger, draw)) for draw, ledger in enumerate(ledgers))
        return table.of_draws([of_days(values, column, *days) for values in draws])

    runs = [one.run.ledger for one in renewal.detail[:detail]]
    counterfactuals = [one.counterfactual.ledger for one in renewal.detail[:detail]]
    yield SUMMARY, SUMMARY.values(measured(renewal))
    yield CHANCES, CHANCES.values(events(renewal, budget))
    yield STEPS, step_values(renewal)
    yield RENEWAL_MONTHS, months(renewal)
    yield PLAN_DRAWS, PLAN_DRAWS.values([renewal.old, renewal.new], drawn=True)
    yield RENEWAL_ODDS, members(renewal)
    yield INVOICES, dated(INVOICES, "date", runs)
    yield COUNTERFACTUAL_INVOICES, dated(COUNTERFACTUAL_INVOICES, "date", counterfactuals)
    yield STOPS, dated(STOPS, "since", runs)


def step_values(renewal: DrawnRenewal) -> Values:
    """The values of steps.csv."""
    found = steps(renewal)
    plain = ("title", "mean", "rule", "description", "counterfactual")
    return {
        "step": [step.key for step in found],
        **{name: [getattr(step, name) for step in found] for name in plain},
        **{name: [getattr(step.spread, name) for step in found] for name in ("p10", "p50", "p90")},
    }


def months(renewal: DrawnRenewal) -> Values:
    """The values of months.csv, draw after draw."""
    old, new = renewal.old, renewal.new
    count, shown = renewal.draws, new.months

    def same(cents: Amounts) -> list[int]:
        fees: list[int] = cents.tolist()
        return fees * count

    ends = renewal.scenario.term.renewal
    return {
        "draw": [draw for draw in range(count) for _ in shown],
        "month": list(shown) * count,
        "old_seats": same(old.seat_cost),
        "old_usage": _column(old.usage_cost),
        "old_cost": _column(old.month_cost),
        "new_seats": same(new.seat_cost),
        "new_usage": _column(new.usage_cost),
        "new_cost": _column(new.month_cost),
        "change": _column(new.month_cost - old.month_cost),
        "year_before": _year_before(renewal, shown),
        "old_stopped": _column(all_to_cents(old.blocked)),
        "new_stopped": _column(all_to_cents(new.blocked)),
        "counterfactual": [next_month(month) > ends for month in shown] * count,
    }


def _column(cents: Amounts) -> list[int]:
    column: list[int] = cents.T.ravel().tolist()
    return column


def _year_before(renewal: DrawnRenewal, shown: tuple[date, ...]) -> list[int | None]:
    before = renewal.year_before
    if before is None:
        return [None] * (len(shown) * renewal.draws)
    rows = dict(zip(before.months, before.month_cost.tolist(), strict=True))
    unknown = [None] * renewal.draws
    by_month = [rows.get(months_after(month, -12), unknown) for month in shown]
    return [cents for draw in zip(*by_month, strict=True) for cents in draw]


def members(renewal: DrawnRenewal) -> Values:
    """The values of members.csv: means and chances over all draws."""
    odds = renewal.members
    return {
        "user_id": list(odds.members),
        "team": list(odds.teams),
        "old_seat": list(odds.old_seats),
        "new_seat": list(odds.new_seats),
        "mean_old_cost": odds.old_cost.tolist(),
        "mean_new_cost": odds.new_cost.tolist(),
        "mean_change": odds.change.tolist(),
        "chance_dearer": shares(odds.dearer.tolist()),
        "chance_cheaper": shares(odds.cheaper.tolist()),
        "chance_stopped": shares(odds.limited.tolist()),
        "mean_newly_done": odds.newly_done.tolist(),
        "mean_newly_stopped": odds.newly_stopped.tolist(),
        "counterfactual": [True] * len(odds.members),
    }
