"""The pictures of realism: who has how much, the week, the days before, and an organization's months by its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planshift.reports.charts import styles
from planshift.reports.charts.chart import Axis, Chart, Entry, Line, Panel, Rule
from planshift.reports.charts.styles import Look, of_series, plain_tick
from planshift.reports.charts.usage import Columns, Curve, columns, columns_key, holding, lorenz, lorenz_key, week
from planshift.reports.words import listed
from planshift.usage.statistics import autocorrelation, weekday_profile
from planshift.usage.statistics import lorenz as lorenz_values
from planshift_dev.realism.held import groups
from planshift_dev.realism.measures import MEASURES, Users
from planshift_dev.realism.targets import Pictures, Series

Crowds = Mapping[str, Sequence[Users]]

POINTS = 201
FOOTNOTE = "Generated usage beside published figures; where each comes from, and what is not known, says realism.md."
_PUBLISHED = Look(edge="#D55E00", width=1.4, dash=(8.4, 2.8))


def realism_charts(pictures: Pictures, crowds: Crowds) -> dict[str, Chart]:
    """Every picture by its name, which is that of the topic it belongs to."""
    return {
        "lorenz": lorenz_chart(pictures, crowds),
        "week": week_chart(pictures, crowds),
        "autocorrelation": lags_chart(pictures, crowds),
        "spread": spread_chart(pictures, crowds),
    }


def lorenz_chart(pictures: Pictures, crowds: Crowds) -> Chart:
    """The Lorenz curves of generated users, and published points."""
    at = np.linspace(0, 1, POINTS)
    curves = []
    for series in pictures.lorenz:
        totals = np.concatenate([users.totals for users in _shown(series, crowds)])
        curves.append(Curve(series.name, tuple(at.tolist()), tuple(lorenz_values(totals, at).tolist())))
    tenth = [f"{curve.name} {_percent(1 - float(np.interp(0.9, curve.users, curve.held)))}" for curve in curves]
    said = [f"{point.name} {_percent(point.held)}" for point in pictures.points]
    points = [
        mark
        for point in pictures.points
        for mark in holding(f"{point.name}: {_percent(point.held)}", point.top, point.held)
    ]
    panel = lorenz(curves, "Users, those with the least spend first", "Their share of all spend", points=points)
    return Chart(
        title="Few users have most of it: Lorenz curves of spend, generated, and what is published",
        footnotes=(FOOTNOTE,),
        alt=f"Lorenz curves of generated users. Of all spend the top 10 % have: {listed(tenth)}. Published points:"
        f" {listed(said)}.",
        panels=((panel,),),
        key=lorenz_key(curves),
    )


def week_chart(pictures: Pictures, crowds: Crowds) -> Chart:
    """The week, generated and published side by side."""
    weeks = []
    for series in pictures.week:
        values = series.values
        if series.of:
            profiles = [weekday_profile(users.spend, users.start) for users in crowds[series.of]]
            values = tuple(np.mean(profiles, axis=0).tolist())
        weeks.append(Columns(series.name, values))
    said = [f"{one.name} {', '.join(f'{value:.2f}' for value in one.values)}" for one in weeks]
    return Chart(
        title="The week: coding rests at weekends more than chat does",
        footnotes=(FOOTNOTE,),
        alt=f"Columns of the volume of each weekday over the mean of the seven, Monday first: {'; '.join(said)}.",
        panels=((week(weeks, "Volume, mean of the seven days = 1"),),),
        key=columns_key(weeks),
    )


def lags_chart(pictures: Pictures, crowds: Crowds) -> Chart:
    """Autocorrelation by lag: means of groups of generated users as lines, and what was measured as marks."""
    key, lines, said = [], [], []
    for number, series in enumerate(pictures.autocorrelation):
        values, look = series.values, of_series(number)
        if series.of:
            some = groups(_shown(series, crowds), series.users or 1)
            values = tuple(np.mean([autocorrelation(users.spend, pictures.lags) for users in some], axis=0).tolist())
        else:
            look = replace(look, width=0, size=7.0, hollow=True)
        key.append(Entry(series.name, look, line=True))
        lines.append(Line(tuple(enumerate(values)), look))
        said.append(f"{series.name} {', '.join(f'{value:.2f}' for value in values)}")
    lags = Axis("Days apart", names=tuple(f"{lag}" for lag in pictures.lags))
    values_axis = Axis("Correlation of normal scores", text=plain_tick, least=0.01, span=0.1)
    return Chart(
        title="Days resemble the days before them: autocorrelation of a user's active days",
        footnotes=(FOOTNOTE,),
        alt=f"Lines and marks of the correlation {listed(map(str, pictures.lags))} days apart: {'; '.join(said)}.",
        panels=((Panel((Rule(0, styles.ZERO), *lines), lags, values_axis),),),
        key=tuple(key),
    )


def spreads(pictures: Pictures, crowds: Crowds) -> list[Columns]:
    """The spread of an organization's months by the number of its members, series by series."""
    measure = MEASURES["month_change_sd"]
    found = []
    for one in pictures.spread:
        means = (np.mean([measure(users) for users in groups(crowds[one.of], size)]) for size in pictures.sizes)
        found.append(Columns(one.name, tuple(map(float, means))))
    return found


def spread_chart(pictures: Pictures, crowds: Crowds) -> Chart:
    """The same as columns, with published values as lines across."""
    series = spreads(pictures, crowds)
    sizes = [f"{size:,} members" for size in pictures.sizes]
    said = [f"{one.name} {', '.join(f'{value:.2f}' for value in one.values)}" for one in series]
    published = [f"{name} {value:.2f}" for name, value in pictures.published.items()]
    panel = columns(series, sizes, "Standard deviation of the logarithm of the change", group=0.7)
    lines = [Rule(value, _PUBLISHED) for value in pictures.published.values()]
    return Chart(
        title="Small organizations vary more from month to month, large ones by what their members share",
        footnotes=(FOOTNOTE,),
        alt=f"Columns of the standard deviation of the logarithm of the change from month to month with"
        f" {listed(sizes)}: {'; '.join(said)}. Published: {listed(published)}.",
        panels=((replace(panel, marks=(*panel.marks, *lines)),),),
        key=(*columns_key(series), *(Entry(name, _PUBLISHED, line=True) for name in pictures.published)),
    )


def _shown(series: Series, crowds: Crowds) -> list[Users]:
    return [users.window(series.days) if series.days else users for users in crowds[series.of]]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
