"""Wherever blocks are worked on, the results are the same; lost workers are replaced, and nothing is left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from planshift.impact.forecast.backends import Backend, backend_of
from planshift.parallel import AGAIN
from planshift.problems import InputError, LostWorkerError

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


def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `scale` is not installed")
    monkeypatch.setattr("planshift.impact.forecast.backends.dask._SECONDS", 0.2)
    with pytest.raises(InputError, match=r"no Dask cluster answers at 'tcp://127\.0\.0\.1:9'"):
        dict(backend_of("dask:tcp://127.0.0.1:9").map(Twice(), BLOCKS))
