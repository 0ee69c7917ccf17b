"""A run that was stopped goes on where it was: no finished block is worked on twice, no broken one is believed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planshift.forecasting import forecasting
from planshift.forecasting.checkpoint import Kept, WorkFolder, fingerprint
from planshift.forecasting.forecasting import forecast
from planshift.forecasting.result import Forecast
from planshift.parallel import Numbered
from planshift.problems import OutputError
from portfolio_runs import assert_same, portfolio
from programs import started

STOPPED = """
import sys
from pathlib import Path
from planshift.forecasting import forecasting
from planshift.forecasting.checkpoint import WorkFolder
from portfolio_runs import portfolio

def tell(done, total):
    print(done, flush=True)

forecasting.BLOCK = 10_000
folder = Path(sys.argv[1])
try:
    read = portfolio(folder, 60, draws=20)
    work = WorkFolder.beside(folder / "out", resume=True)
    forecasting.forecast(read, backend=sys.argv[2], jobs=2, work=work, progress=tell)
except KeyboardInterrupt:
    sys.exit(7)
"""


class Counting:
    """Works here, notes which blocks it was given, and stops before so many of them are done."""

    def __init__(self, stop_before: int | None = None) -> None:
        self.done: list[int] = []
        self._stop_before = stop_before

    def map(self, work: Callable[[Any], Any], blocks: Mapping[int, Any]) -> Numbered[Any]:
        """See `planshift.forecasting.backends.Backend`."""
        for number, block in blocks.items():
            if len(self.done) == self._stop_before:
                raise KeyboardInterrupt
            result = work(block)
            self.done.append(number)
            yield number, result


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "BLOCK", 30_000)


def stopped(folder: Path, after: int = 2, **options: Any) -> WorkFolder:
    """The work folder of a run that was stopped after some blocks."""
    work = WorkFolder.beside(folder / "out", resume=False)
    backend = Counting(after)
    with pytest.raises(KeyboardInterrupt):
        forecast(portfolio(folder), backend=backend, work=work, **options)
    assert backend.done == list(range(after))
    return work


def resumed(folder: Path, **options: Any) -> tuple[Forecast, list[int]]:
    """The forecast when it is run again, and the blocks that were worked on."""
    backend = Counting()
    work = WorkFolder.beside(folder / "out", resume=True)
    return forecast(portfolio(folder), backend=backend, work=work, **options), backend.done


def parts(work: WorkFolder) -> list[Path]:
    """The files of finished blocks."""
    return sorted(work.path.glob("*/*"))


def test_a_finished_block_is_never_worked_on_twice(tmp_path: Path) -> None:
    whole = forecast(portfolio(tmp_path), backend="serial")
    work = stopped(tmp_path)
    assert [path.name for path in parts(work)] == ["000000.part", "000001.part"]
    found, done = resumed(tmp_path)
    assert done[0] == 2
    assert len(done) > 2
    assert_same(found, whole)
    assert resumed(tmp_path)[1] == []


def test_progress_begins_with_what_was_done(tmp_path: Path) -> None:
    stopped(tmp_path)
    told: list[tuple[int, int]] = []
    resumed(tmp_path, progress=lambda done, total: told.append((done, total)))
    assert 0 < told[0][0] < told[-1][0] == 12


def test_without_resuming_it_starts_anew(tmp_path: Path) -> None:
    work = stopped(tmp_path)
    assert WorkFolder.beside(tmp_path / "out", resume=False) == work
    assert not work.path.exists()
    assert resumed(tmp_path)[1][0] == 0


@pytest.mark.parametrize("options", [{"seed": 8}, {"draws": 4}, {"coarse": True}])
def test_other_options_start_anew(options: dict[str, Any], tmp_path: Path) -> None:
    work = stopped(tmp_path)
    assert resumed(tmp_path, **options)[1][0] == 0
    assert len(list(work.path.iterdir())) == 2


def test_changed_accounts_start_anew(tmp_path: Path) -> None:
    stopped(tmp_path)
    backend = Counting()
    work = WorkFolder.beside(tmp_path / "out", resume=True)
    read = portfolio(tmp_path)
    column = read.accounts.numbers["payment_days"].copy()
    column[-1] += 1
    accounts = replace(read.accounts, numbers={**read.accounts.numbers, "payment_days": column})
    forecast(replace(read, accounts=accounts), backend=backend, work=work)
    assert backend.done[0] == 0


def test_each_part_of_what_is_read_counts(tmp_path: Path) -> None:
    read = portfolio(tmp_path)
    accounts = read.accounts
    changes = (
        {},
        {"seed": 8},
        {"months": 9},
        {"shocks": replace(read.shocks, token_price=())},
        {"accounts": replace(accounts, ids=(*accounts.ids[:-1], "other"))},
        {"catalogue": replace(read.catalogue, plans=dict(list(read.catalogue.plans.items())[1:]))},
    )
    digests = [fingerprint(replace(read, **change)) for change in changes]
    assert len(set(digests)) == len(changes)
    assert digests[0] == fingerprint(portfolio(tmp_path))


@pytest.mark.parametrize("damage", [b"", b"half", b"planshift block\n" + b"x" * 100])
def test_a_broken_block_is_worked_on_anew(damage: bytes, tmp_path: Path) -> None:
    whole = forecast(portfolio(tmp_path), backend="serial")
    work = stopped(tmp_path)
    parts(work)[1].write_bytes(damage)
    found, done = resumed(tmp_path)
    assert done[:2] == [1, 2]
    assert_same(found, whole)


def test_the_folder_is_gone_when_it_is_not_needed(tmp_path: Path) -> None:
    work = stopped(tmp_path)
    resumed(tmp_path)
    work.remove()
    work.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.csv"]


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / ".out.work").write_text("not a folder", encoding="utf-8")
    with pytest.raises(OutputError, match="finished blocks cannot be kept there"):
        WorkFolder(tmp_path / ".out.work").run("0123").keep(0, b"")


def test_a_block_that_has_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="run again with --resume"):
        Kept(tmp_path).read(3)


@pytest.mark.parametrize("backend", ["serial", "processes"])
def test_an_interruption_leaves_finished_blocks_and_nothing_half_written(backend: str, tmp_path: Path) -> None:
    with started(STOPPED, str(tmp_path), backend) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "0\n"
        assert int(program.stdout.readline()) > 0
        # As a terminal does: to the program and to its workers.
        os.killpg(program.pid, signal.SIGINT)
        _, errors = program.communicate()
    assert (program.returncode, errors) == (7, "")
    kept = [path for path in (tmp_path / ".out.work").glob("*/*") if path.suffix == ".part"]
    assert 0 < len(kept) < 60
