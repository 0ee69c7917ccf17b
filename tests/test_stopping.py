"""A command that is stopped at any moment leaves what it writes whole, old or new, and says so; the next clears up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from command import EXAMPLES, EXPORTS, run
from planshift import disk
from planshift.reports.folder import check_target, write_folder
from planshift.usage.cells import COLUMNS

MANY = 20
"""From so many moments on, a command is also stopped when what it writes has taken its place."""
ENDS_WITHIN = 300.0
"""Seconds that all of it may take."""

DRAWN = """\
title: Drawn
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {standard: 60}
horizon: {start: 2026-01-01, months: 12}
usage: {seed: 1, personas: {engineer: 5}}
"""
STANDARD_PREMIUM = EXAMPLES / "renewal_standard_premium.yaml"
FOLDERS = {
    "simulate": (50, ["simulate", EXAMPLES / "limits_and_alerts.yaml"]),
    "simulate --draws": (12, ["simulate", "SCENARIO", "--draws", 3, "--jobs", 1]),
    "compare": (20, ["compare", STANDARD_PREMIUM, "--plans", "enterprise,legacy_standard_premium"]),
    "renew": (6, ["renew", STANDARD_PREMIUM]),
    "demo": (3, ["demo"]),
    "forecast": (8, ["forecast", "PORTFOLIO", "--draws", 1, "--months", 2, "--jobs", 1]),
    "portfolio sample": (40, ["portfolio", "sample", "--accounts", 3]),
    "scenario show": (20, ["scenario", "show", "SCENARIO", "--draws", 2]),
}
FIT = ["usage", "fit", EXAMPLES / "usage_small.csv", "--plan", "enterprise", "--channel", "sales_assisted"]
FILES = {
    "usage import": (30, ["usage", "import", "admin-usage", EXPORTS / "admin_usage.json"]),
    "usage draw": (20, ["usage", "draw", "SCENARIO"]),
    "usage fit": (3, [*FIT, "--seats", 50]),
}
"""The commands that write something, and at how many moments each is stopped."""
FILE = {"usage import": "usage.csv", "usage draw": "usage.csv", "usage fit": "fit.yaml"}

Found = list[tuple[str, int]]


def stopped(below: Path, commands: Mapping[str, tuple[int, Sequence[object]]], written: str) -> dict[str, Found]:
    """Runs each command so often, each time stopped at another moment: the signals and statuses of its runs.

    ``written``: the option that says what it writes, and its name in the folder of the run.
    """
    (below / "scenario.yaml").write_text(DRAWN)
    assert run("portfolio", "sample", "--accounts", 2, "--out", below / "portfolio").status == 0
    names = {"SCENARIO": below / "scenario.yaml", "PORTFOLIO": below / "portfolio" / "portfolio.yaml"}
    asked = [
        (str(below / name), moments, [*(str(names.get(str(word), word)) for word in words), *written.split()])
        for name, (moments, words) in commands.items()
    ]
    process = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("stopped.py"))],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return dict(zip(commands, json.loads(process.stdout.splitlines()[-1]), strict=True))


def content(place: Path) -> dict[str, bytes] | bytes | None:
    """Everything that is in a place."""
    if place.is_dir():
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return place.read_bytes() if place.is_file() else None


def check_moments(below: Path, found: Found, name: str) -> None:
    """Whatever stopped a run, what it writes is old or new, whole, and what it said of that is so."""
    old, new = content(below / "before" / name), content(below / "0" / name)
    assert found[0][1] == 0, (below / "0.txt").read_text()
    assert new is not None
    assert new != old
    seen = set()
    for number, (sent, status) in enumerate(found[1:], 1):
        said = (below / f"{number}.txt").read_text().strip()
        left = content(below / str(number) / name)
        assert left in (old, new), (number, sent, said)
        seen.add((sent, left == new))
        if sent == "SIGKILL":
            assert status == -signal.SIGKILL
        else:
            word, wanted = {"SIGINT": ("interrupted", 130), "SIGTERM": ("terminated", 143)}[sent]
            assert status == wanted, (number, said)
            assert said.splitlines()[-1] == f"{word}: {said_of(below / str(number), below / 'before')}", number
    assert {sent for sent, _ in seen} == {"SIGKILL", "SIGTERM", "SIGINT"}
    assert {whole for _, whole in seen} == {False, True} or len(found) < MANY


def said_of(here: Path, before: Path) -> str:
    """What a command says when it is stopped, if that is true: what is in a folder that was not there before."""
    names = sorted(path.name for path in here.iterdir() if not path.name.startswith("."))
    written = [str(here / name) for name in names if content(here / name) != content(before / name)]
    return f"already written in full: {', '.join(written)}" if written else "nothing was written"


def test_there_are_two_hundred_moments() -> None:
    assert sum(moments for moments, _ in [*FOLDERS.values(), *FILES.values()]) >= 200


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork stops at each moment")
def test_a_folder_is_old_or_new_whenever_its_command_is_stopped(tmp_path: Path) -> None:
    for name in FOLDERS:
        write_folder(tmp_path / name / "before" / "run", {"months.csv": "an older run", "seats/x.png": b"older"}, {})
    for name, found in stopped(tmp_path, FOLDERS, "--out {}/run").items():
        check_moments(tmp_path / name, found, "run")
        for number in range(1, len(found)):
            here = tmp_path / name / str(number)
            check_target(here / "run")
            assert {path.name for path in here.iterdir()} - {".run.work"} == {"run"}, (name, number)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork stops at each moment")
def test_a_file_is_old_or_new_whenever_its_command_is_stopped(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name / "before").mkdir(parents=True)
        if name != "usage fit":
            (tmp_path / name / "before" / "usage.csv").write_text(",".join(COLUMNS) + "\n")
    files = {name: (moments, [*words, "-o", f"{{}}/{FILE[name]}"]) for name, (moments, words) in FILES.items()}
    for name, found in stopped(tmp_path, files, "").items():
        check_moments(tmp_path / name, found, FILE[name])
        for number in range(1, len(found)):
            here = tmp_path / name / str(number)
            with disk.hidden(here):
                pass
            assert [path.name for path in here.iterdir() if path.name.startswith(".")] == [], (name, number)
