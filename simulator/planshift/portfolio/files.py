"""Files of accounts (CSV, workbooks, Parquet) as columns of cells: each distinct text once, and which one a row has."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from planshift.plans.files import PARQUET, Cells, ParquetFile, csv_rows, is_file
from planshift.plans.scalars import shown
from planshift.problems import InputError, Place, Problem
from planshift.usage.cells import other_separator
from planshift.usage.workbooks import is_workbook, workbook_text

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
