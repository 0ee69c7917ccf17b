"""Files of accounts (CSV, workbooks, Parquet) as columns: each distinct text read once, mistakes with their place."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.files import PARQUET, Cells, ParquetFile, csv_rows, is_file
from planshift.plans.scalars import RefusedError, odd_name, shown
from planshift.portfolio.columns import ABSENT, Column, Kind, Needed, number_of
from planshift.portfolio.table import Coded, Ints
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.cells import is_workbook, other_separator, workbook_text

_AT_MOST = 1000


@dataclass(frozen=True)
class Sheet:
    """The rows of a file: its columns by name, and by row the line that it stands on (Parquet: its number)."""

    path: Path
    names: tuple[str, ...]
    cells: Mapping[str, Cells]
    lines: npt.NDArray[np.int32]

    def place(self, row: int, column: str = "") -> Place:
        """The place of a cell, or of its row where the file lacks the column."""
        number = self.names.index(column) + 1 if column in self.names else 0
        return Place(str(self.path), int(self.lines[row]), number)


def read_sheet(path: Path) -> Sheet:
    """The rows of a file of accounts, Parquet or a workbook by its ending, else CSV.

    Raises InputError where there is no such file, or it cannot be read as a table: not UTF-8, no header, a column that
    stands there twice, rows of another length than the header, no rows.
    """
    if not is_file(path):
        fact = "this is a folder" if path.is_dir() else "there is no such file"
        raise InputError.at(path, fact, "name a file of accounts, CSV or Parquet")
    sheet = _parquet(path) if path.suffix == PARQUET else _csv(path)
    if not len(sheet.lines):
        raise InputError.at(Place(str(path), 2), "the file has a header and no accounts", "add a row for each account")
    return sheet


# --- CSV -----------------------------------------------------------------------------------------------------------


def _csv(path: Path) -> Sheet:
    import pandas as pd

    text = workbook_text(path) if is_workbook(path) else _text(path)
    names = _header(next((row.cells for row in csv_rows(io.StringIO(text, newline=""), path)), []), path)
    lines = _lines(text, names, path)
    if not len(lines):
        return Sheet(path, names, {}, lines)
    try:
        frame = pd.read_csv(io.StringIO(text), dtype=object, keep_default_na=False, low_memory=False, index_col=False)
    except (ValueError, pd.errors.ParserError) as error:
        remedy = "check its quotes, and save it anew as CSV"
        raise InputError.at(path, "the file cannot be read as a table", remedy) from error
    if len(frame) != len(lines):
        raise InputError.at(path, "the file cannot be read as a table", "check its quotes, and save it anew as CSV")
    cells = {}
    for name in names:
        # Not the parser's categories, which take 007 for a number.
        codes, texts = pd.factorize(frame[name], use_na_sentinel=False)
        cells[name] = Cells(codes.astype(np.int32), tuple(texts.tolist()))
    return Sheet(path, names, cells, lines)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "save it as CSV, UTF-8, or name it .parquet"
        raise InputError.at(Place(str(path), line), "this is not text in UTF-8", remedy) from None


def _header(header: Sequence[str], path: Path) -> tuple[str, ...]:
    place = Place(str(path), 1)
    if not header:
        raise InputError.at(place, "the file is empty", "begin it with a header: account_id,plan,channel,term_start,…")
    separated = other_separator(header)
    if separated:
        raise InputError.at(place, *separated)
    problems = [
        Problem(Place(str(path), 1, number + 1), f"the column {shown(name)} stands there twice", "keep one")
        if name
        else Problem(Place(str(path), 1, number + 1), "a column has no name", "name it, or remove it")
        for number, name in enumerate(header)
        if not name or name in header[:number]
    ]
    if problems:
        raise InputError(problems)
    return tuple(header)


def _lines(text: str, names: Sequence[str], path: Path) -> npt.NDArray[np.int32]:
    """The line of each row below the header; InputError for rows that have not as many cells as it."""
    if '"' in text or "\r" in text.replace("\r\n", ""):
        read = csv_rows(io.StringIO(text, newline=""), path)
        counted = np.array([(row.first, 0 if _is_blank(row.cells) else len(row.cells)) for row in read], dtype=np.int64)
    else:
        split = text.split("\n")
        cells = [line.count(",") + 1 if line.strip() else 0 for line in split]
        counted = np.column_stack([np.arange(1, len(cells) + 1), cells])
    rows = counted[counted[:, 1] > 0][1:]
    uneven = rows[rows[:, 1] != len(names)]
    if len(uneven):
        remedy = "mend the row, or quote cells with commas"
        raise InputError(
            Problem(Place(str(path), line), f"the row has {count} cells, the header {len(names)}", remedy)
            for line, count in uneven[:_AT_MOST].tolist()
        )
    return rows[:, 0].astype(np.int32)


def _is_blank(cells: Sequence[str]) -> bool:
    return len(cells) < 2 and not any(cell.strip() for cell in cells)


# --- Parquet -------------------------------------------------------------------------------------------------------


def _parquet(path: Path) -> Sheet:
    file = ParquetFile(path)
    names = _header(file.names, path)
    table = file.table()
    cells = {name: file.cells(table.column(name), name) for name in names}
    return Sheet(path, names, cells, np.arange(1, table.num_rows + 1, dtype=np.int32))


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
