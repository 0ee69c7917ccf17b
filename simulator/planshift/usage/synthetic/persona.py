"""Personas and organizations: how kinds of users work, how many there are of each, and what all of them share.

The laws and their parameters are those of ``scenarios/personas.yaml``, which gives each one's source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
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


DIGITS = 3
"""The least number of digits in a member's number."""


@dataclass(frozen=True)
class Population:
    """Members of one persona, ``count`` of them.

    ``takes_up``: surface → share of these members who ask for it where their seat does not open it (Rulebook U4; absent
    where it does: then all do); ``metered``: factor on their volume once nothing is included any more.
    """

    persona: Persona
    count: int
    seat_type: str
    team: str
    takes_up: Mapping[str, float] = field(default_factory=dict)
    metered: float = 1.0

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Their ids, sorted: ``analyst-001`` and so on."""
        return _numbered(self.persona.name, self.count)


@lru_cache(maxsize=256)
def _numbered(name: str, count: int) -> tuple[str, ...]:
    digits = max(DIGITS, len(str(count)))
    return tuple(f"{name}-{number:0{digits}d}" for number in range(1, count + 1))


@dataclass(frozen=True)
class Growth:
    """Everybody's volume grows by the factor 1 + ``per_month`` every month from the horizon's start, compounded by the
    day; between draws the logarithm of a month's growth has the standard deviation ``sd_per_month``."""

    per_month: float = 0.0
    sd_per_month: float = 0.0


@dataclass(frozen=True)
class RollOut:
    """When members begin: along a logistic curve with half of them by ``midpoint`` and from a tenth to nine tenths
    within ``days``; or, by date, the share of them who have begun by then (``by_date``, in order of date)."""

    midpoint: date | None = None
    days: float = 0.0
    by_date: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True)
class Shocks:
    """What all members share: log-normal days with the standard deviation ``daily_sd``, and a slow Ornstein-Uhlenbeck
    process with ``slow_sd`` that forgets within ``slow_days``; each has mean 1."""

    daily_sd: float
    slow_sd: float
    slow_days: float


@dataclass(frozen=True)
class Burst:
    """Days, the last one included, on which everybody's volume is multiplied by a factor."""

    first: date
    last: date
    factor: float


@dataclass(frozen=True)
class Bursts:
    """Bursts shared by all: planned ones, and others that come at random, ``per_year`` of them on average (Poisson),
    each ``days`` long with the factor ``factor``."""

    planned: tuple[Burst, ...] = ()
    per_year: float = 0.0
    days: int = 0
    factor: float = 1.0


@dataclass(frozen=True)
class Organization:
    """Who uses how much, drawn at random.

    ``start``: the day from which random numbers are counted; ``holidays``: days off; ``files``: what it was read from.
    """

    populations: tuple[Population, ...]
    start: date
    seed: int
    shocks: Shocks
    draws: int = 1
    growth: Growth = Growth()
    roll_out: RollOut | None = None
    bursts: Bursts = Bursts()
    country: str | None = None
    late_december: bool = True
    files: tuple[Path, ...] = ()

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The ids of all members, sorted."""
        return tuple(sorted(member for population in self.populations for member in population.members))
