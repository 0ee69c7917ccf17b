"""Entries and days: which are wanted, on which a model has a price, and how a total is spread over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from planshift.plans.bounds import MOST_DAYS
from planshift.usage.formats.reading import Counts, Entry, Reading

if TYPE_CHECKING:
    from planshift.plans.rates import RateCard

OUTSIDE = "outside the days asked for"
SPREAD = (
    "Totals of several days ({rows}) are spread evenly over them, the first and the last included, in whole tokens; "
    "what is left over goes to the first days."
)
LAUNCHED_LATER = "Totals that begin before their model came out are spread over the days since then ({rows})."


def keep_days(reading: Reading, start: date | None, end: date | None) -> None:
    """Drop the entries before ``start`` or after ``end``; a total that reaches over an end cannot be cut."""
    first, last = start or date.min, end or date.max
    kept: list[Entry] = []
    for entry in reading.entries:
        if (entry.last - entry.first).days > MOST_DAYS:
            fact = f"a total of {entry.first} to {entry.last} is of more than {MOST_DAYS} days"
            reading.wrong(entry.place, fact, "check the years")
        elif first <= entry.first and entry.last <= last:
            kept.append(entry)
        elif entry.last < first or entry.first > last:
            reading.dropped[OUTSIDE] += 1
        else:
            fact = f"a total of {entry.first} to {entry.last} cannot be cut to the days asked for"
            reading.wrong(entry.place, fact, "ask for all of its days, or export those that are wanted")
    reading.entries = kept


def priced_days(entry: Entry, card: RateCard) -> list[date]:
    """The days of an entry on which its model has a price; the entry's model is an id of the card."""
    first = max(entry.first, card.models[entry.model].first_day)
    return [first + timedelta(days=number) for number in range((entry.last - first).days + 1)]


def spread(counts: Counts, days: Sequence[date]) -> Iterator[tuple[date, Counts]]:
    """The counts by day: as even as whole numbers can be, what is left over on the first days; the sums are exact.

    Equal shares all have the same remainder, so the largest remainders go by the order of the days. Days with nothing
    are left out, but for the first.
    """
    even = [divmod(count, len(days)) for count in counts]
    for number, day in enumerate(days):
        share = Counts(*(whole + (number < left) for whole, left in even))
        if any(share) or number == 0:
            yield day, share
