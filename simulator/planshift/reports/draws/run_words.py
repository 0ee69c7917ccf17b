"""A simulation in many draws in words: the answer, and what its charts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from planshift.billing.calendar import month_text
from planshift.impact.spread import spread
from planshift.reports.charts.fan import Band
from planshift.reports.risk import OVER_BUDGET, Risk, budget_said, of_plan, stops_said
from planshift.reports.spread import Measured, fan_said
from planshift.reports.words import in_draws, middle, prose_usd

DOLLARS = "US dollars"


def answer(first: str, days: str, months: int, whole: Measured, events: Sequence[Risk], budget: int | None) -> str:
    """One sentence: what is invoiced, how far it is spread, whether a budget holds, and whether anything stops.

    ``first`` is what is said before, ``days`` when, over so many ``months``; ``whole`` are the measures of all plans
    together.
    """
    stops = stops_said(of_plan(events, whole.plan))
    return f"{first}{_invoiced(whole, days, months)}{_beyond(events, budget)}; {stops}."


def headline(first: str, months: int, whole: Measured, events: Sequence[Risk], budget: int | None) -> str:
    """The answer in short, for the top of a chart."""
    return f"{first}{_invoiced(whole, 'in all', months)}{_beyond(events, budget)}"


def _invoiced(whole: Measured, days: str, months: int) -> str:
    total = whole.total("invoiced")
    said = middle(spread(total), len(total), months).replace(" USD", f" USD invoiced {days}", 1)
    fees = spread(whole.total("seat_fees") + whole.total("seat_additions"))
    if not fees.p50 or fees.p10 != fees.p90:
        return said
    return f"{said}, {'all' if fees == spread(total) else prose_usd(fees.p50)} of it for seats"


def _beyond(events: Sequence[Risk], budget: int | None) -> str:
    if budget is None:
        return ""
    return f"; {budget_said(next(event for event in events if event.key == OVER_BUDGET), budget)}"


def months_alt(months: Sequence[date], band: Band, draws: int) -> str:
    """The fan of usage by month in a sentence, for those who cannot see it."""
    return (
        f"Fan chart of usage billed by month, {month_text(months[0])} to {month_text(months[-1])}, in {draws:,} draws,"
        f" US dollars: {fan_said(band)}."
    )


def so_far_alt(months: Sequence[date], band: Band, draws: int, event: Risk | None, budget: int | None) -> str:
    """The fan of what is invoiced so far in a sentence, for those who cannot see it."""
    said = (
        f"Fan chart of what is invoiced up to each month's end, {month_text(months[0])} to {month_text(months[-1])}, in"
        f" {draws:,} draws, US dollars: in the end the median of the draws is at {prose_usd(band.p50[-1])}, P10 at"
        f" {prose_usd(band.p10[-1])} and P90 at {prose_usd(band.p90[-1])}"
    )
    if event is None or budget is None:
        return f"{said}."
    return f"{said}; a line for the budget of {prose_usd(budget)}, exceeded {in_draws(event.draws, event.of_draws)}."
