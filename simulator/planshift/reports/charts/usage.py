"""Usage as charts: its days, its week, how few have most of it, and a file beside what was fitted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from planshift.billing.scenario import Scenario
from planshift.impact.spread import spreads
from planshift.reports.charts import styles
from planshift.reports.charts.chart import Area, Axis, Bar, Chart, Entry, Label, Line, Mark, Panel, Rule
from planshift.reports.charts.kinds import month_names
from planshift.reports.charts.styles import Look, of_series, percent_tick, plain_tick
from planshift.reports.scenario.personas import percent
from planshift.reports.scenario.sample import UsageSample
from planshift.reports.words import counted
from planshift.usage.synthetic.persona import Organization

if TYPE_CHECKING:
    from planshift.usage.fit.fitting import Fit
    from planshift.usage.fit.quality import Floats, Quality

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOOKS = (styles.NEW_SEATS, styles.OLD_SEATS, styles.NEW_USAGE, styles.OLD_USAGE)
"""Series of columns beside each other; what belongs together shares a hue and parts by its hatch."""
EVEN = "Everybody alike"
_EVEN = Look(edge=styles.LINE, dash=(0.8, 1.6))
_SHORT = 92
_POINTS = 101
_WEEK = 7
_NANO = 1e-9

_LINE = Look(edge="#0B4F7D", width=1.8)
_BAND = Look("#C6E2F5", "#0B4F7D", width=0.4)
_DAILY = Look(edge="#8A9099", width=0.7)


@dataclass(frozen=True)
class Curve:
    """A Lorenz curve: shares of users from 0 to 1, those with the least use first, and what they hold of the whole."""

    name: str
    users: tuple[float, ...]
    held: tuple[float, ...]


@dataclass(frozen=True)
class Columns:
    """A series of columns: a value for each category, such as seven weekdays, Monday first."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Days:
    """Totals of days from ``start`` on, US dollars: ``daily`` as one draw or a file has them; ``middle``, ``low`` and
    ``high`` of the draws. ``low`` and ``high`` are empty where there is one draw."""

    start: date
    daily: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def columns(
    series: Sequence[Columns], names: Sequence[str], unit: str, *, group: float = 0.8, said: bool = True
) -> Panel:
    """Series of columns side by side in groups; ``said``: each with its value."""
    thickness = group / len(series)
    marks: list[Mark] = []
    for number, (one, look) in enumerate(zip(series, LOOKS, strict=False)):
        for place, value in enumerate(one.values):
            at = place - group / 2 + (number + 0.5) * thickness
            marks.append(Bar(at, 0, value, look, thickness * 0.92))
            marks += [Label(f"{value:.2f}", at, value, "above", 0.72, gap=1.5)] if said else []
    return Panel(tuple(marks), Axis(names=tuple(names)), Axis(unit, text=plain_tick, least=0.01, span=0.1))


def week(series: Sequence[Columns], unit: str, *, said: bool = True) -> Panel:
    """The seven weekdays, about the mean of the seven."""
    panel = columns(series, DAYS, unit, said=said)
    return replace(panel, marks=(*panel.marks, Rule(1, Look(edge=styles.LINE, width=0.7, dash=(2.1, 1.4)))))


def columns_key(series: Sequence[Columns]) -> tuple[Entry, ...]:
    """What the columns mean."""
    return tuple(Entry(one.name, look) for one, look in zip(series, LOOKS, strict=False))


def lorenz(
    curves: Sequence[Curve], users: str, held: str, *, looks: Sequence[Look] = (), points: Sequence[Mark] = ()
) -> Panel:
    """How much of the whole the users with the least use have together, and so how much the few have."""
    shown = looks or [replace(of_series(number), marker="") for number in range(len(curves))]
    lines = [
        Line(tuple(zip(curve.users, curve.held, strict=True)), look) for curve, look in zip(curves, shown, strict=True)
    ]
    even = Line(((0.0, 0.0), (1.0, 1.0)), _EVEN)
    across = Axis(users, text=percent_tick, low=0, high=1, count=5, least=0.2)
    return Panel((even, *lines, *points), across, Axis(held, text=percent_tick, low=0, high=1, least=0.2))


def lorenz_key(curves: Sequence[Curve]) -> tuple[Entry, ...]:
    """What the lines mean."""
    lines = (Entry(one.name, replace(of_series(number), marker=""), line=True) for number, one in enumerate(curves))
    return (*lines, Entry(EVEN, _EVEN, line=True))


def holding(name: str, top: float, held: float) -> tuple[Mark, ...]:
    """A published point on Lorenz curves: the ``top`` share of users hold so much of the whole."""
    point = Line(((1 - top, 1 - held),), Look(width=0, edge="#D55E00", marker="D", size=5, hollow=True))
    return point, Label(name, 1 - top, 1 - held, "left", 0.88, color="#8A2F00", gap=7, paper=True)


def _days_axis(start: date, count: int) -> Axis:
    """Where months begin, with their names; in a quarter or less, where weeks do."""
    days = [start + timedelta(days=place) for place in range(count)]
    if count <= _SHORT:
        shown = [place for place, day in enumerate(days) if not day.weekday()] or [0]
        names = [
            f"{days[place].day} {name}"
            for place, name in zip(shown, month_names([days[place] for place in shown]).names, strict=True)
        ]
    else:
        firsts = [place for place, day in enumerate(days) if day.day == 1] or [0]
        shown = firsts[:: -(-len(firsts) // 12)]
        names = list(month_names([days[place] for place in shown]).names)
    ticks = tuple((float(place), name) for place, name in zip(shown, names, strict=True))
    return Axis(ticks=ticks, low=0, high=max(count - 1, 1))


def _cents(dollars: Sequence[float]) -> tuple[float, ...]:
    return tuple(100 * one for one in dollars)


def usage_days(days: Days, unit: str, looks: tuple[Look, Look, Look] = (_DAILY, _LINE, _BAND)) -> Panel:
    """Totals of days, and the band and the middle of the draws about them."""
    places = tuple(map(float, range(len(days.daily))))
    daily, middle, outer = looks
    marks: list[Mark] = [Area(places, _cents(days.low), _cents(days.high), outer)] if days.low else []
    lines = ((days.daily, daily), (days.middle, middle))
    marks += [Line(tuple(zip(places, _cents(dollars), strict=True)), look) for dollars, look in lines]
    return Panel(tuple(marks), _days_axis(days.start, len(days.daily)), Axis(unit, count=6))


def usage_key(middle: str, band: str, daily: str) -> tuple[Entry, ...]:
    """What the lines and the band of days mean; no band where it has no name."""
    outer = (Entry(band, _BAND),) if band else ()
    return Entry(middle, _LINE, line=True), *outer, Entry(daily, _DAILY, line=True)


# --- the usage of a scenario ------------------------------------------------------------------------------------------


def usage_chart(scenario: Scenario, shown: UsageSample) -> Chart:
    """A scenario's usage: its days above, without a band where there is one draw; below, its week and Lorenz curve."""
    drawn, several = isinstance(scenario.usage, Organization), shown.draws > 1
    profile = tuple(np.nan_to_num(shown.week).tolist())
    tenth, at = shown.top_tenth, np.linspace(0, 1, _POINTS)
    curve = Curve("Members", tuple(at.tolist()), tuple(shown.lorenz(at).tolist()))
    per_day = f"{np.median(shown.daily.mean(axis=1)) * _NANO:,.2f}"
    what = f"{shown.draws} draws" if several else "one draw" if drawn else "the usage file"
    said = ", ".join(f"{name} {value:.2f}" for name, value in zip(DAYS, profile, strict=True))
    seed = f", seed {scenario.seed}" if scenario.seed is not None else ""
    weekly = f"Mean of seven days{', middle draw (P50)' if several else ''}"
    return Chart(
        title=f"{scenario.title}: the top tenth of members asks for {percent(tenth)} of it",
        footnotes=(f"At list price, before plans, limits and discounts, in {what}{seed}.",),
        alt=f"Three charts of usage in US dollars at list price, in {what}. Days from {shown.start} to"
        f" {shown.end - timedelta(days=1)}: {per_day} a day on average. Weekdays over their mean: {said}. Lorenz curve"
        f" of members: the top tenth has {percent(tenth)}, Gini {shown.gini:.2f}.",
        panels=(
            (usage_days(_days(shown), "US dollars a day, at list price"),),
            (
                week((Columns("Weekdays", profile),), "Mean of the seven = 1"),
                lorenz((curve,), "Members, those with the least first", "Their share of it all"),
            ),
        ),
        key=usage_key(
            weekly,
            "The same, eight of ten draws (P10 to P90)" if several else "",
            f"Each day of {'the first draw' if drawn else 'the file'}",
        ),
        heights=(0.55, 0.45),
    )


def _days(shown: UsageSample) -> Days:
    smooth = np.stack([_over_weeks(row * _NANO) for row in shown.daily.astype(np.float64)])
    found = spreads(np.rint(smooth.T * 100).astype(np.int64))
    several = shown.draws > 1
    return Days(
        start=shown.start,
        daily=tuple((shown.daily[0] * _NANO).tolist()),
        middle=tuple(row.p50 / 100 for row in found),
        low=tuple(row.p10 / 100 for row in found) if several else (),
        high=tuple(row.p90 / 100 for row in found) if several else (),
    )


def _over_weeks(daily: Floats) -> Floats:
    """The mean of the seven days about each day; at the ends of those of them that there are."""
    width = min(_WEEK, len(daily))
    window: Any = np.ones(width)
    return np.asarray(np.convolve(daily, window, "same") / np.convolve(np.ones(len(daily)), window, "same"))


# --- a file and what was fitted to it ---------------------------------------------------------------------------------

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
    return Panel(tuple(lines), across, Axis("Share of active days", text=percent_tick, least=0.01, span=0.1, count=5))


def _correlations(found: Quality) -> Panel:
    """Correlations of a member's days by the days between them; those that are not known stay gaps."""
    from planshift.usage.fit.quality import LAGS

    looks = ((found.real, replace(_REAL, marker="o")), (found.generated, replace(_MADE, marker="s")))
    lines = [Line(tuple(enumerate(look.correlations.tolist())), drawn) for look, drawn in looks]
    values = Axis("Correlation of a member's days", text=plain_tick, least=0.01, span=0.1, count=5)
    names = Axis("Days apart", names=tuple(f"{lag}" for lag in LAGS))
    return Panel((Rule(0, styles.ZERO), *lines), names, values)


def _plain(values: Floats) -> tuple[float, ...]:
    """Values for a chart; what is not known is 0."""
    return tuple(np.nan_to_num(np.asarray(values, dtype=np.float64)).tolist())
