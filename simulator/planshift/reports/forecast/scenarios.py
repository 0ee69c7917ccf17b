"""Scenarios side by side, and what one uncertain thing after the other does to the median draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planshift.forecasting.result import Forecast
from planshift.forecasting.varied import Varied
from planshift.impact.spread import spread
from planshift.reports.forecast.columns import SCENARIOS, TORNADO
from planshift.reports.forecast.cube import FIVE, SUMMED, TITLES, Cube, Means, over_horizon
from planshift.reports.forecast.tables import Row, columns_of
from planshift.reports.table import Values

INPUT_TITLES: Mapping[str, str] = {
    "usage": "Usage",
    "growth": "Growth of usage",
    "token_price": "Token prices",
    "seat_price": "Seat prices",
    "renewal_probability": "Renewal probability",
    "seat_change": "Seats at renewal",
}
"""What reports call something that is varied; one that is not listed is called by its key."""


@dataclass(frozen=True)
class Swing:
    """What a low and a high value, each in words, make of the median draw, cents."""

    key: str
    title: str
    measure: str
    low_value: str
    low: int
    base: int
    high_value: str
    high: int

    @property
    def swing(self) -> int:
        """How far they lie from the base at most."""
        return max(abs(self.low - self.base), abs(self.high - self.base))


def scenarios(cubes: Sequence[tuple[Cube, Means]]) -> Values:
    """The values of scenarios.csv: by measure, the scenarios in their order; changes are draw by draw."""
    found = [(cube.forecast.scenario, over_horizon(cube.forecast, means)) for cube, means in cubes]

    def rows() -> Iterator[Row]:
        first = found[0][1]
        for key in first:
            for name, amounts in found:
                one, change = amounts[key], spread(amounts[key].draws - first[key].draws)
                own = spread(one.draws)
                yield (
                    *(key, TITLES[key], name, one.mean, own.p10, own.p50, own.p90),
                    *(one.mean - first[key].mean, change.p10, change.p50, change.p90),
                )

    return columns_of(SCENARIOS, rows())


def swings(varied: Varied, measure: str) -> list[Swing]:
    """What each input does to a measure over the horizon, the largest swing first, equals in their order."""
    middle = _middle(varied.base, measure)
    found = [
        Swing(
            *(key, INPUT_TITLES.get(key, key), measure, low.title, _middle(low, measure), middle),
            *(high.title, _middle(high, measure)),
        )
        for key, (low, high) in varied.sides.items()
    ]
    return sorted(found, key=lambda one: -one.swing)


def tornado(varied: Varied) -> Values:
    """The values of tornado.csv: the five measures, of each the largest swing first."""
    rows = [one for measure in FIVE for one in swings(varied, measure)]
    names = [*TORNADO.header[1:]]
    return columns_of(TORNADO, ((one.key, *(getattr(one, name) for name in names)) for one in rows))


def _middle(forecast: Forecast, measure: str) -> int:
    """The middle draw of one of the five measures over the horizon."""
    one = next(one for one in SUMMED if one.key == measure)
    by_month = forecast.total(*one.measures)
    return spread(by_month[-1] if one.stands else by_month.sum(axis=0)).p50
