"""Real days of two coding-agent users, and transcripts, through all three plans; skipped where the data is missing.

The users' agents ran on models of several makers: their tokens, by class and day, are priced as one Claude model's.
``python tests/test_real_usage.py`` prints the figures.
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from planshift.billing.ledger import AMOUNTS, BLOCKED
from planshift.billing.money import cents_text, dollars
from planshift.billing.scenario import scenario_from
from planshift.billing.simulation import simulate
from planshift.impact.compare import Comparison, OnPlan, compare
from planshift.plans.catalogue import load_catalogue
from planshift.plans.documents import parse_document
from planshift.usage.formats import import_usage

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DAYS = DATA / "coding_agent_user_daily_calibration.csv"
TRANSCRIPTS = sorted((DATA / "format_samples").glob("ccusage_claude_*.jsonl"))
PLANS = ("legacy_standard_premium", "legacy_chat_claude_code", "enterprise")

pytestmark = pytest.mark.skipif(not DAYS.is_file(), reason=f"the calibration data is not at {DATA}")

MODEL = "claude-sonnet-4-6"
SCENARIO = """
title: Two coding-agent users, their real days
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2025-07-10
  seats: {standard: 0, premium: 2}
  extra_usage: {enabled: true}
horizon: {start: 2025-07-10, months: 12}
members: {b01: premium, c01: premium}
usage: {file: usage.csv}
alternatives:
  legacy_chat_claude_code: {members: {standard: chat, premium: chat_claude_code}}
"""


def usage_rows() -> Iterator[dict[str, object]]:
    """The users' days as rows of a usage file."""
    with DAYS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {
                "date": row["date"],
                "user_id": row["user"],
                "surface": "claude_code",
                "model": MODEL,
                "input_tokens": int(row["input_tokens_uncached"] or 0),
                "output_tokens": int(row["output_tokens"] or 0),
                "cache_read_tokens": int(row["cache_read_tokens"] or 0),
                "cache_write_5m_tokens": int(row["cache_write_tokens"] or 0),
            }


def compared(folder: Path) -> Comparison:
    """The users' year on the three plans."""
    rows = list(usage_rows())
    with (folder / "usage.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    scenario = scenario_from(parse_document(SCENARIO, "real.yaml"), load_catalogue(), folder)
    return compare(scenario, PLANS)


def amounts(plan: OnPlan) -> dict[str, int]:
    """What became of the usage on a plan, nano-dollars by column."""
    return {name: int(nanos[0]) for name, nanos in zip(AMOUNTS, plan.outcome.amounts, strict=True)}


def by_hand() -> Decimal:
    """The list cost of all rows at 3, 15, 0.30 and 3.75 dollars per million tokens."""
    per_million = {"input_tokens": 3, "output_tokens": 15, "cache_read_tokens": Decimal("0.30")}
    per_million["cache_write_5m_tokens"] = Decimal("3.75")
    costs = (Decimal(str(row[name])) * price for row in usage_rows() for name, price in per_million.items())
    return sum(costs, Decimal(0)) / 10**6


def test_every_real_token_is_priced(tmp_path: Path) -> None:
    found = compared(tmp_path)
    assert dollars(int(found.measured.demand.total.sum())) == by_hand()
    assert found.measured.rows == len(list(usage_rows()))
    assert found.measured.outside == 0


def test_each_plan_accounts_for_the_whole_demand(tmp_path: Path) -> None:
    for plan in compared(tmp_path).plans:
        year = amounts(plan)
        assert year["demand"] == year["unavailable"] + year["included"] + year["metered"]
        assert year["metered"] == year["billed"] + sum(year[name] for name in BLOCKED)


def test_usage_based_plans_bill_every_token_and_seats_include_some(tmp_path: Path) -> None:
    seats, *usage_based = compared(tmp_path).plans
    assert amounts(seats)["included"] > 0
    for plan in usage_based:
        assert dollars(amounts(plan)["billed"]) == by_hand()


@pytest.mark.skipif(not TRANSCRIPTS, reason="there are no transcript samples")
def test_transcripts_can_be_billed(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    imported = import_usage("claude-code-transcripts", TRANSCRIPTS, catalogue.cards["claude_api"], user="ada")
    imported.rows.to_csv(tmp_path / "usage.csv", index=False)
    text = SCENARIO.replace("2025-07-10", "2026-01-01").replace("{b01: premium, c01: premium}", "{ada: premium}")
    run = simulate(scenario_from(parse_document(text, "transcripts.yaml"), catalogue, tmp_path))
    assert dollars(run.ledger.total("demand")) == imported.summary.list_cost


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        result = compared(Path(temporary))
    print(f"{result.measured.rows} rows of real days, {by_hand():.2f} USD at list, twelve months from {result.first}")
    for plan in result.plans:
        year = plan.outcome
        parts = (year.seat_cost, year.usage_cost, year.cost)
        included = dollars(year.amount("included"))
        print(year.plan.id, *map(cents_text, parts), f"included {included:.2f}", f"blocked {dollars(year.blocked):.2f}")
    print(*result.notes, sep="\n")
