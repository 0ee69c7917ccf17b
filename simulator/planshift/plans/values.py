"""A value of a plan: what holds, from when on, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from planshift.plans.documents import Document
from planshift.problems import Place

ALWAYS = date.min
"""The day from which an undated value holds."""


@dataclass(frozen=True)
class Sourced:
    """One value with its source: published (``reference``) or a choice (``assumed``, with a note and alternatives)."""

    value: Any
    reference: str = ""
    assumed: bool = False
    note: str = ""
    alternatives: tuple[Any, ...] = ()
    overlay: str = ""
    place: Place = Place("")

    @property
    def text(self) -> str:
        """The value as people write it."""
        return plain(self.value)


@dataclass(frozen=True)
class Dated:
    """A value through time: entries in order of date, each holding until the next."""

    path: str
    entries: tuple[tuple[date, Sourced], ...]

    def on(self, day: date) -> Sourced | None:
        """The entry in force on a day; None before the first."""
        held = [entry for since, entry in self.entries if since <= day]
        return held[-1] if held else None

    def from_day(self, since: date, entry: Sourced) -> Dated:
        """The same value until ``since``, and ``entry`` from then on, whatever was to come."""
        before = tuple(pair for pair in self.entries if pair[0] < since)
        return replace(self, entries=(*before, (since, entry)))

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which another entry begins to hold."""
        return tuple(since for since, _ in self.entries if since != ALWAYS)


def plain(value: Any) -> str:
    """A value in words: ``20.00``, ``yes``, ``chat, cowork``, ``chat → enterprise``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} → {plain(item)}" for key, item in value.items())
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def sourced_values(document: Document, data: Mapping[Any, Any], keys: tuple[Any, ...] = ()) -> Iterator[Dated]:
    """Every value below a mapping of the plan grammar, with its dotted path."""
    for key, item in data.items():
        path = (*keys, key)
        if not isinstance(item, Mapping):
            continue
        if "value" in item:
            yield Dated(_dotted(path), ((ALWAYS, _sourced(document, path, item)),))
        elif item and all(isinstance(since, date) for since in item):
            entries = ((since, _sourced(document, (*path, since), entry)) for since, entry in item.items())
            yield Dated(_dotted(path), tuple(sorted(entries, key=lambda pair: pair[0])))
        else:
            yield from sourced_values(document, item, path)


def _dotted(keys: tuple[Any, ...]) -> str:
    return ".".join(str(key) for key in keys)


def _sourced(document: Document, keys: tuple[Any, ...], item: Mapping[str, Any]) -> Sourced:
    return Sourced(
        value=item["value"],
        reference=item.get("reference", ""),
        assumed=item.get("assumed", False),
        note=item.get("note", ""),
        alternatives=tuple(item.get("alternatives", ())),
        place=document.place(*keys, "value"),
    )
