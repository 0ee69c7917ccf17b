"""CSV exports as records: whatever the order, spelling and byte-order mark of their header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.formats.records import Record
from planshift.usage.formats.texts import read_text

_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    """A CSV file: the canonical names of its columns, and its rows with the line on which each starts."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]

    def records(self, problems: list[Problem]) -> Iterator[Record]:
        """Every row as a record by column; a row with too many or too few cells is a problem."""
        for line, cells in self.rows:
            place = Place(str(self.path), line)
            if len(cells) != len(self.columns):
                fact = f"the row has {len(cells)} cells where the header names {len(self.columns)}"
                problems.append(Problem(place, fact, "export it again; the file may be cut off here"))
                continue
            yield Record(dict(zip(self.columns, cells, strict=True)), place, problems)


def read_table(path: Path, names: Mapping[str, Sequence[str]], required: Sequence[str]) -> Table:
    """The CSV at ``path``, its columns called by the keys of ``names`` where they are one of its spellings.

    Other columns keep their normalised header (`normalised`). InputError when the file has no rows, cannot be read, or
    lacks a required column.
    """
    text = read_text(path)
    header_line = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header_line.count)
    rows = list(_rows(path, text, delimiter))
    columns = _canonical([normalised(cell) for cell in rows[0][1]], names)
    _require(path, rows[0][0], columns, required)
    if len(rows) == 1:
        raise InputError.at(path, "has a header and no rows", "export a range of days with usage, or leave it out")
    return Table(path, columns, tuple(rows[1:]))


def normalised(header: str) -> str:
    """A header in small letters and underscores: ``User's email`` → ``users_email``."""
    plain = header.strip().lower().replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        place = Place(str(path), start)
        raise InputError.at(place, f"is not CSV ({error})", "export it again; the file may be cut off") from None


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
