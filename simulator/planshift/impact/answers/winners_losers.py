"""Winners and losers: members and teams that cost less, more, or about the same, in bins that the old plan's usage
sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import COLUMN
from planshift.billing.money import half_up
from planshift.impact.answers.course import Course
from planshift.impact.answers.year import BilledYear, PlanYear, cents
from planshift.impact.odds import Which, changed
from planshift.impact.outcome import Cents
from planshift.impact.spread import mean_of_sums, means, spreads

COSTS_LESS, COSTS_MORE, SAME = "cheaper", "dearer", "about the same"
GROUPS = (COSTS_LESS, COSTS_MORE, SAME)
IDLE = "idle"


@dataclass(frozen=True)
class Party:
    """Several members, or teams: ``before`` and ``after`` in cents (seat and billed usage), means over draws.

    ``name``: one of GROUPS, a team (empty: members in none), or a bin. ``count``: how many there are; of a group,
    counted in each draw and averaged, as are its costs, ``low`` and ``high`` its P10 and P90. ``of``: members, or
    teams, in all; ``whole``: the change of all together, cents.
    """

    name: str
    count: Fraction
    of: int
    before: int
    after: int
    whole: int
    low: int
    high: int

    @property
    def change(self) -> int:
        """What they cost more together, cents."""
        return self.after - self.before

    @property
    def share(self) -> Fraction | None:
        """Their share of all; None where there is nobody."""
        return self.count / self.of if self.of else None

    @property
    def mean_change(self) -> int | None:
        """What one of them costs more on average, cents, half up; None where there is nobody."""
        return half_up(Fraction(self.change) / self.count) if self.count else None

    @property
    def share_of_change(self) -> Fraction | None:
        """Their share of the whole change, negative against it; None where nothing changes."""
        return Fraction(self.change, self.whole) if self.whole else None


@dataclass(frozen=True)
class Split:
    """How many of some members fall in each of GROUPS: counted in each draw and averaged."""

    costs_less: Fraction
    costs_more: Fraction
    same: Fraction


@dataclass(frozen=True)
class Bin:
    """Members whose usage on the old plan, on average over the draws, lies in a range.

    ``low`` and ``high``: the least and the most usage a month of its members, nano-dollars at list price.
    """

    party: Party
    low: int
    high: int
    split: Split


@dataclass(frozen=True)
class Team:
    """A team as one, the group it falls in in most draws (the first of GROUPS, of equals), and its members likewise."""

    party: Party
    group: str
    split: Split


@dataclass(frozen=True)
class WinnersLosers:
    """Members by group, teams by group, each team, and members by bin of the old plan's usage: idle ones first."""

    members: tuple[Party, ...]
    teams: tuple[Party, ...]
    each_team: tuple[Team, ...]
    bins: tuple[Bin, ...]
    draws: int


@dataclass(frozen=True)
class GroupDraws:
    """Groups in each draw of a block, shape (len(GROUPS), draws): how many fall in them, and their cents."""

    count: Cents
    before: Cents
    after: Cents

    @classmethod
    def of(cls, groups: Sequence[Which], before: Cents, after: Cents) -> GroupDraws:
        """Who falls in which group, and costs, all of shape (draws, …)."""
        return cls(
            count=np.stack([which.sum(axis=1, dtype=np.int64) for which in groups]),
            before=np.stack([(before * which).sum(axis=1) for which in groups]),
            after=np.stack([(after * which).sum(axis=1) for which in groups]),
        )

    @classmethod
    def joined(cls, blocks: Sequence[GroupDraws]) -> GroupDraws:
        """The draws of several blocks, one after the other."""
        parts = ([getattr(block, name) for block in blocks] for name in ("count", "before", "after"))
        return cls(*(np.concatenate(part, axis=1) for part in parts))

    def parties(self, of: int) -> tuple[Party, ...]:
        """The groups in the order of GROUPS; ``of``: how many there are in all."""
        counts = spreads(self.count)
        before, after, whole = means(self.before), means(self.after), means((self.after - self.before).sum(axis=0))
        draws = self.count.shape[1]
        return tuple(
            Party(
                name=name,
                count=Fraction(int(self.count[place].sum()), draws),
                of=of,
                before=int(before[place]),
                after=int(after[place]),
                whole=int(whole),
                low=counts[place].p10,
                high=counts[place].p90,
            )
            for place, name in enumerate(GROUPS)
        )


@dataclass(frozen=True)
class MemberSums:
    """Members over a block of draws, or all; shape (members,) or (teams,) summed over draws, else by draw.

    ``before`` and ``after``: cents (seat and billed usage); ``usage``: nano-dollars at list price asked of what the old
    seat opens; ``falls`` (len(GROUPS), members) and ``team_falls`` (len(GROUPS), teams): in how many draws they fall in
    each group. ``members`` and ``teams``: the groups in each draw.
    """

    before: Cents
    after: Cents
    usage: npt.NDArray[np.int64]
    falls: npt.NDArray[np.int64]
    team_falls: npt.NDArray[np.int64]
    members: GroupDraws
    teams: GroupDraws

    @classmethod
    def of(cls, course: Course, old: BilledYear, new: BilledYear) -> MemberSums:
        """The sums over a block of draws."""
        asked = old.amounts[COLUMN["demand"]] - old.amounts[COLUMN["unavailable"]]
        return cls.counted(course, _costs(course.old, old), _costs(course.new, new), asked.sum(axis=0))

    @classmethod
    def counted(cls, course: Course, before: Cents, after: Cents, usage: npt.NDArray[np.int64]) -> MemberSums:
        """The same of costs of shape (draws, members)."""
        inside = np.stack([which for _, which in _teams_of(course)], axis=1).astype(np.int64)
        groups, team_costs = _groups(before, after), (before @ inside, after @ inside)
        team_groups = _groups(*team_costs)
        return cls(
            before=before.sum(axis=0),
            after=after.sum(axis=0),
            usage=usage,
            falls=np.stack([which.sum(axis=0, dtype=np.int64) for which in groups]),
            team_falls=np.stack([which.sum(axis=0, dtype=np.int64) for which in team_groups]),
            members=GroupDraws.of(groups, before, after),
            teams=GroupDraws.of(team_groups, *team_costs),
        )

    @classmethod
    def added(cls, blocks: Sequence[MemberSums]) -> MemberSums:
        """The sums over several blocks, and their draws one after the other."""
        return cls(
            before=np.sum([block.before for block in blocks], axis=0),
            after=np.sum([block.after for block in blocks], axis=0),
            usage=np.sum([block.usage for block in blocks], axis=0),
            falls=np.sum([block.falls for block in blocks], axis=0),
            team_falls=np.sum([block.team_falls for block in blocks], axis=0),
            members=GroupDraws.joined([block.members for block in blocks]),
            teams=GroupDraws.joined([block.teams for block in blocks]),
        )


def _groups(before: Cents, after: Cents) -> tuple[Which, ...]:
    """Who falls in which of GROUPS, of costs in cents of any shape."""
    costs_more, costs_less = changed(before, after)
    return costs_less, costs_more, ~(costs_more | costs_less)


def _teams_of(course: Course) -> list[tuple[str, Which]]:
    """The teams, those in none last, and who is in them; one where there are no teams."""
    people, of_team = course.scenario.people, course.scenario.teams
    named = np.array([of_team.get(member, "") for member in people], dtype=np.str_)
    names = sorted(set(named.tolist()), key=lambda team: (not team, team)) or [""]
    return [(name, named == name) for name in names]


def _costs(plan: PlanYear, year: BilledYear) -> Cents:
    """By draw and member, the price of their seat for the months of a term and what their usage is billed at."""
    day, months = plan.first, plan.plan.value("term_months", plan.first)
    prices = {seat: int(plan.terms.seat_price(seat, day).value * 100 * months) for seat in plan.plan.seat_types}
    seats = np.array([prices.get(plan.seat(member), 0) for member in year.members], dtype=np.int64)
    costs: Cents = cents(year.amounts[COLUMN["billed"]]) + seats
    return costs


def winners_losers(course: Course, sums: MemberSums, draws: int, quantiles: int) -> WinnersLosers:
    """Who pays more and who less, over all ``draws``; members who use anything in so many bins of equal size."""
    rows = _Rows(mean_of_sums(sums.before, draws), mean_of_sums(sums.after, draws), sums.falls, draws)
    usage = mean_of_sums(sums.usage, draws * int(course.old.plan.value("term_months", course.day)))
    teams = _teams_of(course) if course.scenario.teams else []
    return WinnersLosers(
        members=sums.members.parties(len(course.scenario.people)),
        teams=sums.teams.parties(len(teams)),
        each_team=tuple(
            Team(rows.party(name, which), GROUPS[int(np.argmax(sums.team_falls[:, place]))], rows.split(which))
            for place, (name, which) in enumerate(teams)
        ),
        bins=tuple(_bins(usage, rows, quantiles)),
        draws=draws,
    )


@dataclass(frozen=True)
class _Rows:
    """Members one by one: mean costs, and in how many of the draws they fall in each of GROUPS."""

    before: Cents
    after: Cents
    falls: npt.NDArray[np.int64]
    draws: int

    def party(self, name: str, which: Which) -> Party:
        """Some of them as one."""
        count = int(np.count_nonzero(which))
        return Party(
            name=name,
            count=Fraction(count),
            of=len(which),
            before=int(self.before[which].sum()),
            after=int(self.after[which].sum()),
            whole=int((self.after - self.before).sum()),
            low=count,
            high=count,
        )

    def split(self, which: Which) -> Split:
        """How many of some of them fall in each group, on average over the draws."""
        return Split(*(Fraction(int(row[which].sum()), self.draws) for row in self.falls))


def _bins(usage: npt.NDArray[np.int64], rows: _Rows, quantiles: int) -> list[Bin]:
    """Idle members, then the others from the least usage on the old plan to the most, in bins of equal size.

    Members of the same usage fall in the same bin. The new plan has no say in it.
    """
    active = np.sort(usage[usage > 0])
    cuts = [active[-(-len(active) * part // quantiles) - 1] for part in range(1, quantiles)] if len(active) else []
    places = np.where(usage > 0, np.searchsorted(np.array(cuts, dtype=np.int64), usage) + 1, 0)
    found = []
    for place in range(quantiles + 1):
        which = places == place
        if which.any():
            name = IDLE if place == 0 else f"{place} of {quantiles}"
            low, high = int(usage[which].min()), int(usage[which].max())
            found.append(Bin(rows.party(name, which), low, high, rows.split(which)))
    return found
