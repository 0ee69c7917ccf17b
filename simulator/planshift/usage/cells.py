"""Cells of CSV files: what a spreadsheet must not take for a formula, and how cells must be separated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


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
