"""Whether a value fits a JSON Schema, answered at once; which rules it breaks, `planshift.plans.breaches` says."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from planshift.plans.scalars import may_mark_thousands

Rules: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = tuple[str | int, ...]

DATE_PATTERN = r"^\d{4}-\d"
DOLLARS = "dollars"
"""The format of an amount of money: not one that could have its thousands marked, such as 5.000."""

# Keywords that say of a text that it may be a date; a text without one of them, or the format of one, may not.
_DATE_WELCOME = {"pattern", "enum", "const"}


class DateText(str):
    """The ISO text of a date: a text to JSON Schema, and still known as a date."""

    __slots__ = ()


class Whole(int):
    """A whole number that knows whether the schema wants any number where it stands."""

    is_number = False


def read_schema(file: Path) -> dict[str, Any]:
    """The schema in a file, with decimals as Decimal."""
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    return loaded


def absolute(part: Any, file: str) -> Any:
    """The same schema with every reference led by its file's name, without ``$id`` and ``$schema``, which would lead
    jsonschema elsewhere; a property that is ``false`` becomes ``not: {}``, of which an error knows its path."""
    if isinstance(part, list):
        return [absolute(item, file) for item in part]
    if not isinstance(part, dict):
        return part
    whole = {key: absolute(item, file) for key, item in part.items() if key not in ("$id", "$schema")}
    if isinstance(whole.get("properties"), dict):
        whole["properties"] = {key: {"not": {}} if it is False else it for key, it in whole["properties"].items()}
    ref = whole.get("$ref")
    if isinstance(ref, str):
        beside, _, inside = ref.partition("#")
        whole["$ref"] = f"{beside.rsplit('/', 1)[-1] or file}#{inside}"
    return whole


class UnknownKeywordError(LookupError):
    """A schema has a rule that only jsonschema knows."""


class Checker:
    """Says whether values fit the JSON Schemas (2020-12) of one folder, as far as the keywords that they use; with
    another keyword it is not sure, and jsonschema is asked. Nothing is ever fetched.

    A number is an int or a Decimal, a date of YAML a `DateText`, which is no text unless the schema speaks of its form.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.referred: dict[str, Any] = {}

    def schema(self, name: str) -> Any:
        """The schema in a file of the folder."""
        return self.resolve(f"{name}#")

    def resolve(self, ref: str) -> Any:
        """The schema that a reference such as ``plan.schema.json#/$defs/rules`` leads to; KeyError for another one."""
        if ref not in self.referred:
            name, _, inside = ref.partition("#")
            if inside:
                part = self.resolve(f"{name}#")
                for key in inside.strip("/").split("/"):
                    part = part[key]
            else:
                file = self.directory / name
                if file.name != name or not file.is_file():
                    raise KeyError(f"there is no schema {name} in {self.directory}")
                part = absolute(read_schema(file), name)
            self.referred[ref] = part
        return self.referred[ref]

    def is_sure(self, rules: Any, value: Any) -> bool:
        """Whether a value keeps to every rule of a schema, and no rule is one that only jsonschema knows."""
        try:
            return self.fits(rules, value)
        except UnknownKeywordError:
            return False

    def fits(self, rules: Any, value: Any) -> bool:
        """Whether a value keeps to every rule of a schema; UnknownKeywordError at a rule that is not known here."""
        if isinstance(rules, bool):
            return rules
        for keyword, rule in rules.items():
            if keyword in _SIMPLE:
                if not _SIMPLE[keyword](rule, value, rules):
                    return False
            elif keyword in _NESTED:
                if not _NESTED[keyword](self, rule, value, rules):
                    return False
            elif keyword not in SAID:
                raise UnknownKeywordError(keyword)
        return True

    def _properties(self, rule: Any, value: Any, _: Any) -> bool:
        return not isinstance(value, dict) or all(
            self.fits(rules, value[key]) for key, rules in rule.items() if key in value
        )

    def _additional(self, rule: Any, value: Any, rules: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(self.fits(rule, item) for key, item in value.items() if key not in rules.get("properties", ()))

    def _unevaluated(self, rule: Any, value: Any, rules: Any) -> bool:
        if not isinstance(value, dict):
            return True
        seen = self._evaluated(rules, value)
        return all(key in seen or self.fits(rule, item) for key, item in value.items())

    def _evaluated(self, rules: Any, value: dict[str, Any]) -> set[str]:
        """The keys that a schema, or a part of it that the value fits, says something of."""
        if isinstance(rules, bool):
            return set()
        found = {*rules.get("properties", ())}
        if "additionalProperties" in rules:
            found |= {key for key, item in value.items() if self.fits(rules["additionalProperties"], item)}
        parts = [each for keyword in ("allOf", "oneOf", "anyOf") for each in rules.get(keyword, ())]
        parts = [part for part in parts if self.fits(part, value)]
        if "$ref" in rules:
            parts.append(self.resolve(rules["$ref"]))
        if "if" in rules:
            fits = self.fits(rules["if"], value)
            parts += [rules["if"], rules.get("then", True)] if fits else [rules.get("else", True)]
        return found.union(*(self._evaluated(part, value) for part in parts))

    def _items(self, rule: Any, value: Any, rules: Any) -> bool:
        first = len(rules.get("prefixItems", ()))
        return not isinstance(value, list) or all(self.fits(rule, item) for item in value[first:])

    def _first_items(self, rule: Any, value: Any, _: Any) -> bool:
        pairs = zip(rule, value if isinstance(value, list) else (), strict=False)
        return all(self.fits(rules, item) for rules, item in pairs)

    def _if(self, rule: Any, value: Any, rules: Any) -> bool:
        return self.fits(rules.get("then" if self.fits(rule, value) else "else", True), value)

    def _fitting(self, rule: Any, value: Any) -> int:
        """How many alternatives a value fits; all are asked, as a number learns from each what is wanted."""
        return [self.fits(part, value) for part in rule].count(True)


_NESTED: dict[str, Callable[[Checker, Any, Any, Any], bool]] = {
    "properties": Checker._properties,
    "additionalProperties": Checker._additional,
    "unevaluatedProperties": Checker._unevaluated,
    "propertyNames": lambda by, rule, value, _: not isinstance(value, dict) or all(by.fits(rule, key) for key in value),
    "required": lambda _, rule, value, __: not isinstance(value, dict) or all(key in value for key in rule),
    "items": Checker._items,
    "prefixItems": Checker._first_items,
    "$ref": lambda by, rule, value, _: by.fits(by.resolve(rule), value),
    "allOf": lambda by, rule, value, _: by._fitting(rule, value) == len(rule),
    "if": Checker._if,
    "anyOf": lambda by, rule, value, _: by._fitting(rule, value) > 0,
    "oneOf": lambda by, rule, value, _: by._fitting(rule, value) == 1,
    "not": lambda by, rule, value, _: not by.fits(rule, value),
}
SAID = {
    *("$schema", "$id", "$defs", "title", "description", "examples", "then", "else"),
    *("x-remedy", "x-what"),
}
"""What a schema says to people, and what belongs to other keywords."""


def may_be_date(rules: Rules) -> bool:
    """May a text be a date: does a keyword or the format speak of its form?"""
    return rules.get("format") == "date" or not _DATE_WELCOME.isdisjoint(rules)


def _type(types: Any, value: Any, rules: Any) -> bool:
    """Is the value of one of the types? A whole number that may be any number learns so (see `read_valid`)."""
    types = [types] if isinstance(types, str) else types
    if isinstance(value, DateText) and "string" in types:
        return may_be_date(rules)
    if isinstance(value, Whole) and "number" in types:
        value.is_number = True
    return any(isinstance(value, _TYPES[each]) and (each == "boolean" or not isinstance(value, bool)) for each in types)


def has_format(form: str, value: Any) -> bool:
    """Does a value have one of our formats, where it is of a kind that may have it?"""
    if form == "date":
        return isinstance(value, DateText) or not isinstance(value, str)
    return form != DOLLARS or not isinstance(value, Decimal) or not may_mark_thousands(f"{value:f}")


def _pattern(form: str, value: Any, _: Any) -> bool:
    if not isinstance(value, str):
        return True
    return (isinstance(value, DateText) or not form.startswith(DATE_PATTERN)) and re.search(form, value) is not None


def _dependent(rule: Any, value: Any, _: Any) -> bool:
    return not isinstance(value, dict) or all(value.keys() >= {*keys} for key, keys in rule.items() if key in value)


def _distinct(value: Any) -> Any:
    """Something that equals that of another value only where JSON Schema says that both are equal: true is not 1."""
    if isinstance(value, list):
        return (list, *map(_distinct, value))
    if isinstance(value, dict):
        return frozenset((key, _distinct(item)) for key, item in value.items())
    return (bool, value) if isinstance(value, bool) else value


def _only(kind: Any, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Any], bool]:
    """What holds of a rule and a value of that kind; any other value is no breach."""
    return lambda rule, value, _: not isinstance(value, kind) or isinstance(value, bool) or holds(value, rule)


_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, Decimal),
    "boolean": bool,
    "null": type(None),
}
_SIMPLE: dict[str, Callable[[Any, Any, Any], bool]] = {
    "type": _type,
    "format": lambda form, value, _: has_format(form, value),
    "pattern": _pattern,
    "enum": lambda rule, value, _: any(_distinct(value) == _distinct(each) for each in rule),
    "const": lambda rule, value, _: bool(_distinct(value) == _distinct(rule)),
    "minimum": _only((int, Decimal), operator.ge),
    "maximum": _only((int, Decimal), operator.le),
    "exclusiveMinimum": _only((int, Decimal), operator.gt),
    "exclusiveMaximum": _only((int, Decimal), operator.lt),
    "multipleOf": _only((int, Decimal), lambda value, step: value % step == 0),
    "minLength": _only(str, lambda value, least: len(value) >= least),
    "maxLength": _only(str, lambda value, most: len(value) <= most),
    "minItems": _only(list, lambda value, least: len(value) >= least),
    "maxItems": _only(list, lambda value, most: len(value) <= most),
    "minProperties": _only(dict, lambda value, least: len(value) >= least),
    "maxProperties": _only(dict, lambda value, most: len(value) <= most),
    "uniqueItems": _only(list, lambda value, wanted: not wanted or len({*map(_distinct, value)}) == len(value)),
    "dependentRequired": _dependent,
}
