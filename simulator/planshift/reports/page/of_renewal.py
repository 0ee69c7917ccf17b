"""From a renewal to its page: the verdict, the bridge, the months, and for whom what changes.

Of many draws the parts are means, which add up, and say how far they are spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from planshift.billing.ledger import COLUMN
from planshift.billing.money import half_up, to_cents
from planshift.billing.scenario import Scenario
from planshift.impact.answers.capability import POOLED
from planshift.impact.answers.winners_losers import Party, Team
from planshift.impact.answers.winners_losers import WinnersLosers as Parties
from planshift.impact.bridge import ROUNDING
from planshift.impact.outcome import Outcome, Shares
from planshift.impact.renewal import Renewal
from planshift.impact.spread import Spread, means, spread, spreads
from planshift.plans.plan import Plan
from planshift.reports.changes import GROUPS
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
from planshift.reports.page.said import Name, Value
from planshift.reports.page.terms import persona_name, team_name
from planshift.reports.page.verdict import renewal_verdict, share_of
from planshift.reports.plans.names import plan_name
from planshift.reports.renewal.tables import bridge_rows
from planshift.reports.words import rounded

TEAMS_SHOWN, MEMBERS_SHOWN = 6, 3
"""So many teams, and so many members at each end, have a row of their own."""

GROUP_KEYS = dict(zip(GROUPS, ("cheaper", "dearer", "same"), strict=True))
MEMBER_LIMIT = "blocked_member_limit"
CAUSES = (
    "unavailable",
    "blocked_allowance",
    MEMBER_LIMIT,
    "blocked_organization_limit",
    "blocked_credits",
)


def old_name(plan: Plan) -> Name:
    """What the plan that ends is called."""
    return Name(f"names.plans.{plan.id}", plan_name(plan))


def new_name(plan: Plan) -> Name:
    """What the plan that begins is called."""
    return Name(f"names.plans.{plan.id}", plan.title)


def verdict_of(renewal: Renewal) -> Verdict:
    """The answer; of many draws the medians, with their ranges, as exact as these allow."""
    old, new, change = (_range(spread(cents)) for cents in (renewal.old.cost, renewal.new.cost, renewal.change))
    said = renewal_verdict(renewal)
    if renewal.draws == 1:
        share = share_of(change.p50, old.p50) if old.p50 else None
        return Verdict(said, old.p50, new.p50, change.p50, share)
    dearer = Fraction(int((renewal.change > 0).sum()), renewal.draws)
    return Verdict(said, old.p50, new.p50, change.p50, None, old, new, change, dearer)


def _range(one: Spread) -> Range:
    return Range(*(rounded(cents, one) for cents in (one.p10, one.p50, one.p90)))


def bridge_of(renewal: Renewal) -> Bridge:
    """The bridge, of many draws with the spread of each step; rounding has none, and stands only where there is any."""
    first, *between, last = bridge_rows(renewal)
    steps = []
    for row in between:
        if renewal.draws > 1 and row.step != ROUNDING:
            steps.append(Step(row.step, row.amount, row.spread.p10, row.spread.p90))
        elif row.amount or renewal.draws == 1:
            steps.append(Step(row.step, row.amount))
    return Bridge(first.amount, tuple(steps), last.amount)


def months_of(renewal: Renewal) -> Months:
    """The months, of many draws with P10 and P90 of the new plan; the sums are those of the year."""
    old, new = renewal.old, renewal.new
    rows = []
    for index, (month, before, after) in enumerate(
        zip(new.months, means(old.month_cost).tolist(), spreads(new.month_cost), strict=True)
    ):
        # Seats are the same in every draw, so that usage is what is left of the mean.
        old_seats, new_seats = int(old.seat_cost[index]), int(new.seat_cost[index])
        earlier = renewal.cost_before(month)
        rows.append(
            MonthRow(
                month=month,
                old_seats=old_seats,
                old_usage=before - old_seats,
                new_seats=new_seats,
                new_usage=after.mean - new_seats,
                old=before,
                new=after.mean,
                change=after.mean - before,
                before=None if earlier is None else int(means(earlier)),
                low=after.p10 if renewal.draws > 1 else None,
                high=after.p90 if renewal.draws > 1 else None,
            )
        )
    whole = [row.before for row in rows if row.before is not None]
    this, following = int(means(old.cost)), int(means(new.cost))
    return Months(tuple(rows), this, following, following - this, sum(whole) if len(whole) == len(rows) else None)


def who_of(renewal: Renewal, found: Parties) -> WinnersLosers | None:
    """Groups and teams, counted in each draw and averaged, and the largest changes; None without members."""
    people, scenario = renewal.members, renewal.scenario
    if not people.members:
        return None
    costs = zip(people.members, people.teams, people.old_cost.tolist(), people.new_cost.tolist(), strict=True)
    rows = [MemberRow(member, team, 1, old, new, new - old) for member, team, old, new in costs]
    return WinnersLosers(
        groups=tuple(map(_group, found.members)),
        teams=tuple(_teams(found.each_team, scenario)),
        members=tuple(changes(rows, scenario)),
        drawn=bool(scenario.personas),
    )


def can_do_of(renewal: Renewal) -> Capability | None:
    """What becomes possible and what no longer is, means over the draws; None where both plans leave all to do."""
    years, people = renewal, renewal.members
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


def chances_in_year(renewal: Renewal) -> Mapping[tuple[str, str], Fraction]:
    """Who (empty for the organization) and cause → the share of draws in which the new plan stops them in the year.

    Of members who are drawn, the share of a persona's members and draws.
    """
    new, draws, people, scenario = renewal.new, renewal.draws, renewal.members, renewal.scenario
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


def _mean(year: Outcome, cause: str) -> int:
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
        yield _teams_together([team], team_name(scenario, team.party.name))
    if len(shown) < len(ordered):
        yield _teams_together(ordered[len(shown) :], "")


def _teams_together(teams: Sequence[Team], name: Value) -> TeamRow:
    return TeamRow(
        name=name,
        members=int(sum(team.party.count for team in teams)),
        change=sum(team.party.change for team in teams),
        cheaper=sum((team.split.costs_less for team in teams), Fraction(0)),
        dearer=sum((team.split.costs_more for team in teams), Fraction(0)),
        teams=len(teams),
    )


def changes(members: Iterable[MemberRow], scenario: Scenario) -> list[MemberRow]:
    """The members whose cost rises most, and those whose cost falls most; of drawn ones, personas, by their change.

    A drawn member is nobody, so that their persona stands for them, with what one of its members costs on average.
    """
    found = list(members)
    if not scenario.personas:
        return _largest(found)
    inside: dict[str, list[MemberRow]] = {}
    for row in found:
        if row.name in scenario.personas:
            inside.setdefault(scenario.personas[str(row.name)].name, []).append(row)
    personas = {persona.name: persona for persona in scenario.personas.values()}
    rows = [_together(persona_name(personas[name]), rows) for name, rows in inside.items()]
    return sorted(rows, key=lambda row: -row.change)


def _together(name: Value, rows: Sequence[MemberRow]) -> MemberRow:
    """Several members as one: the mean of their costs."""
    old, new = (half_up(Fraction(sum(getattr(row, name) for row in rows), len(rows))) for name in ("old", "new"))
    return MemberRow(name, "", len(rows), old, new, new - old)


def _largest(members: Iterable[MemberRow]) -> list[MemberRow]:
    ordered = sorted(members, key=lambda member: (-member.change, str(member.name)))
    dearer = [member for member in ordered if member.change > 0][:MEMBERS_SHOWN]
    return [*dearer, *[member for member in ordered if member.change < 0][-MEMBERS_SHOWN:]]
