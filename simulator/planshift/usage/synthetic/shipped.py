"""The personas that planshift ships, in ``scenarios/personas.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.files import folder
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Problem, did_you_mean
from planshift.usage.synthetic.layers import Layer, described
from planshift.usage.synthetic.organization import Shocks
from planshift.usage.synthetic.persona import TokenMix
from planshift.usage.synthetic.persona_reading import read_mixes

FILE = "personas.yaml"


@dataclass(frozen=True)
class PersonaFile:
    """A file of personas: their words by name, the token mixes, and what the members of an organization share."""

    path: Path
    document: Document
    layers: Mapping[str, Layer]
    mixes: Mapping[str, TokenMix]
    shocks: Shocks


@cache
def shipped_personas() -> PersonaFile:
    """The personas that planshift ships."""
    return read_personas(folder("scenarios") / FILE)


def read_personas(path: Path) -> PersonaFile:
    """The personas of a file; InputError with every mistake.

    Whether models and surfaces exist is asked when a scenario uses a persona.
    """
    document = read_valid(path, "personas")
    data: Any = document.data
    problems = list(_unknown_sources(document))
    layers = {name: Layer(document, ("personas", name), item) for name, item in data["personas"].items()}
    mixes = read_mixes(document, ("token_mixes",), problems)
    for name in layers:
        described(name, {}, layers, problems)
    if problems:
        raise InputError(problems)
    return PersonaFile(path, document, layers, mixes, shocks_from(data["organization"]["shocks"]))


def shocks_from(data: Mapping[str, Any], otherwise: Shocks | None = None) -> Shocks:
    """The shocks that words describe; what they leave out is as ``otherwise``."""
    keys = ("daily_sd", "slow_sd", "slow_days")
    return Shocks(**{key: float(data[key] if key in data else getattr(otherwise, key)) for key in keys})


def _unknown_sources(document: Document) -> Iterator[Problem]:
    """References to sources that the file does not have."""
    data: Any = document.data
    known = data["sources"]
    for path, group in _groups(data):
        reference = group.get("reference")
        if isinstance(reference, str) and not reference.startswith("https://") and reference not in known:
            fact = f"'{reference}' is not among the file's sources"
            yield Problem(document.place(*path, "reference"), fact, did_you_mean(reference, known))


def _groups(data: Mapping[str, Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """Every mapping in the data, with its path."""
    yield path, data
    for key, item in data.items():
        if isinstance(item, Mapping):
            yield from _groups(item, (*path, key))
