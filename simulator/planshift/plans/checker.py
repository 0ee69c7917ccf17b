"""Whether a value fits a JSON Schema: every rule that it breaks, and where."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass
class Breach:
    """A rule of a schema that a value breaks: the keyword and what it asks for, the value and where it stands.

    ``keys`` are those that are missing or unknown, ``branches`` the breaches of each alternative that fails. ``users``
    are the schemas that refer to the one that is broken, the outermost first, ``around`` those that it is a part of.
    """

    keyword: str
    rule: Any
    value: Any
    rules: Mapping[str, Any]
    path: Steps
    keys: tuple[str, ...] = ()
    branches: list[list[Breach]] = field(default_factory=list)
    users: list[Rules] = field(default_factory=list)
    around: list[Rules] = field(default_factory=list)
    parent: Breach | None = None
    of_key: bool = False

    @property
    def inner(self) -> list[Breach]:
        """The breaches of all alternatives."""
        return [breach for branch in self.branches for breach in branch]

    @property
    def is_inside(self) -> bool:
        """Is it about something in the value whose alternatives it belongs to, and not about that value itself?"""
        return self.parent is None or self.path != self.parent.path


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


def _absolute(part: Any, file: str) -> Any:
    """The same schema with every reference led by its file's name; a property that is ``false`` becomes ``not: {}``,
    of which a breach knows its path."""
    if isinstance(part, list):
        return [_absolute(item, file) for item in part]
    if not isinstance(part, dict):
        return part
    whole = {key: _absolute(item, file) for key, item in part.items()}
    if isinstance(whole.get("properties"), dict):
        whole["properties"] = {key: {"not": {}} if it is False else it for key, it in whole["properties"].items()}
    ref = whole.get("$ref")
    if isinstance(ref, str):
        beside, _, inside = ref.partition("#")
        whole["$ref"] = f"{beside.rsplit('/', 1)[-1] or file}#{inside}"
    return whole


class Checker:
    """Checks values against the JSON Schemas (2020-12) of one folder, as far as the keywords that they use; a keyword
    that is not known to it says nothing. A reference leads to a file of the folder; nothing is ever fetched.

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
                part = _absolute(read_schema(file), name)
            self.referred[ref] = part
        return self.referred[ref]

    def breaches(self, rules: Any, value: Any, path: Steps = ()) -> list[Breach]:
        """Every breach of a schema by a value, in the order of the schema's keywords."""
        if isinstance(rules, bool):
            return [] if rules else [Breach("", rules, value, {}, path)]
        found: list[Breach] = []
        for keyword, rule in rules.items():
            if keyword in _SIMPLE:
                if not _SIMPLE[keyword](rule, value, rules):
                    found.append(Breach(keyword, rule, value, rules, path))
            elif keyword in _NESTED:
                found += _NESTED[keyword](self, rule, value, rules, path)
        return found

    def _properties(self, rule: Any, value: Any, _: Any, path: Steps) -> Iterator[Breach]:
        if isinstance(value, dict):
            for key, rules in rule.items():
                if key in value:
                    yield from self.breaches(rules, value[key], (*path, key))

    def _additional(self, rule: Any, value: Any, rules: Any, path: Steps) -> Iterator[Breach]:
        if isinstance(value, dict):
            extras = [key for key in value if key not in rules.get("properties", ())]
            if isinstance(rule, dict):
                for key in extras:
                    yield from self.breaches(rule, value[key], (*path, key))
            elif extras and not rule:
                yield Breach("additionalProperties", rule, value, rules, path, tuple(extras))

    def _unevaluated(self, rule: Any, value: Any, rules: Any, path: Steps) -> Iterator[Breach]:
        if isinstance(value, dict):
            seen = self._evaluated(rules, value)
            extras = [key for key in value if key not in seen and self.breaches(rule, value[key])]
            if extras:
                yield Breach("unevaluatedProperties", rule, value, rules, path, tuple(extras))

    def _evaluated(self, rules: Any, value: dict[str, Any]) -> set[str]:
        """The keys that a schema, or a part of it that the value fits, says something of."""
        if isinstance(rules, bool):
            return set()
        found = {*rules.get("properties", ())}
        if "additionalProperties" in rules:
            found |= {key for key, item in value.items() if not self.breaches(rules["additionalProperties"], item)}
        parts = [each for keyword in ("allOf", "oneOf", "anyOf") for each in rules.get(keyword, ())]
        parts = [part for part in parts if not self.breaches(part, value)]
        if "$ref" in rules:
            parts.append(self.resolve(rules["$ref"]))
        if "if" in rules:
            fits = not self.breaches(rules["if"], value)
            parts += [rules["if"], rules.get("then", True)] if fits else [rules.get("else", True)]
        return found.union(*(self._evaluated(part, value) for part in parts))

    def _names(self, rule: Any, value: Any, _: Any, path: Steps) -> Iterator[Breach]:
        for key in value if isinstance(value, dict) else ():
            for breach in self.breaches(rule, key, path):
                breach.of_key = True
                yield breach

    def _required(self, rule: Any, value: Any, rules: Any, path: Steps) -> Iterator[Breach]:
        if isinstance(value, dict):
            yield from (Breach("required", rule, value, rules, path, (key,)) for key in rule if key not in value)

    def _items(self, rule: Any, value: Any, rules: Any, path: Steps) -> Iterator[Breach]:
        if isinstance(value, list):
            first = len(rules.get("prefixItems", ()))
            if isinstance(rule, bool):
                if not rule and len(value) > first:
                    yield Breach("items", rule, value, rules, path)
                return
            for index in range(first, len(value)):
                yield from self.breaches(rule, value[index], (*path, index))

    def _first_items(self, rule: Any, value: Any, _: Any, path: Steps) -> Iterator[Breach]:
        for index, (rules, item) in enumerate(zip(rule, value if isinstance(value, list) else (), strict=False)):
            yield from self.breaches(rules, item, (*path, index))

    def _ref(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        found = self.breaches(self.resolve(rule), value, path)
        for breach in found:
            if breach.path == path:
                breach.users = [rules, *breach.users]
        return found

    def _all(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        found = [breach for part in rule for breach in self.breaches(part, value, path)]
        return _within(rules, found, path)

    def _if(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        part = rules.get("else" if self.breaches(rule, value) else "then", True)
        return _within(rules, self.breaches(part, value, path), path)

    def _any(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        return self._alternatives("anyOf", rule, value, rules, path)

    def _one(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        return self._alternatives("oneOf", rule, value, rules, path)

    def _alternatives(self, keyword: str, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        branches = [self.breaches(part, value, path) for part in rule]
        fitting = branches.count([])
        if fitting == 1 or (fitting and keyword == "anyOf"):
            return []
        breach = Breach(keyword, rule, value, rules, path, branches=[] if fitting else branches)
        for inner in breach.inner:
            inner.parent = breach
        return [breach]

    def _not(self, rule: Any, value: Any, rules: Any, path: Steps) -> list[Breach]:
        return [] if self.breaches(rule, value) else [Breach("not", rule, value, rules, path)]


def _within(rules: Any, found: list[Breach], path: Steps) -> list[Breach]:
    """Breaches, where they are about the value at the path itself, with the schema that they are a part of."""
    for breach in found:
        if breach.path == path:
            breach.around = [rules, *breach.around]
    return found


_NESTED: dict[str, Callable[[Checker, Any, Any, Any, Steps], Iterable[Breach]]] = {
    "properties": Checker._properties,
    "additionalProperties": Checker._additional,
    "unevaluatedProperties": Checker._unevaluated,
    "propertyNames": Checker._names,
    "required": Checker._required,
    "items": Checker._items,
    "prefixItems": Checker._first_items,
    "$ref": Checker._ref,
    "allOf": Checker._all,
    "if": Checker._if,
    "anyOf": Checker._any,
    "oneOf": Checker._one,
    "not": Checker._not,
}


def _type(types: Any, value: Any, rules: Any) -> bool:
    """Is the value of one of the types? A whole number that may be any number learns so (see `read_valid`)."""
    types = [types] if isinstance(types, str) else types
    if isinstance(value, DateText) and "string" in types:
        # A text without a keyword or a format that speaks of its form may be no date.
        return rules.get("format") == "date" or not _DATE_WELCOME.isdisjoint(rules)
    if isinstance(value, Whole) and "number" in types:
        value.is_number = True
    return any(isinstance(value, _TYPES[each]) and (each == "boolean" or not isinstance(value, bool)) for each in types)


def _format(form: str, value: Any, _: Any) -> bool:
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
    "format": _format,
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
