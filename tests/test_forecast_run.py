"""A forecast is the same wherever and however it is worked on, and every account counts once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planshift import parallel
from planshift.billing.simulation import Prepared
from planshift.forecasting import block, forecasting
from planshift.forecasting.account_ledger import account_ledger
from planshift.forecasting.backends import backend_of
from planshift.forecasting.forecasting import blocks_of, forecast
from planshift.forecasting.result import (
    ACCOUNT_COLUMNS,
    BILLED,
    INDEX,
    MEASURES,
    RECOGNISED,
    RENEWAL_COLUMNS,
    Forecast,
    Table,
)
from planshift.forecasting.shocks import Shared
from planshift.forecasting.sums import Part, Sums, together
from planshift.parallel import Numbered
from planshift.portfolio.scenario import scenario_of
from planshift.portfolio.shocks import Growth, NamedScenario, Shocks, Step
from planshift.problems import InputError
from portfolio_runs import SHOCKS, START, assert_same, of_rows, portfolio, rows


class Backwards:
    """Works here, the last block first."""

    def map(self, work: Callable[[Any], Any], blocks: Mapping[int, Any]) -> Numbered[Any]:
        """See `planshift.forecasting.backends.Backend`."""
        for number in reversed(list(blocks)):
            yield number, work(blocks[number])


def digest(found: Forecast) -> str:
    """The SHA-256 of every number of a forecast."""
    whole = hashlib.sha256()
    for cell, amounts in found.cells.items():
        whole.update(repr(cell).encode() + amounts.tobytes() + found.opening[cell].tobytes())
    for bridges in (found.committed, found.usage):
        for segment, bridge in bridges.items():
            whole.update(segment.encode() + bridge.first.tobytes() + bridge.last.tobytes())
            whole.update(b"".join(step.tobytes() for step in bridge.steps.values()))
    for table in (found.accounts, found.renewals):
        whole.update(repr([values.tolist() for values in table.columns.values()]).encode())
    return whole.hexdigest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Forecast:
    """The forecast of a portfolio in one block, in this process."""
    return forecast(portfolio(tmp_path_factory.mktemp("whole")), backend="serial")


@pytest.mark.parametrize("size", [1, 20_000, 60_000])
@pytest.mark.parametrize("backend", [Backwards(), "processes"])
def test_neither_blocks_nor_their_order_nor_processes_count(
    whole: Forecast, size: int, backend: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasting, "BLOCK", size)
    assert_same(whole, forecast(portfolio(tmp_path), backend=backend, jobs=3))


def test_every_backend_gives_the_same_bytes(whole: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `scale` is not installed")
    monkeypatch.setattr(forecasting, "BLOCK", 30_000)
    read = portfolio(tmp_path)
    found = {name: digest(forecast(read, backend=name, jobs=2)) for name in ("serial", "processes", "dask")}
    assert set(found.values()) == {digest(whole)}


@pytest.mark.parametrize("size", [1, 2])
def test_it_makes_no_difference_how_many_draws_are_worked_on_at_a_time(
    whole: Forecast, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block, "block_size", lambda members, days: size)
    assert_same(whole, forecast(portfolio(tmp_path), backend="serial"))


def test_a_draw_is_the_same_however_many_there_are(whole: Forecast, tmp_path: Path) -> None:
    fewer = forecast(portfolio(tmp_path), draws=2, backend="serial")
    assert fewer.draws == 2
    for cell, amounts in fewer.cells.items():
        assert np.array_equal(amounts, whole.cells[cell][..., :2])


def test_an_account_changes_no_other(whole: Forecast, tmp_path: Path) -> None:
    without = forecast(of_rows(tmp_path, rows(12)[3:9]), backend="serial")
    kept = np.isin(whole.accounts.columns["account_id"], without.accounts.columns["account_id"])
    for name, values in without.accounts.columns.items():
        assert np.array_equal(values, whole.accounts.columns[name][kept]), name


def test_an_account_comes_to_what_its_ledger_says(tmp_path: Path) -> None:
    read = portfolio(tmp_path)
    for row in (0, 4):
        account = read.accounts.account(row)
        scenario = scenario_of(account, read, 3)
        assert scenario is not None
        prepared = Prepared.of(scenario, until=read.end)
        shared = Shared.of(read, range(3))
        run = prepared.run(shared.usage.applied(prepared.asked(range(3))))
        ledger = account_ledger(account, run, read, range(3), shared.seat_prices)
        alone = forecast(replace(read, accounts=read.accounts.part(slice(row, row + 1))), backend="serial")
        assert {cell.plan for cell in alone.cells} == set(ledger.cells)
        for cell, amounts in alone.cells.items():
            assert (cell.segment, cell.region) == (account.segment, account.region)
            assert np.array_equal(amounts, ledger.cells[cell.plan])
            assert np.array_equal(alone.opening[cell], ledger.opening[cell.plan])


def test_rows_have_their_columns_and_add_up(whole: Forecast, tmp_path: Path) -> None:
    assert tuple(whole.accounts.columns) == ACCOUNT_COLUMNS
    assert tuple(whole.renewals.columns) == RENEWAL_COLUMNS
    assert list(whole.accounts.columns["account_id"]) == [row["account_id"] for row in rows(12)]
    one = forecast(portfolio(tmp_path), draws=1, backend="serial")
    for column, measures in (("billed", BILLED), ("paid", ("paid",)), ("recognised", RECOGNISED)):
        assert one.accounts.columns[column].sum() == one.total(*measures).sum()
    for column, bridges in (("arr", one.committed), ("usage", one.usage)):
        assert one.accounts.columns[f"{column}_first"].sum() == sum(bridge.first[0] for bridge in bridges.values())
        assert one.accounts.columns[f"{column}_last"].sum() == sum(bridge.last[0] for bridge in bridges.values())
    days = whole.renewals.columns["day"]
    assert list(days) == sorted(days)
    lost = whole.accounts.columns["lost"].sum()
    assert lost == (whole.renewals.columns["reached"] - whole.renewals.columns["renewed"]).sum() > 0


def test_what_is_owed_rolls_forward(whole: Forecast) -> None:
    opening = sum(whole.opening.values())
    for balance, comes, goes in (
        ("deferred_seats", ("billed_seats",), ("recognised_seats",)),
        ("deferred_credits", ("billed_credits",), ("recognised_credits", "breakage")),
        ("unbilled", ("recognised_usage",), ("billed_usage",)),
        ("receivable", BILLED, ("paid",)),
    ):
        before = np.vstack([opening[INDEX[balance]], whole.total(balance)[:-1]])
        assert np.array_equal(before + whole.total(*comes) - whole.total(*goes), whole.total(balance)), balance


def test_progress_counts_accounts_up_to_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "BLOCK", 30_000)
    told: list[tuple[int, int]] = []
    forecast(portfolio(tmp_path), backend="serial", progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 12)
    assert told[-1] == (12, 12)
    assert told == sorted(told)
    assert len(told) > 3


def test_scenarios_have_the_same_draws(whole: Forecast, tmp_path: Path) -> None:
    scenarios = {
        "base": NamedScenario("base", "As it is"),
        "same": NamedScenario("same", "The same"),
        "low": NamedScenario("low", "Fewer renew", renewal_probability=Fraction(-1, 2), growth=Growth()),
        "dear": NamedScenario("dear", "Dearer", token_price=(Step(START, Fraction(2), Fraction(1)),)),
    }
    read = portfolio(tmp_path, scenarios=scenarios)
    same, low, dear = (forecast(read, scenario=name, backend="serial") for name in ("same", "low", "dear"))
    assert_same(whole, same)
    assert (same.scenario, same.title) == ("same", "The same")
    # Whoever goes on with the lower probability does so with the higher one.
    assert (low.renewals.columns["renewed"] <= whole.renewals.columns["renewed"]).all()
    assert low.accounts.columns["lost"].sum() > whole.accounts.columns["lost"].sum()
    assert (dear.total("booked_usage") > whole.total("booked_usage")).all()
    with pytest.raises(InputError, match="no scenario 'bad'"):
        forecast(read, scenario="bad")


def test_shared_draws_do_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    read = portfolio(tmp_path, 2)
    many, some = Shared.of(read, range(50)), Shared.of(read, range(20, 30))
    part = many.of_some(range(20, 30))
    assert np.array_equal(part.usage.by_day, some.usage.by_day)
    for one, other in zip(part.seat_prices, some.seat_prices, strict=True):
        assert np.array_equal(one.happens, other.happens)


def test_growth_and_prices_follow_their_laws(tmp_path: Path) -> None:
    shocks = Shocks(Growth(0.3, 0.2), (Step(date(2027, 1, 1), Fraction(3), Fraction(1, 4)),))
    growing = portfolio(tmp_path, 2, months=14, shocks=replace(shocks, token_price=()))
    factors = Shared.of(growing, range(20_000)).usage.by_day
    year = np.log(factors[365]) / 365 * 365.25
    assert np.exp(year).mean() == pytest.approx(1.3, rel=0.01)
    assert year.std() == pytest.approx(0.2, rel=0.02)
    assert (factors[0] == 1).all()
    stepping = replace(growing, shocks=replace(shocks, growth=Growth()))
    stepped = Shared.of(stepping, range(20_000)).usage.by_day
    assert (stepped[:61] == 1).all()
    assert set(np.unique(stepped[61:])) == {1.0, 3.0}
    assert (stepped[61] == 3).mean() == pytest.approx(0.25, abs=0.01)
    assert np.array_equal(stepped[61], stepped[-1])


def test_seat_prices_change_in_terms_that_begin_after_their_day(tmp_path: Path) -> None:
    certain = Shocks(seat_price=(Step(date(2027, 1, 1), Fraction(2), Fraction(1)),))
    plain, dearer = (
        forecast(portfolio(tmp_path / name, shocks=shocks), backend="serial")
        for name, shocks in (("plain", Shocks()), ("dearer", certain))
    )
    charged, twice = plain.total("billed_seats"), dearer.total("billed_seats")
    assert np.array_equal(charged[:2], twice[:2])
    assert np.array_equal(2 * charged[2:], twice[2:])
    assert twice[2:].any()


def test_blocks_hold_all_accounts_once() -> None:
    for work in ([], [1], [10**7] * 5, [10**9, 1, 1, 10**9], [1] * 10, [10**7] * 5000):
        blocks = blocks_of(np.array(work, dtype=np.int64))
        assert [row for part in blocks.values() for row in part] == list(range(len(work)))
        assert len(blocks) <= 2 * forecasting.BLOCKS + 1


@pytest.mark.parametrize(("draws", "seed"), [(0, None), (None, -1)])
def test_draws_and_seed_are_checked(draws: int | None, seed: int | None, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        forecast(portfolio(tmp_path, 2), draws=draws, seed=seed)


def test_another_seed_gives_other_usage(whole: Forecast, tmp_path: Path) -> None:
    other = forecast(portfolio(tmp_path), seed=8, backend=backend_of("serial"))
    assert not np.array_equal(other.total("booked_usage"), whole.total("booked_usage"))
    assert SHOCKS.growth.annual_sd > 0
    assert len(MEASURES) == next(iter(other.cells.values())).shape[0]


def test_a_contract_that_is_not_yet_in_force_has_nothing(tmp_path: Path) -> None:
    late = date(2027, 2, 15)
    accounts = rows(3)
    accounts[1] |= {"term_start": date(2028, 1, 1)}
    accounts[2] |= {"term_start": late}
    found = forecast(of_rows(tmp_path, accounts), backend="serial")
    assert found.accounts.columns["billed"][1] == 0
    only = forecast(of_rows(tmp_path / "late", accounts[2:]), backend="serial")
    before = sum(month < late.replace(day=1) for month in only.months)
    assert not only.total(*(measure.name for measure in MEASURES))[:before].any()
    assert only.total("accounts")[before:].min() == 1
    never = forecast(of_rows(tmp_path / "never", accounts[1:2]), backend="serial")
    assert (len(never.cells), len(never.accounts), len(never.renewals)) == (0, 1, 0)


@pytest.mark.parametrize("forked", [True, False])
def test_processes_begin_in_any_way(
    whole: Forecast, forked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "forks", lambda: forked)
    monkeypatch.setattr(forecasting, "BLOCK", 60_000)
    assert_same(whole, forecast(portfolio(tmp_path), backend="processes", jobs=2))


def test_warnings_of_many_accounts_are_told_once() -> None:
    parts = []
    for number in range(3):
        part = Part(Sums(1, 1), Table({}), Table({}), {"common": (f"a{number}", 2), f"own {number}": (f"b{number}", 1)})
        parts.append(Part.unpacked(part.packed()))
    assert together(parts, 1, 1).warnings == (
        "account 'a0' and 5 more: common",
        "account 'b0': own 0",
        "account 'b1': own 1",
        "account 'b2': own 2",
    )
    many = Part(Sums(1, 1), Table({}), Table({}), {f"warning {number}": ("a", 1) for number in range(30)})
    told = together([many], 1, 1).warnings
    assert (len(told), told[-1]) == (21, "10 more warnings of accounts are not shown")
