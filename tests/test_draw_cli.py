"""``--draws`` and its companions: the answer, the folder, errors, one draw as before, and an interruption."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from command import EXAMPLES, floats_in, run
from drawn_scenarios import PLANS, company

FILE = EXAMPLES / "limits_and_alerts.yaml"
COMPARE = ["--plans", ",".join(PLANS)]
COMMANDS = {"simulate": [], "renew": [], "compare": COMPARE}
every = pytest.mark.parametrize("command", COMMANDS)
PICTURES = {
    "simulate": ["months.png", "so_far.png"],
    "renew": ["break_even.png", "bridge.png", "change.png", "early.png", "months.png", "tornado.png"],
    "compare": ["costs.png", "members.png", "months.png", "totals.png"],
}
WORKERS_COME_WITHIN, THEY_GO_WITHIN = 60, 30


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company(tmp_path_factory.mktemp("scenario"))


@cache
def only_draw(command: str, scenario: Path) -> Path:
    """The folder of the draw with seed 3 alone."""
    out = scenario.parent / f"{command}-alone"
    run(command, scenario, "--draws", 1, "--seed", 3, "--out", out)
    return out


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


# --- the answer -------------------------------------------------------------------------------------------------------


@every
def test_the_answer_comes_first_and_says_how_many_draws_there_are(command: str, scenario: Path) -> None:
    answer = run(command, scenario, *COMMANDS[command], "--draws", 12, "--budget", 17_000)
    assert answer.status == 0
    first = {
        "renew": "Year one on Enterprise: about ",
        "simulate": "A small company: ",
        "compare": "From 2026-10-17 to ",
    }
    assert answer.first.startswith(first[command])
    assert " USD " in answer.first
    assert "the median of 12 simulated years" in answer.first
    assert "beyond the budget of 17,000 USD in " in answer.first
    assert any(said in answer.out for said in ("which do not add up", "percentiles do not", "P50 (P10 to P90)"))
    assert "- Usage is simulated, not measured: 12 draws at random from the scenario's personas" in answer.out
    assert answer.err == ""


@every
def test_the_scenarios_own_draws_and_seed_hold_otherwise(command: str, scenario: Path) -> None:
    answer = run(command, scenario, *COMMANDS[command])
    assert "of 40 simulated years" in answer.first
    assert run(command, scenario, *COMMANDS[command], "--draws", 40, "--seed", 7).out == answer.out
    assert run(command, scenario, *COMMANDS[command], "--seed", 8).first != answer.first


@every
def test_quiet_prints_the_answer_alone(command: str, scenario: Path) -> None:
    assert run(command, scenario, *COMMANDS[command], "--draws", 3, "--quiet").out.count("\n") == 1


@every
@pytest.mark.usefixtures("no_pictures")
def test_json_has_the_same_numbers(command: str, scenario: Path, tmp_path: Path) -> None:
    words = [command, scenario, *COMMANDS[command], "--draws", 12, "--budget", 17_000]
    data = run(*words, "--json", "--out", tmp_path / "run").data
    assert data["answer"] == run(*words).first
    assert (data["draws"], data["seed"], data["detail"], data["budget"]) == (12, 7, 10, "17000.00")
    assert floats_in(data) == []
    for name, rows in data["tables"].items():
        written = [row for row in csv_rows(tmp_path / "run" / f"{name}.csv") if int(row.get("draw", 0)) < 10]
        assert [row.keys() for row in rows] == [row.keys() for row in written]
        same = ("measure", "plan", "month", "mean", "p50", "probability", "amount", "change", "title")
        for row, text in zip(rows, written, strict=True):
            assert all(("" if row[key] is None else str(row[key])) == text[key] for key in same if key in row)
    assert data["files"][-1] == "manifest.json"


# --- the folder -------------------------------------------------------------------------------------------------------


@every
@pytest.mark.usefixtures("no_pictures")
def test_the_folder_holds_tables_pictures_and_a_manifest(command: str, scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = run(command, scenario, *COMMANDS[command], "--draws", 12, "--seed", 3, "--detail", 2, "--out", out)
    names = {path.name for path in out.iterdir()}
    assert {"summary.csv", "chances.csv", "months.csv", "draws.csv", "invoices.csv", "manifest.json"} <= names
    assert sorted(name for name in names if name.endswith(".png")) == PICTURES[command]
    assert all(name in answer.out.splitlines()[-1] for name in names)
    assert {row["draw"] for row in csv_rows(out / "invoices.csv")} == {"0", "1"}
    assert {row["draw"] for row in csv_rows(out / "draws.csv")} == {str(draw) for draw in range(12)}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert {key: manifest["run"][key] for key in ("draws", "seed", "detail", "budget")} == {
        "draws": 12,
        "seed": 3,
        "detail": 2,
        "budget": None,
    }
    assert manifest["command"].endswith("--draws 12 --seed 3 --detail 2")
    assert set(manifest["pictures"]) == set(PICTURES[command])


@every
def test_the_same_draws_give_the_same_bytes_in_any_number_of_processes(
    command: str, scenario: Path, tmp_path: Path
) -> None:
    folders = []
    for jobs in (1, 2):
        out = tmp_path / f"run-{jobs}"
        run(command, scenario, *COMMANDS[command], "--draws", 25, "--detail", 3, "--jobs", jobs, "--out", out)
        folders.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert folders[0] == folders[1]


@every
@pytest.mark.usefixtures("no_pictures")
def test_one_draw_is_the_first_of_many_with_its_seed(command: str, scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = run(command, scenario, *COMMANDS[command], "--draws", 1, "--seed", 3, "--out", out)
    assert answer.status == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert (manifest["run"]["draws"], manifest["run"]["seed"]) == (1, 3)
    assert "one draw at random" in manifest["warnings"][0]
    assert "one draw at random" in answer.out
    many = tmp_path / "many"
    run(command, scenario, *COMMANDS[command], "--draws", 2, "--seed", 3, "--out", many)
    first = [{**row, "draw": "0"} for row in csv_rows(out / "invoices.csv")]
    assert [row for row in csv_rows(many / "invoices.csv") if row["draw"] == "0"] == first


@pytest.mark.usefixtures("no_pictures")
def test_a_usage_file_has_no_seed_in_its_manifest(tmp_path: Path) -> None:
    run("simulate", FILE, "--out", tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["seed"] is None
    assert not {"draws", "seed", "detail", "budget"} & set(manifest["run"])


# --- explained --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("command", ["simulate", "renew"])
@pytest.mark.parametrize("detail", [0, 1, 4])
def test_draw_0_of_a_folder_is_explained(command: str, detail: int, scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(command, scenario, "--draws", 12, "--seed", 3, "--detail", detail, "--out", out)
    assert run("explain", out).first.startswith("Simulated usage, draw 0 of 12: A small company: ")
    alone = run("explain", only_draw(command, scenario), "--member", "engineer-001", "--month", "2026-12")
    asked = run("explain", out, "--member", "engineer-001", "--month", "2026-12")
    assert alone.status == asked.status
    if asked.status == 0:
        assert asked.first == alone.first.replace("Simulated usage, one draw: ", "Simulated usage, draw 0 of 12: ")


@pytest.mark.usefixtures("no_pictures")
def test_a_comparison_of_simulated_usage_says_so_first(scenario: Path, tmp_path: Path) -> None:
    plans = "legacy_standard_premium,enterprise"
    out = tmp_path / "run"
    assert run("compare", scenario, "--plans", plans, "--draws", 1, "--seed", 3, "--out", out).status == 0
    assert run("explain", out).first.startswith("Simulated usage, one draw: The whole comparison: the least is ")
    assert run("explain", out, "--plan", "enterprise").first.startswith("Simulated usage, one draw: ")


@pytest.mark.usefixtures("no_pictures")
def test_a_draw_that_was_changed_is_not_explained(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run("simulate", scenario, "--draws", 12, "--out", out)
    table = out / "invoices.csv"
    table.write_text(table.read_text().replace("0,2026-10-17", "0,2026-10-18", 1))
    answer = run("explain", out)
    assert answer.status == 2
    assert "the file was changed after the run" in answer.err


# --- errors -----------------------------------------------------------------------------------------------------------


@every
def test_options_that_cannot_be_used_are_told_all_at_once(command: str, scenario: Path, tmp_path: Path) -> None:
    words = ["--draws", 0, "--detail", -1, "--budget", "-5", "--jobs", 0, "--seed", -1, "--out", tmp_path / "run"]
    answer = run(command, scenario, *COMMANDS[command], *words)
    assert (answer.status, answer.out) == (2, "")
    named = [line.partition(":")[0] for line in answer.err.splitlines()]
    assert named == ["--budget", "--detail", "--draws", "--jobs", "--seed"]
    assert not (tmp_path / "run").exists()


@every
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--draws", 2], "--draws: "),
        (["--draws", 1], "--draws: "),
        (["--seed", 2], "--seed: "),
        (["--budget", 5], "--budget: measured usage has no chances to hold against a budget"),
    ],
)
def test_a_usage_file_is_one_draw(command: str, words: list[object], said: str) -> None:
    answer = run(command, EXAMPLES / "renewal_standard_premium.yaml", *COMMANDS[command], *words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(said)


def test_where_things_stand_is_shown_of_one_draw(scenario: Path) -> None:
    answer = run("simulate", scenario, "--as-of", "2026-12-31")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        "--as-of: where things stand on a day is shown of one draw, and there are 40 - add --draws 1, or leave --as-of"
        " out\n"
    )
    assert run("simulate", scenario, "--as-of", "2026-12-31", "--draws", 1).status == 0


# --- an interruption --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux says so simply which processes there are")
@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "kill"])
def test_an_interruption_writes_nothing_and_leaves_no_process(
    whole_group: bool, scenario: Path, tmp_path: Path
) -> None:
    words = ["simulate", scenario, "--draws", 1_000_000, "--jobs", 2, "--out", tmp_path / "run"]
    command = [sys.executable, "-m", "planshift.cli", *map(str, words)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        workers = wait_for_workers(process)
        os.killpg(process.pid, signal.SIGINT) if whole_group else process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=THEY_GO_WITHIN)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err.decode()) == (130, b"", "interrupted: nothing was written\n")
    assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []
    assert list(tmp_path.iterdir()) == []


def wait_for_workers(process: subprocess.Popen[bytes]) -> list[str]:
    """The ids of the two processes that work on draws, once they are there."""
    until = time.monotonic() + WORKERS_COME_WITHIN
    while time.monotonic() < until and process.poll() is None:
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if len(workers) == 2:
            return workers
        time.sleep(0.05)
    raise AssertionError("no process works on the draws")
