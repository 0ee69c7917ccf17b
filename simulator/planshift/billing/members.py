"""The members of an organization, from a CSV file or a workbook: who, on which seat, in which team."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planshift.billing.ledger import ORGANIZATION
from planshift.plans.files import csv_rows, read_text
from planshift.plans.plan import Plan
from planshift.plans.scalars import odd_name, shown
from planshift.problems import InputError, Place, Problem, did_you_mean, nearest
from planshift.usage.cells import is_workbook, other_separator, workbook_text
from planshift.usage.files import MEMBERS_HEADER

HEADER = ",".join(MEMBERS_HEADER)
REQUIRED = ("user_id", "seat_type")
TEAM = "team"
_NAMES_SHOWN = 10


@dataclass(frozen=True)
class Members:
    """Seat types and teams by member; a member without a team is in none."""

    seats: Mapping[str, str]
    teams: Mapping[str, str]


def read_members(path: Path, plan: Plan) -> Members:
    """The members of a CSV file, or a workbook, with the columns user_id, seat_type and, if there are teams, team.

    Raises InputError with every mistake: a missing column, rows of another length, empty cells, a member listed twice,
    one called ``organization``, seat types that the plan does not have, and teams that do not match: a column whose
    name is nearly ``team``, or a team that is written in two ways.
    """
    text = workbook_text(path) if is_workbook(path) else read_text(path)
    listed = csv_rows(io.StringIO(text, newline=""), path)
    header = next((row.cells for row in listed), [])
    _check_header(header, str(path))
    rows = [(row.last, row.cells) for row in listed if row.cells]
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    written: dict[str, tuple[str, int]] = {}
    members: list[dict[str, str]] = []
    without_seat: dict[str, int] = {}
    for line, cells in rows:
        place = Place(str(path), line)
        if len(cells) != len(header):
            fact = f"the row has {len(cells)} cells, the header {len(header)}"
            problems.append(Problem(place, fact, "mend the row, or quote cells with commas"))
            continue
        row = dict(zip(header, cells, strict=True))
        problems += _row_problems(row, place, seen, plan)
        seen.setdefault(row["user_id"], line)
        if not row["seat_type"]:
            without_seat.setdefault(row["user_id"], line)
        members.append(row)
        problems += _team_problems(row.get(TEAM, ""), place, written)
    problems += _without_seats(without_seat, str(path), plan)
    if problems:
        raise InputError(problems)
    return Members(
        seats={row["user_id"]: row["seat_type"] for row in members},
        teams={row["user_id"]: row[TEAM] for row in members if row.get(TEAM)},
    )


def _check_header(header: Sequence[str], file: str) -> None:
    if not header:
        raise InputError.at(Place(file, 1), "the file is empty", f"begin it with the header {HEADER}")
    separated = other_separator(header)
    if separated:
        raise InputError.at(Place(file, 1), *separated)
    missing = [name for name in REQUIRED if name not in header]
    problems = [Problem(Place(file, 1), f"the column '{name}' is missing", f"begin with {HEADER}") for name in missing]
    twice = [name for place, name in enumerate(header) if name in header[:place]]
    problems += [Problem(Place(file, 1), f"the column '{name}' is there twice", "keep one of them") for name in twice]
    nearly = [name for name in header if TEAM not in header and nearest(name.strip(), [TEAM]) is not None]
    problems += [
        Problem(Place(file, 1), f"the column '{name}' is not read, so that nobody is in a team", f"call it '{TEAM}'")
        for name in nearly
    ]
    if problems:
        raise InputError(problems)


def _row_problems(row: Mapping[str, str], place: Place, seen: Mapping[str, int], plan: Plan) -> list[Problem]:
    name, seat = row["user_id"], row["seat_type"]
    problems = [] if name else [Problem(place, "user_id is empty", "fill it in, or drop the row")]
    odd = odd_name(name)
    if odd:
        problems.append(Problem(place, f"user_id {shown(name)} {odd[0]}", odd[1]))
    if name in seen and name:
        fact = f"'{name}' is listed a second time, first on line {seen[name]}"
        problems.append(Problem(place, fact, "keep one row for each member"))
    if name == ORGANIZATION:
        problems.append(Problem(place, f"'{ORGANIZATION}' stands for all members together", "use another id"))
    if seat and seat not in plan.seat_types:
        fact = f"'{seat}' is not a seat type of '{plan.id}'"
        problems.append(Problem(place, fact, did_you_mean(seat, plan.seat_types)))
    return problems


def _without_seats(members: Mapping[str, int], file: str, plan: Plan) -> Iterator[Problem]:
    """The members whose seat type is empty, by the line of each: one mistake, however many they are."""
    if not members:
        return
    place = Place(file, min(members.values()))
    if len(members) == 1:
        yield Problem(place, "seat_type is empty", "fill it in, or drop the row")
        return
    names = ", ".join(f"'{name}'" for name in [*members][:_NAMES_SHOWN]) + ", …" * (len(members) > _NAMES_SHOWN)
    seats = " or ".join(plan.seat_types)
    yield Problem(place, f"{len(members):,} members have no seat_type: {names}", f"fill in {seats}, or drop the rows")


def _team_problems(team: str, place: Place, written: dict[str, tuple[str, int]]) -> list[Problem]:
    """Is a team written as it was before? ``written``: how, and on which line first; a new one is added to it."""
    name, line = written.setdefault(" ".join(team.casefold().split()), (team, place.line))
    if name == team:
        return []
    return [Problem(place, f"the team '{team}' is written '{name}' on line {line}", "write it in one way")]
