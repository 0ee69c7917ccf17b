"""The sheet of an Excel workbook as rows of text, for whoever reads CSV: dates are dates, numbers are exact."""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planshift.plans.scalars import shown, with_decimals
from planshift.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from openpyxl import Workbook

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
