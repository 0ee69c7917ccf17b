"""The spend report of claude.ai (CSV): people by product and model, as totals of a range or by day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from planshift.problems import InputError, Place
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.reading import (
    CHANNELS,
    LISTS_ONLY_USERS,
    SEAT_BASED_SHOWS_EXTRA_ONLY,
    Counts,
    Entry,
    ImportOptions,
    Reading,
    email_or_id,
)
from planshift.usage.formats.records import Record
from planshift.usage.formats.repeats import Coverage, Repeats, Span, leave_out, total_rows
from planshift.usage.formats.tables import Table, in_one_form, read_table

_PROMPT, _COMPLETION = "total_prompt_tokens", "total_completion_tokens"
_NET, _GROSS = "total_net_spend_usd", "total_gross_spend_usd"
_SPLIT = (
    "total_uncached_input_tokens",
    "total_cache_read_tokens",
    "total_cache_write_5m_tokens",
    "total_cache_write_1h_tokens",
)
_SEARCHES, _REQUESTS = "total_web_search_count", "total_requests"
_PEOPLE = ("user_email", "user_id", "account_uuid")
_SUBJECT = (*_PEOPLE, "organization_uuid", "date", "product", "model", *CHANNELS)
_TOKENS = (_PROMPT, _COMPLETION, *_SPLIT, _SEARCHES, _REQUESTS)
_AMOUNTS = (_NET, _GROSS)
_MEASURES = frozenset({*_TOKENS, *_AMOUNTS})
_READ = (*_SUBJECT, *sorted(_MEASURES))

# Column → other headers under which exports have had it, as planshift.usage.formats.tables.normalised writes them.
NAMES = {
    "user_email": ("email", "users_email", "user", "member_email"),
    "account_uuid": ("account_id", "user_uuid"),
    "organization_uuid": ("organization_id", "org_uuid", "org_id"),
    "date": ("day", "usage_date", "usage_date_utc"),
    "product": ("product_name",),
    "model": ("model_family", "model_name"),
    **{name: (name.removeprefix("total_"),) for name in sorted(_MEASURES)},
}
REQUIRED = ("product", "model", _PROMPT, _COMPLETION)

_FILE_NAME = re.compile(
    r"spend-report-(?:(?P<organization>.+)-)?(?P<start>\d{4}-\d{2}-\d{2})-to-(?P<end>\d{4}-\d{2}-\d{2})"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PARTS = "In {rows} the prompt total is not the sum of its parts; the parts are used."


@dataclass
class _Report:
    """The import of one or more reports."""

    options: ImportOptions
    one_file: bool
    reading: Reading = field(default_factory=Reading)
    coverage: Coverage = field(default_factory=Coverage)
    net: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.repeats = Repeats(self.reading, _MEASURES, self.one_file)


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in spend reports, an entry for each row."""
    report = _Report(options, len(files) == 1)
    reading = report.reading
    reading.warned[SEAT_BASED_SHOWS_EXTRA_ONLY] += 1
    reading.assumed[LISTS_ONLY_USERS] += 1
    for path in files:
        try:
            _read_file(path, report)
        except InputError as error:
            reading.problems.extend(error.problems)
    reading.problems.extend(report.coverage.problems())
    if report.net != report.gross:
        reading.assumed[
            f"Net spend is {report.net} USD and gross spend {report.gross} USD: discounts and credits are no part of "
            "usage; a discount belongs in the contract (usage_discount)."
        ] += 1
    return reading


def _read_file(path: Path, report: _Report) -> None:
    table = in_one_form(read_table(path, NAMES, REQUIRED), _TOKENS, _AMOUNTS, report.options.decimal)
    if not set(_PEOPLE) & set(table.columns):
        fact = f"the header names no people: none of {', '.join(_PEOPLE)}"
        raise InputError.at(Place(str(path), 1), fact, "export the report by user")
    span = None if "date" in table.columns else _span(path, report)
    if span is None and "date" not in table.columns:
        return
    unread = table.unread({*_SUBJECT, *_MEASURES})
    table.say(unread, report.reading)
    if span:
        _say_days(table, unread, report.reading)
    found = total_rows(table, _TOKENS, _AMOUNTS, people=_PEOPLE, labels=("product",), channels=[*CHANNELS])
    totals = leave_out(found, path, report.reading)
    for record in table.records(report.reading.problems):
        report.reading.rows_read += 1
        if record.place.line in totals:
            continue
        texts = record.texts(_READ)
        beside = record.texts(unread) if unread else None
        if not report.repeats.again(_said(texts, span), str(path), record.place, beside=beside):
            _add(record, texts, span, report)


def _say_days(table: Table, unread: Mapping[str, str], reading: Reading) -> None:
    """Name the columns that hold days, in a report whose totals are spread over its range for want of days."""
    for name, header in unread.items():
        if all(map(_DAY.fullmatch, filter(None, table.column(name)))):
            reading.warned[
                f"{table.path}: '{header}' holds days, and usage is spread over the range all the same: if they are "
                "the days of the usage, call the column 'date'."
            ] += 1


def _said(texts: Mapping[str, str], span: Span | None) -> dict[str, str]:
    """What a row says in the columns that are read; the same in exports with more columns and with fewer."""
    said = {**texts}
    if span:
        said |= {"organization_uuid": span.organization, "first": str(span.first), "last": str(span.last)}
    if said["user_email"] or said["account_uuid"]:
        del said["user_id"]
    return said


def _span(path: Path, report: _Report) -> Span | None:
    """What a report without dates covers, by its file's name or by the days asked for."""
    found = _FILE_NAME.search(path.name)
    first, last = report.options.start, report.options.end
    organization = ""
    if found:
        organization = _organization(str(path))
        try:
            first, last = date.fromisoformat(found["start"]), date.fromisoformat(found["end"])
        except ValueError:
            first = last = None
    remedy = "name it spend-report-ORGANIZATION-YYYY-MM-DD-to-YYYY-MM-DD.csv as exported, or give --start and --end"
    if first is None or last is None or last < first:
        report.reading.wrong(path, "the report has totals without days, and its range is not known", remedy)
        return None
    span = Span(organization, first, last)
    report.coverage.spans.append((path, span))
    return span


def _organization(path: str) -> str:
    """The organization that a file's name says, if it says one."""
    found = _FILE_NAME.search(Path(path).name)
    return (found and found["organization"]) or ""


def _add(record: Record, texts: Mapping[str, str], span: Span | None, report: _Report) -> None:
    reading = report.reading
    day = record.day("date") if span is None else None
    first, last = (span.first, span.last) if span else (day, day)
    counts, split_known = _counts(record, reading)
    gross, net = record.money(_GROSS), record.money(_NET)
    record.count(_REQUESTS)
    if not texts["model"]:
        record.wrong("the row names no model", "export the report again, by model")
    if first is None or last is None:
        return
    if day is not None:
        organization = texts["organization_uuid"] or _organization(record.place.file)
        report.coverage.add_day(Path(record.place.file), organization, day)
    if gross is not None and net is not None:
        report.gross += gross
        report.net += net
    reading.add(
        Entry(
            place=record.place,
            first=first,
            last=last,
            user_id=reading.someone(_names(record, texts, reading), report.options),
            surface=report.options.surface_of(FORMAT.name, texts["product"], reading),
            model=texts["model"],
            counts=counts,
            prompt_most=counts.prompt,
            reported=gross,
            split_known=split_known,
        )
    )


def _counts(record: Record, reading: Reading) -> tuple[Counts, bool]:
    """The counts of a row, and whether the cache's share is known; the total of prompt tokens includes the cache."""
    prompt = record.count(_PROMPT, required=True)
    completion = record.count(_COMPLETION, required=True)
    searches = record.count(_SEARCHES)
    values = record.values
    if any(values.get(name) in (None, "") for name in _SPLIT):
        return Counts(input_tokens=prompt, output_tokens=completion, web_searches=searches), False
    uncached, reads, short, long = (record.count(name) for name in _SPLIT)
    counts = Counts(uncached, completion, reads, short, long, searches)
    reading.warned[_PARTS] += counts.prompt != prompt
    return counts, True


def _names(record: Record, texts: Mapping[str, str], reading: Reading) -> Iterator[str]:
    channels = reading.channels(record)
    yield from (email_or_id(texts[name]) for name in _PEOPLE)
    yield from channels


def recognises(head: Head) -> bool:
    """Whether a file has the columns of a spend report."""
    columns = head.columns
    return "product" in columns and all(columns & {name, *NAMES.get(name, ())} for name in ("model", _PROMPT))


FORMAT = Format("spend-report", "a spend report", read, recognises)
