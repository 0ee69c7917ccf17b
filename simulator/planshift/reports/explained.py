"""An explanation of a run's folder: of the run made again from the same files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from planshift.billing.simulation import Run
from planshift.impact.carry import forward
from planshift.impact.explain.explain import explain as explanation_of
from planshift.impact.explain.explanation import Explanation
from planshift.impact.explain.question import asked
from planshift.impact.explain.replay import Replay
from planshift.problems import InputError
from planshift.reports import columns, tables
from planshift.reports.columns import Table
from planshift.reports.manifest import inputs
from planshift.reports.tables import Values, csv_text, stacked
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

    ``run_dir`` is a folder that `planshift simulate` or `planshift renew` wrote; of many draws, draw 0 is explained.
    Asks for the invoice of a day (one
    ``kind``, ``line`` or ``member`` of it), for a ``member`` and a ``month`` (``2026-10``, or any day of it), or, with
    nothing, for an overview. Raises InputError where the folder is no run, a file it was made from is missing or
    changed, or nothing fits the selection.
    """
    question = asked(invoice, kind, line, member, month)
    written = read_run(Path(run_dir))
    found = explanation_of(replayed(written), question, Path(run_dir).as_posix())
    return replace(found, title=f"Draw 0 of {written.draws:,}: {found.title}") if written.draws else found


def replayed(written: WrittenRun) -> Replay:
    """The run of a folder, made again from its files; InputError where they are not the same any more."""
    if written.command not in _COMMANDS:
        fact = f"`planshift {written.options['command']}` wrote it, whose results are not explained line by line"
        remedy = "run `planshift simulate … --out` on the scenario, and explain that folder"
        raise InputError.at(str(written.folder), fact, remedy)
    written.check_inputs()
    return _COMMANDS[written.command](written)


def _simulated(written: WrittenRun) -> Replay:
    from planshift.reports.simulated import Simulation, simulate

    as_of = written.options.get("as_of")
    day = date.fromisoformat(as_of) if as_of else None
    again = simulate(
        written.scenario,
        plans=written.plans,
        overlays=written.overlays,
        as_of=day,
        draws=written.one_draw,
        seed=written.seed,
    )
    assert isinstance(again, Simulation)
    ledger = again.run.ledger
    made = {INVOICES: (columns.INVOICES, tables.invoices(ledger)), MEMBERS: (columns.MEMBERS, tables.members(ledger))}
    _check_same(written, again.run, made)
    return Replay(again.run)


def _renewed(written: WrittenRun) -> Replay:
    from planshift.reports.renewal.renewed import Renewed, renew

    again = renew(
        written.scenario, plans=written.plans, overlays=written.overlays, draws=written.one_draw, seed=written.seed
    )
    assert isinstance(again, Renewed)
    renewal = again.renewal
    _check_same(written, renewal.run, {INVOICES: again.values["invoices"]})
    carried = forward(renewal.scenario, renewal.end).carried
    return Replay(renewal.run, carried=carried, shown=(renewal.day, renewal.end), table="")


def _check_same(written: WrittenRun, run: Run, made: Mapping[str, tuple[Table, Values]]) -> None:
    """Nothing where the run's draw is that of the folder; InputError where it is another one."""
    if not written.draws:
        texts = {name: csv_text(table, values) for name, (table, values) in made.items()}
        written.check_same(_digests(run, written), texts)
        return
    # Where no draw was written in detail, there are only its inputs to go by.
    shown = made.items() if written.options.get("detail") else ()
    texts = {name: csv_text(table, stacked([values])) for name, (table, values) in shown}
    written.check_same(_digests(run, written), texts, first_draw=True)


_COMMANDS: Mapping[str, Callable[[WrittenRun], Replay]] = {"simulate": _simulated, "renew": _renewed}


def _digests(run: Run, written: WrittenRun) -> dict[str, str]:
    return {file.path: file.sha256 for file in inputs([run], written.scenario)}
