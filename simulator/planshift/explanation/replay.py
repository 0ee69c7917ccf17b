"""A run looked at again: what became of each of its days, and what it would be under another catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from planshift.billing.calendar import DAY, next_month
from planshift.billing.charges import Charge, InvoiceLine
from planshift.billing.ledger import Ledger, Phase
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import Run, simulate
from planshift.explanation.words import Words
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.usage.measure import Carried


@dataclass(frozen=True)
class Replay:
    """A run and what it was made with.

    ``shown``: the days whose invoices are asked about, up to, not including, the second; None for all. ``table`` is
    the file that has a row for each member's month, if there is one. ``options``: how to ask for this run of a folder
    that has several, and ``imagined`` whether it is a counterfactual, where the ledger does not say. The run's ledger
    has its days. ``words``: the language that it is explained in.
    """

    run: Run
    counterfactual: bool = False
    carried: Carried | None = None
    shown: tuple[date, date] | None = None
    table: str = "members.csv"
    options: tuple[str, ...] = ()
    imagined: bool | None = None
    words: Words = Words()

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
        """Every charge of the first draw that is asked about, in the order in which things happened."""
        return tuple(one for charge in self.ledger.charges if self._shows(charge) for one in charge.of(0))

    def lines(self) -> Iterator[tuple[InvoiceLine, Charge]]:
        """Every invoice line with the charge that makes it, in the order in which things happened."""
        return ((line, charge) for charge in self.charges for line in charge.lines())

    def lines_of(self, ledger: Ledger, day: date | None = None) -> list[InvoiceLine]:
        """The same lines of the run under other choices, or those of a day."""
        charges = (charge for charge in ledger.charges if self._shows(charge) and day in (None, charge.day))
        return [line for charge in charges for one in charge.of(0) for line in one.lines()]

    def _shows(self, charge: Charge) -> bool:
        first, end = self.shown or (date.min, date.max)
        return first <= charge.day < end

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

    def left_on(self, day: date) -> tuple[int, int]:
        """Credits left at the end of a day, and those gone unused by then; none before the first day (Rulebook H2)."""
        if day < self.ledger.start:
            return 0, 0
        end = self.ledger.days[day]
        return int(end.balance[0]), int(end.expired[0])

    def used_on(self, day: date) -> Nanos:
        """What became of usage on a day, shape (len(AMOUNTS), members)."""
        amounts: Nanos = self.ledger.days[day].usage[:, 0]
        return amounts

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
