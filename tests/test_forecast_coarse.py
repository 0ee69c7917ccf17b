"""The coarse forecast says that it is coarse, keeps every identity, and comes close to the daily one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from planshift.billing.credits import Purchases
from planshift.forecasting import forecasting
from planshift.forecasting.coarse import work
from planshift.forecasting.coarse.error import compared, error_of_coarse
from planshift.forecasting.coarse.ledgers import Pool
from planshift.forecasting.coarse.usage import by_month, organization_factors
from planshift.forecasting.forecasting import COARSELY, forecast
from planshift.forecasting.result import BILLED, INDEX, MEASURES, Forecast
from planshift.portfolio.shocks import Shocks
from planshift.usage.synthetic.calendar_effects import log_factors
from planshift.usage.synthetic.persona import Bursts, Growth
from portfolio_runs import assert_same, of_rows, portfolio, rows
from synthetic import ENGINEER, SHOCKS, plain, population

DRAWS = 60
SEATS = ("booked_seats", "billed_seats", "recognised_seats", "deferred_seats", "seats", "accounts")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Forecast, Forecast]:
    """A portfolio day by day and by month, in the same draws."""
    read = portfolio(tmp_path_factory.mktemp("both"), 15, draws=DRAWS)
    daily, coarse = (forecast(read, backend="processes", jobs=2, coarse=coarsely) for coarsely in (False, True))
    return daily, coarse


def test_it_says_so(both: tuple[Forecast, Forecast]) -> None:
    daily, coarse = both
    assert (daily.coarse, coarse.coarse) == (False, True)
    assert coarse.warnings[0] == COARSELY
    assert COARSELY not in daily.warnings


@pytest.mark.parametrize("measure", SEATS)
def test_what_does_not_hang_on_usage_is_the_same(both: tuple[Forecast, Forecast], measure: str) -> None:
    daily, coarse = both
    assert np.array_equal(daily.total(measure), coarse.total(measure))


@pytest.mark.parametrize(
    ("measure", "tolerance"),
    [("booked_usage", 0.05), ("included", 0.03), ("recognised_credits", 0.1), ("paid", 0.04), ("unbilled", 0.08)],
)
def test_it_is_close_to_the_daily_one(both: tuple[Forecast, Forecast], measure: str, tolerance: float) -> None:
    found = next(one for one in compared(*both) if one.measure == measure and one.month is None)
    mean, middle = found.relative("mean"), found.relative("p50")
    assert mean is not None
    assert middle is not None
    assert abs(mean) < tolerance
    assert abs(middle) < 2 * tolerance


def test_its_spread_is_that_of_the_daily_one(both: tuple[Forecast, Forecast]) -> None:
    daily, coarse = (np.log(one.total("booked_usage").sum(axis=0)).std() for one in both)
    assert coarse == pytest.approx(daily, rel=0.3)


def test_what_is_owed_rolls_forward(both: tuple[Forecast, Forecast]) -> None:
    found = both[1]
    opening = sum(found.opening.values())
    for balance, comes, goes in (
        ("deferred_seats", ("billed_seats",), ("recognised_seats",)),
        ("deferred_credits", ("billed_credits",), ("recognised_credits", "breakage")),
        ("unbilled", ("recognised_usage",), ("billed_usage",)),
        ("receivable", BILLED, ("paid",)),
    ):
        before = np.vstack([opening[INDEX[balance]], found.total(balance)[:-1]])
        assert np.array_equal(before + found.total(*comes) - found.total(*goes), found.total(balance)), balance
        assert (found.total(balance) >= 0).all()


def test_neither_blocks_nor_processes_nor_draws_at_a_time_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = portfolio(tmp_path, 6, draws=5)
    whole = forecast(read, backend="serial", coarse=True)
    monkeypatch.setattr(forecasting, "BLOCK", 1)
    monkeypatch.setattr(work, "DRAWS", 2)
    assert_same(whole, forecast(read, backend="processes", jobs=2, coarse=True))


def test_an_organizations_limit_stops_usage_by_month(tmp_path: Path) -> None:
    accounts = [row | {"organization_limit": 100, "renewal_probability": 1} for row in rows(2)]
    found = forecast(of_rows(tmp_path, accounts, draws=4, shocks=Shocks()), backend="serial", coarse=True)
    assert found.total("booked_usage")[:3].max() <= 2 * 100_00
    assert (found.total("stopped")[:3] > 0).all()


def test_a_discount_and_a_members_limit_are_those_of_the_daily_one(tmp_path: Path) -> None:
    plain = [row | {"renewal_probability": 1, "seat_change": 0} for row in rows(4)]
    agreed = {"usage_discount": "0.2", "member_limit": 120, "renewal_member_limit": 120}
    read = of_rows(tmp_path, [row | agreed for row in plain], draws=40, shocks=Shocks())
    daily, coarse = (forecast(read, backend="processes", jobs=2, coarse=coarsely) for coarsely in (False, True))
    for measure in ("booked_usage", "stopped", "included"):
        days, months = (one.total(measure).sum() for one in (daily, coarse))
        assert days > 0
        assert months == pytest.approx(days, rel=0.06), measure


def test_reference_members_are_the_same_whoever_asks_first(tmp_path: Path) -> None:
    read = portfolio(tmp_path, 5, draws=3)
    blocks = [range(row, row + 1) for row in range(5)]
    backwards = list(map(work.Coarse(read, 3), reversed(blocks)))
    assert [work.Coarse(read, 3)(block) for block in blocks] == backwards[::-1]


def test_credits_run_out_expire_and_are_bought_again(tmp_path: Path) -> None:
    account = rows(5)[4] | {"credits_initial": 300, "renewal_probability": 1}
    dry = {name: value for name, value in account.items() if not name.startswith("credit_reload")}
    one, other = (
        forecast(of_rows(tmp_path / name, [row], draws=4, months=14, shocks=Shocks()), backend="serial", coarse=True)
        for name, row in (("reloads", account), ("dry", dry))
    )
    assert (one.total("stopped") == 0).all()
    assert (one.total("billed_credits").sum(axis=0) % 2_000_00 == 0).all()
    assert (other.total("stopped").sum(axis=0) > 0).all()
    assert other.total("recognised_credits").sum(axis=0).max() <= 2 * 300_00


def test_credits_expire_also_behind_others_that_do_not() -> None:
    pool, times = Pool(2), np.array([1, 2])
    pool.add(Purchases(date(2027, 1, 1), 100, "initial", times))
    pool.add(Purchases(date(2027, 2, 1), 10, "auto_reload", times, date(2027, 6, 1)))
    pool.expire(date(2027, 6, 1))
    assert (pool.balance.tolist(), pool.expired.tolist()) == ([100, 200], [10, 20])
    assert [(one.day, one.amounts.tolist()) for one in pool.expiries] == [(date(2027, 6, 1), [10, 20])]


def test_its_error_is_told_for_every_measure_and_month(tmp_path: Path) -> None:
    read = portfolio(tmp_path, 3, months=2)
    found = error_of_coarse(read, draws=2, backend="serial")
    assert len(found) == len(MEASURES) * 3
    seats = [one for one in found if one.measure == "billed_seats"]
    assert [one.month for one in seats] == [None, date(2026, 11, 1), date(2026, 12, 1)]
    assert all(one.relative(name) == 0 for one in seats for name in ("mean", "p10", "p50", "p90"))


@pytest.mark.parametrize(
    "changes",
    [
        {"shocks": SHOCKS},
        {"growth": Growth(0.05, 0.01)},
        {"bursts": Bursts(per_year=12.0, days=10, factor=2.0)},
    ],
)
def test_what_an_organization_shares_has_the_moments_of_the_daily_model(changes: dict[str, object]) -> None:
    organization = replace(plain(population(ENGINEER, 1), start=date(2026, 1, 1)), **changes)  # type: ignore[arg-type]
    months = tuple(date(2026, month, 1) for month in range(1, 13))
    coarse = organization_factors(organization, months, range(4000))
    daily = by_month(np.exp(log_factors(organization, 365, range(4000))), organization.start, months)
    assert coarse.mean(axis=1) == pytest.approx(daily.mean(axis=1), rel=0.03)
    assert coarse.std(axis=1) == pytest.approx(daily.std(axis=1), rel=0.12, abs=1e-9)
    assert coarse.mean(axis=0).std() == pytest.approx(daily.mean(axis=0).std(), rel=0.12)
