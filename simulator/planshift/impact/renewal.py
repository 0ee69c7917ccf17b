"""The renewal: the year after it on the new plan beside the same year had the old plan continued, in each draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from planshift.billing.blocks import Extent, Progress, detail_first, over_draws
from planshift.billing.blocks import joined as joined_blocks
from planshift.billing.ledger import COLUMN
from planshift.billing.money import CENT, dollars
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import months_after
from planshift.billing.simulation import Run
from planshift.impact.bridge import SEAT_FEES, steps
from planshift.impact.odds import Sums, added, changed, summed
from planshift.impact.outcome import Cents, Outcome, Shares, joined_outcomes
from planshift.impact.renewal_setup import MemberYears, RenewalSetup, RenewalYears, measured_from, measured_late
from planshift.impact.spread import mean_of_sums, means


@dataclass(frozen=True)
class MemberSummary:
    """Members before and after a renewal, over all draws; arrays by member.

    ``old_seats`` and ``new_seats``: seat types, empty where there is none. Cents: ``old_seat_cost`` and
    ``new_seat_cost``, the price of the seat for these months; and, rounded half up, the means of ``old_usage`` and
    ``new_usage`` (billed), ``newly_done`` and ``newly_stopped``. Shares of the draws: in which the member
    ``costs_more`` or ``costs_less`` by more than 1 % of their old cost, in which they can do more or less than before
    (``more_done``, ``less_done``), and in which their own limit stops them at least once in the year (``limited``).
    """

    members: tuple[str, ...]
    teams: tuple[str, ...]
    old_seats: tuple[str, ...]
    new_seats: tuple[str, ...]
    old_seat_cost: Cents
    new_seat_cost: Cents
    old_usage: Cents
    new_usage: Cents
    newly_done: Cents
    newly_stopped: Cents
    costs_more: Shares
    costs_less: Shares
    more_done: Shares
    less_done: Shares
    limited: Shares

    @property
    def old_cost(self) -> Cents:
        """The mean of seat and usage, had the old plan continued."""
        cost: Cents = self.old_seat_cost + self.old_usage
        return cost

    @property
    def new_cost(self) -> Cents:
        """The mean of seat and usage on the new plan."""
        cost: Cents = self.new_seat_cost + self.new_usage
        return cost


@dataclass(frozen=True)
class TeamYears:
    """Teams before and after a renewal in each draw, by those of their members who cost less, more, and about the same.

    Arrays of shape (teams, 3, draws): ``members``, how many are in the group, and ``old_cost`` and ``new_cost``, their
    seats and usage, cents. Of shape (teams, draws): ``newly_done`` and ``newly_stopped`` work, cents. ``sizes``: how
    many members a team has; those in no team are a team without a name, the last.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    members: Cents = field(metadata=over_draws())
    old_cost: Cents = field(metadata=over_draws())
    new_cost: Cents = field(metadata=over_draws())
    newly_done: Cents = field(metadata=over_draws())
    newly_stopped: Cents = field(metadata=over_draws())

    @classmethod
    def of(cls, people: MemberYears, teams: Mapping[str, str]) -> TeamYears:
        """The teams of members in some draws; ``teams``: member → team."""
        before, after = people.old_costs, people.new_costs
        more, less = changed(before, after)
        groups = np.stack([less, more, ~(less | more)])
        of_member = np.array([teams.get(member, "") for member in people.members], dtype=object)
        names = tuple(sorted(set(of_member), key=lambda team: (not team, team)))
        inside = [of_member == name for name in names]

        def by_group(amounts: Cents) -> Cents:
            return np.stack([(groups[..., which] * amounts[:, which]).sum(axis=-1) for which in inside])

        def whole(amounts: Cents) -> Cents:
            return np.stack([amounts[:, which].sum(axis=-1) for which in inside])

        return cls(
            names=names,
            sizes=tuple(int(which.sum()) for which in inside),
            members=by_group(np.ones_like(before)),
            old_cost=by_group(before),
            new_cost=by_group(after),
            newly_done=whole(people.newly_done),
            newly_stopped=whole(people.newly_stopped),
        )


@dataclass(frozen=True)
class Renewal:
    """What changes at a renewal, in each draw.

    ``year_before`` is None where the scenario does not have it. ``steps``: the keys of the bridge's steps, in its
    order, → cents of shape (draws,), which add up to `change` in every draw. ``teams`` is None without members.
    ``years``: the first draws with their ledgers.
    """

    scenario: Scenario
    day: date
    end: date
    old: Outcome
    new: Outcome
    year_before: Outcome | None
    steps: Mapping[str, Cents]
    members: MemberSummary
    teams: TeamYears | None
    years: RenewalYears
    notes: tuple[str, ...]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.new.draws

    @property
    def synthetic(self) -> bool:
        """Is usage simulated at random, not measured?"""
        return self.scenario.seed is not None

    @property
    def run(self) -> Run:
        """The first draws on the new plan."""
        return self.years.run

    @property
    def counterfactual(self) -> Run:
        """The first draws had the old plan continued."""
        return self.years.counterfactual

    @property
    def change(self) -> Cents:
        """What the year costs more on the new plan, cents, shape (draws,)."""
        change: Cents = self.new.cost - self.old.cost
        return change

    @property
    def months(self) -> int:
        """How many months are set beside each other."""
        return int(self.new.plan.value("term_months", self.day))

    @property
    def whole_year_before(self) -> Outcome | None:
        """The year before, where all of it is known: nobody knows what was used before usage was measured."""
        before = self.year_before
        return None if before is None or measured_late(self.scenario, before.first) else before

    def cost_before(self, month: date) -> Cents | None:
        """What a month cost a year earlier, cents of shape (draws,); None where that is not known."""
        before, earlier = self.year_before, months_after(month, -12)
        if before is None or earlier not in before.months:
            return None
        if measured_late(self.scenario, before.first) and earlier < measured_from(self.scenario):
            return None
        cost: Cents = before.month_cost[before.months.index(earlier)]
        return cost


def renew(scenario: Scenario, *, detail: int = 1, jobs: int | None = None, progress: Progress | None = None) -> Renewal:
    """The renewal of a scenario's contract: on the new plan, and as if the old one had continued (Rulebook P2, R1).

    The contract moves on its renewal date, or on the day of a `migrate` event. Usage is carried forward where the file
    ends before the year does. ``detail``: of how many draws, at least one, ledgers are kept; ``jobs``: in how many
    processes, None for what is worth its while; ``progress`` is told how many draws are done. Raises InputError where
    the plan renews on itself, so that nothing changes.
    """
    setup = RenewalSetup.of(scenario)
    extent = Extent(scenario.draws, len(scenario.people), (setup.end - scenario.start).days, times=2)

    def whole(draws: range) -> RenewalYears:
        years = setup.years(draws)
        return years if scenario.draws == 1 else years.without_demand()

    kept, rest = detail_first(whole, _Blocks(setup), extent, detail, jobs, progress)
    years = RenewalYears.joined(kept)
    return _renewal(years, [_block(years), *rest])


@dataclass(frozen=True)
class _Block:
    """What a block of draws came to; ``members``: sums over its draws."""

    old: Outcome
    new: Outcome
    before: Outcome | None
    steps: Mapping[str, Cents]
    members: Sums
    teams: TeamYears | None


@dataclass(frozen=True)
class _Blocks:
    """The work on a block of draws."""

    setup: RenewalSetup

    def __call__(self, draws: range) -> _Block:
        return _block(self.setup.years(draws))


def _block(years: RenewalYears) -> _Block:
    old, new = years.old.drawn, years.new.drawn
    seats = int(new.seat_cost.sum() - old.seat_cost.sum())
    people = years.members
    more, less = changed(people.old_costs, people.new_costs)
    of_draws = {
        "old_usage": people.old_usage,
        "new_usage": people.new_usage,
        "newly_done": people.newly_done,
        "newly_stopped": people.newly_stopped,
        "costs_more": more,
        "costs_less": less,
        "more_done": people.newly_done > 0,
        "less_done": people.newly_stopped > 0,
        "limited": years.new.amounts[COLUMN["blocked_member_limit"]] > 0,
    }
    accrued = (old.accrued, new.accrued)
    return _Block(
        old=old,
        new=new,
        before=years.before.drawn if years.before else None,
        steps=steps(years.old.amounts, years.new.amounts, seats, accrued, new.cost - old.cost),
        members=summed(of_draws),
        teams=TeamYears.of(people, years.setup.scenario.teams) if people.members else None,
    )


def _renewal(years: RenewalYears, blocks: Sequence[_Block]) -> Renewal:
    """All blocks together; ``years`` of the first one has the draws whose ledgers are kept."""
    setup, first = years.setup, blocks[0]
    new = joined_outcomes([block.new for block in blocks])
    cents = {key: np.concatenate([block.steps[key] for block in blocks]) for key in first.steps}
    before, teams = ([of for block in blocks if (of := getattr(block, name))] for name in ("before", "teams"))
    return Renewal(
        scenario=setup.scenario,
        day=setup.day,
        end=setup.end,
        old=joined_outcomes([block.old for block in blocks]),
        new=new,
        year_before=joined_outcomes(before) if before else None,
        steps={key: step for key, step in cents.items() if step.any() or key == SEAT_FEES},
        members=_summary(years, added([block.members for block in blocks]), new.draws),
        teams=joined_blocks(teams) if teams else None,
        years=years,
        notes=years.notes(_prepaid_note(new)),
    )


def _summary(years: RenewalYears, sums: Sums, draws: int) -> MemberSummary:
    people, teams = years.members, years.setup.scenario.teams
    return MemberSummary(
        members=people.members,
        teams=tuple(teams.get(member, "") for member in people.members),
        old_seats=people.old_seats,
        new_seats=people.new_seats,
        old_seat_cost=people.old_seat_costs,
        new_seat_cost=people.new_seat_costs,
        old_usage=mean_of_sums(sums["old_usage"], draws),
        new_usage=mean_of_sums(sums["new_usage"], draws),
        newly_done=mean_of_sums(sums["newly_done"], draws),
        newly_stopped=mean_of_sums(sums["newly_stopped"], draws),
        costs_more=sums["costs_more"] / draws,
        costs_less=sums["costs_less"] / draws,
        more_done=sums["more_done"] / draws,
        less_done=sums["less_done"] / draws,
        limited=sums["limited"] / draws,
    )


def _prepaid_note(new: Outcome) -> tuple[str, ...]:
    """About credits; of many draws on average."""
    if not new.credits_bought.any():
        return ()
    average = ", on average over the draws" if new.draws > 1 else ""
    found = [int(means(cents)) for cents in (new.credits_bought, new.credits_left, new.credits_lapsed)]
    bought, left, lapsed = (f"{dollars(cents * CENT):,.2f} USD" for cents in found)
    gone = f", {lapsed} lapse unused" if found[2] else ""
    return (f"On the new plan credits for {bought} are bought{average}; {left} of them are left at the end{gone}.",)
