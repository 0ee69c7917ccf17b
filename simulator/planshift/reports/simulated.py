"""A simulation as people get it: one sentence with the answer, tables, plain data and a folder of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.ledger import AMOUNTS, BLOCKED, Ledger, MonthRow, Standing, Stop
from planshift.billing.money import UNLIMITED, cents_text, nano_text
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.simulation import Run
from planshift.billing.simulation import simulate as run_scenario
from planshift.billing.stops import ALLOWANCE_USED_UP, CREDITS_EXHAUSTED, MEMBER_LIMIT, ORGANIZATION_LIMIT
from planshift.impact.reach import Reads
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError
from planshift.reports.folder import MANIFEST, write_folder
from planshift.reports.options import Dollars, DrawOptions, Progress, draw_options
from planshift.reports.result import manifest
from planshift.reports.run_tables import ALERTS, MONTHS, RUN_TABLES, STANDING, STOPS, LedgerDraw, table_texts
from planshift.reports.table import csv_text, records
from planshift.reports.words import (
    listed,
    marks,
    one_draw_note,
    prose_usd,
    prose_usd_of,
    said_before,
    set_before,
    simulated,
    with_effect,
    without_effect,
)

if TYPE_CHECKING:
    import pandas as pd

    from planshift.reports.draws.simulated import SimulatedDraws

CHARGES: Mapping[str, tuple[str, ...]] = {
    "seats": ("seat_fees", "seat_additions"),
    "credits": ("credit_purchases",),
    "usage": ("usage_invoiced",),
}
"""What people ask for, and the columns of months.csv that make it up."""

CAUSES: Mapping[str, str] = {
    ALLOWANCE_USED_UP: "blocked_allowance",
    MEMBER_LIMIT: "blocked_member_limit",
    ORGANIZATION_LIMIT: "blocked_organization_limit",
    CREDITS_EXHAUSTED: "blocked_credits",
}
"""Why usage stops, and the amount that this blocks."""


@dataclass(frozen=True)
class Simulation:
    """A run of one scenario, and what it was asked for: plan files, what-ifs, and perhaps a day to stop after."""

    run: Run
    path: Path
    plans: Path | None = None
    overlays: tuple[Path, ...] = ()
    as_of: date | None = None
    asked: DrawOptions = DrawOptions()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before relying on the numbers; first of all, that usage is drawn at random, where it is."""
        return (*one_draw_note(self.run.scenario), *idle(self.run), *self.run.warnings)

    @cached_property
    def answer(self) -> str:
        """One sentence: what is invoiced, what for, and what was stopped; or where things stand, with ``as_of``."""
        said = self._standing_said() if self.as_of else invoiced_said(self.run.ledger, self.months)
        return said_first(self.run) + self._drawn + said

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables as DataFrames by name; money is exact, as Decimal (see `planshift.reports.table`)."""
        from planshift.reports.run_tables import frames
        from planshift.reports.table import frame

        found = frames(self.run.ledger)
        return {**found, "standing": frame(STANDING, STANDING.values(self._one))} if self.as_of else found

    @cached_property
    def months(self) -> list[MonthRow]:
        """The rows of months.csv."""
        return self.run.ledger.months()

    @cached_property
    def stops(self) -> list[Stop]:
        """The rows of stops.csv."""
        return self.run.ledger.stops()

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        ledger = self.run.ledger
        charged = {name: _sum(self.months, columns) for name, columns in CHARGES.items()}
        charged["total"] = sum(charged.values())
        used = {name: nano_text(ledger.total(name)) for name in AMOUNTS}
        facts = {
            "answer": self.answer,
            "title": self.run.scenario.title,
            "from": ledger.start.isoformat(),
            "to": last_day(ledger).isoformat(),
            "currency": self.run.scenario.contract.plan.currency,
            "counterfactual": ledger.counterfactual,
            "overlays": [overlay.title for overlay in self.run.scenario.catalogue.overlays],
            "invoiced": {name: cents_text(cents) for name, cents in charged.items()},
            "usage": {**used, "blocked": nano_text(sum(ledger.total(name) for name in BLOCKED))},
            "months": records(MONTHS, MONTHS.values(self._one)),
            "alerts": records(ALERTS, ALERTS.values(self._one)),
            "stops": records(STOPS, STOPS.values(self._one)),
            "warnings": list(self.warnings),
        }
        if self.as_of:
            facts["as_of"] = self.as_of.isoformat()
            facts["standing"] = records(STANDING, STANDING.values(self._one))
        return facts

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the run's folder holds."""
        names = [table.name for table in (*RUN_TABLES, *([STANDING] if self.as_of else []))]
        return (*(f"{name}.csv" for name in names), MANIFEST)

    def files(self) -> dict[str, str]:
        """The files of the run's folder by name, without its manifest."""
        files = table_texts(self.run.ledger)
        return {**files, "standing.csv": csv_text(STANDING, STANDING.values(self._one))} if self.as_of else files

    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of the run."""
        options = {**({"as_of": self.as_of} if self.as_of else {}), **self.asked.options(self.run.scenario)}
        said = manifest(["simulate"], [self.run], self.path, self.plans, self.overlays, options)
        return {**said, "warnings": list(dict.fromkeys(self.warnings))}

    def write(self, out: Path | str) -> Path:
        """The folder, written whole or not at all; raises OutputError where it cannot be (see `write_folder`)."""
        write_folder(Path(out), self.files(), self.manifest())
        return Path(out)

    @property
    def _one(self) -> LedgerDraw:
        return LedgerDraw(self.run.ledger)

    @property
    def _drawn(self) -> str:
        scenario = self.run.scenario
        return "" if scenario.seed is None else f"in {simulated(1, scenario.months)}, "

    def _standing_said(self) -> str:
        ledger = self.run.ledger
        state = ledger.standing
        spent = int(state.spent[0].sum())
        billed = f"{prose_usd_of(spent)} USD of usage billed from {_period_start(ledger)} to {self.as_of}"
        said = [billed, *_left_said(state, spent)]
        return f"{listed(said)}."


def simulate(
    scenario: Path | str,
    *,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    as_of: date | None = None,
    draws: int | None = None,
    seed: int | None = None,
    detail: int | None = None,
    budget: Dollars | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Simulation | SimulatedDraws:
    """The bills of a scenario's file, over its horizon or up to the end of the day ``as_of``.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order.
    ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; with many draws it is
    SimulatedDraws that comes back, the first ``detail`` of them in detail, held against ``budget`` (US dollars), made
    by so many processes (``jobs``). Raises InputError with every mistake found.
    """
    asked = draw_options(draws, seed, detail, budget, jobs, progress)
    path, own = Path(scenario), Path(plans) if plans else None
    what_ifs = tuple(Path(overlay) for overlay in overlays)
    read = asked.of(read_scenario(path, load_catalogue(own, what_ifs)))
    if as_of:
        check_as_of(read, as_of)
    if read.draws > 1:
        from planshift.reports.draws.simulated import simulated_draws

        return simulated_draws(read, asked, path, own, what_ifs)
    run = run_scenario(read, until=as_of + timedelta(days=1) if as_of else None)
    return Simulation(run, path, own, what_ifs, as_of, asked)


def check_as_of(scenario: Scenario, as_of: date) -> None:
    """Nothing where a run can stop after a day; InputError where that lies outside the horizon, or there are many
    draws."""
    if scenario.draws > 1:
        fact = f"where things stand on a day is shown of one draw, and there are {scenario.draws:,}"
        raise InputError.at("--as-of", fact, "add --draws 1, or leave --as-of out")
    if not scenario.start <= as_of < scenario.end:
        fact = f"{as_of} is outside the horizon ({scenario.start} to {scenario.end - timedelta(days=1)})"
        raise InputError.at("--as-of", fact, "name a day inside it")


def said_first(run: Run) -> str:
    """What a sentence about a run begins with: what-ifs without effect, that it is no real bill, where it is none, the
    other what-ifs, and the scenario's title."""
    titles = marks(with_effect(run.scenario.catalogue, lambda: reads(run)))
    before = set_before([*(["counterfactual"] if run.ledger.counterfactual else []), *titles])
    return f"{said_before(idle(run))}{before}{run.scenario.title}: "


def idle(run: Run) -> tuple[str, ...]:
    """A sentence for each what-if that has no effect on a run."""
    return without_effect(run.scenario.catalogue, lambda: reads(run))


def reads(run: Run) -> Reads:
    """What a run read of plans and prices."""
    return Reads.of(run.scenario, [run.ledger], run.measured)


def invoiced_said(ledger: Ledger, rows: Iterable[MonthRow]) -> str:
    """``14,870.00 USD invoiced from … to …, all of it for seats.``"""
    rows = list(rows)
    charged = {name: _sum(rows, columns) for name, columns in CHARGES.items()}
    parts = [(name, cents) for name, cents in charged.items() if cents]
    days = f"from {ledger.start} to {last_day(ledger)}"
    if not parts:
        said = f"nothing invoiced {days}"
    elif len(parts) == 1:
        said = f"{prose_usd(parts[0][1])} USD invoiced {days}, all of it for {parts[0][0]}"
    else:
        split = listed(f"{prose_usd(cents)} for {name}" for name, cents in parts)
        said = f"{prose_usd(sum(charged.values()))} USD invoiced {days}, {split}"
    return said + _stopped_said(ledger) + _lapsed_said(rows) + "."


def _stopped_said(ledger: Ledger) -> str:
    if not ledger.total("demand"):
        return ""
    blocked = {cause: ledger.total(column) for cause, column in CAUSES.items()}
    causes = [cause for cause, amount in blocked.items() if amount]
    if not causes:
        return "; no usage was stopped"
    return f"; usage worth {prose_usd_of(sum(blocked.values()))} USD was stopped ({', '.join(causes)})"


def _lapsed_said(rows: Iterable[MonthRow]) -> str:
    """What was paid for nothing; one draw's (Rulebook C3, C4)."""
    lapsed = sum(row.credits_lapsed for row in rows)
    return f"; {prose_usd_of(lapsed)} USD of credits lapsed unused" if lapsed else ""


def _left_said(state: Standing, spent: int) -> list[str]:
    found = []
    if state.organization_limit < UNLIMITED:
        found.append(f"{prose_usd_of(max(0, state.organization_limit - spent))} left of the organization's limit")
    if state.balance is not None:
        found.append(f"{prose_usd_of(int(state.balance[0]))} of credits left")
    return found


def _period_start(ledger: Ledger) -> date:
    """The first day of the usage period that a run ends in: a month's, the run's, or that of a new contract."""
    closings = [
        after.since
        for before, after in pairwise(ledger.phases)
        if (before.terms.plan.id, before.terms.channel) != (after.terms.plan.id, after.terms.channel)
    ]
    return max(ledger.start, (ledger.end - timedelta(days=1)).replace(day=1), *closings)


def last_day(ledger: Ledger) -> date:
    """The run's last day, or the day after, on which usage up to then was invoiced."""
    after = any(charge.day == ledger.end and not charge.nothing for charge in ledger.charges)
    return ledger.end if after else ledger.end - timedelta(days=1)


def _sum(rows: Iterable[MonthRow], columns: tuple[str, ...]) -> int:
    return sum(int(getattr(row, column)) for row in rows for column in columns)
