"""What a format is: its name, how its files look, and its reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planshift.usage.cells import is_workbook, workbook_header
from planshift.usage.formats.reading import ImportOptions, Reading
from planshift.usage.formats.records import encoding_of
from planshift.usage.formats.tables import normalised, without_excel_line

_HEAD = 1 << 20
_LINES = 20
_FIELD = re.compile(r'"([A-Za-z_.]+)"\s*:')


@dataclass(frozen=True)
class Head:
    """The first megabyte of a file, seen as CSV, as JSON or as lines of JSON; of a workbook also its ``header``."""

    raw: bytes
    header: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path) -> Head:
        """The head of a file; an empty one where it cannot be read. InputError for a workbook that cannot be."""
        try:
            with path.open("rb") as file:
                raw = file.read(_HEAD)
        except OSError:
            return cls(b"")
        return cls(raw, tuple(workbook_header(path)) if is_workbook(path) else ())

    @cached_property
    def text(self) -> str:
        """The head as text, without a byte-order mark and blanks before it."""
        return self.raw.decode(encoding_of(self.raw), errors="replace").lstrip("\ufeff \t\r\n")

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that a workbook or the header of a CSV names, as `normalised` writes them; none of JSON."""
        cells: Sequence[str] = self.header
        if not cells and self.text[:1] not in ("{", "["):
            cells = re.split(r"[,;\t]", without_excel_line(self.text)[0].partition("\n")[0])
        return frozenset(normalised(cell.strip().strip('"')) for cell in cells) - {""}

    @cached_property
    def lines(self) -> tuple[dict[str, object], ...]:
        """Those of the first lines that are JSON objects by themselves."""
        found: list[dict[str, object]] = []
        for line in self.text.split("\n", _LINES)[:_LINES] if self.text[:1] in ("{", "[") else ():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                found.append(value)
        return tuple(found)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of all fields in JSON, however deep; none of CSV."""
        return frozenset(_FIELD.findall(self.text)) if self.text[:1] in ("{", "[") else frozenset()


@dataclass(frozen=True)
class Format:
    """A format of usage exports that can be imported.

    ``name`` is what people write after ``planshift usage import``; ``title`` what a file of it is called in a sentence
    (``a spend report``). ``recognises`` says whether a file looks like one, from its first bytes; ``read`` reads files.
    ``folder`` is the pattern of its files where people may name folders. ``package`` brings the format.
    """

    name: str
    title: str
    read: Callable[[Sequence[Path], ImportOptions], Reading]
    recognises: Callable[[Head], bool]
    folder: str = ""
    package: str = "planshift"
