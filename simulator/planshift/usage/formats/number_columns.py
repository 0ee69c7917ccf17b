"""Columns of numbers as one country or another writes them, in the one form that records are read in.

How a column marks decimals is what the caller says, or what its cells cannot be read in another way: ``0,12`` has a
decimal comma, and then ``120.000`` in the same file is a hundred and twenty thousand, because one program wrote both.
Where nothing settles it, cells stay as they are: three decimals are asked about (`planshift.plans.scalars`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from planshift.plans.scalars import decimal_mark, in_point_form, may_mark_thousands
from planshift.usage.formats.tables import Table

MARKS = {"comma": ",", "point": "."}
"""What the caller may say of decimals."""

_USUAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_FINE = re.compile(r"-?[0-9]+\.[0-9]{3,}")


def in_one_form(table: Table, counts: Iterable[str], amounts: Iterable[str], decimal: str | None) -> Table:
    """The table with its columns of counts and amounts in point form, and a note on what was read in another way."""
    amounts = {*amounts} & {*table.columns}
    columns = [name for name in table.columns if name in amounts or name in {*counts}]
    cells = {name: table.column(name) for name in columns}
    # Digits alone are most cells, and say nothing of marks.
    marked = {name: {text for text in texts if not text.isdigit()} for name, texts in cells.items()}
    marks = {name: {decimal_mark(text) for text in texts} - {None} for name, texts in marked.items()}
    everywhere = {mark for found in marks.values() for mark in found}
    changed: dict[str, list[str]] = {}
    notes: list[str] = []
    for name, texts in cells.items():
        mark = MARKS[decimal] if decimal else _mark(marks[name], everywhere)
        sure = decimal is not None or (name in amounts and any(map(_is_fine, marked[name])))
        forms = {text: _read(text, mark, sure) for text in marked[name]}
        if any(text != form for text, form in forms.items()):
            read = [forms.get(text, text) for text in texts]
            changed[name] = read
            notes += _note(table.headers[table.columns.index(name)], texts, read)
    return replace(table.with_columns(changed), notes=(*table.notes, *_joined(table, notes)))


def _mark(found: set[str | None], everywhere: set[str | None]) -> str:
    """The mark of a column: its own, else that of all other columns if it is a comma; a point where nothing says so."""
    return "," if found == {","} or (not found and everywhere == {","}) else "."


def _is_fine(text: str) -> bool:
    """Whether a cell has three decimals or more that cannot be thousands: its column has such decimals."""
    return bool(_FINE.fullmatch(text)) and not may_mark_thousands(text)


def _read(text: str, mark: str, sure: bool) -> str:
    """A cell in point form; as it is where it is no number, or one to be asked about."""
    asked_about = not sure and may_mark_thousands(text, mark)
    if asked_about or (_USUAL.fullmatch(text) and mark == "." and not may_mark_thousands(text)):
        return text
    if not sure and mark == "." and may_mark_thousands(text, ","):
        return text
    return in_point_form(text, mark) or text


def _note(header: str, texts: Sequence[str], read: Sequence[str]) -> list[str]:
    """An example of what a column's cells were read as, where that is not plain."""
    for before, after in zip(texts, read, strict=True):
        if before != after:
            return [f"{header}: '{before}' is {after}"]
    return []


def _joined(table: Table, notes: Sequence[str]) -> list[str]:
    return [f"{table.path}: decimals and thousands are marked in the file's own way: {'; '.join(notes)}."] * bool(notes)
