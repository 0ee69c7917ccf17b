"""A scenario: an organization, its contract, its members, what they use and what happens, from one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from planshift.billing.calendar import months_after
from planshift.billing.contract import NOTHING, Assign, Contract, CreditSettings, Event, Limits, Own
from planshift.billing.members import Members, read_members
from planshift.billing.reading import read_contract, read_credits, read_events, read_limits, read_own
from planshift.billing.seats import Term
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Place, did_you_mean, nearest
from planshift.usage.formats.products import read_products
from planshift.usage.measure import Carried, Measured, UsageSource, coverage, measure, nothing_measured


@dataclass(frozen=True)
class Alternative:
    """What this customer would have on another plan (for `planshift compare`); None or empty: not said."""

    channel: str | None = None
    seats: Mapping[str, int] | None = None
    members: Mapping[str, str] = field(default_factory=dict)
    own: Own = Own()
    limits: Limits | None = None
    credits: CreditSettings | None = None
    place: Place = Place("alternatives")


@dataclass(frozen=True)
class Scenario:
    """What is simulated: ``months`` whole months from ``start``; ``members`` maps ids to seat types, ``teams`` to
    teams."""

    title: str
    contract: Contract
    start: date
    months: int
    members: Mapping[str, str]
    teams: Mapping[str, str]
    usage: UsageSource | None
    events: tuple[Event, ...]
    alternatives: Mapping[str, Alternative]
    catalogue: Catalogue
    document: Document
    files: tuple[Path, ...]
    note: str = ""

    @property
    def end(self) -> date:
        """The day after the horizon's last (Rulebook H1)."""
        return months_after(self.start, self.months)

    @property
    def term(self) -> Term:
        """The contract's first term."""
        start = self.contract.term_start
        return Term(start, int(self.contract.plan.value("term_months", start)))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everybody who is a member at some time, in order of id."""
        assigned = (event.action for event in self.events if isinstance(event.action, Assign))
        joined = {member for action in assigned for member in action.members}
        return tuple(sorted({*self.members, *joined}))

    @cached_property
    def covered(self) -> tuple[date, date] | None:
        """The first and the last day of the usage file; None where the scenario has none."""
        return coverage(self.usage) if self.usage else None

    def demand(self, start: date, end: date, *, carried: Carried | None = None) -> Measured:
        """What the members ask for from ``start`` up to, not including, ``end``; see `measure`."""
        if self.usage is None:
            return nothing_measured(self.people, start, end)
        card = self.catalogue.card(self.contract.plan)
        return measure(self.usage, card, self.people, start, end, carried=carried)

    def with_events(self, events: Sequence[Event]) -> Scenario:
        """The same with other events."""
        return replace(self, events=tuple(events))


def read_scenario(path: Path, catalogue: Catalogue) -> Scenario:
    """The scenario of a file under a catalogue; InputError with every mistake of words and schema.

    What the words mean is checked by `planshift.billing.checks.check`.
    """
    return scenario_from(read_valid(path, "scenario"), catalogue, path.parent)


def scenario_from(document: Document, catalogue: Catalogue, folder: Path) -> Scenario:
    """The scenario of a document that the schema has accepted; other files are looked for in ``folder``."""
    data: Any = document.data
    plan = catalogue.plan(data["contract"]["plan"], document.place("contract", "plan"))
    members, members_file = _members(data.get("members", NOTHING), plan, document, folder)
    usage, usage_file = _usage(data.get("usage"), document, catalogue, folder)
    contract = read_contract(data["contract"], plan)
    alternatives = {
        name: _alternative(item, document.key_place("alternatives", name))
        for name, item in data.get("alternatives", NOTHING).items()
    }
    return Scenario(
        title=data["title"],
        note=data.get("note", ""),
        contract=contract,
        start=data["horizon"]["start"],
        months=data["horizon"]["months"],
        members=members.seats,
        teams=members.teams,
        usage=usage,
        events=read_events(document),
        alternatives=alternatives,
        catalogue=catalogue,
        document=document,
        files=(*members_file, *usage_file),
    )


def _usage(
    data: Mapping[str, Any] | None, document: Document, catalogue: Catalogue, folder: Path
) -> tuple[UsageSource | None, tuple[Path, ...]]:
    if data is None:
        return None, ()
    remedy = "name a usage file, CSV or Parquet, from the scenario's folder"
    path = _beside(folder, data["file"], document.place("usage", "file"), remedy)
    known = {name for card in catalogue.cards.values() for name in card.modifiers}
    for number, name in enumerate(data.get("modifiers", ())):
        if name not in known:
            place = document.place("usage", "modifiers", number)
            raise InputError.at(place, f"'{name}' is not a modifier of the rate card", did_you_mean(name, known))
    return UsageSource(path, tuple(data.get("modifiers", ())), read_products().titles), (path,)


def _alternative(data: Mapping[str, Any], place: Place) -> Alternative:
    return Alternative(
        channel=data.get("channel"),
        seats=data.get("seats"),
        members=data.get("members", NOTHING),
        own=read_own(data),
        limits=Limits().changed(read_limits(data["spend_limits"])) if "spend_limits" in data else None,
        credits=read_credits(data["credits"]) if "credits" in data else None,
        place=place,
    )


def _members(
    data: Mapping[str, str] | str, plan: Plan, document: Document, folder: Path
) -> tuple[Members, tuple[Path, ...]]:
    """The members, and the file they came from, if any."""
    if not isinstance(data, str):
        return Members(dict(data), {}), ()
    path = _beside(folder, data, document.place("members"), "name a CSV file with user_id, seat_type, team")
    return read_members(path, plan), (path,)


def _beside(folder: Path, name: str, place: Place, remedy: str) -> Path:
    """The file of a name in a folder; InputError at ``place`` where there is none."""
    path = folder / name
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError.at(place, f"{path} is a folder", remedy)
    others = [other.name for other in path.parent.iterdir() if other.is_file()] if path.parent.is_dir() else []
    near = nearest(path.name, others)
    raise InputError.at(place, f"there is no file {path}", f"did you mean '{near}'?" if near else remedy)
