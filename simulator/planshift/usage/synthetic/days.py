"""Members' days: who is active, and how much they use, day by day for a block of draws.

The volume of a day is ``active × joined × level × exp(s L − s²/2) × G × calendar × organization``: a chain of two
states, a slow Ornstein-Uhlenbeck drift L, and a Gamma day G whose normal scores follow an AR(1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.calendar_effects import DayFactors, day_factors
from planshift.usage.synthetic.persona import Organization, Population
from planshift.usage.synthetic.streams import (
    GAMMA,
    LARGEST_SCORE,
    NORMALS,
    Words,
    log_gamma_by_score,
    mix,
    normal_values,
)

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint16]
_Law = tuple[Floats32, Floats32, Floats32, Floats32 | np.float32]

SLICE = 1 << 16
"""Members' days worked on at a time: few enough for the caches, many enough for the calls to cost little."""

_TABLE = (1 << 14) + 1
_SCORES = np.float32((_TABLE - 1) / (2 * LARGEST_SCORE))
_WEEK = 7


@dataclass(frozen=True)
class DayLaws:
    """The laws of members' days over a horizon: for each population its persona's, spread over its members."""

    populations: tuple[Population, ...]
    calendars: tuple[DayFactors, ...]

    @classmethod
    def of(
        cls, organization: Organization, populations: tuple[Population, ...], days: int, off: Collection[date]
    ) -> DayLaws:
        """The laws of the days from the organization's start on, holidays being ``off``."""
        calendars = (
            day_factors(population.persona.week, organization.start, days, off, organization.late_december)
            for population in populations
        )
        return cls(populations, tuple(calendars))

    @classmethod
    def joined(cls, laws: Sequence[DayLaws]) -> DayLaws:
        """The laws of several organizations' members, one organization after another; of the same `kind`."""
        populations = chain.from_iterable(one.populations for one in laws)
        return cls(tuple(populations), tuple(chain.from_iterable(one.calendars for one in laws)))

    @cached_property
    def kind(self) -> tuple[object, ...]:
        """What must be the same of laws that are joined: the days, and the order of the tables of Gamma days."""
        shapes = dict.fromkeys(population.persona.day.shape for population in self.populations)
        return len(self.calendars[0].activity), tuple(shapes)

    def each(self, value: Callable[[Population], float]) -> Floats32:
        """A number by member; a single one where it is the same for all."""
        values = [value(population) for population in self.populations]
        if len(set(values)) == 1:
            return np.array(values[0], dtype=np.float32)
        return np.repeat(np.array(values, dtype=np.float32), self._counts)

    @property
    def _counts(self) -> list[int]:
        return [population.count for population in self.populations]

    def _by_day(self, values: list[Floats]) -> Floats32:
        table = np.stack(values, axis=-1).astype(np.float32)
        alike = bool((table == table[:, :1]).all())
        result: Floats32 = table[:, None, :1] if alike else np.repeat(table, self._counts, axis=1)[:, None]
        return result

    @cached_property
    def drift(self) -> tuple[Floats32, Floats32, Floats32]:
        """Of the drift: its standard deviation, the part of it kept a day later, the size of what is new each day."""
        return (
            self.each(lambda population: population.persona.drift.sd),
            self.each(lambda population: _kept(population)),
            self.each(lambda population: population.persona.drift.sd * math.sqrt(1 - _kept(population) ** 2)),
        )

    @cached_property
    def scores(self) -> tuple[Floats32, Floats32]:
        """Of a day's normal score: the part kept a day later, and the size of what is new, in steps of the table."""
        return (
            self.each(lambda population: population.persona.day.correlation),
            self.each(lambda population: float(_SCORES) * math.sqrt(1 - population.persona.day.correlation**2)),
        )

    @cached_property
    def log_gamma(self) -> tuple[Floats32, Floats32]:
        """The tables of the Gamma days, one after another, and by member where in them the score 0 stands."""
        shapes = list(dict.fromkeys(population.persona.day.shape for population in self.populations))
        table = np.concatenate([log_gamma_by_score(shape, _TABLE) for shape in shapes]).astype(np.float32)
        middle = {shape: number * _TABLE + (_TABLE - 1) / 2 + 0.5 for number, shape in enumerate(shapes)}
        return table, self.each(lambda population: middle[population.persona.day.shape])

    @cached_property
    def activity(self) -> tuple[Floats32, Floats32]:
        """Of the probability of being active, times NORMALS: the factor on q, and what having been active yesterday
        adds; shapes (days, 1, members), or 1 for them.

        With f the calendar's factor and c the lesser of today's and yesterday's, it is f q + r c (active - f' q), f'
        being yesterday's: on average f q on every day, whatever came before.
        """
        fresh, lasting = [], []
        for population, calendar in zip(self.populations, self.calendars, strict=True):
            today, r = calendar.activity, population.persona.activity.persistence
            yesterday = np.concatenate([today[:1], today[:-1]])
            kept = r * np.minimum(today, yesterday)
            kept[:1] = 0
            fresh.append((today - kept * yesterday) * NORMALS)
            lasting.append(kept * NORMALS)
        return self._by_day(fresh), self._by_day(lasting)

    @cached_property
    def log_volume(self) -> Floats32:
        """The logarithm of the calendar's factor on the volume, of the same shape."""
        with np.errstate(divide="ignore"):
            return self._by_day([np.log(calendar.volume) for calendar in self.calendars])

    @cached_property
    def onboarding(self) -> tuple[Floats32, npt.NDArray[np.int32]]:
        """Factors by days since joining, one population after another, and by member where the day of joining stands.

        Before it is a zero, and after the last week a one.
        """
        weeks = [population.persona.onboarding for population in self.populations]
        width = 2 + _WEEK * max(map(len, weeks))
        rows = ([0.0, *chain.from_iterable([factor] * _WEEK for factor in factors)] for factors in weeks)
        table = np.array([[*row, *[1.0] * (width - len(row))] for row in rows], dtype=np.float32)
        places = np.repeat(np.arange(len(weeks), dtype=np.int32) * width, self._counts)
        return table, places


def _kept(population: Population) -> float:
    """The autocorrelation of the drift from a day to the next."""
    days = population.persona.drift.days
    return math.exp(-1 / days) if days else 0.0


@dataclass(frozen=True)
class DayInputs:
    """What members' days of a block of draws depend on; arrays of the shape (draws, members).

    ``streams``: where the members' daily streams start; ``log_level``: logarithm of the level, in the unit of the
    volumes; ``activity``: the probability of a weekday; ``joins``: the day of joining, None where all are there;
    ``log_shared``: the organizations' factors, shape (days, draws, organizations); ``sizes``: their members.
    """

    streams: Words
    log_level: Floats32
    activity: Floats32
    joins: npt.NDArray[np.int32] | None
    log_shared: Floats32
    sizes: tuple[int, ...]

    @classmethod
    def joined(cls, inputs: Sequence[DayInputs]) -> DayInputs:
        """Those of several organizations, whose members all join at some day, or are all there."""
        if len(inputs) == 1:
            return inputs[0]
        joins = [one.joins for one in inputs if one.joins is not None]
        return cls(
            streams=np.concatenate([one.streams for one in inputs], axis=1),
            log_level=np.concatenate([one.log_level for one in inputs], axis=1),
            activity=np.concatenate([one.activity for one in inputs], axis=1),
            joins=np.concatenate(joins, axis=1) if joins else None,
            log_shared=np.concatenate([one.log_shared for one in inputs], axis=2),
            sizes=tuple(chain.from_iterable(one.sizes for one in inputs)),
        )

    def part(self, draws: slice) -> DayInputs:
        """Those of some draws."""
        joins = None if self.joins is None else self.joins[draws]
        return replace(
            self,
            streams=self.streams[draws],
            log_level=self.log_level[draws],
            activity=self.activity[draws],
            joins=joins,
            log_shared=self.log_shared[:, draws],
        )

    def shared(self, days: slice) -> Floats32:
        """The organizations' factors by member on some days; a single one where there is one organization."""
        factors = self.log_shared[days]
        result: Floats32 = factors if len(self.sizes) == 1 else np.repeat(factors, self.sizes, axis=2)
        return result


def day_volumes(laws: DayLaws, inputs: DayInputs) -> tuple[Floats32, float]:
    """The volumes of all days, shape (days, draws, members), and about their sum: infinite or NaN if one overflows.

    A member's volumes depend on no other member, nor on how many organizations there are.
    """
    draws, members = inputs.streams.shape
    days = len(inputs.log_shared)
    volumes = np.empty((days, draws, members), dtype=np.float32)
    size = min(draws, max(1, SLICE // max(1, members)))
    together = max(1, SLICE // max(1, members * size))
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, draws, size):
            part = slice(first, min(first + size, draws))
            work = _Days(laws, inputs.part(part), together)
            for day in range(0, days, together):
                total += work.fill(slice(day, min(day + together, days)), volumes[day : day + together, part])
    return volumes, total


class _Days:
    """The state of members from day to day, shape (draws, members), and room for some days of them.

    Each day takes one word of each member's stream: 16 bits of it say whether they are active, 16 change the drift and
    16 the day's score.
    """

    def __init__(self, laws: DayLaws, inputs: DayInputs, days: int) -> None:
        shape = inputs.streams.shape
        self._laws, self._inputs = laws, inputs
        self._words, self._spare = (np.empty((days, *shape), dtype=np.uint64) for _ in range(2))
        self._drift, self._score, self._active, self._number = (
            np.empty((days, *shape), dtype=np.float32) for _ in range(4)
        )
        self._place = np.empty((days, *shape), dtype=np.intp)
        self._yesterday = [np.zeros(shape, dtype=np.float32) for _ in range(3)]
        self._kept = np.empty(shape, dtype=np.float32)
        self._is_active = np.empty(shape, dtype=np.bool_)
        self._log_level = inputs.log_level - laws.drift[0] ** 2 / np.float32(2)

    def fill(self, days: slice, volumes: Floats32) -> float:
        """Write the volumes of the next days; give back about their sum."""
        number = np.arange(days.start + 1, days.stop + 1, dtype=np.uint64)[:, None, None]
        words, spare = self._words[: len(number)], self._spare[: len(number)]
        np.add(self._inputs.streams, number * GAMMA, out=words)
        mix(words, spare)
        bits = words.view(np.uint16).reshape(*words.shape, 4)
        drift, score, active, other = (
            array[: len(number)] for array in (self._drift, self._score, self._active, self._number)
        )
        sd, kept, new = self._laws.drift
        self._change(drift, bits[..., 0], days.start, (self._yesterday[0], kept, new, sd))
        kept, new = self._laws.scores
        self._change(score, bits[..., 1], days.start, (self._yesterday[1], kept, new, _SCORES))
        self._choose_active(active, bits[..., 2], days, other)
        self._measure(volumes, days, score, drift)
        volumes *= active
        if self._inputs.joins is not None:
            self._join(volumes, days, self._inputs.joins, other)
        return float(np.add.reduce(volumes, axis=None))

    def _change(self, days: Floats32, bits: Bits, first: int, law: _Law) -> None:
        """An AR(1): ``kept × yesterday + new × N``; on the very first day ``whole × N``, its lasting law."""
        yesterday, kept, new, whole = law
        normal_values().take(bits, out=days, mode="clip")
        begun = 0 if first else 1
        days[:begun] *= whole
        days[begun:] *= new
        before = yesterday if first else days[0]
        for day in days[begun:]:
            np.multiply(before, kept, out=self._kept)
            day += self._kept
            before = day
        np.copyto(yesterday, days[-1])

    def _choose_active(self, active: Floats32, bits: Bits, days: slice, chance: Floats32) -> None:
        """Active with the probability ``f q + r c (active yesterday − f' q)``; at first ``f q``."""
        fresh, lasting = self._laws.activity
        np.multiply(self._inputs.activity, fresh[days], out=chance)
        np.copyto(active, bits)
        before = self._yesterday[2]
        for likely, today, kept in zip(chance, active, lasting[days], strict=True):
            np.multiply(before, kept, out=self._kept)
            likely += self._kept
            np.less(today, likely, out=self._is_active)
            np.copyto(today, self._is_active)
            before = today
        np.copyto(self._yesterday[2], active[-1])

    def _measure(self, volumes: Floats32, days: slice, score: Floats32, drift: Floats32) -> None:
        """The volumes that days have if they are active."""
        table, middle = self._laws.log_gamma
        place, logs = self._place[: len(score)], self._number[: len(score)]
        np.add(score, middle, out=logs)
        np.copyto(place, logs, casting="unsafe")
        table.take(place, out=logs, mode="clip")
        logs += drift
        logs += self._log_level
        logs += self._laws.log_volume[days]
        logs += self._inputs.shared(days)
        np.exp(logs, out=volumes)

    def _join(self, volumes: Floats32, days: slice, joins: npt.NDArray[np.int32], factor: Floats32) -> None:
        """Nothing before the day of joining, and less in the weeks after it."""
        table, places = self._laws.onboarding
        place = self._place[: len(volumes)]
        np.subtract(np.arange(days.start + 1, days.stop + 1)[:, None, None], joins, out=place)
        np.clip(place, 0, table.shape[1] - 1, out=place)
        place += places
        table.take(place, out=factor, mode="clip")
        volumes *= factor
