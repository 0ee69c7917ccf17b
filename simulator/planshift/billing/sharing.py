"""Sharing a whole amount in proportion, to the last unit, by largest remainder."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Nanos: TypeAlias = npt.NDArray[np.int64]

_EXACT = 1 << 51
"""Below this a quotient estimated in floating point is off by less than one."""


def share_out(asked: Nanos, room: int) -> Nanos:
    """Everyone's share of ``room`` in proportion to what they ask (Rulebook L6).

    ``asked``: nano-dollars by member in order of id, not negative, with a sum above ``room``. The result has the same
    shape and the sum ``room``: floor(asked × room ÷ sum), and one more for the largest remainders, ties by member id.
    """
    total = int(asked.sum())
    if total >= _EXACT:
        return _share_out_exactly(asked, room, total)
    share = (asked * (room / total)).astype(np.int64)
    # asked × room may leave 64 bits, but the remainder does not: taken modulo 2**64 it is exact.
    remainder = asked * np.int64(room) - share * np.int64(total)
    correction = remainder // total
    share += correction
    remainder -= correction * total
    return _give_rest(share, remainder, room)


def largest_remainder(floors: Nanos, remainders: Nanos, total: int) -> Nanos:
    """``floors`` with one more where the remainders are largest, so that the sum is ``total`` (Rulebook A1)."""
    return _give_rest(floors.copy(), remainders, total)


def _give_rest(share: Nanos, remainder: Nanos, room: int) -> Nanos:
    missing = room - int(share.sum())
    if missing:
        least = np.partition(remainder, -missing)[-missing]
        above = remainder > least
        share += above
        share[np.flatnonzero(remainder == least)[: missing - int(np.count_nonzero(above))]] += 1
    return share


def _share_out_exactly(asked: Nanos, room: int, total: int) -> Nanos:
    """The same in Python's integers, for days of more than two million dollars."""
    parts = [divmod(int(amount) * room, total) for amount in asked]
    order = sorted(range(len(parts)), key=lambda member: (-parts[member][1], member))
    share = [floor for floor, _ in parts]
    for member in order[: room - sum(share)]:
        share[member] += 1
    return np.array(share, dtype=np.int64)
