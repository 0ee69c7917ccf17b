"""Blocks of draws: the same work for one block after the other, in as many processes as there are processors.

Nothing that comes out depends on how draws are cut into blocks, on the number of processes, or on which one is faster.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

Whole = TypeVar("Whole")
Result = TypeVar("Result")
Work = Callable[[range], Result]
Progress = Callable[[int], None]

BLOCK_BYTES = 32 << 20
"""What one array over the days, draws and members of a block takes at most. Larger blocks are hardly faster; ten times
as much or so is in use at a time."""
LITTLE = 4_000_000
"""Member-days of work that are done before another process has started."""


M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""How glibc's ``malloc.h`` calls what is free before memory is given back, and how many pieces are got one by one."""


class LostWorkerError(RuntimeError):
    """A process ended before its work was done: killed, or out of memory."""


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


def processors() -> int:
    """How many processes can work at a time."""
    # Not every system can say which processors a process may use.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    many draws were done with each block. With several ``jobs``, ``work`` must be picklable, as must its results; it is
    sent to each process once. Whatever a block raises is raised here, and the processes are ended at once, also when
    the caller is interrupted.
    """
    blocks = _blocks(first, draws, size)
    done = progress or (lambda _: None)
    if min(jobs, len(blocks)) <= 1:
        results = []
        for block in blocks:
            results.append(work(block))
            done(len(block))
        return results
    with _workers(work, min(jobs, len(blocks))) as workers:
        return _spread(blocks, workers, done)


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


def _spread(blocks: list[range], workers: dict[Connection, BaseProcess], done: Progress) -> list[Any]:
    """Give each worker a block, and the next one whenever it returns a result."""
    results: list[Any] = [None] * len(blocks)
    waiting = iter(enumerate(blocks))
    busy: dict[Connection, int] = {}

    def give(connection: Connection) -> None:
        number, block = next(waiting, (None, None))
        if number is not None:
            connection.send(block)
            busy[connection] = number

    for connection in workers:
        give(connection)
    while busy:
        for ready in wait(list(busy)):
            connection = cast(Connection, ready)
            number = busy.pop(connection)
            results[number] = _received(connection, workers[connection])
            give(connection)
            done(len(blocks[number]))
    return results


def _received(connection: Connection, process: BaseProcess) -> Any:
    try:
        result, error = connection.recv()
    except EOFError:
        process.join()
        fact = f"a process that worked on a block of draws ended with the code {process.exitcode}"
        raise LostWorkerError(f"{fact}: if memory ran out, use fewer jobs") from None
    if error is not None:
        raise error
    return result


@contextmanager
def _workers(work: Work[Any], jobs: int) -> Iterator[dict[Connection, BaseProcess]]:
    """So many processes with a connection to each; all of them are ended on the way out."""
    context = multiprocessing.get_context()
    workers: dict[Connection, BaseProcess] = {}
    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(target=_serve, args=(work, theirs), daemon=True)
            with _deaf():
                process.start()
            theirs.close()
            workers[ours] = process
        yield workers
    finally:
        for connection, worker in workers.items():
            connection.close()
            worker.terminate()
        for worker in workers.values():
            worker.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """What starts in here does not hear Ctrl-C, from its first moment on: who called it will end it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(work: Work[Any], connection: Connection) -> None:
    """A worker: blocks come, results go, until the other side closes."""
    # Ctrl-C reaches every process of a terminal: the one that was called ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_memory()
    while True:
        try:
            block = connection.recv()
        except EOFError:
            return
        connection.send(_answer(work, block))


def _keep_memory() -> None:
    """Have the process keep the memory of a block for the next one, where the C library can be told to.

    Given back, it would be a tenth of the time to get it again, page by page.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is not None and hasattr(library, "mallopt"):
        library.mallopt(M_TRIM_THRESHOLD, 1 << 30)
        library.mallopt(M_MMAP_MAX, 0)


def _answer(work: Work[Any], block: range) -> tuple[Any, Exception | None]:
    """The result, or else what was raised."""
    try:
        return work(block), None
    except Exception as error:
        return None, _portable(error)


def _portable(error: Exception) -> Exception:
    """An error that arrives as it left: with the worker's own traceback, in words where it cannot be pickled."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
