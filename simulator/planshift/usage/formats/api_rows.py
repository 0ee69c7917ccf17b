"""What the usage reports of the APIs have in common: token fields, the kind of processing, and buckets of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from planshift.problems import Place
from planshift.usage.formats.reading import BATCH, FAST_MODE, US_ONLY, Counts, Entry, Reading
from planshift.usage.formats.records import Record

MEASURES = frozenset(
    {
        "uncached_input_tokens",
        "cache_creation",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
        "total_tokens",
        "requests",
    }
)

UNTOLD = frozenset({"service_tier", "inference_geo", "speed"})
"""What a report cannot tell of how its requests were processed where it was not asked for by ``group_by[]``."""

_FLAT_WRITES = ("cache_creation_input_tokens", "cache_creation")

_RANGE = re.compile(r"(\d+)([kM]?)-(\d+)([kM]?)", re.IGNORECASE)
_BOUND = re.compile(r"(≤|<=?|>=?|≥)\s*(\d+)\s*([kM]?)", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def add_bucket(
    record: Record,
    buckets: Buckets,
    reading: Reading,
    *,
    by_model: str,
    user: Callable[[Record], str],
    surface: Callable[[Record], str],
    reported: Decimal | None = None,
    asked_for: frozenset[str] = UNTOLD,
) -> None:
    """Add a row of a usage report as an entry; ``by_model`` is the remedy where it names no model.

    ``asked_for`` is what of the kind of processing a report tells if it was downloaded so.
    """
    days = buckets.days(record)
    counts, untold_writes = usage_counts(record)
    if not record.text("model"):
        record.wrong("the row names no model", by_model)
    if days is None:
        return
    least, most = prompt_bounds(record, counts, reading)
    reading.add(
        Entry(
            place=record.place,
            first=days[0],
            last=days[1],
            user_id=user(record),
            surface=surface(record),
            model=record.text("model"),
            counts=counts,
            modifiers=processing(record, reading),
            prompt_least=least,
            prompt_most=most,
            reported=reported,
            untold=frozenset(name for name in asked_for if not record.has(name)),
            untold_writes=untold_writes,
        )
    )


def usage_counts(record: Record) -> tuple[Counts, int]:
    """The counts of a usage row, and how many of its 5-minute cache writes may have been for an hour.

    Uncached input excludes cache tokens. Tools that flatten reports write one number for all cache writes.
    """
    split = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    short, long = (record.count("cache_creation", name) for name in split)
    flat = max(record.count(name) for name in _FLAT_WRITES if not isinstance(record.get(name), dict))
    if not any(name in record.values for name in _FLAT_WRITES):
        record.count("cache_creation", required=True)
    untold = max(0, flat - short - long)
    counts = Counts(
        record.count("uncached_input_tokens", required=True),
        record.count("output_tokens", required=True),
        record.count("cache_read_input_tokens", required=True),
        short + untold,
        long,
        record.count("server_tool_use", "web_search_requests"),
    )
    return counts, untold


def processing(record: Record, reading: Reading) -> frozenset[str]:
    """The rate-card modifiers that a row's service tier, speed and place of inference call for (Rulebook U2)."""
    found: set[str] = set()
    for name, usual, modifier, called in (
        ("service_tier", {"", "standard"}, {"batch": BATCH}, "service tier"),
        ("speed", {"", "standard", "normal"}, {"fast": FAST_MODE}, "speed"),
        ("inference_geo", {"", "global", "not_available"}, {"us": US_ONLY}, "place of inference"),
    ):
        value = record.text(name).lower()
        if value in modifier:
            found.add(modifier[value])
        elif value not in usual:
            sentence = (
                f"The {called} '{value}' is priced at the standard rates: no modifier is known for it ({{rows}})."
            )
            reading.assumed[sentence] += 1
    return frozenset(found)


def prompt_bounds(record: Record, counts: Counts, reading: Reading) -> tuple[int, int]:
    """The smallest and the largest prompt that any one request of a row can have had, by its context window."""
    window = record.text("context_window")
    most = counts.prompt
    if found := _RANGE.fullmatch(window):
        low, high = (int(found[at]) * _TIMES[found[at + 1].lower()] for at in (1, 3))
        return (low + 1 if low else 0), min(high, most)
    if found := _BOUND.fullmatch(window):
        bound = int(found[2]) * _TIMES[found[3].lower()]
        if found[1] in (">", ">=", "≥"):
            return min(bound + (found[1] == ">"), most), most
        return 0, min(bound, most)
    if window:
        reading.warned[f"The context window '{window}' is not understood and not used ({{rows}})."] += 1
    return 0, most


@dataclass
class Buckets:
    """The days of every bucket of time; a day that comes in buckets of two lengths is a problem."""

    reading: Reading
    _days: dict[tuple[datetime, datetime], tuple[date, date]] = field(default_factory=dict)
    _lengths: dict[date, tuple[timedelta, Place]] = field(default_factory=dict)

    def days(self, record: Record) -> tuple[date, date] | None:
        """The first and last UTC day of a record's bucket; ``None``, and a problem, where it has none."""
        start = record.moment("starting_at")
        end = record.moment("ending_at")
        if start is None or end is None:
            return None
        if end <= start:
            record.wrong(f"the bucket ends ({end:%Y-%m-%dT%H:%MZ}) before it starts", "download the page again")
            return None
        if (start, end) not in self._days:
            self._days[start, end] = (start.date(), (end - timedelta(microseconds=1)).date())
            self._compare(start, end, record.place)
        return self._days[start, end]

    def _compare(self, start: datetime, end: datetime, place: Place) -> None:
        day = start.date()
        while datetime(day.year, day.month, day.day, tzinfo=end.tzinfo) < end:
            length, where = self._lengths.setdefault(day, (end - start, place))
            if length != end - start:
                fact = f"{day} is given in buckets of {end - start} here and of {length} at {where}"
                self.reading.wrong(place, fact, "import one of the two: together they count the day twice")
                return
            day += timedelta(days=1)
