"""Alerts: once a period for each threshold of each limit, on the day on which spend reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from planshift.billing.money import UNLIMITED
from planshift.billing.serving import Counts, Indices, Unrolled, days_below
from planshift.billing.sharing import Nanos

SHARES = 10_000
"""Records hold a threshold as so many ten-thousandths of the limit."""
SILENT = int(np.iinfo(np.int64).max)
"""The spend at which a scope's next alert goes out when all have gone out."""

Columns = tuple[npt.NDArray[np.int64], ...]


class Alerts:
    """Which thresholds have fired in the period, for scopes (members, or the one organization) in every draw."""

    def __init__(self, draws: int, scopes: int) -> None:
        self._limits = np.full(scopes, UNLIMITED, dtype=np.int64)
        self._thresholds: tuple[Fraction, ...] = ()
        self._needed = np.full((1, draws, scopes), SILENT, dtype=np.int64)
        self._next_at: Nanos | None = self._needed[0]
        self._kept: Indices | None = None
        self._noticed: list[_Noticed] = []

    def re_arm(self) -> None:
        """A new period: every threshold may fire again."""
        self._next_at = self._needed[0]
        self._kept = None

    def next_at(self, spent: Nanos) -> Nanos:
        """The month-to-date spend at which the next threshold of each scope fires, SILENT where all have.

        ``spent`` (draws, scopes): month to date.
        """
        if self._next_at is None:
            # As thresholds rise, those fired are always the lowest ones.
            self._next_at = self._needed[-1]
            for needed in self._needed[-2::-1]:
                self._next_at = np.where(spent < needed, needed, self._next_at)
        return self._next_at

    def watch(self, amounts: Sequence[int], which: Indices, thresholds: Sequence[Fraction], spent: Nanos) -> None:
        """Take on the limits in force; where one changed, thresholds that spend no longer reaches are re-armed.

        ``amounts``: limits, and ``which`` of them is each scope's; ``spent`` (draws, scopes): month to date.
        """
        limits = np.array(amounts, dtype=np.int64).take(which)
        changed = limits != self._limits
        if tuple(thresholds) == self._thresholds and not changed.any():
            return
        fired = (self._needed[:-1] < self.next_at(spent)).sum(axis=0)
        self._limits, self._thresholds = limits, tuple(thresholds)
        needed = [[_needed(amount, share) for amount in amounts] for share in thresholds] + [[SILENT] * len(amounts)]
        self._needed = np.array(needed).take(np.tile(which, (len(spent), 1)), axis=1)
        self.re_arm()
        if fired.any():
            still = (self._needed[:-1] <= spent).sum(axis=0)
            stay = np.minimum(np.where(changed, np.minimum(fired, still), fired), len(thresholds))
            self._next_at = np.take_along_axis(self._needed, stay[None], axis=0)[0]
            # Under a limit of nothing all thresholds need the same, so that the amount does not tell which have fired.
            self._kept = stay

    def notice(self, first: int, members: Unrolled, spent: Nanos, ran_out: Indices | None = None) -> None:
        """Fire what a stretch reached.

        ``first``: the ordinal of its first day; ``spent`` (draws, scopes): month to date before the stretch;
        ``ran_out``: by draw, the index of the day after which nothing was served, None where there was none.
        """
        places, before = members.places, spent.take(members.places)
        needed = self._needed[:-1].reshape(len(self._thresholds), -1).take(places, axis=1)
        reached = needed <= before + members.served
        fired = reached & (needed >= self.next_at(spent).take(places))
        if self._kept is not None:
            fired &= np.arange(len(needed))[:, None] >= self._kept.take(places)
            self._kept = None
        if not np.count_nonzero(fired):
            return
        days = np.array([days_below(members.so_far, amount) for amount in needed - before])
        if ran_out is not None:
            # Whoever had not asked for enough by then got there with the share of that day.
            days = np.minimum(days, ran_out.take(places // spent.shape[1]))
        self._noticed.append(_Noticed(self._thresholds, first, places, days, fired))
        self._next_at = None

    def records(self) -> Columns:
        """Everything that fired: draw, scope, day (ordinal), the threshold in ten-thousandths."""
        nothing = np.zeros(0, dtype=np.int64)
        found: list[Columns] = [(nothing, nothing, nothing)]
        for thresholds, stretches in groupby(self._noticed, key=attrgetter("thresholds")):
            found += _by_threshold(thresholds, list(stretches))
        places, days, shares = (np.concatenate(column) for column in zip(*found, strict=True))
        draws, scopes = _split(places, self._needed.shape[1:])
        return draws, scopes, days, shares


@dataclass(frozen=True)
class _Noticed:
    """What a stretch reached: places in (draws × scopes) laid flat; days after the first, and whether a threshold
    fired, by threshold and place."""

    thresholds: tuple[Fraction, ...]
    first: int
    places: Indices
    days: Counts
    fired: npt.NDArray[np.bool_]


def _by_threshold(thresholds: Sequence[Fraction], stretches: Sequence[_Noticed]) -> Iterator[Columns]:
    """For each threshold: the places at which it fired, the days (ordinals), the threshold in ten-thousandths."""
    # All stretches together: taken one by one, this would be a tenth of a run.
    places = np.concatenate([stretch.places for stretch in stretches])
    firsts = np.repeat([stretch.first for stretch in stretches], [len(stretch.places) for stretch in stretches])
    days = np.concatenate([stretch.days for stretch in stretches], axis=1)
    fired = np.concatenate([stretch.fired for stretch in stretches], axis=1)
    for share, after, which in zip(thresholds, days, fired, strict=True):
        rows = np.flatnonzero(which)
        yield places.take(rows), firsts.take(rows) + after.take(rows), np.full(len(rows), int(share * SHARES))


def _split(places: Indices, shape: tuple[int, ...]) -> tuple[Indices, Indices]:
    """The draws and the scopes of places in (draws × scopes) laid flat."""
    if shape[0] == 1:
        return np.broadcast_to(np.intp(0), places.shape), places
    draws = places // shape[1]
    return draws, places - draws * shape[1]


def _needed(limit: int, share: Fraction) -> int:
    """The spend, in whole nano-dollars, from which a share of a limit is reached; SILENT where there is none."""
    return SILENT if limit == UNLIMITED else -(-limit * share.numerator // share.denominator)
