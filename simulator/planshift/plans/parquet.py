"""Parquet files as the cells that a CSV file of the same table would have, so that both are read equally strictly."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from planshift.plans.numbers import with_decimals
from planshift.plans.scalars import shown
from planshift.problems import InputError

PARQUET = ".parquet"
_NO_PARQUET = "this is not a Parquet file", "name it .csv if it is CSV, or write it anew"
_DAMAGED = "the file is damaged: its columns cannot be read", "write it anew"
_NO_CELLS = "holds neither text, numbers nor dates", "store it as plain columns, or use CSV"


@dataclass(frozen=True)
class Cells:
    """A column: the distinct texts in it, and by row which one it is; an empty cell is an empty text."""

    codes: npt.NDArray[np.int32]
    texts: tuple[str, ...]


class ParquetFile:
    """A Parquet file; every damage that is found while it is read is an InputError."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow.parquet as parquet
        except ImportError as error:
            fact = "reading Parquet needs the package pyarrow"
            raise InputError.at(path, fact, "pip install 'planshift[parquet]', or use CSV") from error
        self.path = path
        with self._refusing(*_NO_PARQUET):
            self._file: Any = parquet.ParquetFile(path)
            self.names: tuple[str, ...] = tuple(self._file.schema_arrow.names)

    def batches(self, columns: Iterable[str], rows: int) -> Iterator[Any]:
        """The rows of these columns as Arrow record batches, so many at a time."""
        with self._refusing(*_DAMAGED):
            batches = self._file.iter_batches(batch_size=rows, columns=list(columns))
        while True:
            with self._refusing(*_DAMAGED):
                batch = next(batches, None)
                if batch is not None:
                    batch.validate(full=True)
            if batch is None:
                return
            yield batch

    def table(self) -> Any:
        """The whole file as an Arrow table."""
        with self._refusing(*_DAMAGED):
            table = self._file.read()
            table.validate(full=True)
            return table

    def cells(self, column: Any, name: str) -> Cells:
        """A column of a batch, or of the table, as text."""
        import pyarrow

        with self._refusing(f"the column {shown(name)} {_NO_CELLS[0]}", _NO_CELLS[1]):
            chunk = column.combine_chunks() if isinstance(column, pyarrow.ChunkedArray) else column
            coded = chunk if pyarrow.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            if isinstance(coded, pyarrow.ChunkedArray):
                coded = coded.unify_dictionaries().combine_chunks()
            texts = [*map(_text, coded.dictionary.to_pylist()), ""]
            codes = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
        # Values that differ may be written alike, and a dictionary may have what no row has.
        used = [texts[code] for code in np.unique(codes).tolist()]
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
