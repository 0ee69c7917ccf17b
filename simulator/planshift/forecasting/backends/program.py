"""What a process works with: the versions and the files that decide its results."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from planshift.plans.files import folder
from planshift.version import __version__

PLANSHIFT, PYTHON, NUMPY, FILES = "planshift", "Python", "NumPy", "program and plan files"


@cache
def program() -> dict[str, str]:
    """The versions of planshift, Python and NumPy, and a digest of planshift's program and of the files it ships."""
    package = Path(__file__).parents[3]
    found = sorted(package.rglob("*.py"))
    found += [path for name in ("plans", "scenarios") for path in sorted(folder(name).rglob("*")) if path.is_file()]
    whole = hashlib.sha256()
    for path in found:
        whole.update(f"{path.name}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return {
        PLANSHIFT: __version__,
        PYTHON: platform.python_version(),
        NUMPY: np.__version__,
        FILES: whole.hexdigest(),
    }


def difference(other: Mapping[str, str | None]) -> str | None:
    """What another program has that is not as it is here, in words; None where nothing differs."""
    for name, here in program().items():
        there = other.get(name)
        if there != here:
            if name == FILES:
                return f"other {name}"
            return f"{name} {there}, and here it is {here}" if there else f"no {name}"
    return None
