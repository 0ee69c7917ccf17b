"""The FOCUS export before the FinOps Foundation's validator, and the validator before a file with a wrong cell."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import portfolio_runs
from focus_gate import KNOWN, Verdict, environment, validated, verdict
from planshift.forecasting.charge import KINDS
from planshift.plans.files import folder
from planshift.portfolio.shocks import NamedScenario
from planshift.reports.focus import FOCUS_COLUMNS, focus_csv

LAST = "=== Validation Results ===\nTotal: 3 | Pass: 1 | Fail: {} | Skipped: {}\n"
PASSES = "✅ BilledCost-C-001-M: PASS  (violations=0, 8.4ms)\n"
SKIPS = "⏭️ BilledCost-C-004-M: SKIPPED  (violations=0, msg=FAIL)\n"
FAILS = "❌ {}: FAIL  (violations=493, msg=BilledCost MUST be of type Decimal., 12.2ms)\n"


def export(tmp_path: Path) -> str:
    """A file with every kind of charge that a portfolio has: early moves of all sorts, ends, discounts, expiry."""
    rows = portfolio_runs.rows(10)
    for number, row in enumerate(rows):
        if row["plan"] == "legacy_standard_premium":
            row["migrate_on"] = date(2026, 12, 1 + number)
            row["migrate_credit"] = ("none", "prorated")[number % 2]
            row["renewal_probability"] = ("1", "0")[number // 2 % 2]
            row["usage_discount"] = ("0", "0.125")[number % 2]
        else:
            row["credits_initial"] = 100_000
            row["renewal_probability"] = ("1", "0")[number % 2]
    portfolio = portfolio_runs.of_rows(tmp_path, rows, months=15)
    overlay = folder("plans") / "overlays" / "credits_expire.yaml"
    named = NamedScenario("expiring", "Credits expire", (overlay,))
    portfolio = replace(portfolio, scenarios={"expiring": named})
    return b"".join(focus_csv(portfolio, backend="serial")).decode()


def check(text: str, tmp_path: Path) -> Verdict:
    file = tmp_path / "focus.csv"
    file.write_text(text, encoding="utf-8")
    return validated(file, tmp_path / "run")


def test_the_file_that_is_validated_has_every_kind_of_charge(tmp_path: Path) -> None:
    kinds = {row["x_Kind"] for row in csv.DictReader(io.StringIO(export(tmp_path)))}
    # Seats are added by an event, and a minimum is agreed in a contract: accounts of a portfolio have neither.
    assert kinds == set(KINDS) - {"seat_addition", "usage_minimum"}


def test_the_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    environment()
    found = check(export(tmp_path), tmp_path)
    assert found.unforeseen == []
    assert found.failed == KNOWN
    checked = {rule.split("-")[0] for rule in found.passed}
    # Commitment discounts are empty columns, which it needs to see, of something that these plans do not have.
    assert {name for name in FOCUS_COLUMNS if not name.startswith("CommitmentDiscount")} <= checked


def test_a_wrong_cell_fails(tmp_path: Path) -> None:
    environment()
    rows = list(csv.DictReader(io.StringIO(export(tmp_path))))
    purchase = next(row for row in rows if row["ChargeCategory"] == "Purchase")
    use = next(row for row in rows if row["ChargeCategory"] == "Usage")
    purchase |= {"EffectiveCost": "1.00"}
    use |= {"PricingUnit": "Seats & Months", "SkuPriceId": ""}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    found = check(text.getvalue(), tmp_path)
    wrong = {line.split()[1].split("-")[0] for line in found.unforeseen}
    assert {"EffectiveCost", "PricingUnit", "SkuPriceDetails"} <= wrong


def test_the_gate_reads_every_rule() -> None:
    good = verdict(LAST.format(1, 1) + SKIPS + PASSES + FAILS.format("InvoiceId-C-004-C"))
    assert (good.failed, good.unforeseen) == (KNOWN, [])
    bad = verdict(LAST.format(1, 1) + SKIPS + PASSES + FAILS.format("BilledCost-C-002-M"))
    assert bad.unforeseen == [FAILS.format("BilledCost-C-002-M").strip()]


@pytest.mark.parametrize("output", ["", PASSES, LAST.format(1, 1) + PASSES], ids=["nothing", "no total", "too few"])
def test_the_gate_does_not_take_silence_for_a_pass(output: str) -> None:
    with pytest.raises(AssertionError):
        verdict(output)
