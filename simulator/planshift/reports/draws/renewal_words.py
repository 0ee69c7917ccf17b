"""A renewal in many draws in words: the answer, what to know before relying on it, and what its charts show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction

from planshift.billing.schedule import month_text
from planshift.impact.answers.what_if import WhatIf
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.spread import spread
from planshift.impact.stopped import StoppedWork
from planshift.reports.charts.kinds import Band
from planshift.reports.draws.renewal_tables import Step
from planshift.reports.page.verdict import verdict_over_draws, with_stopped
from planshift.reports.renewal.words import move, names, said_first, said_whole, term_ends
from planshift.reports.risk import COSTS_MORE, OVER_BUDGET, Risk, budget_said
from planshift.reports.spread import fan_said
from planshift.reports.words import change_said, in_draws, percentiles_said, prose_usd, rounded

DOLLARS = "US dollars"
CHANGE = "US dollars that the months after the renewal cost more (right) or less (left)"
DRAWS = "Draws"


def answer(renewal: DrawnRenewal, events: Sequence[Risk], budget: int | None, what_if: Callable[[], WhatIf]) -> str:
    """The verdict of the page: the median cost, its spread, in how many years it is more than before, what is stopped.

    The difference is counted draw by draw. ``what_if`` is asked where nobody has said how credits are bought.
    """
    new, change = spread(renewal.new.cost), spread(renewal.change)
    low, middle, high = (rounded(cents, new) for cents in (new.p10, new.p50, new.p90))
    dearer = Fraction(more(events).draws, renewal.draws)
    difference = rounded(change.p50, change)
    verdict = verdict_over_draws(renewal, renewal.draws, (low, middle, high), difference, dearer, term_ends(renewal))
    verdict = with_stopped(verdict, StoppedWork.of(renewal.new.amounts))
    return f"{said_whole(renewal, verdict, what_if)}{_beyond(renewal, events, budget)}"


def headline(renewal: DrawnRenewal, events: Sequence[Risk]) -> str:
    """The answer in short, for the top of a chart."""
    _, new = names(renewal)
    said = f"{said_first(renewal)}{move(renewal, new)} costs more {in_draws(more(events).draws, renewal.draws)}"
    return f"{said}, {change_said(spread(renewal.change))}"


def more(events: Sequence[Risk]) -> Risk:
    """That the new plan costs more."""
    return next(event for event in events if event.key == COSTS_MORE)


def _beyond(renewal: DrawnRenewal, events: Sequence[Risk], budget: int | None) -> str:
    if budget is None:
        return ""
    mine = (event for event in events if event.key == OVER_BUDGET and event.plan == renewal.new.plan.id)
    return f" It is {budget_said(next(mine), budget)}."


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
        f" {renewal.draws:,} draws, US dollars: {'; '.join(f'{band.name} {fan_said(band)}' for band in (old, new))}."
    )


def change_alt(renewal: DrawnRenewal, events: Sequence[Risk]) -> str:
    """The spread of the change in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    change = spread(renewal.change)
    draws = more(events).draws
    return (
        f"Bar chart of the change in each of {renewal.draws:,} draws, US dollars, {new} less {old} (counterfactual):"
        f" {percentiles_said(change)}; it is more in {draws:,} draws and as much or less in {renewal.draws - draws:,}."
    )


def bridge_alt(renewal: DrawnRenewal, steps: Sequence[Step]) -> str:
    """The bridge in a sentence, for those who cannot see it."""
    old, new = names(renewal)
    first, *between, last = steps
    said = [
        f"{step.title.lower()} {'+' if step.mean > 0 else ''}{prose_usd(step.mean)}"
        f" (P10 {prose_usd(step.spread.p10)}, P90 {prose_usd(step.spread.p90)})"
        for step in between
    ]
    return (
        f"Waterfall chart of means over {renewal.draws:,} draws in US dollars from {prose_usd(first.mean)}, had {old}"
        f" continued (a counterfactual), to {prose_usd(last.mean)} on {new}: {'; '.join(said)}."
    )
