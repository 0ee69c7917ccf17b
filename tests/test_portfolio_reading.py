"""A file of accounts becomes a table: what cells mean, what defaults fill in, and that the file's form is no matter."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planshift.billing.money import NANO, UNLIMITED
from planshift.portfolio.account import Account
from planshift.portfolio.columns import columns, may_default
from planshift.portfolio.load import read_portfolio
from planshift.problems import InputError
from portfolios import ENTERPRISE, HEAD, LEGACY, SHIPPED, catalogue, csv_of, portfolio_of


def account_of(folder: Path, row: dict[str, str], head: str = HEAD) -> Account:
    return portfolio_of(folder, row, head=head).accounts.account(0)


def test_cells_are_what_the_contract_says(tmp_path: Path) -> None:
    said = {
        "seat_price_premium": "180.50",
        "usage_discount": "0.075",
        "organization_limit": "6000",
        "extra_usage": "no",
    }
    account = account_of(tmp_path, {**LEGACY, **said, "seat_change": "-0.2", "payment_days": "60", "segment": "big"})
    contract = account.contract
    assert (contract.plan.id, contract.channel, contract.term_start) == (
        "legacy_standard_premium",
        "sales_assisted",
        date(2026, 6, 1),
    )
    assert contract.seats == {"standard": 60, "premium": 10}
    assert account.members == {"standard": 50, "premium": 8}
    assert contract.own.seat_prices == {"premium": Decimal("180.50")}
    assert (contract.own.usage_discount, contract.own.extra_usage) == (Decimal("0.075"), False)
    assert (contract.limits.organization, contract.limits.each_member) == (6000 * NANO, UNLIMITED)
    assert (account.seat_change, account.renewal_probability) == (Fraction(-1, 5), Fraction(9, 10))
    assert (account.payment.days, account.payment.end_of_month) == (60, "none")
    assert (account.segment, account.region, account.title) == ("big", "none", "legacy")


def test_a_default_fills_an_empty_cell_and_never_another(tmp_path: Path) -> None:
    head = HEAD.replace("payment_days: 30", "payment_days: 45, seat_price_enterprise: 17.50, extra_usage: true")
    rows = (
        {**ENTERPRISE, "payment_days": "", "account_id": "a"},
        {**ENTERPRISE, "payment_days": "10", "account_id": "b"},
    )
    table = portfolio_of(tmp_path, *rows, {**LEGACY, "account_id": "c"}, head=head).accounts
    assert [table.account(row).payment.days for row in range(3)] == [45, 10, 45]
    assert table.account(0).contract.own.seat_prices == {"enterprise": Decimal("17.50")}
    # A default for seats that include usage says nothing of those that do not.
    assert [table.account(row).contract.own.extra_usage for row in (0, 2)] == [None, True]


def test_the_term_that_is_simulated_first_is_the_one_before_the_horizon(tmp_path: Path) -> None:
    starts = {"old": "2023-03-15", "on_the_day": "2026-01-01", "later": "2027-05-10", "now": "2026-12-31"}
    rows = [{**ENTERPRISE, "account_id": name, "term_start": day} for name, day in starts.items()]
    table = portfolio_of(tmp_path, *rows).accounts
    found = {name: table.account(table.row(name)).contract.term_start.isoformat() for name in starts}
    # What is renewed on the horizon's first day is renewed in the horizon.
    assert found == {"old": "2026-03-15", "on_the_day": "2026-01-01", "later": "2027-05-10", "now": "2026-12-31"}


def test_without_days_before_the_horizon_a_renewal_on_its_first_day_lies_behind(tmp_path: Path) -> None:
    head = HEAD.replace("months: 24", "months: 24, lead_in_months: 0")
    assert account_of(tmp_path, {**ENTERPRISE, "term_start": "2026-01-01"}, head).contract.term_start == date(
        2027, 1, 1
    )
    with pytest.raises(InputError, match="ended at its renewal on 2027-01-01"):
        portfolio_of(tmp_path, {**LEGACY, "term_start": "2026-01-01"}, head=head)


def test_ids_are_text_and_the_table_is_in_their_order(tmp_path: Path) -> None:
    rows = [{**ENTERPRISE, "account_id": name} for name in ("7", "007", "=1+1", "Ünal", "a b", "1e3")]
    table = portfolio_of(tmp_path, *rows).accounts
    assert table.ids == ("007", "1e3", "7", "=1+1", "a b", "Ünal")
    assert [table.place(table.row(name)).line for name in ("7", "007", "Ünal")] == [2, 3, 5]
    with pytest.raises(KeyError):
        table.row("8")


def test_quoted_cells_blank_lines_and_a_byte_order_mark_keep_their_lines(tmp_path: Path) -> None:
    text = csv_of([ENTERPRISE, {**ENTERPRISE, "account_id": "b"}]).splitlines()
    text = ["\ufeff" + text[0] + ",title", text[1] + ',"Two, or\ntwo"', "", text[2] + ",Three"]
    (tmp_path / "accounts.csv").write_text("\r\n".join(text), encoding="utf-8")
    (tmp_path / "portfolio.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(InputError, match=r"accounts.csv:2:7: 'title' has a character that cannot be seen"):
        read_portfolio(tmp_path / "portfolio.yaml", catalogue())
    (tmp_path / "accounts.csv").write_text("\r\n".join(text).replace("\ntwo", " two"), encoding="utf-8")
    table = read_portfolio(tmp_path / "portfolio.yaml", catalogue()).accounts
    assert [table.account(row).title for row in (0, 1)] == ["Two, or two", "Three"]
    assert [table.place(row).line for row in (0, 1)] == [2, 4]


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    rows = [ENTERPRISE, {**LEGACY, "seat_price_premium": "180.50", "migrate_on": "2027-02-01", "extra_usage": "yes"}]
    by_csv = portfolio_of(tmp_path, *rows).accounts
    frame = pd.DataFrame(rows)
    numbers = [name for name in frame if name.startswith(("members", "seats", "seat_price"))]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    frame["term_start"] = pd.to_datetime(frame["term_start"])
    frame["extra_usage"] = frame["extra_usage"].map({"yes": True}, na_action="ignore").astype("boolean")
    frame.to_parquet(tmp_path / "accounts.parquet")
    head = HEAD.replace("accounts.csv", "accounts.parquet")
    (tmp_path / "portfolio.yaml").write_text(head, encoding="utf-8")
    by_parquet = read_portfolio(tmp_path / "portfolio.yaml", catalogue()).accounts
    assert by_parquet.ids == by_csv.ids
    assert [by_parquet.account(row) for row in (0, 1)] == [by_csv.account(row) for row in (0, 1)]


def test_several_files_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(csv_of([LEGACY]), encoding="utf-8")
    table = portfolio_of(tmp_path, ENTERPRISE, head=HEAD.replace("[accounts.csv]", "[accounts.csv, more.csv]")).accounts
    assert table.ids == ("acme", "legacy")
    assert [Path(table.place(row).file).name for row in (0, 1)] == ["accounts.csv", "more.csv"]
    (tmp_path / "more.csv").write_text(csv_of([ENTERPRISE]), encoding="utf-8")
    with pytest.raises(InputError, match=r"more.csv:2:1: 'acme' is listed a second time, first in .*accounts.csv:2"):
        read_portfolio(tmp_path / "portfolio.yaml", catalogue())


def test_a_thousand_rows_that_are_wrong_alike_are_told_in_one_line(tmp_path: Path) -> None:
    rows = [{**ENTERPRISE, "account_id": str(number), "seats_enterprise": "none"} for number in range(1000)]
    with pytest.raises(InputError) as refused:
        portfolio_of(tmp_path, *rows)
    (line,) = str(refused.value).splitlines()
    assert line.endswith(" (and 999 more of this kind, on lines 3, 4, 5, 6, 7, …)")


def test_a_file_of_accounts_alone_needs_a_horizon_and_assumes_no_shocks(tmp_path: Path) -> None:
    own = {"usage": "personas.yaml", "payment_days": "30", "renewal_probability": "0.9", "seat_change": "0"}
    scenario = SHIPPED.parents[1] / "midsize_premium.yaml"
    (tmp_path / "personas.yaml").write_bytes(scenario.read_bytes())
    path = tmp_path / "accounts.csv"
    path.write_text(csv_of([{**LEGACY, **own}]), encoding="utf-8")
    with pytest.raises(InputError, match="--start") as refused:
        read_portfolio(path, catalogue())
    assert [problem.place.file for problem in refused.value.problems] == ["--months", "--start"]
    portfolio = read_portfolio(path, catalogue(), start=date(2027, 1, 1), months=12)
    assert (portfolio.end, portfolio.draws, list(portfolio.scenarios)) == (date(2028, 1, 1), 1, ["base"])
    assert (portfolio.shocks.growth.annual_sd, portfolio.shocks.token_price) == (0.0, ())


def test_a_scenario_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    more = """scenarios:
  base: {title: Base}
  low: {title: Low, overlays: [seat_price_18], renewal_probability: -0.3, seat_change: 0.05}
"""
    portfolio = portfolio_of(tmp_path, ENTERPRISE, LEGACY, head=HEAD + more)
    base, low = portfolio.under(), portfolio.under("low")
    assert base.accounts.account(0).renewal_probability == Fraction(9, 10)
    assert low.accounts.account(0).renewal_probability == Fraction(6, 10)
    assert low.accounts.account(1).seat_change == Fraction(5, 100)
    price = "seats.enterprise.price_usd_per_month"
    assert low.accounts.account(0).contract.plan.value(price, date(2027, 1, 1)) == 18
    assert base.accounts.account(0).contract.plan.value(price, date(2027, 1, 1)) == 20
    with pytest.raises(InputError, match="has no scenario 'lo' - did you mean 'low'"):
        portfolio.under("lo")


def test_a_probability_stays_one(tmp_path: Path) -> None:
    more = "scenarios:\n  high: {title: High, renewal_probability: 0.3}\n"
    assert portfolio_of(tmp_path, ENTERPRISE, head=HEAD + more).under().accounts.account(0).renewal_probability == 1


def test_seeds_hang_on_ids_alone(tmp_path: Path) -> None:
    one = portfolio_of(tmp_path, ENTERPRISE)
    both = portfolio_of(tmp_path, LEGACY, ENTERPRISE)
    assert one.seed_of("acme") == both.seed_of("acme") != both.seed_of("legacy")
    assert replace(one, seed=8).seed_of("acme") != one.seed_of("acme")


def test_a_portfolio_can_be_sent_to_another_process(tmp_path: Path) -> None:
    portfolio = portfolio_of(tmp_path, ENTERPRISE, LEGACY)
    assert portfolio.personas
    sent = pickle.loads(pickle.dumps(portfolio))
    assert sent.accounts.account(1) == portfolio.accounts.account(1)
    part = sent.accounts.part(slice(1, 2))
    assert (part.ids, part.account(0)) == (("legacy",), portfolio.accounts.account(1))


def test_every_column_can_be_a_default_unless_it_is_each_ones_own() -> None:
    known = columns(catalogue().plans)
    own = {name for name, column in known.items() if not may_default(column)}
    seats = [
        f"{name}_{seat}"
        for seat in ("enterprise", "chat", "chat_claude_code", "standard", "premium")
        for name in ("members", "seats")
    ]
    assert own == {"account_id", "title", "plan", "channel", "term_start", "migrate_on", *seats}


def test_the_schema_has_the_defaults_that_the_columns_have() -> None:
    text = (SHIPPED.parents[1] / "schema" / "portfolio.schema.json").read_text(encoding="utf-8")
    said = json.loads(text)["properties"]["defaults"]["properties"]
    assert [name for name in said if not may_default(columns(catalogue().plans)[name])] == []


def test_the_shipped_portfolio_is_read() -> None:
    portfolio = read_portfolio(SHIPPED, catalogue())
    assert len(portfolio.accounts) == 40
    numbers = portfolio.accounts.numbers
    unused = [
        name
        for name, column in columns(catalogue().plans).items()
        if not column.seat_type and column.kind.value != "text" and name not in numbers
    ]
    assert unused == []
    assert all(values.dtype == np.int64 for values in numbers.values())
    assert {path.name for path in portfolio.organizations} == {"midsize_premium.yaml"}
