"""The result of an import: canonical rows, and a summary that accounts for every row read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from planshift.usage.formats.comparison import compare
from planshift.usage.formats.priced import UnknownModel
from planshift.usage.formats.ranges import say_ranges
from planshift.usage.formats.reading import Reading, said

if TYPE_CHECKING:
    import pandas as pd

    from planshift.plans.rates import RateCard
    from planshift.usage.daily import DailyUsage


@dataclass(frozen=True)
class Days:
    """The days of usage: the first, the last, and how many have some."""

    first: date
    last: date
    count: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import read, and what became of it.

    ``rows_read == rows_kept + merged + Σ dropped``: kept rows are those whose usage is in the result, merged ones were
    given again, dropped ones were left out for a reason. ``rows_written`` is the length of the result, where rows of
    equal key are one and a total of several days is several. ``list_cost`` is what the result costs on the rate card;
    ``reported_cost`` what the export says of its rows, and ``difference`` the list cost of just those rows less that.
    Costs are US dollars.
    """

    format: str
    rows_read: int
    rows_kept: int
    rows_written: int
    merged: int
    dropped: tuple[tuple[str, int], ...]
    unknown_models: Mapping[str, UnknownModel]
    days: Days | None
    members: int
    list_cost: Decimal
    reported_cost: Decimal | None
    difference: Decimal | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ImportResult:
    """The usage of an import day by day, and the summary."""

    usage: DailyUsage
    summary: ImportSummary

    @property
    def rows(self) -> pd.DataFrame:
        """Rows in canonical columns with ``modifiers``, sorted by date, user, surface, model and modifiers."""
        return self.usage.frame


def result_of(
    name: str, reading: Reading, usage: DailyUsage, unknown: Mapping[str, UnknownModel], card: RateCard
) -> ImportResult:
    """The result of a reading whose entries are ``usage``."""
    totals = usage.totals(card)
    say_ranges(reading, totals.cost, card)
    compared = compare(reading, usage, totals, card)
    if not totals.rows:
        reading.warned["Nothing is left to import: no row has usage on the days asked for."] += 1
    summary = ImportSummary(
        format=name,
        rows_read=reading.rows_read,
        rows_kept=len(reading.entries),
        rows_written=totals.rows,
        merged=reading.merged,
        dropped=tuple((reason, count) for reason, count in reading.dropped.items() if count),
        unknown_models=unknown,
        days=Days(totals.days[0], totals.days[-1], len(totals.days)) if totals.rows else None,
        members=len(usage.users),
        list_cost=totals.cost,
        reported_cost=compared.reported if compared else None,
        difference=compared.difference if compared else None,
        assumptions=said(reading.assumed),
        warnings=said(reading.warned),
    )
    return ImportResult(usage, summary)
