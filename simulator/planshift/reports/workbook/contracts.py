"""The sheets Renewals and Accounts: who renews when, and what every account comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planshift.forecasting.result import Table
from planshift.reports.workbook.data import CALENDAR, calendars
from planshift.reports.workbook.model import CENTS, Check, Model, picked, this_row
from planshift.reports.workbook.sheet import A3, Cell, Field, Formula, Placed, Sheet

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
            cells = [None if cell is None else Formula(formula, _plain(cell)) for cell in cells]
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


RENEWALS = (
    ListColumn("Day", ("day",), "day"),
    ListColumn("Account", ("account_id",), "text"),
    ListColumn("Title", ("title",), "text"),
    ListColumn("Segment", ("segment",), "text"),
    ListColumn("Region", ("region",), "text"),
    ListColumn("Plan", ("plan",), "text"),
    ListColumn("Plan after", ("plan_after",), "text"),
    ListColumn("Early move", ("early",), "flag"),
    ListColumn("Seats before", ("seats_before",), "count", summed=True),
    ListColumn("Seats after", ("seats_after",), "count", summed=True),
    ListColumn("Committed before", ("arr_before",), "money", summed=True),
    ListColumn("Usage before", ("usage_before",), "money", summed=True),
    ListColumn("At stake", ("arr_before", "usage_before"), "money", summed=True),
    ListColumn("Committed after", ("retained",), "money", summed=True),
    ListColumn("Probability", ("probability",), "share"),
    ListColumn("Renewed in", ("renewed",), "share_of_draws"),
)
ACCOUNTS = (
    ListColumn("Account", ("account_id",), "text"),
    ListColumn("Title", ("title",), "text"),
    ListColumn("Segment", ("segment",), "text"),
    ListColumn("Region", ("region",), "text"),
    ListColumn("Plan", ("plan",), "text"),
    ListColumn("Term start", ("term_start",), "day"),
    ListColumn("Seats", ("seats",), "count", summed=True),
    ListColumn("Members", ("members",), "count", summed=True),
    ListColumn("Invoiced", ("billed",), "money", summed=True),
    ListColumn("Paid", ("paid",), "money", summed=True),
    ListColumn("Recognised", ("recognised",), "money", summed=True),
    ListColumn("Recognised P10", ("recognised_p10",), "money"),
    ListColumn("Recognised P90", ("recognised_p90",), "money"),
    ListColumn("Committed first", ("arr_first",), "money", summed=True),
    ListColumn("Committed last", ("arr_last",), "money", summed=True),
    ListColumn("Usage first", ("usage_first",), "money", summed=True),
    ListColumn("Usage last", ("usage_last",), "money", summed=True),
    ListColumn("Ends in", ("lost",), "share_of_draws"),
)


def renewals_of(model: Model) -> Listing:
    """The renewals of all scenarios."""
    tables = [one.renewals for one in model.forecasts]
    return listing("renewals", model, tables, ("day", "account_id", "number"), RENEWALS, "At stake")


def accounts_of(model: Model) -> Listing:
    """The accounts of all scenarios."""
    tables = [one.accounts for one in model.forecasts]
    return listing("accounts", model, tables, ("account_id",), ACCOUNTS, "Invoiced")


def fill_renewals(sheet: Sheet, model: Model, rows: Listing) -> Placed:
    """Write the sheet Renewals; where its calendar stands."""
    row = sheet.heading(
        "Renewals",
        model.subtitle("US dollars a year, means over the draws."),
        "Committed after is nothing in the draws in which a contract ends; seats after are those agreed if it goes on.",
    )
    row = sheet.section(row, "Calendar", len(RENEWALS) + 1)
    placed = _calendar_table(sheet, row, model)
    row = sheet.section(placed.last + 4, f"Renewals{_shown(rows, 'renewals.csv', 'money at stake')}", len(RENEWALS) + 1)
    _list(sheet, row, model, rows)
    sheet.widths(5, 14, 15, 24, 17, 17, 26, 26, *([15.5] * 9))
    sheet.printed(f"{model.about.title} – Renewals", paper=A3, frozen=(2, 2))
    return placed


def fill_accounts(sheet: Sheet, model: Model, rows: Listing) -> None:
    """Write the sheet Accounts."""
    row = sheet.heading(
        "Accounts",
        model.subtitle(f"US dollars over {model.span()}; committed and usage are run-rates, US dollars a year."),
        "Means over the draws, and each account's own P10 and P90, which do not add up. Ends in: the share of draws in"
        " which the contract ends.",
    )
    row = sheet.section(row, f"Accounts{_shown(rows, 'accounts.csv', 'invoices')}", len(ACCOUNTS) + 1)
    placed = _list(sheet, row, model, rows)
    sheet.widths(5, 14, 26, 17, 17, 26, 14, 11, 11, *([16] * 10))
    sheet.raw.repeat_rows(placed.header_row)
    sheet.printed(f"{model.about.title} – Accounts", paper=A3, frozen=(placed.first, 3))


def fill_data_of_contracts(sheet: Sheet, model: Model, listings: tuple[Listing, ...]) -> None:
    """Write the sheet Data contracts: what of the lists depends on the scenario."""
    row = sheet.heading("Data contracts", "What of the renewals and accounts depends on the scenario, as values.")
    column = 0
    for rows in listings:
        fields = rows.data_fields(model)
        if fields:
            sheet.put(row, column, rows.name.capitalize(), "label")
            sheet.table(f"data_{rows.name}", row + 1, fields, column=column)
            sheet.widths(*([16] * len(fields)), start=column)
            column += len(fields) + 1
    sheet.printed(f"{model.about.title} – Data contracts", paper=A3, frozen=(row + 2, 0))


def _shown(rows: Listing, file: str, what: str) -> str:
    if rows.shown == rows.rows:
        return ""
    return f": the {rows.shown:,} of {rows.rows:,} with the largest {what}; all of them are in {file}"


def _calendar_table(sheet: Sheet, row: int, model: Model) -> Placed:
    found = calendars(model)[model.chosen]

    def cells(header: str) -> list[Cell]:
        if header == "At stake":
            formula = "+".join(this_row("calendar", part) for part in ("Committed before", "Usage before"))
        else:
            formula = picked("data_calendar", header, f"{{{this_row('calendar', 'No')}}}")
        return [Formula(formula, value) for value in found[header]]

    fields = [
        Field("No", "number", list(model.numbers)),
        Field("Month", "month", model.months),
        *(Field(header, look, cells(header), header == "At stake") for header, (_, look) in CALENDAR.items()),
    ]
    placed = sheet.table("calendar", row, fields)
    below = placed.last + 1
    sheet.put(below, 0, None, "text_total")
    sheet.put(below, 1, "Whole horizon", "text_total")
    for column, (header, (_, look)) in enumerate(CALENDAR.items(), start=2):
        sheet.put(below, column, Formula(f"SUM(calendar[{header}])", sum(found[header])), f"{look}_total")
    return placed


def _list(sheet: Sheet, row: int, model: Model, rows: Listing) -> Placed:
    """A list with a row of totals behind it."""
    placed = sheet.table(rows.name, row, rows.fields(model), filters=True)
    below = placed.last + 1
    for place in range(3):
        sheet.put(below, place, "All" if place == 1 else None, "text_total")
    for place, column in enumerate(rows.columns, start=1):
        if column.summed:
            total = Formula(f"SUM({rows.name}[{column.header}])", rows.total(column.header, model.chosen))
            sheet.put(below, place, total, f"{column.cell_look}_total")
        elif place > 2:
            sheet.put(below, place, None, "text_total")
    return placed


def contracts_checks(model: Model, renewals: Listing, accounts: Listing) -> list[Check]:
    """What must hold on the sheets: renewals add up to the calendar, and accounts to the months, to a cent each."""
    months = calendars(model)[model.chosen]
    found = [
        Check(
            f"Renewals add up to the calendar: {header}",
            Formula(
                f"ROUND(SUM(renewals[{header}])-SUM(calendar[{header}]),2)",
                round(renewals.total(header, model.chosen) - sum(months[header]), 2),
            ),
        )
        for header in ("Committed before", "Usage before", "Committed after")
    ]
    allowed = round(0.01 * max(1, accounts.rows), 2)
    for header in ("Invoiced", "Paid", "Recognised"):
        value = accounts.total(header, model.chosen) - model.line(header, model.now.horizon)
        live = Formula(f"ROUND(SUM(accounts[{header}])-SUM(months_mean[{header}]),2)", round(value, 2))
        found.append(Check(f"Accounts add up to the months, a cent each for rounding: {header}", live, allowed))
    return found
