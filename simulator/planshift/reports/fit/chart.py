"""The picture of a fit, from its quality and words."""

from __future__ import annotations

import numpy as np

from planshift.reports.charts.fit_panels import Correlations, Density, FitPanels, FitWords, Totals
from planshift.reports.charts.lorenz import Curve
from planshift.reports.charts.weekdays import Week
from planshift.reports.words import counted
from planshift.usage.fit.fitting import Fit
from planshift.usage.fit.quality import LAGS, Floats, Quality

_BINS = 36
_TAIL = 0.002
_SHOWN = 2


def fit_chart(fit: Fit, found: Quality, warnings: tuple[str, ...]) -> FitPanels:
    """The file and what is generated in its place; the gravest warnings below it."""
    file, made = "The file", "Generated"
    shares = tuple(float(share) for share in np.linspace(0, 1, len(found.real.held)))
    curves = (
        Curve(file, shares, _plain(found.real.held)),
        Curve(made, shares, _plain(found.generated.held)),
    )
    prices = f"List prices of {fit.panel.start}; generated: {counted(found.draws, 'draw')} of the fitted scenario."
    more = f"… and {counted(len(warnings) - _SHOWN, 'more warning')}." if len(warnings) > _SHOWN else ""
    return FitPanels(
        title=f"{fit.panel.path.name} and what the fit generates in its place",
        footnotes=(prices, *warnings[:_SHOWN], more),
        alt=(
            f"Five charts lay {fit.panel.path.name} beside generated usage: members' days (KS distance"
            f" {found.ks:.3f}), Lorenz curves of members (gap {found.lorenz_gap:.3f}), the week, correlation in time,"
            " and the total of each day."
        ),
        words=FitWords(
            real=file,
            made=made,
            band="Generated, 8 of 10 draws",
            volumes="A member's active day, US dollars",
            days="Share of active days",
            users="Members, least usage first",
            held="Share of all usage",
            week="Total over the mean weekday",
            lags="Days apart",
            correlation="Correlation of a member's days",
            totals="Total of a day, US dollars",
        ),
        density=_density(found),
        curves=curves,
        weeks=(Week(file, _plain(found.real.week)), Week(made, _plain(found.generated.week))),
        correlations=Correlations(LAGS, _gaps(found.real.correlations), _gaps(found.generated.correlations)),
        totals=Totals(found.start, *map(_plain, (found.daily, found.middle, found.low, found.high))),
    )


def _density(found: Quality) -> Density:
    """Shares of the file's and of the generated active days, by equal steps of the logarithm."""
    both = np.concatenate([found.real.volumes, found.generated.volumes])
    low, high = np.quantile(both, [_TAIL, 1 - _TAIL])
    edges = np.geomspace(low / 1.05, high * 1.05, _BINS + 1)
    shares = [np.histogram(look.volumes, edges)[0] / len(look.volumes) for look in (found.real, found.generated)]
    return Density(_plain(edges), *map(_plain, shares))


def _plain(values: Floats) -> tuple[float, ...]:
    """Values for a chart; what is not known is 0."""
    return tuple(np.nan_to_num(np.asarray(values, dtype=np.float64)).tolist())


def _gaps(values: Floats) -> tuple[float, ...]:
    """Values of which those that are not known stay gaps."""
    return tuple(values.tolist())
