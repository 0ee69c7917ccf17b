"""Blocks of work: the same for one block of draws after the other, in as many processes as there are processors.

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
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias, TypeVar, cast

Whole = TypeVar("Whole")
Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[range], Result]
Progress = Callable[[int], None]
Numbered: TypeAlias = Generator[tuple[int, Result], None, None]
"""Results of numbered blocks, in any order."""

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
    """How many processors this process may use."""
    # Not every system can say which.
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


def spread(
    work: Callable[[Item], Result], blocks: Mapping[int, Item], jobs: int, again: int = 0
) -> Numbered[Result]:
    """What ``work`` makes of each numbered block, in ``jobs`` processes, in the order in which they are done.

    ``work`` must be picklable, as must blocks and results; it is sent to each process once. A block whose process ends
    in the middle, killed or out of memory, is done once more in a new process, up to ``again`` times; then
    LostWorkerError is raised. Whatever a block raises is raised here. Processes end with the iterator: when it is done,
    closed, or raises.
    """
    waiting = deque(blocks)
    busy: dict[Connection, int] = {}
    lost: Counter[int] = Counter()
    team = _Team(work)

    def give(connection: Connection) -> None:
        if waiting:
            number = waiting.popleft()
            busy[connection] = number
            # A process that is gone is found out when it is listened to.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.send(blocks[number])

    try:
        for _ in range(min(jobs, len(blocks))):
            give(team.start())
        while busy:
            for ready in wait(list(busy)):
                connection = cast(Connection, ready)
                number = busy.pop(connection)
                try:
                    result = _received(connection)
                except (EOFError, ConnectionResetError):
                    code = team.dismiss(connection)
                    lost[number] += 1
                    if lost[number] > again:
                        raise _lost(code, lost[number]) from None
                    waiting.appendleft(number)
                    give(team.start())
                    continue
                give(connection)
                yield number, result
    finally:
        team.end()


def _received(connection: Connection) -> Any:
    result, error = connection.recv()
    if error is not None:
        raise error
    return result


def _lost(code: int | None, times: int) -> LostWorkerError:
    fact = f"a process that worked on a block ended with the code {code}"
    often = f", and {times - 1} more before it" if times > 1 else ""
    return LostWorkerError(f"{fact}{often}: if memory ran out, use fewer jobs")


class _Team:
    """Processes that do the same work, with a connection to each."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work
        self._context = multiprocessing.get_context()
        self._members: dict[Connection, BaseProcess] = {}

    def start(self) -> Connection:
        """The connection to one more process."""
        ours, theirs = self._context.Pipe()
        process: BaseProcess = self._context.Process(target=_serve, args=(self._work, theirs), daemon=True)
        with _deaf():
            process.start()
        theirs.close()
        self._members[ours] = process
        return ours

    def dismiss(self, connection: Connection) -> int | None:
        """Have done with a process that has ended; the code that it ended with."""
        process = self._members.pop(connection)
        connection.close()
        process.join()
        return process.exitcode

    def end(self) -> None:
        """End every process."""
        for connection, process in self._members.items():
            connection.close()
            process.terminate()
        for process in self._members.values():
            process.join()
        self._members.clear()


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


def _serve(work: Callable[[Any], Any], connection: Connection) -> None:
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


def _answer(work: Callable[[Any], Any], block: Any) -> tuple[Any, Exception | None]:
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
