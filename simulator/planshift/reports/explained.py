"""An explanation of a run's folder: of the run made again from the same files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from planshift.billing.simulation import Run
from planshift.impact.carry import forward
from planshift.impact.explain.explain import explain as explanation_of
from planshift.impact.explain.explanation import Explanation
from planshift.impact.explain.question import asked
from planshift.impact.explain.replay import Replay
from planshift.problems import InputError
from planshift.reports.manifest import inputs
from planshift.reports.written import WrittenRun, read_run

INVOICES, MEMBERS = "invoices.csv", "members.csv"


def explain(
    run_dir: Path | str,
    *,
    invoice: date | str | None = None,
    kind: str | None = None,
    line: int | None = None,
    member: str | None = None,
    month: date | str | None = None,
) -> Explanation:
    """Why an amount of a run is what it is: its calculation in steps, and what other choices would have given.

    ``run_dir`` is a folder that `planshift simulate` or `planshift renew` wrote. Asks for the invoice of a day (one
    ``kind``, ``line`` or ``member`` of it), for a ``member`` and a ``month`` (``2026-10``, or any day of it), or, with
    nothing, for an overview. Raises InputError where the folder is no run, a file it was made from is missing or
    changed, or nothing fits the selection.
    """
    question = asked(invoice, kind, line, member, month)
    written = read_run(Path(run_dir))
    return explanation_of(replayed(written), question, Path(run_dir).as_posix())


def replayed(written: WrittenRun) -> Replay:
    """The run of a folder, made again from its files; InputError where they are not the same any more."""
    if written.command not in _COMMANDS:
        fact = f"`planshift {written.options['command']}` wrote it, whose results are not explained line by line"
        remedy = "run `planshift simulate … --out` on the scenario, and explain that folder"
        raise InputError.at(str(written.folder), fact, remedy)
    written.check_inputs()
    return _COMMANDS[written.command](written)


def _simulated(written: WrittenRun) -> Replay:
    from planshift.reports.simulated import simulate

    as_of = written.options.get("as_of")
    day = date.fromisoformat(as_of) if as_of else None
    again = simulate(written.scenario, plans=written.plans, overlays=written.overlays, as_of=day)
    files = again.files()
    written.check_same(_digests(again.run, written), {name: files[name] for name in (INVOICES, MEMBERS)})
    return Replay(again.run)


def _renewed(written: WrittenRun) -> Replay:
    from planshift.reports.renewal.renewed import renew
    from planshift.reports.tables import csv_text

    again = renew(written.scenario, plans=written.plans, overlays=written.overlays)
    renewal = again.renewal
    written.check_same(_digests(renewal.run, written), {INVOICES: csv_text(*again.values["invoices"])})
    carried = forward(renewal.scenario, renewal.end).carried
    return Replay(renewal.run, carried=carried, shown=(renewal.day, renewal.end), table="")


_COMMANDS: Mapping[str, Callable[[WrittenRun], Replay]] = {"simulate": _simulated, "renew": _renewed}


def _digests(run: Run, written: WrittenRun) -> dict[str, str]:
    return {file.path: file.sha256 for file in inputs([run], written.scenario)}
