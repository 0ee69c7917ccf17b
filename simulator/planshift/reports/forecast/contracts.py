"""A forecast's tables of contracts: who renews when, cohorts of them, and the accounts that move the total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from planshift.billing.money import cents_text
from planshift.forecasting.result import Forecast
from planshift.impact.spread import mean_of_sums
from planshift.reports.forecast.columns import ACCOUNTS, CALENDAR, COHORTS, MOVERS, RENEWALS
from planshift.reports.forecast.cube import HUNDREDTHS, four_decimals
from planshift.reports.forecast.tables import Row, columns_of
from planshift.reports.table import Values

MOVERS_SHOWN = 50
"""So many accounts move the total most."""

Array = np.ndarray[Any, Any]


def renewals(forecast: Forecast) -> Values:
    """The values of renewals.csv."""
    columns = forecast.renewals.columns
    if not len(forecast.renewals):
        return columns_of(RENEWALS, [])
    known = [name for name in RENEWALS.header if name in columns and name != "probability"]
    found: dict[str, Any] = {name: columns[name].tolist() for name in known}
    found["at_stake"] = (columns["arr_before"] + columns["usage_before"]).tolist()
    chances = {value: _probability(value) for value in np.unique(columns["probability"]).tolist()}
    found["probability"] = [chances[value] for value in columns["probability"].tolist()]
    found["of_draws"] = [forecast.draws] * len(forecast.renewals)
    return {name: found[name] for name in RENEWALS.header}


def _probability(value: float) -> str:
    return four_decimals(Fraction(str(value)))


def calendar(forecasts: Sequence[Forecast]) -> Values:
    """The values of calendar.csv: every month of the horizon, also those in which nothing renews."""
    return columns_of(CALENDAR, (row for forecast in forecasts for row in _calendar(forecast)))


def _calendar(forecast: Forecast) -> Iterator[Row]:
    columns = forecast.renewals.columns
    places = month_places(forecast, columns["day"]) if len(forecast.renewals) else np.zeros(0, dtype=np.int64)
    for month, day in enumerate(forecast.months):
        rows = np.flatnonzero(places == month)
        sums = {name: int(columns[name][rows].sum()) if len(rows) else 0 for name in _SUMMED}
        stake = sums["arr_before"] + sums["usage_before"]
        money = (sums["arr_before"], sums["usage_before"], stake, sums["retained"])
        moving = int((columns["plan"][rows] != columns["plan_after"][rows]).sum()) if len(rows) else 0
        expected = _mean_count(sums["renewed"], forecast.draws)
        yield forecast.scenario, day, len(rows), sums["seats_before"], *money, moving, expected


_SUMMED = ("seats_before", "arr_before", "usage_before", "retained", "renewed")


def _mean_count(draws: int, of_draws: int) -> str:
    """A count over draws as a mean, two decimals."""
    return cents_text(int(mean_of_sums(np.array([draws * HUNDREDTHS]), of_draws)[0]))


def month_places(forecast: Forecast, days: Array) -> Array:
    """Which month of the horizon each day lies in, counted from 0."""
    first = np.datetime64(forecast.months[0], "M")
    places: Array = (days.astype("datetime64[M]") - first).astype(np.int64)
    return places


def cohorts(forecasts: Sequence[Forecast]) -> Values:
    """The values of cohorts.csv: by the month of the first renewal, every month from it to the end."""
    return columns_of(COHORTS, (row for forecast in forecasts for row in _cohorts(forecast)))


def _cohorts(forecast: Forecast) -> Iterator[Row]:
    if not len(forecast.renewals):
        return
    columns = forecast.renewals.columns
    places = month_places(forecast, columns["day"])
    names, account = np.unique(columns["account_id"].astype(str), return_inverse=True)
    first = np.full(len(names), -1)
    # From the last renewal to the first, so that the first stays.
    order = np.argsort(columns["day"], kind="stable")
    first[account[order[::-1]]] = order[::-1]
    cohort = places[first]
    for month in np.unique(cohort).tolist():
        inside = np.flatnonzero(cohort == month)
        before = int(columns["arr_before"][first[inside]].sum())
        for now in range(month, len(forecast.months)):
            held = _latest(account, places, order, now, len(names))[inside]
            yield forecast.scenario, forecast.months[month], now - month, *_kept(forecast, first[inside], held, before)


def _latest(account: Array, places: Array, order: Array, month: int, accounts: int) -> Array:
    """By account, the row of its latest renewal up to a month; -1 where there is none."""
    rows = order[places[order] <= month]
    found = np.full(accounts, -1)
    found[account[rows]] = rows
    return found


def _kept(forecast: Forecast, first: Array, held: Array, before: int) -> Row:
    """What is left of a cohort's accounts, whose first renewals and latest ones are these rows."""
    columns = forecast.renewals.columns
    renewed, count, draws = columns["renewed"][held], len(first), forecast.draws
    moved = columns["plan_after"][held] != columns["plan"][first]
    retained, migrated = int(columns["retained"][held].sum()), int(renewed[moved].sum())
    return (
        count,
        before,
        _mean_count(int(renewed.sum()), draws),
        retained,
        _mean_count(migrated, draws),
        four_decimals(Fraction(retained, before)) if before else "",
        four_decimals(Fraction(migrated, draws * count)),
    )


def accounts(forecast: Forecast) -> Values:
    """The values of accounts.csv."""
    if not len(forecast.accounts):
        return columns_of(ACCOUNTS, [])
    return {name: forecast.accounts.columns[name].tolist() for name in ACCOUNTS.header}


def movers(forecast: Forecast) -> Values:
    """The values of movers.csv: the largest changes of run-rate, up or down; accounts that do not change are left out.

    Of equals, the first by id comes first.
    """
    if not len(forecast.accounts):
        return columns_of(MOVERS, [])
    columns = forecast.accounts.columns
    committed = columns["arr_last"] - columns["arr_first"]
    usage = columns["usage_last"] - columns["usage_first"]
    change = committed + usage
    order = np.argsort(-np.abs(change), kind="stable")[:MOVERS_SHOWN]
    order = order[change[order] != 0]
    gross = int(np.abs(change).sum())
    plain = ("account_id", "title", "segment", "region")
    money = ("recognised", "recognised_p10", "recognised_p90", "lost")
    return {
        "rank": list(range(1, len(order) + 1)),
        **{name: columns[name][order].tolist() for name in plain},
        "change": change[order].tolist(),
        "committed": committed[order].tolist(),
        "usage": usage[order].tolist(),
        "share": [four_decimals(Fraction(int(abs(cents)), gross)) for cents in change[order].tolist()],
        **{name: columns[name][order].tolist() for name in money},
    }
