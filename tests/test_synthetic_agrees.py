"""A draw of personas is billed as the slow biller bills its rows: invoices to the cent, members to the nano-dollar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import tables_of
from oracle import bill
from planshift.billing.scenario import Scenario, scenario_from
from planshift.billing.simulation import Prepared, metered_from
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.documents import Document
from planshift.plans.schemas import problems
from planshift.usage.cells import COUNTS, KEY_COLUMNS

START = date(2026, 10, 15)
TABLES = ("invoices", "members", "alerts", "stops", "months")
GUESS = {"assumed": True, "note": "A guess."}
DRAWS = 3

CONTRACTS: dict[str, dict[str, Any]] = {
    "enterprise": {
        "channel": "self_serve",
        "term_start": START,
        "seats": {"enterprise": 20},
        "usage_discount": Decimal("0.075"),
        "spend_limits": {"each_member": Decimal("90.5")},
        "credits": {"initial": 200, "auto_reload": {"below": 20, "amount": 150}, "payment": "card"},
    },
    "legacy_standard_premium": {
        "channel": "sales_assisted",
        "term_start": date(2025, 11, 20),
        "seats": {"standard": 40, "premium": 20},
        "included_usage_per_week": {"standard": Decimal("7.25"), "premium": 40},
        "extra_usage": {"enabled": True},
        "spend_limits": {"organization": 450, "each_member": 120},
    },
    "legacy_chat_claude_code": {
        "channel": "sales_assisted",
        "term_start": date(2025, 12, 1),
        "seats": {"chat": 40, "chat_claude_code": 20},
        "spend_limits": {"organization": 300},
    },
}

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@cache
def catalogue() -> Catalogue:
    """Read once; a fixture would be printed whole with every falsified example."""
    return load_catalogue()


def numbers(*texts: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(text) for text in texts])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """A persona of a scenario: a shipped one, some of it otherwise."""
    entry: dict[str, Any] = {"count": draw(st.integers(1, 3))}
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["usd_per_active_day", "tokens_per_active_day"]))
        amounts = {"usd_per_active_day": ("0.02", "4", "60"), "tokens_per_active_day": ("900", "250000")}
        entry["level"] = {unit: draw(numbers(*amounts[unit])), "sigma": draw(numbers("0", "1.5"))}
    if draw(st.booleans()):
        entry["models"] = {"preferred_share": draw(numbers("0.333", "1"))}
    if draw(st.booleans()):
        entry["onboarding"] = {"weeks": [Decimal("0.5")]}
    return entry


@st.composite
def usages(draw: st.DrawFn, plan: str) -> dict[str, Any]:
    """The `usage` of a scenario on a plan."""
    some = st.sampled_from(["engineer", "analyst", "light_user", "service_account"])
    names = draw(st.lists(some, min_size=1, unique=True))
    usage: dict[str, Any] = {"seed": draw(st.integers(0, 10**6)), "draws": DRAWS}
    usage["personas"] = {name: draw(entries()) for name in names}
    if draw(st.booleans()):
        usage["growth"] = {"per_month": draw(numbers("-0.2", "0.3")), "sd_per_month": draw(numbers("0", "0.1"))}
    if draw(st.booleans()):
        usage["roll_out"] = {"midpoint": START + timedelta(days=draw(st.integers(-20, 50))), "days": 30}
    if draw(st.booleans()):
        usage["calendar"] = {"country": "DE", "late_december": False}
    if draw(st.booleans()):
        burst = {"first": date(2026, 11, 2), "last": date(2026, 11, 30), "factor": draw(numbers("0.1", "3"))}
        usage["bursts"] = {"planned": [burst], "random": {"per_year": 12, "days": 2, "factor": 2}}
    if draw(st.booleans()):
        mix = {"title": "Short", "shares": {"input": Decimal("0.7"), "output": Decimal("0.3")}, "cache_spread": 0}
        usage["token_mixes"] = {"chat": {**mix, "step_tokens": draw(st.sampled_from([100, 333, 7777])), **GUESS}}
    if plan == "legacy_standard_premium":
        usage["behaviour"] = {"metered": draw(numbers("0", "0.8", "1.3")), **GUESS}
    if plan == "legacy_chat_claude_code" and "analyst" in names:
        usage["behaviour"] = {"uptake": {"cowork": draw(numbers("0", "0.4", "1"))}, **GUESS}
    return usage


def read(plan: str, usage: dict[str, Any]) -> tuple[dict[str, Any], Scenario]:
    """The scenario's words, and what they mean."""
    words: dict[str, Any] = {
        "title": "Drawn",
        "contract": {"plan": plan, **CONTRACTS[plan]},
        "horizon": {"start": START, "months": 3},
        "usage": usage,
    }
    document = Document("drawn.yaml", words, {}, {})
    assert not problems(document, "scenario")
    return words, scenario_from(document, catalogue(), Path())


def rows_of(scenario: Scenario, draw: int) -> list[dict[str, Any]]:
    """The rows of a usage file of a draw, as the slow biller reads them."""
    asked = scenario.asked(scenario.end, range(draw, draw + 1))
    frame = asked.rows(draw, metered_from(scenario, scenario.end)).frame()
    found = frame[[*KEY_COLUMNS, *COUNTS]].to_dict("records")
    return [{**row, "date": date.fromisoformat(row["date"])} for row in found]


@pytest.mark.parametrize("plan", list(CONTRACTS))
@few
@given(data=st.data())
def test_they_agree_on_every_draw(plan: str, data: st.DataObject) -> None:
    words, scenario = read(plan, data.draw(usages(plan)))
    prepared = Prepared.of(scenario)
    ledger = prepared.run(prepared.asked(range(DRAWS))).ledger
    for draw in range(DRAWS):
        filed = {**words, "members": dict(scenario.members), "usage": {"file": "usage.csv"}}
        expected = bill(filed, rows_of(scenario, draw))
        found = tables_of(ledger, draw)
        for name in TABLES:
            assert found[name] == getattr(expected, name), (name, draw)
