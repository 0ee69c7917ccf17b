"""A renewal in many draws as people get it: one sentence, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.scenario import Scenario
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.answer import answer as answers_to
from planshift.impact.drawn_renewal import DrawnRenewal, renew_draws
from planshift.impact.spread import spread
from planshift.reports.answers.tables import answer_values, what_if_option, with_answers
from planshift.reports.assumptions import Assumption, footnotes
from planshift.reports.charts.answers import Setting, answer_charts
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.renewal import drawn_charts
from planshift.reports.draws import renewal_words as words
from planshift.reports.draws.renewal_tables import EVERY_DRAW, IN_DETAIL, events, measured, renewal_values
from planshift.reports.options import DrawOptions
from planshift.reports.renewal.renewed import renewal_assumed
from planshift.reports.renewal.words import counterfactual_note, early_note, idle, idle_beside, said_first
from planshift.reports.result import Result, manifest
from planshift.reports.risk import Risk, risk_facts
from planshift.reports.spread import Measured
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_notes, draw_notes, spread_facts


@dataclass(frozen=True)
class RenewedDraws(Result):
    """A renewal in many draws, and what it was asked for: plan files, what-ifs laid on and set beside it, how many
    draws in detail, a budget."""

    renewal: DrawnRenewal
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    what_ifs: tuple[Path, ...] = ()
    asked: DrawOptions = DrawOptions()
    as_of: date | None = None

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.renewal.draws

    @cached_property
    def answer(self) -> str:
        """One sentence: the cost in the median of the draws, how far it is spread, in how many it is more."""
        return words.answer(self.renewal, self.events, self.asked.budget, lambda: self.answers.what_if)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is drawn, in detail, counterfactual, or an example."""
        return (*self.main_notes, *detail_notes(self.draws, self.asked.detail, IN_DETAIL))

    @cached_property
    def main_notes(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        renewal = self.renewal
        own = draw_notes(renewal.scenario, self.draws)
        own = (*own, *idle(renewal), *idle_beside(renewal, self.what_ifs))
        return (*own, counterfactual_note(renewal), *early_note(renewal, renewal.detail[0]), *renewal.notes)

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        return renewal_assumed(self.renewal.detail[0])

    @cached_property
    def events(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(events(self.renewal, self.asked.budget))

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """What is measured of each plan, in each draw."""
        return tuple(measured(self.renewal))

    @cached_property
    def answers(self) -> Answers:
        """From which usage on, for whom, what they can do, what to choose, when, and what if: over all draws."""
        scenario, asked = self.renewal.scenario, self.asked
        progress = asked.progress_of(scenario)
        return answers_to(scenario, what_if=self.what_ifs, as_of=self.as_of, jobs=asked.jobs, progress=progress)

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        drawn = renewal_values(self.renewal, self.asked.detail, self.asked.budget)
        found = [*drawn, *answer_values(self.answers)]
        return {table.name: (table, values) for table, values in found}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        renewal = self.renewal
        lines = footnotes(renewal.scenario.title, self.main_notes, self.assumed)
        setting = Setting(renewal.scenario.catalogue, renewal.old.plan, renewal.new.plan, said_first(renewal), lines)
        return {**drawn_charts(renewal, self.events, lines), **answer_charts(self.answers, setting)}

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        renewal, budget = self.renewal, self.asked.budget
        shown = [name for name in self.values if name not in IN_DETAIL and name not in EVERY_DRAW]
        return {
            "answer": self.answer,
            "title": renewal.scenario.title,
            "renewal": renewal.day.isoformat(),
            "months": renewal.months,
            "currency": renewal.new.plan.currency,
            "counterfactual": True,
            "overlays": [overlay.title for overlay in renewal.scenario.catalogue.overlays],
            "synthetic": True,
            "draws": self.draws,
            "seed": renewal.scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "old_plan_counterfactual": {"plan": renewal.old.plan.id, "cost": spread_facts(spread(renewal.old.cost))},
            "new_plan": {"plan": renewal.new.plan.id, "cost": spread_facts(spread(renewal.new.cost))},
            "change": spread_facts(spread(renewal.change)),
            "chances": risk_facts(self.events),
            "tables": {name: records(*self.values[name]) for name in shown},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        runs = [self.renewal.detail[0].run, self.renewal.detail[0].counterfactual]
        day = {"as_of": self.as_of} if self.as_of else {}
        options = {**day, **self.asked.options(self.renewal.scenario), **what_if_option(self.what_ifs)}
        made = manifest(["renew"], runs, self.path, self.plans, self.overlays, options)
        return {
            **with_answers(made, self.what_ifs),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def renewed_draws(
    scenario: Scenario,
    asked: DrawOptions,
    path: Path,
    plans: Path | None,
    overlays: tuple[Path, ...],
    what_ifs: tuple[Path, ...],
    as_of: date | None = None,
) -> RenewedDraws:
    """The renewal of a scenario's contract in all of its draws; see `planshift.renew`."""
    progress = asked.progress_of(scenario)
    # At least one draw is always kept whole: what is assumed and what was negotiated are read from it.
    drawn = renew_draws(scenario, detail=max(1, asked.detail), jobs=asked.jobs, progress=progress)
    return RenewedDraws(drawn, path, plans, overlays, what_ifs, asked, as_of)
