"""The charts of a forecast: fans, plans, the bridges, what is deferred, the renewals, the tornado, the scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planshift.billing.calendar import month_text
from planshift.forecasting.measures import BILLED, DEFERRED, INDEX, RECOGNISED
from planshift.forecasting.result import Bridge, Forecast
from planshift.forecasting.varied import Varied
from planshift.reports.charts.fan import Fan
from planshift.reports.charts.picture import Chart
from planshift.reports.charts.plan_spreads import PlanSpread, PlanSpreads
from planshift.reports.charts.roll_forward import RollForward
from planshift.reports.charts.stacked_months import Part, StackedMonths
from planshift.reports.charts.tornado import TornadoBar, TornadoChart
from planshift.reports.charts.waterfall import Step, Waterfall
from planshift.reports.charts.waterfalls import Waterfalls
from planshift.reports.forecast import words
from planshift.reports.forecast.columns import ALL
from planshift.reports.forecast.contracts import calendar
from planshift.reports.forecast.cube import Cube, Means
from planshift.reports.forecast.scenarios import swings
from planshift.reports.forecast.tables import BRIDGE_TITLES, bridge_steps, bridged_groups
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
    found: dict[str, Chart] = {
        "recognised": _months(story, "recognised", _REVENUE, footnotes),
        "paid": _months(story, "paid", {"paid": "Paid"}, footnotes),
        "plans": _plans(story, cube, means, plan_titles, footnotes),
        "arr_bridge": _bridge(story, footnotes),
        "deferred": _deferred(story, means, footnotes),
        "renewals": _renewals(story, footnotes),
    }
    if varied:
        found["tornado"] = _tornado(story, varied, footnotes)
    if len(stories) > 1:
        found["scenarios"] = _scenarios(stories, footnotes)
    return found


def _month_names(forecast: Forecast) -> list[str]:
    return [month_text(month) for month in forecast.months]


def _months(story: Story, key: str, measures: Mapping[str, str], footnotes: tuple[str, ...]) -> Fan | StackedMonths:
    """A measure month by month: a fan, or, of one draw, its parts."""
    forecast, word = story.forecast, words.said_of(key)
    title, unit, names = words.headline(story, key), f"{DOLLARS} {word} a month", _month_names(forecast)
    if forecast.draws == 1:
        parts = tuple(Part(name, tuple(forecast.total(one)[:, 0].tolist())) for one, name in measures.items())
        alt = words.months_alt(word, names, {part.name: sum(part.cents) for part in parts})
        return StackedMonths(title, footnotes, alt, unit, forecast.months, parts)
    found = band(word, forecast.total(*measures))
    alt = words.fan_alt(f"what is {word}", names, found, forecast.draws)
    return Fan(title, footnotes, alt, unit, forecast.months, (found,), ends=True)


def _plans(
    story: Story, cube: Cube, means: Means, titles: Mapping[str, str], footnotes: tuple[str, ...]
) -> StackedMonths:
    """Recognised revenue by plan and month, means."""
    numbers = [INDEX[measure] for measure in RECOGNISED]
    by_plan = means.months[:, :, numbers].sum(axis=(1, 2))
    # The plan with the most revenue at the beginning lies at the bottom.
    order = sorted(range(len(cube.plans)), key=lambda place: (-int(by_plan[place, 0]), place))
    shown = [place for place in order if by_plan[place].any()]
    names = [titles.get(cube.plans[place], cube.plans[place]) for place in shown]
    parts = tuple(Part(name, tuple(by_plan[place].tolist())) for name, place in zip(names, shown, strict=True))
    totals = {part.name: sum(part.cents) for part in parts}
    return StackedMonths(
        title=f"{story.first}revenue by plan {story.days}{words.of_means(story)}",
        footnotes=footnotes,
        alt=words.months_alt("recognised", _month_names(story.forecast), totals, by="plan"),
        unit=f"{DOLLARS} recognised a month",
        months=story.forecast.months,
        parts=parts,
        below=(("Contracts", tuple(f"{count:,}" for count in _in_force(means))),),
    )


def _in_force(means: Means) -> list[int]:
    """How many contracts are in force at each month's end, on average."""
    found: list[int] = ((means.total("accounts") + 50) // 100).tolist()
    return found


def _bridge(story: Story, footnotes: tuple[str, ...]) -> Waterfalls:
    """What is committed and what is used, from the beginning to the end; never added."""
    forecast = story.forecast
    parts = tuple(
        _waterfall(_BRIDGES[kind], bridges, forecast.draws)
        for kind, bridges in (("committed", forecast.committed), ("usage", forecast.usage))
    )
    return Waterfalls(
        title=f"{story.first}{words.run_rates_said(story)}",
        footnotes=footnotes,
        alt=words.bridge_alt(parts),
        parts=parts,
    )


def _waterfall(title: str, bridges: Mapping[str, Bridge], draws: int) -> Waterfall:
    _, whole, means = next(one for one in bridged_groups(bridges, draws) if one[0] == ALL)
    # A step that is nothing in every draw takes no room.
    first, *between, last = (
        Step(BRIDGE_TITLES.get(key, key), mean, *((found.p10, found.p90) if draws > 1 else ()))
        for key, mean, found in bridge_steps(whole, means)
        if key not in whole.steps or whole.steps[key].any()
    )
    return Waterfall(
        title=title,
        footnotes=(),
        alt="",
        unit=words.A_YEAR,
        first=first,
        steps=tuple(between),
        last=last,
        keys=(_UP, _DOWN),
        gain=True,
        short=True,
    )


def _deferred(story: Story, means: Means, footnotes: tuple[str, ...]) -> RollForward:
    """What is deferred, what comes and what goes."""
    forecast = story.forecast
    opening = int(means.opening[:, :, [INDEX[name] for name in DEFERRED]].sum())
    closing = band("Deferred", forecast.total(*DEFERRED))

    def part(name: str, measure: str) -> Part:
        return Part(name, tuple(means.total(measure).tolist()))

    return RollForward(
        title=f"{story.first}deferred revenue {story.days}",
        footnotes=footnotes,
        alt=words.rollforward_alt(_month_names(forecast), opening, closing),
        unit=DOLLARS,
        months=forecast.months,
        headings=(
            "Deferred at the month's end",
            f"What comes (up) and what goes (down) in the month{words.of_means(story)}",
        ),
        opening=opening,
        closing=closing,
        comes=(part("Invoiced: seats", BILLED[0]), part("Invoiced: credits", BILLED[1])),
        goes=(
            part("Recognised: seats", "recognised_seats"),
            part("Recognised: credits used", "recognised_credits"),
            part("Recognised: credits expired", "breakage"),
        ),
    )


def _renewals(story: Story, footnotes: tuple[str, ...]) -> StackedMonths:
    """The money at stake by month: committed ARR that is kept on average, that is not, and usage."""
    found = calendar([story.forecast])
    kept = [min(pair) for pair in zip(found["retained"], found["arr_before"], strict=True)]
    ends = [before - left for before, left in zip(found["arr_before"], kept, strict=True)]
    parts = (
        Part("Committed ARR at stake: as much as is left after the renewals, on average", tuple(kept)),
        Part("The rest of it: lower prices, fewer seats, contracts that end", tuple(ends)),
        Part("Usage run-rate at stake", tuple(found["usage_before"])),
    )
    return StackedMonths(
        title=f"{story.first}the renewal calendar {story.days}",
        footnotes=footnotes,
        alt=words.renewals_alt(_month_names(story.forecast), found["at_stake"], found["renewals"]),
        unit=words.A_YEAR,
        months=story.forecast.months,
        parts=parts,
        below=(("Renewals", tuple(f"{count:,}" for count in found["renewals"])),),
    )


def _tornado(story: Story, varied: Varied, footnotes: tuple[str, ...]) -> TornadoChart:
    """What the recognised revenue depends on, over the draws that were tried."""
    word, found = words.said_of("recognised"), swings(varied, "recognised")
    tried = varied.base.draws
    of_them = "" if tried == story.forecast.draws else f" of the first {tried:,} draws"
    return TornadoChart(
        title=f"{story.first}what the amount {word} {story.days} depends on most, P50{of_them}",
        footnotes=footnotes,
        alt=words.tornado_alt(found, word),
        unit=f"{DOLLARS} {word}, P50",
        base=found[0].base,
        base_name="As it stands",
        keys=("More is recognised", "Less is recognised"),
        rows=tuple(TornadoBar(one.title, ((one.low_value, one.low), (one.high_value, one.high))) for one in found),
        gain=True,
    )


def _scenarios(stories: Sequence[Story], footnotes: tuple[str, ...]) -> PlanSpreads:
    """Revenue recognised over the horizon in every scenario."""
    first = stories[0]
    bars = tuple(_scenario(story, first) for story in stories)
    drawn = {bar.name: story.total("recognised").draws for bar, story in zip(bars, stories, strict=True)}
    return PlanSpreads(
        title=f"{first.title}: recognised {first.days}, scenario by scenario",
        footnotes=footnotes,
        alt=words.scenarios_alt(drawn),
        unit=f"{DOLLARS} recognised",
        plans=bars,
    )


def _scenario(story: Story, first: Story) -> PlanSpread:
    draws = story.total("recognised").draws
    found = dict(zip(BAND, map(int, percentiles(draws, BAND)), strict=True))
    caption = f"Invoiced {words.median_said(story, 'billed')}, paid {words.median_said(story, 'paid')}"
    if story is not first:
        caption = f"{words.change_from(story, first)}. {caption}"
    name = story.forecast.title or story.forecast.scenario
    return PlanSpread(
        name, found[10], found[25], found[50], found[75], found[90], story.total("recognised").mean, caption
    )
