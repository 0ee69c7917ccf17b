"""How fast the page on a renewal is: many draws, twelve what-ifs, tables, charts and the page, as people ask for them.

500 members × 24 months × 200 draws: the renewal in the middle of them, the year before it and the year after it, on the
old plan and on the new one, with every answer and the what-ifs that planshift ships, by the command as people type it.
Beside it, in the same run: the same command with one draw, which is what reading, charts and pages cost whatever the
draws; and the yardstick, drawing the usage and billing both years once, on as many processes and nothing more. All of
them take turns; times are medians. Twice the draws say how time and memory grow. Memory is that of all processes
together, each shared page counted once (Linux). Run it on an idle machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from draws import Cost, Watch, middle

from planshift.billing.blocks import block_size
from planshift.billing.scenario import Scenario, read_scenario
from planshift.impact.answers.course import Course
from planshift.impact.answers.levels import shipped_levels
from planshift.plans.catalogue import load_catalogue

MEMBERS, DRAWS, DAYS = 500, 200, 730
ROUNDS = 3
LIMIT_SECONDS, LIMIT_MIB = 20, 1536

SCENARIO = f"""\
title: A benchmark of {MEMBERS} members
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2025-11-15
  seats: {{standard: 400, premium: 100}}
  seat_prices: {{standard: 40.00, premium: 200.00}}
  included_usage_per_week: {{standard: 15.00, premium: 100.00}}
  extra_usage: {{enabled: true}}
  spend_limits: {{organization: 75000.00, each_member: 400.00}}
  renewal:
    spend_limits: {{organization: 90000.00, each_member: 400.00}}
horizon: {{start: 2025-11-15, months: 24}}
usage:
  seed: 1
  personas:
    engineer: {{count: 300, seat_type: standard, team: Engineering}}
    analyst: {{count: 100, seat_type: standard, team: Analysis}}
    heavy_engineer: {{count: 100, seat_type: premium, team: Platform}}
  behaviour: {{metered: 0.9, assumed: true, note: A benchmark.}}
"""


def command(path: Path, draws: int, jobs: int, out: Path) -> Cost:
    """The renewal as people run it."""
    words = [sys.executable, "-m", "planshift.cli", "renew", str(path), "--draws", str(draws), "--jobs", str(jobs)]
    words += ["--report", "internal", "--out", str(out), "--quiet"]
    begin = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    most = Watch(process.pid)
    if process.wait():
        raise SystemExit(f"the command failed: {' '.join(words)}")
    return Cost(time.perf_counter() - begin, most.end())


def scenario_of(path: Path) -> Scenario:
    """The scenario of the job."""
    return read_scenario(path, load_catalogue())


def both_years(path: Path, draws: range) -> None:
    """Draw the usage of some draws and bill both years of it, once."""
    course = Course.of(scenario_of(path))
    size = block_size(MEMBERS, DAYS)
    for start in range(draws.start, draws.stop, size):
        demands = course.asked(range(start, min(start + size, draws.stop))).demands
        course.old.billed(demands.old)
        course.new.billed(demands.new)


def yardstick(path: Path, jobs: int) -> float:
    """Seconds that drawing and billing both years take on so many processes."""
    with ProcessPoolExecutor(jobs) as pool:
        list(pool.map(abs, range(jobs)))
        begin = time.perf_counter()
        parts = [range(part * DRAWS // jobs, (part + 1) * DRAWS // jobs) for part in range(jobs)]
        list(pool.map(both_years, [path] * jobs, parts))
        return time.perf_counter() - begin


def main() -> None:
    """Print what the command takes, beside the same with one draw and the yardstick, and how it grows."""
    jobs = min(2, len(os.sched_getaffinity(0)))
    where = Path(tempfile.mkdtemp())
    try:
        path = where / "job.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        rounds = []
        for number in range(ROUNDS):
            kinds = enumerate((DRAWS, 1, 2 * DRAWS))
            costs = [command(path, draws, jobs, where / f"out-{number}-{kind}") for kind, draws in kinds]
            rounds.append((costs, yardstick(path, jobs)))
    finally:
        shutil.rmtree(where)
    found, single, twice = (middle([costs[kind] for costs, _ in rounds]) for kind in range(3))
    least = statistics.median(seconds for _, seconds in rounds)
    what_ifs = len(shipped_levels().what_ifs)
    print(f"{MEMBERS} members x {DAYS} days x {DRAWS} draws, {what_ifs} what-ifs, {jobs} processes")
    print(f"renew, answers, page, tables and charts {found.seconds:8.2f} s {found.mib:8.0f} MiB")
    within = found.seconds <= LIMIT_SECONDS and found.mib <= LIMIT_MIB
    print(f"within {LIMIT_SECONDS} s and {LIMIT_MIB} MiB: {'yes' if within else 'NO'}")
    print(f"the same with one draw {single.seconds:25.2f} s {single.mib:8.0f} MiB")
    print(f"yardstick: usage drawn, both years billed once {least:.2f} s")
    print(f"what the draws take is {(found.seconds - single.seconds) / least:.1f} times the yardstick")
    print(
        f"twice the draws: {twice.seconds:.2f} s, {twice.seconds / found.seconds:.2f} times the time;"
        f" {twice.mib:.0f} MiB, {twice.mib / found.mib:.2f} times the memory"
    )


if __name__ == "__main__":
    main()
