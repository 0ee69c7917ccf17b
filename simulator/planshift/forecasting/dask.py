"""Blocks on a Dask cluster: one that exists, or one that is started on this machine for the run.

Whatever a cluster does not do, this ends with a sentence, and in a time that is known.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import pickle
import platform
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from planshift.parallel import AGAIN, Numbered, processors
from planshift.plans.files import folder
from planshift.problems import InputError, LostWorkerError, Place, Problem
from planshift.version import __version__

if TYPE_CHECKING:
    from distributed import Client, Future


PLANSHIFT, PYTHON, NUMPY, FILES = "planshift", "Python", "NumPy", "program and plan files"


@cache
def program() -> dict[str, str]:
    """The versions of planshift, Python and NumPy, and a digest of planshift's program and of the files it ships."""
    package = Path(__file__).parents[2]
    found = sorted(package.rglob("*.py"))
    found += [path for name in ("plans", "scenarios") for path in sorted(folder(name).rglob("*")) if path.is_file()]
    whole = hashlib.sha256()
    for path in found:
        whole.update(f"{path.name}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return {
        PLANSHIFT: __version__,
        PYTHON: platform.python_version(),
        NUMPY: np.__version__,
        FILES: whole.hexdigest(),
    }


def difference(other: Mapping[str, str | None]) -> str | None:
    """What another program has that is not as it is here, in words; None where nothing differs."""
    for name, here in program().items():
        there = other.get(name)
        if there != here:
            if name == FILES:
                return f"other {name}"
            return f"{name} {there}, and here it is {here}" if there else f"no {name}"
    return None


Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""So many blocks for each thread of the cluster are handed out at a time: nobody waits, and little is held."""
ANSWERS_WITHIN = 10.0
"""Seconds: how long a scheduler, or the workers that it has, may take to answer, or the first worker to come."""
WORKERS_RETURN_WITHIN = 60.0
"""Seconds: how long a run goes on without any worker; lost ones are started anew in less."""

_PLACE = Place("--backend")
_OPTIONS = {
    "distributed.scheduler.allowed-failures": AGAIN,
    "distributed.admin.large-graph-warning-threshold": "1TB",
    # Dask's own environment of workers gives memory back at once, and every array is paged in anew: twice the time.
    "distributed.nanny.pre-spawn-environ": {"MKL_NUM_THREADS": 1, "OMP_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
}
_WORKER_PROCESS = "Dask Worker process"


class Dask:
    """Works on a cluster: that of an ``address``, whose workers must have the same planshift; None for one of ``jobs``
    processes of this machine.

    Work and results travel as pickles over connections that ask for no password: only in networks that are trusted, or
    by TLS, which Dask has settings for.
    """

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self._address, self._jobs = address, jobs or processors()

    def map(self, work: Callable[[Item], Result], blocks: Mapping[int, Item]) -> Numbered[Result]:
        """See `planshift.forecasting.backends.Backend`. Dask gives the blocks of a lost worker to another.

        Raises InputError where the cluster does not answer, has no workers, or has one with another planshift, Python
        or NumPy; LostWorkerError where the scheduler, or all workers, are lost.
        """
        if not blocks:
            return
        with _quiet(), self._client() as client:
            cluster = _Cluster(client)
            cluster.check()
            # A task and no scattered data: when the workers that hold it are lost, another one unpacks it again.
            unpacked = client.submit(_unpacked, program(), pickle.dumps(work), pure=False)
            waiting = iter(blocks.items())
            numbers: dict[Future[Any], int] = {}
            done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()

            def give() -> None:
                number, block = next(waiting, (None, None))
                if number is not None:
                    future = client.submit(_done, program(), unpacked, block, pure=False)
                    numbers[future] = number
                    future.add_done_callback(done.put)

            try:
                for _ in range(AHEAD * max(1, sum(cluster.threads().values()))):
                    give()
                while numbers:
                    future = cluster.next(done)
                    number = numbers.pop(future)
                    result = cluster.result(future)
                    give()
                    future.release()
                    yield number, result
            finally:
                _bounded(lambda: client.cancel([*numbers, unpacked], force=True))

    @contextmanager
    def _client(self) -> Iterator[Client]:
        if self._address is not None:
            client = _connected(self._address)
            try:
                yield client
            finally:
                _bounded(client.close)
            return
        from distributed import Client, LocalCluster

        # Whoever is interrupted while workers start has a cluster that can be closed.
        cluster = LocalCluster(
            n_workers=0, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
        )
        started = False
        client = Client(cluster)
        try:
            if hasattr(signal, "pthread_sigmask"):
                # What the thread that starts workers does not hear, they do not: who is called ends them after Ctrl-C.
                # (Starting the resource tracker lets a thread hear again.)
                resource_tracker.ensure_running()
                client.sync(_block_interruptions)
            cluster.scale(self._jobs)
            try:
                client.wait_for_workers(self._jobs, timeout=WORKERS_RETURN_WITHIN)
            except OSError as error:
                fact = f"{_PLACE}: Dask's workers did not start within {WORKERS_RETURN_WITHIN:g} seconds"
                raise LostWorkerError(f"{fact} - use --backend processes") from error
            started = True
            yield client
        finally:
            if not started:
                # One that is just being started would keep them from ending well.
                _bounded(lambda: client.wait_for_workers(self._jobs, timeout=ANSWERS_WITHIN))
            _bounded(client.close)
            _bounded(cluster.close)
            for child in multiprocessing.active_children():
                if child.name.startswith(_WORKER_PROCESS):
                    child.kill()
                    child.join(ANSWERS_WITHIN)


def dask_backend(address: str | None, jobs: int | None) -> Dask:
    """The backend, once it is known that Dask is installed; else InputError."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        fact = "the backend 'dask' needs the packages dask and distributed"
        raise InputError.at(_PLACE, fact, "pip install 'planshift[scale]'") from error
    return Dask(address, jobs)


async def _block_interruptions() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


# --- what runs on a worker --------------------------------------------------------------------------------------------


def _unpacked(here: dict[str, str], packed: bytes) -> Any:
    _check_here(here)
    return pickle.loads(packed)


def _done(here: dict[str, str], work: Callable[[Item], Result], block: Item) -> Result:
    _check_here(here)
    return work(block)


def _check_here(asked_with: dict[str, str]) -> None:
    """InputError unless this worker, which may have joined in the middle of a run, is as those that were asked."""
    found = difference(asked_with)
    if found is not None:
        raise InputError.at(_PLACE, f"a worker that joined later works for a run with {found}", _SAME)


# --- what a cluster is asked ------------------------------------------------------------------------------------------

_SCHEDULER = "the scheduler"
_SAME = "install the same planshift, Python and NumPy for the scheduler, the workers and here"


def _connected(address: str) -> Client:
    from distributed import Client

    def client_of() -> Client:
        try:
            return Client(address, timeout=ANSWERS_WITHIN)
        except AssertionError:
            # On a busy machine Dask's own thread may not have started in the ten seconds that Dask gives it.
            return Client(address, timeout=ANSWERS_WITHIN)

    try:
        # Dask keeps to its own limit unless something answers that is no scheduler.
        client: Client = _within(ANSWERS_WITHIN + 2.0, client_of)
    except OSError as error:
        fact = f"no Dask scheduler answers at '{address}' within {ANSWERS_WITHIN:g} seconds"
        remedy = "start it, or correct the address: the scheduler's, such as tcp://localhost:8786, not its dashboard's"
        raise InputError.at(_PLACE, fact, remedy) from error
    except (ValueError, TypeError) as error:
        fact = f"'{address}' is no address of a Dask scheduler ({str(error).splitlines()[0]})"
        raise InputError.at(_PLACE, fact, "write it as tcp://localhost:8786") from error
    try:
        _within(ANSWERS_WITHIN + 2.0, lambda: client.wait_for_workers(1, timeout=ANSWERS_WITHIN))
    except OSError as error:
        _bounded(client.close)
        fact = f"the Dask scheduler at '{address}' has no workers, and none came within {ANSWERS_WITHIN:g} seconds"
        raise InputError.at(_PLACE, fact, f"start some: dask worker {address}") from error
    return client


class _Cluster:
    """What a client's cluster is asked, each time with an end to waiting."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._checked: set[str] = set()
        self._workers_seen = time.monotonic()

    def threads(self) -> dict[str, int]:
        """The workers' addresses, and how many threads each has."""
        return dict(_answer(self._client.nthreads))

    def check(self) -> None:
        """Nothing where the scheduler, and every worker that was not asked before, work with what this process does.

        Raises InputError with each that does not.
        """
        new = {*self.threads()} - self._checked
        found: dict[str, Any] = {}
        if new:
            found = dict(_answer(lambda: self._client.run(program, workers=[*new], on_error="return")))
        if not self._checked:
            found[_SCHEDULER] = _answer(self._of_scheduler)
        if not all(isinstance(about, dict) for about in found.values()):
            found = {who: about if isinstance(about, dict) else self._installed(who) for who, about in found.items()}
        unlike = {who: said for who, about in found.items() if (said := difference(about))}
        if unlike:
            facts = [f"{who if who == _SCHEDULER else f'the worker {who}'} has {said}" for who, said in unlike.items()]
            raise InputError(Problem(_PLACE, fact, _SAME) for fact in facts)
        self._checked |= new

    def next(self, done: queue.SimpleQueue[Future[Any]]) -> Future[Any]:
        """The next block that is done. Raises LostWorkerError where none can come, InputError as `check` does."""
        while True:
            with suppress(queue.Empty):
                return done.get(timeout=ANSWERS_WITHIN)
            self._look()

    def _look(self) -> None:
        """Whether it is worth waiting for more."""
        now = time.monotonic()
        if self.threads():
            self._workers_seen = now
        elif now - self._workers_seen > WORKERS_RETURN_WITHIN:
            fact = f"all workers of the cluster are lost, and none came back within {WORKERS_RETURN_WITHIN:g} seconds"
            raise LostWorkerError(f"{_PLACE}: {fact} - start some, and go on with --resume")
        # One that joined meanwhile and has another planshift may be what everybody waits for.
        self.check()

    def result(self, future: Future[Any]) -> Any:
        """What a block came to; Dask raises here what the block raised there."""
        import asyncio
        import concurrent.futures

        from distributed import KilledWorker

        try:
            while True:
                try:
                    return future.result(timeout=ANSWERS_WITHIN)
                except TimeoutError:
                    if future.status == "error":
                        raise
                # A result that is lost on its way is worked out anew.
                self._look()
        except KilledWorker as lost:
            fact = f"a block was lost with {AGAIN + 1} workers of the cluster"
            raise LostWorkerError(f"{_PLACE}: {fact} - if memory ran out, give each worker more") from lost
        except (asyncio.CancelledError, concurrent.futures.CancelledError) as lost:
            raise _gone() from lost
        except Exception:
            self.check()
            raise

    def _of_scheduler(self) -> Any:
        try:
            return self._client.run_on_scheduler(program)
        except (ImportError, AttributeError) as error:
            return error

    def _installed(self, who: str) -> dict[str, str | None]:
        """What Dask itself can say of one that has no planshift which could."""
        versions: Any = _answer(lambda: self._client.get_versions(packages=[PLANSHIFT]))
        about = versions["scheduler"] if who == _SCHEDULER else versions["workers"].get(who, {})
        packages = about.get("packages", {})
        python = ".".join(str(packages.get("python")).split(".")[:3])
        return {PLANSHIFT: packages.get(PLANSHIFT), PYTHON: python, NUMPY: packages.get("numpy")}


def _answer(question: Callable[[], Result]) -> Result:
    """What the cluster answers; LostWorkerError where it does not."""
    try:
        return _within(ANSWERS_WITHIN, question)
    except OSError as error:
        raise _gone() from error


def _gone() -> LostWorkerError:
    fact = "the Dask scheduler is lost: it ended, or does not answer any more"
    return LostWorkerError(f"{_PLACE}: {fact} - start it again, and go on with --resume")


def _within(seconds: float, call: Callable[[], Result]) -> Result:
    """What ``call`` returns or raises; TimeoutError where it does neither in time."""
    found: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            found.put((call(), None))
        except BaseException as error:
            found.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
    if error is not None:
        raise error
    return cast(Result, result)


def _bounded(call: Callable[[], object]) -> None:
    """Call what ends something: for so long, and whatever comes of it."""
    with suppress(Exception):
        _within(ANSWERS_WITHIN, call)


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
        with dask.config.set(_OPTIONS):
            yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
