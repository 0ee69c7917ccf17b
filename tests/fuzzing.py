"""Files that people get wrong: valid ones with some of their words, cells, lines or bytes changed, and who reads them.

``python tests/fuzzing.py --seconds 600`` looks for files that end in anything but success or an error with a sentence.
The first of each kind is kept in a folder; once it is mended, it belongs into tests/fuzz, named as its reader is.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from command import EXAMPLES, EXPORTS, Answer, run
from planshift.problems import PlanshiftError

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120
"""Seconds after which a command is taken to hang; all of them take a few at most."""
SLOW = 10
"""Seconds of work from which a hunt takes a file for a fault."""
STATUSES = (0, 1, 2)

_TOKEN = re.compile(rb"\s+|[A-Za-z_]+|[0-9]+|.", re.DOTALL)
_VICTIM = "VICTIM"
NASTY = (
    b"", b"0", b"-1", b"1e99999999", b"999999999999999999", b"9" * 40, b"0.000000001", b"-0.0", b"5.000", b"nan",
    b".inf", b"1999-12-31", b"0001-01-01", b"2099-12-31", b"9999-12-31", b"2026-10-01T00:00:00Z", b"2026-10-01",
    b"2026-02-30", b"null", b"true", b"no", b"~", b"[]", b"{}", b"[a, b]", b"{a: 1}", b"[[[[", b"'", b'"', b"\x00",
    b'"\\ud800"', b"\\u0000", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x1b[2J", b"\r", b"\n",
    b"\t", b",", b";", b": ", b"- ", b"#", b"&a", b"*a", b"!!python/object:os.system", b"=1+1", b"unlimited",
    b"organization", b"ada", b"../x", b"/dev/null", b"a" * 300, b"a" * 5000, b"1" * 5000,
)  # fmt: skip
"""What is put in the place of a word, a cell or a line."""

_NUMBER = re.compile(rb"\d{4}-\d\d-\d\d|\d+(?:\.\d+)?")
NUMBERS = (
    b"0", b"1", b"2", b"-1", b"0.01", b"0.5", b"0.999999999", b"0.000000001", b"100", b"120", b"1000", b"3650",
    b"100000", b"1000000", b"10000000", b"999999999.99", b"1000000000", b"1000000000000", b"2026-10-01", b"2026-10-31",
    b"2027-02-28", b"2000-01-01", b"2016-02-29", b"2020-02-29", b"2036-02-29", b"2099-12-31",
)  # fmt: skip
"""What is put in the place of a number or a day: mostly what is in bounds by itself."""

Edit = tuple[str, int, int]
"""What is done, where, and with which of the nasty ones."""


def _replaced(parts: list[bytes], at: int, with_: bytes) -> list[bytes]:
    return [*parts[:at], with_, *parts[at + 1 :]]


def edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    """A file's bytes after some edits, each at a place that is counted round and round."""
    for what, where, which in edits:
        if what == "number":
            data = _with_number(data, where, which)
            continue
        by_line = what.startswith("line")
        parts = data.splitlines(keepends=True) if by_line else _TOKEN.findall(data)
        if not parts:
            continue
        at, nasty = where % len(parts), NASTY[which % len(NASTY)]
        other = parts[(where // 7 + which) % len(parts)]
        kind = what.removeprefix("line ").removeprefix("word ")
        if kind == "deleted":
            parts = parts[:at] + parts[at + 1 :]
        elif kind == "twice":
            parts = [*parts[: at + 1], *parts[at:]]
        elif kind == "exchanged":
            parts = _replaced(parts, at, other)
        elif kind == "nasty":
            parts = _replaced(parts, at, nasty + (b"\n" if by_line else b""))
        elif kind == "cut":
            parts = parts[: at + 1]
        data = b"".join(parts)
        if kind == "byte":
            at = where % len(data)
            data = data[:at] + bytes([which % 256]) + data[at + 1 :]
    return data


def _with_number(data: bytes, where: int, which: int) -> bytes:
    """A file's bytes with one of its numbers replaced by another."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    at = found[where % len(found)]
    return data[: at.start()] + NUMBERS[which % len(NUMBERS)] + data[at.end() :]


EDITS = (
    *("number",) * 6, "word deleted", "word twice", "word exchanged", "word nasty", "word nasty", "word cut",
    "line deleted", "line twice", "line exchanged", "line nasty", "byte",
)  # fmt: skip
"""What can be done to a file, what mostly leads far oftener than the rest."""


@dataclass(frozen=True)
class Reader:
    """A command that reads a file, the valid file that is changed, and the others that it needs beside."""

    name: str
    words: tuple[str, ...]
    victim: Path
    beside: tuple[Path, ...] = ()
    called: str = ""

    @property
    def file(self) -> str:
        """What the changed file is called."""
        return self.called or self.victim.name

    def answer(self, folder: Path, data: bytes) -> Answer:
        """What the command answers when the file has these bytes, in a fresh folder."""
        for path in self.beside:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
        target = folder / self.file
        target.write_bytes(data)
        return run(*(str(target) if word == _VICTIM else word.replace("FOLDER", str(folder)) for word in self.words))

    def fault(self, folder: Path, data: bytes) -> str:
        """What goes wrong when these bytes are read, in a fresh folder; empty where all is as it must be."""
        try:
            with _alarm():
                answer = self.answer(folder, data)
        except PlanshiftError:
            return ""
        except BaseException:
            return traceback.format_exc()
        if answer.status not in STATUSES:
            return f"status {answer.status}: {answer.err}"
        return "" if answer.status == 0 or answer.err.strip() else f"status {answer.status} without a word"


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """TimeoutError for what hangs, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"nothing for {PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _example(name: str, *words: str, more: Sequence[str] = ()) -> Reader:
    beside = tuple(EXAMPLES / other for other in ("usage_small.csv", *more))
    return Reader(f"{words[0]} {name}", (words[0], _VICTIM, *words[1:]), EXAMPLES / f"{name}.yaml", beside)


def _checked(path: Path, *beside: Path) -> Reader:
    return Reader(f"check {path.stem}", ("plans", "check", _VICTIM), path, beside)


def _imported(name: str, path: Path, *more: str) -> Reader:
    return Reader(f"import {name}", ("usage", "import", name, _VICTIM, *more), path)


def readers() -> dict[str, Reader]:
    """Every reader of a file that people write or export, by name."""
    demo = ROOT / "scenarios"
    fit = ("usage", "fit", _VICTIM, "--plan", "enterprise", "--channel", "sales_assisted", "--seats", "50")
    fuzz = Path(__file__).parent / "fuzz"
    found = [
        *(_checked(ROOT / "plans" / f"{plan}.yaml") for plan in ("enterprise", "legacy_standard_premium")),
        _checked(ROOT / "plans" / "rates" / "claude_api.yaml"),
        _checked(ROOT / "plans" / "surfaces.yaml"),
        _checked(ROOT / "plans" / "cases" / "alerts_and_stops.yaml", ROOT / "plans" / "cases" / "plans"),
        _checked(demo / "personas.yaml"),
        *(_example(path.stem, "simulate") for path in sorted(EXAMPLES.glob("*.yaml"))),
        _example("renewal_standard_premium", "renew"),
        _example("renewal_standard_premium", "compare", "--plans", "enterprise,legacy_standard_premium"),
        Reader("draws", ("simulate", _VICTIM, "--draws", "2"), fuzz / "drawn.yaml"),
        *(
            Reader(f"overlay {path.stem}", ("simulate", "FOLDER/limits_and_alerts.yaml", "--overlay", _VICTIM), path,
                   (EXAMPLES / "limits_and_alerts.yaml", EXAMPLES / "usage_small.csv"))
            for path in (ROOT / "plans" / "overlays" / f"{name}.yaml" for name in ("opus_price_down", "seat_price_25"))
        ),
        Reader("usage", ("simulate", "FOLDER/limits_and_alerts.yaml"), EXAMPLES / "usage_small.csv",
               (EXAMPLES / "limits_and_alerts.yaml",)),
        Reader("check usage", ("plans", "check", _VICTIM), EXAMPLES / "usage_small.csv"),
        Reader("parquet", ("plans", "check", _VICTIM), fuzz / "usage.parquet"),
        Reader("fit", fit, EXAMPLES / "usage_small.csv"),
        Reader("members", ("simulate", "FOLDER/renewal_demo.yaml"), demo / "renewal_demo_members.csv",
               (demo / "renewal_demo.yaml", demo / "renewal_demo_usage.csv")),
        Reader("portfolio", ("portfolio", "check", _VICTIM), fuzz / "two_accounts.yaml", (fuzz / "two_accounts.csv",)),
        Reader("accounts", ("portfolio", "check", "FOLDER/two_accounts.yaml"), fuzz / "two_accounts.csv",
               (fuzz / "two_accounts.yaml",)),
        Reader("forecast", ("forecast", "FOLDER/two_accounts.yaml", "--draws", "2", "--jobs", "1"),
               fuzz / "two_accounts.csv", (fuzz / "two_accounts.yaml",)),
        Reader("forecast portfolio", ("forecast", _VICTIM, "--draws", "2", "--jobs", "1"), fuzz / "two_accounts.yaml",
               (fuzz / "two_accounts.csv",)),
        _imported("spend-report", sorted(EXPORTS.glob("spend-report*.csv"))[1]),
        _imported("admin-usage", EXPORTS / "admin_usage.json"),
        _imported("claude-code-analytics", EXPORTS / "claude_code_analytics.json"),
        _imported("enterprise-analytics", EXPORTS / "enterprise_analytics.json"),
        _imported("usage-cost-analytics", EXPORTS / "usage_cost_analytics.json"),
        _imported("claude-code-telemetry", EXPORTS / "telemetry.jsonl"),
        _imported("claude-code-transcripts", sorted((EXPORTS / "transcripts").rglob("*.jsonl"))[0], "--user", "ada"),
    ]  # fmt: skip
    return {reader.name: reader for reader in found}


def some_edits(source: random.Random) -> list[Edit]:
    """A few edits at random."""
    count = source.choice((1, 1, 1, 2, 3, 5))
    return [(source.choice(EDITS), source.randrange(1 << 20), source.randrange(1 << 12)) for _ in range(count)]


def hunt(chosen: Mapping[str, Reader], seconds: float, keep: Path, seed: int) -> int:
    """How many kinds of faults are found in some seconds; the first file of each is kept with what it led to."""
    source, seen, tried = random.Random(seed), dict[str, int](), 0
    whole = {name: reader.victim.read_bytes() for name, reader in chosen.items()}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name = source.choice(list(chosen))
        data = edited(whole[name], some_edits(source))
        tried += 1
        began = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            wrong = chosen[name].fault(Path(folder), data)
        taken = time.process_time() - began
        if taken > SLOW:
            wrong = wrong or f"slow: {taken:.0f} seconds"
        if not wrong:
            continue
        places = re.findall(r'File ".*planshift/(.*)", line (\d+)', wrong)
        kind = f"{places[-1] if places else ''} {wrong.strip().splitlines()[-1][:60]}"
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] == 1:
            keep.mkdir(parents=True, exist_ok=True)
            stem = f"{name.replace(' ', '_')}-{tried}"
            (keep / f"{stem}{Path(chosen[name].file).suffix}").write_bytes(data)
            (keep / f"{stem}.txt").write_text(wrong, encoding="utf-8", errors="backslashreplace")
            print(f"{name}: {kind}", flush=True)
    print(f"{tried} files, {len(seen)} kinds of faults; kept in {keep}" if seen else f"{tried} files, no fault")
    return len(seen)


def main(arguments: Sequence[str]) -> int:
    """Hunt for faults as the command line says; the exit status."""
    every = readers()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "planshift-fuzz")
    parser.add_argument("--reader", action="append", choices=list(every))
    asked = parser.parse_args(arguments)
    chosen = {name: every[name] for name in asked.reader or every}
    return int(hunt(chosen, asked.seconds, asked.keep, asked.seed) > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
