"""What a run's manifest says: the command, the files that it was made from, and what to know before reading on."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run
from planshift.plans.files import folder
from planshift.plans.plan import Plan
from planshift.reports.folder import InputFile


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


def shown_path(path: Path) -> str:
    """A path as given; that of a shipped file is ``plans/enterprise.yaml`` wherever planshift is installed."""
    for name in ("plans", "reports", "scenarios"):
        if path.is_relative_to(folder(name)):
            return (Path(name) / path.relative_to(folder(name))).as_posix()
    return path.as_posix()
