"""Amounts of nano-dollars in arrays: shared out to the nano-dollar, and discounted."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Nanos: TypeAlias = npt.NDArray[np.int64]

_EXACT = 1 << 51
"""Below this a quotient estimated in floating point is off by less than one."""


def share_out(asked: Nanos, room: Nanos) -> Nanos:
    """Everyone's share of ``room`` in proportion to what they ask, in each draw (Rulebook L6).

    ``asked`` (draws, members): nano-dollars by member in order of id, not negative, with sums above ``room`` (draws).
    The result has the same shape and the sums ``room``: floor(asked × room ÷ sum), and one more for the largest
    remainders, ties by member id.
    """
    total = asked.sum(axis=1)
    if total.max(initial=0) >= _EXACT:
        rows = zip(asked, room.tolist(), total.tolist(), strict=True)
        return np.stack([_share_out_exactly(*row) for row in rows])
    share = (asked * (room / total)[:, None]).astype(np.int64)
    # asked × room may leave 64 bits, but the remainder does not: taken modulo 2**64 it is exact.
    remainder: Nanos = asked * room[:, None] - share * total[:, None]
    correction = remainder // total[:, None]
    share += correction
    remainder -= correction * total[:, None]
    return _give_rest(share, remainder, room)


def largest_remainder(floors: Nanos, remainders: Nanos, total: int) -> Nanos:
    """``floors`` with one more where the remainders are largest, so that the sum is ``total`` (Rulebook A1)."""
    result: Nanos = _give_rest(floors[None].copy(), remainders[None], np.array([total]))[0]
    return result


def _give_rest(share: Nanos, remainder: Nanos, room: Nanos) -> Nanos:
    missing = room - share.sum(axis=1)
    if missing.any():
        # The least remainder that still gets one; where nothing is missing, the largest of those that do not.
        last = remainder.shape[1] - np.maximum(missing, 1)
        least = np.partition(remainder, last, axis=1)[np.arange(len(last)), last][:, None]
        above, alike = remainder > least, remainder == least
        left = missing - above.sum(axis=1)
        share += above | (alike & (np.cumsum(alike, axis=1) <= left[:, None]))
    return share


def _share_out_exactly(asked: Nanos, room: int, total: int) -> Nanos:
    """The same in Python's integers, for days of more than two million dollars."""
    parts = [divmod(int(amount) * room, total) for amount in asked]
    order = sorted(range(len(parts)), key=lambda member: (-parts[member][1], member))
    share = [floor for floor, _ in parts]
    for member in order[: room - sum(share)]:
        share[member] += 1
    return np.array(share, dtype=np.int64)


def discounted(listed: Nanos, discount: Fraction) -> Nanos:
    """What usage is billed at: list price × (1 − discount), each member-day rounded half up (Rulebook U5).

    ``listed``: nano-dollars of any shape, not negative. The discount has at most nine decimals.
    """
    if not discount:
        return listed
    paid = 1 - discount
    part, whole = np.int64(paid.numerator), np.int64(paid.denominator)
    # Split first, so that the product stays inside 64 bits whatever the decimals of the discount.
    quotient, rest = np.divmod(listed, whole)
    result: Nanos = quotient * part + (2 * rest * part + whole) // (2 * whole)
    return result
