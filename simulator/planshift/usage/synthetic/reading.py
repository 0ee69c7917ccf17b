"""From the `usage` of a scenario that names personas to an organization, with everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.plans.rates import RateCard
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.products import read_products
from planshift.usage.synthetic.behaviour import read_behaviour
from planshift.usage.synthetic.layers import Described, Layer, described
from planshift.usage.synthetic.organization import Burst, Bursts, Growth, Organization, Population, RollOut
from planshift.usage.synthetic.persona_reading import Known, read_mixes, read_persona
from planshift.usage.synthetic.shipped import PersonaFile, shipped_personas, shocks_from

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
    from planshift.usage.synthetic.days_off import countries

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
