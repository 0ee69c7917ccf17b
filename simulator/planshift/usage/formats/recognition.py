"""What a file of usage looks like, from its first bytes: our formats, and those that are often taken for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from planshift.usage.formats import (
    admin_usage,
    claude_code_analytics,
    enterprise_analytics,
    spend_report,
    transcripts,
)
from planshift.usage.formats.tables import normalised
from planshift.usage.formats.texts import encoding_of

_HEAD = 1 << 20
_LINES = 20

_ADMIN = "download the Admin API usage report of the same days, and use `planshift usage import admin-usage`"
_NOT_CLAUDE = "it is not usage of Claude, and nothing in planshift reads it"

FOREIGN: Mapping[str, tuple[str, str]] = {
    "usage-csv": ("a usage file of planshift", "use it as it is: name it in a scenario under usage"),
    "usage-parquet": (
        "a Parquet file",
        "a usage file of planshift is used as it is: name it in a scenario under usage",
    ),
    "workbook": ("an Excel workbook or another archive", "save the sheet as CSV, or unpack it"),
    "console-usage": ("a usage CSV of the Claude Console", _ADMIN),
    "console-cost": ("a cost CSV of the Claude Console, which has no tokens", _ADMIN),
    "cost-report": ("an Admin API cost report, which has no tokens", _ADMIN),
    "enterprise-cost": (
        "a cost report of the Enterprise Analytics API, which has no tokens",
        "download its user usage report, and use `planshift usage import enterprise-analytics`",
    ),
    "spend-limits": ("an export of spend limits", "give limits in a scenario under spend_limits"),
    "members": ("a list of members", "give it in a scenario under members"),
    "otel": (
        "OpenTelemetry data of Claude Code",
        "import the transcripts of the same people with `planshift usage import claude-code-transcripts`",
    ),
    "codex": ("a session log of OpenAI Codex", _NOT_CLAUDE),
    "copilot": ("a report of GitHub Copilot", _NOT_CLAUDE),
}
"""What is recognised and not imported: name → what it looks like, and what to do with it."""

_CODEX_TYPES = {"session_meta", "turn_context", "event_msg", "response_item", "compacted"}
_TRANSCRIPT_TYPES = {"user", "assistant", "system", "summary", "file-history-snapshot", "queue-operation", "progress"}


def guess(path: Path) -> str | None:
    """The format that a file or folder looks like: one of ``FORMATS`` or of ``FOREIGN``; ``None`` if like none."""
    if path.is_dir():
        guesses = (guess(file) for file in sorted(path.rglob("*.jsonl")))
        return next((found for found in guesses if found), None)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if head.startswith(b"PAR1"):
        return "usage-parquet"
    if head.startswith(b"PK\x03\x04"):
        return "workbook"
    text = head.decode(encoding_of(head), errors="replace").lstrip("\ufeff \t\r\n")
    return _json(text) if text[:1] in ("{", "[") else _csv(text)


def _csv(text: str) -> str | None:
    cells = re.split(r"[,;\t]", text.partition("\n")[0])
    columns = {normalised(cell.strip().strip('"')) for cell in cells}
    if {"date", "user_id", "surface", "model"} <= columns:
        return "usage-csv"
    if "usage_date_utc" in columns and "cost_usd" in columns:
        return "console-cost"
    if {"usage_date_utc", "usage_input_tokens_no_cache"} & columns:
        return "console-usage"
    people = {name for column in ("user_email", "user_id", "account_uuid") for name in _spellings(column)}
    if "product" in columns and columns & _spellings("model") and columns & _spellings("total_prompt_tokens"):
        return spend_report.NAME
    if "seat_tier" in columns and columns & people:
        return "members"
    return None


def _spellings(column: str) -> set[str]:
    return {column, *spend_report.NAMES.get(column, ())}


def _json(text: str) -> str | None:
    for keys in _lines(text):
        if "payload" in keys and keys["payload"] in _CODEX_TYPES:
            return "codex"
        if "event.name" in keys or any(key.startswith("resource") for key in keys):
            return "otel"
        if "sessionId" in keys or "message" in keys or keys.get("type") in _TRANSCRIPT_TYPES:
            return transcripts.NAME
    return _page(text)


def _lines(text: str) -> Iterator[dict[str, str]]:
    """The top-level keys of the first lines that are objects by themselves; beside ``payload``, the line's type."""
    for line in text.split("\n", _LINES)[:_LINES]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            kind = str(value.get("type", ""))
            yield {**dict.fromkeys(value, ""), "type": kind, **({"payload": kind} if "payload" in value else {})}


def _page(text: str) -> str | None:
    """What the names of the fields in the head of a page or report say."""
    names = set(re.findall(r'"([A-Za-z_.]+)"\s*:', text))
    for found, wanted in (
        ("copilot", {"usageItems"}),
        ("copilot", {"totals_by_ide"}),
        ("copilot", {"copilot_ide_chat"}),
        ("otel", {"resourceMetrics"}),
        ("otel", {"resourceLogs"}),
        ("spend-limits", {"spend_limit_id"}),
        (claude_code_analytics.NAME, {"core_metrics"}),
        (claude_code_analytics.NAME, {"model_breakdown"}),
        (enterprise_analytics.NAME, {"uncached_input_tokens", "actor"}),
        (admin_usage.NAME, {"uncached_input_tokens", "results"}),
        ("enterprise-cost", {"amount", "list_amount"}),
        ("cost-report", {"amount", "cost_type", "results"}),
    ):
        if wanted <= names:
            return found
    return None
