"""The totals of a ledger: what a run came to in each draw, without the members' months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.billing.blocks import joined, over_draws
from planshift.billing.charges import COLUMNS
from planshift.billing.ledger import AMOUNTS, BLOCKED, COLUMN, Ledger
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos
from planshift.problems import InputError, Place

_MOST = 9e18
"""Sums beyond this leave 64 bits."""

Span: TypeAlias = tuple[date, str]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LedgerTotals:
    """What a run came to in each of its draws.

    ``spans`` are month and plan of the rows of months.csv, sorted; arrays have the shape (spans, draws) where nothing
    else is said. ``charges``: cents by COLUMNS; ``amounts`` (len(AMOUNTS), spans, draws): nano-dollars over all
    members; ``balances``: nano-dollars of credits left, ``lapsed``: of those gone unused; ``active``: members with
    demand; ``limited``: members whom their own limit stopped; ``counterfactual``: by span, did a plan run on past its
    end (Rulebook P2)? ``member_amounts`` (len(AMOUNTS), members): nano-dollars over all draws and months;
    ``member_hits`` (members,): the draws in which the member's own limit stopped them at least once.
    """

    start: date
    end: date
    members: tuple[str, ...]
    draws: int = field(metadata=over_draws())
    spans: tuple[Span, ...]
    charges: Mapping[str, npt.NDArray[np.int64]] = field(metadata=over_draws())
    amounts: Nanos = field(metadata=over_draws())
    balances: Nanos = field(metadata=over_draws())
    active: Counts = field(metadata=over_draws())
    limited: Counts = field(metadata=over_draws())
    member_amounts: Nanos
    member_hits: Counts
    counterfactual: tuple[bool, ...]
    lapsed: Nanos = field(metadata=over_draws())

    @property
    def invoiced(self) -> npt.NDArray[np.int64]:
        """Everything invoiced, cents, shape (spans, draws)."""
        invoiced: npt.NDArray[np.int64] = np.sum([self.charges[name] for name in COLUMNS], axis=0)
        return invoiced

    @property
    def blocked(self) -> Nanos:
        """Everything that was blocked over all members, nano-dollars, shape (spans, draws)."""
        blocked: Nanos = np.sum([self.amount(name) for name in BLOCKED], axis=0)
        return blocked

    def amount(self, column: str) -> Nanos:
        """One of AMOUNTS over all members, nano-dollars, shape (spans, draws)."""
        amount: Nanos = self.amounts[COLUMN[column]]
        return amount


def totals(ledger: Ledger) -> LedgerTotals:
    """The totals of a ledger; a span stands in it if one of the draws has it."""
    charged = _charged(ledger)
    spans = tuple(sorted({*ledger.usage, *(span for _, span in charged)}))
    place = {span: number for number, span in enumerate(spans)}
    shape = len(spans), ledger.draws
    charges = {name: np.zeros(shape, dtype=np.int64) for name in COLUMNS}
    for (name, span), cents in charged.items():
        charges[name][place[span]] = cents
    amounts = np.zeros((len(AMOUNTS), *shape), dtype=np.int64)
    balances, active, limited = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    by_member = np.zeros((len(AMOUNTS), len(ledger.members)), dtype=np.int64)
    hit = np.zeros((ledger.draws, len(ledger.members)), dtype=np.bool_)
    for span, used in ledger.usage.items():
        row = place[span]
        amounts[:, row] = used.sum(axis=2)
        balances[row] = ledger.balances[span]
        active[row] = np.count_nonzero(used[COLUMN["demand"]], axis=1)
        stopped = used[COLUMN["blocked_member_limit"]] > 0
        limited[row] = np.count_nonzero(stopped, axis=1)
        hit |= stopped
        by_member += used.sum(axis=1)
    lapsed = np.zeros(shape, dtype=np.int64)
    for span, gone in ledger.lapsed().items():
        lapsed[place[span]] = gone
    since = ledger.counterfactual_since
    return LedgerTotals(
        start=ledger.start,
        end=ledger.end,
        members=ledger.members,
        draws=ledger.draws,
        spans=spans,
        charges=charges,
        amounts=amounts,
        balances=balances,
        active=active,
        limited=limited,
        member_amounts=by_member,
        member_hits=np.count_nonzero(hit, axis=0),
        counterfactual=tuple(next_month(month) > since for month, _ in spans),
        lapsed=lapsed,
    )


def _charged(ledger: Ledger) -> dict[tuple[str, Span], npt.NDArray[np.int64]]:
    """What is charged, by COLUMNS and span: cents of shape (draws,). Without a line there is no entry."""
    sums: dict[tuple[str, Span], npt.NDArray[np.int64]] = {}
    for charge in ledger.charges:
        if not charge.nothing:
            key = charge.kind.column, (month_of(charge.day), charge.plan)
            sums[key] = sums.get(key, np.zeros(ledger.draws, dtype=np.int64)) + charge.cents
    return sums


def joined_totals(parts: Sequence[LedgerTotals]) -> LedgerTotals:
    """Totals of the same run, one or more, put together: their draws one after the other.

    Raises InputError where what members use over all draws is more than can be calculated with.
    """
    if len(parts) == 1:
        return parts[0]
    marks = {span: marked for one in parts for span, marked in zip(one.spans, one.counterfactual, strict=True)}
    spans = tuple(sorted(marks))
    if np.sum([one.member_amounts for one in parts], axis=0, dtype=np.float64).max(initial=0) > _MOST:
        fact = "over all draws a member uses more than can be calculated with"
        raise InputError.at(Place("--draws"), fact, "take fewer draws, or check the usage")

    return replace(
        joined([_widened(one, spans) for one in parts]),
        spans=spans,
        member_amounts=np.sum([one.member_amounts for one in parts], axis=0),
        member_hits=np.sum([one.member_hits for one in parts], axis=0),
        counterfactual=tuple(marks[span] for span in spans),
    )


def _widened(one: LedgerTotals, spans: Sequence[Span]) -> LedgerTotals:
    """The same with rows of zeros for the spans that it does not have."""
    if len(one.spans) == len(spans):
        return one
    rows = [spans.index(span) for span in one.spans]

    def wide(array: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        found = np.zeros((*array.shape[:-2], len(spans), array.shape[-1]), dtype=np.int64)
        found[..., rows, :] = array
        return found

    return replace(
        one,
        charges={name: wide(cents) for name, cents in one.charges.items()},
        amounts=wide(one.amounts),
        balances=wide(one.balances),
        active=wide(one.active),
        limited=wide(one.limited),
        lapsed=wide(one.lapsed),
    )
