"""What is wrong with a value by a JSON Schema, as jsonschema finds it: every rule that is broken, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planshift.plans import checker
from planshift.plans.checker import DATE_PATTERN, DOLLARS, DateText, Rules, Steps

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry


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

    @classmethod
    def of(cls, error: ValidationError, parent: Breach | None = None) -> Breach:
        """The breach that an error of jsonschema's is."""
        value: Any = error.instance
        found = cls(
            keyword=str(error.validator),
            rule=error.validator_value,
            value=value,
            rules=error.schema if isinstance(error.schema, Mapping) else {},
            path=tuple(error.absolute_path),
            keys=_keys(error),
            users=getattr(error, "users", []),
            around=getattr(error, "around", []),
            parent=parent,
            of_key=isinstance(value, str) and "propertyNames" in error.absolute_schema_path,
        )
        if found.keyword in ("anyOf", "oneOf"):
            branches: dict[Any, list[Breach]] = {}
            for inner in error.context or ():
                branches.setdefault(inner.relative_schema_path[0], []).append(cls.of(inner, found))
            found.branches = list(branches.values())
        return found


def _keys(error: ValidationError) -> tuple[str, ...]:
    """The keys that are missing or unknown; jsonschema names some of them in its message only."""
    value: Any = error.instance
    if error.validator == "required":
        rule: Any = error.validator_value
        return tuple(key for key in rule if error.message.startswith(f"{key!r} is a required"))
    keys = [str(key) for key in value] if isinstance(value, dict) else []
    if error.validator == "unevaluatedProperties":
        return tuple(key for key in keys if repr(key) in error.message)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        return tuple(key for key in keys if key not in known)
    return ()


def breaches(file: Path, value: Any) -> list[Breach]:
    """Every breach of the schema in a file by a value."""
    return [Breach.of(error) for error in _validator(file).iter_errors(value)]


@lru_cache
def _registry(directory: Path) -> Registry[Any]:
    """The schemas of one folder by the names of their files; nothing is ever fetched."""
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    # Crawled once: a registry that has not been would crawl anew at every reference.
    empty: Registry[Any] = Registry()
    files = sorted(directory.glob("*.schema.json"))
    read = ((file.name, checker.absolute(checker.read_schema(file), file.name)) for file in files)
    return empty.with_resources((name, DRAFT202012.create_resource(rules)) for name, rules in read).crawl()


@lru_cache
def _validator(file: Path) -> Validator:
    """The validator of a schema file, with our keywords for types, date patterns and references."""
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError
    from jsonschema.validators import extend

    keywords = Draft202012Validator.VALIDATORS

    def kind(validator: Validator, types: Any, value: object, rules: dict[str, Any]) -> Iterable[ValidationError]:
        if isinstance(value, DateText) and "string" in types and not checker.may_be_date(rules):
            return [ValidationError("a date where text is wanted")]
        return keywords["type"](validator, types, value, rules) or ()

    def pattern(validator: Validator, form: str, value: object, rules: dict[str, Any]) -> Iterable[ValidationError]:
        if form.startswith(DATE_PATTERN) and isinstance(value, str) and not isinstance(value, DateText):
            return [ValidationError("text where a date is wanted")]
        return keywords["pattern"](validator, form, value, rules) or ()

    def led(keyword: str, note: str) -> Any:
        """The keyword, whose errors about the value itself also note the schema that led to the one they break."""

        def check(validator: Validator, to: Any, value: object, rules: dict[str, Any]) -> Iterator[ValidationError]:
            for error in keywords[keyword](validator, to, value, rules) or ():
                if not error.path:
                    setattr(error, note, [rules, *getattr(error, note, ())])
                yield error

        return check

    formats = FormatChecker(formats=())
    for form in ("date", DOLLARS):
        formats.checks(form)(lambda value, form=form: checker.has_format(form, value))
    ours = {"type": kind, "pattern": pattern, "$ref": led("$ref", "users")}
    ours |= {keyword: led(keyword, "around") for keyword in ("allOf", "if")}
    extended: Any = extend(Draft202012Validator, ours)  # type: ignore[no-untyped-call]
    found: Validator = extended(
        checker.absolute(checker.read_schema(file), file.name), registry=_registry(file.parent), format_checker=formats
    )
    return found
