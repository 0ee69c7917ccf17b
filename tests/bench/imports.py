"""How fast usage comes in, and in how much memory: measured rows of Parquet beside DuckDB and the bare reader.

``python tests/bench/imports.py [GROWTH]``. Every job runs in a process of its own, at 1, 2 and 4 times the work unless
GROWTH says otherwise, and tells its CPU seconds, those of its workers too, without importing packages, and its peak of
memory. Yardsticks stand in DECISIONS 105. Needs the extra `bench`.
"""

from __future__ import annotations

import importlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

FIRST = date(2026, 10, 1)
DAYS = 92
PEOPLE = [f"member-{number:05d}@example.com" for number in range(5_000)]
MODELS = ("claude-opus-5-5", "claude-sonnet-4-6", "claude-haiku-4-5")
COUNTS = {"input_tokens": 20_000, "output_tokens": 5_000, "cache_read_tokens": 200_000, "cache_write_5m_tokens": 20_000}
MEGA = 1_000_000
KILO = 1_000
GROWTH = (1, 2, 4)


def parquet(path: Path, growth: int) -> None:
    """Usage of 5 million rows."""
    import numpy as np
    import pyarrow
    import pyarrow.parquet

    random, writer = np.random.default_rng(0), None
    for _ in range(5 * growth):
        columns = {
            "date": pyarrow.array(np.datetime64(FIRST) + random.integers(0, DAYS, MEGA)),
            "user_id": pyarrow.array(np.array(PEOPLE, dtype=object)[random.integers(0, len(PEOPLE), MEGA)]),
            "surface": pyarrow.array(["chat", "claude_code"] * (MEGA // 2)),
            "model": pyarrow.array(np.array(MODELS, dtype=object)[random.integers(0, len(MODELS), MEGA)]),
            **{name: pyarrow.array(random.integers(0, most, MEGA)) for name, most in COUNTS.items()},
        }
        table = pyarrow.table(columns)
        writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer
    writer.close()


def measured(path: Path) -> None:
    """Ours: every row checked, priced, and added up by day, member and surface."""
    from datetime import timedelta

    from planshift.plans.catalogue import load_catalogue
    from planshift.usage.measure import UsageSource, measure

    measure(UsageSource(path), load_catalogue().cards["claude_api"], PEOPLE, FIRST, FIRST + timedelta(days=DAYS))


def grouped(path: Path) -> None:
    """Peer: tokens by day, member and surface in DuckDB, neither checked nor priced."""
    import duckdb

    sums = ", ".join(f"sum({name})" for name in COUNTS)
    duckdb.sql(f"select date, user_id, surface, model, {sums} from '{path}' group by all").fetchnumpy()


def read_only(path: Path) -> None:
    """Floor: every column decoded, a batch at a time."""
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=1 << 17, use_threads=False):
        assert len(batch)


JOBS: Mapping[str, tuple[str, Callable[[Path, int], None], Mapping[str, Callable[[Path], None]]]] = {
    "usage of 5 million rows": ("usage.parquet", parquet, {"ours": measured, "floor": read_only, "peer": grouped}),
}


def one(job: str, role: str, path: Path) -> None:
    """Run one of them, and print its CPU seconds and its peak memory in MB."""
    for name in ("duckdb", "pandas", "pyarrow.parquet"):
        importlib.import_module(name)
    begun = _cpu()
    JOBS[job][2][role](path)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(_cpu() - begun, peak / KILO)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main(growths: tuple[int, ...]) -> None:
    """Make each job's files, and print what ours, floor and peer take for them."""
    print(f"{'job':<28}{'work':>5}  {'who':<6}{'CPU s':>8}{'MB':>8}")
    for job, (name, _, roles) in JOBS.items():
        for growth in growths:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / name
                # Whatever this process held, those that it starts would begin with.
                _run("make", job, str(growth), path)
                for role in roles:
                    seconds, peak = map(float, _run("run", job, role, path).split())
                    print(f"{job:<28}{growth:>4}×  {role:<6}{seconds:>8.2f}{peak:>8.0f}", flush=True)


def _run(what: str, job: str, how: str, path: Path) -> str:
    command = [sys.executable, __file__, what, job, how, str(path)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", job, growth, path]:
            JOBS[job][1](Path(path), int(growth))
        case ["run", job, role, path]:
            one(job, role, Path(path))
        case growths:
            main(tuple(map(int, growths)) or GROWTH)
