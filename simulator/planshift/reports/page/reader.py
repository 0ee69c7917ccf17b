"""Who reads the page about a renewal, and the pieces that its sections are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from planshift.reports.page.document import LEAD, Column, Pair, Paragraph, Side, text
from planshift.reports.page.language import Language
from planshift.reports.page.said import Month, Value

NOTHING = "–"
LONG_FIGURE = 9
"""Letters of an amount from which on a table of amounts is too wide for a telephone."""


@dataclass(frozen=True)
class Reader:
    """Who reads the page: what of it they see, in which language; ``alts``: its charts in a sentence each, by name."""

    page: Any
    internal: bool
    language: Language
    alts: Mapping[str, str]

    def columns(self, looks: Mapping[str, str]) -> tuple[Column, ...]:
        """Columns headed by labels, each with its look."""
        return tuple(Column(self.language.say(label), look) for label, look in looks.items())


def lead(said: str) -> Paragraph:
    """What a section says first, or last, of itself."""
    return Paragraph(text(said), LEAD)


def pair(*sides: Side) -> Iterator[Pair]:
    """Sides beside each other, without those that are empty."""
    found = tuple(side for side in sides if side.blocks)
    if found:
        yield Pair(found)


def spare(place: int, *beyond: int) -> int:
    """How soon the row at a place gives way: 1 from the first of some places on, 2 from the next, 3 from the last."""
    return next((kind for kind, first in enumerate(beyond, start=1) if place >= first), 0)


def months_said(language: Language, months: Iterable[date]) -> str:
    """Months in a list, those that follow each other as a stretch: ``Jan 2027 – Mar 2027, May 2027``."""
    ordered = sorted(months)
    numbered = [(month.year * 12 + month.month - place, month) for place, month in enumerate(ordered)]
    stretches = [[month for _, month in found] for _, found in groupby(numbered, key=lambda pair: pair[0])]
    said: list[Value] = []
    for stretch in stretches:
        ends = [Month(stretch[0]), Month(stretch[-1])][: len(stretch)]
        said.append(" – ".join(map(language.text, ends)))
    return ", ".join(map(language.text, said))
