"""A comparison as people get it: one sentence with the answer, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import Run
from planshift.impact.compare import Comparison
from planshift.impact.compare import compare as comparison_of
from planshift.plans.catalogue import load_catalogue
from planshift.reports.assumptions import Assumption, assumptions, footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.comparison import comparison_charts
from planshift.reports.comparison import words
from planshift.reports.comparison.tables import comparison_values
from planshift.reports.options import Dollars, DrawOptions, Progress, draw_options
from planshift.reports.result import Result, manifest
from planshift.reports.table import Table, Values, records
from planshift.reports.words import draw_notes

if TYPE_CHECKING:
    from planshift.reports.draws.compared import ComparedDraws


@dataclass(frozen=True)
class Compared(Result):
    """A comparison, and what it was asked for: the scenario's file, plan files, what-ifs."""

    comparison: Comparison
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    asked: DrawOptions = DrawOptions()

    @cached_property
    def answer(self) -> str:
        """One sentence: which plan costs least, by how much, and what cannot be done on each."""
        return words.answer(self.comparison)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is counterfactual, carried forward, or an example."""
        return (*draw_notes(self.comparison.scenario, 1), *words.notes(self.comparison))

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        return comparison_assumed(self.comparison)

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        return {table.name: (table, values) for table, values in comparison_values(self.comparison)}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        title = self.comparison.scenario.title
        return comparison_charts(self.comparison, footnotes(title, self.notes, self.assumed))

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        comparison = self.comparison
        return {
            "answer": self.answer,
            "title": comparison.scenario.title,
            "from": comparison.first.isoformat(),
            "months": comparison.scenario.months,
            "currency": comparison.plans[0].outcome.plan.currency,
            "counterfactual": any(plan.outcome.counterfactual for plan in comparison.plans),
            "overlays": [overlay.title for overlay in comparison.scenario.catalogue.overlays],
            "plans": [plan.outcome.plan.id for plan in comparison.plans],
            "cheapest": comparison.cheapest.outcome.plan.id,
            "tables": {name: records(*self.values[name]) for name in self.values if name != "invoices"},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        comparison = self.comparison
        runs = [Run(comparison.scenario, plan.ledger, comparison.measured, ()) for plan in comparison.plans]
        compared = [plan.outcome.plan.id for plan in comparison.plans]
        options = self.asked.options(comparison.scenario)
        return {
            **manifest(["compare"], runs, self.path, self.plans, self.overlays, options, compared=compared),
            "counterfactual": any(plan.outcome.counterfactual for plan in comparison.plans),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def compare(
    scenario: Path | str,
    plan_ids: Sequence[str],
    *,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    draws: int | None = None,
    seed: int | None = None,
    detail: int | None = None,
    budget: Dollars | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Compared | ComparedDraws:
    """The same demand through several plans side by side, the others held against the first.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order.
    ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; with many draws it is
    ComparedDraws that comes back, the first ``detail`` of them in detail, held against ``budget`` (US dollars), made by
    so many processes (``jobs``). Raises InputError with every mistake found, and where it is not clear what the
    customer would have on a plan.
    """
    asked = draw_options(draws, seed, detail, budget, jobs, progress)
    path, own = Path(scenario), Path(plans) if plans else None
    what_ifs = tuple(Path(overlay) for overlay in overlays)
    read = asked.of(read_scenario(path, load_catalogue(own, what_ifs)))
    if read.draws > 1:
        from planshift.reports.draws.compared import compared_draws

        return compared_draws(read, plan_ids, asked, path, own, what_ifs)
    return Compared(comparison_of(read, plan_ids), path, own, what_ifs, asked)


def comparison_assumed(comparison: Comparison) -> tuple[Assumption, ...]:
    """The values behind a comparison that nobody has published."""
    catalogue = comparison.scenario.catalogue
    found = [
        value
        for plan in comparison.plans
        for value in assumptions(plan.ledger.phases[0], plan.ledger.lines(), catalogue)
    ]
    return tuple(dict.fromkeys(found))
