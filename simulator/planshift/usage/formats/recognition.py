"""What is recognised and not imported: files that are often taken for exports of usage, and what to do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planshift.usage.formats.format import Head
from planshift.usage.formats.spend_report import NAMES

_ADMIN = "download the Admin API usage report of the same days, and use `planshift usage import admin-usage`"
_EVENTS = (
    "import Claude Code's events (OTEL_LOGS_EXPORTER=otlp, to a collector that writes them to a file) with "
    "`planshift usage import claude-code-telemetry`"
)
_NOT_CLAUDE = "it is no usage of a Claude plan, and nothing in planshift reads it"

_CODEX_TYPES = {"session_meta", "turn_context", "event_msg", "response_item", "compacted"}
_PEOPLE = frozenset(
    spelling for name in ("user_email", "user_id", "account_uuid") for spelling in (name, *NAMES.get(name, ()))
)


@dataclass(frozen=True)
class Foreign:
    """A file that no format reads: what it looks like, what to do with it, and how to tell it."""

    name: str
    looks: str
    remedy: str
    recognises: Callable[[Head], bool]


def _columns(*names: str) -> Callable[[Head], bool]:
    return lambda head: head.columns.issuperset(names)


def _fields(*names: str) -> Callable[[Head], bool]:
    return lambda head: head.fields.issuperset(names)


def _codex(head: Head) -> bool:
    return any("payload" in line and line.get("type") in _CODEX_TYPES for line in head.lines)


def _stream_json(head: Head) -> bool:
    events = {"system", "assistant", "user", "result", "stream_event"}
    lines = any("session_id" in line and line.get("type") in events for line in head.lines)
    return lines or {"session_id", "num_turns", "total_cost_usd"} <= head.fields


def _telemetry(head: Head) -> bool:
    return bool({"resourceMetrics", "resourceSpans"} & head.fields) and "resourceLogs" not in head.fields


def _console(head: Head) -> bool:
    return not head.fields and "claude_code.api_request" in head.text


def _copilot(head: Head) -> bool:
    return bool({"usageItems", "totals_by_ide", "copilot_ide_chat"} & head.fields)


def _ccusage(head: Head) -> bool:
    counts = {"cacheCreationTokens", "cacheReadTokens", "totalCost"} <= head.fields
    return counts or "modelBreakdowns" in head.fields or {"tokenCounts", "isGap"} <= head.fields


def _litellm(head: Head) -> bool:
    names = {"spend", "prompt_tokens", "completion_tokens"}
    return names <= head.fields or names <= head.columns


def _openrouter(head: Head) -> bool:
    return bool({"model_permaslug"} & (head.fields | head.columns))


FOREIGN: Sequence[Foreign] = (
    Foreign(
        "usage-csv",
        "a usage file of planshift",
        "use it as it is: name it in a scenario under usage",
        _columns("date", "user_id", "surface", "model"),
    ),
    Foreign(
        "usage-parquet",
        "a Parquet file",
        "a usage file of planshift is used as it is: name it in a scenario under usage",
        lambda head: head.raw.startswith(b"PAR1"),
    ),
    Foreign(
        "workbook",
        "an Excel workbook or another archive",
        "name it .xlsx if it is a workbook, else unpack it",
        lambda head: head.raw.startswith(b"PK\x03\x04") and not head.header,
    ),
    Foreign(
        "console-cost",
        "a cost CSV of the Claude Console, which has no tokens",
        _ADMIN,
        _columns("usage_date_utc", "cost_usd"),
    ),
    Foreign(
        "members",
        "a list of members",
        "give it in a scenario under members",
        lambda head: "seat_tier" in head.columns and bool(_PEOPLE & head.columns),
    ),
    Foreign(
        "stream-json",
        "the output of `claude -p --output-format stream-json` or json, whose last line repeats the total",
        "import the transcripts of the same sessions, which are below ~/.claude/projects",
        _stream_json,
    ),
    Foreign("codex", "a session log of OpenAI Codex", _NOT_CLAUDE, _codex),
    Foreign(
        "otel",
        "OpenTelemetry metrics or traces, which have sums and no requests",
        f"{_EVENTS}, or the transcripts of the same people with `planshift usage import claude-code-transcripts`",
        _telemetry,
    ),
    Foreign("otel-console", "output of OpenTelemetry's console exporter, which is not JSON", _EVENTS, _console),
    Foreign("copilot", "a report of GitHub Copilot", _NOT_CLAUDE, _copilot),
    Foreign(
        "ccusage",
        "a report of ccusage, which has sums by day or session and not the requests",
        "import the transcripts that it was made from: `planshift usage import claude-code-transcripts "
        "~/.claude/projects`",
        _ccusage,
    ),
    Foreign(
        "litellm",
        "spend logs of LiteLLM, which has counted what passed through it at prices of its own",
        f"for the usage of Claude behind it, {_ADMIN}",
        _litellm,
    ),
    Foreign("openrouter", "activity of OpenRouter, which bills it itself", _NOT_CLAUDE, _openrouter),
    Foreign("openai", "a usage report of the OpenAI API", _NOT_CLAUDE, _fields("num_model_requests")),
    Foreign(
        "cursor",
        "usage of Cursor, which bills it itself",
        _NOT_CLAUDE,
        lambda head: bool({"max_mode", "input_w_o_cache_write"} & head.columns),
    ),
    Foreign(
        "conversations",
        "an export of conversations, which has no tokens",
        "export the spend report of the same days, and use `planshift usage import spend-report`",
        _fields("chat_messages"),
    ),
    Foreign(
        "focus",
        "a FOCUS cost-and-usage file, which has costs and no tokens",
        "export usage where it was used: `planshift usage formats` lists what can be imported",
        _columns("billedcost", "chargeperiodstart"),
    ),
    Foreign(
        "spend-limits",
        "an export of spend limits",
        "turn it into the limits of a scenario: `planshift usage limits`",
        _fields("spend_limit_id"),
    ),
    Foreign(
        "enterprise-cost",
        "a cost report of the Enterprise Analytics API, which has no tokens",
        "download its user usage report, and use `planshift usage import enterprise-analytics`",
        _fields("amount", "list_amount"),
    ),
    Foreign(
        "cost-report",
        "an Admin API cost report, which has no tokens",
        _ADMIN,
        _fields("amount", "cost_type", "results"),
    ),
)
"""In the order in which they are asked: the first that recognises a file names it."""
