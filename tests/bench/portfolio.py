"""How fast a portfolio is: ten thousand contracts of 150 members on average, day by day over two years, in one draw.

Accounts are drawn from personas, billed, and every money event is booked, by the library as `planshift forecast` calls
it, reading included. Beside it, in the same run and on as many processes: the yardstick, which draws the same members'
days and adds nothing to them. Both take turns; times are medians. Memory is that of all processes together, each shared
page counted once (Linux). Run it on an idle machine. ``--accounts N`` takes fewer of them and says what the whole would
take if time grows with their number.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from draws import Cost, Watch

from planshift.forecasting.backends import Processes
from planshift.forecasting.block import Common
from planshift.forecasting.forecasting import blocks_of, daily_work, forecast, members_of
from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.portfolio import Portfolio
from planshift.usage.synthetic.generate import TOGETHER, Generator, draw_together

ACCOUNTS, MEMBERS, MONTHS = 10_000, 150, 24
ROUNDS = 3
LIMIT_SECONDS, LIMIT_MIB = 120, 2048

PORTFOLIO = """\
kind: portfolio
title: A benchmark of {accounts} accounts
horizon: {{start: 2026-11-01, months: {months}, lead_in_months: 0}}
accounts: [accounts.csv]
seed: 1
draws: 1
mixes:
  mixed:
    standard: {{engineer: 0.5, analyst: 0.5}}
    premium: {{heavy_engineer: 1}}
    enterprise: {{engineer: 0.6, analyst: 0.3, heavy_engineer: 0.1}}
defaults:
  usage: mixed
  payment_days: 30
  renewal_probability: 0.9
  seat_change: 0
  extra_usage: true
shocks:
  growth: {{annual_mean: 0.2, annual_sd: 0.1, assumed: true, note: A benchmark has to assume something}}
"""


def accounts(count: int) -> Iterator[dict[str, object]]:
    """Accounts of 30 to 270 members, three quarters of them on a legacy plan."""
    for number in range(count):
        members = MEMBERS - 120 + number * 37 % 241
        row: dict[str, object] = {
            "account_id": f"a{number:05d}",
            "segment": ("small", "large")[members > MEMBERS],
            "region": ("DE", "FR", "IT", "US")[number % 4],
            "plan": "legacy_standard_premium",
            "channel": "sales_assisted",
            "term_start": date(2026, 1 + number % 10, 2 + number % 27),
        }
        if number % 4 == 3:
            yield row | {"plan": "enterprise", "members_enterprise": members, "seats_enterprise": max(members, 50)}
            continue
        premium = members // 5
        yield row | {
            "members_standard": members - premium,
            "seats_standard": members - premium,
            "seat_price_standard": 40,
            "included_usage_standard": 15,
            "members_premium": premium,
            "seats_premium": premium,
            "seat_price_premium": 200,
            "included_usage_premium": 100,
        }


def write(folder: Path, count: int) -> Path:
    """The portfolio in a folder of its own."""
    rows = list(accounts(count))
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    path = folder / "portfolio.yaml"
    path.write_text(PORTFOLIO.format(accounts=count, months=MONTHS), encoding="utf-8")
    return path


class Drawing(Common):
    """The yardstick: the members' days of some accounts, drawn and dropped."""

    def __call__(self, rows: range) -> int:
        """How many members' days were drawn."""
        group: list[Generator] = []
        days = 0
        for row in rows:
            billable = self.billable(self.portfolio.accounts.account(row))
            if billable and billable.generator:
                group.append(billable.generator)
            if row == rows[-1] or sum(len(one.members) for one in group) >= TOGETHER:
                days += sum(volumes.volumes.size for volumes in draw_together(group, range(self.draws)))
                group = []
        return days


def read(path: Path) -> Portfolio:
    """The portfolio as the command reads it."""
    return read_portfolio(path, load_catalogue())


def run(path: Path, jobs: int, what: str) -> None:
    """One of the two things that are measured."""
    portfolio = read(path)
    if what == "forecast":
        forecast(portfolio, backend="processes", jobs=jobs)
        return
    blocks = blocks_of(daily_work(portfolio))
    with closing(Processes(jobs).map(Drawing(portfolio.under(), 1), blocks)) as drawn:
        for _ in drawn:
            pass


@dataclass(frozen=True)
class Taken:
    """What one of the two took, and how many seconds processors worked for it: on a busy machine, the fairer figure."""

    cost: Cost
    processors: float


def worked() -> float:
    """Seconds that processors have worked for processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(path: Path, jobs: int, what: str) -> Taken:
    """What it takes in a process of its own, with all that it starts."""
    before, begin = worked(), time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--run", what, "--jobs", str(jobs), str(path)])
    most = Watch(process.pid)
    code = process.wait()
    seconds, mib = time.perf_counter() - begin, most.end()
    if code:
        raise SystemExit(f"the {what} failed")
    return Taken(Cost(seconds, mib), worked() - before)


def middle(taken: list[Taken]) -> Taken:
    """The medians of the seconds, and the most memory."""
    seconds = statistics.median(one.cost.seconds for one in taken)
    most = max(one.cost.mib for one in taken)
    return Taken(Cost(seconds, most), statistics.median(one.processors for one in taken))


def main() -> None:
    """Print what a portfolio takes, beside the yardstick."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--run", choices=("forecast", "drawing"))
    parser.add_argument("--jobs", type=int, default=min(2, len(os.sched_getaffinity(0))))
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if given.run:
        run(given.path, given.jobs, given.run)
        return
    where = Path(tempfile.mkdtemp())
    try:
        path = write(where, given.accounts)
        portfolio = read(path)
        days = int(members_of(portfolio.accounts).sum()) * (portfolio.end - portfolio.simulated_from).days
        rounds = [[measured(path, given.jobs, what) for what in ("forecast", "drawing")] for _ in range(given.rounds)]
    finally:
        shutil.rmtree(where)
    found, least = (middle([one[kind] for one in rounds]) for kind in (0, 1))
    print(f"{given.accounts:,} accounts x {MEMBERS} members on average x {MONTHS} months: {days:,} member-days,")
    print(f"{given.jobs} processes, reading included")
    for name, taken in (("forecast", found), ("yardstick: the drawing alone", least)):
        cost = taken.cost
        print(f"{name:28s} {cost.seconds:8.1f} s {cost.mib:8.0f} MiB {taken.processors:8.1f} s of processors")
    print(f"the yardstick is {least.cost.seconds / found.cost.seconds:.2f} of it")
    whole = found.cost.seconds * ACCOUNTS / given.accounts
    if given.accounts != ACCOUNTS:
        print(f"extrapolated to {ACCOUNTS:,} accounts {whole:8.1f} s, memory as it is")
    kept = whole <= LIMIT_SECONDS and found.cost.mib <= LIMIT_MIB
    print(f"within {LIMIT_SECONDS} s and {LIMIT_MIB} MiB: {'yes' if kept else 'NO'}")


if __name__ == "__main__":
    main()
