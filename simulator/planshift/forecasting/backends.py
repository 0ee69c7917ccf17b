"""Backends: where the blocks of a forecast are worked on; whichever it is, the results are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from planshift.parallel import Numbered, processors, spread
from planshift.problems import InputError, Place

Item = TypeVar("Item")
Result = TypeVar("Result")

SERIAL, PROCESSES, DASK = "serial", "processes", "dask"


class Backend(Protocol):
    """Somewhere to work."""

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """What ``work`` makes of each numbered block, in any order, each once.

        ``work``, blocks and results are picklable. Whatever a block raises is raised here. Closing the generator, or
        whatever is raised in between, ends all work that was begun; a lost worker's block is done again by another one,
        at most `planshift.parallel.AGAIN` times, then LostWorkerError is raised.
        """
        ...


def backend_of(name: str, jobs: int | None = None) -> Backend:
    """The backend that is called so: ``serial``, ``processes``, ``dask`` or ``dask:ADDRESS``.

    ``jobs``: how many processes work, None for one a processor; a Dask cluster that exists has its own number.
    Raises InputError for another name, for less than one job, and where Dask is missing or its cluster is not there.
    """
    if jobs is not None and jobs < 1:
        raise InputError.at(Place("--jobs"), f"there must be at least one process (got {jobs})", "give 1 or more")
    kind, _, address = name.partition(":")
    if name == SERIAL:
        from planshift.forecasting.backends import Serial

        return Serial()
    if name == PROCESSES:
        from planshift.forecasting.backends import Processes

        return Processes(jobs)
    if kind == DASK and (address or name == DASK):
        from planshift.forecasting.dask import dask_backend

        return dask_backend(address or None, jobs)
    remedy = f"use one of: {SERIAL}, {PROCESSES}, {DASK}, {DASK}:ADDRESS"
    raise InputError.at(Place("--backend"), f"there is no backend '{name}'", remedy)


class Serial:
    """Works here, in order."""

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.forecasting.backends.Backend`."""
        for number, block in blocks.items():
            yield number, work(block)


class Processes:
    """Works in ``jobs`` processes, None for one a processor."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or processors()

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.forecasting.backends.Backend`."""
        return spread(work, blocks, self._jobs)
