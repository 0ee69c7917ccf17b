"""What a forecast depends on: one uncertain thing after the other at a low and at a high value, all draws alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from planshift.forecasting.result import Bridge, Forecast
from planshift.impact.answers.levels import Levels
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.shocks import Growth, NamedScenario, Shocks, Step

TENTH = 1.2815515655446004
"""The normal score that nine tenths of draws stay below; its negative is that of one tenth."""
USAGE, GROWTH, TOKEN_PRICE, SEAT_PRICE = "usage", "growth", "token_price", "seat_price"
RENEWALS, SEATS = "renewal_probability", "seat_change"


@dataclass(frozen=True)
class Varied:
    """The forecast as it stands, and with the low and the high value of each input, over the same draws.

    The title of a low or high forecast is its value in words.
    """

    base: Forecast
    sides: Mapping[str, tuple[Forecast, Forecast]]


@dataclass(frozen=True)
class Variant:
    """An input with its low and its high value: the two portfolios, whose only scenario is called as the base's."""

    key: str
    low: Portfolio
    high: Portfolio


def variants(portfolio: Portfolio, scenario: str, levels: Levels) -> tuple[Variant, ...]:
    """What is varied of a portfolio in a scenario: what it says is uncertain, and by so much what no file knows.

    Growth goes from what a tenth to what nine tenths of draws stay below; a price change with a probability does not
    happen, or does; usage, the probability of a renewal and the seats taken there are so much lower and higher.
    """
    return tuple(_variants(portfolio.under(scenario), scenario, levels))


def _variants(portfolio: Portfolio, scenario: str, levels: Levels) -> Iterator[Variant]:
    shocks = portfolio.shocks

    def shared(key: str, low: tuple[str, Shocks], high: tuple[str, Shocks]) -> Variant:
        sides = (
            replace(portfolio, shocks=changed, scenarios={scenario: NamedScenario(scenario, title)})
            for title, changed in (low, high)
        )
        return Variant(key, *sides)

    def times(factor: Fraction) -> tuple[str, Shocks]:
        # Behind all others: the draws of each step hang on its place.
        step = Step(portfolio.start, factor, Fraction(1))
        return f"× {float(factor):g}", replace(shocks, token_price=(*shocks.token_price, step))

    yield shared(USAGE, times(1 - levels.usage), times(1 + levels.usage))
    if shocks.growth.annual_sd:
        yield shared(GROWTH, *(_growing(shocks, score) for score in (-TENTH, TENTH)))
    if any(_uncertain(step) for step in shocks.token_price):
        yield shared(
            TOKEN_PRICE,
            ("as they are", replace(shocks, token_price=_decided(shocks.token_price, 0))),
            ("changed", replace(shocks, token_price=_decided(shocks.token_price, 1))),
        )
    if any(_uncertain(step) for step in shocks.seat_price):
        yield shared(
            SEAT_PRICE,
            ("as they are", replace(shocks, seat_price=_decided(shocks.seat_price, 0))),
            ("changed", replace(shocks, seat_price=_decided(shocks.seat_price, 1))),
        )
    yield _account(portfolio, scenario, RENEWALS, levels.renewals)
    yield _account(portfolio, scenario, SEATS, levels.seats)


def _growing(shocks: Shocks, score: float) -> tuple[str, Shocks]:
    """Usage grows as it does in the draw of a normal score."""
    growth = shocks.growth
    mean = math.expm1(math.log1p(growth.annual_mean) - growth.annual_sd**2 / 2 + growth.annual_sd * score)
    return f"by {mean * 100:.1f} % a year".replace("-", "−"), replace(shocks, growth=Growth(mean, 0.0, growth.source))


def _uncertain(step: Step) -> bool:
    return 0 < step.probability < 1


def _decided(steps: tuple[Step, ...], probability: int) -> tuple[Step, ...]:
    """What may happen does not, or does; what is certain stays."""
    return tuple(replace(step, probability=Fraction(probability)) if _uncertain(step) else step for step in steps)


def _account(portfolio: Portfolio, scenario: str, key: str, change: Fraction) -> Variant:
    """Every account's own value, so much lower and higher."""
    sides = []
    for sign, more in ((-1, "less"), (1, "more")):
        title = f"{float(change) * 100:g} points {more}"
        probability, seats = (sign * change if key == name else Fraction(0) for name in (RENEWALS, SEATS))
        named = NamedScenario(scenario, title, renewal_probability=probability, seat_change=seats)
        sides.append(replace(portfolio, scenarios={scenario: named}))
    return Variant(key, *sides)


def first_draws(forecast: Forecast, draws: int) -> Forecast:
    """The first draws of a forecast alone; its rows of accounts and renewals are still those of all."""

    def some(bridge: Bridge) -> Bridge:
        steps = {name: step[:draws] for name, step in bridge.steps.items()}
        return Bridge(bridge.first[:draws], steps, bridge.last[:draws])

    return replace(
        forecast,
        draws=min(draws, forecast.draws),
        cells={cell: amounts[..., :draws] for cell, amounts in forecast.cells.items()},
        opening={cell: amounts[..., :draws] for cell, amounts in forecast.opening.items()},
        committed={segment: some(bridge) for segment, bridge in forecast.committed.items()},
        usage={segment: some(bridge) for segment, bridge in forecast.usage.items()},
    )
