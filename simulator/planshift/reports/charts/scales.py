"""Scales of axes, their ticks, and places for texts beside each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Reach = tuple[float, float, float]
"""A value, and how many points what stands there reaches before it and after it."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Where values are, points from the beginning of an axis that is ``size`` long."""

    low: float
    start: float
    points: float
    """A unit's length."""
    size: float
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.start + (_of(value, self.log) - self.low) * self.points

    @property
    def ends(self) -> tuple[float, float]:
        """The values at both ends of the axis."""
        return self.low - self.start / self.points, self.low + (self.size - self.start) / self.points


def scale(
    reached: Iterable[Reach], size: float, low: float | None = None, high: float | None = None, log: bool = False
) -> Scale:
    """The largest scale on which everything that is reached has room; ``low`` and ``high``: ends that are fixed."""
    found = [(_of(value, log), before, after) for value, before, after in reached]
    least = _of(low, log) if low is not None else min((value for value, *_ in found), default=0.0)
    most = _of(high, log) if high is not None else max((value for value, *_ in found), default=1.0)
    most = most if most > least else least + 1.0
    start, points, size = 0.0, 0.0, max(size, 1.0)
    for _ in range(30):
        points = max(size - start, 1.0) / (most - least)
        if high is None:
            rooms = [(size - start - after) / (value - least) for value, _, after in found if value > least]
            # Texts that need nearly everything leave a bar a fifth of the room.
            points = max(min([points, *rooms]), 0.2 * size / (most - least))
        if low is None:
            start = max([0.0, *(before - (value - least) * points for value, before, _ in found)])
            start = min(start, 0.6 * size)
    return Scale(least, start, points, size, log)


def ticks(ends: tuple[float, float], count: int, least: float = 0.0) -> list[float]:
    """Round values between two ends, so many at most, about."""
    low, high = ends
    raw = max((high - low) / count, least)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(nice * power for nice in _STEPS if nice * power >= raw * (1 - 1e-9))
    if least and step < 10 * least:
        step = math.ceil(step / least - 1e-9) * least
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def powers(ends: tuple[float, float], count: int) -> list[float]:
    """Powers of ten between two ends, which are logarithms, so many at most."""
    found = range(math.ceil(ends[0] - 1e-9), math.floor(ends[1] + 1e-9) + 1)
    return [10.0**power for power in found[:: -(-len(found) // count)]]


def apart(wanted: Sequence[float], lengths: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near to the wanted ones as it goes, without overlaps, between low and high."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    centres, floor, ceiling = list(wanted), low, high
    for index in order:
        centres[index] = max(wanted[index], floor + lengths[index] / 2)
        floor = centres[index] + lengths[index] / 2
    for index in reversed(order):
        centres[index] = min(centres[index], ceiling - lengths[index] / 2)
        ceiling = centres[index] - lengths[index] / 2
    return centres


def beside(wanted: Sequence[float], lengths: Sequence[float], low: float, high: float) -> list[float]:
    """Centres apart from each other, the middle one where it belongs and the others beside it."""
    middle = len(wanted) // 2
    centres = list(wanted)
    for index in range(middle + 1, len(wanted)):
        centres[index] = max(wanted[index], centres[index - 1] + (lengths[index - 1] + lengths[index]) / 2)
    for index in range(middle - 1, -1, -1):
        centres[index] = min(wanted[index], centres[index + 1] - (lengths[index] + lengths[index + 1]) / 2)
    over = max(0.0, centres[-1] + lengths[-1] / 2 - high)
    under = max(0.0, low - (centres[0] - lengths[0] / 2))
    return [centre - over + under for centre in centres]


def _of(value: float, log: bool) -> float:
    return math.log10(value) if log else float(value)
