"""The tables that come out: the expected files byte for byte, safe cells, exact frames, quick enough."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from planshift.billing.ledger import Ledger
from planshift.billing.money import NANO, nano_text
from planshift.billing.scenario import scenario_from
from planshift.billing.simulation import simulate
from planshift.billing.totals import totals
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import parse_document
from planshift.reports.run_tables import LEDGER_TABLES, MEMBERS, MONTHS, RUN_TABLES, TABLES, USAGE, LedgerDraw
from planshift.reports.simulation.simulation import simulate as simulate_file
from planshift.reports.table import (
    Column,
    Kind,
    Table,
    Values,
    cell_texts,
    csv_text,
    frame,
    parquet,
    prose_cells,
    records,
)
from planshift.usage.cells import COLUMNS
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured
from planshift_dev.reference import described

EXAMPLES = Path(__file__).parent / "golden" / "examples"
FIRST = date(2026, 10, 1)


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def ledger_of(example: str) -> Ledger:
    return simulate_file(EXAMPLES / f"{example}.yaml").run.ledger


def run_values(ledger: Ledger) -> dict[Table, Values]:
    """The five tables of a run of one draw."""
    one = LedgerDraw(ledger)
    return {**{table: table.values(one) for table in LEDGER_TABLES}, MONTHS: MONTHS.values(totals(ledger))}


def table_texts(ledger: Ledger) -> dict[str, str]:
    return {f"{table.name}.csv": csv_text(table, values) for table, values in run_values(ledger).items()}


def frames(ledger: Ledger) -> dict[str, pd.DataFrame]:
    return {table.name: frame(table, values) for table, values in run_values(ledger).items()}


def many(people: int, months: int) -> Ledger:
    """A ledger of random usage that nothing limits."""
    seats = f"{{enterprise: {max(people, 50)}}}"
    text = (
        "title: Many\n"
        f"contract: {{plan: enterprise, channel: sales_assisted, term_start: {FIRST}, seats: {seats}}}\n"
        f"horizon: {{start: {FIRST}, months: {months}}}\nmembers:\n"
        + "".join(f"  m{number:05d}: enterprise\n" for number in range(people))
    )
    scenario = scenario_from(parse_document(text, "many.yaml"), catalogue(), Path())
    days = (scenario.end - scenario.start).days
    spent = np.random.default_rng(7).integers(0, 10**10, (days, 1, people))
    return simulate(scenario, measured=Measured(Demand(FIRST, scenario.people, {"chat": spent}, days), 1, 0)).ledger


def first_columns(text: str, count: int) -> str:
    out = io.StringIO()
    rows = csv.reader(io.StringIO(text, newline=""))
    csv.writer(out, lineterminator="\n").writerows(row[:count] for row in rows)
    return out.getvalue()


@pytest.mark.parametrize("name", ["invoices", "members", "alerts", "stops"])
@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_an_example_gives_the_expected_file_in_the_given_columns(example: str, name: str) -> None:
    expected = (EXAMPLES / "expected" / example / f"{name}.csv").read_bytes().decode()
    given = expected.partition("\n")[0].count(",") + 1
    assert first_columns(table_texts(ledger_of(example))[f"{name}.csv"], given) == expected


def test_the_same_run_gives_the_same_bytes() -> None:
    assert table_texts(ledger_of("credits_reload")) == table_texts(ledger_of("credits_reload"))


def test_months_add_up_to_the_invoices() -> None:
    tables = frames(ledger_of("renewal_standard_premium"))
    assert tables["months"]["invoiced"].sum() == tables["invoices"]["amount"].sum()
    assert tables["months"]["usage_billed"].sum() == tables["members"]["billed"].sum()


def test_every_table_has_the_columns_of_the_registry() -> None:
    texts = table_texts(ledger_of("limits_and_alerts"))
    assert {name: text.partition("\n")[0] for name, text in texts.items()} == {
        f"{table.name}.csv": ",".join(table.header) for table in RUN_TABLES
    }


def test_every_column_says_what_it_means() -> None:
    assert [column.name for table in TABLES.values() for column in table.columns if not column.meaning] == []


def test_the_usage_file_has_the_columns_that_the_reader_reads() -> None:
    assert USAGE.header == COLUMNS


@pytest.mark.parametrize("name", ["=1+1", "+49 30 1", "-a", "@sum", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(name: str) -> None:
    (text,) = cell_texts(Column("user_id", Kind.TEXT, "Who"), [name])
    (cell,) = next(csv.reader(io.StringIO(text, newline="")))
    assert cell == f"'{name}"


def test_a_negative_amount_stays_a_number() -> None:
    assert cell_texts(Column("amount", Kind.CENTS, "How much"), [-123456]) == ["-1234.56"]
    assert cell_texts(Column("left", Kind.NANO, "How much"), [-1]) == ["-0.000000001"]


@pytest.mark.parametrize("name", ["a,b", 'say "no"', "two\nlines", "plain", "ünï"])
def test_any_text_comes_back_from_csv(name: str) -> None:
    text = csv_text(TABLES["alerts"], {"date": [FIRST], "scope": [name], "threshold": ["0.75"]})
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["2026-10-01", name, "0.75"]


def test_amounts_have_nine_decimals_however_large_they_are() -> None:
    amounts = [0, 1, 999_999_999, 1_000_000_000, 12_345_678_901_234_567, 5 * 10**17, -(10**10)]
    assert cell_texts(Column("demand", Kind.NANO, "Asked"), amounts) == [nano_text(amount) for amount in amounts]


def test_a_run_on_past_a_plans_end_is_marked_in_every_table_with_amounts() -> None:
    text = (
        "title: Gone on\n"
        "contract:\n  plan: legacy_chat_claude_code\n  channel: sales_assisted\n"
        "  term_start: 2025-11-01\n  seats: {chat: 5}\n"
        f"horizon: {{start: {FIRST}, months: 2}}\nmembers: {{ada: chat}}\n"
    )
    scenario = scenario_from(parse_document(text, "gone_on.yaml"), catalogue(), Path())
    tables = frames(simulate(scenario, counterfactual=True).ledger)
    assert tables["invoices"]["counterfactual"].tolist() == [True]
    assert tables["members"]["counterfactual"].tolist() == [False, True]
    assert tables["months"]["counterfactual"].tolist() == [False, True]
    assert not frames(simulate(scenario).ledger)["months"]["counterfactual"].any()


def test_frames_are_typed_and_money_is_exact() -> None:
    tables = frames(ledger_of("limits_and_alerts"))
    invoices, stops, months = tables["invoices"], tables["stops"], tables["months"]
    assert invoices["date"].dtype == stops["until"].dtype == months["month"].dtype == "datetime64[s]"
    assert (invoices["line"].dtype, invoices["quantity"].dtype) == (np.dtype("int64"), pd.Int64Dtype())
    assert invoices["amount"].iloc[0] == Decimal("12000.00")
    assert {type(value) for value in months["blocked"]} == {Decimal}
    assert stops["until"].isna().sum() == 1
    assert stops.loc[stops["until"].isna(), "resumed_by"].tolist() == [""]


def test_an_empty_table_has_its_columns_with_their_types() -> None:
    empty, full = frames(ledger_of("seats_added_mid_term")), frames(ledger_of("credits_run_out"))
    assert empty["stops"].empty
    assert empty["stops"].dtypes.to_dict() == full["stops"].dtypes.to_dict()
    assert empty["invoices"].dtypes.to_dict() == full["invoices"].dtypes.to_dict()


def test_every_member_and_month_of_a_large_run_has_a_row() -> None:
    text = csv_text(MEMBERS, MEMBERS.values(LedgerDraw(many(5000, 24))))
    assert text.count("\n") == 1 + 5000 * 24


def test_a_new_column_is_one_line_and_stands_in_every_rendering() -> None:
    """Whatever shows a table reads its declaration: CSV, JSON, DataFrame, Parquet, cells for people and REFERENCE."""
    column = Column("not_billed", Kind.NANO, "Asked for and not paid", lambda of: [2 * NANO] * len(of.ledger.members))
    table = replace(MEMBERS, columns=(*MEMBERS.columns, column))
    one = LedgerDraw(ledger_of("seats_added_mid_term"))
    one = replace(one, ledger=replace(one.ledger, usage=dict([*one.ledger.usage.items()][:1])))
    values = table.values(one)
    people = len(one.ledger.members)
    assert [line.rpartition(",")[2] for line in csv_text(table, values).splitlines()] == [
        "not_billed",
        *["2.000000000"] * people,
    ]
    assert [row["not_billed"] for row in records(table, values)] == ["2.000000000"] * people
    assert frame(table, values)["not_billed"].tolist() == [Decimal(2)] * people
    read = pyarrow.parquet.read_table(io.BytesIO(parquet(table, values)))
    assert str(read.schema.field("not_billed").type) == "decimal128(38, 9)"
    assert prose_cells(column, values["not_billed"]) == ["2.00"] * people
    assert "| `not_billed` | US dollars, nine decimals | Asked for and not paid |" in "\n".join(
        described(table, "", "")
    )


def test_the_types_of_a_parquet_file_do_not_depend_on_what_is_in_it() -> None:
    names = ("credits_run_out", "seats_added_mid_term")
    full, empty = (run_values(ledger_of(name)) for name in names)
    for table in RUN_TABLES:
        schemas = [pyarrow.parquet.read_schema(io.BytesIO(parquet(table, found[table]))) for found in (full, empty)]
        assert schemas[0].types == schemas[1].types
