"""From a portfolio's file to its forecast: everything that can be refused is, before anything is calculated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from planshift.forecasting.backends import Backend, backend_of
from planshift.forecasting.checkpoint import WorkFolder
from planshift.forecasting.forecasting import Progress
from planshift.forecasting.forecasting import forecast as forecast_of
from planshift.forecasting.result import Forecast
from planshift.forecasting.varied import Variant, Varied, first_draws, variants
from planshift.impact.answers.levels import shipped_levels
from planshift.plans.catalogue import load_catalogue
from planshift.portfolio.load import read_portfolio
from planshift.portfolio.portfolio import Portfolio
from planshift.problems import InputError, Problem
from planshift.reports.focus import focus_files
from planshift.reports.forecast.columns import ALL
from planshift.reports.forecast.options import ForecastOptions, asked
from planshift.reports.forecast.provenance import Provenance
from planshift.reports.forecast.result import ForecastResult
from planshift.reports.page.imprint import NO_IMPRINT, Imprint


def forecast(
    portfolio: Path | str,
    *,
    start: date | None = None,
    months: int | None = None,
    draws: int | None = None,
    seed: int | None = None,
    scenario: str | None = None,
    targets: Iterable[str] = (),
    coarse: bool = False,
    backend: str | None = None,
    jobs: int | None = None,
    parquet: bool = False,
    xlsx: bool = False,
    tornado: bool = False,
    report: bool = False,
    focus: bool = False,
    imprint: Imprint = NO_IMPRINT,
    plans: Path | str | None = None,
    overlays: Iterable[Path | str] = (),
    work: WorkFolder | None = None,
    progress: Progress | None = None,
) -> ForecastResult:
    """What a portfolio's contracts will come to, month by month: booked, invoiced, paid, recognised, deferred.

    ``portfolio``: a YAML file, or a CSV or Parquet file of accounts, which needs ``start`` (the first day of a month)
    and ``months``. ``draws`` and ``seed`` go before the portfolio's, ``scenario`` picks one of its named scenarios in
    place of all; ``targets`` are measures with dollars, ``recognised=12000000`` or ``paid=6000000/year``. ``coarse``:
    members by persona and month instead of day by day. ``backend``: serial, processes, dask or dask:ADDRESS, with so
    many ``jobs``; no number depends on it. ``parquet``, ``xlsx`` and ``report``: the folder also holds the tables as
    Parquet, a workbook, and a page for colleagues with its ``imprint`` at the head; ``focus``: the charges of the first
    draw, as FOCUS files. ``tornado``: one uncertain thing after the other is tried low and high, on the first draws.
    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs. ``work`` keeps
    finished blocks. Raises InputError with every mistake found.
    """
    wanted = asked(
        start=start, months=months, draws=draws, seed=seed, scenario=scenario, targets=targets, coarse=coarse,
        backend=backend, jobs=jobs, parquet=parquet, xlsx=xlsx, tornado=tornado, report=report,
        focus=focus, imprint=imprint,
    )  # fmt: skip
    own, what_ifs = Path(plans) if plans else None, tuple(Path(overlay) for overlay in overlays)
    return found_of(Path(portfolio), own, what_ifs, wanted, work, progress)


def found_of(
    path: Path,
    plans: Path | None,
    overlays: tuple[Path, ...],
    wanted: ForecastOptions,
    work: WorkFolder | None = None,
    progress: Progress | None = None,
) -> ForecastResult:
    """The forecast of a portfolio's file as it was asked for; see `forecast`."""
    where = None if wanted.backend is None else backend_of(wanted.backend, wanted.jobs)
    read = read_portfolio(path, load_catalogue(plans, overlays), start=wanted.start, months=wanted.months)
    seed = read.seed if wanted.seed is None else wanted.seed
    read = replace(read, draws=wanted.draws or read.draws, seed=seed)
    names = [wanted.scenario] if wanted.scenario else list(read.scenarios)
    for name in names:
        read.under(name)
    check_names(read)
    tried = variants(read, names[0], shipped_levels()) if wanted.tornado else ()
    of_charges = names if wanted.focus else []
    runs = _Runs(wanted, where, work, progress, len(names) + 2 * len(tried) + len(of_charges))
    found = {name: runs.one(read, name) for name in names}
    varied = _varied(found[names[0]], tried, runs) if wanted.tornado else None
    plans_used = {cell.plan for one in found.values() for cell in one.cells}
    provenance = Provenance.of(read, names, plans_used).with_targets(wanted.targets)
    told = {name: runs.told() for name in of_charges}
    charges = focus_files(read, of_charges, backend=where, jobs=wanted.jobs, work=work, progress=told)
    return ForecastResult(provenance, found, path, plans, overlays, wanted, varied, charges)


@dataclass
class _Runs:
    """Forecasts one after the other; progress counts their accounts together."""

    wanted: ForecastOptions
    backend: Backend | None
    work: WorkFolder | None
    progress: Progress | None
    count: int
    done: int = 0

    def one(self, portfolio: Portfolio, scenario: str, draws: int | None = None) -> Forecast:
        """The next of them, in all draws or the first ones."""
        return forecast_of(
            portfolio,
            draws=draws,
            scenario=scenario,
            backend=self.backend,
            jobs=self.wanted.jobs,
            work=self.work,
            coarse=self.wanted.coarse,
            progress=self.told(),
        )

    def told(self) -> Progress | None:
        """Whom the next of them tells how far it is."""
        tell, number = self.progress, self.done
        self.done += 1
        if tell is None:
            return None
        return lambda done, of: tell(number * of + done, self.count * of)


def _varied(base: Forecast, tried: Iterable[Variant], runs: _Runs) -> Varied:
    """The first draws of the forecast, and what each variant makes of them."""
    draws = min(base.draws, shipped_levels().trial_draws)
    name = base.scenario
    sides = {one.key: (runs.one(one.low, name, draws), runs.one(one.high, name, draws)) for one in tried}
    return Varied(first_draws(base, draws), sides)


def check_names(portfolio: Portfolio) -> None:
    """Nothing where no segment is called as tables call all of them together; InputError with the first account."""
    problems = list(_problems(portfolio))
    if problems:
        raise InputError(problems)


def _problems(portfolio: Portfolio) -> Iterator[Problem]:
    segments = portfolio.accounts.texts["segment"]
    if ALL in segments.names:
        code = segments.names.index(ALL)
        rows = (segments.codes == code).nonzero()[0]
        if len(rows):
            place = portfolio.accounts.place(int(rows[0]))
            fact = f"a segment is called '{ALL}', as tables call all segments together"
            yield Problem(place, fact, "call it something else")
