"""Wherever blocks are worked on, the results are the same; lost workers are replaced, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import multiprocessing
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from planshift.forecasting import dask
from planshift.forecasting.backends import Backend, backend_of
from planshift.forecasting.dask import _Cluster, difference, program
from planshift.parallel import AGAIN
from planshift.problems import InputError, LostWorkerError
from planshift.version import __version__
from programs import started as running

BLOCKS = {number: range(number, number + 3) for number in range(9)}
EXPECTED = {number: 6 * number + 6 for number in range(9)}


@dataclass(frozen=True)
class Twice:
    """Adds a block up, times two."""

    def __call__(self, block: range) -> int:
        return 2 * sum(block)


@dataclass(frozen=True)
class Dying:
    """The same, but its process is killed in the middle of a block, so many times; it leaves a file each time."""

    folder: Path
    times: int

    def __call__(self, block: range) -> int:
        if block.start == 4:
            died = len(list(self.folder.iterdir()))
            if died < self.times:
                (self.folder / f"{died}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return 2 * sum(block)


@dataclass(frozen=True)
class Refusing:
    """Does not like one of the blocks."""

    def __call__(self, block: range) -> int:
        if block.start == 5:
            raise InputError.at("accounts.csv", "something is wrong", "mend it")
        return 0


@pytest.fixture(params=["serial", "processes", "dask", "dask:ADDRESS"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if not request.param.startswith("dask"):
        yield backend_of(request.param, 2)
    elif request.param == "dask":
        pytest.importorskip("distributed", reason="the extra `scale` is not installed")
        yield backend_of("dask", 2)
    else:
        distributed = pytest.importorskip("distributed", reason="the extra `scale` is not installed")
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
            yield backend_of(f"dask:{cluster.scheduler_address}")
    assert not multiprocessing.active_children()


def test_every_backend_gives_the_same(backend: Backend) -> None:
    assert dict(backend.map(Twice(), BLOCKS)) == EXPECTED
    assert dict(backend.map(Twice(), {})) == {}


def test_what_a_block_raises_is_raised_here(backend: Backend) -> None:
    with pytest.raises(InputError, match=r"accounts\.csv: something is wrong - mend it"):
        dict(backend.map(Refusing(), BLOCKS))


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_block_whose_worker_is_killed_is_done_again(name: str, tmp_path: Path) -> None:
    if name == "dask":
        pytest.importorskip("distributed", reason="the extra `scale` is not installed")
    found = list(backend_of(name, 2).map(Dying(tmp_path, times=2), BLOCKS))
    assert dict(found) == EXPECTED
    assert len(found) == len(EXPECTED)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_block_that_kills_every_worker_is_given_up(name: str, tmp_path: Path) -> None:
    if name == "dask":
        pytest.importorskip("distributed", reason="the extra `scale` is not installed")
    with pytest.raises(LostWorkerError):
        dict(backend_of(name, 2).map(Dying(tmp_path, times=100), BLOCKS))
    assert len(list(tmp_path.iterdir())) == AGAIN + 1
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("name", ["serial", "processes"])
def test_whoever_stops_listening_ends_the_work(name: str) -> None:
    with contextlib.closing(backend_of(name, 2).map(Twice(), BLOCKS)) as results:
        next(results)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("name", ["process", "dask:", "serial:2", ""])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"there is no backend '{name}' - use one of: serial, processes, dask, dask:"):
        backend_of(name)


def test_there_must_be_a_process() -> None:
    with pytest.raises(InputError, match="at least one process"):
        backend_of("processes", 0)


def test_a_missing_dask_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'planshift\[scale\]'"):
        backend_of("dask")


def test_a_lost_dask_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `scale` is not installed")
    with pytest.raises(LostWorkerError, match=r"^--backend: a block was lost with 4 workers of the cluster - if"):
        _Cluster(None).result(Raising(distributed.KilledWorker("task", None, 3)))  # type: ignore[arg-type]
    with pytest.raises(LostWorkerError, match=r"^--backend: the Dask scheduler is lost"):
        _Cluster(None).result(Raising(asyncio.CancelledError()))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Raising:
    """A future that raises."""

    error: BaseException

    def result(self, timeout: float) -> None:
        raise self.error


# --- clusters that do not do what they should -------------------------------------------------------------------------

SCALE = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra `scale` is not installed")
PORT = re.compile(r"tcp://[0-9.]+:[0-9]+")
STARTS_WITHIN = 60.0
ENDS_WITHIN = 90.0


@dataclass(frozen=True)
class Slow:
    """Takes a moment for each block."""

    def __call__(self, block: int) -> int:
        time.sleep(0.1)
        return block


class Mute(http.server.BaseHTTPRequestHandler):
    """What answers that it does not understand, and keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setattr(dask, "ANSWERS_WITHIN", 1.0)


@contextlib.contextmanager
def started(what: str, *words: str, path: str = "") -> Iterator[subprocess.Popen[str]]:
    """A scheduler or a worker of Dask in a process of its own."""
    path = os.pathsep.join(filter(None, (path, str(Path(__file__).parent))))
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *words]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def worker(address: str, path: str = "") -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    return started("worker", address, "--no-nanny", "--nthreads", "1", path=path)


@contextlib.contextmanager
def scheduler() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A scheduler of its own, and its address."""
    with started("scheduler", "--host", "127.0.0.1", "--port", "0") as process:
        assert process.stderr is not None
        ended = threading.Timer(STARTS_WITHIN, process.kill)
        ended.start()
        addresses = (PORT.search(line) for line in process.stderr)
        address = next(found[0] for found in addresses if found)
        ended.cancel()
        # What it goes on saying must not fill the pipe.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield process, address


@pytest.fixture
def other_planshift(tmp_path: Path) -> str:
    """The path of another planshift, of the same version, whose revenue is not the same."""
    root = Path(__file__).parents[1]
    copy = tmp_path / "simulator" / "planshift"
    shutil.copytree(root / "simulator" / "planshift", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("plans", "scenarios", "reports"):
        (tmp_path / name).symlink_to(root / name)
    with (copy / "billing" / "drawn.py").open("a") as file:
        file.write("\nEXTRA = 2\n")
    return str(copy.parent)


@SCALE
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "HTTP"])
def test_an_address_without_a_scheduler_is_told(address: str) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mute) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = address.replace("HTTP", f"tcp://127.0.0.1:{server.server_port}")
        begun = time.monotonic()
        with pytest.raises(InputError) as raised:
            dict(backend_of(f"dask:{asked}").map(Twice(), BLOCKS))
        assert time.monotonic() - begun < ENDS_WITHIN
        server.shutdown()
    assert str(raised.value) == (
        f"--backend: no Dask scheduler answers at '{asked}' within 1 seconds - start it, or correct the address: the"
        " scheduler's, such as tcp://localhost:8786, not its dashboard's"
    )


@SCALE
@pytest.mark.parametrize("address", ["http://127.0.0.1:8787", "127.0.0.1", "tls://127.0.0.1:9"])
def test_an_address_of_another_kind_is_told(address: str) -> None:
    with pytest.raises(InputError, match=rf"^--backend: '{address}' is no address of a Dask scheduler \("):
        dict(backend_of(f"dask:{address}").map(Twice(), BLOCKS))


@SCALE
def test_a_scheduler_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster:
        monkeypatch.setattr(dask, "ANSWERS_WITHIN", 1.0)
        address = cluster.scheduler_address
        with pytest.raises(InputError) as raised:
            dict(backend_of(f"dask:{address}").map(Twice(), BLOCKS))
    assert str(raised.value) == (
        f"--backend: the Dask scheduler at '{address}' has no workers, and none came within 1 seconds - start some:"
        f" dask worker {address}"
    )


@SCALE
def test_a_worker_with_another_planshift_is_refused_also_when_it_joins_later(other_planshift: str) -> None:
    blocks = {number: number for number in range(2_000)}
    with scheduler() as (_, address), worker(address):
        results = backend_of(f"dask:{address}").map(Slow(), blocks)
        with contextlib.closing(results):
            next(results)
            with worker(address, other_planshift), pytest.raises(InputError) as late:
                dict(results)
    said = r"--backend: the worker tcp://[0-9.:]+ has other program and plan files - install the same planshift, Python"
    assert re.match(said, str(late.value))


@SCALE
def test_a_worker_with_another_planshift_is_refused_before_the_first_block(tmp_path: Path) -> None:
    (tmp_path / "planshift").mkdir()
    (tmp_path / "planshift" / "__init__.py").write_text("__version__ = '0.0.1'\n")
    with scheduler() as (_, address), worker(address, str(tmp_path)), pytest.raises(InputError) as raised:
        next(backend_of(f"dask:{address}").map(Twice(), BLOCKS))
    assert re.match(r"--backend: the worker tcp://[0-9.:]+ has ", str(raised.value))


@SCALE
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=lambda one: one.name)
def test_a_scheduler_that_is_lost_is_told(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    with scheduler() as (process, address), worker(address):
        results = backend_of(f"dask:{address}").map(Slow(), {block: block for block in range(2_000)})
        with contextlib.closing(results):
            next(results)
            monkeypatch.setattr(dask, "ANSWERS_WITHIN", 1.0)
            process.send_signal(number)
            begun = time.monotonic()
            with pytest.raises(LostWorkerError, match="the Dask scheduler is lost: it ended, or does not answer any"):
                dict(results)
        assert time.monotonic() - begun < ENDS_WITHIN


@SCALE
def test_ctrl_c_ends_the_workers_of_this_machine_without_a_word_of_theirs() -> None:
    program = (
        "import sys\n"
        "from planshift.forecasting.backends import backend_of\n"
        "from test_backends import Slow\n"
        "try:\n"
        "    for number, _ in backend_of('dask', 2).map(Slow(), dict.fromkeys(range(5000), 1)):\n"
        "        print(number, flush=True)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(7)\n"
    )
    with running(program) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (7, "")


def test_what_differs_is_said_in_the_order_of_what_decides_most() -> None:
    here = program()
    assert difference(here) is None
    assert difference({**here, "planshift": "9.0", "Python": "9"}) == f"planshift 9.0, and here it is {__version__}"
    assert difference({**here, "planshift": None}) == "no planshift"
    assert difference({**here, "Python": "2.7.1"}) == f"Python 2.7.1, and here it is {platform.python_version()}"
    assert difference({**here, "program and plan files": "0"}) == "other program and plan files"
