"""Files as they come: where the shipped ones are, the text of a file, the rows of CSV, the columns of Parquet."""

from __future__ import annotations

import contextlib
import csv
import difflib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from planshift.plans.scalars import shown, with_decimals
from planshift.problems import InputError, Place, PlanshiftError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SHIPPED: Final = ("plans", "reports", "scenarios")

_PACKAGE: Final = Path(__file__).resolve().parents[1]


def folder(name: str) -> Path:
    """The shipped folder called ``name``: ``plans``, ``scenarios`` or ``reports``.

    A wheel holds it in ``planshift/_bundled``; an editable install uses the one at the repository's root.
    Raises PlanshiftError when there is neither, or no folder of that name is shipped.
    """
    if name not in SHIPPED:
        raise PlanshiftError(f"planshift ships no folder '{name}' - use one of: {', '.join(SHIPPED)}")
    checkout = _PACKAGE.parents[1]
    installed = _PACKAGE / "_bundled" / name
    if installed.is_dir():
        return installed
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise PlanshiftError(f"{installed}: the files shipped with planshift are missing - install planshift again")


def shown_path(path: Path) -> str:
    """A path as given; that of a shipped file is ``plans/enterprise.yaml`` wherever planshift is installed."""
    for name in SHIPPED:
        if path.is_relative_to(folder(name)):
            return (Path(name) / path.relative_to(folder(name))).as_posix()
    return path.as_posix()


def read_text(path: Path | str) -> str:
    """The text of a UTF-8 file; raises InputError if there is none."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise InputError.at(file, "there is no such file", _other_file(file)) from None
    except IsADirectoryError:
        raise InputError.at(file, "this is a folder", "give a file in it") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name cannot be used"
        raise InputError.at(
            shown(str(file), 200), f"the file cannot be read ({why})", "check its name and its rights"
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        place = Place(str(file), before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise InputError.at(place, "the file is not UTF-8 text", "save it with the encoding UTF-8") from None


def is_file(path: Path) -> bool:
    """Is there such a file? A name that no disk takes is none, which Path.is_file does not say of every one."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _other_file(file: Path) -> str:
    """The remedy for a file that is missing: the nearest name beside it."""
    folder = file.parent
    if not folder.is_dir():
        return f"there is no folder {shown(str(folder))} either; check the path"
    names = sorted(other.name for other in folder.iterdir() if other.is_file())
    near = difflib.get_close_matches(file.name, names, n=1)
    return f"did you mean {shown(str(folder / near[0]), 200)}?" if near else "check the path"


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


PARQUET = ".parquet"
_NO_PARQUET = "this is not a Parquet file", "name it .csv if it is CSV, or write it anew"
_DAMAGED = "the file is damaged: its columns cannot be read", "write it anew"
_NO_CELLS = "holds neither text, numbers nor dates", "store it as plain columns, or use CSV"


@dataclass(frozen=True)
class Cells:
    """A column: the distinct texts in it, and by row which one it is; an empty cell is an empty text."""

    codes: npt.NDArray[np.integer[Any]]
    texts: tuple[str, ...]


class ParquetFile:
    """A Parquet file; every damage that is found while it is read is an InputError."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError as error:
            fact = "reading Parquet needs the package pyarrow"
            raise InputError.at(path, fact, "pip install 'planshift[parquet]', or use CSV") from error
        self.path = path
        with self._refusing(*_NO_PARQUET):
            schema = parquet.read_schema(path)
            # Text that is stored as codes and names comes as such.
            texts = [column.name for column in schema if pyarrow.types.is_string(column.type)]
            self._file: Any = parquet.ParquetFile(path, read_dictionary=texts)
            self.names: tuple[str, ...] = tuple(schema.names)

    def batches(self, columns: Iterable[str], rows: int) -> Iterator[Any]:
        """The rows of these columns as Arrow record batches, so many at a time."""
        names = list(columns)
        for groups in self._groups(rows):
            with self._refusing(*_DAMAGED):
                batches = self._file.iter_batches(rows, row_groups=groups, columns=names, use_threads=False)
            while True:
                with self._refusing(*_DAMAGED):
                    batch = next(batches, None)
                    if batch is not None:
                        batch.validate(full=True)
                if batch is None:
                    break
                yield batch

    def _groups(self, rows: int) -> Iterator[list[int]]:
        """The row groups, as many together as have so many rows: Arrow holds all groups that it is asked for."""
        together: list[int] = []
        held = 0
        for group in range(self._file.num_row_groups):
            together.append(group)
            held += self._file.metadata.row_group(group).num_rows
            if held >= rows:
                yield together
                together, held = [], 0
        if together:
            yield together

    def table(self) -> Any:
        """The whole file as an Arrow table."""
        with self._refusing(*_DAMAGED):
            table = self._file.read()
            table.validate(full=True)
            return table

    def cells(self, column: Any, name: str) -> Cells:
        """A column of a batch, or of the table, as text."""
        import numpy as np
        import pyarrow

        with self._refusing(f"the column {shown(name)} {_NO_CELLS[0]}", _NO_CELLS[1]):
            chunk = column.combine_chunks() if isinstance(column, pyarrow.ChunkedArray) else column
            coded = chunk if pyarrow.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            if isinstance(coded, pyarrow.ChunkedArray):
                coded = coded.unify_dictionaries().combine_chunks()
            names = coded.dictionary.to_pylist()
            texts = [
                *(
                    [name or "" for name in names]
                    if pyarrow.types.is_string(coded.type.value_type)
                    else map(_text, names)
                ),
                "",
            ]
            codes = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        # Values that differ may be written alike, and a dictionary may have what no row has.
        used = [texts[code] for code in np.flatnonzero(np.bincount(codes, minlength=len(texts))).tolist()]
        places = {text: place for place, text in enumerate(dict.fromkeys(used))}
        return Cells(np.array([places.get(text, -1) for text in texts], dtype=np.int32)[codes], tuple(places))

    @contextlib.contextmanager
    def _refusing(self, fact: str, remedy: str) -> Iterator[None]:
        """What Arrow cannot do with the file, as an error of the file."""
        import pyarrow

        try:
            yield
        except (pyarrow.ArrowException, ArithmeticError, MemoryError, OSError, ValueError) as error:
            raise InputError.at(self.path, fact, remedy) from error


def _text(value: object) -> str:
    """A value as a CSV file would have it; a number that was stored as one has no thousands to be asked about."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() else with_decimals(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return f"{value:.0f}" if value == value.to_integral_value() else with_decimals(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat()
    if isinstance(value, dict | list | bytes):
        raise ValueError("a value that no cell can have")
    return value.isoformat() if isinstance(value, date) else str(value)
