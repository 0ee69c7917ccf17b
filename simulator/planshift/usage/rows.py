"""Rows of a usage file, read in blocks: a fast reader, a careful one for mistakes, and notes on what nobody asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_DAYS, MOST_TOKENS
from planshift.plans.files import PARQUET, Cells, ParquetFile, csv_rows, is_file
from planshift.plans.scalars import shown
from planshift.problems import InputError, Place, Problem
from planshift.usage.cells import (
    COLUMNS,
    COUNTS,
    KEY_COLUMNS,
    MODIFIERS,
    MOST_PROBLEMS,
    SEARCHES,
    TOKEN_COLUMNS,
    by_column,
    cell_problems,
    header_problems,
    is_count,
    is_date,
    is_workbook,
    workbook_text,
)
from planshift.usage.pricing import Integers, UsageColumns

if TYPE_CHECKING:
    import pandas as pd


BLOCK = 1 << 17

_Opener: TypeAlias = Callable[[], TextIO]
Column: TypeAlias = Cells | Integers
"""A column of a block: text by code, or whole numbers."""

_FAR, _YEAR = "lies years away from most days of the file", "correct the year, or give those days a file of their own"
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Block:
    """Some rows of a usage file; ``line`` is the line of the first, codes index their names.

    ``unread`` are the file's columns that nobody reads; ``digests`` are equal for rows that are alike in every column
    (of Parquet: in every one that is read), where they were asked for.
    """

    line: int
    columns: UsageColumns
    users: npt.NDArray[np.integer[Any]]
    user_names: Sequence[str]
    surfaces: npt.NDArray[np.integer[Any]]
    surface_names: Sequence[str]
    unread: tuple[str, ...] = ()
    digests: npt.NDArray[np.uint64] | None = None

    @property
    def bytes(self) -> int:
        """How much memory its columns take."""
        of = self.columns
        columns = (of.day, of.model, *of.tokens.values(), of.web_searches, of.modifiers)
        return sum(array.nbytes for array in (*columns, self.users, self.surfaces, self.digests) if array is not None)


def read_blocks(path: Path, rows: int = BLOCK, *, digests: bool = False) -> Iterator[Block]:
    """The rows of a usage file (CSV, or a workbook or Parquet by its ending), a block at a time.

    Raises InputError with every mistake of the file: a missing key column, a date that is none, a count that is
    negative, not whole or not a number, an empty file, a file that is something else.
    """
    if not is_file(path):
        fact = "this is a folder" if path.is_dir() else "there is no such file"
        raise InputError.at(str(path), fact, "name a usage file, CSV or Parquet")
    yield from _together(_parquet(path, rows, digests) if path.suffix == PARQUET else _csv(path, rows, digests), path)


def _together(blocks: Iterator[Block], path: Path) -> Iterator[Block]:
    """The same blocks; InputError for rows that lie years away from the others: their year was typed wrong."""
    middle: int | None = None
    for block in blocks:
        days = block.columns.day
        middle = int(np.median(days)) if middle is None else middle
        far = np.flatnonzero(np.abs(days - middle) > MOST_DAYS)
        if len(far):
            usual = date.fromordinal(middle + _EPOCH)
            raise InputError(
                Problem(Place(str(path), block.line + row), f"{block.columns.date_of(row)} {_FAR} ({usual})", _YEAR)
                for row in far[:MOST_PROBLEMS].tolist()
            )
        yield block


def _csv(path: Path, rows: int, digests: bool) -> Iterator[Block]:
    import pandas as pd

    opened = _opener(path)
    header = _header(path, opened)
    line = 2
    try:
        for frame in _frames(opened, header, rows):
            if len(frame):
                yield _block({name: _column(frame[name]) for name in header}, line, header, digests)
            line += len(frame)
    except (ValueError, OverflowError, pd.errors.ParserError) as error:
        raise _careful(path, opened) from error
    if line == 2:
        raise InputError.at(Place(str(path), 2), "the file has a header and no rows", "add usage, or leave it out")


def _opener(path: Path) -> _Opener:
    """What opens the text of a CSV file, or of a workbook as CSV."""
    if is_workbook(path):
        text = workbook_text(path)
        return lambda: io.StringIO(text)
    return lambda: path.open(encoding="utf-8-sig", newline="")


def _frames(opened: _Opener, header: Sequence[str], rows: int) -> Iterator[pd.DataFrame]:
    """The rows, so many at a time, as text and whole numbers.

    Where all names of a column look like numbers, pandas takes them for numbers, and 007 for 7: such a file is read
    again from there on, in a way that is slower and leaves them alone.
    """
    import pandas as pd

    # Columns that are not used are read too: the parser then sees rows with more cells than the header.
    types: dict[str, Any] = {name: "int64" if name in COUNTS else "category" for name in header}
    done, numbers = 0, [""]
    while numbers:
        numbers = []
        options: dict[str, Any] = {"chunksize": rows, "keep_default_na": False}
        with opened() as file, pd.read_csv(file, dtype=types, **options) as reader:
            for frame in islice(reader, done, None):
                numbers = [name for name in header if types[name] == "category" and not _is_text(frame[name])]
                if numbers:
                    types.update(dict.fromkeys(numbers, "str"))
                    break
                yield frame
                done += 1


def _is_text(column: pd.Series[Any]) -> bool:
    """Are the names of a column text, as they stand in the file?"""
    return not len(column) or all(isinstance(name, str) for name in column.cat.categories)


def _header(path: Path, opened: _Opener) -> list[str]:
    try:
        with opened() as file:
            header = next((row.cells for row in csv_rows(file, path)), [])
    except UnicodeDecodeError as error:
        raise _not_text(path) from error
    if not header:
        raise InputError.at(str(path), "the file is empty", f"begin it with the header {','.join(COLUMNS[:-1])}")
    problems = header_problems(header, str(path))
    if problems:
        raise InputError(problems)
    return header


def _not_text(path: Path) -> InputError:
    return InputError.at(str(path), "this is not text in UTF-8", "save it as CSV, UTF-8, or name it .parquet")


def _column(cells: pd.Series[Any]) -> Column:
    if cells.dtype == np.int64:
        return np.asarray(cells)
    categories = cells.cat if hasattr(cells, "cat") else cells.astype("category").cat
    return Cells(categories.codes.to_numpy(), tuple(str(name) for name in categories.categories))


def _block(columns: Mapping[str, Column], line: int, header: Sequence[str], digests: bool) -> Block:
    """Columns as a block; ValueError where something in them cannot be usage."""
    keys = {name: cells for name, cells in columns.items() if isinstance(cells, Cells)}
    counts = {name: cells for name, cells in columns.items() if name in COUNTS and not isinstance(cells, Cells)}
    date_cells, *named = (keys[name] for name in KEY_COLUMNS)
    if {*COUNTS} & {*keys} or any(cells.min() < 0 or cells.max() > MOST_TOKENS for cells in counts.values()):
        raise ValueError("a count that is none")
    if not all(map(is_date, date_cells.texts)) or any("" in cells.texts for cells in named):
        raise ValueError("a date that is none, or an empty cell")
    users, surfaces, models = named
    ordinals = np.array([date.fromisoformat(text).toordinal() - _EPOCH for text in date_cells.texts], dtype=np.int32)
    modifiers = keys.get(MODIFIERS)
    usage = UsageColumns(
        day=ordinals[date_cells.codes],
        model=models.codes,
        model_names=models.texts,
        tokens={short: counts[name] for name, short in TOKEN_COLUMNS.items() if name in counts},
        web_searches=counts.get(SEARCHES),
        modifiers=modifiers.codes if modifiers else None,
        modifier_names=modifiers.texts if modifiers else ("",),
    )
    return Block(
        line=line,
        columns=usage,
        users=users.codes,
        user_names=users.texts,
        surfaces=surfaces.codes,
        surface_names=surfaces.texts,
        unread=tuple(name for name in header if name not in COLUMNS),
        digests=_digests(columns.values(), len(usage)) if digests else None,
    )


def _digests(columns: Iterable[Column], rows: int) -> npt.NDArray[np.uint64]:
    """A number by row, equal for rows that are alike in every column, and as good as never for others."""
    import pandas as pd

    found = np.zeros(rows, dtype=np.uint64)
    for column in columns:
        if isinstance(column, Cells):
            found ^= pd.util.hash_array(np.array(column.texts, dtype=object), categorize=False)[column.codes]
        else:
            found ^= column.view(np.uint64)
        # Multiplied by an odd number and folded, so that each bit of a cell moves many of what comes after it.
        found *= np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(32)
    return found


def _parquet(path: Path, rows: int, digests: bool) -> Iterator[Block]:
    file = ParquetFile(path)
    problems = header_problems(file.names, str(path))
    if problems:
        raise InputError(problems)
    line = 1
    for batch in file.batches((name for name in COLUMNS if name in file.names), rows):
        columns = {name: _parquet_column(file, batch.column(name), name) for name in batch.schema.names}
        try:
            if len(batch):
                yield _block(columns, line, file.names, digests)
        except ValueError as error:
            raise InputError(cell_problems(enumerate(_written(columns), line), str(path))) from error
        line += len(batch)
    if line == 1:
        raise InputError.at(path, "the file has columns and no rows", "add usage, or leave it out")


def _parquet_column(file: ParquetFile, column: Any, name: str) -> Column:
    """A column as it is in a CSV file: whole numbers, or text; text too where a count is none."""
    import pyarrow

    if name in COUNTS and pyarrow.types.is_integer(column.type) and not column.null_count:
        numbers = column.to_numpy(zero_copy_only=False)
        if numbers.dtype != np.uint64 or numbers.max(initial=0) <= MOST_TOKENS:
            whole: Integers = numbers.astype(np.int64, copy=False)
            return whole
    cells = file.cells(column, name)
    if name not in COUNTS or not all(map(is_count, cells.texts)):
        return cells
    counts: Integers = np.array([int(text) for text in cells.texts], dtype=np.int64)[cells.codes]
    return counts


def _written(columns: Mapping[str, Column]) -> Iterator[dict[str, str]]:
    """The rows of columns as a CSV file would have them."""
    texts = [
        [column.texts[code] for code in column.codes.tolist()]
        if isinstance(column, Cells)
        else [str(number) for number in column.tolist()]
        for column in columns.values()
    ]
    return (dict(zip(columns, row, strict=True)) for row in zip(*texts, strict=True))


def _careful(path: Path, opened: _Opener) -> InputError:
    """Every mistake of a CSV file, found row by row."""
    try:
        with opened() as file:
            rows = (row for row in csv_rows(file, path) if row.cells)
            header = next(rows).cells
            problems = cell_problems(((row.last, by_column(header, row.cells)) for row in rows), str(path))
    except UnicodeDecodeError:
        return _not_text(path)
    if not problems:
        fact = "the file cannot be read as a table"
        problems = [Problem(Place(str(path)), fact, "check that each row has as many cells as the header")]
    return InputError(problems)


_SHOWN = 5
_BYTES = 8
_IN_MEMORY = 1 << 23
_READ = 1 << 20
_NONE = np.empty(0, dtype=np.uint64)


class FileNotes:
    """Gathers the notes on a usage file, whose blocks are read with digests, block by block."""

    def __init__(self) -> None:
        self._unread: tuple[str, ...] = ()
        # A large file's digests wait on disk: in memory they would grow with it.
        self._digests = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._rows = 0
        self._lines: list[tuple[int, int]] = []

    def add(self, block: Block) -> None:
        """Look at a block."""
        self._unread = block.unread
        if block.digests is not None:
            self._lines.append((self._rows, block.line))
            self._rows += len(block.digests)
            self._digests.write(block.digests.tobytes())

    def close(self) -> None:
        """Let go of what waits on disk."""
        self._digests.close()

    def notes(self) -> Iterator[str]:
        """The notes, each as a sentence's part, without a full stop."""
        if self._unread:
            names = ", ".join(shown(name) for name in self._unread)
            yield f"columns of the usage file that are not read: {names}"
        bits = (self._rows * _BYTES // _IN_MEMORY).bit_length()
        repeats = [self._repeats(part, bits) for part in range(1 << bits)]
        repeated = sum(len(rows) for rows in repeats)
        if repeated:
            rows = np.sort(np.concatenate(repeats))[:_SHOWN]
            where = ", ".join(str(self._line(row)) for row in rows.tolist()) + (", …" if repeated > len(rows) else "")
            stand = "1 row of the usage file stands" if repeated == 1 else f"{repeated:,} rows of the usage file stand"
            place = "line" if repeated == 1 else "lines"
            yield f"{stand} there more than once, all cells alike ({place} {where}); every one counts"

    def _repeats(self, part: int, bits: int) -> npt.NDArray[np.int64]:
        """The rows whose digest a row before has, of the digests whose first bits are those of ``part``."""
        digests = np.concatenate([block[chosen] for block, chosen, _ in self._chosen(part, bits)] or [_NONE])
        in_order = np.sort(digests)
        if not (in_order[1:] == in_order[:-1]).any():
            return np.empty(0, dtype=np.int64)
        rows = np.concatenate([start + np.flatnonzero(chosen) for _, chosen, start in self._chosen(part, bits)])
        return np.delete(rows, np.unique(digests, return_index=True)[1])

    def _chosen(self, part: int, bits: int) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_], int]]:
        """The digests, some at a time: which of them are of a part, and the row of the first."""
        self._digests.seek(0)
        start = 0
        while data := self._digests.read(_READ):
            block = np.frombuffer(data, dtype=np.uint64)
            yield block, block >> np.uint64(64 - bits) == part, start
            start += len(block)

    def _line(self, row: int) -> int:
        start, line = max(found for found in self._lines if found[0] <= row)
        return line + row - start


def notes_of(path: Path) -> tuple[str, ...]:
    """The notes on a usage file, which is read for them; InputError with every mistake in it."""
    with closing(FileNotes()) as found:
        for block in read_blocks(path, digests=True):
            found.add(block)
        return tuple(found.notes())
