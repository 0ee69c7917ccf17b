"""The engine's tables for a drawn scenario, in the form of the slow biller's."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from planshift.billing.charges import KINDS
from planshift.billing.ledger import AMOUNTS, BLOCKED, Ledger
from planshift.billing.money import cents_text, nano_text
from planshift.billing.scenario import Scenario, scenario_from
from planshift.billing.schedule import month_text
from planshift.billing.simulation import simulate
from planshift.billing.totals import totals
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.schemas import problems
from planshift.reports.run_tables import MONTHS
from planshift.reports.table import cell_texts
from planshift.usage.cells import COUNTS, KEY_COLUMNS

Rows = list[tuple[str, ...]]


def as_scenario(data: dict[str, Any], rows: list[dict[str, Any]], catalogue: Catalogue, folder: Path) -> Scenario:
    """The scenario of parsed YAML; its usage rows are written to a file in ``folder`` first."""
    if "usage" in data:
        with (folder / data["usage"]["file"]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*KEY_COLUMNS, *COUNTS], restval=0, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    document = Document("drawn.yaml", data, {}, {})
    assert not problems(document, "scenario")
    return scenario_from(document, catalogue, folder)


def engine_tables(
    data: dict[str, Any],
    rows: list[dict[str, Any]],
    catalogue: Catalogue,
    folder: Path,
    *,
    counterfactual: bool = False,
) -> dict[str, Rows]:
    """Every table of a run."""
    run = simulate(as_scenario(data, rows, catalogue, folder), counterfactual=counterfactual)
    return tables_of(run.ledger)


def tables_of(ledger: Ledger, draw: int = 0) -> dict[str, Rows]:
    """The five tables of a draw of a ledger as rows of text."""
    return {
        "invoices": [_invoice(line) for line in ledger.lines(draw)],
        "members": _members(ledger, draw),
        "alerts": [(str(alert.day), alert.scope, alert.threshold) for alert in ledger.alerts(draw)],
        "stops": [
            (stop.scope, stop.cause, str(stop.since), str(stop.until or ""), stop.resumed_by)
            for stop in ledger.stops(draw)
        ],
        "months": _months(ledger, draw),
    }


def _invoice(line: Any) -> tuple[str, ...]:
    quantity = "" if line.quantity is None else str(line.quantity)
    who = (line.user_id, line.seat_type)
    return (str(line.day), line.plan, line.kind, str(line.line), *who, quantity, cents_text(line.cents))


def _members(ledger: Ledger, draw: int) -> Rows:
    return [
        (month_text(month), plan, member, *map(nano_text, ledger.usage[month, plan][:, draw, m].tolist()))
        for month, plan in ledger.spans()
        for m, member in enumerate(ledger.members)
    ]


def _months(ledger: Ledger, draw: int) -> Rows:
    """The rows of months.csv of a draw, without those that only other draws have and without the flag."""
    values = MONTHS.values(totals(ledger), drawn=True)
    columns = [cell_texts(MONTHS.column(name), values[name]) for name in MONTHS.header if name != "counterfactual"]
    rows = zip(values["draw"], zip(values["month"], values["plan"], strict=True), *columns, strict=True)
    charged = {(line.day.replace(day=1), line.plan) for line in ledger.lines(draw)}
    return [tuple(cells) for number, span, *cells in rows if number == draw and span in {*ledger.usage, *charged}]


@dataclass(frozen=True)
class MonthRow:
    """A month under a plan, in one draw: charges in cents, usage in nano-dollars."""

    month: date
    plan: str
    charges: dict[str, int]
    usage_billed: int
    blocked: int
    credit_balance: int
    active_members: int
    credits_lapsed: int


def months_of(ledger: Ledger, draw: int = 0) -> list[MonthRow]:
    """The months of a draw from its lines and its members' usage, one after the other: what totals must tell."""
    charged: dict[tuple[date, str], dict[str, int]] = {span: {} for span in ledger.usage}
    for line in ledger.lines(draw):
        sums = charged.setdefault((line.day.replace(day=1), line.plan), {})
        column = KINDS[line.kind].column
        sums[column] = sums.get(column, 0) + line.cents
    nothing = np.zeros((len(AMOUNTS), ledger.draws, len(ledger.members)), dtype=np.int64)
    lapsed = ledger.lapsed()
    rows = []
    for span in sorted(charged):
        used = {name: ledger.usage.get(span, nothing)[place, draw] for place, name in enumerate(AMOUNTS)}
        rows.append(
            MonthRow(
                *span,
                charges=charged[span],
                usage_billed=int(used["billed"].sum()),
                blocked=sum(int(used[name].sum()) for name in BLOCKED),
                credit_balance=int(ledger.balances[span][draw]) if span in ledger.balances else 0,
                active_members=sum(amount > 0 for amount in used["demand"].tolist()),
                credits_lapsed=int(lapsed[span][draw]) if span in lapsed else 0,
            )
        )
    return rows
