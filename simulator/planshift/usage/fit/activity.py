"""On which days members are active: the probability's law, weekdays, and who begins in the middle of a file.

Everything rests on products of days at least a week apart, which the chain has forgotten by then: they need no
correction for the noise of coins or for persistence, and nothing is subtracted that was estimated from few days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from planshift.usage.fit.volume import Floats, beta_of
from planshift.usage.statistics import WEEK, weekdays
from planshift.usage.synthetic.calendar_effects import is_late_december

Flags = npt.NDArray[np.bool_]

_NEAR = WEEK
"""Days nearer to each other than a week may still depend on each other."""
_WORKING = 5
_LEAST, _MOST = 0.0, 0.9
_LATE_DAYS = 4
_MOSTLY = 0.5


@dataclass(frozen=True)
class Chain:
    """How often members are active: alpha and beta of the weekday probability's law, its mean and variance, and each
    member's estimate of it."""

    alpha: float
    beta: float
    mean: float
    variance: float
    members: Floats


@dataclass(frozen=True)
class DayKinds:
    """What kind of day each is, shape (days,): its weekday, 0 for Monday, and whether it is in late December."""

    weekdays: npt.NDArray[np.int64]
    late: Flags

    @classmethod
    def of(cls, start: date, days: int) -> DayKinds:
        """The kinds of ``days`` days from ``start`` on."""
        late = [is_late_december(start + timedelta(days=number)) for number in range(days)]
        return cls(weekdays(start, days), np.array(late))

    def factors(self, of_weekdays: Sequence[float], late: float) -> Floats:
        """The days' factors: their weekday's, in late December ``late`` where that is smaller."""
        plain = np.array(of_weekdays)[self.weekdays]
        return np.where(self.late, np.minimum(plain, late), plain)


def persistence(active: Flags, days: DayKinds) -> float:
    """The correlation of a member's activity from one working day to the next, given how often they are active.

    (A[t]A[t+1] − A[t]A[t+8]) over (A[t] − A[t]A[t+7]), each summed over members and the days from Monday to Thursday:
    the far day has the weekday of the near one. NaN for fewer than nine days, or where nobody ever changes.
    """
    far = WEEK + 1
    if len(active) <= far:
        return float("nan")
    today = active[:-far] * (days.weekdays[:-far] < _WORKING - 1)[:, None].astype(np.float64)
    together = (today * active[1 : 1 - far]).sum() - (today * active[far:]).sum()
    varies = today.sum() - (today * active[WEEK:-1]).sum()
    return float(np.clip(together / varies, _LEAST, _MOST)) if varies > 0 else float("nan")


def day_factors(active: Flags, days: DayKinds) -> Floats:
    """The factor of each weekday on the probability, shape (7,), 1 on the mean of Monday to Friday.

    Late December is left out; a weekday that never was has the mean of its kind.
    """
    kept = ~days.late if days.late.mean() < _MOSTLY else np.ones(len(days.late), dtype=np.bool_)
    shares, kinds = active.mean(axis=1)[kept], days.weekdays[kept]
    counts = np.bincount(kinds, minlength=WEEK)
    shown = np.bincount(kinds, weights=shares, minlength=WEEK) / np.maximum(counts, 1)
    for part in (slice(0, _WORKING), slice(_WORKING, WEEK)):
        missing = counts[part] == 0
        if missing.any() and not missing.all():
            shown[part][missing] = shown[part][~missing].mean()
    working = shown[:_WORKING].mean()
    return np.asarray(shown / working) if working > 0 else np.ones(WEEK)


def late_factor(active: Flags, days: DayKinds, factors: Floats) -> float | None:
    """The factor of late December: what its working days show over what their weekdays would; None for fewer than
    four of them."""
    chosen = days.late & (days.weekdays < _WORKING)
    if chosen.sum() < _LATE_DAYS or not (~days.late).any():
        return None
    shares = active.mean(axis=1)
    usual = factors[days.weekdays][~days.late].sum()
    wanted = chosen.sum() * shares[~days.late].sum() / usual if usual > 0 else 0.0
    return min(float(shares[chosen].sum() / wanted), 1.0) if wanted > 0 else None


def chain(active: Flags, known: Flags, factors: Floats) -> Chain:
    """The law of members' weekday probabilities, from activity of shape (days, members) on the days that are ``known``
    of each, given the factors of the days.

    The mean square over members comes from pairs of days at least a week apart alone.
    """
    weights = factors[:, None] * known
    members = active.sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-9)
    mean = float(members.mean())
    pairs, norms = _far(active.astype(np.float64)), _far(weights)
    seen = norms > 0
    square = float((pairs[seen] / norms[seen]).mean()) if seen.any() else float((members**2).mean())
    # Of the mean's own square, the chance of having met these members is a part.
    variance = max(square - mean**2, 0.0) * len(members) / max(len(members) - 1, 1)
    alpha, beta = beta_of(mean, variance)
    return Chain(alpha, beta, mean, variance, np.clip(members, 0, 1))


def _far(values: Floats) -> Floats:
    """Σ x[i] x[j] over all days i and j that are at least a week apart, by member."""
    found: Floats = values.sum(axis=0) ** 2 - (values**2).sum(axis=0)
    for lag in range(1, min(_NEAR, len(values))):
        found -= 2 * (values[lag:] * values[:-lag]).sum(axis=0)
    return found


_BLOCK = 2 * WEEK
_ROUNDS = 40
_ORDINARY = 4


def volume_factors(logs: Floats, kinds: npt.NDArray[np.int64]) -> Floats:
    """The factors by weekday, Monday first, the mean of Monday to Thursday 1; shape (7,).

    Least squares of the logarithms of active days (days, members), NaN where idle, on the weekday and on the member's
    fortnight. A weekday on which nobody was active has 1.
    """
    days = -(-len(logs) // _BLOCK) * _BLOCK
    padded = np.full((days, logs.shape[1]), np.nan)
    padded[: len(logs)] = logs
    active = np.isfinite(padded)
    values = np.where(active, padded, 0.0).reshape(-1, _BLOCK, logs.shape[1])
    present = active.reshape(values.shape)
    of_days = ((kinds[0] + np.arange(days)) % WEEK).reshape(-1, _BLOCK)
    in_fortnight, on_weekday = present.sum(axis=1), np.bincount(of_days.ravel(), present.sum(axis=2).ravel(), WEEK)
    factors = np.zeros(WEEK)
    for _ in range(_ROUNDS):
        rest = np.where(present, values - factors[of_days][:, :, None], 0.0)
        fortnights = rest.sum(axis=1) / np.maximum(in_fortnight, 1)
        own = np.where(present, values - fortnights[:, None, :], 0.0).sum(axis=2)
        factors = np.bincount(of_days.ravel(), own.ravel(), WEEK) / np.maximum(on_weekday, 1)
        ordinary = on_weekday[:_ORDINARY] > 0
        factors = factors - (factors[:_ORDINARY][ordinary].mean() if ordinary.any() else 0.0)
    return np.asarray(np.where(on_weekday > 0, np.exp(factors), 1.0))


_EXPECTED = 10.0
_SOON = 3
_SHARE, _FEWEST = 0.1, 3
_STEP = 14


@dataclass(frozen=True)
class Joining:
    """Each member's first day, counted from the file's, shape (members,); 0 for who was there from the start."""

    first: npt.NDArray[np.int64]

    @property
    def late(self) -> int:
        """How many begin later."""
        return int((self.first > 0).sum())

    def known(self, days: int) -> npt.NDArray[np.bool_]:
        """On which days each member is there, shape (days, members)."""
        return np.asarray(np.arange(days)[:, None] >= self.first)

    def by_date(self, start: date, days: int) -> tuple[tuple[date, float], ...]:
        """The share of members who have begun by a date, every fortnight on which it grows; empty where nobody begins
        late."""
        if not self.late:
            return ()
        found = [(start, float((self.first == 0).mean()))]
        for day in range(_STEP, days + _STEP, _STEP):
            share = float((self.first < day + _STEP / 2).mean())
            if share > found[-1][1]:
                found.append((start + timedelta(days=day), share))
        return tuple((day, round(share, 4)) for day, share in found)


def joining(active: npt.NDArray[np.bool_]) -> Joining:
    """Who begins late, from activity of shape (days, members): those who had been active on ten days already, had they
    been so from the start as they are from their first active day on.

    Where it is fewer than a tenth of the members, or fewer than three, nobody is said to: single members come and go.
    """
    first = active.argmax(axis=0)
    days = np.arange(len(active))[:, None] >= first
    rate = active.sum(axis=0) / days.sum(axis=0)
    late = (first * rate >= _EXPECTED) & (len(active) - first >= _SOON)
    if late.sum() < max(_FEWEST, _SHARE * active.shape[1]):
        late[:] = False
    return Joining(np.where(late, first, 0).astype(np.int64))


def leaving(active: npt.NDArray[np.bool_]) -> int:
    """How many members stop before the end as plainly as others begin late."""
    return joining(active[::-1]).late
