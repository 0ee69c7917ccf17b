"""From a renewal to the page about it: the verdict, the bridge, the months, and for whom what changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from planshift.billing.money import to_cents
from planshift.impact.outcome import Outcome
from planshift.impact.renew import MemberChange, Renewal
from planshift.impact.stopped import stopped_work
from planshift.plans.plan import Plan
from planshift.reports.changes import GROUPS, Change, Group, groups
from planshift.reports.page.model import (
    Bridge,
    CanDo,
    GroupRow,
    MemberRow,
    MonthRow,
    Months,
    Step,
    StopRow,
    TeamRow,
    Verdict,
    Who,
)
from planshift.reports.page.said import Name
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


def who_of(renewal: Renewal) -> Who | None:
    """Groups, teams and the largest changes; None without members."""
    if not renewal.members:
        return None
    return Who(tuple(_groups(renewal.members)), tuple(_teams(renewal)), tuple(largest(map(_row, renewal.members))))


def can_do_of(renewal: Renewal) -> CanDo | None:
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
    return CanDo(sum(newly_done), len(newly_done), sum(newly_stopped), len(newly_stopped), stops)


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
            members=group.members,
            of=len(members),
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
    yield from (_team(name, inside[name]) for name in sorted(shown, key=lambda name: (not name, name)))
    if len(shown) < len(names):
        rest = [member for name in names[len(shown) :] for member in inside[name]]
        yield _team("", rest, len(names) - len(shown))


def _team(name: str, members: Sequence[MemberChange], teams: int = 1) -> TeamRow:
    changes = [_change(member) for member in members]
    split: dict[str, Group] = {group.name: group for group in groups(changes)}
    cheaper, dearer, _ = (split[group].members for group in GROUPS)
    return TeamRow(name, len(members), sum(change.cents for change in changes), cheaper, dearer, teams)


def largest(members: Iterable[MemberRow]) -> list[MemberRow]:
    """The members whose cost rises most, and those whose cost falls most."""
    ordered = sorted(members, key=lambda member: (-member.change, member.user_id))
    dearer = [member for member in ordered if member.change > 0][:MEMBERS_SHOWN]
    return [*dearer, *[member for member in ordered if member.change < 0][-MEMBERS_SHOWN:]]


def _row(member: MemberChange) -> MemberRow:
    change = _change(member)
    return MemberRow(member.user_id, member.team, change.before, change.after, member.change)
