"""Rows of a table that add up other rows: somebody's total below the rows of people would count everything twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from planshift.plans.scalars import exact
from planshift.problems import Place
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.tables import Table

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
