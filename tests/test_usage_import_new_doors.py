"""The Usage and Cost Analytics API and Claude Code's OpenTelemetry events become usage, with what they do not tell."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exports import imported, refused
from exports import json_lines as written
from planshift.plans.rates import RateCard

EXPORTS = Path(__file__).parent / "golden" / "exports"
PAGE, EVENTS = EXPORTS / "usage_cost_analytics.json", EXPORTS / "telemetry.jsonl"

Json = dict[str, Any]

# Opus 5.5 at 4, 20, 0.20 and 8 USD: 0.40 + 0.40 + 0.18 + 0.40, and two searches at 0.01; Sonnet 5.5 at 2 and 10 USD,
# 0.03, in a batch in the US, 0.55 times.
OPUS, SONNET = Decimal("1.40"), Decimal("0.0165")


# Usage and Cost Analytics API


def usage_page(**group: Any) -> Json:
    """The sample's page with fields of each row's group changed."""
    page: Json = json.loads(PAGE.read_text(encoding="utf-8"))
    for row in page["data"]:
        row["group"] |= group
    return page


def cost_page(*rows: tuple[str | None, str, str], **group: Any) -> Json:
    """A page of costs for the sample's day: model, cents as billed, cents at list price."""
    times = {"starting_at": "2026-11-10T00:00:00Z", "ending_at": "2026-11-11T00:00:00Z"}
    data = [
        {
            **times,
            "group": {"model": model, **group},
            "cost": {"currency": "USD", "amount": billed, "list_amount": listed},
        }
        for model, billed, listed in rows
    ]
    return {"data": data, "has_more": False, "next_page": None}


def test_a_page_of_usage_has_people_channels_surfaces_and_modifiers(card: RateCard) -> None:
    result = imported(card, "usage-cost-analytics", PAGE)
    assert result.summary.list_cost == OPUS + SONNET
    rows = result.rows[["date", "user_id", "surface", "model", "modifiers"]]
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        (date(2026, 11, 10), "mira@example.org", "claude_code", "claude-opus-5-5", ""),
        (date(2026, 11, 10), "slack:C0LAB", "chat", "claude-sonnet-5-5", "batch us_only_inference"),
    ]
    assert not any("does not show" in text for text in result.summary.warnings)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("service_tier", "what was batch work (2 rows): the list cost is between 0.73 and 1.43 USD"),
        ("inference_geo", "what was US-only inference (2 rows): the list cost is between 1.42 and 1.55 USD"),
        ("speed", "what ran in fast mode (2 rows): the list cost is between 1.42 and 2.80 USD"),
    ],
)
def test_what_was_not_asked_for_is_null_and_said(card: RateCard, tmp_path: Path, field: str, words: str) -> None:
    """With the field null, Sonnet counts at 0.033 without its batch, and at 0.015 without its place."""
    path = written(tmp_path / "a.json", usage_page(**{field: None}))
    [said] = [text for text in imported(card, "usage-cost-analytics", path).summary.warnings if "does not show" in text]
    assert f"The export has no {field} " in said
    assert words in said


def test_a_report_without_people_or_models_says_what_to_ask_for(card: RateCard, tmp_path: Path) -> None:
    nobody = written(tmp_path / "a.json", usage_page(actor=None, slack_channel_id=None, api_key="apikey_1"))
    result = imported(card, "usage-cost-analytics", nobody)
    assert set(result.rows["user_id"]) == {"apikey_1"}
    assert any("download it with group_by[]=actor to find out" in text for text in result.summary.warnings)
    models = written(tmp_path / "b.json", usage_page(model=None))
    assert "the row names no model - download the report with group_by[]=model" in refused(
        card, "usage-cost-analytics", models
    )


def test_cost_pages_are_a_check_sum_by_model(card: RateCard, tmp_path: Path) -> None:
    costs = cost_page(("claude-opus-5-5", "126", "140"), ("claude-sonnet-5-5", "1.485", "1.65"))
    result = imported(card, "usage-cost-analytics", PAGE, written(tmp_path / "cost.json", costs))
    summary = result.summary
    assert (summary.reported_cost, summary.difference) == (OPUS + SONNET, 0)
    assert dict(summary.dropped) == {"a cost row, which the list cost is compared with": 2}
    assert any("after them it is 1.27 USD" in text and "usage_discount" in text for text in summary.assumptions)


@pytest.mark.parametrize("group", [{}, {"product": "claude_code"}])
def test_costs_of_other_groups_are_compared_in_all(card: RateCard, tmp_path: Path, group: Json) -> None:
    costs = written(tmp_path / "cost.json", cost_page((None, "141.65", "141.65"), **group))
    summary = imported(card, "usage-cost-analytics", costs, PAGE).summary
    assert (summary.reported_cost, summary.difference) == (OPUS + SONNET, 0)


def test_costs_of_other_days_are_compared_only_with_all_of_the_usage(card: RateCard, tmp_path: Path) -> None:
    costs = cost_page(("claude-opus-5-5", "141.65", "141.65"))
    costs["data"][0]["starting_at"] = "2026-11-09T00:00:00Z"
    path = written(tmp_path / "cost.json", costs)
    assert imported(card, "usage-cost-analytics", PAGE, path).summary.difference == 0
    cut = imported(card, "usage-cost-analytics", PAGE, path, start=date(2026, 11, 10)).summary
    assert cut.reported_cost is None
    assert any("cannot be cut to the days asked for" in text for text in cut.warnings)


def test_a_difference_from_the_check_sum_is_a_warning(card: RateCard, tmp_path: Path) -> None:
    costs = cost_page(("claude-opus-5-5", "280", "280"), ("claude-sonnet-5-5", "1.65", "1.65"))
    warnings = imported(card, "usage-cost-analytics", PAGE, written(tmp_path / "cost.json", costs)).summary.warnings
    assert any("The export reports 2.82 USD" in text and "claude-opus-5-5 (2.00 times)" in text for text in warnings)


def test_what_has_no_tokens_is_no_part_of_the_check_sum(card: RateCard, tmp_path: Path) -> None:
    costs = cost_page(("claude-opus-5-5", "140", "140"), ("claude-sonnet-5-5", "1.65", "1.65"))
    costs["data"] += cost_page((None, "500", "500"), cost_type="code_execution")["data"]
    summary = imported(card, "usage-cost-analytics", PAGE, written(tmp_path / "cost.json", costs)).summary
    assert summary.difference == 0
    assert dict(summary.dropped)["a cost of what has no tokens (code_execution)"] == 1


def test_costs_alone_and_other_currencies_are_refused(card: RateCard, tmp_path: Path) -> None:
    costs = cost_page(("claude-opus-5-5", "140", "140"))
    alone = refused(card, "usage-cost-analytics", written(tmp_path / "cost.json", costs))
    assert "cost pages have no tokens - give the usage pages of the same days together with them" in alone
    costs["data"][0]["cost"]["currency"] = "EUR"
    costs["data"].append({"starting_at": "2026-11-10T00:00:00Z", "group": {}})
    message = refused(card, "usage-cost-analytics", PAGE, written(tmp_path / "cost.json", costs))
    assert "the cost is in EUR" in message
    assert "the row has neither usage nor cost" in message


def test_usage_pages_and_cost_pages_each_need_their_end(card: RateCard, tmp_path: Path) -> None:
    usage, costs = usage_page() | {"has_more": True}, cost_page(("claude-opus-5-5", "140", "140"))
    paths = [written(tmp_path / "u.json", usage), written(tmp_path / "c.json", costs)]
    warnings = imported(card, "usage-cost-analytics", *paths).summary.warnings
    assert any("Pages are missing" in text and "u.json" in text for text in warnings)


# OpenTelemetry


def event(**changed: Any) -> Json:
    """A request as a log store gives it out, its attributes as fields: 0.40, and 1 cent of writes if for an hour."""
    fields: Json = {"event.name": "api_request", "event.timestamp": "2026-10-08T09:00:00Z", "user.id": "install-1"}
    fields |= {"model": "claude-opus-5-5", "input_tokens": 100_000, "output_tokens": 0, "cache_creation_tokens": 1250}
    return fields | {name.replace("__", "."): value for name, value in changed.items()}


def test_events_of_a_collector_are_requests_with_their_cost(card: RateCard) -> None:
    result = imported(card, "claude-code-telemetry", EVENTS)
    # The known example, 0.0231; Opus 5.5 in fast mode: (500 × 4 + 100 × 20) millionths twice.
    assert result.summary.list_cost == Decimal("0.0231") + Decimal("0.008")
    assert (result.summary.reported_cost, result.summary.difference) == (Decimal("0.0311"), 0)
    rows = result.rows[["date", "user_id", "surface", "model", "cache_write_5m_tokens", "modifiers"]]
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        (date(2026, 10, 8), "mira@example.org", "claude_code", "claude-sonnet-5-5", 3000, ""),
        (date(2026, 10, 8), "tomo@example.org", "claude_code", "claude-opus-5-5", 0, "fast_mode"),
    ]
    assert dict(result.summary.dropped) == {"an event that is no request": 1}
    assert any("inside an included allowance" in text for text in result.summary.assumptions)


@pytest.mark.parametrize("in_attributes", [False, True])
@pytest.mark.parametrize("as_list", [False, True])
def test_events_one_by_one_say_the_same(card: RateCard, tmp_path: Path, in_attributes: bool, as_list: bool) -> None:
    events = [event(request_id="r1"), event(request_id="r2")]
    events = [{"attributes": each} for each in events] if in_attributes else events
    path = written(tmp_path / "a.json", *([events] if as_list else events))
    result = imported(card, "claude-code-telemetry", path)
    assert (result.summary.rows_kept, list(result.rows["input_tokens"])) == (2, [200_000])
    assert set(result.rows["user_id"]) == {"install-1"}


def test_an_event_that_was_sent_again_counts_once(card: RateCard, tmp_path: Path) -> None:
    same = event(session__id="s", event__sequence=4)
    events = [event(request_id="r1"), event(request_id="r1"), same, same, event(), event()]
    result = imported(card, "claude-code-telemetry", written(tmp_path / "a.jsonl", *events))
    assert (result.summary.rows_kept, result.summary.merged) == (4, 2)


@pytest.mark.parametrize(
    ("cost", "hour", "told"),
    [
        (0.40625, 0, True),
        (0.41, 1250, True),
        (0.410000000000000031, 1250, True),
        (0.40775, 500, True),
        (0.5, 0, False),
        (0.4, 0, False),
        (None, 0, False),
    ],
)
def test_the_reported_cost_tells_how_long_cache_writes_last(
    card: RateCard, tmp_path: Path, cost: float | None, hour: int, told: bool
) -> None:
    """1,250 tokens cost 0.00625 USD for 5 minutes and 0.01 for an hour; what neither explains tells nothing.

    Another request, of which all 1,250 are for an hour, shows that the costs know both prices.
    """
    events = [event(cost_usd=cost, user__id="asked"), event(cost_usd=0.41, user__id="other")]
    result = imported(card, "claude-code-telemetry", written(tmp_path / "a.jsonl", *events))
    rows = result.rows[result.rows["user_id"] == "asked"]
    assert (rows["cache_write_5m_tokens"].sum(), rows["cache_write_1h_tokens"].sum()) == (1250 - hour, hour)
    open_ones = any("The export does not show how long cache writes last" in text for text in result.summary.warnings)
    assert open_ones is not told
    share = (hour + 1250) / 2500 if told else 1
    assert any(f"{share:.0%} last an hour" in text for text in result.summary.assumptions)


def test_costs_at_one_price_for_all_writes_tell_no_lifetime(card: RateCard, tmp_path: Path) -> None:
    """A program that knows only the 5-minute price would report just this."""
    path = written(tmp_path / "a.jsonl", event(cost_usd=0.40625), event(cost_usd=0.40625))
    summary = imported(card, "claude-code-telemetry", path).summary
    assert any("between 0.8125 and 0.82 USD" in text for text in summary.warnings)


def test_amounts_of_a_program_are_never_asked_about(card: RateCard, tmp_path: Path) -> None:
    """Three decimals in text are decimals, where no person has written them."""
    path = written(tmp_path / "a.jsonl", event(cost_usd="0.410", input_tokens="100000"))
    assert imported(card, "claude-code-telemetry", path).summary.reported_cost == Decimal("0.41")


def test_an_event_without_a_time_of_its_own_has_that_of_its_record(card: RateCard, tmp_path: Path) -> None:
    timeless = event()
    del timeless["event.timestamp"]
    path = written(tmp_path / "a.jsonl", timeless | {"timeUnixNano": "1791503999999999999"})
    assert list(imported(card, "claude-code-telemetry", path).rows["date"]) == [date(2026, 10, 8)]
    assert "the event has no time" in refused(card, "claude-code-telemetry", written(tmp_path / "b.jsonl", timeless))
    far = written(tmp_path / "c.jsonl", timeless | {"timeUnixNano": "9" * 40})
    assert "the event has no time" in refused(card, "claude-code-telemetry", far)


def test_a_member_with_half_a_character_is_refused(card: RateCard, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(event(user__email="mira\ud800")), encoding="utf-8")
    assert "has an incomplete character in it" in refused(card, "claude-code-telemetry", path)
    whole = written(tmp_path / "b.jsonl", event(user__email="mira\U0001f600"))
    assert list(imported(card, "claude-code-telemetry", whole).rows["user_id"]) == ["mira\U0001f600"]


def test_an_old_version_is_said(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", event(app__version="2.1.99"), event(service__version="2.1.214"), event())
    warnings = imported(card, "claude-code-telemetry", path).summary.warnings
    assert any(text.startswith("Claude Code before 2.1.214") and "(1 row)" in text for text in warnings)


def test_telemetry_without_requests_or_with_broken_ones_is_refused(card: RateCard, tmp_path: Path) -> None:
    prompts = written(tmp_path / "a.jsonl", {"event.name": "user_prompt"}, {"resourceMetrics": []})
    assert "has no event claude_code.api_request - let Claude Code send" in refused(
        card, "claude-code-telemetry", prompts
    )
    broken = event(input_tokens=-1, model="")
    del broken["output_tokens"]
    message = refused(card, "claude-code-telemetry", written(tmp_path / "b.jsonl", broken))
    assert "input_tokens must be a whole number from 0" in message
    assert "output_tokens is missing" in message
    assert "the request names no model" in message


def test_a_last_line_of_telemetry_that_is_cut_off_is_left_out(card: RateCard, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    text = EVENTS.read_text(encoding="utf-8")
    path.write_text(text + text[:100], encoding="utf-8")
    result = imported(card, "claude-code-telemetry", path)
    assert result.summary.rows_kept == 2
    assert any("is cut off" in text for text in result.summary.warnings)
