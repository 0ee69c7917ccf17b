"""The first draws in detail: the tables of a single draw, one below the other, with the number of the draw."""

from __future__ import annotations

from collections.abc import Callable

from planshift.reports.columns import Table
from planshift.reports.tables import Values, stacked

Make = Callable[[int], Values]
"""Makes a table's values for the draw of a number."""


def in_detail(table: Table, draws: int, make: Make) -> tuple[Table, Values]:
    """The table of the first draws; with none, its header alone."""
    if not draws:
        return table, {"draw": [], **{name: [] for name in table.header}}
    return table, stacked([make(draw) for draw in range(draws)])
