"""One block after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from planshift.parallel import Numbered

Item = TypeVar("Item")
Result = TypeVar("Result")


class Serial:
    """Works here, in order."""

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.forecasting.backends.Backend`."""
        for number, block in blocks.items():
            yield number, work(block)
