"""A contract over a run: its terms, the turns between them, seat prices, and how far it comes in each draw."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from planshift.billing.contract import CreditSettings
from planshift.billing.ledger import Ledger, TermEnd
from planshift.billing.money import half_up
from planshift.billing.schedule import Term, months_after
from planshift.billing.simulation import Run
from planshift.billing.terms import Terms
from planshift.forecasting.result import Cents
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio
from planshift.usage.synthetic.streams import starts, uniforms


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


@dataclass(frozen=True)
class Grid:
    """The months of a forecast: ``months`` whole calendar months from ``start``, the first day of one.

    Days are ordinals. What is known "by" one of the ``ends`` is known at the end of the day before it: place 0 is the
    opening, place m + 1 the end of month m.
    """

    start: date
    months: int

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise ValueError(f"a forecast starts on the first day of a month (got {self.start})")

    @cached_property
    def firsts(self) -> tuple[date, ...]:
        """The first day of each month."""
        return tuple(months_after(self.start, month) for month in range(self.months))

    @cached_property
    def end(self) -> date:
        """The day after the last."""
        return months_after(self.start, self.months)

    @cached_property
    def days(self) -> list[int]:
        """The first day of each month, and the day after the last."""
        return [day.toordinal() for day in (*self.firsts, self.end)]

    @cached_property
    def year_on(self) -> Numbers:
        """The days twelve months after those, shape (months + 1,)."""
        days = [months_after(day, 12).toordinal() for day in (*self.firsts, self.end)]
        return np.array(days, dtype=np.int64)

    @cached_property
    def ends(self) -> Numbers:
        """The same as an array of shape (months + 1,)."""
        return np.array(self.days, dtype=np.int64)

    def place(self, day: int) -> int:
        """The first place by which a day is known: 0 before the start, m + 1 in month m, months + 1 after the last."""
        return bisect_right(self.days, day)

    def places(self, days: Numbers | Sequence[int]) -> npt.NDArray[np.intp]:
        """The same for many days."""
        return np.searchsorted(self.ends, days, side="right")

    def flows(self, draws: int) -> Cents:
        """No flows, shape (months + 2, draws): by place, the last of which is for what comes after the forecast."""
        return np.zeros((self.months + 2, draws), dtype=np.int64)


@lru_cache(maxsize=16)
def months_from(start: date, months: int) -> Grid:
    """The grid of some months, the same for all accounts, made once."""
    return Grid(start, months)


def known(flows: Cents) -> Cents:
    """What has flowed by each of a grid's ends, shape (months + 1, draws)."""
    result: Cents = np.cumsum(flows[:-1], axis=0)
    return result


@dataclass(frozen=True)
class TermHeld:
    """A term of the contract: what holds in it, and the factor on its seat prices in each draw."""

    term: Term
    terms: Terms
    credits: CreditSettings
    price: TermPrice


@dataclass(frozen=True)
class History:
    """A contract's terms over a run, and the number of the last one that it comes to in each draw, see `last_terms`."""

    run: Run
    terms: tuple[TermHeld, ...]
    last: Numbers

    @property
    def ledger(self) -> Ledger:
        """What the run found out."""
        return self.run.ledger

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.last)

    @property
    def turns(self) -> tuple[TermEnd, ...]:
        """The ends of terms: turn j is the end of term j."""
        return self.run.ledger.turns

    def reaches(self, term: int) -> Which:
        """The draws in which the contract comes to a term."""
        result: Which = self.last >= term
        return result

    def churns_at(self, term: int) -> Which:
        """The draws in which the contract ends with a term."""
        result: Which = self.last == term
        return result


def history(run: Run, last: Numbers, shocks: Sequence[SeatPriceShock] = ()) -> History:
    """The terms of a run's contract: the one in force on its first day, and one for each turn."""
    contract, ledger, first = run.scenario.contract, run.ledger, run.scenario.term
    terms = Terms.of(contract)
    held = [TermHeld(first, terms, contract.credits, term_price(shocks, first.start, ledger.draws))]
    for turn in ledger.turns:
        phase = next(phase for phase in ledger.phases if phase.since >= turn.day and phase.term.start == turn.day)
        price = term_price(shocks, phase.term.start, ledger.draws)
        held.append(TermHeld(phase.term, phase.terms, phase.credits, price))
    return History(run, tuple(held), last)
