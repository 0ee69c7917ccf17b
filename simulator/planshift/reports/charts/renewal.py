"""A renewal's charts: the bridge between two costs, the months, how the change is spread, and those of its page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from planshift.impact.bridge import ROUNDING
from planshift.impact.drawn_renewal import DrawnRenewal
from planshift.impact.outcome import Outcome
from planshift.impact.renew import Renewal
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
from planshift.reports.draws import renewal_words as drawn_words
from planshift.reports.draws.renewal_tables import Step as DrawnStep
from planshift.reports.draws.renewal_tables import steps as drawn_steps
from planshift.reports.page.language import Language
from planshift.reports.page.said import Money, Value
from planshift.reports.renewal import words
from planshift.reports.renewal.tables import months as month_values
from planshift.reports.risk import Risk
from planshift.reports.spread import band

BARS = (8, 32)
"""So many bars of a spread at least and at most, about: with more draws more of them."""
SHOWN_AT_MOST = 100
"""So many bars would fill the picture."""
OLD = counterfactual(styles.OLD_TOTAL)
_UP, _DOWN = "Mean of the draws: adds to the cost", "Mean of the draws: takes away from it"


def renewal_charts(renewal: Renewal, footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart of a renewal, by the name of its file without ``.png``."""
    return {"bridge": bridge_chart(renewal, footnotes), "months": months_chart(renewal, footnotes)}


def bridge_chart(renewal: Renewal, footnotes: tuple[str, ...]) -> Chart:
    """The waterfall from the old cost to the new one."""
    old, new = words.names(renewal)
    first, last = Step(f"{old} (counterfactual)", renewal.old.cost), Step(new, renewal.new.cost)
    between = {step.key: Step(step.title, step.cents) for step in renewal.steps}
    return _bridge(words.headline(renewal), footnotes, words.bridge_alt(renewal), first, between, last)


def _bridge(
    title: str, footnotes: tuple[str, ...], alt: str, first: Step, between: Mapping[str, Step], last: Step
) -> Chart:
    """The waterfall; cents of rounding are said, not drawn."""
    drawn = [step for key, step in between.items() if key != ROUNDING]
    rounding = sum(step.cents for key, step in between.items() if key == ROUNDING)
    note = f"Rounding to cents, not drawn: {signed(rounding)} USD." if rounding else ""
    key = waterfall_key(_UP, _DOWN) if any(step.low is not None for step in (first, *drawn, last)) else ()
    panel = waterfall(words.DOLLARS, first, drawn, last, old=OLD)
    return Chart(title, (*footnotes, note), alt, ((panel,),), key)


def months_chart(renewal: Renewal, footnotes: tuple[str, ...]) -> Chart:
    """The months after the renewal on both plans, and the year before as a line."""
    old, new = words.names(renewal)
    before = month_values(renewal)["year_before"]
    known = () if None in before else tuple(before)
    years = (
        _year(words.OLD_SEATS, words.OLD_USAGE, renewal.old),
        _year(words.NEW_SEATS, words.NEW_USAGE, renewal.new),
    )
    months = month_names([month.month for month in renewal.new.months])
    return Chart(
        title=f"{words.said_first(renewal)}Month by month: {new}, beside {old} (counterfactual)",
        footnotes=(*footnotes, part_months(renewal.day, renewal.end)),
        alt=words.months_alt(renewal),
        panels=((paired_months(months, *years, words.DOLLARS, before=known, rows=words.MONTH_ROWS),),),
        key=paired_key(*years, words.YEAR_BEFORE if known else ""),
    )


def _year(seats_name: str, usage_name: str, year: Outcome) -> Year:
    seats, usage = (tuple(month.seats for month in year.months), tuple(month.usage for month in year.months))
    return Year(seats_name, usage_name, seats, usage)


# --- in draws ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Percentile:
    """An amount that is marked, cents, and what it is called."""

    name: str
    cents: int


def drawn_charts(renewal: DrawnRenewal, events: Sequence[Risk], footnotes: tuple[str, ...]) -> dict[str, Chart]:
    """Every chart of a renewal in draws, by the name of its file without ``.png``."""
    old_name, new_name = drawn_words.band_names(renewal)
    bands = (band(old_name, renewal.old.month_cost), band(new_name, renewal.new.month_cost))
    found = drawn_steps(renewal)
    first, *between, last = found
    return {
        "change": _change(renewal, events, footnotes),
        "months": Chart(
            title=drawn_words.months_title(renewal),
            footnotes=(*footnotes, part_months(renewal.day, renewal.end)),
            alt=drawn_words.months_alt(renewal, *bands),
            panels=((fan(renewal.new.months, bands, words.DOLLARS),),),
            key=fan_key(bands),
        ),
        "bridge": _bridge(
            drawn_words.bridge_title(renewal),
            footnotes,
            drawn_words.bridge_alt(renewal, found),
            _step(first),
            {step.key: _step(step) for step in between},
            _step(last),
        ),
    }


def _step(step: DrawnStep) -> Step:
    return Step(step.title, step.mean, step.spread.p10, step.spread.p90)


def _change(renewal: DrawnRenewal, events: Sequence[Risk], footnotes: tuple[str, ...]) -> Chart:
    """In how many draws the renewal costs how much more or less."""
    change, more = spread(renewal.change), drawn_words.more(events).draws
    marks = [Percentile("P10", change.p10), Percentile("P50", change.p50), Percentile("P90", change.p90)]
    return Chart(
        title=drawn_words.headline(renewal, events),
        footnotes=footnotes,
        alt=drawn_words.change_alt(renewal, events),
        panels=((change_spread(tuple(renewal.change.tolist()), marks, drawn_words.CHANGE, drawn_words.DRAWS),),),
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
