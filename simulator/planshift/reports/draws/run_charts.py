"""The charts of a simulation in many draws: usage month by month, and what is invoiced so far, as fans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from planshift.reports.charts.fan import Fan
from planshift.reports.charts.picture import Chart
from planshift.reports.draws import run_words as words
from planshift.reports.risk import OVER_BUDGET, Risk, budget_name
from planshift.reports.spread import Measured, band


def run_charts(
    first: str, end: date, whole: Measured, events: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]
) -> dict[str, Chart]:
    """Every chart, by the name of its file without ``.png``; ``end``: the day after the last one simulated."""
    return {
        "months": _months(first, end, whole, footnotes),
        "so_far": _so_far(first, end, whole, events, budget, footnotes),
    }


def _months(first: str, end: date, whole: Measured, footnotes: tuple[str, ...]) -> Fan:
    """Usage as it is billed, in the months that have any day of the run."""
    used = whole.by_month("usage_billed")
    months = tuple(month for month in whole.months if month < end)
    shown = band("Usage billed", used[: len(months)])
    return Fan(
        title=f"{first}Usage billed, month by month",
        footnotes=(*footnotes, "Usage in the month in which it is used, from credits or in arrears, without seats."),
        alt=words.months_alt(months, shown, used.shape[1]),
        unit=words.DOLLARS,
        months=months,
        bands=(shown,),
    )


def _so_far(
    first: str, end: date, whole: Measured, events: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]
) -> Fan:
    """What is invoiced up to each month's end, seats included."""
    invoiced = whole.by_month("invoiced_so_far")
    shown = band("Invoiced", invoiced)
    event = next((event for event in events if event.key == OVER_BUDGET), None)
    return Fan(
        title=words.headline(first, sum(month < end for month in whole.months), whole, events, budget),
        footnotes=footnotes,
        alt=words.so_far_alt(whole.months, shown, invoiced.shape[1], event, budget),
        unit=words.DOLLARS,
        months=whole.months,
        bands=(shown,),
        budget=budget,
        budget_name=budget_name(budget),
        ends=True,
    )
