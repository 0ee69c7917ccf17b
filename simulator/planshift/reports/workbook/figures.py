"""The figures of a workbook, scenario by scenario: means that add up, and percentiles of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planshift.forecasting.measures import COUNT, FLOW, INDEX, Cents
from planshift.forecasting.result import Bridge, Forecast
from planshift.impact.spread import PERCENTS
from planshift.reports.forecast.cube import Cube, Means, means_of
from planshift.reports.forecast.measured import Amount, amounts, step_means, whole
from planshift.reports.spread import means_that_add_up, percentiles
from planshift.reports.workbook.lines import LINES, Line

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
