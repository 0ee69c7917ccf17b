"""What all sheets of a workbook are made from, and the formulas by which they pick the chosen scenario's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planshift.billing.schedule import month_text
from planshift.forecasting.result import Forecast
from planshift.reports.forecast.columns import TOTAL
from planshift.reports.forecast.measured import FIVE, RUN_RATES, TITLES
from planshift.reports.workbook.about import WorkbookAbout
from planshift.reports.workbook.figures import Four, ScenarioFigures, figures_of, plain_names
from planshift.reports.workbook.lines import LINES
from planshift.reports.workbook.sheet import Live

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
    difference: Live
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

    def subtitle(self, unit: str) -> Live:
        """Which scenario a sheet shows, in which unit, with how many draws."""
        forecast = self.now.forecast
        said = f"Scenario: {self.now.name} – {forecast.title}. {unit}"
        return Live(f'"Scenario: "&scenario&" – "&scenario_title&". {unit}"', said)

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
