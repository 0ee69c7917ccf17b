"""Plans beside each other in many draws, as tables: every draw of each plan, its months and totals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import all_to_cents
from planshift.impact.drawn import DrawnOutcome
from planshift.reports.draws.chances import share_text
from planshift.reports.draws.measures import outcome_totals
from planshift.reports.draws.percentiles import Amounts
from planshift.reports.table import Values

_OF_TOTALS = ("work_done", "not_done", "invoiced", "credits_bought", "credits_left")


def draws(outcomes: Sequence[DrawnOutcome]) -> Values:
    """The values of draws.csv: draw after draw, the plans in their order; the first is what the others change."""
    first, count = outcomes[0], outcomes[0].draws
    totals = [outcome_totals(outcome) for outcome in outcomes]
    columns: dict[str, list[Amounts]] = {
        "seat_fees": [np.full(count, outcome.seat_cost.sum()) for outcome in outcomes],
        "usage_billed": [outcome.usage_cost.sum(axis=0) for outcome in outcomes],
        "cost": [outcome.cost for outcome in outcomes],
        "change": [outcome.cost - first.cost for outcome in outcomes],
        "included": [total["included"] for total in totals],
        "unavailable": [total["unavailable"] for total in totals],
        **{name: [all_to_cents(outcome.amounts[COLUMN[name]]) for outcome in outcomes] for name in BLOCKED},
        **{name: [total[name] for total in totals] for name in _OF_TOTALS},
    }
    return {
        "draw": [draw for draw in range(count) for _ in outcomes],
        "plan": [outcome.plan.id for outcome in outcomes] * count,
        **{name: interleaved(parts) for name, parts in columns.items()},
        "counterfactual": [outcome.counterfactual for outcome in outcomes] * count,
    }


def interleaved(parts: Sequence[Amounts]) -> list[int]:
    """Amounts of one shape, a part a plan, as a column: by draw, which is their last axis, by month, then by plan."""
    column: list[int] = np.stack(parts, axis=-1).swapaxes(0, -2).ravel().tolist()
    return column


def shares(values: Sequence[float]) -> list[str]:
    """Shares of the draws as a table has them."""
    return [share_text(float(value), 1) for value in values]
