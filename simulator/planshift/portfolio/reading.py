"""From files of accounts to a table: every cell read once for each distinct text, every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.files import Cells
from planshift.plans.scalars import RefusedError, odd_name, shown
from planshift.portfolio.cells import ABSENT, number_of
from planshift.portfolio.columns import Column, Kind, Needed
from planshift.portfolio.files import Sheet, read_sheet
from planshift.portfolio.table import Coded, Ints
from planshift.problems import InputError, Place, Problem, did_you_mean

Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
"""Rows by their place."""

AT_MOST = 1000
"""So many problems of one kind are told at most."""
_NO_DEFAULT = "; `defaults` has none"


@dataclass(eq=False)
class Rows:
    """The rows of all files, one file after another, while they are read: columns, mistakes, and rows that are wrong.

    ``numbers`` and ``texts`` as in `planshift.portfolio.table.AccountTable`; ``file`` by row.
    """

    sheets: Sequence[Sheet]
    problems: list[Problem]
    numbers: dict[str, Ints] = field(default_factory=dict)
    texts: dict[str, Coded] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = [len(sheet.lines) for sheet in self.sheets]
        self.starts = np.cumsum([0, *counts])
        self.file = np.repeat(np.arange(len(counts), dtype=np.int16), counts)
        self.line = np.concatenate([sheet.lines for sheet in self.sheets])
        self.wrong: Bools = np.zeros(len(self.line), dtype=np.bool_)
        self._absent = np.full(len(self.line), ABSENT, dtype=np.int64)
        self._absent.flags.writeable = False

    def __len__(self) -> int:
        return len(self.line)

    def place(self, row: int, column: str) -> Place:
        """The place of a cell."""
        file = int(self.file[row])
        return self.sheets[file].place(row - int(self.starts[file]), column)

    def tell(self, rows: Bools | Places, column: str, say: Callable[[int], tuple[str, str]]) -> None:
        """Note a mistake in a column of each of some rows; of a row that is wrong already nothing more is said."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        places = places[~self.wrong[places]]
        if len(places):
            self.problems += [Problem(self.place(row, column), *say(row)) for row in places[:AT_MOST].tolist()]
            self.wrong[places] = True

    def has(self, column: str, places: Places | slice = slice(None)) -> Bools:
        """Which rows, of all or of some, have a number in a column."""
        found: Bools = self.number(column, places) != ABSENT
        return found

    def number(self, column: str, places: Places | slice = slice(None)) -> Ints:
        """The numbers of a column, of all rows or of some; ABSENT where there is none."""
        return self.numbers.get(column, self._absent)[places]

    def count(self, column: str, places: Places | slice = slice(None)) -> Ints:
        """The same, 0 where there is none."""
        values = self.number(column, places)
        return np.where(values == ABSENT, 0, values)


def saying(fact: str, remedy: str) -> Callable[[int], tuple[str, str]]:
    """The same fact and remedy for every row."""
    return lambda _: (fact, remedy)


def read_rows(files: Iterable[Path], columns: Mapping[str, Column], defaults: Mapping[str, str]) -> Rows:
    """The rows of files of accounts with what their cells mean, and the mistakes that single cells have.

    ``defaults``: column → text, known to be right; they fill what must be there. Raises InputError where a file cannot
    be read as a table, or its header is wrong.
    """
    problems: list[Problem] = []
    sheets = []
    for path in files:
        try:
            sheet = read_sheet(path)
            problems += _header_problems(sheet, columns, defaults)
            sheets.append(sheet)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    rows = Rows(sheets, [])
    for column in columns.values():
        if column.kind is Kind.TEXT:
            _read_text(rows, column, defaults.get(column.name, ""))
        elif any(column.name in sheet.names for sheet in sheets) or column.name in defaults:
            _read_numbers(rows, column)
        _needed(rows, column, defaults)
    return rows


def _header_problems(sheet: Sheet, columns: Mapping[str, Column], defaults: Mapping[str, str]) -> list[Problem]:
    """Columns that nobody knows, and those that are missing; one that is misspelt is one problem, not two."""
    free = [name for name in columns if name not in sheet.names]
    problems, meant = [], set()
    for number, name in enumerate(sheet.names):
        if name not in columns:
            remedy = did_you_mean(name, free)
            meant.add(remedy)
            problems.append(Problem(Place(str(sheet.path), 1, number + 1), f"unknown column {shown(name)}", remedy))
    for column in columns.values():
        missing = column.name not in sheet.names and f"did you mean '{column.name}'?" not in meant
        if missing and column.needed is Needed.IN_FILE:
            fact = f"the column '{column.name}' is missing"
            problems.append(Problem(Place(str(sheet.path), 1), fact, f"add it: {_mid_sentence(column.meaning)}"))
        elif missing and column.needed is Needed.SOMEWHERE and column.name not in defaults:
            fact = f"the column '{column.name}' is missing{_NO_DEFAULT}"
            problems.append(Problem(Place(str(sheet.path), 1), fact, f"add it: {_mid_sentence(column.meaning)}"))
    return problems


def _needed(rows: Rows, column: Column, defaults: Mapping[str, str]) -> None:
    """Cells that must not be empty."""
    if column.needed is Needed.NO or column.name in defaults:
        return
    if column.kind is Kind.TEXT:
        text = rows.texts[column.name]
        empty: Bools = np.array([not name for name in text.names], dtype=np.bool_)[text.codes]
    else:
        empty = ~rows.has(column.name)
    fact = f"'{column.name}' is empty{'' if column.needed is Needed.IN_FILE else _NO_DEFAULT}"
    rows.tell(empty, column.name, saying(fact, f"fill it in: {_mid_sentence(column.meaning)}"))


def _read_numbers(rows: Rows, column: Column) -> None:
    """The numbers of a column, and its wrong cells."""
    parts = [_numbers_of(sheet, column) for sheet in rows.sheets]
    refused: dict[int, RefusedError] = {}
    values: list[Ints] = []
    for sheet, start, (known, wrong) in zip(rows.sheets, rows.starts.tolist(), parts, strict=False):
        cells = sheet.cells.get(column.name)
        if cells is None:
            values.append(np.full(len(sheet.lines), ABSENT, dtype=np.int64))
            continue
        values.append(known[cells.codes])
        if wrong:
            bad = np.isin(cells.codes, np.array(sorted(wrong)))
            refused |= {start + row: wrong[int(cells.codes[row])] for row in np.flatnonzero(bad).tolist()}
    rows.numbers[column.name] = np.concatenate(values)
    if refused:
        mask = np.zeros(len(rows), dtype=np.bool_)
        mask[list(refused)] = True
        # Another cell of the row may be wrong too, and is told too.
        for row in sorted(refused)[:AT_MOST]:
            rows.problems.append(Problem(rows.place(row, column.name), refused[row].fact, refused[row].remedy))
        rows.wrong |= mask


def _numbers_of(sheet: Sheet, column: Column) -> tuple[Ints, dict[int, RefusedError]]:
    """By distinct text of a column: its number, and what is wrong with it."""
    cells = sheet.cells.get(column.name)
    texts = () if cells is None else cells.texts
    known = np.full(len(texts), ABSENT, dtype=np.int64)
    wrong: dict[int, RefusedError] = {}
    for code, text in enumerate(texts):
        try:
            known[code] = number_of(column, text)
        except RefusedError as error:
            wrong[code] = error
    return known, wrong


def _read_text(rows: Rows, column: Column, default: str) -> None:
    """The texts of a column, empty ones by their default, and those that nobody could tell apart."""
    names: dict[str, int] = {}
    codes = []
    for sheet in rows.sheets:
        cells = sheet.cells.get(column.name) or Cells(np.zeros(len(sheet.lines), dtype=np.int32), ("",))
        places = [names.setdefault(text or default, len(names)) for text in cells.texts]
        codes.append(np.array(places, dtype=np.int32)[cells.codes])
    rows.texts[column.name] = text = Coded(np.concatenate(codes), tuple(names))
    for code, name in enumerate(names):
        odd = odd_name(name)
        if odd:
            fact, remedy = f"'{column.name}' {odd[0]} (got {shown(name)})", odd[1]
            rows.tell(text.codes == code, column.name, saying(fact, remedy))


def _mid_sentence(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
