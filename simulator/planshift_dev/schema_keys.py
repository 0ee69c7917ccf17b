"""The keys that a kind of file may hold, as its JSON Schema says them: path, what the value is, its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from planshift.plans.schemas import schema

_BESIDE = re.compile(r"^([a-z]+)\.schema\.json")


@dataclass(frozen=True)
class Key:
    """A key of a file: its dotted path (``*`` any name, ``[]`` an item), what its value is, and what it means.

    ``required`` says whether it must be there whenever the key above it is.
    """

    path: str
    what: str
    required: bool
    meaning: str


def keys(name: str) -> list[Key]:
    """Every key of a kind of file, in the order of its schema, each once."""
    walker = _Walker(name)
    found: dict[str, Key] = {}
    for key in walker.below(schema(name), ""):
        found.setdefault(key.path, key)
    return [replace(key, required=key.path in walker.required) for key in found.values()]


@dataclass
class _Walker:
    """Goes through a schema; parts that several keys share are gone through at the first of them."""

    name: str
    shared: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    def below(self, part: Mapping[str, Any], path: str, *, always: bool = True) -> Iterator[Key]:
        """The keys below a part of the schema, which holds ``always`` or only under some condition."""
        if always:
            self.required |= {f"{path}.{name}".lstrip(".") for name in part.get("required", ())}
        for name, child in part.get("properties", {}).items():
            if isinstance(child, dict) and "not" not in child:
                yield from self._key(child, f"{path}.{name}".lstrip("."), always)
        for keyword, step in (("additionalProperties", ".*"), ("items", "[]")):
            child = part.get(keyword)
            if isinstance(child, dict):
                yield from self._key(child, f"{path}{step}".lstrip("."), always)
        for more in part.get("allOf", ()):
            yield from self.below(self._resolved(more)[0], path, always=always)
        for more in (part.get("then"), part.get("else")):
            if isinstance(more, dict):
                yield from self.below(self._resolved(more)[0], path, always=False)

    def _key(self, child: Mapping[str, Any], path: str, always: bool) -> Iterator[Key]:
        whole, ref, file = self._resolved(child)
        meaning = str(whole.get("description", ""))
        if file not in ("", self.name) and not _sourced(whole):
            yield Key(path, f"as in a {file} file", False, meaning)
            return
        seen = self.shared.get(ref) if ref else None
        what = f"{what_of(whole)}, as `{seen}`" if seen and _has_keys(whole) else what_of(whole)
        if meaning:
            yield Key(path, what, False, meaning)
        if seen or _sourced(whole):
            return
        if ref:
            self.shared[ref] = path
        yield from self.below(whole, path, always=always)

    def _resolved(self, part: Mapping[str, Any]) -> tuple[dict[str, Any], str, str]:
        """A part with what it refers to laid under it, the reference, and the kind of file that it leads to."""
        ref = str(part.get("$ref", ""))
        if not ref:
            return dict(part), "", ""
        beside, _, inside = ref.partition("#")
        match = _BESIDE.match(beside)
        file = match.group(1) if match else self.name
        target: Any = schema(file)
        for step in inside.strip("/").split("/"):
            target = target[step] if step else target
        under, _, deeper = self._resolved(target) if file == self.name else (dict(target), "", "")
        return {**under, **{key: item for key, item in part.items() if key != "$ref"}}, ref, deeper or file


def what_of(part: Mapping[str, Any]) -> str:
    """What a value is, in words: ``text``, ``one of: card, ach``, ``whole number``, ``number or unlimited``."""
    if _sourced(part):
        return f"sourced; {_value(part)}"
    if "const" in part:
        return f"always {_json(part['const'])}"
    if "enum" in part:
        return "one of: " + ", ".join(_json(value) for value in part["enum"])
    types = part.get("type", ())
    names = [types] if isinstance(types, str) else list(types)
    words = [_word(name, part) for name in names]
    return " or ".join(word for word in words if word)


def _word(name: str, part: Mapping[str, Any]) -> str:
    otherwise = part.get("then", {})
    if name == "string" and "enum" in otherwise:
        return ", ".join(_json(value) for value in otherwise["enum"])
    if name == "string" and part.get("format") == "date":
        return "date"
    return {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "array": "list",
        "object": "keys",
    }.get(name, name)


def _value(part: Mapping[str, Any]) -> str:
    for layer in part["then"].get("allOf", ()):
        value = layer.get("properties", {}).get("value")
        if value:
            return what_of(value)
    return "value"


def _sourced(part: Mapping[str, Any]) -> bool:
    """Is it a value in the grammar of plans: with its source, or dated?"""
    return bool(part.get("if") == {"required": ["value"]} and "then" in part)


def _has_keys(part: Mapping[str, Any]) -> bool:
    return bool(part.get("properties") or isinstance(part.get("additionalProperties"), dict))


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
