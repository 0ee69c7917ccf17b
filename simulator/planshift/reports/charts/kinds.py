"""The kinds of charts that several results share: waterfalls, fans, months side by side, tornados, spreads of plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from planshift.reports.charts import styles
from planshift.reports.charts.chart import Apart, Area, Axis, Bar, Entry, Label, Line, Mark, Panel, Rule, Sides, Whisker
from planshift.reports.charts.styles import Look, amount, counterfactual, signed, whole

Written = Callable[[int], str]
"""How a chart writes an amount of cents."""

_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MEDIAN, HALF, EIGHT = "Median of the draws (P50)", "Half of the draws (P25 to P75)", "Eight of ten draws (P10 to P90)"
PANELS_AT_MOST = 9
"""So many plans have a panel of their own."""
_MEAN = Look(width=0, edge=styles.INK, marker="x", size=6.0)
_MIDDLE = Look(edge=styles.INK, width=2.4)


@dataclass(frozen=True)
class Step:
    """One step: what it is and what it adds, cents; ``low`` and ``high`` where that differs between draws."""

    name: str
    cents: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Band:
    """An amount in draws, month by month, cents: what 10, 25, 50, 75 and 90 of 100 draws do not exceed."""

    name: str
    p10: tuple[int, ...]
    p25: tuple[int, ...]
    p50: tuple[int, ...]
    p75: tuple[int, ...]
    p90: tuple[int, ...]


@dataclass(frozen=True)
class Year:
    """Seats and usage month by month, cents, and what they are called."""

    seats_name: str
    usage_name: str
    seats: tuple[int, ...]
    usage: tuple[int, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """Seats and usage, month by month."""
        return tuple(seats + usage for seats, usage in zip(self.seats, self.usage, strict=True))


@dataclass(frozen=True)
class TornadoBar:
    """One thing: what it is, and for each other value of it what is said of it and the amount with it, cents."""

    name: str
    sides: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PlanSpread:
    """What a plan costs in draws, cents: P10, P25, P50, P75 and P90, and the mean; ``caption`` stands below its bar."""

    name: str
    percentiles: tuple[int, ...]
    mean: int
    caption: str
    counterfactual: bool = False


# --- waterfalls -------------------------------------------------------------------------------------------------------


def waterfall(
    unit: str,
    first: Step,
    steps: Sequence[Step],
    last: Step,
    *,
    old: Look = styles.OLD_TOTAL,
    gain: bool = False,
    written: tuple[Written, Written] = (amount, signed),
    title: str = "",
) -> Panel:
    """From ``first`` to ``last``, a row each; the steps between add up to the difference, but for what a footnote says.

    With ``gain``, more is better: a step up and one down change their looks. ``written``: amounts, and differences.
    """
    up, down = step_looks(gain)
    tops = list(accumulate((step.cents for step in steps), initial=first.cents))
    begins = (0, *tops[:-1], 0)
    looks = (old, *(up if step.cents > 0 else down for step in steps), styles.NEW_TOTAL)
    marks: list[Mark] = [Rule(0, styles.ZERO)]
    for place, (begin, step, look) in enumerate(zip(begins, (first, *steps, last), looks, strict=True)):
        marks.append(Bar(place, begin, begin + step.cents, look))
        ends = [begin, begin + step.cents]
        if step.low is not None and step.high is not None:
            marks.append(Whisker(place, begin + step.low, begin + step.high))
            ends += [begin + step.low, begin + step.high] if step.low != step.high else []
        total = place in (0, len(steps) + 1)
        text = written[0 if total else 1](step.cents)
        marks.append(Label(text, place, max(ends), "right", 0.96, bold=total, gap=4))
    marks += [Line(((place + 0.31, top), (place + 0.69, top)), styles.THIN) for place, top in enumerate(tops)]
    names = Axis(names=tuple(step.name for step in (first, *steps, last)))
    return Panel(tuple(marks), names, Axis(unit), rows=True, title=title, name_share=0.42, name_lines=2)


def step_looks(gain: bool) -> tuple[Look, Look]:
    """What a step up and one down look like."""
    return (styles.COSTS_LESS, styles.COSTS_MORE) if gain else (styles.COSTS_MORE, styles.COSTS_LESS)


def waterfall_key(up: str, down: str, gain: bool = False) -> tuple[Entry, ...]:
    """What the bars and the whiskers of draws mean."""
    looks = step_looks(gain)
    return Entry(up, looks[0]), Entry(down, looks[1]), Entry("P10 to P90 over the draws", styles.WHISKER, line=True)


# --- months -----------------------------------------------------------------------------------------------------------


def month_names(months: Sequence[date], short: Callable[[date], str] = lambda month: _SHORT[month.month - 1]) -> Axis:
    """``Jan`` and its year below it on the first month and on every January, ``Feb`` on the others."""
    names = (
        f"{short(month)}\n{month.year}" if place == 0 or month.month == 1 else short(month)
        for place, month in enumerate(months)
    )
    return Axis(names=tuple(names))


def band_marks(band: Band, outer: Look, inner: Look | None, line: Look, start: float = 0.0) -> list[Mark]:
    """A band about its line from a place on; of one month, a short one about its middle."""
    single = len(band.p50) == 1
    places = (-0.3, 0.3) if single else tuple(start + month for month in range(len(band.p50)))

    def spread_out(cents: tuple[int, ...]) -> tuple[float, ...]:
        return tuple(map(float, cents * 2 if single else cents))

    marks: list[Mark] = [Area(places, spread_out(band.p10), spread_out(band.p90), outer)]
    if inner:
        marks.append(Area(places, spread_out(band.p25), spread_out(band.p75), inner))
    return [*marks, Line(tuple(zip(places, spread_out(band.p50), strict=True)), line)]


def fan(
    months: Sequence[date], bands: Sequence[Band], unit: str, budget: int | None = None, *, ends: bool = False
) -> Panel:
    """One band, or the old one and the new one; ``ends``: are the amounts of the one's last month written beside it?"""
    one = len(bands) == 1
    looks = [(styles.FAN, styles.FAN_INNER, styles.FAN_LINE)] if one else _TWO
    # The new band lies below the old one, which is only hatched: both are seen where they overlap.
    marks = [mark for band, look in reversed([*zip(bands, looks, strict=True)]) for mark in band_marks(band, *look)]
    marks += [Rule(0, styles.ZERO), *([Rule(budget, styles.BUDGET)] if budget is not None else [])]
    if ends:
        last = {"P90": bands[0].p90[-1], "P50": bands[0].p50[-1], "P10": bands[0].p10[-1]}
        said = tuple((f"{name} {whole(cents)}", float(cents)) for name, cents in last.items())
        marks.append(Apart(said, bold=(1,)))
    return Panel(tuple(marks), month_names(months), Axis(unit))


_TWO: list[tuple[Look, Look | None, Look]] = [
    (styles.OLD_FAN, None, styles.OLD_FAN_LINE),
    (styles.FAN, None, styles.FAN_LINE),
]


def fan_key(bands: Sequence[Band], budget: int | None = None, budget_name: str = "Budget") -> tuple[Entry, ...]:
    """What the bands, their lines and the budget mean."""
    after = (Entry(budget_name, styles.BUDGET, line=True),) if budget is not None else ()
    if len(bands) == 1:
        one = Entry(MEDIAN, styles.FAN_LINE, line=True)
        return (one, Entry(HALF, styles.FAN_INNER), Entry(EIGHT, styles.FAN), *after)
    found: list[Entry] = []
    for band, (outer, _, line) in zip(bands, _TWO, strict=True):
        name = band.name[:1].upper() + band.name[1:]
        found += [
            Entry(f"{name}: the median of the draws (P50)", line, line=True),
            Entry(f"{name}: eight of ten draws (P10 to P90)", outer),
        ]
    return (*found, *after)


def stacked(bars: Sequence[tuple[Sequence[int], Look]], shift: float = 0.0, thickness: float = 0.74) -> list[Mark]:
    """Columns of parts that lie on each other, the first at the bottom; what is below zero hangs down."""
    marks: list[Mark] = []
    up = [0] * len(bars[0][0])
    down = list(up)
    for cents, look in bars:
        for place, one in enumerate(cents):
            ends = up if one >= 0 else down
            marks.append(Bar(place + shift, ends[place], ends[place] + one, look, thickness))
            ends[place] += one
    return marks


def paired_months(
    months: Axis,
    old: Year,
    new: Year,
    unit: str,
    *,
    before: Sequence[int | None] = (),
    spread: Sequence[tuple[int, int] | None] = (),
    rows: tuple[str, str, str] | None = None,
    tick: Callable[[float, float], str] = styles.cents_tick,
) -> Panel:
    """The old year, which is only thought, beside the new one, a pair of columns a month.

    ``before``: the year before them, a line; ``spread``: the range of the new one over draws; ``rows``: what the three
    are called in the amounts below the months, None for none.
    """
    marks = stacked([(old.seats, _OLD_SEATS), (old.usage, _OLD_USAGE)], -0.2, 0.4)
    marks += stacked([(new.seats, styles.NEW_SEATS), (new.usage, styles.NEW_USAGE)], 0.2, 0.4)
    marks += [Whisker(place + 0.2, *ends) for place, ends in enumerate(spread) if ends]
    if before:
        # What is not known is no point of the line, and least of all zero.
        known = (float("nan") if cents is None else float(cents) for cents in before)
        marks.append(Line(tuple(enumerate(known)), styles.BEFORE))
    shown = tuple(cents for cents in before if cents is not None)
    years = (shown if len(shown) == len(before) else (), old.totals, new.totals)
    below = tuple((name, tuple(map(whole, year))) for name, year in zip(rows or (), years, strict=False) if year)
    return Panel((*marks, Rule(0, styles.ZERO)), months, Axis(unit, text=tick), below=below)


_OLD_SEATS, _OLD_USAGE = counterfactual(styles.OLD_SEATS), counterfactual(styles.OLD_USAGE)


def paired_key(old: Year, new: Year, before: str = "", spread: str = "") -> tuple[Entry, ...]:
    """What the columns mean, the range over draws, and the year before them, where these are shown."""
    names = (old.seats_name, old.usage_name, new.seats_name, new.usage_name)
    looks = (_OLD_SEATS, _OLD_USAGE, styles.NEW_SEATS, styles.NEW_USAGE)
    lines = ((spread, styles.WHISKER), (before, styles.BEFORE))
    return (
        *(Entry(name, look) for name, look in zip(names, looks, strict=True)),
        *(Entry(name, look, line=True) for name, look in lines if name),
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def tornado(rows: Sequence[TornadoBar], base: int, unit: str, *, gain: bool = False) -> Panel:
    """Bars from the amount as it stands, ``base`` in cents, to the amount with another value.

    Two values on the same side of the base lie over each other, the shorter in front. With ``gain``, more is better.
    """
    marks: list[Mark] = []
    more, less = step_looks(gain)
    for place, row in enumerate(rows):
        for _, cents in sorted(row.sides, key=lambda side: -abs(side[1] - base)):
            marks.append(Bar(place, base, cents, more if cents > base else less, 0.58))
        ordered = sorted((side for side in row.sides if side[1] != base), key=lambda side: side[1])
        before, after = (
            "; ".join(text for text, cents in ordered if (cents > base) == above and text) for above in (False, True)
        )
        ends = [base, *(cents for _, cents in row.sides)]
        marks.append(Sides(place, min(ends), max(ends), before, after))
    marks.append(Rule(base, Look(edge=styles.INK, width=1.1)))
    names = Axis(names=tuple(row.name for row in rows))
    return Panel(tuple(marks), names, Axis(unit, count=6, zero=False), rows=True)


def tornado_key(base: str, more: str, less: str, *, gain: bool = False) -> tuple[Entry, ...]:
    """What the line and the bars mean."""
    looks = step_looks(gain)
    return Entry(base, Look(edge=styles.INK, width=1.1), line=True), Entry(more, looks[0]), Entry(less, looks[1])


def plan_spreads(plans: Sequence[PlanSpread], unit: str, budget: int | None = None) -> Panel:
    """Plans one below the other: how far the cost of each is spread over the draws."""
    marks: list[Mark] = []
    high = min(0.34, 0.2 + 0.04 * len(plans))
    for place, plan in enumerate(plans):
        outer, inner = styles.FAN, styles.FAN_INNER
        if plan.counterfactual:
            outer, inner = counterfactual(outer), counterfactual(inner)
        p10, p25, p50, p75, p90 = plan.percentiles
        marks += [
            Bar(place, p10, p90, outer, high),
            Bar(place, p25, p75, inner, high * 0.72),
            Bar(place, p50, p50, _MIDDLE, high),
            Line(((place, plan.mean),), _MEAN),
        ]
        lines = 2 if len(plans) <= 4 else 1
        caption = Label(
            plan.caption, place + high / 2, None, "below", 0.82, color=styles.LINE, aligned=True, paper=True
        )
        marks.append(replace(caption, wrap=0.6, lines=lines))
    marks += [Rule(budget, styles.BUDGET)] if budget is not None else []
    for place, plan in enumerate(plans):
        said = zip(("P10", "P50", "P90"), plan.percentiles[::2], strict=True)
        texts = tuple((f"{name} {whole(cents)}", float(cents)) for name, cents in said)
        marks.append(Apart(texts, at=place - high / 2, bold=(1,)))
    names = Axis(names=tuple(plan.name for plan in plans))
    return Panel(tuple(marks), names, Axis(unit), rows=True, name_share=0.2)


def plan_spreads_key(budget: int | None = None, budget_name: str = "Budget") -> tuple[Entry, ...]:
    """What the bars and the marks mean."""
    return (
        Entry(MEDIAN, _MIDDLE, line=True),
        Entry("Mean", _MEAN, line=True),
        Entry(HALF, styles.FAN_INNER),
        Entry(EIGHT, styles.FAN),
        *([Entry(budget_name, styles.BUDGET, line=True)] if budget is not None else []),
    )
