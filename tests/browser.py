"""A real browser for tests: headless Chromium, told what to do over a pair of pipes (its DevTools protocol)."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
GET = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
"""What installs it: Debian's package. Where its index has never been read, that comes first."""
PATIENCE = 600
"""Seconds that each of the two may take."""
_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-extensions --no-first-run"
    " --disable-background-networking --disable-component-update --remote-debugging-pipe --hide-scrollbars"
)


class NoBrowserError(Exception):
    """There is no Chromium here, and why none could be installed."""


@cache
def chromium() -> str:
    """Where Chromium is, installed first where it is not; NoBrowserError, with the reason, where it cannot be."""
    if found := _there():
        return found
    if reason := why_not_installed():
        raise NoBrowserError(f"there is no Chromium here, and {reason}: {' '.join(GET)}")
    found = _there()
    if not found:
        raise NoBrowserError(f"Chromium was installed, but is none of {', '.join(NAMES)}")
    return found


def _there() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def why_not_installed() -> str:
    """Install Debian's package; why that did not succeed, or nothing where it did."""
    if not shutil.which(GET[0]):
        return "this is no Debian to install it on"
    if os.geteuid():
        return "only root can install it"
    last = ""
    for command in (GET, (GET[0], "update"), GET):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return f"{command[1]} took more than {PATIENCE} seconds"
        if done.returncode == 0 and command == GET:
            return ""
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), last)
    return f"it cannot be installed ({last})"


class Browser:
    """A page of Chromium, with everything it was told of: requests, errors, messages on the console."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._numbers = count(1)
        self._session: str | None = None
        self._rest = b""
        self.events: list[dict[str, Any]] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: object) -> dict[str, Any]:
        """What a command answers; events that come before it are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, (method, said["error"])
                result: dict[str, Any] = said["result"]
                return result
            self.events.append(said)

    def open(self, path: Path, width: int, height: int = 900) -> None:
        """A file, in a window of that many pixels, loaded."""
        self.events.clear()
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.do("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def run(self, script: str) -> Any:
        """What a piece of JavaScript comes to in the page."""
        answer = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        """The page printed."""
        return base64.b64decode(self.do("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for."""
        return [event["params"]["request"]["url"] for event in self._of("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[object]:
        """Errors and warnings, thrown, logged, or written to the console."""
        thrown = self._of("Runtime.exceptionThrown")
        written = [one for one in self._of("Runtime.consoleAPICalled") if one["params"]["type"] in ("error", "warning")]
        logged = [one for one in self._of("Log.entryAdded") if one["params"]["entry"]["level"] in ("error", "warning")]
        return [event["params"] for event in (*thrown, *written, *logged)]

    def _of(self, method: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") == method]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._back, 1 << 20)
            assert read, "the browser is gone"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium with a page, which is gone afterwards."""
    program = chromium()
    told, tell = os.pipe()
    hear, said = os.pipe()

    def three_and_four() -> None:
        # Chromium reads from 3 and writes to 4. Copies out of the way come first: a pipe may itself be 3 or 4.
        reads, writes = (fcntl.fcntl(pipe, fcntl.F_DUPFD, 10) for pipe in (told, said))
        os.dup2(reads, 3)
        os.dup2(writes, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *_OPTIONS.split(), f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=three_and_four,
        )
        os.close(told)
        os.close(said)
        try:
            yield Browser(tell, hear)
        finally:
            os.close(tell)
            os.close(hear)
            process.terminate()
            process.wait(20)
