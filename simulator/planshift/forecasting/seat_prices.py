"""What shared shocks do to seat prices: terms that begin on or after a shock's day cost so many times as much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.money import half_up
from planshift.forecasting.measures import Cents


@dataclass(frozen=True)
class SeatPriceShock:
    """From a day on, seats cost ``factor`` times as much, in the draws in which that ``happens``, shape (draws,)."""

    since: date
    factor: Fraction
    happens: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TermPrice:
    """The factors that there may be on the seat prices of a term, the first being 1, and which of them holds in each
    draw (draws,)."""

    factors: tuple[Fraction, ...]
    codes: npt.NDArray[np.int64]

    def of(self, cents: int) -> Cents:
        """An amount at the prices of each draw, rounded half up to the cent, shape (draws,)."""
        if len(self.factors) == 1:
            return np.full(len(self.codes), cents, dtype=np.int64)
        return np.array([half_up(cents * factor) for factor in self.factors], dtype=np.int64)[self.codes]


def term_price(shocks: Sequence[SeatPriceShock], start: date, draws: int) -> TermPrice:
    """The factors on a term that begins on a day: the product of those of every shock that has happened by then."""
    factors: tuple[Fraction, ...] = (Fraction(1),)
    codes = np.zeros(draws, dtype=np.int64)
    for shock in shocks:
        if shock.since <= start:
            codes = codes + len(factors) * shock.happens
            factors = (*factors, *(factor * shock.factor for factor in factors))
    return TermPrice(factors, codes)
