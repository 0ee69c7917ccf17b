"""How large the code is and how it hangs together: lines, files, imports, circles, arrows that run back up.

``python -m planshift_dev.house`` prints the figures of the package `planshift`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import planshift

PACKAGE = Path(planshift.__file__).parent
STEPS = (
    *("version", "problems", "disk", "parallel", "plans", "usage", "billing", "impact"),
    *("portfolio", "inspection", "forecasting", "reports", "explanation", "cli"),
)
"""The steps of the way: what stands later may import what stands earlier, never the other way round."""


@dataclass(frozen=True)
class Module:
    """One file of the package: its dotted name, its text, and its syntax tree."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines it has, blank ones and comments included."""
        return len(self.text.splitlines())

    @property
    def import_lines(self) -> int:
        """How many of them belong to an import, wherever in the file it stands."""
        return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in self._imports())

    def imported(self, modules: Mapping[str, Module]) -> Iterator[str]:
        """The names of the modules that it imports, for types only or inside a function included."""
        for node in self._imports():
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                whole = node.module or ""
                names = [inner if (inner := f"{whole}.{alias.name}") in modules else whole for alias in node.names]
            yield from (name for name in names if name in modules and name != self.name)

    def _imports(self) -> Iterator[ast.Import | ast.ImportFrom]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Import | ast.ImportFrom))


def modules(package: Path = PACKAGE) -> dict[str, Module]:
    """Every module of a package by its dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        name = ".".join((package.name, *path.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        found[name] = Module(name, text, ast.parse(text))
    return found


def circles(found: Mapping[str, Module]) -> list[tuple[str, ...]]:
    """Circles of modules that import each other, one for each knot, in which one import less would leave none."""
    graph = {name: set(module.imported(found)) for name, module in found.items()}
    knots = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = tuple(error.args[1])
            knots.append(circle)
            for name in circle:
                graph[name] -= set(circle)
        else:
            return knots


def arrows_back(found: Mapping[str, Module], steps: tuple[str, ...] = STEPS) -> list[str]:
    """Imports of a later step by an earlier one, each as ``one -> other``; the package itself is no step."""
    order = {name: number for number, name in enumerate(steps)}
    back = []
    for name, module in found.items():
        for other in sorted(set(module.imported(found))):
            at, to = (order.get(dotted.partition(".")[2].partition(".")[0]) for dotted in (name, other))
            if at is not None and (to is None or to > at):
                back.append(f"{name} -> {other}")
    return back


def main() -> None:
    """Print the figures."""
    found = modules()
    lines = sum(module.lines for module in found.values())
    share = 100 * sum(module.import_lines for module in found.values()) / lines
    print(f"{lines:,} lines in {len(found)} files, {share:.1f} % of them imports")
    for title, items in (
        ("circles of imports", [" -> ".join(circle) for circle in circles(found)]),
        ("arrows that run back up", arrows_back(found)),
    ):
        print(f"{len(items)} {title}", *(f"  {item}" for item in items), sep="\n")


if __name__ == "__main__":
    main()
