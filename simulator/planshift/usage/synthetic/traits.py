"""What a member is in a draw: level, activity, preferred model, cache share, joining day, and what they ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.organization import Organization, Population
from planshift.usage.synthetic.persona import Activity, Level
from planshift.usage.synthetic.quantiles import beta_by_score, scores
from planshift.usage.synthetic.streams import Words, normals, starts, starts_together, uniforms

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
