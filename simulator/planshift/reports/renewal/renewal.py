"""A renewal as people get it: one sentence with the answer, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from planshift.billing.money import cents_text
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.answer import answer as answers_to
from planshift.impact.answers.levels import shipped_levels
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import Renewal
from planshift.impact.renewal import renew as renewal_of
from planshift.impact.spread import means, spread
from planshift.plans.files import folder
from planshift.reports.answers.tables import answer_values, with_answers
from planshift.reports.assumptions import CREDIT_FOR_THE_OLD_TERM, Assumption, assumptions, footnotes
from planshift.reports.charts.answers import Setting, answer_charts
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.renewal import renewal_charts
from planshift.reports.options import DrawOptions, RenewOptions, taking
from planshift.reports.renewal import words
from planshift.reports.renewal.member_tables import MEMBER_CHANCES, TEAMS
from planshift.reports.renewal.tables import (
    COUNTERFACTUAL_INVOICES,
    DATED_TABLES,
    RENEWAL_MONTHS,
    RENEWAL_TABLES,
    dated_values,
    measured,
    risks,
)
from planshift.reports.result import Result, manifest
from planshift.reports.risk import CHANCES, Risk, risk_facts
from planshift.reports.run_tables import INVOICES
from planshift.reports.spread import PLAN_DRAWS, SUMMARY, Measured
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_notes, draw_notes, spread_facts, tenths

DEMO = "renewal_demo.yaml"
"""The shipped scenario that `planshift demo` renews."""

LISTED = tuple(table.name for table, _ in DATED_TABLES)
"""The tables that hold the first draws alone."""
EVERY_DRAW = (RENEWAL_MONTHS.name, PLAN_DRAWS.name)
"""The tables that hold each draw, and are long."""
RENEWED_DRAWS = (SUMMARY, CHANCES, MEMBER_CHANCES, PLAN_DRAWS)
"""The tables that there are only where usage is simulated at random: what is measured has nothing to spread."""


@dataclass(frozen=True)
class RenewalResult(Result):
    """A renewal, in one draw or in many, and what it was asked for."""

    renewal: Renewal
    options: RenewOptions
    is_demo: bool = False

    @property
    def asked(self) -> DrawOptions:
        """What was asked of draws."""
        return self.options.drawn

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.renewal.draws

    @cached_property
    def answer(self) -> str:
        """What the months after the renewal cost, how far that is spread, and how much more or less it is."""
        return words.answer(self.renewal, self.risks, self.asked.budget, lambda: self.answers.what_if)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is drawn, in detail, counterfactual, or an example."""
        return (*self.main_notes, *detail_notes(self.draws, self.asked.detail, LISTED))

    @cached_property
    def main_notes(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        renewal = self.renewal
        beside = words.idle_beside(renewal, self.options.beside)
        return (*draw_notes(renewal.scenario, self.draws), *beside, *words.notes(renewal))

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        return renewal_assumed(self.renewal)

    @cached_property
    def risks(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(risks(self.renewal, self.asked.budget))

    @cached_property
    def measured(self) -> tuple[Measured, ...]:
        """What is measured of each plan, in each draw."""
        return measured(self.renewal)

    @cached_property
    def answers(self) -> Answers:
        """From which usage on, for whom, what they can do, what to choose, when, and what if: over all draws."""
        scenario, asked, options = self.renewal.scenario, self.asked, self.options
        progress = asked.progress_of(scenario)
        return answers_to(scenario, what_if=options.beside, as_of=options.as_of, jobs=asked.jobs, progress=progress)

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        answers = {table.name: (table, values) for table, values in answer_values(self.answers)}
        return {**self.own_values, **answers}

    @cached_property
    def own_values(self) -> dict[str, tuple[Table, Values]]:
        """The same without those of the answers."""
        return {table.name: (table, values) for table, values in self._values()}

    def _values(self) -> Iterator[tuple[Table, Values]]:
        renewal, drawn = self.renewal, self.renewal.synthetic
        for table in RENEWAL_TABLES:
            if table is not TEAMS or renewal.scenario.teams:
                yield table, table.values(renewal, drawn=drawn)
        for table, column in DATED_TABLES:
            yield table, dated_values(table, column, renewal, self.asked.detail)
        if drawn:
            yield SUMMARY, SUMMARY.values(self.measured)
            yield CHANCES, CHANCES.values(self.risks)
            yield MEMBER_CHANCES, MEMBER_CHANCES.values(renewal)
            yield PLAN_DRAWS, PLAN_DRAWS.values([renewal.old, renewal.new], drawn=True)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        renewal = self.renewal
        lines = footnotes(renewal.scenario.title, self.main_notes, self.assumed)
        catalogue, first = renewal.scenario.catalogue, words.said_first(renewal)
        setting = Setting(catalogue, renewal.old.plan, renewal.new.plan, first, lines)
        return {**renewal_charts(renewal, self.risks, lines), **answer_charts(self.answers, setting)}

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact, of many draws the
        means. Months are those of the draws in detail."""
        renewal, budget = self.renewal, self.asked.budget
        old, change = int(means(renewal.old.cost)), int(means(renewal.new.cost)) - int(means(renewal.old.cost))
        before = renewal.whole_year_before
        left_out = {INVOICES.name, COUNTERFACTUAL_INVOICES.name, PLAN_DRAWS.name}
        tables = {name: records(*found) for name, found in self.values.items() if name not in left_out}
        listed = max(1, self.asked.detail) * len(renewal.new.months)
        return {
            "answer": self.answer,
            "title": renewal.scenario.title,
            "renewal": renewal.day.isoformat(),
            "months": renewal.months,
            "currency": renewal.new.plan.currency,
            "counterfactual": True,
            "overlays": [overlay.title for overlay in renewal.scenario.catalogue.overlays],
            "synthetic": renewal.synthetic,
            "draws": self.draws,
            "seed": renewal.scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "old_plan_counterfactual": self._year_facts(renewal.old),
            "new_plan": self._year_facts(renewal.new),
            "change": cents_text(change),
            "change_percent": tenths(Fraction(change, old) * 100) if old else None,
            **({"change_spread": spread_facts(spread(renewal.change))} if renewal.synthetic else {}),
            "year_before": cents_text(int(means(before.cost))) if before else None,
            "chances": risk_facts(self.risks),
            "tables": {**tables, "months": tables["months"][:listed]},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def _year_facts(self, year: Outcome) -> dict[str, object]:
        said: dict[str, object] = {"plan": year.plan.id, "cost": cents_text(int(means(year.cost)))}
        return {**said, "spread": spread_facts(spread(year.cost))} if self.renewal.synthetic else said

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        renewal, options = self.renewal, self.options
        files = options.path, options.plans_folder, options.overlay_files
        runs = [renewal.run, renewal.counterfactual]
        made = manifest(["renew"], runs, *files, options.given(renewal.scenario))
        return {
            **with_answers(made, options.beside),
            **({"command": "planshift demo"} if self.is_demo else {}),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def renewal(options: RenewOptions) -> RenewalResult:
    """What a renewal changes: the term after it on the new plan, beside the same months had the old plan continued.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order;
    ``what_ifs`` are others, each set beside the renewal by itself; early moves are offered from the day ``as_of`` on,
    by default the day after the last usage. ``draws`` and ``seed`` go before those of a scenario whose usage is drawn
    at random; the first ``detail`` of the draws are listed one by one, all are held against ``budget`` (US dollars) and
    made by so many processes (``jobs``). ``page``: it is for a page, which rests on many draws of drawn usage where
    nobody says how many (``page_draws`` of reports/answers.yaml). Raises InputError with every mistake found, and where
    the plan renews on itself.
    """
    scenario = options.read()
    if options.page and options.draws is None and scenario.seed is not None and not scenario.says_draws:
        scenario = scenario.with_draws(shipped_levels().page_draws, None)
    # At least one draw is always kept whole: what is assumed and what was negotiated are read from it.
    drawn, progress = options.drawn, options.drawn.progress_of(scenario)
    found = renewal_of(scenario, detail=max(1, drawn.detail), jobs=drawn.jobs, progress=progress)
    return RenewalResult(found, options)


renew = taking(RenewOptions, "renew")(renewal)


def demo() -> RenewalResult:
    """The renewal of the shipped scenario."""
    return replace(renew(folder("scenarios") / DEMO), is_demo=True)


def renewal_assumed(renewal: Renewal) -> tuple[Assumption, ...]:
    """The values behind a renewal that nobody has published."""
    lines = [line for line in renewal.run.ledger.lines() if line.day >= renewal.day]
    also = [CREDIT_FOR_THE_OLD_TERM] if words.credit_is_assumed(renewal) else []
    catalogue = renewal.scenario.catalogue
    old, new = (run.ledger.phase(renewal.day) for run in (renewal.counterfactual, renewal.run))
    found = (*assumptions(old, lines, catalogue, also), *assumptions(new, lines, catalogue))
    return tuple(dict.fromkeys(found))
