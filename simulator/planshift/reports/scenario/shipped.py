"""The scenarios and personas that planshift ships, each in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planshift.plans.documents import read_document
from planshift.plans.files import folder, shown_path
from planshift.usage.synthetic.persona_reading import LEVELS, Described, described
from planshift.usage.synthetic.reading import PersonaFile, shipped_personas


@dataclass(frozen=True)
class ScenarioFacts:
    """A shipped scenario: its file, title and plan, its months, and where its usage comes from."""

    file: str
    title: str
    plan: str
    months: int
    usage: str


@dataclass(frozen=True)
class PersonaFacts:
    """A shipped persona: its level as text, in its unit, the share of active weekdays as text, and its surfaces."""

    name: str
    title: str
    level: str
    unit: str
    active_weekdays: str
    surfaces: tuple[str, ...]
    assumed: bool


def shipped_scenarios() -> list[ScenarioFacts]:
    """The scenarios, by file."""
    return [_scenario(path, data) for path, data in _documents()]


def personas() -> list[PersonaFacts]:
    """The personas, in the order of their file."""
    shipped = shipped_personas()
    return [_persona(name, shipped) for name in shipped.layers]


def _documents() -> Iterator[tuple[Path, Mapping[Any, Any]]]:
    for path in sorted(folder("scenarios").glob("*.yaml")):
        data = read_document(path).data
        if "contract" in data:
            yield path, data


def _scenario(path: Path, data: Mapping[Any, Any]) -> ScenarioFacts:
    usage = data.get("usage")
    if usage is None:
        said = "none"
    elif "file" in usage:
        said = f"file {usage['file']}"
    else:
        entries = usage["personas"].values()
        members = sum(entry["count"] if isinstance(entry, Mapping) else entry for entry in entries)
        said = f"{members:,} members of {len(usage['personas'])} personas, {usage.get('draws', 1):,} draws"
    return ScenarioFacts(
        shown_path(path), str(data["title"]), str(data["contract"]["plan"]), int(data["horizon"]["months"]), said
    )


def _persona(name: str, shipped: PersonaFile) -> PersonaFacts:
    words = described(name, {}, shipped.layers, [])
    assert words is not None
    found = words.nearest_of("level", tuple(LEVELS))
    assert found is not None
    unit, level = found
    alpha, beta = (float(_value(words, "activity", key)) for key in ("alpha", "beta"))
    shares: Mapping[str, Any] = _value(words, "surfaces", "shares")
    home = words.find("level")
    return PersonaFacts(
        name=name,
        title=str(_value(words, "title")),
        level=f"{level.value:,}",
        unit="USD" if LEVELS[unit] == "usd" else "tokens",
        active_weekdays=f"{alpha / (alpha + beta) * 100:.0f} %",
        surfaces=tuple(sorted(shares, key=lambda surface: -shares[surface])),
        assumed=bool(home and home.value.get("assumed")),
    )


def _value(words: Described, *keys: str) -> Any:
    found = words.find(*keys)
    assert found is not None
    return found.value
