"""A population's members in some draws: what they are, and what a step costs them; many populations at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np

from planshift.usage.synthetic.organization import Organization, Population
from planshift.usage.synthetic.persona import Persona, TokenMix
from planshift.usage.synthetic.tokens import Prices, StepCost, step_cost, step_tokens
from planshift.usage.synthetic.traits import Traits, traits_together


@dataclass(frozen=True)
class Members:
    """What the members of a population are in some draws, and by surface what a step costs them, by price period."""

    traits: Traits
    costs: Mapping[str, tuple[StepCost, ...]]


@dataclass(frozen=True)
class Priced:
    """A population of an organization, and the prices of its persona's models by price period."""

    organization: Organization
    population: Population
    prices: tuple[Prices, ...]


def members_of(whose: Sequence[Priced], draws: range) -> list[Members]:
    """The members of each population in some draws; the same numbers as one by one.

    Populations whose steps are made of the same tokens at the same prices are worked on together.
    """
    found = traits_together([(one.organization, one.population) for one in whose], draws)
    alike: dict[object, list[tuple[int, str, TokenMix]]] = {}
    for number, one in enumerate(whose):
        for use in one.population.persona.surfaces:
            key = _made_of(one.population.persona, use.mix), one.prices
            alike.setdefault(key, []).append((number, use.surface, use.mix))
    costs: list[dict[str, tuple[StepCost, ...]]] = [{} for _ in whose]
    for users in alike.values():
        number, _, mix = users[0]
        priced = _costs(whose[number], mix, [found[number] for number, _, _ in users])
        for (number, surface, _), cost in zip(users, priced, strict=True):
            costs[number][surface] = cost
    return [Members(theirs, by_surface) for theirs, by_surface in zip(found, costs, strict=True)]


def _made_of(persona: Persona, mix: TokenMix) -> tuple[object, ...]:
    """All that the tokens of a step depend on besides the members."""
    shares = tuple(mix.shares.items()), mix.cache_spread, mix.step_tokens
    return tuple(persona.models.items()), persona.preferred_share, shares


def _costs(one: Priced, mix: TokenMix, found: Sequence[Traits]) -> list[tuple[StepCost, ...]]:
    """What a step costs the members of each of these, by price period."""
    together = found[0]
    if len(found) > 1:
        models, scores = (
            np.concatenate([getattr(theirs, name) for theirs in found], axis=1) for name in ("model", "cache_score")
        )
        together = replace(together, model=models, cache_score=scores)
    tokens = step_tokens(one.population.persona, mix, together)
    periods = [step_cost(tokens, prices) for prices in one.prices]
    if len(found) == 1:
        return [tuple(periods)]
    bounds = pairwise(accumulate((theirs.model.shape[1] for theirs in found), initial=0))
    return [tuple(_part(cost, slice(*bound)) for cost in periods) for bound in bounds]


def _part(cost: StepCost, members: slice) -> StepCost:
    left = None if cost.left is None else cost.left[:, :, members]
    return (
        StepCost(cost.whole[:, members])
        if left is None or not left.any()
        else StepCost(cost.whole[:, members], left, cost.scale)
    )
