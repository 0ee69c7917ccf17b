"""A scenario through its plan, from the first day of its horizon to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.account import bill
from planshift.billing.answering import metered_from
from planshift.billing.checks import check
from planshift.billing.contract import Contract, Event
from planshift.billing.joining import joined_ledgers
from planshift.billing.lapsed_usage import lapsed_in_draws, lapsed_said
from planshift.billing.ledger import Ledger
from planshift.billing.scenario import Scenario
from planshift.billing.seats import Seats
from planshift.billing.timeline import opening
from planshift.usage.measure import WEEK, Carried, Measured


@dataclass(frozen=True)
class Run:
    """A scenario, its ledger, what reading its usage showed, and every warning."""

    scenario: Scenario
    ledger: Ledger
    measured: Measured
    warnings: tuple[str, ...]

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

    def run(self, measured: Measured) -> Run:
        """The bills for what was measured: its draws, one or more."""
        ledger = bill(
            self.contract,
            self.seats,
            measured.demand,
            self.events,
            self.scenario.catalogue,
            counterfactual=self.counterfactual,
            earlier=self.earlier,
        )
        warnings = (*self.warnings, *_usage_warnings(measured, self.scenario), *ledger.warnings)
        return Run(self.scenario, ledger, measured, warnings)


def joined_runs(runs: Sequence[Run]) -> Run:
    """Runs of blocks of draws, one or more, put together to one."""
    return replace(runs[0], ledger=joined_ledgers([run.ledger for run in runs]))


def simulate(
    scenario: Scenario,
    *,
    until: date | None = None,
    carried: Carried | None = None,
    counterfactual: bool = False,
    measured: Measured | None = None,
    checked: bool = False,
) -> Run:
    """The bills of a scenario over its horizon, or up to the day ``until``, in its first draw.

    ``carried`` repeats the usage file's last days up to the end; ``counterfactual`` lets a plan run on past its end
    (Rulebook P2); ``measured`` saves reading the usage again. Raises InputError with every mistake of meaning,
    unless it is ``checked`` already.
    """
    prepared = Prepared.of(scenario, until=until, counterfactual=counterfactual, checked=checked)
    return prepared.run(measured or prepared.asked(carried=carried))


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
