"""Workers end when they should, whoever calls and whatever signals come; lost ones are replaced; one job needs none."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import planshift
from command import EXAMPLES, run
from planshift import parallel
from planshift.billing.blocks import in_blocks
from planshift.parallel import spread
from planshift.problems import LostWorkerError
from programs import ENDS_WITHIN, started

CALLED = """\
import asyncio, signal, sys, threading
from planshift import parallel
from test_parallel import at_work
{before}
for number, found in parallel.spread(at_work, {{0: 0, 1: 1, 2: 2, 3: 3}}, 2):
    print(found, flush=True)
    if number == {stop}:
        break
print("left", flush=True)
"""
HANDLES = "signal.signal(signal.SIGTERM, lambda *_: None); signal.signal(signal.SIGHUP, lambda *_: None)"
SERVES = """\
async def serve():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: print("told to stop", flush=True))
    for number, found in parallel.spread(at_work, {0: 0, 2: 2, 3: 3}, 2):
        break
    await asyncio.sleep(0.2)
asyncio.run(serve())
"""
HAS_A_THREAD = "threading.Thread(target=threading.Event().wait, daemon=True).start()"


def at_work(block: int) -> int:
    """The process that works; the third block takes for ever."""
    if block == 2:
        time.sleep(600)
    return os.getpid()


def who(_: int) -> int:
    return os.getpid()


@dataclass(frozen=True)
class Dying:
    """Doubles a block's first draw; the process that works on draw 3 is killed, so many times."""

    folder: Path
    times: int

    def __call__(self, draws: range) -> int:
        died = len(list(self.folder.iterdir()))
        if draws.start == 3 and died < self.times:
            (self.folder / f"{died}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 2 * draws.start


def ends(program: str) -> list[str]:
    """What a program prints, which must leave well and in time, and leave no worker."""
    with started(program) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert alive(out.split()) == []
    return out.split()


def alive(words: list[str]) -> list[int]:
    """Those processes of some ids that are there; a process that has only not been waited for has gone."""
    found = []
    for number in {int(word) for word in words if word.isdigit()}:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(number, 0)
            state = Path(f"/proc/{number}/stat")
            if not state.parent.parent.is_dir() or state.read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(number)
    return found


# --- how they end -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", HANDLES, f"{HANDLES}; {HAS_A_THREAD}"], ids=["not", "forked", "own Python"])
def test_workers_end_in_a_program_that_handles_signals(before: str) -> None:
    assert ends(CALLED.format(before=before, stop=1))[-1] == "left"


def test_workers_of_a_web_server_end_and_its_own_handler_is_not_called() -> None:
    found = ends(CALLED.format(before=SERVES, stop=1))
    assert [word for word in found if not word.isdigit()] == ["left"]


@pytest.mark.parametrize("before", ["", HAS_A_THREAD], ids=["forked", "own Python"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda one: one.name)
def test_workers_end_with_their_parent(number: signal.Signals, before: str) -> None:
    # The third block takes for ever, and the others wait for none.
    with started(CALLED.format(before=before, stop=9)) as process:
        assert process.stdout is not None
        workers = [process.stdout.readline().strip() for _ in range(3)]
        assert alive(workers)
        process.send_signal(number)
        process.wait()
        until = time.monotonic() + ENDS_WITHIN
        while alive(workers) and time.monotonic() < until:
            time.sleep(0.02)
        assert alive(workers) == []


# --- who may fork -----------------------------------------------------------------------------------------------------


def found_in_a_thread(found: list[object]) -> None:
    try:
        found.append(parallel.forks())
        found.append([pid for _, pid in spread(who, {0: 0, 1: 1}, 2)])
    except BaseException as error:
        found.append(error)


def test_a_thread_that_is_not_the_first_does_not_fork(undone: None) -> None:
    found: list[object] = []
    thread = threading.Thread(target=found_in_a_thread, args=(found,))
    thread.start()
    thread.join(ENDS_WITHIN)
    forked, pids = found
    assert forked is False
    assert isinstance(pids, list)
    assert os.getpid() not in pids
    assert alive([str(pid) for pid in pids]) == []


def test_a_thread_that_shows_progress_keeps_nobody_from_forking(undone: None) -> None:
    program = (
        "import sys, threading\nfrom planshift import parallel\n"
        "wait = threading.Event().wait\n"
        "print(parallel.forks())\n"
        "threading.Thread(target=wait, daemon=True, name=parallel.PROGRESS_THREAD).start()\n"
        "print(parallel.forks())\n"
        "threading.Thread(target=wait, daemon=True).start()\n"
        "print(parallel.forks())\n"
    )
    linux = str(sys.platform == "linux")
    assert ends(program) == [linux, linux, "False"]


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whether to fork is decided as it is outside of tests."""
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planshift.parallel.forks", DECIDES)
        yield


DECIDES = parallel.forks

# --- lost ones --------------------------------------------------------------------------------------------------------


def test_blocks_of_draws_are_done_again_when_their_worker_is_killed(tmp_path: Path) -> None:
    assert in_blocks(Dying(tmp_path, 2), 6, 1, 2) == [0, 2, 4, 6, 8, 10]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_block_that_kills_all_of_them_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(LostWorkerError) as raised:
        in_blocks(Dying(tmp_path, 99), 6, 1, 2)
    assert str(raised.value) == (
        "a process ended before its work was done (signal 9), as did 3 before it - if memory ran out, use fewer"
        " processes: --jobs 1"
    )


def test_the_command_line_says_so_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise LostWorkerError("a process ended")

    monkeypatch.setattr("planshift.billing.scenario.read_scenario", lost)
    answer = run("simulate", EXAMPLES / "limits_and_alerts.yaml", "--out", tmp_path / "run")
    assert (answer.status, answer.out, answer.err) == (1, "", "a process ended\n")


# --- one job ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever would start a process fails."""

    def started(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("planshift.parallel._Team.start", started)
    monkeypatch.setattr(os, "fork", started)


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A small scenario of people who are drawn, at a renewal."""
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "title: Drawn\ncontract:\n  plan: legacy_standard_premium\n  channel: sales_assisted\n"
        "  term_start: 2026-01-01\n  seats: {standard: 60}\nhorizon: {start: 2026-01-01, months: 12}\n"
        "usage: {seed: 1, personas: {engineer: 5}}\n"
    )
    return path


@pytest.mark.usefixtures("nobody_works", "no_pictures")
def test_with_one_job_no_process_is_started(drawn: Path, tmp_path: Path) -> None:
    example = EXAMPLES / "renewal_standard_premium.yaml"
    planshift.renew(example, jobs=1).write(tmp_path / "renewed")
    planshift.compare(example, ["enterprise", "legacy_standard_premium"], jobs=1).write(tmp_path / "compared")
    planshift.simulate(drawn, draws=3, jobs=1).write(tmp_path / "simulated")
    planshift.compare(drawn, ["enterprise", "legacy_standard_premium"], draws=3, jobs=1).write(tmp_path / "drawn")
    planshift.show_scenario(drawn, draws=2).write(tmp_path / "shown")
    pictures = {path.parent.name for path in tmp_path.glob("*/*.png")}
    assert pictures == {"renewed", "compared", "simulated", "drawn", "shown"}


@pytest.mark.usefixtures("nobody_works", "no_pictures")
def test_nor_for_pages_and_forecasts(drawn: Path, tmp_path: Path) -> None:
    words = ["--jobs", 1, "--quiet", "--out"]
    pytest.importorskip("jinja2", reason="the extra `report` is not installed")
    answer = run("renew", drawn, "--draws", 2, "--report", "customer", *words, tmp_path / "page")
    assert (answer.status, answer.err) == (0, "")
    assert run("portfolio", "sample", "--accounts", 3, "--out", tmp_path / "sample").status == 0
    (portfolio,) = (tmp_path / "sample").glob("*.yaml")
    answer = run("forecast", portfolio, "--draws", 2, "--months", 3, *words, tmp_path / "ahead")
    assert (answer.status, answer.err) == (0, "")
    assert (tmp_path / "ahead" / "recognised.png").is_file()
