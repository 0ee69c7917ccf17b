"""The formats that there are, planshift's and those of installed packages, and files that are often taken for one.

A package brings a format by an entry point in the group ``planshift.formats``, whose name is the format's and whose
object is a `Format` (reports/FORMATS.md has a worked example)::

    [project.entry-points."planshift.formats"]
    tally = "planshift_tally:FORMAT"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from planshift.problems import InputError, PlanshiftError, did_you_mean
from planshift.usage.formats import (
    admin_usage,
    claude_code_analytics,
    console_usage,
    enterprise_analytics,
    month_costs,
    spend_report,
    telemetry,
    transcripts,
    usage_cost_analytics,
)
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.reading import ImportOptions, Reading
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


GROUP = "planshift.formats"

SHIPPED: Sequence[Format] = (
    spend_report.FORMAT,
    transcripts.FORMAT,
    admin_usage.FORMAT,
    enterprise_analytics.FORMAT,
    claude_code_analytics.FORMAT,
    usage_cost_analytics.FORMAT,
    telemetry.FORMAT,
    console_usage.FORMAT,
    month_costs.FORMAT,
)


def find_format(name: str) -> Format:
    """The format of that name. InputError where there is none, or where the package that brings it is at fault."""
    brought = [point for point in entry_points(group=GROUP) if point.name == name]
    shipped = [each for each in SHIPPED if each.name == name]
    if len(shipped) + len(brought) > 1:
        packages = " and ".join(sorted(_package(point) for point in brought))
        fact = f"the format '{name}' is brought by {packages}" + (", and planshift has one itself" if shipped else "")
        raise InputError.at("FORMAT", fact, "uninstall all but one")
    if shipped:
        return shipped[0]
    if brought:
        return _loaded(brought[0])
    raise InputError.at("FORMAT", f"no format '{name}'", did_you_mean(name, format_names()))


def format_names() -> list[str]:
    """The names of all formats, those of planshift first; nothing is loaded for it."""
    return [each.name for each in SHIPPED] + sorted({point.name for point in entry_points(group=GROUP)})


def all_formats() -> Iterator[Format | InputError]:
    """Every format; in place of one that cannot be loaded, the mistake that says why."""
    yield from SHIPPED
    for name in format_names()[len(SHIPPED) :]:
        try:
            yield find_format(name)
        except InputError as error:
            yield error


def look_at(path: Path) -> Format | Foreign | None:
    """What a file looks like: a format, or something that is recognised and not imported; ``None`` if nothing known."""
    head = Head.of(path)
    known: list[Format | Foreign] = [each for each in all_formats() if isinstance(each, Format)]
    return next((each for each in [*known, *FOREIGN] if each.recognises(head)), None)


def _loaded(point: EntryPoint) -> Format:
    """The format behind an entry point; whatever its package does wrong is a mistake that names the package."""
    try:
        found = point.load()
    except Exception as error:
        raise _fault(point, f"cannot be loaded ({_words(error)})") from None
    if not isinstance(found, Format):
        raise _fault(point, f"is not a planshift.usage.formats.Format ({point.value} is a {type(found).__name__})")
    if found.name != point.name:
        raise _fault(point, f"calls itself '{found.name}'")

    def read(paths: Sequence[Path], options: ImportOptions) -> Reading:
        try:
            reading = found.read(paths, options)
        except PlanshiftError:
            raise
        except Exception as error:
            raise _fault(point, f"failed to read the files ({_words(error)})") from error
        if not isinstance(reading, Reading):
            raise _fault(point, f"has read a {type(reading).__name__} where a Reading is due")
        return reading

    def recognises(head: Head) -> bool:
        try:
            return bool(found.recognises(head))
        except Exception:
            # A package that fails over a file that is perhaps not its own must not keep others from reading it.
            return False

    return replace(found, read=read, recognises=recognises, package=_package(point))


def _fault(point: EntryPoint, what: str) -> InputError:
    remedy = "update or uninstall the package, or tell its makers"
    return InputError.at("FORMAT", f"the format '{point.name}' of the package {_package(point)} {what}", remedy)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
