"""Runs commands again and again, each time in a fork of itself, and stops them at one of their operations on the disk.

Reads a list of commands as JSON, each a folder, a number of moments, and words, of which ``{}`` stands for the folder
of the run. A folder ``0`` is of a run that is left alone; 1, 2, … are of those stopped, each with a copy of what is in
``before``. Prints, as JSON, for each command and run the signal that it was sent and its exit status; what it said is
in ``N.txt``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import planshift.reports.result
from command import undrawn
from planshift.cli import main

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WITH_A_PATH = {"open", "os.listdir", "os.scandir", "os.chmod"}
CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir"}


def touches(below: str, event: str, arguments: Sequence[Any]) -> bool:
    """Is this an operation on the disk that a run stands or falls with?"""
    if event == "ctypes.dlsym":
        return arguments[1] == "renameat2"
    return event in CHANGES or (event in WITH_A_PATH and str(arguments[0]).startswith(below))


def run(words: Sequence[str], folder: Path, log: Path, stop: tuple[int, int] | None) -> tuple[int, int]:
    """Run a command in a fork: its status, less than 0 for a signal, and how many operations there were."""
    counts, counted = os.pipe()
    child = os.fork()
    if child:
        os.close(counted)
        with os.fdopen(counts) as told:
            count = told.read()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), int(count or 0)
    handle = os.open(log, os.O_CREAT | os.O_WRONLY)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    done = 0

    def hook(event: str, arguments: Sequence[Any]) -> None:
        nonlocal done
        if touches(str(folder), event, arguments):
            done += 1
            if stop and done == stop[0] and os.getpid() == mine:
                os.kill(mine, stop[1])

    mine = os.getpid()
    sys.argv = ["planshift", *(word.replace("{}", str(folder)) for word in words)]
    status: Any = 0
    sys.addaudithook(hook)
    try:
        main()
    except SystemExit as left:
        status = left.code
    finally:
        with contextlib.suppress(OSError):
            os.write(counted, str(done).encode())
        sys.stdout.flush()
        os._exit(status or 0)


def stop_at_moments(below: Path, moments: int, words: Sequence[str]) -> list[tuple[str, int]]:
    """The signal and the status of each run."""
    # A fork of a process that has done it before need not load anything.
    warm = below / "warm"
    shutil.copytree(below / "before", warm)
    run_here([word.replace("{}", str(warm)) for word in words])
    found = []
    for number in range(moments + 1):
        folder = below / str(number)
        shutil.copytree(below / "before", folder)
        if not number:
            status, operations = run(words, folder, below / "0.txt", None)
            found.append(("", status))
            continue
        sent = SIGNALS[number % len(SIGNALS)]
        at = 1 + (number - 1) * operations // moments
        status, _ = run(words, folder, below / f"{number}.txt", (at, sent))
        found.append((sent.name, status))
    return found


def run_here(words: Sequence[str]) -> None:
    """Run a command in this process, in silence."""
    sys.argv = ["planshift", *words]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.suppress(SystemExit):
        main()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    planshift.reports.result.png = undrawn
    commands = json.load(sys.stdin)
    print(json.dumps([stop_at_moments(Path(folder), moments, words) for folder, moments, words in commands]))
