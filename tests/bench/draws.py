"""How fast a thousand futures are: four plans over drawn usage, beside the random numbers and copies that they need.

500 members × 365 days × 1,000 draws, compared on four plans with member and organization limits, included usage and
credits that reload, tables and charts included, by the command as people type it. Beside it, in the same run and on as
many processes: the floor, which draws the same count of random numbers and writes the same bytes of demand once and
reads them once a plan. All of them take turns; times are medians. Twice the draws and twice the members say how time
and memory grow. Memory is that of all processes together, each shared page counted once (Linux). Run it on an idle
machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from planshift.billing.account import bill
from planshift.billing.blocks import block_size
from planshift.billing.scenario import Scenario, read_scenario
from planshift.impact.counterpart import counterpart
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.usage.synthetic.generate import Generator
from planshift.usage.synthetic.persona import Organization

MEMBERS, DRAWS, DAYS = 500, 1_000, 365
BLOCK = block_size(MEMBERS, DAYS)
ROUNDS = 3
NUMBERS = 3
"""Random numbers for a member's day: is the member active, where has the level drifted to, how full is the day."""
PLANS = ("legacy_standard_premium", "legacy_chat_claude_code", "enterprise", "enterprise_prepaid")
MIB = 1 << 20
LIMIT_SECONDS, LIMIT_MIB = 12, 2048

SCENARIO = """\
title: A benchmark of {members} members
contract:
  plan: legacy_standard_premium
  channel: sales_assisted
  term_start: 2026-01-01
  seats: {{standard: {standard}, premium: {premium}}}
  seat_prices: {{standard: 40.00, premium: 200.00}}
  included_usage_per_week: {{standard: 15.00, premium: 100.00}}
  extra_usage: {{enabled: true}}
  spend_limits: {{organization: {organization}.00, each_member: 400.00}}
horizon: {{start: 2026-01-01, months: 12}}
usage:
  seed: 1
  personas:
    engineer: {{count: {standard}, seat_type: standard}}
    heavy_engineer: {{count: {premium}, seat_type: premium}}
alternatives:
  legacy_chat_claude_code:
    channel: sales_assisted
    members: {{standard: chat, premium: chat_claude_code}}
    spend_limits: {{organization: {organization}.00, each_member: 400.00}}
  enterprise:
    channel: sales_assisted
    spend_limits: {{organization: {organization}.00, each_member: 400.00}}
  enterprise_prepaid:
    channel: self_serve
    members: {{standard: enterprise, premium: enterprise}}
    spend_limits: {{organization: {organization}.00, each_member: 400.00}}
    credits: {{initial: {organization}.00, auto_reload: {{below: 1000.00, amount: 20000.00}}, payment: card}}
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, and the most memory of all its processes, MiB."""

    seconds: float
    mib: float


def job(where: Path, members: int) -> Path:
    """The scenario in a folder of its own, and beside it a fourth plan: Enterprise under another name."""
    where.mkdir()
    plans = where / "plans"
    plans.mkdir()
    text = (folder("plans") / "enterprise.yaml").read_text(encoding="utf-8")
    text = text.replace("\nid: enterprise\n", "\nid: enterprise_prepaid\n")
    (plans / "enterprise_prepaid.yaml").write_text(text, encoding="utf-8")
    premium = members // 5
    path = where / "job.yaml"
    path.write_text(
        SCENARIO.format(members=members, standard=members - premium, premium=premium, organization=members * 150),
        encoding="utf-8",
    )
    return path


def command(path: Path, draws: int, jobs: int, out: Path) -> Cost:
    """The comparison as people run it."""
    words = [sys.executable, "-m", "planshift.cli", "compare", str(path), "--plans", ",".join(PLANS)]
    words += ["--plans-dir", str(path.parent / "plans"), "--draws", str(draws), "--jobs", str(jobs)]
    words += ["--out", str(out), "--quiet"]
    begin = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    most = Watch(process.pid)
    if process.wait():
        raise SystemExit(f"the command failed: {' '.join(words)}")
    seconds = time.perf_counter() - begin
    return Cost(seconds, most.end())


class Watch:
    """Notes, twenty times a second, how much memory a process and its children hold together."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._done = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.05):
            self._most = max(self._most, sum(map(resident, family(self._pid))))

    def end(self) -> float:
        """The most it was, MiB."""
        self._done.set()
        self._thread.join()
        return self._most


def family(pid: int) -> list[int]:
    """A process and everything that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> float:
    """The memory of a process, a page that several share counted in parts, MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def floor_of(draws: range) -> None:
    """Draw what these draws need, write the bytes of their demand once, and read them once a plan."""
    shape = (DAYS, BLOCK, MEMBERS)
    random = np.random.Generator(np.random.SFC64(draws.start))
    numbers, demand, read = np.empty(shape, np.float32), np.ones(shape, np.int64), np.empty(shape, np.int64)
    for _ in range(draws.start, draws.stop, BLOCK):
        random.random(out=numbers, dtype=np.float32)
        for _ in range(NUMBERS - 1):
            random.standard_normal(out=numbers, dtype=np.float32)
        for _ in range(1 + len(PLANS)):
            np.copyto(read, demand)


def floor(jobs: int) -> float:
    """Seconds that the floor takes on so many processes."""
    with ProcessPoolExecutor(jobs) as pool:
        list(pool.map(abs, range(jobs)))
        begin = time.perf_counter()
        parts = [range(part * DRAWS // jobs, (part + 1) * DRAWS // jobs) for part in range(jobs)]
        list(pool.map(floor_of, parts))
        return time.perf_counter() - begin


def read(path: Path) -> Scenario:
    """The scenario of the job."""
    return read_scenario(path, load_catalogue(path.parent / "plans", ()))


def parts(path: Path) -> dict[str, float]:
    """Nanoseconds a member-day on one process: drawing, and billing on each plan; medians of several blocks."""
    scenario = read(path)
    organization = scenario.usage
    if not isinstance(organization, Organization):
        raise SystemExit("the job has no personas")
    generator = Generator(organization, scenario.catalogue.card(scenario.contract.plan), scenario.end)
    others = [counterpart(scenario, scenario.catalogue.plan(name)) for name in PLANS]
    times: dict[str, list[float]] = {}
    for block in range(6):
        begin = time.perf_counter()
        volumes = generator.draw(range(block * BLOCK, (block + 1) * BLOCK))
        demand = volumes.demand(scenario.start, scenario.end, scenario.people)
        times.setdefault("drawing", []).append(time.perf_counter() - begin)
        for name, other in zip(PLANS, others, strict=True):
            begin = time.perf_counter()
            bill(other.contract, other.seats, demand, other.events, scenario.catalogue, counterfactual=True)
            times.setdefault(f"billing on {name}", []).append(time.perf_counter() - begin)
    cells = BLOCK * DAYS * MEMBERS
    return {name: float(np.median(found)) / cells * 1e9 for name, found in times.items()}


def one_round(path: Path, twice: Path, jobs: int, out: Path) -> tuple[list[Cost], float]:
    """The command, with twice the draws, and with twice the members; and the floor."""
    kinds = ((path, DRAWS), (path, 2 * DRAWS), (twice, DRAWS))
    costs = [
        command(which, draws, jobs, out.with_name(f"{out.name}-{kind}")) for kind, (which, draws) in enumerate(kinds)
    ]
    return costs, floor(jobs)


def middle(costs: list[Cost]) -> Cost:
    """The median of the seconds, and the most memory."""
    return Cost(statistics.median(cost.seconds for cost in costs), max(cost.mib for cost in costs))


def main() -> None:
    """Print what the command takes, beside the floor, where its time goes, and how it grows."""
    jobs = min(2, len(os.sched_getaffinity(0)))
    where = Path(tempfile.mkdtemp())
    try:
        path, twice = job(where / "once", MEMBERS), job(where / "twice", 2 * MEMBERS)
        rounds = [one_round(path, twice, jobs, where / f"out-{number}") for number in range(ROUNDS)]
        shares = parts(path)
    finally:
        shutil.rmtree(where)
    found, more_draws, more_members = (middle([costs[number] for costs, _ in rounds]) for number in range(3))
    least = statistics.median(seconds for _, seconds in rounds)
    print(f"{MEMBERS} members x {DAYS} days x {DRAWS:,} draws on {len(PLANS)} plans, {jobs} processes")
    print(f"compare, tables and charts included {found.seconds:8.2f} s {found.mib:8.0f} MiB")
    print(
        f"within {LIMIT_SECONDS} s and {LIMIT_MIB} MiB: "
        f"{'yes' if found.seconds <= LIMIT_SECONDS and found.mib <= LIMIT_MIB else 'NO'}"
    )
    print(f"floor: {NUMBERS} random numbers a member-day, demand written once, read once a plan {least:8.2f} s")
    print(f"the floor is {least / found.seconds:.2f} of it")
    for name, other in (("draws", more_draws), ("members", more_members)):
        print(
            f"twice the {name}: {other.seconds:.2f} s, {other.seconds / found.seconds:.2f} times the time;"
            f" {other.mib:.0f} MiB, {other.mib / found.mib:.2f} times the memory"
        )
    for name, nanoseconds in shares.items():
        print(f"{name:38s} {nanoseconds:6.1f} ns a member-day on one process")


if __name__ == "__main__":
    main()
