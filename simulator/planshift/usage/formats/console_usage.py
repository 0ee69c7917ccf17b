"""The usage CSV of the Claude Console: API keys and workspaces by day and model, no people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from planshift.problems import InputError
from planshift.usage.formats.api_rows import UNTOLD, processing, prompt_bounds
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.reading import Counts, Entry, ImportOptions, Reading
from planshift.usage.formats.records import Record
from planshift.usage.formats.repeats import Repeats, leave_out, total_rows
from planshift.usage.formats.tables import in_one_form, read_table

_DAY, _MODEL = "usage_date_utc", "model_version"
_WHO = ("api_key", "workspace")
_COUNTS = (
    "usage_input_tokens_no_cache",
    "usage_output_tokens",
    "usage_input_tokens_cache_read",
    "usage_input_tokens_cache_write_5m",
    "usage_input_tokens_cache_write_1h",
    "web_search_count",
)
"""In the order of `Counts`."""

# Column → other headers under which exports have had it; the kind of usage is the API's service tier.
NAMES = {
    _DAY: ("usage_date", "date"),
    _MODEL: ("model",),
    "api_key": ("api_key_name",),
    "workspace": ("workspace_name",),
    "service_tier": ("usage_type",),
    "web_search_count": ("web_searches",),
}
REQUIRED = (_DAY, _MODEL, _COUNTS[0], _COUNTS[1])
_KNOWN = frozenset({_DAY, _MODEL, *_WHO, *_COUNTS, *UNTOLD, "context_window"})

_NO_PEOPLE = "The export names no people: the API key that sent the requests, or its workspace, stands for the member."


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in exports of the Console, an entry for each row."""
    reading = Reading()
    reading.assumed[_NO_PEOPLE] += 1
    surface = options.unnamed_surface(reading)
    repeats = Repeats(reading, frozenset(_COUNTS))
    for path in files:
        try:
            _read_file(path, surface, repeats, options, reading)
        except InputError as error:
            reading.problems.extend(error.problems)
    return reading


def _read_file(path: Path, surface: str, repeats: Repeats, options: ImportOptions, reading: Reading) -> None:
    table = in_one_form(read_table(path, NAMES, REQUIRED), _COUNTS, (), options.decimal)
    # A cell that is empty says the usual; a column that is not there says nothing.
    untold = UNTOLD - {*table.columns}
    unread = table.unread(_KNOWN)
    table.say(unread, reading)
    totals = leave_out(total_rows(table, _COUNTS, (), people=(), labels=(*_WHO, _MODEL)), path, reading)
    for record in table.records(reading.problems):
        reading.rows_read += 1
        if record.place.line in totals:
            continue
        values: dict[str, object] = {name: record.text(name) for name in sorted(_KNOWN)}
        if not repeats.again(values, str(path), record.place, beside={name: record.text(name) for name in unread}):
            _add(record, surface, untold, options, reading)


def _add(record: Record, surface: str, untold: frozenset[str], options: ImportOptions, reading: Reading) -> None:
    day = record.day(_DAY)
    counts = Counts(*(record.count(name, required=name in REQUIRED) for name in _COUNTS))
    if not record.text(_MODEL):
        record.wrong("the row names no model", "export the usage again, by model")
    if day is None:
        return
    least, most = prompt_bounds(record, counts, reading)
    reading.add(
        Entry(
            place=record.place,
            first=day,
            last=day,
            user_id=reading.someone((record.text(name) for name in _WHO), options),
            surface=surface,
            model=record.text(_MODEL),
            counts=counts,
            modifiers=processing(record, reading),
            prompt_least=least,
            prompt_most=most,
            untold=untold,
        )
    )


def recognises(head: Head) -> bool:
    """Whether a file has the columns of the Console's usage, and tokens, not costs alone."""
    return {_DAY, _COUNTS[0]} <= head.columns


FORMAT = Format("console-usage", "a usage CSV of the Claude Console", read, recognises)
