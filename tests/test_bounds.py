"""Whatever number people write has a lower and an upper bound, derived from what money is counted in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planshift.cli.options import read_day
from planshift.plans import bounds, schemas
from planshift.plans.catalogue import load_catalogue
from planshift.plans.plan import read_overlay
from planshift.problems import InputError, Place
from planshift.reports.fit.fitted import fit_usage
from planshift.reports.options import draw_options
from planshift.usage.formats.records import Record
from planshift.usage.rows import read_blocks

WRITTEN = ("cases", "overlay", "personas", "plan", "portfolio", "rates", "scenario")
"""The schemas of what people write that is calculated with."""
ROUND = 10**6
"""From here on, a bound is one of the module's, and not of what it bounds."""


def numbers(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema of a number, with its path; what a worked case only compares with is left out."""
    if isinstance(part, list):
        for item in part:
            yield from numbers(item, path)
    if not isinstance(part, dict):
        return
    types = part.get("type", [])
    if {"integer", "number"} & {types if isinstance(types, str) else "", *(types if isinstance(types, list) else [])}:
        yield "/".join(path), {**part, **part.get("else", {})}
    for key, item in part.items():
        if key != "expect":
            yield from numbers(item, (*path, key))


@pytest.mark.parametrize("name", WRITTEN)
def test_every_number_has_a_lower_and_an_upper_bound(name: str) -> None:
    open_ended = [
        path
        for path, rules in numbers(schemas.schema(name))
        if not ({"minimum", "exclusiveMinimum"} & rules.keys() and {"maximum", "exclusiveMaximum"} & rules.keys())
        and "/defaults/" not in path
        and "personas/additionalProperties" not in path
    ]
    assert open_ended == []


def test_every_large_bound_is_one_of_the_module() -> None:
    known = {value for name, value in vars(bounds).items() if name.isupper() and isinstance(value, int)} | {2**63 - 1}
    # Draws and steps are bounded by what they are.
    known |= {10**6}
    large = {rules["maximum"] for name in WRITTEN for _, rules in numbers(schemas.schema(name)) if "maximum" in rules}
    assert {bound for bound in large if bound >= ROUND} <= known


def test_the_bounds_follow_from_sixty_four_bits() -> None:
    assert 2 * bounds.MOST_NANOS - 1 == 2**63 - 1
    assert bounds.MOST_DOLLARS * bounds.NANO <= bounds.MOST_NANOS < 10 * bounds.MOST_DOLLARS * bounds.NANO
    assert bounds.MOST_TOKENS * bounds.MOST_RATE // 10**6 <= bounds.MOST_IN_ALL
    assert bounds.MOST_AIMED_AT * 100 <= 2**62


OVERLAY = """
kind: overlay
title: Dearer
baseline: {baseline}
from: 2026-10-01
changes: {changes}
"""
SOURCED = "{value: VALUE, assumed: true, note: A what-if.}"


def overlay(folder: Path, baseline: str, changes: str) -> Path:
    path = folder / "overlay.yaml"
    path.write_text(OVERLAY.format(baseline=baseline, changes=changes), encoding="utf-8")
    return path


def test_a_price_in_whole_dollars_is_the_same_price(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    found = []
    for written in ("7", "7.00"):
        changes = f"{{models: {{claude-opus-5-5: {{input_usd_per_mtok: {SOURCED.replace('VALUE', written)}}}}}}}"
        card = catalogue.with_overlay(read_overlay(overlay(tmp_path, "claude_api", changes))).cards["claude_api"]
        found.append(card.price("claude-opus-5-5", date(2026, 11, 1)).input)
    assert found == [Decimal(7), Decimal(7)]
    assert [type(price) for price in found] == [Decimal, Decimal]


@pytest.mark.parametrize(
    ("baseline", "changes", "words"),
    [
        ("claude_api", "{models: {claude-opus-5-5: {input_usd_per_mtok: S}}}", "'value' must be at most 1000 (got"),
        ("enterprise", "{seats: {enterprise: {price_usd_per_month: S}}}", "'value' must be at most 1000000000 (got"),
    ],
)
def test_a_price_of_a_what_if_has_the_bounds_of_a_plan(tmp_path: Path, baseline: str, changes: str, words: str) -> None:
    sourced = SOURCED.replace("VALUE", "999999999999")
    with pytest.raises(InputError) as refused:
        read_overlay(overlay(tmp_path, baseline, changes.replace("S", sourced)))
    assert words in str(refused.value)


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-01"])
def test_a_day_of_another_century_is_asked_about(day: str) -> None:
    with pytest.raises(InputError, match=f"--start: {day} lies outside the years 2000 to 2099 - correct the year"):
        read_day("--start", day)


def test_a_year_typed_wrong_in_usage_to_fit_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    days = [f"2026-10-{day:02d}" for day in range(1, 29)]
    rows = "".join(f"{day},ada,chat,claude-opus-5-5,1000\n" for day in [*days, "2099-10-29"])
    path.write_text(f"date,user_id,surface,model,input_tokens\n{rows}", encoding="utf-8")
    with pytest.raises(InputError, match=r"usage\.csv:30: 2099-10-29 lies years away from most days of the file"):
        fit_usage(path, plan="enterprise", channel="sales_assisted", seats=50)
    assert sum(len(block.columns) for block in read_blocks(_without(path, "2099"))) == 28


def _without(path: Path, word: str) -> Path:
    """The file without the lines that have a word."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if word not in line]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"draws": 10**7}, "--draws: 10000000 is more than 1000000 - give at most 1000000"),
        ({"seed": 2**63}, "--seed: 9223372036854775808 is more than 9223372036854775807"),
        ({"jobs": 10**6}, "--jobs: 1000000 is more than 1024"),
        ({"detail": 10**9}, "--detail: 1000000000 is more than 1000000"),
        ({"budget": "1e99999999"}, "--budget: '1e99999999' is more than"),
        ({"budget": "1e30"}, "--budget: '1e30' is more than 10,000,000,000,000,000 dollars - write a smaller amount"),
    ],
)
def test_an_option_has_bounds_too(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        draw_options(**options)
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1e99999999", "must be an amount such as 12.34 (it is '1e99999999')"),
        ("1e-99999999", "must be an amount such as 12.34 (it is '1e-99999999')"),
        ("1e12", "is 1e12, more than 1,000,000,000 dollars - check the number"),
    ],
)
def test_an_amount_of_an_export_has_bounds_too(amount: str, words: str) -> None:
    record = Record({"cost": amount}, Place("export.csv", 2))
    assert record.money("cost") is None
    assert words in str(record.problems[0])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1999-12-31"])
def test_a_moment_of_an_export_lies_in_these_centuries(moment: str) -> None:
    record = Record({"at": moment}, Place("export.csv", 2))
    assert record.day("at") is None
    assert "lies outside the years 2000 to 2099 - correct the year" in str(record.problems[0])
