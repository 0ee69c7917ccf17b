"""Claude Code's transcripts become usage: each request once, on its UTC day, with what it really cost."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exports import importer, refuser
from exports import json_lines as written
from planshift.plans.rates import RateCard

MIRA = Path(__file__).parent / "golden" / "exports" / "transcripts" / "mira"
FIRST = MIRA / "-home-mira-lab" / "first.jsonl"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "format_samples"


transcripts = importer("claude-code-transcripts")
refused = refuser("claude-code-transcripts")


def line(number: int = 1, model: str = "claude-opus-5-5", ids: bool = True, **changed: Any) -> dict[str, Any]:
    """A request of 1,000 uncached tokens, with other usage or other fields."""
    names = {"timestamp", "costUSD", "isApiErrorMessage"}
    message: dict[str, Any] = {"role": "assistant", "model": model, "usage": {"input_tokens": 1000, "output_tokens": 0}}
    message["usage"] |= {name: value for name, value in changed.items() if name not in names}
    fields: dict[str, Any] = {"timestamp": "2026-10-10T09:00:00.000Z", "sessionId": "s", "message": message}
    if ids:
        message["id"] = f"msg_{number}"
        fields["requestId"] = f"req_{number}"
    return fields | {name: value for name, value in changed.items() if name in names}


def test_a_folder_is_read_with_all_that_is_below_it(card: RateCard) -> None:
    result = transcripts(card, MIRA)
    summary = result.summary
    assert (summary.rows_read, summary.rows_kept, summary.merged) == (10, 4, 2)
    assert dict(summary.dropped) == {
        "a line without usage (a prompt, a tool's result, a summary)": 2,
        "an API error, not a request": 1,
        "a message that Claude Code wrote itself (model <synthetic>)": 1,
    }
    assert set(result.rows["user_id"]) == {"mira"}
    assert set(result.rows["surface"]) == {"claude_code"}


def test_the_known_example_is_counted_once_at_its_fullest(card: RateCard) -> None:
    result = transcripts(card, FIRST)
    assert result.summary.list_cost == Decimal("0.0007635")
    assert list(result.rows["output_tokens"]) == [50]
    assert any("(1 row merged)" in sentence for sentence in result.summary.assumptions)


def test_a_request_costs_what_its_day_says(card: RateCard, tmp_path: Path) -> None:
    """Sonnet 5.5 read from the cache at 0.20 until 2026-10-06: 10 tokens cost a millionth of a dollar more."""
    earlier = tmp_path / "a.jsonl"
    earlier.write_text(FIRST.read_text(encoding="utf-8").replace("2026-10-08T", "2026-10-06T"), encoding="utf-8")
    assert transcripts(card, earlier).summary.list_cost == Decimal("0.0007645")


def test_the_fuller_copy_counts_even_if_it_comes_first(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", line(output_tokens=9), line(output_tokens=2))
    assert list(transcripts(card, path).rows["output_tokens"]) == [9]


def test_requests_without_both_ids_are_never_taken_for_copies(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", line(ids=False), line(ids=False))
    result = transcripts(card, path)
    assert (result.summary.merged, list(result.rows["input_tokens"])) == (0, [2000])


def test_a_file_alone_belongs_to_the_member_of_its_folder_or_to_the_one_asked_for(card: RateCard) -> None:
    result = transcripts(card, FIRST)
    assert set(result.rows["user_id"]) == {"-home-mira-lab"}
    assert "The member is named after the folder: '-home-mira-lab'." in result.summary.assumptions
    asked = transcripts(card, FIRST, user="mira@example.org")
    assert set(asked.rows["user_id"]) == {"mira@example.org"}
    assert not any("named after the folder" in sentence for sentence in asked.summary.assumptions)


def test_folders_are_members(card: RateCard, tmp_path: Path) -> None:
    tomo = written(tmp_path / "tomo" / "p" / "s.jsonl", line(7)).parents[1]
    assert set(transcripts(card, MIRA, tomo).rows["user_id"]) == {"mira", "tomo"}


def test_a_time_of_another_zone_counts_on_its_utc_day(card: RateCard) -> None:
    """23:30 on the 8th at two hours behind UTC is the 9th."""
    result = transcripts(card, MIRA)
    assert sorted(set(result.rows["date"])) == [date(2026, 10, 8), date(2026, 10, 9)]


def test_a_prompt_beyond_the_step_has_its_modifier_and_one_at_the_step_has_not(card: RateCard) -> None:
    rows = transcripts(card, MIRA).rows
    haiku = rows[rows["model"] == "claude-haiku-5-5"]
    # 100,000 tokens of prompt are at the step, 100,001 beyond it.
    assert dict(zip(haiku["modifiers"], haiku["input_tokens"], strict=True)) == {"": 0, "long_prompt_100k": 1}
    assert not any("Long prompts" in sentence for sentence in transcripts(card, MIRA).summary.warnings)


def test_fast_requests_have_the_fast_modifier_and_searches_are_counted(card: RateCard) -> None:
    rows = transcripts(card, MIRA).rows
    opus = next(rows[rows["model"] == "claude-opus-5-5"].itertuples())
    assert (opus.modifiers, opus.web_searches) == ("fast_mode", 2)


def test_fast_mode_that_a_model_has_not_is_left_off_and_said(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", line(model="claude-sonnet-5-5", speed="fast"))
    result = transcripts(card, path)
    assert list(result.rows["modifiers"]) == [""]
    assert any(sentence.startswith("Priced without 'fast_mode'") for sentence in result.summary.warnings)


def test_us_only_inference_is_a_modifier(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", line(inference_geo="us"))
    assert list(transcripts(card, path).rows["modifiers"]) == ["us_only_inference"]


def test_writes_are_split_where_the_line_says_how_and_else_short(card: RateCard, tmp_path: Path) -> None:
    split = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}
    path = written(
        tmp_path / "a.jsonl",
        line(1, cache_creation_input_tokens=30, cache_creation=split),
        line(2, cache_creation_input_tokens=100),
    )
    result = transcripts(card, path)
    assert (result.rows["cache_write_5m_tokens"].sum(), result.rows["cache_write_1h_tokens"].sum()) == (110, 20)
    # 2,000 × 4 + 110 × 5 + 20 × 8 millionths; for an hour, the 100 that nothing is said of cost 3 more each.
    [said] = [
        warning
        for warning in result.summary.warnings
        if "The export does not show how long cache writes last" in warning
    ]
    assert "(1 row): the list cost is between 0.00871 and 0.00901 USD; the lower one, 5 minutes" in said


def test_merging_requests_does_not_change_their_cost(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(line(number) for number in range(250)))
    result = transcripts(card, path)
    assert (result.summary.rows_kept, result.summary.rows_written) == (250, 1)
    assert result.summary.list_cost == Decimal("1.000000000")


def test_a_reported_cost_is_compared_with_the_list_cost_of_the_rows_that_have_one(
    card: RateCard, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.jsonl", line(1, costUSD=0.005), line(2))
    summary = transcripts(card, path).summary
    assert (summary.list_cost, summary.reported_cost) == (Decimal("0.008"), Decimal("0.005"))
    assert summary.difference == Decimal("-0.001")
    assert "A cost is reported in 1 row of 2; the difference is of these alone." in summary.assumptions


def test_days_outside_those_asked_for_are_dropped_and_counted(card: RateCard) -> None:
    summary = transcripts(card, MIRA, start=date(2026, 10, 9)).summary
    assert dict(summary.dropped)["outside the days asked for"] == 1
    nothing = transcripts(card, MIRA, start=date(2027, 1, 1))
    assert len(nothing.rows) == 0
    assert nothing.summary.days is None
    assert any(sentence.startswith("Nothing is left to import") for sentence in nothing.summary.warnings)


def test_transcripts_of_one_machine_are_said_to_be_that(card: RateCard) -> None:
    assert any("one machine" in sentence for sentence in transcripts(card, FIRST).summary.assumptions)


def test_an_empty_transcript_in_a_folder_is_passed_over_and_said(card: RateCard, tmp_path: Path) -> None:
    written(tmp_path / "full.jsonl", line())
    (tmp_path / "empty.jsonl").touch()
    summary = transcripts(card, tmp_path).summary
    assert summary.warnings == (f"An empty transcript was passed over: {tmp_path / 'empty.jsonl'}.",)
    assert "is empty" in refused(card, tmp_path / "empty.jsonl")


def test_lines_that_cannot_be_read_come_all_at_once_with_their_place(card: RateCard, tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        line(1),
        '{"timestamp": "2026-10-10T09:00:00Z", "message": {"usa',
        "[1]",
        line(2, output_tokens=-3),
        line(3, timestamp="yesterday"),
        line(4, input_tokens=2.5),
        line(5, input_tokens=True),
        line(6, model=""),
        line(7, input_tokens=None),
        line(8, input_tokens=10**14),
    )
    lines = refused(card, path).splitlines()
    assert len(lines) == 9
    assert "2: is not a line of JSON" in lines[0]
    assert "3: is not an object" in lines[1]
    assert "output_tokens must be a whole number from 0 (it is '-3')" in lines[2]
    assert "timestamp must be a date or a time" in lines[3]
    assert "(it is '2.5')" in lines[4]
    assert "(it is 'True')" in lines[5]
    assert "the request names no model" in lines[6]
    assert "input_tokens is missing" in lines[7]
    assert "(it is '100000000000000')" in lines[8]


def test_usage_of_a_day_before_its_model_came_out_is_refused(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *(line(number, timestamp="2026-01-10T09:00:00Z") for number in range(3)))
    message = refused(card, path)
    assert f"{path}:1: 'claude-opus-5-5' has no price before 2026-09-22 (3 rows; also lines 2, 3)" in message


def test_a_folder_without_transcripts_and_a_foreign_file_in_one_are_refused(card: RateCard, tmp_path: Path) -> None:
    assert "there is no file *.jsonl in it or below it" in refused(card, tmp_path)
    shutil.copy(FIRST, tmp_path)
    codex = written(tmp_path / "codex.jsonl", {"timestamp": "2026-10-10T09:00:00Z", "type": "event_msg", "payload": {}})
    message = refused(card, tmp_path)
    assert f"{codex}: this is not a Claude Code transcript: it looks like a session log of OpenAI Codex" in message


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples of export formats are not here")
def test_the_samples_of_ccusage_are_read(card: RateCard) -> None:
    result = transcripts(card, *sorted(SHARED.glob("ccusage_claude_*.jsonl")))
    assert (result.summary.rows_read, result.summary.rows_kept) == (5, 5)
    assert result.summary.reported_cost == Decimal("1.09")
    assert result.rows["input_tokens"].sum() == 730
    # Haiku 4.5: 130 × 1 + 60 × 5 + 40 × 0.10 + 15 × 1.25; Sonnet 4: 400 × 3 + 175 × 15 + 50 × 0.30 + 25 × 3.75;
    # Opus 4, which has no fast mode: 200 × 15 + 75 × 75 + 20 × 1.50 + 50 × 18.75; millionths of a dollar
    assert result.summary.list_cost == Decimal("0.000452750") + Decimal("0.003933750") + Decimal("0.009592500")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples of export formats are not here")
def test_the_samples_of_other_tools_are_refused_by_name(card: RateCard) -> None:
    message = refused(card, *sorted(SHARED.glob("co*")))
    assert message.count("it looks like a report of GitHub Copilot") == 2
    assert "it looks like a session log of OpenAI Codex" in refused(card, SHARED / "ccusage_codex_project-alpha.jsonl")
