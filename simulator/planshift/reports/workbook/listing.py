"""Rows of contracts in all scenarios: the largest of them, what is left out in one row, the same rows everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planshift.forecasting.result import Table
from planshift.reports.workbook.figures import CENTS
from planshift.reports.workbook.model import Model, this_row
from planshift.reports.workbook.sheet import Cell, Field, Live

ROWS_AT_MOST = 2_000
"""So many rows a list shows; the run's CSV tables have all of them."""
_MONEY, _DRAWS, _FLAG = "money", "share_of_draws", "flag"
_TEXTS = ("text", "day", _FLAG)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ListColumn:
    """A column of a list: its header, where it comes from, how it looks, and whether rows left out add up in it.

    ``names``: columns of the forecast's table, added up; ``look``: one of the looks of cells, "share_of_draws" for a
    number of draws that is shown as a share of all, or "flag" for a yes where something holds.
    """

    header: str
    names: tuple[str, ...]
    look: str
    summed: bool = False

    @property
    def cell_look(self) -> str:
        """The look of its cells."""
        return {_DRAWS: "share", _FLAG: "text"}.get(self.look, self.look)


@dataclass(frozen=True)
class Listing:
    """A list's cells: header → by scenario → by row; ``shown`` of ``rows`` have a row, the others share the last."""

    name: str
    columns: tuple[ListColumn, ...]
    cells: Mapping[str, tuple[tuple[Cell, ...], ...]]
    shown: int
    rows: int

    @property
    def count(self) -> int:
        """The number of rows, that of what is left out among them."""
        return self.shown + (self.rows > self.shown)

    def varies(self, header: str) -> bool:
        """Whether a column depends on the scenario."""
        return len(set(self.cells[header])) > 1

    def fields(self, model: Model) -> list[Field]:
        """The list's columns for the sheet that shows it: values, or formulas where they depend on the scenario."""
        numbers = Field("No", "number", list(range(1, self.count + 1)))
        return [numbers, *(self._field(column, model.chosen) for column in self.columns)]

    def _field(self, column: ListColumn, chosen: int) -> Field:
        cells: Sequence[Cell] = self.cells[column.header][chosen]
        if self.varies(column.header):
            row = f"(scenario_no-1)*ROWS({self.name}[No])+{this_row(self.name, 'No')}"
            formula = f"INDEX(data_{self.name}[{column.header}],{row})"
            cells = [None if cell is None else Live(formula, _plain(cell)) for cell in cells]
        return Field(column.header, column.cell_look, cells)

    def data_fields(self, model: Model) -> list[Field]:
        """Every scenario's cells of what depends on it, one scenario below the other; empty where nothing does."""
        varying = [column for column in self.columns if self.varies(column.header)]
        if not varying:
            return []
        names = [one.name for one in model.figures for _ in range(self.count)]
        numbers = [number for _ in model.figures for number in range(1, self.count + 1)]
        return [
            Field("Scenario", "text", names),
            Field("No", "number", numbers),
            *(
                Field(column.header, column.cell_look, [cell for one in self.cells[column.header] for cell in one])
                for column in varying
            ),
        ]

    def total(self, header: str, chosen: int) -> float:
        """What a column of numbers comes to, over all rows."""
        return math.fsum(cell for cell in self.cells[header][chosen] if isinstance(cell, int | float))


def _plain(cell: Cell) -> float | str:
    """A value as a formula's result."""
    if isinstance(cell, int | float | str):
        return cell
    raise TypeError(f"a formula cannot come to {cell!r}")


def listing(
    name: str, model: Model, tables: Sequence[Table], keys: Sequence[str], columns: Sequence[ListColumn], weight: str
) -> Listing:
    """The list of the rows that weigh most in any scenario, in the order in which the tables have them.

    ``keys``: the columns that say which rows of two scenarios are the same; ``weight``: the header of a summed column.
    """
    places = _places(tables, keys)
    rows = len(places[0])
    by_header = {column.header: column for column in columns}
    draws = [one.forecast.draws for one in model.figures]
    chosen = _largest([_numbers(table, place, by_header[weight]) for table, place in zip(tables, places, strict=True)])
    cells = {
        column.header: tuple(
            _cells(column, tables, places, number, chosen, rows, draws[number]) for number in range(len(tables))
        )
        for column in columns
    }
    return Listing(name, tuple(columns), cells, len(chosen), rows)


def _places(tables: Sequence[Table], keys: Sequence[str]) -> list[Array]:
    """Where each row of any of the tables stands in each of them, -1 where it does not."""
    found = [list(zip(*(table.columns[key].tolist() for key in keys), strict=True)) if len(table) else []
             for table in tables]  # fmt: skip
    if all(one == found[0] for one in found):
        return [np.arange(len(found[0])) for _ in tables]
    every = list(dict.fromkeys(key for one in found for key in one))
    numbers = [{key: place for place, key in enumerate(one)} for one in found]
    return [np.array([one.get(key, -1) for key in every]) for one in numbers]


def _numbers(table: Table, places: Array, column: ListColumn) -> Array:
    """A column's whole numbers by row, 0 where the table has no such row."""
    if not len(table):
        return np.zeros(len(places), dtype=np.int64)
    values = sum(table.columns[name] for name in column.names)
    return np.where(places < 0, 0, np.asarray(values)[places])


def _largest(weights: Sequence[Array]) -> Array:
    """The rows that weigh most in any scenario, in their order."""
    most = np.max(np.stack(weights), axis=0)
    return np.sort(np.argsort(-most, kind="stable")[:ROWS_AT_MOST])


def _cells(
    column: ListColumn,
    tables: Sequence[Table],
    places: Sequence[Array],
    number: int,
    chosen: Array,
    rows: int,
    draws: int,
) -> tuple[Cell, ...]:
    """A column's cells in one scenario, with that of the rows left out at the end where there are any."""
    left_out = rows - len(chosen)
    if column.look in _TEXTS:
        texts = _texts(column, tables, places, number, chosen)
        told = f"{left_out:,} others" if column.names[0] == "title" else None
        return (*texts, *([told] if left_out else []))
    values = _numbers(tables[number], places[number], column)
    scale = CENTS if column.look == _MONEY else draws if column.look == _DRAWS else 1
    shown = [value / scale if scale != 1 else value for value in values[chosen].tolist()]
    if not left_out:
        return tuple(shown)
    rest = int(values.sum()) - int(values[chosen].sum()) if column.summed else None
    return (*shown, None if rest is None else rest / scale if scale != 1 else rest)


def _texts(
    column: ListColumn, tables: Sequence[Table], places: Sequence[Array], number: int, chosen: Array
) -> list[Cell]:
    """Rows' texts or days: this scenario's, or where it has no such row, those of the last scenario that has."""
    found: list[Cell] = [None] * len(chosen)
    for table, place in (*zip(tables, places, strict=True), (tables[number], places[number])):
        here = np.flatnonzero(place[chosen] >= 0)
        if len(here):
            values = np.asarray(table.columns[column.names[0]])[place[chosen][here]].tolist()
            for row, value in zip(here.tolist(), values, strict=True):
                found[row] = ("yes" if value else "") if column.look == _FLAG else value
    return found
