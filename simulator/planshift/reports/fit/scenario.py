"""A fit as the text of a scenario: the contract that it stands on, what was fitted, what was borrowed and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from planshift.billing.contract import Assign, SetLimits
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.schedule import months_after
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.files import read_text
from planshift.plans.plan import Plan
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.reports.fit.words import why_borrowed
from planshift.reports.words import counted
from planshift.usage.fit import groups
from planshift.usage.fit.estimate import LATE_DECEMBER
from planshift.usage.fit.fitting import Fit, PersonaFit
from planshift.usage.fit.groups import SHIPPED, Need
from planshift.usage.fit.panel import Panel
from planshift.usage.synthetic.persona import Persona, SurfaceUse

_REPLACED = ("members", "usage")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class ContractOptions:
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


def read_base(wanted: ContractOptions, catalogue: Catalogue) -> Base:
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


def _of_plan(wanted: ContractOptions, catalogue: Catalogue) -> Base:
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


def new_text(wanted: ContractOptions, base: Base, panel: Panel) -> str:
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


MARK = "# Fitted by `planshift usage fit`"
REFERENCE = "fit"


def scenario_text(fit: Fit, contract: str, idle: Mapping[str, str], seed: int) -> str:
    """The whole scenario; ``contract`` is its first part, ``idle`` the seat types of members without usage."""
    return "\n".join([*_head(fit), contract.rstrip(), *_members(idle), *_usage(fit, seed)]) + "\n"


def _head(fit: Fit) -> Iterator[str]:
    panel = fit.panel
    name = quoted(panel.path.name)
    yield f"{MARK} from {name}: {counted(len(panel.members), 'member')},"
    days = f"{counted(panel.days, 'day')} from {panel.start} to {panel.last}"
    yield f"# {days}. `reference: {REFERENCE}` means: from that file."
    yield "# A persona is like a shipped one (scenarios/personas.yaml), which says what is not said here."


def _members(idle: Mapping[str, str]) -> Iterator[str]:
    if not idle:
        return
    yield "# Members of the contract who use nothing in the file."
    yield "members:"
    for name, seat in sorted(idle.items()):
        yield f"  {quoted(name)}: {seat}"


def _usage(fit: Fit, seed: int) -> Iterator[str]:
    yield "usage:"
    yield f"  seed: {seed}"
    yield from _shared(fit)
    yield "  token_mixes:"
    for person in fit.personas:
        for use in person.persona.surfaces:
            yield from _mix(use, person)
    yield "  personas:"
    for person in fit.personas:
        yield from _persona(person, fit)


def _shared(fit: Fit) -> Iterator[str]:
    fitted = {"daily_sd": (groups.DAILY, fit.shocks.daily_sd), "slow_sd": (groups.SLOW, fit.shocks.slow_sd)}
    values = {key: value for key, (need, value) in fitted.items() if fit.origins.get(need.quantity) != SHIPPED}
    for need, _ in fitted.values():
        if fit.origins.get(need.quantity) == SHIPPED:
            yield f"  # {why_borrowed(need, fit, 'the shipped organization')}"
    if values:
        yield f"  shocks: {_flow({**values, 'reference': REFERENCE})}"
    if fit.per_month:
        yield f"  growth: {{per_month: {_number(fit.per_month)}}}"
    by_date = fit.joining.by_date(fit.panel.start, fit.panel.days)
    if by_date:
        yield "  roll_out:"
        yield "    by_date:"
        for day, share in by_date:
            yield f"      {day}: {_number(share)}"


def _mix(use: SurfaceUse, person: PersonaFit) -> Iterator[str]:
    yield f"    {use.mix.name}:"
    yield f"      title: {quoted(use.mix.title)}"
    yield f"      shares: {_flow(use.mix.shares)}"
    takes = f"it takes {groups.CACHE.members} members in a persona"
    borrowed = "" if person.own_cache else f"  # that of {person.like}: {takes}"
    yield f"      cache_spread: {_number(use.mix.cache_spread)}{borrowed}"
    yield f"      step_tokens: {use.mix.step_tokens}"
    yield f"      reference: {REFERENCE}"


def _persona(person: PersonaFit, fit: Fit) -> Iterator[str]:
    persona, group = person.persona, person.group
    yield f"    {persona.name}:"
    yield f"      count: {len(group.members)}"
    yield f"      seat_type: {group.seat_type}"
    yield f"      title: {quoted(persona.title)}"
    yield f"      like: {person.like}"
    yield from (f"      {line}" for line in _groups(person, fit))
    if not persona.onboarding:
        yield "      onboarding: {weeks: [], note: Who begins late was not told apart from who is new.}"
    share = _number(persona.preferred_share)
    yield f"      models: {{preferred: {_flow(persona.models)}, preferred_share: {share}, {_FROM}}}"
    shares = {use.surface: use.share for use in persona.surfaces}
    mixes = ", ".join(f"{use.surface}: {use.mix.name}" for use in persona.surfaces)
    yield f"      surfaces: {{shares: {_flow(shares)}, mixes: {{{mixes}}}, {_FROM}}}"


_FROM = f"reference: {REFERENCE}"


def _groups(person: PersonaFit, fit: Fit) -> Iterator[str]:
    """Level, activity, drift, day and week: a line each, with what is borrowed as comments above."""
    persona, origins = person.persona, person.origins

    def own(need: Need) -> bool:
        return origins.get(need.quantity) != SHIPPED

    def borrowed(*wanted: Need) -> Iterator[str]:
        return (f"# {why_borrowed(need, fit, person.like)}" for need in wanted if not own(need))

    yield from borrowed(groups.SIGMA)
    level = {
        "usd_per_active_day": persona.level.amount,
        **({"sigma": persona.level.sigma} if own(groups.SIGMA) else {}),
    }
    yield f"level: {_flow({**level, 'reference': REFERENCE})}"
    chain = persona.activity
    yield from borrowed(groups.ACTIVITY, groups.RANK, groups.PERSISTENCE)
    activity: dict[str, object] = {"alpha": chain.alpha, "beta": chain.beta}
    activity |= {"with_level": chain.with_level} if own(groups.RANK) else {}
    activity |= {"persistence": chain.persistence} if own(groups.PERSISTENCE) else {}
    yield f"activity: {_flow({**activity, 'reference': REFERENCE})}"
    yield from borrowed(groups.DRIFT, groups.FORGETS)
    drift: dict[str, object] = {"sd": persona.drift.sd} if own(groups.DRIFT) else {}
    drift |= {"days": persona.drift.days} if own(groups.FORGETS) else {}
    if drift:
        yield f"drift: {_flow({**drift, 'reference': REFERENCE})}"
    yield from borrowed(groups.SHAPE)
    if own(groups.SHAPE):
        yield f"day: {_flow({'shape': persona.day.shape, 'reference': REFERENCE})}"
    yield from borrowed(groups.WEEK)
    if own(groups.WEEK):
        yield from _week(persona, LATE_DECEMBER in origins)


def _week(persona: Persona, late: bool) -> Iterator[str]:
    week = persona.week
    yield "week:"
    yield f"  activity: {_list(week.activity)}"
    yield f"  volume: {_list(week.volume)}"
    if late:
        yield f"  late_december: {_number(week.late_december)}"
    yield f"  {_FROM}"


def _flow(values: Mapping[str, object]) -> str:
    """A mapping on one line."""
    cells = [f"{key}: {_number(value) if isinstance(value, float) else value}" for key, value in values.items()]
    return "{" + ", ".join(cells) + "}"


def _list(values: Sequence[float]) -> str:
    return "[" + ", ".join(map(_number, values)) + "]"


def _number(value: float) -> str:
    """A number without exponent and without what adds nothing: ``0.35``, ``13``."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
