"""One plan: its rules as values with dates and sources, found by their dotted path, and what overlays change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Place, Problem, did_you_mean

ALWAYS = date.min
"""The day from which an undated value holds."""


@dataclass(frozen=True)
class Sourced:
    """One value with its source: published (``reference``) or a choice (``assumed``, with a note and alternatives)."""

    value: Any
    reference: str = ""
    assumed: bool = False
    note: str = ""
    alternatives: tuple[Any, ...] = ()
    overlay: str = ""
    place: Place = Place("")

    @property
    def text(self) -> str:
        """The value as people write it."""
        return plain(self.value)


@dataclass(frozen=True)
class Dated:
    """A value through time: entries in order of date, each holding until the next."""

    path: str
    entries: tuple[tuple[date, Sourced], ...]

    def on(self, day: date) -> Sourced | None:
        """The entry in force on a day; None before the first."""
        held = [entry for since, entry in self.entries if since <= day]
        return held[-1] if held else None

    def from_day(self, since: date, entry: Sourced) -> Dated:
        """The same value until ``since``, and ``entry`` from then on, whatever was to come."""
        before = tuple(pair for pair in self.entries if pair[0] < since)
        return replace(self, entries=(*before, (since, entry)))

    def under(self, change: Dated, since: date, title: str) -> Dated:
        """The same value under the change of the overlay called ``title``: nothing changes before the day ``since``."""
        result = self
        for day, entry in change.entries:
            result = result.from_day(max(day, since), replace(entry, overlay=title))
        return result

    def same_from(self, since: date, other: Dated) -> bool:
        """Is it what another one is, on every day from ``since`` on?"""
        days = {since, *self.dates, *other.dates}
        pairs = ((self.on(day), other.on(day)) for day in days if day >= since)
        return all((one and one.value) == (two and two.value) for one, two in pairs)

    def begins_early(self, since: date) -> list[Problem]:
        """The entries of an overlay's change that come before the overlay begins."""
        return [
            Problem(
                entry.place,
                f"'{self.path}' would change on {day}, before the overlay begins on {since}",
                "date it on or after `from`, or begin the overlay earlier",
            )
            for day, entry in self.entries
            if date.min < day < since
        ]

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which another entry begins to hold."""
        return tuple(since for since, _ in self.entries if since != ALWAYS)


def plain(value: Any) -> str:
    """A value in words: ``20.00``, ``yes``, ``chat, cowork``, ``chat → enterprise``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} → {plain(item)}" for key, item in value.items())
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def sourced_values(document: Document, data: Mapping[Any, Any], keys: tuple[Any, ...] = ()) -> Iterator[Dated]:
    """Every value below a mapping of the plan grammar, with its dotted path."""
    for key, item in data.items():
        path = (*keys, key)
        if not isinstance(item, Mapping):
            continue
        if "value" in item:
            yield Dated(_dotted(path), ((ALWAYS, _sourced(document, path, item)),))
        elif item and all(isinstance(since, date) for since in item):
            entries = ((since, _sourced(document, (*path, since), entry)) for since, entry in item.items())
            yield Dated(_dotted(path), tuple(sorted(entries, key=lambda pair: pair[0])))
        else:
            yield from sourced_values(document, item, path)


def _dotted(keys: tuple[Any, ...]) -> str:
    return ".".join(str(key) for key in keys)


def _sourced(document: Document, keys: tuple[Any, ...], item: Mapping[str, Any]) -> Sourced:
    return Sourced(
        value=item["value"],
        reference=item.get("reference", ""),
        assumed=item.get("assumed", False),
        note=item.get("note", ""),
        alternatives=tuple(item.get("alternatives", ())),
        place=document.place(*keys, "value"),
    )


ITSELF = "itself"
"""What a plan file says for a successor when the plan renews on itself (Rulebook R2)."""


@dataclass(frozen=True)
class Source:
    """Where values come from: a title and an address."""

    title: str
    address: str


@dataclass(frozen=True)
class Plan:
    """A plan as its file says it; ``values`` maps dotted paths (``seats.premium.price_usd_per_month``) to values."""

    id: str
    kind: str
    title: str
    currency: str
    checked: date
    rates: str
    sources: Mapping[str, Source]
    seat_titles: Mapping[str, str]
    channel_titles: Mapping[str, str]
    values: Mapping[str, Dated] = field(repr=False)
    file: str
    overlays: tuple[str, ...] = ()

    @property
    def seat_types(self) -> tuple[str, ...]:
        """The ids of the seat types, in the order of the file."""
        return tuple(self.seat_titles)

    @property
    def seat_based(self) -> bool:
        """Do seats include usage (Rulebook I1)?"""
        return self.kind == "seat_based"

    def find(self, path: str, day: date) -> Sourced | None:
        """The value at a path on a day; None where the plan has none."""
        dated = self.values.get(path)
        return dated.on(day) if dated else None

    def on(self, path: str, day: date) -> Sourced:
        """The value at a path on a day; InputError where the plan has none in force."""
        found = self.find(path, day)
        if found is None:
            dated = self.values.get(path)
            first = f"; its first entry is of {dated.entries[0][0]}" if dated else ""
            raise InputError.at(
                Place(self.file),
                f"plan '{self.id}' has no {path} in force on {day}{first}",
                f"add a dated {path} to the plan file, or give the contract's own",
            )
        return found

    def value(self, path: str, day: date) -> Any:
        """What holds at a path on a day, without its source."""
        return self.on(path, day).value

    def successor(self, day: date) -> str:
        """The id of the plan that follows at a renewal (Rulebook R1, R2)."""
        named = self.value("renewal.successor", day)
        return self.id if named == ITSELF else str(named)

    def legacy(self, day: date) -> bool:
        """Does the plan end at its renewal (Rulebook P2)?"""
        return self.successor(day) != self.id

    def seat_map(self, day: date) -> dict[str, str]:
        """Seat type here → seat type of the successor; every type to itself on a plan that renews on itself."""
        if not self.legacy(day):
            return {seat: seat for seat in self.seat_types}
        return dict(self.value("renewal.seat_map", day))

    @cached_property
    def change_dates(self) -> tuple[date, ...]:
        """Every day on which a value of the plan changes, sorted."""
        return tuple(sorted({day for dated in self.values.values() for day in dated.dates}))

    def source(self, value: Sourced) -> str:
        """Who says so, in words: a source's title and address, the contract, an overlay, or that it is assumed."""
        if value.overlay:
            return f"what-if: {value.overlay}"
        if value.assumed:
            return f"assumed: {value.note}"
        known = self.sources.get(value.reference)
        return f"{known.title}, {known.address}" if known else value.reference

    def with_values(self, changed: Mapping[str, Dated], overlay: str) -> Plan:
        """The plan with some values replaced by those of an overlay."""
        return replace(self, values={**self.values, **changed}, overlays=(*self.overlays, overlay))


def read_plan(path: Path) -> Plan:
    """The plan of a file; InputError with every slip of YAML and schema."""
    return plan_from(read_valid(path, "plan"))


def plan_from(document: Document) -> Plan:
    """The plan of a document that the schema has accepted."""
    data: Any = document.data
    rules = {key: item for key, item in data.items() if key != "sources"}
    return Plan(
        id=data["id"],
        kind=data["kind"],
        title=data["title"],
        currency=data["currency"],
        checked=data["checked"],
        rates=data["rates"],
        sources={key: Source(**item) for key, item in data["sources"].items()},
        seat_titles={key: item["title"] for key, item in data["seats"].items()},
        channel_titles={key: item["title"] for key, item in data["channels"].items()},
        values={dated.path: dated for dated in sourced_values(document, rules)},
        file=document.name,
    )


@dataclass(frozen=True)
class Overlay:
    """A what-if: the values that differ from ``baseline`` from the day ``since`` on."""

    title: str
    baseline: str
    since: date
    changes: tuple[Dated, ...]
    file: str
    place: Place = Place("")


def read_overlay(path: Path) -> Overlay:
    """The overlay of a file; InputError with every slip of YAML and schema."""
    return overlay_from(read_valid(path, "overlay"))


def overlay_from(document: Document) -> Overlay:
    """The overlay of a document that the schema has accepted."""
    data: Any = document.data
    changes = {"changes": data["changes"]}
    return Overlay(
        title=data["title"],
        baseline=data["baseline"],
        since=data["from"],
        changes=tuple(
            replace(dated, path=dated.path.removeprefix("changes.")) for dated in sourced_values(document, changes)
        ),
        file=document.name,
        place=document.place("baseline"),
    )


def overlaid(plan: Plan, overlay: Overlay) -> Plan:
    """The plan under an overlay: nothing changes before its date.

    Raises InputError where a change names no value of the plan, begins before the overlay does, or changes nothing.
    """
    problems: list[Problem] = []
    changed: dict[str, Dated] = {}
    for change in overlay.changes:
        baseline = plan.values.get(change.path)
        first = change.entries[0][1]
        if baseline is None:
            hint = did_you_mean(change.path, plan.values)
            problems.append(Problem(first.place, f"plan '{plan.id}' has no value '{change.path}'", hint))
            continue
        problems += change.begins_early(overlay.since)
        changed[change.path] = baseline.under(change, overlay.since, overlay.title)
    if not problems and all(plan.values[path].same_from(overlay.since, dated) for path, dated in changed.items()):
        fact = f"the overlay changes nothing: plan '{plan.id}' has these values already"
        problems.append(Problem(overlay.place, fact, "change a value, or leave the overlay out"))
    if problems:
        raise InputError(problems)
    return plan.with_values(changed, overlay.title)
