"""Stops: whose work stood still, why, since when, until when, and what ended it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
