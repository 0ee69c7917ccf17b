"""A run looked at again: its charges, what became of each of its days, a member in a month, and other choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from planshift.billing.charges import Charge, InvoiceLine, UsageCharge
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger, Phase
from planshift.billing.meter import window_starts
from planshift.billing.schedule import DAY, month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import Run, simulate
from planshift.explanation.explanation import Words
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan, Sourced
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
        return self.ledger.phase(day)

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


@dataclass(frozen=True)
class Day:
    """One day: what was in force, and in nano-dollars what became of the member's and of everybody's usage."""

    day: date
    phase: Phase
    own: Nanos
    everybody: Nanos

    def amount(self, column: str) -> int:
        """One amount of the member's day."""
        return int(self.own[COLUMN[column]])

    def of_all(self, column: str) -> int:
        """The same amount of all members together."""
        return int(self.everybody[COLUMN[column]])

    @property
    def available(self) -> int:
        """What the member asked for of surfaces that their seat opens."""
        return self.amount("demand") - self.amount("unavailable")

    @property
    def begins_window(self) -> bool:
        """Does a window of included usage begin on it (Rulebook I1)?"""
        return self._begins_on(self.day)

    @property
    def ends_window(self) -> bool:
        """Does a window end with it?"""
        return self._begins_on(self.day + DAY)

    def _begins_on(self, day: date) -> bool:
        window = str(self.phase.terms.plan.value("included_usage.window", self.day))
        return window_starts(window, self.phase.term.start, day)


@dataclass(frozen=True)
class MemberMonth:
    """A row of members.csv: a member, a month and a plan that was in force in it."""

    replay: Replay
    member: str
    month: date
    plan_id: str

    @property
    def words(self) -> Words:
        """The language of its steps."""
        return self.replay.words

    @cached_property
    def index(self) -> int:
        """The member's index, in order of id."""
        return self.replay.ledger.members.index(self.member)

    @cached_property
    def span(self) -> tuple[date, date]:
        """The first day of the month under the plan, and the day after the last."""
        return self.replay.days_of(self.month, self.plan_id)

    def amount(self, column: str) -> int:
        """An amount of the row, nano-dollars."""
        return int(self.replay.ledger.usage[self.month, self.plan_id][COLUMN[column], 0, self.index])

    @property
    def discount(self) -> int:
        """What the discount takes off: demand = unavailable + included + discount + metered."""
        return self.amount("demand") - sum(self.amount(name) for name in ("unavailable", "included", "metered"))

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days of the month under the plan."""
        return tuple(self.between(*self.span))

    def between(self, first: date, end: date) -> Iterator[Day]:
        """The days from ``first`` up to, not including, ``end``."""
        while first < end:
            amounts = self.replay.used_on(first)
            yield Day(first, self.replay.phase(first), amounts[:, self.index], amounts.sum(axis=1))
            first += DAY

    def seat(self, day: Day) -> str | None:
        """The member's seat type on a day."""
        return day.phase.seats.assigned.get(self.member)

    def spanned(self, days: Sequence[Day]) -> str:
        """Days in a row in words: ``2026-10-01 to 2026-10-04``."""
        return self.words.days(days[0].day, days[-1].day + DAY)

    def source(self, day: Day, value: Sourced) -> str:
        """Who says so of a value in force on a day."""
        return self.words.source(day.phase.terms.plan, value)

    @property
    def title(self) -> str:
        """``ben in 2026-10 under 'enterprise', 2026-10-17 to 2026-10-31, Enterprise seat``."""
        words, titles = self.words, []
        for seat, days in stretches(self.days, self.seat):
            plan = days[0].phase.terms.plan
            titles.append(words.seat(plan, seat) if isinstance(seat, str) else words.say("row.no_seat"))
        seats = words.say("row.then").join(titles)
        month, days_said = words.month(self.month), words.days(*self.span)
        return words.say("row.title", member=self.member, month=month, plan=self.plan_id, days=days_said, seats=seats)

    def invoice_lines(self) -> Iterator[InvoiceLine]:
        """The invoice lines for the member's usage of the month under the plan."""
        for line, charge in self.replay.lines():
            usage = isinstance(charge, UsageCharge) and month_of(charge.first) == self.month
            if usage and (line.plan, line.user_id) == (self.plan_id, self.member):
                yield line


def row_amounts(amounts: Nanos) -> dict[str, int]:
    """A row's amounts by name, billed first; what was blocked as ``stopped``, demand left out: nothing changes it."""
    names = ("billed", "unavailable", "included")
    stopped = sum(int(amounts[COLUMN[name]]) for name in BLOCKED)
    return {**{name: int(amounts[COLUMN[name]]) for name in names}, "stopped": stopped}


def stretches(days: Iterable[Day], alike: Callable[[Day], object]) -> Iterator[tuple[object, list[Day]]]:
    """Days in a row for which something is the same, with what is."""
    run: list[Day] = []
    for day in days:
        if run and alike(run[-1]) != alike(day):
            yield alike(run[-1]), run
            run = []
        run.append(day)
    if run:
        yield alike(run[-1]), run
