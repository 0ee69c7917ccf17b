"""The charts of a forecast: fans, plans, the bridges, what is deferred, the renewals, the tornado, the scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from datetime import date

from planshift.billing.schedule import month_text
from planshift.forecasting.result import BILLED, DEFERRED, INDEX, RECOGNISED, Bridge, Forecast
from planshift.forecasting.varied import Varied
from planshift.reports.charts import styles
from planshift.reports.charts.chart import Axis, Chart, Entry, Line, Panel, Rule
from planshift.reports.charts.kinds import (
    EIGHT,
    MEDIAN,
    Band,
    PlanSpread,
    Step,
    TornadoBar,
    band_marks,
    fan,
    fan_key,
    month_names,
    plan_spreads,
    plan_spreads_key,
    stacked,
    tornado,
    tornado_key,
    waterfall,
    waterfall_key,
)
from planshift.reports.charts.styles import amount, of_part, signed, signed_whole, whole
from planshift.reports.forecast import words
from planshift.reports.forecast.columns import ALL
from planshift.reports.forecast.contracts import calendar
from planshift.reports.forecast.cube import Cube, Means
from planshift.reports.forecast.tables import BRIDGE_TITLES, bridge_steps, bridged_groups, swings
from planshift.reports.forecast.words import DOLLARS, Story
from planshift.reports.spread import BAND, band, percentiles

_UP, _DOWN = "Mean of the draws: adds to it", "Mean of the draws: takes away from it"
_REVENUE = {
    "recognised_seats": "Seats, by the day",
    "recognised_credits": "Credits used",
    "breakage": "Credits that expired",
    "recognised_usage": "Usage in arrears",
}
_BRIDGES = {"committed": "Committed ARR: seat fees", "usage": "Usage run-rate: metered usage"}

Part = tuple[str, tuple[int, ...]]
"""A part of every column: what it is called, and its cents by month."""


def forecast_charts(
    stories: Sequence[Story],
    cube: Cube,
    means: Means,
    varied: Varied | None,
    plan_titles: Mapping[str, str],
    footnotes: tuple[str, ...],
) -> dict[str, Chart]:
    """Every chart, by the name of its file without ``.png``; the first story is the one that is shown alone."""
    story = stories[0]
    found = {
        "recognised": _months(story, "recognised", _REVENUE),
        "paid": _months(story, "paid", {"paid": "Paid"}),
        "plans": _plans(story, cube, means, plan_titles),
        "arr_bridge": _bridge(story),
        "deferred": _deferred(story, means),
        "renewals": _renewals(story),
    }
    if varied:
        found["tornado"] = _tornado(story, varied)
    if len(stories) > 1:
        found["scenarios"] = _scenarios(stories)
    return {name: replace(chart, footnotes=footnotes) for name, chart in found.items()}


def _month_names(forecast: Forecast) -> list[str]:
    return [month_text(month) for month in forecast.months]


def stacked_months(
    title: str,
    alt: str,
    unit: str,
    months: Sequence[date],
    parts: Sequence[Part],
    below: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Chart:
    """Months as columns of parts that lie on each other, with rows of text below them."""
    marks = stacked([(cents, of_part(number)) for number, (_, cents) in enumerate(parts)]) if parts else []
    key = tuple(Entry(name, of_part(number)) for number, (name, _) in enumerate(parts))
    panel = Panel((*marks, Rule(0, styles.ZERO)), month_names(months), Axis(unit), below=below)
    return Chart(title, (), alt, ((panel,),), key)


def _months(story: Story, key: str, measures: Mapping[str, str]) -> Chart:
    """A measure month by month: a fan, or, of one draw, its parts."""
    forecast, word = story.forecast, words.said_of(key)
    title, unit, names = words.headline(story, key), f"{DOLLARS} {word} a month", _month_names(forecast)
    if forecast.draws == 1:
        parts = [(name, tuple(forecast.total(one)[:, 0].tolist())) for one, name in measures.items()]
        alt = words.months_alt(word, names, {name: sum(cents) for name, cents in parts})
        return stacked_months(title, alt, unit, forecast.months, parts)
    found = band(word, forecast.total(*measures))
    alt = words.fan_alt(f"what is {word}", names, found, forecast.draws)
    return Chart(title, (), alt, ((fan(forecast.months, (found,), unit, ends=True),),), fan_key((found,)))


def _plans(story: Story, cube: Cube, means: Means, titles: Mapping[str, str]) -> Chart:
    """Recognised revenue by plan and month, means."""
    numbers = [INDEX[measure] for measure in RECOGNISED]
    by_plan = means.months[:, :, numbers].sum(axis=(1, 2))
    # The plan with the most revenue at the beginning lies at the bottom.
    order = sorted(range(len(cube.plans)), key=lambda place: (-int(by_plan[place, 0]), place))
    shown = [place for place in order if by_plan[place].any()]
    parts = [(titles.get(cube.plans[place], cube.plans[place]), tuple(by_plan[place].tolist())) for place in shown]
    totals = {name: sum(cents) for name, cents in parts}
    in_force: list[int] = ((means.total("accounts") + 50) // 100).tolist()
    return stacked_months(
        title=f"{story.first}revenue by plan {story.days}{words.of_means(story)}",
        alt=words.months_alt("recognised", _month_names(story.forecast), totals, by="plan"),
        unit=f"{DOLLARS} recognised a month",
        months=story.forecast.months,
        parts=parts,
        below=(("Contracts", tuple(f"{count:,}" for count in in_force)),),
    )


def _bridge(story: Story) -> Chart:
    """What is committed and what is used, from the beginning to the end, one above the other; never added."""
    forecast = story.forecast
    parts = [
        _steps(_BRIDGES[kind], bridges, forecast.draws)
        for kind, bridges in (("committed", forecast.committed), ("usage", forecast.usage))
    ]
    panels = tuple(
        (
            waterfall(
                words.A_YEAR,
                *(part.first, part.between, part.last),
                gain=True,
                written=(whole, signed_whole),
                title=part.title,
            ),
        )
        for part in parts
    )
    return Chart(
        title=f"{story.first}{words.run_rates_said(story)}",
        footnotes=(),
        alt=words.bridge_alt(parts),
        panels=panels,
        key=waterfall_key(_UP, _DOWN, gain=True) if forecast.draws > 1 else (),
        alike=True,
        heights=tuple(len(part.between) + 4.5 for part in parts),
    )


def _steps(title: str, bridges: Mapping[str, Bridge], draws: int) -> words.RunRateSteps:
    _, whole_bridge, means = next(one for one in bridged_groups(bridges, draws) if one[0] == ALL)
    # A step that is nothing in every draw takes no room.
    first, *between, last = (
        Step(BRIDGE_TITLES.get(key, key), mean, *((found.p10, found.p90) if draws > 1 else ()))
        for key, mean, found in bridge_steps(whole_bridge, means)
        if key not in whole_bridge.steps or whole_bridge.steps[key].any()
    )
    return words.RunRateSteps(title, first, tuple(between), last)


def _deferred(story: Story, means: Means) -> Chart:
    """What is deferred, what comes and what goes."""
    forecast = story.forecast
    opening = int(means.opening[:, :, [INDEX[name] for name in DEFERRED]].sum())
    closing = band("Deferred", forecast.total(*DEFERRED))

    def part(name: str, measure: str) -> Part:
        return name, tuple(means.total(measure).tolist())

    panels, key = roll_forward(
        forecast.months,
        ("Deferred at the month's end", f"What comes (up) and what goes (down) in the month{words.of_means(story)}"),
        opening,
        closing,
        comes=(part("Invoiced: seats", BILLED[0]), part("Invoiced: credits", BILLED[1])),
        goes=(
            part("Recognised: seats", "recognised_seats"),
            part("Recognised: credits used", "recognised_credits"),
            part("Recognised: credits expired", "breakage"),
        ),
    )
    title, alt = (
        f"{story.first}deferred revenue {story.days}",
        words.rollforward_alt(_month_names(forecast), opening, closing),
    )
    return Chart(title, (), alt, panels, key, heights=(0.52, 0.48))


def roll_forward(
    months: Sequence[date],
    headings: tuple[str, str],
    opening: int,
    closing: Band,
    comes: Sequence[Part],
    goes: Sequence[Part],
) -> tuple[tuple[tuple[Panel, ...], ...], tuple[Entry, ...]]:
    """Above what is left at each month's end, from its opening on; below it what comes (up) and what goes (down).

    ``closing`` is the band of the balance, ``opening`` its mean before the first month, cents; ``comes`` and ``goes``
    are means, all of them from zero up.
    """
    opened = Band(closing.name, *((opening, *one) for one in astuple(closing)[1:]))
    balance = band_marks(opened, styles.FAN, None, styles.FAN_LINE, start=-1.0)
    across = replace(month_names(months), low=-1.4, high=len(months) - 0.4)
    point = Line(((-1.0, float(opening)),), styles.OPENING)
    signs = [
        (name, tuple(sign * one for one in cents)) for some, sign in ((comes, 1), (goes, -1)) for name, cents in some
    ]
    flows = stacked([(cents, of_part(number)) for number, (_, cents) in enumerate(signs)])
    zero = Rule(0, styles.ZERO)
    panels = tuple(
        (Panel((*marks, zero), across, Axis(DOLLARS, count=5), title=heading),)
        for marks, heading in (((*balance, point), headings[0]), (flows, headings[1]))
    )
    line = Entry("Balance" if closing.p10 == closing.p90 else MEDIAN, styles.FAN_LINE, line=True)
    spread_out = () if closing.p10 == closing.p90 else (Entry(EIGHT, styles.FAN),)
    parts = (Entry(name, of_part(number)) for number, (name, _) in enumerate(signs))
    return panels, (Entry("Opening balance", styles.OPENING, line=True), line, *spread_out, *parts)


def _renewals(story: Story) -> Chart:
    """The money at stake by month: committed ARR that is kept on average, that is not, and usage."""
    found = calendar([story.forecast])
    kept = [min(pair) for pair in zip(found["retained"], found["arr_before"], strict=True)]
    ends = [before - left for before, left in zip(found["arr_before"], kept, strict=True)]
    parts = [
        ("Committed ARR at stake: as much as is left after the renewals, on average", tuple(kept)),
        ("The rest of it: lower prices, fewer seats, contracts that end", tuple(ends)),
        ("Usage run-rate at stake", tuple(found["usage_before"])),
    ]
    return stacked_months(
        title=f"{story.first}the renewal calendar {story.days}",
        alt=words.renewals_alt(_month_names(story.forecast), found["at_stake"], found["renewals"]),
        unit=words.A_YEAR,
        months=story.forecast.months,
        parts=parts,
        below=(("Renewals", tuple(f"{count:,}" for count in found["renewals"])),),
    )


def _tornado(story: Story, varied: Varied) -> Chart:
    """What the recognised revenue depends on, over the draws that were tried."""
    word, found = words.said_of("recognised"), swings(varied, "recognised")
    tried, base = varied.base.draws, found[0].base
    of_them = "" if tried == story.forecast.draws else f" of the first {tried:,} draws"
    rows = [
        TornadoBar(
            one.title,
            tuple(
                (f"{value}: {signed(cents - base)}", cents)
                for value, cents in ((one.low_value, one.low), (one.high_value, one.high))
            ),
        )
        for one in found
    ]
    return Chart(
        title=f"{story.first}what the amount {word} {story.days} depends on most, P50{of_them}",
        footnotes=(),
        alt=words.tornado_alt(found, word),
        panels=((tornado(rows, base, f"{DOLLARS} {word}, P50", gain=True),),),
        key=tornado_key(f"As it stands: {amount(base)}", "More is recognised", "Less is recognised", gain=True),
    )


def _scenarios(stories: Sequence[Story]) -> Chart:
    """Revenue recognised over the horizon in every scenario."""
    first = stories[0]
    bars = [_scenario(story, first) for story in stories]
    drawn = {bar.name: story.total("recognised").draws for bar, story in zip(bars, stories, strict=True)}
    return Chart(
        title=f"{first.title}: recognised {first.days}, scenario by scenario",
        footnotes=(),
        alt=words.scenarios_alt(drawn),
        panels=((plan_spreads(bars, f"{DOLLARS} recognised"),),),
        key=plan_spreads_key(),
    )


def _scenario(story: Story, first: Story) -> PlanSpread:
    draws = story.total("recognised").draws
    found = tuple(map(int, percentiles(draws, BAND)))
    caption = f"Invoiced {words.median_said(story, 'billed')}, paid {words.median_said(story, 'paid')}"
    if story is not first:
        caption = f"{words.change_from(story, first)}. {caption}"
    name = story.forecast.title or story.forecast.scenario
    return PlanSpread(name, found, story.total("recognised").mean, caption)
