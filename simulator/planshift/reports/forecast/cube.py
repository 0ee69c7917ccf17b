"""A forecast as one array by plan and segment, its means in whole cents that add up, and its sums over the horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planshift.billing.money import half_up
from planshift.billing.schedule import month_text
from planshift.forecasting.result import (
    BILLED,
    BOOKED,
    COUNT,
    DEFERRED,
    FLOW,
    INDEX,
    MEASURES,
    RECOGNISED,
    Bridge,
    Cell,
    Cents,
    Forecast,
)
from planshift.impact.spread import mean_of_sums
from planshift.reports.forecast.columns import ALL, TOTAL
from planshift.reports.spread import means_that_add_up

BALANCES = {
    "deferred_seats": (("billed_seats",), ("recognised_seats",)),
    "deferred_credits": (("billed_credits",), ("breakage", "recognised_credits")),
    "unbilled": (("recognised_usage",), ("billed_usage",)),
    "receivable": (BILLED, ("paid",)),
}
"""Balance → the flows that add to it, and the flows that take from it."""

_GIVES_WAY = {
    "deferred_seats": ("recognised_seats", -1),
    "deferred_credits": ("recognised_credits", -1),
    "unbilled": ("recognised_usage", 1),
    "receivable": ("paid", -1),
}
"""Balance → the flow whose mean takes up what rounding leaves over, and its sign in the balance; no flow is in two."""

HUNDREDTHS = 100
"""Means of counts are kept in hundredths."""


@dataclass(frozen=True)
class Cube:
    """A forecast's amounts by plan and segment, regions together.

    ``amounts``: (plans, segments, measures, months, draws); ``opening``: (plans, segments, measures, draws); cents, or
    counts.
    """

    forecast: Forecast
    plans: tuple[str, ...]
    segments: tuple[str, ...]
    amounts: Cents
    opening: Cents

    @classmethod
    def of(cls, forecast: Forecast) -> Cube:
        """The cube of a forecast."""
        cells = forecast.cells.keys() | forecast.opening.keys()
        plans = tuple(sorted({cell.plan for cell in cells}))
        segments = tuple(sorted({cell.segment for cell in cells}))
        shape = (len(plans), len(segments), len(MEASURES))
        amounts = np.zeros((*shape, len(forecast.months), forecast.draws), dtype=np.int64)
        opening = np.zeros((*shape, forecast.draws), dtype=np.int64)

        def place(cell: Cell) -> tuple[int, int]:
            return plans.index(cell.plan), segments.index(cell.segment)

        for cell, found in forecast.cells.items():
            amounts[place(cell)] += found
        for cell, found in forecast.opening.items():
            opening[place(cell)] += found
        return cls(forecast, plans, segments, amounts, opening)

    def groups(self) -> Iterator[tuple[str, str, tuple[slice, slice]]]:
        """Plan, segment and where they lie, with ``all`` first: every plan and segment, and all of them together."""
        for plan, rows in _named(self.plans):
            for segment, columns in _named(self.segments):
                yield plan, segment, (rows, columns)

    def segment_groups(self) -> Iterator[tuple[str, slice]]:
        """Segment and where it lies, ``all`` first."""
        yield from _named(self.segments)


@dataclass(frozen=True)
class Means:
    """The means of a cube over its draws: ``months`` of shape (plans, segments, measures, months), ``opening`` of
    shape (plans, segments, measures); whole cents, or hundredths of counts.

    Sums of them over plans, segments, months and measures are what tables show, so that everything adds up: every
    balance rolls forward to the cent. What rounding leaves over, at most a few cents a month and segment, is in the
    recognised and the paid amounts; balances of a segment are their own mean, half up.
    """

    months: Cents
    opening: Cents

    def total(self, *measures: str) -> Cents:
        """The sum of measures over plans and segments, shape (months,)."""
        found: Cents = sum(self.months[:, :, INDEX[measure]].sum(axis=(0, 1)) for measure in measures)
        return found


def means_of(cube: Cube) -> Means:
    """The means of a cube; with one draw they are its amounts."""
    draws = cube.forecast.draws
    found = np.zeros(cube.amounts.shape[:4], dtype=np.int64)
    opening = np.zeros(cube.opening.shape[:3], dtype=np.int64)
    for number, measure in enumerate(MEASURES):
        sums = cube.amounts[:, :, number].sum(axis=-1)
        if measure.kind == FLOW:
            found[:, :, number] = _flows(sums, draws)
            continue
        scale = HUNDREDTHS if measure.kind == COUNT else 1
        found[:, :, number] = _stands(sums * scale, draws)
        opening[:, :, number] = _stands(cube.opening[:, :, number].sum(axis=-1) * scale, draws)
    for balance in BALANCES:
        _settle(balance, found, opening)
    return Means(found, opening)


def _flows(sums: Cents, draws: int) -> Cents:
    """Rounded means of (plans, segments, months) whose running sums, segment after segment, are rounded means."""
    ordered = sums.transpose(1, 2, 0)
    running = mean_of_sums(np.cumsum(ordered.ravel()), draws)
    return np.diff(running, prepend=0).reshape(ordered.shape).transpose(2, 0, 1)


def _stands(sums: Cents, draws: int) -> Cents:
    """Rounded means of (plans, …) that add up, plan after plan, to the rounded mean of all plans."""
    return np.diff(mean_of_sums(np.cumsum(sums, axis=0), draws), axis=0, prepend=0)


def _settle(balance: str, months: Cents, opening: Cents) -> None:
    """Make a balance roll forward: the flow that gives way takes up what is left over, where the plan is largest."""
    adding, taking = BALANCES[balance]
    place = INDEX[balance]
    closing, before = months[:, :, place].sum(axis=0), opening[:, :, place].sum(axis=0)
    change = np.diff(closing, axis=1, prepend=before[:, None])
    flows = sum(months[:, :, INDEX[name]].sum(axis=0) for name in adding)
    flows = flows - sum(months[:, :, INDEX[name]].sum(axis=0) for name in taking)
    name, sign = _GIVES_WAY[balance]
    giving = months[:, :, INDEX[name]]
    largest = np.abs(giving).argmax(axis=0)[None]
    rest = (sign * (change - flows))[None]
    np.put_along_axis(giving, largest, np.take_along_axis(giving, largest, axis=0) + rest, axis=0)


def _named(names: tuple[str, ...]) -> Iterator[tuple[str, slice]]:
    yield ALL, slice(None)
    yield from ((name, slice(place, place + 1)) for place, name in enumerate(names))


MONEY = tuple(measure for measure in MEASURES if measure.kind != COUNT)
COUNTED = tuple(measure for measure in MEASURES if measure.kind == COUNT)


@dataclass(frozen=True)
class Summed:
    """Something that is summed up: the measures that make it up, and whether it stands at the end or flows."""

    key: str
    title: str
    measures: tuple[str, ...]
    stands: bool = False


SUMMED = (
    Summed("booked", "Booked", BOOKED),
    Summed("billed", "Invoiced", BILLED),
    Summed("paid", "Paid", ("paid",)),
    Summed("recognised", "Recognised revenue", RECOGNISED),
    Summed("deferred", "Deferred, at the end", DEFERRED, stands=True),
    Summed("breakage", "Of the revenue: credits that expired", ("breakage",)),
    Summed("unbilled", "Unbilled receivable, at the end", ("unbilled",), stands=True),
    Summed("receivable", "Invoiced and not paid, at the end", ("receivable",), stands=True),
)
"""The five measures, and what else finance asks for."""
FIVE = tuple(one.key for one in SUMMED[:5])

_YEAR = 12
RUN_RATES = {"arr_committed": "Committed ARR, at the end", "arr_usage": "Usage run-rate, a year, at the end"}
TITLES = {**{one.key: one.title for one in SUMMED}, **RUN_RATES}
"""What reports call them."""


@dataclass(frozen=True)
class Target:
    """What somebody wants of a measure, cents: over the whole horizon, or in each twelve months of it (``yearly``)."""

    measure: str
    cents: int
    yearly: bool = False

    def of(self, amount: Amount) -> bool:
        """Is it a target for this amount? A year that the horizon has only a part of has none."""
        return self.measure == amount.key and (amount.whole_year if self.yearly else amount.period == TOTAL)


@dataclass(frozen=True)
class Amount:
    """A measure in a period: cents by draw, and their mean, which adds up with others; is it twelve months long?"""

    key: str
    period: str
    draws: Cents
    mean: int
    whole_year: bool

    def missed(self, target: int) -> int:
        """In how many draws less than the target is reached."""
        return int((self.draws < target).sum())


def amounts(forecast: Forecast, means: Means) -> Iterator[Amount]:
    """Every measure over the horizon, and in each twelve months of it where it is longer; run-rates at its end."""
    for one in SUMMED:
        by_month, mean = forecast.total(*one.measures), means.total(*one.measures)
        for period, places in periods(forecast).items():
            shown = slice(places.stop - 1, places.stop) if one.stands else places
            whole_year = places.stop - places.start == _YEAR
            yield Amount(one.key, period, by_month[shown].sum(axis=0), int(mean[shown].sum()), whole_year)
    for key, bridges in (("arr_committed", forecast.committed), ("arr_usage", forecast.usage)):
        found = whole(bridges, forecast.draws)
        is_year = len(forecast.months) == _YEAR
        yield Amount(key, TOTAL, found.last, sum(step_means(bridges).values()), is_year)


def over_horizon(forecast: Forecast, means: Means) -> dict[str, Amount]:
    """The measures over the horizon by key."""
    return {one.key: one for one in amounts(forecast, means) if one.period == TOTAL}


def periods(forecast: Forecast) -> dict[str, slice]:
    """The horizon and, where it is longer than a year, each twelve months of it, with the places of their months."""
    count = len(forecast.months)
    found = {TOTAL: slice(0, count)}
    if count > _YEAR:
        for start in range(0, count, _YEAR):
            end = min(start + _YEAR, count)
            first, last = forecast.months[start], forecast.months[end - 1]
            found[f"{month_text(first)} to {month_text(last)}"] = slice(start, end)
    return found


def whole(bridges: Mapping[str, Bridge], draws: int) -> Bridge:
    """The bridge of all segments together, draw by draw."""
    nothing = np.zeros(draws, dtype=np.int64)
    keys = list(dict.fromkeys(key for bridge in bridges.values() for key in bridge.steps))

    def added(take: Callable[[Bridge], Cents]) -> Cents:
        return sum((take(bridge) for bridge in bridges.values()), nothing)

    steps = {key: added(lambda bridge, key=key: bridge.steps.get(key, nothing)) for key in keys}  # type: ignore[misc]
    return Bridge(added(lambda bridge: bridge.first), steps, added(lambda bridge: bridge.last))


def step_means(bridges: Mapping[str, Bridge]) -> dict[str, int]:
    """The means of the first run-rate and the steps of all segments together: sums of the segments' rounded means."""
    found: dict[str, int] = {}
    for bridge in bridges.values():
        parts = means_that_add_up([bridge.first, *bridge.steps.values()])
        for key, cents in zip(("first", *bridge.steps), parts, strict=True):
            found[key] = found.get(key, 0) + cents
    return found


def four_decimals(value: Fraction) -> str:
    """A share as tables write it, half up: ``0.8310``."""
    number = half_up(value * 10_000)
    sign = "-" if number < 0 else ""
    return f"{sign}{abs(number) // 10_000}.{abs(number) % 10_000:04d}"
