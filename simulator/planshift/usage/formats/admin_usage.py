"""The usage report of the Admin API (``/v1/organizations/usage_report/messages``): keys and accounts, no people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from planshift.usage.formats.api_rows import MEASURES, Buckets, add_bucket
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import read_pages
from planshift.usage.formats.reading import ImportOptions, Reading
from planshift.usage.formats.records import Record
from planshift.usage.formats.repeats import Repeats

_NO_PEOPLE = (
    "The report names no people: the account, the service account or the API key that sent the requests stands for "
    "the member."
)
_SENDERS = ("account_id", "service_account_id", "api_key_id")


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in pages of the report, an entry for each result of each bucket."""
    reading = Reading()
    reading.assumed[_NO_PEOPLE] += 1
    surface = options.unnamed_surface(reading)
    repeats, buckets = Repeats(reading, MEASURES), Buckets(reading)
    for page in read_pages(files, reading):
        for bucket in page.data:
            if not isinstance(bucket.values.get("results"), list):
                reading.wrong(bucket.place, "the bucket has no list called results", "download the page again")
            for result in bucket.results:
                times = {name: bucket.values.get(name) for name in ("starting_at", "ending_at")}
                values = {**result.values, **times}
                reading.rows_read += 1
                if not repeats.again(values, page.number, result.place):
                    add_bucket(
                        Record(values, result.place, reading.problems),
                        buckets,
                        reading,
                        by_model="download the report with group_by[]=model",
                        user=lambda record: reading.someone(map(record.text, _SENDERS), options),
                        surface=lambda _: surface,
                    )
    return reading


def recognises(head: Head) -> bool:
    """Whether a file has the fields of the report."""
    return {"uncached_input_tokens", "results"} <= head.fields


FORMAT = Format("admin-usage", "an Admin API usage report", read, recognises)
