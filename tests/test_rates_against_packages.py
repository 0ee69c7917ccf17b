"""The rate card says what genai-prices and litellm say, except where a table here tells why it does not.

Both packages are kept by other people from the same published prices, so a difference is a mistake of one of the three.
A difference that the table does not explain fails, and so does an explanation of a difference that is gone.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planshift.plans.files import folder
from planshift.plans.rate_files import read_rates
from planshift.plans.rates import TOKEN_CLASSES, NoPriceError, RateCard

CARD = read_rates(folder("plans") / "rates" / "claude_api.yaml")

LISTED = "listed"
STANDARD = (*TOKEN_CLASSES, "web_search")
BATCH = tuple(f"batch {name}" for name in TOKEN_CLASSES)
US_ONLY = ("us_only_inference",)
FAST = tuple(f"fast_mode {name}" for name in TOKEN_CLASSES)
PROMPTS = (100_000, 100_001, 200_000, 200_001)
RETIRED_BEFORE_BATCH = ("claude-3-5-haiku", "claude-opus-4", "claude-opus-4-1", "claude-sonnet-4")
US_MODELS = CARD.modifiers["us_only_inference"].models or ()


@dataclass(frozen=True)
class Difference:
    """One thing that the card and a package see differently on a day; ``None`` is: has no such price."""

    model: str
    item: str
    day: date
    ours: object
    theirs: object


@dataclass(frozen=True)
class Known:
    """Why the card differs from a package in these items of these models, on days in ``[since, until)``."""

    why: str
    models: tuple[str, ...]
    items: tuple[str, ...]
    since: date = date.min
    until: date = date.max

    def explains(self, found: Difference) -> bool:
        return found.model in self.models and found.item in self.items and self.since <= found.day < self.until


KNOWN_GENAI_PRICES = [
    Known(
        "The cut of 2026-10-07 is shown for every day; until then cache reads cost 0.20.",
        ("claude-sonnet-5-5",),
        ("cache_read", *(f"prompt {size}" for size in PROMPTS)),
        until=date(2026, 10, 7),
    ),
    Known(
        "US-only inference is not known to the package; it answers with the price of any region.",
        tuple(model for model in US_MODELS if model not in ("claude-mythos-5", "claude-mythos-5-1")),
        US_ONLY,
    ),
    Known(
        "Batch prices begin on 2026-10-14, the day they were entered; batches were half price before.",
        tuple(
            model.id
            for model in CARD.models.values()
            if model.first_day < date(2026, 10, 14) and model.id not in ("claude-mythos-5", "claude-mythos-5-1")
        ),
        BATCH,
        until=date(2026, 10, 14),
    ),
    Known(
        "Models that were retired before that have no batch price.",
        RETIRED_BEFORE_BATCH,
        BATCH,
        since=date(2026, 10, 14),
    ),
    Known(
        "Fast mode has no days; Opus 4.8 loses it on 2026-11-30 and had none before it came out.",
        ("claude-opus-4-8",),
        FAST,
    ),
    Known(
        "Earlier Mythos models, of limited availability, are missing.",
        ("claude-mythos-5", "claude-mythos-5-1"),
        (LISTED,),
    ),
    Known(
        "The step of Sonnet 4.5 has no end; its long context window was withdrawn on 2026-04-30.",
        ("claude-sonnet-4-5",),
        ("prompt 200001",),
        since=date(2026, 4, 30),
    ),
    Known(
        "The step of Sonnet 4, which shared the long context window with Sonnet 4.5, is missing.",
        ("claude-sonnet-4",),
        ("prompt 200001",),
        until=date(2026, 4, 30),
    ),
    Known(
        "Models older than the Enterprise plans are not on the card.",
        (
            "claude-2",
            "claude-3-5-sonnet",
            "claude-3-7-sonnet-latest",
            "claude-3-haiku",
            "claude-3-opus-latest",
            "claude-3-sonnet",
            "claude-v1",
        ),
        (LISTED,),
    ),
]

KNOWN_LITELLM = [
    Known(
        "The table lacks models that came out after it, and models that were retired.",
        (
            "claude-3-5-haiku",
            "claude-fable-5-2",
            "claude-mythos-5-2",
            "claude-opus-4",
            "claude-opus-4-1",
            "claude-sonnet-4",
        ),
        (LISTED,),
    ),
    Known("A preview that was replaced by Mythos 5 is not on the card.", ("claude-mythos-preview",), (LISTED,)),
]


def differing(model: str, day: date, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    """The items that both have and that differ."""
    for item in ours.keys() & theirs.keys():
        if ours[item] != theirs[item]:
            yield Difference(model, item, day, ours[item], theirs[item])


def check_against(known: list[Known], found: list[Difference], package: str) -> None:
    """Every difference is explained, and every explanation explains something in each of its models and items."""
    release = f"{package} {importlib.metadata.version(package)}"
    unexplained = [difference for difference in found if not any(entry.explains(difference) for entry in known)]
    assert unexplained == [], f"{release} differs: correct the card, or say why in the table of this test"
    gone = [
        (entry.why, what)
        for entry in known
        for what in (*entry.models, *entry.items)
        if not any(entry.explains(difference) and what in (difference.model, difference.item) for difference in found)
    ]
    assert gone == [], f"{release} no longer differs here: take it out of the table of this test"


def our_prices(card: RateCard, model: str, day: date) -> dict[str, Any]:
    """What the card says of a model on a day: prices as Decimal, None where it refuses."""

    def price(*modifiers: str) -> Callable[[str], Decimal | None]:
        try:
            prices = card.price(model, day, modifiers)
        except NoPriceError:
            return lambda name: None
        return lambda name: getattr(prices, name)

    ours: dict[str, Any] = {name: price()(name) for name in STANDARD}
    ours |= {f"batch {name}": price("batch")(name) for name in TOKEN_CLASSES}
    ours |= {f"fast_mode {name}": price("fast_mode")(name) for name in TOKEN_CLASSES}
    ours["us_only_inference"] = price("us_only_inference")("input")
    ours |= {f"prompt {size}": our_request(card, model, day, size) for size in PROMPTS}
    return ours


def our_request(card: RateCard, model: str, day: date, prompt: int) -> Decimal:
    """What a request with a prompt of so many tokens and 1,000 tokens of output costs, in millionths of a dollar."""
    step = card.modifier_for_prompt(model, day, prompt)
    prices = card.price(model, day, [step] if step else [])
    cached = prices.cache_read + prices.cache_write_5m + prices.cache_write_1h
    return (prompt - 30) * prices.input + 10 * cached + 1000 * prices.output


USAGES = {
    "input": {"input_tokens": 1000},
    "output": {"output_tokens": 1000},
    "cache_read": {"input_tokens": 1000, "cache_read_tokens": 1000},
    "cache_write_5m": {"input_tokens": 1000, "cache_write_tokens": 1000},
    "cache_write_1h": {"input_tokens": 1000, "cache_write_tokens": 1000, "cache_write_1h_tokens": 1000},
}
CACHED = {"cache_read_tokens": 10, "cache_write_tokens": 20, "cache_write_1h_tokens": 10}


def genai_price(model: str, day: date, context: dict[str, str], **usage: int) -> Decimal:
    """What genai-prices asks for some usage, in millionths of a dollar. Its input tokens are the whole prompt."""
    genai_prices = pytest.importorskip("genai_prices")
    calculated = genai_prices.calc_price(
        genai_prices.Usage(**usage),
        model,
        provider_id="anthropic",
        genai_request_timestamp=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        price_context=context,
    )
    return Decimal(calculated.total_price) * 1_000_000


def genai_prices_of(info: Any, model: str, day: date) -> dict[str, Any]:
    """What genai-prices says of a model on a day, item by item as the card."""
    fast = any(variant.when == {"speed": "fast"} for variant in info.price_variants or ())
    theirs: dict[str, Any] = {}
    for name, usage in USAGES.items():
        theirs[name] = genai_price(model, day, {}, **usage) / 1000
        theirs[f"batch {name}"] = genai_price(model, day, {"processing": "batch"}, **usage) / 1000
        theirs[f"fast_mode {name}"] = genai_price(model, day, {"speed": "fast"}, **usage) / 1000 if fast else None
    theirs["us_only_inference"] = genai_price(model, day, {"inference_geo": "us"}, input_tokens=1000) / 1000
    theirs["web_search"] = genai_price(model, day, {}, web_searches=1) / 1_000_000
    for size in PROMPTS:
        theirs[f"prompt {size}"] = genai_price(model, day, {}, input_tokens=size, output_tokens=1000, **CACHED)
    return theirs


def test_the_card_agrees_with_genai_prices() -> None:
    snapshot = pytest.importorskip("genai_prices.data_snapshot").get_snapshot()
    provider = next(provider for provider in snapshot.providers if provider.id == "anthropic")
    covered = {CARD.resolve(model.id): model for model in provider.models}
    found = [
        Difference(model.id, LISTED, CARD.checked, None, model.name)
        for model in provider.models
        if CARD.resolve(model.id) is None
    ]
    for model in CARD.models.values():
        if model.id not in covered:
            found.append(Difference(model.id, LISTED, CARD.checked, model.title, None))
            continue
        for day in sorted({CARD.checked, *CARD.price_dates(model.id)}):
            if day >= model.first_day:
                theirs = genai_prices_of(covered[model.id], model.id, day)
                found += differing(model.id, day, our_prices(CARD, model.id, day), theirs)
    check_against(KNOWN_GENAI_PRICES, found, "genai-prices")


def litellm_table() -> dict[str, dict[str, Any]]:
    """litellm's own price table of Anthropic's models; read as a file, for importing litellm is slow."""
    try:
        distribution = importlib.metadata.distribution("litellm")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("litellm is not installed")
    file = Path(str(distribution.locate_file("litellm/model_prices_and_context_window_backup.json")))
    table: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    return {name: entry for name, entry in table.items() if entry.get("litellm_provider") == "anthropic"}


LITELLM_KEYS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}


def litellm_prices(entry: dict[str, Any]) -> dict[str, Any]:
    """What litellm says of a model, item by item as the card."""
    factors = entry.get("provider_specific_entry", {})
    search = entry.get("search_context_cost_per_query", {}).get("search_context_size_medium")
    prices = {name: entry[key] * 1_000_000 for name, key in LITELLM_KEYS.items() if key in entry}
    theirs: dict[str, Any] = dict(prices)
    for name, key in LITELLM_KEYS.items():
        if f"{key}_batches" in entry:
            theirs[f"batch {name}"] = entry[f"{key}_batches"] * 1_000_000
        if f"{key}_above_100k_tokens" in entry:
            theirs[f"above 100k {name}"] = entry[f"{key}_above_100k_tokens"] * 1_000_000
        theirs[f"fast_mode {name}"] = prices[name] * factors["fast"] if "fast" in factors else None
    theirs["us_only_inference"] = prices["input"] * factors.get("us", 1)
    if search is not None:
        theirs["web_search"] = search
    return theirs


def test_the_card_agrees_with_litellm() -> None:
    table = litellm_table()
    covered = {CARD.resolve(name) for name in table}
    found = [
        Difference(model.id, LISTED, CARD.checked, model.title, None)
        for model in CARD.models.values()
        if model.id not in covered
    ]
    for name, entry in table.items():
        model = CARD.resolve(name)
        if model is None:
            found.append(Difference(name, LISTED, CARD.checked, None, name))
            continue
        ours = our_prices(CARD, model, CARD.checked)
        beyond = CARD.modifier_for_prompt(model, CARD.checked, 100_001)
        dear = CARD.price(model, CARD.checked, [beyond] if beyond else [])
        ours |= {f"above 100k {token_class}": getattr(dear, token_class) for token_class in TOKEN_CLASSES}
        found += differing(model, CARD.checked, ours, litellm_prices(entry))
    check_against(KNOWN_LITELLM, found, "litellm")


def test_every_dated_id_that_litellm_knows_means_the_same_model() -> None:
    for name in litellm_table():
        undated = name.rstrip("0123456789").rstrip("-") if name[-8:].isdigit() else name
        assert CARD.resolve(name) == CARD.resolve(undated), name


def test_a_difference_nobody_explained_fails_and_so_does_an_explanation_of_nothing() -> None:
    known = [Known("why", ("a-model",), ("input",))]
    found = [Difference("a-model", "input", date(2026, 1, 1), 1, 2)]
    check_against(known, found, "pytest")
    with pytest.raises(AssertionError, match="correct the card"):
        check_against([], found, "pytest")
    with pytest.raises(AssertionError, match="no longer differs"):
        check_against(known, [], "pytest")
