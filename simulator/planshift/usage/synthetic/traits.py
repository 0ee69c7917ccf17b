"""What a member is in a draw: level, activity, preferred model, cache share, joining day, and what they ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.organization import Organization, Population, RollOut
from planshift.usage.synthetic.persona import Activity, Level
from planshift.usage.synthetic.quantiles import beta_by_score, scores
from planshift.usage.synthetic.streams import Words, normals, starts, uniforms

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
    persona = population.persona

    def streams(quantity: str) -> Words:
        return starts(organization.seed, population.members, quantity, draws)

    level_score = normals(streams("level"))[0]
    asked = {name: uniforms(streams(f"uptake {name}"))[0] < share for name, share in population.takes_up.items()}
    return Traits(
        level=_level(persona.level, level_score),
        activity=_activity(persona.activity, level_score, streams("activity")),
        model=_choice(tuple(persona.models.values()), streams("model")),
        cache_score=normals(streams("cache"))[0],
        joins=_joining(organization.roll_out, organization.start, streams("joining")),
        asks=asked,
    )


def _level(level: Level, score: Floats) -> Floats:
    """``amount × exp(σ N − σ² / 2)``, whose mean is the amount."""
    result: Floats = level.amount * np.exp(level.sigma * score - level.sigma**2 / 2)
    return result


def _activity(activity: Activity, level_score: Floats, streams: Words) -> Floats:
    """The Beta quantile of a normal score whose rank correlation with the level's is ``with_level``.

    Normal scores with the correlation ``2 sin(π ρ / 6)`` have the rank correlation ρ.
    """
    correlation = 2 * math.sin(math.pi * activity.with_level / 6)
    score = correlation * level_score + math.sqrt(1 - correlation**2) * normals(streams)[0]
    result: Floats = np.interp(score, scores(_TABLE), beta_by_score(activity.alpha, activity.beta, _TABLE))
    return result


def _choice(shares: Sequence[float], streams: Words) -> Integers:
    """An index drawn with the probabilities ``shares``."""
    if len(shares) == 1:
        return np.zeros(streams.shape, dtype=np.int64)
    bounds = np.cumsum(shares)
    result: Integers = np.searchsorted(bounds[:-1] / bounds[-1], uniforms(streams)[0], side="right")
    return result


def _joining(roll_out: RollOut | None, start: date, streams: Words) -> Integers | None:
    """The day of joining, counted from the start; None where all are there from the start.

    On a logistic curve the quantile of a uniform number, rounded up; by date the first whose share reaches it.
    Whoever would have joined by the first day is there from the start.
    """
    if roll_out is None:
        return None
    uniform = uniforms(streams)[0]
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
