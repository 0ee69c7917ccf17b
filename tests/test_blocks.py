"""Blocks of draws: done in order, in one process or several, ended at once by an error or an interruption."""

import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from planshift.billing.blocks import block_size, in_blocks, jobs_for
from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import Prepared, simulate_draws
from planshift.impact.compare import Choice
from planshift.impact.renewal_setup import RenewalSetup
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError, LostWorkerError, Place, Problem
from programs import started
from stacked import drawn
from test_draws import EXAMPLES
from test_totals import assert_same

METHODS = ["fork", "own Python"] if "fork" in multiprocessing.get_all_start_methods() else ["own Python"]

INTERRUPTED = """\
import sys
from planshift.billing.blocks import in_blocks
from test_blocks import sleep_long
def told(done):
    print("done", flush=True)
try:
    in_blocks(sleep_long, 40, 1, 2, told)
except KeyboardInterrupt:
    sys.exit(7)
"""


@dataclass(frozen=True)
class Times:
    """The draws of a block, times a number."""

    factor: int

    def __call__(self, draws: range) -> list[int]:
        return [self.factor * draw for draw in draws]


def refuse_the_fourth(draws: range) -> range:
    if 3 in draws:
        raise InputError([Problem(Place("b.yaml", 2), "b", "mend b"), Problem(Place("a.yaml", 1, 3), "a", "mend a")])
    return draws


def divide_by_zero(draws: range) -> int:
    return len(draws) // 0


def raise_what_cannot_be_pickled(draws: range) -> int:
    error = ValueError("odd")
    error.odd = lambda: None  # type: ignore[attr-defined]
    raise error


def end_at_once(draws: range) -> None:
    os._exit(9)


def sleep_long(draws: range) -> None:
    if draws.start > 1:
        time.sleep(600)


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Processes begin in each of the ways that there are."""
    monkeypatch.setattr("planshift.parallel.forks", lambda: request.param == "fork")
    yield request.param
    assert not multiprocessing.active_children()


def test_the_results_are_in_order_whatever_the_blocks() -> None:
    whole = [3 * draw for draw in range(2, 11)]
    for size in (1, 2, 4, 100):
        found = in_blocks(Times(3), 11, size, first=2)
        assert [value for block in found for value in block] == whole
    assert in_blocks(Times(3), 2, 5, first=2) == []


def test_several_processes_give_the_same(method: str) -> None:
    done: list[int] = []
    found = in_blocks(Times(5), 11, 2, 3, done.append)
    assert found == in_blocks(Times(5), 11, 2)
    assert sorted(done) == [1, 2, 2, 2, 2, 2]


def test_an_error_arrives_as_it_was_raised(method: str) -> None:
    with pytest.raises(InputError) as raised:
        in_blocks(refuse_the_fourth, 9, 1, 2)
    assert [str(problem) for problem in raised.value.problems] == ["a.yaml:1:3: a - mend a", "b.yaml:2: b - mend b"]
    with pytest.raises(ZeroDivisionError) as other:
        in_blocks(divide_by_zero, 4, 1, 2)
    assert "len(draws) // 0" in other.value.__notes__[0]
    with pytest.raises(RuntimeError, match="ValueError: odd"):
        in_blocks(raise_what_cannot_be_pickled, 4, 1, 2)


def test_a_process_that_dies_is_not_waited_for(method: str) -> None:
    with pytest.raises(LostWorkerError, match=r"ended before its work was done \(code 9\), as did 3 before it"):
        in_blocks(end_at_once, 4, 1, 2)


def test_an_interruption_ends_the_processes() -> None:
    with started(INTERRUPTED) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "done\n"
        # As a terminal does: to the program and to its workers.
        os.killpg(program.pid, signal.SIGINT)
        _, errors = program.communicate()
    assert (program.returncode, errors) == (7, "")


def test_an_input_error_is_pickled_with_its_problems() -> None:
    error = InputError.at(Place("a.yaml", 1), "fact", "remedy")
    again = pickle.loads(pickle.dumps(error))
    assert (again.problems, str(again)) == (error.problems, str(error))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_sent_to_a_process_is_what_it_was(path: Path) -> None:
    prepared = Prepared.of(drawn(read_scenario(path, load_catalogue()), 3))
    again = pickle.loads(pickle.dumps(prepared))
    one, other = (each.run(each.asked(range(3))).ledger for each in (prepared, again))
    for span, amounts in one.usage.items():
        assert np.array_equal(amounts, other.usage[span])


def test_customers_and_their_alternatives_are_sent_too(tmp_path: Path) -> None:
    text = (EXAMPLES / "renewal_chat_claude_code.yaml").read_text().replace("usage: {file: usage_small.csv}\n", "")
    (tmp_path / "scenario.yaml").write_text(f"{text}alternatives: {{enterprise: {{channel: sales_assisted}}}}\n")
    scenario = drawn(read_scenario(tmp_path / "scenario.yaml", load_catalogue()), 2)
    choice = Choice.of(scenario, ["legacy_chat_claude_code", "enterprise"])
    again = pickle.loads(pickle.dumps(choice))
    assert np.array_equal(again.bills(range(2)).costs, choice.bills(range(2)).costs)
    move = pickle.loads(pickle.dumps(RenewalSetup.of(scenario)))
    found, again = move.years(range(1)), RenewalSetup.of(scenario).years(range(1))
    assert found.new.drawn.cost.tolist() == again.new.drawn.cost.tolist()


def test_runs_do_not_depend_on_blocks_or_processes(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = drawn(read_scenario(EXAMPLES / "credits_run_out.yaml", load_catalogue()), 9, dollars=12.0)
    whole = simulate_draws(scenario, detail=9, jobs=1)
    monkeypatch.setattr("planshift.billing.blocks.block_size", lambda members, days: 2)
    done: list[int] = []
    parts = simulate_draws(scenario, detail=2, jobs=2, progress=done.append)
    assert_same(parts.totals, whole.totals)
    assert parts.warnings == whole.warnings
    assert sum(done) == 9


def test_blocks_are_as_large_as_memory_likes() -> None:
    assert block_size(500, 365) > block_size(1000, 365) > 1
    assert block_size(10**9, 365) == block_size(0, 0) // block_size(0, 0) == 1


def test_little_work_is_not_worth_a_process() -> None:
    assert jobs_for(1000) == 1
    assert 1 <= jobs_for(10**12) <= (os.cpu_count() or 1)
