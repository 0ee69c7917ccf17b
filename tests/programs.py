"""Programs that tests start: each finds what is in tests/, and ends in time whatever it does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

ENDS_WITHIN = 120.0
"""Seconds; far more than any of them needs, so that a busy machine fails no test."""


@contextlib.contextmanager
def started(code: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A Python of its own that runs some code; when it takes too long, and in the end, it is killed.

    It is the first of a group of processes, as what a terminal starts is.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    too_long = threading.Timer(ENDS_WITHIN, kill)
    too_long.daemon = True
    too_long.start()
    with process:
        try:
            yield process
        finally:
            too_long.cancel()
            process.kill()
