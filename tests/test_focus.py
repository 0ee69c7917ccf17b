"""The FOCUS export: its rows add up to the ledger, to invoices and to terms, whatever the account; and nothing in it
can be taken for something else."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import portfolio_runs
from engine import as_scenario
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing import charges as billing
from planshift.billing.schedule import month_of, months_after
from planshift.billing.simulation import Prepared
from planshift.forecasting import forecasting
from planshift.forecasting.account_ledger import AccountLedger, Basis, ledger_of
from planshift.forecasting.charge import (
    CREDIT_EXPIRY,
    CREDIT_USE,
    SEAT_CARRIED,
    SEAT_UNUSED,
    SEAT_USE,
    Charge,
    decimal,
)
from planshift.forecasting.charges import SeatCharges, charges
from planshift.forecasting.checkpoint import WorkFolder
from planshift.forecasting.forecasting import forecast
from planshift.forecasting.history import Grid, History, SeatPriceShock, history, last_terms
from planshift.forecasting.result import INDEX, RECOGNISED
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.portfolio.account import Account, AccountUsage, PaymentTerms
from planshift.portfolio.shocks import NamedScenario
from planshift.problems import InputError
from planshift.reports.focus import (
    FOCUS_COLUMNS,
    OWN_COLUMNS,
    FocusBlock,
    focus_csv,
    focus_files,
    focus_header,
    focus_rows,
    number_text,
    read_names,
    shipped_names,
)
from planshift.reports.forecast.words import charges_notes

CREDIT_PURCHASE, USAGE = (kind.name for kind in (billing.CREDIT_PURCHASE, billing.USAGE))
ARREARS = (USAGE, billing.USAGE_MINIMUM.name)

drawn = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
FACTORS = st.sampled_from([Fraction(11, 10), Fraction(9, 10), Fraction(1, 3), Fraction(2)])
DAY = timedelta(days=1)
TEXTS = ["An account", "=1+1", "+49 30", "-Dash", "@home", "\tTab", 'A "quoted", one', "A\nB", "Österreich; AG"]
SEATS = ("seat_fee", "seat_addition", "seat_credit", SEAT_USE, SEAT_UNUSED, SEAT_CARRIED)
TIME = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")
NUMBER = re.compile(r"-?\d+\.\d\d+")

Record = dict[str, str]


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Scenario, Rows, Grid, int | None, list[SeatPriceShock]]:
    """A scenario with its usage, the months that are exported of it, the turn at which it ends, and price changes."""
    scenario, rows = draw(scenarios())
    first, months = scenario["horizon"]["start"], scenario["horizon"]["months"]
    begins = first if first.day == 1 else months_after(month_of(first), 1)
    whole = months if first.day == 1 else months - 1
    lead_in = draw(st.integers(0, max(0, whole - 1)))
    days = st.dates(first - timedelta(days=400), first + timedelta(days=400))
    shocks = [
        SeatPriceShock(day, factor, np.ones(1, dtype=np.bool_))
        for day, factor in draw(st.lists(st.tuples(days, FACTORS), max_size=2))
    ]
    grid = Grid(months_after(begins, lead_in), max(1, whole - lead_in))
    return scenario, rows, grid, draw(st.sampled_from([None, 0, 0, 1])), shocks


def made(
    data: Scenario, rows: Rows, grid: Grid, ends_at: int | None, shocks: list[SeatPriceShock], folder: Path
) -> tuple[Account, History, AccountLedger] | None:
    """The account of a case, its history and its ledger; None where it has no whole month."""
    scenario = as_scenario(data, rows, catalogue(), folder)
    if grid.end > scenario.end:
        return None
    account = Account(
        "A-1", "An account", "Large", "EMEA", scenario.contract, {}, AccountUsage(), PaymentTerms(30), Fraction(9, 10),
        Fraction(0),
    )  # fmt: skip
    prepared = Prepared.of(scenario, until=grid.end)
    run = prepared.run(prepared.asked())
    decided = np.ones((len(run.ledger.turns), 1), dtype=np.bool_)
    if ends_at is not None and ends_at < len(decided):
        decided[ends_at] = False
    ledger = ledger_of(account, run, Basis(grid, Fraction(0), shocks), decided)
    return account, history(run, last_terms(decided), shocks), ledger


def measured(found: Iterable[Charge], grid: Grid, *, billed: bool, kinds: Sequence[str]) -> dict[str, list[int]]:
    """Cents by plan and month of a grid: billed in it, or earned in it."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * grid.months)
    for one in found:
        month = month_of(one.invoiced) if billed else one.earned
        if one.kind in kinds and month in grid.firsts:
            sums[one.terms.plan.id][grid.firsts.index(month)] += one.billed if billed else one.effective
    return sums


def rows_of(text: bytes) -> list[Record]:
    return list(csv.DictReader(io.StringIO(text.decode())))


@drawn
@given(case=cases())
def test_charges_come_to_the_ledger(case: Any, tmp_path: Path) -> None:
    grid = case[2]
    if not (found := made(*case, tmp_path)):
        return
    _, past, ledger = found
    every = list(charges(past, grid))
    columns = {
        "recognised_seats": (False, SEATS),
        "recognised_usage": (False, ARREARS),
        "recognised_credits": (False, (CREDIT_USE,)),
        "breakage": (False, (CREDIT_EXPIRY,)),
        "billed_seats": (True, SEATS),
        "billed_usage": (True, ARREARS),
        "billed_credits": (True, (CREDIT_PURCHASE,)),
    }
    for measure, (billed, kinds) in columns.items():
        sums = measured(every, grid, billed=billed, kinds=kinds)
        assert set(sums) <= set(ledger.cells)
        for plan, cells in ledger.cells.items():
            expected = cells[INDEX[measure], :, 0].tolist()
            assert sums[plan] == expected, (plan, measure)


@drawn
@given(case=cases())
def test_invoices_add_up_to_what_was_charged(case: Any, tmp_path: Path) -> None:
    grid, shocks = case[2], case[4]
    if shocks or not (found := made(*case, tmp_path)):
        return
    account, past, _ = found
    found_sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in focus_rows(account, charges(past, grid), shipped_names(), "base"):
        record = dict(zip(focus_header(), row, strict=True))
        found_sums[record["InvoiceId"]] += Decimal(record["BilledCost"])
    # Read off the run's invoices, which know nothing of the charges; a contract that ends is left to the ledger's test.
    if past.last[0] < len(past.turns):
        return
    expected: dict[str, Decimal] = defaultdict(Decimal)
    bought: dict[date, int] = defaultdict(int)
    for line in past.ledger.lines():
        name = {**dict.fromkeys(ARREARS, "U"), CREDIT_PURCHASE: "C"}.get(line.kind, "S")
        if line.kind == CREDIT_PURCHASE:
            bought[line.day] += 1
            name += str(bought[line.day])
        if line.day >= grid.start:
            expected[f"A-1-{line.day:%Y%m%d}-{name}"] += line.amount
    statements = {name for name in found_sums if name.endswith("-M")}
    assert all(found_sums[name] == 0 for name in statements)
    assert {name: amount for name, amount in found_sums.items() if amount} == {
        name: amount for name, amount in expected.items() if amount
    }


@drawn
@given(case=cases())
def test_seats_cost_over_their_terms_what_was_billed(case: Any, tmp_path: Path) -> None:
    if not (found := made(*case, tmp_path)):
        return
    _, past, _ = found
    first = month_of(past.terms[0].term.start)
    long = Grid(first, 60)
    every = list(SeatCharges(past, long).charges())
    assert sum(one.billed for one in every) == sum(one.effective for one in every)
    if any(turn.early for turn in past.turns):
        return
    for name in {(one.purchase, one.seat_type) for one in every}:
        of_it = [one for one in every if (one.purchase, one.seat_type) == name]
        assert sum(one.billed for one in of_it) == sum(one.effective for one in of_it), name


@drawn
@given(case=cases())
def test_credits_that_are_gone_cost_what_was_billed(case: Any, tmp_path: Path) -> None:
    grid = case[2]
    if not (found := made(*case, tmp_path)):
        return
    every = [one for one in charges(found[1], grid) if one.kind in (CREDIT_PURCHASE, CREDIT_USE, CREDIT_EXPIRY)]
    for bought in (one for one in every if one.bought):
        used = [one for one in every if one.purchase == bought.purchase and not one.bought]
        cost = sum(one.effective for one in used)
        worth = sum((one.quantity * one.price for one in used), Decimal(0))
        close = Decimal(len(used) + 1).scaleb(-6)
        assert 0 <= cost <= bought.billed
        assert worth <= bought.quantity + close
        if any(one.kind == CREDIT_EXPIRY for one in used):
            assert cost == bought.billed
            assert abs(worth - bought.quantity) <= close


@drawn
@given(case=cases())
def test_nothing_is_used_outside_what_was_bought(case: Any, tmp_path: Path) -> None:
    grid = case[2]
    if not (found := made(*case, tmp_path)):
        return
    every = list(charges(found[1], grid))
    bought: dict[tuple[str, str], Charge] = {}
    for one in every:
        assert one.first < one.until
        if one.bought and one.kind != "seat_credit":
            bought[one.purchase, one.seat_type] = one
    for one in every:
        if one.bought or one.kind in ARREARS:
            continue
        assert one.billed == 0
        if one.kind == SEAT_CARRIED:
            periods = [fee for (name, _), fee in bought.items() if name == one.purchase]
        else:
            periods = [fee for name, fee in bought.items() if name == (one.purchase, one.seat_type)]
        for fee in periods:
            assert fee.first <= one.first < one.until <= fee.until, (fee, one)


@drawn
@given(case=cases(), texts=st.lists(st.sampled_from(TEXTS), min_size=4, max_size=4))
def test_every_cell_is_what_it_says(case: Any, texts: list[str], tmp_path: Path) -> None:
    if not (found := made(*case, tmp_path)):
        return
    account_id, title, segment, region = texts
    account = replace(found[0], account_id=account_id, title=title, segment=segment, region=region)
    for row in focus_rows(account, charges(found[1], case[2]), shipped_names(), "base"):
        assert_row(dict(zip(focus_header(), row, strict=True)))


def assert_row(row: Record) -> None:
    """The promises of every row, read as anybody would who has nothing but the file."""
    for name, cell in row.items():
        assert not cell.startswith(("=", "+", "@", "\t", "\r")), name
        assert NUMBER.fullmatch(cell) or not cell.startswith("-"), name
        assert not name.startswith("CommitmentDiscount") or cell == ""
        if name.endswith(("Cost", "Price", "Quantity")) and cell:
            assert NUMBER.fullmatch(cell), (name, cell)
        if name.endswith(("PeriodStart", "PeriodEnd")):
            assert TIME.fullmatch(cell), (name, cell)
    quantity = Decimal(row["PricingQuantity"])
    assert Decimal(row["ListCost"]) == Decimal(row["ListUnitPrice"]) * quantity
    assert Decimal(row["ContractedCost"]) == Decimal(row["ContractedUnitPrice"]) * quantity
    assert row["InvoiceId"]
    assert row["x_Simulated"] == "true"
    # The validator asks of a column with allowed values only that one row has one of them.
    assert row["ChargeCategory"] in ("Usage", "Purchase")
    assert row["ChargeFrequency"] in ("One-Time", "Recurring", "Usage-Based")
    assert (row["ChargeClass"], row["PricingCategory"]) == ("", "Standard")
    assert (row["ServiceCategory"], row["ServiceSubcategory"]) == ("AI and Machine Learning", "Generative AI")
    usage = row["ChargeCategory"] == "Usage"
    assert usage == bool(row["ConsumedUnit"]) == bool(row["ConsumedQuantity"]) == bool(row["x_RecognisedMonth"])
    if not usage:
        assert (row["ChargeCategory"], row["ChargeFrequency"]) == ("Purchase", "One-Time")
        assert Decimal(row["EffectiveCost"]) == 0
    # What an account pays for its usage is what the contract says: off by what was rounded on the way to cents.
    if row["x_Kind"] in (CREDIT_USE, *ARREARS):
        assert abs(Decimal(row["ContractedCost"]) - Decimal(row["EffectiveCost"])) <= Decimal("0.0101")


def test_columns_of_our_own_come_last_and_say_so() -> None:
    header = focus_header()
    assert len(set(header)) == len(header)
    assert header == (*FOCUS_COLUMNS, *OWN_COLUMNS)
    assert all(name.startswith("x_") for name in OWN_COLUMNS)
    assert not any(name.startswith("x_") for name in FOCUS_COLUMNS)


def test_a_year_of_seats_by_hand(tmp_path: Path) -> None:
    row = {
        "account_id": "a1", "title": "A", "segment": "s", "region": "DE", "plan": "legacy_standard_premium",
        "channel": "sales_assisted", "term_start": date(2027, 1, 1), "usage": "mixed", "extra_usage": "no",
        "members_standard": 1, "seats_standard": 60, "members_premium": 0, "seats_premium": 0,
        "seat_price_standard": 35, "seat_price_premium": 200, "included_usage_standard": 100,
        "included_usage_premium": 100, "payment_days": 30, "renewal_probability": "1", "seat_change": "0",
        "migrate_on": date(2027, 4, 1), "migrate_credit": "prorated",
    }  # fmt: skip
    shocks = replace(portfolio_runs.SHOCKS, seat_price=())
    portfolio = portfolio_runs.of_rows(tmp_path, [row], start=date(2027, 1, 1), months=6, lead_in=0, shocks=shocks)
    found = rows_of(b"".join(focus_csv(portfolio, backend="serial")))
    seats = [one for one in found if one["x_Kind"] in SEATS]
    said = [(one["x_Kind"], one["x_Plan"], one["BilledCost"], one["EffectiveCost"]) for one in seats]
    old, new = "legacy_standard_premium", "enterprise"
    # 60 × 35 × 12 = 25,200; by the day 25,200 × 31 ÷ 365 and so on. Nine of twelve months are given back: 18,900. By
    # 1 April 25,200 × 90 ÷ 365 = 6,213.70 was earned, and 25,200 − 6,213.70 − 18,900 = 86.30 goes over the new year.
    assert said == [
        ("seat_fee", old, "25200.00", "0.00"),
        ("seat_credit", old, "-18900.00", "0.00"),
        ("seat_fee", new, "14400.00", "0.00"),
        ("seat_use", old, "0.00", "2140.27"),
        ("seat_use", old, "0.00", "1933.15"),
        ("seat_use", old, "0.00", "2140.28"),
        ("seat_use", new, "0.00", "1180.33"),
        ("seat_use", new, "0.00", "1219.67"),
        ("seat_use", new, "0.00", "1180.33"),
        ("seat_carried", old, "0.00", "7.07"),
        ("seat_carried", old, "0.00", "7.31"),
        ("seat_carried", old, "0.00", "7.08"),
    ]
    fee, back = seats[:2]
    assert (fee["PricingQuantity"], fee["ListUnitPrice"], fee["ContractedCost"]) == ("720.00", "35.00", "25200.00")
    assert (back["PricingQuantity"], back["ContractedCost"]) == ("-540.00", "-18900.00")
    assert (back["ChargePeriodStart"], back["ChargePeriodEnd"]) == ("2027-04-01T00:00:00Z", "2028-01-01T00:00:00Z")


def test_a_published_price_is_the_list_price(tmp_path: Path) -> None:
    row = portfolio_runs.rows(5)[4] | {"seat_price_enterprise": 17, "usage_discount": "0.1"}
    portfolio = portfolio_runs.of_rows(tmp_path, [row], months=3, shocks=replace(portfolio_runs.SHOCKS, seat_price=()))
    found = rows_of(b"".join(focus_csv(portfolio, backend="serial")))
    seats = next(one for one in found if one["x_Kind"] == SEAT_USE)
    assert (seats["ListUnitPrice"], seats["ContractedUnitPrice"]) == ("20.00", "17.00")
    used = next(one for one in found if one["x_Kind"] == CREDIT_USE)
    assert (used["ListUnitPrice"], used["ContractedUnitPrice"], used["PricingCurrency"]) == ("1.00", "0.90", "XCR")
    assert used["PricingCurrencyEffectiveCost"] == used["EffectiveCost"]


def test_the_file_is_the_first_draw_of_the_forecast(tmp_path: Path) -> None:
    portfolio = portfolio_runs.portfolio(tmp_path, 15, months=14)
    found = rows_of(b"".join(focus_csv(portfolio, backend="serial")))
    whole = forecast(portfolio, draws=3, backend="serial")
    earned = np.zeros(14, dtype=np.int64)
    billed = np.zeros(14, dtype=np.int64)
    months = {f"{month:%Y-%m}": place for place, month in enumerate(whole.months)}
    for row in found:
        if (place := months.get(row["x_RecognisedMonth"])) is not None:
            earned[place] += int(Decimal(row["EffectiveCost"]) * 100)
        if (place := months.get(row["BillingPeriodStart"][:7])) is not None:
            billed[place] += int(Decimal(row["BilledCost"]) * 100)
    beyond = sum(Decimal(row["BilledCost"]) for row in found if row["BillingPeriodStart"][:7] not in months)
    assert charges_notes([whole], ["focus.csv"])[1].startswith(
        f"focus.csv goes beyond the forecast by {beyond:,.2f} USD: usage of 2027-12 is invoiced on 2028-01-01"
    )
    assert earned.tolist() == whole.total(*RECOGNISED)[:, 0].tolist()
    assert billed.tolist() == whole.total("billed_seats", "billed_credits", "billed_usage")[:, 0].tolist()


def test_the_bytes_are_the_same_whatever_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = portfolio_runs.portfolio(tmp_path, 7, months=3)
    once = b"".join(focus_csv(portfolio, backend="serial"))
    monkeypatch.setattr(forecasting, "BLOCK", 1)
    parts = list(focus_csv(portfolio, backend="processes", jobs=2))
    assert len(parts) == 1 + 7
    assert b"".join(parts) == once
    assert b"".join(focus_csv(replace(portfolio, draws=9), backend="serial")) == once
    assert b"".join(focus_csv(portfolio, seed=8, backend="serial")) != once


def test_every_scenario_has_a_file_of_its_own(tmp_path: Path) -> None:
    portfolio = portfolio_runs.portfolio(tmp_path, 4, months=2)
    low = NamedScenario("low", "Fewer stay", renewal_probability=Fraction(-1))
    portfolio = replace(portfolio, scenarios={**portfolio.scenarios, "low": low})
    assert list(focus_files(portfolio, ["low"])) == ["focus.csv"]
    files = focus_files(portfolio, ["base", "low"], backend="serial")
    assert list(files) == ["focus_base.csv", "focus_low.csv"]
    for name, write in files.items():
        write(tmp_path / name)
        scenario = name[len("focus_") : -len(".csv")]
        text = (tmp_path / name).read_bytes()
        assert text == b"".join(focus_csv(portfolio, scenario=scenario, backend="serial"))
        assert {row["x_Scenario"] for row in rows_of(text)} == {scenario}


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = portfolio_runs.portfolio(tmp_path, 4, months=2)
    monkeypatch.setattr(forecasting, "BLOCK", 1)
    work = WorkFolder(tmp_path / "work")
    whole = list(focus_csv(portfolio, backend="serial", work=work))
    monkeypatch.setattr(FocusBlock, "__call__", None)
    assert list(focus_csv(portfolio, backend="serial", work=work)) == whole


def test_charges_are_of_one_draw(tmp_path: Path) -> None:
    class Two:
        draws = 2

    with pytest.raises(ValueError, match=r"charges are of one draw \(got 2\)"):
        list(charges(Two(), Grid(date(2027, 1, 1), 1)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0.00"), ("600", "600.00"), ("0.9", "0.90"), ("12.345678901", "12.345678901"), ("-18900", "-18900.00")],
)
def test_numbers_always_have_decimals(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text
    assert number_text(decimal(Decimal(value))) == text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seats: Seat-Months", "seats: seats/h", "write words, plural"),
        ("credit_currency: XCR", "credit_currency: credits", "write three capitals"),
        ("version: '1.2'", "version: '1.3'", "1.2"),
    ],
)
def test_a_wrong_name_is_refused(old: str, new: str, words: str, tmp_path: Path) -> None:
    from planshift.plans.files import folder

    file = tmp_path / "focus.yaml"
    file.write_text((folder("reports") / "focus.yaml").read_text().replace(old, new))
    with pytest.raises(InputError, match=words):
        read_names(file)
