"""What the answers add to a folder's manifest: the files they were made from, and the what-ifs that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planshift.impact.answers.levels import FILE, shipped_levels
from planshift.plans.files import folder, shown_path
from planshift.reports.folder import InputFile


def with_answers(manifest: Mapping[str, Any], what_ifs: Sequence[Path]) -> dict[str, object]:
    """A manifest with every file behind the answers among its inputs; ``what_ifs``: those of the command."""
    levels = folder("reports") / FILE
    shipped = [path for path in shipped_levels().what_ifs if isinstance(path, Path)]
    inputs: list[InputFile] = list(manifest["inputs"])
    held = {one.path for one in inputs}
    names = {shown_path(path): path for path in (levels, *shipped, *what_ifs)}
    inputs += [InputFile.of(path, name) for name, path in names.items() if name not in held]
    return {**manifest, "inputs": inputs}


def what_if_option(what_ifs: Sequence[Path]) -> dict[str, list[Path]]:
    """The option of the command that asked for them; nothing where there are none."""
    return {"what_if": list(what_ifs)} if what_ifs else {}
