"""Serving: how much of what members ask for their limits and the organization's room let through, in arrays.

The days of one stretch are taken together: inside it no limit changes and no credits are bought. What a member asks for
adds up along the days and is cut at what is left of the member's limit; what all members ask for adds up likewise and
runs out on one day at most, on which everybody gets the same share; after it nothing is served.

Sums over whole stretches are cheap; days are unrolled only for members with something to tell: those whose limit binds,
and those whose spend rises to an alert. For the organization they are added up only where the caller asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planshift.billing.sharing import Nanos, share_out

Indices = npt.NDArray[np.intp]
Counts = npt.NDArray[np.uint8]
"""Numbers of days; a stretch ends with its month, so that a byte holds them."""


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
    served to all members so far, None where nobody needs it. Of some members the days are known: ``places`` says where
    they are in (draws × members) laid flat, and ``reached`` (marks, places) the index of the day on which they reached
    a mark, the number of days where they did not. ``limited``: the places of those whom their own limit blocks, and
    ``limited_since``: the index of the first day on which it does.
    """

    total: Nanos
    blocked_member: Nanos
    pool_by_day: Nanos | None
    run_out: RunOut | None
    places: Indices
    reached: Counts
    limited: Indices
    limited_since: Counts


def serve(
    metered: Nanos,
    asked: Nanos,
    left: Nanos,
    room: Nanos,
    *,
    watched: npt.NDArray[np.bool_],
    marks: Callable[[Indices], Nanos],
    quiet: Nanos,
) -> Served:
    """What is served of ``metered`` (Rulebook L2, L3, L6).

    ``metered`` (days, draws, members): what members ask for, and ``asked`` (draws, members) its sum; ``left`` (draws,
    members): of each member's limit; ``room`` (draws): what limit or credits leave for the organization. Nano-dollars,
    none negative. Besides, the caller says what to tell: ``watched`` (draws, members): whose days to unroll besides
    those whose limit binds; ``marks``: for places, sums within their limit, shape (marks, places), of which to tell the
    day; ``quiet`` (draws): the sum, at most ``room``, up to which nobody needs the organization's days.
    """
    binding = asked > left
    places = (binding | watched).ravel().nonzero()[0]
    limits, so_far = left.take(places), _running(metered, places)
    amounts = np.concatenate((marks(places), limits[None] + 1))
    days = days_below(so_far, amounts)
    total = np.minimum(asked, left)
    blocked_member = asked - total
    within = total.sum(axis=1)
    pool = run_out = None
    if np.count_nonzero(within > quiet):
        pool = _pool_by_day(metered, so_far, places, limits, within, quiet)
        short = (within > room).nonzero()[0]
        if len(short):
            run_out = _run_out(metered, left, room, pool, total, short)
            blocked_member = asked - total - run_out.blocked
            binding = blocked_member > 0
            days = _with_run_out(metered, places, days, amounts, total, left, run_out.day)
    which = binding.take(places).nonzero()[0]
    limited, since = places.take(which), days[-1].take(which)
    return Served(total, blocked_member, pool, run_out, places, days[:-1], limited, since)


def _running(metered: Nanos, places: Indices) -> Nanos:
    """What some members asked for so far, by day, shape (days, places)."""
    so_far = metered.reshape(len(metered), -1).take(places, axis=1)
    # Row by row: along the first axis NumPy's own running sum takes four times as long.
    before, *after = so_far
    for today in after:
        before = np.add(before, today, today)
    return so_far


def _pool_by_day(metered: Nanos, so_far: Nanos, places: Indices, limits: Nanos, within: Nanos, quiet: Nanos) -> Nanos:
    """What members may have together so far, by day and draw, with only their own limits to stop them.

    Counted back from the last day, on which it is ``within``, as far as it may be above ``quiet``; 0 before that.
    """
    passed = within > quiet
    # Sums that grow evenly pass it on this day; a few days more make up for those that do not.
    first = max(int((quiet[passed] / np.maximum(within[passed], 1)).min() * len(metered)) - 4, 0)
    pool = np.zeros((len(metered), metered.shape[1]), dtype=np.int64)
    days, tail, shape = pool[first:], so_far[first:], metered.shape[1:]
    days[:-1] -= np.cumsum(metered[:first:-1].sum(axis=2), axis=0)[::-1]
    days += _by_draw(np.minimum(tail, limits), places, shape) - _by_draw(tail, places, shape)
    days += within - days[-1]
    if first and np.count_nonzero(days[0] > quiet):
        return _pool_by_day(metered, so_far, places, limits, within, np.full_like(quiet, -1))
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


def _run_out(metered: Nanos, left: Nanos, room: Nanos, pool: Nanos, total: Nanos, draws: Indices) -> RunOut:
    """Cut ``pool`` and ``total`` where ``room`` runs out: from that day on nothing more is served."""
    days = np.full(len(room), len(metered), dtype=np.int64)
    blocked = np.zeros_like(total)
    # Without any room there is nothing to share: so it is day after day while credits are exhausted.
    dry = draws[room[draws] == 0]
    days[dry] = (pool[:, dry] > 0).argmax(axis=0)
    blocked[dry] = np.minimum(metered[:, dry], left[dry]).sum(axis=0)
    total[dry], pool[:, dry] = 0, 0
    wet = draws[room[draws] > 0]
    last = (pool[:, wet] > room[wet]).argmax(axis=0)
    days[wet] = last
    for day in np.unique(last):
        some = wet[last == day]
        # A slice of one draw, as it mostly is, spares copying its days.
        which = slice(some[0], some[0] + 1) if len(some) == 1 else some
        total[which], blocked[which] = _last_day(metered[:, which], left[which], room[which], int(day))
        pool[day:, which] = room[which]
    return RunOut(draws, days, blocked)


def _last_day(metered: Nanos, left: Nanos, room: Nanos, day: int) -> tuple[Nanos, Nanos]:
    """Draws whose room runs out on ``day``: by member, what is served, and what the pool blocks (Rulebook L6)."""
    asked = metered[:day].sum(axis=0)
    before, within = np.minimum(asked, left), np.minimum(asked + metered[day], left)
    total = before + share_out(within - before, room - before.sum(axis=1))
    waiting = np.minimum(metered[day + 1 :], left - total).sum(axis=0)
    return total, within - total + waiting


def _with_run_out(
    metered: Nanos, places: Indices, days: Counts, amounts: Nanos, total: Nanos, left: Nanos, ran_out: Indices
) -> Counts:
    """The days on which marks are reached and limits first block (the last row), where the room ran out before.

    Whoever had not asked for enough until then gets to a mark with the share of that day, or not at all. After it a
    member still has something left of the limit, which blocks on the day on which they ask for more than that.
    """
    ended = ran_out.take(places // metered.shape[2]).astype(np.uint8)
    result = np.where(total.take(places) >= amounts, np.minimum(days, ended), np.uint8(len(metered)))
    since, late = days[-1], np.flatnonzero(days[-1] > ended)
    if len(late):
        remaining = (left - total).take(places[late])
        today = metered.reshape(len(metered), -1).take(places[late], axis=1)
        after = np.arange(len(metered))[:, None] > ended[late]
        since[late] = (after & (today > remaining)).argmax(axis=0)
    result[-1] = since
    return result


def days_below(so_far: Nanos, amounts: Nanos) -> Counts:
    """On how many days each column of ``so_far`` (days, columns), which does not fall, is below its amounts.

    ``amounts``: shape (any number, columns), and so has the result.
    """
    below = (so_far[:, None] < amounts).view(np.uint8)
    days: Counts = np.add.reduce(below, axis=0, dtype=np.uint8)
    return days
