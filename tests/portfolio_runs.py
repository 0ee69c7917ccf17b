"""Portfolios for tests of runs: small organizations of many kinds, on every plan, in memory but for their accounts."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from planshift.billing.schedule import months_after
from planshift.forecasting.result import Forecast
from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.account import Mix
from planshift.portfolio.checks import Horizon
from planshift.portfolio.load import load_accounts
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.shocks import Breakage, Growth, NamedScenario, Shocks, Step

HALF = Fraction(1, 2)
MIX = Mix(
    "mixed",
    {
        "standard": {"engineer": HALF, "analyst": HALF},
        "premium": {"heavy_engineer": Fraction(1)},
        "enterprise": {"engineer": HALF, "analyst": HALF},
        "chat": {"analyst": Fraction(1)},
        "chat_claude_code": {"engineer": Fraction(1)},
    },
)
SHOCKS = Shocks(
    Growth(0.2, 0.1),
    (Step(date(2027, 3, 1), Fraction(11, 10), HALF),),
    (Step(date(2027, 1, 1), Fraction(21, 20), HALF),),
)
START = date(2026, 11, 1)


def rows(count: int) -> list[dict[str, object]]:
    """Accounts of different plans, sizes, segments, terms and renewals."""
    return [_row(number) for number in range(count)]


def _row(number: int) -> dict[str, object]:
    size = 3 + 5 * (number % 4)
    row: dict[str, object] = {
        "account_id": f"a{number:05d}",
        "title": f"Account {number}",
        "segment": ("small", "large")[number % 2],
        "region": ("DE", "US", "IT")[number % 3],
        "term_start": date(2026, 2 + number % 7, 1 + number % 20),
        "usage": "mixed",
        "payment_days": (0, 14, 30, 60)[number % 4],
        "renewal_probability": ("1", "0.8", "0.5")[number % 3],
        "seat_change": ("0", "0.2", "-0.3")[number % 3],
    }
    if number % 5 == 4:
        return row | {
            "plan": "enterprise",
            "channel": "self_serve",
            "members_enterprise": size,
            "seats_enterprise": max(20, size),
            "credits_initial": 2000,
            "credit_reload_below": 500,
            "credit_reload_amount": 2000,
            "credit_payment": "card",
        }
    return row | {
        "plan": "legacy_standard_premium",
        "channel": "sales_assisted",
        "extra_usage": "yes",
        "members_standard": size,
        "seats_standard": size + 20,
        "members_premium": 2,
        "seats_premium": 2,
        "seat_price_standard": 40,
        "seat_price_premium": 200,
        "included_usage_standard": 15,
        "included_usage_premium": 100,
    }


def portfolio(folder: Path, count: int = 12, **changes: Any) -> Portfolio:
    """A portfolio of so many accounts over eight months, in three draws, with everything that can be shared."""
    return of_rows(folder, rows(count), **changes)


def of_rows(folder: Path, accounts: Sequence[Mapping[str, object]], **changes: Any) -> Portfolio:
    """A portfolio of some accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "accounts.csv"
    names = list(dict.fromkeys(name for row in accounts for name in row))
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(accounts)
    catalogue = load_catalogue()
    start, months, lead_in = changes.pop("start", START), changes.pop("months", 8), changes.pop("lead_in", 2)
    horizon = Horizon(start, months_after(start, months), months_after(start, -lead_in))
    mixes = {MIX.name: MIX}
    found = load_accounts([file], folder, catalogue, horizon, mixes, {})
    made = Portfolio(
        title="Some accounts",
        start=start,
        months=months,
        lead_in=lead_in,
        seed=7,
        draws=3,
        accounts=found.accounts,
        mixes=mixes,
        breakage=Breakage(),
        shocks=SHOCKS,
        targets=(),
        scenarios={"base": NamedScenario("base", "Base")},
        catalogue=catalogue,
        name=str(file),
        files=(file,),
        organizations=found.organizations,
    )
    return replace(made, **changes)


def assert_same(one: Forecast, other: Forecast) -> None:
    """Two forecasts are the same in every number."""
    assert list(one.cells) == list(other.cells)
    for cell, amounts in one.cells.items():
        assert np.array_equal(amounts, other.cells[cell]), cell
        assert np.array_equal(one.opening[cell], other.opening[cell]), cell
    for bridges, others in ((one.committed, other.committed), (one.usage, other.usage)):
        assert list(bridges) == list(others)
        for segment, bridge in bridges.items():
            assert np.array_equal(bridge.first, others[segment].first)
            assert np.array_equal(bridge.last, others[segment].last)
            assert list(bridge.steps) == list(others[segment].steps)
            for name, step in bridge.steps.items():
                assert np.array_equal(step, others[segment].steps[name]), name
    for table, same in ((one.accounts, other.accounts), (one.renewals, other.renewals)):
        assert list(table.columns) == list(same.columns)
        for name, values in table.columns.items():
            assert np.array_equal(values, same.columns[name]), name
    assert one.warnings == other.warnings
