"""Work at list price: what was metered, done and blocked, and what a discount took off.

Amounts have the shape (len(AMOUNTS), …, members), nano-dollars; results have the shape (…, members).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import COLUMN
from planshift.billing.sharing import Nanos


def listed(amounts: Nanos) -> Nanos:
    """What was metered, at list price: demand − unavailable − included, nano-dollars."""
    result: Nanos = amounts[COLUMN["demand"]] - amounts[COLUMN["unavailable"]] - amounts[COLUMN["included"]]
    return result


def listed_per_metered(amounts: Nanos) -> npt.NDArray[np.float64]:
    """What a metered dollar was at list price; 1 where nothing was metered."""
    metered = amounts[COLUMN["metered"]]
    at_list: npt.NDArray[np.float64] = np.divide(
        listed(amounts), metered, out=np.ones(metered.shape), where=metered > 0
    )
    return at_list


def discount_taken(amounts: Nanos) -> Nanos:
    """What the discount took off usage that was billed, nano-dollars (Rulebook U5).

    discount × billed ÷ metered: the part of it that fell on blocked usage was never given.
    """
    metered = amounts[COLUMN["metered"]]
    share = np.divide(amounts[COLUMN["billed"]], metered, out=np.zeros(metered.shape), where=metered > 0)
    taken: Nanos = np.rint((listed(amounts) - metered) * share).astype(np.int64)
    return taken


def blocked_at_list(amounts: Nanos) -> Nanos:
    """What was blocked, at list price, nano-dollars: metered less billed and the discount on it."""
    blocked: Nanos = listed(amounts) - amounts[COLUMN["billed"]] - discount_taken(amounts)
    return blocked


def done_at_list(amounts: Nanos) -> Nanos:
    """The work that could be done, at list price, nano-dollars: included, billed, and the discount on it."""
    done: Nanos = amounts[COLUMN["included"]] + amounts[COLUMN["billed"]] + discount_taken(amounts)
    return done
