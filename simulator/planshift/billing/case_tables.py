"""What came out of a worked case, in the rows and sums that are compared with those worked by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from planshift.billing.calendar import month_text
from planshift.billing.ledger import AMOUNTS, Ledger
from planshift.billing.money import CENT, UNLIMITED, cents_text, nano, nano_text, short_text

Row: TypeAlias = tuple[str, ...]

NONE = nano_text(0)
_CHARGES = ("seat_fees", "seat_additions", "credit_purchases", "usage_invoiced", "invoiced")


def _text(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def dollars_text(amount: Decimal | int | str) -> str:
    """Dollars with nine decimals, as members.csv has them; words such as ``unlimited`` stay."""
    return amount if isinstance(amount, str) else nano_text(nano(amount))


def _invoice(row: Sequence[Any]) -> Row:
    return (*(_text(cell) for cell in row[:-1]), f"{Decimal(row[-1]):.2f}")


def _alert(row: Sequence[Any]) -> Row:
    return (*(_text(cell) for cell in row[:-1]), short_text(nano(row[-1])))


def _stop(row: Sequence[Any]) -> Row:
    return tuple(_text(cell) for cell in row)


def _member(row: Mapping[str, Any]) -> Row:
    return (row["month"], row["plan"], row["user_id"], *(dollars_text(row.get(name, 0)) for name in AMOUNTS))


def _invoices(ledger: Ledger) -> list[Row]:
    return [
        (
            line.day.isoformat(),
            line.plan,
            line.kind,
            str(line.line),
            line.user_id,
            line.seat_type,
            "" if line.quantity is None else str(line.quantity),
            cents_text(line.cents),
        )
        for line in ledger.lines()
    ]


def _members(ledger: Ledger) -> list[Row]:
    """The rows of members.csv that are not all zeros."""
    return [
        (month_text(month), plan, member, *amounts)
        for month, plan in ledger.spans()
        for number, member in enumerate(ledger.members)
        for amounts in [tuple(nano_text(amount) for amount in ledger.usage[month, plan][:, 0, number])]
        if any(amount != NONE for amount in amounts)
    ]


def _alerts(ledger: Ledger) -> list[Row]:
    return [(alert.day.isoformat(), alert.scope, alert.threshold) for alert in ledger.alerts()]


def _stops(ledger: Ledger) -> list[Row]:
    return [
        (stop.scope, stop.cause, stop.since.isoformat(), stop.until.isoformat() if stop.until else "", stop.resumed_by)
        for stop in ledger.stops()
    ]


TABLES: Mapping[str, tuple[Callable[[Any], Row], Callable[[Ledger], list[Row]]]] = {
    "invoices": (_invoice, _invoices),
    "members": (_member, _members),
    "alerts": (_alert, _alerts),
    "stops": (_stop, _stops),
}
"""For each table, what turns an expected row into a row, and what gives those of a ledger."""


def totals(ledger: Ledger) -> dict[str, str]:
    """Sums over the run: each amount of usage, each kind of charge, and the credits that expired."""
    months = ledger.months()
    sums = {name: ledger.total(name) for name in AMOUNTS}
    sums |= {name: sum(getattr(month, name) for month in months) * CENT for name in _CHARGES}
    sums["expired"] = int(ledger.expired[0])
    return {name: nano_text(amount) for name, amount in sums.items()}


def standing(ledger: Ledger) -> dict[tuple[str, str], str]:
    """Where things stand at the end (Rulebook M1): what was spent in the period and what limits leave, and credits."""
    now = ledger.standing
    found: dict[tuple[str, str], str] = {}
    for number, member in enumerate(ledger.members):
        spent = int(now.spent[0, number])
        found["spent", member] = nano_text(spent)
        found["left", member] = _left(int(now.member_limits[number]), spent)
    found["left", "organization"] = _left(now.organization_limit, int(now.spent[0].sum()))
    found["credits", ""] = "none" if now.balance is None else nano_text(int(now.balance[0]))
    return found


def _left(limit: int, spent: int) -> str:
    return "unlimited" if limit == UNLIMITED else nano_text(max(limit - spent, 0))


def in_words(row: Row | None) -> str:
    """A row for a message."""
    if row is None:
        return "no more rows"
    return "[" + ", ".join(cell or "''" for cell in row if cell != NONE) + "]"
