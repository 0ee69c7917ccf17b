"""Ledgers of blocks of draws put together to one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from planshift.billing.credits import Expiry, Purchases
from planshift.billing.invoices import CreditInvoices, DrawnInvoice, UsageInvoice
from planshift.billing.ledger import Columns, Ledger, Standing, Turn
from planshift.billing.sharing import Nanos
from planshift.billing.stops import Stops


def joined_ledgers(ledgers: Sequence[Ledger]) -> Ledger:
    """The ledger of all draws, those of one after those of the other, from ledgers of the same run, one or more."""
    first = ledgers[0]
    if len(ledgers) == 1:
        return first
    return replace(
        first,
        draws=sum(ledger.draws for ledger in ledgers),
        usage={span: np.concatenate([ledger.usage[span] for ledger in ledgers], axis=1) for span in first.usage},
        balances={span: np.concatenate([ledger.balances[span] for ledger in ledgers]) for span in first.balances},
        invoices=tuple(_invoices(ledgers)),
        member_alerts=_alerts([ledger.member_alerts for ledger in ledgers], ledgers),
        organization_alerts=_alerts([ledger.organization_alerts for ledger in ledgers], ledgers),
        member_stops=_stops([ledger.member_stops for ledger in ledgers]),
        organization_stops=_stops([ledger.organization_stops for ledger in ledgers]),
        standing=_standing([ledger.standing for ledger in ledgers]),
        expired=np.concatenate([ledger.expired for ledger in ledgers]),
        turns=tuple(_turn(turns) for turns in zip(*(ledger.turns for ledger in ledgers), strict=True)),
        expiries=tuple(_expiries(ledgers)),
    )


def _turn(turns: Sequence[Turn]) -> Turn:
    """The same turn of all blocks."""
    return replace(
        turns[0],
        usage=np.concatenate([turn.usage for turn in turns], axis=1),
        spent=np.concatenate([turn.spent for turn in turns]),
        balance=np.concatenate([turn.balance for turn in turns]),
    )


def _expiries(ledgers: Sequence[Ledger]) -> Iterator[Expiry]:
    """Credits lost in any of the blocks, among all draws; those that lapse on a day after those that expire on it."""
    found = sorted({(expiry.day, expiry.lapsed) for ledger in ledgers for expiry in ledger.expiries})
    for day, lapsed in found:
        amounts = [
            sum(
                (expiry.amounts for expiry in ledger.expiries if (expiry.day, expiry.lapsed) == (day, lapsed)),
                np.zeros(ledger.draws, dtype=np.int64),
            )
            for ledger in ledgers
        ]
        yield Expiry(day, np.concatenate(amounts), lapsed)


def _invoices(ledgers: Sequence[Ledger]) -> Iterator[DrawnInvoice]:
    """Invoices in the order of every ledger: seats and usage are charged at the same points of all of them."""
    runs = [_Invoices(ledger) for ledger in ledgers]
    while True:
        for place, run in enumerate(runs):
            around = [ledger.draws for ledger in ledgers]
            for credit in run.credits():
                yield _among(credit, sum(around[:place]), sum(around[place + 1 :]))
        shared = [run.next() for run in runs]
        if shared[0] is None:
            return
        yield _together(shared)


class _Invoices:
    """The invoices of a ledger, one after the other."""

    def __init__(self, ledger: Ledger) -> None:
        self._invoices = ledger.invoices
        self._place = 0

    def credits(self) -> Iterator[CreditInvoices]:
        """The purchases that come next."""
        while isinstance(invoice := self._peek(), CreditInvoices):
            self._place += 1
            yield invoice

    def next(self) -> DrawnInvoice | None:
        """The next invoice; None at the end."""
        invoice = self._peek()
        self._place += 1
        return invoice

    def _peek(self) -> DrawnInvoice | None:
        return self._invoices[self._place] if self._place < len(self._invoices) else None


def _among(credit: CreditInvoices, before: int, after: int) -> CreditInvoices:
    """A purchase in one block, as it is among all draws: in none of the others."""
    bought: Purchases = credit.purchases
    return replace(credit, purchases=replace(bought, times=np.pad(bought.times, (before, after))))


def _together(invoices: Sequence[DrawnInvoice | None]) -> DrawnInvoice:
    """The same invoice of all blocks: for seats it is alike in all of them."""
    first = invoices[0]
    assert first is not None
    if not isinstance(first, UsageInvoice):
        return first
    return replace(first, billed=np.concatenate([one.billed for one in invoices if isinstance(one, UsageInvoice)]))


def _alerts(of_blocks: Sequence[Columns], ledgers: Sequence[Ledger]) -> Columns:
    starts = np.cumsum([0, *(ledger.draws for ledger in ledgers)])
    moved = [(draws + start, *rest) for (draws, *rest), start in zip(of_blocks, starts, strict=False)]
    return tuple(np.concatenate(column) for column in zip(*moved, strict=True))


def _stops(of_blocks: Sequence[tuple[Stops, ...]]) -> tuple[Stops, ...]:
    return tuple(Stops.joined(records) for records in zip(*of_blocks, strict=True))


def _standing(of_blocks: Sequence[Standing]) -> Standing:
    balances: list[Nanos] = [standing.balance for standing in of_blocks if standing.balance is not None]
    return replace(
        of_blocks[0],
        spent=np.concatenate([standing.spent for standing in of_blocks]),
        balance=np.concatenate(balances) if balances else None,
    )
