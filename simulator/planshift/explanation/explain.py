"""An explanation of a run's folder: of the run made again from the same files, or of what its tables hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from planshift.billing.money import cents_text
from planshift.billing.scenario import Scenario, read_scenario
from planshift.billing.schedule import DAY
from planshift.billing.simulation import Run, simulate
from planshift.explanation.explanation import ENGLISH, Explanation, Words
from planshift.explanation.question import question_of
from planshift.explanation.replay import Replay
from planshift.explanation.results import comparison_explained, forecast_explained, simulation
from planshift.explanation.run import explain_run
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError, did_you_mean
from planshift.reports.page.labels import check_packages, read_labels
from planshift.reports.result import inputs
from planshift.reports.run_tables import INVOICES, MEMBERS, LedgerDraw
from planshift.reports.saved_run import SavedRun, read_run
from planshift.reports.table import Table, Values, csv_text

INVOICES_FILE = "invoices.csv"
COMPARE, FORECAST = "compare", "forecast"


def explain(
    run_dir: Path | str,
    *,
    invoice: date | str | None = None,
    kind: str | None = None,
    line: int | None = None,
    member: str | None = None,
    month: date | str | None = None,
    plan: str | None = None,
    account: str | None = None,
    language: str = ENGLISH,
) -> Explanation:
    """Why an amount of a run is what it is: its calculation in steps, and what other choices would have given.

    ``run_dir`` is a folder that `planshift simulate`, `renew`, `compare` or `forecast` wrote; of many draws, draw 0 is
    explained. Asks for the invoice of a day (one ``kind``, ``line`` or ``member`` of it), for a ``member`` and a
    ``month`` (``2026-10``, or any day of it), or, with nothing, for an overview. ``plan``: which of the plans of a
    renewal (the new one without it) or of a comparison. Of a forecast, whose tables are means over accounts, a
    ``month`` or an ``account``. ``language``: en, de or it. Raises InputError where the folder is no run, a file it was
    made from is missing or changed, nothing fits the selection, or planshift cannot say it in the language.
    """
    _check_language(language)
    words, question = Words(language), question_of(invoice, kind, line, member, month)
    written = read_run(Path(run_dir))
    name = Path(run_dir).as_posix()
    if written.command == FORECAST:
        return forecast_explained(written, question, account, plan, name, words)
    if account is not None:
        raise InputError.at("--account", "only a forecast has accounts", "leave --account out")
    if written.command == COMPARE and plan is None:
        return comparison_explained(written, question, name, words)
    found = explain_run(replace(replayed(written, plan), words=words), question, name)
    return replace(found, title=f"{simulation(words, written)}{found.title}")


def _check_language(language: str) -> None:
    """Nothing where explanations can be said in a language; InputError where there are no labels, or no formats."""
    read_labels(language)
    if language != ENGLISH:
        check_packages("--language", f"an explanation in '{language}'", {"babel": "Babel"})


def replayed(written: SavedRun, plan: str | None = None) -> Replay:
    """The run of a folder, made again from its files; InputError where they are not the same any more."""
    if written.command not in _COMMANDS:
        fact = f"`planshift {written.options['command']}` wrote it, whose results are not explained line by line"
        remedy = "run `planshift simulate … --out` on the scenario, and explain that folder"
        raise InputError.at(str(written.folder), fact, remedy)
    written.check_inputs()
    return _COMMANDS[written.command](written, plan)


def _simulated(written: SavedRun, plan: str | None) -> Replay:
    if plan is not None:
        raise InputError.at("--plan", "a simulation has one contract", "leave --plan out")
    scenario = _scenario(written)
    as_of = written.options.get("as_of")
    run = simulate(scenario, until=date.fromisoformat(as_of) + DAY if as_of else None, by_day=True)
    made = {f"{table.name}.csv": (table, table.values(LedgerDraw(run.ledger))) for table in (INVOICES, MEMBERS)}
    _check_same(written, run, made)
    return Replay(run)


def _scenario(written: SavedRun) -> Scenario:
    """The scenario of a folder, with the first draw alone where its usage is drawn at random."""
    scenario = read_scenario(written.scenario, load_catalogue(written.plans, written.overlays))
    return scenario.with_draws(written.one_draw, written.seed)


def _renewed(written: SavedRun, plan: str | None) -> Replay:
    from planshift.impact.renewal_setup import RenewalSetup

    move = RenewalSetup.of(_scenario(written))
    old, new = move.counterfactual.scenario.contract.plan.id, move.moved.scenario.contract.plan.successor(move.day)
    _check_plan(plan, (new, old))
    on_old = plan == old
    side = move.counterfactual if on_old else move.moved
    carried = move.forward.carried
    again = Replay(
        side.run(side.asked(carried=carried), by_day=True),
        counterfactual=on_old,
        carried=carried,
        shown=(move.day, move.end),
        table="",
        options=("--plan", old) if on_old else (),
    )
    _check_lines(written, "counterfactual_invoices.csv" if on_old else INVOICES_FILE, again)
    return again


def _compared(written: SavedRun, plan: str | None) -> Replay:
    from planshift.impact.compare import Choice

    _check_plan(plan, written.compared)
    read = _scenario(written)
    choice = Choice.of(read, written.compared)
    named = plan or written.compared[0]
    run, imagined = choice.run(read.catalogue.plan(named))
    again = Replay(
        run,
        counterfactual=True,
        carried=choice.forward.carried,
        shown=(read.start, read.end),
        table="",
        options=("--plan", named),
        imagined=imagined,
    )
    _check_lines(written, INVOICES_FILE, again, plan=named)
    return again


def _check_lines(written: SavedRun, name: str, replay: Replay, plan: str = "") -> None:
    """Nothing where the lines, or those on a ``plan``, are those of the folder; InputError where they are others.

    Of many draws the first is held against the folder's, if that has it.
    """
    written.check_same(_digests(replay.run, written), {})
    if written.draws and not (written.options.get("detail") and (written.folder / name).is_file()):
        return
    held = [row for row in written.rows(name) if row.get("draw", "0") == "0" and plan in ("", row["plan"])]
    lines = replay.lines_of(replay.ledger)
    made = [(line.day.isoformat(), line.kind, line.user_id, cents_text(line.cents), line.description) for line in lines]
    if made != [tuple(row[column] for column in _OF_A_LINE) for row in held]:
        written.check_same({}, {name: ""})


_OF_A_LINE = ("date", "kind", "user_id", "amount", "description")


def _check_plan(plan: str | None, plans: Sequence[str]) -> None:
    if plan is not None and plan not in plans:
        raise InputError.at("--plan", f"the folder has no results on '{plan}'", did_you_mean(plan, plans))


def _check_same(written: SavedRun, run: Run, made: Mapping[str, tuple[Table, Values]]) -> None:
    """Nothing where the run's draw is that of the folder; InputError where it is another one."""
    if written.one_draw is None:
        texts = {name: csv_text(table, values) for name, (table, values) in made.items()}
        written.check_same(_digests(run, written), texts)
        return
    # Where no draw was written in detail, there are only its inputs to go by.
    shown = made.items() if written.options.get("detail") or not written.draws else ()
    texts = {name: csv_text(table, table.of_draws([values])) for name, (table, values) in shown}
    written.check_same(_digests(run, written), texts, first_draw=True)


_COMMANDS: Mapping[str, Callable[[SavedRun, str | None], Replay]] = {
    "simulate": _simulated,
    "renew": _renewed,
    COMPARE: _compared,
}


def _digests(run: Run, written: SavedRun) -> dict[str, str]:
    return {file.path: file.sha256 for file in inputs([run], written.scenario)}
