"""Members put into a few groups, and how much data each quantity of a group needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from planshift.usage.fit.volume import Floats, scores

Places = npt.NDArray[np.int64]

MAIN = 0.6
"""The share of a member's dollars from which on a surface is their main one."""
MIXED = "mixed"
FEWEST = 2
"""A kind of work with fewer members is put with the others of their seat: nobody is a persona of their own."""
SPLIT_FEWEST = 10
"""No group by level has fewer members."""
SPLIT_APART = 2.5
"""How far apart the mean levels of two groups are at least, in standard deviations within them."""
_SIZES: Mapping[int, tuple[str, ...]] = {
    1: ("",),
    2: ("light", "heavy"),
    3: ("light", "medium", "heavy"),
}
_STEPS, _FLOOR = 200, 0.05


@dataclass(frozen=True)
class Group:
    """Some members, by their places in the panel: their seat, the kind of their work, and their size among their kind
    (``light``, ``medium``, ``heavy``, or empty where the kind is one group).

    ``by_seat``: another seat has members of the same kind and size.
    """

    seat_type: str
    kind: str
    size: str
    members: Places
    by_seat: bool = False

    @property
    def name(self) -> str:
        """``claude_code_heavy``, or ``chat_premium_seat`` where there are such members on other seats."""
        seat = f"{self.seat_type}_seat" if self.by_seat else ""
        return "_".join(part for part in (self.kind, self.size, seat) if part)


def by_kind(surfaces: Mapping[str, Floats], seats: Sequence[str]) -> list[Group]:
    """Members by seat type and main surface; who has none is ``mixed``."""
    names = sorted(surfaces)
    dollars = np.stack([surfaces[name] for name in names])
    shares = dollars / dollars.sum(axis=0)
    main = [names[place] if shares[place, member] >= MAIN else MIXED for member, place in enumerate(shares.argmax(0))]
    groups: list[Group] = []
    for seat in sorted(set(seats)):
        members = np.flatnonzero([own == seat for own in seats])
        kinds = {kind: [member for member in members if main[member] == kind] for kind in sorted({*main})}
        kept = {kind: found for kind, found in kinds.items() if len(found) >= FEWEST}
        rest = [member for kind, found in kinds.items() if kind not in kept for member in found]
        if rest:
            # To their kind of work belongs who does something else most; without one, all are one group.
            largest = max(kept or kinds, key=lambda kind: len(kinds[kind]))
            kept[largest] = sorted({*kept.get(largest, ()), *rest})
        groups += [Group(seat, kind, "", np.array(found)) for kind, found in sorted(kept.items())]
    return groups


def by_size(group: Group, levels: Floats, activity: Floats) -> list[Group]:
    """A group parted by level, where its members are plainly of several sorts; else the group alone.

    ``levels`` are the logarithms of the members' levels, ``activity`` how often they are active, both of shape
    (members of the group,). One sort is normal in the first and in the normal scores of the second; two or three are
    taken only where the Bayesian information criterion prefers them, and their levels are far apart.
    """
    points = np.stack([levels, scores(activity)], axis=1)
    best = (_mixture(points, 1).criterion, np.zeros(len(levels), dtype=np.int64))
    for count in (2, 3):
        if len(levels) < count * SPLIT_FEWEST:
            break
        found = _mixture(points, count)
        large = np.bincount(found.chosen, minlength=count).min() >= SPLIT_FEWEST
        if found.criterion < best[0] and large and found.apart >= SPLIT_APART:
            best = (found.criterion, found.chosen)
    chosen = best[1]
    sizes = _SIZES[int(chosen.max()) + 1]
    return [
        Group(group.seat_type, group.kind, size, group.members[chosen == place]) for place, size in enumerate(sizes)
    ]


@dataclass(frozen=True)
class _Mixture:
    """Normal laws of two variables: the Bayesian information criterion, each point's law in order of level, and how far
    apart the nearest levels are, in standard deviations within the laws."""

    criterion: float
    chosen: Places
    apart: float


def _mixture(points: Floats, count: int) -> _Mixture:
    """The likeliest mixture of so many laws; the start is by level alone, so the result is always the same."""
    order = np.argsort(points[:, 0], kind="stable")
    weights = np.zeros((len(points), count))
    for place, part in enumerate(np.array_split(order, count)):
        weights[part, place] = 1
    likelihood = -np.inf
    for _ in range(_STEPS):
        logs = np.stack([_log_density(points, weights[:, place]) for place in range(count)], axis=1)
        top = logs.max(axis=1, keepdims=True)
        whole = top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))
        weights = np.exp(logs - whole[:, None])
        before, likelihood = likelihood, float(whole.sum())
        if likelihood - before < 1e-6 * len(points):
            break
    held = np.maximum(weights.sum(axis=0), 1e-9)
    means = (weights * points[:, :1]).sum(axis=0) / held
    variances = (weights * (points[:, :1] - means) ** 2).sum(axis=0) / held
    ranks, ordered = np.argsort(np.argsort(means)), np.argsort(means)
    within = np.sqrt((variances[ordered][1:] + variances[ordered][:-1]) / 2)
    apart = float((np.diff(means[ordered]) / np.maximum(within, 1e-9)).min(initial=np.inf))
    criterion = (6 * count - 1) * float(np.log(len(points))) - 2 * likelihood
    return _Mixture(criterion, ranks[weights.argmax(axis=1)].astype(np.int64), apart)


def _log_density(points: Floats, weights: Floats) -> Floats:
    """The logarithm of share × density of the normal law with the weighted mean and covariance of the points."""
    held = max(float(weights.sum()), 1e-9)
    mean = weights @ points / held
    away = points - mean
    spread = (away * weights[:, None]).T @ away / held + np.eye(2) * _FLOOR**2
    inverse = np.linalg.inv(spread)
    squares = np.einsum("ij,jk,ik->i", away, inverse, away)
    size = float(np.log(np.linalg.det(spread))) + 2 * float(np.log(2 * np.pi))
    return np.asarray(np.log(held / len(points)) - 0.5 * (squares + size))


OF_GROUP, OF_FILE, SHIPPED = "group", "file", "shipped"
"""Where a quantity comes from: the group's own members, all members of the file, or the shipped persona."""


@dataclass(frozen=True)
class Need:
    """What a quantity needs, at least: days from the first to the last, members, and members' active days."""

    quantity: str
    days: int
    members: int
    active_days: int = 0

    def met_by(self, held: DataAmount) -> bool:
        """Is there enough?"""
        return held.days >= self.days and held.members >= self.members and held.active_days >= self.active_days

    def lacking(self, held: DataAmount) -> list[str]:
        """What there is too little of: ``28 days (there are 20)``."""
        pairs = (
            (held.days, self.days, "days"),
            (held.members, self.members, "members"),
            (held.active_days, self.active_days, "active days of members"),
        )
        return [f"{least:,} {what} (there are {have:,})" for have, least, what in pairs if have < least]


@dataclass(frozen=True)
class DataAmount:
    """What there is of data."""

    days: int
    members: int
    active_days: int

    @classmethod
    def of(cls, active: npt.NDArray[np.bool_]) -> DataAmount:
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
