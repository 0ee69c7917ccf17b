"""The rows of CSV text, each with its lines; what cannot be taken apart is a mistake of the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from planshift.problems import InputError, Place


class CsvRow(NamedTuple):
    """A row: the lines on which it begins and ends, counted from 1, and its cells; no cells in an empty line."""

    first: int
    last: int
    cells: list[str]


def csv_rows(lines: Iterable[str], path: Path, *, delimiter: str = ",", before: int = 0) -> Iterator[CsvRow]:
    """The rows of a file's lines, those ``before`` them not counted.

    Raises InputError for quotes that are not closed, or not followed by another cell, and for a cell without end.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    ended = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            place = Place(str(path), before + ended + 1)
            remedy = "close the quotes of the row; the file may be cut off"
            raise InputError.at(place, f"is not CSV ({error})", remedy) from None
        if cells is None:
            return
        yield CsvRow(before + ended + 1, before + reader.line_num, cells)
        ended = reader.line_num
