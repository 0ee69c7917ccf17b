"""The comparison over many draws: the same draws through each of several plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.blocks import Extent, Progress, detail_first
from planshift.billing.ledger import COLUMN
from planshift.billing.scenario import Scenario
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.impact.compare import Bills, Choice, Comparison
from planshift.impact.drawn import Cents, DrawnOutcome, Shares, joined_outcomes
from planshift.impact.odds import Sums, added, changed, summed
from planshift.impact.spread import mean_of_sums


@dataclass(frozen=True)
class OnPlanDrawn:
    """A customer on one plan over the horizon, in each draw: its outcome, its tally, what was assumed to get there."""

    outcome: DrawnOutcome
    tally: LedgerTotals
    notes: tuple[str, ...]


@dataclass(frozen=True)
class MemberCosts:
    """Members on each plan, over all draws; arrays of shape (plans, members).

    Cents, rounded half up: the means of ``costs`` (seat and billed usage), of ``change`` (what the plan costs more than
    the first) and of ``stopped`` (usage that was blocked). Shares of the draws: in which the member is ``dearer`` or
    ``cheaper`` than on the first plan by more than 1 % of the cost there, and in which their own limit stops them at
    least once (``limited``).
    """

    members: tuple[str, ...]
    teams: tuple[str, ...]
    costs: Cents
    change: Cents
    stopped: Cents
    dearer: Shares
    cheaper: Shares
    limited: Shares


@dataclass(frozen=True)
class DrawnComparison:
    """The same draws through several plans; the first is the one that the others are held against.

    ``detail``: the first draws one by one; they share their ledgers.
    """

    scenario: Scenario
    first: date
    end: date
    plans: tuple[OnPlanDrawn, ...]
    members: MemberCosts
    detail: tuple[Comparison, ...]
    notes: tuple[str, ...]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.plans[0].tally.draws


def compare_draws(
    scenario: Scenario,
    plan_ids: Sequence[str],
    *,
    detail: int,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> DrawnComparison:
    """All draws of the scenario through each plan; see `compare`.

    ``detail``: of how many draws, at least one, the comparison is kept whole; ``jobs``: in how many processes, None for
    what is worth its while; ``progress`` is told how many draws are done.
    """
    choice = Choice.of(scenario, plan_ids)
    days, times = (scenario.end - scenario.start).days, len(choice.plans)
    extent = Extent(scenario.draws, len(scenario.people), days, times)

    def whole(draws: range) -> Bills:
        bills = choice.bills(draws)
        return bills if scenario.draws == 1 else bills.forgetting()

    kept, rest = detail_first(whole, _Found(choice), extent, detail, jobs, progress)
    bills = Bills.joined(kept)
    return _comparison(bills, [_block(bills), *rest])


@dataclass(frozen=True)
class _Block:
    """What a block of draws came to on each plan; ``members``: sums over its draws, of shape (plans, members)."""

    outcomes: tuple[DrawnOutcome, ...]
    tallies: tuple[LedgerTotals, ...]
    members: Sums


@dataclass(frozen=True)
class _Found:
    """The work on a block of draws."""

    choice: Choice

    def __call__(self, draws: range) -> _Block:
        return _block(self.choice.bills(draws))


def _block(bills: Bills) -> _Block:
    costs = bills.costs
    dearer, cheaper = changed(costs[:1], costs)
    limited = np.stack([found.amounts[COLUMN["blocked_member_limit"]] > 0 for found in bills.outcomes])
    of_draws = {
        "costs": costs,
        "stopped": bills.stopped,
        "dearer": dearer,
        "cheaper": cheaper,
        "limited": limited,
    }
    return _Block(
        outcomes=tuple(found.drawn for found in bills.outcomes),
        tallies=tuple(totals(ledger) for ledger in bills.ledgers),
        members=summed(of_draws),
    )


def _comparison(bills: Bills, blocks: Sequence[_Block]) -> DrawnComparison:
    """All blocks together; ``bills`` of the first one has the draws that are kept whole."""
    scenario = bills.choice.scenario
    plans = tuple(
        OnPlanDrawn(
            joined_outcomes([block.outcomes[place] for block in blocks]),
            joined_totals([block.tallies[place] for block in blocks]),
            notes,
        )
        for place, notes in enumerate(bills.notes_by_plan)
    )
    sums, draws = added([block.members for block in blocks]), plans[0].tally.draws
    members = bills.outcomes[0].members
    return DrawnComparison(
        scenario=scenario,
        first=scenario.start,
        end=scenario.end,
        plans=plans,
        members=MemberCosts(
            members=members,
            teams=tuple(scenario.teams.get(member, "") for member in members),
            costs=mean_of_sums(sums["costs"], draws),
            change=mean_of_sums(sums["costs"] - sums["costs"][:1], draws),
            stopped=mean_of_sums(sums["stopped"], draws),
            dearer=sums["dearer"] / draws,
            cheaper=sums["cheaper"] / draws,
            limited=sums["limited"] / draws,
        ),
        detail=tuple(bills.comparison(draw) for draw in range(bills.outcomes[0].drawn.draws)),
        notes=bills.notes,
    )
