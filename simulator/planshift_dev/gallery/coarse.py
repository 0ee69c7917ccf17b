"""How far the coarse way of a forecast is from the daily one on a portfolio: a table and a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from planshift.billing.schedule import month_text
from planshift.forecasting.coarse.error import CoarseError
from planshift.forecasting.forecasting import forecast
from planshift.forecasting.result import MEASURES, Cents, Forecast
from planshift.impact.spread import spread
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import shown_path
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.portfolio import Portfolio
from planshift.reports.forecast.columns import TOTAL
from planshift.reports.forecast.cube import FIVE, SUMMED, Summed
from planshift.reports.forecast.tables import columns_of
from planshift.reports.table import Column, Kind, Table, csv_text
from planshift.reports.words import counted, listed, usd

PAGE, TABLE = "coarse.md", "coarse.csv"
REVENUE = "recognised"
_STATISTICS = ("mean", "p10", "p50", "p90")
_SURE = 1.96
"""So many standard errors either way: nineteen times in twenty, chance alone moves a mean by less."""
_SMALL = 0.01
"""What is less than this share of the largest is in the table alone: a small amount is off by much and means little."""
_PARTS = ("recognised_seats", "recognised_credits", "recognised_usage", "included", "stopped")

COARSE: Final = Table(
    "coarse",
    "a measure, over the horizon or in a month, by the daily and by the coarse way",
    (
        Column("measure", Kind.TEXT, "What is measured"),
        Column("title", Kind.TEXT, "The measure in words"),
        Column("period", Kind.TEXT, "total, or the month"),
        *(Column(f"daily_{name}", Kind.CENTS, f"The {name} over the draws, day by day") for name in _STATISTICS),
        *(Column(f"coarse_{name}", Kind.CENTS, f"The {name} over the draws, the coarse way") for name in _STATISTICS),
        *(Column(f"off_{name}", Kind.NUMBER, "The difference, per cent of the daily one") for name in _STATISTICS),
        Column("chance", Kind.NUMBER, "By so many per cent chance alone may move the mean: 1.96 standard errors"),
    ),
)


@dataclass(frozen=True)
class _Off:
    """A measure both ways; ``chance``: what chance alone may make of its mean, a share of the daily one."""

    summed: Summed
    error: CoarseError
    chance: float | None

    def off(self, statistic: str) -> float:
        """The difference as a share of the daily one; none of nothing."""
        return self.error.relative(statistic) or 0.0

    def per_cent(self, statistic: str) -> str:
        """``-1.2``, or nothing where there is nothing to be off from."""
        share = self.error.relative(statistic)
        # Zero has no sign.
        return "" if share is None else f"{round(100 * share, 1) + 0.0:.1f}"

    def said(self, statistic: str) -> str:
        """``+1.2``: the same with its sign."""
        text = self.per_cent(statistic)
        signed = text if text in ("", "0.0") or text.startswith("-") else f"+{text}"
        return signed.replace("-", "−")

    @property
    def same(self) -> bool:
        """Are they the same in every statistic?"""
        return self.error.daily == self.error.coarse

    @property
    def said_chance(self) -> str:
        """The chance in per cent."""
        return "" if self.chance is None else f"{100 * self.chance:.1f}"


def coarse_files(path: Path, draws: int) -> dict[str, str]:
    """The table and the page of a portfolio's file, by name: its first scenario, in so many draws either way."""
    portfolio = read_portfolio(path, load_catalogue())
    daily, coarse = (forecast(portfolio, draws=draws, coarse=coarsely) for coarsely in (False, True))
    found = list(_all(daily, coarse))
    return {TABLE: csv_text(COARSE, columns_of(COARSE, map(_row, found))), PAGE: _page(path, portfolio, daily, found)}


def _all(daily: Forecast, coarse: Forecast) -> Iterator[_Off]:
    """Every measure over the horizon, and in its months."""
    for one in (*SUMMED, *_parts()):
        both = [found.total(*one.measures) for found in (daily, coarse)]
        whole = [months[-1] if one.stands else months.sum(axis=0) for months in both]
        yield _off(one, None, whole)
        for place, month in enumerate(daily.months):
            yield _off(one, month, [months[place] for months in both])


def _parts() -> Iterator[Summed]:
    for measure in MEASURES:
        if measure.name in _PARTS:
            yield Summed(measure.name, measure.title, (measure.name,))


def _off(one: Summed, month: date | None, both: Sequence[Cents]) -> _Off:
    daily, coarse = both
    error = CoarseError(one.key, month, spread(daily), spread(coarse))
    # Both ways share growth, prices and renewals draw by draw: the differences vary less than the amounts do.
    apart = float(np.std(coarse - daily, ddof=1)) / len(daily) ** 0.5
    return _Off(one, error, _SURE * apart / abs(error.daily.mean) if error.daily.mean else None)


def _row(one: _Off) -> tuple[object, ...]:
    error = one.error
    return (
        error.measure,
        one.summed.title,
        month_text(error.month) if error.month else TOTAL,
        *(getattr(error.daily, name) for name in _STATISTICS),
        *(getattr(error.coarse, name) for name in _STATISTICS),
        *(one.per_cent(name) for name in _STATISTICS),
        one.said_chance,
    )


def _page(path: Path, portfolio: Portfolio, daily: Forecast, found: Sequence[_Off]) -> str:
    whole = [one for one in found if one.error.month is None]
    least = _SMALL * max(one.error.daily.mean for one in whole)
    same = [one.summed.title for one in whole if one.same]
    shown = [one for one in whole if not one.same and one.error.daily.mean >= least]
    percentiles = "P10, P50 and P90 are single draws: chance moves them by more than the mean."
    parts = (
        "# The coarse way beside the daily one",
        "<!-- Generated: make gallery -->",
        "`planshift forecast --coarse` takes members by persona and month from reference members that were drawn and"
        " billed day by day; an organization's limits and credits it applies by month. Its time does not grow with the"
        " number of members, and it is not exact. This is how far it is from the daily way on"
        f" [{portfolio.title}](../../../{shown_path(path)}) ({daily.title}):"
        f" {counted(len(portfolio.accounts), 'account')}, {counted(len(daily.months), 'month')},"
        f" {counted(daily.draws, 'draw')} either way. Growth, prices and renewals are the same draw by draw; usage is"
        " drawn anew.",
        _verdict(found),
        "\n".join(_table(shown)),
        f"{percentiles} To the cent the same: {listed(same)}." if same else percentiles,
        f"[{TABLE}]({TABLE}) has every measure in every month, and small amounts, which are off by more.",
    )
    return "\n\n".join(parts) + "\n"


def _verdict(found: Sequence[_Off]) -> str:
    """How far the revenue is off, and the mean that is off most in a month."""
    recognised, *by_month = (one for one in found if one.summed.key == REVENUE)
    months = [one for one in found if one.error.month and one.summed.key in FIVE]
    revenue, any_measure = (max(among, key=lambda one: abs(one.off("mean"))) for among in (by_month, months))
    p10, p50, p90 = (recognised.said(name) for name in _STATISTICS[1:])
    return (
        f"**Recognised revenue over the horizon is off by {recognised.said('mean')} % in the mean**, of which"
        f" ± {recognised.said_chance} % may be chance, and by {p10} % in P10, {p50} % in P50 and {p90} % in P90. In a"
        f" single month its mean is off by {revenue.said('mean')} % at most ({_month(revenue)}); of the five"
        f" measures the mean that is off most is “{any_measure.summed.title}” in {_month(any_measure)}, by"
        f" {any_measure.said('mean')} % (± {any_measure.said_chance} % may be chance)."
    )


def _month(one: _Off) -> str:
    assert one.error.month is not None
    return month_text(one.error.month)


def _table(shown: Sequence[_Off]) -> Iterator[str]:
    yield "| over the horizon | daily mean, USD | coarse mean, USD | mean, % | chance, ± % | P10, % | P50, % | P90, % |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for one in shown:
        cells = [usd(one.error.daily.mean), usd(one.error.coarse.mean), one.said("mean"), one.said_chance]
        cells += [one.said(name) for name in _STATISTICS[1:]]
        yield f"| {one.summed.title} | {' | '.join(cells)} |"
