"""A page in words: its blocks in the order in which they are read, which HTML and PDF show each in its own way.

Every text here is ready to be shown, in the page's language. ``spare`` says how soon a row gives way on paper where two
sheets have no room for it: 1 first, then 2, then 3; 0 never.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeAlias

SPARES = (1, 2, 3)
STRONG, CODE, ADDRESS, BREAK = "strong", "code", "address", "break"
LEAD, ANSWER = "lead", "answer"
NUMBER, END, NAME = "number", "end", "name"
PAPER, SCREEN = "paper", "screen"


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look: plain, STRONG, CODE, an ADDRESS that breaks anywhere; a BREAK ends the line."""

    text: str
    look: str = ""


Text: TypeAlias = tuple[Run, ...]


def text(*parts: str | Run) -> Text:
    """A text of its parts, without those that are empty."""
    runs = (Run(part) if isinstance(part, str) else part for part in parts)
    return tuple(run for run in runs if run.text or run.look == BREAK)


@dataclass(frozen=True)
class Block:
    """Something that is read before what stands below it."""

    @property
    def kind(self) -> str:
        """What it is, as templates ask for it."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph: plain, a LEAD below a heading, or the ANSWER; ``medium``: PAPER or SCREEN where only one has it."""

    text: Text
    look: str = ""
    medium: str = ""
    spare: int = 0


@dataclass(frozen=True)
class Heading(Block):
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Bullets(Block):
    """A list; ``language`` where it is not the page's."""

    items: tuple[Text, ...]
    language: str = ""


@dataclass(frozen=True)
class Picture(Block):
    """A chart by its name, and what it says for those who cannot see it."""

    name: str
    alt: str


@dataclass(frozen=True)
class Column:
    """A column: its heading, its look (plain, NUMBER, END for words that stand at the right, NAME for words of any
    length), the heading over it and its neighbours."""

    heading: str
    look: str = ""
    group: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell; ``label`` stands before it where the row is shown as a card."""

    text: Text
    label: str = ""


@dataclass(frozen=True)
class Row:
    """A row, headed by its first cell."""

    cells: tuple[Cell, ...]
    total: bool = False
    spare: int = 0


@dataclass(frozen=True)
class Grid(Block):
    """A table. ``cards``: on a narrow screen each row is a card; ``look``: how wide its columns are."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cards: bool = False
    medium: str = ""
    look: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure that is seen first; ``look``: old, new, more, less."""

    name: str
    amount: str
    more: str = ""
    look: str = ""


@dataclass(frozen=True)
class Tiles(Block):
    """Figures side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Side:
    """Blocks below each other; ``width``: plain, wider, widest."""

    blocks: tuple[Block, ...]
    width: str = ""


@dataclass(frozen=True)
class Pair(Block):
    """Sides beside each other where there is room."""

    sides: tuple[Side, ...]


@dataclass(frozen=True)
class Columns(Block):
    """A table, and what is read after it in small letters, in two columns where there is room."""

    first: Grid
    small: tuple[Block, ...]


@dataclass(frozen=True)
class LeftOut(Block):
    """What the page says of rows that gave way on paper: a text for each of SPARES, empty where none would."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A section; ``quiet``: its heading is only heard; ``small``: in small letters."""

    key: str
    heading: str
    blocks: tuple[Block, ...]
    quiet: bool = False
    small: bool = False


@dataclass(frozen=True)
class Document:
    """A whole page. ``internal``: what colleagues read above everything, empty for customers."""

    language: str
    title: str
    kind: str
    internal: str
    about: tuple[str, ...]
    sections: tuple[Section, ...]


def row(columns: tuple[Column, ...], *cells: Text | str, total: bool = False, spare: int = 0) -> Row:
    """A row under columns whose headings label its cells."""
    made = (
        Cell(text(cell) if isinstance(cell, str) else cell, column.heading)
        for cell, column in zip(cells, columns, strict=True)
    )
    return Row(tuple(made), total, spare)


def spared(part: Any, most: int) -> int:
    """How many rows of tables within a part of the document give way when those up to a kind do."""
    if isinstance(part, tuple):
        return sum(spared(item, most) for item in part)
    if isinstance(part, Row):
        return int(0 < part.spare <= most)
    return sum(spared(getattr(part, one.name), most) for one in fields(part)) if is_dataclass(part) else 0


def plain(part: Any) -> Any:
    """The document as lists, mappings and texts, which is what a template for paper reads."""
    if isinstance(part, tuple):
        return [plain(item) for item in part]
    if not is_dataclass(part):
        return part
    kind = {"kind": part.kind} if isinstance(part, Block) else {}
    return {**kind, **{one.name: plain(getattr(part, one.name)) for one in fields(part)}}
