"""Whatever accounts a portfolio may hold, each becomes a scenario that the engine takes."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planshift.billing.contract import Assign
from planshift.billing.renewal import Timeline
from planshift.billing.simulation import Prepared
from planshift.portfolio.scenario import scenario_of
from portfolios import HEAD, catalogue, portfolio_of

START = date(2027, 1, 1)
MONEY = {"credits_initial": "500", "credit_reload_below": "50", "credit_reload_amount": "200"}


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, str]:
    """An account of any plan, channel, term, size and change."""
    plan = draw(st.sampled_from([*catalogue().plans.values()]))
    channel = draw(st.sampled_from([*plan.channel_titles]))
    earliest, latest = (-1100, 900) if plan.id == "enterprise" else (-365, -1)
    began = START + timedelta(days=draw(st.integers(earliest, latest)))
    row = {"account_id": "any", "plan": plan.id, "channel": channel, "term_start": began.isoformat()}
    for place, seat in enumerate(plan.seat_types):
        members = draw(st.integers(0 if place else 1, 60))
        row[f"members_{seat}"] = str(members)
        row[f"seats_{seat}"] = str(members + draw(st.integers(0, 60)) + (60 if not place else 0))
    row["seat_change"] = str(draw(st.integers(-100, 150)) / 100)
    if draw(st.booleans()):
        row["monthly_spend"] = str(draw(st.integers(0, 20_000)))
    if channel == "self_serve":
        row |= MONEY
    moves = START + timedelta(days=draw(st.integers(-90, 360)))
    renewal = date(began.year + 1, began.month, min(began.day, 28))
    if plan.value("early_migration.allowed", moves) and began < moves < renewal - timedelta(days=3):
        row["migrate_on"] = moves.isoformat()
    return row


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(accounts(), st.integers(0, 6), st.integers(1, 30))
def test_every_account_becomes_a_scenario_without_mistakes(row: dict[str, str], lead_in: int, months: int) -> None:
    head = HEAD.replace("months: 24", f"months: {months}, lead_in_months: {lead_in}")
    if not lead_in and row["term_start"] == "2026-01-01":
        return
    if row.get("migrate_on", "9") < (START - timedelta(days=28 * lead_in)).isoformat():
        row = {name: text for name, text in row.items() if name != "migrate_on"}
    if date.fromisoformat(row["term_start"]) > START + timedelta(days=28 * months):
        row["term_start"] = "2027-01-01"
    with tempfile.TemporaryDirectory() as folder:
        portfolio = portfolio_of(Path(folder), row, head=head)
    scenario = scenario_of(portfolio.accounts.account(0), portfolio, 1)
    assert scenario is not None
    prepared = Prepared.of(scenario, until=portfolio.end)
    assert prepared.end == portfolio.end <= scenario.end
    timeline = Timeline(scenario)
    for event in scenario.events:
        timeline.happen(event)
    timeline.advance(portfolio.end - timedelta(days=1))
    held, there = timeline.seats.held, [seat for seat in timeline.seats.assigned.values() if seat]
    assert all(there.count(seat) <= count for seat, count in held.items())
    # Nobody stays out who could have a seat.
    joined = any(isinstance(event.action, Assign) for event in scenario.events)
    assert joined or len(there) == len(scenario.members)
