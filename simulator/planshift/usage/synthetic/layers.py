"""A persona as files describe it: in layers, each of which says only what is different from the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from planshift.plans.documents import Document, Step
from planshift.problems import Place, Problem, did_you_mean

GROUPS = ("level", "activity", "drift", "day", "week", "onboarding", "models", "surfaces")
"""The groups of figures that a whole persona has."""

LIKE = "like"


class Found(NamedTuple):
    """A value and where it stands."""

    value: Any
    document: Document
    path: tuple[Step, ...]

    @property
    def place(self) -> Place:
        """The place of the value."""
        return self.document.place(*self.path)

    def at(self, *keys: Step) -> Place:
        """The place of a key below."""
        return self.document.key_place(*self.path, *keys)


@dataclass(frozen=True)
class Layer:
    """What one file says of a persona, and the path at which it says it."""

    document: Document
    path: tuple[Step, ...]
    data: Mapping[str, Any]

    @property
    def place(self) -> Place:
        """Where the persona's name stands."""
        return self.document.key_place(*self.path)

    def find(self, *keys: str) -> Found | None:
        """The value at a path below; None where the layer does not say it."""
        value: Any = self.data
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                return None
            value = value[key]
        return Found(value, self.document, (*self.path, *keys))


@dataclass(frozen=True)
class Described:
    """A persona in layers, the nearest first: what the nearest says goes before, key by key of each group."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def place(self) -> Place:
        """Where the persona is named first."""
        return self.layers[0].place

    def find(self, *keys: str) -> Found | None:
        """What the nearest layer says at a path; None where none says it."""
        return next((found for layer in self.layers if (found := layer.find(*keys))), None)

    def nearest_of(self, group: str, keys: tuple[str, ...]) -> tuple[str, Found] | None:
        """The first of some keys of which only one can hold, in the nearest layer that has any of them."""
        for layer in self.layers:
            for key in keys:
                found = layer.find(group, key)
                if found:
                    return key, found
        return None

    def merged(self, *keys: str) -> dict[str, Found]:
        """What all layers say of the keys below a path, the nearest going before."""
        result: dict[str, Found] = {}
        for layer in self.layers:
            found = layer.find(*keys)
            if found is None:
                continue
            for key in found.value:
                if key not in result:
                    result[key] = Found(found.value[key], layer.document, (*found.path, key))
        return result


def described(
    name: str, own: Mapping[str, Layer], shipped: Mapping[str, Layer], problems: list[Problem]
) -> Described | None:
    """The persona of a name, with all that it is like; None where that cannot be found, which is noted.

    A name means the scenario's own persona first, then the shipped one; an own persona of a shipped one's name is like
    it.
    """
    layers: list[Layer] = []
    for layer, unknown in _layers(name, own, shipped):
        if unknown:
            problems.append(unknown)
            return None
        if layer in layers:
            place = layers[-1].document.place(*layers[-1].path, LIKE)
            fact = f"persona '{name}' is in the end like itself"
            problems.append(Problem(place, fact, "name another persona, or remove `like`"))
            return None
        layers.append(layer)
    found = Described(name, tuple(layers))
    if not any(found.find(group) for group in GROUPS):
        remedy = did_you_mean(name, shipped)
        problems.append(Problem(found.place, f"there is no persona '{name}'", remedy))
        return None
    return found


def _layers(
    name: str, own: Mapping[str, Layer], shipped: Mapping[str, Layer]
) -> Iterator[tuple[Layer, Problem | None]]:
    """Layer after layer; in the end, where `like` names nobody, the last one with the problem."""
    layer = own[name] if name in own else shipped[name]
    while True:
        yield layer, None
        like = layer.find(LIKE)
        if like:
            name = like.value
            if name not in own and name not in shipped:
                known = {*own, *shipped}
                yield layer, Problem(like.place, f"there is no persona '{name}' to be like", did_you_mean(name, known))
                return
            layer = own[name] if name in own else shipped[name]
        elif layer is own.get(name) and name in shipped:
            layer = shipped[name]
        else:
            return
