"""Accounts made by hand for the tests of the ledger: a contract as YAML would say it, usage in dollars on days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import as_scenario
from planshift.billing.money import CENT
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Prepared, Run
from planshift.forecasting.account_ledger import AccountLedger, Basis, ledger_of
from planshift.forecasting.history import Grid, SeatPriceShock
from planshift.forecasting.result import INDEX
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.plan import ALWAYS, Dated, Sourced
from planshift.portfolio.account import Account, AccountUsage, PaymentTerms
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured

NET_30 = PaymentTerms(30)


@cache
def catalogue() -> Catalogue:
    """Read once."""
    return load_catalogue()


def contract(plan: str, channel: str, term_start: date, **more: Any) -> dict[str, Any]:
    """A contract, as a scenario's file would have it."""
    return {"plan": plan, "channel": channel, "term_start": term_start, **more}


@dataclass(frozen=True)
class Made:
    """A scenario with one member, and how many cents at list price they ask for on which day."""

    scenario: Scenario
    used: Mapping[date, int]


def made(
    signed: Mapping[str, Any],
    start: date,
    months: int,
    used: Mapping[date, int] | None = None,
    events: Sequence[Mapping[str, Any]] = (),
    seat: str = "enterprise",
    rules: Mapping[str, Any] = MappingProxyType({}),
) -> Made:
    """A contract over so many months from a day; ``rules``: what its plan says otherwise, by path."""
    data: dict[str, Any] = {
        "title": "An account",
        "contract": dict(signed),
        "horizon": {"start": start, "months": months},
        "members": {"ada": seat},
    }
    if events:
        data["events"] = list(events)
    return Made(as_scenario(data, [], with_rules(signed["plan"], rules), Path()), used or {})


def with_rules(plan: str, rules: Mapping[str, Any]) -> Catalogue:
    """The shipped plans, one of them with other values."""
    found = catalogue()
    assumed = {path: Sourced(value, assumed=True, note="A test.") for path, value in rules.items()}
    values = {path: Dated(path, ((ALWAYS, value),)) for path, value in assumed.items()}
    changed = replace(found.plans[plan], values={**found.plans[plan].values, **values})
    return replace(found, plans={**found.plans, plan: changed})


def run_of(one: Made, end: date, draws: int = 1) -> Run:
    """The run of a scenario up to a day, its usage the same in so many draws."""
    start = one.scenario.start
    asked = np.zeros(((end - start).days, draws, 1), dtype=np.int64)
    for day, cents in one.used.items():
        if day < end:
            asked[(day - start).days] = cents * CENT
    demand = Demand(start, one.scenario.people, {"chat": asked}, len(asked), draws)
    return Prepared.of(one.scenario, until=end).run(Measured(demand, 0, 0))


def account_of(one: Made, payment: PaymentTerms = NET_30) -> Account:
    """The scenario's contract as an account."""
    usage, renews = AccountUsage(), Fraction(9, 10)
    return Account("A-1", "An account", "Large", "EMEA", one.scenario.contract, {}, usage, payment, renews, Fraction(0))


def ledger(
    one: Made,
    start: date,
    months: int,
    *,
    payment: PaymentTerms = NET_30,
    decided: Sequence[Sequence[bool]] | None = None,
    expected: Fraction = Fraction(0),
    shocks: Sequence[SeatPriceShock] = (),
    draws: int = 1,
) -> AccountLedger:
    """The ledger of a scenario's contract; ``decided`` by turn and draw, everything happens where it is not said."""
    grid = Grid(start, months)
    if decided is not None:
        draws = len(decided[0])
    run = run_of(one, grid.end, draws)
    goes_on: npt.NDArray[np.bool_] = np.ones((len(run.ledger.turns), draws), dtype=np.bool_)
    for turn, which in enumerate(decided or ()):
        goes_on[turn] = which
    return ledger_of(account_of(one, payment), run, Basis(grid, expected, shocks), goes_on)


def months_of(found: AccountLedger, measure: str, plan: str | None = None, draw: int = 0) -> list[int]:
    """A measure month by month in a draw, of one plan or of all together."""
    amounts = found.total if plan is None else found.cells[plan]
    cents: list[int] = amounts[INDEX[measure], :, draw].tolist()
    return cents


def opening_of(found: AccountLedger, measure: str, draw: int = 0) -> int:
    """A measure at the opening."""
    return sum(int(amounts[INDEX[measure], draw]) for amounts in found.opening.values())
