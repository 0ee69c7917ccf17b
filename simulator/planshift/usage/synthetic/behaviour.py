"""How usage answers to a change of plan: who asks for a surface that was closed, and what being metered does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.problems import Problem, did_you_mean
from planshift.usage.synthetic.layers import Described, Layer
from planshift.usage.synthetic.organization import Population

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
