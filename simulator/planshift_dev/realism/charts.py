"""The pictures of realism: who has how much, the week, the days before, and an organization's months by its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from planshift.reports.charts.lags import Lags, LagSeries
from planshift.reports.charts.lorenz import Curve, Holding, Lorenz
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.spreads import PublishedLine, Spreads, SpreadSeries
from planshift.reports.charts.weekdays import Week, Weekdays
from planshift.reports.words import listed
from planshift.usage.statistics import autocorrelation, lorenz, weekday_profile
from planshift_dev.realism.held import groups
from planshift_dev.realism.measures import MEASURES, Users
from planshift_dev.realism.targets import Pictures, Series

Crowds = Mapping[str, Sequence[Users]]

POINTS = 201
FOOTNOTE = "Generated usage beside published figures; where each comes from, and what is not known, says realism.md."


def realism_charts(pictures: Pictures, crowds: Crowds) -> dict[str, Chart]:
    """Every picture by its name, which is that of the topic it belongs to."""
    return {
        "lorenz": lorenz_chart(pictures, crowds),
        "week": week_chart(pictures, crowds),
        "autocorrelation": lags_chart(pictures, crowds),
        "spread": spread_chart(pictures, crowds),
    }


def lorenz_chart(pictures: Pictures, crowds: Crowds) -> Lorenz:
    """The Lorenz curves of generated users, and published points."""
    at = np.linspace(0, 1, POINTS)
    curves = []
    for series in pictures.lorenz:
        totals = np.concatenate([users.totals for users in _shown(series, crowds)])
        curves.append(Curve(series.name, tuple(at.tolist()), tuple(lorenz(totals, at).tolist())))
    tenth = [f"{curve.name} {_percent(1 - float(np.interp(0.9, curve.users, curve.held)))}" for curve in curves]
    said = [f"{point.name} {_percent(point.held)}" for point in pictures.points]
    return Lorenz(
        title="Few users have most of it: Lorenz curves of spend, generated, and what is published",
        footnotes=(FOOTNOTE,),
        alt=f"Lorenz curves of generated users. Of all spend the top 10 % have: {listed(tenth)}. Published points:"
        f" {listed(said)}.",
        users="Users, those with the least spend first",
        held="Their share of all spend",
        curves=tuple(curves),
        points=tuple(
            Holding(f"{point.name}: {_percent(point.held)}", point.top, point.held) for point in pictures.points
        ),
    )


def week_chart(pictures: Pictures, crowds: Crowds) -> Weekdays:
    """The week, generated and published side by side."""
    weeks = []
    for series in pictures.week:
        values = series.values
        if series.of:
            profiles = [weekday_profile(users.spend, users.start) for users in crowds[series.of]]
            values = tuple(np.mean(profiles, axis=0).tolist())
        weeks.append(Week(series.name, values))
    said = [f"{week.name} {', '.join(f'{value:.2f}' for value in week.values)}" for week in weeks]
    return Weekdays(
        title="The week: coding rests at weekends more than chat does",
        footnotes=(FOOTNOTE,),
        alt=f"Columns of the volume of each weekday over the mean of the seven, Monday first: {'; '.join(said)}.",
        unit="Volume, mean of the seven days = 1",
        weeks=tuple(weeks),
    )


def lags_chart(pictures: Pictures, crowds: Crowds) -> Lags:
    """Autocorrelation by lag: means of groups of generated users, and what was measured."""
    found = []
    for series in pictures.autocorrelation:
        values = series.values
        if series.of:
            some = groups(_shown(series, crowds), series.users or 1)
            values = tuple(np.mean([autocorrelation(users.spend, pictures.lags) for users in some], axis=0).tolist())
        found.append(LagSeries(series.name, pictures.lags, values, measured=not series.of))
    said = [f"{one.name} {', '.join(f'{value:.2f}' for value in one.values)}" for one in found]
    return Lags(
        title="Days resemble the days before them: autocorrelation of a user's active days",
        footnotes=(FOOTNOTE,),
        alt=f"Lines and marks of the correlation {listed(map(str, pictures.lags))} days apart: {'; '.join(said)}.",
        lag_unit="Days apart",
        unit="Correlation of normal scores",
        series=tuple(found),
    )


def spread_chart(pictures: Pictures, crowds: Crowds) -> Spreads:
    """The spread of an organization's months by the number of its members."""
    measure = MEASURES["month_change_sd"]
    series = tuple(
        SpreadSeries(
            one.name,
            tuple(
                float(np.mean([measure(users) for users in groups(crowds[one.of], size)])) for size in pictures.sizes
            ),
        )
        for one in pictures.spread
    )
    sizes = [f"{size:,} members" for size in pictures.sizes]
    said = [f"{one.name} {', '.join(f'{value:.2f}' for value in one.values)}" for one in series]
    published = [f"{name} {value:.2f}" for name, value in pictures.published.items()]
    return Spreads(
        title="Small organizations vary more from month to month, large ones by what their members share",
        footnotes=(FOOTNOTE,),
        alt=f"Columns of the standard deviation of the logarithm of the change from month to month with"
        f" {listed(sizes)}: {'; '.join(said)}. Published: {listed(published)}.",
        sizes=tuple(sizes),
        unit="Standard deviation of the logarithm of the change",
        series=series,
        published=tuple(PublishedLine(name, value) for name, value in pictures.published.items()),
    )


def _shown(series: Series, crowds: Crowds) -> list[Users]:
    return [users.window(series.days) if series.days else users for users in crowds[series.of]]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
