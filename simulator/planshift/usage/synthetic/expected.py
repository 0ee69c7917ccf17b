"""What a persona's members use in a month on average, from the laws that their days are drawn from."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.plans.rates import RateCard
from planshift.usage.synthetic.calendar_effects import day_factors
from planshift.usage.synthetic.members import Traits, prices_on, step_cost, step_tokens
from planshift.usage.synthetic.persona import Activity, Level, Persona, TokenMix
from planshift.usage.synthetic.streams import beta_by_score, normal_values, scores

_TABLE = 1 << 13
_CACHE_SCORES = 256


@dataclass(frozen=True)
class Days:
    """The days that a mean is taken over: ``days`` from ``first`` on, ``off`` being holidays, in ``months`` months."""

    first: date
    days: int
    months: float
    off: Collection[date] = ()
    late_december: bool = True


def mean_month(persona: Persona, days: Days, card: RateCard) -> float:
    """US dollars a month that a member of a persona uses on average over days, at the list prices of the first.

    The mean of the laws: level, activity and their correlation, weekdays and days off; drift, days and what all share
    have mean 1. What the generator rounds to whole steps is left out: for the shipped personas its mean lies within
    1 % of this.
    """
    calendar = day_factors(persona.week, days.first, days.days, days.off, days.late_december)
    active_days = float(np.sum(calendar.activity * calendar.volume)) / days.months
    return _level_when_active(persona.level, persona.activity) * active_days * _dollars(persona, card, days.first)


def _level_when_active(level: Level, activity: Activity) -> float:
    """E[level × q]: with normal scores of the correlation r, amount × E[q(N + r sigma)], N standard normal."""
    correlation = 2 * math.sin(math.pi * activity.with_level / 6)
    at = normal_values().astype(np.float64) + correlation * level.sigma
    chances = np.interp(at, scores(_TABLE), beta_by_score(activity.alpha, activity.beta, _TABLE))
    return level.amount * float(chances.mean())


def _dollars(persona: Persona, card: RateCard, day: date) -> float:
    """Dollars of a unit of the level: 1, or what a token costs on average."""
    if persona.level.unit == "usd":
        return 1.0
    whole = math.fsum(use.share for use in persona.surfaces)
    return math.fsum(use.share / whole * _token_cost(persona, use.mix, card, day) for use in persona.surfaces)


def _token_cost(persona: Persona, mix: TokenMix, card: RateCard, day: date) -> float:
    """Dollars of a token of a mix, on average over members: over preferred models and cache-read shares."""
    models = len(persona.models)
    part = normal_values().reshape(_CACHE_SCORES, -1).mean(axis=1, dtype=np.float64)
    shape = (models, _CACHE_SCORES)
    preferred = np.repeat(np.arange(models), _CACHE_SCORES).reshape(shape)
    whole = np.zeros(shape)
    members = Traits(whole, whole, preferred, np.tile(part, (models, 1)), None, {})
    ids = [card.resolve(name) or name for name in persona.models]
    cost = step_cost(step_tokens(persona, mix, members), prices_on(card, ids, day)).dollars() / mix.step_tokens
    shares = np.array(list(persona.models.values()))
    return float((cost.mean(axis=1) * shares).sum() / shares.sum())
