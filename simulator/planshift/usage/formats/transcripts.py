"""Claude Code's local transcripts (JSON lines below ``~/.claude/projects``): every request by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from planshift.problems import InputError
from planshift.usage.formats.api_rows import processing
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import json_lines
from planshift.usage.formats.reading import Entry, ImportOptions, Reading
from planshift.usage.formats.records import Record
from planshift.usage.formats.requests import Pass, Request, Requests

_ONE_MACHINE = (
    "Transcripts are those of one machine, which deletes them after 30 days unless it is told otherwise: "
    "what was used elsewhere or before is not in them."
)
_UNFINISHED = (
    "Answers without a finished copy ({rows}): the transcript has only snapshots from the middle of the stream "
    "(stop_reason is null). Their output is a floor, so their cost is too low."
)
_BESIDE = (
    "Tokens of an advisor or a compaction are not in the totals of an answer; they are counted separately, under the "
    "model that used them ({rows})."
)
_REFUSED = "an answer refused before any output, which is not billed"
_ERROR = "an API error, not a request"
_SYNTHETIC = "a message that Claude Code wrote itself (model <synthetic>)"
_NO_USAGE = "a line without usage (a prompt, a tool's result, a summary)"

_MICRO = Decimal("1e-6")
_KEPT = ("timestamp", "requestId", "sessionId", "isSidechain", "isApiErrorMessage", "costUSD")
_KEPT_OF_MESSAGE = ("id", "model", "usage", "stop_reason")
# How the ids of answers begin that a cloud platform gives and bills.
_PLATFORMS = {"msg_bdrk_": "Amazon Bedrock", "msg_vrtx_": "Google Vertex AI"}
# What else the lines of a transcript are, beside prompts and answers.
_LINE_TYPES = frozenset({"summary", "file-history-snapshot", "queue-operation", "progress"})


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in transcripts and in folders of them, an entry for each request."""
    reading = Reading()
    reading.assumed[_ONE_MACHINE] += 1
    requests = Requests(reading)
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
    for request in requests.all():
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


def _read_file(path: Path, user: str, requests: Requests, reading: Reading) -> None:
    for place, values in json_lines(path, reading, ("usage", "isApiErrorMessage"), amounts="costUSD"):
        record = Record(_without_content(values), place, reading.problems)
        reading.rows_read += 1
        reason = _left_out(record)
        if reason:
            reading.dropped[reason] += 1
        else:
            requests.add(record, user)


def _without_content(values: dict[str, object]) -> dict[str, object]:
    """The fields that are read; what people and Claude wrote would fill the memory."""
    message = values.get("message")
    kept = {name: values[name] for name in _KEPT if name in values}
    if isinstance(message, dict):
        kept["message"] = {name: message[name] for name in _KEPT_OF_MESSAGE if name in message}
    return kept


def _left_out(record: Record) -> str:
    """Why a line says nothing about a request that was billed; ``""`` if it does."""
    message = record.values.get("message")
    if record.values.get("isApiErrorMessage") is True:
        return _ERROR
    if not isinstance(message, dict):
        return _NO_USAGE
    if message.get("model") == "<synthetic>":
        return _SYNTHETIC
    return "" if isinstance(message.get("usage"), dict) else _NO_USAGE


def _add(request: Request, surface: str, reading: Reading) -> None:
    """Add a request, and each pass beside its totals, as entries."""
    record = request.record
    day = record.day("timestamp")
    if not request.model:
        record.wrong("the request names no model", "correct it, or delete the line")
    if day is None:
        return
    platform = next((name for start, name in _PLATFORMS.items() if request.message_id.startswith(start)), "")
    if platform:
        reading.dropped[f"an answer billed by {platform}"] += 1
        reading.warned[
            f"Answers that came through {platform} ({{rows}}) are billed there, not under the plan, and are left out."
        ] += 1
        return
    whole = Pass(request.model, request.counts, request.untold_writes, request.handling)
    reading.rows_read += len(request.passes)
    reading.assumed[_BESIDE] += len(request.passes)
    reading.dropped[_REFUSED] += request.refused
    reading.warned[_UNFINISHED] += request.unfinished
    for each in request.passes if request.refused else (whole, *request.passes):
        counts = each.counts._replace(cache_write_5m_tokens=each.counts.cache_write_5m_tokens + each.untold_writes)
        beside = request.reported if each is whole else request.reported and Decimal(0)
        reading.add(
            Entry(
                place=record.place,
                first=day,
                last=day,
                user_id=request.user,
                surface=surface,
                model=each.model,
                counts=counts,
                modifiers=processing(Record(dict(each.handling), record.place), reading),
                prompt_least=counts.prompt,
                prompt_most=counts.prompt,
                untold_writes=each.untold_writes,
                cost_within=None if request.passes else _MICRO,
                reported=beside,
            )
        )


def recognises(head: Head) -> bool:
    """Whether one of a file's first lines is one of a transcript."""
    return any(
        "sessionId" in line
        or ("timestamp" in line and "message" in line and "session_id" not in line)
        or line.get("type") in _LINE_TYPES
        for line in head.lines
    )


FORMAT = Format("claude-code-transcripts", "a Claude Code transcript", read, recognises, folder="*.jsonl")
