"""The shipped what-ifs change what they name and nothing else, from their day on; what makes no sense is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import Catalogue, catalogue_problems, load_catalogue
from planshift.plans.files import folder
from planshift.plans.plan import ALWAYS, Dated, read_overlay
from planshift.problems import InputError
from planshift.usage.products import read_products

FOLDER = folder("plans") / "overlays"
FILES = sorted(FOLDER.glob("*.yaml"))
DAY = timedelta(days=1)

# What Sonnet 5.5 costs, US dollars per million tokens.
SONNET = {
    "input": "2.00",
    "output": "10.00",
    "cache_write_5m": "2.50",
    "cache_write_1h": "4.00",
    "cache_read": "0.10",
}
# What each names: path → the value from its day on.
CHANGES: dict[str, dict[str, Any]] = {
    "credits_expire": {"enterprise.credits.expiry_months": "12"},
    "extra_usage_on": {"legacy_standard_premium.extra_usage.enabled": "yes"},
    "opus_price_down": {
        "claude_api.models.claude-opus-5-5.input_usd_per_mtok": "3.00",
        "claude_api.models.claude-opus-5-5.output_usd_per_mtok": "15.00",
        "claude_api.models.claude-opus-5-5.cache_write_5m_usd_per_mtok": "3.75",
        "claude_api.models.claude-opus-5-5.cache_write_1h_usd_per_mtok": "6.00",
        "claude_api.models.claude-opus-5-5.cache_read_usd_per_mtok": "0.15",
    },
    "proration_days": {"enterprise.proration": "days"},
    "proration_whole_months": {"enterprise.proration": "whole_months"},
    "seat_price_18": {"enterprise.seats.enterprise.price_usd_per_month": "18.00"},
    "seat_price_22": {"enterprise.seats.enterprise.price_usd_per_month": "22.00"},
    "seat_price_25": {"enterprise.seats.enterprise.price_usd_per_month": "25.00"},
    "sonnet_by_default": {
        f"claude_api.models.claude-opus-{model}.{token_class}_usd_per_mtok": price
        for model in ("4-5", "4-6", "4-7", "4-8", "5", "5-5")
        for token_class, price in SONNET.items()
    },
    "usage_discount_10": {"enterprise.usage_discount": "0.10"},
    "usage_discount_ramp": {"enterprise.usage_discount": "0.20"},
}


@cache
def shipped() -> Catalogue:
    return load_catalogue()


def values(catalogue: Catalogue) -> Iterator[tuple[str, Dated]]:
    """Every value of every plan, and every price of every rate card, by its path."""
    for plan in catalogue.plans.values():
        for path, dated in plan.values.items():
            yield f"{plan.id}.{path}", dated
    for card in catalogue.cards.values():
        for model in card.models.values():
            for dated in model.prices.values():
                yield f"{card.id}.{dated.path}", dated
        for name, modifier in card.modifiers.items():
            yield f"{card.id}.modifiers.{name}", modifier.factors
        yield f"{card.id}.web_search", card.web_search


def on(catalogue: Catalogue, day: date) -> dict[str, str]:
    """What holds on a day, in words."""
    found = ((path, dated.on(day)) for path, dated in values(catalogue))
    return {path: entry.text for path, entry in found if entry is not None}


def days_of_change(*catalogues: Catalogue) -> set[date]:
    return {day for catalogue in catalogues for _, dated in values(catalogue) for day in dated.dates}


def test_every_shipped_overlay_is_described_here() -> None:
    assert [file.stem for file in FILES] == sorted(CHANGES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_begins_with_its_schema_and_what_it_asks(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# yaml-language-server: $schema=../schema/overlay.schema.json", "#"]
    assert len(lines[2]) > 60
    assert len(read_overlay(file).title) < 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_changes_exactly_the_values_that_it_names(file: Path) -> None:
    since = read_overlay(file).since
    before, after = on(shipped(), since), on(load_catalogue(overlays=[file]), since)
    assert before.keys() == after.keys()
    assert {path: after[path] for path in after if after[path] != before[path]} == CHANGES[file.stem]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_changes_before_its_day(file: Path) -> None:
    since, laid = read_overlay(file).since, load_catalogue(overlays=[file])
    days = {day for day in days_of_change(shipped(), laid) if day < since} | {since - DAY, ALWAYS}
    for day in days:
        assert on(shipped(), day) == on(laid, day)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_it_changed_says_that_it_is_a_what_if(file: Path) -> None:
    overlay, laid = read_overlay(file), load_catalogue(overlays=[file])
    changed = {path: dated.on(overlay.since) for path, dated in values(laid)}
    named = {path for path, entry in changed.items() if entry is not None and entry.overlay}
    assert named == set(CHANGES[file.stem])
    assert {entry.overlay for path, entry in changed.items() if path in named and entry} == {overlay.title}
    assert laid.overlays == (overlay,)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_plans_still_make_sense_under_it(file: Path) -> None:
    laid = load_catalogue(overlays=[file])
    assert catalogue_problems(laid, read_products().titles) == []


def test_laying_one_on_leaves_the_catalogue_itself_as_it_was() -> None:
    before = on(shipped(), date(2027, 6, 1))
    shipped().with_overlay(read_overlay(FOLDER / "seat_price_25.yaml"))
    assert on(shipped(), date(2027, 6, 1)) == before


HEAD = "kind: overlay\ntitle: One\nbaseline: enterprise\nfrom: 2027-01-01\nchanges:\n"
SOURCE = "assumed: true, note: A what-if."


def written(tmp_path: Path, text: str, name: str = "one.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(*files: Path) -> str:
    with pytest.raises(InputError) as refused:
        load_catalogue(overlays=files)
    return str(refused.value).replace(f"{files[-1].parent}/", "")


PRICE = "  seats: {enterprise: {price_usd_per_month: "
REFUSED = [
    (
        f"{HEAD}{PRICE}{{value: 20.00, {SOURCE}}}}}}}\n",
        "one.yaml:3:11: the overlay changes nothing: plan 'enterprise' has these values already - change a value",
    ),
    (
        f"{HEAD}  seats: {{enterprize: {{price_usd_per_month: {{value: 25.00, {SOURCE}}}}}}}\n",
        "one.yaml:6:53: plan 'enterprise' has no value 'seats.enterprize.price_usd_per_month'"
        " - did you mean 'seats.enterprise.price_usd_per_month'?",
    ),
    (
        f"{HEAD}  proratoin: {{value: days, {SOURCE}}}\n",
        "one.yaml:6:3: unknown key 'proratoin' in 'changes' - did you mean 'proration'?",
    ),
    (
        f"{HEAD}{PRICE}{{2026-12-31: {{value: 25.00, {SOURCE}}}}}}}}}\n",
        "one.yaml:6:66: 'seats.enterprise.price_usd_per_month' would change on 2026-12-31, before the overlay begins on"
        " 2027-01-01 - date it on or after `from`, or begin the overlay earlier",
    ),
    (
        f"{HEAD}{PRICE}{{value: -1, {SOURCE}}}}}}}\n",
        "one.yaml:6:53: 'value' must be at least 0 (got -1)",
    ),
    (
        f"{HEAD}{PRICE}{{value: 25.00}}}}}}\n",
        "one.yaml:6:45: key 'reference' is missing in 'price_usd_per_month' - add `reference: …`",
    ),
    (
        f"{HEAD.replace('enterprise', 'enterprize')}{PRICE}{{value: 25.00, {SOURCE}}}}}}}\n",
        "one.yaml:3:11: no plan or rate card 'enterprize' - did you mean 'enterprise'?",
    ),
    (HEAD.replace("changes:\n", "changes: {}\n"), "one.yaml:5:10: 'changes' must not be empty"),
    (
        f"{HEAD.replace('enterprise', 'claude_api')}"
        f"  models: {{claude-opus-5-6: {{input_usd_per_mtok: {{value: 3.00, {SOURCE}}}}}}}\n",
        "one.yaml:6:58: the rate card 'claude_api' has no model 'claude-opus-5-6' - did you mean 'claude-opus-5-5'",
    ),
    (
        f"{HEAD.replace('enterprise', 'claude_api')}"
        f"  models: {{claude-opus-5-5: {{input_usd_per_mtok: {{value: 4.00, {SOURCE}}}}}}}\n",
        "the overlay changes nothing: rate card 'claude_api' has these prices already - change a price",
    ),
    (
        f"{HEAD.replace('enterprise', 'claude_api')}"
        f"  models: {{claude-opus-5-5: {{input_usd_per_mtok: {{2026-12-01: {{value: 3.00, {SOURCE}}}}}}}}}\n",
        "would change on 2026-12-01, before the overlay begins on 2027-01-01",
    ),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[words.partition(" - ")[0][:70] for _, words in REFUSED])
def test_what_makes_no_sense_is_refused_at_its_place(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(written(tmp_path, text))


def test_an_overlay_that_repeats_an_earlier_one_changes_nothing(tmp_path: Path) -> None:
    file = FOLDER / "seat_price_25.yaml"
    again = written(tmp_path, file.read_text(encoding="utf-8"))
    assert "the overlay changes nothing" in refusal(file, again)


def test_of_two_overlays_on_one_value_the_later_given_wins(tmp_path: Path) -> None:
    dearer = written(tmp_path, f"{HEAD}{PRICE}{{value: 30.00, {SOURCE}}}}}}}\n")
    path, day = "enterprise.seats.enterprise.price_usd_per_month", date(2027, 6, 1)
    assert on(load_catalogue(overlays=[FOLDER / "seat_price_25.yaml", dearer]), day)[path] == "30.00"
    assert on(load_catalogue(overlays=[dearer, FOLDER / "seat_price_25.yaml"]), day)[path] == "25.00"


def test_a_later_given_overlay_that_begins_later_leaves_the_earlier_one_until_then(tmp_path: Path) -> None:
    later = written(tmp_path, f"{HEAD.replace('2027-01-01', '2028-01-01')}{PRICE}{{value: 30.00, {SOURCE}}}}}}}\n")
    laid = load_catalogue(overlays=[FOLDER / "seat_price_25.yaml", later])
    path = "enterprise.seats.enterprise.price_usd_per_month"
    prices = [on(laid, date(year, 1, 1))[path] for year in (2026, 2027, 2028)]
    assert prices == ["20.00", "25.00", "30.00"]


def test_an_overlay_may_change_a_value_more_than_once(tmp_path: Path) -> None:
    dated = f"{{2027-01-01: {{value: 22.00, {SOURCE}}}, 2028-01-01: {{value: 24.00, {SOURCE}}}}}"
    laid = load_catalogue(overlays=[written(tmp_path, f"{HEAD}{PRICE}{dated}}}}}\n")])
    path = "enterprise.seats.enterprise.price_usd_per_month"
    prices = [on(laid, date(year, 6, 1))[path] for year in (2026, 2027, 2028)]
    assert prices == ["20.00", "22.00", "24.00"]


def test_overlays_on_different_plans_do_not_touch_one_another() -> None:
    both = load_catalogue(overlays=[FOLDER / "seat_price_25.yaml", FOLDER / "extra_usage_on.yaml"])
    day = date(2027, 6, 1)
    changed = {path for path, text in on(both, day).items() if text != on(shipped(), day)[path]}
    assert changed == {
        "enterprise.seats.enterprise.price_usd_per_month",
        "legacy_standard_premium.extra_usage.enabled",
    }


def test_usage_billing_cannot_be_switched_off_by_an_overlay_either(tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEAD}  usage_billing: {{value: never, {SOURCE}}}\n")
    scenario = read_scenario(folder("scenarios") / "seats_only.yaml", load_catalogue(overlays=[file]))
    with pytest.raises(InputError, match=r"cannot be switched off on a usage-based plan \(Rulebook U6\)"):
        simulate(scenario)


def seat_cents(*overlays: str) -> list[int]:
    """The charges for seats in the shipped scenario of seats alone."""
    catalogue = load_catalogue(overlays=[FOLDER / f"{name}.yaml" for name in overlays])
    run = simulate(read_scenario(folder("scenarios") / "seats_only.yaml", catalogue))
    return [line.cents for line in run.ledger.lines()]


def test_a_seat_price_from_2027_on_leaves_the_charges_of_2026_as_they_were() -> None:
    # 60 x 18 x 12; 10 x 18 x 9 from 30 April; 5 x 18 x 7.5 from 15 June; 63 x 12 at 20, or at 25, at the renewal.
    assert seat_cents() == [1_296_000, 162_000, 67_500, 1_512_000]
    assert seat_cents("seat_price_25") == [1_296_000, 162_000, 67_500, 1_890_000]


def test_the_ways_of_proration_differ_where_a_month_is_cut() -> None:
    # 15 June: eight months, the current one counted whole; or 230 of 365 days, as 31 January to 14 June are 135.
    assert seat_cents("proration_whole_months")[2] == 5 * 18 * 8 * 100
    assert seat_cents("proration_days")[2] == round(5 * 18 * 12 * 230 / 365 * 100)
