"""Personas: how a kind of user works, as the parameters of the laws that their days are drawn from.

The laws and their parameters are those of ``scenarios/personas.yaml``, which gives each one's source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TokenMix:
    """What tokens of a kind of work are made of.

    ``shares``: token class → share of all tokens, adding up to 1; ``cache_spread``: the standard deviation between
    members of the logit of the cache-read share; ``step_tokens``: a day's tokens are counted in steps of so many.
    """

    name: str
    title: str
    shares: Mapping[str, float]
    cache_spread: float
    step_tokens: int


@dataclass(frozen=True)
class Level:
    """How much a member uses on an ordinary active day: log-normal between members with this mean.

    ``amount`` in US dollars at list price or in tokens, as ``unit`` says; ``sigma`` of the logarithm.
    """

    amount: float
    unit: Literal["usd", "tokens"]
    sigma: float


@dataclass(frozen=True)
class Activity:
    """On which weekdays a member is active: a chain of two states.

    The probability q of a weekday is Beta(``alpha``, ``beta``) between members, with a rank correlation ``with_level``
    to their level; after an active day it is (1 − r)q + r, after an idle one (1 − r)q, with r = ``persistence``. With
    the day's factor f it is f q on average: f q + r c (active − f'q), f' being yesterday's factor, c the lesser of the
    two.
    """

    alpha: float
    beta: float
    with_level: float
    persistence: float


@dataclass(frozen=True)
class Drift:
    """A member's slow change: an Ornstein-Uhlenbeck process of standard deviation ``sd`` (of the logarithm of the
    volume) that forgets within ``days``."""

    sd: float
    days: float


@dataclass(frozen=True)
class DayVolume:
    """An active day's volume about the member's level: Gamma of this ``shape`` and mean 1, with the autocorrelation
    ``correlation`` of its normal scores from day to day."""

    shape: float
    correlation: float


@dataclass(frozen=True)
class Week:
    """Factors by weekday, Monday first: on the probability of being active, and on the volume of an active day.

    ``late_december`` and ``holiday`` are factors on the probability on those days, instead of the weekday's where
    that is larger.
    """

    activity: tuple[float, ...]
    volume: tuple[float, ...]
    late_december: float
    holiday: float


@dataclass(frozen=True)
class SurfaceUse:
    """A surface's share of a member's volume, and what its tokens are made of."""

    surface: str
    share: float
    mix: TokenMix


@dataclass(frozen=True)
class Persona:
    """A kind of user.

    ``seats``: plan id → the seat type they would have; ``models``: model → share of members who prefer it;
    ``preferred_share``: of a member's tokens, those of the preferred model; ``onboarding``: factors on the volume in
    the first weeks after joining.
    """

    name: str
    title: str
    service_account: bool
    seats: Mapping[str, str]
    level: Level
    activity: Activity
    drift: Drift
    day: DayVolume
    week: Week
    onboarding: tuple[float, ...]
    models: Mapping[str, float]
    preferred_share: float
    surfaces: tuple[SurfaceUse, ...]
