"""From a renewal to the page about it: the verdict, the bridge, the months, and for whom what changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from planshift.billing.money import half_up, to_cents
from planshift.billing.scenario import Scenario
from planshift.impact.outcome import Outcome
from planshift.impact.renew import MemberChange, Renewal
from planshift.impact.stopped import stopped_work
from planshift.plans.plan import Plan
from planshift.reports.changes import GROUPS, Change, Group, groups
from planshift.reports.page.model import (
    Bridge,
    Capability,
    GroupRow,
    MemberRow,
    MonthRow,
    Months,
    Step,
    StopRow,
    TeamRow,
    Verdict,
    WinnersLosers,
)
from planshift.reports.page.said import Name, Value
from planshift.reports.page.terms import persona_name, team_name
from planshift.reports.page.verdict import verdict_said, with_stopped
from planshift.reports.plans.names import plan_name
from planshift.reports.renewal.tables import months as month_values
from planshift.reports.renewal.words import term_ends

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
    """The answer of a renewal without draws."""
    old, new, change = renewal.old.cost, renewal.new.cost, renewal.change
    share = Fraction(abs(change), old) if old else None
    simulated = renewal.scenario.seed is not None
    said = with_stopped(verdict_said(renewal, old, new, term_ends(renewal), simulated), stopped_work(renewal))
    return Verdict(said, old, new, change, share)


def bridge_of(renewal: Renewal) -> Bridge:
    """The bridge of a renewal without draws."""
    steps = tuple(Step(step.key, step.cents) for step in renewal.steps)
    return Bridge(renewal.old.cost, steps, renewal.new.cost)


def months_of(renewal: Renewal) -> Months:
    """The months of a renewal without draws."""
    values = month_values(renewal)
    taken = ("month", "old_seats", "old_usage", "new_seats", "new_usage", "old_cost", "new_cost", "change")
    before = values["year_before"]
    cells = zip(*(values[name] for name in taken), strict=True)
    rows = tuple(replace(MonthRow(*row), before=earlier) for row, earlier in zip(cells, before, strict=True))
    whole = None if None in before else sum(before)
    return Months(rows, renewal.old.cost, renewal.new.cost, renewal.change, whole)


def who_of(renewal: Renewal) -> WinnersLosers | None:
    """Groups, teams and the largest changes; None without members."""
    if not renewal.members:
        return None
    rows = map(_row, renewal.members)
    scenario = renewal.scenario
    return WinnersLosers(
        groups=tuple(_groups(renewal.members)),
        teams=tuple(_teams(renewal)),
        members=tuple(changes(rows, scenario)),
        drawn=bool(scenario.personas),
    )


def can_do_of(renewal: Renewal) -> Capability | None:
    """What becomes possible and what no longer is; None where both plans leave everything to do."""
    members = renewal.members
    newly_done = [member.newly_done for member in members if member.newly_done]
    newly_stopped = [member.newly_stopped for member in members if member.newly_stopped]
    stops = tuple(
        row
        for cause in CAUSES
        if (row := StopRow(cause, _amount(renewal.old, cause), _amount(renewal.new, cause))).old or row.new
    )
    if not (newly_done or newly_stopped or stops):
        return None
    counts = Fraction(len(newly_done)), Fraction(len(newly_stopped))
    return Capability(sum(newly_done), counts[0], sum(newly_stopped), counts[1], stops)


def _amount(year: Outcome, cause: str) -> int:
    return to_cents(year.amount(cause))


def _change(member: MemberChange) -> Change:
    return Change(member.old_seat_cost + member.old_usage, member.new_seat_cost + member.new_usage)


def _groups(members: Sequence[MemberChange]) -> Iterable[GroupRow]:
    found = groups(map(_change, members))
    whole = sum(group.cents for group in found)
    for group in found:
        yield GroupRow(
            key=GROUP_KEYS[group.name],
            members=Fraction(group.members),
            of=len(members),
            low=group.members,
            high=group.members,
            old=group.before,
            new=group.after,
            change=group.cents,
            mean=group.mean,
            share_of_change=Fraction(group.cents, whole) if whole else None,
        )


def _teams(renewal: Renewal) -> Iterable[TeamRow]:
    """The teams whose cost changes most, by name, and the others as one."""
    if not renewal.scenario.teams:
        return
    inside: dict[str, list[MemberChange]] = {}
    for member in renewal.members:
        inside.setdefault(member.team, []).append(member)
    names = sorted(inside, key=lambda name: (-abs(sum(member.change for member in inside[name])), name))
    shown = names if len(names) <= TEAMS_SHOWN + 1 else names[:TEAMS_SHOWN]
    named = partial(team_name, renewal.scenario)
    yield from (_team(named(name), inside[name]) for name in sorted(shown, key=lambda name: (not name, name)))
    if len(shown) < len(names):
        rest = [member for name in names[len(shown) :] for member in inside[name]]
        yield _team("", rest, len(names) - len(shown))


def _team(name: Value, members: Sequence[MemberChange], teams: int = 1) -> TeamRow:
    changes = [_change(member) for member in members]
    split: dict[str, Group] = {group.name: group for group in groups(changes)}
    cheaper, dearer, _ = (Fraction(split[group].members) for group in GROUPS)
    return TeamRow(name, len(members), sum(change.cents for change in changes), cheaper, dearer, teams)


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


def _row(member: MemberChange) -> MemberRow:
    change = _change(member)
    return MemberRow(member.user_id, member.team, 1, change.before, change.after, member.change)
