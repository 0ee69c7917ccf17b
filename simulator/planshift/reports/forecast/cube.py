"""A forecast as one array by plan and segment, and its means in whole cents that add up wherever amounts do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planshift.forecasting.measures import BILLED, COUNT, FLOW, INDEX, MEASURES, Cents
from planshift.forecasting.result import Cell, Forecast
from planshift.impact.spread import mean_of_sums
from planshift.reports.forecast.columns import ALL

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
