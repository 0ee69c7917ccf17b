"""Cash: what is invoiced in each month, in each draw."""

from __future__ import annotations

from datetime import date

import numpy as np

from planshift.billing.calendar import month_of
from planshift.billing.ledger import Ledger
from planshift.impact.drawn import Cents


def cash(ledger: Ledger) -> dict[date, Cents]:
    """Month → everything invoiced in it, cents of shape (draws,)."""
    sums: dict[date, Cents] = {}
    for charge in ledger.charges:
        if not charge.nothing:
            month = month_of(charge.day)
            sums[month] = sums.get(month, np.zeros(ledger.draws, dtype=np.int64)) + charge.cents
    return sums
