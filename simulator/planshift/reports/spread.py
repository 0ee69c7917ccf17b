"""What is measured in every draw, month by month and in total, and how it is spread over the draws.

Percentiles are each the amount of an actual draw; means add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import all_to_cents
from planshift.billing.schedule import month_text
from planshift.impact.outcome import Outcome
from planshift.impact.spread import Spread, means, spread, spreads
from planshift.reports.charts.kinds import Band
from planshift.reports.table import Column, Kind, Table, each
from planshift.reports.words import prose_usd, share_text

Amounts = npt.NDArray[np.int64]

BAND = (10, 25, 50, 75, 90)
"""The percentiles of a band of a chart."""

TOTAL, ALL_PLANS = "total", "all"

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


def percentiles(values: Amounts, percents: Sequence[int]) -> Amounts:
    """What so many of a hundred draws do not exceed: values (…, draws) → (percents, …), each of them one of the values.

    As `planshift.impact.spread.spreads` takes them (NumPy's ``inverted_cdf``).
    """
    draws = values.shape[-1]
    ordered = np.sort(values, axis=-1)
    return np.stack([ordered[..., -(-draws * percent // 100) - 1] for percent in percents])


def band(name: str, values: Amounts) -> Band:
    """The band of amounts of shape (months, draws), cents."""
    return Band(name, *(tuple(map(int, row)) for row in percentiles(values, BAND)))


def means_that_add_up(parts: Sequence[Amounts]) -> list[int]:
    """The means of parts, each of shape (draws,), rounded so that they add up to the rounded mean of their sum.

    Each is the difference of two rounded running means, so that none is off by a cent or more.
    """
    running = means(np.cumsum(np.stack(parts), axis=0))
    return [int(cents) for cents in np.diff(running, prepend=0)]


def fan_said(band: Band) -> str:
    """``from 5,100 to 6,300 a month in the median of the draws, P10 down to 4,000 and P90 up to 8,800``."""
    low, high, least, most = map(prose_usd, (min(band.p50), max(band.p50), min(band.p10), max(band.p90)))
    return f"from {low} to {high} a month in the median of the draws, P10 down to {least} and P90 up to {most}"


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


def outcome_measures(outcome: Outcome, base: Outcome | None = None) -> Measured:
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


def outcome_totals(outcome: Outcome) -> dict[str, Amounts]:
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


def _rows(found: Iterable[Measured]) -> Iterator[Row]:
    """The rows of summary.csv: by plan and measure, months first and then the total."""
    for measured in found:
        for measure in measured.measures:
            if measure.by_month is not None:
                rows = zip(measured.months, measured.counterfactual, spreads(measure.by_month), strict=True)
                for month, flag, found_spread in rows:
                    yield Row(measure.key, measured.plan, month_text(month), flag, found_spread)
            if measure.total is not None:
                yield Row(measure.key, measured.plan, TOTAL, any(measured.counterfactual), spread(measure.total))


OF_PLAN: Final = Column(
    "counterfactual", Kind.FLAG, "yes where the plan is a counterfactual: it could not be had, or so long (Rulebook P2)"
)
SPREAD: Final = tuple(
    Column(name, Kind.CENTS, meaning, each(attrgetter(f"spread.{name}")))
    for name, meaning in (
        ("mean", "The mean over the draws, half up to the cent"),
        ("p10", "What 10 of 100 draws do not exceed; the amount of one of the draws"),
        ("p50", "What 50 of 100 draws do not exceed: the median draw"),
        ("p90", "What 90 of 100 draws do not exceed; percentiles never add up, each row has its own"),
    )
)
"""The columns of a row's ``spread``."""

SUMMARY: Final = Table(
    "summary",
    "a measure on a plan, in a month or over all of them, and how it is spread over the draws",
    (
        Column("measure", Kind.TEXT, "What is measured, a name that stays"),
        Column("title", Kind.TEXT, "The measure in words", each(lambda row: TITLES[row.measure])),
        Column("plan", Kind.TEXT, "Id of the plan; all where several were in force and count together"),
        Column("month", Kind.TEXT, "The calendar month, 2026-10; total for all of them"),
        *SPREAD[:3],
        replace(
            SPREAD[3],
            meaning="What 90 of 100 draws do not exceed. Each row has its own percentiles, which never add up: those of"
            " a total are of the draws' totals, those of a change are of the change in each draw, never the difference"
            " of two percentiles",
        ),
        OF_PLAN,
    ),
    lambda found: list(_rows(found)),
)
"""Computed from what is measured: by plan and measure, months first and then the total."""


def _total(name: str) -> Callable[[Sequence[Outcome]], list[int]]:
    return lambda outcomes: interleaved([outcome_totals(outcome)[name] for outcome in outcomes])


def _by_cause(name: str) -> Callable[[Sequence[Outcome]], list[int]]:
    return lambda outcomes: interleaved([all_to_cents(outcome.amounts[COLUMN[name]]) for outcome in outcomes])


PLAN_DRAWS: Final = Table(
    "draws",
    "a draw, on a plan",
    (
        Column("plan", Kind.TEXT, "Id of the plan", lambda of: [one.plan.id for one in of] * of[0].draws),
        Column(
            "seat_fees",
            Kind.CENTS,
            "Seat fees of these days: a term's price counts by the day",
            lambda of: interleaved([np.full(one.draws, one.seat_cost.sum()) for one in of]),
        ),
        Column(
            "usage_billed",
            Kind.CENTS,
            "Usage of these days as it is billed",
            lambda of: interleaved([one.usage_cost.sum(axis=0) for one in of]),
        ),
        Column("cost", Kind.CENTS, "The sum of the two", lambda of: interleaved([one.cost for one in of])),
        Column(
            "change",
            Kind.CENTS,
            "What it costs more than the first plan, or the old one, in the same draw",
            lambda of: interleaved([one.cost - of[0].cost for one in of]),
        ),
        *(
            Column(name, Kind.CENTS, meaning, _total(name))
            for name, meaning in (
                ("included", "Usage that the seats include, at list price (Rulebook I1)"),
                ("unavailable", "Asked of surfaces that the seats do not open, at list price (Rulebook U4)"),
            )
        ),
        *(
            Column(name, Kind.CENTS, meaning, _by_cause(name))
            for name, meaning in (
                ("blocked_allowance", "Stopped: included usage used up, no extra usage (Rulebook I2)"),
                ("blocked_member_limit", "Stopped by members' spend limits (Rulebook L2)"),
                ("blocked_organization_limit", "Stopped by the organization's spend limit (Rulebook L6)"),
                ("blocked_credits", "Stopped because the credits were used up (Rulebook C1)"),
            )
        ),
        *(
            Column(name, Kind.CENTS, meaning, _total(name))
            for name, meaning in (
                ("work_done", "The work that members can do, at list price"),
                ("not_done", "Work that cannot be done, at list price: stopped, or not open to the seats"),
                ("invoiced", "Invoices dated in these days; arrears of the last month come after them"),
                ("credits_bought", "Of it, credits"),
                ("credits_left", "Credits left at the end"),
            )
        ),
        replace(OF_PLAN, value=lambda of: [one.counterfactual for one in of] * of[0].draws),
    ),
    draw=lambda of: [draw for draw in range(of[0].draws) for _ in of],
)
"""Computed from outcomes: draw after draw, the plans in their order; the first is what the others change."""


def interleaved(parts: Sequence[Amounts]) -> list[int]:
    """Amounts of one shape, a part a plan, as a column: by draw, which is their last axis, by month, then by plan."""
    column: list[int] = np.stack(parts, axis=-1).swapaxes(0, -2).ravel().tolist()
    return column


def shares(values: Sequence[float]) -> list[str]:
    """Shares of the draws as a table has them."""
    return [share_text(float(value), 1) for value in values]
