"""A comparison in many draws as people get it: one sentence, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run
from planshift.impact.drawn_comparison import DrawnComparison, compare_draws
from planshift.reports.assumptions import Assumption, footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.comparison import drawn_charts
from planshift.reports.comparison.compared import comparison_assumed
from planshift.reports.comparison.words import counterfactual_notes, idle
from planshift.reports.draws import comparison_words as words
from planshift.reports.draws.comparison_tables import IN_DETAIL, comparison_values, events, measured
from planshift.reports.options import DrawOptions
from planshift.reports.result import Result, manifest
from planshift.reports.risk import Risk, risk_facts
from planshift.reports.spread import Measured
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_notes, draw_notes


@dataclass(frozen=True)
class ComparedDraws(Result):
    """A comparison in many draws, and what it was asked for: plan files, what-ifs, how many in detail, a budget."""

    comparison: DrawnComparison
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    asked: DrawOptions = DrawOptions()

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.comparison.draws

    @cached_property
    def answer(self) -> str:
        """One sentence: which plan is most often the cheapest, what it costs, how far that is spread."""
        return words.answer(self.comparison, self.events, self.asked.budget)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is drawn, in detail, counterfactual, or an example."""
        return (*self.main_notes, *detail_notes(self.draws, self.asked.detail, IN_DETAIL))

    @cached_property
    def main_notes(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        comparison = self.comparison
        own = draw_notes(comparison.scenario, self.draws)
        return (*own, *idle(comparison), *counterfactual_notes(comparison), *comparison.notes)

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        return comparison_assumed(self.comparison.detail[0])

    @cached_property
    def events(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(events(self.comparison, self.asked.budget))

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """What is measured of each plan, in each draw."""
        return tuple(measured(self.comparison))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        found = comparison_values(self.comparison, self.asked.detail, self.asked.budget)
        return {table.name: (table, values) for table, values in found}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        lines = footnotes(self.comparison.scenario.title, self.main_notes, self.assumed)
        return drawn_charts(self.comparison, self.events, self.asked.budget, lines)

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        comparison, budget = self.comparison, self.asked.budget
        best = comparison.plans[words.best_plan(comparison, self.events)]
        return {
            "answer": self.answer,
            "title": comparison.scenario.title,
            "from": comparison.first.isoformat(),
            "months": comparison.scenario.months,
            "currency": comparison.plans[0].outcome.plan.currency,
            "counterfactual": any(plan.outcome.counterfactual for plan in comparison.plans),
            "overlays": [overlay.title for overlay in comparison.scenario.catalogue.overlays],
            "synthetic": True,
            "draws": self.draws,
            "seed": comparison.scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "plans": [plan.outcome.plan.id for plan in comparison.plans],
            "most_often_cheapest": best.outcome.plan.id,
            "chances": risk_facts(self.events),
            "tables": {name: records(*self.values[name]) for name in ("summary", "chances", "members")},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        detail = self.comparison.detail[0]
        runs = [Run(detail.scenario, plan.ledger, detail.measured, ()) for plan in detail.plans]
        compared = [plan.outcome.plan.id for plan in self.comparison.plans]
        options = self.asked.options(self.comparison.scenario)
        return {
            **manifest(["compare"], runs, self.path, self.plans, self.overlays, options, compared=compared),
            "counterfactual": any(plan.outcome.counterfactual for plan in self.comparison.plans),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def compared_draws(
    scenario: Scenario,
    plan_ids: Sequence[str],
    asked: DrawOptions,
    path: Path,
    plans: Path | None,
    overlays: tuple[Path, ...],
) -> ComparedDraws:
    """The same draws through several plans side by side."""
    progress = asked.progress_of(scenario)
    # At least one draw is always kept whole: what is assumed and who has which seat are read from it.
    drawn = compare_draws(scenario, plan_ids, detail=max(1, asked.detail), jobs=asked.jobs, progress=progress)
    return ComparedDraws(drawn, path, plans, overlays, asked)
