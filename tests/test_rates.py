"""Tokens cost what the rate card says for their day, exactly, and what it cannot price is never priced at zero."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from planshift.plans.files import folder
from planshift.plans.plan import Dated, Sourced
from planshift.plans.rate_files import read_rates
from planshift.plans.rates import TOKEN_CLASSES, NoPriceError, RateCard
from planshift.problems import InputError
from planshift.usage.pricing import DearRowError, UnpricedRowsError, UsageColumns, row_costs

FILE = folder("plans") / "rates" / "claude_api.yaml"
CARD = read_rates(FILE)
EXAMPLES = Path(__file__).parent / "golden" / "examples"

CUT = date(2026, 10, 7)
"""The day from which reading the cache of Sonnet 5.5 costs half."""

Row = tuple[str, str, str, dict[str, int]]
"""A row of usage as the tests write it: day, model, modifiers, and counts by token class or `web_search`."""


def columns(rows: Sequence[Row]) -> UsageColumns:
    """Rows as the columns that row_costs takes."""
    models = list(dict.fromkeys(model for _, model, _, _ in rows))
    modifiers = list(dict.fromkeys(names for _, _, names, _ in rows))

    def counts(name: str) -> np.ndarray:
        return np.array([row[3].get(name, 0) for row in rows], dtype=np.int64)

    return UsageColumns(
        day=np.array([row[0] for row in rows], dtype="datetime64[D]").astype(np.int32),
        model=np.array([models.index(row[1]) for row in rows], dtype=np.int16),
        model_names=models,
        tokens={name: counts(name) for name in TOKEN_CLASSES},
        web_searches=counts("web_search"),
        modifiers=np.array([modifiers.index(row[2]) for row in rows], dtype=np.int8),
        modifier_names=modifiers,
    )


def nano(*rows: Row) -> list[int]:
    """What rows cost in nano-dollars."""
    costs: list[int] = row_costs(columns(rows), CARD).tolist()
    return costs


def usd(day: str, model: str, modifiers: str = "", /, **counts: int) -> Decimal:
    """What one row costs in dollars."""
    return Decimal(nano((day, model, modifiers, counts))[0]).scaleb(-9)


def twin(card: RateCard, day: date, model: str, modifiers: str, counts: dict[str, int]) -> int:
    """The cost of a row as a person would work it out: multiply, add, round once."""
    prices = card.price(card.resolve(model) or model, day, modifiers.split())
    dollars = sum((counts.get(name, 0) * getattr(prices, name) / 1_000_000 for name in TOKEN_CLASSES), Decimal(0))
    dollars += counts.get("web_search", 0) * prices.web_search
    return int((dollars * 1_000_000_000).quantize(Decimal(1), ROUND_HALF_UP))


def test_a_day_of_opus_with_every_token_class_and_searches() -> None:
    # 0.044 input + 0.20 cache reads + 0.45 and 0.08 cache writes + 0.40 output + 0.03 for three searches
    cost = usd(
        "2026-10-01",
        "claude-opus-5-5",
        input=11_000,
        cache_read=1_000_000,
        cache_write_5m=90_000,
        cache_write_1h=10_000,
        output=20_000,
        web_search=3,
    )
    assert cost == Decimal("1.204")


def test_the_rows_of_the_export_formats_cost_what_their_examples_say() -> None:
    spend_report = {"input": 100_000, "cache_read": 900_000, "cache_write_5m": 100_000, "output": 20_000}
    assert usd("2026-10-01", "claude-opus-5-5", **spend_report) == Decimal("1.48")
    admin_api = {"input": 1500, "cache_write_5m": 500, "cache_write_1h": 1000, "cache_read": 200, "output": 500}
    assert usd("2026-10-01", "claude-opus-4-6", **admin_api, web_search=10) == Decimal("0.133225")
    transcript = {"input": 100, "output": 50, "cache_write_5m": 25, "cache_read": 10}
    assert usd("2026-10-07", "claude-sonnet-5-5", **transcript) == Decimal("0.0007635")
    telemetry = {"input": 1200, "output": 800, "cache_read": 52_000, "cache_write_5m": 3000}
    assert usd("2026-10-07", "claude-sonnet-5-5", **telemetry) == Decimal("0.0231")
    # Both examples carry a date before the cut of the cache's price; on that day they cost more.
    assert usd("2026-10-01", "claude-sonnet-5-5", **transcript) == Decimal("0.0007645")
    assert usd("2026-10-01", "claude-sonnet-5-5", **telemetry) == Decimal("0.0283")


def test_the_worked_examples_add_up_to_the_demand_an_independent_program_found() -> None:
    with (EXAMPLES / "usage_small.csv").open(newline="") as file:
        usage = list(csv.DictReader(file))
    rows: list[Row] = [
        (
            row["date"],
            row["model"],
            "",
            {name: int(row[f"{name}_tokens"]) for name in TOKEN_CLASSES} | {"web_search": int(row["web_searches"])},
        )
        for row in usage
    ]
    found: Counter[tuple[str, str]] = Counter()
    for row, cost in zip(usage, nano(*rows), strict=True):
        found[row["date"][:7], row["user_id"]] += cost
    with (EXAMPLES / "expected" / "credits_run_out" / "members.csv").open(newline="") as file:
        expected = {
            (row["month"], row["user_id"]): int(Decimal(row["demand"]).scaleb(9)) for row in csv.DictReader(file)
        }
    assert found == expected


def test_a_cut_holds_from_its_day_on_and_not_a_day_before() -> None:
    assert usd("2026-10-06", "claude-sonnet-5-5", cache_read=1_000_000) == Decimal("0.20")
    assert usd("2026-10-07", "claude-sonnet-5-5", cache_read=1_000_000) == Decimal("0.10")
    assert usd("2026-10-06", "claude-sonnet-5-5", input=1_000_000) == usd(
        "2026-10-07", "claude-sonnet-5-5", input=10**6
    )


def test_the_entry_that_was_used_says_where_it_was_read_and_what_is_assumed() -> None:
    prices = CARD.price("claude-sonnet-5-5", CUT)
    assert CARD.source(prices.sources["cache_read"]).startswith("claudit, release notes 1.9.2, https://")
    assert prices.assumed  # only the day of the web searches' price
    assert [name for name, source in prices.sources.items() if source.assumed] == ["web_search"]
    assert CARD.price("claude-opus-5", CUT).reference == "https://platform.claude.com/docs/en/models/opus-5/overview"
    assert CARD.price("claude-opus-5", CUT, ["batch"]).sources["batch"].reference == "pricing_docs"


def test_haiku_5_5_becomes_five_times_dearer_above_a_hundred_thousand_prompt_tokens() -> None:
    assert CARD.modifier_for_prompt("claude-haiku-5-5", CUT, 100_000) is None
    assert CARD.modifier_for_prompt("claude-haiku-5-5", CUT, 100_001) == "long_prompt_100k"
    assert usd("2026-10-07", "claude-haiku-5-5", input=100_000, output=1000) == Decimal("0.0105")
    dear = usd("2026-10-07", "claude-haiku-5-5", "long_prompt_100k", input=100_001, output=1000)
    assert dear == Decimal("0.0525005")


def test_the_step_of_the_4_6_models_ended_on_2026_03_13() -> None:
    before, since = date(2026, 3, 12), date(2026, 3, 13)
    assert CARD.modifier_for_prompt("claude-opus-4-6", before, 200_001) == "long_prompt_200k"
    assert CARD.modifier_for_prompt("claude-opus-4-6", before, 200_000) is None
    assert CARD.modifier_for_prompt("claude-opus-4-6", since, 1_000_000) is None
    dear = CARD.price("claude-sonnet-4-6", before, ["long_prompt_200k"])
    assert (dear.input, dear.output) == (Decimal(6), Decimal("22.5"))
    assert (dear.cache_read, dear.cache_write_5m, dear.cache_write_1h) == (Decimal("0.6"), Decimal("7.5"), Decimal(12))
    assert CARD.price("claude-sonnet-4-6", since, ["long_prompt_200k"]) == CARD.price("claude-sonnet-4-6", since)


def test_batches_cost_half_but_searches_their_full_price() -> None:
    assert usd("2026-10-07", "claude-opus-5", "batch", input=1_000_000, output=1_000_000) == 15
    assert usd("2026-10-07", "claude-opus-5", "batch", web_search=100) == 1


def test_us_only_inference_costs_a_tenth_more_from_the_4_6_models_on() -> None:
    assert usd("2026-10-07", "claude-opus-4-6", "us_only_inference", input=1_000_000) == Decimal("5.5")
    assert usd("2026-10-07", "claude-opus-4-5", "us_only_inference", input=1_000_000) == 5
    assert usd("2026-10-07", "claude-opus-4-6", "us_only_inference", web_search=100) == 1


def test_modifiers_multiply_in_any_order() -> None:
    assert usd("2026-10-07", "claude-opus-5-5", "us_only_inference batch", output=1_000_000) == 11
    assert usd("2026-10-07", "claude-opus-5-5", "batch us_only_inference", output=1_000_000) == 11


def test_fast_mode_costs_double_where_there_is_one() -> None:
    assert usd("2026-10-07", "claude-fable-5-1", output=1_000_000) == 50
    assert usd("2026-11-20", "claude-fable-5-2", "fast_mode", output=1_000_000) == 80
    assert usd("2026-11-29", "claude-opus-4-8", "fast_mode", output=1_000_000) == 50


@pytest.mark.parametrize(
    ("model", "day", "modifiers", "fact"),
    [
        ("claude-sonnet-5-5", CUT, ["fast_mode"], "'claude-sonnet-5-5' has no 'fast_mode' - remove 'fast_mode'"),
        (
            "claude-opus-4-8",
            date(2026, 11, 30),
            ["fast_mode"],
            "'claude-opus-4-8' has no 'fast_mode' from 2026-11-30 on",
        ),
        ("claude-opus-4-8", date(2026, 5, 27), ["fast_mode"], "'fast_mode' has no factor before 2026-05-28"),
        ("claude-opus-5-5", CUT, ["batch", "fast_mode"], "'fast_mode' and 'batch' exclude one another"),
        ("claude-opus-5-5", CUT, ["batch", "batch"], "the modifier 'batch' is named twice"),
        ("claude-opus-5-5", CUT, ["bacth"], "'bacth' is not a modifier - did you mean 'batch'?"),
        ("claude-sonnet-5-5", date(2026, 9, 27), [], "'claude-sonnet-5-5' has no price before 2026-09-28"),
        ("claude-sonet-5-5", CUT, [], "has no model 'claude-sonet-5-5' - did you mean 'claude-sonnet-5-5'"),
        ("gpt-6", CUT, [], "the rate card 'claude_api' has no model 'gpt-6' - use one of: claude-3-5-haiku, "),
    ],
)
def test_what_the_card_cannot_price_is_refused(model: str, day: date, modifiers: list[str], fact: str) -> None:
    with pytest.raises(NoPriceError) as refused:
        CARD.price(model, day, modifiers)
    assert fact in str(refused.value)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("claude-opus-5-5", "claude-opus-5-5"),
        ("claude_opus_4_7", "claude-opus-4-7"),
        ("CLAUDE-OPUS-4-7", "claude-opus-4-7"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("claude-opus-5-20260724", "claude-opus-5"),
        ("claude-sonnet-4-6-latest", "claude-sonnet-4-6"),
        ("anthropic/claude-sonnet-5.5", "claude-sonnet-5-5"),
        ("anthropic.claude-fable-5-2", "claude-fable-5-2"),
        ("Claude Opus 5", "claude-opus-5"),
        ("claude-4-opus-20250514", "claude-opus-4"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ("claude-opus-5-55", None),
        ("claude-opus", None),
        ("claude-opus-5-1234", None),
        ("", None),
    ],
)
def test_a_model_goes_by_many_names(name: str, model: str | None) -> None:
    assert CARD.resolve(name) == model


def test_the_nearest_models_are_offered_for_a_name_that_is_none() -> None:
    assert CARD.nearest("claude-haiku-5") == ["claude-haiku-5-5", "claude-haiku-4-5", "claude-3-5-haiku"]
    assert CARD.nearest("gpt-6") == []


def test_price_dates_are_all_the_days_on_which_a_model_changes() -> None:
    assert date(2026, 10, 7) in CARD.price_dates("claude-sonnet-5-5")
    assert date(2026, 10, 7) not in CARD.price_dates("claude-opus-5-5")
    assert date(2026, 11, 30) in CARD.price_dates("claude-opus-4-8")
    for model in CARD.models.values():
        changes = CARD.price_dates(model.id)
        assert list(changes) == sorted(set(changes))
        for names in ([], ["batch"], ["us_only_inference"], ["fast_mode"], ["long_prompt_200k"]):
            seen = [answer(model.id, day, names) for day in days(date(2025, 12, 1), date(2026, 12, 31))]
            for (_, before), (day, after) in pairwise(seen):
                assert before == after or day in changes, (model.id, names, day)


def answer(model: str, day: date, modifiers: Iterable[str]) -> tuple[date, object]:
    """The day, and the prices or that there are none."""
    try:
        return day, CARD.price(model, day, modifiers)
    except NoPriceError:
        return day, None


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(i) for i in range((last - first).days + 1)]


def test_half_a_nano_rounds_up_and_less_rounds_down() -> None:
    batch = ("2026-10-07", "claude-haiku-5-5", "batch")
    both = ("2026-10-07", "claude-haiku-5-5", "batch us_only_inference")
    # Writing the five-minute cache costs 125 nano a token: 62.5 in a batch, 68.75 in a US-only one.
    assert nano((*batch, {"cache_write_5m": 1}), (*batch, {"cache_write_5m": 2})) == [63, 125]
    assert nano((*batch, {"cache_write_5m": 3}), (*both, {"cache_write_5m": 3})) == [188, 206]


def test_a_row_is_rounded_once_and_not_by_token_class() -> None:
    # 68.75 + 5.5 = 74.25, though 69 + 6 would be 75.
    row = ("2026-10-07", "claude-haiku-5-5", "batch us_only_inference", {"cache_write_5m": 1, "cache_read": 1})
    assert nano(row) == [74]


def test_a_row_too_large_for_64_bits_on_the_way_is_exact_all_the_same() -> None:
    giant = {"output": 9 * 10**13, "input": 123_456_789}
    small = {"output": 1, "web_search": 1}
    assert nano(("2026-10-07", "claude-fable-5", "", giant), ("2026-10-07", "claude-fable-5", "", small)) == [
        50_000 * 9 * 10**13 + 10_000 * 123_456_789,
        50_000 + 10_000_000,
    ]


def test_a_row_whose_cost_does_not_fit_is_an_error() -> None:
    with pytest.raises(DearRowError, match="row 1: its tokens come to"):
        nano(("2026-10-07", "claude-fable-5", "", {}), ("2026-10-07", "claude-fable-5", "", {"output": 2 * 10**14}))


def test_negative_tokens_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"row 1 has -1 of output"):
        nano(("2026-10-07", "claude-fable-5", "", {}), ("2026-10-07", "claude-fable-5", "", {"output": -1}))


def test_a_million_random_rows_cost_what_the_scalar_twin_says() -> None:
    count, random = 1_000_000, np.random.default_rng(20261120)
    names = ["claude-opus-5-5", "claude_sonnet_5_5", "claude-haiku-5-5", "claude-opus-4-6", "claude-haiku-4-5-20251001"]
    modifiers = ["", "batch", "us_only_inference batch", "long_prompt_200k us_only_inference", "long_prompt_100k"]
    sizes = 10 ** random.integers(0, 10, (len(TOKEN_CLASSES), count))
    usage = UsageColumns(
        day=random.integers(20733, 20790, count).astype(np.int32),
        model=random.integers(0, len(names), count),
        model_names=names,
        tokens=dict(zip(TOKEN_CLASSES, random.integers(0, sizes), strict=True)),
        web_searches=random.integers(0, 20, count),
        modifiers=random.integers(0, len(modifiers), count).astype(np.uint8),
        modifier_names=modifiers,
    )
    usage.day[usage.model == 2] += 60
    costs = row_costs(usage, CARD)
    assert usage.web_searches is not None
    for row in random.integers(0, count, 3000).tolist():
        counts = {name: int(column[row]) for name, column in usage.tokens.items()}
        counts["web_search"] = int(usage.web_searches[row])
        assert costs[row] == twin(CARD, usage.date_of(row), usage.model_of(row), usage.modifiers_of(row), counts)


def test_columns_that_are_left_out_are_zero() -> None:
    usage = UsageColumns(
        day=np.array([20733], dtype=np.int32),
        model=np.array([0]),
        model_names=["claude-opus-5-5"],
        tokens={"output": np.array([1_000_000])},
    )
    assert row_costs(usage, CARD).tolist() == [20_000_000_000]
    assert row_costs(columns([]), CARD).tolist() == []


def test_all_rows_without_a_price_are_named_at_once() -> None:
    with pytest.raises(UnpricedRowsError, match="5 rows of usage have no price; the first: ") as refused:
        nano(
            ("2026-10-07", "claude-opus-5-5", "", {"input": 1}),
            ("2026-10-07", "claude-opsu-5-5", "", {"input": 1}),
            ("2026-09-21", "claude-opus-5-5", "", {}),
            ("2026-10-07", "claude-sonnet-5-5", "fast_mode", {"input": 1}),
            ("2026-10-07", "claude-opus-5-5", "bacth", {"input": 1}),
            ("2026-10-07", "claude-opus-5-5", "batch batch", {"input": 1}),
        )
    found = [(row.row, row.model, str(row.day), row.fact) for row in refused.value]
    assert len(refused.value) == 5
    assert found == [
        (1, "claude-opsu-5-5", "2026-10-07", "the rate card 'claude_api' has no model 'claude-opsu-5-5'"),
        (2, "claude-opus-5-5", "2026-09-21", "'claude-opus-5-5' has no price before 2026-09-22"),
        (3, "claude-sonnet-5-5", "2026-10-07", "'claude-sonnet-5-5' has no 'fast_mode'"),
        (4, "claude-opus-5-5", "2026-10-07", "'bacth' is not a modifier"),
        (5, "claude-opus-5-5", "2026-10-07", "the modifier 'batch' is named twice"),
    ]
    assert next(iter(refused.value)).remedy.startswith("did you mean 'claude-opus-5-5'")


def test_columns_must_fit_together() -> None:
    day = np.array([20733], dtype=np.int32)
    with pytest.raises(ValueError, match="equal length"):
        UsageColumns(day=day, model=np.array([0, 0]), model_names=["claude-opus-5"], tokens={})
    with pytest.raises(ValueError, match="token classes"):
        UsageColumns(day=day, model=np.array([0]), model_names=["claude-opus-5"], tokens={"thinking": np.array([1])})
    with pytest.raises(ValueError, match=r"codes must index their names \(got -1 in row 0\)"):
        UsageColumns(day=day, model=np.array([-1]), model_names=["claude-opus-5"], tokens={})


def change(path: str, price: str, since: date = date.min) -> Dated:
    """A change of an overlay."""
    return Dated(path, ((since, Sourced(Decimal(price), assumed=True, note="What if.")),))


def test_an_overlay_changes_prices_from_its_day_on() -> None:
    start = date(2026, 12, 1)
    card = CARD.with_changes([change("models.claude-opus-5-5.output_usd_per_mtok", "18.00")], start, "Cheaper Opus")
    assert card.price("claude-opus-5-5", date(2026, 11, 30)) == CARD.price("claude-opus-5-5", date(2026, 11, 30))
    assert card.price("claude-opus-5-5", start).output == 18
    assert card.price("claude-opus-5-5", start).input == 4
    assert start in card.price_dates("claude-opus-5-5")
    assert card.source(card.price("claude-opus-5-5", start).sources["output"]) == "what-if: Cheaper Opus"
    assert card.overlays == ("Cheaper Opus",)


def test_an_overlay_that_changes_nothing_or_too_early_or_nobody_is_refused() -> None:
    start = date(2026, 12, 1)
    with pytest.raises(InputError, match="the overlay changes nothing"):
        CARD.with_changes([change("models.claude-opus-5-5.output_usd_per_mtok", "20")], start, "Same")
    with pytest.raises(InputError, match="would change on 2026-11-01, before the overlay begins on 2026-12-01"):
        CARD.with_changes(
            [change("models.claude-opus-5-5.output_usd_per_mtok", "9", date(2026, 11, 1))], start, "Early"
        )
    with pytest.raises(InputError, match=r"has no model 'claude-opus-9' - did you mean"):
        CARD.with_changes([change("models.claude-opus-9.output_usd_per_mtok", "9")], start, "Nobody")


BROKEN = {
    "an alias of another model": (
        "aliases: [claude-5-opus]",
        "aliases: [claude-opus-5-5]",
        "'claude-opus-5-5' already means the model 'claude-opus-5-5' - give each name to one model",
    ),
    "an alias that is the id": (
        "aliases: [claude-5-opus]",
        "aliases: [claude-opus-5]",
        "the alias 'claude-opus-5' is the model's own id - remove it",
    ),
    "entries out of order": (
        "      2026-09-28:\n",
        "      2026-10-28:\n",
        "models.claude-sonnet-5-5.prices: the entry of 2026-10-07 stands below that of 2026-10-28",
    ),
    "a source that is not there": (
        "reference: claudit",
        "reference: claudi",
        "'claudi' is neither a key of `sources` nor an address - did you mean 'claudit'?",
    ),
    "a modifier for a model that is not there": (
        "models: [claude-haiku-5-5]",
        "models: [claude-haiku-55]",
        "modifier 'long_prompt_100k' is for 'claude-haiku-55', which is not a model here - did you mean 'claude-haiku-",
    ),
    "an end for a model that never had it": (
        "      claude-opus-4-8: {date",
        "      claude-opus-4-7: {date",
        "modifier 'fast_mode' ends for 'claude-opus-4-7', which never had it",
    ),
    "an end before the beginning": (
        "{date: 2026-11-30,",
        "{date: 2026-05-28,",
        "modifier 'fast_mode' ends for 'claude-opus-4-8' on 2026-05-28, but begins on 2026-05-28",
    ),
    "an exclusion of nothing": (
        "excludes: [batch]",
        "excludes: [bath]",
        "modifier 'fast_mode' excludes 'bath', which is not another modifier - did you mean 'batch'?",
    ),
    "retired before it came": (
        "retired: 2026-11-30",
        "retired: 2025-01-01",
        "'claude-sonnet-4-5' is retired on 2025-01-01, but its first price is of 2025-01-01",
    ),
    "a successor that is not there": (
        "model: claude-haiku-4-5,",
        "model: claude-haiku-45,",
        "'claude-haiku-45' is not a model here - did you mean 'claude-haiku-4-5'?",
    ),
    "a successor that leads back": (
        "model: claude-haiku-4-5,",
        "model: claude-3-5-haiku,",
        "'claude-3-5-haiku' leads back to 'claude-3-5-haiku' - name a model that is still there",
    ),
    "a successor of a model that is there": (
        "    retired: 2026-02-19\n",
        "",
        "'claude-3-5-haiku' has a successor, but no day on which it is retired - add `retired: …`",
    ),
    "a successor that nobody says": (
        "model: claude-sonnet-4-6, reference: release_notes",
        "model: claude-sonnet-4-6",
        "add `reference: …` (a key of `sources` or an address), or `assumed: true` with a `note`",
    ),
    "another id than the file's": ("id: claude_api", "id: claude_apis", "name it claude_apis.yaml"),
    "no source": (
        "        reference: claudit\n",
        "",
        "add `reference: …` (a key of `sources` or an address), or `assumed: true` with a `note`",
    ),
    "a token class without a price": ("        cache_read_usd_per_mtok: 0.01\n", "", "cache_read_usd_per_mtok"),
    "an unknown key": ("    otherwise: refused\n", "    otherwhise: refused\n", "otherwhise"),
    "no word on other models": ("    otherwise: refused\n", "", "add `otherwise: unchanged` or `otherwise: refused`"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_card_is_refused_with(case: str, tmp_path: Path) -> None:
    old, new, words = BROKEN[case]
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / FILE.name
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_rates(file)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"{file}:")


def test_the_shipped_card_is_read_under_its_own_name() -> None:
    assert CARD.id == FILE.stem
