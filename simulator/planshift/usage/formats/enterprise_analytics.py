"""The user usage report of the Enterprise Analytics API: members, products and models by bucket of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from planshift.problems import Place
from planshift.usage.formats.api_rows import MEASURES, Buckets, processing, prompt_bounds, untold, usage_counts
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import read_pages
from planshift.usage.formats.reading import (
    LISTS_ONLY_USERS,
    SEAT_BASED_SHOWS_EXTRA_ONLY,
    Entry,
    ImportOptions,
    Reading,
    email_or_id,
)
from planshift.usage.formats.records import Record
from planshift.usage.formats.repeats import Repeats

_GROUPS = "rbac_group_id"
_GROUPED = (
    "Usage that is repeated for another group of the same member is counted once ({rows} merged). "
    "Download the report without groups to be sure."
)
_NOT_SEATS = "The report lists members' seats only: traffic that is nobody's (channels, service accounts) is not in it."


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in pages of the report, an entry for each element of ``data``."""
    reading = Reading()
    reading.warned[SEAT_BASED_SHOWS_EXTRA_ONLY] += 1
    reading.assumed[LISTS_ONLY_USERS] += 1
    reading.assumed[_NOT_SEATS] += 1
    repeats, buckets = Repeats(reading, MEASURES), Buckets(reading)
    grouped = Repeats(reading, MEASURES)
    for page in read_pages(files, reading):
        page.say_refreshed(reading)
        for row in page.data:
            reading.rows_read += 1
            if repeats.again(row.values, page.number, row.place) or _other_group(grouped, row.values, row.place):
                continue
            _add(Record(row.values, row.place, reading.problems), buckets, options, reading)
    return reading


def _other_group(grouped: Repeats, values: Mapping[str, object], place: Place) -> bool:
    if values.get(_GROUPS) is None:
        return False
    alone = {name: value for name, value in values.items() if name != _GROUPS}
    return grouped.again(alone, None, place, why=_GROUPED)


def _add(record: Record, buckets: Buckets, options: ImportOptions, reading: Reading) -> None:
    days = buckets.days(record)
    counts, untold_writes = usage_counts(record)
    if not record.text("model"):
        record.wrong("the row names no model", "download the report by model")
    if days is None:
        return
    names = [email_or_id(record.text("actor", name)) for name in ("email", "email_address", "user_id")]
    least, most = prompt_bounds(record, counts, reading)
    reading.add(
        Entry(
            place=record.place,
            first=days[0],
            last=days[1],
            user_id=reading.someone(names, options),
            surface=options.surface_of(FORMAT.name, record.text("product"), reading),
            model=record.text("model"),
            counts=counts,
            modifiers=processing(record, reading),
            prompt_least=least,
            prompt_most=most,
            # Places are null where an organization has set none, and its seats send no batches.
            untold=untold(record) & {"speed"},
            untold_writes=untold_writes,
        )
    )


def recognises(head: Head) -> bool:
    """Whether a file has the fields of the report."""
    return {"uncached_input_tokens", "actor"} <= head.fields and "group" not in head.fields


FORMAT = Format("enterprise-analytics", "a user usage report of the Enterprise Analytics API", read, recognises)
