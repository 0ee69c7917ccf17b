"""What is measured in every draw, month by month and in total, and how it is spread over the draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.calendar import month_text
from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import all_to_cents
from planshift.impact.drawn import DrawnOutcome
from planshift.impact.spread import Spread, spread, spreads
from planshift.reports.draws.columns import TOTAL
from planshift.reports.draws.percentiles import Amounts
from planshift.reports.table import Values

TITLES: Mapping[str, str] = {
    "seat_fees": "Seat fees",
    "seat_additions": "Seats added, less credited",
    "credit_purchases": "Credits bought",
    "usage_invoiced": "Usage invoiced",
    "invoiced": "Invoiced",
    "invoiced_so_far": "Invoiced up to the month's end",
    "usage_billed": "Usage billed",
    "cost": "Cost",
    "cost_so_far": "Cost up to the month's end",
    "change": "Change, draw by draw",
    "demand": "Asked for, at list price",
    "unavailable": "Not open to the seats",
    "included": "Included usage",
    "work_done": "Work done, at list price",
    "not_done": "Work not done, at list price",
    "blocked": "Stopped",
    "blocked_allowance": "Stopped: included usage used up",
    "blocked_member_limit": "Stopped: members' spend limits",
    "blocked_organization_limit": "Stopped: the organization's spend limit",
    "blocked_credits": "Stopped: credits exhausted",
    "credits_bought": "Credits bought",
    "credits_left": "Credits left at the end",
    "credit_balance": "Credits left at the month's end",
    "credits_lapsed": "Credits lapsed unused",
}
"""What reports call a measure."""


@dataclass(frozen=True)
class Measure:
    """Amounts in each draw, cents: by month, shape (months, draws), and in total, shape (draws,); None: not asked."""

    key: str
    by_month: Amounts | None
    total: Amounts | None


@dataclass(frozen=True)
class Measured:
    """The measures of a plan, or of all plans together, over some months."""

    plan: str
    months: tuple[date, ...]
    measures: tuple[Measure, ...]
    counterfactual: tuple[bool, ...]

    def total(self, key: str) -> Amounts:
        """A measure in total, cents by draw; KeyError where it has none."""
        found = self._find(key).total
        if found is None:
            raise KeyError(key)
        return found

    def by_month(self, key: str) -> Amounts:
        """A measure by month, cents, shape (months, draws); KeyError where it has no months."""
        found = self._find(key).by_month
        if found is None:
            raise KeyError(key)
        return found

    def _find(self, key: str) -> Measure:
        return {measure.key: measure for measure in self.measures}[key]


@dataclass(frozen=True)
class Row:
    """A row of summary.csv."""

    measure: str
    plan: str
    month: str
    counterfactual: bool
    spread: Spread


def summed(key: str, by_month: Amounts) -> Measure:
    """A measure whose months add up to its total."""
    return Measure(key, by_month, by_month.sum(axis=0))


def in_cents(key: str, nanos: Amounts) -> Measure:
    """The same of nano-dollars: months and total are rounded each for itself."""
    return Measure(key, all_to_cents(nanos), all_to_cents(nanos.sum(axis=0)))


def outcome_measures(outcome: DrawnOutcome, base: DrawnOutcome | None = None) -> Measured:
    """What is measured of an outcome; ``base`` is the one that its change is counted from, draw by draw."""
    draws = outcome.draws
    seats = np.repeat(outcome.seat_cost[:, None], draws, axis=1)
    cost = outcome.month_cost
    found = [summed("seat_fees", seats), summed("usage_billed", outcome.usage_cost), summed("cost", cost)]
    found.append(Measure("cost_so_far", np.cumsum(cost, axis=0), None))
    if base:
        found.append(summed("change", cost - base.month_cost))
    found.append(in_cents("blocked", outcome.blocked))
    found += [in_cents(name, outcome.by_cause[name]) for name in BLOCKED]
    found += [Measure(key, None, amounts) for key, amounts in outcome_totals(outcome).items()]
    flags = (outcome.counterfactual,) * len(outcome.months)
    return Measured(outcome.plan.id, outcome.months, tuple(found), flags)


def outcome_totals(outcome: DrawnOutcome) -> dict[str, Amounts]:
    """What is known of an outcome over all of its months only, cents by draw."""
    amounts = outcome.amounts
    return {
        "included": all_to_cents(amounts[COLUMN["included"]]),
        "unavailable": all_to_cents(amounts[COLUMN["unavailable"]]),
        "work_done": all_to_cents(amounts[COLUMN["demand"]] - outcome.undone),
        "not_done": all_to_cents(outcome.undone),
        "invoiced": outcome.invoiced,
        "credits_bought": outcome.credits_bought,
        "credits_left": outcome.credits_left,
    }


def summary_rows(found: Iterable[Measured]) -> Iterator[Row]:
    """The rows of summary.csv: by plan and measure, months first and then the total."""
    for measured in found:
        for measure in measured.measures:
            if measure.by_month is not None:
                rows = zip(measured.months, measured.counterfactual, spreads(measure.by_month), strict=True)
                for month, flag, found_spread in rows:
                    yield Row(measure.key, measured.plan, month_text(month), flag, found_spread)
            if measure.total is not None:
                yield Row(measure.key, measured.plan, TOTAL, any(measured.counterfactual), spread(measure.total))


def summary_values(rows: Sequence[Row]) -> Values:
    """The values of summary.csv."""
    return {
        "measure": [row.measure for row in rows],
        "title": [TITLES[row.measure] for row in rows],
        "plan": [row.plan for row in rows],
        "month": [row.month for row in rows],
        **{name: [getattr(row.spread, name) for row in rows] for name in ("mean", "p10", "p50", "p90")},
        "counterfactual": [row.counterfactual for row in rows],
    }
