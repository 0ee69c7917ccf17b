"""What tokens of a member's usage are made of, and what they cost: whole tokens, whole nano-dollars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_NANOS
from planshift.plans.rates import EXACT, TOKEN_CLASSES, RateCard
from planshift.usage.synthetic.persona import Persona, TokenMix
from planshift.usage.synthetic.traits import Traits

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

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
