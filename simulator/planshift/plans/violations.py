"""The errors of a JSON Schema validator as problems: which of them to speak of, where they stand, and in what words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.scalars import shown
from planshift.plans.sentences import (
    DATE_PATTERN,
    TYPES,
    Rules,
    SchemaError,
    Told,
    choices,
    listed,
    missing_key,
    only_missing,
    sentence,
)
from planshift.problems import SHOWN_AT_MOST, Place, Problem, did_you_mean, nearest

_Path = tuple[str | int, ...]
_UNKNOWN = ("additionalProperties", "unevaluatedProperties")
_NESTED = ("allOf", "anyOf", "oneOf", "if", "then", "else")
_MOST_REFERENCES = 8


class Violations:
    """Translates errors about one document; ``resolve`` gives the schema that a reference names, ``without`` the errors
    that there would be without the key at a path."""

    def __init__(
        self,
        document: Document,
        resolve: Callable[[str], Any],
        without: Callable[[_Path], Iterable[SchemaError]],
    ) -> None:
        self.document = document
        self.resolve = resolve
        self.without = without
        self.left_to_try = SHOWN_AT_MOST
        self.known: Counter[object] = Counter()
        self.misspelt: set[tuple[_Path, str]] = set()

    def problems(self, errors: Iterable[SchemaError]) -> list[Problem]:
        """The problems that the errors are; a key that is missing because it is misspelt is one problem, not two."""
        found = [leaf for error in errors for leaf in _leaves(error)]
        self.known = Counter(map(_kind, found))
        unknown = [error for error in found if error.validator in _UNKNOWN]
        other = [error for error in found if error.validator not in _UNKNOWN]
        failing = [_path(error) for error in other]
        said = [problem for error in unknown for problem in self._unknown(error, failing)]
        for error in other:
            said += self._missing(error) if error.validator == "required" else [self._problem(error)]
        return said

    def _unknown(self, error: SchemaError, failing: list[_Path]) -> Iterator[Problem]:
        path = _path(error)
        known = self._known(error.schema)
        broken = any(other[: len(path)] == path for other in failing)
        for key in _extras(error):
            place = self.document.key_place(*path, key)
            if key in known:
                # An alternative that fails for another reason makes its own keys look unknown.
                if not broken:
                    yield Problem(
                        place, f"key {shown(key)} does not belong here", _own(error, "x-remedy") or "remove it"
                    )
                continue
            free = [other for other in known if other not in error.instance]
            near = nearest(key, free)
            if near is not None:
                self.misspelt.add((path, near))
            own = _own(error, "x-remedy") if near is None else ""
            yield Problem(place, f"unknown key {shown(key)}{_inside(path)}", own or did_you_mean(key, free))

    def _missing(self, error: SchemaError) -> list[Problem]:
        path, key = _path(error), missing_key(error)
        if (path, key) in self.misspelt:
            return []
        known = (self._known(rules).get(key) for rules in (error.schema, *getattr(error, "around", ())))
        about = self._described(next(filter(None, known), {}))
        what = str(about.get("description") or self._wanted(about) or "its value")
        add = f"add {shown(key)}: {_mid_sentence(what)}"
        remedy = about.get("x-remedy") or _own(error, "x-remedy") or add
        return [Problem(self.document.place(*path), f"key {shown(key)} is missing{_inside(path)}", remedy)]

    def _problem(self, error: SchemaError) -> Problem:
        """The problem that any other error is."""
        path = _path(error)
        subject = f"the key {shown(error.instance)}" if _is_of_key(error) else _subject(path)
        rules = error.schema if isinstance(error.schema, dict) else {}
        wanted = next((str(each["x-what"]) for each in _users(error) if "x-what" in each), self._wanted(rules))
        example = next((listed(each["examples"][:1]) for each in (*_users(error), rules) if "examples" in each), "")
        options = []
        if error.validator in ("anyOf", "oneOf"):
            options = list(dict.fromkeys(filter(None, map(self._wanted, error.validator_value))))
        fact, remedy = sentence(Told(error, subject, wanted, options, example, partial(self._spare, path)))
        return Problem(self._place(error, path), fact, _own(error, "x-remedy") or remedy)

    def _spare(self, path: _Path, *key: str) -> bool:
        """Would nothing else be wrong without the key at a path? It is tried; of many mistakes, for those shown."""
        at = (*path, *key)
        if not at or isinstance(at[-1], int) or not self.left_to_try:
            return False
        self.left_to_try -= 1
        there = Counter(_kind(leaf) for error in self.without(at) for leaf in _leaves(error))
        return not there - self.known

    def _place(self, error: SchemaError, path: _Path) -> Place:
        if _is_of_key(error):
            return self.document.key_place(*path, error.instance)
        if error.validator == "not" and path:
            return self.document.key_place(*path)
        return self.document.place(*path)

    def _known(self, rules: Any, depth: int = 0) -> dict[str, Any]:
        """The keys that a schema knows, those of its alternatives and references among them."""
        if not isinstance(rules, dict) or depth > _MOST_REFERENCES:
            return {}
        parts = [rules[key] for key in _NESTED if key in rules]
        if "$ref" in rules:
            parts.append(self.resolve(rules["$ref"]))
        known: dict[str, Any] = {}
        for part in parts:
            for each in part if isinstance(part, list) else [part]:
                # What a key is, is said where it is described; a condition only names it.
                found = self._known(each, depth + 1)
                known |= {key: about for key, about in found.items() if len(about) > len(known.get(key, ()))}
        return {**known, **rules.get("properties", {})}

    def _described(self, rules: Any) -> dict[str, Any]:
        """A schema with what its references say, its own words first."""
        merged = dict(rules) if isinstance(rules, dict) else {}
        for _ in range(_MOST_REFERENCES):
            if "$ref" not in merged:
                break
            referred = self.resolve(merged.pop("$ref"))
            merged = {**(referred if isinstance(referred, dict) else {}), **merged}
        return merged

    def _wanted(self, rules: Any) -> str:
        """What a schema wants, in words; empty if it does not say."""
        rules = self._described(rules)
        if "x-what" in rules:
            return str(rules["x-what"])
        if "const" in rules or "enum" in rules:
            return listed(rules["enum"] if "enum" in rules else [rules["const"]], " or ")
        if rules.get("format") == "date" or str(rules.get("pattern", "")).startswith(DATE_PATTERN):
            return "a date"
        types = rules.get("type", [])
        return " or ".join(TYPES[each] for each in ([types] if isinstance(types, str) else types))


def _leaves(error: SchemaError) -> list[SchemaError]:
    """The errors to report for one: itself, or those of the alternative that was probably meant."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return [error]
    if isinstance(error.instance, str) and nearest(error.instance, choices(error.context)) is not None:
        return [error]
    branches: dict[Any, list[SchemaError]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [branch for branch in branches.values() if not any(map(_is_another_type, branch))]
    if not fitting or (len(fitting) > 1 and all(map(only_missing, fitting))):
        return [error]
    meant = min(fitting, key=lambda branch: (any(map(_is_another_kind, branch)), len(branch)))
    return [leaf for inner in meant for leaf in _leaves(inner)]


def _kind(error: SchemaError) -> object:
    """What makes an error another one: where it is, and what it breaks."""
    missing = missing_key(error) if error.validator == "required" else ""
    return _path(error), str(error.validator), missing


def _is_another_type(inner: SchemaError) -> bool:
    return not inner.relative_path and inner.validator in ("type", "enum", "const", "format")


def _is_another_kind(inner: SchemaError) -> bool:
    return len(inner.relative_path) == 1 and inner.validator in ("enum", "const")


def _path(error: SchemaError) -> _Path:
    return tuple(error.absolute_path)


def _is_of_key(error: SchemaError) -> bool:
    return isinstance(error.instance, str) and "propertyNames" in error.absolute_schema_path


def _extras(error: SchemaError) -> list[str]:
    """The keys that an error about unknown keys is about."""
    keys = [str(key) for key in error.instance]
    if error.validator == "unevaluatedProperties":
        # jsonschema names them in its message only.
        return [key for key in keys if repr(key) in error.message]
    patterns = error.schema.get("patternProperties", {})
    known = error.schema.get("properties", {})
    return [key for key in keys if key not in known and not any(re.search(each, key) for each in patterns)]


def _users(error: SchemaError) -> list[Rules]:
    """The schemas that refer to the one that is broken, the outermost first."""
    users: list[Rules] = getattr(error, "users", [])
    return users


def _own(error: SchemaError, key: str) -> str:
    """What a schema says itself under a key: at the place of use first, then where it is defined, then around it."""
    for rules in (*_users(error), error.schema):
        if isinstance(rules, dict) and key in rules:
            return str(rules[key])
    if error.parent is not None and not error.relative_path:
        return _own(error.parent, key)
    return ""


def _subject(path: _Path) -> str:
    """What an error is about: ``'price'``, ``item 2 of 'events'``, ``the file``."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, str):
        return shown(last)
    return f"item {last + 1} of {_subject(path[:-1])}"


def _inside(path: _Path) -> str:
    return f" in {_subject(path)}" if path else ""


def _mid_sentence(text: str) -> str:
    """A description's first sentence as part of another one."""
    first = text.split(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:] if first[1:2].islower() else first
