"""Transcripts say a request several times, in parts, or not to its end: it counts once, and what is missing is said."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exports import importer
from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.formats import ImportResult

Line = dict[str, Any]

HOUR = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 8000}


def answer(name: str, output: int, at: str = "09:00:00", request: str = "", **changed: Any) -> Line:
    """A line about an answer to a prompt of 40 tokens and 70,000 from the cache; what changes is mostly usage."""
    usage = {"input_tokens": 40, "cache_read_input_tokens": 70_000, "output_tokens": output}
    message: Line = {"id": name, "role": "assistant", "model": "claude-opus-5-5", "stop_reason": "end_turn"}
    line: Line = {"timestamp": f"2026-10-12T{at}.000Z", "sessionId": "s-1", "message": message}
    line |= {"requestId": request} if request else {}
    for key, value in changed.items():
        if key in {"sessionId", "isSidechain", "costUSD"}:
            line[key] = value
        elif key in {"model", "stop_reason"}:
            message[key] = value
        else:
            usage[key] = value
    return line | {"message": message | {"usage": usage}}


def written(path: Path, *lines: Line | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


transcripts = importer("claude-code-transcripts")


def total(result: ImportResult, column: str, model: str = "claude-opus-5-5") -> int:
    rows = result.rows
    return int(rows[rows["model"] == model][column].sum())


# One request is one message.id


def test_lines_of_one_answer_count_once_without_a_request_id(card: RateCard, tmp_path: Path) -> None:
    lines = [answer("m1", 3, "09:00:00", stop_reason=None), answer("m1", 800, "09:00:09"), answer("m2", 20)]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert (result.summary.rows_kept, result.summary.merged) == (2, 1)
    assert (total(result, "output_tokens"), total(result, "cache_read_tokens")) == (820, 140_000)


def test_a_copy_with_a_request_id_and_one_without_are_one_request(card: RateCard, tmp_path: Path) -> None:
    lines = [answer("m1", 800, request="r1"), answer("m1", 800), answer("m1", 800, request="r9", sessionId="s-2")]
    assert transcripts(card, written(tmp_path / "a.jsonl", *lines)).summary.rows_kept == 1


def test_a_side_question_repeats_the_conversation_with_new_request_ids(card: RateCard, tmp_path: Path) -> None:
    """The side transcript comes first by name, and its copy is cut short; the conversation's own line counts."""
    written(tmp_path / "c.jsonl", answer("m1", 800, request="r1", isSidechain=False))
    aside = [answer("m1", 900, request="r7", isSidechain=True, input_tokens=50), answer("m8", 60, request="r8")]
    written(tmp_path / "c" / "aside.jsonl", *aside)
    result = transcripts(card, tmp_path)
    assert (result.summary.rows_kept, result.summary.merged) == (2, 1)
    assert not any("ids cannot tell" in warning for warning in result.summary.warnings)


def test_a_copied_history_counts_once(card: RateCard, tmp_path: Path) -> None:
    written(tmp_path / "before.jsonl", answer("m1", 800, request="r1"), answer("m2", 30, request="r2"))
    copied = [answer(name, count, sessionId="s-2") for name, count in (("m1", 800), ("m2", 30), ("m3", 5))]
    written(tmp_path / "resumed.jsonl", *copied)
    result = transcripts(card, tmp_path)
    assert (result.summary.rows_kept, total(result, "output_tokens")) == (3, 835)


def test_a_relay_that_gives_every_answer_one_id_is_found_out(card: RateCard, tmp_path: Path) -> None:
    """Different finished prompts under one id are different requests; the two lines of one prompt are one."""
    lines = [
        answer("relay", 10, "09:00:00", input_tokens=100),
        answer("relay", 11, "09:01:00", input_tokens=200, stop_reason=None),
        answer("relay", 12, "09:01:03", input_tokens=200),
        answer("relay", 13, "09:02:00", sessionId="s-2", input_tokens=300),
    ]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert (total(result, "input_tokens"), total(result, "output_tokens")) == (600, 35)
    assert any(
        "cannot tell these requests apart" in warning and "(3 rows)" in warning for warning in result.summary.warnings
    )


def test_a_relay_whose_answers_are_never_finished_is_found_out(card: RateCard, tmp_path: Path) -> None:
    lines = [answer("relay", 10 + number, stop_reason=None, input_tokens=100 * number) for number in (1, 2)]
    lines += [answer("relay", 13, input_tokens=300, sessionId="s-2")]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert (total(result, "input_tokens"), total(result, "output_tokens")) == (600, 36)


def test_a_snapshot_with_an_early_count_of_the_prompt_is_no_other_request(card: RateCard, tmp_path: Path) -> None:
    lines = [answer("m1", 1, stop_reason=None, input_tokens=2, cache_read_input_tokens=0), answer("m1", 500)]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert (result.summary.rows_kept, total(result, "input_tokens"), total(result, "output_tokens")) == (1, 40, 500)


# Copies that differ


@pytest.mark.parametrize("turned", [False, True])
def test_a_copy_that_tells_the_lifetime_of_cache_writes_is_believed(
    card: RateCard, tmp_path: Path, turned: bool
) -> None:
    copies = [
        answer("m1", 90, request="r", cache_creation_input_tokens=8000),
        answer("m1", 90, request="r", cache_creation_input_tokens=8000, cache_creation=HOUR),
    ]
    result = transcripts(card, written(tmp_path / "a.jsonl", *(reversed(copies) if turned else copies)))
    assert (total(result, "cache_write_1h_tokens"), total(result, "cache_write_5m_tokens")) == (8000, 0)
    assert not any("lifetime" in sentence for sentence in result.summary.warnings + result.summary.assumptions)


@pytest.mark.parametrize("turned", [False, True])
def test_each_field_is_that_of_the_copy_that_has_it(card: RateCard, tmp_path: Path, turned: bool) -> None:
    searches = {"server_tool_use": {"web_search_requests": 3}}
    copies = [
        answer("m1", 90, request="r", cache_read_input_tokens=0, speed="fast", **searches),
        answer("m1", 50, request="r", costUSD=0.5),
    ]
    result = transcripts(card, written(tmp_path / "a.jsonl", *(reversed(copies) if turned else copies)))
    row = next(result.rows.itertuples())
    assert (row.output_tokens, row.cache_read_tokens, row.web_searches, row.modifiers) == (90, 70_000, 3, "fast_mode")
    assert result.summary.reported_cost == Decimal("0.5")


# Passes inside an answer


def passes(*each: tuple[str, int, int, str | None]) -> list[Line]:
    """Iterations: kind, input, output, and the model where it is named."""
    return [
        {"type": kind, "input_tokens": sent, "output_tokens": output} | ({"model": model} if model else {})
        for kind, sent, output, model in each
    ]


def test_an_advisor_counts_once_under_its_own_model(card: RateCard, tmp_path: Path) -> None:
    every = passes(
        ("message", 20, 5, None), ("advisor_message", 30_000, 700, "claude-haiku-5-5"), ("message", 20, 95, None)
    )
    copies = [answer("m1", 100, at, "r", iterations=every, speed="fast") for at in ("09:00:00", "09:00:04")]
    result = transcripts(card, written(tmp_path / "a.jsonl", *copies))
    assert (total(result, "input_tokens"), total(result, "output_tokens")) == (40, 100)
    haiku = result.rows[result.rows["model"] == "claude-haiku-5-5"]
    assert haiku[["input_tokens", "output_tokens", "modifiers"]].values.tolist() == [[30_000, 700, ""]]
    assert any("an advisor or a compaction" in text and "(1 row)" in text for text in result.summary.assumptions)


def test_a_compaction_counts_beside_the_totals(card: RateCard, tmp_path: Path) -> None:
    every = passes(("compaction", 90_000, 1500, None), ("message", 40, 100, None))
    result = transcripts(card, written(tmp_path / "a.jsonl", answer("m1", 100, iterations=every, costUSD=0.9)))
    assert (total(result, "input_tokens"), total(result, "output_tokens")) == (90_040, 1600)
    # Both passes are compared with the cost that the line reports for the whole.
    assert not any("A cost is reported in" in text for text in result.summary.assumptions)


def test_totals_that_are_the_sum_of_all_passes_have_nothing_beside_them(card: RateCard, tmp_path: Path) -> None:
    every = passes(("compaction", 30, 60, None), ("message", 10, 40, None))
    line = answer("m1", 100, iterations=every, cache_read_input_tokens=0)
    result = transcripts(card, written(tmp_path / "a.jsonl", line))
    assert (total(result, "input_tokens"), total(result, "output_tokens")) == (40, 100)


def test_an_attempt_of_another_model_counts_only_if_it_had_output(card: RateCard, tmp_path: Path) -> None:
    refused = passes(("message", 40, 0, "claude-haiku-5-5"), ("fallback_message", 40, 100, "claude-opus-5-5"))
    broken = passes(("message", 40, 6, "claude-haiku-5-5"), ("fallback_message", 40, 100, "claude-opus-5-5"))
    path = written(tmp_path / "a.jsonl", answer("m1", 100, iterations=refused), answer("m2", 100, iterations=broken))
    result = transcripts(card, path)
    assert total(result, "output_tokens") == 200
    assert (total(result, "input_tokens", "claude-haiku-5-5"), total(result, "output_tokens", "claude-haiku-5-5")) == (
        40,
        6,
    )


def test_passes_that_are_no_list_are_a_mistake(card: RateCard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"usage\.iterations is not a list of passes"):
        transcripts(card, written(tmp_path / "a.jsonl", answer("m1", 1, iterations="many")))


# What is not to the end, and what is not billed here


def test_answers_without_a_finished_copy_are_counted_and_called_a_floor(card: RateCard, tmp_path: Path) -> None:
    lines = [answer(f"m{number}", 4, stop_reason=None) for number in range(3)]
    lines += [answer("m2", 70), answer("m5", 80)]
    warnings = transcripts(card, written(tmp_path / "a.jsonl", *lines)).summary.warnings
    [floor] = [warning for warning in warnings if "without a finished copy" in warning]
    assert "(2 rows)" in floor
    assert "Their output is a floor" in floor


def test_a_refusal_costs_nothing_unless_output_had_begun(card: RateCard, tmp_path: Path) -> None:
    lines = [
        answer("m1", 0, stop_reason="refusal"),
        answer("m2", 30, stop_reason="refusal"),
        answer("m3", 1, stop_reason=None),
        answer("m3", 0, stop_reason="refusal"),
    ]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert total(result, "output_tokens") == 30
    assert dict(result.summary.dropped) == {"an answer refused before any output, which is not billed": 2}


@pytest.mark.parametrize(("start", "platform"), [("msg_bdrk_", "Amazon Bedrock"), ("msg_vrtx_", "Google Vertex AI")])
def test_answers_that_a_cloud_platform_bills_are_left_out_and_named(
    card: RateCard, tmp_path: Path, start: str, platform: str
) -> None:
    lines = [answer(f"{start}1", 7), answer(f"{start}1", 7, "09:00:05"), answer(f"{start}2", 7), answer("msg_1", 9)]
    result = transcripts(card, written(tmp_path / "a.jsonl", *lines))
    assert total(result, "output_tokens") == 9
    assert dict(result.summary.dropped) == {f"an answer billed by {platform}": 2}
    assert any(
        f"through {platform} (2 rows) are billed there" in warning and "2 rows" in warning
        for warning in result.summary.warnings
    )


@pytest.mark.parametrize("name", ["claude-opus-5-5[1m]", "claude-opus-5-5 [1M]", "anthropic/claude-opus-5-5[1m]"])
def test_a_model_with_its_long_window_is_the_same_model(card: RateCard, tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "a.jsonl", answer("m1", 100, model=name))
    assert total(transcripts(card, path), "output_tokens") == 100


@pytest.mark.parametrize(
    "end", ['{"timestamp": "2026-10-12T09:0', '{"message": {"content": "caf\u00e9', '{"a": 1', '{"a": 1\n', "\0\0\0"]
)
def test_a_last_line_that_is_cut_off_is_left_out_and_said(card: RateCard, tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.jsonl"
    whole = json.dumps(answer("m1", 70)) + "\n" + end
    path.write_bytes(whole.encode()[: -1 if end.endswith("\u00e9") else None])
    result = transcripts(card, path)
    assert total(result, "output_tokens") == 70
    assert dict(result.summary.dropped) == {"a last line that is cut off": 1}
    assert any("is cut off" in warning and warning.endswith(f"{path}:2.") for warning in result.summary.warnings)


def test_a_broken_line_before_the_last_is_still_a_mistake(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"timestamp": "2026\n', answer("m1", 70))
    with pytest.raises(InputError, match=r"a\.jsonl:1: is not a line of JSON"):
        transcripts(card, path)


@pytest.mark.parametrize(
    "lines",
    [
        [{"type": "system", "subtype": "init", "session_id": "k"}, {"type": "result", "session_id": "k", "usage": {}}],
        [{"type": "result", "session_id": "k", "num_turns": 2, "total_cost_usd": 0.1, "usage": {"input_tokens": 3}}],
        [{"type": "assistant", "session_id": "k", "timestamp": "2026-10-12T09:00:00Z", "message": {"usage": {}}}],
    ],
)
def test_a_log_of_stream_json_is_no_transcript(card: RateCard, tmp_path: Path, lines: list[Line]) -> None:
    path = written(tmp_path / "log.jsonl", *lines)
    with pytest.raises(InputError) as caught:
        transcripts(card, path)
    [problem] = caught.value.problems
    assert "this is not a Claude Code transcript: it looks like the output of `claude -p" in problem.fact
    assert "stream-json" in problem.fact
