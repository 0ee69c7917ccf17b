"""The JSON Schemas of the files that people write, and what they say of a document.

A schema may carry ``x-remedy`` (the remedy for whatever breaks it) and ``x-what`` (what a value is in words, such as "a
number of dollars") on any subschema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from planshift.plans.breaches import Breach, breaches
from planshift.plans.checker import DATE_PATTERN, Checker, DateText, Steps, Whole, read_schema
from planshift.plans.documents import Document, Value, compose
from planshift.plans.files import folder, read_text
from planshift.plans.scalars import shown
from planshift.plans.sentences import TYPES, Told, choices, listed, only_missing, sentence
from planshift.problems import SHOWN_AT_MOST, InputError, Place, Problem, did_you_mean, nearest

_HEADER = "# yaml-language-server: $schema="
_UNKNOWN = ("additionalProperties", "unevaluatedProperties")
_NESTED = ("allOf", "anyOf", "oneOf", "if", "then", "else")
_MOST_REFERENCES = 8
_FOLDERS = {
    "answers": "reports",
    "cases": "plans",
    "focus": "reports",
    "gallery": "reports",
    "overlay": "plans",
    "personas": "scenarios",
    "plan": "plans",
    "portfolio": "scenarios",
    "rates": "plans",
    "realism": "reports",
    "rules": "plans",
    "scenario": "scenarios",
}


@lru_cache
def _checker(directory: Path) -> Checker:
    return Checker(directory)


def names() -> tuple[str, ...]:
    """The names of the schemas, sorted."""
    return tuple(sorted(_FOLDERS))


def schema(name: str) -> dict[str, Any]:
    """The schema called ``name`` as its file has it, with decimals as Decimal; raises InputError for another name."""
    return read_schema(_file(name))


def header(name: str) -> str:
    """The first line of a file that tells editors where the schema called ``name`` is; InputError for another."""
    return f"{_HEADER}{_file(name).resolve().as_uri()}"


def headed(text: str, line: str) -> str:
    """A file's text with that line at its top, in place of one that names a schema already."""
    first, _, rest = text.partition("\n")
    return f"{line}\n{rest if first.startswith(_HEADER) else text}"


def problems(document: Document, name: str) -> list[Problem]:
    """What the schema called ``name`` finds wrong with a document, sorted by place; empty if nothing."""
    return _problems(document, name, _instance(document.data))


def _problems(document: Document, name: str, instance: Any) -> list[Problem]:
    file = _file(name)
    checker = _checker(file.parent)
    rules = checker.schema(file.name)
    if checker.is_sure(rules, instance):
        return []

    def without(path: Steps) -> list[Breach]:
        return breaches(file, _pruned(instance, path))

    return sorted(set(Violations(document, checker.resolve, without).problems(breaches(file, instance))))


def _pruned(instance: Any, path: Steps) -> Any:
    """A copy without the key at a path."""
    first, *rest = path
    if isinstance(instance, list):
        return [_pruned(item, tuple(rest)) if place == first else item for place, item in enumerate(instance)]
    if rest:
        return {key: _pruned(item, tuple(rest)) if key == first else item for key, item in instance.items()}
    return {key: item for key, item in instance.items() if key != first}


def read_valid(path: Path | str, name: str) -> Document:
    """The document in a file that fits the schema called ``name``; raises InputError with all mistakes.

    What the schema calls a number is a Decimal, also where it is written without decimals; an integer is an int.
    """
    document, found = compose(read_text(path), str(path))
    if document is None:
        raise InputError(found)
    instance = _instance(document.data)
    # A value that the YAML layer refused stands as text in the document; the schema would only say so again.
    refused = {problem.place for problem in found}
    found += [problem for problem in _problems(document, name, instance) if problem.place not in refused]
    if found:
        raise InputError(found)
    data: Any = _typed(document.data, instance)
    return replace(document, data=data)


def _typed(value: Value, instance: Any) -> Value:
    """A value with its numbers as the schema types them, which has looked at the instance of it."""
    if isinstance(value, dict):
        return {key: _typed(item, seen) for (key, item), seen in zip(value.items(), instance.values(), strict=True)}
    if isinstance(value, list):
        return [_typed(*pair) for pair in zip(value, instance, strict=True)]
    return Decimal(int(instance)) if isinstance(instance, Whole) and instance.is_number else value


def _file(name: str) -> Path:
    if name not in _FOLDERS:
        raise InputError.at(name, "there is no schema of this name", did_you_mean(name, _FOLDERS))
    return folder(_FOLDERS[name]) / "schema" / f"{name}.schema.json"


def _instance(value: Value) -> Any:
    """A value as a schema sees it: dates, as values and as keys, are ISO text that knows that it was a date, and whole
    numbers learn what the schema wants there."""
    if isinstance(value, dict):
        return {
            DateText(key.isoformat()) if isinstance(key, date) else key: _instance(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_instance(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return Whole(value)
    return DateText(value.isoformat()) if isinstance(value, date) else value


class Violations:
    """Translates breaches by one document.

    ``resolve`` gives the schema that a reference names, ``without`` the breaches that there would be without the key at
    a path.
    """

    def __init__(
        self,
        document: Document,
        resolve: Callable[[str], Any],
        without: Callable[[Steps], Iterable[Breach]],
    ) -> None:
        self.document = document
        self.resolve = resolve
        self.without = without
        self.left_to_try = SHOWN_AT_MOST
        self.known: Counter[object] = Counter()
        self.misspelt: set[tuple[Steps, str]] = set()

    def problems(self, breaches: Iterable[Breach]) -> list[Problem]:
        """The problems that the breaches are; a key that is missing because it is misspelt is one problem, not two."""
        found = [leaf for breach in breaches for leaf in _leaves(breach)]
        self.known = Counter(map(_kind, found))
        unknown = [breach for breach in found if breach.keyword in _UNKNOWN]
        other = [breach for breach in found if breach.keyword not in _UNKNOWN]
        failing = [breach.path for breach in other]
        said = [problem for breach in unknown for problem in self._unknown(breach, failing)]
        for breach in other:
            said += self._missing(breach) if breach.keyword == "required" else [self._problem(breach)]
        return said

    def _unknown(self, breach: Breach, failing: list[Steps]) -> Iterator[Problem]:
        path = breach.path
        known = self._known(breach.rules)
        broken = any(other[: len(path)] == path for other in failing)
        for key in breach.keys:
            place = self.document.key_place(*path, key)
            if key in known:
                # An alternative that fails for another reason makes its own keys look unknown.
                if not broken:
                    yield Problem(
                        place, f"key {shown(key)} does not belong here", _own(breach, "x-remedy") or "remove it"
                    )
                continue
            free = [other for other in known if other not in breach.value]
            near = nearest(key, free)
            if near is not None:
                self.misspelt.add((path, near))
            own = _own(breach, "x-remedy") if near is None else ""
            yield Problem(place, f"unknown key {shown(key)}{_inside(path)}", own or did_you_mean(key, free))

    def _missing(self, breach: Breach) -> list[Problem]:
        path, key = breach.path, breach.keys[0]
        if (path, key) in self.misspelt:
            return []
        known = (self._known(rules).get(key) for rules in (breach.rules, *breach.around))
        about = self._described(next(filter(None, known), {}))
        what = str(about.get("description") or self._wanted(about) or "its value")
        add = f"add {shown(key)}: {_mid_sentence(what)}"
        remedy = about.get("x-remedy") or _own(breach, "x-remedy") or add
        return [Problem(self.document.place(*path), f"key {shown(key)} is missing{_inside(path)}", remedy)]

    def _problem(self, breach: Breach) -> Problem:
        """The problem that any other breach is."""
        path = breach.path
        subject = f"the key {shown(breach.value)}" if breach.of_key else _subject(path)
        rules = breach.rules if isinstance(breach.rules, dict) else {}
        wanted = next((str(each["x-what"]) for each in breach.users if "x-what" in each), self._wanted(rules))
        example = next((listed(each["examples"][:1]) for each in (*breach.users, rules) if "examples" in each), "")
        options = []
        if breach.keyword in ("anyOf", "oneOf"):
            options = list(dict.fromkeys(filter(None, map(self._wanted, breach.rule))))
        fact, remedy = sentence(Told(breach, subject, wanted, options, example, partial(self._spare, path)))
        return Problem(self._place(breach, path), fact, _own(breach, "x-remedy") or remedy)

    def _spare(self, path: Steps, *key: str) -> bool:
        """Would nothing else be wrong without the key at a path? It is tried; of many mistakes, for those shown."""
        at = (*path, *key)
        if not at or isinstance(at[-1], int) or not self.left_to_try:
            return False
        self.left_to_try -= 1
        there = Counter(_kind(leaf) for breach in self.without(at) for leaf in _leaves(breach))
        return not there - self.known

    def _place(self, breach: Breach, path: Steps) -> Place:
        if breach.of_key:
            return self.document.key_place(*path, breach.value)
        if breach.keyword == "not" and path:
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


def _leaves(breach: Breach) -> list[Breach]:
    """The breaches to report for one: itself, or those of the alternative that was probably meant."""
    if not breach.branches:
        return [breach]
    if isinstance(breach.value, str) and nearest(breach.value, choices(breach.inner)) is not None:
        return [breach]
    fitting = [branch for branch in breach.branches if not any(map(_is_another_type, branch))]
    if not fitting or (len(fitting) > 1 and all(map(only_missing, fitting))):
        return [breach]
    meant = min(fitting, key=lambda branch: (any(map(_is_another_kind, branch)), len(branch)))
    return [leaf for inner in meant for leaf in _leaves(inner)]


def _kind(breach: Breach) -> object:
    """What makes an breach another one: where it is, and what it breaks."""
    missing = breach.keys[0] if breach.keyword == "required" else ""
    return breach.path, str(breach.keyword), missing


def _is_another_type(inner: Breach) -> bool:
    return not inner.is_inside and inner.keyword in ("type", "enum", "const", "format")


def _is_another_kind(inner: Breach) -> bool:
    return (
        inner.parent is not None
        and len(inner.path) == len(inner.parent.path) + 1
        and inner.keyword in ("enum", "const")
    )


def _own(breach: Breach, key: str) -> str:
    """What a schema says itself under a key: at the place of use first, then where it is defined, then around it."""
    for rules in (*breach.users, breach.rules):
        if isinstance(rules, dict) and key in rules:
            return str(rules[key])
    if breach.parent is not None and not breach.is_inside:
        return _own(breach.parent, key)
    return ""


def _subject(path: Steps) -> str:
    """What an breach is about: ``'price'``, ``item 2 of 'events'``, ``the file``."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, str):
        return shown(last)
    return f"item {last + 1} of {_subject(path[:-1])}"


def _inside(path: Steps) -> str:
    return f" in {_subject(path)}" if path else ""


def _mid_sentence(text: str) -> str:
    """A description's first sentence as part of another one."""
    first = text.split(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:] if first[1:2].islower() else first
