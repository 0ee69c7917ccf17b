"""Every command in the README and in the guides runs, and prints what they say it prints."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import run

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "reports" / "docs").glob("*.md"))
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
GENERATED = ("rules.md", "reference.md")
"""Pages that are made when the site is."""
MAKE = ("make demo", "make test")
"""What the README's first commands do is shown by other means: this suite is the second, the first is run as `demo`."""


def commands(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command of a page's console blocks, with the lines it is said to print; … stands for some left out."""
    for block in CONSOLE.findall(file.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command.strip(), printed.rstrip("\n").split("\n") if printed.strip() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user would stand in: a copy of what the README's commands name."""
    place = tmp_path_factory.mktemp("readme")
    for name in ("plans", "scenarios", "reports", "tests/golden/exports"):
        shutil.copytree(ROOT / name, place / name)
    return place


def printed(command: str) -> str:
    """What a command prints; it must succeed."""
    program, *words = shlex.split(command)
    assert program == "planshift", command
    answer = run(*words)
    assert answer.status == 0, answer.err
    return answer.out


@pytest.mark.usefixtures("no_pictures")
def test_the_readme_and_the_guides_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    assert set(MAKE) <= {command for command, _ in commands(README)}
    printed_by: dict[str, list[str]] = {"make test": []}
    for command, lines in (one for file in (README, *GUIDES) for one in commands(file)):
        if command not in printed_by:
            actual = printed("planshift demo" if command == "make demo" else command)
            printed_by[command] = [line.rstrip() for line in actual.split("\n")]
        for line in lines:
            if line.strip() not in ("", "…"):
                assert line.rstrip() in printed_by[command], (command, line)


@pytest.mark.parametrize("file", [README, *GUIDES, ROOT / "CONTRIBUTING.md"], ids=lambda file: file.stem)
def test_every_file_that_a_page_links_to_exists(file: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", file.read_text(encoding="utf-8")):
        assert (file.parent / link).exists() or link in GENERATED, link


def test_the_makefile_has_the_readmes_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in MAKE:
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE), command
