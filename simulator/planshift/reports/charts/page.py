"""The charts of a page about a renewal, in its language: the bridge, the months, and what the answer depends on."""

from __future__ import annotations

from functools import partial
from typing import Any

from planshift.reports.charts import styles
from planshift.reports.charts.chart import Chart, Entry
from planshift.reports.charts.kinds import (
    Step,
    TornadoBar,
    Year,
    month_names,
    paired_key,
    paired_months,
    tornado,
    waterfall,
)
from planshift.reports.charts.renewal import OLD
from planshift.reports.page.language import Language
from planshift.reports.page.said import Money, Value


def page_charts(page: Any, language: Language) -> dict[str, Chart]:
    """The charts by name, from what the page's reader sees; none of what the answer depends on where nothing is."""
    charts = {"bridge": bridge_chart(page, language), "months": months_chart(page, language)}
    swings = swings_chart(page, language)
    return {**charts, "swings": swings} if swings else charts


def bridge_chart(page: Any, language: Language) -> Chart:
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


def months_chart(page: Any, language: Language) -> Chart:
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
        tick=partial(_tick, language),
    )
    key = paired_key(*years, say("charts.before") if before else "", say("charts.range") if any(spread) else "")
    return Chart("", (), alt, ((panel,),), key, half=True)


def _tick(language: Language, cents: float, span: float) -> str:
    return language.whole(round(cents)) if span >= 1000 else language.figure(round(cents))


def swings_chart(page: Any, language: Language) -> Chart | None:
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
