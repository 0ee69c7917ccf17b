"""What holds of every command: help, errors on standard error, a light start, text that cannot steer a terminal."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from command import run
from planshift import __version__
from planshift.cli import console
from planshift.cli.app import app
from programs import ENDS_WITHIN


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name, below in sorted(inner.items()):
        yield from commands(below, (*path, name))


EVERY = dict(commands(typer.main.get_command(app)))
WORDS = pytest.mark.parametrize("words", list(EVERY), ids=" ".join)


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=ENDS_WITHIN,
        env={**os.environ, **environment},
    )


@WORDS
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    answer = run(*words, "--help")
    assert answer.status == 0
    assert answer.first.startswith(f"Usage: planshift {' '.join(words)}") or "Usage: root" in answer.first
    assert [option.name for option in EVERY[words].params if not option.help] == []


@WORDS
def test_every_command_can_answer_in_json_and_in_one_line(words: tuple[str, ...]) -> None:
    options = {name for option in EVERY[words].params for name in option.opts}
    assert {"--json", "--quiet"} <= options


@WORDS
def test_an_option_that_is_not_there_ends_with_status_2(words: tuple[str, ...]) -> None:
    answer = run(*words, "--colour")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err


def test_the_version_is_printed() -> None:
    assert run("--version").out == f"planshift {__version__}\n"


def test_without_a_command_there_is_help() -> None:
    assert "Commands:" in run().out + run().err


def test_main_leaves_with_the_status_of_the_command() -> None:
    program = "import sys; sys.argv = ['planshift', 'plans', 'show', 'enterprize']; import planshift.cli as c; c.main()"
    result = python(program)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "--plans: no plan 'enterprize' - did you mean 'enterprise'?\n"


def test_output_that_the_terminal_cannot_show_is_no_traceback() -> None:
    program = "import sys; sys.argv = ['planshift', 'plans', 'list']; import planshift.cli as c; c.main()"
    result = python(program, PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interruption_while_modules_are_loaded_ends_with_status_130() -> None:
    program = (
        "import os, signal, sys; sys.argv = ['planshift', 'plans', 'list']\n"
        "import planshift.plans.catalogue as c\n"
        "c.load_catalogue = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"
        "import planshift.cli; planshift.cli.main()"
    )
    result = python(program)
    assert (result.returncode, result.stderr) == (130, "interrupted: nothing was written\n")


class Terminal(io.StringIO):
    """A stand-in for a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard output as a terminal of forty columns; pytest's own capture would undo it between fixture and test."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return shown


def test_a_terminal_wraps_sentences_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    console.sentence("one two three four five six seven eight nine ten", indent=2)
    assert [line.rstrip() for line in shown.getvalue().splitlines()] == [
        "  one two three four five six seven",
        "  eight nine ten",
    ]


def test_a_narrow_terminal_folds_words_and_loses_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    row = ["a customer with a long name", "seats.enterprise.price_usd_per_month", "12,345,678.90", "2026-10-31"]
    console.table("Title", ["who", "where", "USD", "day"], [row], numbers=["USD"])
    lines = [line for line in shown.getvalue().splitlines() if "\x1b" not in line and "─" not in line]
    assert sorted("".join(lines).replace(" ", "")) == sorted("".join(row).replace(" ", ""))
    assert any("12,345,678.90" in line for line in lines)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    console.table("Title", ["a", "b"], [["x", "1"]], numbers=["b"])
    assert "\x1b[3" not in shown.getvalue()
    assert "\x1b[9" not in shown.getvalue()


def test_names_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = terminal(monkeypatch)
    console.sentence("ada\x1b[2J")
    console.table("T\x1b]0;x\x07", ["who"], [["ben\x1b[31m"]])
    assert "\x1b[2J" not in shown.getvalue()
    assert "\x1b]0" not in shown.getvalue()
    assert "\\x1b[31m" in shown.getvalue()


def test_brackets_in_names_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("Title", ["who"], [["[bold]ada[/bold]"]])
    assert "[bold]ada[/bold]" in capsys.readouterr().out


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with console.working("Working"):
        pass
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_standard_error_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(console, "PATIENCE", 0.0)
    with console.working("Working"):
        import time

        time.sleep(0.3)
    assert "Working" in shown.getvalue()
