"""The columns and cells of usage files and workbooks: their names, what is wrong with them, what is no formula."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from planshift.plans.bounds import MOST_TOKENS, day_problem
from planshift.plans.scalars import either_reading, may_mark_thousands, shown, with_decimals
from planshift.problems import InputError, Place, Problem, nearest

if TYPE_CHECKING:
    from openpyxl import Workbook


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

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

MOST_PROBLEMS = 1000
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


def header_problems(header: Sequence[str], file: str) -> list[Problem]:
    """What is wrong with the header of a usage file: columns that are missing, misnamed or there twice."""
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


def is_count(text: str) -> bool:
    """Is it a count that a row can have? One of thousands of digits is not even calculated."""
    return bool(_COUNT.fullmatch(text)) and len(text.lstrip("0")) <= _MOST_DIGITS and int(text) <= MOST_TOKENS


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Is it a day on which there can be usage?"""
    day = _date_of(text)
    return day is not None and day_problem(day) is None


def by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str | None, str | None]:
    """A row's cells by column; under None, or None, what has no other half."""
    return dict(zip_longest(header, cells[: len(header) + 1]))


def cell_problems(rows: Iterable[tuple[int, Mapping[Any, Any]]], file: str) -> list[Problem]:
    """What is wrong with the cells of rows, each with its line; where there is much, the first of it."""
    problems: list[Problem] = []
    for line, row in rows:
        problems += _row_problems(row, Place(file, line))
        if len(problems) > MOST_PROBLEMS:
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
        elif not is_count(text):
            yield Problem(place, f"{name} is {text}, more than one row can have", "check the number")


def _count_remedy(text: str) -> str:
    if text == "" or text.lower() in ("nan", "none", "null"):
        return "write 0 where there is none"
    if may_mark_thousands(text):
        return either_reading(text, whole=True)[1]
    if text.startswith("-"):
        return "a count cannot be negative; leave corrections out, or net them against the rows that they correct"
    return "write a whole number, digits only"


def plain_cell(text: str) -> str:
    """Text that a spreadsheet takes for text: an apostrophe goes before what would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def other_separator(header: Sequence[str]) -> tuple[str, str] | None:
    """The fact and the remedy for the first row of a CSV file whose cells are not separated by commas."""
    if header and header[0].lower().startswith("sep="):
        return "the line 'sep=' is for Excel and no header", "delete it, and save the file with commas"
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return "the cells are separated by semicolons or tabs", "save the file with commas"
    return None


WORKBOOKS = (".xlsx", ".xlsm")
_AS_CSV = "save the sheet as CSV, UTF-8"
# What reading a damaged archive, or the XML in it, can raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_Rows = list[tuple[int, list[str]]]


def is_workbook(path: Path) -> bool:
    """Whether a file is an Excel workbook, by the ending of its name."""
    return path.suffix.lower() in WORKBOOKS


def workbook_rows(path: Path) -> _Rows:
    """The rows of the one sheet that has cells, each with its number in the sheet; empty rows are left out.

    Every cell is text as a CSV file would have it: dates in ISO form, numbers exact and without thousands, yes and no
    for truth. All rows are as long as the longest. Raises InputError without openpyxl, and for a file that is no
    workbook, several sheets with cells, none, and cells that hold an error or a formula without its value.
    """
    sheets = [(name, rows) for name, rows in _sheets(path) if rows]
    if not sheets:
        raise _empty(path)
    if len(sheets) > 1:
        names = ", ".join(f"'{name}'" for name, _ in sheets)
        raise InputError.at(path, f"several sheets have cells: {names}", "keep the one that is meant in a workbook")
    rows = sheets[0][1]
    width = max(len(cells) for _, cells in rows)
    return [(line, [*cells, *[""] * (width - len(cells))]) for line, cells in rows]


def workbook_text(path: Path) -> str:
    """The same as CSV with commas, every row on the line of its number; line breaks in cells are blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    written = 0
    for line, cells in workbook_rows(path):
        text.write("\n" * (line - written - 1))
        writer.writerow(" ".join(cell.splitlines()) for cell in cells)
        written = line
    return text.getvalue()


def workbook_header(path: Path) -> list[str]:
    """The first row that has cells in a workbook; InputError as for `workbook_rows`."""
    with _opened(path) as book:
        header = next((cells for sheet in book.worksheets for _, cells in _rows(sheet, path, [])), None)
    if header is None:
        raise _empty(path)
    return header


def _empty(path: Path) -> InputError:
    return InputError.at(path, "the workbook has no cells", "fill in a sheet, or leave it out")


def _sheets(path: Path) -> list[tuple[str, _Rows]]:
    problems: list[Problem] = []
    with _opened(path) as book:
        found = [(sheet.title, list(_rows(sheet, path, problems))) for sheet in book.worksheets]
    problems += _without_values(path, {name: dict(rows) for name, rows in found})
    if problems:
        raise InputError(problems)
    return found


def _without_values(path: Path, values: Mapping[str, Mapping[int, Sequence[str]]]) -> Iterator[Problem]:
    """Formulas whose value the program that wrote the workbook did not store with them."""
    if not _has_formulas(path):
        return
    with _opened(path, values=False) as book:
        for sheet in book.worksheets:
            known = values[sheet.title]
            for line, row in enumerate(_cells(sheet), 1):
                for number, cell in enumerate(row, 1):
                    if cell.data_type == "f" and not any(known.get(line, ())[number - 1 : number]):
                        fact = f"the formula {shown(str(cell.value))} has no value stored with it"
                        remedy = "open and save the workbook in Excel, or write values"
                        yield Problem(Place(str(path), line, number), fact, remedy)


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(b"<f" in parts.read(name) for name in sheets)


@contextlib.contextmanager
def _opened(path: Path, *, values: bool = True) -> Iterator[Workbook]:
    """A workbook while it is read, row by row; whatever its parts are damaged by is one mistake of the file."""
    try:
        import openpyxl
    except ImportError as error:
        fact = "reading a workbook needs the package openpyxl"
        raise InputError.at(path, fact, f"pip install 'planshift[excel]', or {_AS_CSV}") from error
    try:
        # What openpyxl warns of is looks and checks of cells, not what they hold.
        with warnings.catch_warnings(action="ignore"), contextlib.ExitStack() as opened:
            book = openpyxl.load_workbook(path, read_only=True, data_only=values)
            opened.callback(book.close)
            yield book
    except OSError as error:
        raise InputError.at(path, f"cannot be read ({error.strerror or error})", "check the path") from error
    except _DAMAGE as error:
        fact = "this is not an Excel workbook, or it is damaged or has a password"
        raise InputError.at(path, fact, f"save it anew, or {_AS_CSV}") from error


def _cells(sheet: Any) -> Iterator[Sequence[Any]]:
    # Without its stated size, which other programs get wrong, a sheet is read as far as it has rows.
    sheet.reset_dimensions()
    yield from sheet.iter_rows()


def _rows(sheet: Any, path: Path, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(_cells(sheet), 1):
        cells = [_text(cell, Place(str(path), line, number), problems) for number, cell in enumerate(row, 1)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield line, cells


def _text(cell: Any, place: Place, problems: list[Problem]) -> str:
    value = cell.value
    if cell.data_type == "e":
        problems.append(Problem(place, f"the cell holds the error {value}", "mend its formula, or write the value"))
        return ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else with_decimals(Decimal(repr(value)))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
