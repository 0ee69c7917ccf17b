"""Generated usage held against published figures: what it comes to, and whether that is within."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planshift.usage.statistics import within_members
from planshift_dev.realism.measures import MEASURES, Measure, Users, distance_to, jumps
from planshift_dev.realism.targets import Figure, Targets

GROUPS_AT_MOST = 200
COVERED = 90
"""Of the groups of users as many as a figure was published of, so many in a hundred must lie around it."""
_SMALL = 1e-9


@dataclass(frozen=True)
class Held:
    """A figure, what generated users come to, and where so many in a hundred of their groups lie, if there are groups.

    The value is of all of them, or the mean of the groups.
    """

    figure: Figure
    value: float
    spread: tuple[float, float] | None

    @property
    def within(self) -> bool:
        """Whether what was generated agrees with what was published."""
        low, high = self.accepted
        return low - _SMALL <= self.value <= high + _SMALL

    @property
    def accepted(self) -> tuple[float, float]:
        """From where to where the value agrees; with groups, what the published figure's place among them comes to."""
        figure = self.figure
        if figure.within is not None:
            slack = (abs(figure.low) * figure.within, abs(figure.high) * figure.within)
            return figure.low - slack[0], figure.high + slack[1]
        if figure.margin is not None:
            return figure.low - figure.margin, figure.high + figure.margin
        if self.spread is not None:
            below, above = self.value - self.spread[0], self.spread[1] - self.value
            return figure.low - above, figure.high + below
        return figure.low - figure.rounding, figure.high + figure.rounding

    @property
    def ratio(self) -> float | None:
        """What was generated over what was published; of a range over its nearer end, 1 inside it; None below zero."""
        figure = self.figure
        nearest = min(max(self.value, figure.low), figure.high)
        return self.value / nearest if nearest > 0 else None


def hold(targets: Targets, crowds: Mapping[str, Sequence[Users]]) -> list[Held]:
    """Every figure held against its crowd; ``crowds`` has the users of each draw by the name of the crowd."""
    return [_held(figure, crowds[figure.of]) for figure in targets.figures]


def _held(figure: Figure, draws: Sequence[Users]) -> Held:
    measure = _measure(figure)
    shown = [users.window(figure.days) for users in draws] if figure.days else list(draws)
    if figure.users is None:
        return Held(figure, measure(_together(shown)), None)
    values = np.array([measure(group) for group in groups(shown, figure.users)])
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, [(100 - COVERED) / 2, (100 + COVERED) / 2])
    return Held(figure, float(values.mean()), (float(low), float(high)))


def _measure(figure: Figure) -> Measure:
    if figure.growth is not None:
        return jumps(figure.growth)
    if figure.quantiles is None:
        return MEASURES[figure.measure]
    distance = distance_to(figure.quantiles)
    return lambda users: distance(within_members(users.spend))


def groups(draws: Sequence[Users], count: int) -> Iterator[Users]:
    """Groups of so many users of one draw each, without overlaps, two hundred at most, as many of each draw."""
    of_each = max(1, min(draws[0].spend.shape[1] // count, GROUPS_AT_MOST // len(draws)))
    for users in draws:
        for number in range(of_each):
            yield users.some(number * count, count)


def _together(draws: Sequence[Users]) -> Users:
    """All users of all draws beside each other; the tokens are the first draw's."""
    if len(draws) == 1:
        return draws[0]
    return Users(draws[0].start, np.concatenate([users.spend for users in draws], axis=1), draws[0].tokens)
