"""Claude Code's OpenTelemetry events (``claude_code.api_request``): every request, also inside an included allowance.

A collector's file exporter writes them as OTLP JSON, an object of many events on each line; log stores give them out
one by one, with the attributes of each as fields. Both are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from planshift.problems import InputError, Place
from planshift.usage.formats.api_rows import processing
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import Lines, documents, json_lines
from planshift.usage.formats.reading import Counts, Entry, ImportOptions, Reading, email_or_id
from planshift.usage.formats.records import Record, read_text
from planshift.usage.formats.repeats import MERGED

_EVENT = "api_request"
_MICRO = Decimal("1e-6")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PEOPLE = ("user.email", "user.account_uuid", "user.account_id", "user.id")
_LOGS, _OTHER_SIGNALS = "resourceLogs", frozenset({"resourceMetrics", "resourceSpans"})
# Before it, proxies that split answers into several frames could make tokens and cost too high.
_RELIABLE = (2, 1, 214)

_EVERY_REQUEST = (
    "Telemetry has every request of Claude Code, also those inside an included allowance. Other products, and machines "
    "that send no telemetry, are not in it."
)
_ESTIMATED = (
    "The reported cost is Claude Code's own calculation, at list prices unless its setting modelPricing replaces them."
)
_TOO_HIGH = "Claude Code before 2.1.214 could count too many tokens behind proxies ({rows})."
_OTHER_EVENT = "an event that is no request"
_OTHER_SIGNAL = "metrics or traces, which are no requests"


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in telemetry, an entry for each request."""
    reading = Reading()
    reading.assumed[_EVERY_REQUEST] += 1
    reading.assumed[_ESTIMATED] += 1
    seen: set[object] = set()
    for path in files:
        before = reading.rows_read - reading.dropped[_OTHER_EVENT] - reading.dropped[_OTHER_SIGNAL]
        try:
            for place, value in _objects(path, reading):
                for event in _events(value):
                    _read_event(Record(event, place, reading.problems), seen, options, reading)
        except InputError as error:
            reading.problems.extend(error.problems)
            continue
        if reading.rows_read - reading.dropped[_OTHER_EVENT] - reading.dropped[_OTHER_SIGNAL] == before:
            remedy = (
                "let Claude Code send its events (OTEL_LOGS_EXPORTER=otlp) to a collector that writes them to a file"
            )
            reading.wrong(path, "has no event claude_code.api_request", remedy)
    return reading


def _objects(path: Path, reading: Reading) -> Iterator[tuple[Place, dict[str, object]]]:
    """Every JSON object: one on each line, or one or a list of them over many lines."""
    if Head.of(path).lines:
        yield from json_lines(path, reading)
        return
    text = read_text(path)
    line = Lines(path, text)
    for at, value in documents(text, line, reading):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield line.of(at), each
            else:
                reading.wrong(line.of(at), "is not an object", "give the file as it was written")


def _events(value: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """The events of an object, each with its attributes and those of what sent it as fields."""
    if _LOGS not in value:
        attributes = value.get("attributes")
        yield {**value, **(attributes if isinstance(attributes, dict) else _attributes(attributes))}
        return
    for sender in _dicts(value[_LOGS]):
        resource = sender.get("resource")
        common = _attributes(resource.get("attributes")) if isinstance(resource, dict) else {}
        for scope in _dicts(sender.get("scopeLogs")):
            for record in _dicts(scope.get("logRecords")):
                yield {**common, **record, **_attributes(record.get("attributes"))}


def _dicts(value: object) -> Iterator[dict[str, object]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _attributes(pairs: object) -> dict[str, object]:
    """OTLP's list of keys and typed values as fields."""
    return {
        str(pair.get("key")): next(iter(value.values()), None)
        for pair in _dicts(pairs)
        if isinstance(value := pair.get("value"), dict)
    }


def _read_event(record: Record, seen: set[object], options: ImportOptions, reading: Reading) -> None:
    reading.rows_read += 1
    if _OTHER_SIGNALS & record.values.keys():
        reading.dropped[_OTHER_SIGNAL] += 1
        return
    name = (
        record.text("event.name")
        or record.text("eventName")
        or record.text("body", "stringValue")
        or record.text("body")
    )
    if name.removeprefix("claude_code.") != _EVENT:
        reading.dropped[_OTHER_EVENT] += 1
        return
    key = record.text("request_id") or (record.text("session.id"), record.text("event.sequence"))
    if key in seen:
        reading.merged += 1
        reading.warned[MERGED] += 1
        return
    if isinstance(key, str) or all(key):
        seen.add(key)
    _add(record, options, reading)


def _add(record: Record, options: ImportOptions, reading: Reading) -> None:
    day = _day(record)
    if not record.text("model"):
        record.wrong("the request names no model", "export the events again, with all of their attributes")
    writes = record.count("cache_creation_tokens")
    counts = Counts(
        input_tokens=record.count("input_tokens", required=True),
        output_tokens=record.count("output_tokens", required=True),
        cache_read_tokens=record.count("cache_read_tokens"),
        cache_write_5m_tokens=writes,
    )
    cost = record.money("cost_usd")
    if day is None:
        return
    version = re.findall(r"\d+", record.text("app.version") or record.text("service.version"))
    reading.warned[_TOO_HIGH] += bool(version) and tuple(map(int, version)) < _RELIABLE
    reading.add(
        Entry(
            place=record.place,
            first=day,
            last=day,
            user_id=reading.someone([email_or_id(record.text(name)) for name in _PEOPLE], options),
            surface=options.surface or "claude_code",
            model=record.text("model"),
            counts=counts,
            modifiers=processing(record, reading),
            prompt_least=counts.prompt,
            prompt_most=counts.prompt,
            reported=cost if cost is not None else record.money("cost_usd_micros", unit=_MICRO),
            untold_writes=writes,
            cost_within=_MICRO,
        )
    )


def _day(record: Record) -> date | None:
    """The UTC day of an event, by what it says itself or else by when it was recorded, in nanoseconds."""
    for name in ("event.timestamp", "timestamp"):
        if record.has(name):
            return record.day(name)
    nanoseconds = record.text("timeUnixNano") or record.text("observedTimeUnixNano")
    try:
        return (_EPOCH + timedelta(microseconds=int(nanoseconds) // 1000)).date()
    except (ValueError, OverflowError):
        record.wrong("the event has no time (event.timestamp or timeUnixNano)", "export the events again")
        return None


def recognises(head: Head) -> bool:
    """Whether a file has OpenTelemetry events."""
    attributes = [{**line, **part} for line in head.lines if isinstance(part := line.get("attributes", {}), dict)]
    return _LOGS in head.fields or any("event.name" in fields for fields in attributes)


FORMAT = Format("claude-code-telemetry", "OpenTelemetry events of Claude Code", read, recognises)
