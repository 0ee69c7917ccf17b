"""The JSON Schemas of the files that people write, and what they say of a document.

A schema may carry ``x-remedy`` (the remedy for whatever breaks it) and ``x-what`` (what a value is in words, such as "a
number of dollars") on any subschema.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planshift.plans.documents import Document, Value, compose
from planshift.plans.files import folder, read_text
from planshift.plans.scalars import may_mark_thousands
from planshift.plans.sentences import DATE_PATTERN, DOLLARS, DateText
from planshift.plans.violations import Violations
from planshift.problems import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry

_Keyword = Callable[..., Iterable["ValidationError"]]

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

# Keywords that say of a text that it may be a date; a text without one of them, or the format of one, may not.
_DATE_WELCOME = {"pattern", "enum", "const"}


def names() -> tuple[str, ...]:
    """The names of the schemas, sorted."""
    return tuple(sorted(_FOLDERS))


def schema(name: str) -> dict[str, Any]:
    """The schema called ``name`` as its file has it, with decimals as Decimal; raises InputError for another name."""
    return _read(_file(name))


def problems(document: Document, name: str) -> list[Problem]:
    """What the schema called ``name`` finds wrong with a document, sorted by place; empty if nothing."""
    return _problems(document, name, _instance(document.data))


def _problems(document: Document, name: str, instance: Any) -> list[Problem]:
    file = _file(name)
    validator = _validator(file)

    def without(path: tuple[str | int, ...]) -> Iterator[ValidationError]:
        return validator.iter_errors(_pruned(instance, path))

    found = Violations(document, _resolver(file.parent), without).problems(validator.iter_errors(instance))
    return sorted(set(found))


def _pruned(instance: Any, path: tuple[str | int, ...]) -> Any:
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


class _Whole(int):
    """A whole number that knows whether the schema wants any number where it stands."""

    is_number = False


def _typed(value: Value, instance: Any) -> Value:
    """A value with its numbers as the schema types them, which has looked at the instance of it."""
    if isinstance(value, dict):
        return {key: _typed(item, seen) for (key, item), seen in zip(value.items(), instance.values(), strict=True)}
    if isinstance(value, list):
        return [_typed(*pair) for pair in zip(value, instance, strict=True)]
    return Decimal(int(instance)) if isinstance(instance, _Whole) and instance.is_number else value


def _file(name: str) -> Path:
    if name not in _FOLDERS:
        raise InputError.at(name, "there is no schema of this name", did_you_mean(name, _FOLDERS))
    return folder(_FOLDERS[name]) / "schema" / f"{name}.schema.json"


def _read(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    return loaded


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
        return _Whole(value)
    return DateText(value.isoformat()) if isinstance(value, date) else value


def _absolute(part: Any, file: str) -> Any:
    """The same schema with every reference led by its file's name.

    ``$id`` and ``$schema`` are dropped: the first would move the base of references, the second would make jsonschema
    fall back to its own keywords. A property that is ``false`` becomes ``not: {}``, whose errors know their path.
    """
    if isinstance(part, list):
        return [_absolute(item, file) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _absolute(item, file) for key, item in part.items() if key not in ("$id", "$schema")}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {
            key: {"not": {}} if rules is False else rules for key, rules in kept["properties"].items()
        }
    ref = kept.get("$ref")
    if isinstance(ref, str):
        beside, _, inside = ref.partition("#")
        kept["$ref"] = f"{beside.rsplit('/', 1)[-1] or file}#{inside}"
    return kept


@lru_cache
def _registry(directory: Path) -> Registry[Any]:
    """The schemas of one folder by the names of their files; nothing is ever fetched."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # Crawled once: a registry that has not been would crawl anew at every reference.
    empty: Registry[Any] = Registry()
    return empty.with_resources(
        (file.name, DRAFT202012.create_resource(_absolute(_read(file), file.name)))
        for file in sorted(directory.glob("*.schema.json"))
    ).crawl()


def _resolver(directory: Path) -> Callable[[str], Any]:
    resolver = _registry(directory).resolver()
    return lambda ref: resolver.lookup(ref).contents


@lru_cache
def _validator(file: Path) -> Validator:
    """The validator of a schema file, with our keywords for types, date patterns and references."""
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError
    from jsonschema.validators import extend

    keywords = Draft202012Validator.VALIDATORS

    def kind(validator: Validator, types: Any, instance: object, rules: dict[str, Any]) -> Iterable[ValidationError]:
        welcome = rules.get("format") == "date" or _DATE_WELCOME & rules.keys()
        if isinstance(instance, DateText) and "string" in types and not welcome:
            return [ValidationError("a date where text is wanted")]
        if isinstance(instance, _Whole) and "number" in types:
            instance.is_number = True
        return keywords["type"](validator, types, instance, rules) or ()

    def pattern(validator: Validator, form: str, instance: object, rules: dict[str, Any]) -> Iterable[ValidationError]:
        if form.startswith(DATE_PATTERN) and isinstance(instance, str) and not isinstance(instance, DateText):
            return [ValidationError("text where a date is wanted")]
        return keywords["pattern"](validator, form, instance, rules) or ()

    def led(keyword: str, note: str) -> _Keyword:
        """The keyword, whose errors about the value itself also note the schema that led to the one they break."""

        def check(validator: Validator, to: Any, instance: object, rules: dict[str, Any]) -> Iterator[ValidationError]:
            for error in keywords[keyword](validator, to, instance, rules) or ():
                if not error.path:
                    setattr(error, note, [rules, *getattr(error, note, ())])
                yield error

        return check

    checker = FormatChecker(formats=())
    checker.checks("date")(lambda value: isinstance(value, DateText) or not isinstance(value, str))
    checker.checks(DOLLARS)(lambda value: not isinstance(value, Decimal) or not may_mark_thousands(f"{value:f}"))
    ours = {"type": kind, "pattern": pattern, "$ref": led("$ref", "users")}
    ours |= {keyword: led(keyword, "around") for keyword in ("allOf", "if")}
    extended: type[Validator] = extend(Draft202012Validator, ours)  # type: ignore[no-untyped-call]
    return extended(_absolute(_read(file), file.name), registry=_registry(file.parent), format_checker=checker)
