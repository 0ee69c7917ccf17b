"""How fast pictures are, and the shipped renewal alone, with its files, and with its page and PDF.

``python tests/bench/pictures.py [ROUNDS]`` prints CPU seconds (`process_time`, least of the rounds): of each chart the
first time and then, as PNG and as SVG; of each command in a process of its own, imports included. Wanted: a picture in
0.12, the renewal in 0.8, 2.0 and 2.5. Needs the extra `bench`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

DEMO = Path(__file__).parents[2] / "scenarios" / "renewal_demo.yaml"
COMMANDS = {"alone": (), "with files": ("--out",), "with report": ("--report", "customer", "--out")}


def spent(work: Callable[[], object]) -> float:
    """The CPU seconds that something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def renewed(words: tuple[str, ...]) -> float:
    """The CPU seconds of ``planshift renew`` in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        out = (str(Path(place) / "out"),) if "--out" in words else ()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "planshift.cli", "renew", str(DEMO), *words, *out]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds: int = 3) -> None:
    """Print the seconds."""
    import planshift
    from planshift.reports.charts.picture import png, svg

    for name, chart in planshift.renew(DEMO).charts.items():
        first = spent(lambda chart=chart: png(chart))  # type: ignore[misc]
        again = min(spent(lambda chart=chart: png(chart)) for _ in range(rounds))  # type: ignore[misc]
        lines = min(spent(lambda chart=chart: svg(chart)) for _ in range(rounds))  # type: ignore[misc]
        print(f"{name}.png: {first:.3f} s the first time, then {again:.3f} s; as SVG {lines:.4f} s")
    for name, words in COMMANDS.items():
        print(f"planshift renew, {name}: {min(renewed(words) for _ in range(rounds)):.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
