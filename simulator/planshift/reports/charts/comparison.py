"""A comparison's charts: what the plans cost, month by month, and member by member; how simulated costs are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planshift.impact.compare import Comparison
from planshift.reports.assumptions import part_months
from planshift.reports.charts import styles
from planshift.reports.charts.chart import Apart, Axis, Bar, Chart, Entry, Label, Line, Mark, Panel, Rule
from planshift.reports.charts.kinds import (
    EIGHT,
    HALF,
    MEDIAN,
    PANELS_AT_MOST,
    Band,
    PlanSpread,
    band_marks,
    month_names,
    plan_spreads,
    plan_spreads_key,
)
from planshift.reports.charts.styles import amount, counterfactual, of_series, signed
from planshift.reports.comparison import words
from planshift.reports.risk import Risk, budget_name
from planshift.reports.spread import BAND, band, percentiles

NAMED_AT_MOST = 40
_IN_A_PANEL, _FEW = 20, 12


@dataclass(frozen=True)
class PlanBar:
    """A plan's bar, cents; ``difference`` stands below its sum, ``caption`` below the bar."""

    name: str
    seats: int
    usage: int
    undone: int
    difference: str
    caption: str
    counterfactual: bool = False


@dataclass(frozen=True)
class MemberRow:
    """A member, or several as one: what they cost more on each of the other plans, cents."""

    name: str
    changes: tuple[int, ...]


def comparison_charts(
    comparison: Comparison, risks: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]
) -> dict[str, Chart]:
    """Every chart of a comparison, by the name of its file without ``.png``: none of members where there are none, and
    of how costs are spread only where several draws have a spread."""
    charts = {"totals": totals_chart(comparison, footnotes), "months": months_chart(comparison, footnotes)}
    if comparison.members.members:
        charts["members"] = members_chart(comparison, footnotes)
    if comparison.draws > 1:
        charts["costs"] = costs_chart(comparison, risks, budget, footnotes)
    return charts


def totals_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> Chart:
    """A bar a plan: seats, usage, and what cannot be done; of many draws, on average."""
    bars = tuple(
        PlanBar(
            name=name,
            seats=int(plan.outcome.seat_cost.sum()),
            usage=words.mean(plan.outcome.usage_cost.sum(axis=0)),
            undone=words.undone(plan).mean,
            difference=words.difference(comparison, plan),
            caption=words.caption(plan),
            counterfactual=plan.outcome.counterfactual,
        )
        for name, plan in zip(words.marked_names(comparison), comparison.plans, strict=True)
    )
    undone_too = (Entry(words.UNDONE, styles.UNDONE),) if any(bar.undone for bar in bars) else ()
    key = (Entry(words.SEATS, styles.NEW_SEATS), Entry(words.USAGE, styles.NEW_USAGE), *undone_too)
    panel = plan_totals(bars, words.DOLLARS)
    return Chart(words.headline(comparison), footnotes, words.totals_alt(comparison), ((panel,),), key)


def plan_totals(bars: Sequence[PlanBar], unit: str) -> Panel:
    """Plans one below the other: seats and usage in a bar each, and behind them the work that cannot be done."""
    marks: list[Mark] = []
    high = min(0.5, 0.3 + 0.05 * len(bars))
    for place, bar in enumerate(bars):
        seats, usage = styles.NEW_SEATS, styles.NEW_USAGE
        if bar.counterfactual:
            seats, usage = counterfactual(seats), counterfactual(usage)
        cost = bar.seats + bar.usage
        marks += [Bar(place, 0, bar.seats, seats, high), Bar(place, bar.seats, cost, usage, high)]
        marks += [Bar(place, cost, cost + bar.undone, styles.UNDONE, high)] if bar.undone else []
        lift, end = 5.5 if bar.difference else 0.0, cost + bar.undone
        marks += [
            Label(amount(cost), place, end, "right", 1.05, bold=True, gap=5, lift=lift),
            Label(bar.difference, place, end, "right", 0.85, gap=5, lift=-lift, wrap=0.2, lines=1),
            Label(bar.caption, place + high / 2, None, "below", 0.85, color=styles.LINE, wrap=0.7, aligned=True),
        ]
    names = Axis(names=tuple(bar.name for bar in bars))
    return Panel(tuple(marks), names, Axis(unit), rows=True, name_share=0.2)


def months_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> Chart:
    """The months of each plan: a line, or a fan where several draws have a spread."""
    names, title = words.marked_names(comparison), words.months_title(comparison)
    months = comparison.plans[0].outcome.months
    notes = (*footnotes, part_months(comparison.first, comparison.end))
    costs = [plan.outcome.month_cost for plan in comparison.plans]
    if comparison.draws == 1:
        lines = [(name, tuple(cost[:, 0].tolist())) for name, cost in zip(names, costs, strict=True)]
        return Chart(title, notes, words.lines_alt(comparison), ((plan_months(months, lines, words.DOLLARS),),))
    bands = [band(name, cost) for name, cost in zip(names, costs, strict=True)]
    return Chart(
        title=title,
        footnotes=(*notes, words.left_out(comparison)),
        alt=words.fans_alt(comparison, bands),
        panels=fan_panels(months, bands, words.DOLLARS),
        key=FAN_PANELS_KEY,
        alike=True,
    )


def plan_months(months: Sequence[date], lines: Sequence[tuple[str, Sequence[int]]], unit: str) -> Panel:
    """Plans as lines over the months, each with its name at its end."""
    looks = [of_series(number) for number in range(len(lines))]
    drawn = [Line(tuple(enumerate(cents)), look) for (_, cents), look in zip(lines, looks, strict=True)]
    names = tuple((name, float(cents[-1])) for name, cents in lines)
    ends = Apart(names, bold=tuple(range(len(lines))), colors=tuple(look.edge for look in looks))
    return Panel((*drawn, Rule(0, styles.ZERO), ends), month_names(months), Axis(unit))


def members_chart(comparison: Comparison, footnotes: tuple[str, ...]) -> Chart:
    """What each member costs more than on the first plan, the largest increase on top; of many draws, on average."""
    costs = comparison.members
    changes = costs.change[1:].T.tolist()
    rows = [MemberRow(member, tuple(of_plans)) for member, of_plans in zip(costs.members, changes, strict=True)]
    plans = words.marked_names(comparison)[1:]
    panels, key = member_changes(plans, shown_rows(rows), words.CHANGE_IN_DOLLARS)
    title, alt = words.members_title(comparison), words.members_alt(comparison)
    return Chart(title, footnotes, alt, (panels,), key, alike=True)


def shown_rows(rows: list[MemberRow]) -> tuple[MemberRow, ...]:
    """The rows by their change, the largest increase first; of more than forty, those between the ends as one."""
    ordered = sorted(rows, key=lambda row: (*(-cents for cents in row.changes), row.name))
    if len(ordered) <= NAMED_AT_MOST:
        return tuple(ordered)
    half = NAMED_AT_MOST // 2
    between = ordered[half:-half]
    means = tuple(words.mean_change(column) for column in zip(*(row.changes for row in between), strict=True))
    return (*ordered[:half], MemberRow(words.others_name(len(between)), means), *ordered[-half:])


def member_changes(
    plans: Sequence[str], rows: Sequence[MemberRow], unit: str
) -> tuple[tuple[Panel, ...], tuple[Entry, ...]]:
    """Members one below the other, more than twenty in two panels: a bar each, or a mark a plan where there are several
    plans, whose names are the key."""
    half = len(rows) if len(rows) <= _IN_A_PANEL else -(-len(rows) // 2)
    size, lines = (0.9, 2) if half <= _FEW else (0.76, 1)
    panels = tuple(
        Panel(
            tuple(mark for place, row in enumerate(some) for mark in _member(place, row, size)),
            # The second panel may have a row less; rows are as high as in the first.
            Axis(names=(*(row.name for row in some), *[""] * (half - len(some)))),
            Axis(unit, count=max(2, 7 - 3 * (half < len(rows)))),
            rows=True,
            name_share=0.3,
            name_lines=lines,
            name_size=size,
        )
        for some in (rows[:half], rows[half:])
        if some
    )
    marks = [_marker(number) for number in range(len(plans))] if len(plans) > 1 else []
    key = tuple(Entry(name, look, line=True) for name, look in zip(plans, marks, strict=False))
    return panels, key


def _member(place: int, row: MemberRow, size: float) -> list[Mark]:
    zero: Mark = Line(((place - 0.5, 0), (place + 0.5, 0)), styles.ZERO)
    if len(row.changes) > 1:
        ends = [float(cents) for cents in (0, *row.changes)]
        line = Line(((place, min(ends)), (place, max(ends))), styles.Look(edge="#B8BDC4", width=1.0))
        return [line, *(Line(((place, cents),), _marker(number)) for number, cents in enumerate(row.changes)), zero]
    cents = row.changes[0]
    look, side = (styles.COSTS_MORE, "right") if cents > 0 else (styles.COSTS_LESS, "left" if cents < 0 else "right")
    return [Bar(place, 0, cents, look, 0.66), Label(signed(cents), place, cents, side, size), zero]


def _marker(number: int) -> styles.Look:
    look = of_series(number + 1)
    return styles.Look(width=0, edge=look.edge, marker=look.marker)


def costs_chart(comparison: Comparison, risks: Sequence[Risk], budget: int | None, footnotes: tuple[str, ...]) -> Chart:
    """A bar a plan: from P10 to P90 of its cost."""
    bars = [
        PlanSpread(
            name,
            tuple(map(int, percentiles(plan.outcome.cost, BAND))),
            words.mean(plan.outcome.cost),
            words.spread_caption(plan, risks),
            plan.outcome.counterfactual,
        )
        for name, plan in zip(words.marked_names(comparison), comparison.plans, strict=True)
    ]
    return Chart(
        title=words.headline(comparison),
        footnotes=footnotes,
        alt=words.costs_alt(comparison, risks),
        panels=((plan_spreads(bars, words.DOLLARS, budget),),),
        key=plan_spreads_key(budget, budget_name(budget)),
    )


FAN_PANELS_KEY = (
    Entry(MEDIAN, styles.FAN_LINE, line=True),
    Entry(HALF, styles.FAN_INNER),
    Entry(EIGHT, styles.FAN),
    Entry("Median (P50) of the first plan", styles.OLD_FAN_LINE, line=True),
)


def fan_panels(months: Sequence[date], bands: Sequence[Band], unit: str) -> tuple[tuple[Panel, ...], ...]:
    """A band a plan, the first plan's middle line in each of them; those beyond nine are not drawn."""
    shown = bands[:PANELS_AT_MOST]
    panels = []
    for one in shown:
        marks = band_marks(one, styles.FAN, styles.FAN_INNER, styles.FAN_LINE)
        if one is not bands[0]:
            marks.append(Line(tuple(enumerate(map(float, bands[0].p50))), styles.OLD_FAN_LINE))
        marks.append(Rule(0, styles.ZERO))
        panels.append(Panel(tuple(marks), month_names(months), Axis(unit, count=5), title=one.name))
    columns = 2 if len(shown) == 4 else min(len(shown), 3)
    return tuple(tuple(panels[start : start + columns]) for start in range(0, len(panels), columns))
