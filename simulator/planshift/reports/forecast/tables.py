"""A forecast's tables of sums: months, counts, draws, what rolls forward, bridges, scenarios, and what must hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from planshift.billing.money import cents_text
from planshift.forecasting.result import BILLED, INDEX, RECOGNISED, Bridge, Cents, Forecast, Measure
from planshift.forecasting.varied import Varied
from planshift.impact.spread import Spread, means, spread, spreads
from planshift.reports.forecast.columns import (
    ALL,
    ARR_BRIDGE,
    CHECKS,
    COUNTS,
    DRAWS,
    MONTHS,
    ROLLFORWARD,
    SCENARIOS,
    SUMMARY,
    TORNADO,
    TOTAL,
)
from planshift.reports.forecast.cube import (
    BALANCES,
    COUNTED,
    FIVE,
    MONEY,
    SUMMED,
    TITLES,
    Amount,
    Cube,
    Means,
    Target,
    amounts,
    four_decimals,
    over_horizon,
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
    for cube, rounded in cubes:
        forecast = cube.forecast
        found[DRAW.name] += range(forecast.draws)
        found["scenario"] += [forecast.scenario] * forecast.draws
        for one in amounts(forecast, rounded):
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
        for segment, bridge, rounded in bridged_groups(bridges, forecast.draws):
            for key, mean, found in bridge_steps(bridge, rounded):
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


INPUT_TITLES: Mapping[str, str] = {
    "usage": "Usage",
    "growth": "Growth of usage",
    "token_price": "Token prices",
    "seat_price": "Seat prices",
    "renewal_probability": "Renewal probability",
    "seat_change": "Seats at renewal",
}
"""What reports call something that is varied; one that is not listed is called by its key."""


@dataclass(frozen=True)
class Swing:
    """What a low and a high value, each in words, make of the median draw, cents."""

    key: str
    title: str
    measure: str
    low_value: str
    low: int
    base: int
    high_value: str
    high: int

    @property
    def swing(self) -> int:
        """How far they lie from the base at most."""
        return max(abs(self.low - self.base), abs(self.high - self.base))


def scenarios(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of scenarios.csv: by measure, the scenarios in their order; changes are draw by draw."""
    found = [(cube.forecast.scenario, over_horizon(cube.forecast, means)) for cube, means in cubes]

    def rows() -> Iterator[Row]:
        first = found[0][1]
        for key in first:
            for name, totals in found:
                one, change = totals[key], spread(totals[key].draws - first[key].draws)
                own = spread(one.draws)
                yield (
                    *(key, TITLES[key], name, one.mean, own.p10, own.p50, own.p90),
                    *(one.mean - first[key].mean, change.p10, change.p50, change.p90),
                )

    return columns_of(SCENARIOS, rows())


def swings(varied: Varied, measure: str) -> list[Swing]:
    """What each input does to a measure over the horizon, the largest swing first, equals in their order."""
    middle = _middle(varied.base, measure)
    found = [
        Swing(
            *(key, INPUT_TITLES.get(key, key), measure, low.title, _middle(low, measure), middle),
            *(high.title, _middle(high, measure)),
        )
        for key, (low, high) in varied.sides.items()
    ]
    return sorted(found, key=lambda one: -one.swing)


def tornado(varied: Varied) -> Values:
    """The values of tornado.csv: the five measures, of each the largest swing first."""
    rows = [one for measure in FIVE for one in swings(varied, measure)]
    names = [*TORNADO.header[1:]]
    return columns_of(TORNADO, ((one.key, *(getattr(one, name) for name in names)) for one in rows))


def _middle(forecast: Forecast, measure: str) -> int:
    """The middle draw of one of the five measures over the horizon."""
    one = next(one for one in SUMMED if one.key == measure)
    by_month = forecast.total(*one.measures)
    return spread(by_month[-1] if one.stands else by_month.sum(axis=0)).p50


_TITLES = {
    "deferred_seats": "Deferred seats: opening + invoiced - recognised = closing, by month, segment and draw",
    "deferred_credits": "Deferred credits: opening + bought - used - expired = closing, by month, segment and draw",
    "unbilled": "Unbilled: opening + recognised usage - invoiced = closing, by month, segment and draw",
    "receivable": "Receivable: opening + invoiced - paid = closing, by month, segment and draw",
}
_NEVER_NEGATIVE = ("deferred_seats", "deferred_credits", "unbilled", "seats", "accounts")


@dataclass(frozen=True)
class Check:
    """Something that was checked: in so many cases, the largest difference found and what is allowed, cents."""

    scenario: str
    key: str
    title: str
    cases: int
    difference: int
    allowed: int = 0

    @property
    def ok(self) -> bool:
        """Does it hold?"""
        return self.difference <= self.allowed


def checks(cube: Cube, rounded: Means) -> Iterator[Check]:
    """Everything that is checked of a forecast."""
    forecast = cube.forecast
    for balance, title in _TITLES.items():
        yield _check(forecast, f"rolls_{balance}", title, rolled(cube, balance))
    yield _check(
        forecast,
        "means_roll",
        "Means in tables roll forward to the cent, by month and segment",
        np.concatenate([_of_means(rounded, balance).ravel() for balance in BALANCES]),
    )
    below = [np.minimum(cube.amounts[:, :, INDEX[name]], 0).ravel() for name in _NEVER_NEGATIVE]
    yield _check(
        forecast, "not_negative", "No deferred or unbilled balance and no count is below zero", np.concatenate(below)
    )
    more = np.maximum(cube.amounts[:, :, INDEX["deferred_later"]] - cube.amounts[:, :, INDEX["deferred_seats"]], 0)
    yield _check(forecast, "current", "What is due later is a part of what is deferred", more)
    for kind, bridges in (("committed", forecast.committed), ("usage", forecast.usage)):
        gaps = [bridge.first + sum(bridge.steps.values()) - bridge.last for bridge in bridges.values()]
        title = f"The bridge of {'committed ARR' if kind == 'committed' else 'the usage run-rate'} adds up in each draw"
        yield _check(forecast, f"bridge_{kind}", title, np.concatenate([np.zeros(0, dtype=np.int64), *gaps]))
    yield from _accounts_add_up(forecast)
    yield _renewals_possible(forecast)


def rolled(cube: Cube, balance: str) -> Cents:
    """Opening + what comes − what goes − closing of a balance, cents of shape (segments, months, draws)."""
    amounts, opening = cube.amounts.sum(axis=0), cube.opening.sum(axis=0)
    return _gap(amounts, opening, balance)


def _of_means(rounded: Means, balance: str) -> Cents:
    return _gap(rounded.months.sum(axis=0)[..., None], rounded.opening.sum(axis=0)[..., None], balance)


def _gap(amounts: Cents, opening: Cents, balance: str) -> Cents:
    """The same of amounts (segments, measures, months, draws) and opening balances (segments, measures, draws)."""
    adding, taking = BALANCES[balance]
    closing, first = amounts[:, INDEX[balance]], opening[:, INDEX[balance]]
    before = np.concatenate([first[:, None], closing[:, :-1]], axis=1)
    comes = amounts[:, [INDEX[name] for name in adding]].sum(axis=1)
    goes = amounts[:, [INDEX[name] for name in taking]].sum(axis=1)
    found: Cents = before + comes - goes - closing
    return found


def _accounts_add_up(forecast: Forecast) -> Iterator[Check]:
    """The accounts' means add up to the portfolio's: each is rounded, so that half a cent an account may be left."""
    count = len(forecast.accounts)
    for column, measures in (("billed", BILLED), ("paid", ("paid",)), ("recognised", RECOGNISED)):
        if count:
            whole = int(means(forecast.total(*measures).sum(axis=0)))
            gap = abs(int(forecast.accounts.columns[column].sum()) - whole)
            title = f"Accounts add up to the portfolio: {column}"
            yield Check(forecast.scenario, f"accounts_{column}", title, count, gap, allowed=(count + 1) // 2 + 1)


def _renewals_possible(forecast: Forecast) -> Check:
    """No renewal happens in more draws than those that reach it; nor do more than there are."""
    title = "A contract goes on in no more draws than in which it is in force, and in no more than there are"
    if not len(forecast.renewals):
        return Check(forecast.scenario, "renewals", title, 0, 0)
    columns = forecast.renewals.columns
    over = np.maximum(columns["renewed"] - columns["reached"], columns["reached"] - forecast.draws)
    return Check(forecast.scenario, "renewals", title, len(over), int(np.maximum(over, 0).max()))


def _check(forecast: Forecast, key: str, title: str, gaps: Cents) -> Check:
    return Check(forecast.scenario, key, title, gaps.size, int(np.abs(gaps).max(initial=0)))


def check_values(found: Sequence[Check]) -> Values:
    """The values of checks.csv."""
    rows = ((one.scenario, one.key, one.title, one.cases, one.difference, one.allowed, one.ok) for one in found)
    return columns_of(CHECKS, rows)
