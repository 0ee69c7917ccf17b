"""A comparison in many draws in words: the answer, and what its charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from planshift.billing.calendar import month_text
from planshift.billing.money import to_cents
from planshift.impact.drawn_comparison import DrawnComparison, OnPlanDrawn
from planshift.impact.spread import Spread, spread, spreads
from planshift.reports.charts.kinds import PANELS_AT_MOST, Band
from planshift.reports.comparison.words import idle, marked_names, said_first
from planshift.reports.plans.names import set_off
from planshift.reports.risk import COSTS_LEAST, COSTS_MORE, OVER_BUDGET, Risk, budget_said
from planshift.reports.spread import fan_said
from planshift.reports.words import (
    about,
    change_said,
    in_draws,
    listed,
    middle,
    percentiles_said,
    prose_usd,
    said_before,
)

DOLLARS = "US dollars"


def answer(comparison: DrawnComparison, events: Sequence[Risk], budget: int | None) -> str:
    """One sentence: which plan is most often the cheapest, what it costs, and what another costs more or less.

    Differences are counted draw by draw.
    """
    last = comparison.end - timedelta(days=1)
    first = f"{said_before(idle(comparison))}{said_first(comparison)}"
    said = f"{first}{comparison.scenario.title}: from {comparison.first} to {last}"
    return f"{said} {_cheapest(comparison, events, budget)}; {_undone_said(comparison)}."


def headline(comparison: DrawnComparison, events: Sequence[Risk]) -> str:
    """The answer in short, for the top of a chart."""
    best = best_plan(comparison, events)
    draws = _of(events, COSTS_LEAST, comparison.plans[best]).draws
    name = marked_names(comparison)[best]
    return f"{said_first(comparison)}The plan that costs least: {set_off(name)} {in_draws(draws, comparison.draws)}"


def best_plan(comparison: DrawnComparison, events: Sequence[Risk]) -> int:
    """The number of the plan that is most often the cheapest, the first of equals."""
    often = [_of(events, COSTS_LEAST, plan).draws for plan in comparison.plans]
    return often.index(max(often))


def _cheapest(comparison: DrawnComparison, events: Sequence[Risk], budget: int | None) -> str:
    called, best, count = marked_names(comparison), best_plan(comparison, events), comparison.draws
    plan = comparison.plans[best]
    draws = _of(events, COSTS_LEAST, plan).draws
    said = f"the plan that costs least is {set_off(called[best])} {in_draws(draws, count)}"
    said += f": {middle(spread(plan.outcome.cost), count, comparison.scenario.months)}"
    if budget is not None:
        said += f", {budget_said(_of(events, OVER_BUDGET, plan), budget)}"
    other = best or _next(comparison)
    change = spread(comparison.plans[other].outcome.cost - comparison.plans[0].outcome.cost)
    dearer = in_draws(_of(events, COSTS_MORE, comparison.plans[other]).draws, count)
    on = "it costs" if best else f"on {set_off(called[other])} it is"
    first = set_off(called[0]) if best else "that"
    return f"{said}; {on} more than {first} {dearer}, {change_said(change)}"


def _next(comparison: DrawnComparison) -> int:
    """The plan beside the first that costs less in the median of the draws than the others."""
    middles = [entry.p50 for entry in spreads_of(comparison)]
    return middles.index(min(middles[1:]), 1)


def spreads_of(comparison: DrawnComparison) -> tuple[Spread, ...]:
    """How the cost of each plan is spread."""
    return spreads(np.stack([plan.outcome.cost for plan in comparison.plans]))


def _of(events: Sequence[Risk], key: str, plan: OnPlanDrawn) -> Risk:
    return next(event for event in events if (event.key, event.plan) == (key, plan.outcome.plan.id))


def _undone_said(comparison: DrawnComparison) -> str:
    undone = [spread(plan.outcome.undone) for plan in comparison.plans]
    if not any(amount.mean for amount in undone):
        return "no work is stopped on any of them" if len(undone) > 2 else "no work is stopped on either"
    parts = [f"{_usd_about(amount)} on {name}" for amount, name in zip(undone, marked_names(comparison), strict=True)]
    return f"work that cannot be done, in the median: {listed([*map(set_off, parts[:-1]), parts[-1]])}"


def _usd_about(nanos: Spread) -> str:
    cents = Spread(*map(to_cents, (nanos.mean, nanos.p10, nanos.p50, nanos.p90)))
    return f"{about(cents.p50, cents)} USD" if cents.p50 else "nothing"


def caption(plan: OnPlanDrawn, events: Sequence[Risk], count: int) -> str:
    """What stands below a plan's bar: its parts in the middle, how often it is cheapest, and what is not in it."""
    outcome = plan.outcome
    usage = spread(outcome.usage_cost.sum(axis=0))
    said = f"costs least {in_draws(_of(events, COSTS_LEAST, plan).draws, count)}; in the median"
    said += f" seats {prose_usd(int(outcome.seat_cost.sum()))} + usage {about(usage.p50, usage)}"
    undone = spread(outcome.undone)
    return said if not undone.p50 else f"{said}; work not done {_usd_about(undone)}"


def months_title(comparison: DrawnComparison) -> str:
    """What the chart of months says, in short."""
    return f"{said_first(comparison)}What each plan costs, month by month"


def left_out(comparison: DrawnComparison) -> str:
    """Which plans are not drawn month by month; empty where all are."""
    names = marked_names(comparison)[PANELS_AT_MOST:]
    return f"Not drawn: {listed(names)}; months.csv has them." if names else ""


def costs_alt(comparison: DrawnComparison, events: Sequence[Risk]) -> str:
    """The costs in a sentence, for those who cannot see them."""
    parts = [
        f"{name}: {percentiles_said(found)}, costs least"
        f" {in_draws(_of(events, COSTS_LEAST, plan).draws, comparison.draws)}"
        for name, found, plan in zip(marked_names(comparison), spreads_of(comparison), comparison.plans, strict=True)
    ]
    return f"Bars of what each plan costs in {comparison.draws:,} draws, US dollars. {'; '.join(parts)}."


def months_alt(comparison: DrawnComparison, bands: Sequence[Band]) -> str:
    """The months in a sentence, for those who cannot see them."""
    first, last = month_text(comparison.first), month_text(comparison.end - timedelta(days=1))
    parts = [f"{band.name} {fan_said(band)}" for band in bands]
    said = f"Fan charts of what each plan costs by month, {first} to {last}, in {comparison.draws:,} draws, US dollars"
    return f"{said}: {'; '.join(parts)}."
