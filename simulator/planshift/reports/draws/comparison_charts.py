"""The charts of a comparison in many draws: how far each plan's cost is spread, and its months as fans."""

from __future__ import annotations

from collections.abc import Sequence

from planshift.impact.drawn_comparison import DrawnComparison, OnPlanDrawn
from planshift.impact.spread import spread
from planshift.reports.assumptions import part_months
from planshift.reports.charts.fan_panels import FanPanels
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.plan_spreads import PlanSpread, PlanSpreads
from planshift.reports.comparison.words import marked_names
from planshift.reports.draws import comparison_words as words
from planshift.reports.risk import Risk, budget_name
from planshift.reports.spread import BAND, band, percentiles


def comparison_charts(
    comparison: DrawnComparison, events: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]
) -> dict[str, Chart]:
    """Every chart, by the name of its file without ``.png``."""
    return {
        "costs": _costs(comparison, events, budget, footnotes),
        "months": _months(comparison, footnotes),
    }


def _costs(
    comparison: DrawnComparison, events: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]
) -> PlanSpreads:
    """A bar a plan: from P10 to P90 of its cost."""
    return PlanSpreads(
        title=words.headline(comparison, events),
        footnotes=footnotes,
        alt=words.costs_alt(comparison, events),
        unit=words.DOLLARS,
        plans=tuple(
            _bar(name, plan, words.caption(plan, events, comparison.draws))
            for name, plan in zip(marked_names(comparison), comparison.plans, strict=True)
        ),
        budget=budget,
        budget_name=budget_name(budget),
    )


def _bar(name: str, plan: OnPlanDrawn, caption: str) -> PlanSpread:
    cost, flag = plan.outcome.cost, plan.outcome.counterfactual
    p10, p25, p50, p75, p90 = map(int, percentiles(cost, BAND))
    return PlanSpread(name, p10, p25, p50, p75, p90, spread(cost).mean, caption, flag)


def _months(comparison: DrawnComparison, footnotes: tuple[str, ...]) -> FanPanels:
    """A fan a plan over the months."""
    bands = tuple(
        band(name, plan.outcome.month_cost)
        for name, plan in zip(marked_names(comparison), comparison.plans, strict=True)
    )
    return FanPanels(
        title=words.months_title(comparison),
        footnotes=(*footnotes, part_months(comparison.first, comparison.end), words.left_out(comparison)),
        alt=words.months_alt(comparison, bands),
        unit=words.DOLLARS,
        months=comparison.plans[0].outcome.months,
        bands=bands,
    )
