"""The renewal over many draws: in each of them, the year after it on the new plan beside the year on the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.blocks import Extent, Progress, detail_first
from planshift.billing.ledger import COLUMN
from planshift.billing.scenario import Scenario
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.impact.bridge import SEAT_FEES, steps
from planshift.impact.drawn import Cents, DrawnOutcome, Shares, joined_outcomes
from planshift.impact.odds import Sums, added, changed, summed
from planshift.impact.renew import Move, Renewal, Years, prepaid_note
from planshift.impact.spread import mean_of_sums, spread


@dataclass(frozen=True)
class MemberOdds:
    """Members before and after a renewal, over all draws; arrays by member.

    Cents, rounded half up: the means of ``old_cost`` and ``new_cost`` (seat and billed usage), of ``change`` (new less
    old), ``newly_done`` and ``newly_stopped``. Shares of the draws: in which the member is ``dearer`` or ``cheaper`` by
    more than 1 % of their old cost, in which they can do more or less than before (``more_done``, ``less_done``), and
    in which their own limit stops them at least once in the year (``limited``).
    ``old_seats`` and ``new_seats``: seat types, empty where there is none.
    """

    members: tuple[str, ...]
    teams: tuple[str, ...]
    old_seats: tuple[str, ...]
    new_seats: tuple[str, ...]
    old_cost: Cents
    new_cost: Cents
    change: Cents
    newly_done: Cents
    newly_stopped: Cents
    dearer: Shares
    cheaper: Shares
    more_done: Shares
    less_done: Shares
    limited: Shares


@dataclass(frozen=True)
class DrawnRenewal:
    """What changes at a renewal, in each draw.

    ``year_before`` is None where the scenario does not have it. ``steps``: the keys of the bridge's steps, in its
    order, → cents of shape (draws,), which add up to `change` in every draw. ``run`` and ``counterfactual``: tallies
    from the horizon's start to ``end``. ``detail``: the first draws one by one; they share their ledgers.
    """

    scenario: Scenario
    day: date
    end: date
    old: DrawnOutcome
    new: DrawnOutcome
    year_before: DrawnOutcome | None
    steps: Mapping[str, Cents]
    members: MemberOdds
    run: LedgerTotals
    counterfactual: LedgerTotals
    detail: tuple[Renewal, ...]
    notes: tuple[str, ...]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.run.draws

    @property
    def change(self) -> Cents:
        """What the year costs more on the new plan, cents, shape (draws,)."""
        change: Cents = self.new.cost - self.old.cost
        return change

    @property
    def months(self) -> int:
        """How many months are set beside each other."""
        return int(self.new.plan.value("term_months", self.day))


def renew_draws(
    scenario: Scenario, *, detail: int, jobs: int | None = None, progress: Progress | None = None
) -> DrawnRenewal:
    """The renewal of a scenario's contract in all its draws; see `renew`.

    ``detail``: of how many draws, at least one, the renewal is kept whole; ``jobs``: in how many processes, None for
    what is worth its while; ``progress`` is told how many draws are done.
    """
    move = Move.of(scenario)
    extent = Extent(scenario.draws, len(scenario.people), (move.end - scenario.start).days, times=2)

    def whole(draws: range) -> Years:
        years = move.years(draws)
        return years if scenario.draws == 1 else years.without_demand()

    kept, rest = detail_first(whole, _Found(move), extent, detail, jobs, progress)
    years = Years.joined(kept)
    return _renewal(years, [_block(years), *rest])


@dataclass(frozen=True)
class _Block:
    """What a block of draws came to; ``members``: sums over its draws."""

    old: DrawnOutcome
    new: DrawnOutcome
    before: DrawnOutcome | None
    steps: Mapping[str, Cents]
    members: Sums
    run: LedgerTotals
    counterfactual: LedgerTotals


@dataclass(frozen=True)
class _Found:
    """The work on a block of draws."""

    move: Move

    def __call__(self, draws: range) -> _Block:
        return _block(self.move.years(draws))


def _block(years: Years) -> _Block:
    old, new = years.old.drawn, years.new.drawn
    seats = int(new.seat_cost.sum() - old.seat_cost.sum())
    members = years.members
    before = members.old_seat_costs + members.old_usage
    after = members.new_seat_costs + members.new_usage
    dearer, cheaper = changed(before, after)
    of_draws = {
        "old_cost": before,
        "new_cost": after,
        "newly_done": members.newly_done,
        "newly_stopped": members.newly_stopped,
        "dearer": dearer,
        "cheaper": cheaper,
        "more_done": members.newly_done > 0,
        "less_done": members.newly_stopped > 0,
        "limited": years.new.amounts[COLUMN["blocked_member_limit"]] > 0,
    }
    return _Block(
        old=old,
        new=new,
        before=years.before.drawn if years.before else None,
        steps=steps(years.old.amounts, years.new.amounts, seats, (old.accrued, new.accrued), new.cost - old.cost),
        members=summed(of_draws),
        run=totals(years.run.ledger),
        counterfactual=totals(years.counterfactual.ledger),
    )


def _renewal(years: Years, blocks: Sequence[_Block]) -> DrawnRenewal:
    """All blocks together; ``years`` of the first one has the draws that are kept whole."""
    move, first = years.move, blocks[0]
    new = joined_outcomes([block.new for block in blocks])
    cents = {key: np.concatenate([block.steps[key] for block in blocks]) for key in first.steps}
    before = [block.before for block in blocks if block.before]
    return DrawnRenewal(
        scenario=move.scenario,
        day=move.day,
        end=move.end,
        old=joined_outcomes([block.old for block in blocks]),
        new=new,
        year_before=joined_outcomes(before) if before else None,
        steps={key: step for key, step in cents.items() if step.any() or key == SEAT_FEES},
        members=_odds(years, added([block.members for block in blocks]), new.draws),
        run=joined_totals([block.run for block in blocks]),
        counterfactual=joined_totals([block.counterfactual for block in blocks]),
        detail=tuple(years.renewal(draw) for draw in range(first.new.draws)),
        notes=years.notes(_prepaid_note(new)),
    )


def _odds(years: Years, sums: Sums, draws: int) -> MemberOdds:
    members, teams = years.members, years.move.scenario.teams
    return MemberOdds(
        members=members.members,
        teams=tuple(teams.get(member, "") for member in members.members),
        old_seats=members.old_seats,
        new_seats=members.new_seats,
        old_cost=mean_of_sums(sums["old_cost"], draws),
        new_cost=mean_of_sums(sums["new_cost"], draws),
        change=mean_of_sums(sums["new_cost"] - sums["old_cost"], draws),
        newly_done=mean_of_sums(sums["newly_done"], draws),
        newly_stopped=mean_of_sums(sums["newly_stopped"], draws),
        dearer=sums["dearer"] / draws,
        cheaper=sums["cheaper"] / draws,
        more_done=sums["more_done"] / draws,
        less_done=sums["less_done"] / draws,
        limited=sums["limited"] / draws,
    )


def _prepaid_note(new: DrawnOutcome) -> tuple[str, ...]:
    if not new.credits_bought.any():
        return ()
    bought, left, lapsed = (spread(cents).mean for cents in (new.credits_bought, new.credits_left, new.credits_lapsed))
    return prepaid_note(bought, left, lapsed, ", on average over the draws")
