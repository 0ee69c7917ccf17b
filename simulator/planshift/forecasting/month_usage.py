"""What became of usage, month by month and over all members: billed, included, taken off by a discount, stopped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import AMOUNTS, COLUMN
from planshift.billing.schedule import month_of
from planshift.billing.sharing import Nanos
from planshift.forecasting.history import History
from planshift.impact.at_list import discount_taken

BILLED, INCLUDED, DISCOUNT, STOPPED = range(4)
"""The places of a month's amounts: what is billed, included, taken off by a discount, and stopped, at list price."""


@dataclass(frozen=True)
class MonthUsage:
    """Calendar months under a plan, in the order of days: nano-dollars over all members, shape (4, spans, draws), see
    BILLED and the others."""

    months: tuple[date, ...]
    plans: tuple[str, ...]
    amounts: Nanos


def month_usage(history: History) -> MonthUsage:
    """Every month as if the contract went on."""
    spans = history.ledger.usage
    months, plans = tuple(month for month, _ in spans), tuple(plan for _, plan in spans)
    return MonthUsage(months, plans, _amounts(spans.values(), history.draws))


def cut_usage(history: History, usage: MonthUsage) -> MonthUsage:
    """The same with nothing after the day on which the contract ends, where it does."""
    amounts = usage.amounts
    for number, turn in enumerate(history.turns):
        ends = history.churns_at(number)
        if not ends.any():
            continue
        last, held = month_of(turn.day), list(zip(usage.months, usage.plans, strict=True))
        part = held.index((last, turn.plan)) if (last, turn.plan) in held else None
        # The plans of a month stand in the order in which they were in force.
        after = [
            month > last or (month == last and (part is None or place > part)) for place, (month, _) in enumerate(held)
        ]
        amounts = np.where(np.array(after)[:, None] & ends, 0, amounts)
        if part is not None:
            amounts[:, part] = np.where(ends, _amounts([turn.usage], history.draws)[:, 0], amounts[:, part])
    return replace(usage, amounts=amounts)


def _amounts(used: Iterable[Nanos], draws: int) -> Nanos:
    """The four amounts over all members, of arrays of shape (len(AMOUNTS), draws, members)."""
    arrays = list(used)
    sums: npt.NDArray[np.int64] = np.array([array.sum(axis=2) for array in arrays], dtype=np.int64)
    by_name = sums.reshape(len(arrays), len(AMOUNTS), draws).swapaxes(0, 1)
    billed, included, metered = (by_name[COLUMN[name]] for name in ("billed", "included", "metered"))
    listed = by_name[COLUMN["demand"]] - by_name[COLUMN["unavailable"]] - included
    taken = listed - metered
    for place in np.flatnonzero((taken.any(axis=1)) & (metered != billed).any(axis=1)):
        # The part of a member's discount that fell on stopped usage was never given.
        taken[place] = discount_taken(arrays[place]).sum(axis=1)
    return np.stack((billed, included, taken, listed - billed - taken))
