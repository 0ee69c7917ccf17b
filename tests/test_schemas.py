"""What a schema finds wrong with a document: one sentence of what must be and what came, and a remedy, at its place."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from planshift.plans import checker, schemas
from planshift.plans.breaches import breaches
from planshift.plans.documents import parse_document, read_document
from planshift.plans.files import folder
from planshift.problems import InputError

NOUN = {"type": "string", "pattern": "^[a-z_]+$", "examples": ["enterprise"]}
FULL = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/schema/plan.schema.json",
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "description": "The name that customers see. At most a line"},
        "checked": {"type": "string", "format": "date"},
        "price": {"$ref": "money.schema.json#/$defs/dollars"},
        "credit": {"$ref": "money.schema.json#/$defs/dollars", "x-remedy": "ask finance"},
        "share": {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.01},
        "months": {"type": "integer", "exclusiveMinimum": 0},
        "billing": {"enum": ["annual", "monthly"]},
        "active": {"type": "boolean"},
        "name": NOUN,
        "surfaces": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": ["chat", "cowork"]}},
        "prices": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^\\d{4}-\\d\\d-\\d\\d$", "x-remedy": "write the day from which it holds"},
            "additionalProperties": {"$ref": "money.schema.json#/$defs/dollars"},
        },
        "limit": {"anyOf": [{"$ref": "money.schema.json#/$defs/dollars"}, {"const": "unlimited"}]},
        "since": {"oneOf": [{"type": "string", "format": "date"}, {"const": "signing"}]},
        "seat": {"$ref": "#/$defs/seat"},
        "event": {
            "type": "object",
            "oneOf": [{"required": ["add"]}, {"required": ["remove"]}],
        },
        "meter": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["kind", "price"],
                    "additionalProperties": False,
                    "properties": {"kind": {"const": "flat"}, "price": {"type": "number"}},
                },
                {
                    "type": "object",
                    "required": ["kind", "tiers"],
                    "additionalProperties": False,
                    "properties": {"kind": {"const": "graduated"}, "tiers": {"type": "array"}},
                },
            ]
        },
        "old": {"not": {}, "x-remedy": "remove it: it ended in 2025"},
        "never": False,
        "pair": {"type": "object", "dependentRequired": {"below": ["amount"]}},
    },
    "$defs": {
        "seat": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["usage", "included"]}},
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": "included"}}, "required": ["kind"]},
                    "then": {
                        "required": ["week"],
                        "properties": {"week": {"type": "number", "description": "Dollars a week"}},
                    },
                }
            ],
            "unevaluatedProperties": False,
        }
    },
}
MONEY = {"$defs": {"dollars": {"type": "number", "minimum": 0, "x-what": "a number of dollars"}}}


@pytest.fixture
def plan_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a schema with one property for each thing that can be wrong."""
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "plan.schema.json").write_text(json.dumps(FULL), encoding="utf-8")
    (folder / "money.schema.json").write_text(json.dumps(MONEY), encoding="utf-8")
    monkeypatch.setattr(schemas, "folder", lambda name: tmp_path)
    return tmp_path


CLAIMS = [
    # unknown and missing keys
    ("pirce: 20.00", "2:1: unknown key 'pirce' - did you mean 'price'?"),
    ("Billing: annual", "2:1: unknown key 'Billing' - did you mean 'billing'?"),
    ("colour: red", "2:1: unknown key 'colour' - use one of: active, billing, checked, credit, event, …"),
    ("seat: {kind: usage, sead: 1}", "2:21: unknown key 'sead' in 'seat' - use one of: week"),
    ("seat: {kind: usage, week: 1}", "2:21: key 'week' does not belong here - remove it"),
    ("seat: {kind: included}", "2:7: key 'week' is missing in 'seat' - add 'week': dollars a week"),
    ("seat: {kind: included, wek: 5}", "2:24: unknown key 'wek' in 'seat' - did you mean 'week'?"),
    (
        "pair: {below: 5}",
        "2:7: 'pair' has 'below' and lacks 'amount', which goes with it - add 'amount' or remove 'below'",
    ),
    ("old: 5", "2:1: key 'old' does not belong here - remove it: it ended in 2025"),
    ("never: 5", "2:1: key 'never' does not belong here - remove it"),
    # types
    ("price: '24.00'", "2:8: 'price' must be a number of dollars (got text '24.00') - write 24.00 without quotes"),
    ("price: free", "(got text 'free') - write digits, with a point for decimals, without quotes"),
    ("price:", "'price' must be a number of dollars (got nothing) - write it, or remove the key"),
    ("price: true", "'price' must be a number of dollars (got true)"),
    ("price: [20.00, 1]", "'price' must be a number of dollars (got a list of 2)"),
    ("price: {a: 1, b: 2}", "'price' must be a number of dollars (got keys a, b)"),
    ("credit: much", "2:9: 'credit' must be a number of dollars (got text 'much') - ask finance"),
    ("months: 12.0", "2:9: 'months' must be a whole number (got 12.0) - write 12"),
    ("months: 2026-10-01", "'months' must be a whole number (got the date 2026-10-01)"),
    ("active: 'true'", "'active' must be true or false (got text 'true') - write true or false"),
    ("name: 12", "'name' must be text (got 12) - quote it: '12'"),
    (
        "seat: usage",
        "2:7: 'seat' must be keys with values (got text 'usage') - write its keys on lines below it, indented",
    ),
    ("surfaces: chat", "2:11: 'surfaces' must be a list (got text 'chat') - write it as [a, b]"),
    # dates
    ("checked: tomorrow", "2:10: 'checked' must be a date (got text 'tomorrow') - write it like 2026-10-01"),
    ("checked: '2026-10-01'", "'checked' must be a date (got text '2026-10-01') - write 2026-10-01 without quotes"),
    ("checked: 20261001", "'checked' must be a date (got 20261001) - write it like 2026-10-01"),
    ("prices: {2026-10-01: 5, later: 6}", "2:25: the key 'later' must be a date - write the day from which it holds"),
    ("prices: {'2026-10-01': 5}", "2:10: the key '2026-10-01' must be a date - write the day"),
    ("prices: {2026-10-01: x}", "2:22: '2026-10-01' must be a number of dollars (got text 'x')"),
    # values
    (
        "billing: anually",
        "2:10: 'billing' must be one of annual, monthly (got text 'anually') - did you mean 'annual'?",
    ),
    ("billing: 12", "'billing' must be one of annual, monthly (got 12) - use one of: annual, monthly"),
    ("surfaces: [chat, cowrok]", "2:18: item 2 of 'surfaces' must be one of chat, cowork (got text 'cowrok')"),
    ("surfaces: []", "2:11: 'surfaces' must not be empty - write at least one item, or remove the key"),
    ("surfaces: [chat, chat]", "2:11: 'surfaces' has an item twice - remove the repetition"),
    ("prices: {}", "2:9: 'prices' must not be empty - write at least one key"),
    ("price: -5.00", "2:8: 'price' must be at least 0 (got -5.00) - write a number of dollars, at least 0"),
    ("share: 20", "2:8: 'share' must be at most 1 (got 20) - write a number, at most 1"),
    ("share: 0.075", "2:8: 'share' must have at most 2 decimals (got 0.075) - round it"),
    ("months: 0", "2:9: 'months' must be more than 0 (got 0)"),
    ("name: Big Plan", "2:7: 'name' must have a form like enterprise (got text 'Big Plan') - write it in that form"),
    # alternatives
    ("limit: -1", "2:8: 'limit' must be at least 0 (got -1)"),
    ("limit: unlimted", "must be a number of dollars or unlimited (got text 'unlimted') - did you mean 'unlimited'?"),
    ("limit: '20'", "'limit' must be a number of dollars or unlimited (got text '20') - write 20 without quotes"),
    ("limit: [1]", "'limit' must be a number of dollars or unlimited (got a list of 1) - write a number of dollars or"),
    ("since: soon", "'since' must be a date or signing (got text 'soon') - write a date or signing"),
    ("event: {date: 2026-10-01}", "2:8: 'event' must have one of the keys add, remove (got keys date) - add the one"),
    ("event: {add: 1, remove: 2}", "2:8: 'event' can have only one of the keys add, remove - keep one of them"),
    ("meter: {kind: flat, pirce: 5}", "2:21: unknown key 'pirce' in 'meter' - did you mean 'price'?"),
    ("meter: {kind: graduated, tiers: 5}", "2:33: 'tiers' must be a list (got 5)"),
]


@pytest.mark.parametrize(("line", "words"), CLAIMS, ids=[line for line, _ in CLAIMS])
def test_one_mistake_is_one_sentence_at_its_place(plan_schema: Path, line: str, words: str) -> None:
    found = schemas.problems(parse_document(f"title: One\n{line}\n", "a.yaml"), "plan")
    assert len(found) == 1, found
    assert words in str(found[0])


def test_a_missing_key_stands_at_its_mapping_with_its_description(plan_schema: Path) -> None:
    [problem] = schemas.problems(parse_document("\nprice: 20\n", "a.yaml"), "plan")
    assert str(problem) == "a.yaml:2:1: key 'title' is missing - add 'title': the name that customers see"


def test_a_date_where_text_is_wanted_is_to_be_quoted(plan_schema: Path) -> None:
    [problem] = schemas.problems(parse_document("title: 2026-10-01\n", "a.yaml"), "plan")
    assert problem.fact == "'title' must be text (got the date 2026-10-01)"
    assert problem.remedy == "quote it: '2026-10-01'"


def test_what_is_right_has_no_problem(plan_schema: Path) -> None:
    text = (
        "title: One\nchecked: 2026-10-01\nprice: 20.00\nshare: 0.07\nmonths: 12\nlimit: unlimited\nsince: 2026-10-01\n"
        "prices: {2026-10-01: 20}\nseat: {kind: included, week: 6.00}\nmeter: {kind: flat, price: 1}\nevent: {add: 1}\n"
    )
    assert schemas.problems(parse_document(text, "a.yaml"), "plan") == []


def test_mistakes_of_yaml_and_of_the_schema_come_together_and_each_once(plan_schema: Path) -> None:
    file = plan_schema / "a.yaml"
    file.write_text("title: One\nprice: 24,00\nmonths: 0\nactive: no\ncolour: red\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        schemas.read_valid(file, "plan")
    lines = [problem.place.line for problem in refused.value.problems]
    assert lines == [2, 3, 4, 5]


def test_a_syntax_error_does_not_make_the_rest_look_missing(plan_schema: Path) -> None:
    file = plan_schema / "a.yaml"
    file.write_text("price: 5\nmonths: [1\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        schemas.read_valid(file, "plan")
    assert [problem.fact for problem in refused.value.problems] == ["a bracket is not closed, or a comma is missing"]


def test_a_reference_outside_the_folder_is_never_fetched(plan_schema: Path) -> None:
    broken: dict[str, Any] = {"$ref": "https://example.org/elsewhere.json"}
    (plan_schema / "schema" / "rates.schema.json").write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(Exception, match=r"elsewhere\.json"):
        schemas.problems(parse_document("a: 1\n", "a.yaml"), "rates")


def test_an_unknown_schema_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"scenari: there is no schema of this name - did you mean 'scenario'\?"):
        schemas.schema("scenari")


@pytest.mark.parametrize("name", schemas.names())
def test_a_shipped_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.schema(name))


@pytest.mark.parametrize("name", schemas.names())
def test_every_keyword_of_a_shipped_schema_is_checked(name: str) -> None:
    assert set(keywords(schemas.schema(name))) <= {*checker._SIMPLE, *checker._NESTED, *checker.SAID}


def keywords(rules: Any) -> Iterator[str]:
    """Every keyword of a schema and of its parts."""
    for keyword, rule in rules.items() if isinstance(rules, dict) else ():
        yield keyword
        if keyword in ("properties", "$defs"):
            yield from (inner for part in rule.values() for inner in keywords(part))
        elif keyword not in ("enum", "const", "examples", "dependentRequired"):
            yield from (inner for part in (rule if isinstance(rule, list) else [rule]) for inner in keywords(part))


CHANGED: list[Callable[[Any], Any]] = [
    lambda value: None,
    lambda value: [value],
    lambda value: {"value": value, "of": 1},
    lambda value: str(value),
    lambda value: -1,
    lambda value: Decimal("1.5"),
    lambda value: True,
    lambda value: date(2027, 1, 1),
    lambda value: value[:-1] if isinstance(value, list | str) else value,
    lambda value: dict([*value.items()][1:]) if isinstance(value, dict) else value,
    lambda value: {**value, "colour": 5} if isinstance(value, dict) else value,
]


def changed(value: Any, chance: random.Random, steps: int) -> Any:
    """The value with something in it replaced by something else, so many steps down at most."""
    if steps and isinstance(value, dict | list) and value:
        key = chance.choice([*value] if isinstance(value, dict) else range(len(value)))
        inner = changed(value[key], chance, steps - 1)
        if isinstance(value, dict):
            return {**value, key: inner}
        return [*value[:key], inner, *value[key + 1 :]]
    return chance.choice(CHANGED)(value)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("plan", "plans/legacy_chat_claude_code.yaml"),
        ("plan", "plans/enterprise.yaml"),
        ("rates", "plans/rates/claude_api.yaml"),
        ("overlay", "plans/overlays/sonnet_by_default.yaml"),
        ("cases", "plans/cases/limits.yaml"),
        ("rules", "plans/rules.yaml"),
        ("scenario", "scenarios/renewal_demo.yaml"),
        ("scenario", "scenarios/young_company_credits.yaml"),
        ("personas", "scenarios/personas.yaml"),
        ("portfolio", "scenarios/portfolios/forty_accounts.yaml"),
    ],
)
def test_a_value_fits_where_jsonschema_finds_nothing(name: str, file: str) -> None:
    data: Any = read_document(folder(file.partition("/")[0]) / file.partition("/")[2]).data
    schema = schemas._file(name)
    quick, chance, broken = schemas._checker(schema.parent), random.Random(file), 0
    rules = quick.schema(schema.name)
    for _ in range(60):
        instance = schemas._instance(changed(data, chance, chance.randrange(9)))
        found = breaches(schema, instance)
        assert quick.fits(rules, instance) == (not found)
        broken += bool(found)
    assert broken > 20


NUMBERED = {"patternProperties": {"^a": {"type": "integer"}}}


@pytest.mark.parametrize("rules", [NUMBERED, {"not": {"not": NUMBERED}}, {"oneOf": [NUMBERED, {"type": "array"}]}])
def test_a_keyword_that_is_not_known_is_left_to_jsonschema(plan_schema: Path, rules: dict[str, Any]) -> None:
    (plan_schema / "schema" / "rates.schema.json").write_text(json.dumps(rules), encoding="utf-8")
    assert schemas.problems(parse_document("a: 1\n", "a.yaml"), "rates") == []
    assert len(schemas.problems(parse_document("a: one\n", "a.yaml"), "rates")) == 1
