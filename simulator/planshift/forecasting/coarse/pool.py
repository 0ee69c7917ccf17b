"""Prepaid credits by month: what is used of them, what is bought again, and what expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.billing.contract import CreditSettings
from planshift.billing.credits import Expiry, Purchases
from planshift.billing.ledger import COLUMN
from planshift.billing.schedule import months_after

Nanos = npt.NDArray[np.int64]


@dataclass
class _Lot:
    """What is left of credits bought, nano-dollars of shape (draws,), and the day on which that is gone."""

    left: Nanos
    gone: date | None


class Pool:
    """An organization's credits in each draw; whoever uses some takes the oldest."""

    def __init__(self, draws: int) -> None:
        self.balance: Nanos = np.zeros(draws, dtype=np.int64)
        self.expired: Nanos = np.zeros(draws, dtype=np.int64)
        self.expiries: list[Expiry] = []
        self._lots: list[_Lot] = []

    def add(self, bought: Purchases) -> None:
        """Credits are bought."""
        amount = bought.times * bought.amount
        self._lots.append(_Lot(amount.copy(), bought.expires))
        self.balance += amount

    def expire(self, today: date) -> None:
        """What has expired by the beginning of a day is gone on its own day."""
        expired = [lot for lot in self._lots if lot.gone is not None and lot.gone <= today]
        self._lots = [lot for lot in self._lots if lot.gone is None or lot.gone > today]
        for lot in expired:
            if lot.gone is not None and lot.left.any():
                self.expiries.append(Expiry(lot.gone, lot.left))
            self.balance -= lot.left
            self.expired += lot.left

    def lapse(self, day: date) -> None:
        """Everything left is gone at a renewal (Rulebook C4)."""
        self.expiries.append(Expiry(day, self.balance.copy(), lapsed=True))
        self.expired += self.balance
        self.balance = np.zeros_like(self.balance)
        self._lots.clear()

    def use(self, found: Nanos, settings: CreditSettings, expiry_months: int | None, day: date) -> list[Purchases]:
        """Pay a span's usage, shape (len(AMOUNTS), draws), from credits, and buy what is agreed; what nothing pays is
        blocked. Purchases are made on the span's first ``day``."""
        wanted = found[COLUMN["billed"]]
        bought: list[Purchases] = []
        reload = settings.auto_reload
        if reload is not None:
            short = np.maximum(reload.below - (self.balance - wanted), 0)
            times = -(-short // reload.amount)
            if times.any():
                gone = months_after(day, expiry_months) if expiry_months else None
                bought.append(Purchases(day, reload.amount, "auto_reload", times, gone))
                self.add(bought[-1])
        used = np.minimum(wanted, self.balance)
        found[COLUMN["blocked_credits"]] += wanted - used
        found[COLUMN["billed"]] = used
        self._take(used)
        return bought

    def _take(self, used: Nanos) -> None:
        self.balance -= used
        left = used.copy()
        for lot in self._lots:
            taken = np.minimum(left, lot.left)
            lot.left -= taken
            left -= taken
        self._lots = [lot for lot in self._lots if lot.left.any()]
