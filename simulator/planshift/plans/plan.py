"""One plan: its rules as values with dates and sources, found by their dotted path in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.schemas import read_valid
from planshift.plans.values import Dated, Sourced, sourced_values
from planshift.problems import InputError, Place

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
