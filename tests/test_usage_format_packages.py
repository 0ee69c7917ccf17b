"""A package brings a format of usage exports by an entry point; what it does wrong is one sentence that names it."""

from __future__ import annotations

import importlib
import json
import re
import sys
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import planshift
from planshift.cli.app import app
from planshift.plans.files import folder
from planshift.problems import InputError
from planshift.usage.formats import find_format, format_names, look_at
from planshift.usage.formats.registry import SHIPPED

Install = Callable[..., Path]

DOCUMENT = (folder("reports") / "FORMATS.md").read_text(encoding="utf-8")
WHOLE = 'FORMAT = Format("{name}", "a file of {name}", lambda files, options: {reading}, lambda head: {looks})\n'


def example(name: str) -> str:
    """The file of that name in the worked example of reports/FORMATS.md."""
    found = re.search(rf"^`{re.escape(name)}`\n+```\w+\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def module(name: str = "odd", reading: str = "Reading()", looks: str = "False") -> str:
    """A module that brings a format."""
    return "from planshift.usage.formats import Format, Reading\n" + WHOLE.format(
        name=name, reading=reading, looks=looks
    )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution with one module and one format: its metadata and its code, on a path of their own."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def make(package: str, code: str, entry: str) -> Path:
        metadata = site / f"{package.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        (metadata / "entry_points.txt").write_text(f"[planshift.formats]\n{entry}\n", encoding="utf-8")
        imported = entry.partition("=")[2].partition(":")[0].strip()
        (site / f"{imported}.py").write_text(code, encoding="utf-8")
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, imported, raising=False)
        return site

    yield make
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(site)):
            del sys.modules[name]


def test_the_document_says_of_every_shipped_format_what_to_export() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \| .+ \| .+ \|$", DOCUMENT, re.MULTILINE)
    assert sorted(listed) == sorted(each.name for each in SHIPPED)


def refused(name: str, path: Path) -> str:
    with pytest.raises(InputError) as caught:
        planshift.import_usage(name, path)
    return str(caught.value)


def installed_example(install: Install, tmp_path: Path) -> Path:
    """The worked example, installed, and its file."""
    points = tomllib.loads(example("pyproject.toml"))["project"]["entry-points"]["planshift.formats"]
    [(name, target)] = points.items()
    install("planshift-tally", example("planshift_tally.py"), f"{name} = {target}")
    path = tmp_path / "tally.csv"
    path.write_text(example("tally.csv"), encoding="utf-8")
    return path


def test_the_worked_example_is_read_as_the_document_says(install: Install, tmp_path: Path) -> None:
    path = installed_example(install, tmp_path)
    result = planshift.import_usage("tally", path)
    # Opus 5.5 at 4 and 20 USD a million tokens: 0.40 + 0.08; Sonnet 5.5 at 2 and 10: 0.10 + 0.02.
    assert result.summary.list_cost == Decimal("0.60")
    assert "it costs 0.60 USD at list rates" in " ".join(DOCUMENT.split())
    assert result.summary.assumptions == ("The gateway caches nothing: every prompt token is an uncached one.",)
    assert "it looks like a tally of our gateway - use `planshift usage import tally`" in refused("spend-report", path)


def test_formats_are_listed_with_the_package_that_brings_them(install: Install, tmp_path: Path) -> None:
    installed_example(install, tmp_path)
    listed = json.loads(CliRunner().invoke(app, ["usage", "formats", "--json"]).stdout)
    packages = {row["name"]: row["package"] for row in listed["formats"]}
    assert packages["tally"] == "planshift-tally 1.0"
    assert packages["spend-report"] == "planshift"
    assert list(packages) == format_names()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import no_such_module\n", "cannot be loaded (ModuleNotFoundError: No module named 'no_such_module')"),
        ("FORMAT = 3\n", "is not a planshift.usage.formats.Format (odd_module:FORMAT is a int)"),
        ("", "cannot be loaded (AttributeError: module 'odd_module' has no attribute 'FORMAT')"),
        (module("even"), "calls itself 'even'"),
        (module(reading="1 / 0"), "failed to read the files (ZeroDivisionError: division by zero)"),
        (module(reading="[]"), "has read a list where a Reading is due"),
    ],
)
def test_a_broken_format_is_one_sentence_that_names_its_package(
    install: Install, tmp_path: Path, code: str, words: str
) -> None:
    install("odd-formats", code, "odd = odd_module:FORMAT")
    path = tmp_path / "file"
    path.write_text("x", encoding="utf-8")
    sentence = f"FORMAT: the format 'odd' of the package odd-formats 1.0 {words}"
    assert refused("odd", path) == f"{sentence} - update or uninstall the package, or tell its makers"


def test_a_broken_format_keeps_no_other_from_its_work(install: Install, tmp_path: Path) -> None:
    install("odd-formats", "import no_such_module\n", "odd = odd_module:FORMAT")
    install("even-formats", module("even", looks="1 / 0"), "even = even_module:FORMAT")
    path = installed_example(install, tmp_path)
    found = look_at(path)
    assert found is not None
    assert found.name == "tally"
    shown = CliRunner().invoke(app, ["usage", "formats"])
    assert shown.exit_code == 0
    assert "the format 'odd' of the package odd-formats 1.0 cannot be loaded" in shown.stdout


def test_a_name_that_is_brought_twice_is_refused(install: Install, tmp_path: Path) -> None:
    install("odd-formats", module("odd"), "odd = odd_module:FORMAT")
    install("odder-formats", module("odd"), "odd = odder_module:FORMAT")
    install("grand-formats", module("spend-report"), "spend-report = grand_module:FORMAT")
    twice = "the format 'odd' is brought by odd-formats 1.0 and odder-formats 1.0 - uninstall all but one"
    assert twice in refused("odd", tmp_path)
    ours = "the format 'spend-report' is brought by grand-formats 1.0, and planshift has one itself"
    assert ours in refused("spend-report", tmp_path)


def test_an_unknown_format_is_compared_with_those_of_packages(install: Install) -> None:
    install("odd-formats", module("odd"), "odd = odd_module:FORMAT")
    with pytest.raises(InputError, match="no format 'od' - did you mean 'odd'"):
        find_format("od")
