"""A simulation in many draws as people get it: one sentence, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run, simulate_draws
from planshift.impact.spread import spread
from planshift.reports.assumptions import footnotes
from planshift.reports.charts.picture import Chart
from planshift.reports.draws import run_words as words
from planshift.reports.draws.run_charts import run_charts
from planshift.reports.draws.run_tables import IN_DETAIL, events, measured, parts, run_values
from planshift.reports.options import DrawOptions
from planshift.reports.result import Result, manifest
from planshift.reports.risk import Risk, risk_facts
from planshift.reports.simulated import idle, last_day, said_first
from planshift.reports.spread import Measured
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_note, draw_notes, spread_facts


@dataclass(frozen=True)
class SimulatedDraws(Result):
    """A scenario in many draws, and what it was asked for: plan files, what-ifs, how many draws in detail, a budget."""

    drawn: Run
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    asked: DrawOptions = DrawOptions()

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.drawn.totals.draws

    @cached_property
    def answer(self) -> str:
        """One sentence: what is invoiced in the median of the draws, how far it is spread, and what may happen."""
        ledger = self.drawn.ledger
        days = f"from {ledger.start} to {last_day(ledger)}"
        return words.answer(self._first, days, self.drawn.scenario.months, self.whole, self.events, self.asked.budget)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: that usage is drawn, what is in detail, and every warning."""
        return (*self.main_notes, detail_note(self.draws, self.asked.detail, IN_DETAIL))

    @cached_property
    def main_notes(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        return (*draw_notes(self.drawn.scenario, self.draws), *idle(self.drawn), *self.drawn.warnings)

    @cached_property
    def whole(self) -> Measured:
        """What is measured of all plans together."""
        return measured(parts(self.drawn)[0])

    @cached_property
    def events(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(events(self.drawn, self.asked.budget))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        found = run_values(self.drawn, self.asked.detail, self.asked.budget)
        return {table.name: (table, values) for table, values in found}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        lines = footnotes(self.drawn.scenario.title, self.main_notes, ())
        end = self.drawn.totals.end
        return run_charts(self._marks, end, self.whole, self.events, self.asked.budget, lines)

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        scenario, budget = self.drawn.scenario, self.asked.budget
        totals = {measure.key: measure.total for measure in self.whole.measures if measure.total is not None}
        return {
            "answer": self.answer,
            "title": scenario.title,
            "from": self.drawn.totals.start.isoformat(),
            "to": last_day(self.drawn.ledger).isoformat(),
            "currency": scenario.contract.plan.currency,
            "counterfactual": any(self.drawn.totals.counterfactual),
            "overlays": [overlay.title for overlay in scenario.catalogue.overlays],
            "synthetic": True,
            "draws": self.draws,
            "seed": scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "totals": {key: spread_facts(spread(total)) for key, total in totals.items()},
            "chances": risk_facts(self.events),
            "tables": {name: records(*self.values[name]) for name in ("summary", "chances")},
            "warnings": list(self.notes),
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        options = self.asked.options(self.drawn.scenario)
        return {
            **manifest(["simulate"], [self.drawn], self.path, self.plans, self.overlays, options),
            "warnings": list(self.notes),
            "pictures": self.pictures,
        }

    @property
    def _first(self) -> str:
        return said_first(self.drawn)

    @property
    def _marks(self) -> str:
        """What a chart says first: what-ifs, and that it is no real bill; its title stands below it."""
        return self._first.removesuffix(f"{self.drawn.scenario.title}: ")


def simulated_draws(
    scenario: Scenario, asked: DrawOptions, path: Path, plans: Path | None, overlays: tuple[Path, ...]
) -> SimulatedDraws:
    """The bills of a scenario in all of its draws."""
    progress = asked.progress_of(scenario)
    # At least one draw is always kept whole: the phases of the contract are read from it.
    drawn = simulate_draws(scenario, detail=max(1, asked.detail), jobs=asked.jobs, progress=progress)
    return SimulatedDraws(drawn, path, plans, overlays, asked)
