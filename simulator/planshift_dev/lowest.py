"""The lowest versions that planshift says it works with, as constraints for pip.

``python -m planshift_dev.lowest`` prints them: of the packages it needs and of its extras, not of what tests it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
NOT_FOR_USERS = {"test", "dev", "bench", "site"}
_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=(?P<lowest>[0-9.]+)$")


def lowest(project: Path = PROJECT) -> Iterator[str]:
    """Lines ``name==version``, sorted, one for each package that users get; ValueError where one has no lower bound."""
    said = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    extras = {name: needs for name, needs in said["optional-dependencies"].items() if name not in NOT_FOR_USERS}
    bounds = {}
    for need in (*said["dependencies"], *(need for needs in extras.values() for need in needs)):
        if need.startswith(f"{said['name']}["):
            continue
        found = _BOUND.match(need)
        if found is None:
            raise ValueError(f"{project}: '{need}' names no lowest version - write it as name>=version")
        bounds[found["name"]] = found["lowest"]
    return (f"{name}=={version}" for name, version in sorted(bounds.items()))


if __name__ == "__main__":
    print(*lowest(), sep="\n")
