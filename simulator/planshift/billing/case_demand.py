"""The demand of a worked case: rows of usage or of dollars that stand in the case itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from planshift.billing.money import nano
from planshift.billing.scenario import Scenario
from planshift.plans.rates import RateCard
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.usage.cells import MODIFIERS, SEARCHES, TOKEN_COLUMNS
from planshift.usage.demand import Demand, Nanos
from planshift.usage.measure import Measured
from planshift.usage.pricing import UnpricedRowsError, UsageColumns, row_costs
from planshift.usage.products import read_products

_EPOCH = date(1970, 1, 1).toordinal()


def case_demand(scenario: Scenario, rows: Sequence[Mapping[str, Any]], places: Sequence[Place], end: date) -> Measured:
    """The demand of a case's rows from the scenario's start up to ``end``; rows outside are left out (Rulebook H1).

    A row has ``usd`` at list price, or a model and counts as in a usage file. ``places`` say where each row stands.
    Raises InputError for people who are not members, unknown surfaces and models without a price.
    """
    people = scenario.people
    surfaces = read_products().titles
    card = scenario.catalogue.card(scenario.contract.plan)
    days = (end - scenario.start).days
    by_surface: dict[str, Nanos] = {}
    problems: list[Problem] = []
    for row, place in zip(rows, places, strict=True):
        who, where = row["user_id"], row["surface"]
        if who not in people:
            problems.append(Problem(place, f"'{who}' is not a member", did_you_mean(who, people)))
            continue
        if where not in surfaces:
            problems.append(Problem(place, f"'{where}' is not a surface", did_you_mean(where, surfaces)))
            continue
        try:
            nanos = nano(row["usd"]) if "usd" in row else _cost(row, card)
        except UnpricedRowsError as error:
            problems += [Problem(place, unpriced.fact, unpriced.remedy) for unpriced in error]
            continue
        day = (row["date"] - scenario.start).days
        if 0 <= day < days:
            array = by_surface.setdefault(where, np.zeros((days, 1, len(people)), dtype=np.int64))
            array[day, 0, people.index(who)] += nanos
    if problems:
        raise InputError(problems)
    return Measured(Demand(scenario.start, people, by_surface, days), len(rows), 0)


def _cost(row: Mapping[str, Any], card: RateCard) -> int:
    """What a row of usage costs, nano-dollars (Rulebook U1)."""
    columns = UsageColumns(
        day=np.array([row["date"].toordinal() - _EPOCH], dtype=np.int32),
        model=np.zeros(1, dtype=np.int32),
        model_names=[row["model"]],
        tokens={short: np.array([row.get(name, 0)]) for name, short in TOKEN_COLUMNS.items()},
        web_searches=np.array([row.get(SEARCHES, 0)]),
        modifiers=np.zeros(1, dtype=np.int32),
        modifier_names=[row.get(MODIFIERS, "")],
    )
    return int(row_costs(columns, card)[0])
