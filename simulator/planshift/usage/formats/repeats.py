"""What would count twice: rows given again, rows that add up others, and reports of the same days."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from itertools import combinations
from pathlib import Path
from typing import cast

from planshift.plans.scalars import exact
from planshift.problems import Place, Problem
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.tables import Table

_NOTHING: Mapping[str, str] = {}

MERGED = "Rows given more than once (the same page or file again, a repeated line) are counted once ({rows} merged)."


@dataclass
class Repeats:
    """Remembers every row: what it is about (its fields but for the ``measures``) and what it says (all of them).

    ``one_source`` says that all rows are of one source, so that none can stand in another with other numbers.
    """

    reading: Reading
    measures: Container[str]
    one_source: bool = False
    _everything: dict[bytes, list[_Seen]] = field(default_factory=dict)
    _first: dict[bytes, list[_Seen]] = field(default_factory=dict)

    def again(
        self,
        values: Mapping[str, object],
        source: object,
        place: Place,
        weight: int = 1,
        why: str = MERGED,
        beside: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether this row was read before; if so, it counts as ``weight`` rows merged, and ``why`` is said.

        The same subject with other numbers from another ``source`` (a page, a file) is a problem: one of the two was
        downloaded before its numbers were complete, and counting both would count usage twice. Inside one source such
        rows are parts of a whole, and all count.

        ``beside`` is what stands in columns that are not read: rows that differ there are no copies of each other.
        """
        row = _Seen(source, place, beside or _NOTHING)
        before = self._everything.setdefault(_key(values), [])
        if any(row.may_copy(other) for other in before):
            self.reading.merged += weight
            self.reading.warned[why] += weight
            return True
        before.append(row)
        if self.one_source:
            return False
        subject = _key({name: value for name, value in values.items() if name not in self.measures})
        others = self._first.setdefault(subject, [])
        told = next((other for other in others if other.source != source and row.may_copy(other)), None)
        if told:
            fact = f"the same row stands with other numbers at {told.place}"
            self.reading.wrong(place, fact, "import one download of these days, the newer one")
        if not any(other.source == source and other.beside == row.beside for other in others):
            others.append(row)
        return False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A row that was read: from where, and what its unread columns say."""

    source: object
    place: Place
    beside: Mapping[str, str]

    def may_copy(self, other: _Seen) -> bool:
        """Whether the two may be one row: nothing that both say is different, and in one source they say the same."""
        if self.source == other.source:
            return self.beside == other.beside
        return all(self.beside[name] == other.beside[name] for name in self.beside.keys() & other.beside.keys())


def _key(values: Mapping[str, object]) -> bytes:
    """A digest of fields: they themselves would take more memory than anything else of an import."""
    parts = [each for pair in sorted(values.items()) for each in pair]
    try:
        text = "\0".join(cast(list[str], parts))
    except TypeError:
        text = json.dumps(values, sort_keys=True, default=str)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


_PERSON = re.compile(r"[^@\s]+@[^@\s]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|user_\w+", re.IGNORECASE)
_HALF_A_CENT = Decimal("0.005")
_FEWEST_ADDED = 2
_DIGITS = 30
_SHOWN = 5

TOTAL = "the total of other rows"

_Figures = tuple[Decimal | None, ...]


@dataclass(frozen=True)
class TotalRows:
    """The lines of rows that are totals, and of those that add up all others but are named as others are.

    ``possible`` name a person by e-mail or id, ``doubtful`` do not, nor does any other row.
    """

    certain: tuple[int, ...]
    possible: tuple[int, ...]
    doubtful: tuple[int, ...]


def total_rows(
    table: Table,
    counts: Sequence[str],
    amounts: Sequence[str],
    *,
    people: Sequence[str],
    labels: Sequence[str] = (),
    channels: Sequence[str] = (),
) -> TotalRows:
    """The rows whose figures are sums of other rows' figures, whatever stands in their names.

    A row is certainly a total if it names nobody by e-mail or id (``people``), and no channel, where others do, and is
    the sum of all other rows, of all rows above it or of those since the total before (a subtotal); or where nobody is
    named so, if it is the sum of all others and has a label, such as a product, that they have not. Amounts may be
    rounded.
    """
    columns = [name for name in (*counts, *amounts) if name in table.columns]
    adder = _Adder([name in counts for name in columns])
    figures = [*zip(*(map(_number, table.column(name)) for name in columns), strict=True)]
    named = [
        any(map(_PERSON.fullmatch, who)) or any(where)
        for who, where in zip(_cells(table, people), _cells(table, channels), strict=True)
    ]
    certain = _running(figures, named, adder) if any(named) and not all(named) else set()
    leaves = [row for row in range(len(figures)) if row not in certain]
    possible = adder.halves(figures, leaves)
    if sum(any(figures[row]) for row in leaves) <= _FEWEST_ADDED:
        possible = []
    unlike = _unlike(table, labels, possible)
    certain |= {row for row in possible if not named[row] and (any(named) or row in unlike)}
    lines = [line for line, _ in table.rows]
    others = [row for row in possible if row not in certain]
    return TotalRows(
        certain=tuple(lines[row] for row in sorted(certain)),
        possible=tuple(lines[row] for row in others if named[row]),
        doubtful=tuple(lines[row] for row in others if not named[row]),
    )


def _number(cell: str) -> Decimal | None:
    # Digits alone are most cells.
    return Decimal(cell) if cell.isdigit() and cell.isascii() and len(cell) < _DIGITS else exact(cell)


def _cells(table: Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    """By row, the cells of some columns, as far as the table has them."""
    columns = [table.column(name) for name in names if name in table.columns]
    return [*zip(*columns, strict=True)] or [()] * len(table.rows)


def _unlike(table: Table, names: Sequence[str], rows: Sequence[int]) -> set[int]:
    """Which of some rows have a label that no other row has."""
    if not rows:
        return set()
    cells = _cells(table, names)
    others = {label for row, theirs in enumerate(cells) if row not in rows for label in enumerate(theirs)}
    return {row for row in rows if not others.issuperset(enumerate(cells[row]))}


def _running(figures: Sequence[_Figures], named: Sequence[bool], adder: _Adder) -> set[int]:
    """The rows that name nobody and are the sum of all rows above, or of those since the total before."""
    found: set[int] = set()
    whole, part = adder.sum(()), adder.sum(())
    for row, theirs in enumerate(figures):
        if not named[row] and any(adder.equal(theirs, added, row) for added in (whole, part)):
            found.add(row)
            part = adder.sum(())
        else:
            whole, part = (adder.sum((added, theirs)) for added in (whole, part))
    return found


@dataclass(frozen=True)
class _Adder:
    """Adds rows column by column; ``exact`` says which columns are counts, the others may be rounded to the cent."""

    exact: Sequence[bool]

    def sum(self, rows: Iterable[_Figures]) -> _Figures:
        """The sum of rows; an empty cell is nothing."""
        columns = [*zip(*rows, strict=True)] or [()] * len(self.exact)
        return tuple(sum(filter(None, column), Decimal(0)) for column in columns)

    def halves(self, figures: Sequence[_Figures], rows: Sequence[int]) -> list[int]:
        """Which of some rows are the sum of all others of them."""
        whole = self.sum(figures[row] for row in rows)
        # A look at one count leaves hardly any row to be looked at as a whole.
        first = next((place for place, exact in enumerate(self.exact) if exact and whole[place]), None)
        if first is not None:
            half = whole[first] or Decimal(0)
            likely = [row for row in rows if (figure := figures[row][first]) is None or 2 * figure == half]
        else:
            likely = [*rows]
        return [row for row in likely if self._is_half(figures[row], whole, len(rows))]

    def _is_half(self, row: _Figures, whole: _Figures, rows: int) -> bool:
        rest = tuple((amount or Decimal(0)) - (figure or Decimal(0)) for amount, figure in zip(whole, row, strict=True))
        return self.equal(row, rest, rows)

    def equal(self, row: _Figures, added: _Figures, rows: int) -> bool:
        """Whether a row's figures, as far as it has some, are these sums of so many rows, and say anything."""
        parts = [
            (figure, amount or Decimal(0), Decimal(0) if exact else _HALF_A_CENT * (rows + 1))
            for figure, amount, exact in zip(row, added, self.exact, strict=True)
            if figure is not None
        ]
        return any(figure for figure, _, _ in parts) and all(
            abs(figure - amount) <= room for figure, amount, room in parts
        )


def leave_out(found: TotalRows, file: Path, reading: Reading) -> frozenset[int]:
    """The lines of the rows that are totals: counted as dropped, and named; those that may be are named as well."""
    reading.dropped[TOTAL] += len(found.certain)
    if found.certain:
        rows = f"{_on_lines(found.certain)} add{'s' * (len(found.certain) == 1)} up other rows"
        reading.warned[f"{file}: {rows}: a total, which is left out."] += 1
    for line in found.possible:
        reading.warned[
            f"{file}: the row on line {line} is the sum of all others; it is counted. If it is a total, delete it."
        ] += 1
    for line in found.doubtful:
        fact = "the row is the sum of all others: a total, or what somebody used?"
        reading.wrong(Place(str(file), line), fact, "delete it if it is a total, else name people by their e-mail")
    return frozenset(found.certain)


def _on_lines(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_SHOWN]) + (", …" if len(lines) > _SHOWN else "")
    return f"the row on line {shown}" if len(lines) == 1 else f"the {len(lines)} rows on lines {shown}"


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
