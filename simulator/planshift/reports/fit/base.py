"""What a fitted scenario stands on: a contract and a horizon, from another scenario or from the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from planshift.billing.calendar import months_after
from planshift.billing.contract import Assign, SetLimits
from planshift.billing.scenario import Scenario, read_scenario
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import read_text
from planshift.plans.plan import Plan
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.fit.panel import Panel

_REPLACED = ("members", "usage")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Wanted:
    """The contract that was asked for: a scenario's, or a plan with what it needs."""

    contract: Path | None = None
    plan: str | None = None
    channel: str | None = None
    seat_type: str | None = None
    seats: int | None = None


@dataclass(frozen=True)
class Base:
    """A contract and a horizon as a scenario says them, and the seats of the members of the usage file.

    ``text``: the scenario without members and usage; ``seats``: member → seat type, None where all have ``seat_type``;
    ``start``: the horizon's first day, None for that of the file; ``source``: what mistakes are told of;
    ``modifiers``: those that hold for every row of the other scenario's usage.
    """

    plan: Plan
    source: str
    start: date | None
    seats: Mapping[str, str] | None
    seat_type: str
    text: str
    modifiers: tuple[str, ...] = ()

    def seats_of(self, members: Sequence[str]) -> dict[str, str]:
        """The seat types of members of the file."""
        return {name: self.seats[name] if self.seats else self.seat_type for name in members}


def read_base(wanted: Wanted, catalogue: Catalogue) -> Base:
    """The base that was asked for; InputError without a contract or a plan: money has no silent defaults."""
    if wanted.contract:
        others = ("plan", "channel", "seat_type", "seats")
        for name in others:
            if getattr(wanted, name) is not None:
                option = f"--{name.replace('_', '-')}"
                raise InputError.at(option, "the contract of a scenario says this already", f"leave out {option}")
        return _of_scenario(read_scenario(wanted.contract, catalogue), wanted.contract)
    if not wanted.plan:
        remedy = "give --contract SCENARIO, whose contract and horizon are kept, or --plan ID with --channel NAME"
        raise InputError.at("--contract", "a scenario needs a contract, and none was given", remedy)
    return _of_plan(wanted, catalogue)


def _of_plan(wanted: Wanted, catalogue: Catalogue) -> Base:
    plan = catalogue.plan(str(wanted.plan), Place("--plan"))
    if not wanted.channel:
        remedy = f"add it, one of: {', '.join(plan.channel_titles)}"
        raise InputError.at("--channel", "how the plan is bought is not said", remedy)
    if wanted.channel not in plan.channel_titles:
        fact = f"'{plan.id}' is not sold as '{wanted.channel}'"
        raise InputError.at("--channel", fact, did_you_mean(wanted.channel, plan.channel_titles))
    seat = wanted.seat_type or (plan.seat_types[0] if len(plan.seat_types) == 1 else None)
    if seat is None:
        fact = f"'{plan.id}' has several seat types"
        remedy = f"give one for all members, of: {', '.join(plan.seat_types)}; or --contract SCENARIO with their seats"
        raise InputError.at("--seat-type", fact, remedy)
    if seat not in plan.seat_types:
        fact = f"'{seat}' is not a seat type of '{plan.id}'"
        raise InputError.at("--seat-type", fact, did_you_mean(seat, plan.seat_types))
    return Base(plan, "--plan", None, None, seat, "")


def _of_scenario(scenario: Scenario, path: Path) -> Base:
    seats = dict(scenario.members)
    for event in scenario.events:
        if isinstance(event.action, Assign):
            joined = {member: seat for member, seat in event.action.members.items() if seat}
            seats = {**joined, **seats}
    text = _kept(scenario.document, path)
    return Base(scenario.contract.plan, str(path), scenario.start, seats, "", text, scenario.modifiers)


def refuse_named(path: Path, catalogue: Catalogue, panel: Panel) -> None:
    """InputError where the contract's scenario says something of single members whom personas replace."""
    scenario = read_scenario(path, catalogue)
    gone = set(panel.members)
    problems = [
        Problem(place, f"this is about '{name}', whom a persona replaces", "leave it out of a copy, and fit with that")
        for place, names in _named(scenario)
        for name in sorted(gone.intersection(names))[:1]
    ]
    if problems:
        raise InputError(problems)


def _named(scenario: Scenario) -> Iterator[tuple[Place, Sequence[str]]]:
    """The places at which a scenario names members, beside the list of them."""
    limits: Any = scenario.contract.limits.members
    yield scenario.document.place("contract", "spend_limits", "members"), [*limits]
    later = scenario.contract.renewal.limits
    yield scenario.document.place("contract", "renewal", "spend_limits", "members"), [*later.members] if later else []
    for event in scenario.events:
        if isinstance(event.action, Assign):
            yield event.place, [*event.action.members]
        if isinstance(event.action, SetLimits):
            yield event.place, [*event.action.change.members]


def _kept(document: Document, path: Path) -> str:
    """The text of a scenario from its first key on, without members and usage."""
    lines = read_text(path).splitlines()
    places = {str(key): document.key_place(key) for key in document.data}
    if any(place.column > 1 for place in places.values()):
        remedy = "write title, contract, horizon and so on each on a line of its own"
        raise InputError.at(str(path), "the scenario is written in one piece, and its parts cannot be kept", remedy)
    starts = sorted((place.line, key) for key, place in places.items())
    ends = [line for line, _ in starts[1:]] + [len(lines) + 1]
    parts = [
        "\n".join(lines[start - 1 : end - 1]).rstrip()
        for (start, key), end in zip(starts, ends, strict=True)
        if key not in _REPLACED
    ]
    return "\n".join(parts) + "\n"


def new_text(wanted: Wanted, base: Base, panel: Panel) -> str:
    """The contract and horizon of a plan: from the file's first day, as many whole months as it takes, and a seat for
    each member unless it is said how many."""
    months = 1
    while months_after(panel.start, months) <= panel.last:
        months += 1
    seats = wanted.seats if wanted.seats is not None else len(panel.members)
    return (
        f"title: Usage like that of {quoted(panel.path.stem)}\n"
        "contract:\n"
        f"  plan: {base.plan.id}\n"
        f"  channel: {wanted.channel}\n"
        f"  term_start: {panel.start}\n"
        f"  seats: {{{base.seat_type}: {seats}}}\n"
        f"horizon: {{start: {panel.start}, months: {months}}}\n"
    )


def quoted(text: str) -> str:
    """A text as YAML takes it for one: in quotes where it could be anything else."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
