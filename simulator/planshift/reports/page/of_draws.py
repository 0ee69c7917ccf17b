"""From a renewal over many draws to the parts of its page: means that add up, and how far they are spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import repeat
from typing import Protocol

import numpy as np

from planshift.billing.ledger import COLUMN
from planshift.billing.money import to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import months_after
from planshift.impact.answers.answer import Range as Spreads
from planshift.impact.answers.capability import POOLED
from planshift.impact.answers.winners_losers import Party, Team
from planshift.impact.answers.winners_losers import WinnersLosers as Parties
from planshift.impact.bridge import ROUNDING
from planshift.impact.drawn import Cents, DrawnOutcome, Shares
from planshift.impact.renew import Renewal
from planshift.impact.spread import Spread, means, spreads
from planshift.impact.stopped import StoppedWork
from planshift.reports.page.model import (
    Bridge,
    Capability,
    GroupRow,
    MemberRow,
    MonthRow,
    Months,
    Range,
    Step,
    StopRow,
    TeamRow,
    Verdict,
    WinnersLosers,
)
from planshift.reports.page.of_renewal import CAUSES, GROUP_KEYS, MEMBER_LIMIT, TEAMS_SHOWN, changes
from planshift.reports.page.said import Value
from planshift.reports.page.terms import team_name
from planshift.reports.page.verdict import verdict_over_draws, with_stopped
from planshift.reports.renewal.words import term_ends
from planshift.reports.spread import means_that_add_up
from planshift.reports.words import rounded


class DrawnYears(Protocol):
    """What a renewal over many draws knows of the years beside each other; the bridge's steps by key, cents a draw."""

    @property
    def old(self) -> DrawnOutcome:
        """The year on the old plan."""

    @property
    def new(self) -> DrawnOutcome:
        """The year on the new plan."""

    @property
    def year_before(self) -> DrawnOutcome | None:
        """The year before, where it is known."""

    @property
    def steps(self) -> Mapping[str, Cents]:
        """The steps of the bridge, cents of shape (draws,)."""


class MembersDrawn(Protocol):
    """What becomes of members over many draws: their ids and teams, and cents by member, means over the draws."""

    @property
    def members(self) -> tuple[str, ...]:
        """Their ids."""

    @property
    def teams(self) -> tuple[str, ...]:
        """Their teams, empty where they are in none."""

    @property
    def old_cost(self) -> Cents:
        """Seat and usage on the old plan."""

    @property
    def new_cost(self) -> Cents:
        """Seat and usage on the new plan."""

    @property
    def change(self) -> Cents:
        """The new less the old."""

    @property
    def newly_done(self) -> Cents:
        """Work at list price that can be done more than before."""

    @property
    def newly_stopped(self) -> Cents:
        """Work at list price that can be done less."""

    @property
    def more_done(self) -> Shares:
        """The share of draws in which they can do more than before."""

    @property
    def less_done(self) -> Shares:
        """The share of draws in which they can do less."""

    @property
    def limited(self) -> Shares:
        """The share of draws in which their own limit stops them on the new plan at least once in the year."""


def verdict_drawn(found: Spreads, renewal: Renewal, stopped: StoppedWork) -> Verdict:
    """The answer in the median of the draws, with its ranges, as exact as they allow; ``renewal``: one of the draws,
    for names and days."""
    old, new, change = (_range(one) for one in (found.old, found.new, found.change))
    middle = new.p10, new.p50, new.p90
    said = verdict_over_draws(renewal, found.draws, middle, change.p50, found.costs_more, term_ends(renewal))
    said = with_stopped(said, stopped)
    return Verdict(said, old.p50, new.p50, change.p50, None, old, new, change, found.costs_more)


def _range(one: Spread) -> Range:
    return Range(*(rounded(cents, one) for cents in (one.p10, one.p50, one.p90)))


def bridge_drawn(years: DrawnYears) -> Bridge:
    """The bridge of means, as steps.csv has them, each step with its spread; rounding has none."""
    old, *amounts = means_that_add_up([years.old.cost, *years.steps.values()])
    steps = []
    for key, mean, one in zip(years.steps, amounts, spreads(np.stack(list(years.steps.values()))), strict=True):
        if key != ROUNDING:
            steps.append(Step(key, mean, one.p10, one.p90))
        elif mean:
            steps.append(Step(key, mean))
    return Bridge(old, tuple(steps), old + sum(amounts))


def months_drawn(years: DrawnYears) -> Months:
    """The months with the means of both plans, and P10 and P90 of the new one; the sums are the means of the year."""
    old, new, before = years.old, years.new, years.year_before
    olds, news = means(old.month_cost), spreads(new.month_cost)
    earlier = dict(zip(before.months, map(int, means(before.month_cost)), strict=True)) if before else {}
    rows = tuple(
        _month(place, month, old, new, int(olds[place]), news[place].mean, earlier.get(months_after(month, -12)))
        for place, month in enumerate(new.months)
    )
    ranged = tuple(
        MonthRow(**{**vars(row), "low": one.p10, "high": one.p90}) for row, one in zip(rows, news, strict=True)
    )
    whole = [row.before for row in rows if row.before is not None]
    year, next_year = (int(cents) for cents in means(np.stack([old.cost, new.cost])))
    return Months(ranged, year, next_year, next_year - year, sum(whole) if len(whole) == len(rows) else None)


def _month(
    place: int, month: date, old: DrawnOutcome, new: DrawnOutcome, before: int, after: int, earlier: int | None
) -> MonthRow:
    """A month of means: seats are the same in every draw, so that usage is what is left of the mean."""
    old_seats, new_seats = int(old.seat_cost[place]), int(new.seat_cost[place])
    return MonthRow(
        month=month,
        old_seats=old_seats,
        old_usage=before - old_seats,
        new_seats=new_seats,
        new_usage=after - new_seats,
        old=before,
        new=after,
        change=after - before,
        before=earlier,
    )


def who_drawn(found: Parties, people: MembersDrawn, scenario: Scenario) -> WinnersLosers | None:
    """Groups and teams, counted in each draw and averaged, and personas by their mean changes; None without members."""
    if not people.members:
        return None
    rows = [
        MemberRow(*row)
        for row in zip(
            people.members,
            people.teams,
            repeat(1),
            people.old_cost.tolist(),
            people.new_cost.tolist(),
            people.change.tolist(),
            strict=False,
        )
    ]
    return WinnersLosers(
        groups=tuple(map(_group, found.members)),
        teams=tuple(_teams(found.each_team, scenario)),
        members=tuple(changes(rows, scenario)),
        drawn=bool(scenario.personas),
    )


def can_do_drawn(years: DrawnYears, people: MembersDrawn) -> Capability | None:
    """What becomes possible and what no longer is, means over the draws; None where both plans leave all to do."""
    stops = tuple(
        row
        for cause in CAUSES
        if (row := StopRow(cause, _mean(years.old, cause), _mean(years.new, cause))).old or row.new
    )
    done, stopped = people.newly_done, people.newly_stopped
    if not (stops or done.any() or stopped.any()):
        return None
    draws = years.new.draws
    return Capability(
        newly_done=int(done.sum()),
        newly_done_members=_mean_number(people.more_done, draws),
        newly_stopped=int(stopped.sum()),
        newly_stopped_members=_mean_number(people.less_done, draws),
        stops=stops,
    )


def _mean_number(shares: Shares, draws: int) -> Fraction:
    """How many members, a mean over the draws, of each one's share of draws."""
    return Fraction(sum(_times(share, draws) for share in shares.tolist()), draws)


def _times(share: float, draws: int) -> int:
    return round(share * draws)


def chances_in_year(years: DrawnYears, people: MembersDrawn, scenario: Scenario) -> Mapping[tuple[str, str], Fraction]:
    """Who (empty for the organization) and cause → the share of draws in which the new plan stops them in the year.

    Of members who are drawn, the share of a persona's members and draws.
    """
    new, draws = years.new, years.new.draws
    everybody = {
        ("", cause): Fraction(int((new.by_cause[cause] > 0).any(axis=0).sum()), draws)
        for cause in POOLED
        if cause in new.by_cause
    }
    times: dict[str, list[int]] = {}
    for member, share in zip(people.members, people.limited.tolist(), strict=True):
        persona = scenario.personas.get(member)
        times.setdefault(persona.name if persona else member, []).append(_times(share, draws))
    own = {(scope, MEMBER_LIMIT): Fraction(sum(found), draws * len(found)) for scope, found in times.items()}
    return everybody | own


def _mean(year: DrawnOutcome, cause: str) -> int:
    return to_cents(int(means(year.amounts[COLUMN[cause]][None])[0]))


def _group(party: Party) -> GroupRow:
    return GroupRow(
        key=GROUP_KEYS[party.name],
        members=party.count,
        of=party.of,
        low=party.low,
        high=party.high,
        old=party.before,
        new=party.after,
        change=party.change,
        mean=party.mean_change,
        share_of_change=party.share_of_change,
    )


def _teams(teams: Sequence[Team], scenario: Scenario) -> Iterable[TeamRow]:
    """The teams whose cost changes most, by name, and the others as one; nothing where nobody is in one."""
    if not any(team.party.name for team in teams):
        return
    ordered = sorted(teams, key=lambda team: (-abs(team.party.change), team.party.name))
    shown = ordered if len(ordered) <= TEAMS_SHOWN + 1 else ordered[:TEAMS_SHOWN]
    for team in sorted(shown, key=lambda team: (not team.party.name, team.party.name)):
        yield _together([team], team_name(scenario, team.party.name))
    if len(shown) < len(ordered):
        yield _together(ordered[len(shown) :], "")


def _together(teams: Sequence[Team], name: Value) -> TeamRow:
    return TeamRow(
        name=name,
        members=int(sum(team.party.count for team in teams)),
        change=sum(team.party.change for team in teams),
        cheaper=sum((team.split.costs_less for team in teams), Fraction(0)),
        dearer=sum((team.split.costs_more for team in teams), Fraction(0)),
        teams=len(teams),
    )
