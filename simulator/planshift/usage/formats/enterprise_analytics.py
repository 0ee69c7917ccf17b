"""The user usage report of the Enterprise Analytics API: members, products and models by bucket of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from planshift.problems import Place
from planshift.usage.formats.api_rows import MEASURES, Buckets, add_bucket
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import read_pages
from planshift.usage.formats.reading import (
    LISTS_ONLY_USERS,
    SEAT_BASED_SHOWS_EXTRA_ONLY,
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
            add_bucket(
                Record(row.values, row.place, reading.problems),
                buckets,
                reading,
                by_model="download the report by model",
                user=lambda record: _user(record, options, reading),
                surface=lambda record: options.surface_of(FORMAT.name, record.text("product"), reading),
                # Places are null where an organization has set none, and its seats send no batches.
                asked_for=frozenset({"speed"}),
            )
    return reading


def _other_group(grouped: Repeats, values: Mapping[str, object], place: Place) -> bool:
    if values.get(_GROUPS) is None:
        return False
    alone = {name: value for name, value in values.items() if name != _GROUPS}
    return grouped.again(alone, None, place, why=_GROUPED)


def _user(record: Record, options: ImportOptions, reading: Reading) -> str:
    names = [email_or_id(record.text("actor", name)) for name in ("email", "email_address", "user_id")]
    return reading.someone(names, options)


def recognises(head: Head) -> bool:
    """Whether a file has the fields of the report."""
    return {"uncached_input_tokens", "actor"} <= head.fields and "group" not in head.fields


FORMAT = Format("enterprise-analytics", "a user usage report of the Enterprise Analytics API", read, recognises)
