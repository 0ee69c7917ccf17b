"""A run's folder read again: what its manifest says, and whether the run can be made again from the same files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planshift.plans.files import SHIPPED, folder
from planshift.problems import InputError, Place, Problem
from planshift.reports.folder import MADE_BY, MANIFEST, digest
from planshift.version import __version__

_AGAIN = "run it again with --out, and explain that folder"
_NAME_ONE = "name a folder that `planshift simulate`, `renew`, `compare` or `forecast` wrote with --out"


@dataclass(frozen=True)
class SavedRun:
    """The folder of a run, and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def command(self) -> str:
        """The first word of the command that wrote it."""
        return str(self.manifest["run"]["command"]).partition(" ")[0]

    @property
    def options(self) -> Mapping[str, Any]:
        """The command in parts."""
        options: Mapping[str, Any] = self.manifest["run"]
        return options

    @property
    def inputs(self) -> dict[str, str]:
        """The SHA-256 of every file that the run was made from, by its name."""
        return {str(item["path"]): str(item["sha256"]) for item in self.manifest["inputs"]}

    @property
    def scenario(self) -> Path:
        """The scenario's file, as it was when the run was made."""
        name = str(self.options["scenario"])
        return _unchanged(name, self.inputs.get(name, "")) or Path(name)

    @property
    def plans(self) -> Path | None:
        """The folder of plan files that went before the shipped ones."""
        named = self.options.get("plans")
        return Path(named) if named else None

    @property
    def overlays(self) -> list[Path]:
        """The what-ifs that were laid on."""
        return [Path(name) for name in self.options.get("overlays", ())]

    @property
    def draws(self) -> int:
        """How many draws there are; 0 for a single run, whose tables have no column for them."""
        draws = int(self.options.get("draws") or 1)
        return draws if draws > 1 else 0

    @property
    def one_draw(self) -> int | None:
        """What to ask for to have the first draw alone: 1, or None where usage was not drawn at random."""
        return 1 if self.options.get("draws") else None

    @property
    def seed(self) -> int | None:
        """The seed of the draws; None where usage was not drawn at random."""
        seed = self.options.get("seed")
        return None if seed is None else int(seed)

    @property
    def compared(self) -> tuple[str, ...]:
        """The ids of the plans that were compared."""
        return tuple(self.options.get("compared", ()))

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table as they stand in the folder; InputError where the file is not as it was written."""
        path = self.folder / name
        if not self._as_written(path):
            raise InputError.at(str(path), self._why_other(name), _AGAIN)
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _as_written(self, path: Path) -> bool:
        listed = {str(item["name"]): str(item["sha256"]) for item in self.manifest.get("files", ())}
        return path.is_file() and listed.get(path.name) == digest(path)

    def check_inputs(self) -> None:
        """Nothing where every file that the run was made from is there as it was; InputError for those that are not."""
        problems = [problem for name, wanted in self.inputs.items() for problem in _input_problem(name, wanted)]
        if problems:
            raise InputError(problems)

    def check_same(self, inputs: Mapping[str, str], tables: Mapping[str, str], *, first_draw: bool = False) -> None:
        """Nothing where the run made again is that of the folder; InputError where it is another one.

        ``inputs``: SHA-256 by name of the files read now; ``tables``: the text of tables by file name, or only as far
        as their ``first_draw`` goes.
        """
        fact = "the file is read now, but the run was not made from it as it is"
        others = [name for name, found in inputs.items() if self.inputs.get(name) != found]
        if others:
            raise InputError(Problem(Place(name), fact, f"move it away, or {_AGAIN}") for name in others)
        for name, text in tables.items():
            path = self.folder / name
            held = path.read_bytes() if path.is_file() else None
            if held != text.encode() and not (first_draw and _begins(held, text.encode())):
                raise InputError.at(str(path), self._why_other(name), _AGAIN)

    def _why_other(self, name: str) -> str:
        """Why a table is not what the run would write now."""
        path = self.folder / name
        if not path.is_file():
            return "the file is missing"
        if not self._as_written(path):
            return "the file was changed after the run"
        return f"planshift {self.manifest.get('version')} wrote it, and {__version__} computes it otherwise"


def read_run(run_dir: Path) -> SavedRun:
    """The run of a folder; InputError where planshift did not write one there."""
    if not run_dir.is_dir():
        fact = "this is a file" if run_dir.exists() else "there is no such folder"
        raise InputError.at(str(run_dir), fact, _NAME_ONE)
    try:
        manifest = json.loads((run_dir / MANIFEST).read_bytes())
        run = SavedRun(run_dir, manifest)
        if manifest["made_by"] == MADE_BY and run.command and run.inputs and {"scenario", "portfolio"} & {*run.options}:
            return run
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise InputError.at(str(run_dir), "this is not the folder of a run of planshift", _NAME_ONE)


def _begins(held: bytes | None, first: bytes) -> bool:
    """Whether a table begins with draw 0 and goes on with another draw."""
    return held is not None and held.startswith(first) and not held.startswith(b"0,", len(first))


def _places(name: str) -> Iterator[Path]:
    """Where the file of a name may be: as it is said, seen from here; or among the files that planshift ships."""
    yield Path(name)
    first, *rest = Path(name).parts
    if first in SHIPPED:
        yield folder(first).joinpath(*rest)


def _unchanged(name: str, wanted: str) -> Path | None:
    """The file of a name with that SHA-256."""
    return next((path for path in _places(name) if path.is_file() and digest(path) == wanted), None)


def _input_problem(name: str, wanted: str) -> Iterator[Problem]:
    """What is wrong with a file that the run was made from."""
    if _unchanged(name, wanted):
        return
    if any(path.is_file() for path in _places(name)):
        fact, remedy = "the file was changed after the run", f"undo the change, or {_AGAIN}"
    else:
        fact = "the run was made from this file, which is missing"
        remedy = f"put it back, go to the folder in which the run was started, or {_AGAIN}"
    yield Problem(Place(name), fact, remedy)
