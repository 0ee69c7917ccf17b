"""What reports cover, organization and days, and which of them hold the same days: those would count twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path

from planshift.problems import Place, Problem

_TWICE = "import reports whose ranges do not overlap: days in both would count twice"
_NAME_IT = "if it is another organization's, name it spend-report-ORGANIZATION-YYYY-MM-DD-to-YYYY-MM-DD.csv; else "


@dataclass(frozen=True)
class Span:
    """What a report without dates covers: an organization (empty if not known), and the days from first to last."""

    organization: str
    first: date
    last: date

    def __str__(self) -> str:
        return _range(self.first, self.last)


@dataclass
class Coverage:
    """The files of an import: those that are totals of a range, and the days of those by day, by organization."""

    spans: list[tuple[Path, Span]] = field(default_factory=list)
    days: dict[Path, dict[str, set[date]]] = field(default_factory=dict)

    def add_day(self, path: Path, organization: str, day: date) -> None:
        """A file by day has usage of an organization on a day."""
        self.days.setdefault(path, {}).setdefault(organization, set()).add(day)

    def problems(self) -> Iterator[Problem]:
        """The files that hold days of files before them.

        Two totals of one known range are one report given twice, and two files by day have comparable rows: row by row
        shows which of those are the same.
        """
        for (before, one), (path, other) in combinations(self.spans, 2):
            apart = other.last < one.first or one.last < other.first
            if not apart and one != other and _may_be_one(one.organization, other.organization):
                fact = f"its range ({other}) overlaps that of {before} ({one})"
                yield Problem(Place(str(path)), fact, _remedy(one.organization, other.organization))
        for path, span in self.spans:
            for daily, by_organization in self.days.items():
                yield from _held_by(span, path, daily, by_organization)


def _held_by(span: Span, path: Path, daily: Path, days: dict[str, set[date]]) -> Iterator[Problem]:
    """The days of a file by day that lie in the range of another file."""
    for organization, theirs in days.items():
        both = {day for day in theirs if span.first <= day <= span.last}
        if both and _may_be_one(span.organization, organization):
            fact = f"its days {_range(min(both), max(both))} are in both: the range of {path} ({span}) overlaps them"
            yield Problem(Place(str(daily)), fact, _remedy(span.organization, organization))


def _may_be_one(one: str, other: str) -> bool:
    """Whether two organizations may be the same: one that is not known may be any."""
    return one == other or not (one and other)


def _remedy(one: str, other: str) -> str:
    return _TWICE if one == other else _NAME_IT + _TWICE


def _range(first: date, last: date) -> str:
    return f"{first} to {last}" if first < last else str(first)
