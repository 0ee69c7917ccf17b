"""A simulation in many draws in words: the answer, and what its charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from planshift.billing.calendar import month_text
from planshift.impact.spread import spread
from planshift.reports.charts.fan import Band
from planshift.reports.draws.chances import OVER_BUDGET, Event
from planshift.reports.draws.measures import Measured
from planshift.reports.draws.words import budget_said, in_draws, middle, stops_said
from planshift.reports.words import usd

DOLLARS = "US dollars"


def answer(first: str, days: str, whole: Measured, events: Sequence[Event], budget: int | None) -> str:
    """One sentence: what is invoiced, how far it is spread, whether a budget holds, and whether anything stops.

    ``first`` is what is said before, ``days`` when; ``whole`` are the measures of all plans together.
    """
    return f"{first}{_invoiced(whole, days)}{_beyond(events, budget)}; {stops_said(of_plan(events, whole.plan))}."


def headline(first: str, whole: Measured, events: Sequence[Event], budget: int | None) -> str:
    """The answer in short, for the top of a chart."""
    return f"{first}{_invoiced(whole, 'in all')}{_beyond(events, budget)}"


def _invoiced(whole: Measured, days: str) -> str:
    total = whole.total("invoiced")
    said = middle(spread(total), len(total)).replace(" USD", f" USD invoiced {days}", 1)
    fees = spread(whole.total("seat_fees") + whole.total("seat_additions"))
    if not fees.p50 or fees.p10 != fees.p90:
        return said
    return f"{said}, {'all' if fees == spread(total) else usd(fees.p50)} of it for seats"


def _beyond(events: Sequence[Event], budget: int | None) -> str:
    if budget is None:
        return ""
    return f"; {budget_said(next(event for event in events if event.key == OVER_BUDGET), budget)}"


def of_plan(events: Sequence[Event], plan: str) -> list[Event]:
    """The events of one plan, or of all together."""
    return [event for event in events if event.plan == plan]


def budget_name(budget: int | None) -> str:
    """What a line for the budget is called."""
    return "" if budget is None else f"Budget: {usd(budget)} USD"


def months_alt(months: Sequence[date], band: Band, draws: int) -> str:
    """The fan of usage by month in a sentence, for those who cannot see it."""
    return (
        f"Fan chart of usage billed by month, {month_text(months[0])} to {month_text(months[-1])}, in {draws:,} draws,"
        f" US dollars: in the middle of the draws from {usd(min(band.p50))} to {usd(max(band.p50))} a month, P10 down"
        f" to {usd(min(band.p10))} and P90 up to {usd(max(band.p90))}."
    )


def so_far_alt(months: Sequence[date], band: Band, draws: int, event: Event | None, budget: int | None) -> str:
    """The fan of what is invoiced so far in a sentence, for those who cannot see it."""
    said = (
        f"Fan chart of what is invoiced up to each month's end, {month_text(months[0])} to {month_text(months[-1])}, in"
        f" {draws:,} draws, US dollars: in the end the middle of the draws is at {usd(band.p50[-1])}, P10 at"
        f" {usd(band.p10[-1])} and P90 at {usd(band.p90[-1])}"
    )
    if event is None or budget is None:
        return f"{said}."
    return f"{said}; a line for the budget of {usd(budget)}, exceeded {in_draws(event.draws, event.of_draws)}."
