"""However a command ends, it ends in a sentence: never in a traceback, whatever goes wrong with it or its output."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planshift.problems import InputError, Place, Problem, one_line, printable
from programs import ENDS_WITHIN

LIST = "import sys; sys.argv = ['planshift', 'plans', 'list', '--json']\n"
MAIN = "import planshift.cli; planshift.cli.main()\n"


def left(program: str, folder: Path, stdout: int = subprocess.PIPE, **more: str) -> subprocess.CompletedProcess[str]:
    """What a Python of its own says and leaves with; what it keeps for a report is in ``folder``."""
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), **more}
    return subprocess.run(
        [sys.executable, "-c", program],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=ENDS_WITHIN,
        env=environment,
    )


def breaking(error: str) -> str:
    """A program in which listing plans ends in an error that nobody foresaw."""
    broken = f"def broken(*_):\n    raise {error}\n"
    return f"{LIST}import planshift.plans.catalogue as c\n{broken}c.load_catalogue = broken\n{MAIN}"


def test_a_fault_of_planshift_says_so_and_keeps_its_traceback_in_a_file(tmp_path: Path) -> None:
    result = left(breaking("KeyError('two\\nlines \\x1b[31m')"), tmp_path)
    (report,) = tmp_path.iterdir()
    assert result.returncode == 70
    assert result.stdout == ""
    assert result.stderr == (
        "planshift: this is a fault of planshift, not of your input (KeyError: 'two\\nlines \\x1b[31m') -"
        f" please report it with the file {report}\n"
    )
    text = report.read_text(encoding="utf-8")
    assert "\nplanshift plans list --json\n" in text
    assert "Traceback (most recent call last)" in text
    assert "in broken" in text


def test_a_fault_with_nowhere_to_keep_its_traceback_is_a_sentence_still(tmp_path: Path) -> None:
    program = "import tempfile\ndef full(**_):\n    raise OSError\ntempfile.mkstemp = full\n"
    result = left(program + breaking("ValueError('odd')"), tmp_path)
    assert result.returncode == 70
    assert result.stderr.endswith(
        "(ValueError: odd) - please report it; there was no place for a file that says more\n"
    )


def test_too_little_memory_is_no_fault(tmp_path: Path) -> None:
    result = left(breaking("MemoryError('Unable to allocate 17.0 GiB')"), tmp_path)
    assert (result.returncode, list(tmp_path.iterdir())) == (1, [])
    assert result.stderr.startswith("memory: there is not enough of it (Unable to allocate 17.0 GiB) - ask for fewer")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_output_for_which_there_is_no_room_is_said(tmp_path: Path, buffered: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = left(LIST + MAIN, tmp_path, full.fileno(), PYTHONUNBUFFERED=buffered)
    assert (result.returncode, list(tmp_path.iterdir())) == (1, [])
    assert result.stderr.startswith("standard output: cannot be written (No space left on device) - make room")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes that close")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_whoever_stops_reading_hears_nothing_more(tmp_path: Path, buffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = left(LIST + MAIN, tmp_path, writing, PYTHONUNBUFFERED=buffered)
    finally:
        os.close(writing)
    assert (result.returncode, result.stderr, list(tmp_path.iterdir())) == (141, "", [])


def test_output_that_is_closed_is_said(tmp_path: Path) -> None:
    result = left(f"import sys; sys.stdout = None\n{LIST}{MAIN}", tmp_path)
    assert (result.returncode, result.stderr) == (
        1,
        "standard output: is closed - leave it open, or send it to a file\n",
    )


def test_what_a_file_holds_cannot_steer_the_terminal_nor_break_the_line() -> None:
    problem = Problem(Place("a\x1b[2Jb.yaml", 3), "'\u202egpj\n\r' is not a plan", "use \x07one")
    assert str(problem) == "a\\x1b[2Jb.yaml:3: '\\u202egpj\\n\\r' is not a plan - use \\x07one"
    assert printable("two\nlines\x1b") == "two\\nlines\\x1b"


def test_what_a_file_holds_is_cut_to_a_line() -> None:
    error = InputError.at(Place("a.yaml", 3), f"'{'x' * 100_000}' is not a plan", "remove it")
    line = str(error)
    assert len(line) < 600
    assert line.startswith("a.yaml:3: 'xxx")
    assert line.endswith("xxx' is not a plan - remove it")
    assert "x…x" in line
    assert len(one_line("\x1b" * 1000, 50)) <= 50


@pytest.mark.skipif(sys.platform == "win32", reason="other disks, other names")
@pytest.mark.parametrize("words", ["'plans', 'check', NAME + '.csv'", "'simulate', 'x.yaml', '--plans', NAME"])
def test_a_name_that_no_disk_takes_is_a_mistake_of_the_input(tmp_path: Path, words: str) -> None:
    program = f"import sys; NAME = 'n' * 400; sys.argv = ['planshift', {words}]\n{MAIN}"
    result = left(program, tmp_path)
    assert (result.returncode, list(tmp_path.iterdir())) == (2, [])
    assert result.stderr.startswith(("nnn", "n" * 190))
    assert "no such file" in result.stderr or "cannot be used (File name too long) - check its name" in result.stderr


def test_a_result_that_cannot_be_written_is_told_without_what_steers_the_terminal(tmp_path: Path) -> None:
    target = str(tmp_path / "no\x1b" / "usage.csv")
    words = ["planshift", "usage", "draw", "x.yaml", "-o", target]
    result = left(f"import sys; sys.argv = {words!r}\n{MAIN}", tmp_path)
    assert result.returncode == 1
    assert "\x1b" not in result.stderr
    assert "\\x1b" in result.stderr
