"""What is in a portfolio: accounts, members and seats, by plan, by segment, and by when terms begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.calendar import month_text
from planshift.portfolio.cells import ABSENT
from planshift.portfolio.columns import seat_types
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.table import NOT_SAID, AccountTable, Ints


@dataclass(frozen=True)
class Count:
    """How many accounts, members and seats have a name in common."""

    name: str
    accounts: int
    members: int
    seats: int


@dataclass(frozen=True)
class Contents:
    """What is in a portfolio.

    ``later``: accounts whose contract begins in the horizon or after it; ``early``: those that move early; ``known``:
    those whose past spend is known.
    """

    total: Count
    plans: tuple[Count, ...]
    segments: tuple[Count, ...]
    regions: tuple[Count, ...]
    term_starts: tuple[Count, ...]
    later: int
    early: int
    known: int


def contents(portfolio: Portfolio) -> Contents:
    """What is in a portfolio; the names of each kind sorted."""
    table = portfolio.accounts
    members, seats = (_summed(table, column) for column in ("members", "seats"))
    starts = table.numbers["term_start"]
    months = [month_text(date.fromordinal(day)) for day in starts.tolist()]

    def by(names: Sequence[str]) -> tuple[Count, ...]:
        known, places = np.unique(np.array(names), return_inverse=True)
        sums = [np.bincount(places, weights=one, minlength=len(known)) for one in (members * 0 + 1, members, seats)]
        return tuple(Count(str(name), *(int(one[place]) for one in sums)) for place, name in enumerate(known.tolist()))

    def texts(column: str) -> list[str]:
        coded = table.texts[column]
        return [coded.names[code] or NOT_SAID for code in coded.codes.tolist()]

    return Contents(
        total=Count("all", len(table), int(members.sum()), int(seats.sum())),
        plans=by(texts("plan")),
        segments=by(texts("segment")),
        regions=by(texts("region")),
        term_starts=by(months),
        later=int((starts >= portfolio.start.toordinal()).sum()),
        early=_given(table, "migrate_on"),
        known=_given(table, "monthly_spend"),
    )


def _summed(table: AccountTable, column: str) -> Ints:
    total: Ints = np.zeros(len(table), dtype=np.int64)
    for seat in seat_types(table.catalogue.plans.values()):
        values = table.numbers.get(f"{column}_{seat}")
        if values is not None:
            total += np.maximum(values, 0)
    return total


def _given(table: AccountTable, column: str) -> int:
    values = table.numbers.get(column)
    return 0 if values is None else int((values != ABSENT).sum())
