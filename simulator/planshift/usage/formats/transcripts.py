"""Claude Code's local transcripts (JSON lines below ``~/.claude/projects``): every request by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from planshift.problems import InputError, Place
from planshift.usage.formats.api_rows import processing
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.reading import WRITES_AS_5M, Counts, Entry, ImportOptions, Reading
from planshift.usage.formats.records import Record
from planshift.usage.formats.texts import read_text

_ONE_MACHINE = (
    "Transcripts are those of one machine, which deletes them after 30 days unless it is told otherwise: "
    "what was used elsewhere or before is not in them."
)
_COPIES = "Copies of a request (same message.id and requestId) are counted once, the fullest of them ({rows} merged)."
_ERROR = "an API error, not a request"
_SYNTHETIC = "a message that Claude Code wrote itself (model <synthetic>)"
_NO_USAGE = "a line without usage (a prompt, a tool's result, a summary)"

_USAGE = ("message", "usage")
# What else the lines of a transcript are, beside prompts and answers.
_LINE_TYPES = frozenset({"summary", "file-history-snapshot", "queue-operation", "progress"})


@dataclass(frozen=True)
class _Request:
    """A request as one line tells it; ``unsplit`` are cache writes of which it does not say how long they last."""

    record: Record
    user: str
    counts: Counts
    unsplit: int


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in transcripts and in folders of them, an entry for each request."""
    reading = Reading()
    reading.assumed[_ONE_MACHINE] += 1
    requests: dict[object, _Request] = {}
    folders: set[str] = set()
    for path, folder in transcripts_in(files):
        if path not in files and not path.stat().st_size:
            reading.warned[f"An empty transcript was passed over: {path}."] += 1
            continue
        folders.add(folder)
        try:
            _read_file(path, options.user or folder, requests, reading)
        except InputError as error:
            reading.problems.extend(error.problems)
    if folders and not options.user:
        names = ", ".join(f"'{name}'" for name in sorted(folders))
        reading.assumed[f"The member is named after the folder: {names}."] += 1
    for request in requests.values():
        _add(request, options.surface or "claude_code", reading)
    return reading


def transcripts_in(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Every transcript and the folder that names its member: of a file its own, of a folder the folder given."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*.jsonl")):
                yield file, path.resolve().name
        else:
            yield path, path.resolve().parent.name


def _read_file(path: Path, user: str, requests: dict[object, _Request], reading: Reading) -> None:
    for record in _lines(path, reading):
        reading.rows_read += 1
        reason = _left_out(record)
        if reason:
            reading.dropped[reason] += 1
            continue
        request = _request(record, user)
        before = requests.get(_ids(record))
        if before is not None:
            reading.merged += 1
            reading.assumed[_COPIES] += 1
        if before is None or sum(request.counts) > sum(before.counts):
            requests[_ids(record)] = request


def _lines(path: Path, reading: Reading) -> Iterator[Record]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = Place(str(path), number)
        try:
            values = json.loads(line, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else "too deep or too large"
            reading.wrong(place, f"is not a line of JSON ({why})", "delete it if it is cut off, or copy the file again")
            continue
        if isinstance(values, dict):
            yield Record(_without_content(values), place, reading.problems)
        else:
            reading.wrong(place, "is not an object", "give transcripts as Claude Code wrote them")


def _without_content(values: dict[str, object]) -> dict[str, object]:
    """The fields that are read; what people and Claude wrote would fill the memory."""
    message = values.get("message")
    kept = {name: values.get(name) for name in ("timestamp", "requestId", "isApiErrorMessage", "costUSD")}
    if isinstance(message, dict):
        kept["message"] = {name: message.get(name) for name in ("id", "model", "usage")}
    return kept


def _left_out(record: Record) -> str:
    """Why a line is not a request that was billed; ``""`` if it is one."""
    if record.get("isApiErrorMessage") is True:
        return _ERROR
    if record.text("message", "model") == "<synthetic>":
        return _SYNTHETIC
    return "" if isinstance(record.get(*_USAGE), dict) else _NO_USAGE


def _ids(record: Record) -> object:
    """What tells a request from others: both its ids, or the line it stands on where one is missing."""
    message, request = record.text("message", "id"), record.text("requestId")
    return (message, request) if message and request else record.place


def _request(record: Record, user: str) -> _Request:
    """The request of a line: writes that are not split into 5 minutes and 1 hour are written for 5 minutes."""
    short = record.count(*_USAGE, "cache_creation", "ephemeral_5m_input_tokens")
    long = record.count(*_USAGE, "cache_creation", "ephemeral_1h_input_tokens")
    unsplit = max(0, record.count(*_USAGE, "cache_creation_input_tokens") - short - long)
    counts = Counts(
        input_tokens=record.count(*_USAGE, "input_tokens", required=True),
        output_tokens=record.count(*_USAGE, "output_tokens", required=True),
        cache_read_tokens=record.count(*_USAGE, "cache_read_input_tokens"),
        cache_write_5m_tokens=short + unsplit,
        cache_write_1h_tokens=long,
        web_searches=record.count(*_USAGE, "server_tool_use", "web_search_requests"),
    )
    return _Request(record, user, counts, unsplit)


def _add(request: _Request, surface: str, reading: Reading) -> None:
    record = request.record
    day = record.day("timestamp")
    usage = record.get(*_USAGE)
    assert isinstance(usage, dict)
    if not record.text("message", "model"):
        record.wrong("the request names no model", "correct it, or delete the line")
    if day is None:
        return
    reading.assumed[WRITES_AS_5M] += bool(request.unsplit)
    reading.add(
        Entry(
            place=record.place,
            first=day,
            last=day,
            user_id=request.user,
            surface=surface,
            model=record.text("message", "model"),
            counts=request.counts,
            modifiers=processing(Record(usage, record.place), reading),
            prompt_least=request.counts.prompt,
            prompt_most=request.counts.prompt,
            reported=record.money("costUSD"),
        )
    )


def recognises(head: Head) -> bool:
    """Whether one of a file's first lines is one of a transcript."""
    return any(
        "sessionId" in line or ("timestamp" in line and "message" in line) or line.get("type") in _LINE_TYPES
        for line in head.lines
    )


FORMAT = Format("claude-code-transcripts", "a Claude Code transcript", read, recognises, folder="*.jsonl")
