"""Tables of a renewal by member, by team, and by who costs less, more, or about the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from planshift.billing.money import half_up
from planshift.impact.odds import changed
from planshift.impact.outcome import Cents, Shares
from planshift.impact.renewal import Renewal, TeamYears
from planshift.impact.spread import means
from planshift.reports.changes import CHEAPER, DEARER, GROUPS, SAME
from planshift.reports.spread import shares
from planshift.reports.table import Column, Kind, Table
from planshift.reports.words import tenths

OLD_IS_COUNTERFACTUAL: Final = Column(
    "counterfactual", Kind.FLAG, "yes where the old plan is a counterfactual: it cannot be renewed (Rulebook P2)"
)
MEANS: Final = "; amounts of several draws are their means"
_GROUP: Final = f"{CHEAPER}, {DEARER}, or {SAME}: within 1 % of the old cost"
_AVERAGED: Final = ", counted in each draw and averaged"


def _of_members(name: str) -> Callable[[Renewal], list[Any]]:
    """What the summary of members has under a name."""

    def values(renewal: Renewal) -> list[Any]:
        column: list[Any] = np.asarray(getattr(renewal.members, name)).tolist()
        return column

    return values


def _shares(name: str) -> Callable[[Renewal], list[str]]:
    def values(renewal: Renewal) -> list[str]:
        found: Shares = getattr(renewal.members, name)
        return shares(found.tolist())

    return values


def _groups(renewal: Renewal) -> list[str]:
    more, less = changed(renewal.members.old_cost, renewal.members.new_cost)
    groups: list[str] = np.where(less, CHEAPER, np.where(more, DEARER, SAME)).tolist()
    return groups


_MEMBER: Final = (
    Column("user_id", Kind.TEXT, "The member", _of_members("members")),
    Column("team", Kind.TEXT, "Their team; empty where they are in none", _of_members("teams")),
)
_EVERY_MEMBER: Final = replace(OLD_IS_COUNTERFACTUAL, value=lambda of: [True] * len(of.members.members))

RENEWAL_MEMBERS: Final = Table(
    "members",
    f"a member{MEANS}",
    (
        *_MEMBER,
        Column(
            "old_seat",
            Kind.TEXT,
            "The seat type on the old plan, on the day of the renewal; empty without a seat",
            _of_members("old_seats"),
        ),
        Column("new_seat", Kind.TEXT, "The seat type on the new plan; empty without a seat", _of_members("new_seats")),
        *(
            Column(name, Kind.CENTS, meaning, _of_members(name))
            for name, meaning in (
                ("old_seat_cost", "The price of the old seat for these months"),
                ("new_seat_cost", "The price of the new seat for these months"),
                ("old_usage", "Usage billed, had the old plan continued"),
                ("new_usage", "Usage billed on the new plan"),
                ("old_cost", "Seat and usage, had the old plan continued"),
                ("new_cost", "Seat and usage on the new plan"),
            )
        ),
        Column(
            "change",
            Kind.CENTS,
            "The new plan less the old one",
            lambda of: (of.members.new_cost - of.members.old_cost).tolist(),
        ),
        Column("group", Kind.TEXT, _GROUP, _groups),
        Column(
            "newly_done",
            Kind.CENTS,
            "Work, at list price, that can be done more than on the old plan",
            _of_members("newly_done"),
        ),
        Column(
            "newly_stopped",
            Kind.CENTS,
            "Work, at list price, that can be done less than on the old plan",
            _of_members("newly_stopped"),
        ),
        _EVERY_MEMBER,
    ),
)

MEMBER_CHANCES: Final = Table(
    "member_chances",
    "a member, and in how many draws they cost more or less than on the old plan, or are stopped",
    (
        *_MEMBER,
        Column(
            "chance_dearer",
            Kind.NUMBER,
            "Share of the draws in which they cost more, by over 1 % of that cost",
            _shares("costs_more"),
        ),
        Column(
            "chance_cheaper",
            Kind.NUMBER,
            "Share of the draws in which they cost less, likewise",
            _shares("costs_less"),
        ),
        Column(
            "chance_stopped",
            Kind.NUMBER,
            "Share of the draws in which their own limit stops them at least once",
            _shares("limited"),
        ),
        _EVERY_MEMBER,
    ),
)


def _mean_count(counts: Cents) -> int | str:
    """A number of members, averaged over the draws: one decimal where it is not whole."""
    count = Fraction(int(counts.sum()), len(counts))
    return int(count) if count.denominator == 1 else tenths(count)


def _teams_mean(amounts: Callable[[TeamYears], Cents]) -> Callable[[Renewal], list[int]]:
    """The means of amounts of teams, of shape (teams, draws)."""
    return lambda renewal: means(amounts(renewal.teams)).tolist() if renewal.teams else []


def _teams_group(place: int) -> tuple[Callable[[Renewal], list[int | str]], Callable[[Renewal], list[int]]]:
    """How many of each team are in a group, and what they change."""

    def members(renewal: Renewal) -> list[int | str]:
        return [_mean_count(counts) for counts in renewal.teams.members[:, place]] if renewal.teams else []

    return members, _teams_mean(lambda teams: teams.new_cost[:, place] - teams.old_cost[:, place])


_LESS, _MORE, _SAME = map(_teams_group, range(len(GROUPS)))


def _of_teams(value: Callable[[TeamYears], Sequence[Any]]) -> Callable[[Renewal], Sequence[Any]]:
    return lambda renewal: value(renewal.teams) if renewal.teams else ()


TEAMS: Final = Table(
    "teams",
    f"a team; its members' seats and usage, but no seat that nobody has{MEANS}",
    (
        Column("team", Kind.TEXT, "The team; empty for members who are in none", _of_teams(lambda teams: teams.names)),
        Column("members", Kind.COUNT, "How many there are", _of_teams(lambda teams: teams.sizes)),
        Column(
            "old_cost",
            Kind.CENTS,
            "Seats and usage of its members, had the old plan continued",
            _teams_mean(lambda teams: teams.old_cost.sum(axis=1)),
        ),
        Column(
            "new_cost",
            Kind.CENTS,
            "Seats and usage of its members on the new plan",
            _teams_mean(lambda teams: teams.new_cost.sum(axis=1)),
        ),
        Column(
            "change",
            Kind.CENTS,
            "The new plan less the old one",
            _teams_mean(lambda teams: (teams.new_cost - teams.old_cost).sum(axis=1)),
        ),
        Column(
            "cheaper", Kind.NUMBER, f"Members who cost less, by more than 1 % of their old cost{_AVERAGED}", _LESS[0]
        ),
        Column(
            "dearer", Kind.NUMBER, f"Members who cost more, by more than 1 % of their old cost{_AVERAGED}", _MORE[0]
        ),
        Column("about_the_same", Kind.NUMBER, f"Members whose cost changes by 1 % at most{_AVERAGED}", _SAME[0]),
        Column("cheaper_change", Kind.CENTS, "The change of those who cost less", _LESS[1]),
        Column("dearer_change", Kind.CENTS, "The change of those who cost more", _MORE[1]),
        Column("about_the_same_change", Kind.CENTS, "The change of the others", _SAME[1]),
        Column(
            "newly_done",
            Kind.CENTS,
            "Work, at list price, that its members can do more than on the old plan",
            _teams_mean(lambda teams: teams.newly_done),
        ),
        Column(
            "newly_stopped",
            Kind.CENTS,
            "Work, at list price, that its members can do less",
            _teams_mean(lambda teams: teams.newly_stopped),
        ),
        replace(OLD_IS_COUNTERFACTUAL, value=_of_teams(lambda teams: [True] * len(teams.names))),
    ),
)


@dataclass(frozen=True)
class GroupRow:
    """A row of winners.csv: the members of a group, counted in each draw and averaged."""

    group: str
    members: int | str
    old_cost: int
    new_cost: int
    change: int
    mean_change: int | None
    share_of_change: str
    counterfactual: bool = True


def group_rows(renewal: Renewal) -> list[GroupRow]:
    """Those who cost less, more, and about the same."""
    teams = renewal.teams
    nobody = np.zeros((len(GROUPS), renewal.draws), dtype=np.int64)
    members, old, new = (
        (of.sum(axis=0) for of in (teams.members, teams.old_cost, teams.new_cost))
        if teams
        else (nobody, nobody, nobody)
    )
    whole, rows = int((new - old).sum()), []
    for place, group in enumerate(GROUPS):
        count, change = int(members[place].sum()), int((new - old)[place].sum())
        rows.append(
            GroupRow(
                group=group,
                members=_mean_count(members[place]),
                old_cost=int(means(old[place])),
                new_cost=int(means(new[place])),
                change=int(means((new - old)[place])),
                mean_change=half_up(Fraction(change, count)) if count else None,
                share_of_change=tenths(Fraction(change, whole) * 100) if whole else "",
            )
        )
    return rows


RENEWAL_WINNERS: Final = Table(
    "winners",
    f"the members who cost less, more, or about the same after the renewal{_AVERAGED}",
    (
        Column("group", Kind.TEXT, _GROUP),
        Column("members", Kind.NUMBER, "How many there are"),
        Column("old_cost", Kind.CENTS, "Their seats and usage, had the old plan continued"),
        Column("new_cost", Kind.CENTS, "Their seats and usage on the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("mean_change", Kind.CENTS, "The change a member; empty without members"),
        Column(
            "share_of_change",
            Kind.NUMBER,
            "Per cent of the whole change, negative against it; empty where nothing changes",
        ),
        OLD_IS_COUNTERFACTUAL,
    ),
    group_rows,
)
