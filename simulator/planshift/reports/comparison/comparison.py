"""A comparison as people get it: one sentence with the answer, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from planshift.billing.money import cents_text
from planshift.billing.simulation import Run
from planshift.impact.compare import Comparison
from planshift.impact.compare import compare as comparison_of
from planshift.reports.assumptions import Assumption, assumptions, footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.comparison import comparison_charts
from planshift.reports.comparison import words
from planshift.reports.comparison.tables import COMPARISON_TABLES, MEMBER_CHANCES, invoices, measured, risks
from planshift.reports.options import CompareOptions, DrawOptions, taking
from planshift.reports.result import Result, manifest
from planshift.reports.risk import CHANCES, Risk, risk_facts
from planshift.reports.run_tables import INVOICES
from planshift.reports.spread import PLAN_DRAWS, SUMMARY, Measured
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_notes, draw_notes

COMPARED_DRAWS = (SUMMARY, CHANCES, MEMBER_CHANCES, PLAN_DRAWS)
"""The tables that there are only where usage is simulated at random: what is measured has nothing to spread."""

_LONG = (INVOICES.name, PLAN_DRAWS.name)
"""The tables that plain data leaves out."""


@dataclass(frozen=True)
class ComparisonResult(Result):
    """A comparison, in one draw or in many, and what it was asked for."""

    comparison: Comparison
    options: CompareOptions

    @property
    def asked(self) -> DrawOptions:
        """What was asked of draws."""
        return self.options.drawn

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.comparison.draws

    @cached_property
    def answer(self) -> str:
        """One sentence: which plan costs least, by how much, and what cannot be done on each."""
        return words.answer(self.comparison, self.risks, self.asked.budget)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is drawn, in detail, counterfactual, or an example."""
        return (*self.main_notes, *detail_notes(self.draws, self.asked.detail, [INVOICES.name]))

    @cached_property
    def main_notes(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        comparison = self.comparison
        own = draw_notes(comparison.scenario, self.draws)
        return (*own, *words.idle(comparison), *words.counterfactual_notes(comparison), *comparison.notes)

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        catalogue = self.comparison.scenario.catalogue
        found = [
            value
            for plan in self.comparison.plans
            for value in assumptions(plan.ledger.phases[0], plan.ledger.lines(), catalogue)
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def risks(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(risks(self.comparison, self.asked.budget))

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """What is measured of each plan, in each draw."""
        return tuple(measured(self.comparison))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        return {table.name: (table, values) for table, values in self._values()}

    def _values(self) -> Iterator[tuple[Table, Values]]:
        comparison = self.comparison
        for table in COMPARISON_TABLES:
            if table is not INVOICES:
                yield table, table.values(comparison, drawn=self.comparison.synthetic)
        listed = range(min(self.asked.detail, comparison.plans[0].ledger.draws) if self.draws > 1 else 1)
        drawn = [invoices(comparison, draw) for draw in listed]
        yield INVOICES, INVOICES.of_draws(drawn) if self.comparison.synthetic else drawn[0]
        if self.comparison.synthetic:
            yield SUMMARY, SUMMARY.values(self.measured)
            yield CHANCES, CHANCES.values(self.risks)
            yield MEMBER_CHANCES, MEMBER_CHANCES.values(comparison)
            yield PLAN_DRAWS, PLAN_DRAWS.values([plan.outcome for plan in comparison.plans], drawn=True)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        lines = footnotes(self.comparison.scenario.title, self.main_notes, self.assumed)
        return comparison_charts(self.comparison, self.risks, self.asked.budget, lines)

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact. Months are those of the
        draws in detail."""
        comparison, budget = self.comparison, self.asked.budget
        tables = {name: records(*found) for name, found in self.values.items() if name not in _LONG}
        listed = max(1, self.asked.detail) * len(comparison.plans) * len(comparison.plans[0].outcome.months)
        return {
            "answer": self.answer,
            "title": comparison.scenario.title,
            "from": comparison.first.isoformat(),
            "months": comparison.scenario.months,
            "currency": comparison.plans[0].outcome.plan.currency,
            "counterfactual": any(plan.outcome.counterfactual for plan in comparison.plans),
            "overlays": [overlay.title for overlay in comparison.scenario.catalogue.overlays],
            "synthetic": self.comparison.synthetic,
            "draws": self.draws,
            "seed": comparison.scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "plans": [plan.outcome.plan.id for plan in comparison.plans],
            "cheapest": comparison.plans[comparison.best].outcome.plan.id,
            "chances": risk_facts(self.risks),
            "tables": {**tables, "months": tables["months"][:listed]},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        comparison, options = self.comparison, self.options
        runs = [Run(comparison.scenario, plan.ledger, comparison.measured, ()) for plan in comparison.plans]
        compared = [plan.outcome.plan.id for plan in comparison.plans]
        given = options.given(comparison.scenario)
        files = options.path, options.plans_folder, options.overlay_files
        return {
            **manifest(["compare"], runs, *files, given, compared=compared),
            "counterfactual": any(plan.outcome.counterfactual for plan in comparison.plans),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def comparison(options: CompareOptions) -> ComparisonResult:
    """The same demand through several plans side by side, the others held against the first.

    ``plan_ids`` are two plans or more, ``plans`` a folder of plan files that go before the shipped ones, ``overlays``
    what-ifs, laid on in order. ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; the
    first ``detail`` of the draws are listed one by one, all are held against ``budget`` (US dollars) and made by so
    many processes (``jobs``). Raises InputError with every mistake found, and where it is not clear what the customer
    would have on a plan.
    """
    scenario, drawn = options.read(), options.drawn
    found = comparison_of(
        scenario,
        tuple(options.plan_ids),
        # At least one draw is always kept whole: what is assumed is read from it.
        detail=max(1, drawn.detail),
        jobs=drawn.jobs,
        progress=drawn.progress_of(scenario),
    )
    return ComparisonResult(found, options)


compare = taking(CompareOptions, "compare")(comparison)
