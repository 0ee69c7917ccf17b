"""A scenario through its plan in many draws: tallies of all of them, and the ledger of the first."""

from __future__ import annotations

from dataclasses import dataclass

from planshift.billing.blocks import Extent, Progress, detail_first
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Prepared, Run, joined_runs
from planshift.billing.tally import Tally, joined, tally


@dataclass(frozen=True)
class DrawnRun:
    """A scenario in many draws: the tally of all, the run of the first ones (``detail``), and every warning."""

    scenario: Scenario
    tally: Tally
    detail: Run
    warnings: tuple[str, ...]


def simulate_draws(
    scenario: Scenario, *, detail: int, jobs: int | None = None, progress: Progress | None = None
) -> DrawnRun:
    """The bills of all draws of a scenario over its horizon.

    ``detail``: of how many draws, at least one, the whole ledger is kept; ``jobs``: in how many processes, None for
    what is worth its while; ``progress`` is told how many draws are done. Raises InputError as `simulate` does.
    """
    prepared = Prepared.of(scenario)
    extent = Extent(scenario.draws, len(scenario.people), (prepared.end - scenario.start).days)

    def whole(draws: range) -> Run:
        run = prepared.run(prepared.asked(draws))
        return run if scenario.draws == 1 else run.forgetting()

    runs, rest = detail_first(whole, _Tallied(prepared), extent, detail, jobs, progress)
    run = joined_runs(runs)
    return DrawnRun(scenario, joined([tally(run.ledger), *rest]), run, run.warnings)


@dataclass(frozen=True)
class _Tallied:
    """The work on a block of draws."""

    prepared: Prepared

    def __call__(self, draws: range) -> Tally:
        return tally(self.prepared.run(self.prepared.asked(draws)).ledger)
