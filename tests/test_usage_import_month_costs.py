"""People, months and dollars become usage that costs these dollars, made of what a persona's is, and called so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from exports import importer, lines
from planshift.plans.rates import RateCard
from planshift.problems import InputError

HEADER = "user,month,usd"


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    return lines(folder / "costs.csv", header, *rows)


imported = importer("user-month-usd")


def refused(card: RateCard, path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        imported(card, path, **options)
    return str(caught.value).replace(f"{path}:", "")


def test_usage_costs_what_the_table_says_by_member(card: RateCard, tmp_path: Path) -> None:
    path = table(tmp_path, "mira@example.org,2026-10,1250.00", "noor@example.org,2026-10,80.50")
    for name, dollars in (("mira@example.org", "1250.00"), ("noor@example.org", "80.50")):
        alone = imported(card, table(tmp_path, f"{name},2026-10,{dollars}")).summary
        assert abs(alone.list_cost - Decimal(dollars)) < Decimal("0.01")
        assert alone.reported_cost == Decimal(dollars)
    path = table(tmp_path, "mira@example.org,2026-10,1250.00", "noor@example.org,2026-10,80.50")
    result = imported(card, path)
    assert abs(result.summary.list_cost - Decimal("1330.50")) < Decimal("0.01")
    assert result.summary.rows_kept == 2


def test_cost_is_spread_over_the_working_days(card: RateCard, tmp_path: Path) -> None:
    rows = imported(card, table(tmp_path, "mira,2026-10,100")).rows
    days = sorted(set(rows["date"]))
    assert len(days) == 22
    assert days[0] == date(2026, 10, 1)
    assert all(day.weekday() < 5 for day in days)
    tokens = rows.groupby("date")["output_tokens"].sum()
    assert tokens.max() - tokens.min() <= len(rows) // len(days)


def test_the_mix_is_the_personas_and_is_said(card: RateCard, tmp_path: Path) -> None:
    path = table(tmp_path, "mira,2026-11,100")
    result = imported(card, path)
    assert set(result.rows["surface"]) == {"chat", "cowork", "claude_code"}
    assert any("assumed to be those of the persona 'analyst'" in text for text in result.summary.warnings)
    light = imported(card, path, persona="light_user")
    assert set(light.rows["surface"]) == {"chat"}
    assert any("the persona 'light_user' (chat 100%)" in text for text in light.summary.warnings)
    # 0.612 of input and 0.028 of output.
    tokens = light.rows[light.rows["model"] == "claude-sonnet-5-5"][["input_tokens", "output_tokens"]].sum()
    assert tokens["input_tokens"] / tokens["output_tokens"] == pytest.approx(612 / 28, rel=1e-3)
    assert set(imported(card, path, surface="chat").rows["surface"]) == {"chat"}


@pytest.mark.parametrize(
    "month", ["2026-10", "2026/10", "10/2026", "10.2026", "Oct 2026", "october 2026", "2026-10-01", "2026-10-31"]
)
def test_months_as_people_write_them(card: RateCard, tmp_path: Path, month: str) -> None:
    summary = imported(card, table(tmp_path, f"mira,{month},10")).summary
    assert summary.days is not None
    assert (summary.days.first, summary.days.last) == (date(2026, 10, 1), date(2026, 10, 30))


def test_other_headers_and_a_workbook_with_dates(card: RateCard, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["Email", "Billing month", "Estimated Spend (USD)"])
    sheet.append(["Mira@Example.org", date(2026, 10, 1), 12.345])
    path = tmp_path / "costs.xlsx"
    book.save(path)
    result = imported(card, path)
    assert result.summary.reported_cost == Decimal("12.345")
    assert set(result.rows["user_id"]) == {"mira@example.org"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("mira,2026-13,10", "2: month '2026-13' is no month - write it as 2026-10"),
        ("mira,2026-10-05,10", "2: month '2026-10-05' is no month"),
        ("mira,October,10", "2: month 'October' is no month"),
        ("mira,2126-10,10", "2: month '2126-10' lies outside the years 2000 to 2099 - correct the year"),
        ("mira,2026-10,5.000", "2: usd is 5.000, which could be 5000 with its thousands marked or 5.00"),
        ("mira,2026-10,-5", "2: usd must be from 0 to 1,000,000 (it is -5)"),
        ("mira,2026-10,10000000", "2: usd must be from 0 to 1,000,000"),
        ("mira,2026-10,", "2: usd is empty - write 0 where nothing was used"),
        ("mira,2024-10,5", "2: nothing is known of the models that 'analyst' used in 2024-10"),
    ],
)
def test_what_cannot_be_meant_is_refused(card: RateCard, tmp_path: Path, row: str, words: str) -> None:
    assert refused(card, table(tmp_path, row)).startswith(words)


def test_an_unknown_persona_is_refused(card: RateCard, tmp_path: Path) -> None:
    path = table(tmp_path, "mira,2026-10,10")
    assert (
        refused(card, path, persona="analist") == "--persona: there is no persona 'analist' - did you mean 'analyst'?"
    )


def test_a_total_is_left_out_and_one_that_may_be_is_asked_about(card: RateCard, tmp_path: Path) -> None:
    people = ("mira@example.org,2026-10,100", "noor@example.org,2026-10,50.50")
    summary = imported(card, table(tmp_path, *people, "Total,2026-10,150.50")).summary
    assert dict(summary.dropped) == {"the total of other rows": 1}
    names = ("Mira,2026-10,100", "Noor,2026-10,50.50")
    assert dict(imported(card, table(tmp_path, *names, "Total,,150.50")).summary.dropped) == {
        "the total of other rows": 1
    }
    doubtful = refused(card, table(tmp_path, *names, "Tomo,2026-10,150.50"))
    assert doubtful.startswith("4: the row is the sum of all others: a total, or what somebody used?")
