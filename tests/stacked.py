"""Demands laid on each other as draws, and scenarios whose usage is drawn at random by a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from planshift.billing.scenario import Scenario
from planshift.usage.demand import Demand
from planshift.usage.measure import Measured

SURFACES = ("chat", "claude_code", "cowork")


def stacked(demands: Sequence[Demand]) -> Demand:
    """Demands of one draw each, over the same days and members, as the draws of one."""
    first = demands[0]
    nothing = np.zeros((first.days, 1, len(first.members)), dtype=np.int64)
    together = {
        surface: np.concatenate([demand.by_surface.get(surface, nothing) for demand in demands], axis=1)
        for surface in sorted({surface for demand in demands for surface in demand.by_surface})
    }
    return Demand(first.start, first.members, together, first.days, len(demands))


def random_days(days: int, members: int, draw: int, dollars: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Nano-dollars by day, member and surface, a function of the number of the draw."""
    random = np.random.default_rng((7, draw))
    shape = (days, members, len(SURFACES))
    amounts = random.gamma(0.7, dollars, shape) * (random.random(shape) < 0.6) * random.lognormal(0, 0.4)
    return (amounts * 1e9).astype(np.int64)


@dataclass(frozen=True)
class GivenAsked:
    """What is asked for in some draws from a day on; half of it once it is metered."""

    start: date
    end: date
    members: tuple[str, ...]
    draws: range
    dollars: float

    def measured(self, start: date, end: date, metered_from: date | None = None) -> Measured:
        days = (self.end - self.start).days
        drawn = [random_days(days, len(self.members), draw, self.dollars) for draw in self.draws]
        amounts = np.stack(drawn, axis=1)
        if metered_from is not None:
            amounts[(metered_from - self.start).days :] //= 2
        surfaces = {name: amounts[..., place].copy() for place, name in enumerate(SURFACES)}
        whole = Demand(self.start, self.members, surfaces, days, len(self.draws))
        return Measured(whole.window(start, end), 0, 0)


@dataclass(frozen=True)
class Drawn(Scenario):
    """A scenario with random usage; ``only`` one of its draws where that is not None."""

    number: int = 1
    dollars: float = 3.0
    only: int | None = None

    @property
    def draws(self) -> int:
        return 1 if self.only is not None else self.number

    @property
    def covered(self) -> None:  # type: ignore[override]
        return None

    def asked(self, end: date, draws: range = range(1), carried: Any = None) -> GivenAsked:  # type: ignore[override]
        wanted = draws if self.only is None else range(self.only, self.only + 1)
        return GivenAsked(self.start, end, self.people, wanted, self.dollars)


def drawn(scenario: Scenario, number: int, dollars: float = 3.0) -> Drawn:
    """A scenario with so many draws of random usage."""
    held = {field.name: getattr(scenario, field.name) for field in fields(Scenario)}
    return Drawn(**{**held, "usage": None}, number=number, dollars=dollars)
