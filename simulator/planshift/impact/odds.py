"""What becomes of members over many draws: sums of whole cents, and in how many draws they pay more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.impact.outcome import Cents

ABOUT_THE_SAME = Fraction(1, 100)
"""A change within this share of the old cost is about the same: the old cost decides, never the new one."""

Which = npt.NDArray[np.bool_]
Sums: TypeAlias = Mapping[str, npt.NDArray[np.int64]]
"""Sums over draws by name, arrays by member: of cents, or numbers of draws."""


def changed(before: Cents, after: Cents) -> tuple[Which, Which]:
    """Who costs clearly more, and who clearly less, of costs in cents of any shape."""
    change = after - before
    clear = np.abs(change) * ABOUT_THE_SAME.denominator > before * ABOUT_THE_SAME.numerator
    return clear & (change > 0), clear & (change < 0)


def summed(of_draws: Mapping[str, npt.NDArray[np.int64] | Which]) -> Sums:
    """Sums over the draws of a block; arrays have the shape (…, draws, members)."""
    return {name: array.sum(axis=-2, dtype=np.int64) for name, array in of_draws.items()}


def added(blocks: Sequence[Sums]) -> Sums:
    """The sums over several blocks of draws."""
    return {name: np.sum([block[name] for block in blocks], axis=0) for name in blocks[0]}
