"""Cells of CSV files: what a spreadsheet must not take for a formula."""

from __future__ import annotations

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


def plain_cell(text: str) -> str:
    """Text that a spreadsheet takes for text: an apostrophe goes before what would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
