"""A scenario through its plan, from the first day of its horizon to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from planshift.billing.account import bill
from planshift.billing.answering import metered_from
from planshift.billing.blocks import Extent, Progress, detail_first
from planshift.billing.checks import check
from planshift.billing.contract import Contract, Event
from planshift.billing.lapsed_usage import lapsed_in_draws, lapsed_said
from planshift.billing.ledger import Ledger
from planshift.billing.scenario import Scenario
from planshift.billing.seats import Seats
from planshift.billing.timeline import opening
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.usage.measure import WEEK, Carried, Measured


@dataclass(frozen=True)
class Run:
    """A scenario, its ledger, what reading its usage showed, and every warning.

    ``beyond``: the totals of draws after those of the ledger, block by block; see `totals`.
    """

    scenario: Scenario
    ledger: Ledger
    measured: Measured
    warnings: tuple[str, ...]
    beyond: tuple[LedgerTotals, ...] = ()

    @cached_property
    def totals(self) -> LedgerTotals:
        """What every draw came to, those that are only in the totals included."""
        return joined_totals([totals(self.ledger), *self.beyond])

    def forgetting(self) -> Run:
        """The run without what was asked for on each day, which takes far more memory than the ledger."""
        return replace(self, measured=self.measured.forgetting())


@dataclass(frozen=True)
class Prepared:
    """All that a scenario's bills need besides its demand: what is held, agreed and about to happen, and warnings.

    ``metered_from``: the day from which synthetic members know that nothing is included any more.
    """

    scenario: Scenario
    end: date
    contract: Contract
    seats: Seats
    earlier: tuple[Event, ...]
    events: tuple[Event, ...]
    counterfactual: bool
    metered_from: date | None
    warnings: tuple[str, ...]

    @classmethod
    def of(
        cls, scenario: Scenario, *, until: date | None = None, counterfactual: bool = False, checked: bool = False
    ) -> Prepared:
        """What a scenario needs over its horizon, or up to the day ``until``.

        Raises InputError with every mistake of meaning, unless it is ``checked`` already.
        """
        warnings = () if checked else check(scenario, counterfactual=counterfactual)
        at_start = opening(scenario)
        end = until or scenario.end
        return cls(
            scenario=scenario,
            end=end,
            contract=replace(scenario.contract, limits=at_start.limits),
            seats=at_start.seats,
            earlier=at_start.earlier,
            events=tuple(event for event in at_start.events if event.day < end),
            counterfactual=counterfactual,
            metered_from=metered_from(scenario, end, counterfactual=counterfactual),
            warnings=(*warnings, *lapsed_said(lapsed_in_draws(scenario, end), scenario.card)),
        )

    def asked(self, draws: range = range(1), carried: Carried | None = None) -> Measured:
        """What the members ask for in some draws; ``carried`` repeats a usage file's last days up to the end."""
        asked = self.scenario.asked(self.end, draws, carried)
        return asked.measured(self.scenario.start, self.end, self.metered_from)

    def run(self, measured: Measured, *, by_day: bool = False) -> Run:
        """The bills for what was measured, its draws, one or more; ``by_day`` with what became of each day's usage."""
        ledger = bill(
            self.contract,
            self.seats,
            measured.demand,
            self.events,
            self.scenario.catalogue,
            counterfactual=self.counterfactual,
            earlier=self.earlier,
            by_day=by_day,
        )
        warnings = (*self.warnings, *_usage_warnings(measured, self.scenario), *ledger.warnings)
        return Run(self.scenario, ledger, measured, warnings)


def joined_runs(runs: Sequence[Run]) -> Run:
    """Runs of blocks of draws, one or more, put together to one."""
    return replace(runs[0], ledger=Ledger.joined([run.ledger for run in runs]))


def simulate(
    scenario: Scenario,
    *,
    until: date | None = None,
    carried: Carried | None = None,
    counterfactual: bool = False,
    measured: Measured | None = None,
    checked: bool = False,
    by_day: bool = False,
) -> Run:
    """The bills of a scenario over its horizon, or up to the day ``until``, in its first draw.

    ``carried`` repeats the usage file's last days up to the end; ``counterfactual`` lets a plan run on past its end
    (Rulebook P2); ``measured`` saves reading the usage again; ``by_day`` keeps what became of each day's usage. Raises
    InputError with every mistake of meaning, unless it is ``checked`` already.
    """
    prepared = Prepared.of(scenario, until=until, counterfactual=counterfactual, checked=checked)
    return prepared.run(measured or prepared.asked(carried=carried), by_day=by_day)


def simulate_draws(
    scenario: Scenario,
    *,
    until: date | None = None,
    detail: int = 1,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """The bills of all draws of a scenario, one or more, over its horizon or up to the day ``until``.

    ``detail``: of how many draws, at least one, the whole ledger is kept; of the others there are totals. ``jobs``: in
    how many processes, None for what is worth its while; ``progress`` is told how many draws are done. Raises
    InputError as `simulate` does.
    """
    prepared = Prepared.of(scenario, until=until)
    extent = Extent(scenario.draws, len(scenario.people), (prepared.end - scenario.start).days)

    def whole(draws: range) -> Run:
        run = prepared.run(prepared.asked(draws))
        return run if scenario.draws == 1 else run.forgetting()

    runs, rest = detail_first(whole, _Totals(prepared), extent, detail, jobs, progress)
    return replace(joined_runs(runs), beyond=tuple(rest))


@dataclass(frozen=True)
class _Totals:
    """The work on a block of draws."""

    prepared: Prepared

    def __call__(self, draws: range) -> LedgerTotals:
        return totals(self.prepared.run(self.prepared.asked(draws)).ledger)


def _usage_warnings(measured: Measured, scenario: Scenario) -> Iterator[str]:
    demand = measured.demand
    yield from measured.notes
    if measured.outside:
        yield (
            f"{measured.outside} of {measured.rows} rows of usage lie outside the days simulated"
            f" ({demand.start} to {date.fromordinal(demand.end.toordinal() - 1)}) and are not billed"
        )
    if measured.last and not measured.carried:
        missing = (demand.end - measured.last).days - 1
        if missing >= WEEK:
            yield f"the usage file ends on {measured.last}: the {missing} days after it count as without usage"
    yield from lapsed_said(measured.lapsed, scenario.card)
