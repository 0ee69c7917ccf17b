"""Which renewals happen: in each draw a contract goes on at the end of a term, or ends there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.simulation import Run
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio
from planshift.usage.synthetic.streams import starts, uniforms

Which = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

RENEWAL = "renewal"
"""The quantity of the streams that say whether a contract goes on."""


def goes_on(
    seed: int,
    account_id: str,
    probability: Fraction,
    turns: Sequence[date],
    first: date,
    draws: range,
    since: date = date.min,
) -> Which:
    """Whether a contract goes on at each of its renewals and early moves, shape (turns, draws).

    A renewal before the forecast's ``first`` day has happened. The number of a renewal, counted from the term that
    began on the day ``since``, names the word of the account's stream that decides: neither another account nor a
    longer forecast changes it.
    """
    before = sum(day <= since for day in turns)
    decided: Which = np.ones((len(turns), len(draws)), dtype=np.bool_)
    if len(turns) > before:
        words = uniforms(starts(seed, (account_id,), RENEWAL, draws), 0, len(turns) - before)[:, :, 0]
        decided[before:] = words < float(probability)
    decided[[day < first for day in turns]] = True
    return decided


def renewals_of(account: Account, run: Run, portfolio: Portfolio, draws: range) -> Which:
    """The same for the run of an account of a portfolio, counted from the term that the account states."""
    days = [turn.day for turn in run.ledger.turns]
    known = portfolio.seed, account.account_id, account.renewal_probability
    return goes_on(*known, days, portfolio.start, draws, account.contract.term_start)


def last_terms(decided: Which) -> Numbers:
    """The number of the last term that a contract comes to, by draw: as many as there are turns if all of them happen.

    The term in force on the first day is number 0, and turn j begins number j + 1.
    """
    result: Numbers = np.logical_and.accumulate(decided, axis=0).sum(axis=0, dtype=np.int64)
    return result
