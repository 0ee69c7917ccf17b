"""What an export says, before it is priced: entries, and an account of every row read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from planshift.problems import InputError, Place, Problem
from planshift.usage.formats.records import Record
from planshift.usage.products import Products

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard

UNATTRIBUTED = "unattributed"

BATCH = "batch"
FAST_MODE = "fast_mode"
US_ONLY = "us_only_inference"

LISTS_ONLY_USERS = "The export lists only members with usage; members who used nothing do not appear."
SEAT_BASED_SHOWS_EXTRA_ONLY = (
    "If this organization has a seat-based plan, the export shows only what went beyond the included usage: "
    "a forecast of a renewal from it is too low."
)
COST_ALONE = "A cost is reported with no tokens and no searches ({rows}): nothing of it is in the usage."
CHANNELS: Mapping[str, str] = {"slack_channel_id": "slack", "teams_channel_id": "teams"}
"""Fields that name a channel, and what is written before its id to make a member of it."""
IN_CHANNELS = (
    "Work in Slack or Teams channels ({rows}) is billed to the organization, outside members' limits; "
    "here it is usage of whom the row names, or of the channel."
)
NOTHING_USED = "no tokens and no searches"


class Counts(NamedTuple):
    """What one entry used, in the order of the canonical columns."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    web_searches: int = 0

    @property
    def prompt(self) -> int:
        """The tokens of the prompt: uncached, read from the cache and written to it."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens


class Part(NamedTuple):
    """A part of an entry: what was used of a model on a surface, on a day."""

    date: date
    surface: str
    model: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of an export: who used how much of a model, on which days.

    ``prompt_least`` and ``prompt_most`` bound the prompt of any one request in it. ``reported`` is what the export
    says it costs, in US dollars. Without a known split the whole prompt stands in ``input_tokens``. ``untold`` names
    what the export does not tell of ``service_tier``, ``inference_geo`` and ``speed``; ``untold_writes`` are those of
    the 5-minute cache writes that may have been written for an hour. ``cost_within`` is how far
    what is reported can be from the row's own cost, so that it can tell what the row does not; None where it is not
    the cost of this row alone. ``parts`` are what the row is made of by day, surface and model where that had to be
    assumed; ``model`` and ``surface`` are then those of the first.
    """

    place: Place
    first: date
    last: date
    user_id: str
    surface: str
    model: str
    counts: Counts
    modifiers: frozenset[str] = frozenset()
    prompt_least: int = 0
    prompt_most: int = 0
    reported: Decimal | None = None
    split_known: bool = True
    untold: frozenset[str] = frozenset()
    untold_writes: int = 0
    cost_within: Decimal | None = None
    parts: tuple[Part, ...] = ()


@dataclass
class Reading:
    """The entries of an import, and the account that explains them.

    ``rows_read`` is always the number of entries, plus ``merged`` (rows given again), plus all that ``dropped`` counts.
    ``assumed`` and ``warned`` count, for each sentence, the rows that it is about; ``{rows}`` in it becomes that count.
    """

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows_read: int = 0
    merged: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)

    def add(self, entry: Entry) -> None:
        """Add an entry, or drop it if it used nothing and cost nothing."""
        if not entry.user_id.isascii() and entry.user_id != entry.user_id.encode(errors="replace").decode():
            self.wrong(
                entry.place,
                f"the member {entry.user_id!r} has an incomplete character in it",
                "correct it, or export again",
            )
            return
        used = any(entry.counts)
        if not used and not entry.reported:
            self.dropped[NOTHING_USED] += 1
            return
        self.warned[COST_ALONE] += not used
        self.entries.append(entry)

    def wrong(self, place: Place | str | Path, fact: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(place if isinstance(place, Place) else Place(str(place)), fact, remedy))

    def check(self) -> None:
        """Raise an InputError with all problems, if there are any."""
        if self.problems:
            raise InputError(self.problems)

    def channels(self, record: Record) -> list[str]:
        """The channels that a record names, as members; what is billed for them is said."""
        found = [f"{kind}:{record.text(name)}" for name, kind in CHANNELS.items() if record.values.get(name)]
        self.warned[IN_CHANNELS] += bool(found)
        return found

    def someone(self, names: Iterable[str], options: ImportOptions) -> str:
        """The first name there is, else the one that was asked for, else nobody's; the last two are said."""
        for name in names:
            if name:
                return name
        user = options.user or UNATTRIBUTED
        self.assumed[f"Usage that names nobody is counted for the member '{user}' ({{rows}})."] += 1
        return user


@dataclass(frozen=True)
class ImportOptions:
    """What the caller adds to the files: the days wanted, and who and where usage is if the files do not say.

    ``decimal`` is how a table marks decimals, ``persona`` whose models and tokens are assumed where it has costs alone;
    ``card`` is the rate card that the usage will be priced with.
    """

    products: Products
    start: date | None = None
    end: date | None = None
    user: str | None = None
    surface: str | None = None
    decimal: str | None = None
    persona: str | None = None
    card: RateCard | None = None

    def surface_of(self, export: str, label: str, reading: Reading) -> str:
        """The surface that a product counts as; where no surface covers it, the one asked for or the assumed one."""
        found = self.products.surface(export, label)
        if found:
            return found
        surface = self.surface or self.products.other_surface
        if not label:
            reading.assumed[f"Usage that names no product is counted as {surface} ({{rows}})."] += 1
        elif self.products.known(export, label):
            reading.assumed[f"The product '{label}' is counted as {surface}: no surface covers it ({{rows}})."] += 1
        else:
            reading.warned[f"The unknown product '{label}' is counted as {surface} ({{rows}})."] += 1
        return surface

    def unnamed_surface(self, reading: Reading) -> str:
        """The surface of an export that names no products: the one asked for, or the assumed one, which is said."""
        if self.surface:
            return self.surface
        surface = self.products.other_surface
        reading.assumed[f"The export names no products: all its usage is counted as {surface}."] += 1
        return surface


def filled_in(sentences: Mapping[str, int]) -> tuple[str, ...]:
    """The sentences in order of coming, with ``{rows}`` filled in; those about no row are left out."""
    return tuple(text.replace("{rows}", rows(number)) for text, number in sentences.items() if number)


def rows(number: int) -> str:
    """``1 row``, ``1,234 rows``."""
    return f"{number:,} row{'' if number == 1 else 's'}"


@lru_cache(1 << 16)
def email_or_id(text: str) -> str:
    """An id as written; an e-mail address in small letters, because mail does not tell them apart."""
    return text.lower() if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else text
