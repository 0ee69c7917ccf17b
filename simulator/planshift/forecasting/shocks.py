"""What all accounts of a portfolio share in a draw: how usage grows, and which price changes happen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.forecasting.history import SeatPriceShock
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.shocks import Growth, Step
from planshift.usage.demand import AT_A_TIME, Nanos
from planshift.usage.measure import Measured
from planshift.usage.synthetic.calendar_effects import DAYS_OF_YEAR
from planshift.usage.synthetic.streams import Words, normals, starts, uniforms


@dataclass(frozen=True)
class Factors:
    """Factors on what is asked for, shape (days, draws), from ``start`` on; before ``start`` usage is as it is."""

    start: date
    by_day: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.by_day.ndim != 2 or not np.isfinite(self.by_day).all() or (self.by_day < 0).any():
            raise ValueError("factors must be finite, not negative, and of the shape (days, draws)")

    @property
    def draws(self) -> int:
        """For how many draws there are factors."""
        return int(self.by_day.shape[1])

    def some(self, draws: slice) -> Factors:
        """Those of some draws."""
        return Factors(self.start, self.by_day[:, draws])

    def applied(self, measured: Measured) -> Measured:
        """What was measured times the factors, each amount rounded to the nano-dollar, halves to the even one.

        Raises ValueError where there are not as many draws, or not factors up to the last day.
        """
        demand = measured.demand
        offset = (demand.start - self.start).days
        missing = offset + demand.days - len(self.by_day)
        if missing > 0:
            raise ValueError(f"the factors must reach the last of the {demand.days} days (got {missing} days fewer)")
        if demand.by_surface and self.draws != demand.draws:
            raise ValueError(f"there must be factors for {demand.draws} draws (got {self.draws})")
        before = max(0, -offset)
        rows = self.by_day[max(0, offset) : offset + demand.days]
        if (rows == 1).all():
            return measured
        surfaces = {name: _times(array, rows, before) for name, array in demand.by_surface.items()}
        return replace(measured, demand=replace(demand, by_surface=surfaces))


def _times(amounts: Nanos, factors: npt.NDArray[np.float64], before: int) -> Nanos:
    """Amounts of shape (days, draws, members) times factors of (days, draws), from the day ``before`` on."""
    result = np.empty_like(amounts)
    result[:before] = amounts[:before]
    size = max(1, AT_A_TIME // max(1, amounts[0].size)) if len(amounts) else 1
    for first in range(before, len(amounts), size):
        some = slice(first, first + size)
        here = amounts[some] * factors[first - before : first - before + size, :, None]
        np.copyto(result[some], np.rint(here, out=here), casting="unsafe")
    return result


PORTFOLIO = "portfolio"
"""The entity of what all accounts share."""
GROWTH, TOKEN_PRICE, SEAT_PRICE = "growth", "token_price", "seat_price"

Floats = npt.NDArray[np.float64]
Which = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shared:
    """What all accounts share in some draws, counted from ``first``.

    ``usage``: factors on what is asked for, by day from the horizon's first on; ``seat_prices``: what may happen to
    them, and in which of the draws it does.
    """

    first: int
    usage: Factors
    seat_prices: tuple[SeatPriceShock, ...]

    @classmethod
    def of(cls, portfolio: Portfolio, draws: range) -> Shared:
        """Those of a portfolio. A draw's are the same whatever the accounts are and however many draws there are, and
        in every scenario that has the same steps in the same order."""
        seed, days = portfolio.seed, (portfolio.end - portfolio.start).days
        factors = _growth(portfolio.shocks.growth, days, _stream(seed, GROWTH, draws))
        for step, happens in _happening(seed, TOKEN_PRICE, portfolio.shocks.token_price, draws):
            since = max(0, (step.since - portfolio.start).days)
            factors[since:] *= np.where(happens, float(step.factor), 1.0)
        shocks = (
            SeatPriceShock(step.since, step.factor, happens)
            for step, happens in _happening(seed, SEAT_PRICE, portfolio.shocks.seat_price, draws)
        )
        return cls(draws.start, Factors(portfolio.start, factors), tuple(shocks))

    def of_some(self, draws: range) -> Shared:
        """Those of some of the draws."""
        part = slice(draws.start - self.first, draws.stop - self.first)
        shocks = (SeatPriceShock(one.since, one.factor, one.happens[part]) for one in self.seat_prices)
        return Shared(draws.start, self.usage.some(part), tuple(shocks))


def _stream(seed: int, name: str, draws: range) -> Words:
    return starts(seed, (PORTFOLIO,), name, draws)[:, 0]


def _growth(growth: Growth, days: int, stream: Words) -> Floats:
    """See `planshift.portfolio.shocks.Growth`; shape (days, draws)."""
    yearly = math.log1p(growth.annual_mean) - growth.annual_sd**2 / 2 + growth.annual_sd * normals(stream)
    result: Floats = np.exp(np.arange(days)[:, None] / DAYS_OF_YEAR * yearly)
    return result


def _happening(seed: int, name: str, steps: Sequence[Step], draws: range) -> list[tuple[Step, Which]]:
    """Each step, and in which draws it happens, shape (draws,)."""
    return [
        (step, uniforms(_stream(seed, f"{name} {number}", draws))[0] < float(step.probability))
        for number, step in enumerate(steps)
    ]
