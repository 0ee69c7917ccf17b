"""Serving: how much of what members ask for their limits and the organization's room let through, in arrays.

The days of one stretch are taken together: inside it no limit changes and no credits are bought. What a member asks for
adds up along the days and is cut at what is left of the member's limit; what all members ask for adds up likewise and
runs out on one day at most, on which everybody gets the same share; after it nothing is served.

Sums over whole stretches are cheap; days are unrolled only for members with something to tell: those whose limit binds,
and those whose spend rises to an alert. For the organization they are added up only where the caller asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planshift.billing.sharing import Nanos, share_out

Indices = npt.NDArray[np.intp]
Counts = npt.NDArray[np.uint8]
"""Numbers of days; a stretch ends with its month, so that a byte holds them."""


@dataclass(frozen=True)
class Unrolled:
    """The members of a stretch whose days are known.

    ``places``: where they are in (draws × members) laid flat; ``so_far`` (days, places): what they asked for up to a
    day, exact as long as it is within their limit, nano-dollars; ``served``: what they got in the whole stretch.
    """

    places: Indices
    so_far: Nanos
    served: Nanos


@dataclass(frozen=True)
class RunOut:
    """What became of the ``draws`` in which the organization's room ran out.

    ``day`` (draws): the index of the day on which it did, the number of days where it did not; ``blocked`` (draws,
    members): what was refused for it, nano-dollars.
    """

    draws: Indices
    day: npt.NDArray[np.int64]
    blocked: Nanos


@dataclass(frozen=True)
class Served:
    """What became of a stretch's metered usage, nano-dollars; shape (draws, members) where nothing else is said.

    ``total``: what was served; ``blocked_member``: what members' own limits refused; ``pool_by_day`` (days, draws):
    served to all members so far, None where nobody needs it; ``limited``: the places of the members whom their own
    limit blocks, and ``limited_since``: the index of the first day on which it does.
    """

    total: Nanos
    blocked_member: Nanos
    pool_by_day: Nanos | None
    run_out: RunOut | None
    unrolled: Unrolled
    limited: Indices
    limited_since: Counts


def serve(
    metered: Nanos, asked: Nanos, left: Nanos, room: Nanos, watched: npt.NDArray[np.bool_], telling: Nanos
) -> Served:
    """What is served of ``metered`` (Rulebook L2, L3, L6).

    ``metered`` (days, draws, members): what members ask for, and ``asked`` (draws, members) its sum; ``left`` (draws,
    members): of each member's limit; ``room`` (draws): what limit or credits leave for the organization; ``watched``
    (draws, members): whose days to unroll besides those whose limit binds; ``telling`` (draws): the sum from which the
    caller needs the organization's days. Nano-dollars, none negative.
    """
    binding = asked > left
    places = (binding | watched).ravel().nonzero()[0]
    so_far, limits = _running(metered, places), left.take(places)
    since = days_below(so_far, limits + 1)
    total = np.minimum(asked, left)
    blocked_member = asked - total
    pool = run_out = None
    within = total.sum(axis=1)
    short = within > room
    if np.count_nonzero(short | (within >= telling)):
        pool = _pool_by_day(metered, so_far, places, limits)
    if pool is not None and np.count_nonzero(short):
        run_out = _run_out(metered, left, room, pool, total)
        blocked_member = asked - total - run_out.blocked
        binding = blocked_member > 0
        since = _blocked_late(metered, left - total, places, since, run_out.day)
    which = binding.take(places).nonzero()[0]
    unrolled = Unrolled(places, so_far, total.take(places))
    return Served(total, blocked_member, pool, run_out, unrolled, places.take(which), since.take(which))


def _running(metered: Nanos, places: Indices) -> Nanos:
    """What some members asked for so far, by day, shape (days, places)."""
    so_far = metered.reshape(len(metered), -1).take(places, axis=1)
    # Row by row: along the first axis NumPy's own running sum takes four times as long.
    before, *after = so_far
    for today in after:
        before = np.add(before, today, today)
    return so_far


def _pool_by_day(metered: Nanos, so_far: Nanos, places: Indices, limits: Nanos) -> Nanos:
    """What members may have together so far, by day and draw, with only their own limits to stop them.

    Cuts ``so_far`` at the limits.
    """
    shape = metered.shape[1:]
    pool: Nanos = np.cumsum(metered.sum(axis=2), axis=0) - _by_draw(so_far, places, shape)
    pool += _by_draw(np.minimum(so_far, limits, out=so_far), places, shape)
    return pool


def _by_draw(amounts: Nanos, places: Indices, shape: tuple[int, ...]) -> Nanos:
    """Sums over each draw of some members' amounts, shape (days, draws)."""
    draws, width = shape
    if draws == 1:
        together: Nanos = amounts.sum(axis=1, keepdims=True)
        return together
    bounds = np.searchsorted(places, np.arange(draws + 1) * width)
    held = np.flatnonzero(np.diff(bounds))
    sums = np.zeros((len(amounts), draws), dtype=np.int64)
    if len(held):
        sums[:, held] = np.add.reduceat(amounts, bounds[held], axis=1)
    return sums


def _run_out(metered: Nanos, left: Nanos, room: Nanos, pool: Nanos, total: Nanos) -> RunOut:
    """Cut ``pool`` and ``total`` where ``room`` runs out: from that day on nothing more is served."""
    days = np.full(len(room), len(metered), dtype=np.int64)
    blocked = np.zeros_like(total)
    draws = np.flatnonzero(pool[-1] > room)
    for draw in draws:
        days[draw] = day = int(np.argmax(pool[:, draw] > room[draw]))
        total[draw], blocked[draw] = _last_day(metered[:, draw], left[draw], int(room[draw]), day)
        pool[day:, draw] = room[draw]
    return RunOut(draws, days, blocked)


def _last_day(metered: Nanos, left: Nanos, room: int, day: int) -> tuple[Nanos, Nanos]:
    """One draw whose room runs out on ``day``: by member, what is served, and what the pool blocks (Rulebook L6)."""
    asked = metered[:day].sum(axis=0)
    before, within = np.minimum(asked, left), np.minimum(asked + metered[day], left)
    total = before + share_out(within - before, room - int(before.sum()))
    waiting = np.minimum(metered[day + 1 :], left - total).sum(axis=0)
    return total, within - total + waiting


def _blocked_late(
    metered: Nanos, remaining: Nanos, places: Indices, since: Counts, ran_out: npt.NDArray[np.int64]
) -> Counts:
    """The days on which limits first block, where the pool may have run out before.

    After the day ``ran_out`` a member still has ``remaining``; their limit blocks on the day on which they ask for more
    than that.
    """
    ended = ran_out.take(places // metered.shape[2])
    late = np.flatnonzero(since > ended)
    if not len(late):
        return since
    today = metered.reshape(len(metered), -1).take(places[late], axis=1)
    after = np.arange(len(metered))[:, None] > ended[late]
    result = since.copy()
    result[late] = (after & (today > remaining.take(places[late]))).argmax(axis=0)
    return result


def days_below(so_far: Nanos, amounts: Nanos) -> Counts:
    """On how many days each column of ``so_far`` (days, columns), which does not fall, is below its amount."""
    days: Counts = np.add.reduce((so_far < amounts).view(np.uint8), axis=0, dtype=np.uint8)
    return days
