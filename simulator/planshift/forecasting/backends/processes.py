"""Blocks in several processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from planshift.parallel import Numbered, processors, spread

Item = TypeVar("Item")
Result = TypeVar("Result")


class Processes:
    """Works in ``jobs`` processes, None for one a processor."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or processors()

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.forecasting.backends.Backend`."""
        return spread(work, blocks, self._jobs)
