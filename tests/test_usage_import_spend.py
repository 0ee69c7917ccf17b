"""A spend report of claude.ai becomes usage: in every shape it has had, with what had to be assumed said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import importer, refuser
from planshift.plans.rates import RateCard
from planshift.usage.formats import ImportResult
from planshift.usage.formats.priced import spread
from planshift.usage.formats.reading import Counts
from planshift.usage.pricing import row_costs
from planshift.usage.rows import read_blocks

EXPORTS = Path(__file__).parent / "golden" / "exports"
ORGANIZATION = "spend-report-5e1f0a00-0000-4000-8000-0000000000aa"
NEW = EXPORTS / f"{ORGANIZATION}-2026-10-01-to-2026-10-30.csv"
OLD = EXPORTS / f"{ORGANIZATION}-2026-08-01-to-2026-08-30.csv"
DAILY = EXPORTS / "daily_spend.csv"

HEADER = "user_email,product,model,total_prompt_tokens,total_completion_tokens,total_gross_spend_usd"
SPLIT = (
    "total_uncached_input_tokens,total_cache_read_tokens,total_cache_write_5m_tokens,total_cache_write_1h_tokens,"
    "total_web_search_count"
)
ONE_DAY = "spend-report-x-2026-10-10-to-2026-10-10.csv"

Report = Callable[..., Path]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Writes a report of lines below a header, under the name of one day."""

    def write(*lines: str, header: str = HEADER, name: str = ONE_DAY) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


spend = importer("spend-report")
refused = refuser("spend-report")


def total(result: ImportResult, column: str, **where: str) -> int:
    rows = result.rows
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return int(rows[column].sum())


def test_the_seventeen_columns_price_to_what_the_report_says(card: RateCard) -> None:
    result = spend(card, NEW)
    claude_code = result.rows[result.rows["surface"] == "claude_code"]
    assert claude_code["input_tokens"].sum() == 100_000
    assert claude_code["cache_read_tokens"].sum() == 900_000
    assert claude_code["cache_write_5m_tokens"].sum() == 100_000
    assert claude_code["output_tokens"].sum() == 20_000
    # 1.48 Claude Code, 0.14 + 0.03 for three searches, 0.005 + 0.002 + 0.0005, 0.001 for 1,000 tokens
    assert result.summary.list_cost == Decimal("1.6585")
    assert result.summary.reported_cost == Decimal("1.66")
    assert result.summary.difference == Decimal("-0.0015")


def test_the_known_example_costs_one_dollar_forty_eight(card: RateCard, report: Report) -> None:
    row = "mira@example.org,Claude Code,claude-opus-5-5,1100000,20000,1.48,100000,900000,100000,0,0"
    summary = spend(card, report(row, header=f"{HEADER},{SPLIT}")).summary
    assert summary.list_cost == summary.reported_cost == Decimal("1.48")
    assert summary.difference == 0


def test_prompt_tokens_include_the_cache_and_are_not_counted_beside_it(card: RateCard) -> None:
    result = spend(card, NEW)
    assert total(result, "input_tokens", user_id="mira@example.org", surface="claude_code") == 100_000


def test_a_prompt_total_that_is_not_the_sum_of_its_parts_is_said(card: RateCard) -> None:
    assert (
        "In 1 row the prompt total is not the sum of its parts; the parts are used."
        in spend(card, NEW).summary.warnings
    )


def test_canonical_columns_sorted_by_key(card: RateCard) -> None:
    rows = spend(card, NEW).rows
    keys = ["date", "user_id", "surface", "model", "modifiers"]
    assert list(rows.columns) == [
        "date",
        "user_id",
        "surface",
        "model",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "web_searches",
        "modifiers",
    ]
    in_order = rows[keys].values.tolist()
    assert in_order == sorted(in_order)
    assert not rows.duplicated(keys).any()


def test_products_become_surfaces_and_those_without_one_are_named(card: RateCard) -> None:
    result = spend(card, NEW)
    surfaces = {(row.user_id, row.surface) for row in result.rows.itertuples()}
    assert surfaces == {
        ("mira@example.org", "claude_code"),
        ("mira@example.org", "chat"),
        ("tomo@example.org", "cowork"),
        ("tomo@example.org", "chat"),
    }
    assert "The product 'Research' is counted as chat: no surface covers it (1 row)." in result.summary.assumptions
    assert "The unknown product 'Claude Tag' is counted as chat (1 row)." in result.summary.warnings


def test_another_surface_can_be_asked_for_what_no_surface_covers(card: RateCard) -> None:
    result = spend(card, NEW, surface="cowork")
    assert total(result, "input_tokens", user_id="mira@example.org", surface="cowork") == 30_000
    assert total(result, "input_tokens", user_id="mira@example.org", surface="chat") == 0


def test_both_spellings_of_a_model_are_one(card: RateCard) -> None:
    assert set(spend(card, NEW).rows["model"]) == {"claude-opus-5-5", "claude-haiku-4-5"}


def test_a_row_that_used_nothing_is_dropped_and_counted(card: RateCard) -> None:
    assert spend(card, NEW).summary.dropped == (("no tokens and no searches", 1),)


def test_work_in_channels_is_said_to_be_the_organizations(card: RateCard) -> None:
    warnings = " ".join(spend(card, NEW).summary.warnings)
    assert "Work in Slack or Teams channels (1 row) is billed to the organization" in warnings


def test_who_is_missing_and_what_an_allowance_hides_is_always_said(card: RateCard) -> None:
    summary = spend(card, DAILY).summary
    assert any(sentence.startswith("The export lists only members with usage") for sentence in summary.assumptions)
    assert any(sentence.startswith("If this organization has a seat-based plan") for sentence in summary.warnings)


def test_totals_are_spread_over_the_days_of_the_file_name_to_the_last_token(card: RateCard) -> None:
    result = spend(card, NEW)
    rows = result.rows[result.rows["surface"] == "cowork"]
    assert list(rows["date"]) == [date(2026, 10, day) for day in range(1, 31)]
    # 5,000 = 30 × 166 + 20, 100 = 30 × 3 + 10, 1,000 = 30 × 33 + 10
    assert list(rows["input_tokens"]) == [167] * 20 + [166] * 10
    assert list(rows["output_tokens"]) == [4] * 10 + [3] * 20
    assert list(rows["cache_write_1h_tokens"]) == [34] * 10 + [33] * 20
    assert any(sentence.startswith("Totals of several days (4 rows)") for sentence in result.summary.assumptions)


@given(
    counts=st.lists(st.integers(0, 10**13), min_size=6, max_size=6).map(lambda numbers: Counts(*numbers)),
    days=st.integers(1, 90),
)
def test_spreading_is_exact_and_as_even_as_whole_numbers_can_be(counts: Counts, days: int) -> None:
    dates = [date(2026, 8, 1) + timedelta(days=number) for number in range(days)]
    by_day = dict(spread(counts, dates))
    for number, count in enumerate(counts):
        shares = [by_day.get(day, Counts())[number] for day in dates]
        assert sum(shares) == count
        assert max(shares) - min(shares) <= 1
        assert shares == sorted(shares, reverse=True)


def test_what_is_imported_is_a_usage_file_that_costs_the_same(card: RateCard, tmp_path: Path) -> None:
    result = spend(card, NEW)
    path = tmp_path / "usage.csv"
    result.rows.to_csv(path, index=False)
    nano = sum(int(row_costs(block.columns, card).sum()) for block in read_blocks(path))
    assert Decimal(nano).scaleb(-9) == result.summary.list_cost


def test_a_total_is_not_spread_over_days_before_its_model_came_out(card: RateCard, report: Report) -> None:
    row = "mira@example.org,Chat,claude-haiku-5-5,1000,0,0.0001,1000,0,0,0,0"
    path = report(row, header=f"{HEADER},{SPLIT}", name="spend-report-x-2026-10-01-to-2026-10-10.csv")
    result = spend(card, path)
    assert list(result.rows["date"]) == [date(2026, 10, day) for day in range(7, 11)]
    assert any("before their model came out" in sentence for sentence in result.summary.assumptions)


def test_a_range_that_is_over_before_its_model_came_out_is_refused(card: RateCard, report: Report) -> None:
    row = "mira@example.org,Chat,claude-haiku-5-5,1000,0,0.0001"
    message = refused(card, report(row, name="spend-report-x-2026-09-01-to-2026-09-30.csv"))
    assert ":2: 'claude-haiku-5-5' has no price before 2026-10-07 - check the days (here 2026-09-30)" in message


def test_totals_without_a_range_need_one(card: RateCard, report: Report) -> None:
    path = report("mira@example.org,Chat,claude-opus-5-5,1000,0,0.004", name="october.csv")
    assert "its range is not known" in refused(card, path)
    assert "--start and --end" in refused(card, path, start=date(2026, 10, 1))
    rows = spend(card, path, start=date(2026, 10, 1), end=date(2026, 10, 2)).rows
    assert list(rows["input_tokens"]) == [500, 500]


def test_a_total_cannot_be_cut(card: RateCard) -> None:
    assert "cannot be cut to the days asked for" in refused(card, NEW, start=date(2026, 10, 2))


def test_days_outside_those_asked_for_are_dropped_and_counted(card: RateCard) -> None:
    summary = spend(card, DAILY, start=date(2026, 3, 3), end=date(2026, 3, 31)).summary
    assert (summary.rows_written, summary.dropped) == (1, (("outside the days asked for", 1),))
    assert summary.days is not None
    assert (summary.days.first, summary.days.count) == (date(2026, 3, 3), 1)


def test_without_a_split_the_cache_share_is_what_the_gross_spend_says(card: RateCard) -> None:
    result = spend(card, OLD)
    # Opus 5: 1 M × 5 + 20 k × 25 = 5.50; 1.40 is reached when 4.10 / (5 - 0.50) per M was read from the cache.
    assert total(result, "cache_read_tokens", user_id="mira@example.org") == 911_111
    assert total(result, "input_tokens", user_id="mira@example.org") == 88_889
    # Sonnet 5: 300 k × 2 + 10 k × 10 = 0.70 exactly: nothing came from the cache.
    assert total(result, "cache_read_tokens", user_id="tomo@example.org") == 0
    said = [sentence for sentence in result.summary.assumptions if "came from the cache" in sentence]
    assert len(said) == 1
    assert OLD.name in said[0]
    assert "In 2 rows" in said[0]
    assert "0.0% to 91.1%" in said[0]


def test_where_no_share_gives_the_gross_spend_the_prompt_is_uncached_and_counted(card: RateCard) -> None:
    result = spend(card, OLD)
    assert total(result, "input_tokens", user_id="ines@example.org") == 100_000
    warned = [sentence for sentence in result.summary.warnings if "counted as uncached" in sentence]
    assert len(warned) == 1
    assert "in 1 row none gives the gross spend" in warned[0]
    # 1.40 + 0.70 + 0.21, where the report says 0.95 for the last
    assert result.summary.list_cost.quantize(Decimal("0.0001")) == Decimal("2.31")
    assert result.summary.reported_cost == Decimal("3.05")


@pytest.mark.parametrize(
    ("gross", "reads"),
    [("4.00", 0), ("4.01", None), ("0.20", 1_000_000), ("0.199", None), ("2.10", 500_000), ("3.9999", 26), ("", None)],
)
def test_a_share_fits_within_the_rounding_of_what_is_reported(
    card: RateCard, report: Report, gross: str, reads: int | None
) -> None:
    """Opus 5.5: a million tokens are 4.00 uncached and 0.20 from the cache."""
    result = spend(card, report(f"mira@example.org,Chat,claude-opus-5-5,1000000,0,{gross}"))
    assert total(result, "cache_read_tokens") == (reads or 0)
    assert any("counted as uncached" in sentence for sentence in result.summary.warnings) == (reads is None)


def test_a_cost_rounded_up_beyond_all_uncached_still_fits(card: RateCard, report: Report) -> None:
    """999,000 tokens are 3.996, which a report in cents gives as 4.00."""
    result = spend(card, report("mira@example.org,Chat,claude-opus-5-5,999000,0,4.00"))
    assert total(result, "input_tokens") == 999_000
    assert not any("counted as uncached" in sentence for sentence in result.summary.warnings)


def test_the_share_is_solved_at_the_mean_price_of_the_days(card: RateCard, report: Report) -> None:
    """Sonnet 5.5 read from the cache at 0.20 until 2026-10-06 and at 0.10 from then on: 0.15 over these two days."""
    path = report(
        "mira@example.org,Chat,claude-sonnet-5-5,1000000,0,0.15", name="spend-report-x-2026-10-06-to-2026-10-07.csv"
    )
    result = spend(card, path)
    assert total(result, "cache_read_tokens") == 1_000_000
    assert result.summary.difference == 0


def test_a_gap_between_net_and_gross_is_a_discount_not_usage(card: RateCard) -> None:
    assert any(
        "Net spend is 3.00 USD and gross spend 3.05 USD" in text for text in spend(card, OLD).summary.assumptions
    )


def test_the_daily_variant_keeps_its_days_and_counts_a_repeated_line_once(card: RateCard) -> None:
    result = spend(card, DAILY)
    assert list(result.rows["date"]) == [date(2026, 3, 2), date(2026, 3, 3)]
    assert result.summary.merged == 1
    assert result.summary.list_cost == result.summary.reported_cost == Decimal("1.10")


def test_headers_may_be_in_any_order_spelled_leniently_and_follow_a_byte_order_mark(
    card: RateCard, tmp_path: Path
) -> None:
    path = tmp_path / ONE_DAY
    lines = ["Model family;Total completion tokens;User's email;PRODUCT;total prompt tokens;Total gross spend (USD)"]
    lines.append("claude_opus_5_5;100;Mira@Example.org;claude code;1000;0.006")
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    row = next(spend(card, path).rows.itertuples())
    assert (row.user_id, row.surface, row.model) == ("mira@example.org", "claude_code", "claude-opus-5-5")
    assert (row.input_tokens, row.output_tokens) == (1000, 100)


def test_utf_16_with_its_mark_is_read(card: RateCard, tmp_path: Path) -> None:
    path = tmp_path / ONE_DAY
    path.write_bytes(f"{HEADER}\nmira@example.org,Chat,claude-opus-5-5,1000,0,0.004\n".encode("utf-16"))
    assert spend(card, path).summary.rows_kept == 1


def test_the_same_file_again_counts_once(card: RateCard, tmp_path: Path) -> None:
    again = tmp_path / f"{NEW.stem} (1).csv"
    again.write_bytes(NEW.read_bytes())
    once, twice = spend(card, NEW), spend(card, NEW, again)
    assert twice.rows.equals(once.rows)
    assert (twice.summary.rows_read, twice.summary.merged) == (10, 5)
    assert any("(5 rows merged)" in sentence for sentence in twice.summary.warnings)


def test_a_newer_export_of_the_same_range_is_a_conflict(card: RateCard, tmp_path: Path) -> None:
    newer = tmp_path / NEW.name
    newer.write_text(
        NEW.read_text(encoding="utf-8").replace(",20000,1.48,1.48,", ",20001,1.49,1.49,"), encoding="utf-8"
    )
    assert f"{newer}:2: the same row stands with other numbers at {NEW}:2" in refused(card, NEW, newer)


def test_overlapping_ranges_of_one_organization_are_refused(card: RateCard, report: Report) -> None:
    row = "mira@example.org,Chat,claude-opus-5-5,1000,0,0.004"
    one = report(row, name="spend-report-x-2026-10-01-to-2026-10-20.csv")
    two = report(row, name="spend-report-x-2026-10-20-to-2026-10-30.csv")
    elsewhere = report(row, name="spend-report-y-2026-10-20-to-2026-10-30.csv")
    assert "overlaps that of" in refused(card, one, two)
    assert spend(card, one, elsewhere).summary.rows_kept == 2


def test_rows_of_one_key_are_added_up_without_changing_the_cost(card: RateCard, report: Report) -> None:
    rows = [
        f"mira@example.org,{product},claude-opus-5-5,{tokens},0,," for product, tokens in [("Word", 3), ("Chat", 4)]
    ]
    result = spend(card, report(*(row[:-1] for row in rows)))
    assert list(result.rows["input_tokens"]) == [7]
    assert result.summary.list_cost == Decimal("0.000028")
    assert (result.summary.rows_kept, result.summary.rows_written) == (2, 1)


def test_haiku_beyond_its_step_is_a_range_because_sums_do_not_show_prompts(card: RateCard, report: Report) -> None:
    summary = spend(card, report("mira@example.org,Chat,claude-haiku-5-5,1000000,0,0.10")).summary
    assert any("the list cost is between 0.10 and 0.50 USD" in sentence for sentence in summary.warnings)
    summary = spend(card, report("mira@example.org,Chat,claude-haiku-5-5,100000,0,0.01")).summary
    assert not any("the list cost is between" in sentence for sentence in summary.warnings)


def test_unknown_models_are_all_named_with_their_rows_and_the_nearest(card: RateCard, report: Report) -> None:
    path = report(
        "mira@example.org,Chat,claude-opus-5-6,1000,0,0.004",
        "mira@example.org,Chat,claude-opus-5-5,1000,0,0.004",
        "tomo@example.org,Chat,claude-opus-5-6,1000,0,0.004",
        "tomo@example.org,Chat,something,1000,0,0.004",
    )
    message = refused(card, path)
    assert (
        f"{path}:2: the model 'claude-opus-5-6' is not in the rate card (2 rows; also lines 4) - did you mean"
        in message
    )
    assert "claude-opus-5-5" in message
    assert f"{path}:5: the model 'something' is not in the rate card - " in message
    summary = spend(card, path, skip_unknown_models=True).summary
    assert summary.dropped == (("a model that the rate card lacks", 3),)
    assert {name: unknown.count for name, unknown in summary.unknown_models.items()} == {
        "claude-opus-5-6": 2,
        "something": 1,
    }
    assert "claude-opus-5-5" in summary.unknown_models["claude-opus-5-6"].nearest
    assert summary.reported_cost == Decimal("0.004")


def test_every_mistake_is_shown_at_once_with_its_line_and_one_made_often_once(card: RateCard, report: Report) -> None:
    path = report(
        "mira@example.org,Chat,claude-opus-5-5,-1,0,0.004",
        "mira@example.org,Chat,claude-opus-5-5,1.5,0,0.004",
        "mira@example.org,Chat,claude-opus-5-5,1000,,0.004",
        'mira@example.org,Chat,claude-opus-5-5,1000,0,"0,004"',
        "mira@example.org,Chat,claude-opus-5-5,1000,0",
        "mira@example.org,Chat,,1000,0,0.004",
        *[f"m{number}@example.org,Chat,claude-opus-5-5,x,0,0.004" for number in range(20)],
    )
    lines = refused(card, path).splitlines()
    assert lines[0] == (
        f"{path}:2: total_prompt_tokens must be a whole number from 0 (it is '-1') - correct it, or export again"
        " (and 21 more of this kind, on lines 3, 8, 9, 10, 11, …)"
    )
    assert "total_completion_tokens is missing" in lines[1]
    assert "must be an amount such as 12.34 (it is '0,004')" in lines[2]
    assert ":6: the row has 5 cells where the header names 6" in lines[3]
    assert ":7: the row names no model" in lines[4]
    assert len(lines) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (HEADER.encode(), "has a header and no rows"),
        (b"user_email,product,total_prompt_tokens\na,b,1\n", "the header lacks the column 'model'"),
        (
            HEADER.replace("user_email", "who").encode() + b"\na,Chat,claude-opus-5-5,1,1,1\n",
            "the header names no people",
        ),
        (HEADER.encode() + b",model\na,Chat,claude-opus-5-5,1,1,1,m\n", "the header names 'model' twice"),
        (HEADER.encode() + b'\n"a,Chat,claude-opus-5-5,1,1,1\n', "is not CSV"),
        (HEADER.encode() + b"\na\xff,Chat,claude-opus-5-5,1,1,1\n", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(card: RateCard, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / ONE_DAY
    path.write_bytes(content)
    message = refused(card, path)
    assert message.startswith(str(path))
    assert words in message


def test_mistakes_of_several_files_come_together(card: RateCard, tmp_path: Path, report: Report) -> None:
    empty = tmp_path / "spend-report-y-2026-10-01-to-2026-10-01.csv"
    empty.touch()
    wrong = report("mira@example.org,Chat,claude-opus-5-5,x,0,0.004")
    message = refused(card, empty, wrong, tmp_path / "none.csv")
    assert "none.csv: there is no such file" in message
    message = refused(card, empty, wrong)
    assert "is empty" in message
    assert ":2: total_prompt_tokens must be" in message


def test_rows_that_name_nobody_are_somebodys_or_nobodys_and_it_is_said(card: RateCard, report: Report) -> None:
    path = report(",Chat,claude-opus-5-5,1000,0,0.004")
    result = spend(card, path)
    assert set(result.rows["user_id"]) == {"unattributed"}
    assert "Usage that names nobody is counted for the member 'unattributed' (1 row)." in result.summary.assumptions
    assert set(spend(card, path, user="lab").rows["user_id"]) == {"lab"}


def test_a_cost_without_tokens_is_kept_in_the_comparison_and_said(card: RateCard, report: Report) -> None:
    path = report(
        "mira@example.org,Chat,claude-opus-5-5,1000,0,0.004", "mira@example.org,Chat,claude-opus-5-5,0,0,2.00"
    )
    summary = spend(card, path).summary
    assert summary.reported_cost == Decimal("2.004")
    assert summary.difference == Decimal("-2.00")
    assert any(
        sentence.startswith("A cost is reported with no tokens and no searches (1 row)")
        for sentence in summary.warnings
    )


def test_models_with_the_older_tokenizer_are_pointed_out(card: RateCard) -> None:
    assert any(
        "scale the usage of older models (2 rows)" in sentence for sentence in spend(card, DAILY).summary.warnings
    )
    assert not any("tokens of the same text" in sentence for sentence in spend(card, OLD).summary.warnings)
