"""What goes wrong with an input, as data: the place, the fact and the remedy.

::

    PlanshiftError
    ├── InputError        something a person wrote cannot be used: every mistake found, sorted by place
    ├── OutputError       a result cannot be written where it was asked for
    └── LostWorkerError   work cannot be done: the processes that it was given to were killed, or ran out of memory

The library raises; only the command line turns these into text for people.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SHOWN_AT_MOST = 20

_ALIKE_AT_MOST = 5
"""So many problems of one kind have a line each."""
_PLACES_SHOWN = 5
_PARTICULAR = re.compile(r"'[^']*'|[0-9][0-9.,]*")
_LONGEST_PLACE, _LONGEST_FACT = 1000, 500


def printable(text: str) -> str:
    """Text without anything that would steer a terminal: such a character becomes ``\\x1b`` spelled out."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def one_line(text: str, most: int) -> str:
    """Text for one line of a message: nothing that steers a terminal, and the middle left out of what is too long.

    What a file holds may be of any length, and mostly stands between words that say what is wrong with it.
    """
    if len(text) <= most and text.isprintable():
        return text
    ahead = most * 2 // 3
    shown = printable(text if len(text) <= most else f"{text[:ahead]}…{text[len(text) - (most - ahead - 1) :]}")
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


@dataclass(frozen=True, order=True)
class Place:
    """Where a mistake stands: a file, and where known its line and column, both counted from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it stands, what is wrong, and what to do."""

    place: Place
    fact: str
    remedy: str

    def __str__(self) -> str:
        place, fact, remedy = str(self.place), self.fact, self.remedy
        parts = (one_line(place, _LONGEST_PLACE), one_line(fact, _LONGEST_FACT), one_line(remedy, _LONGEST_FACT))
        return "{}: {} - {}".format(*parts)


class PlanshiftError(Exception):
    """The root of everything that planshift raises on purpose."""


class InputError(PlanshiftError):
    """Input that cannot be used; ``problems`` holds every mistake found, sorted by place, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(self.text())

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        # An error that crosses from one process to another is made again from its problems, not from its text.
        return type(self), (self.problems,)

    @classmethod
    def at(cls, place: Place | str | Path, fact: str, remedy: str) -> InputError:
        """An error with one problem."""
        where = place if isinstance(place, Place) else Place(str(place))
        return cls([Problem(where, fact, remedy)])

    def text(self) -> str:
        """One line a problem, at most twenty, then how many more there are; what is wrong alike many times is one line.

        Problems of a file that say the same but for words in quotes and numbers are alike.
        """
        alike: dict[tuple[str, str, str], list[Problem]] = {}
        for problem in self.problems:
            alike.setdefault(_kind(problem), []).append(problem)
        groups = [group for found in alike.values() for group in _lines(found)]
        shown = sorted(groups, key=lambda group: group[0])[:SHOWN_AT_MOST]
        more = len(self.problems) - sum(map(len, shown))
        lines = [_line(group) for group in shown]
        return "\n".join([*lines, f"… and {more} more"] if more else lines)


def _kind(problem: Problem) -> tuple[str, str, str]:
    """What problems that are the same have in common."""
    return problem.place.file, _PARTICULAR.sub("…", problem.fact), _PARTICULAR.sub("…", problem.remedy)


def _lines(alike: Sequence[Problem]) -> list[Sequence[Problem]]:
    """Problems of one kind by the line of text that tells of them: one for all, or one for each of a few."""
    return [alike] if len(alike) > _ALIKE_AT_MOST else [[problem] for problem in alike]


def _line(group: Sequence[Problem]) -> str:
    first, *others = group
    if not others:
        return str(first)
    lines = [str(number) for number in dict.fromkeys(other.place.line for other in others) if number]
    where = f", on lines {', '.join(lines[:_PLACES_SHOWN])}" if lines else ""
    return f"{first} (and {len(others):,} more of this kind{where}{', …' if len(lines) > _PLACES_SHOWN else ''})"


class OutputError(PlanshiftError):
    """A result that cannot be written: the folder is not ours, the disk is full, the path is a file."""


class LostWorkerError(PlanshiftError):
    """Work that was given to other processes and lost with them: killed, or out of memory."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; capitals, spaces and hyphens make no difference."""
    alike = {_bare(name): name for name in sorted(known, reverse=True)}
    near = difflib.get_close_matches(_bare(word), alike, n=1, cutoff=0.65)
    return alike[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the nearest known word, else a list of up to five of the known ones."""
    names = sorted(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean '{near}'?"
    listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"use one of: {listed}" if names else "remove it"


def _bare(word: str) -> str:
    return word.casefold().replace(" ", "_").replace("-", "_")
