"""The engine's tables for a drawn scenario, in the form of the slow biller's."""

import csv
from pathlib import Path
from typing import Any

from planshift.billing.ledger import Ledger
from planshift.billing.money import cents_text, nano_text
from planshift.billing.scenario import Scenario, scenario_from
from planshift.billing.schedule import month_text
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import Catalogue
from planshift.plans.documents import Document
from planshift.plans.schemas import problems
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
        "months": [_month(row) for row in ledger.months(draw)],
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


def _month(row: Any) -> tuple[str, ...]:
    charges = (row.seat_fees, row.seat_additions, row.credit_purchases, row.usage_invoiced, row.invoiced)
    exact = (row.usage_billed, row.blocked, row.credit_balance)
    texts = (*map(cents_text, charges), *map(nano_text, exact), str(row.active_members), nano_text(row.credits_lapsed))
    return (month_text(row.month), row.plan, *texts)
