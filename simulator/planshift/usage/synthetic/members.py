"""What members are in a draw: level, activity, models, cache share; and what their tokens are made of and cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_NANOS
from planshift.plans.rates import EXACT, TOKEN_CLASSES, RateCard
from planshift.usage.synthetic.persona import Activity, Level, Organization, Persona, Population, TokenMix
from planshift.usage.synthetic.streams import Words, beta_by_score, normals, scores, starts, starts_together, uniforms

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FROM_THE_START = -(1 << 20)
NEVER = 1 << 20
"""Joining days of those who are there from the first day on, and of those who never join."""

_TABLE = 1 << 13
_TENTH_TO_NINE_TENTHS = 2 * math.log(9)


@dataclass(frozen=True)
class Traits:
    """What the members of a population are in each draw of a block; arrays of the shape (draws, members).

    ``level``: volume of an ordinary active day in the persona's unit, the drift left out; ``activity``: the
    probability q of a weekday; ``model``: index of the preferred model; ``cache_score``: normal score of the cache-read
    share; ``joins``: the day of joining, counted from the organization's start; ``asks``: by surface that
    not all ask for, do they?
    """

    level: Floats
    activity: Floats
    model: Integers
    cache_score: Floats
    joins: Integers | None
    asks: dict[str, npt.NDArray[np.bool_]]


def traits(organization: Organization, population: Population, draws: range) -> Traits:
    """The traits of a population's members in some draws."""
    return traits_together([(organization, population)], draws)[0]


def traits_together(whose: Sequence[tuple[Organization, Population]], draws: range) -> list[Traits]:
    """The traits of each population's members in some draws; the same numbers as one by one."""

    def streams(quantity: str) -> Words:
        return starts_together(
            [(organization.seed, population.members) for organization, population in whose], quantity, draws
        )

    level, activity, cache = (normals(streams(quantity))[0] for quantity in ("level", "activity", "cache"))
    model = uniforms(streams("model"))[0]
    bounds = pairwise(accumulate((population.count for _, population in whose), initial=0))
    return [
        Traits(
            level=_level(population.persona.level, level[:, first:last]),
            activity=_activity(population.persona.activity, level[:, first:last], activity[:, first:last]),
            model=_choice(tuple(population.persona.models.values()), model[:, first:last]),
            cache_score=cache[:, first:last],
            joins=_joining(organization, population, draws),
            asks={
                name: uniforms(starts(organization.seed, population.members, f"uptake {name}", draws))[0] < share
                for name, share in population.takes_up.items()
            },
        )
        for (organization, population), (first, last) in zip(whose, bounds, strict=True)
    ]


def _level(level: Level, score: Floats) -> Floats:
    """``amount × exp(σ N − σ² / 2)``, whose mean is the amount."""
    result: Floats = level.amount * np.exp(level.sigma * score - level.sigma**2 / 2)
    return result


def _activity(activity: Activity, level_score: Floats, own_score: Floats) -> Floats:
    """The Beta quantile of a normal score whose rank correlation with the level's is ``with_level``.

    Normal scores with the correlation ``2 sin(π ρ / 6)`` have the rank correlation ρ.
    """
    correlation = 2 * math.sin(math.pi * activity.with_level / 6)
    score = correlation * level_score + math.sqrt(1 - correlation**2) * own_score
    result: Floats = np.interp(score, scores(_TABLE), beta_by_score(activity.alpha, activity.beta, _TABLE))
    return result


def _choice(shares: Sequence[float], uniform: Floats) -> Integers:
    """An index drawn with the probabilities ``shares``."""
    if len(shares) == 1:
        return np.zeros(uniform.shape, dtype=np.int64)
    bounds = np.cumsum(shares)
    result: Integers = np.searchsorted(bounds[:-1] / bounds[-1], uniform, side="right")
    return result


def _joining(organization: Organization, population: Population, draws: range) -> Integers | None:
    """The day of joining, counted from the start; None where all are there from the start.

    On a logistic curve the quantile of a uniform number, rounded up; by date the first whose share reaches it.
    Whoever would have joined by the first day is there from the start.
    """
    roll_out, start = organization.roll_out, organization.start
    if roll_out is None:
        return None
    uniform = uniforms(starts(organization.seed, population.members, "joining", draws))[0]
    if roll_out.by_date:
        days = [(day - start).days for day, _ in roll_out.by_date]
        shares = np.array([share for _, share in roll_out.by_date])
        joins = np.array([*days, NEVER], dtype=np.int64)[np.searchsorted(shares, uniform, side="left")]
    else:
        midpoint = ((roll_out.midpoint or start) - start).days
        scale = roll_out.days / _TENTH_TO_NINE_TENTHS
        latest = np.clip(midpoint + scale * np.log(uniform / (1 - uniform)), FROM_THE_START, NEVER)
        joins = np.ceil(latest).astype(np.int64)
    return np.where(joins <= 0, FROM_THE_START, joins)


_CACHED = "cache_read"


def step_tokens(persona: Persona, mix: TokenMix, traits: Traits) -> Integers:
    """The tokens of a step by model and class, shape (models, classes, draws, members); they add up to the step.

    Shares are turned into whole tokens by rounding what they add up to, model by model and class by class, so that
    none is off by as much as one token and the sum is exact.
    """
    of_model = model_shares(persona).T[:, traits.model] * mix.step_tokens
    of_class = _class_shares(mix, traits)
    result = np.empty((len(of_model), len(of_class), *traits.model.shape), dtype=np.int64)
    share, before = np.zeros(traits.model.shape), np.zeros(traits.model.shape, dtype=np.int64)
    for model, number in np.ndindex(*result.shape[:2]):
        share += of_model[model] * of_class[number]
        until = np.minimum(np.rint(share), mix.step_tokens).astype(np.int64)
        np.subtract(until, before, out=result[model, number])
        before = until
    # What arithmetic with fractions left over, a token at most, goes to the last that has any.
    result[-1, -1] += mix.step_tokens - before
    return result


def model_shares(persona: Persona) -> Floats:
    """By preferred model: each model's share of the tokens, shape (models, models).

    The others divide what the preferred one leaves as members' preferences divide among them.
    """
    shares = np.array(list(persona.models.values()), dtype=np.float64)
    result = np.empty((len(shares), len(shares)))
    for preferred in range(len(shares)):
        others = shares.copy()
        others[preferred] = 0
        left = others.sum()
        result[preferred] = others * ((1 - persona.preferred_share) / left) if left else 0
        result[preferred, preferred] = persona.preferred_share if left else 1
    return result


def _class_shares(mix: TokenMix, traits: Traits) -> Floats:
    """Each member's share of each token class, shape (classes, draws, members).

    The logit of the cache-read share is normal between members with the mix's share in the middle; the other classes
    divide the rest as they do in the mix.
    """
    shares = np.array([mix.shares.get(name, 0.0) for name in TOKEN_CLASSES])
    shares /= shares.sum()
    cached = shares[TOKEN_CLASSES.index(_CACHED)]
    spread = traits.cache_score * (mix.cache_spread if 0 < cached < 1 else 0.0)
    # A share of 0 or 1 has no logit, and stays.
    theirs = 1 / (1 + (1 - cached) / cached * np.exp(-spread)) if cached else np.zeros_like(spread)
    others = (1 - theirs) / (1 - cached) if cached < 1 else np.zeros_like(spread)
    parts = zip(TOKEN_CLASSES, shares, strict=True)
    return np.stack([theirs if name == _CACHED else others * share for name, share in parts])


@dataclass(frozen=True)
class Prices:
    """Prices of some models on a day: nano-dollars times ``scale`` by token, shape (models, classes)."""

    scale: int
    by_model: tuple[tuple[int, ...], ...]


def prices_on(card: RateCard, models: Sequence[str], day: date) -> Prices:
    """The prices of models on a day; raises NoPriceError where one has none."""
    # US dollars per million tokens are thousands of nano-dollars per token.
    nano = [[price.scaleb(3, EXACT) for price in card.price(model, day).tokens] for model in models]
    places = max((_places(price) for prices in nano for price in prices), default=0)
    return Prices(10**places, tuple(tuple(int(price.scaleb(places, EXACT)) for price in prices) for prices in nano))


def _places(price: Decimal) -> int:
    return max(0, -int(price.normalize(EXACT).as_tuple().exponent))


@dataclass(frozen=True)
class StepCost:
    """What a step costs each member in each draw; arrays of the shape (draws, members).

    ``whole`` nano-dollars of all models together; where prices have fractions of a nano-dollar, what is left of each
    model's: ``left``, shape (models, draws, members), in parts of ``scale``. A row of usage is one model's, and rounded
    by itself.
    """

    whole: Integers
    left: npt.NDArray[np.generic] | None = None
    scale: int = 1

    def dollars(self) -> Floats:
        """The same in dollars, nearly."""
        result = self.whole.astype(np.float64)
        if self.left is not None:
            result += self.left.astype(np.float64).sum(axis=0) / self.scale
        return result * 1e-9


def step_cost(tokens: Integers, prices: Prices) -> StepCost:
    """The cost of a step of these tokens, shape (models, classes, draws, members); exact."""
    largest = max((price for model in prices.by_model for price in model), default=0)
    fits = largest * int(tokens[:, :, :1, :1].sum()) < MOST_NANOS
    exact = tokens if fits else tokens.astype(object)
    by_model = [
        _added([part * price for part, price in zip(parts, theirs, strict=True)])
        for parts, theirs in zip(exact, prices.by_model, strict=True)
    ]
    if prices.scale == 1:
        return StepCost(_added([cost.astype(np.int64) for cost in by_model]))
    whole = _added([(cost // prices.scale).astype(np.int64) for cost in by_model])
    left = np.stack([cost % prices.scale for cost in by_model])
    return StepCost(whole, left, prices.scale) if left.any() else StepCost(whole)


def _added(costs: Sequence[Integers]) -> Integers:
    result = costs[0].copy()
    for cost in costs[1:]:
        result += cost
    return result


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
