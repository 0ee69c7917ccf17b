"""Whatever the contract, the draws and the renewals: nothing is lost between measures, months, plans and draws."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import as_scenario
from forecast_accounts import Made, account_of, catalogue
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.simulation import Prepared, Run, joined_runs
from planshift.forecasting.account_ledger import AccountLedger, Basis, ledger_of
from planshift.forecasting.history import Grid, SeatPriceShock
from planshift.forecasting.result import BILLED, INDEX, Cents
from planshift.portfolio.account import PaymentTerms
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured
from stacked import stacked

DRAWS = 3
PAYMENTS = (PaymentTerms(30), PaymentTerms(0, "after"), PaymentTerms(45, "before"))

some = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Scenario, Rows, Basis, npt.NDArray[np.bool_], PaymentTerms]:
    """A scenario with its usage, what is forecast of it, and at which turns it goes on in each draw."""
    scenario, rows = draw(scenarios())
    first, months = scenario["horizon"]["start"], scenario["horizon"]["months"]
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    whole = max(1, months if first.day == 1 else months - 1)
    lead_in = draw(st.integers(0, whole - 1))
    number = begins.year * 12 + begins.month - 1 + lead_in
    grid = Grid(date(number // 12, number % 12 + 1, 1), whole - lead_in)
    happens = np.array([True, False, True])
    shock = SeatPriceShock(draw(st.dates(first, first + timedelta(days=200))), Fraction(107, 100), happens)
    decided = draw(st.lists(st.lists(st.booleans(), min_size=DRAWS, max_size=DRAWS), min_size=3, max_size=3))
    expected = draw(st.sampled_from([Fraction(0), Fraction(0), Fraction(3, 20)]))
    return scenario, rows, Basis(grid, expected, [shock]), np.array(decided), draw(st.sampled_from(PAYMENTS))


def demands(prepared: Prepared) -> list[Demand]:
    """A demand, half of it, and the same a week later."""
    asked = prepared.asked().demand

    def like(times: int, later: int) -> Demand:
        surfaces = {name: np.roll(array, later, axis=0) * times // 2 for name, array in asked.by_surface.items()}
        return Demand(asked.start, asked.members, surfaces, asked.days)

    return [asked, like(1, 0), like(2, 7)]


class Billed:
    """A drawn account, billed in all draws and draw by draw."""

    def __init__(self, data: Scenario, rows: Rows, basis: Basis, decided: npt.NDArray[np.bool_], folder: Path) -> None:
        scenario = as_scenario(data, rows, catalogue(), folder)
        self.possible = basis.grid.end <= scenario.end
        if self.possible:
            prepared = Prepared.of(scenario, until=basis.grid.end)
            parts = demands(prepared)
            self.alone = [prepared.run(Measured(part, 0, 0)) for part in parts]
            self.run = prepared.run(Measured(stacked(parts), 0, 0))
            self.decided = decided[: len(self.run.ledger.turns)]
            self.basis, self.made = basis, Made(scenario, {})

    def ledger(self, payment: PaymentTerms, run: Run | None = None) -> AccountLedger:
        return ledger_of(account_of(self.made, payment), run or self.run, self.basis, self.decided)

    def ledger_of(self, draw: int, payment: PaymentTerms) -> AccountLedger:
        shocks = [SeatPriceShock(one.since, one.factor, one.happens[draw : draw + 1]) for one in self.basis.seat_prices]
        basis = Basis(self.basis.grid, self.basis.expected_breakage, shocks)
        decided = self.decided[:, draw : draw + 1]
        return ledger_of(account_of(self.made, payment), self.alone[draw], basis, decided)


def rolled(ledger: AccountLedger, plan: str, balance: str, adds: tuple[str, ...], takes: tuple[str, ...]) -> Cents:
    """A balance at its beginning and what adds to and takes from it, less the balance, by month and draw."""
    amounts = ledger.cells[plan]
    before = np.concatenate([ledger.opening[plan][None, INDEX[balance]], amounts[INDEX[balance], :-1]])
    flows = sum(amounts[INDEX[name]] for name in adds) - sum(amounts[INDEX[name]] for name in takes)
    result: Cents = before + flows - amounts[INDEX[balance]]
    return result


@some
@given(one=accounts())
def test_balances_roll_forward_for_every_plan_month_and_draw(
    one: tuple[Scenario, Rows, Basis, npt.NDArray[np.bool_], PaymentTerms], tmp_path: Path
) -> None:
    *drawn, payment = one
    billed = Billed(*drawn, tmp_path)
    if not billed.possible:
        return
    ledger = billed.ledger(payment)
    for plan in ledger.cells:
        assert not rolled(ledger, plan, "deferred_seats", ("billed_seats",), ("recognised_seats",)).any()
        earned = ("recognised_credits", "breakage")
        assert not rolled(ledger, plan, "deferred_credits", ("billed_credits",), earned).any()
        assert not rolled(ledger, plan, "unbilled", ("recognised_usage",), ("billed_usage",)).any()
        assert not rolled(ledger, plan, "receivable", BILLED, ("paid",)).any()
        for name in ("booked_seats", "booked_credits"):
            assert (ledger.cells[plan][INDEX[name]] == ledger.cells[plan][INDEX[name.replace("ook", "ill")]]).all()
    total = ledger.total
    for name in ("deferred_credits", "unbilled", "seats", "accounts", "included", "stopped", "recognised_credits"):
        assert (total[INDEX[name]] >= 0).all(), name
    assert set(np.unique(total[INDEX["accounts"]]).tolist()) <= {0, 1}


@some
@given(one=accounts())
def test_a_contract_that_ends_owes_nothing_and_has_earned_all_that_it_billed(
    one: tuple[Scenario, Rows, Basis, npt.NDArray[np.bool_], PaymentTerms], tmp_path: Path
) -> None:
    *drawn, payment = one
    billed = Billed(*drawn, tmp_path)
    if not billed.possible:
        return
    ledger = billed.ledger(payment)
    ended = ~billed.decided.all(axis=0) if len(billed.decided) else np.zeros(DRAWS, dtype=np.bool_)
    total, opening = ledger.total, sum(ledger.opening.values())
    for name in ("deferred_seats", "deferred_credits", "unbilled", "seats", "accounts"):
        assert not total[INDEX[name], -1, ended].any(), name
    for name in ("seats", "credits"):
        sold = opening[INDEX[f"deferred_{name}"]] + total[INDEX[f"billed_{name}"]].sum(axis=0)
        earned = total[INDEX[f"recognised_{name}"]].sum(axis=0)
        if name == "credits":
            earned = earned + total[INDEX["breakage"]].sum(axis=0)
        assert (sold - earned)[ended].tolist() == [0] * int(ended.sum())
    for bridge in (ledger.committed, ledger.usage):
        assert (bridge.first + sum(bridge.steps.values()) == bridge.last).all()
        assert not bridge.last[ended].any()
    assert (ledger.committed_by[0] == ledger.committed.first).all()
    assert (ledger.committed_by[-1] == ledger.committed.last).all()


@some
@given(one=accounts())
def test_a_draw_is_what_it_is_alone(
    one: tuple[Scenario, Rows, Basis, npt.NDArray[np.bool_], PaymentTerms], tmp_path: Path
) -> None:
    *drawn, payment = one
    billed = Billed(*drawn, tmp_path)
    if not billed.possible:
        return
    together = billed.ledger(payment)
    put_together = billed.ledger(payment, joined_runs(billed.alone))
    for draw in range(DRAWS):
        alone = billed.ledger_of(draw, payment)
        for found in (together, put_together):
            # A draw alone has no cell of a plan that it does not come to.
            for plan, amounts in found.cells.items():
                expected = alone.cells.get(plan, np.zeros_like(amounts[..., :1]))
                assert (amounts[..., draw] == expected[..., 0]).all(), plan
                opening = alone.opening.get(plan, np.zeros_like(found.opening[plan][:, :1]))
                assert (found.opening[plan][:, draw] == opening[:, 0]).all(), plan
            for bridge, other in ((found.committed, alone.committed), (found.usage, alone.usage)):
                assert bridge.last[draw] == other.last[0]
                assert {key: step[draw] for key, step in bridge.steps.items()} == {
                    key: step[0] for key, step in other.steps.items()
                }
            for row, same in zip(found.renewals, alone.renewals, strict=True):
                assert (row.at_stake[draw], row.goes_on[draw]) == (same.at_stake[0], same.goes_on[0])
