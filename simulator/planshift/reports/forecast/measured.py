"""What a forecast comes to over its horizon and in its calendar years, draw by draw, and the targets for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planshift.billing.money import half_up
from planshift.billing.schedule import month_text
from planshift.forecasting.measures import BILLED, BOOKED, DEFERRED, RECOGNISED, Cents
from planshift.forecasting.result import Bridge, Forecast
from planshift.reports.forecast.columns import TOTAL
from planshift.reports.forecast.cube import Means
from planshift.reports.spread import means_that_add_up


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
