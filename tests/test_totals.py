"""Totals say of each draw what its ledger's months say, and blocks of draws come to the totals of all."""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from engine import as_scenario, months_of
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing.charges import COLUMNS
from planshift.billing.ledger import AMOUNTS, COLUMN, Ledger
from planshift.billing.money import CENT
from planshift.billing.scenario import read_scenario
from planshift.billing.schedule import next_month
from planshift.billing.simulation import Prepared
from planshift.billing.totals import LedgerTotals, joined_totals, totals
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError
from planshift.usage.measure import Measured
from stacked import drawn, stacked
from test_draws import EXAMPLES, catalogue, some, variations, varied

each = pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)


def assert_tells(found: LedgerTotals, ledger: Ledger) -> None:
    """Every draw's months are in the totals; what a draw does not have is nothing."""
    held = set()
    for draw in range(ledger.draws):
        months = {(row.month, row.plan): row for row in months_of(ledger, draw)}
        held |= set(months)
        for place, span in enumerate(found.spans):
            row = months.get(span)
            charges = {name: int(found.charges[name][place, draw]) for name in COLUMNS}
            assert charges == {name: row.charges.get(name, 0) if row else 0 for name in COLUMNS}, (draw, span)
            assert found.invoiced[place, draw] == sum(charges.values())
            told = {
                "usage_billed": found.amount("billed"),
                "blocked": found.blocked,
                "credit_balance": found.balances,
                "active_members": found.active,
                "credits_lapsed": found.lapsed,
            }
            for name, amounts in told.items():
                assert amounts[place, draw] == (getattr(row, name) if row else 0), (draw, span, name)
    assert found.spans == tuple(sorted(held | set(ledger.usage)))


def assert_same(one: Any, other: Any) -> None:
    """Two results of arrays are the same in every field."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name == "charges":
            left, right = [left[name] for name in COLUMNS], [right[name] for name in COLUMNS]
        assert np.array_equal(left, right), field.name


@some
@given(drawn_one=scenarios(), how=variations())
def test_it_tells_what_months_tell(
    drawn_one: tuple[Scenario, Rows], how: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    demand = scenario.demand(scenario.start, scenario.end).demand
    demands = [demand, *(varied(demand, *each) for each in how)]
    prepared = Prepared.of(scenario)
    ledger = prepared.run(Measured(stacked(demands), 0, 0)).ledger
    assert_tells(totals(ledger), ledger)
    alone = [totals(prepared.run(Measured(each, 0, 0)).ledger) for each in demands]
    assert_same(joined_totals(alone), totals(ledger))


@cache
def ledger_of(path: Path, draws: range = range(6)) -> Ledger:
    scenario = drawn(read_scenario(path, load_catalogue()), 6, dollars=12.0)
    prepared = Prepared.of(scenario)
    return prepared.run(prepared.asked(draws)).ledger


@each
def test_it_tells_of_every_example_what_months_tell(path: Path) -> None:
    assert_tells(totals(ledger_of(path)), ledger_of(path))


@each
def test_blocks_of_draws_come_to_the_totals_of_all(path: Path) -> None:
    blocks = [ledger_of(path, block) for block in (range(2), range(2, 3), range(3, 6))]
    assert_same(joined_totals([totals(block) for block in blocks]), totals(ledger_of(path)))


@each
def test_members_add_up_over_draws_and_months(path: Path) -> None:
    ledger, found = ledger_of(path), totals(ledger_of(path))
    for name in AMOUNTS:
        assert found.member_amounts[COLUMN[name]].sum() == sum(ledger.total(name, draw) for draw in range(6))
    stopped = [
        {stop.scope for stop in ledger.stops(draw) if stop.cause == "member limit"} for draw in range(ledger.draws)
    ]
    hits = [sum(member in of_draw for of_draw in stopped) for member in ledger.members]
    assert found.member_hits.tolist() == hits


@each
def test_members_stopped_in_a_month_are_those_with_a_stop_in_it(path: Path) -> None:
    ledger, found = ledger_of(path), totals(ledger_of(path))
    for draw in range(ledger.draws):
        stops = [stop for stop in ledger.stops(draw) if stop.cause == "member limit"]
        for place, (month, _) in enumerate(found.spans):
            in_month = {stop.scope for stop in stops if month <= stop.since < next_month(month)}
            assert found.limited[place, draw] == len(in_month)


def test_sums_that_leave_64_bits_are_refused() -> None:
    found = totals(ledger_of(EXAMPLES / "limits_and_alerts.yaml"))
    parts = [replace(found, member_amounts=np.full_like(found.member_amounts, 1 << 61))] * 5
    with pytest.raises(InputError, match="more than can be calculated with"):
        joined_totals(parts)


@some
@given(drawn_one=scenarios())
def test_credits_roll_forward_from_month_to_month(drawn_one: tuple[Scenario, Rows], tmp_path: Path) -> None:
    """balance before + bought − used − lapsed = balance, also across a renewal; in arrears nothing is taken from it."""
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    demand = scenario.demand(scenario.start, scenario.end)
    ledger = Prepared.of(scenario).run(demand).ledger
    # A plan that is left on the run's first day has charges, and no phase.
    held = [charge.terms for charge in ledger.charges] + [phase.terms for phase in ledger.phases]
    prepaid = {terms.plan.id: terms.prepaid for terms in held}
    channels = {(terms.plan.id, terms.channel) for terms in held}
    assume(len(channels) == len(prepaid))
    before = 0
    for row in sorted(months_of(ledger), key=lambda row: (row.month, order_of(ledger, row.plan))):
        used = row.usage_billed if prepaid[row.plan] else 0
        balance = before + row.charges.get("credit_purchases", 0) * CENT - used - row.credits_lapsed
        if (row.month, row.plan) in ledger.usage:
            assert balance == row.credit_balance, row
            before = row.credit_balance
        else:
            assert balance == before, row


def order_of(ledger: Ledger, plan: str) -> int:
    in_force = [phase.terms.plan.id for phase in ledger.phases]
    return in_force.index(plan) if plan in in_force else -1
