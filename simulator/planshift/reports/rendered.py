"""Rendering: pictures and pages are made side by side, each in the next process that is free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planshift.billing.blocks import in_blocks
from planshift.parallel import processors


def rendered(makes: Mapping[str, Callable[[], bytes]], jobs: int | None = None) -> dict[str, bytes]:
    """What each of some functions makes, by name and in their order.

    ``jobs``: in how many processes, None for one a processor; with several, the functions must be picklable. What comes
    out does not depend on it.
    """
    made = in_blocks(_Making(tuple(makes.values())), len(makes), 1, processors() if jobs is None else jobs)
    return dict(zip(makes, made, strict=True))


@dataclass(frozen=True)
class _Making:
    """The work of calling one of the functions."""

    makes: tuple[Callable[[], bytes], ...]

    def __call__(self, which: range) -> bytes:
        return self.makes[which.start]()
