"""Alerts and stops: which thresholds of limits were reached, and whose work stood still, why and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from planshift.billing.money import NANO, UNLIMITED
from planshift.billing.serving import Counts, Indices
from planshift.billing.sharing import Nanos

SILENT = int(np.iinfo(np.int64).max)
"""The spend at which a scope's next alert goes out when all have gone out."""

Columns = tuple[npt.NDArray[np.int64], ...]


class Alerts:
    """Which thresholds have fired in the period, for scopes (members, or the one organization) in every draw.

    As thresholds rise, those fired are always the lowest ones: a count says which.
    """

    def __init__(self, draws: int, scopes: int) -> None:
        self._limits = np.full(scopes, UNLIMITED, dtype=np.int64)
        self._thresholds: tuple[Fraction, ...] = ()
        self._needed = np.full((1, draws, scopes), SILENT, dtype=np.int64)
        self._none = np.zeros((draws, scopes), dtype=np.intp)
        self._noticed: list[_Noticed] = []
        self.re_arm()

    def re_arm(self) -> None:
        """A new period: every threshold may fire again."""
        self._known, self._fired, self._next_at = True, self._none, self._needed[0]

    def _set(self, fired: Indices) -> None:
        self._known, self._fired = True, fired
        self._next_at = np.take_along_axis(self._needed, fired[None], axis=0)[0]

    def next_at(self, spent: Nanos) -> Nanos:
        """The month-to-date spend at which the next threshold of each scope fires, SILENT where all have.

        ``spent`` (draws, scopes): month to date.
        """
        if not self._known:
            self._set((self._needed[:-1] <= spent).sum(axis=0))
        next_at: Nanos = self._next_at
        return next_at

    def watch(self, amounts: Sequence[int], which: Indices, thresholds: Sequence[Fraction], spent: Nanos) -> None:
        """Take on the limits in force; where one changed, thresholds that spend no longer reaches are re-armed.

        ``amounts``: limits, and ``which`` of them is each scope's; ``spent`` (draws, scopes): month to date.
        """
        limits = np.array(amounts, dtype=np.int64).take(which)
        changed = limits != self._limits
        if tuple(thresholds) == self._thresholds and not changed.any():
            return
        self.next_at(spent)
        fired = self._fired
        self._limits, self._thresholds = limits, tuple(thresholds)
        needed = [[_needed(amount, share) for amount in amounts] for share in thresholds] + [[SILENT] * len(amounts)]
        self._needed = np.array(needed).take(np.tile(which, (len(spent), 1)), axis=1)
        self.re_arm()
        if fired.any():
            still = (self._needed[:-1] <= spent).sum(axis=0)
            self._set(np.minimum(np.where(changed, np.minimum(fired, still), fired), len(thresholds)))

    def to_go(self, places: Indices, spent: Nanos | None) -> Nanos:
        """What scopes at ``places`` still have to spend for each threshold, SILENT for those that have fired.

        ``spent`` (draws, scopes): month to date, None at the start of a period. The result: shape (thresholds, places).
        """
        needed = self._needed[:-1].reshape(len(self._thresholds), -1).take(places, axis=1)
        if spent is None:
            return needed
        self.next_at(spent)
        has_fired = np.arange(len(needed))[:, None] < self._fired.take(places)
        return np.where(has_fired, SILENT, needed - spent.take(places))

    def notice(self, first: int, places: Indices, reached: Counts, days: int) -> None:
        """Fire what a stretch of so many ``days`` reached.

        ``first``: the ordinal of its first day; ``reached`` (thresholds, places): the index of the day on which what
        ``to_go`` said was spent, ``days`` where it was not.
        """
        fired = reached < days
        if np.count_nonzero(fired):
            self._noticed.append(_Noticed(self._thresholds, places, reached + np.int64(first), fired))
            self._known = False

    def catch_up(self, day: int, spent: Nanos) -> None:
        """Fire on a day (ordinal) what has been reached already; ``spent`` (draws, scopes): month to date."""
        places = np.flatnonzero(spent >= self.next_at(spent))
        not_yet = (self.to_go(places, spent) > 0).view(np.uint8)
        self.notice(day, places, not_yet, days=1)

    def records(self) -> Columns:
        """Everything that fired: draw, scope, day (ordinal), the threshold in billionths of the limit."""
        # Written where they belong at once: taken together afterwards, records would be a tenth of a run.
        found = np.empty((3, sum(np.count_nonzero(stretch.fired) for stretch in self._noticed)), dtype=np.int64)
        end = 0
        for thresholds, stretches in groupby(self._noticed, key=attrgetter("thresholds")):
            places, days, fired = _joined(stretches)
            for share, day, new in zip(thresholds, days, fired, strict=True):
                rows = new.nonzero()[0]
                start, end = end, end + len(rows)
                places.take(rows, out=found[0, start:end], mode="clip")
                day.take(rows, out=found[1, start:end], mode="clip")
                found[2, start:end] = int(share * NANO)
        draws, scopes = _split(found[0], self._needed.shape[1:])
        return draws, scopes, found[1], found[2]


@dataclass(frozen=True)
class _Noticed:
    """What a stretch reached: places in (draws × scopes) laid flat; days (ordinals), and whether a threshold fired,
    by threshold and place."""

    thresholds: tuple[Fraction, ...]
    places: Indices
    days: npt.NDArray[np.int64]
    fired: npt.NDArray[np.bool_]


def _joined(stretches: Iterable[_Noticed]) -> tuple[Indices, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Places, days, and what fired, of several stretches with the same thresholds."""
    places, days, fired = zip(*((one.places, one.days, one.fired) for one in stretches), strict=True)
    return np.concatenate(places), np.concatenate(days, axis=1), np.concatenate(fired, axis=1)


def _split(places: Indices, shape: tuple[int, ...]) -> tuple[Indices, Indices]:
    """The draws and the scopes of places in (draws × scopes) laid flat."""
    if shape[0] == 1:
        return np.broadcast_to(np.intp(0), places.shape), places
    draws = places // shape[1]
    return draws, places - draws * shape[1]


def _needed(limit: int, share: Fraction) -> int:
    """The spend, in whole nano-dollars, from which a share of a limit is reached; SILENT where there is none."""
    return SILENT if limit == UNLIMITED else -(-limit * share.numerator // share.denominator)


MEMBER_LIMIT = "member limit"
ORGANIZATION_LIMIT = "organization limit"
CREDITS_EXHAUSTED = "credits exhausted"
ALLOWANCE_USED_UP = "allowance used up"

NEW_PERIOD = "new period"
LIMIT_CHANGED = "limit changed"
CREDITS_BOUGHT = "credits bought"
NEW_WINDOW = "new window"
RENEWAL = "renewal"
GOES_ON = ""

Days = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]


class Stops:
    """The record of stops for one cause, over scopes (members, or the one organization) in every draw (Rulebook M3).

    Places are those in (draws × scopes) laid flat.
    """

    def __init__(self, cause: str, draws: int, scopes: int) -> None:
        self.cause = cause
        self._draws, self._scopes = draws, scopes
        self._places: Places = np.zeros(0, dtype=np.intp)
        self._since: Days = np.zeros(0, dtype=np.int64)
        self._ended: list[tuple[Places, Days, int, str]] = []

    @classmethod
    def joined(cls, records: Sequence[Stops]) -> Stops:
        """The record of all draws, from those of blocks of draws for the same cause and scopes."""
        first = records[0]
        result = cls(first.cause, sum(one._draws for one in records), first._scopes)
        before = 0
        for one in records:
            result._ended += [(places + before, since, until, why) for places, since, until, why in one._ended]
            result._places = np.concatenate((result._places, one._places + before))
            result._since = np.concatenate((result._since, one._since))
            before += one._draws * one._scopes
        return result

    @property
    def any_open(self) -> bool:
        """Does a stop go on in some draw?"""
        return len(self._places) > 0

    def begin(self, places: Places, since: Days) -> None:
        """Open a stop on the given days (ordinals) at places where none is open."""
        if len(self._places) and len(places):
            is_open = np.zeros(self._draws * self._scopes, dtype=np.bool_)
            is_open[self._places] = True
            fresh = ~is_open[places]
            places = np.concatenate((self._places, places[fresh]))
            since = np.concatenate((self._since, since[fresh]))
        if len(places):
            self._places, self._since = places, since

    def end(self, day: int, resumed_by: str, which: npt.NDArray[np.bool_] | None = None) -> None:
        """Close the open stops, or those among ``which`` (broadcast to draws × scopes), on a day."""
        if not len(self._places):
            return
        places, since = self._places, self._since
        if which is None:
            self._places, self._since = places[:0], since[:0]
        else:
            ends = np.broadcast_to(which, (self._draws, self._scopes)).take(places)
            self._places, self._since = places[~ends], since[~ends]
            places, since = places[ends], since[ends]
        self._ended.append((places, since, day, resumed_by))

    def close(self, day: int, resumed_by: str) -> None:
        """The contract closes on a day: that, and nothing else that happens on it, ends every stop (Rulebook M3)."""
        self.end(day, resumed_by)
        self._ended = [
            (places, since, until, resumed_by if until == day else why) for places, since, until, why in self._ended
        ]

    def rows(self, draw: int) -> list[tuple[int, int, int | None, str]]:
        """Scope, since, until (both ordinals; None: goes on) and what ended it, in one draw."""
        found: list[tuple[int, int, int | None, str]] = []
        for places, sinces, until, resumed_by in [*self._ended, (self._places, self._since, None, GOES_ON)]:
            mine = places // self._scopes == draw
            scopes = (places[mine] - draw * self._scopes).tolist()
            stops = zip(scopes, sinces[mine].tolist(), strict=True)
            found += [(scope, since, until, resumed_by) for scope, since in stops]
        return found
