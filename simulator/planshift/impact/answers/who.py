"""Who: members and teams that get cheaper, dearer, or cost about the same, in bins that the old plan's usage sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import COLUMN
from planshift.impact.answers.course import Course
from planshift.impact.answers.year import BilledYear, PlanYear, cents
from planshift.impact.drawn import Cents
from planshift.impact.odds import ABOUT_THE_SAME
from planshift.impact.spread import mean_of_sums

CHEAPER, DEARER, SAME = "cheaper", "dearer", "about the same"
GROUPS = (CHEAPER, DEARER, SAME)
IDLE = "idle"


@dataclass(frozen=True)
class Party:
    """Several members: ``before`` and ``after`` in cents (seat and billed usage), means over draws; how many there are.

    ``name``: one of GROUPS, a team (empty: members in none), or a bin. ``of``: members, or teams, in all; ``whole``:
    the change of all together, cents.
    """

    name: str
    count: int
    of: int
    before: int
    after: int
    whole: int

    @property
    def change(self) -> int:
        """What they cost more together, cents."""
        return self.after - self.before

    @property
    def share(self) -> Fraction | None:
        """Their share of all; None where there is nobody."""
        return Fraction(self.count, self.of) if self.of else None

    @property
    def mean_change(self) -> int | None:
        """What one of them costs more on average, cents, half up; None where there is nobody."""
        if not self.count:
            return None
        sign = -1 if self.change < 0 else 1
        return sign * int(Fraction(abs(self.change), self.count) + Fraction(1, 2))

    @property
    def share_of_change(self) -> Fraction | None:
        """Their share of the whole change, negative against it; None where nothing changes."""
        return Fraction(self.change, self.whole) if self.whole else None


@dataclass(frozen=True)
class Bin:
    """Members whose usage on the old plan lies in a range, and how many of them fall in each of GROUPS.

    ``low`` and ``high``: the least and the most usage a month of its members, nano-dollars at list price.
    """

    party: Party
    low: int
    high: int
    cheaper: int
    dearer: int
    same: int


@dataclass(frozen=True)
class Team:
    """A team as one: whether it costs less, more or about the same (``group``), and its members likewise."""

    party: Party
    group: str
    cheaper: int
    dearer: int
    same: int


@dataclass(frozen=True)
class Who:
    """Members by group, teams by group, each team, and members by bin of the old plan's usage: idle ones first.

    Groups of members and teams go by their mean cost over the draws.
    """

    members: tuple[Party, ...]
    teams: tuple[Party, ...]
    each_team: tuple[Team, ...]
    bins: tuple[Bin, ...]
    draws: int


@dataclass(frozen=True)
class MemberSums:
    """Members over a block of draws, or all: sums of cents before and after (seat and billed usage), and of
    nano-dollars at list price asked of what the old seat opens; shape (members,)."""

    before: Cents
    after: Cents
    usage: npt.NDArray[np.int64]

    @classmethod
    def of(cls, course: Course, old: BilledYear, new: BilledYear) -> MemberSums:
        """The sums over a block of draws."""
        asked = old.amounts[COLUMN["demand"]] - old.amounts[COLUMN["unavailable"]]
        return cls(_costs(course.old, old), _costs(course.new, new), asked.sum(axis=0))

    @classmethod
    def added(cls, blocks: Sequence[MemberSums]) -> MemberSums:
        """The sums over several blocks."""
        return cls(
            before=np.sum([block.before for block in blocks], axis=0),
            after=np.sum([block.after for block in blocks], axis=0),
            usage=np.sum([block.usage for block in blocks], axis=0),
        )


def _costs(plan: PlanYear, year: BilledYear) -> Cents:
    """By member, the price of their seat for the months of a term and what their usage is billed at, summed up."""
    day, months = plan.first, plan.plan.value("term_months", plan.first)
    prices = {
        seat: int(plan.terms.seat_price(seat, day).value * 100 * months) for seat in plan.plan.seat_types
    }
    seats = np.array([prices.get(plan.seat(member), 0) for member in year.members], dtype=np.int64)
    billed = cents(year.amounts[COLUMN["billed"]])
    costs: Cents = billed.sum(axis=0) + seats * billed.shape[0]
    return costs


def who(course: Course, sums: MemberSums, draws: int, quantiles: int) -> Who:
    """Who pays more and who less, over all ``draws``; members who use anything in so many bins of equal size."""
    people, of_team = course.scenario.people, course.scenario.teams
    before, after = mean_of_sums(sums.before, draws), mean_of_sums(sums.after, draws)
    rows = _Rows(before, after, np.array([group(*pair) for pair in zip(before, after, strict=True)], dtype=np.str_))
    usage = mean_of_sums(sums.usage, draws * int(course.old.plan.value("term_months", course.day)))
    teams = sorted({of_team.get(member, "") for member in people}, key=lambda team: (not team, team))
    named = np.array([of_team.get(member, "") for member in people], dtype=np.str_)
    each = tuple(_team(rows.party(team, named == team), rows, named == team) for team in teams if of_team)
    return Who(
        members=tuple(rows.party(name, rows.groups == name) for name in GROUPS),
        teams=tuple(_teams(name, each) for name in GROUPS),
        each_team=each,
        bins=tuple(_bins(usage, rows, quantiles)),
        draws=draws,
    )


def group(before: int, after: int) -> str:
    """One of GROUPS: within 1 % of the old cost is about the same."""
    if abs(after - before) <= ABOUT_THE_SAME * int(before):
        return SAME
    return DEARER if after > before else CHEAPER


@dataclass(frozen=True)
class _Rows:
    """Members one by one."""

    before: Cents
    after: Cents
    groups: npt.NDArray[np.str_]

    def party(self, name: str, which: npt.NDArray[np.bool_]) -> Party:
        """Some of them as one."""
        return Party(
            name=name,
            count=int(np.count_nonzero(which)),
            of=len(which),
            before=int(self.before[which].sum()),
            after=int(self.after[which].sum()),
            whole=int((self.after - self.before).sum()),
        )

    def split(self, which: npt.NDArray[np.bool_]) -> Mapping[str, int]:
        """How many of some of them fall in each group."""
        names = {"cheaper": CHEAPER, "dearer": DEARER, "same": SAME}
        return {key: int(np.count_nonzero(self.groups[which] == name)) for key, name in names.items()}


def _team(party: Party, rows: _Rows, which: npt.NDArray[np.bool_]) -> Team:
    return Team(party, group(party.before, party.after), **rows.split(which))


def _teams(name: str, each: Sequence[Team]) -> Party:
    inside = [team.party for team in each if team.group == name]
    return Party(
        name=name,
        count=len(inside),
        of=len(each),
        before=sum(party.before for party in inside),
        after=sum(party.after for party in inside),
        whole=sum(team.party.change for team in each),
    )


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
            found.append(Bin(rows.party(name, which), low, high, **rows.split(which)))
    return found
