"""How fast usage comes in, and in how much memory: a usage file measured, a report and transcripts imported.

``python tests/bench/imports.py [GROWTH]``. Every job runs in a process of its own, at 1, 2 and 4 times the work unless
GROWTH says otherwise, and tells its CPU seconds, those of its workers too, without importing packages, and its peak of
memory. What was reached and what was not stands in DECISIONS 105. Needs the extra `bench`.
"""

from __future__ import annotations

import importlib
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

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


def report(path: Path, growth: int) -> None:
    """A spend report of 200,000 rows, each a total of 30 days."""
    counts = ("prompt", "completion", "uncached_input", "cache_read", "cache_write_5m", "cache_write_1h")
    header = ["user_email", "product", "model", *(f"total_{name}_tokens" for name in counts), "total_gross_spend_usd"]
    places = list(itertools.product(("Chat", "Claude Code"), MODELS[1:]))
    random = Random(0)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(header) + "\n")
        for row in range(200_000 * growth):
            product, model = places[row % len(places)]
            output, *parts = (random.randrange(most) for most in (50_000, 200_000, 900_000, 100_000, 1_000))
            cells = [f"user{row // len(places):06d}@example.com", product, model, sum(parts), output, *parts, "1.25"]
            file.write(",".join(map(str, cells)) + "\n")


def transcripts(path: Path, growth: int) -> None:
    """Transcripts of 200 MB: prompts and answers with text, a third of the answers twice."""
    path.mkdir()
    random, text = Random(0), 'he said: "go on", and so it went on. ' * 60
    for session in range(100 * growth):
        with (path / f"{session:04d}.jsonl").open("w", encoding="utf-8") as file:
            while file.tell() < 2 * MEGA:
                file.writelines(_exchange(random, text, f"{session}-{file.tell()}"))


def _exchange(random: Random, text: str, number: str) -> Iterator[str]:
    fields = {"timestamp": f"2026-10-{random.randrange(1, 29):02d}T09:00:00.000Z", "sessionId": number.split("-")[0]}
    said = {"role": "user", "content": text[: random.randrange(len(text))]}
    yield json.dumps({"type": "user", **fields, "message": said}) + "\n"
    writes = random.randrange(3_000)
    usage = {
        "input_tokens": random.randrange(1, 500),
        "output_tokens": random.randrange(1, 900),
        "cache_read_input_tokens": random.randrange(100_000),
        "cache_creation_input_tokens": writes,
        "cache_creation": {"ephemeral_5m_input_tokens": writes, "ephemeral_1h_input_tokens": 0},
    }
    answer = {"id": f"msg_{number}", "model": MODELS[1], "stop_reason": "end_turn", "usage": usage}
    for _ in range(random.choice((1, 1, 2))):
        message = {**answer, "content": [{"type": "text", "text": text[: random.randrange(len(text))]}]}
        yield json.dumps({"type": "assistant", **fields, "requestId": f"req_{number}", "message": message}) + "\n"


def imported(name: str) -> Callable[[Path], None]:
    """Ours: an export read, accounted for row by row, priced, and written as a usage file."""

    def run(path: Path) -> None:
        from planshift.usage.files import write_usage
        from planshift.usage.formats import import_usage

        result = import_usage(name, path, start=FIRST, end=FIRST + timedelta(days=29))
        write_usage(result.usage, path.with_name("out.csv"))

    return run


def rows_read(path: Path) -> None:
    """Floor: the cells of a CSV file as columns."""
    import pandas

    pandas.read_csv(path)


def lines_read(path: Path) -> None:
    """Floor: every line of JSON decoded, nothing made of it."""
    import orjson

    for file in sorted(path.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            orjson.loads(line)


def lines_queried(path: Path) -> None:
    """Peer: the tokens of every answer's copies added up by model in DuckDB, copies counted each."""
    import duckdb

    columns = "{'message': 'JSON'}"
    duckdb.sql(
        "select message->>'$.model', sum((message->>'$.usage.output_tokens')::bigint) "
        f"from read_ndjson('{path}/*.jsonl', columns={columns}) group by all"
    ).fetchnumpy()


JOBS: Mapping[str, tuple[str, Callable[[Path, int], None], Mapping[str, Callable[[Path], None]]]] = {
    "usage of 5 million rows": ("usage.parquet", parquet, {"ours": measured, "floor": read_only, "peer": grouped}),
    "spend report, 200,000 rows": ("report.csv", report, {"ours": imported("spend-report"), "floor": rows_read}),
    "transcripts, 200 MB": (
        "transcripts",
        transcripts,
        {"ours": imported("claude-code-transcripts"), "floor": lines_read, "peer": lines_queried},
    ),
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
