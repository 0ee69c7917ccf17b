"""The Claude Code Analytics API (``/v1/organizations/usage_report/claude_code``): people's days, tokens and costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.json_files import Located, read_pages
from planshift.usage.formats.reading import (
    LISTS_ONLY_USERS,
    Counts,
    Entry,
    ImportOptions,
    Reading,
    email_or_id,
)
from planshift.usage.formats.records import CENTS, Record
from planshift.usage.formats.repeats import Repeats

_MEASURES = frozenset({"core_metrics", "tool_actions", "model_breakdown"})
_NO_MODEL = "a person's day without any model"
_OTHERS = (
    "Members who use Claude Code with a seat of claude.ai stand in the Enterprise Analytics API, not in this report."
)


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage in pages of the report, an entry for each model of each person's day."""
    reading = Reading()
    reading.assumed[LISTS_ONLY_USERS] += 1
    reading.assumed[_OTHERS] += 1
    repeats = Repeats(reading, _MEASURES)
    for page in read_pages(files, reading):
        for row in page.data:
            breakdown = row.values.get("model_breakdown")
            models = breakdown if isinstance(breakdown, list) else []
            reading.rows_read += len(models) or 1
            if repeats.again(row.values, page.number, row.place, len(models) or 1):
                continue
            if not models:
                reading.dropped[_NO_MODEL] += 1
            for model in models:
                _add(row, model, options, reading)
    return reading


def _add(row: Located, model: object, options: ImportOptions, reading: Reading) -> None:
    whole = Record(row.values, row.place, reading.problems)
    day = whole.day("date")
    if not isinstance(model, dict) or not isinstance(model.get("tokens"), dict):
        whole.wrong("an element of model_breakdown has no tokens", "download the page again")
        return
    record = Record(model, row.place, reading.problems)
    if not record.text("model"):
        record.wrong("an element of model_breakdown names no model", "download the page again")
    currency = record.text("estimated_cost", "currency").upper()
    if currency not in ("", "USD"):
        record.wrong(f"estimated_cost is in {currency}", "only US dollars can be compared with the rate card")
    if day is None:
        return
    counts = _counts(record)
    names = [email_or_id(whole.text("actor", name)) for name in ("email_address", "api_key_name")]
    reading.add(
        Entry(
            place=row.place,
            first=day,
            last=day,
            user_id=reading.someone(names, options),
            surface=options.surface or "claude_code",
            model=record.text("model"),
            counts=counts,
            prompt_most=counts.prompt,
            untold_writes=counts.cache_write_5m_tokens,
            cost_within=CENTS,
            reported=record.money("estimated_cost", "amount", unit=CENTS),
        )
    )


def _counts(record: Record) -> Counts:
    return Counts(
        input_tokens=record.count("tokens", "input", required=True),
        output_tokens=record.count("tokens", "output", required=True),
        cache_read_tokens=record.count("tokens", "cache_read", required=True),
        cache_write_5m_tokens=record.count("tokens", "cache_creation", required=True),
    )


def recognises(head: Head) -> bool:
    """Whether a file has the fields of the report."""
    return bool({"core_metrics", "model_breakdown"} & head.fields)


FORMAT = Format("claude-code-analytics", "a Claude Code Analytics report", read, recognises)
