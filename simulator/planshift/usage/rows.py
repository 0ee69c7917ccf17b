"""Rows of a usage file, read in blocks: a fast reader for what is right, a careful one to say what is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_DAYS, MOST_TOKENS, day_problem
from planshift.plans.files import PARQUET, ParquetFile, csv_rows, is_file
from planshift.plans.scalars import either_reading, may_mark_thousands
from planshift.problems import InputError, Place, Problem, nearest
from planshift.usage.cells import other_separator
from planshift.usage.pricing import UsageColumns
from planshift.usage.workbooks import is_workbook, workbook_text

if TYPE_CHECKING:
    import pandas as pd

KEY_COLUMNS = ("date", "user_id", "surface", "model")
TOKEN_COLUMNS: Mapping[str, str] = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
}
SEARCHES = "web_searches"
MODIFIERS = "modifiers"
COLUMNS = (*KEY_COLUMNS, *TOKEN_COLUMNS, SEARCHES, MODIFIERS)
COUNTS = (*TOKEN_COLUMNS, SEARCHES)
KEY_COUNTS = ("input_tokens", "output_tokens")
"""The counts that a file of usage hardly ever lacks: where one does, another column of tokens may be meant for it."""

_OTHER_NAMES: Mapping[str, str] = {
    "uncached_input_tokens": "input_tokens",
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cached_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_5m_tokens",
    "cache_creation_tokens": "cache_write_5m_tokens",
    "cache_write_tokens": "cache_write_5m_tokens",
    "ephemeral_5m_input_tokens": "cache_write_5m_tokens",
    "ephemeral_1h_input_tokens": "cache_write_1h_tokens",
    "web_search_requests": "web_searches",
}
"""What other programs call a count, in small letters: usage in such a column would cost nothing."""

BLOCK = 1_000_000

_Opener: TypeAlias = Callable[[], TextIO]
_AT_MOST = 1000
_FAR, _YEAR = "lies years away from most days of the file", "correct the year, or give those days a file of their own"
_EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COUNT = re.compile(r"[0-9]+")
_MOST_DIGITS = len(str(MOST_TOKENS))
_IMPORT = "planshift usage import"
_GUESSES = {
    "total_net_spend_usd": ("a claude.ai spend report", f"turn it into one: {_IMPORT} spend-report FILE -o usage.csv"),
    "usage_date_utc": (
        "a console export",
        f"take the Admin API's usage report instead: {_IMPORT} admin-usage FILE -o usage.csv",
    ),
}


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
                for row in far[:_AT_MOST].tolist()
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
                yield _block(frame, line, header, digests)
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
    problems = _header_problems(header, str(path))
    if problems:
        raise InputError(problems)
    return header


def _not_text(path: Path) -> InputError:
    return InputError.at(str(path), "this is not text in UTF-8", "save it as CSV, UTF-8, or name it .parquet")


def _header_problems(header: Sequence[str], file: str) -> list[Problem]:
    place = Place(file, 1)
    missing = [name for name in KEY_COLUMNS if name not in header]
    for column, (guess, remedy) in _GUESSES.items():
        if missing and column in header:
            return [Problem(place, f"this is not a usage file; it looks like {guess}", remedy)]
    separated = other_separator(header)
    if separated:
        return [Problem(place, *separated)]
    problems = [Problem(place, f"the column '{name}' is missing", _rename(name, header)) for name in missing]
    if not missing and not {*COUNTS} & {*header}:
        problems.append(Problem(place, "no column counts anything", f"add some of: {', '.join(COUNTS)}"))
    for name, count in _misnamed_counts(header):
        fact = f"the column '{name}' is not read, and usage in it would cost nothing"
        problems.append(Problem(place, fact, f"rename it to '{count}', or remove it"))
    twice = sorted({name for name in header if header.count(name) > 1 and name in COLUMNS})
    return problems + [Problem(place, f"the column '{name}' stands there twice", "keep one") for name in twice]


def _misnamed_counts(header: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns that are called nearly as a count that the file lacks, or as elsewhere, and that count."""
    free = [name for name in COUNTS if name not in header]
    for name in header:
        count = _OTHER_NAMES.get(name.strip().lower()) or nearest(name, free) if name not in COLUMNS else None
        if count in free:
            yield name, count
        elif name not in COLUMNS and "token" in name.lower() and {*KEY_COUNTS} & {*free}:
            yield name, next(count for count in KEY_COUNTS if count in free)


def _rename(name: str, header: Sequence[str]) -> str:
    near = nearest(name, [column for column in header if column not in COLUMNS])
    return f"add it, or rename '{near}' to '{name}'" if near else "add it"


def _block(frame: pd.DataFrame, line: int, header: Sequence[str], digests: bool) -> Block:
    days, day_names = _codes(frame["date"])
    counts = [frame[name] for name in COUNTS if name in frame]
    if any(count.min() < 0 or count.max() > MOST_TOKENS for count in counts) or not all(
        _is_date(name) for name in day_names
    ):
        raise ValueError("a date or a count that is none")
    users, user_names = _codes(frame["user_id"])
    surfaces, surface_names = _codes(frame["surface"])
    models, model_names = _codes(frame["model"])
    if "" in (*user_names, *surface_names, *model_names):
        raise ValueError("an empty cell")
    ordinals = np.array([date.fromisoformat(name).toordinal() - _EPOCH for name in day_names], dtype=np.int32)
    modifiers, modifier_names = _codes(frame[MODIFIERS]) if MODIFIERS in frame else (None, ("",))
    columns = UsageColumns(
        day=ordinals[days],
        model=models,
        model_names=model_names,
        tokens={short: frame[name].to_numpy() for name, short in TOKEN_COLUMNS.items() if name in frame},
        web_searches=frame[SEARCHES].to_numpy() if SEARCHES in frame else None,
        modifiers=modifiers,
        modifier_names=modifier_names,
    )
    unread = tuple(name for name in header if name not in COLUMNS)
    return Block(
        line, columns, users, user_names, surfaces, surface_names, unread, _digests(frame) if digests else None
    )


def _digests(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """A number by row, equal for rows that are alike in every column, and as good as never for others."""
    import pandas as pd

    found = np.zeros(len(frame), dtype=np.uint64)
    for name in frame:
        column = frame[name]
        if column.dtype == np.int64:
            cells = column.to_numpy().view(np.uint64)
        else:
            codes, names = _codes(column)
            cells = pd.util.hash_array(np.array(names, dtype=object), categorize=False)[codes]
        # Multiplied by an odd number and folded, so that each bit of a cell moves many of what comes after it.
        found = (found ^ cells) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(32)
    return found


def _codes(column: pd.Series[Any]) -> tuple[npt.NDArray[np.integer[Any]], list[str]]:
    categories = column.cat if hasattr(column, "cat") else column.astype("category").cat
    return categories.codes.to_numpy(), [str(name) for name in categories.categories]


def _is_count(text: str) -> bool:
    """Is it a count that a row can have? One of thousands of digits is not even calculated."""
    return bool(_COUNT.fullmatch(text)) and len(text.lstrip("0")) <= _MOST_DIGITS and int(text) <= MOST_TOKENS


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _is_date(text: str) -> bool:
    """Is it a day on which there can be usage?"""
    day = _date_of(text)
    return day is not None and day_problem(day) is None


def _parquet(path: Path, rows: int, digests: bool) -> Iterator[Block]:
    import pandas as pd

    file = ParquetFile(path)
    problems = _header_problems(file.names, str(path))
    if problems:
        raise InputError(problems)
    line = 1
    for batch in file.batches((name for name in COLUMNS if name in file.names), rows):
        cells = {name: _parquet_column(file, batch.column(name), name) for name in batch.schema.names}
        frame = pd.DataFrame(cells)
        try:
            if len(frame):
                yield _block(frame, line, file.names, digests)
        except (ValueError, TypeError) as error:
            raise InputError(_problems(enumerate(frame.astype(str).to_dict("records"), line), str(path))) from error
        line += len(frame)
    if line == 1:
        raise InputError.at(path, "the file has columns and no rows", "add usage, or leave it out")


def _parquet_column(file: ParquetFile, column: Any, name: str) -> Any:
    """A column as it is in the frame of a CSV file: whole numbers, or text; text too where a count is none."""
    import pandas as pd
    import pyarrow

    if name in COUNTS and pyarrow.types.is_integer(column.type) and not column.null_count:
        return column.to_numpy(zero_copy_only=False)
    cells = file.cells(column, name)
    if name not in COUNTS:
        return pd.Categorical.from_codes(cells.codes, pd.Index(cells.texts, dtype=object))
    whole = all(map(_is_count, cells.texts))
    return np.array([int(text) for text in cells.texts] if whole else cells.texts)[cells.codes]


def _careful(path: Path, opened: _Opener) -> InputError:
    """Every mistake of a CSV file, found row by row."""
    try:
        with opened() as file:
            rows = (row for row in csv_rows(file, path) if row.cells)
            header = next(rows).cells
            problems = _problems(((row.last, _named(header, row.cells)) for row in rows), str(path))
    except UnicodeDecodeError:
        return _not_text(path)
    if not problems:
        fact = "the file cannot be read as a table"
        problems = [Problem(Place(str(path)), fact, "check that each row has as many cells as the header")]
    return InputError(problems)


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str | None, str | None]:
    """A row's cells by column; under None, or None, what has no other half."""
    return dict(zip_longest(header, cells[: len(header) + 1]))


def _problems(rows: Iterable[tuple[int, Mapping[Any, Any]]], file: str) -> list[Problem]:
    problems: list[Problem] = []
    for line, row in rows:
        problems += _row_problems(row, Place(file, line))
        if len(problems) > _AT_MOST:
            break
    return problems


def _row_problems(row: Mapping[str | None, Any], place: Place) -> Iterator[Problem]:
    if None in row or None in row.values():
        yield Problem(place, "the row has not as many cells as the header", "mend the row, or quote cells with commas")
        return
    day = _date_of(row["date"])
    strange = day_problem(day) if day else (f"'{row['date']}' is not a date", "write it as 2026-10-31")
    if strange:
        yield Problem(place, f"date {day} {strange[0]}" if day else f"date {strange[0]}", strange[1])
    for name in KEY_COLUMNS[1:]:
        if not row[name]:
            yield Problem(place, f"{name} is empty", f"give the row its {name}")
    for name in COUNTS:
        text = row.get(name)
        if text is None:
            continue
        if not _COUNT.fullmatch(text):
            yield Problem(place, f"{name} must be a whole number (got '{text}')", _count_remedy(text))
        elif not _is_count(text):
            yield Problem(place, f"{name} is {text}, more than one row can have", "check the number")


def _count_remedy(text: str) -> str:
    if text == "" or text.lower() in ("nan", "none", "null"):
        return "write 0 where there is none"
    if may_mark_thousands(text):
        return either_reading(text, whole=True)[1]
    if text.startswith("-"):
        return "a count cannot be negative; leave corrections out, or net them against the rows that they correct"
    return "write a whole number, digits only"
