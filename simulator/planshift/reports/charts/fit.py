"""The picture of a fit: a file and what is generated in its place, in five panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planshift.reports.charts import styles
from planshift.reports.charts.chart import Axis, Chart, Entry, Line, Panel, Rule
from planshift.reports.charts.styles import Look, percent_tick, plain_tick
from planshift.reports.charts.usage import LOOKS, Columns, Curve, Days, lorenz, usage_days, week
from planshift.reports.words import counted
from planshift.usage.fit.fitting import Fit
from planshift.usage.fit.quality import LAGS, Floats, Quality

_BINS = 36
_TAIL = 0.002
_SHOWN = 2
_REAL, _MADE = Look(edge="#222222", width=1.1), Look(edge="#0072B2", width=1.6, dash=(9.6, 3.2))
_DRAWS = Look("#C9E2F5", "#5E9CC7", width=0.5)
FILE, MADE = "The file", "Generated"


def fit_chart(fit: Fit, found: Quality, warnings: tuple[str, ...]) -> Chart:
    """The file beside what is generated in its place, in five panels; below them the gravest warnings."""
    shares = tuple(float(share) for share in np.linspace(0, 1, len(found.real.held)))
    both = ((FILE, found.real), (MADE, found.generated))
    curves = tuple(Curve(name, shares, _plain(look.held)) for name, look in both)
    weeks = tuple(Columns(name, _plain(look.week)) for name, look in both)
    daily, middle, low, high = map(_plain, (found.daily, found.middle, found.low, found.high))
    totals = usage_days(
        Days(found.start, daily, middle, low, high), "Total of a day, US dollars", (_REAL, _MADE, _DRAWS)
    )
    prices = f"List prices of {fit.panel.start}; generated: {counted(found.draws, 'draw')} of the fitted scenario."
    more = f"… and {counted(len(warnings) - _SHOWN, 'more warning')}." if len(warnings) > _SHOWN else ""
    return Chart(
        title=f"{fit.panel.path.name} and what the fit generates in its place",
        footnotes=(prices, *warnings[:_SHOWN], more),
        alt=(
            f"Five charts lay {fit.panel.path.name} beside generated usage: members' days (KS distance"
            f" {found.ks:.3f}), Lorenz curves of members (gap {found.lorenz_gap:.3f}), the week, correlation in time,"
            " and the total of each day."
        ),
        panels=(
            (
                _density(found),
                lorenz(curves, "Members, least usage first", "Share of all usage", looks=(_REAL, _MADE)),
                week(weeks, "Total over the mean weekday", said=False),
            ),
            (replace(_correlations(found), share=0.38), replace(totals, share=0.62)),
        ),
        key=(
            Entry(FILE, _REAL, line=True),
            Entry(MADE, _MADE, line=True),
            Entry("Generated, 8 of 10 draws", _DRAWS),
            Entry(f"{FILE}, by weekday", LOOKS[0]),
            Entry(f"{MADE}, by weekday", LOOKS[1]),
        ),
        heights=(0.54, 0.46),
    )


def _density(found: Quality) -> Panel:
    """Shares of the file's and of the generated active days, by equal steps of the logarithm of what they cost."""
    both = np.concatenate([found.real.volumes, found.generated.volumes])
    low, high = np.quantile(both, [_TAIL, 1 - _TAIL])
    edges = np.geomspace(low / 1.05, high * 1.05, _BINS + 1)
    corners = np.repeat(edges, 2)[1:-1].tolist()
    lines = []
    for look, drawn in ((found.real, _REAL), (found.generated, _MADE)):
        shares = np.histogram(look.volumes, edges)[0] / len(look.volumes)
        lines.append(Line(tuple(zip(corners, np.repeat(shares, 2).tolist(), strict=True)), drawn))
    across = Axis("A member's active day, US dollars", text=plain_tick, log=True, count=5, low=edges[0], high=edges[-1])
    return Panel(tuple(lines), across, Axis("Share of active days", text=percent_tick, least=0.01, count=5))


def _correlations(found: Quality) -> Panel:
    """Correlations of a member's days by the days between them; those that are not known stay gaps."""
    looks = ((found.real, replace(_REAL, marker="o")), (found.generated, replace(_MADE, marker="s")))
    lines = [Line(tuple(enumerate(look.correlations.tolist())), drawn) for look, drawn in looks]
    values = Axis("Correlation of a member's days", text=plain_tick, least=0.01, count=5)
    names = Axis("Days apart", names=tuple(f"{lag}" for lag in LAGS))
    return Panel((Rule(0, styles.ZERO), *lines), names, values)


def _plain(values: Floats) -> tuple[float, ...]:
    """Values for a chart; what is not known is 0."""
    return tuple(np.nan_to_num(np.asarray(values, dtype=np.float64)).tolist())
