"""Work in several processes of this machine: blocks go out, results come back, and no process outlives its parent.

Workers are forked where nothing else runs in this process; elsewhere, in a web server's thread say, each is a Python of
its own, since a fork would copy the locks that other threads hold and never give them back.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

from planshift.problems import LostWorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")
Numbered: TypeAlias = Generator[tuple[int, Result], None, None]
"""Results of numbered blocks, in any order."""

AGAIN: Final = 3
"""How often a block is done once more because the process that worked on it was lost."""
PROGRESS_THREAD: Final = "planshift progress"
"""The name of a thread that shows progress: no worker needs anything that it holds."""

_ENDS_WITHIN = 10.0
"""Seconds that a killed process may take to end before nobody waits for it any more."""
_TRIM_THRESHOLD, _MMAP_MAX, _DEATH_SIGNAL = -1, -4, 1
"""How ``malloc.h`` and ``prctl.h`` call what is free before memory is given back, how many pieces of memory are got one
by one, and the signal that a process gets when its parent dies."""
_PYTHON = """\
import sys
from multiprocessing import connection
results, parent = (getattr(connection, sys.argv[1])(int(handle)) for handle in sys.argv[2:])
sys.path[:] = results.recv()
from planshift.parallel import serve
serve(results.recv(), results, parent)
"""
"""What a worker in a Python of its own runs: it finds planshift, and what its work needs, where its parent does."""


def processors() -> int:
    """How many processors this process may use."""
    # Not every system can say which.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[Item], Result], blocks: Mapping[int, Item], jobs: int, again: int = AGAIN
) -> Numbered[Result]:
    """What ``work`` makes of each numbered block, in ``jobs`` processes, in the order in which they are done.

    ``work`` must be picklable, as must blocks and results; it is sent to each process once. A block whose process ends
    in the middle, killed or out of memory, is done once more in a new process, up to ``again`` times; then
    LostWorkerError is raised. Whatever a block raises is raised here. Processes end with the iterator: when it is done,
    closed, or raises; and with this process, whatever becomes of it.
    """
    waiting = deque(blocks)
    busy: dict[Connection, int] = {}
    lost: Counter[int] = Counter()
    team = _Team(work)

    def give(connections: Iterable[Connection]) -> None:
        for connection in connections:
            if waiting:
                number = waiting.popleft()
                busy[connection] = number
                # A process that is gone is found out when it is listened to.
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.send(blocks[number])

    try:
        give(team.start(min(jobs, len(blocks))))
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
                    give(team.start(1))
                    continue
                give([connection])
                yield number, result
    finally:
        team.end()


def _received(connection: Connection) -> Any:
    result, error = connection.recv()
    if error is not None:
        raise error
    return result


def _lost(code: int | None, times: int) -> LostWorkerError:
    how = f"signal {-code}" if code and code < 0 else f"code {code}"
    before = f", as did {times - 1} before it" if times > 1 else ""
    fact = f"a process ended before its work was done ({how}){before}"
    return LostWorkerError(f"{fact} - if memory ran out, use fewer processes: --jobs 1")


def forks() -> bool:
    """May this process fork: does it run nothing besides, and may it have children of that kind?"""
    if sys.platform != "linux" or multiprocessing.current_process().daemon:
        return False
    names = {thread.name for thread in threading.enumerate() if thread is not threading.main_thread()}
    return names <= {PROGRESS_THREAD}


class _Process(Protocol):
    """A worker's process."""

    def end(self) -> int | None:
        """Kill it if it is still there, and the code that it ended with; less than 0 for a signal."""


@dataclass(frozen=True)
class _Fork:
    process: BaseProcess

    def end(self) -> int | None:
        self.process.kill()
        self.process.join(_ENDS_WITHIN)
        return self.process.exitcode


@dataclass(frozen=True)
class _Python:
    process: subprocess.Popen[bytes]

    def end(self) -> int | None:
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_ENDS_WITHIN)
        return self.process.returncode


class _Team:
    """Processes that do the same work, with a connection to each."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work
        self._processes: dict[Connection, _Process] = {}
        # Nothing is ever written to it: it closes when this process is gone.
        self._parent, self._alive = multiprocessing.Pipe(duplex=False)

    def start(self, count: int) -> list[Connection]:
        """The connections to so many more processes."""
        if forks():
            return [self._start(self._fork) for _ in range(count)]
        started = [self._start(self._python) for _ in range(count)]
        # Only now, since a Python that has just been started does not listen yet.
        for connection in started:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.send(sys.path)
                connection.send(self._work)
        return started

    def _start(self, begin: Callable[[Connection, Connection], _Process]) -> Connection:
        ours, theirs = multiprocessing.Pipe()
        with _unheard():
            self._processes[ours] = begin(ours, theirs)
        theirs.close()
        return ours

    def _fork(self, ours: Connection, theirs: Connection) -> _Process:
        # What else a worker holds open would keep its siblings from hearing that their parent has gone.
        not_theirs = [self._alive, ours, *self._processes]
        arguments = (self._work, theirs, self._parent, not_theirs, os.getpid())
        process = multiprocessing.get_context("fork").Process(target=_forked, args=arguments, daemon=True)
        process.start()
        return _Fork(process)

    def _python(self, _: Connection, theirs: Connection) -> _Process:
        handles = [connection.fileno() for connection in (theirs, self._parent)]
        command = [sys.executable, "-P", "-c", _PYTHON, type(theirs).__name__, *map(str, handles)]
        if sys.platform == "win32":
            for handle in handles:
                os.set_handle_inheritable(handle, True)
            # In a group of its own it does not hear Ctrl-C.
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
            return _Python(subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False, creationflags=flags))
        return _Python(subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=handles))

    def dismiss(self, connection: Connection) -> int | None:
        """Have done with a process that has ended; the code that it ended with."""
        code = self._processes.pop(connection).end()
        connection.close()
        return code

    def end(self) -> None:
        """End every process."""
        # They keep nothing that killing them could spoil, and no handler of theirs can put it off.
        self._alive.close()
        self._parent.close()
        for connection in [*self._processes]:
            self.dismiss(connection)


@contextmanager
def _unheard() -> Iterator[None]:
    """What starts in here hears neither Ctrl-C nor a request to end before it has set itself up."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forked(
    work: Callable[[Any], Any], results: Connection, parent: Connection, not_ours: list[Connection], parent_id: int
) -> None:
    for connection in not_ours:
        connection.close()
    _end_with(parent_id)
    serve(work, results, parent)


def serve(work: Callable[[Any], Any], results: Connection, parent: Connection) -> None:
    """A worker: blocks come, results go, until the other side closes or ``parent`` says that it has gone."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    _forget_handlers()
    _keep_memory()
    with suppress(EOFError, ConnectionResetError, BrokenPipeError):
        while True:
            results.send(_answer(work, results.recv()))


def _watch(parent: Connection) -> None:
    """End this process when its parent has gone."""
    wait([parent])
    os._exit(1)


def _forget_handlers() -> None:
    """Hear signals as a new process does, not as a program that was forked does: a web server's handler would have
    this process live on. Ctrl-C reaches every process of a terminal: the one that was called ends the others."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with(parent_id: int) -> None:
    """Have Linux end this process at once with its parent, also when a stranger was forked that holds its pipes."""
    library = _libc()
    if library is not None:
        library.prctl(_DEATH_SIGNAL, int(signal.SIGKILL))
    if os.getppid() != parent_id:
        os._exit(1)


def _keep_memory() -> None:
    """Have the process keep the memory of a block for the next one, where the C library can be told to.

    Given back, it would be a tenth of the time to get it again, page by page.
    """
    library = _libc()
    if library is not None and hasattr(library, "mallopt"):
        library.mallopt(_TRIM_THRESHOLD, 1 << 30)
        library.mallopt(_MMAP_MAX, 0)


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
