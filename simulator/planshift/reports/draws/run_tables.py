"""A simulation in many draws as tables: every draw's months and totals, their spread, chances, the first in detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from planshift.billing.charges import COLUMNS
from planshift.billing.ledger import AMOUNTS, BLOCKED
from planshift.billing.simulation import Run
from planshift.billing.totals import LedgerTotals
from planshift.reports.draws.columns import SIMULATED_DRAWS
from planshift.reports.risk import CHANCES, Risk, budget_risk, stopping_risks
from planshift.reports.run_tables import ALERTS, INVOICES, MEMBERS, MONTHS, STOPS, draws_of
from planshift.reports.spread import ALL_PLANS, SUMMARY, Amounts, Measure, Measured, in_cents, summed
from planshift.reports.table import Table, Values

IN_DETAIL = (INVOICES.name, MEMBERS.name, ALERTS.name, STOPS.name)
"""The tables that hold the first draws alone."""


@dataclass(frozen=True)
class Part:
    """The rows of a tally that belong to a plan, or all of them; months that two plans share are added up."""

    tally: LedgerTotals
    plan: str
    spans: tuple[int, ...]

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The months of these rows, in order."""
        return tuple(sorted({self.tally.spans[row][0] for row in self.spans}))

    @cached_property
    def counterfactual(self) -> tuple[bool, ...]:
        """By month, does any of its rows run on past a plan's end?"""
        flags = dict.fromkeys(self.months, False)
        for row in self.spans:
            flags[self.tally.spans[row][0]] |= self.tally.counterfactual[row]
        return tuple(flags.values())

    def by_month(self, rows: Amounts) -> Amounts:
        """Amounts of shape (spans, draws) as (months, draws)."""
        found = np.zeros((len(self.months), rows.shape[1]), dtype=np.int64)
        for row in self.spans:
            found[self.months.index(self.tally.spans[row][0])] += rows[row]
        return found

    def at_the_end(self, rows: Amounts) -> Amounts:
        """Amounts that stand at the end of each row, such as a balance: by month, its last row's."""
        found = np.zeros((len(self.months), rows.shape[1]), dtype=np.int64)
        for row in self.spans:
            found[self.months.index(self.tally.spans[row][0])] = rows[row]
        return found


def parts(run: Run) -> tuple[Part, ...]:
    """All plans together, and then each by itself where there are several."""
    tally = run.totals
    plans = list(dict.fromkeys(phase.terms.plan.id for phase in run.ledger.phases))
    plans += [plan for _, plan in tally.spans if plan not in plans]
    each = [Part(tally, plan, tuple(row for row, span in enumerate(tally.spans) if span[1] == plan)) for plan in plans]
    each = [part for part in each if part.spans]
    return tuple(each) if len(each) == 1 else (Part(tally, ALL_PLANS, tuple(range(len(tally.spans)))), *each)


def measured(part: Part) -> Measured:
    """What is measured of a part of a tally."""
    tally = part.tally
    invoiced = part.by_month(tally.invoiced)
    found = [summed(name, part.by_month(tally.charges[name])) for name in COLUMNS]
    found += [summed("invoiced", invoiced), Measure("invoiced_so_far", np.cumsum(invoiced, axis=0), None)]
    billed, *others = ("billed", "demand", "unavailable", "included", *BLOCKED)
    found.append(in_cents("usage_billed", part.by_month(tally.amount(billed))))
    found.append(in_cents("blocked", part.by_month(_blocked(tally))))
    found += [in_cents(name, part.by_month(tally.amount(name))) for name in others]
    found.append(in_cents("credits_lapsed", part.by_month(tally.lapsed)))
    balance = in_cents("credit_balance", part.at_the_end(tally.balances))
    found.append(Measure(balance.key, balance.by_month, None))
    return Measured(part.plan, part.months, tuple(found), part.counterfactual)


def events(run: Run, budget: int | None) -> list[Risk]:
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


def run_values(run: Run, detail: int, budget: int | None) -> Iterator[tuple[Table, Values]]:
    """Every table with its values; ``detail``: so many draws are in detail."""
    ledger = run.ledger
    shown = draws_of(ledger, detail)
    yield SUMMARY, SUMMARY.values(measured(part) for part in parts(run))
    yield CHANCES, CHANCES.values(events(run, budget))
    yield MONTHS, months(run.totals)
    yield SIMULATED_DRAWS, draws(run)
    yield INVOICES, INVOICES.draws(shown)
    yield MEMBERS, MEMBERS.draws(shown)
    yield ALERTS, ALERTS.draws(shown)
    yield STOPS, STOPS.draws(shown)


def months(tally: LedgerTotals) -> Values:
    """The values of months.csv, draw after draw."""
    count = tally.draws
    arrays = {
        **tally.charges,
        "invoiced": tally.invoiced,
        "usage_billed": tally.amount("billed"),
        "blocked": _blocked(tally),
        "credit_balance": tally.balances,
        "active_members": tally.active,
        "credits_lapsed": tally.lapsed,
    }
    return {
        "draw": [draw for draw in range(count) for _ in tally.spans],
        "month": [month for month, _ in tally.spans] * count,
        "plan": [plan for _, plan in tally.spans] * count,
        **{name: by_draw(array) for name, array in arrays.items()},
        "counterfactual": list(tally.counterfactual) * count,
    }


def draws(run: Run) -> Values:
    """The values of draws.csv: draw after draw, each plan in the order in which they were in force."""
    tally, found = run.totals, [part for part in parts(run) if part.plan != ALL_PLANS]
    nanos = {name: tally.amount(name) for name in AMOUNTS}
    sums = {**tally.charges, "invoiced": tally.invoiced, **nanos, "stopped_by_own_limit": tally.limited}
    sums["credits_lapsed"] = tally.lapsed
    columns = {name: np.stack([part.by_month(rows).sum(axis=0) for part in found]) for name, rows in sums.items()}
    columns["credit_balance"] = np.stack([part.at_the_end(tally.balances)[-1] for part in found])
    return {
        "draw": [draw for draw in range(tally.draws) for _ in found],
        "plan": [part.plan for part in found] * tally.draws,
        **{name: by_draw(rows) for name, rows in columns.items()},
        "counterfactual": [any(part.counterfactual) for part in found] * tally.draws,
    }


def by_draw(rows: Amounts) -> list[int]:
    """Amounts of shape (rows, draws) as a column: all rows of draw 0, then those of draw 1 …"""
    column: list[int] = rows.T.ravel().tolist()
    return column


def _blocked(tally: LedgerTotals) -> Amounts:
    blocked: Amounts = np.sum([tally.amount(name) for name in BLOCKED], axis=0)
    return blocked
