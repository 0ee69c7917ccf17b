"""From a portfolio's file to its forecast: everything that can be refused is, before anything is calculated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planshift.forecasting.backends import Backend, backend_of
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
from planshift.reports.forecast.options import ForecastOptions
from planshift.reports.forecast.provenance import Provenance
from planshift.reports.forecast.result import ForecastResult
from planshift.reports.options import taking


def forecast_with(wanted: ForecastOptions) -> ForecastResult:
    """What a portfolio's contracts will come to, month by month: booked, invoiced, paid, recognised, deferred.

    For the parameters see `planshift.reports.forecast.options.ForecastOptions`. Raises InputError with every mistake
    found.
    """
    where = None if wanted.backend is None else backend_of(wanted.backend, wanted.jobs)
    read = read_portfolio(
        wanted.path, load_catalogue(wanted.plans_folder, wanted.what_ifs), start=wanted.start, months=wanted.months
    )
    seed = read.seed if wanted.seed is None else wanted.seed
    read = replace(read, draws=wanted.draws or read.draws, seed=seed)
    names = [wanted.scenario] if wanted.scenario else list(read.scenarios)
    for name in names:
        read.under(name)
    check_names(read)
    tried = variants(read, names[0], shipped_levels()) if wanted.tornado else ()
    of_charges = names if wanted.focus else []
    runs = _Runs(wanted, where, len(names) + 2 * len(tried) + len(of_charges))
    found = {name: runs.one(read, name) for name in names}
    varied = _varied(found[names[0]], tried, runs) if wanted.tornado else None
    plans_used = {cell.plan for one in found.values() for cell in one.cells}
    provenance = Provenance.of(read, names, plans_used).with_targets(wanted.aimed_at)
    told = {name: runs.told() for name in of_charges}
    charges = focus_files(read, of_charges, backend=where, jobs=wanted.jobs, work=wanted.work, progress=told)
    return ForecastResult(provenance, found, wanted, varied, charges)


forecast = taking(ForecastOptions, "forecast")(forecast_with)


@dataclass
class _Runs:
    """Forecasts one after the other; progress counts their accounts together."""

    wanted: ForecastOptions
    backend: Backend | None
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
            work=self.wanted.work,
            coarse=self.wanted.coarse,
            progress=self.told(),
        )

    def told(self) -> Progress | None:
        """Whom the next of them tells how far it is."""
        tell, number = self.wanted.progress, self.done
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
