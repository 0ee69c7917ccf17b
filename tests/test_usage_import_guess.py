"""A file that is not what it is said to be is refused, with what it looks like and what to do instead."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planshift.plans.files import folder
from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.formats import Head, import_usage, look_at
from planshift.usage.formats.registry import FOREIGN, SHIPPED
from planshift.usage.products import read_products
from programs import ENDS_WITHIN

EXPORTS = Path(__file__).parent / "golden" / "exports"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "format_samples"

OURS = {
    "spend-report": sorted(EXPORTS.glob("spend-report-*.csv"))[0],
    "claude-code-transcripts": EXPORTS / "transcripts",
    "admin-usage": EXPORTS / "admin_usage.json",
    "enterprise-analytics": EXPORTS / "enterprise_analytics.json",
    "claude-code-analytics": EXPORTS / "claude_code_analytics.json",
    "usage-cost-analytics": EXPORTS / "usage_cost_analytics.json",
    "claude-code-telemetry": EXPORTS / "telemetry.jsonl",
    "console-usage": EXPORTS / "console_usage.csv",
    "user-month-usd": EXPORTS / "user_month_usd.csv",
}

OTHERS = {
    "usage-csv": "date,user_id,surface,model,input_tokens\n2026-10-01,mira,chat,claude-opus-5,1\n",
    "console-cost": "usage_date_utc,model,token_type,cost_usd\n",
    "members": "Name,Email,Role,Seat Tier,Last Active,Days Active\nMira,mira@example.org,User,Premium,2026-10-06,14\n",
    "cost-report": '{"data": [{"results": [{"amount": "1.2", "currency": "USD", "cost_type": "tokens"}]}]}',
    "enterprise-cost": '{"data": [{"product": "chat", "amount": "148.0", "list_amount": "148.0", "requests": 1}]}',
    "spend-limits": '{"data": [{"amount": "50000", "spend_limit_id": "spl_1", "scope": {"type": "user"}}]}',
    "codex": '{"timestamp": "2026-10-01T09:00:00Z", "type": "turn_context", "payload": {"model": "gpt"}}\n',
    "copilot": '{"timePeriod": {"year": 2026}, "usageItems": [{"product": "Copilot"}]}',
    "stream-json": '{"type": "system", "subtype": "init", "session_id": "k"}\n',
    "ccusage": '{\n "monthly": [{"month": "2026-10", "modelBreakdowns": []}],\n "totals": {"totalCost": 1.2}\n}',
    "litellm": '[{"request_id": "c-1", "call_type": "acompletion", "spend": 0.1, "prompt_tokens": 9,'
    ' "completion_tokens": 2}]',
    "openrouter": "generation_id,created_at,model_permaslug,tokens_prompt\n",
    "openai": '{"object": "page", "data": [{"results": [{"input_tokens": 5, "num_model_requests": 1}]}]}',
    "cursor": "Date,User,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens\n",
    "conversations": '[{"uuid": "c", "name": "Notes", "chat_messages": [{"sender": "human"}]}]',
    "focus": "BilledCost,BillingPeriodStart,ChargePeriodStart,ServiceName\n",
    "otel-console": "{\n  body: 'claude_code.api_request',\n  attributes: { 'event.name': 'api_request' }\n}\n",
    "usage-parquet": "PAR1",
    "workbook": "PK\x03\x04",
}

CCUSAGE = [
    '{"daily": [{"date": "2026-10-12", "cacheCreationTokens": 1, "cacheReadTokens": 2, "totalCost": 0.1}]}',
    '{"sessions": [{"sessionId": "s", "lastActivity": "2026-10-12", "modelBreakdowns": []}]}',
    '{"blocks": [{"startTime": "2026-10-12T08:00:00Z", "isGap": false, "tokenCounts": {"inputTokens": 1}}]}',
]

OTEL = [
    '{"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "claude_code.token.usage"}]}]}]}',
    '{\n "resourceSpans": [\n  {\n   "scopeSpans": []\n  }\n ]\n}',
]

EVENTS = [
    '{"event.name": "api_request", "model": "claude-sonnet-5-5", "input_tokens": 1200}\n',
    '{"timestamp": "2026-10-12T09:00:00Z", "attributes": {"event.name": "api_request"}}\n',
    '{\n "resourceLogs": [\n  {\n   "scopeLogs": []\n  }\n ]\n}',
]


TITLES = {each.name: each.title for each in SHIPPED}


def name_of(path: Path) -> str | None:
    """What a file is recognised as."""
    found = look_at(path)
    return found and found.name


def refused(card: RateCard, name: str, paths: list[Path], **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        import_usage(name, paths, card, **options)
    return str(caught.value)


@pytest.mark.parametrize("name", OURS)
def test_a_file_of_a_format_is_recognised_by_it_and_by_no_other(name: str) -> None:
    path = OURS[name] if OURS[name].is_file() else next(OURS[name].rglob("*.jsonl"))
    head = Head.of(path)
    assert [each.name for each in [*SHIPPED, *FOREIGN] if each.recognises(head)] == [name]
    assert name_of(path) == name


def test_there_is_a_sample_of_every_format_and_of_every_foreign_one() -> None:
    assert OURS.keys() == TITLES.keys()
    assert OTHERS.keys() | {"otel"} == {each.name for each in FOREIGN}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_often_taken_for_usage_is_recognised(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_text(OTHERS[name], encoding="utf-8")
    assert name_of(path) == name


@pytest.mark.parametrize("text", CCUSAGE)
def test_every_report_of_ccusage_is_answered_with_its_transcripts(card: RateCard, tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    [line] = refused(card, "claude-code-transcripts", [path]).splitlines()
    assert "it looks like a report of ccusage" in line
    assert "import the transcripts that it was made from" in line


@pytest.mark.parametrize("text", OTEL)
def test_metrics_and_traces_are_recognised(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    assert name_of(path) == "otel"


@pytest.mark.parametrize("text", EVENTS)
def test_events_of_telemetry_are_recognised_however_they_are_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    assert name_of(path) == "claude-code-telemetry"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{}", '{"data": [], "has_more": false}', "once upon a time", "[[["])
def test_what_is_like_nothing_known_is_not_guessed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    assert name_of(path) is None
    assert name_of(tmp_path / "none") is None


def test_a_transcript_that_talks_about_other_formats_is_still_one(tmp_path: Path) -> None:
    talk = {"sessionId": "s", "message": {"role": "user", "content": '"usageItems": 1, "model_breakdown": 2'}}
    path = tmp_path / "file.jsonl"
    path.write_text(json.dumps(talk), encoding="utf-8")
    assert name_of(path) == "claude-code-transcripts"


FILES = [name for name, path in OURS.items() if path.is_file()]


@pytest.mark.parametrize(("name", "other"), [(name, other) for name in OURS for other in FILES if name != other])
def test_a_file_of_another_format_is_refused_with_the_command_for_it(card: RateCard, name: str, other: str) -> None:
    message = refused(card, name, [OURS[other]])
    assert f"this is not {TITLES[name]}: it looks like {TITLES[other]}" in message
    assert f" - use `planshift usage import {other}`" in message


@pytest.mark.parametrize("name", OTHERS)
def test_a_foreign_file_is_refused_with_what_to_do(card: RateCard, tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_text(OTHERS[name], encoding="utf-8")
    known = next(each for each in FOREIGN if each.name == name)
    words = f"{path}: this is not a spend report: it looks like {known.looks} - {known.remedy}"
    assert refused(card, "spend-report", [path]) == words


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples of export formats are not here")
def test_the_shared_samples_are_recognised() -> None:
    expected = {"ccusage_claude": "claude-code-transcripts", "ccusage_codex": "codex", "copilot": "copilot"}
    for path in sorted(SHARED.iterdir()):
        assert name_of(path) == next(name for start, name in expected.items() if path.name.startswith(start))


def test_looking_at_files_loads_nothing_heavy() -> None:
    program = "import sys, planshift.usage.formats; print({'pandas', 'numpy', 'jsonschema'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, timeout=ENDS_WITHIN, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_arguments_that_cannot_be_meant_are_refused(card: RateCard, tmp_path: Path) -> None:
    file = OURS["admin-usage"]
    assert "no format 'spend-reports' - did you mean 'spend-report'?" in refused(card, "spend-reports", [file])
    assert "no surface 'code' - " in refused(card, "admin-usage", [file], surface="code")
    backwards = {"start": date(2026, 10, 2), "end": date(2026, 10, 1)}
    assert "2026-10-01 is before --start 2026-10-02" in refused(card, "admin-usage", [file], **backwards)
    assert "no files are given - name a spend report" in refused(card, "spend-report", [])
    assert "there is no such file" in refused(card, "spend-report", [tmp_path / "none.csv"])
    assert "is a folder - name the files in it" in refused(card, "spend-report", [tmp_path])


def test_the_shipped_surfaces_cover_what_plans_open() -> None:
    products = read_products()
    assert set(products.titles) == {"chat", "claude_code", "cowork"}
    assert products.other_surface == "chat"
    assert products.surface("spend-report", "claude-CODE") == "claude_code"
    assert products.known("spend-report", "PowerPoint")
    assert products.surface("spend-report", "PowerPoint") is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("surface: chat\n", "surface: chatt\n"), "no surface 'chatt' - did you mean 'chat'?"),
        (("other_products:", "others:"), "unknown key 'others'"),
        (("labels: [Claude Code], reference: analytics_article", "labels: [Claude Code]"), "the labels have no source"),
        (("labels: [Claude Code]", "labels: [Claude Code, CHAT]"), "the label 'chat' of spend-report stands twice"),
        (
            ("title: Chat\n    products:", "title: Chat\n    product:"),
            "'surfaces.chat.products' must be keys with values",
        ),
    ],
)
def test_mistakes_in_the_file_of_surfaces_are_found(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    text = (folder("plans") / "surfaces.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "surfaces.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_products(path)
    assert words in str(caught.value)
