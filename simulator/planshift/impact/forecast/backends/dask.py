"""Blocks on a Dask cluster: one that exists, or one that is started on this machine for the run."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from planshift.parallel import AGAIN, Numbered, processors
from planshift.problems import InputError, LostWorkerError, Place

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""So many blocks for each thread of the cluster are handed out at a time: nobody waits, and little is held."""
_SECONDS = 10
"""How long a cluster has to answer."""


class Dask:
    """Works on a cluster: that of an ``address``, whose workers must have planshift; None for one of ``jobs`` processes
    of this machine."""

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self._address, self._jobs = address, jobs or processors()

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.impact.forecast.backends.Backend`. Dask gives the blocks of a lost worker to another."""
        from distributed import as_completed

        with _quiet(), self._client() as client:
            # A task and no scattered data: when the workers that hold it are lost, another one unpacks it again.
            unpacked = client.submit(pickle.loads, pickle.dumps(work), pure=False)
            waiting = iter(blocks.items())
            numbers: dict[Any, int] = {}
            begun = as_completed()

            def give() -> None:
                number, block = next(waiting, (None, None))
                if number is not None:
                    future = client.submit(_done, unpacked, block, pure=False)
                    numbers[future] = number
                    begun.add(future)

            try:
                for _ in range(AHEAD * max(1, sum(client.nthreads().values()))):
                    give()
                for future in begun:
                    number = numbers.pop(future)
                    result = _result(future)
                    give()
                    future.release()
                    yield number, result
            finally:
                client.cancel([*numbers, unpacked], force=True)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        from distributed import Client, LocalCluster

        if self._address is None:
            with (
                LocalCluster(
                    n_workers=self._jobs,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                ) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        try:
            client = Client(self._address, timeout=_SECONDS)
        except (OSError, ValueError) as error:
            fact = f"no Dask cluster answers at '{self._address}' ({error})"
            raise InputError.at(Place("--backend"), fact, "start its scheduler, or correct the address") from error
        with client:
            yield client


def dask_backend(address: str | None, jobs: int | None) -> Dask:
    """The backend, once it is known that Dask is installed; else InputError."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        fact = "the backend 'dask' needs the packages dask and distributed"
        raise InputError.at(Place("--backend"), fact, "pip install 'planshift[scale]'") from error
    return Dask(address, jobs)


def _done(work: Callable[[Item], Result], block: Item) -> Result:
    return work(block)


def _result(future: Any) -> Any:
    """What a block came to; Dask raises here what the block raised there."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        return future.result()
    except (KilledWorker, CancelledError) as lost:
        raise LostWorkerError(f"a block was lost with {AGAIN + 1} workers of the cluster: {lost}") from lost


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask with as many tries as the other backends have, and without what it says of itself."""
    import dask
    import distributed  # noqa: F401 - sets its loggers up

    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with dask.config.set(
            {"distributed.scheduler.allowed-failures": AGAIN, "distributed.admin.large-graph-warning-threshold": "1TB"}
        ):
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
