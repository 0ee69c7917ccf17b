"""What an organization generates, as a panel has it: dollars by day and member, at the prices of the first day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import RateCard
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.organization import Organization
from planshift.usage.synthetic.volumes import Volumes

Dollars = npt.NDArray[np.float64]

_CELLS = 4_000_000
"""Members' days generated at once."""


def drawn(organization: Organization, card: RateCard, days: int, draws: int) -> Iterator[Dollars]:
    """Draw after draw, each of the shape (days, members), members in the order of their ids."""
    generator = Generator(organization, card, organization.start + timedelta(days=days))
    block = max(1, _CELLS // (days * len(generator.members)))
    for first in range(0, draws, block):
        volumes = generator.draw(range(first, min(first + block, draws)))
        dollars = _dollars(volumes)
        for number in range(dollars.shape[1]):
            yield dollars[:, number]


def _dollars(volumes: Volumes) -> Dollars:
    """Whole steps at the first day's prices, shape (days, draws, members)."""
    result = np.zeros(volumes.volumes.shape)
    for surface in volumes.surfaces:
        for run in surface.runs:
            steps = volumes.volumes[:, :, run]
            if surface.ratio is not None:
                steps = steps * surface.ratio[:, run]
            result[:, :, run] += np.rint(steps) * surface.costs[0].dollars()[:, run]
    return result
