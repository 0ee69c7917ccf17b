"""A scenario through its plan, from the first day of its horizon to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.account import bill
from planshift.billing.checks import check
from planshift.billing.ledger import Ledger
from planshift.billing.scenario import Scenario
from planshift.billing.timeline import opening
from planshift.usage.measure import WEEK, Carried, Measured


@dataclass(frozen=True)
class Run:
    """A scenario, its ledger, what reading its usage showed, and every warning."""

    scenario: Scenario
    ledger: Ledger
    measured: Measured
    warnings: tuple[str, ...]


def simulate(
    scenario: Scenario,
    *,
    until: date | None = None,
    carried: Carried | None = None,
    counterfactual: bool = False,
    measured: Measured | None = None,
) -> Run:
    """The bills of a scenario over its horizon, or up to the day ``until``.

    ``carried`` repeats the usage file's last days up to the end; ``counterfactual`` lets a plan run on past its end
    (Rulebook P2); ``measured`` saves reading the usage again. Raises InputError with every mistake of meaning.
    """
    warnings = check(scenario, counterfactual=counterfactual)
    seats, limits, events = opening(scenario)
    end = until or scenario.end
    measured = measured or scenario.demand(scenario.start, end, carried=carried)
    contract = replace(scenario.contract, limits=limits)
    happening = tuple(event for event in events if event.day < end)
    ledger = bill(contract, seats, measured.demand, happening, scenario.catalogue, counterfactual=counterfactual)
    return Run(scenario, ledger, measured, (*warnings, *_usage_warnings(measured), *ledger.warnings))


def _usage_warnings(measured: Measured) -> Iterator[str]:
    demand = measured.demand
    if measured.outside:
        yield (
            f"{measured.outside} of {measured.rows} rows of usage lie outside the days simulated"
            f" ({demand.start} to {date.fromordinal(demand.end.toordinal() - 1)}) and are not billed"
        )
    if measured.last and not measured.carried:
        missing = (demand.end - measured.last).days - 1
        if missing >= WEEK:
            yield f"the usage file ends on {measured.last}: the {missing} days after it count as without usage"
