"""An account's usage by month, drawn from reference members, and what the organization's members share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import Ledger, Phase
from planshift.billing.money import UNLIMITED
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import month_of, next_month
from planshift.forecasting.coarse.library import AN_OCTAVE, HIGHEST, LOWEST, SIZES, Kind, Library
from planshift.forecasting.shocks import Factors
from planshift.usage.synthetic.calendar_effects import DAYS_OF_MONTH, log_factors
from planshift.usage.synthetic.persona import Bursts, Growth, Organization, Population, Shocks
from planshift.usage.synthetic.streams import ORGANIZATION, Words, normals, starts, uniforms

Floats = npt.NDArray[np.float64]

_WEEKDAYS = 5


def organization_factors(organization: Organization, months: Sequence[date], draws: range) -> Floats:
    """The factor on everybody's volume, shape (months, draws).

    Shocks are log-normal with the mean 1, and the variance and correlation that the monthly means of their logarithms
    have; growth is that of the month's middle; bursts at random are the mean of those that the daily model draws.
    """

    def stream(quantity: str) -> Words:
        return starts(organization.seed, (ORGANIZATION,), quantity, draws)[:, 0]

    result = np.exp(_slow(organization.shocks, len(months), stream("coarse slow")))
    result *= np.exp(_daily(organization.shocks, months, stream("coarse daily")))
    growth = organization.growth
    if growth.per_month or growth.sd_per_month:
        per_month = math.log1p(growth.per_month) + growth.sd_per_month * normals(stream("growth"))
        middles = [(month - organization.start).days / DAYS_OF_MONTH + 0.5 for month in months]
        result *= np.exp(np.maximum(0, np.array(middles))[:, None] * per_month)
    if organization.bursts.per_year:
        result *= _bursts(organization, months, draws)
    return result


def _slow(shocks: Shocks, months: int, stream: Words) -> Floats:
    """The mean over a month of an Ornstein-Uhlenbeck process, with the next month's correlation to it."""
    length = DAYS_OF_MONTH / shocks.slow_days
    kept = math.exp(-length)
    within = 2 * (length - 1 + kept)
    variance = shocks.slow_sd**2 * within / length**2
    correlation = (1 - kept) ** 2 / within
    result = normals(stream, count=months)
    for month in range(1, months):
        result[month] = correlation * result[month - 1] + math.sqrt(1 - correlation**2) * result[month]
    result *= math.sqrt(variance)
    result -= variance / 2
    return result


def _daily(shocks: Shocks, months: Sequence[date], stream: Words) -> Floats:
    """The mean of a month's days, of which those at weekends hardly count."""
    weekdays = np.array([_weekdays_of(month) for month in months])
    variance = np.log1p(math.expm1(shocks.daily_sd**2) / weekdays)[:, None]
    result: Floats = np.sqrt(variance) * normals(stream, count=len(months)) - variance / 2
    return result


def _weekdays_of(month: date) -> int:
    days = (next_month(month) - month).days
    return sum((month + timedelta(days=day)).weekday() < _WEEKDAYS for day in range(days))


def _bursts(organization: Organization, months: Sequence[date], draws: range) -> Floats:
    random = organization.bursts
    only = replace(
        organization,
        shocks=Shocks(0.0, 0.0, organization.shocks.slow_days),
        growth=Growth(),
        bursts=Bursts((), random.per_year, random.days, random.factor),
    )
    days = (next_month(months[-1]) - organization.start).days
    return by_month(np.exp(log_factors(only, days, draws)), organization.start, months)


def shared_factors(usage: Factors, months: Sequence[date]) -> Floats:
    """What all accounts share, as means by month, shape (months, draws); 1 before the horizon."""
    return by_month(usage.by_day, usage.start, months)


def by_month(factors: Floats, start: date, months: Sequence[date]) -> Floats:
    """Means by month of factors by day, shape (days, draws), from ``start`` on; 1 on days before it."""
    result = np.ones((len(months), factors.shape[1]))
    for number, month in enumerate(months):
        first, last = (month - start).days, (next_month(month) - start).days
        some = factors[max(0, first) : max(0, last)]
        if len(some):
            result[number] = (some.sum(axis=0) + (last - first - len(some))) / (last - first)
    return result


Floats32 = npt.NDArray[np.float32]
Amounts = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

ASKED, INCLUDED, METERED, BILLED = range(4)
"""What is known of a span, nano-dollars: asked for where it was open, included, metered, and billed but for what the
organization's limits and credits stop."""


@dataclass(frozen=True)
class Span:
    """Days of a month on which one phase of a contract holds: from ``first`` up to, not including, ``last``."""

    month: date
    phase: Phase
    first: date
    last: date

    @property
    def share(self) -> float:
        """The part of the month that it is."""
        return (self.last - self.first).days / (next_month(self.month) - self.month).days

    @property
    def charged(self) -> float:
        """What is charged for a dollar's worth at list price (Rulebook U5)."""
        return 1.0 - float(self.phase.terms.usage_discount(self.first).value)

    @property
    def pays(self) -> bool:
        """Is what nothing includes billed? If not, members wait (Rulebook I2)."""
        terms = self.phase.terms
        return not terms.plan.seat_based or bool(terms.extra_usage(self.first).value)

    def limit(self, seat: str) -> int:
        """The limit of a member with a seat, nano-dollars at list price."""
        limit = self.phase.limits.of("", seat)
        return limit if limit >= UNLIMITED else round(limit / self.charged)


def spans_of(ledger: Ledger) -> list[Span]:
    """The phases of a run, cut at the ends of months."""
    found: list[Span] = []
    edges = [*(phase.since for phase in ledger.phases), ledger.end]
    for phase, last in zip(ledger.phases, edges[1:], strict=True):
        first = phase.since
        while first < last:
            until = min(last, next_month(first))
            found.append(Span(month_of(first), phase, first, until))
            first = until
    return found


class Drawn:
    """Draws an account's usage: what its members come to together, month by month."""

    def __init__(self, scenario: Scenario, library: Library, factors: Floats, draws: range) -> None:
        assert isinstance(scenario.usage, Organization)
        self._organization = scenario.usage
        self._library, self._factors, self._draws = library, factors, draws

    def amounts(self, spans: Sequence[Span], metered_from: date | None) -> Amounts:
        """The four amounts of each span, nano-dollars of shape (spans, 4, draws)."""
        whole = np.zeros((4, len(spans), len(self._draws)))
        for population in self._organization.populations:
            for kind, count, metered, places in self._alike(population, spans, metered_from):
                months = np.array([self._library.month(spans[place].month) for place in places])
                factor = kind.relative * (population.metered if metered else 1.0)
                asked, included, within = self._drawn(kind, count, months, self._factors[months] * factor)
                whole[ASKED, places] += asked
                whole[INCLUDED, places] += included
                whole[METERED, places] += asked - included
                whole[BILLED, places] += within
        whole[METERED:] *= np.array([span.charged for span in spans])[:, None]
        whole[BILLED] *= np.array([span.pays for span in spans])[:, None]
        whole *= np.array([span.share for span in spans])[:, None]
        return np.rint(whole).astype(np.int64).transpose(1, 0, 2)

    def _alike(
        self, population: Population, spans: Sequence[Span], metered_from: date | None
    ) -> Iterator[tuple[Kind, int, bool, list[int]]]:
        """The spans, by place, in which the population's members of a seat type are alike, and how many they are."""
        groups: dict[object, tuple[Kind, int, bool, list[int]]] = {}
        held: dict[int, Counter[str | None]] = {}
        for place, span in enumerate(spans):
            phase = span.phase
            if id(phase) not in held:
                held[id(phase)] = Counter(phase.seats.assigned.get(member) for member in population.members)
            metered = metered_from is not None and span.first >= metered_from
            for seat, count in held[id(phase)].items():
                if seat is None:
                    continue
                kind = Kind(population, self._organization, phase.terms, seat, span.limit(seat))
                key = (kind.key, count, metered)
                groups.setdefault(key, (kind, count, metered, []))[3].append(place)
        yield from groups.values()

    def _drawn(self, kind: Kind, count: int, months: Places, levels: Floats) -> tuple[Floats, Floats, Floats]:
        """What so many members ask for, what of it is included, and what goes beyond that within their limits.

        ``levels`` (months, draws): multiples of the level 0; nano-dollars at list price of the same shape.
        """
        with np.errstate(divide="ignore"):
            place = np.clip(np.log2(levels) * AN_OCTAVE, LOWEST, HIGHEST)
        floor = np.floor(place).astype(np.intp)
        tables = self._library.tables(kind, int(floor.min()), int(floor.max()) + 1)
        crews = list(self._crews(kind.population, count))
        asked = np.zeros(levels.shape)
        for crew in crews:
            asked += tables.asked[crew[None, :], months[:, None]]
        asked *= levels
        if not tables.levels.shape[2]:
            return asked, np.zeros(levels.shape), asked
        pairs, at, known = _pairs(tables.levels), floor - tables.first, tables.levels.shape[3]
        both = np.zeros((*levels.shape, 2 * known))
        for crew in crews:
            both += pairs[crew[None, :], months[:, None], at]
        below, above = 2.0 ** (floor / AN_OCTAVE), 2.0 ** ((floor + 1) / AN_OCTAVE)
        weight = ((np.clip(levels, below, above) - below) / (above - below))[:, :, None]
        found = both[..., :known] + weight * (both[..., known:] - both[..., :known])
        # Below the lowest level, and above the highest, nothing but the level counts any more.
        found *= (levels / np.clip(levels, 2.0 ** (LOWEST / AN_OCTAVE), 2.0 ** (HIGHEST / AN_OCTAVE)))[:, :, None]
        included = np.minimum(found[..., 0], asked)
        return asked, included, found[..., 1] if kind.limited else asked - included

    def _crews(self, population: Population, count: int) -> Iterator[Places]:
        """The crews that make up so many members, each of shape (draws,): places in the library's tables."""
        left = count
        for size in SIZES:
            many, left = divmod(left, size)
            if many:
                crews = self._library.crews(size)
                numbers = _choice(self._organization.seed, population.persona.name, size, many, self._draws)
                yield from self._library.first(size) + (numbers * crews).astype(np.intp)


def _pairs(levels: Floats32) -> Floats32:
    """Each level's amounts and the next one's side by side, (crews, months, levels − 1, amounts × 2); no memory of its
    own."""
    crews, months, count, amounts = levels.shape
    shape = (crews, months, count - 1, 2 * amounts)
    return np.lib.stride_tricks.as_strided(levels, shape, levels.strides, writeable=False)


@lru_cache(maxsize=64)
def _choice(seed: int, name: str, size: int, many: int, draws: range) -> Floats:
    """Uniform numbers of an account's persona, shape (many, draws)."""
    return uniforms(starts(seed, (name,), f"crews of {size}", draws)[:, 0], count=many)
