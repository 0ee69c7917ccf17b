"""A simulation as people get it: one sentence with the answer, tables, plain data, pictures and a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from planshift.billing.ledger import AMOUNTS
from planshift.billing.money import cents_text, nano_text
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run, simulate_draws
from planshift.impact.spread import means, spread
from planshift.problems import InputError
from planshift.reports.assumptions import footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.kinds import fan, fan_key
from planshift.reports.options import DrawOptions, SimulateOptions, taking
from planshift.reports.result import Result, manifest
from planshift.reports.risk import CHANCES, OVER_BUDGET, Risk, budget_name, risk_facts
from planshift.reports.run_tables import LEDGER_TABLES, MONTHS, STANDING, draws_of
from planshift.reports.simulation import words
from planshift.reports.simulation.measures import DRAWS, measured, parts, risks
from planshift.reports.spread import SUMMARY, Measured, band
from planshift.reports.table import Table, Values, records
from planshift.reports.words import detail_notes, draw_notes, spread_facts

SIMULATED_TABLES: Final = (SUMMARY, CHANCES, DRAWS)
"""The tables that there are only where usage is simulated at random: what is measured has nothing to spread."""

SIMULATION_TABLES: Final = (*LEDGER_TABLES, MONTHS, *SIMULATED_TABLES)
"""The tables of a simulation."""


@dataclass(frozen=True)
class Simulation(Result):
    """A run of one scenario, in one draw or in many, and what it was asked for."""

    run: Run
    options: SimulateOptions

    @property
    def asked(self) -> DrawOptions:
        """What was asked of draws."""
        return self.options.drawn

    @property
    def as_of(self) -> date | None:
        """The day after which the run stops, where one was asked for."""
        return self.options.as_of

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.run.totals.draws

    @property
    def synthetic(self) -> bool:
        """Is usage simulated at random, not measured?"""
        return self.run.scenario.seed is not None

    @cached_property
    def answer(self) -> str:
        """One sentence: what is invoiced, what for, and what was stopped; or where things stand, with ``as_of``."""
        if self.as_of:
            return words.standing(self.run, self.as_of)
        return words.answer(self.run, self.whole, self.risks, self.asked.budget)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What to know before relying on the numbers: that usage is drawn, what is in detail, and every warning."""
        listed = detail_notes(self.draws, self.asked.detail, [table.name for table in LEDGER_TABLES])
        return tuple(dict.fromkeys((*self.main_warnings, *listed)))

    @cached_property
    def main_warnings(self) -> tuple[str, ...]:
        """The same without what tells of files; charts say these."""
        return (*draw_notes(self.run.scenario, self.draws), *words.idle(self.run), *self.run.warnings)

    @cached_property
    def whole(self) -> Measured:
        """What is measured of all plans together."""
        return measured(parts(self.run)[0])

    @cached_property
    def risks(self) -> tuple[Risk, ...]:
        """What may happen, with its months and draws."""
        return tuple(risks(self.run, self.asked.budget))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        return {table.name: (table, values) for table, values in self._values()}

    def _values(self) -> Iterator[tuple[Table, Values]]:
        first = draws_of(self.run.ledger, self.asked.detail if self.draws > 1 else 1)
        for table in LEDGER_TABLES:
            yield table, table.draws(first) if self.synthetic else table.values(first[0])
        yield MONTHS, MONTHS.values(self.run.totals, drawn=self.synthetic)
        if self.as_of:
            yield STANDING, STANDING.draws(first) if self.synthetic else STANDING.values(first[0])
        if self.synthetic:
            yield SUMMARY, SUMMARY.values([measured(part) for part in parts(self.run)])
            yield CHANCES, CHANCES.values(self.risks)
            yield DRAWS, DRAWS.values(self.run, drawn=True)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name, where several draws have a spread; `planshift.reports.charts.picture.png` draws one."""
        if self.draws == 1:
            return {}
        lines = footnotes(self.run.scenario.title, self.main_warnings, ())
        return {"months": self._months_chart(lines), "so_far": self._so_far_chart(lines)}

    def _months_chart(self, lines: tuple[str, ...]) -> Chart:
        """Usage as it is billed, in the months that have any day of the run."""
        used = self.whole.by_month("usage_billed")
        months = tuple(month for month in self.whole.months if month < self.run.totals.end)
        shown = band("Usage billed", used[: len(months)])
        return Chart(
            title=f"{self._marks}Usage billed, month by month",
            footnotes=(*lines, "Usage in the month in which it is used, from credits or in arrears, without seats."),
            alt=words.months_alt(months, shown, self.draws),
            panels=((fan(months, (shown,), words.DOLLARS),),),
            key=fan_key((shown,)),
        )

    def _so_far_chart(self, lines: tuple[str, ...]) -> Chart:
        """What is invoiced up to each month's end, seats included."""
        shown, budget = band("Invoiced", self.whole.by_month("invoiced_so_far")), self.asked.budget
        risk = next((risk for risk in self.risks if risk.key == OVER_BUDGET), None)
        return Chart(
            title=words.headline(self._marks, self.run, self.whole, self.risks, budget),
            footnotes=lines,
            alt=words.so_far_alt(self.whole.months, shown, self.draws, risk, budget),
            panels=((fan(self.whole.months, (shown,), words.DOLLARS, budget, ends=True),),),
            key=fan_key((shown,), budget, budget_name(budget)),
        )

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact.

        ``invoiced`` and ``usage`` are means over the draws, of one draw its amounts; months, alerts and stops are those
        of the draws in detail.
        """
        totals, scenario, budget = self.run.totals, self.run.scenario, self.asked.budget
        charged = {name: sum(totals.charges[key].sum(axis=0) for key in keys) for name, keys in words.CHARGES.items()}
        charged["total"] = totals.invoiced.sum(axis=0)
        used = {name: totals.amount(name).sum(axis=0) for name in AMOUNTS}
        used["blocked"] = totals.blocked.sum(axis=0)
        facts: dict[str, object] = {
            "answer": self.answer,
            "title": scenario.title,
            "from": totals.start.isoformat(),
            "to": words.last_day(self.run.ledger).isoformat(),
            "currency": scenario.contract.plan.currency,
            "counterfactual": any(totals.counterfactual),
            "overlays": [overlay.title for overlay in scenario.catalogue.overlays],
            "synthetic": self.synthetic,
            "draws": self.draws,
            "seed": scenario.seed,
            "detail": self.asked.detail,
            "budget": None if budget is None else cents_text(budget),
            "invoiced": {name: cents_text(int(means(cents))) for name, cents in charged.items()},
            "usage": {name: nano_text(int(means(nanos))) for name, nanos in used.items()},
            "totals": {
                one.key: spread_facts(spread(one.total)) for one in self.whole.measures if one.total is not None
            },
            "chances": risk_facts(self.risks),
            "months": records(*self.values["months"])[: max(1, self.asked.detail) * len(totals.spans)],
            **{name: records(*self.values[name]) for name in ("alerts", "stops")},
            "tables": {name: records(*self.values[name]) for name in ("summary", "chances") if name in self.values},
            "warnings": list(self.warnings),
            "pictures": self.pictures,
        }
        if self.as_of:
            facts["as_of"] = self.as_of.isoformat()
            facts["standing"] = records(*self.values["standing"])
        return facts

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of the run."""
        asked, given = self.options, self.options.given(self.run.scenario)
        said = manifest(["simulate"], [self.run], asked.path, asked.plans_folder, asked.overlay_files, given)
        pictures = {"pictures": self.pictures} if self.pictures else {}
        return {**said, "warnings": list(self.warnings), **pictures}

    @property
    def _marks(self) -> str:
        """What a chart says first: what-ifs, and that it is no real bill; its title stands below it."""
        return words.first(self.run).removesuffix(f"{self.run.scenario.title}: ")


def simulation(options: SimulateOptions) -> Simulation:
    """The bills of a scenario's file, over its horizon or up to the end of the day ``as_of``.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order.
    ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; the first ``detail`` of the
    draws are listed one by one, all are held against ``budget`` (US dollars) and made by so many processes (``jobs``).
    Raises InputError with every mistake found.
    """
    scenario, as_of = options.read(), options.as_of
    if as_of:
        check_as_of(scenario, as_of)
    run = simulate_draws(
        scenario,
        until=as_of + timedelta(days=1) if as_of else None,
        # At least one draw is always kept whole: the phases of the contract are read from it.
        detail=max(1, options.drawn.detail),
        jobs=options.jobs,
        progress=options.drawn.progress_of(scenario),
    )
    return Simulation(run, options)


simulate = taking(SimulateOptions, "simulate")(simulation)


def check_as_of(scenario: Scenario, as_of: date) -> None:
    """Nothing where a run can stop after a day; InputError where that lies outside the horizon, or there are many
    draws."""
    if scenario.draws > 1:
        fact = f"where things stand on a day is shown of one draw, and there are {scenario.draws:,}"
        raise InputError.at("--as-of", fact, "add --draws 1, or leave --as-of out")
    if not scenario.start <= as_of < scenario.end:
        fact = f"{as_of} is outside the horizon ({scenario.start} to {scenario.end - timedelta(days=1)})"
        raise InputError.at("--as-of", fact, "name a day inside it")
