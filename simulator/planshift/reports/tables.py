"""Tables as text: from a ledger to CSV files with stable columns and the same bytes for the same run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from planshift.billing.calendar import month_text, next_month
from planshift.billing.ledger import AMOUNTS, ORGANIZATION, Ledger
from planshift.billing.money import UNLIMITED, cents_text, nano_text
from planshift.reports.columns import ALERTS, DRAW, INVOICES, MEMBERS, MONTHS, STANDING, STOPS, Column, Kind, Table
from planshift.usage.cells import plain_cell

Values: TypeAlias = Mapping[str, Sequence[Any]]
"""A table's values by column: dates, text, whole numbers; amounts in whole cents or nano-dollars; None for nothing."""

_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_ZERO = nano_text(0)


def table_texts(ledger: Ledger) -> dict[str, str]:
    """The five tables of a run as CSV, by file name (``invoices.csv``); more than one draw gives a column ``draw``."""
    return {f"{table.name}.csv": csv_text(table, values) for table, values in run_values(ledger)}


def csv_text(table: Table, values: Values) -> str:
    """A table as CSV: a header, one line a row, every line ended by a line feed."""
    columns = (*([DRAW] if DRAW.name in values else []), *table.columns)
    cells = [cell_texts(column, values[column.name]) for column in columns]
    lines = [",".join(column.name for column in columns), *map(",".join, zip(*cells, strict=True)), ""]
    return "\n".join(lines)


def cell_texts(column: Column, values: Sequence[Any]) -> list[str]:
    """A column's values as its cells show them: quoted where CSV needs it, and no text that could be a formula."""
    if column.kind is Kind.NANO:
        return [_nano_text(value) for value in values] if any(values) else [_empty_or_zero(value) for value in values]
    if column.kind is Kind.COUNT:
        return ["" if value is None else str(value) for value in values]
    text = _TEXTS[column.kind]
    forms = {value: "" if value is None else text(value) for value in set(values)}
    return [forms[value] for value in values]


def cell_values(column: Column, values: Sequence[Any]) -> list[object]:
    """A column's values as JSON has them: dates and amounts as text, counts as numbers, None for nothing."""
    if column.kind is Kind.NANO:
        return [None if value is None else _nano_text(value) for value in values]
    if column.kind in (Kind.DAY, Kind.MONTH, Kind.CENTS):
        text = _TEXTS[column.kind]
        return [None if value is None else text(value) for value in values]
    return list(values)


def _quoted(text: str) -> str:
    text = plain_cell(text)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _nano_text(value: int | None) -> str:
    """What `nano_text` gives, several times as fast: a large run writes millions of these."""
    if not value:
        return _empty_or_zero(value)
    if value < 0:
        return nano_text(value)
    digits = str(value)
    return f"{digits[:-9]}.{digits[-9:]}" if len(digits) > 9 else f"0.{digits:0>9}"


def _empty_or_zero(value: int | None) -> str:
    return "" if value is None else _ZERO


_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.DAY: date.isoformat,
    Kind.MONTH: month_text,
    Kind.TEXT: _quoted,
    Kind.CENTS: cents_text,
    Kind.NUMBER: str,
    Kind.FLAG: lambda value: "yes" if value else "",
}


def run_values(ledger: Ledger) -> list[tuple[Table, Values]]:
    """The five tables of a run with their values, all draws of a table one below the other."""
    makers = ((INVOICES, invoices), (MEMBERS, members), (ALERTS, alerts), (STOPS, stops), (MONTHS, months))
    if ledger.draws == 1:
        return [(table, make(ledger, 0)) for table, make in makers]
    return [(table, stacked([make(ledger, draw) for draw in range(ledger.draws)])) for table, make in makers]


def stacked(drawn: Sequence[Values]) -> Values:
    """The values of draws from 0 on, one below the other, with the number of the draw."""
    lengths = [len(next(iter(values.values()))) for values in drawn]
    numbers = [draw for draw, length in enumerate(lengths) for _ in range(length)]
    return {
        DRAW.name: numbers,
        **{name: [value for values in drawn for value in values[name]] for name in drawn[0]},
    }


def invoices(ledger: Ledger, draw: int = 0) -> Values:
    """The values of invoices.csv."""
    lines = ledger.lines(draw)
    since = _counterfactual_since(ledger)
    return {
        "date": [line.day for line in lines],
        "plan": [line.plan for line in lines],
        "kind": [line.kind for line in lines],
        "line": [line.line for line in lines],
        "user_id": [line.user_id for line in lines],
        "seat_type": [line.seat_type for line in lines],
        "quantity": [line.quantity for line in lines],
        "amount": [line.cents for line in lines],
        "unit_price": [line.unit_price for line in lines],
        "description": [line.description for line in lines],
        "rule": [line.rule for line in lines],
        "counterfactual": [line.day >= since for line in lines],
    }


def members(ledger: Ledger, draw: int = 0) -> Values:
    """The values of members.csv: a row a month × plan × member, also for members who asked for nothing."""
    spans, people = ledger.spans(), ledger.members
    since = _counterfactual_since(ledger)
    amounts = {
        name: [value for span in spans for value in ledger.usage[span][number, draw].tolist()]
        for number, name in enumerate(AMOUNTS)
    }
    return {
        "month": [month for month, _ in spans for _ in people],
        "plan": [plan for _, plan in spans for _ in people],
        "user_id": [person for _ in spans for person in people],
        **amounts,
        "counterfactual": [flag for month, _ in spans for flag in [next_month(month) > since] for _ in people],
    }


def alerts(ledger: Ledger, draw: int = 0) -> Values:
    """The values of alerts.csv."""
    found = ledger.alerts(draw)
    return {
        "date": [alert.day for alert in found],
        "scope": [alert.scope for alert in found],
        "threshold": [alert.threshold for alert in found],
    }


def stops(ledger: Ledger, draw: int = 0) -> Values:
    """The values of stops.csv."""
    found = ledger.stops(draw)
    return {name: [getattr(stop, name) for stop in found] for name in STOPS.header}


def months(ledger: Ledger, draw: int = 0) -> Values:
    """The values of months.csv."""
    rows = ledger.months(draw)
    since = _counterfactual_since(ledger)
    values = {name: [getattr(row, name) for row in rows] for name in MONTHS.header if name != "counterfactual"}
    return {**values, "counterfactual": [next_month(row.month) > since for row in rows]}


def standing(ledger: Ledger, draw: int = 0) -> Values:
    """The values of standing.csv: the organization, and then every member, at the end of the run's last day (M1)."""
    state = ledger.standing
    spent = [int(value) for value in state.spent[draw]]
    spent = [sum(spent), *spent]
    limits = [_limit(value) for value in (state.organization_limit, *state.member_limits)]
    balance = None if state.balance is None else int(state.balance[draw])
    return {
        "scope": [ORGANIZATION, *ledger.members],
        "month_to_date": spent,
        "limit": limits,
        "left": [None if limit is None else max(0, limit - value) for limit, value in zip(limits, spent, strict=True)],
        "credit_balance": [balance, *([None] * len(ledger.members))],
    }


def standing_text(ledger: Ledger) -> str:
    """The table of where everybody stands, as CSV."""
    return csv_text(STANDING, standing(ledger))


def _limit(value: int) -> int | None:
    return None if value >= UNLIMITED else int(value)


def of_days(values: Values, column: str, first: date, end: date) -> Values:
    """The rows of a table whose day lies from ``first`` up to, not including, ``end``."""
    rows = [row for row, day in enumerate(values[column]) if first <= day < end]
    return {name: [cells[row] for row in rows] for name, cells in values.items()}


def _counterfactual_since(ledger: Ledger) -> date:
    return min((phase.since for phase in ledger.phases if phase.counterfactual), default=date.max)
