"""The ledger of an account equals the slow one to the cent, whatever the contract, the draw and the renewals."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import as_scenario
from forecast_accounts import Made, account_of, catalogue
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.scenario import Scenario as Read
from planshift.billing.simulation import Prepared
from planshift.forecasting.account_ledger import AccountLedger, Basis, ledger_of
from planshift.forecasting.history import Grid, SeatPriceShock
from planshift.forecasting.result import INDEX, MEASURES
from planshift.portfolio.account import PaymentTerms
from slow_ledger import SlowLedger, Terms

drawn = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
SHARES = st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 10), Fraction(123456789, 10**9), Fraction(3, 4)])
FACTORS = st.sampled_from([Fraction(11, 10), Fraction(9, 10), Fraction(103, 100), Fraction(1, 3), Fraction(2)])


@st.composite
def forecasts(draw: st.DrawFn) -> tuple[Scenario, Rows, Terms]:
    """A scenario, its usage, how it pays and what happens."""
    scenario, rows = draw(scenarios())
    first, months = scenario["horizon"]["start"], scenario["horizon"]["months"]
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    whole = months if first.day == 1 else months - 1
    lead_in = draw(st.integers(0, max(0, whole - 1)))
    number = begins.year * 12 + begins.month - 1 + lead_in
    start = date(number // 12, number % 12 + 1, 1)
    days = st.dates(first - timedelta(days=400), first + timedelta(days=400))
    shocks = draw(st.lists(st.tuples(days, FACTORS), max_size=2))
    terms = Terms(
        days=draw(st.sampled_from([0, 1, 14, 30, 45, 60])),
        end_of_month=draw(st.sampled_from(["none", "before", "after"])),
        start=start,
        months=max(1, whole - lead_in),
        ends_at=draw(st.sampled_from([None, 0, 0, 1])),
        expected=draw(SHARES),
        shocks=tuple(shocks),
    )
    return scenario, rows, terms


def fast(scenario: Read, terms: Terms) -> AccountLedger:
    shocks = [SeatPriceShock(day, factor, np.ones(1, dtype=np.bool_)) for day, factor in terms.shocks]
    prepared = Prepared.of(scenario, until=terms.end)
    run = prepared.run(prepared.asked())
    account = account_of(Made(scenario, {}), PaymentTerms(terms.days, terms.end_of_month))
    decided = np.ones((len(run.ledger.turns), 1), dtype=np.bool_)
    if terms.ends_at is not None and terms.ends_at < len(decided):
        decided[terms.ends_at] = False
    return ledger_of(account, run, Basis(Grid(terms.start, terms.months), terms.expected, shocks), decided)


@drawn
@given(one=forecasts())
def test_it_equals_the_slow_ledger(one: tuple[Scenario, Rows, Terms], tmp_path: Path) -> None:
    data, rows, terms = one
    scenario = as_scenario(data, rows, catalogue(), tmp_path)
    if terms.end > scenario.end:
        return
    ledger = fast(scenario, terms)
    slow = SlowLedger(data, rows, terms)
    discounted = any("usage_discount" in part for part in (data["contract"], data["contract"].get("renewal", {})))
    plans = {*ledger.cells, *(plan for plan, _, _ in slow.flows), *(plan for plan, _, _ in slow.standing)}
    for plan in sorted(plans):
        for measure in MEASURES:
            if measure.name == "stopped" and discounted:
                continue
            expected = slow.measure(plan, measure.name)
            if plan not in ledger.cells:
                assert not any(expected), (plan, measure.name, expected)
                continue
            found = ledger.cells[plan][INDEX[measure.name], :, 0].tolist()
            assert found == expected[1:], (plan, measure.name)
            if measure.kind != "flow":
                assert ledger.opening[plan][INDEX[measure.name], 0] == expected[0], (plan, measure.name)
