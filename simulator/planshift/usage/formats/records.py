"""The text of an export, and its records: their fields as values, and the mistakes found while reading them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from planshift.plans.bounds import MOST_DOLLARS, MOST_TOKENS, day_problem
from planshift.plans.scalars import either_reading, exact, may_mark_thousands
from planshift.problems import InputError, Place, Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes of a file say; UTF-8 where they say none.

    Text in UTF-16 without a mark is known by the empty half of its first letter.
    """
    half = {b"\0": "utf-16-be"}.get(start[:1]) or {b"\0": "utf-16-le"}.get(start[1:2])
    return next((name for mark, name in _MARKS if start.startswith(mark)), half or "utf-8")


def is_utf16(path: Path) -> bool:
    """Whether a file that can be read says that it is in UTF-16."""
    with path.open("rb") as file:
        return encoding_of(file.read(4)).startswith("utf-16")


def read_text(path: Path, *, cut_off: bool = False) -> str:
    """The whole text of a file. InputError when it is missing, empty or not text.

    ``cut_off`` allows a last line that ends inside a character; it is given without it.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError.at(path, f"cannot be read ({error.strerror})", "check the path") from None
    try:
        text = raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        if cut_off and error.reason == "unexpected end of data":
            return raw[: error.start].decode(encoding_of(raw))
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError.at(
            Place(str(path), line), "is not UTF-8 text", "export it again, or save it as UTF-8"
        ) from None
    if not text.strip():
        raise InputError.at(path, "is empty", "export it again, or leave it out")
    return text


CENTS = Decimal("0.01")
DOLLARS = Decimal(1)

_DIGITS = len(str(MOST_TOKENS))
_WHOLE = re.compile(r"\d{1,18}(\.0+)?")


@dataclass(frozen=True)
class Record:
    """The fields of one record; what is wrong with them is added to ``problems`` and read as nothing.

    Fields are named by their path: ``record.count("cache_creation", "ephemeral_5m_input_tokens")``. A field that is
    absent, null or empty is nothing: 0, ``""`` or ``None``, unless it is required. ``by_hand`` says that people may
    have written or saved its numbers, so that a point can mark thousands; that of a program is a decimal point.
    """

    values: dict[str, object]
    place: Place
    problems: list[Problem] = field(default_factory=list)
    by_hand: bool = False

    def get(self, *path: str) -> object:
        """The value at a path, ``None`` where there is none."""
        if len(path) == 1:
            value = self.values.get(path[0])
            return None if value == "" else value
        value = self.values
        for key in path:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return None if value == "" else value

    def has(self, *path: str) -> bool:
        """Whether there is a value at a path."""
        return self.get(*path) is not None

    def text(self, *path: str) -> str:
        """The text at a path, without the blanks around it; ``""`` where there is none."""
        value = self.values.get(path[0]) if len(path) == 1 else self.get(*path)
        return "" if value is None else value.strip() if type(value) is str else str(value).strip()

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """The texts of several fields by name."""
        values = [(name, self.values.get(name)) for name in names]
        return {name: value.strip() if type(value) is str else self.text(name) for name, value in values}

    def count(self, *path: str, required: bool = False) -> int:
        """The count at a path: a whole number from 0."""
        value = self.values.get(path[0]) if len(path) == 1 else self.get(*path)
        if type(value) is int and 0 <= value <= MOST_TOKENS:
            return value
        if value is None or value == "":
            if required:
                self.wrong(
                    f"{'.'.join(path)} is missing", "export the report again; a count that is not there is not 0"
                )
            return 0
        if type(value) is str and len(value) < _DIGITS and value.isascii() and value.isdigit():
            return int(value)
        text = str(value).strip()
        if self._either(value, text, path, whole=True):
            return 0
        number = -1 if isinstance(value, bool) or not _WHOLE.fullmatch(text) else int(text.partition(".")[0])
        if 0 <= number <= MOST_TOKENS:
            return number
        self.wrong(f"{'.'.join(path)} must be a whole number from 0 (it is {text!r})", "correct it, or export again")
        return 0

    def money(self, *path: str, unit: Decimal = DOLLARS) -> Decimal | None:
        """The amount at a path in US dollars; ``unit`` is what one of it is worth."""
        value = self.get(*path)
        if value is None:
            return None
        text = str(value).strip()
        if self._either(value, text, path, whole=False):
            return None
        amount = None if isinstance(value, bool) else exact(text)
        if amount is not None and abs(amount * unit) <= MOST_DOLLARS:
            return amount * unit
        name = ".".join(path)
        if amount is not None:
            self.wrong(f"{name} is {text}, more than {MOST_DOLLARS:,} dollars", "check the number")
        else:
            fact = f"{name} must be an amount such as 12.34 (it is {text!r})"
            self.wrong(fact, "write it with a point and without signs for thousands or currency")
        return None

    def moment(self, *path: str) -> datetime | None:
        """The moment at a path in UTC; a moment without a zone is UTC. ``None``, and a problem, where it is none."""
        text = self.text(*path)
        try:
            moment = datetime.fromisoformat(text)
            strange = day_problem(moment.date())
            if strange:
                self.wrong(f"{'.'.join(path)}: {text} {strange[0]}", strange[1])
                return None
        except ValueError:
            fact = f"{'.'.join(path)} must be a date or a time such as 2026-10-01T09:00:00Z (it is {text!r})"
            self.wrong(fact, "correct it, or export again")
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def day(self, *path: str) -> date | None:
        """The UTC date at a path; ``None``, and a problem, where there is none."""
        moment = self.moment(*path)
        return None if moment is None else moment.date()

    def _either(self, value: object, text: str, path: tuple[str, ...], *, whole: bool) -> bool:
        """Whether a number that is written as text could have its thousands marked; if so, it is a problem."""
        if not self.by_hand or not isinstance(value, str):
            return False
        mark = "." if may_mark_thousands(text) else "," if may_mark_thousands(text, ",") else None
        if mark is None:
            return False
        fact, remedy = either_reading(text, whole=whole, mark=mark)
        self.wrong(f"{'.'.join(path)} is {text}, which {fact}", remedy)
        return True

    def wrong(self, fact: str, remedy: str) -> None:
        """Add a problem at this record's place."""
        self.problems.append(Problem(self.place, fact, remedy))
