"""From the `usage` of a scenario that names personas to an organization, with everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.files import folder
from planshift.plans.plan import Plan
from planshift.plans.rates import RateCard
from planshift.plans.schemas import read_valid
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Burst, Bursts, Growth, Organization, Population, RollOut, Shocks, TokenMix
from planshift.usage.synthetic.persona_reading import Described, Known, Layer, described, read_mixes, read_persona

_KEY = "behaviour"


def read_behaviour(
    document: Document,
    populations: Sequence[tuple[Described, Population]],
    plan: Plan,
    start: date,
    surfaces: Collection[str],
    problems: list[Problem],
) -> tuple[Population, ...]:
    """The populations with what `behaviour` says of each: a persona's own goes before the scenario's, key by key.

    Notes as problems what would do nothing: an answer to being metered on a plan that includes no usage, the uptake of
    a surface that every seat opens, or that none of the personas works on.
    """
    data: Mapping[str, object] = document.data["usage"]  # type: ignore[assignment]
    everybody = Layer(document, ("usage",), data)
    said = [(everybody, populations)]
    said += [(words.layers[0], [(words, population)]) for words, population in populations]
    for layer, whose in said:
        problems += _idle(layer, whose, plan, start, surfaces)
    if problems:
        return tuple(population for _, population in populations)
    return tuple(_behaving(everybody, words, population, plan, start) for words, population in populations)


def _behaving(everybody: Layer, words: Described, population: Population, plan: Plan, start: date) -> Population:
    known = Described(words.name, (*words.layers, everybody))
    metered = known.find(_KEY, "metered")
    opened = _opened(population, plan, start)
    asked = {use.surface for use in population.persona.surfaces}
    return replace(
        population,
        metered=float(metered.value) if metered else 1.0,
        takes_up={
            surface: float(share.value)
            for surface, share in known.merged(_KEY, "uptake").items()
            if surface in asked and surface not in opened
        },
    )


def _opened(population: Population, plan: Plan, start: date) -> Collection[str]:
    """The surfaces that the population's seats open on the horizon's first day (Rulebook U4)."""
    opened: Collection[str] = plan.value(f"seats.{population.seat_type}.surfaces", start)
    return opened


def _idle(
    layer: Layer,
    whose: Sequence[tuple[Described, Population]],
    plan: Plan,
    start: date,
    surfaces: Collection[str],
) -> list[Problem]:
    """What a layer says that can make no difference to the populations that it is about."""
    problems: list[Problem] = []
    metered, uptake = layer.find(_KEY, "metered"), layer.find(_KEY, "uptake")
    if metered and not plan.seat_based:
        fact = f"'{plan.id}' meters all usage as it is: nothing changes that `metered` could answer to"
        problems.append(Problem(metered.place, fact, "remove it"))
    for surface in uptake.value if uptake else ():
        assert uptake is not None
        place = uptake.at(surface)
        closed = [population for _, population in whose if surface not in _opened(population, plan, start)]
        if surface not in surfaces:
            problems.append(Problem(place, f"'{surface}' is not a surface", did_you_mean(surface, surfaces)))
        elif not closed:
            fact = f"every seat here opens '{surface}' from the start: there is nothing to take up (Rulebook U4)"
            problems.append(Problem(place, fact, "remove it"))
        elif not any(use.surface == surface for population in closed for use in population.persona.surfaces):
            fact = f"nobody whose seat does not open '{surface}' would work there"
            problems.append(Problem(place, fact, f"give '{surface}' a share of a persona's `surfaces`, or remove it"))
    return problems


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


USAGE = "usage"


@dataclass(frozen=True)
class Setting:
    """What surrounds an organization's usage: the contract's plan and its rate card, the horizon's first day, the day
    behind all that the contract reaches, and the ids of members who are listed besides."""

    plan: Plan
    card: RateCard
    start: date
    end: date
    listed: Collection[str] = ()


def read_organization(document: Document, setting: Setting) -> Organization:
    """The organization that the `usage` of a scenario describes; the schema has accepted the document.

    Raises InputError with every mistake of meaning: unknown personas, models, surfaces, token mixes, countries and
    seat types, shares that do not add up to 1, dates out of order, behaviour that does nothing, ids given twice.
    """
    data: Any = document.data
    said: Mapping[str, Any] = data[USAGE]
    problems: list[Problem] = []
    shipped = shipped_personas()
    populations = _populations(document, setting, shipped, problems)
    roll_out = _roll_out(said.get("roll_out"), document, problems)
    bursts = _bursts(said.get("bursts"), document, setting, problems)
    calendar = said.get("calendar", {})
    problems += _unknown_country(calendar.get("country"), document)
    problems += _listed_twice(populations, document, setting)
    if problems:
        raise InputError(problems)
    growth = {key: float(value) for key, value in said.get("growth", {}).items()}
    return Organization(
        populations=populations,
        start=setting.start,
        seed=said["seed"],
        shocks=shocks_from(said.get("shocks", {}), shipped.shocks),
        draws=said.get("draws", 1),
        growth=Growth(**growth),
        roll_out=roll_out,
        bursts=bursts,
        country=calendar.get("country"),
        late_december=calendar.get("late_december", True),
        files=(shipped.path,),
    )


# --- populations ---------------------------------------------------------------------------------------------------


def _populations(
    document: Document, setting: Setting, shipped: PersonaFile, problems: list[Problem]
) -> tuple[Population, ...]:
    data: Any = document.data
    entries: Mapping[str, Any] = data[USAGE]["personas"]
    own = {
        name: Layer(document, (USAGE, "personas", name), entry if isinstance(entry, Mapping) else {})
        for name, entry in entries.items()
    }
    mixes = {**shipped.mixes, **read_mixes(document, (USAGE, "token_mixes"), problems)}
    known = Known(read_products().titles, mixes, setting.card, setting.start)
    found: list[tuple[Described, Population]] = []
    for name, layer in own.items():
        words = described(name, own, shipped.layers, problems)
        seat = _seat(words, setting.plan, problems) if words else None
        persona = read_persona(words, known, problems) if words else None
        if words and persona and seat:
            count = layer.data["count"] if layer.data else entries[name]
            team = str(layer.data.get("team", persona.title))
            found.append((words, Population(persona, count, seat, team)))
    if problems:
        # What populations do is asked only of whole ones.
        return tuple(population for _, population in found)
    return read_behaviour(document, found, setting.plan, setting.start, known.surfaces, problems)


def _seat(words: Described, plan: Plan, problems: list[Problem]) -> str | None:
    """The seat type of a persona's members: as the entry says, as the persona says for the plan, or the only one."""
    found = words.layers[0].find("seat_type") or words.merged("seats").get(plan.id)
    if found is None and len(plan.seat_types) == 1:
        return plan.seat_types[0]
    if found is None:
        fact = f"persona '{words.name}' has no seat type on '{plan.id}'"
        remedy = f"say its `seat_type`, one of: {', '.join(plan.seat_types)}"
        problems.append(Problem(words.place, fact, remedy))
        return None
    seat = str(found.value)
    if seat not in plan.seat_types:
        fact = f"'{seat}' is not a seat type of '{plan.id}'"
        problems.append(Problem(found.place, fact, did_you_mean(seat, plan.seat_types)))
        return None
    return seat


def _listed_twice(populations: Collection[Population], document: Document, setting: Setting) -> Iterator[Problem]:
    listed = set(setting.listed)
    for population in populations:
        name = population.persona.name
        twice = sorted(listed.intersection(population.members))
        if twice:
            more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
            fact = f"'{twice[0]}'{more} would be a member twice: of `members`, and of persona '{name}'"
            place = document.key_place(USAGE, "personas", name)
            yield Problem(place, fact, "give the listed member another id")


# --- the calendar, roll-out and bursts -----------------------------------------------------------------------------


def _unknown_country(country: str | None, document: Document) -> Iterator[Problem]:
    if country is None:
        return
    from planshift.usage.synthetic.calendar_effects import countries

    known = countries()
    if country not in known:
        place = document.place(USAGE, "calendar", "country")
        yield Problem(place, f"the holidays of '{country}' are not known", did_you_mean(country, known))


def _roll_out(data: Mapping[str, Any] | None, document: Document, problems: list[Problem]) -> RollOut | None:
    if data is None:
        return None
    if "by_date" not in data:
        return RollOut(midpoint=data["midpoint"], days=float(data["days"]))
    steps = tuple((day, float(share)) for day, share in data["by_date"].items())
    for (before, less), (day, more) in pairwise(steps):
        place = document.key_place(USAGE, "roll_out", "by_date", day)
        if day < before:
            problems.append(Problem(place, f"{day} stands after {before}", "sort the dates"))
        elif more < less:
            fact = f"the share of those who have begun falls from {less:g} to {more:g}"
            problems.append(Problem(place, fact, "give shares that rise; leaving is an `assign` event"))
    return RollOut(by_date=steps)


def _bursts(data: Mapping[str, Any] | None, document: Document, setting: Setting, problems: list[Problem]) -> Bursts:
    if data is None:
        return Bursts()
    planned = [Burst(item["first"], item["last"], float(item["factor"])) for item in data.get("planned", ())]
    for number, burst in enumerate(planned):
        place = document.place(USAGE, "bursts", "planned", number)
        if burst.last < burst.first:
            problems.append(Problem(place, f"the burst ends on {burst.last}, before it begins", "correct its days"))
        elif number and burst.first <= planned[number - 1].last:
            fact = f"the burst begins on {burst.first}, before the one above it ends"
            problems.append(Problem(place, fact, "sort bursts by date, and let none overlap"))
        problems += _out_of_reach(burst, place, setting)
    random = data.get("random")
    if random is None:
        return Bursts(tuple(planned))
    return Bursts(tuple(planned), float(random["per_year"]), random["days"], float(random["factor"]))


def _out_of_reach(burst: Burst, place: Place, setting: Setting) -> Iterator[Problem]:
    """A burst that nothing could ever reach: a wrong year must not pass."""
    if burst.last < setting.start:
        fact = f"the burst ends on {burst.last}, before the horizon starts on {setting.start}"
        yield Problem(place, fact, "correct its days, or remove it")
    elif burst.first >= setting.end:
        fact = f"the burst begins on {burst.first}, behind the contract's terms, which end before {setting.end}"
        yield Problem(place, fact, "correct its days, or remove it")
