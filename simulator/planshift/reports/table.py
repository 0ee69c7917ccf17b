"""Tables: a column is declared, computed and described in one place, and everything that shows a table reads that.

A `Table` computes its `Values` from a source; from the two come CSV, plain data for JSON, a DataFrame, Parquet, cells
for people (terminal, page, workbook), and the descriptions in REFERENCE. New columns go behind the ones that are there:
files of an earlier run stay readable by name and by place.

DataFrames have typed columns: days and months are ``datetime64[s]`` (a month is its first day; NaT where there is
none), text is ``str``, counts are ``int64`` (``Int64`` where some may be missing), flags ``bool``. Money stays exact:
Decimal objects, two decimals for invoices and nine for usage, None where there is none.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from planshift.billing.money import cents_text, nano_text
from planshift.billing.schedule import month_text
from planshift.reports.words import usd, usd_of
from planshift.usage.cells import plain_cell

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Values: TypeAlias = Mapping[str, Sequence[Any]]
"""A table's values by column: dates, text, whole numbers; amounts in whole cents or nano-dollars; None for nothing."""

_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_ZERO = nano_text(0)


class Kind(Enum):
    """What the values of a column are; its value is how the documentation says it."""

    DAY = "date, 2026-10-31"
    MONTH = "month, 2026-10"
    TEXT = "text"
    COUNT = "whole number"
    CENTS = "US dollars, two decimals"
    NANO = "US dollars, nine decimals"
    NUMBER = "number"
    FLAG = "yes, or empty"


@dataclass(frozen=True)
class Each:
    """A value computed row by row; see `each`."""

    of_row: Callable[[Any], Any]

    def __call__(self, rows: Iterable[Any]) -> list[Any]:
        """The value of each row."""
        return [self.of_row(row) for row in rows]


def each(of_row: Callable[[Any], Any]) -> Each:
    """The value of a column as a function of one row."""
    return Each(of_row)


@dataclass(frozen=True)
class Column:
    """A column: its name, what its values are, what they mean, and how they are computed.

    ``value``: a function of the table's source that gives the whole column at once; `each` of a function of one row; or
    None: the attribute of each row that has the column's name. ``optional``: whether a count may be missing;
    ``simulated``: whether the column is there only where usage is drawn at random.
    """

    name: str
    kind: Kind
    meaning: str
    value: Callable[[Any], Sequence[Any]] | None = None
    optional: bool = False
    simulated: bool = False

    def values(self, source: Any, rows: Iterable[Any]) -> Sequence[Any]:
        """The column's values; ``rows``: those of the source, one by one."""
        if self.value is None:
            return list(map(attrgetter(self.name), rows))
        return self.value(rows if isinstance(self.value, Each) else source)


@dataclass(frozen=True)
class Table:
    """A table: the name of its file without ``.csv``, what a row is, its columns in order.

    ``rows``: from the source to its rows, for columns computed row by row; None where the source is those rows.
    ``draw``: from a source that has several draws to the number of the draw of each row.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Callable[[Any], Sequence[Any]] | None = None
    draw: Callable[[Any], Sequence[int]] | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of a name; KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def values(self, source: Any, *, drawn: bool = False) -> Values:
        """Every column of a source, behind the numbers of its draws where usage was ``drawn`` at random."""
        rows = self.rows(source) if self.rows else source
        numbers = {DRAW.name: self.draw(source)} if drawn and self.draw else {}
        columns = [column for column in self.columns if drawn or not column.simulated]
        return {**numbers, **{column.name: column.values(source, rows) for column in columns}}

    def draws(self, sources: Iterable[Any]) -> Values:
        """Every column of several draws from 0 on, one draw below the other, behind the number of the draw."""
        return self.of_draws([self.values(source) for source in sources])

    def of_draws(self, drawn: Sequence[Values]) -> Values:
        """The values of draws from 0 on, one below the other, behind the number of the draw."""
        lengths = [len(next(iter(values.values()))) for values in drawn]
        return {
            DRAW.name: [draw for draw, length in enumerate(lengths) for _ in range(length)],
            **{name: [value for values in drawn for value in values[name]] for name in self.header},
        }

    def shown(self, values: Values) -> tuple[Column, ...]:
        """The columns that some values have: those of the table, behind the number of the draw where there is one."""
        return tuple(column for column in (DRAW, *self.columns) if column.name in values)


DRAW: Final = Column("draw", Kind.COUNT, "The number of the draw, from 0; only where usage was drawn at random")


def by_draw(amounts: npt.NDArray[np.int64]) -> list[int]:
    """Amounts of shape (rows, draws) as a column: all rows of draw 0, then those of draw 1 …"""
    column: list[int] = amounts.T.ravel().tolist()
    return column


def of_days(values: Values, column: str, first: date, end: date) -> Values:
    """The rows of a table whose day lies from ``first`` up to, not including, ``end``."""
    rows = [row for row, day in enumerate(values[column]) if first <= day < end]
    return {name: [cells[row] for row in rows] for name, cells in values.items()}


def csv_text(table: Table, values: Values) -> str:
    """A table as CSV: a header, one line a row, every line ended by a line feed."""
    columns = table.shown(values)
    cells = [cell_texts(column, values[column.name]) for column in columns]
    return "\n".join([",".join(column.name for column in columns), *map(",".join, zip(*cells, strict=True)), ""])


def cell_texts(column: Column, values: Sequence[Any]) -> list[str]:
    """A column's values as its cells show them: quoted where CSV needs it, and no text that could be a formula."""
    if column.kind is Kind.NANO:
        return [_nano_text(value) for value in values] if any(values) else [_empty_or_zero(value) for value in values]
    if column.kind is Kind.COUNT:
        return ["" if value is None else str(value) for value in values]
    text = _TEXTS[column.kind]
    forms = {value: "" if value is None else text(value) for value in set(values)}
    return [forms[value] for value in values]


def records(table: Table, values: Values) -> list[dict[str, object]]:
    """A table's rows as plain data: dates and amounts as text, counts as numbers, None for nothing."""
    columns = {column.name: _plain_values(column, values[column.name]) for column in table.shown(values)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def prose_cells(column: Column, values: Sequence[Any]) -> list[str]:
    """A column's values as people read them, on a terminal, a page or a printed sheet; amounts to the cent."""
    text = _PROSE.get(column.kind) or _TEXTS[column.kind]
    return ["" if value is None else text(value) for value in values]


def frame(table: Table, values: Values) -> pd.DataFrame:
    """A table as a DataFrame, with the columns of its file."""
    import pandas as pd

    return pd.DataFrame({column.name: _series(column, values[column.name]) for column in table.shown(values)})


def parquet(table: Table, values: Values) -> bytes:
    """A table as a Parquet file, whose types depend on nothing but the columns; needs the package pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days, exact = pa.timestamp("s"), pa.decimal128
    types = {Kind.DAY: days, Kind.MONTH: days, Kind.TEXT: pa.string(), Kind.COUNT: pa.int64(), Kind.FLAG: pa.bool_()}
    types |= {Kind.CENTS: exact(38, 2), Kind.NANO: exact(38, 9), Kind.NUMBER: exact(38, 9)}
    schema = pa.schema([(column.name, types[column.kind]) for column in table.shown(values)])
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame(table, values), schema, preserve_index=False), out)
    return out.getvalue()


def _quoted(text: str) -> str:
    text = plain_cell(text)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _nano_text(value: int | None) -> str:
    """What `nano_text` gives, several times as fast: a large run writes millions of these."""
    if not value:
        return _empty_or_zero(value)
    if value < 0:
        return nano_text(value)
    digits = str(value)
    return f"{digits[:-9]}.{digits[-9:]}" if len(digits) > 9 else f"0.{digits:0>9}"


def _empty_or_zero(value: int | None) -> str:
    return "" if value is None else _ZERO


_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.DAY: date.isoformat,
    Kind.MONTH: month_text,
    Kind.TEXT: _quoted,
    Kind.CENTS: cents_text,
    Kind.NUMBER: str,
    Kind.FLAG: lambda value: "yes" if value else "",
}

_PROSE: Mapping[Kind, Callable[[Any], str]] = {
    Kind.CENTS: usd,
    Kind.NANO: usd_of,
    Kind.COUNT: "{:,}".format,
    Kind.TEXT: str,
}


def _plain_values(column: Column, values: Sequence[Any]) -> list[object]:
    if column.kind is Kind.NANO:
        return [None if value is None else _nano_text(value) for value in values]
    if column.kind in (Kind.DAY, Kind.MONTH, Kind.CENTS):
        text = _TEXTS[column.kind]
        return [None if value is None else text(value) for value in values]
    return list(values)


def _series(column: Column, values: Sequence[Any]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    if column.kind in (Kind.DAY, Kind.MONTH):
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    if column.kind is Kind.COUNT:
        return pd.Series(list(values), dtype="Int64" if column.optional else "int64")
    if column.kind is Kind.FLAG:
        return pd.Series(list(values), dtype="bool")
    if column.kind is Kind.TEXT:
        return pd.Series(list(values), dtype="str")
    forms = {value: _exact(column.kind, value) for value in set(values)}
    return pd.Series([forms[value] for value in values], dtype="object")


def _exact(kind: Kind, value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    if kind is Kind.NUMBER:
        return Decimal(value)
    return Decimal(value).scaleb(-2 if kind is Kind.CENTS else -9)
