"""The volumes of a block of draws, and what they come to: demand in nano-dollars, or rows of usage."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from planshift.plans.bounds import MOST_NANOS, NANO, too_much
from planshift.plans.rates import TOKEN_CLASSES
from planshift.problems import InputError
from planshift.usage.cells import MODIFIERS, SEARCHES, TOKEN_COLUMNS
from planshift.usage.demand import Demand, Nanos, Which
from planshift.usage.synthetic.members import StepCost

if TYPE_CHECKING:
    import pandas as pd


Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class UsageRows:
    """Rows of usage as columns of equal length, in order of date, member, surface and model.

    ``day`` counts days since ``start``; ``user``, ``surface`` and ``model`` index their lists of names; ``tokens`` has
    the shape (rows, token classes). Each row has tokens.
    """

    start: date
    day: Integers
    user: Integers
    user_names: Sequence[str]
    surface: Integers
    surface_names: Sequence[str]
    model: Integers
    model_names: Sequence[str]
    tokens: Integers

    def __len__(self) -> int:
        return len(self.day)

    def frame(self) -> pd.DataFrame:
        """The rows in the columns of a usage file."""
        import pandas as pd

        dates = np.datetime64(self.start, "D") + self.day.astype("timedelta64[D]")
        columns: dict[str, object] = {
            "date": np.datetime_as_string(dates).astype(object),
            "user_id": np.array(self.user_names, dtype=object)[self.user],
            "surface": np.array(self.surface_names, dtype=object)[self.surface],
            "model": np.array(self.model_names, dtype=object)[self.model],
        }
        for column, name in TOKEN_COLUMNS.items():
            columns[column] = self.tokens[:, TOKEN_CLASSES.index(name)]
        return pd.DataFrame({**columns, SEARCHES: 0, MODIFIERS: ""})


@dataclass(frozen=True)
class Portion:
    """Steps of some members on one surface: ``steps`` of the shape (days, members), and the ``tokens`` of a step of
    each, shape (members, models, classes); ``members`` and ``models`` index all names."""

    surface: int
    members: Integers
    models: Integers
    steps: Integers
    tokens: Integers


def usage_rows(
    start: date, users: Sequence[str], surfaces: Sequence[str], models: Sequence[str], portions: Iterable[Portion]
) -> UsageRows:
    """The rows of all portions together."""
    parts = [_rows(portion) for portion in portions]
    keys = np.concatenate([np.empty((0, 4), dtype=np.int64), *(keys for keys, _ in parts)])
    tokens = np.concatenate([np.empty((0, len(TOKEN_CLASSES)), dtype=np.int64), *(tokens for _, tokens in parts)])
    order = np.lexsort(keys.T[::-1])
    day, user, surface, model = keys[order].T
    return UsageRows(start, day, user, users, surface, surfaces, model, models, tokens[order])


def _rows(portion: Portion) -> tuple[Integers, Integers]:
    """Day, user, surface and model of each row, and its tokens."""
    day, member = np.nonzero(portion.steps)
    tokens = portion.steps[day, member][:, None, None] * portion.tokens[member]
    row, model = np.nonzero(tokens.any(axis=-1))
    surface = np.full(len(row), portion.surface)
    keys = np.stack([day[row], portion.members[member[row]], surface, portion.models[model]], axis=1)
    return keys, tokens[row, model]


Floats32 = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]

SLICE = 1 << 16
"""Members' days turned into demand at a time: few enough for the caches."""


@dataclass(frozen=True)
class SurfaceVolumes:
    """What turns volumes into demand on a surface.

    ``runs``: the members, by position, whose personas use the surface; ``ratio``: their steps on it by unit of volume,
    shape (draws, members), None where it is one for all of them; ``costs``: the cost of a step, by price period.
    """

    name: str
    runs: tuple[slice, ...]
    ratio: Floats32 | None
    costs: tuple[StepCost, ...]

    @cached_property
    def dearest(self) -> float:
        """At least what the dearest step costs, in nano-dollars."""
        return max(float(cost.dollars().max(initial=0.0)) * NANO + 1 for cost in self.costs)


@dataclass(frozen=True)
class Volumes:
    """Usage of the organization's members in a block of draws.

    ``volumes``: shape (days, draws, members), in steps of each member's main surface, not yet rounded; ``total``: about
    their sum; ``metered``: each member's factor once nothing is included any more; ``since``: the days, counted from
    ``start``, on which the price periods begin; ``source``: what errors name; ``write``: makes the rows of a draw.
    """

    draws: range
    start: date
    members: tuple[str, ...]
    volumes: Floats32
    total: float
    metered: Floats32
    surfaces: tuple[SurfaceVolumes, ...]
    since: tuple[int, ...]
    source: str
    write: Callable[[Volumes, int, date | None], UsageRows]

    def demand(self, start: date, end: date, members: Sequence[str], metered_from: date | None = None) -> Demand:
        """What these and other ``members`` ask for from ``start`` up to, not including, ``end``.

        ``members`` are in order of id, all of the organization's among them; from ``metered_from`` on volumes have
        their factor for it. Raises InputError where a draw costs more than can be calculated with, ValueError for
        members that are missing or days beyond the horizon.
        """
        first, last = self._between(start, end)
        positions = self._positions(members)
        metered = self._metered_day(metered_from)
        self._check()
        shape = last - first, len(self.draws), len(members)
        by_surface = {surface.name: _paper(surface, shape) for surface in self.surfaces}
        several = len(by_surface) != 1
        total: Nanos = np.zeros(shape, dtype=np.int64) if several else next(iter(by_surface.values()))
        columns = [[_columns(positions[run]) for run in surface.runs] for surface in self.surfaces]
        for days, period in self._stretches(first, last, metered, max(1, SLICE // max(1, shape[1] * shape[2]))):
            rows = slice(days.start - first, days.stop - first)
            here = total[rows]
            for surface, places in zip(self.surfaces, columns, strict=True):
                asked = by_surface[surface.name][rows]
                self._fill(asked, surface, days, period, places, days.start >= metered)
                if several:
                    # Added up while it is in the caches.
                    here += asked
        return Demand.added_up(start, tuple(members), by_surface, total)

    def active(self, start: date, end: date, members: Sequence[str], metered_from: date | None = None) -> Which:
        """Who asks for anything at all, shape (draws, members): whose `demand` is not zero on all of the days."""
        first, last = self._between(start, end)
        positions = self._positions(members)
        metered = self._metered_day(metered_from)
        self._check()
        result = np.zeros((len(self.draws), len(members)), dtype=np.bool_)
        for surface in self.surfaces:
            for run in surface.runs:
                columns = _columns(positions[run])
                for days, period in self._stretches(first, last, metered, max(1, last - first)):
                    # Nobody asks for less with a larger volume: the largest tells for all days.
                    largest = self.volumes[days, :, run].max(axis=0)[None]
                    most = self._steps(surface, largest, slice(None), run, days.start >= metered).astype(np.int64)
                    _price(most, surface.costs[period], run)
                    result[:, columns] |= most[0] > 0
        return result

    def rows(self, draw: int, metered_from: date | None = None) -> UsageRows:
        """The rows of a usage file of one draw of the block, over the whole horizon; their demand is this draw's."""
        if draw not in self.draws:
            raise ValueError(f"the draw must be among {self.draws} (got {draw})")
        self._check()
        return self.write(self, draw, metered_from)

    def steps(self, surface: SurfaceVolumes, draw: int, metered_from: date | None = None) -> Nanos:
        """Whole steps on a surface in one draw, shape (days, members)."""
        row = slice(self.draws.index(draw), self.draws.index(draw) + 1)
        metered = self._metered_day(metered_from)
        result = np.zeros((len(self.volumes), len(self.members)), dtype=np.int64)
        for run in surface.runs:
            for days in (slice(0, max(0, metered)), slice(max(0, metered), len(self.volumes))):
                volume = self.volumes[days, row, run]
                result[days, run] = self._steps(surface, volume, row, run, days.start >= metered)[:, 0]
        return result

    def _between(self, start: date, end: date) -> tuple[int, int]:
        """The days from ``start`` up to, not including, ``end``, counted from the first of all."""
        first, last = (start - self.start).days, (end - self.start).days
        if first < 0 or last > len(self.volumes) or last < first:
            raise ValueError(f"days must lie in the {len(self.volumes)} days from {self.start} (got {start} to {end})")
        return first, last

    def _positions(self, members: Sequence[str]) -> Positions:
        """Where in ``members`` the organization's are."""
        where = {member: position for position, member in enumerate(members)}
        missing = next((member for member in self.members if member not in where), None)
        if missing is not None:
            raise ValueError(f"members must include all of the organization's (not '{missing}')")
        return np.array([where[member] for member in self.members], dtype=np.intp)

    def _metered_day(self, metered_from: date | None) -> int:
        """The first day that is metered; beyond the last where that makes no difference."""
        if metered_from is None or bool((self.metered == 1).all()):
            return len(self.volumes)
        return (metered_from - self.start).days

    def _fill(
        self,
        asked: Nanos,
        surface: SurfaceVolumes,
        days: slice,
        period: int,
        places: Sequence[slice | Positions],
        metered: bool,
    ) -> None:
        """Puts what is asked for on a surface on some days of a price period into the ``places`` of its runs."""
        for run, columns in zip(surface.runs, places, strict=True):
            steps = self._steps(surface, self.volumes[days, :, run], slice(None), run, metered)
            if isinstance(columns, slice):
                target = asked[:, :, columns]
                np.copyto(target, steps, casting="unsafe")
                _price(target, surface.costs[period], run)
            else:
                whole = steps.astype(np.int64)
                _price(whole, surface.costs[period], run)
                asked[:, :, columns] = whole

    def _stretches(self, first: int, last: int, metered: int, size: int) -> Iterator[tuple[slice, int]]:
        """Days from ``first`` up to ``last``, at most ``size`` at a time, each time of one price period; and which."""
        bounds = (*self.since, len(self.volumes))
        for period, (since, until) in enumerate(pairwise(bounds)):
            start, stop = max(first, since), min(last, until)
            edges = (start, min(max(metered, start), stop), stop)
            for begin, end in pairwise(edges):
                for day in range(begin, end, size):
                    yield slice(day, min(day + size, end)), period

    def _steps(self, surface: SurfaceVolumes, volume: Floats32, draws: slice, run: slice, metered: bool) -> Floats32:
        """Whole steps that some days' volume of a run's members is, both of shape (days, draws, members)."""
        if surface.ratio is not None:
            volume = volume * surface.ratio[draws, run]
        if metered:
            volume = volume * self.metered[run]
        result: Floats32 = np.rint(volume)
        return result

    def _check(self) -> None:
        """InputError where a draw costs too much; summed up draw by draw only where all of them together may."""
        dearest = sum(surface.dearest * _largest(surface.ratio) for surface in self.surfaces)
        # Rounding to whole steps makes nothing more than twice as large.
        if 2 * self.total * dearest * max(1.0, float(self.metered.max(initial=1))) < MOST_NANOS:
            return
        cost = self._most()
        if not cost <= MOST_NANOS:
            fact = f"what everybody uses in a draw would {too_much(cost / NANO)}"
            raise InputError.at(self.source, fact, "check the levels, their `sigma`, and the growth")

    def _most(self) -> float:
        """What the dearest draw costs at the dearest prices and the higher of the two factors, nearly."""
        if not math.isfinite(self.total):
            return math.inf
        total = np.zeros(len(self.draws))
        factor = np.maximum(self.metered, 1).astype(np.float64)
        for surface in self.surfaces:
            for run in surface.runs:
                price = np.max([cost.dollars()[:, run] for cost in surface.costs], axis=0) * NANO * factor[run]
                for volume in self.volumes:
                    ratio = 1 if surface.ratio is None else surface.ratio[:, run]
                    total += ((volume[:, run] * ratio + 1) * price).sum(axis=1)
        return float(total.max(initial=0.0))


def _paper(surface: SurfaceVolumes, shape: tuple[int, int, int]) -> Nanos:
    """Room for what is asked for on a surface; without zeros where its runs fill it."""
    covered = sum(run.stop - run.start for run in surface.runs) == shape[2]
    return np.empty(shape, dtype=np.int64) if covered else np.zeros(shape, dtype=np.int64)


def _largest(ratio: Floats32 | None) -> float:
    return 1.0 if ratio is None else float(ratio.max(initial=0.0))


def _columns(positions: Positions) -> slice | Positions:
    """The positions as a slice, where they follow one another."""
    first, last = int(positions[0]), int(positions[-1]) + 1
    return slice(first, last) if last - first == len(positions) else positions


def _price(steps: Nanos, cost: StepCost, run: slice) -> None:
    """Turns steps of a run's members into nano-dollars, in place."""
    if cost.left is None:
        steps *= cost.whole[:, run]
        return
    counts = steps.copy()
    steps *= cost.whole[:, run]
    if int(counts.max(initial=0)) * cost.scale > MOST_NANOS:
        counts = counts.astype(object)
    for left in cost.left:
        # Each model is a row of its own, and rounded by itself.
        steps += ((counts * left[:, run] + cost.scale // 2) // cost.scale).astype(np.int64)
