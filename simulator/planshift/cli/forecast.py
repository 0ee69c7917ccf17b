"""``planshift forecast``: what a portfolio's contracts will come to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, facts, present, sentence, table, where, working
from planshift.cli.options import Jobs, Json, Out, Overlays, Plans, Quiet, Seed, read_day
from planshift.cli.page import MadeOn, PreparedBy, ValidUntil, imprint, without_page
from planshift.problems import InputError

if TYPE_CHECKING:
    from planshift.forecasting.checkpoint import WorkFolder
    from planshift.reports.forecast.options import ForecastOptions
    from planshift.reports.forecast.result import ForecastResult

PortfolioFile = Annotated[
    Path, typer.Argument(metavar="PORTFOLIO", help="A portfolio's file, YAML; or a file of accounts, CSV or Parquet.")
]
Start = Annotated[
    str | None,
    typer.Option("--start", metavar="DATE", help="The first day of the forecast (default: the portfolio's)."),
]
Months = Annotated[
    int | None, typer.Option("--months", metavar="N", help="Number of months to forecast (default: the portfolio's).")
]
Draws = Annotated[
    int | None, typer.Option("--draws", metavar="N", help="Number of simulations (default: the portfolio's).")
]
ScenarioName = Annotated[
    str | None,
    typer.Option("--scenario", metavar="NAME", help="Forecast only this scenario of the portfolio (default: all)."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="MEASURE=USD",
        help="Show how likely it is to miss this target: recognised=12000000, paid=6000000/year; can be repeated.",
    ),
]
Coarse = Annotated[
    bool, typer.Option("--coarse", help="Members by persona and month instead of day by day: faster, less exact.")
]
BackendName = Annotated[
    str | None,
    typer.Option(
        "--backend",
        metavar="NAME",
        help="Where to run: serial, processes, dask or dask:ADDRESS (trusted networks only: there is no password); the"
        " results are the same.",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue a stopped run with the same --out; nothing is calculated twice.")
]
Xlsx = Annotated[
    bool, typer.Option("--xlsx", help="Also write an Excel workbook that recalculates; needs the extra `excel`.")
]
Parquet = Annotated[
    bool, typer.Option("--parquet", help="Also write the tables as Parquet; needs the extra `parquet`.")
]
Report = Annotated[
    bool, typer.Option("--report", help="Also write a page for colleagues, HTML; needs the extra `report`.")
]
Focus = Annotated[bool, typer.Option("--focus", help="Also write the charges of the first draw as a FOCUS 1.2 file.")]
Tornado = Annotated[
    bool,
    typer.Option("--tornado", help="Also vary one uncertain input at a time, low and high, on the first simulations."),
]


def forecast(
    portfolio: PortfolioFile,
    out: Out = None,
    start: Start = None,
    months: Months = None,
    plans: Plans = None,
    overlay: Overlays = None,
    draws: Draws = None,
    seed: Seed = None,
    scenario: ScenarioName = None,
    target: Targets = None,
    coarse: Coarse = False,
    backend: BackendName = None,
    jobs: Jobs = None,
    resume: Resume = False,
    tornado: Tornado = False,
    report: Report = False,
    focus: Focus = False,
    made: MadeOn = None,
    prepared_by: PreparedBy = "",
    valid_until: ValidUntil = None,
    xlsx: Xlsx = False,
    parquet: Parquet = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Forecast a portfolio of contracts: booked, invoiced, paid, recognised and deferred, month by month.

    Prints one sentence with the answer and its range, the five measures over the horizon and by month, and what to
    know. With --out it writes summary.csv, months.csv, counts.csv, rollforward.csv, arr_bridge.csv, calendar.csv,
    cohorts.csv, renewals.csv, movers.csv, accounts.csv, draws.csv, checks.csv, charts (recognised.png, paid.png,
    plans.png, arr_bridge.png, deferred.png, renewals.png) and manifest.json into a folder, all of them or none; with
    several scenarios also scenarios.csv and scenarios.png; with --tornado tornado.csv and tornado.png; with --xlsx
    forecast.xlsx; with --report forecast.html and forecast.pdf; with --focus focus.csv, a file a scenario; with
    --parquet every table twice.

    A file of accounts alone needs --start and --months: one draw, and nothing is assumed. Every draw goes through the
    whole portfolio, so that percentiles are those of sums. While it works, finished blocks are kept beside the folder;
    --resume goes on with them.
    """
    head = imprint(made, prepared_by, valid_until)
    without_page({} if report else head.options, "ask for one: --report")
    from planshift.reports.forecast.options import ForecastOptions

    wanted = ForecastOptions(
        portfolio, start=read_day("--start", start), months=months, draws=draws, seed=seed, scenario=scenario,
        targets=target or (), coarse=coarse, backend=backend, jobs=jobs, tornado=tornado, report=report, focus=focus,
        imprint=head, xlsx=xlsx, parquet=parquet, plans=plans, overlays=overlay or ())  # fmt: skip
    found = _forecast(wanted, out, resume=resume, quiet=quiet)
    present(found.answer, lambda: facts(found, out), lambda: _details(found, out), as_json=as_json, quiet=quiet)


def _forecast(options: ForecastOptions, out: Path | None, *, resume: bool, quiet: bool) -> ForecastResult:
    """The forecast, and its folder where one was asked for."""
    from planshift.reports.folder import check_target
    from planshift.reports.forecast.forecast import forecast_with

    files = {f"--{name}": bool(getattr(options, name)) for name in ("xlsx", "parquet", "report", "focus")}
    if out:
        check_target(out)
    work = work_beside(out, resume=resume, files=files)
    try:
        with working("Forecasting", quiet=quiet, units="accounts") as progress:
            found = forecast_with(replace(options, work=work, progress=progress))
            if out:
                found.write(out)
    except KeyboardInterrupt:
        if work and work.path.exists():
            print(f"what is finished is kept in {work.path}: --resume goes on with it", file=sys.stderr)
        raise
    if work:
        work.remove()
    return found


def _details(found: ForecastResult, out: Path | None) -> None:
    """What stands below the answer."""
    for line in found.besides:
        sentence(line)
    _summary(found)
    _months(found)
    _tornado(found)
    bullets("Notes", found.notes)
    bullets("Assumed, as it is published nowhere", found.assumed)
    where(found.file_names, out)


def work_beside(out: Path | None, *, resume: bool, files: dict[str, bool]) -> WorkFolder | None:
    """Where finished blocks are kept; None without a folder to write to.

    Raises InputError for options that make no sense without one.
    """
    if out is None:
        wanted = [name for name, given in {"--resume": resume, **files}.items() if given]
        if wanted:
            fact = "there is no folder to write to, or to go on with"
            raise InputError.at(wanted[0], fact, "add --out DIR")
        return None
    from planshift.forecasting.checkpoint import WorkFolder

    return WorkFolder.beside(out, resume=resume)


def _summary(found: ForecastResult) -> None:
    """The measures over the horizon, in every scenario; a column for the targets where there are any."""
    from planshift.reports.forecast.columns import TOTAL
    from planshift.reports.words import usd

    values = found.values["summary"][1]
    rows = [row for row, period in enumerate(values["period"]) if period == TOTAL]
    aimed = any(values["target"][row] is not None for row in rows)
    several = len(found.forecasts) > 1
    # One draw has no spread.
    names = ("mean",) if found.draws == 1 else ("mean", "p10", "p50", "p90")
    headings = ["amount"] if found.draws == 1 else ["mean", "P10", "P50", "P90"]
    shown = []
    for row in rows:
        scenario = [values["scenario"][row]] if several else []
        amounts = [usd(values[name][row]) for name in names]
        shown.append([*scenario, values["title"][row], *amounts, *(_target(found, row) if aimed else [])])
    numbers = [*headings, *(["target", "missed"] if aimed else [])]
    title = f"Over the horizon in {found.draws:,} draws, US dollars; means add up, percentiles do not"
    if found.draws == 1:
        title = "Over the horizon in one draw, US dollars"
    table(title, [*(["scenario"] if several else []), "measure", *numbers], shown, numbers=numbers)


def _target(found: ForecastResult, row: int) -> list[str]:
    """A target, and in how many draws it is missed."""
    from planshift.reports.words import in_draws, usd

    values = found.values["summary"][1]
    cents, missed = values["target"][row], values["missed"][row]
    return ["", ""] if cents is None else [usd(cents), in_draws(missed, found.draws)]


def _months(found: ForecastResult) -> None:
    """The five measures by month, means, of the scenario that is shown alone."""
    from planshift.billing.schedule import month_text
    from planshift.reports.forecast.cube import FIVE, SUMMED
    from planshift.reports.words import usd

    cube, means = found.cubes[0]
    columns = [means.total(*one.measures).tolist() for one in SUMMED if one.key in FIVE]
    rows = [
        [month_text(month), *(usd(column[place]) for column in columns)]
        for place, month in enumerate(cube.forecast.months)
    ]
    # A balance stands at the end of each month: its sum would mean nothing.
    rows.append(["total", *(usd(sum(column)) for column in columns[:-1]), ""])
    numbers = ["booked", "invoiced", "paid", "recognised", "deferred"]
    mean = "" if found.draws == 1 else ", means over the draws"
    title = f"Months ({cube.forecast.title or cube.forecast.scenario}){mean}, US dollars"
    table(title, ["month", *numbers], rows, numbers=numbers, total=True)


def _tornado(found: ForecastResult) -> None:
    """What the recognised revenue depends on, where that was asked for."""
    from planshift.reports.forecast.tables import swings
    from planshift.reports.words import usd

    if found.varied is None:
        return
    rows = [
        [one.title, one.low_value, usd(one.low), one.high_value, usd(one.high), usd(one.swing)]
        for one in swings(found.varied, "recognised")
    ]
    numbers = ["recognised low", "recognised high", "swing"]
    draws = found.varied.base.draws
    title = f"What it depends on: P50 of the first {draws:,} draws, US dollars"
    table(title, ["what", "low", numbers[0], "high", numbers[1], numbers[2]], rows, numbers=numbers)
