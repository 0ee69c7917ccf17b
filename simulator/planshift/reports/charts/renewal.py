"""A renewal's charts: the bridge between two costs, the months, how the change is spread, and those of its page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from planshift.impact.bridge import ROUNDING
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import Renewal
from planshift.impact.spread import spread
from planshift.reports.assumptions import part_months
from planshift.reports.charts import styles
from planshift.reports.charts.chart import Apart, Axis, Bar, Chart, Entry, Mark, Panel, Rule
from planshift.reports.charts.kinds import (
    Step,
    TornadoBar,
    Year,
    fan,
    fan_key,
    month_names,
    paired_key,
    paired_months,
    tornado,
    waterfall,
    waterfall_key,
)
from planshift.reports.charts.styles import counterfactual, signed, signed_whole
from planshift.reports.page.language import Language
from planshift.reports.page.said import Money, Value
from planshift.reports.renewal import words
from planshift.reports.renewal.tables import bridge_rows
from planshift.reports.risk import Risk
from planshift.reports.spread import band

BARS = (8, 32)
"""So many bars of a spread at least and at most, about: with more draws more of them."""
SHOWN_AT_MOST = 100
"""So many bars would fill the picture."""
OLD = counterfactual(styles.OLD_TOTAL)
_UP, _DOWN = "Mean of the draws: adds to the cost", "Mean of the draws: takes away from it"


def renewal_charts(renewal: Renewal, risks: Sequence[Risk], footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart of a renewal, by the name of its file without ``.png``; where draws differ, also how the change is
    spread."""
    change = {"change": _change(renewal, risks, footnotes)} if renewal.draws > 1 else {}
    return {**change, "bridge": _bridge(renewal, risks, footnotes), "months": _months(renewal, footnotes)}


def _bridge(renewal: Renewal, risks: Sequence[Risk], footnotes: tuple[str, ...]) -> Chart:
    """The waterfall from the old cost to the new one, means over the draws; cents of rounding are said, not drawn."""
    rows = bridge_rows(renewal)
    many = renewal.draws > 1
    first, *between, last = (
        Step(row.title, row.amount, row.spread.p10, row.spread.p90) if many else Step(row.title, row.amount)
        for row in rows
    )
    drawn = [step for step, row in zip(between, rows[1:-1], strict=True) if row.step != ROUNDING]
    rounding = sum(row.amount for row in rows if row.step == ROUNDING)
    note = f"Rounding to cents, not drawn: {signed(rounding)} USD." if rounding else ""
    steps = [(row.title, row.amount, row.spread) for row in rows[1:-1]]
    return Chart(
        title=words.bridge_title(renewal, risks),
        footnotes=(*footnotes, note),
        alt=words.bridge_alt(renewal, (rows[0].amount, rows[-1].amount), steps),
        panels=((waterfall(words.DOLLARS, first, drawn, last, old=OLD),),),
        key=waterfall_key(_UP, _DOWN) if many else (),
    )


def _months(renewal: Renewal, footnotes: tuple[str, ...]) -> Chart:
    """The months after the renewal on both plans: in one draw seats and usage beside each other, and the year before as
    a line; in many, how far the months are spread."""
    old_name, new_name = words.names(renewal)
    bands = (
        band(f"{old_name} (counterfactual)", renewal.old.month_cost),
        band(new_name, renewal.new.month_cost),
    )
    if renewal.draws > 1:
        panel, key = fan(renewal.new.months, bands, words.DOLLARS), fan_key(bands)
    else:
        panel, key = _beside(renewal)
    return Chart(
        title=words.months_title(renewal),
        footnotes=(*footnotes, part_months(renewal.day, renewal.end)),
        alt=words.months_alt(renewal, bands),
        panels=((panel,),),
        key=key,
    )


def _beside(renewal: Renewal) -> tuple[Panel, tuple[Entry, ...]]:
    before = [renewal.cost_before(month) for month in renewal.new.months]
    known = tuple(int(cents[0]) for cents in before if cents is not None)
    known = known if len(known) == len(before) else ()
    years = (
        _year(words.OLD_SEATS, words.OLD_USAGE, renewal.old),
        _year(words.NEW_SEATS, words.NEW_USAGE, renewal.new),
    )
    months = month_names(renewal.new.months)
    panel = paired_months(months, *years, words.DOLLARS, before=known, rows=words.MONTH_ROWS)
    return panel, paired_key(*years, words.YEAR_BEFORE if known else "")


def _year(seats_name: str, usage_name: str, year: Outcome) -> Year:
    return Year(seats_name, usage_name, tuple(year.seat_cost.tolist()), tuple(year.usage_cost[:, 0].tolist()))


@dataclass(frozen=True)
class Percentile:
    """An amount that is marked, cents, and what it is called."""

    name: str
    cents: int


def _change(renewal: Renewal, risks: Sequence[Risk], footnotes: tuple[str, ...]) -> Chart:
    """In how many draws the renewal costs how much more or less."""
    change, more = spread(renewal.change), words.more(risks).draws
    marks = [Percentile("P10", change.p10), Percentile("P50", change.p50), Percentile("P90", change.p90)]
    return Chart(
        title=words.headline(renewal, risks),
        footnotes=footnotes,
        alt=words.change_alt(renewal, risks),
        panels=((change_spread(tuple(renewal.change.tolist()), marks, words.CHANGE, words.DRAWS),),),
        key=(
            Entry(f"Costs more: {more:,} of {renewal.draws:,} draws", styles.COSTS_MORE),
            Entry(f"Costs as much, or less: {renewal.draws - more:,}", styles.COSTS_LESS),
        ),
    )


def change_spread(changes: tuple[int, ...], marks: Sequence[Percentile], unit: str, draws: str) -> Panel:
    """How a change is spread over draws: so many draws cost so much more or less; percentiles stand above them."""
    step = bar_width(changes)
    counts = bars(changes, step)
    columns: list[Mark] = [
        Bar((number - 0.5) * step, 0, count, styles.COSTS_MORE if number > 0 else styles.COSTS_LESS, step * 0.94)
        for number, count in sorted(counts.items())
    ]
    columns.append(Rule(0, styles.Look(edge=styles.LINE, width=1.2), of_place=True))
    named = tuple((f"{mark.name}\n{signed_whole(mark.cents)}", float(mark.cents)) for mark in marks)
    columns.append(Apart(named, of_places=True, bold=tuple(range(len(marks)))))
    low, high = min(min(counts) - 1, -1) * step, max(max(counts), 1) * step
    slack = (high - low) * 0.02
    across = Axis(unit, low=low - slack, high=high + slack)
    return Panel(
        tuple(columns), across, Axis(draws, text=_count_tick, low=0, least=1, high=max(counts.values()) * 1.06)
    )


def _count_tick(value: float, span: float) -> str:  # noqa: ARG001 - one form for every axis
    """No nought where the axes meet: an amount may stand there."""
    return f"{value:,.0f}" if value else ""


def bar_width(changes: tuple[int, ...]) -> int:
    """The width of a bar, cents: 1, 2 or 5 and noughts, so that there are as many as so many draws can fill.

    Where all changes are far from nothing, which is shown too, bars stay wide enough to be seen.
    """
    most = min(BARS[1], max(BARS[0], 2 * math.isqrt(len(changes))))
    spread_out, shown = max(changes) - min(changes), max(*changes, 0) - min(*changes, 0)
    step = 1
    while True:
        for nice in (1, 2, 5):
            if spread_out <= nice * step * most and shown <= nice * step * SHOWN_AT_MOST:
                return nice * step
        step *= 10


def bars(changes: tuple[int, ...], step: int) -> dict[int, int]:
    """Bar → its draws; bar n holds the changes above (n − 1) × step and up to n × step: zero is in no bar of more."""
    return Counter(-(-cents // step) for cents in changes)


# --- on its page, in the page's language ------------------------------------------------------------------------------


def page_charts(page: Any, language: Language) -> dict[str, Chart]:
    """The charts by name, from what the page's reader sees; none of what the answer depends on where nothing is."""
    charts = {"bridge": page_bridge(page, language), "months": page_months(page, language)}
    swings = page_swings(page, language)
    return {**charts, "swings": swings} if swings else charts


def page_bridge(page: Any, language: Language) -> Chart:
    """The waterfall from the old cost to the new one."""
    bridge, say, figure = page.bridge, language.say, language.figure
    said = partial(figure, signed=True)
    shown = [
        Step(say(f"bridge.steps.{step.key}"), step.cents, step.low, step.high)
        for step in bridge.steps
        if step.key != "rounding"
    ]
    first = Step(language.sentence(say("bridge.old", old_plan=page.old_plan)), bridge.old)
    last = Step(language.sentence(say("bridge.new", new_plan=page.new_plan)), bridge.new)
    steps = [
        say("bridge.alt_step", step=say(f"bridge.steps.{step.key}"), amount=said(step.cents)) for step in bridge.steps
    ]
    alt = say(
        "bridge.alt",
        old=figure(bridge.old),
        old_plan=language.text(page.old_plan),
        steps=tuple(steps),
        new=figure(bridge.new),
        new_plan=language.text(page.new_plan),
    )
    return Chart("", (), alt, ((waterfall("", first, shown, last, old=OLD, written=(figure, said)),),))


def page_months(page: Any, language: Language) -> Chart:
    """Seats and usage of both plans month by month, the spread of the new one, and the year before."""
    rows, figure, say = page.month_by_month.rows, language.figure, language.say
    before = tuple(row.before for row in rows if row.before is not None)
    alt = say(
        "months.alt",
        first=language.month(rows[0].month),
        last=language.month(rows[-1].month),
        old_low=figure(min(row.old for row in rows)),
        old_high=figure(max(row.old for row in rows)),
        new_low=figure(min(row.new for row in rows)),
        new_high=figure(max(row.new for row in rows)),
    )
    spread = tuple((row.low, row.high) if row.low is not None else None for row in rows)
    if any(spread):
        alt += " " + say("months.alt_range")
    if before:
        alt += " " + say("months.alt_before", low=figure(min(before)), high=figure(max(before)))
    years = (
        Year(
            say("charts.old_seats"),
            say("charts.old_usage"),
            tuple(row.old_seats for row in rows),
            tuple(row.old_usage for row in rows),
        ),
        Year(
            say("charts.new_seats"),
            say("charts.new_usage"),
            tuple(row.new_seats for row in rows),
            tuple(row.new_usage for row in rows),
        ),
    )
    panel = paired_months(
        month_names([row.month for row in rows], language.short_month),
        *years,
        "",
        before=tuple(row.before for row in rows) if before else (),
        spread=spread,
        tick=partial(_page_tick, language),
    )
    key = paired_key(*years, say("charts.before") if before else "", say("charts.range") if any(spread) else "")
    return Chart("", (), alt, ((panel,),), key, half=True)


def _page_tick(language: Language, cents: float, span: float) -> str:
    return language.whole(round(cents)) if span >= 1000 else language.figure(round(cents))


def page_swings(page: Any, language: Language) -> Chart | None:
    """What the answer depends on: a bar for each thing, the longest on top; None where there is nothing."""
    if page.what_if is None or not page.what_if.swings:
        return None
    say, base = language.say, page.what_if.base
    rows = [
        TornadoBar(
            language.text(row.title),
            tuple(
                (_end(language, cents, value, base), cents)
                for cents, value in ((row.low, row.low_value), (row.high, row.high_value))
            ),
        )
        for row in page.what_if.swings
    ]
    said = tuple(
        say("what_if.alt_swing", thing=row.name, ends=tuple(text for text, _ in row.sides if text)) for row in rows
    )
    key = (Entry(_base_said(page, language), styles.Look(edge=styles.INK, width=1.1), line=True),)
    alt = say("what_if.alt", base=language.text(Money(base, signed=True)), swings=said)
    return Chart("", (), alt, ((tornado(rows, base, ""),),), key, half=True)


def _end(language: Language, cents: int, value: Value, base: int) -> str:
    """What stands at an end of a bar; nothing where it is as it stands."""
    if cents == base:
        return ""
    return language.say("what_if.end", value=value, change=language.figure(cents, signed=True))


def _base_said(page: Any, language: Language) -> str:
    """The difference as it stands; where that was not tried in all draws, in which."""
    base, tried = language.prose(page.what_if.base, signed=True), page.what_if.tried
    if tried < page.draws:
        return language.say("what_if.as_it_stands.first", base=base, count=tried)
    return language.say("what_if.as_it_stands.all", base=base)
