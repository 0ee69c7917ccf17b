"""What must hold in every month and draw of a forecast, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planshift.forecasting.result import BILLED, INDEX, RECOGNISED, Cents, Forecast
from planshift.impact.spread import means
from planshift.reports.forecast.columns import CHECKS
from planshift.reports.forecast.cube import BALANCES, Cube, Means
from planshift.reports.forecast.tables import columns_of
from planshift.reports.table import Values

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
    yield from _accounts(forecast)
    yield _renewals(forecast)


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


def _accounts(forecast: Forecast) -> Iterator[Check]:
    """The accounts' means add up to the portfolio's: each is rounded, so that half a cent an account may be left."""
    count = len(forecast.accounts)
    for column, measures in (("billed", BILLED), ("paid", ("paid",)), ("recognised", RECOGNISED)):
        if count:
            whole = int(means(forecast.total(*measures).sum(axis=0)))
            gap = abs(int(forecast.accounts.columns[column].sum()) - whole)
            title = f"Accounts add up to the portfolio: {column}"
            yield Check(forecast.scenario, f"accounts_{column}", title, count, gap, allowed=(count + 1) // 2 + 1)


def _renewals(forecast: Forecast) -> Check:
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
