"""The pages of the usage APIs become usage: buckets, tiers, windows, cents, repeated and missing pages."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exports import imported as imported_files
from exports import refused
from planshift.plans.rates import RateCard
from planshift.usage.formats import ImportResult

EXPORTS = Path(__file__).parent / "golden" / "exports"
FILES = {
    "admin-usage": EXPORTS / "admin_usage.json",
    "enterprise-analytics": EXPORTS / "enterprise_analytics.json",
    "claude-code-analytics": EXPORTS / "claude_code_analytics.json",
}
EVERY = pytest.mark.parametrize("name", FILES)

Json = dict[str, Any]


def imported(card: RateCard, name: str, *paths: Path, **options: Any) -> ImportResult:
    return imported_files(card, name, *(paths or [FILES[name]]), **options)


def page(name: str) -> Json:
    loaded: Json = json.loads(FILES[name].read_text(encoding="utf-8"))
    return loaded


def written(path: Path, *pages: object, indent: int | None = None) -> Path:
    path.write_text("\n".join(json.dumps(each, indent=indent) for each in pages), encoding="utf-8")
    return path


def admin(**changed: Any) -> Json:
    """A page with the first result of the sample alone, some of its fields or its bucket's changed."""
    found = page("admin-usage")
    bucket = found["data"][0]
    bucket["results"] = bucket["results"][:1]
    for key, value in changed.items():
        (bucket if key.endswith("_at") else bucket["results"][0])[key] = value
    found["data"] = [bucket]
    return found


def enterprise(**changed: Any) -> Json:
    """A page with the first row of the sample alone, some of its fields changed."""
    found = page("enterprise-analytics")
    found["data"] = [found["data"][0] | changed]
    return found


# Admin API


def test_the_known_example_of_the_admin_api(card: RateCard, tmp_path: Path) -> None:
    result = imported(card, "admin-usage", written(tmp_path / "a.json", admin()))
    assert result.summary.list_cost == Decimal("0.133225")
    row = next(result.rows.itertuples())
    assert (row.date, row.user_id, row.surface, row.model) == (
        date(2026, 10, 1),
        "apikey_01Lab",
        "chat",
        "claude-opus-4-6",
    )
    assert (row.input_tokens, row.output_tokens, row.cache_read_tokens) == (1500, 500, 200)
    assert (row.cache_write_5m_tokens, row.cache_write_1h_tokens, row.web_searches) == (500, 1000, 10)


def test_batch_and_us_only_inference_become_modifiers(card: RateCard) -> None:
    result = imported(card, "admin-usage")
    assert dict(zip(result.rows["user_id"], result.rows["modifiers"], strict=True)) == {
        "apikey_01Lab": "",
        "account_01Lab": "batch us_only_inference",
    }
    # 0.133225, and (1,000 × 5 + 100 × 25) millionths at 0.5 × 1.1
    assert result.summary.list_cost == Decimal("0.133225") + Decimal("0.004125")


def test_nobody_is_in_it_and_it_says_so(card: RateCard, tmp_path: Path) -> None:
    assumptions = imported(card, "admin-usage").summary.assumptions
    assert any(sentence.startswith("The report names no people") for sentence in assumptions)
    assert "The export names no products: all its usage is counted as chat." in assumptions
    path = written(tmp_path / "a.json", admin(api_key_id=None))
    assert list(imported(card, "admin-usage", path).rows["user_id"]) == ["unattributed"]
    asked = imported(card, "admin-usage", path, user="lab", surface="claude_code")
    assert [(row.user_id, row.surface) for row in asked.rows.itertuples()] == [("lab", "claude_code")]


def test_a_service_account_is_a_user(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", admin(service_account_id="svc_1"))
    assert list(imported(card, "admin-usage", path).rows["user_id"]) == ["svc_1"]


@pytest.mark.parametrize("tier", ["priority", "priority_on_demand", "flex", "flex_discount"])
def test_other_tiers_are_priced_as_standard_and_said(card: RateCard, tmp_path: Path, tier: str) -> None:
    result = imported(card, "admin-usage", written(tmp_path / "a.json", admin(service_tier=tier)))
    assert list(result.rows["modifiers"]) == [""]
    said = f"The service tier '{tier}' is priced at the standard rates: no modifier is known for it (1 row)."
    assert said in result.summary.assumptions


def test_batch_goes_before_a_fast_mode_that_cannot_be_with_it(card: RateCard, tmp_path: Path) -> None:
    changed = admin(model="claude-opus-5-5", service_tier="batch", speed="fast")
    result = imported(card, "admin-usage", written(tmp_path / "a.json", changed))
    assert list(result.rows["modifiers"]) == ["batch"]
    assert any("Priced without 'fast_mode'" in sentence for sentence in result.summary.warnings)


def test_buckets_of_minutes_and_hours_count_on_their_utc_day(card: RateCard, tmp_path: Path) -> None:
    minute = admin(starting_at="2026-10-01T23:59:00Z", ending_at="2026-10-02T00:00:00Z")
    hour = admin(starting_at="2026-10-02T00:00:00Z", ending_at="2026-10-02T01:00:00Z")
    result = imported(card, "admin-usage", written(tmp_path / "a.json", minute, hour))
    assert list(result.rows["date"]) == [date(2026, 10, 1), date(2026, 10, 2)]


def test_a_day_in_buckets_of_two_lengths_would_count_twice(card: RateCard, tmp_path: Path) -> None:
    hour = admin(starting_at="2026-10-01T03:00:00Z", ending_at="2026-10-01T04:00:00Z")
    message = refused(card, "admin-usage", written(tmp_path / "a.json", admin(), hour))
    assert "2026-10-01 is given in buckets of 1:00:00 here and of 1 day, 0:00:00 at" in message


def test_a_long_context_window_has_the_modifier_of_its_day(card: RateCard, tmp_path: Path) -> None:
    """Opus 4.6 above 200,000 tokens cost more until 2026-03-12."""
    window = {"context_window": "200k-1M", "uncached_input_tokens": 300_000}
    before = admin(starting_at="2026-03-12T00:00:00Z", ending_at="2026-03-13T00:00:00Z", **window)
    after = admin(starting_at="2026-03-13T00:00:00Z", ending_at="2026-03-14T00:00:00Z", **window)
    result = imported(card, "admin-usage", written(tmp_path / "a.json", before, after))
    assert list(result.rows["modifiers"]) == ["long_prompt_200k", ""]


def test_a_short_window_rules_a_long_prompt_out_and_haikus_step_in_doubt(card: RateCard, tmp_path: Path) -> None:
    day = {"starting_at": "2026-03-12T00:00:00Z", "ending_at": "2026-03-13T00:00:00Z"}
    opus = imported(card, "admin-usage", written(tmp_path / "a.json", admin(uncached_input_tokens=300_000, **day)))
    assert not any("Long prompts" in sentence for sentence in opus.summary.warnings)
    changed = {
        "model": "claude-haiku-5-5",
        "uncached_input_tokens": 300_000,
        "output_tokens": 0,
        "cache_creation": None,
    }
    changed |= {"cache_read_input_tokens": 0, "server_tool_use": None}
    day = {"starting_at": "2026-10-12T00:00:00Z", "ending_at": "2026-10-13T00:00:00Z"}
    haiku = imported(card, "admin-usage", written(tmp_path / "a.json", admin(**changed, **day)))
    assert list(haiku.rows["modifiers"]) == [""]
    assert any("between 0.03 and 0.15 USD" in sentence for sentence in haiku.summary.warnings)


# Enterprise Analytics


def test_the_known_example_of_enterprise_analytics(card: RateCard) -> None:
    result = imported(card, "enterprise-analytics")
    assert [
        tuple(row) for row in result.rows[["user_id", "surface", "model", "modifiers"]].itertuples(index=False)
    ] == [
        ("mira@example.org", "claude_code", "claude-opus-5-5", ""),
        ("user_01Tomo", "cowork", "claude-opus-5-5", "fast_mode"),
    ]
    # 1.48, and (1,000 × 4 + 100 × 20) millionths doubled, and one search
    assert result.summary.list_cost == Decimal("1.48") + Decimal("0.012") + Decimal("0.01")
    assert result.summary.reported_cost is None


def test_an_allowance_that_the_report_hides_is_always_warned_of(card: RateCard) -> None:
    warnings = imported(card, "enterprise-analytics").summary.warnings
    assert any(sentence.startswith("If this organization has a seat-based plan") for sentence in warnings)


def test_numbers_that_can_still_change_are_said_to(card: RateCard) -> None:
    assumptions = imported(card, "enterprise-analytics").summary.assumptions
    assert any("refreshed at 2026-11-01T04:00:00Z" in sentence for sentence in assumptions)


def test_another_group_of_a_member_does_not_count_again(card: RateCard, tmp_path: Path) -> None:
    both = enterprise(rbac_group_id="group_a")
    both["data"].append(both["data"][0] | {"rbac_group_id": "group_b"})
    result = imported(card, "enterprise-analytics", written(tmp_path / "a.json", both))
    assert (result.summary.merged, result.summary.list_cost) == (1, Decimal("1.48"))
    assert any(
        "another group of the same member is counted once (1 row merged)" in text for text in result.summary.warnings
    )


def test_a_bucket_of_several_days_is_spread(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", enterprise(ending_at="2026-10-04T00:00:00Z"))
    result = imported(card, "enterprise-analytics", path)
    assert list(result.rows["input_tokens"]) == [33334, 33333, 33333]
    assert any(sentence.startswith("Totals of several days (1 row)") for sentence in result.summary.assumptions)


@pytest.mark.parametrize(
    ("product", "surface"),
    [
        ("chat", "chat"),
        ("claude_code", "claude_code"),
        ("cowork", "cowork"),
        ("claude_in_chrome", "cowork"),
        ("office_agent", "chat"),
        ("claude-in-slack", "chat"),
        (None, "chat"),
    ],
)
def test_products_become_surfaces(card: RateCard, tmp_path: Path, product: str | None, surface: str) -> None:
    path = written(tmp_path / "a.json", enterprise(product=product))
    assert list(imported(card, "enterprise-analytics", path).rows["surface"]) == [surface]


# Claude Code Analytics


def test_costs_of_claude_code_analytics_are_cents(card: RateCard) -> None:
    result = imported(card, "claude-code-analytics")
    # 44 cents and 0.2 cents; list: 45,230 × 4 + 12,450 × 20 + 8,790 × 0.20 + 2,340 × 5, and 1,000 × 1 + 200 × 5
    assert result.summary.reported_cost == Decimal("0.442")
    assert result.summary.list_cost == Decimal("0.443378") + Decimal("0.002")
    assert result.summary.difference == Decimal("0.003378")


def test_writes_of_claude_code_analytics_are_counted_as_short_and_it_says_so(card: RateCard) -> None:
    result = imported(card, "claude-code-analytics")
    assert (result.rows["cache_write_5m_tokens"].sum(), result.rows["cache_write_1h_tokens"].sum()) == (2340, 0)
    # For an hour, 2,340 tokens cost 3 millionths of a dollar more each.
    assert any("the list cost is between 0.445378 and 0.452398 USD" in text for text in result.summary.warnings)


def test_a_day_without_a_model_is_dropped_and_counted(card: RateCard) -> None:
    result = imported(card, "claude-code-analytics")
    assert (result.summary.rows_read, result.summary.dropped) == (3, (("a person's day without any model", 1),))
    assert set(result.rows["user_id"]) == {"mira@example.org"}


def test_another_currency_is_refused(card: RateCard, tmp_path: Path) -> None:
    changed = page("claude-code-analytics")
    changed["data"][0]["model_breakdown"][0]["estimated_cost"]["currency"] = "EUR"
    assert "estimated_cost is in EUR" in refused(card, "claude-code-analytics", written(tmp_path / "a.json", changed))


# Pages


@EVERY
def test_a_page_a_list_of_pages_and_lines_of_pages_say_the_same(card: RateCard, tmp_path: Path, name: str) -> None:
    whole = page(name)
    parts = [whole | {"data": [element]} for element in whole["data"]]
    once = imported(card, name)
    in_list = imported(card, name, written(tmp_path / "list.json", parts))
    in_lines = imported(card, name, written(tmp_path / "lines.jsonl", *parts))
    assert in_list.rows.equals(once.rows)
    assert in_lines.rows.equals(once.rows)
    assert in_list.summary.rows_read == in_lines.summary.rows_read == once.summary.rows_read


@EVERY
def test_the_same_page_again_is_merged_and_said(card: RateCard, tmp_path: Path, name: str) -> None:
    once, twice = imported(card, name), imported(card, name, FILES[name], written(tmp_path / "again.json", page(name)))
    assert twice.rows.equals(once.rows)
    assert twice.summary.list_cost == once.summary.list_cost
    assert twice.summary.merged == once.summary.rows_read
    assert any(f"({once.summary.rows_read} rows merged)" in sentence for sentence in twice.summary.warnings)


@EVERY
def test_a_last_page_that_says_more_follow_is_a_warning(card: RateCard, tmp_path: Path, name: str) -> None:
    first, last = page(name) | {"has_more": True}, page(name) | {"data": []}
    missing = imported(card, name, written(tmp_path / "first.json", first)).summary.warnings
    assert any(sentence.startswith("Pages are missing") for sentence in missing)
    complete = imported(card, name, tmp_path / "first.json", written(tmp_path / "last.json", last)).summary.warnings
    assert not any(sentence.startswith("Pages are missing") for sentence in complete)


def days(*numbers: int, more: bool) -> Json:
    """A page of the Admin API with buckets of those days of October, one a day."""
    buckets = [
        admin(starting_at=f"2026-10-{day:02d}T00:00:00Z", ending_at=f"2026-10-{day + 1:02d}T00:00:00Z")["data"][0]
        for day in numbers
    ]
    return {"data": buckets, "has_more": more, "next_page": "page_x" if more else None}


@pytest.mark.parametrize("turned", [False, True])
def test_pages_join_in_any_order_and_a_gap_is_found(card: RateCard, tmp_path: Path, turned: bool) -> None:
    pages = [days(1, 2, more=True), days(3, 4, more=True), days(5, 6, more=True), days(7, more=False)]
    paths = [written(tmp_path / f"p{number}.json", each) for number, each in enumerate(pages)]
    paths = paths[::-1] if turned else paths
    assert not any("Pages are missing" in text for text in imported(card, "admin-usage", *paths).summary.warnings)
    gap = [path for path in paths if path.name != "p2.json"]
    [missing] = [
        text for text in imported(card, "admin-usage", *gap).summary.warnings if text.startswith("Pages are missing")
    ]
    assert "p1.json:1, which ends at 2026-10-05 00:00 UTC" in missing
    assert "p3.json" not in missing


def test_pages_of_two_downloads_need_not_join(card: RateCard, tmp_path: Path) -> None:
    pages = [days(1, more=True), days(2, more=False), days(20, more=True), days(21, more=False)]
    paths = [written(tmp_path / f"p{number}.json", each) for number, each in enumerate(pages)]
    assert not any("Pages are missing" in text for text in imported(card, "admin-usage", *paths).summary.warnings)


def test_pages_that_share_a_bucket_join_and_need_their_end(card: RateCard, tmp_path: Path) -> None:
    first, second = enterprise() | {"has_more": True}, enterprise(product="chat") | {"has_more": True}
    last = enterprise(product="cowork")
    paths = [written(tmp_path / f"p{number}.json", each) for number, each in enumerate((first, second, last))]
    whole = imported(card, "enterprise-analytics", *paths[::-1]).summary.warnings
    assert not any("Pages are missing" in text for text in whole)
    endless = imported(card, "enterprise-analytics", *paths[:2]).summary.warnings
    assert any("Pages are missing" in text for text in endless)


# What a report does not tell


def test_what_was_not_grouped_is_said_with_its_range(card: RateCard, tmp_path: Path) -> None:
    """Opus 5.5: 1,000,000 tokens at 4 USD; half of it in batches, 1.1 times in the US, twice in fast mode."""
    nothing = {"cache_creation": None, "cache_read_input_tokens": 0, "output_tokens": 0, "server_tool_use": None}
    changed = admin(
        model="claude-opus-5-5", uncached_input_tokens=1_000_000, service_tier=None, inference_geo=None, **nothing
    )
    result = imported(card, "admin-usage", written(tmp_path / "a.json", changed))
    assert result.summary.list_cost == 4
    said = {text.split()[4]: text for text in result.summary.warnings}
    assert "what was batch work (1 row): the list cost is between 2.00 and 4.00 USD" in said["service_tier"]
    assert "what was US-only inference (1 row): the list cost is between 4.00 and 4.40 USD" in said["inference_geo"]
    assert "what ran in fast mode (1 row): the list cost is between 4.00 and 8.00 USD" in said["speed"]
    assert "group_by[]=service_tier" in said["service_tier"]


def test_an_enterprise_report_without_speed_does_not_tell_fast_mode(card: RateCard, tmp_path: Path) -> None:
    """Its null places and tiers say nothing: no organization has them all."""
    path = written(tmp_path / "a.json", enterprise(speed=None, inference_geo=None))
    [said] = [text for text in imported(card, "enterprise-analytics", path).summary.warnings if "does not show" in text]
    assert "what ran in fast mode (1 row): the list cost is between 1.48 and 2.96 USD" in said


def test_what_no_model_of_the_report_has_is_no_question(card: RateCard, tmp_path: Path) -> None:
    """Haiku 4.5 has no fast mode."""
    result = imported(card, "admin-usage", written(tmp_path / "a.json", admin(model="claude-haiku-4-5")))
    assert not any("fast mode" in text for text in result.summary.warnings)


@pytest.mark.parametrize("name", ["admin-usage", "enterprise-analytics"])
@pytest.mark.parametrize("field", ["cache_creation_input_tokens", "cache_creation"])
def test_flat_cache_writes_are_writes_of_untold_lifetime(card: RateCard, tmp_path: Path, name: str, field: str) -> None:
    """Opus 5.5 writes at 5 USD for 5 minutes and at 8 USD for an hour: 0.20 USD that are counted, or 0.32."""
    changed = (admin if name == "admin-usage" else enterprise)(model="claude-opus-5-5")
    row = changed["data"][0]["results"][0] if name == "admin-usage" else changed["data"][0]
    del row["cache_creation"]
    row |= {"uncached_input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0, "server_tool_use": None}
    row[field] = 40_000
    result = imported(card, name, written(tmp_path / "a.json", changed))
    assert (result.rows["cache_write_5m_tokens"].sum(), result.rows["cache_write_1h_tokens"].sum()) == (40_000, 0)
    assert any(
        text.startswith(
            "The export does not show how long cache writes last (1 row): the list cost is between 0.20 and 0.32 USD"
        )
        for text in result.summary.warnings
    )


def test_cache_writes_under_a_name_that_is_not_known_are_not_nothing(card: RateCard, tmp_path: Path) -> None:
    changed = admin(cache_writes=500)
    del changed["data"][0]["results"][0]["cache_creation"]
    assert "cache_creation is missing" in refused(card, "admin-usage", written(tmp_path / "a.json", changed))


@EVERY
def test_a_byte_order_mark_is_no_obstacle(card: RateCard, tmp_path: Path, name: str) -> None:
    path = tmp_path / "mark.json"
    path.write_bytes(b"\xef\xbb\xbf" + FILES[name].read_bytes())
    assert imported(card, name, path).rows.equals(imported(card, name).rows)


@EVERY
def test_truncated_json_says_where_it_ends(card: RateCard, tmp_path: Path, name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    path = tmp_path / "cut.json"
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    message = refused(card, name, path)
    assert message.startswith(f"{path}:")
    assert "is not complete JSON" in message


@EVERY
def test_a_broken_line_of_pages_does_not_hide_the_next_mistake(card: RateCard, tmp_path: Path, name: str) -> None:
    path = tmp_path / "lines.jsonl"
    good = json.dumps(page(name))
    path.write_text(f'{good}\n{good[:80]}\n{{"data": 3}}\n{good}\n', encoding="utf-8")
    message = refused(card, name, path)
    assert f"{path}:2: is not complete JSON" in message
    assert f"{path}:3: is not a page" in message


@EVERY
@pytest.mark.parametrize("text", ["", "\ufeff  \n"])
def test_an_empty_file_is_refused(card: RateCard, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "empty.json"
    path.write_text(text, encoding="utf-8")
    assert "is empty" in refused(card, name, path)


def test_the_same_bucket_with_other_numbers_on_another_page_is_a_conflict(card: RateCard, tmp_path: Path) -> None:
    message = refused(card, "admin-usage", written(tmp_path / "a.json", admin(), admin(output_tokens=501)))
    assert "the same row stands with other numbers at" in message
    message = refused(card, "enterprise-analytics", written(tmp_path / "a.json", enterprise(), enterprise(requests=41)))
    assert "the same row stands with other numbers at" in message


def test_mistakes_stand_at_the_line_of_their_record(card: RateCard, tmp_path: Path) -> None:
    changed = page("admin-usage")
    bucket = changed["data"][0]
    bucket["results"].append(copy.deepcopy(bucket["results"][0]) | {"output_tokens": -1})
    bucket["results"].append(copy.deepcopy(bucket["results"][0]) | {"uncached_input_tokens": 0.5, "model": None})
    bucket["results"].append(7)
    path = written(tmp_path / "a.json", changed, indent=1)
    lines = path.read_text(encoding="utf-8").splitlines()
    message = refused(card, "admin-usage", path).splitlines()
    starts = [number for number, line in enumerate(lines, start=1) if line == "    {"]
    assert message[0].startswith(f"{path}:{starts[2]}: output_tokens must be a whole number from 0 (it is '-1')")
    assert message[1].startswith(f"{path}:{starts[3]}: the row names no model")
    assert message[2].startswith(
        f"{path}:{starts[3]}: uncached_input_tokens must be a whole number from 0 (it is '0.5')"
    )
    assert message[3].startswith(f"{path}:{lines.index('    7') + 1}: is not an object")


def test_a_count_that_is_missing_is_not_nothing(card: RateCard, tmp_path: Path) -> None:
    changed = enterprise()
    del changed["data"][0]["output_tokens"]
    message = refused(card, "enterprise-analytics", written(tmp_path / "a.json", changed))
    assert "output_tokens is missing" in message


def test_a_bucket_must_end_after_it_starts(card: RateCard, tmp_path: Path) -> None:
    changed = enterprise(ending_at="2026-10-01T00:00:00Z")
    assert "before it starts" in refused(card, "enterprise-analytics", written(tmp_path / "a.json", changed))


def test_days_outside_those_asked_for_are_dropped_and_counted(card: RateCard) -> None:
    summary = imported(card, "enterprise-analytics", end=date(2026, 10, 1)).summary
    assert summary.dropped == (("outside the days asked for", 1),)


def test_unknown_models_are_named_and_may_be_skipped(card: RateCard, tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", enterprise(model="claude-opus-9"))
    assert f"{path}:1: the model 'claude-opus-9' is not in the rate card" in refused(card, "enterprise-analytics", path)
    result = imported(card, "enterprise-analytics", path, skip_unknown_models=True)
    assert (result.summary.rows_kept, len(result.rows)) == (0, 0)
    assert result.summary.unknown_models["claude-opus-9"].count == 1


def test_deep_nesting_is_refused_and_not_a_crash(card: RateCard, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000, encoding="utf-8")
    assert "is not complete JSON" in refused(card, "admin-usage", path)
