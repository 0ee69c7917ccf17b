"""What is measured of a simulation in every draw: by plan and on all together, by month and in total; and its risks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from planshift.billing.charges import COLUMNS
from planshift.billing.ledger import AMOUNTS, BLOCKED
from planshift.billing.simulation import Run
from planshift.billing.totals import LedgerTotals
from planshift.reports.risk import Risk, budget_risk, stopping_risks
from planshift.reports.run_tables import MEMBERS, MONTHS
from planshift.reports.spread import ALL_PLANS, OF_PLAN, Amounts, Measure, Measured, in_cents, summed
from planshift.reports.table import Column, Kind, Table, by_draw


@dataclass(frozen=True)
class Part:
    """The rows of a run's totals that belong to a plan, or all of them; months that two plans share are added up."""

    totals: LedgerTotals
    plan: str
    spans: tuple[int, ...]

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The months of these rows, in order."""
        return tuple(sorted({self.totals.spans[row][0] for row in self.spans}))

    @cached_property
    def counterfactual(self) -> tuple[bool, ...]:
        """By month, does any of its rows run on past a plan's end?"""
        flags = dict.fromkeys(self.months, False)
        for row in self.spans:
            flags[self.totals.spans[row][0]] |= self.totals.counterfactual[row]
        return tuple(flags.values())

    def by_month(self, rows: Amounts) -> Amounts:
        """Amounts of shape (spans, draws) as (months, draws)."""
        found = np.zeros((len(self.months), rows.shape[1]), dtype=np.int64)
        for row in self.spans:
            found[self.months.index(self.totals.spans[row][0])] += rows[row]
        return found

    def at_the_end(self, rows: Amounts) -> Amounts:
        """Amounts that stand at the end of each row, such as a balance: by month, its last row's."""
        found = np.zeros((len(self.months), rows.shape[1]), dtype=np.int64)
        for row in self.spans:
            found[self.months.index(self.totals.spans[row][0])] = rows[row]
        return found


def parts(run: Run) -> tuple[Part, ...]:
    """All plans together, and then each by itself where there are several."""
    totals, each = run.totals, plan_parts(run)
    return each if len(each) == 1 else (Part(totals, ALL_PLANS, tuple(range(len(totals.spans)))), *each)


def plan_parts(run: Run) -> tuple[Part, ...]:
    """Each plan by itself, in the order in which they were in force."""
    totals = run.totals
    plans = list(dict.fromkeys(phase.terms.plan.id for phase in run.ledger.phases))
    plans += [plan for _, plan in totals.spans if plan not in plans]
    found = [
        Part(totals, plan, tuple(row for row, span in enumerate(totals.spans) if span[1] == plan)) for plan in plans
    ]
    return tuple(part for part in found if part.spans)


def measured(part: Part) -> Measured:
    """What is measured of a part of a run's totals."""
    totals = part.totals
    invoiced = part.by_month(totals.invoiced)
    found = [summed(name, part.by_month(totals.charges[name])) for name in COLUMNS]
    found += [summed("invoiced", invoiced), Measure("invoiced_so_far", np.cumsum(invoiced, axis=0), None)]
    billed, *others = ("billed", "demand", "unavailable", "included", *BLOCKED)
    found.append(in_cents("usage_billed", part.by_month(totals.amount(billed))))
    found.append(in_cents("blocked", part.by_month(totals.blocked)))
    found += [in_cents(name, part.by_month(totals.amount(name))) for name in others]
    found.append(in_cents("credits_lapsed", part.by_month(totals.lapsed)))
    balance = in_cents("credit_balance", part.at_the_end(totals.balances))
    found.append(Measure(balance.key, balance.by_month, None))
    return Measured(part.plan, part.months, tuple(found), part.counterfactual)


def risks(run: Run, budget: int | None) -> list[Risk]:
    """What may happen: beyond the budget, and what stops usage, on all plans together and on each."""
    found: list[Risk] = []
    for number, part in enumerate(parts(run)):
        flag = any(part.counterfactual)
        if budget is not None and not number:
            so_far = np.cumsum(part.by_month(run.totals.invoiced), axis=0)
            found.append(budget_risk(part.plan, part.months, so_far, budget, counterfactual=flag))
        blocked = {name: part.by_month(run.totals.amount(name)) for name in BLOCKED}
        found += stopping_risks(part.plan, part.months, blocked, counterfactual=flag)
    return found


def _sum(rows: Callable[[LedgerTotals], Amounts]) -> Callable[[Run], list[int]]:
    return lambda run: by_draw(np.stack([part.by_month(rows(run.totals)).sum(axis=0) for part in plan_parts(run)]))


def _charge(name: str) -> Callable[[LedgerTotals], Amounts]:
    return lambda totals: totals.charges[name]


def _amount(name: str) -> Callable[[LedgerTotals], Amounts]:
    return lambda totals: totals.amount(name)


DRAWS: Final = Table(
    "draws",
    "a draw, on a plan",
    (
        Column(
            "plan",
            Kind.TEXT,
            "Id of the plan in force",
            lambda run: _of_plans(run, [one.plan for one in plan_parts(run)]),
        ),
        *(replace(MONTHS.column(name), value=_sum(_charge(name))) for name in COLUMNS if name != "usage_invoiced"),
        Column(
            "usage_invoiced", Kind.CENTS, "Usage invoiced in arrears (Rulebook A1, A3)", _sum(_charge("usage_invoiced"))
        ),
        Column("invoiced", Kind.CENTS, "The sum of the four before", _sum(lambda totals: totals.invoiced)),
        *(replace(MEMBERS.column(name), value=_sum(_amount(name))) for name in AMOUNTS),
        Column(
            "credit_balance",
            Kind.NANO,
            "Credits left at the end of the plan's last month",
            lambda run: by_draw(np.stack([part.at_the_end(run.totals.balances)[-1] for part in plan_parts(run)])),
        ),
        Column(
            "stopped_by_own_limit",
            Kind.COUNT,
            "Members whom their own limit stopped, added up over the months",
            _sum(lambda totals: totals.limited),
        ),
        replace(OF_PLAN, value=lambda run: _of_plans(run, [any(one.counterfactual) for one in plan_parts(run)])),
        Column(
            "credits_lapsed", Kind.NANO, "Credits gone unused (Rulebook C3, C4)", _sum(lambda totals: totals.lapsed)
        ),
    ),
    draw=lambda run: [draw for draw in range(run.totals.draws) for _ in plan_parts(run)],
)
"""Computed from a run: draw after draw, each plan in the order in which they were in force."""


def _of_plans(run: Run, values: list[object]) -> list[object]:
    return values * run.totals.draws
