"""A forecast's tables of sums: months, counts, draws, what rolls forward, the bridge of run-rates, the summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from planshift.billing.money import cents_text
from planshift.forecasting.result import INDEX, Bridge, Forecast, Measure
from planshift.impact.spread import Spread, spread, spreads
from planshift.reports.forecast.columns import (
    ALL,
    ARR_BRIDGE,
    COUNTS,
    DRAWS,
    MONTHS,
    ROLLFORWARD,
    SUMMARY,
    TOTAL,
)
from planshift.reports.forecast.cube import (
    BALANCES,
    COUNTED,
    MONEY,
    SUMMED,
    TITLES,
    Amount,
    Cube,
    Means,
    Target,
    amounts,
    four_decimals,
    step_means,
    whole,
)
from planshift.reports.spread import means_that_add_up
from planshift.reports.table import DRAW, Table, Values

Row = Sequence[Any]

BRIDGE_TITLES: Mapping[str, str] = {
    "first": "Before the first month",
    "price": "Seat prices",
    "seats": "Seats",
    "included_to_metered": "Included usage, now metered",
    "discount": "Discount",
    "growth": "Growth of usage",
    "churn": "Contracts that end",
    "last": "At the end",
}
"""What reports call a step of the bridge; a step that is not listed is called by its key."""

BALANCE_TITLES: Mapping[str, str] = {
    "deferred_seats": "Deferred: seats",
    "deferred_credits": "Deferred: credits",
    "deferred": "Deferred",
    "unbilled": "Unbilled receivable",
    "receivable": "Receivable: invoiced and not paid",
}
"""What reports call a balance."""

_ROLLS: Mapping[str, tuple[str, ...]] = {
    "deferred_seats": ("deferred_seats",),
    "deferred_credits": ("deferred_credits",),
    "deferred": ("deferred_seats", "deferred_credits"),
    "unbilled": ("unbilled",),
    "receivable": ("receivable",),
}
_FLOW_COLUMNS = {
    "billed": ("billed_seats", "billed_credits", "billed_usage"),
    "recognised": ("recognised_seats", "recognised_credits", "recognised_usage"),
    "breakage": ("breakage",),
    "paid": ("paid",),
}


def columns_of(table: Table, rows: Iterable[Row]) -> Values:
    """Rows of a table as its values by column."""
    columns = list(zip(*rows, strict=True)) or [()] * len(table.columns)
    return {name: list(column) for name, column in zip(table.header, columns, strict=True)}


def months(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of months.csv: by scenario, month and measure, all plans and segments first."""
    return columns_of(MONTHS, (row for cube, means in cubes for row in _monthly(cube, means, MONEY)))


def counts(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of counts.csv."""
    rows = (row for cube, means in cubes for row in _monthly(cube, means, COUNTED))
    return columns_of(COUNTS, ((*row[:6], cents_text(row[6]), *row[7:]) for row in rows))


def _monthly(cube: Cube, means: Means, measures: Sequence[Measure]) -> Iterator[Row]:
    numbers = [INDEX[measure.name] for measure in measures]
    found = {}
    for plan, segment, place in cube.groups():
        drawn = cube.amounts[place][:, :, numbers].sum(axis=(0, 1))
        flat = spreads(drawn.reshape(-1, cube.forecast.draws))
        found[plan, segment] = (means.months[place][:, :, numbers].sum(axis=(0, 1)), flat)
    for month, day in enumerate(cube.forecast.months):
        for number, measure in enumerate(measures):
            for (plan, segment), (mean, flat) in found.items():
                row = flat[number * len(cube.forecast.months) + month]
                first = (cube.forecast.scenario, day, measure.name, measure.title, plan, segment)
                yield *first, int(mean[number, month]), row.p10, row.p50, row.p90


def draws(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of draws.csv."""
    found: dict[str, list[Any]] = {name: [] for name in (DRAW.name, *DRAWS.header)}
    for cube, means in cubes:
        forecast = cube.forecast
        found[DRAW.name] += range(forecast.draws)
        found["scenario"] += [forecast.scenario] * forecast.draws
        for one in amounts(forecast, means):
            if one.period == TOTAL:
                found[one.key] += one.draws.tolist()
    return found


def rollforward(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of rollforward.csv: by scenario, balance, segment and month."""
    return columns_of(ROLLFORWARD, (row for cube, means in cubes for row in _rolled(cube, means)))


def _rolled(cube: Cube, means: Means) -> Iterator[Row]:
    later = means.months[:, :, INDEX["deferred_later"]]
    for balance, parts in _ROLLS.items():
        numbers = [INDEX[part] for part in parts]
        flows = {name for part in parts for side in BALANCES[part] for name in side}
        for segment, place in cube.segment_groups():
            closing = means.months[:, place][:, :, numbers].sum(axis=(0, 1, 2)).tolist()
            opening = int(means.opening[:, place][:, :, numbers].sum())
            moved = [_moved(means, place, flows, names) for names in _FLOW_COLUMNS.values()]
            at_end = spreads(cube.amounts[:, place][:, :, numbers].sum(axis=(0, 1, 2)))
            of_seats = later[:, place].sum(axis=(0, 1)).tolist() if "deferred_seats" in parts else [0] * len(closing)
            for month, day in enumerate(cube.forecast.months):
                before = closing[month - 1] if month else opening
                first = (cube.forecast.scenario, day, balance, BALANCE_TITLES[balance], segment, before)
                parted = (closing[month] - of_seats[month], of_seats[month])
                end = at_end[month]
                yield *first, *(flow[month] for flow in moved), closing[month], *parted, end.p10, end.p50, end.p90


def _moved(means: Means, place: slice, flows: set[str], names: tuple[str, ...]) -> Sequence[int | None]:
    """The flows of a column that move a balance, by month; None where none of them does."""
    numbers = [INDEX[name] for name in names if name in flows]
    count = means.months.shape[-1]
    return means.months[:, place][:, :, numbers].sum(axis=(0, 1, 2)).tolist() if numbers else [None] * count


def arr_bridge(forecasts: Sequence[Forecast]) -> Values:
    """The values of arr_bridge.csv."""
    return columns_of(ARR_BRIDGE, (row for forecast in forecasts for row in _bridged(forecast)))


def _bridged(forecast: Forecast) -> Iterator[Row]:
    for kind, bridges in (("committed", forecast.committed), ("usage", forecast.usage)):
        for segment, bridge, means in bridged_groups(bridges, forecast.draws):
            for key, mean, found in bridge_steps(bridge, means):
                title = BRIDGE_TITLES.get(key, key)
                yield forecast.scenario, kind, segment, key, title, mean, found.p10, found.p50, found.p90


def bridged_groups(bridges: Mapping[str, Bridge], draws: int) -> Iterator[tuple[str, Bridge, Mapping[str, int]]]:
    """Segment, bridge, and the means of its first run-rate and steps; all segments together first."""
    yield ALL, whole(bridges, draws), step_means(bridges)
    for segment, bridge in sorted(bridges.items()):
        means = means_that_add_up([bridge.first, *bridge.steps.values()])
        yield segment, bridge, dict(zip(("first", *bridge.steps), means, strict=True))


def bridge_steps(bridge: Bridge, means: Mapping[str, int]) -> Iterator[tuple[str, int, Spread]]:
    """Key, mean and spread of the first run-rate, every step and the last."""
    yield "first", means["first"], spread(bridge.first)
    for key, cents in bridge.steps.items():
        yield key, means[key], spread(cents)
    yield "last", sum(means.values()), spread(bridge.last)


def summary(cubes: Sequence[tuple[Cube, Means]], targets: Sequence[Target]) -> Values:
    """The values of summary.csv: the horizon first, then its years."""

    def rows(cube: Cube, means: Means) -> Iterator[Row]:
        for one in sorted(amounts(cube.forecast, means), key=_order):
            found, target = spread(one.draws), next((want.cents for want in targets if want.of(one)), None)
            missed = None if target is None else one.missed(target)
            chance = "" if missed is None else four_decimals(Fraction(missed, len(one.draws)))
            first = (cube.forecast.scenario, one.key, TITLES[one.key], one.period, one.mean)
            yield *first, found.p10, found.p50, found.p90, target, missed, chance

    return columns_of(SUMMARY, (row for cube, means in cubes for row in rows(cube, means)))


def _order(one: Amount) -> tuple[str, int]:
    """The horizon, then its years; measures in their order."""
    period = "" if one.period == TOTAL else one.period
    return period, [*(summed.key for summed in SUMMED), "arr_committed", "arr_usage"].index(one.key)
