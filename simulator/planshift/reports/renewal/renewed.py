"""A renewal as people get it: one sentence with the answer, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.ledger import Phase
from planshift.billing.money import cents_text
from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import Run
from planshift.impact.answers.answer import Answers
from planshift.impact.answers.answer import answer as answers_to
from planshift.impact.answers.levels import shipped_levels
from planshift.impact.renew import Renewal
from planshift.impact.renew import renew as renewal_of
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.reports.answers.tables import answer_values, what_if_option, with_answers
from planshift.reports.assumptions import CREDIT_FOR_THE_OLD_TERM, Assumption, assumptions, footnotes
from planshift.reports.charts.answers import Setting, answer_charts
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.renewal import renewal_charts
from planshift.reports.options import Dollars, DrawOptions, Progress, draw_options
from planshift.reports.renewal import words
from planshift.reports.renewal.tables import renewal_values
from planshift.reports.result import Result, manifest
from planshift.reports.table import Table, Values, records
from planshift.reports.words import draw_notes, tenths

if TYPE_CHECKING:
    from planshift.reports.draws.renewed import RenewedDraws

DEMO = "renewal_demo.yaml"
"""The shipped scenario that `planshift demo` renews."""


@dataclass(frozen=True)
class Renewed(Result):
    """A renewal, and what it was asked for: the scenario's file, plan files, what-ifs laid on and set beside it."""

    renewal: Renewal
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    what_ifs: tuple[Path, ...] = ()
    is_demo: bool = False
    asked: DrawOptions = DrawOptions()
    as_of: date | None = None

    @cached_property
    def answer(self) -> str:
        """One sentence: what the months after the renewal cost, and how much more or less that is."""
        return words.answer(self.renewal, lambda: self.answers.what_if)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: what is counterfactual, carried forward, or an example."""
        beside = words.idle_beside(self.renewal, self.what_ifs)
        return (*draw_notes(self.renewal.scenario, 1), *beside, *words.notes(self.renewal))

    @cached_property
    def assumed(self) -> tuple[Assumption, ...]:
        """The values behind the numbers that nobody has published."""
        return renewal_assumed(self.renewal)

    @cached_property
    def answers(self) -> Answers:
        """From which usage on, for whom, what they can do, what to choose, when, and what if."""
        scenario, asked = self.renewal.scenario, self.asked
        progress = asked.progress_of(scenario)
        return answers_to(scenario, what_if=self.what_ifs, as_of=self.as_of, jobs=asked.jobs, progress=progress)

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        found = [*renewal_values(self.renewal), *answer_values(self.answers)]
        return {table.name: (table, values) for table, values in found}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        renewal = self.renewal
        lines = footnotes(renewal.scenario.title, self.notes, self.assumed)
        catalogue, first = renewal.scenario.catalogue, words.said_first(renewal)
        setting = Setting(catalogue, renewal.old.plan, renewal.new.plan, first, lines)
        return {**renewal_charts(renewal, lines), **answer_charts(self.answers, setting)}

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        renewal = self.renewal
        before, old = renewal.whole_year_before, renewal.old.cost
        return {
            "answer": self.answer,
            "title": renewal.scenario.title,
            "renewal": renewal.day.isoformat(),
            "months": renewal.months,
            "currency": renewal.new.plan.currency,
            "counterfactual": True,
            "overlays": [overlay.title for overlay in renewal.scenario.catalogue.overlays],
            "old_plan_counterfactual": {"plan": renewal.old.plan.id, "cost": cents_text(old)},
            "new_plan": {"plan": renewal.new.plan.id, "cost": cents_text(renewal.new.cost)},
            "change": cents_text(renewal.change),
            "change_percent": tenths(Fraction(renewal.change, old) * 100) if old else None,
            "year_before": cents_text(before.cost) if before else None,
            "tables": {name: records(*self.values[name]) for name in self.values if "invoices" not in name},
            "notes": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""
        runs = [self.renewal.run, self.renewal.counterfactual]
        day = {"as_of": self.as_of} if self.as_of else {}
        options = {**day, **self.asked.options(self.renewal.scenario), **what_if_option(self.what_ifs)}
        made = manifest(["renew"], runs, self.path, self.plans, self.overlays, options)
        return {
            **with_answers(made, self.what_ifs),
            **({"command": "planshift demo"} if self.is_demo else {}),
            "warnings": list(self.notes),
            "assumed": [value.said for value in self.assumed],
            "pictures": self.pictures,
        }


def renew(
    scenario: Path | str,
    *,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    what_ifs: Iterable[Path | str] = (),
    as_of: date | None = None,
    draws: int | None = None,
    seed: int | None = None,
    detail: int | None = None,
    budget: Dollars | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    page: bool = False,
) -> Renewed | RenewedDraws:
    """What a renewal changes: the term after it on the new plan, beside the same months had the old plan continued.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order;
    ``what_ifs`` are others, each set beside the renewal by itself; early moves are offered from the day ``as_of`` on,
    by default the day after the last usage.
    ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; with many draws it is
    RenewedDraws that comes back, the first ``detail`` of them in detail, held against ``budget`` (US dollars), made by
    so many processes (``jobs``). ``page``: it is for a page, which rests on many draws of drawn usage where nobody says
    how many (``page_draws`` of reports/answers.yaml). Raises InputError with every mistake found, and where the plan
    renews on itself.
    """
    asked = draw_options(draws, seed, detail, budget, jobs, progress)
    path, own = Path(scenario), Path(plans) if plans else None
    laid = tuple(Path(overlay) for overlay in overlays)
    beside = tuple(Path(overlay) for overlay in what_ifs)
    written = read_scenario(path, load_catalogue(own, laid))
    if page and draws is None and written.seed is not None and not written.says_draws:
        asked = replace(asked, draws=shipped_levels().page_draws)
    read = asked.of(written)
    if read.draws > 1:
        from planshift.reports.draws.renewed import renewed_draws

        return renewed_draws(read, asked, path, own, laid, beside, as_of)
    return Renewed(renewal_of(read), path, own, laid, beside, asked=asked, as_of=as_of)


def demo() -> Renewed:
    """The renewal of the shipped scenario."""
    path = folder("scenarios") / DEMO
    return Renewed(renewal_of(read_scenario(path, load_catalogue())), path, is_demo=True)


def renewal_assumed(renewal: Renewal) -> tuple[Assumption, ...]:
    """The values behind a renewal that nobody has published."""
    lines = [line for line in renewal.run.ledger.lines() if line.day >= renewal.day]
    also = [CREDIT_FOR_THE_OLD_TERM] if words.credit_is_assumed(renewal) else []
    catalogue = renewal.scenario.catalogue
    found = (
        *assumptions(_phase(renewal.counterfactual, renewal), lines, catalogue, also),
        *assumptions(_phase(renewal.run, renewal), lines, catalogue),
    )
    return tuple(dict.fromkeys(found))


def _phase(run: Run, renewal: Renewal) -> Phase:
    return run.ledger.phase(renewal.day)
