"""Whom a renewal concerns, in words: groups, teams, the largest changes, and where costs break even."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from planshift.impact.odds import ABOUT_THE_SAME
from planshift.reports.page.document import NAME, NUMBER, Block, Grid, Section, Side, row
from planshift.reports.page.language import Language
from planshift.reports.page.reader import LONG_FIGURE, NOTHING, Reader, lead, pair, spare


def who_section(reader: Reader, who: Any) -> Section:
    """Whom it concerns; ``who``: that part of the page."""
    say, draws = reader.language.say, reader.page.draws
    first = say("who.lead", within=ABOUT_THE_SAME)
    if draws > 1:
        first = say("who.lead_draws", within=ABOUT_THE_SAME, draws=draws)
    blocks: list[Block] = [lead(first), _groups(reader, who.groups)]
    teams = Side((_teams(reader, who.teams),) if who.teams else ())
    people = _personas if who.drawn else _members
    members = Side((people(reader, who.members),) if who.members else ())
    blocks += pair(teams, members)
    if who.break_even:
        blocks.append(_break_even(reader, who.break_even))
    return Section("who", say("who.heading"), tuple(blocks))


def _groups(reader: Reader, groups: Iterable[Any]) -> Grid:
    say, figure, percent = reader.language.say, reader.language.figure, reader.language.percent
    amounts = ("who.members", "who.share", "who.old", "who.new", "who.change", "who.mean", "who.share_of_change")
    columns = reader.columns({"who.group": "", **dict.fromkeys(amounts, NUMBER)})
    rows = (
        row(
            columns,
            say(f"who.groups.{one.key}"),
            _number(reader.language, one),
            percent(one.members / one.of),
            figure(one.old),
            figure(one.new),
            figure(one.change, signed=True),
            NOTHING if one.mean is None else figure(one.mean, signed=True),
            NOTHING if one.share_of_change is None else percent(one.share_of_change),
        )
        for one in groups
    )
    return Grid(say("who.groups_table"), columns, tuple(rows), cards=True)


def _number(language: Language, group: Any) -> str:
    """How many are in a group; where that differs between draws, their mean with its P10 and P90."""
    mean = language.average(group.members)
    return mean if group.low == group.high else f"{mean} ({language.count(group.low)}–{language.count(group.high)})"


def _teams(reader: Reader, teams: Iterable[Any]) -> Grid:
    say, average = reader.language.say, reader.language.average
    columns = reader.columns(
        {"who.team": NAME, "who.members": NUMBER, "who.change": NUMBER, "who.cheaper": NUMBER, "who.dearer": NUMBER}
    )
    rows = (
        row(
            columns,
            _team(reader.language, one),
            reader.language.count(one.members),
            reader.language.figure(one.change, signed=True),
            average(one.cheaper),
            average(one.dearer),
            spare=spare(place, 7, 7, 3) if one.teams == 1 else 0,
        )
        for place, one in enumerate(teams)
    )
    return Grid(say("who.teams_table"), columns, tuple(rows))


def _team(language: Language, team: Any) -> str:
    if team.teams > 1:
        return language.say("who.other_teams", count=team.teams)
    return language.text(team.name) or language.say("who.no_team")


def _personas(reader: Reader, personas: tuple[Any, ...]) -> Grid:
    figure = reader.language.figure
    columns = reader.columns({"who.persona": NAME, "who.old": NUMBER, "who.new": NUMBER, "who.change": NUMBER})
    rows = (
        row(
            columns,
            f"{reader.language.text(one.name)} × {reader.language.count(one.count)}",
            figure(one.old),
            figure(one.new),
            figure(one.change, signed=True),
        )
        for one in personas
    )
    return Grid(reader.language.say("who.personas_table"), columns, tuple(rows), cards=True)


def _members(reader: Reader, members: tuple[Any, ...]) -> Grid:
    figure = reader.language.figure
    columns = reader.columns({"who.member": NAME, "who.old": NUMBER, "who.new": NUMBER, "who.change": NUMBER})
    rows = (
        row(
            columns,
            f"{one.name} ({one.team})" if one.team else one.name,
            figure(one.old),
            figure(one.new),
            figure(one.change, signed=True),
            # Those who get dearer are listed from the top, those who get cheaper up from the end.
            spare=spare(place if one.change > 0 else len(members) - 1 - place, 2, 1, 1),
        )
        for place, one in enumerate(members)
    )
    long = len(figure(max(one.new for one in members))) > LONG_FIGURE
    return Grid(reader.language.say("who.members_table"), columns, tuple(rows), cards=long)


def _break_even(reader: Reader, seats: Iterable[Any]) -> Grid:
    say, count = reader.language.say, reader.language.count
    columns = reader.columns({"who.seat": "", "who.at": "", "who.usage_now": NUMBER, "who.around": ""})
    rows = (
        row(
            columns,
            say("who.everybody") if one.seat is None else reader.language.text(one.seat),
            _crossings(reader.language, one),
            reader.language.figure(one.mean_usage),
            count(one.members) if one.dearer is None else say("who.below_above", below=one.cheaper, above=one.dearer),
        )
        for one in seats
    )
    return Grid(say("who.break_even"), columns, tuple(rows), cards=True)


def _crossings(language: Language, seat: Any) -> str:
    turns = [language.say(f"who.turns.{turn}", usage=language.figure(usage)) for usage, turn in seat.crossings]
    return "; ".join(turns) or language.say(f"who.everywhere.{seat.everywhere}")
