"""How a command is left: by errors nobody foresaw, with output that nobody takes, or because it is told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

from planshift.disk import placed
from planshift.problems import one_line, printable
from planshift.version import __version__

INPUT, OUTPUT, FAULT, INTERRUPTED, UNREAD, TERMINATED = 2, 1, 70, 130, 141, 143
"""Exit statuses: the input cannot be used, a result cannot be written, planshift itself is at fault, somebody pressed
Ctrl-C, whoever read the output went away, and somebody sent SIGTERM (as a shell has the last three for any program)."""

_LONGEST_REASON = 300


class _Output:
    """Standard output that remembers what kept it from being written."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.failure: OSError | None = None

    def write(self, text: str) -> int:
        with self._noting():
            return self.stream.write(text)

    def flush(self) -> None:
        with self._noting():
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = error
            raise

    def end(self) -> None:
        """Write what is left; where that cannot be, let the interpreter end without a word of its own about it."""
        with contextlib.suppress(OSError):
            self.flush()
        if self.failure:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())


class _Terminated(KeyboardInterrupt):
    """Raised where SIGTERM comes, so that everything is left behind as after Ctrl-C."""


@contextlib.contextmanager
def told_when_stopped() -> Iterator[None]:
    """Within it, an interruption becomes SystemExit, and a sentence that says whether anything was written."""
    with placed() as written:
        try:
            yield
        except KeyboardInterrupt as stop:
            terminated = isinstance(stop, _Terminated)
            word, status = ("terminated", TERMINATED) if terminated else ("interrupted", INTERRUPTED)
            places = ", ".join(map(str, written()))
            said = f"already written in full: {places}" if places else "nothing was written"
            raise SystemExit(tell(f"{word}: {said}", status)) from None


@contextlib.contextmanager
def _hearing_sigterm() -> Iterator[None]:
    def terminate(*_: object) -> None:
        raise _Terminated

    before = signal.getsignal(signal.SIGTERM)
    # A program that was started not to hear it does not.
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        if before is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, before)


def leave(command: Callable[[], object]) -> int:
    """The exit status of a command, once its output is out: every error has become one sentence by then."""
    try:
        with _hearing_sigterm(), told_when_stopped():
            return _left(command)
    except SystemExit as stopped:
        return int(stopped.code or 0)


def _left(command: Callable[[], object]) -> int:
    if sys.stdout is None:
        return tell("standard output: is closed - leave it open, or send it to a file", OUTPUT)
    output = _Output(sys.stdout)
    sys.stdout = cast(TextIO, output)
    try:
        status = _status(command, output)
    finally:
        output.end()
        sys.stdout = output.stream
    if output.failure is None:
        return status
    if isinstance(output.failure, BrokenPipeError):
        return UNREAD
    fact = f"standard output: cannot be written ({output.failure.strerror})"
    return tell(f"{fact} - make room, or send it somewhere else", OUTPUT)


def tell(error: object, status: int) -> int:
    """Print an error on standard error, if there is one; the exit status."""
    with contextlib.suppress(OSError, AttributeError):
        print("\n".join(map(printable, str(error).splitlines())), file=sys.stderr, flush=True)
    return status


def _status(command: Callable[[], object], output: _Output) -> int:
    try:
        command()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except MemoryError as error:
        reason = one_line(str(error) or "no more can be had", _LONGEST_REASON)
        return tell(f"memory: there is not enough of it ({reason}) - ask for fewer draws, members or months", OUTPUT)
    except OSError as error:
        if error is output.failure:
            return OUTPUT
        if error.filename is None:
            return tell(_fault(error), FAULT)
        name = one_line(os.fsdecode(error.filename) if isinstance(error.filename, bytes) else str(error.filename), 300)
        return tell(f"{name}: cannot be used ({error.strerror}) - check its name, and what you may do there", INPUT)
    except Exception as error:
        return tell(_fault(error), FAULT)
    return 0


def _fault(error: Exception) -> str:
    """The sentence for an error that nobody foresaw; how it came about goes into a file, never on the terminal."""
    reason = one_line(f"{type(error).__name__}: {error}", _LONGEST_REASON)
    said = f"planshift: this is a fault of planshift, not of your input ({reason})"
    # Every command loads this module; what only a fault needs is imported where it is told.
    import tempfile

    try:
        handle, name = tempfile.mkstemp(prefix="planshift-fault-", suffix=".txt", text=True)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_report(error))
    except OSError:
        return f"{said} - please report it; there was no place for a file that says more"
    return f"{said} - please report it with the file {name}"


def _report(error: Exception) -> str:
    """What whoever mends it needs to know: versions, the command, and the traceback."""
    import platform
    import shlex
    import traceback

    about = f"planshift {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return f"{about}\n{shlex.join(sys.argv)}\n\n{''.join(traceback.format_exception(error))}"
