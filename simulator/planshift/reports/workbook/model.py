"""What all sheets of a workbook are made from, and the formulas by which they pick the chosen scenario's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from planshift.billing.schedule import month_text
from planshift.forecasting.result import (
    BALANCE,
    BILLED,
    BOOKED,
    COUNT,
    DEFERRED,
    FLOW,
    INDEX,
    RECOGNISED,
    Bridge,
    Cents,
    Forecast,
)
from planshift.impact.spread import PERCENTS
from planshift.reports.folder import InputFile
from planshift.reports.forecast.columns import TOTAL
from planshift.reports.forecast.cube import (
    FIVE,
    RUN_RATES,
    TITLES,
    Amount,
    Cube,
    Means,
    Target,
    amounts,
    means_of,
    step_means,
    whole,
)
from planshift.reports.spread import means_that_add_up, percentiles
from planshift.reports.workbook.sheet import Formula


@dataclass(frozen=True)
class TermsCount:
    """So many accounts pay so many days after the invoice; ``end_of_month`` as in PaymentTerms."""

    days: int
    end_of_month: str
    accounts: int


@dataclass(frozen=True)
class Shock:
    """Something that all accounts share: what it is, from when on, how large, how likely, and who says so.

    ``title``: "Growth of usage", "Token prices"; ``scenario``: whose it is; ``since``: None where it holds from the
    first day on; ``size``: in words with its unit, "+30 % a year, standard deviation 12 %"; ``probability``: from 0 to
    1, None where it is a distribution.
    """

    scenario: str
    title: str
    since: date | None
    size: str
    probability: float | None
    source: str


@dataclass(frozen=True)
class WorkbookAbout:
    """The run behind a workbook.

    ``portfolio`` and ``plans``: the files it was made from, with their digests. ``chosen``: the scenario that the
    workbook opens with, the first where it is empty. ``notes``: sentences to read before believing a figure.
    """

    title: str
    command: str
    seed: int
    portfolio: Sequence[InputFile]
    plans: Sequence[InputFile]
    targets: Sequence[Target] = ()
    payment: Sequence[TermsCount] = ()
    shocks: Sequence[Shock] = ()
    notes: Sequence[str] = field(default=())
    chosen: str = ""


@dataclass(frozen=True)
class Line:
    """A column of the sheet Months: what its header and the band above it say, and the measures it is the sum of."""

    header: str
    band: str
    measures: tuple[str, ...]
    kind: Literal["flow", "balance", "count"]

    @property
    def is_sum(self) -> bool:
        """Whether it adds up other lines."""
        return len(self.measures) > 1


def _sum(header: str, measures: tuple[str, ...], kind: Literal["flow", "balance", "count"]) -> Line:
    return Line(header, header, measures, kind)


LINES = (
    Line("Booked seats", "Booked", ("booked_seats",), FLOW),
    Line("Booked credits", "Booked", ("booked_credits",), FLOW),
    Line("Booked usage", "Booked", ("booked_usage",), FLOW),
    _sum("Booked", BOOKED, FLOW),
    Line("Invoiced seats", "Invoiced", ("billed_seats",), FLOW),
    Line("Invoiced credits", "Invoiced", ("billed_credits",), FLOW),
    Line("Invoiced usage", "Invoiced", ("billed_usage",), FLOW),
    _sum("Invoiced", BILLED, FLOW),
    Line("Paid", "Cash", ("paid",), FLOW),
    Line("Recognised seats", "Recognised", ("recognised_seats",), FLOW),
    Line("Recognised credits", "Recognised", ("recognised_credits",), FLOW),
    Line("Recognised breakage", "Recognised", ("breakage",), FLOW),
    Line("Recognised usage", "Recognised", ("recognised_usage",), FLOW),
    _sum("Recognised", RECOGNISED, FLOW),
    Line("Deferred seats", "Deferred at month end", ("deferred_seats",), BALANCE),
    Line("Deferred credits", "Deferred at month end", ("deferred_credits",), BALANCE),
    Line("Deferred", "Deferred at month end", DEFERRED, BALANCE),
    Line("Unbilled", "Owed at month end", ("unbilled",), BALANCE),
    Line("Receivable", "Owed at month end", ("receivable",), BALANCE),
    Line("Included usage", "At list price", ("included",), FLOW),
    Line("Stopped usage", "At list price", ("stopped",), FLOW),
    Line("Seats", "Held at month end", ("seats",), COUNT),
    Line("Contracts", "Held at month end", ("accounts",), COUNT),
)
_OF = {line.measures[0]: line for line in LINES if not line.is_sum}


def parts(line: Line) -> tuple[Line, ...]:
    """The lines that a sum adds up, in their order."""
    return tuple(_OF[measure] for measure in line.measures)


CENTS = 100
_FORBIDDEN = set('*?~<>="|&')


@dataclass(frozen=True)
class Four:
    """A mean and three percentiles, as cells show them: US dollars, or counts."""

    mean: float
    p10: float
    p50: float
    p90: float

    def __getitem__(self, stat: str) -> float:
        """One of them by its header (see STATS)."""
        found: float = getattr(self, stat.lower())
        return found


STATS = ("Mean", "P10", "P50", "P90")


@dataclass(frozen=True)
class ScenarioFigures:
    """A scenario's figures.

    ``name``: what the selector calls it; ``lines``: header → the opening balance (number 0, balances only), the months
    from number 1 on, and the whole horizon behind them. ``bridges``: (kind, number of the segment, 0 for all of them)
    → step → figures.
    """

    name: str
    forecast: Forecast
    lines: Mapping[str, Mapping[int, Four]]
    bridges: Mapping[tuple[str, int], Mapping[str, Four]]
    amounts: Mapping[tuple[str, str], Amount]

    @property
    def horizon(self) -> int:
        """The number behind the last month's."""
        return len(self.forecast.months) + 1


def plain_names(names: Sequence[str]) -> list[str]:
    """Names that look-ups find: no letter that formulas read as a pattern, and none twice whatever its case."""
    found: list[str] = []
    for name in names:
        plain = "".join("-" if letter in _FORBIDDEN or not letter.isprintable() else letter for letter in name)[:60]
        plain = plain.strip() or "scenario"
        taken = {one.casefold() for one in found}
        number = 2
        while (tried := plain if number == 2 else f"{plain} ({number - 1})").casefold() in taken:
            number += 1
        found.append(tried)
    return found


def figures_of(name: str, forecast: Forecast, segments: Sequence[str]) -> ScenarioFigures:
    """The figures of a scenario; ``segments``: those of all scenarios, numbered from 1."""
    cube = Cube.of(forecast)
    means = means_of(cube)
    lines = {line.header: _line(forecast, means, line) for line in LINES}
    found = {(one.key, one.period): one for one in amounts(forecast, means)}
    return ScenarioFigures(name, forecast, lines, dict(_bridges(forecast, segments)), found)


def four(mean: int, draws: Cents, scale: int = CENTS) -> Four:
    """The figures of an amount of shape (draws,), whose mean is known in hundredths."""
    return Four(mean / CENTS, *(int(value) / scale for value in percentiles(draws, PERCENTS)))


def _line(forecast: Forecast, means: Means, line: Line) -> dict[int, Four]:
    by_month, mean = forecast.total(*line.measures), means.total(*line.measures)
    scale = 1 if line.kind == COUNT else CENTS
    found = {number: four(int(mean[number - 1]), by_month[number - 1], scale) for number in _numbers(forecast)}
    horizon = len(forecast.months) + 1
    if line.kind == FLOW:
        found[horizon] = four(int(mean.sum()), by_month.sum(axis=0), scale)
        return found
    found[horizon] = found[horizon - 1]
    places = [INDEX[measure] for measure in line.measures]
    opening = sum((amounts[places].sum(axis=0) for amounts in forecast.opening.values()), np.zeros_like(by_month[0]))
    found[0] = four(int(means.opening[:, :, places].sum()), opening, scale)
    return found


def _numbers(forecast: Forecast) -> range:
    return range(1, len(forecast.months) + 1)


def _bridges(forecast: Forecast, segments: Sequence[str]) -> dict[tuple[str, int], dict[str, Four]]:
    found = {}
    for kind, bridges in (("committed", forecast.committed), ("usage", forecast.usage)):
        of_all = step_means(bridges)
        found[kind, 0] = _steps(whole(bridges, forecast.draws), of_all)
        for number, segment in enumerate(segments, start=1):
            if segment in bridges:
                one = bridges[segment]
                steps = means_that_add_up([one.first, *one.steps.values()])
                found[kind, number] = _steps(one, dict(zip(("first", *one.steps), steps, strict=True)))
    return found


def _steps(bridge: Bridge, means: Mapping[str, int]) -> dict[str, Four]:
    steps = {"first": bridge.first, **bridge.steps}
    return {
        **{key: four(means.get(key, 0), draws) for key, draws in steps.items()},
        "last": four(sum(means.values()), bridge.last),
    }


FAN = "Recognised"
"""The line that the fan chart shows when the workbook is opened."""


@dataclass(frozen=True)
class Goal:
    """A measure over a period that may have a target, cents."""

    measure: str
    period: str
    target: int | None

    @property
    def title(self) -> str:
        """What the workbook calls the measure."""
        return TITLES[self.measure]


@dataclass(frozen=True)
class Check:
    """Something that must hold: a live difference, US dollars or a count, and how large it may be."""

    title: str
    difference: Formula
    allowed: float = 0


@dataclass(frozen=True)
class Model:
    """The figures of every scenario in order, which of them is chosen, and the rows that sheets share."""

    about: WorkbookAbout
    figures: tuple[ScenarioFigures, ...]
    chosen: int
    segments: tuple[str, ...]
    goals: tuple[Goal, ...]

    @classmethod
    def of(cls, forecasts: Mapping[str, Forecast], about: WorkbookAbout) -> Model:
        """The model of named scenarios. Raises ValueError where there is none, months differ, or none is chosen."""
        if not forecasts:
            raise ValueError("a workbook needs at least one forecast")
        if len({forecast.months for forecast in forecasts.values()}) > 1:
            raise ValueError("the scenarios of a workbook must have the same months")
        if about.chosen and about.chosen not in forecasts:
            raise ValueError(f"no scenario '{about.chosen}' to open with among {', '.join(forecasts)}")
        bridges = [bridges for one in forecasts.values() for bridges in (one.committed, one.usage)]
        segments = tuple(sorted({segment for one in bridges for segment in one}))
        named = zip(plain_names(list(forecasts)), forecasts.values(), strict=True)
        figures = tuple(figures_of(name, forecast, segments) for name, forecast in named)
        chosen = list(forecasts).index(about.chosen) if about.chosen else 0
        return cls(about, figures, chosen, segments, _goals(figures[0], about))

    @property
    def now(self) -> ScenarioFigures:
        """The figures of the scenario that the workbook opens with."""
        return self.figures[self.chosen]

    @property
    def forecasts(self) -> tuple[Forecast, ...]:
        """The forecasts, in order."""
        return tuple(one.forecast for one in self.figures)

    @property
    def months(self) -> tuple[date, ...]:
        """The months of the horizon."""
        return self.now.forecast.months

    @property
    def numbers(self) -> range:
        """The numbers of the months, from 1."""
        return range(1, len(self.months) + 1)

    def subtitle(self, unit: str) -> Formula:
        """Which scenario a sheet shows, in which unit, with how many draws."""
        forecast = self.now.forecast
        said = f"Scenario: {self.now.name} – {forecast.title}. {unit}"
        return Formula(f'"Scenario: "&scenario&" – "&scenario_title&". {unit}"', said)

    def span(self) -> str:
        """The first and the last month, in words."""
        return f"{month_text(self.months[0])} to {month_text(self.months[-1])}"

    def line(self, header: str, number: int, stat: str = "Mean") -> float:
        """A line's figure in the scenario that the workbook opens with."""
        return self.now.lines[header][number][stat]


def _goals(first: ScenarioFigures, about: WorkbookAbout) -> tuple[Goal, ...]:
    """What has a target, and what somebody may want to set one for: the five measures and the run-rates."""
    aimed = [
        Goal(amount.key, amount.period, target.cents)
        for target in about.targets
        for amount in first.amounts.values()
        if target.of(amount)
    ]
    taken = {(goal.measure, goal.period) for goal in aimed}
    free = [Goal(key, TOTAL, None) for key in (*FIVE, *RUN_RATES) if (key, TOTAL) not in taken]
    return (*aimed, *free)


def picked(table: str, stat: str, *key: str) -> str:
    """The formula that finds a figure of the chosen scenario in a table of the sheet Data.

    ``key``: what stands behind the scenario in the table's key, each a text or a formula in braces.
    """
    rest = '&"|"&'.join(part[1:-1] if part.startswith("{") else f'"{part}"' for part in key)
    return f'INDEX({table}[{stat}],MATCH(scenario&"|"&{rest},{table}[Key],0))'


def key_of(*parts: str | int) -> str:
    """The key of a row of the sheet Data."""
    return "|".join(map(str, parts))


def this_row(table: str, header: str) -> str:
    """A cell of the same row of a named table."""
    return f"{table}[[#This Row],[{header}]]"


def shown_stats(four: Four) -> Sequence[float]:
    """A figure's mean and percentiles, in the order of their columns."""
    return four.mean, four.p10, four.p50, four.p90


LINE_HEADERS = tuple(line.header for line in LINES)
