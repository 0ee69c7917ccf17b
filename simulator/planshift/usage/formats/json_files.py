"""JSON exports: objects on lines, of which the last may be cut off, and pages, with the line of every record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from planshift.problems import InputError, Place
from planshift.usage.formats.reading import Reading
from planshift.usage.formats.records import Record, read_text

_CUT_OFF_LINE = "a last line that is cut off"

_decode = json.JSONDecoder(parse_float=Decimal).decode


def json_lines(
    path: Path, reading: Reading, names: Sequence[str] = (), amounts: str = ""
) -> Iterator[tuple[Place, dict[str, object]]]:
    """Every object of a file with its place; a broken line is a problem, and a last one cut off is left out and said.

    With ``names``, an object that has none of these fields is given empty: decoding what people wrote, most of
    a transcript, takes most of the time. With ``amounts``, no other field has decimals that count. Raises InputError
    for a file that cannot be read.
    """
    fields = [f'"{name}"' for name in names]
    lines = read_text(path, cut_off=True).rstrip().split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = Place(str(path), number)
        if fields and number < len(lines) and _is_without(line, fields):
            yield place, {}
            continue
        try:
            values = _quickly(line) if amounts and f'"{amounts}"' not in line else _decode(line)
        except (ValueError, RecursionError) as error:
            # After a power cut a file can end in zero bytes.
            if number == len(lines) and (line.startswith("{") or not line.strip("\0")):
                _leave_out(place, reading)
                return
            why = error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too large"
            reading.wrong(place, f"is not a line of JSON ({why})", "delete it if it is cut off, or copy the file again")
            continue
        if isinstance(values, dict):
            yield place, values
        else:
            reading.wrong(place, "is not an object", "give the file as it was written")


def _quickly(line: str) -> Any:
    """The value of a line whose decimals do not count; what orjson does not take may be JSON all the same."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return _decode(line)


def _is_without(line: str, fields: Sequence[str]) -> bool:
    """Whether a line is whole, as far as its ends show, and has none of the fields: in text, quotes are escaped."""
    return line[0] == "{" and line[-1] == "}" and not any(name in line for name in fields)


def _leave_out(place: Place, reading: Reading) -> None:
    reading.rows_read += 1
    reading.dropped[_CUT_OFF_LINE] += 1
    reading.warned[
        f"The last line is cut off (the file was probably copied while it was being written) and left out: {place}."
    ] += 1


_PLACES_SHOWN = 3

_decode_at = json.JSONDecoder(parse_float=Decimal).raw_decode
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

    @property
    def goes_on(self) -> bool:
        """Whether it says that another page follows."""
        return self.fields.get("has_more", bool(self.fields.get("next_page"))) is True

    @cached_property
    def span(self) -> tuple[datetime, datetime, datetime] | None:
        """When its first row starts, its latest row starts, and its last row ends; None where no row says when."""
        times = [time for item in self.data if (time := _times(item.values)) is not None]
        if not times:
            return None
        return min(start for start, _ in times), max(start for start, _ in times), max(end for _, end in times)

    def say_refreshed(self, reading: Reading) -> None:
        """Say when its numbers were last refreshed, if it tells."""
        if self.fields.get("data_refreshed_at"):
            refreshed = f"refreshed at {self.fields['data_refreshed_at']}: the 30 days before can still be revised."
            reading.assumed[f"The report was {refreshed}"] += 1

    def follows(self, other: Page) -> bool:
        """Whether it begins where the other ends, or in its last bucket; usage and costs are reports of their own."""
        if not self.span or not other.span or _is_of_costs(self) != _is_of_costs(other):
            return False
        return self.span[0] == other.span[2] or self.span[0] <= other.span[1] < self.span[2]


def _is_of_costs(page: Page) -> bool:
    return any("cost" in item.values for item in page.data)


def _times(values: Mapping[str, object]) -> tuple[datetime, datetime] | None:
    """When a row or a bucket starts and ends; None where it does not say so, which is another mistake than a gap."""
    record = Record(dict(values), Place(""))
    if record.has("date"):
        day = record.moment("date")
        return (day, day + timedelta(days=1)) if day else None
    start, end = record.moment("starting_at"), record.moment("ending_at")
    return (start, end) if start and end else None


def read_pages(paths: Sequence[Path], reading: Reading) -> list[Page]:
    """Every page of the files in order; what cannot be read is a problem, missing pages are a warning."""
    pages: list[Page] = []
    for path in paths:
        try:
            text = read_text(path)
        except InputError as error:
            reading.problems.extend(error.problems)
            continue
        line = Lines(path, text)
        for at, value in documents(text, line, reading):
            starts = zip(_items(text, at), value, strict=True) if isinstance(value, list) else [(at, value)]
            for start, item in starts:
                page = _page(len(pages), text, start, item, line, reading)
                pages += [page] if page else []
    _say_missing(pages, reading)
    return pages


def _say_missing(pages: Sequence[Page], reading: Reading) -> None:
    """Warn of pages that say that more follow, where following pages does not lead to one that ends its report.

    Pages are told by a cursor, which the page itself does not name, and files have any order: a page follows another
    if it begins where that one ends, or goes on with its last bucket.
    """
    complete = _leading_to_an_end(pages)
    where = [
        f"{page.place}{f', which ends at {page.span[2]:%Y-%m-%d %H:%M} UTC' if page.span else ''}"
        for page in pages
        if page.number not in complete
    ]
    if where:
        more = f" and {len(where) - _PLACES_SHOWN} more" if len(where) > _PLACES_SHOWN else ""
        reading.warned[
            f"Pages are missing: no page continues {'; '.join(where[:_PLACES_SHOWN])}{more}. What they hold is not "
            "in the usage; download the rest, and import all pages together."
        ] += 1


def _leading_to_an_end(pages: Sequence[Page]) -> set[int]:
    """The numbers of pages from which pages that follow one another lead to one that says that nothing follows."""
    waiting = [page for page in pages if not page.goes_on]
    if any(not page.span for page in waiting):
        # A last page without rows does not say where it belongs: to the pages that reach furthest.
        furthest = max((page.span[2] for page in pages if page.span), default=None)
        waiting += [page for page in pages if page.goes_on and page.span and page.span[2] == furthest]
    reached = {page.number for page in waiting}
    while waiting:
        now = waiting.pop()
        before = [page for page in pages if page.number not in reached and now.follows(page)]
        reached.update(page.number for page in before)
        waiting += before
    return reached


def documents(text: str, line: Lines, reading: Reading) -> Iterator[tuple[int, object]]:
    """The JSON values of a text, one after the other, and where they start; JSON lines go on after a broken line."""
    at, one_a_line = _skip(text, 0), False
    while at < len(text):
        try:
            value, end = _decode_at(text, at)
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


def _page(number: int, text: str, at: int, value: object, line: Lines, reading: Reading) -> Page | None:
    place = line.of(at)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(data, list):
        fact = "is not a page: a page is an object with a list called data"
        reading.wrong(place, fact, "give the answers of the API whole, as they came")
        return None
    data_at = _fields(text, at)["data"]
    return Page(number, place, value, tuple(_located(text, data_at, data, line, reading)))


def _located(text: str, at: int, values: list[object], line: Lines, reading: Reading) -> Iterator[Located]:
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
        name, position = _decode_at(text, position)
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
    _, end = _decode_at(text, at)
    position = _skip(text, end)
    return _skip(text, position + 1) if text[position] == "," else position


def _skip(text: str, at: int) -> int:
    found = _blank.match(text, at)
    return found.end() if found else at


class Lines:
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
