"""Autocorrelation by lag: how much a day has in common with the days before it, generated and measured."""

from __future__ import annotations

from dataclasses import dataclass

from planshift.reports.charts.looks import LINE, of_series
from planshift.reports.charts.sheet import Sheet


@dataclass(frozen=True)
class LagSeries:
    """A series: its correlation at each lag; ``measured`` series are marks without a line."""

    name: str
    lags: tuple[int, ...]
    values: tuple[float, ...]
    measured: bool = False


@dataclass(frozen=True)
class Lags:
    """Series of correlations; the lags stand at even distances."""

    title: str
    footnotes: tuple[str, ...]
    alt: str
    lag_unit: str
    unit: str
    series: tuple[LagSeries, ...]

    def draw(self, sheet: Sheet) -> None:
        """Put lines and marks on the sheet."""
        from matplotlib.lines import Line2D

        looks = [
            {**of_series(number), "linestyle": "", "markerfacecolor": "white", "markersize": 7}
            if one.measured
            else of_series(number)
            for number, one in enumerate(self.series)
        ]
        sheet.key([Line2D([], [], label=one.name, **look) for one, look in zip(self.series, looks, strict=True)])
        lags = sorted({lag for one in self.series for lag in one.lags})
        axes = sheet.axes()
        for one, look in zip(self.series, looks, strict=True):
            axes.plot([lags.index(lag) for lag in one.lags], one.values, **look)
        axes.axhline(0, color=LINE, linewidth=0.8)
        axes.set_xticks(range(len(lags)), [f"{lag}" for lag in lags])
        axes.set_xlabel(self.lag_unit)
        axes.set_ylabel(self.unit)
        axes.set_xlim(-0.3, len(lags) - 0.7)
        sheet.fit(axes)
