"""Blocks of draws: the same work for one block after the other, in as many processes as there are processors, and what
came of each put together.

Nothing that comes out depends on how draws are cut into blocks, on the number of processes, or on which one is faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from planshift.parallel import processors, spread

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Together = TypeVar("Together", bound="DataclassInstance")
Whole = TypeVar("Whole")
Result = TypeVar("Result")
Work = Callable[[range], Result]
Progress = Callable[[int], None]

BLOCK_BYTES = 32 << 20
"""What one array over the days, draws and members of a block takes at most. Larger blocks are hardly faster; ten times
as much or so is in use at a time."""
LITTLE = 4_000_000
"""Member-days of work that are done before another process has started."""


def block_size(members: int, days: int) -> int:
    """How many draws make a block."""
    return max(1, BLOCK_BYTES // (8 * max(1, members * days)))


@dataclass(frozen=True)
class Extent:
    """How much there is to do: ``draws``, each over so many members and days and under so many plans (``times``)."""

    draws: int
    members: int
    days: int
    times: int = 1

    @property
    def size(self) -> int:
        """How many draws make a block."""
        return block_size(self.members, self.days)

    def jobs(self, draws: int) -> int:
        """How many processes are worth their while for so many of the draws."""
        return jobs_for(self.members * self.days * self.times * draws)


def jobs_for(member_days: int) -> int:
    """How many processes are worth their while for so much work: one if there is little, else one a processor."""
    return 1 if member_days < LITTLE else processors()


def in_blocks(
    work: Work[Result],
    draws: int,
    size: int,
    jobs: int = 1,
    progress: Progress | None = None,
    *,
    first: int = 0,
) -> list[Result]:
    """What ``work`` makes of each block of draws, in order of draws.

    ``draws``: the draws end before this one, and begin with ``first``; ``size``: of a block; ``progress`` is told how
    many draws were done with each block. With several ``jobs``, ``work`` must be picklable, as must its results; see
    `planshift.parallel.spread`. Whatever a block raises is raised here, and the processes are ended at once, also when
    the caller is interrupted. Raises LostWorkerError.
    """
    blocks = _blocks(first, draws, size)
    done = progress or (lambda _: None)
    if min(jobs, len(blocks)) <= 1:
        results = []
        for block in blocks:
            results.append(work(block))
            done(len(block))
        return results
    found: dict[int, Result] = {}
    with closing(spread(work, dict(enumerate(blocks)), jobs)) as results_by_number:
        for number, result in results_by_number:
            found[number] = result
            done(len(blocks[number]))
    return [found[number] for number in range(len(blocks))]


def detail_first(
    whole: Work[Whole],
    work: Work[Result],
    extent: Extent,
    detail: int,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[list[Whole], list[Result]]:
    """What ``whole`` makes, here, of the blocks of the first draws, and what ``work`` makes of those of the others.

    ``detail``: how many draws are the first, at least one; ``jobs``: None for what is worth its while. See `in_blocks`.
    """
    first = min(max(1, detail), extent.draws)
    kept = in_blocks(whole, first, extent.size, 1, progress)
    rest = extent.draws - first
    return kept, in_blocks(
        work, extent.draws, extent.size, extent.jobs(rest) if jobs is None else jobs, progress, first=first
    )


def _blocks(first: int, draws: int, size: int) -> list[range]:
    return [range(start, min(start + size, draws)) for start in range(first, draws, size)]


_DRAWS = "draws"


def over_draws(axis: int = -1) -> Mapping[str, int]:
    """The metadata of a dataclass's field with something of each draw: arrays with their draws along an axis, also in
    tuples and mappings; dataclasses with such fields; or the number of draws itself."""
    return {_DRAWS: axis}


def joined(parts: Sequence[Together]) -> Together:
    """What came of blocks of draws of the same work, one or more, put together: their draws one after the other.

    Fields that are not `over_draws` are alike in all blocks.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    columns = {one.name: one.metadata[_DRAWS] for one in fields(first) if _DRAWS in one.metadata}
    return replace(
        first, **{name: _joined([getattr(part, name) for part in parts], axis) for name, axis in columns.items()}
    )


def _joined(values: Sequence[Any], axis: int) -> Any:
    first = values[0]
    if first is None:
        return None
    if isinstance(first, Mapping):
        return {key: _joined([value[key] for value in values], axis) for key in first}
    if isinstance(first, tuple):
        return tuple(_joined(row, axis) for row in zip(*values, strict=True))
    if isinstance(first, int):
        return sum(values)
    return np.concatenate(values, axis=axis) if isinstance(first, np.ndarray) else joined(values)
