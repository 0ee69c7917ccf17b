"""One sheet of a workbook: styles, titles, named tables and cells whose formulas carry the engine's value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, TypeAlias

DARK, INK, PALE, RULE, QUIET = "#0B4F7D", "#222222", "#EAF2F8", "#B9C6D1", "#5F6B76"
INPUT_INK, INPUT_FILL = "#0000FF", "#FFF9C4"
GOOD, GOOD_FILL, BAD, BAD_FILL = "#00553E", "#DDF3EA", "#8A1F00", "#FBDCD0"
SERIES: Final = ("#0B4F7D", "#8CC7EC", "#D55E00", "#8A9099")
FAN_OUTER, FAN_INNER, FAN_LINE = "#C9E2F5", "#7DB6DF", "#062E4A"
RISE, FALL = "#3C9D82", "#D55E00"

MONEY: Final = '#,##0_);[Red](#,##0);"–"_)'
LESS: Final = '#,##0_);(#,##0);"–"_)'
CENTS: Final = '#,##0.00_);[Red](#,##0.00);"–"_)'
COUNT: Final = '#,##0_);[Red](#,##0);"–"_)'
MEAN_COUNT: Final = '#,##0.0_);[Red](#,##0.0);"–"_)'
MONTH: Final = "mmm yyyy"
DAY: Final = "yyyy-mm-dd"
SHARE: Final = "0.0%"

_TOTAL: Mapping[str, Any] = {"bold": True, "bg_color": PALE}
_LINE: Mapping[str, Any] = {"bottom": 4, "bottom_color": RULE}
_INPUT: Mapping[str, Any] = {
    "font_color": INPUT_INK,
    "bg_color": INPUT_FILL,
    "border": 1,
    "border_color": RULE,
}
_BASE: Mapping[str, Mapping[str, Any]] = {
    "less": {"num_format": LESS, "align": "right"},
    "money": {"num_format": MONEY, "align": "right"},
    "cents": {"num_format": CENTS, "align": "right"},
    "count": {"num_format": COUNT, "align": "right"},
    "mean_count": {"num_format": MEAN_COUNT, "align": "right"},
    "number": {"num_format": "0", "align": "center", "font_color": QUIET},
    "month": {"num_format": MONTH, "align": "left", "indent": 1},
    "day": {"num_format": DAY, "align": "left", "indent": 1},
    "share": {"num_format": SHARE, "align": "right"},
    "text": {"align": "left", "indent": 1},
    "check": {"align": "center", "bold": True},
}
"""Name → the number format and the alignment of a table's cells."""

_OTHERS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": DARK},
    "subtitle": {"font_size": 11, "font_color": QUIET},
    "note": {"font_size": 10, "italic": True, "font_color": QUIET},
    "section": {"bold": True, "font_size": 13, "font_color": DARK, "bottom": 2, "bottom_color": DARK},
    "band": {"bold": True, "align": "center", "font_color": DARK, "bg_color": PALE, "left": 1, "left_color": RULE},
    "header": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": DARK,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
        "border": 1,
        "border_color": RULE,
    },
    "label": {"bold": True, "valign": "top"},
    "plain": {"valign": "top", "align": "left", "indent": 1},
    "plain_number": {"valign": "top", "align": "left", "indent": 1, "num_format": "#,##0"},
    "check_left": {"align": "left", "indent": 1, "bold": True},
    "link": {"font_color": DARK, "underline": 1, "valign": "top"},
    "wrapped": {"valign": "top", "indent": 1, "text_wrap": True},
    "mono": {"indent": 1, "font_name": "Consolas", "font_size": 9, "valign": "top"},
    "input_text": {
        "align": "left",
        "indent": 1,
        "font_color": INPUT_INK,
        "bg_color": INPUT_FILL,
        "border": 1,
        "border_color": RULE,
    },
    "input_money": {"num_format": "#,##0_);(#,##0);0_)", "align": "right", **_INPUT},
    "given": {"font_color": INPUT_INK, "align": "left", "indent": 1, **_LINE},
    "given_day": {"font_color": INPUT_INK, "num_format": DAY, "align": "left", "indent": 1, **_LINE},
    "given_count": {"font_color": INPUT_INK, "num_format": COUNT, "align": "right", **_LINE},
    "given_share": {"font_color": INPUT_INK, "num_format": SHARE, "align": "right", **_LINE},
    "good": {"font_color": GOOD, "bg_color": GOOD_FILL},
    "bad": {"font_color": BAD, "bg_color": BAD_FILL, "bold": True},
}
TOTAL: Final = "_total"
"""Behind a look's name: the same for a sum."""


class Styles:
    """The formats of one workbook, each made when it is first asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The format of a look; a name that ends with ``_total`` is the look of a sum. Raises KeyError."""
        if name not in self._made:
            self._made[name] = self._book.add_format(dict(_properties(name)))
        return self._made[name]


def _properties(name: str) -> Mapping[str, Any]:
    if name in _OTHERS:
        return _OTHERS[name]
    if name.endswith(TOTAL):
        return {**_BASE[name.removesuffix(TOTAL)], **_LINE, **_TOTAL}
    return {**_BASE[name], **_LINE}


LONGEST_TEXT = 32_000
"""A cell holds at most 32,767 characters."""
A3, A4 = 8, 9
_LETTER = 26


@dataclass(frozen=True)
class Formula:
    """A formula, and what it comes to with the inputs that the workbook is written with."""

    formula: str
    value: float | str


Cell: TypeAlias = Formula | str | float | date | None


@dataclass(frozen=True)
class Field:
    """A column of a named table: its header, the look of its cells and the cells; ``total``: it shows sums."""

    header: str
    look: str
    cells: Sequence[Cell]
    total: bool = False

    @property
    def calculated(self) -> Mapping[str, str]:
        """The column's formula, where all of its cells have the same one."""
        formulas = {cell.formula if isinstance(cell, Formula) else None for cell in self.cells}
        formula = formulas.pop() if len(formulas) == 1 else None
        return {"formula": f"={formula}"} if formula else {}


@dataclass(frozen=True)
class Placed:
    """Where a named table stands: rows of its header and its cells, counted from 0; columns by header."""

    sheet: str
    name: str
    header_row: int
    first: int
    last: int
    columns: Mapping[str, int] = field(default_factory=dict)

    def column(self, header: str) -> str:
        """A column's cells as an absolute reference, as charts need it."""
        return self.reference(header, self.first, self.last)

    def head(self, header: str) -> list[Any]:
        """A column's header as a chart's series takes its name."""
        return [self.sheet, self.header_row, self.columns[header]]

    def reference(self, header: str, first: int, last: int) -> str:
        """Cells of a column, rows counted from 0."""
        letters = column_letters(self.columns[header])
        return f"='{self.sheet}'!${letters}${first + 1}:${letters}${last + 1}"


def column_letters(column: int) -> str:
    """A column's letters: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTER)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A cell as formulas name it: (0, 0) → A1."""
    return f"{column_letters(column)}{row + 1}"


def width_for(values: Iterable[float], least: float = 11) -> float:
    """The width of a column that shows whole numbers in bold, in characters."""
    largest = max((abs(value) for value in values), default=0)
    return max(least, len(f"{largest:,.0f}") + 3.5)


class Sheet:
    """A worksheet being filled; nothing that is written is ever taken for a formula unless it is Formula."""

    def __init__(self, book: Any, looks: Styles, name: str) -> None:
        self.name, self.looks, self._book = name, looks, book
        self.raw: Any = book.add_worksheet(name)
        self._last = (0, 0)
        self._tables: list[str] = []
        self.raw.hide_gridlines(2)

    def put(self, row: int, column: int, cell: Cell, look: str) -> None:
        """Write one cell."""
        style = self.looks[look]
        self._last = (max(self._last[0], row), max(self._last[1], column))
        if cell is None:
            self.raw.write_blank(row, column, None, style)
        elif isinstance(cell, Formula):
            value = cell.value if isinstance(cell.value, str) else cell.value + 0  # -0.0 becomes 0
            self.raw.write_formula(row, column, f"={cell.formula}", style, value)
        elif isinstance(cell, str):
            self.raw.write_string(row, column, _shortened(cell), style)
        elif isinstance(cell, date):
            self.raw.write_datetime(row, column, cell, style)
        else:
            self.raw.write_number(row, column, cell, style)

    def heading(self, title: str, subtitle: Cell, *notes: str) -> int:
        """The sheet's title, what holds for all of it, and notes; the next free row, one left empty."""
        self.put(0, 0, title, "title")
        self.raw.set_row(0, 28)
        self.put(1, 0, subtitle, "subtitle")
        for row, note in enumerate(notes, start=2):
            self.put(row, 0, note, "note")
        return 3 + len(notes)

    def section(self, row: int, title: Cell, columns: int) -> int:
        """A section's title with a line below it; the next row."""
        for column in range(columns):
            self.put(row, column, title if column == 0 else None, "section")
        return row + 1

    def table(
        self, name: str, row: int, fields: Sequence[Field], *, column: int = 0, filters: bool = False, tall: int = 32
    ) -> Placed:
        """A named table from a row on: its header and at least one row of cells; where it stands."""
        count = max(1, len(fields[0].cells))
        last, width = row + count, column + len(fields) - 1
        header = self.looks["header"]
        self.raw.add_table(
            *(row, column, last, width),
            {
                "name": name,
                "style": None,
                "autofilter": filters,
                "columns": [{"header": one.header, "header_format": header, **one.calculated} for one in fields],
            },
        )
        for place, one in enumerate(fields, start=column):
            look = one.look + TOTAL if one.total else one.look
            for below, cell in enumerate(one.cells or (None,), start=row + 1):
                self.put(below, place, cell, look)
        self.raw.set_row(row, tall)
        self._tables.append(f"{cell_name(row, column)}:{cell_name(last + 1, width)}")
        return Placed(self.name, name, row, row + 1, last, {one.header: column + k for k, one in enumerate(fields)})

    def widths(self, *widths: float, start: int = 0) -> None:
        """The widths of columns from ``start`` on, in characters."""
        for place, width in enumerate(widths, start=start):
            self.raw.set_column(place, place, width)

    def verdicts(self, reference: str) -> None:
        """Colour cells that say ok or ERROR."""
        for word, look in (("ok", "good"), ("ERROR", "bad")):
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": self.looks[look]}
            self.raw.conditional_format(reference.partition("!")[2] or reference, rule)

    def printed(
        self, footer: str, *, paper: int = A4, frozen: tuple[int, int] = (0, 0), last: tuple[int, int] | None = None
    ) -> None:
        """How it prints: landscape, one page wide, all that was written; what stays on screen when it is scrolled.

        Called once, when all tables are there.
        """
        self.raw.set_landscape()
        self.raw.set_paper(paper)
        self.raw.fit_to_pages(1, 0)
        if self._tables:
            # First rows and totals have formulas of their own; Excel would mark them all.
            spans = " ".join(self._tables)
            self.raw.ignore_errors({"calculated_column": spans, "formula_differs": spans, "formula_range": spans})
        self.raw.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.raw.print_area(0, 0, *(last or self._last))
        escaped = footer.replace("&", "&&")[:120]
        self.raw.set_footer(f"&L&8{escaped}&C&8&A&R&8&P / &N")
        if frozen != (0, 0):
            self.raw.freeze_panes(*frozen)

    def define(self, name: str, row: int, column: int) -> None:
        """Give a cell a name that formulas use."""
        self._book.define_name(name, f"='{self.name}'!${column_letters(column)}${row + 1}")

    def define_range(self, name: str, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Give cells a name that formulas use."""
        corners = ":".join(f"${column_letters(column)}${row + 1}" for row, column in (first, last))
        self._book.define_name(name, f"='{self.name}'!{corners}")

    def chart(self, kind: Literal["area", "column", "line"], subtype: str = "") -> Any:
        """A new chart, for `place`."""
        return self._book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
