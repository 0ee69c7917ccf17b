"""A scenario: an organization, its contract, its members, what they use and what happens, from one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from planshift.billing.contract import (
    NOTHING,
    RELOAD,
    Assign,
    Contract,
    CreditSettings,
    Event,
    Limits,
    Own,
    read_contract,
    read_credits,
    read_events,
    read_limits,
    read_own,
)
from planshift.billing.members import Members, read_members
from planshift.billing.schedule import Term, months_after
from planshift.billing.usage_request import UsageRequest, beside, check_draws, no_draws_of_a_file, read_usage
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.plans.rates import RateCard
from planshift.plans.schemas import read_valid
from planshift.problems import Place
from planshift.usage.measure import Carried, Measured, UsageSource, coverage
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Organization, Persona
from planshift.usage.synthetic.reading import Setting


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
    """What is simulated: ``months`` whole months from ``start``.

    ``members`` maps ids to seat types, ``teams`` to teams, those of an organization's personas among them; ``usage`` is
    a file, or an organization whose usage is drawn at random.
    """

    title: str
    contract: Contract
    start: date
    months: int
    members: Mapping[str, str]
    teams: Mapping[str, str]
    usage: UsageSource | Organization | None
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
        """The term in force on the horizon's first day."""
        return self.contract.term

    @property
    def card(self) -> RateCard:
        """The rate card that prices the usage (Rulebook U1)."""
        return self.catalogue.card(self.contract.plan)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everybody who is a member at some time, in order of id."""
        assigned = (event.action for event in self.events if isinstance(event.action, Assign))
        joined = {member for action in assigned for member in action.members}
        return tuple(sorted({*self.members, *joined}))

    @cached_property
    def covered(self) -> tuple[date, date] | None:
        """The first and the last day of the usage file; None where the scenario has none."""
        return coverage(self.usage) if isinstance(self.usage, UsageSource) else None

    @property
    def draws(self) -> int:
        """How many draws of usage there are; 1 where it is not drawn at random."""
        return self.usage.draws if isinstance(self.usage, Organization) else 1

    @property
    def says_draws(self) -> bool:
        """Does its file say how many draws there are? Then its usage is drawn at random."""
        usage: Any = self.document.data.get("usage")
        return isinstance(self.usage, Organization) and "draws" in usage

    @property
    def seed(self) -> int | None:
        """The number that usage is drawn from; None where it is not drawn at random."""
        return self.usage.seed if isinstance(self.usage, Organization) else None

    @cached_property
    def personas(self) -> Mapping[str, Persona]:
        """Member → the persona that they and their usage are drawn from; nobody whose members are listed."""
        if not isinstance(self.usage, Organization):
            return {}
        return {member: one.persona for one in self.usage.populations for member in one.members}

    @cached_property
    def surfaces(self) -> Mapping[str, str]:
        """The surfaces that can be asked for, and their titles."""
        return self.usage.surfaces if isinstance(self.usage, UsageSource) else read_products().titles

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers that hold for each row of usage (Rulebook U2); none where it is drawn at random."""
        return self.usage.modifiers if isinstance(self.usage, UsageSource) else ()

    def with_draws(self, draws: int | None, seed: int | None) -> Scenario:
        """The scenario with another number of draws, another seed; None keeps its own.

        Raises InputError where its usage is not drawn at random (a file is one draw, as is no usage), for less than one
        draw and a seed below 0.
        """
        if draws is None and seed is None:
            return self
        if not isinstance(self.usage, Organization):
            raise no_draws_of_a_file(self.document, draws, seed)
        check_draws(draws, seed)
        usage = self.usage
        changed = replace(
            usage,
            draws=usage.draws if draws is None else draws,
            seed=usage.seed if seed is None else seed,
        )
        return replace(self, usage=changed)

    def asked(self, end: date, draws: range = range(1), carried: Carried | None = None) -> UsageRequest:
        """What the members ask for up to, not including, ``end`` in some draws: drawn once, measured when needed."""
        return UsageRequest(self.usage, self.card, self.people, end, draws, carried)

    def demand(
        self,
        start: date,
        end: date,
        *,
        carried: Carried | None = None,
        draws: range = range(1),
        metered_from: date | None = None,
    ) -> Measured:
        """What the members ask for from ``start`` up to, not including, ``end``; see `UsageRequest.measured`."""
        return self.asked(end, draws, carried).measured(start, end, metered_from)

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
    listed, members_file = _members(data.get("members", NOTHING), plan, document, folder)
    contract = read_contract(document, plan)
    horizon = data["horizon"]
    usage: UsageSource | Organization | None = None
    usage_files: tuple[Path, ...] = ()
    if "usage" in data:
        setting = _setting(contract, horizon, listed, catalogue)
        usage, usage_files = read_usage(document, catalogue, folder, setting)
    alternatives = {
        name: _alternative(item, document, name) for name, item in data.get("alternatives", NOTHING).items()
    }
    return Scenario(
        title=data["title"],
        note=data.get("note", ""),
        contract=contract,
        start=horizon["start"],
        months=horizon["months"],
        members={**listed.seats, **_of_personas(usage, "seat_type")},
        teams={**listed.teams, **_of_personas(usage, "team")},
        usage=usage,
        events=read_events(document),
        alternatives=alternatives,
        catalogue=catalogue,
        document=document,
        files=(*members_file, *usage_files),
    )


def _setting(contract: Contract, horizon: Mapping[str, Any], listed: Members, catalogue: Catalogue) -> Setting:
    """What surrounds the scenario's usage; beyond the term after this one, or the horizon, nothing is reached."""
    plan, term = contract.plan, contract.term
    reached = term.month(2 * term.months)
    end = max(reached, months_after(horizon["start"], horizon["months"]))
    return Setting(plan, catalogue.card(plan), horizon["start"], end, listed.seats)


def _of_personas(usage: UsageSource | Organization | None, what: str) -> dict[str, str]:
    """What the members of an organization's populations have, by id: their seat type, or their team."""
    populations = usage.populations if isinstance(usage, Organization) else ()
    return {member: getattr(population, what) for population in populations for member in population.members}


def _alternative(data: Mapping[str, Any], document: Document, name: str) -> Alternative:
    reload = document.place("alternatives", name, "credits", RELOAD)
    return Alternative(
        channel=data.get("channel"),
        seats=data.get("seats"),
        members=dict(data.get("members", NOTHING)),
        own=read_own(data),
        limits=Limits().changed(read_limits(data["spend_limits"])) if "spend_limits" in data else None,
        credits=read_credits(data["credits"], reload) if "credits" in data else None,
        place=document.key_place("alternatives", name),
    )


def _members(
    data: Mapping[str, str] | str, plan: Plan, document: Document, folder: Path
) -> tuple[Members, tuple[Path, ...]]:
    """The members, and the file they came from, if any."""
    if not isinstance(data, str):
        return Members(dict(data), {}), ()
    path = beside(folder, data, document.place("members"), "name a CSV file with user_id, seat_type, team")
    return read_members(path, plan), (path,)
