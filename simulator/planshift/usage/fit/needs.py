"""How much data each quantity of a fit needs, and what stands where there is less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OF_GROUP, OF_FILE, SHIPPED = "group", "file", "shipped"
"""Where a quantity comes from: the group's own members, all members of the file, or the shipped persona."""


@dataclass(frozen=True)
class Need:
    """What a quantity needs, at least: days from the first to the last, members, and members' active days."""

    quantity: str
    days: int
    members: int
    active_days: int = 0

    def met_by(self, held: Held) -> bool:
        """Is there enough?"""
        return held.days >= self.days and held.members >= self.members and held.active_days >= self.active_days

    def lacking(self, held: Held) -> list[str]:
        """What there is too little of: ``28 days (there are 20)``."""
        pairs = (
            (held.days, self.days, "days"),
            (held.members, self.members, "members"),
            (held.active_days, self.active_days, "active days of members"),
        )
        return [f"{least:,} {what} (there are {have:,})" for have, least, what in pairs if have < least]


@dataclass(frozen=True)
class Held:
    """What there is of data."""

    days: int
    members: int
    active_days: int

    @classmethod
    def of(cls, active: npt.NDArray[np.bool_]) -> Held:
        """What an array of activity holds, shape (days, members)."""
        days, members = active.shape
        return cls(days, members, int(active.sum()))


SIGMA = Need("how levels differ between members", days=28, members=8, active_days=80)
ACTIVITY = Need("how activity differs between members", days=28, members=10)
PERSISTENCE = Need("the persistence of activity", days=28, members=3, active_days=100)
RANK = Need("the rank correlation of level and activity", days=28, members=30)
WEEK = Need("the factors by weekday", days=28, members=3, active_days=150)
SHAPE = Need("the shape of days", days=21, members=3, active_days=150)
DRIFT = Need("the size of the slow drift", days=42, members=3, active_days=200)
FORGETS = Need("how fast the drift forgets", days=150, members=40, active_days=4000)
CACHE = Need("how cache reads differ between members", days=1, members=8)
DAILY = Need("the shocks of single days that all share", days=28, members=40, active_days=2000)
SLOW = Need("the slow shock that all share", days=240, members=20, active_days=2000)
GROWTH = Need("growth", days=90, members=10, active_days=1000)

EVERY = (SIGMA, ACTIVITY, PERSISTENCE, RANK, WEEK, SHAPE, DRIFT, FORGETS, CACHE, DAILY, SLOW, GROWTH)
FEW_DAYS, FEW_MEMBERS = 14, 3
"""With fewer, nearly all is borrowed, and the fit says so first."""
