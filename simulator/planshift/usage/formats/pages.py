"""JSON exports as pages: one page, a list of pages, or JSON lines of pages, with the line of every record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from planshift.problems import InputError, Place
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.texts import read_text

MISSING_PAGES = (
    "Pages are missing: the last page given says that more follow; what they hold is not in the usage. "
    "Download the rest and import all pages together."
)

_decode = json.JSONDecoder(parse_float=Decimal).raw_decode
_blank = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class Located:
    """An object of a page, where it starts, and the objects in its list ``results``."""

    place: Place
    values: dict[str, object]
    results: tuple[Located, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of an API: its fields, and the objects in its list ``data``."""

    number: int
    place: Place
    fields: dict[str, object]
    data: tuple[Located, ...]


def read_pages(paths: Sequence[Path], reading: Reading) -> list[Page]:
    """Every page of the files in order; what cannot be read is a problem, missing pages are a warning."""
    pages: list[Page] = []
    for path in paths:
        try:
            text = read_text(path)
        except InputError as error:
            reading.problems.extend(error.problems)
            continue
        line = _Lines(path, text)
        for at, value in _documents(text, line, reading):
            starts = zip(_items(text, at), value, strict=True) if isinstance(value, list) else [(at, value)]
            for start, item in starts:
                page = _page(len(pages), text, start, item, line, reading)
                pages += [page] if page else []
    if pages and pages[-1].fields.get("has_more") is True:
        reading.warned[MISSING_PAGES] += 1
    return pages


def _documents(text: str, line: _Lines, reading: Reading) -> Iterator[tuple[int, object]]:
    """The JSON values of a text, one after the other, and where they start; JSON lines go on after a broken line."""
    at, one_a_line = _skip(text, 0), False
    while at < len(text):
        try:
            value, end = _decode(text, at)
        except (ValueError, RecursionError) as error:
            broken_at = error.pos if isinstance(error, json.JSONDecodeError) else at
            why = error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too large"
            reading.wrong(
                line.of(min(broken_at, len(text.rstrip()))), f"is not complete JSON ({why})", "download it again"
            )
            next_line = text.find("\n", at) + 1
            if not one_a_line or not next_line:
                return
            end = next_line
        else:
            yield at, value
            one_a_line = one_a_line or text.find("\n", at, end) < 0
        at = _skip(text, end)


def _page(number: int, text: str, at: int, value: object, line: _Lines, reading: Reading) -> Page | None:
    place = line.of(at)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(data, list):
        fact = "is not a page: a page is an object with a list called data"
        reading.wrong(place, fact, "give the answers of the API whole, as they came")
        return None
    data_at = _fields(text, at)["data"]
    return Page(number, place, value, tuple(_located(text, data_at, data, line, reading)))


def _located(text: str, at: int, values: list[object], line: _Lines, reading: Reading) -> Iterator[Located]:
    for start, value in zip(_items(text, at), values, strict=True):
        place = line.of(start)
        if not isinstance(value, dict):
            reading.wrong(place, "is not an object", "give the answers of the API whole, as they came")
            continue
        results = value.get("results")
        below: tuple[Located, ...] = ()
        if isinstance(results, list):
            below = tuple(_located(text, _fields(text, start)["results"], results, line, reading))
        yield Located(place, value, below)


def _fields(text: str, at: int) -> dict[str, int]:
    """Where each field of the object at ``at`` has its value; the text has been decoded before, so it is JSON."""
    found: dict[str, int] = {}
    position = _skip(text, at + 1)
    while text[position] != "}":
        name, position = _decode(text, position)
        found[name] = _skip(text, _skip(text, position) + 1)
        position = _next(text, found[name])
    return found


def _items(text: str, at: int) -> Iterator[int]:
    """Where each element of the list at ``at`` starts; the text has been decoded before, so it is JSON."""
    position = _skip(text, at + 1)
    while text[position] != "]":
        yield position
        position = _next(text, position)


def _next(text: str, at: int) -> int:
    """Where the neighbour of the value at ``at`` starts, or the bracket that closes them."""
    _, end = _decode(text, at)
    position = _skip(text, end)
    return _skip(text, position + 1) if text[position] == "," else position


def _skip(text: str, at: int) -> int:
    found = _blank.match(text, at)
    return found.end() if found else at


class _Lines:
    """Turns positions of a text into places; quick when they come in rising order."""

    def __init__(self, path: Path, text: str) -> None:
        self._file, self._text = str(path), text
        self._at, self._line = 0, 1

    def of(self, position: int) -> Place:
        """The place of a position."""
        if position < self._at:
            self._at, self._line = 0, 1
        self._line += self._text.count("\n", self._at, position)
        self._at = position
        return Place(self._file, self._line)
