"""Which renewals happen: in each draw a contract goes on at the end of a term, or ends there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.usage.synthetic.streams import starts, uniforms

Which = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

RENEWAL = "renewal"
"""The quantity of the streams that say whether a contract goes on."""


def goes_on(
    seed: int, account_id: str, probability: Fraction, turns: Sequence[date], first: date, draws: range
) -> Which:
    """Whether a contract goes on at each of its renewals and early moves, shape (turns, draws).

    A renewal before the forecast's ``first`` day has happened. The number of a renewal, counted from the contract's
    term, names the word of the account's stream that decides: neither another account nor a longer forecast changes it.
    """
    if not turns:
        return np.ones((0, len(draws)), dtype=np.bool_)
    words = uniforms(starts(seed, (account_id,), RENEWAL, draws), 0, len(turns))[:, :, 0]
    decided: Which = words < float(probability)
    decided[[day < first for day in turns]] = True
    return decided


def last_terms(decided: Which) -> Numbers:
    """The number of the last term that a contract comes to, by draw: as many as there are turns if all of them happen.

    The term in force on the first day is number 0, and turn j begins number j + 1.
    """
    result: Numbers = np.logical_and.accumulate(decided, axis=0).sum(axis=0, dtype=np.int64)
    return result
