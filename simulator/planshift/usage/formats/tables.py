"""Tables as records, CSV or a workbook, whatever the order and spelling of columns and the form of numbers.

How a column marks decimals is what the caller says, or what its cells cannot be read in another way: ``0,12`` has a
decimal comma, and then ``120.000`` in the same file is a hundred and twenty thousand, because one program wrote both.
Where nothing settles it, cells stay as they are: three decimals are asked about (`planshift.plans.scalars`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from planshift.plans.files import csv_rows
from planshift.plans.scalars import decimal_mark, in_point_form, may_mark_thousands
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.cells import is_workbook, workbook_rows
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.records import Record, is_utf16, read_text

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_EXCEL_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""The line that Excel reads before the header: how cells are separated."""


@dataclass(frozen=True)
class Table:
    """A table: the headers as written, the canonical names of its columns, its rows with the line on which each starts.

    ``notes`` say what about its form was found out and not given.
    """

    path: Path
    headers: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        return {}

    def records(self, problems: list[Problem]) -> Iterator[Record]:
        """Every row as a record by column; a row with too many or too few cells is a problem."""
        for line, cells in self.rows:
            place = Place(str(self.path), line)
            if len(cells) != len(self.columns):
                fact = f"the row has {len(cells)} cells where the header names {len(self.columns)}"
                problems.append(Problem(place, fact, "export it again; the file may be cut off here"))
                continue
            yield Record(dict(zip(self.columns, cells, strict=True)), place, problems, by_hand=True)

    def column(self, name: str) -> list[str]:
        """The cells of a column, without the blanks around them; empty where a row is too short."""
        if name not in self._columns:
            at = self.columns.index(name)
            self._columns[name] = [cells[at].strip() if at < len(cells) else "" for _, cells in self.rows]
        return self._columns[name]

    def with_columns(self, changed: Mapping[str, Sequence[str]]) -> Table:
        """The table with other cells in some columns."""
        if not changed:
            return self
        by_place = {self.columns.index(name): cells for name, cells in changed.items()}
        rows = tuple(
            (line, [by_place[place][row] if place in by_place else cell for place, cell in enumerate(cells)])
            for row, (line, cells) in enumerate(self.rows)
        )
        return replace(self, rows=rows)

    def unread(self, known: Container[str]) -> dict[str, str]:
        """The columns that nobody reads and that say something: canonical name → header."""
        return {
            name: header
            for name, header in zip(self.columns, self.headers, strict=True)
            if name not in known and any(self.column(name))
        }

    def say(self, unread: Mapping[str, str], reading: Reading) -> None:
        """Say what about the form of the table was found out, and which columns are not read."""
        for note in self.notes:
            reading.assumed[note] += 1
        if unread:
            names = ", ".join(f"'{header}'" for header in unread.values())
            columns = "a column that is" if len(unread) == 1 else "columns that are"
            reading.warned[f"{self.path} has {columns} not read: {names}; rows that differ there all count."] += 1


def read_table(path: Path, names: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """The table at ``path``, CSV or a workbook, its columns called by the keys of ``names`` or one of their spellings.

    Other columns keep their normalised header (`normalised`). InputError when the file has no rows, cannot be read, or
    lacks a required column.
    """
    notes: list[str] = []
    rows = workbook_rows(path) if is_workbook(path) else _csv_rows(path, notes)
    headers = tuple(cell.strip() for cell in rows[0][1])
    columns = _canonical([normalised(cell) for cell in headers], names)
    _require(path, rows[0][0], columns, required)
    if len(rows) == 1:
        raise InputError.at(path, "has a header and no rows", "export a range of days with usage, or leave it out")
    return Table(path, headers, columns, tuple(rows[1:]), tuple(notes))


def without_excel_line(text: str) -> tuple[str, str]:
    """A text without the line ``sep=;`` that Excel puts before the header, and the separator named there, if any."""
    line, newline, rest = text.partition("\n")
    found = _EXCEL_LINE.fullmatch(line.strip("\r"))
    return (rest, found[1]) if found and newline else (text, "")


def _csv_rows(path: Path, notes: list[str]) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file with their lines; what its form is goes to ``notes`` where it is not the usual one."""
    text = read_text(path)
    if is_utf16(path):
        notes.append(f"{path}: the text is in UTF-16.")
    body, delimiter = without_excel_line(text)
    first = text.count("\n") - body.count("\n") + 1
    if not delimiter:
        header_line = body.lstrip().partition("\n")[0]
        delimiter = max(_DELIMITERS, key=header_line.count)
    if delimiter != ",":
        notes.append(f"{path}: cells are separated by {_DELIMITERS.get(delimiter, repr(delimiter))}.")
    rows = list(_rows(path, body, delimiter, first))
    if not rows:
        raise InputError.at(path, "has no header and no rows", "export it again, or leave it out")
    return rows


def normalised(header: str) -> str:
    """A header in small letters and underscores: ``User's email`` → ``users_email``."""
    plain = header.strip().lower().replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _rows(path: Path, text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    for row in csv_rows(io.StringIO(text, newline=""), path, delimiter=delimiter, before=first - 1):
        if any(cell.strip() for cell in row.cells):
            yield row.first, row.cells


def _canonical(headers: Sequence[str], names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    columns = list(headers)
    for name, spellings in names.items():
        if name in columns:
            continue
        found = next((spelling for spelling in spellings if spelling in columns), None)
        if found is not None:
            columns[columns.index(found)] = name
    return tuple(columns)


def _require(path: Path, line: int, columns: Sequence[str], required: Sequence[str]) -> None:
    place = Place(str(path), line)
    problems = [
        Problem(
            place,
            f"the header lacks the column '{name}'",
            f"export it again, or name it so: {did_you_mean(name, columns)}",
        )
        for name in required
        if name not in columns
    ]
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    problems += [
        Problem(place, f"the header names '{name}' twice", "remove one of the two columns") for name in repeated
    ]
    if problems:
        raise InputError(problems)


MARKS = {"comma": ",", "point": "."}
"""What the caller may say of decimals."""

_USUAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_FINE = re.compile(r"-?[0-9]+\.[0-9]{3,}")


def in_one_form(table: Table, counts: Iterable[str], amounts: Iterable[str], decimal: str | None) -> Table:
    """The table with its columns of counts and amounts in point form, and a note on what was read in another way."""
    amounts = {*amounts} & {*table.columns}
    columns = [name for name in table.columns if name in amounts or name in {*counts}]
    cells = {name: table.column(name) for name in columns}
    # Digits alone are most cells, and say nothing of marks.
    marked = {name: {text for text in texts if not text.isdigit()} for name, texts in cells.items()}
    marks = {name: {decimal_mark(text) for text in texts} - {None} for name, texts in marked.items()}
    everywhere = {mark for found in marks.values() for mark in found}
    changed: dict[str, list[str]] = {}
    notes: list[str] = []
    for name, texts in cells.items():
        mark = MARKS[decimal] if decimal else _mark(marks[name], everywhere)
        sure = decimal is not None or (name in amounts and any(map(_is_fine, marked[name])))
        forms = {text: _read(text, mark, sure) for text in marked[name]}
        if any(text != form for text, form in forms.items()):
            read = [forms.get(text, text) for text in texts]
            changed[name] = read
            notes += _note(table.headers[table.columns.index(name)], texts, read)
    return replace(table.with_columns(changed), notes=(*table.notes, *_joined(table, notes)))


def _mark(found: set[str | None], everywhere: set[str | None]) -> str:
    """The mark of a column: its own, else that of all other columns if it is a comma; a point where nothing says so."""
    return "," if found == {","} or (not found and everywhere == {","}) else "."


def _is_fine(text: str) -> bool:
    """Whether a cell has three decimals or more that cannot be thousands: its column has such decimals."""
    return bool(_FINE.fullmatch(text)) and not may_mark_thousands(text)


def _read(text: str, mark: str, sure: bool) -> str:
    """A cell in point form; as it is where it is no number, or one to be asked about."""
    asked_about = not sure and may_mark_thousands(text, mark)
    if asked_about or (_USUAL.fullmatch(text) and mark == "." and not may_mark_thousands(text)):
        return text
    if not sure and mark == "." and may_mark_thousands(text, ","):
        return text
    return in_point_form(text, mark) or text


def _note(header: str, texts: Sequence[str], read: Sequence[str]) -> list[str]:
    """An example of what a column's cells were read as, where that is not plain."""
    for before, after in zip(texts, read, strict=True):
        if before != after:
            return [f"{header}: '{before}' is {after}"]
    return []


def _joined(table: Table, notes: Sequence[str]) -> list[str]:
    return [f"{table.path}: decimals and thousands are marked in the file's own way: {'; '.join(notes)}."] * bool(notes)
