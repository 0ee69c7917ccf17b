"""The columns and cells of usage files: their names, what is wrong with them, what a spreadsheet must not take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from planshift.plans.bounds import MOST_TOKENS, day_problem
from planshift.plans.scalars import either_reading, may_mark_thousands
from planshift.problems import Place, Problem, nearest

KEY_COLUMNS = ("date", "user_id", "surface", "model")
TOKEN_COLUMNS: Mapping[str, str] = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
}
SEARCHES = "web_searches"
MODIFIERS = "modifiers"
COLUMNS = (*KEY_COLUMNS, *TOKEN_COLUMNS, SEARCHES, MODIFIERS)
COUNTS = (*TOKEN_COLUMNS, SEARCHES)
KEY_COUNTS = ("input_tokens", "output_tokens")
"""The counts that a file of usage hardly ever lacks: where one does, another column of tokens may be meant for it."""

_OTHER_NAMES: Mapping[str, str] = {
    "uncached_input_tokens": "input_tokens",
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cached_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_5m_tokens",
    "cache_creation_tokens": "cache_write_5m_tokens",
    "cache_write_tokens": "cache_write_5m_tokens",
    "ephemeral_5m_input_tokens": "cache_write_5m_tokens",
    "ephemeral_1h_input_tokens": "cache_write_1h_tokens",
    "web_search_requests": "web_searches",
}
"""What other programs call a count, in small letters: usage in such a column would cost nothing."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

MOST_PROBLEMS = 1000
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COUNT = re.compile(r"[0-9]+")
_MOST_DIGITS = len(str(MOST_TOKENS))
_IMPORT = "planshift usage import"
_GUESSES = {
    "total_net_spend_usd": ("a claude.ai spend report", f"turn it into one: {_IMPORT} spend-report FILE -o usage.csv"),
    "usage_date_utc": (
        "a console export",
        f"take the Admin API's usage report instead: {_IMPORT} admin-usage FILE -o usage.csv",
    ),
}


def header_problems(header: Sequence[str], file: str) -> list[Problem]:
    """What is wrong with the header of a usage file: columns that are missing, misnamed or there twice."""
    place = Place(file, 1)
    missing = [name for name in KEY_COLUMNS if name not in header]
    for column, (guess, remedy) in _GUESSES.items():
        if missing and column in header:
            return [Problem(place, f"this is not a usage file; it looks like {guess}", remedy)]
    separated = other_separator(header)
    if separated:
        return [Problem(place, *separated)]
    problems = [Problem(place, f"the column '{name}' is missing", _rename(name, header)) for name in missing]
    if not missing and not {*COUNTS} & {*header}:
        problems.append(Problem(place, "no column counts anything", f"add some of: {', '.join(COUNTS)}"))
    for name, count in _misnamed_counts(header):
        fact = f"the column '{name}' is not read, and usage in it would cost nothing"
        problems.append(Problem(place, fact, f"rename it to '{count}', or remove it"))
    twice = sorted({name for name in header if header.count(name) > 1 and name in COLUMNS})
    return problems + [Problem(place, f"the column '{name}' stands there twice", "keep one") for name in twice]


def _misnamed_counts(header: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns that are called nearly as a count that the file lacks, or as elsewhere, and that count."""
    free = [name for name in COUNTS if name not in header]
    for name in header:
        count = _OTHER_NAMES.get(name.strip().lower()) or nearest(name, free) if name not in COLUMNS else None
        if count in free:
            yield name, count
        elif name not in COLUMNS and "token" in name.lower() and {*KEY_COUNTS} & {*free}:
            yield name, next(count for count in KEY_COUNTS if count in free)


def _rename(name: str, header: Sequence[str]) -> str:
    near = nearest(name, [column for column in header if column not in COLUMNS])
    return f"add it, or rename '{near}' to '{name}'" if near else "add it"


def is_count(text: str) -> bool:
    """Is it a count that a row can have? One of thousands of digits is not even calculated."""
    return bool(_COUNT.fullmatch(text)) and len(text.lstrip("0")) <= _MOST_DIGITS and int(text) <= MOST_TOKENS


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Is it a day on which there can be usage?"""
    day = _date_of(text)
    return day is not None and day_problem(day) is None


def by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str | None, str | None]:
    """A row's cells by column; under None, or None, what has no other half."""
    return dict(zip_longest(header, cells[: len(header) + 1]))


def cell_problems(rows: Iterable[tuple[int, Mapping[Any, Any]]], file: str) -> list[Problem]:
    """What is wrong with the cells of rows, each with its line; where there is much, the first of it."""
    problems: list[Problem] = []
    for line, row in rows:
        problems += _row_problems(row, Place(file, line))
        if len(problems) > MOST_PROBLEMS:
            break
    return problems


def _row_problems(row: Mapping[str | None, Any], place: Place) -> Iterator[Problem]:
    if None in row or None in row.values():
        yield Problem(place, "the row has not as many cells as the header", "mend the row, or quote cells with commas")
        return
    day = _date_of(row["date"])
    strange = day_problem(day) if day else (f"'{row['date']}' is not a date", "write it as 2026-10-31")
    if strange:
        yield Problem(place, f"date {day} {strange[0]}" if day else f"date {strange[0]}", strange[1])
    for name in KEY_COLUMNS[1:]:
        if not row[name]:
            yield Problem(place, f"{name} is empty", f"give the row its {name}")
    for name in COUNTS:
        text = row.get(name)
        if text is None:
            continue
        if not _COUNT.fullmatch(text):
            yield Problem(place, f"{name} must be a whole number (got '{text}')", _count_remedy(text))
        elif not is_count(text):
            yield Problem(place, f"{name} is {text}, more than one row can have", "check the number")


def _count_remedy(text: str) -> str:
    if text == "" or text.lower() in ("nan", "none", "null"):
        return "write 0 where there is none"
    if may_mark_thousands(text):
        return either_reading(text, whole=True)[1]
    if text.startswith("-"):
        return "a count cannot be negative; leave corrections out, or net them against the rows that they correct"
    return "write a whole number, digits only"


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
