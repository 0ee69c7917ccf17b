"""A forecast in words: the answer, what the renewals change, what to know of it, and its charts in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planshift.billing.schedule import month_text, next_month
from planshift.forecasting.result import INDEX, Cents, Forecast
from planshift.impact.spread import Spread, mean_of_sums, spread
from planshift.reports.charts.kinds import Band, Step
from planshift.reports.forecast.columns import TOTAL
from planshift.reports.forecast.cube import Amount, Target, whole
from planshift.reports.forecast.tables import Swing
from planshift.reports.spread import fan_said
from planshift.reports.words import about, band_said, change_said, counted, in_draws, listed, prose_usd, simulated, usd

DOLLARS = "US dollars"
A_YEAR = "US dollars a year"
_SAID = {
    "booked": "booked",
    "billed": "invoiced",
    "paid": "paid",
    "recognised": "recognised",
    "deferred": "deferred at the end",
    "breakage": "recognised from expired credits",
    "unbilled": "unbilled at the end",
    "receivable": "receivable at the end",
    "arr_committed": "of committed ARR",
    "arr_usage": "of usage run-rate",
}


@dataclass(frozen=True)
class Story:
    """What sentences are made of: the portfolio's title, the scenario shown, its amounts and the targets for them."""

    title: str
    forecast: Forecast
    amounts: tuple[Amount, ...]
    targets: tuple[Target, ...] = ()

    def total(self, key: str) -> Amount:
        """A measure over the horizon."""
        return next(one for one in self.amounts if one.key == key and one.period == TOTAL)

    @property
    def days(self) -> str:
        """``from 2027-01 to 2028-12``."""
        first, last = month_text(self.forecast.months[0]), month_text(self.forecast.months[-1])
        return f"in {first}" if first == last else f"from {first} to {last}"

    @property
    def first(self) -> str:
        """What every sentence begins with: the portfolio's title, and the scenario where it is none of a file's own."""
        scenario = self.forecast.title
        return f"{self.title}: " if not scenario or scenario == self.title else f"{self.title} ({scenario}): "


def answer(story: Story) -> str:
    """One sentence: what is recognised, invoiced and paid, with its range."""
    return f"{story.first}{_money(story)}."


def besides(story: Story) -> tuple[str, ...]:
    """What belongs to the answer: a sentence on what the renewals change, and one on the targets, where there are."""
    said = (renewals_said(story), listed(targets_said(story)))
    return tuple(f"{text[:1].upper()}{text[1:]}." for text in said if text)


def charges_notes(forecasts: Sequence[Forecast], files: Sequence[str]) -> tuple[str, ...]:
    """What to know of the files of charges, one a scenario: whose they are, and what they have beyond the forecast."""
    if not files:
        return ()
    beyond = [note for file, one in zip(files, forecasts, strict=True) for note in _beyond(file, one)]
    return (f"{listed(files)}: the charges of the first draw alone.", *beyond)


def _beyond(file: str, forecast: Forecast) -> Iterator[str]:
    """Usage of the last month in arrears, in the first draw: it is invoiced on the day after."""
    unbilled = sum(int(amounts[INDEX["unbilled"], -1, 0]) for amounts in forecast.cells.values())
    if unbilled:
        last = forecast.months[-1]
        after = next_month(last)
        yield (
            f"{file} goes beyond the forecast by {usd(unbilled)} USD: usage of {month_text(last)} is invoiced on"
            f" {after}, in the billing period {month_text(after)}; the forecast has it as unbilled, not as invoiced."
        )


def headline(story: Story, key: str) -> str:
    """A measure over the horizon in short, for the top of a chart."""
    return f"{story.first}{_amount(story, key, in_full=True)} {story.days}"


def _money(story: Story) -> str:
    first = _amount(story, "recognised", in_full=True)
    others = [_amount(story, key, in_full=False) for key in ("billed", "paid")]
    return f"{first} {story.days}, {listed(others)}"


def _amount(story: Story, key: str, *, in_full: bool) -> str:
    draws = story.total(key).draws
    found, word = spread(draws), _SAID[key]
    simulations = simulated(len(draws), len(story.forecast.months))
    if len(draws) == 1:
        return f"{prose_usd(found.p50)}{f' USD {word} in {simulations}' if in_full else f' {word}'}"
    if in_full:
        return f"{about(found.p50, found)} USD {word} in the median of {simulations} ({band_said(found)})"
    return f"{about(found.p50, found)} {word} ({band_said(found)})"


def renewals_said(story: Story) -> str:
    """What renews, what is at stake, and what becomes of the two run-rates."""
    found = story.forecast.renewals
    run_rates = run_rates_said(story)
    if not len(found):
        return f"no contract renews, {run_rates}"
    columns = found.columns
    stake = int(columns["arr_before"].sum() + columns["usage_before"].sum())
    expected = int(mean_of_sums(np.array([columns["renewed"].sum()]), story.forecast.draws)[0])
    happens = "happens" if expected == 1 else "happen"
    renewals = f"of {counted(len(found), 'renewal')}, {_whole(stake)} USD a year at stake, {expected:,} {happens}"
    expectation = "" if story.forecast.draws == 1 else " on average"
    return f"{renewals}{expectation}, {run_rates}"


def run_rates_said(story: Story) -> str:
    """``committed ARR falls from 6,591,504 to 1,783,000 and usage run-rate rises from 0 to 6,340,000 USD a year``."""
    return f"committed ARR {_moves(story, 'committed')} and usage run-rate {_moves(story, 'usage')} USD a year"


def _moves(story: Story, kind: str) -> str:
    """``falls from 6,591,504 to 1,720,000``, in the median of the draws."""
    bridges = story.forecast.committed if kind == "committed" else story.forecast.usage
    both = whole(bridges, story.forecast.draws)
    first, last = spread(both.first), spread(both.last)
    if first.p50 == last.p50:
        return f"stays at {_whole(first.p50)}"
    word = "rises" if last.p50 > first.p50 else "falls"
    return f"{word} from {_rounded(first)} to {_rounded(last)}"


def _rounded(found: Spread) -> str:
    return _whole(found.p50) if found.p10 == found.p90 else about(found.p50, found)


def _whole(cents: int) -> str:
    """Cents as whole dollars, half up."""
    sign = "-" if cents <= -50 else ""
    return f"{sign}{(abs(cents) + 50) // 100:,}"


def targets_said(story: Story) -> Iterator[str]:
    """``the target of 14,000,000.00 USD recognised is missed in 53 of 100 draws``, one for each target and period."""
    for one in story.amounts:
        for target in story.targets:
            if target.of(one):
                period = "" if one.period == TOTAL else f" from {one.period}"
                missed = in_draws(one.missed(target.cents), len(one.draws))
                if len(one.draws) == 1:
                    missed = "" if one.missed(target.cents) else "not "
                    yield f"the target of {prose_usd(target.cents)} USD {_SAID[one.key]}{period} is {missed}missed"
                else:
                    yield f"the target of {prose_usd(target.cents)} USD {_SAID[one.key]}{period} is missed {missed}"


def notes(forecasts: Sequence[Forecast], seed: int) -> tuple[str, ...]:
    """What to know before relying on the numbers: what is drawn, how it is recognised, what percentiles are."""
    draws = forecasts[0].draws
    found = [
        f"A forecast, simulated: {counted(draws, 'draw')} of usage, renewals and what all accounts share, with seed"
        f" {seed}; nobody has been invoiced for it.",
        *_coarse(forecasts),
        "Seat fees are recognised by the day over their term, credits when they are used (oldest first) or expire,"
        " usage in arrears in its month; a contract that moves early is modified prospectively: what is not credited"
        " of its old fee is spread over the new term.",
        "Committed ARR (seat fees) and usage run-rate (three months of metered usage × 4) are kept apart; taxes are in"
        " none of the amounts.",
        *_draws(draws),
    ]
    warnings = [warning for forecast in forecasts for warning in forecast.warnings]
    return tuple(dict.fromkeys([*found, *warnings]))


def _coarse(forecasts: Iterable[Forecast]) -> Iterator[str]:
    if any(forecast.coarse for forecast in forecasts):
        yield "Usage is coarse: it is drawn by persona and month instead of member and day (--coarse)."


def _draws(draws: int) -> Iterator[str]:
    if draws == 1:
        yield "One draw alone: other draws come to other amounts (--draws 1000 shows how far they lie apart)."
        return
    yield (
        "P10, P50 and P90 are what 10, 50 and 90 of 100 draws do not exceed. They do not add up: each sum and each"
        " difference has its own, draw by draw. Means add up to the cent."
    )


def fan_alt(what: str, months: Sequence[str], band: Band, draws: int) -> str:
    """A fan of months in a sentence, for those who cannot see it."""
    return (
        f"Fan chart of {what} by month, {months[0]} to {months[-1]}, in {draws:,} draws, US dollars: {fan_said(band)}."
    )


def months_alt(what: str, months: Sequence[str], totals: Mapping[str, int], by: str = "") -> str:
    """Stacked months in a sentence; ``totals`` of each part over all months."""
    parts = listed(f"{name} {prose_usd(cents)}" for name, cents in totals.items())
    by_month = f"by month and {by}" if by else "by month"
    return (
        f"Stacked columns of what is {what} {by_month}, {months[0]} to {months[-1]}, US dollars:"
        f" over all months {parts}."
    )


def of_means(story: Story) -> str:
    """``, means over the draws``; nothing where there is a single one."""
    return "" if story.forecast.draws == 1 else ", means over the draws"


@dataclass(frozen=True)
class RunRateSteps:
    """A bridge of a run-rate: its title, where it begins, its steps, and where it ends."""

    title: str
    first: Step
    between: tuple[Step, ...]
    last: Step


def bridge_alt(parts: Sequence[RunRateSteps]) -> str:
    """The two bridges in a sentence."""
    said = []
    for part in parts:
        steps = "; ".join(f"{step.name} {prose_usd(step.cents)}" for step in part.between)
        said.append(f"{part.title}, from {prose_usd(part.first.cents)} to {prose_usd(part.last.cents)}: {steps}")
    return f"Two waterfall charts in US dollars a year. {'. '.join(said)}."


def rollforward_alt(months: Sequence[str], opening: int, band: Band) -> str:
    """The roll-forward in a sentence."""
    spread_out = ""
    if band.p10[-1] != band.p90[-1]:
        spread_out = f" in the median of the draws (P10 {prose_usd(band.p10[-1])}, P90 {prose_usd(band.p90[-1])})"
    return (
        f"Deferred revenue from {months[0]} to {months[-1]}, US dollars: it opens at {prose_usd(opening)} and closes at"
        f" {prose_usd(band.p50[-1])}{spread_out}; below it, what is invoiced and what is recognised month by month."
    )


def renewals_alt(months: Sequence[str], stake: Sequence[int], counts: Sequence[int]) -> str:
    """The renewal calendar in a sentence."""
    most = max(range(len(stake)), key=lambda place: stake[place])
    said = f"Columns of the money at stake at renewals by month, {months[0]} to {months[-1]}, US dollars a year: "
    if not sum(counts):
        return f"{said}nothing renews."
    return (
        f"{said}{prose_usd(sum(stake))} in {counted(sum(counts), 'renewal')}, most of it in {months[most]}"
        f" ({prose_usd(stake[most])} in {counted(counts[most], 'renewal')})."
    )


def tornado_alt(rows: Sequence[Swing], word: str) -> str:
    """The tornado in a sentence."""
    ends = ((one.title, (one.low, one.low_value), (one.high, one.high_value)) for one in rows)
    parts = [f"{title} {listed(f'{prose_usd(cents)} ({value})' for cents, value in both)}" for title, *both in ends]
    base = prose_usd(rows[0].base)
    return f"Tornado chart of what is {word}, P50 in US dollars, {base} as it stands: {'; '.join(parts)}."


def scenarios_alt(found: Mapping[str, Cents]) -> str:
    """The scenarios in a sentence."""
    parts = []
    for name, draws in found.items():
        one = spread(draws)
        parts.append(f"{name} {prose_usd(one.p50)} (P10 {prose_usd(one.p10)}, P90 {prose_usd(one.p90)})")
    return f"Bars of revenue recognised over the horizon by scenario, US dollars: {'; '.join(parts)}."


def said_of(key: str) -> str:
    """``recognised``: a measure as a sentence says it."""
    return _SAID[key]


def median_said(story: Story, key: str) -> str:
    """``13,546,000``: the median draw of a measure over the horizon, as far as its spread makes sense."""
    found = spread(story.total(key).draws)
    return about(found.p50, found)


def change_from(story: Story, first: Story) -> str:
    """How much more or less is recognised than in the first scenario, draw by draw."""
    return f"Than the first: {change_said(spread(story.total('recognised').draws - first.total('recognised').draws))}"
