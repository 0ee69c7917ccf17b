"""How long a portfolio's accounts take: to make up, to read and check, and to become scenarios.

``python tests/bench/accounts.py [ACCOUNTS]``, 300,000 unless it is said. Yardsticks: reading takes a few seconds, a
scenario 2 ms.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.sample import portfolio_text, sample
from planshift.portfolio.scenario import scenario_of

ACCOUNTS = 300_000
MADE = 3_000
SCENARIOS = 2_000
KILO = 1000


def main(accounts: int) -> None:
    """Make up some accounts, repeat them under other ids, and print what reading and using them takes."""
    catalogue = load_catalogue()
    begun = time.perf_counter()
    made = sample(min(MADE, accounts), 1, catalogue)
    each = (time.perf_counter() - begun) / len(made.accounts)
    print(f"made up: {each * KILO:.2f} ms an account")
    header, *rows = made.csv(catalogue).splitlines()
    bodies = [row.partition(",")[2] for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = (f"B-{number:07d},{bodies[number % len(bodies)]}" for number in range(accounts))
        (folder / "accounts.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        (folder / "portfolio.yaml").write_text(portfolio_text(made.portfolio), encoding="utf-8")
        begun = time.perf_counter()
        portfolio = read_portfolio(folder / "portfolio.yaml", catalogue)
        seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILO
    print(f"read and checked: {len(portfolio.accounts):,} accounts in {seconds:.1f} s, {peak:,.0f} MB at most")
    found = [portfolio.accounts.account(row) for row in range(min(SCENARIOS, accounts))]
    scenario_of(found[0], portfolio, 1)
    begun = time.perf_counter()
    for account in found:
        scenario_of(account, portfolio, 1)
    print(f"made a scenario: {(time.perf_counter() - begun) / len(found) * KILO:.2f} ms an account")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS)
