"""A forecast in sentences, tables and charts: what its page, its folder and its plain data are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from planshift.forecasting.result import Forecast
from planshift.forecasting.varied import Varied
from planshift.reports.assumptions import footnotes
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.forecast import forecast_charts
from planshift.reports.forecast import contracts, tables, words
from planshift.reports.forecast.columns import (
    ACCOUNTS,
    ARR_BRIDGE,
    CALENDAR,
    CHECKS,
    COHORTS,
    COUNTS,
    DRAWS,
    MONTHS,
    MOVERS,
    RENEWALS,
    ROLLFORWARD,
    SCENARIOS,
    SUMMARY,
    TORNADO,
)
from planshift.reports.forecast.cube import Cube, Means, amounts, means_of
from planshift.reports.forecast.options import ForecastOptions
from planshift.reports.forecast.provenance import Provenance
from planshift.reports.forecast.tables import Check, check_values, checks
from planshift.reports.table import Table, Values
from planshift.reports.words import said_before


@dataclass(frozen=True)
class ForecastReport:
    """A forecast of a portfolio in its scenarios, the first of which is shown alone; and what it was asked for.

    ``varied``: what one uncertain thing after the other does to it, None where that was not asked for.
    ``charges``: files of charges by name, each with what writes it.
    """

    provenance: Provenance
    forecasts: Mapping[str, Forecast]
    options: ForecastOptions
    varied: Varied | None = None
    charges: Mapping[str, Callable[[Path], object]] = field(default_factory=dict)

    @property
    def base(self) -> Forecast:
        """The scenario that is shown alone."""
        return next(iter(self.forecasts.values()))

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return self.base.draws

    @cached_property
    def cubes(self) -> tuple[tuple[Cube, Means], ...]:
        """Every scenario by plan and segment, with its means."""
        found = [Cube.of(forecast) for forecast in self.forecasts.values()]
        return tuple((cube, means_of(cube)) for cube in found)

    @cached_property
    def stories(self) -> tuple[words.Story, ...]:
        """What sentences are made of, a story a scenario."""
        title, targets = self.provenance.title, self.provenance.targets
        return tuple(
            words.Story(title, cube.forecast, tuple(amounts(cube.forecast, means)), targets)
            for cube, means in self.cubes
        )

    @cached_property
    def answer(self) -> str:
        """One sentence: what is recognised, invoiced and paid, what the renewals change, which targets are missed."""
        return said_before(self.provenance.without_effect) + words.answer(self.stories[0])

    @property
    def besides(self) -> tuple[str, ...]:
        """What belongs to the answer: what the renewals change, and which targets are missed how often."""
        return words.besides(self.stories[0])

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What to know before relying on the numbers; first of all, a check that does not hold."""
        failed = [f"A check does not hold ({one.scenario}): {one.title}." for one in self.checks if not one.ok]
        own = words.notes(list(self.forecasts.values()), self.provenance.seed)
        first = words.charges_notes(list(self.forecasts.values()), list(self.charges))
        own = (*self.provenance.without_effect, *own)
        return (*failed, *own, *self.provenance.rests_on, *first)

    @property
    def assumed(self) -> tuple[str, ...]:
        """What the numbers rest on that nobody has published."""
        return tuple(one.said for one in self.provenance.assumed)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What must hold in every month and draw, and whether it does."""
        return tuple(check for cube, means in self.cubes for check in checks(cube, means))

    @cached_property
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""
        return {table.name: (table, values) for table, values in self._values()}

    def _values(self) -> Iterator[tuple[Table, Values]]:
        forecasts = list(self.forecasts.values())
        yield SUMMARY, tables.summary(self.cubes, self.provenance.targets)
        if len(forecasts) > 1:
            yield SCENARIOS, tables.scenarios(self.cubes)
        if self.varied:
            yield TORNADO, tables.tornado(self.varied)
        yield MONTHS, tables.months(self.cubes)
        yield COUNTS, tables.counts(self.cubes)
        yield ROLLFORWARD, tables.rollforward(self.cubes)
        yield ARR_BRIDGE, tables.arr_bridge(forecasts)
        yield CALENDAR, contracts.calendar(forecasts)
        yield COHORTS, contracts.cohorts(forecasts)
        yield RENEWALS, contracts.renewals(self.base)
        yield MOVERS, contracts.movers(self.base)
        yield ACCOUNTS, contracts.accounts(self.base)
        yield DRAWS, tables.draws(self.cubes)
        yield CHECKS, check_values(self.checks)

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""
        cube, means = self.cubes[0]
        lines = footnotes(self.provenance.title, self.notes, ())
        titles = self.provenance.plan_titles
        return forecast_charts(self.stories, cube, means, self.varied, titles, lines)
