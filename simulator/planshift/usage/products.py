"""The products of an export and the surfaces that they count as, from ``plans/surfaces.yaml`` (Rulebook U4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from planshift.plans.documents import Document, read_document
from planshift.plans.files import folder
from planshift.problems import InputError, Place, Problem, did_you_mean

_KEYS = ("kind", "checked", "sources", "surfaces", "other_products", "costs_alone")


@dataclass(frozen=True)
class Products:
    """Which surface each product label of each export counts as.

    ``covered`` and ``others`` map (export, normalised label) to a surface; ``others`` are the products that no surface
    covers, for which ``other_surface`` is assumed. ``persona`` is the shipped one whose models and tokens are assumed
    where an export has costs alone.
    """

    titles: Mapping[str, str]
    covered: Mapping[tuple[str, str], str]
    others: frozenset[tuple[str, str]]
    other_surface: str
    persona: str

    def surface(self, export: str, label: str) -> str | None:
        """The surface that covers a product label; ``None`` where none does."""
        return self.covered.get((export, _normalised(label)))

    def known(self, export: str, label: str) -> bool:
        """Whether the label is on file at all."""
        key = (export, _normalised(label))
        return key in self.covered or key in self.others


def read_products(path: Path | None = None) -> Products:
    """The mapping in ``plans/surfaces.yaml``, or in another file; InputError with every mistake in it."""
    document = read_document(path or folder("plans") / "surfaces.yaml")
    reader = _Reader(document, [])
    products = reader.products()
    if reader.problems:
        raise InputError(reader.problems)
    return products


@lru_cache(1 << 10)
def _normalised(label: str) -> str:
    return re.sub(r"[\s_-]+", "_", label.strip().lower())


@dataclass(frozen=True)
class _Reader:
    """Reads the document, gathering problems."""

    document: Document
    problems: list[Problem]

    def products(self) -> Products:
        data = self.document.data
        for key in data:
            if key not in _KEYS:
                self._wrong(self.document.key_place(key), f"unknown key '{key}'", did_you_mean(str(key), _KEYS))
        surfaces = self._mapping("surfaces")
        titles = {name: str(self._mapping("surfaces", name).get("title", name)) for name in surfaces}
        covered = {key: name for name in surfaces for key in self._labels("surfaces", name)}
        others = frozenset(self._labels("other_products"))
        other = str(self._mapping("other_products").get("surface", ""))
        self._once([key for name in surfaces for key in self._labels("surfaces", name)] + list(others))
        if other not in surfaces:
            place = self.document.place("other_products", "surface")
            self._wrong(place, f"no surface '{other}'", did_you_mean(other, surfaces))
        costs_alone = self._mapping("costs_alone")
        if not ({"reference", "assumed"} & {*costs_alone}):
            place = self.document.place("costs_alone")
            self._wrong(place, "the persona has no source", "add 'reference: …', or 'assumed: true' with a note")
        return Products(titles, covered, others, other, str(costs_alone.get("persona", "")))

    def _labels(self, *path: str) -> Iterator[tuple[str, str]]:
        above = self._mapping(*path)
        for export in self._mapping(*path, "products"):
            entry = self._mapping(*path, "products", export)
            if not ({"reference", "assumed"} & {*entry, *above}):
                place = self.document.place(*path, "products", export)
                self._wrong(place, "the labels have no source", "add 'reference: …', or 'assumed: true' with a note")
            labels = entry.get("labels")
            for label in labels if isinstance(labels, list) else []:
                yield export, _normalised(str(label))

    def _once(self, keys: list[tuple[str, str]]) -> None:
        for export, label in sorted({key for key in keys if keys.count(key) > 1}):
            remedy = "keep it under one surface, or under other_products"
            self._wrong(Place(self.document.name), f"the label '{label}' of {export} stands twice", remedy)

    def _mapping(self, *path: str) -> Mapping[str, object]:
        value: object = self.document.data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        place = self.document.place(*path)
        self._wrong(place, f"'{'.'.join(path)}' must be keys with values", "write it as in the shipped surfaces.yaml")
        return {}

    def _wrong(self, place: Place, fact: str, remedy: str) -> None:
        self.problems.append(Problem(place, fact, remedy))
