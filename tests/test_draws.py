"""Draws billed together come to what each comes to alone: every table, to the cent and the nano-dollar."""

from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import as_scenario, tables_of
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.contract import AutoReload, CreditSettings, Reaction
from planshift.billing.credits import CreditPool, Purchases
from planshift.billing.ledger import Ledger
from planshift.billing.scenario import read_scenario
from planshift.billing.sharing import share_out
from planshift.billing.simulation import Prepared, simulate, simulate_draws
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured
from stacked import drawn, stacked

EXAMPLES = Path(__file__).parent / "golden" / "examples"
DAY = date(2027, 3, 1)

some = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@cache
def catalogue() -> Catalogue:
    """Read once; a fixture would be printed whole with every falsified example."""
    return load_catalogue()


@st.composite
def variations(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """What makes other draws of a demand: later by some days, so many halves of it, its members shifted."""
    variation = st.tuples(st.integers(0, 40), st.sampled_from([0, 1, 2, 3, 9]), st.integers(0, 3))
    return draw(st.lists(variation, min_size=1, max_size=4))


def varied(demand: Demand, days: int, halves: int, members: int) -> Demand:
    surfaces = {
        name: np.roll(array, (days, members), axis=(0, 2)) * halves // 2 for name, array in demand.by_surface.items()
    }
    return Demand(demand.start, demand.members, surfaces, demand.days)


def everything(ledger: Ledger, draw: int) -> dict[str, object]:
    """All that a ledger says of a draw."""
    standing = ledger.standing
    balances = {span: int(balance[draw]) for span, balance in ledger.balances.items()}
    left = None if standing.balance is None else int(standing.balance[draw])
    rest = {"balances": balances, "left": left, "spent": standing.spent[draw].tolist()}
    return {**tables_of(ledger, draw), **rest, "expired": int(ledger.expired[draw]), "warnings": ledger.warnings}


def assert_alike(prepared: Prepared, demands: list[Demand]) -> None:
    together = prepared.run(Measured(stacked(demands), 0, 0)).ledger
    alone = [prepared.run(Measured(demand, 0, 0)).ledger for demand in demands]
    put_together = Ledger.joined(alone)
    for draw, ledger in enumerate(alone):
        expected = everything(ledger, 0)
        for found in (everything(together, draw), everything(put_together, draw)):
            for name, table in expected.items():
                assert found[name] == table, (draw, name)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_variations_of_every_example(path: Path) -> None:
    scenario = read_scenario(path, catalogue())
    demand = scenario.demand(scenario.start, scenario.end).demand
    assert_alike(Prepared.of(scenario), [demand, *(varied(demand, *how) for how in [(3, 1, 0), (0, 9, 1), (20, 3, 2)])])


@some
@given(drawn_one=scenarios(), how=variations())
def test_variations_of_drawn_scenarios(
    drawn_one: tuple[Scenario, Rows], how: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    demand = scenario.demand(scenario.start, scenario.end).demand
    assert_alike(Prepared.of(scenario), [demand, *(varied(demand, *each) for each in how)])


@some
@given(drawn_one=scenarios(counterfactual=True), how=variations())
def test_variations_of_plans_that_run_on_past_their_end(
    drawn_one: tuple[Scenario, Rows], how: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    demand = scenario.demand(scenario.start, scenario.end).demand
    assert_alike(Prepared.of(scenario, counterfactual=True), [demand, *(varied(demand, *each) for each in how)])


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_run_of_many_draws_keeps_the_ledger_of_the_first(path: Path) -> None:
    scenario = drawn(read_scenario(path, catalogue()), 5)
    found = simulate_draws(scenario, detail=2)
    assert found.ledger.draws == 2
    assert found.totals.draws == 5
    assert everything(found.ledger, 0) == everything(simulate(scenario).ledger, 0)


# --- sharing -------------------------------------------------------------------------------------------------------


def shared(asked: list[int], room: int) -> list[int]:
    """By hand: whole parts of the exact shares, and one more for the largest remainders, the first of equals."""
    exact = [Fraction(amount * room, sum(asked)) for amount in asked]
    whole = [int(amount) for amount in exact]
    order = sorted(range(len(asked)), key=lambda member: (whole[member] - exact[member], member))
    return [part + (member in order[: room - sum(whole)]) for member, part in enumerate(whole)]


@given(
    st.integers(1, 6).flatmap(
        lambda members: st.lists(
            st.tuples(
                st.lists(st.one_of(st.integers(0, 7), st.integers(0, 10**14)), min_size=members, max_size=members),
                st.fractions(0, Fraction(99, 100)),
            ).filter(lambda drawn: sum(drawn[0]) > 0),
            min_size=1,
            max_size=4,
        )
    ),
    st.sampled_from([1, 1000]),
)
def test_room_is_shared_in_each_draw_as_it_is_alone(rows: list[tuple[list[int], Fraction]], times: int) -> None:
    asked = [[amount * times for amount in amounts] for amounts, _ in rows]
    room = [int(sum(amounts) * part) for amounts, (_, part) in zip(asked, rows, strict=True)]
    found = share_out(np.array(asked, dtype=np.int64), np.array(room, dtype=np.int64))
    assert found.tolist() == [shared(*each) for each in zip(asked, room, strict=True)]


# --- credits -------------------------------------------------------------------------------------------------------


def pool(*balances: int, expiry: int | None = None, **settings: object) -> CreditPool:
    found = CreditPool(len(balances))
    found.set_up(CreditSettings(**settings), expiry)  # type: ignore[arg-type]
    found.balance = np.array(balances, dtype=np.int64)
    return found


def bought(purchases: list[Purchases]) -> list[tuple[int, int, list[int]]]:
    return [((one.day - DAY).days, one.amount, one.times.tolist()) for one in purchases]


def test_auto_reload_buys_the_fewest_in_each_draw() -> None:
    held = pool(100, 5, 10, auto_reload=AutoReload(below=10, amount=20))
    served = np.array([[0, 0, 0], [80, 0, 0], [95, 60, 0]])
    assert bought(held.draw_down(DAY, served)) == [(0, 20, [0, 1, 0]), (2, 20, [1, 3, 0])]
    assert held.balance.tolist() == [25, 25, 10]


def test_running_out_is_noticed_once_and_answered_after_some_days() -> None:
    held = pool(50, 10, 0, when_exhausted=Reaction(buy=30, after_days=2))
    assert held.draw_down(DAY, np.array([[10, 10, 0], [50, 10, 0]])) == []
    assert bought(held.open_day(date(2027, 3, 3))) == [(2, 30, [0, 1, 1])]
    assert bought(held.open_day(date(2027, 3, 4))) == [(3, 30, [1, 0, 0])]
    assert held.balance.tolist() == [30, 30, 30]


def test_the_oldest_credits_are_used_first_and_the_rest_is_gone_on_its_day() -> None:
    held = pool(10, 10, expiry=1)
    held.buy(DAY, 20, "by_date")
    held.buy(date(2027, 3, 2), 40, "by_date")
    held.draw_down(date(2027, 3, 2), np.array([[15, 35]]))
    held.open_day(date(2027, 4, 1))
    assert held.expired.tolist() == [15, 0]
    assert held.balance.tolist() == [40, 35]
    held.open_day(date(2027, 4, 2))
    assert held.balance.tolist() == [0, 0]
