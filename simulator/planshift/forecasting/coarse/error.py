"""How far a coarse forecast is from the daily one: the same portfolio both ways, in as many draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from planshift.forecasting.backends import Backend
from planshift.forecasting.forecasting import Progress, forecast
from planshift.forecasting.result import FLOW, MEASURES, Forecast
from planshift.impact.spread import Spread, spread
from planshift.portfolio.portfolio import Portfolio


@dataclass(frozen=True)
class CoarseError:
    """A measure both ways, cents (counts for counts), over all accounts.

    ``month`` None: over the whole horizon, and at its end for what stands at a month's end. The draws of either way are
    a sample: with few of them a part of the difference is chance.
    """

    measure: str
    month: date | None
    daily: Spread
    coarse: Spread

    def relative(self, statistic: str) -> float | None:
        """The difference in ``mean``, ``p10``, ``p50`` or ``p90`` as a share of the daily one; None of nothing."""
        daily, coarse = (int(getattr(one, statistic)) for one in (self.daily, self.coarse))
        if daily == coarse:
            return 0.0
        return (coarse - daily) / abs(daily) if daily else None


def error_of_coarse(
    portfolio: Portfolio,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scenario: str | None = None,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> list[CoarseError]:
    """Every measure of a portfolio both ways: over the horizon, then month by month.

    See `planshift.forecasting.forecasting.forecast`; growth, prices and renewals are the same draw by draw.
    """
    daily, coarse = (
        forecast(
            portfolio,
            draws=draws,
            seed=seed,
            scenario=scenario,
            backend=backend,
            jobs=jobs,
            coarse=coarsely,
            progress=progress,
        )
        for coarsely in (False, True)
    )
    return compared(daily, coarse)


def compared(daily: Forecast, coarse: Forecast) -> list[CoarseError]:
    """Every measure of two forecasts of the same months, over the horizon and month by month."""
    found = []
    for measure in MEASURES:
        both = [one.total(measure.name) for one in (daily, coarse)]
        whole = [months.sum(axis=0) if measure.kind == FLOW else months[-1] for months in both]
        found.append(CoarseError(measure.name, None, spread(whole[0]), spread(whole[1])))
        for number, month in enumerate(daily.months):
            found.append(CoarseError(measure.name, month, spread(both[0][number]), spread(both[1][number])))
    return found
