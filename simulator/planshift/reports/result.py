"""What a command finds, as people get it: tables, pictures, a folder of both, and what it was made from."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run
from planshift.plans.files import folder, shown_path
from planshift.plans.plan import Plan
from planshift.reports.charts.chart import Chart
from planshift.reports.charts.picture import png
from planshift.reports.folder import MANIFEST, Content, InputFile, write_folder
from planshift.reports.table import Table, Values, csv_text

if TYPE_CHECKING:
    import pandas as pd


class WithJobs(Protocol):
    """What is asked of a result."""

    @property
    def jobs(self) -> int | None:
        """In how many processes to work; None for as many as are worth it."""


class Result(ABC):
    """A result with tables and charts; whoever inherits says which, and what the manifest tells of it."""

    @property
    @abstractmethod
    def values(self) -> dict[str, tuple[Table, Values]]:
        """Every table with its values, by name."""

    @property
    @abstractmethod
    def charts(self) -> dict[str, Chart]:
        """The charts by name; `planshift.reports.charts.picture.png` draws one, its ``alt`` says it in a sentence."""

    @abstractmethod
    def manifest(self) -> dict[str, object]:
        """What the folder's manifest says of it."""

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables as DataFrames by name; money is exact, as Decimal (see `planshift.reports.table`)."""
        from planshift.reports.table import frame

        return {name: frame(table, values) for name, (table, values) in self.values.items()}

    @property
    def pictures(self) -> dict[str, str]:
        """The pictures in the folder, each with its sentence."""
        return {f"{name}.png": chart.alt for name, chart in self.charts.items()}

    @property
    def file_names(self) -> tuple[str, ...]:
        """What the folder holds."""
        return (*(f"{name}.csv" for name in self.values), *self.pictures, MANIFEST)

    @property
    @abstractmethod
    def asked(self) -> WithJobs:
        """What was asked for."""

    def files(self) -> dict[str, Content]:
        """The files of the folder by name, without its manifest."""
        texts: dict[str, Content] = {f"{name}.csv": csv_text(*found) for name, found in self.values.items()}
        return {**texts, **{f"{name}.png": png(chart) for name, chart in self.charts.items()}}

    def write(self, out: Path | str) -> Path:
        """The folder, written whole or not at all; raises OutputError where it cannot be (see `write_folder`)."""
        write_folder(Path(out), self.files(), self.manifest())
        return Path(out)


def manifest(
    command: Sequence[str],
    runs: Sequence[Run],
    scenario: Path,
    plans: Path | None = None,
    overlays: Sequence[Path] = (),
    options: Mapping[str, object] | None = None,
    *,
    compared: Sequence[str] = (),
) -> dict[str, object]:
    """The manifest of a command that simulated a scenario, once or in several ways, without what `write_folder` adds.

    ``command`` is what was asked for, word by word, without the folder to write to; ``options`` are the command's own,
    ``compared`` the plans that were set beside each other.
    """
    return {
        "command": command_line(command, scenario, plans, overlays, options, compared=compared),
        "seed": runs[0].scenario.seed,
        "inputs": inputs(runs, scenario),
        "counterfactual": any(run.ledger.counterfactual for run in runs),
        "warnings": list(dict.fromkeys(warning for run in runs for warning in run.warnings)),
        "run": {
            "command": " ".join(command),
            "scenario": shown_path(scenario),
            "plans": plans,
            "overlays": list(overlays),
            **({"compared": list(compared)} if compared else {}),
            **(options or {}),
        },
    }


def command_line(
    command: Sequence[str],
    scenario: Path,
    plans: Path | None,
    overlays: Sequence[Path],
    options: Mapping[str, object] | None = None,
    *,
    compared: Sequence[str] = (),
) -> str:
    """The command as one would type it again."""
    words = ["planshift", *command, shown_path(scenario)]
    words += ["--plans", ",".join(compared)] if compared else []
    # Every command knows the folder by this name, also `compare`, where --plans are plans.
    words += ["--plans-dir", str(plans)] if plans else []
    for overlay in overlays:
        words += ["--overlay", str(overlay)]
    for name, value in (options or {}).items():
        given = value if isinstance(value, list | tuple) else [] if value is None else [value]
        words += [word for one in given for word in (f"--{name.replace('_', '-')}", str(one))]
    return shlex.join(words)


def inputs(runs: Sequence[Run], scenario: Path) -> list[InputFile]:
    """Every file that the runs were made from: the scenario and what it names, plans, rate cards and overlays used."""
    files: dict[str, Path] = {}
    for path in (scenario, *(path for run in runs for path in _files(run))):
        files.setdefault(shown_path(path), path)
    return [InputFile.of(path, name) for name, path in files.items()]


def _files(run: Run) -> Iterator[Path]:
    scenario, catalogue = run.scenario, run.scenario.catalogue
    yield from scenario.files
    used = {plan.id: plan for plan in (scenario.contract.plan, *(phase.terms.plan for phase in run.ledger.phases))}
    yield from (Path(plan.file) for plan in used.values())
    yield from _cards(scenario, used.values())
    if scenario.usage:
        yield folder("plans") / "surfaces.yaml"
    yield from (Path(overlay.file) for overlay in catalogue.overlays)


def _cards(scenario: Scenario, plans: Iterable[Plan]) -> list[Path]:
    return [Path(scenario.catalogue.card(plan).file) for plan in plans]
