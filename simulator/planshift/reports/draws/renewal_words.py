"""A renewal in many draws in words: the answer, what to know before relying on it, and what its charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from planshift.billing.calendar import month_text
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.spread import spread
from planshift.reports.charts.fan import Band
from planshift.reports.draws.chances import COSTS_MORE, OVER_BUDGET, Event
from planshift.reports.draws.renewal_tables import Step
from planshift.reports.draws.words import budget_said, change_said, in_draws, middle
from planshift.reports.plans.names import set_off
from planshift.reports.renewal.words import months, move, names, said_first, why
from planshift.reports.words import usd

DOLLARS = "US dollars"
CHANGE = "US dollars that the months after the renewal cost more (right) or less (left)"
DRAWS = "Draws"


def answer(renewal: DrawnRenewal, events: Sequence[Event], budget: int | None) -> str:
    """One sentence: the cost in the middle of the draws, how far it is spread, and in how many it is more than before.

    The change is counted draw by draw.
    """
    old, new = names(renewal)
    draws = renewal.draws
    return (
        f"{said_first(renewal)}{renewal.scenario.title}: {_lower(move(renewal, set_off(new)))} costs"
        f" {middle(spread(renewal.new.cost), draws)} in the {months(renewal)} after it"
        f"{_beyond(renewal, events, budget)}; it costs more than had {old} gone on (a counterfactual: {why(renewal)})"
        f" {in_draws(more(events).draws, draws)}, {change_said(spread(renewal.change))}."
    )


def headline(renewal: DrawnRenewal, events: Sequence[Event]) -> str:
    """The answer in short, for the top of a chart."""
    _, new = names(renewal)
    said = f"{said_first(renewal)}{move(renewal, new)} costs more {in_draws(more(events).draws, renewal.draws)}"
    return f"{said}, {change_said(spread(renewal.change))}"


def more(events: Sequence[Event]) -> Event:
    """That the new plan costs more."""
    return next(event for event in events if event.key == COSTS_MORE)


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]


def _beyond(renewal: DrawnRenewal, events: Sequence[Event], budget: int | None) -> str:
    if budget is None:
        return ""
    mine = (event for event in events if event.key == OVER_BUDGET and event.plan == renewal.new.plan.id)
    return f", {budget_said(next(mine), budget)}"


def months_title(renewal: DrawnRenewal) -> str:
    """What the chart of months says, in short."""
    old, new = names(renewal)
    return f"{said_first(renewal)}Month by month: {new}, beside {old} (counterfactual)"


def bridge_title(renewal: DrawnRenewal) -> str:
    """What the bridge says, in short."""
    old, new = names(renewal)
    return f"{said_first(renewal)}From {old} (counterfactual) to {new}: the mean of {renewal.draws:,} draws"


def band_names(renewal: DrawnRenewal) -> tuple[str, str]:
    """What the two bands are called."""
    old, new = names(renewal)
    return f"{old} (counterfactual)", new


def months_alt(renewal: DrawnRenewal, old: Band, new: Band) -> str:
    """The months in a sentence, for those who cannot see them."""
    last = renewal.end - timedelta(days=1)
    return (
        f"Fan chart of seats and usage by month, {month_text(renewal.day)} to {month_text(last)}, in"
        f" {renewal.draws:,} draws, US dollars: {'; '.join(f'{band.name} {_range(band)}' for band in (old, new))}."
    )


def _range(band: Band) -> str:
    return (
        f"from {usd(min(band.p50))} to {usd(max(band.p50))} in the middle of the draws, P10 down to"
        f" {usd(min(band.p10))} and P90 up to {usd(max(band.p90))}"
    )


def change_alt(renewal: DrawnRenewal, events: Sequence[Event]) -> str:
    """The spread of the change in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    change = spread(renewal.change)
    draws = more(events).draws
    return (
        f"Bar chart of the change in each of {renewal.draws:,} draws, US dollars, {new} less {old} (counterfactual):"
        f" P10 {usd(change.p10)}, P50 {usd(change.p50)}, P90 {usd(change.p90)}, on average {usd(change.mean)}; it is"
        f" more in {draws:,} draws and as much or less in {renewal.draws - draws:,}."
    )


def bridge_alt(renewal: DrawnRenewal, steps: Sequence[Step]) -> str:
    """The bridge in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    first, *between, last = steps
    said = [
        f"{step.title.lower()} {'+' if step.mean > 0 else ''}{usd(step.mean)}"
        f" (P10 {usd(step.spread.p10)}, P90 {usd(step.spread.p90)})"
        for step in between
    ]
    return (
        f"Waterfall chart of means over {renewal.draws:,} draws in US dollars from {usd(first.mean)}, had {old} gone on"
        f" (a counterfactual), to {usd(last.mean)} on {new}: {'; '.join(said)}."
    )
