"""A run looked at again: where it stood on the evening of any day, and what it would be under another catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from planshift.billing.calendar import DAY, month_of, next_month
from planshift.billing.charges import Charge, InvoiceLine
from planshift.billing.ledger import AMOUNTS, Ledger, Phase
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import Run, simulate
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.usage.measure import Carried


@dataclass(frozen=True)
class Evening:
    """Where a run stands at the end of a day, in nano-dollars.

    ``amounts`` (len(AMOUNTS), members): of the day's month and plan, so far; ``balance``: credits left; ``expired``:
    credits that were gone unused since the run began.
    """

    amounts: Nanos
    balance: int
    expired: int


@dataclass(frozen=True)
class Replay:
    """A run and what it was made with.

    ``shown``: the days whose invoices are asked about, up to, not including, the second; None for all. ``table`` is
    the file that has a row for each member's month, if there is one. ``options``: how to ask for this run of a folder
    that has several, and ``imagined`` whether it is a counterfactual, where the ledger does not say. ``evenings`` keeps
    what was looked at.
    """

    run: Run
    counterfactual: bool = False
    carried: Carried | None = None
    shown: tuple[date, date] | None = None
    table: str = "members.csv"
    options: tuple[str, ...] = ()
    imagined: bool | None = None
    evenings: dict[date, Evening] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ledger(self) -> Ledger:
        """What the run found out."""
        return self.run.ledger

    @property
    def is_counterfactual(self) -> bool:
        """Is it a plan that could not be had (Rulebook P2)?"""
        return self.ledger.counterfactual if self.imagined is None else self.imagined

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Every plan that was in force, the contract's own first."""
        held = [self.run.scenario.contract.plan, *(phase.terms.plan for phase in self.ledger.phases)]
        return tuple({plan.id: plan for plan in held}.values())

    def phase(self, day: date) -> Phase:
        """What was in force on a day of the run."""
        return [phase for phase in self.ledger.phases if phase.since <= day][-1]

    @cached_property
    def charges(self) -> tuple[Charge, ...]:
        """Every charge of the first draw, in the order in which things happened."""
        return tuple(one for charge in self.ledger.charges for one in charge.of(0))

    def lines(self) -> Iterator[tuple[InvoiceLine, Charge]]:
        """Every invoice line with the charge that makes it, in the order in which things happened."""
        for charge in self.charges:
            for line in self._shown(charge.lines()):
                yield line, charge

    def lines_of(self, ledger: Ledger) -> list[InvoiceLine]:
        """The same lines of the run under other choices."""
        return list(self._shown(ledger.lines()))

    def _shown(self, lines: Iterable[InvoiceLine]) -> Iterator[InvoiceLine]:
        first, end = self.shown or (date.min, date.max)
        return (line for line in lines if first <= line.day < end)

    def spans(self) -> list[tuple[date, str]]:
        """Month and plan of every part of the run that is asked about, in order of time."""
        first, end = self.shown or (self.ledger.start, self.ledger.end)
        days = {key: self.days_of(*key) for key in self.ledger.usage}
        return sorted((key for key in days if days[key][0] < end and days[key][1] > first), key=days.__getitem__)

    def days_of(self, month: date, plan: str) -> tuple[date, date]:
        """The first day of a month on which a plan was in force, and the day after the last."""
        first, end = max(month, self.ledger.start), min(next_month(month), self.ledger.end)
        days = [first + timedelta(days=ahead) for ahead in range((end - first).days)]
        held = [day for day in days if self.phase(day).terms.plan.id == plan]
        return held[0], held[-1] + DAY

    def contract_start(self, day: date) -> date:
        """The day on which the contract in force on a day began, or the run's first, if that is later.

        A contract closes where the plan or the channel changes (Rulebook R1); then spend starts again.
        """
        begun, held = self.ledger.start, None
        for phase in self.ledger.phases:
            signed = phase.terms.plan.id, phase.terms.channel
            if phase.since <= day and held not in (None, signed):
                begun = phase.since
            if phase.since <= day:
                held = signed
        return begun

    def evening(self, day: date) -> Evening:
        """Where the run stood at the end of a day; nothing before its first (Rulebook H2)."""
        if day not in self.evenings:
            self.evenings[day] = self._evening(day)
        return self.evenings[day]

    def _evening(self, day: date) -> Evening:
        if day < self.ledger.start:
            return Evening(np.zeros((len(AMOUNTS), len(self.ledger.members)), dtype=np.int64), 0, 0)
        ledger = self._up_to(day + DAY)
        key = month_of(day), self.phase(day).terms.plan.id
        return Evening(ledger.usage[key][:, 0], int(ledger.balances[key][0]), int(ledger.expired[0]))

    def on_day(self, day: date) -> Nanos:
        """What became of usage on a single day, shape (len(AMOUNTS), members)."""
        today, before = self.evening(day), day - DAY
        new = day == self.ledger.start or day.day == 1
        if new or self.phase(before).terms.plan.id != self.phase(day).terms.plan.id:
            return today.amounts
        change: Nanos = today.amounts - self.evening(before).amounts
        return change

    def _up_to(self, end: date) -> Ledger:
        """The same run, ended earlier: what comes later changes nothing before."""
        if end >= self.ledger.end:
            return self.ledger
        demand = self.run.measured.demand.window(self.ledger.start, end)
        measured = replace(self.run.measured, demand=demand)
        return simulate(
            self.run.scenario, until=end, measured=measured, counterfactual=self.counterfactual, checked=True
        ).ledger

    def under(self, catalogue: Catalogue) -> Ledger:
        """The same run under another catalogue; InputError where that cannot be."""
        scenario = self.run.scenario
        plan = catalogue.plan(scenario.contract.plan.id)
        other = replace(scenario, catalogue=catalogue, contract=replace(scenario.contract, plan=plan))
        return simulate(
            other,
            until=self.ledger.end,
            measured=self.run.measured,
            counterfactual=self.counterfactual,
            checked=True,
        ).ledger
