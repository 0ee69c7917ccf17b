"""The code keeps its shape: small and documented, with imports that point only back along the way and a light start."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from planshift.plans import files
from planshift.problems import PlanshiftError
from planshift_dev import house
from programs import ENDS_WITHIN

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "simulator" / "planshift"
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}

HEAVY = ("babel", "jinja2", "jsonschema", "matplotlib", "numpy", "pandas", "pydantic", "typst")
LIGHT = (
    "plans list",
    "plans show enterprise",
    "plans diff enterprise legacy_standard_premium",
    "plans rules S2",
    "schema",
)
LIGHT += ("schema plan", "scenario list")

MODULE_LINES = 400
FUNCTION_LINES = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def tree(module: str) -> ast.Module:
    """A module of planshift, parsed."""
    return ast.parse(MODULES[module].read_bytes())


def length(node: Function) -> int:
    """How many lines a function has, its decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """The public classes, their public methods, and the public functions of a module or class."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_") and not is_said_elsewhere(node):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def is_said_elsewhere(node: Definition) -> bool:
    """Whether a definition's documentation stands at another one: overloads, overrides and setters."""
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(decorators & {"deleter", "overload", "override", "setter"})


def loaded_by(program: str) -> set[str]:
    """The top-level modules that are loaded when a program has run in a Python of its own."""
    report = "import sys; sys.stderr.write('\\nLOADED ' + ' '.join(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", f"try:\n    {program}\nexcept SystemExit as end:\n    assert not end.code\n{report}"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=ENDS_WITHIN,
    )
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in result.stderr.rpartition("LOADED ")[2].split()}


def repository_files() -> list[Path]:
    """What git tracks, and what it would track if it were added now."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git repository, or git is not installed")
    named = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in named if path.is_file()]


def test_every_module_fits_in_four_hundred_lines() -> None:
    counts = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: count for module, count in counts.items() if count > MODULE_LINES} == {}


def test_every_function_fits_in_fifty_lines() -> None:
    long = [
        f"{module}:{node.lineno}: {node.name} has {length(node)} lines"
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, Function) and length(node) > FUNCTION_LINES
    ]
    assert long == []


def test_everything_public_is_documented() -> None:
    silent = [module for module in MODULES if not ast.get_docstring(tree(module))]
    silent += [
        f"{module}:{node.lineno}: {node.name}"
        for module in MODULES
        for node in public(tree(module).body)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_imports_point_only_back_along_the_way() -> None:
    assert house.arrows_back(house.modules()) == []


def test_an_arrow_that_runs_back_up_is_found(tmp_path: Path) -> None:
    package = tmp_path / "planshift"
    back_up = "def f():\n    from planshift.usage import rows\n"
    for name, text in (("plans", back_up), ("usage", "import planshift\n")):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text(text)
    (package / "__init__.py").touch()
    found = house.modules(package)
    assert house.arrows_back(found) == ["planshift.plans -> planshift.usage", "planshift.usage -> planshift"]
    assert house.circles(found) == []
    (package / "usage" / "__init__.py").write_text("from planshift.plans import f\n")
    assert [set(circle) for circle in house.circles(house.modules(package))] == [{"planshift.plans", "planshift.usage"}]


def test_every_package_is_a_step_of_the_way() -> None:
    assert {module.partition("/")[0] for module in MODULES if "/" in module} <= set(house.STEPS)


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{module}:{node.lineno}"
        for module in MODULES
        if not module.startswith("cli/")
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_importing_planshift_loads_nothing_heavy() -> None:
    assert loaded_by("import planshift").isdisjoint(HEAVY)


def test_asking_for_help_loads_nothing_heavy() -> None:
    if "cli/__init__.py" not in MODULES:
        pytest.skip("there is no command line")
    program = "import sys; sys.argv = ['planshift', '--help']; from planshift.cli import main; main()"
    assert loaded_by(program).isdisjoint(HEAVY)


@pytest.mark.parametrize("words", LIGHT)
def test_what_needs_no_bill_loads_nothing_heavy(words: str) -> None:
    program = f"import sys; sys.argv = ['planshift', *{words!r}.split()]; from planshift.cli import main; main()"
    assert loaded_by(program).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", files.SHIPPED)
def test_the_shipped_folders_are_found(name: str) -> None:
    assert files.folder(name).is_dir()
    assert files.folder(name).name == name


def test_a_folder_that_is_not_shipped_is_an_error_that_says_which_are() -> None:
    with pytest.raises(PlanshiftError, match="no folder 'plan' - use one of: plans, reports, scenarios"):
        files.folder("plan")


def test_an_installation_without_its_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PACKAGE", tmp_path / "lib" / "planshift")
    with pytest.raises(PlanshiftError, match="files shipped with planshift are missing - install planshift again"):
        files.folder("plans")


def test_an_installed_folder_comes_before_the_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_bundled" / "plans").mkdir(parents=True)
    monkeypatch.setattr(files, "_PACKAGE", tmp_path)
    assert files.folder("plans") == tmp_path / "_bundled" / "plans"


# Put together here, so that this file does not hold them itself.
MACHINE_PATHS = ["/work/" + "main", "/work/" + "shared", "/opt/" + "pypi", "/opt/" + "wheels", "/root" + "/"]
REGISTRY_HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "deb." + "debian.org"]


@pytest.mark.parametrize("words", [MACHINE_PATHS, REGISTRY_HOSTS], ids=["machine path", "registry host"])
def test_no_file_of_the_repository_names_a(words: list[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)} holds {word}"
        for path in repository_files()
        for content in [path.read_bytes()]
        for word in words
        if word.encode() in content
    ]
    assert found == []
