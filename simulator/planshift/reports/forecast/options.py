"""What is asked of a forecast: how many draws from which seed, which scenario and months, where, and which targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.billing.money import cents_text
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.reports.forecast.cube import RUN_RATES, TITLES, Target
from planshift.reports.options import Progress, cents_of, no_amount, out_of_bounds
from planshift.reports.page.imprint import NO_IMPRINT, Imprint

if TYPE_CHECKING:
    from planshift.forecasting.checkpoint import WorkFolder

YEARLY = "/year"
"""Behind an amount: it is meant for each twelve months."""


@dataclass(frozen=True)
class ForecastOptions:
    """What a forecast is asked; None: as the portfolio says. InputError with everything that cannot be.

    ``portfolio``: a YAML file, or a CSV or Parquet file of accounts, which needs ``start`` (the first day of a month)
    and ``months``. ``draws`` and ``seed`` go before the portfolio's, ``scenario`` picks one of its named scenarios in
    place of all; ``targets`` are measures with dollars, ``recognised=12000000`` or ``paid=6000000/year``. ``coarse``:
    members by persona and month instead of day by day. ``backend``: serial, processes, dask or dask:ADDRESS, with so
    many ``jobs``; no number depends on it. ``parquet``, ``xlsx`` and ``report``: the folder also holds the tables as
    Parquet, a workbook, and a page for colleagues with its ``imprint`` at the head; ``focus``: the charges of the first
    draw, as FOCUS files. ``tornado``: one uncertain thing after the other is tried low and high, on the first draws.
    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs. ``work`` keeps
    finished blocks.
    """

    portfolio: Path | str
    _: KW_ONLY
    start: date | None = None
    months: int | None = None
    draws: int | None = None
    seed: int | None = None
    scenario: str | None = None
    targets: Iterable[str] = ()
    coarse: bool = False
    backend: str | None = None
    jobs: int | None = None
    parquet: bool = False
    xlsx: bool = False
    tornado: bool = False
    report: bool = False
    focus: bool = False
    imprint: Imprint = NO_IMPRINT
    plans: Path | str | None = None
    overlays: Iterable[Path | str] = ()
    work: WorkFolder | None = field(default=None, repr=False, compare=False)
    progress: Progress | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Everything is in order; targets and overlays may come one by one."""
        object.__setattr__(self, "targets", tuple(self.targets))
        object.__setattr__(self, "overlays", tuple(map(Path, self.overlays)))
        numbers = {"--months": self.months, "--draws": self.draws, "--seed": self.seed, "--jobs": self.jobs}
        problems = [*out_of_bounds(numbers), *_wrong_start(self.start)]
        for text in self.targets:
            try:
                read_target(text)
            except InputError as error:
                problems += error.problems
        if self.coarse and self.focus:
            fact = "charges are made day by day, and a coarse forecast has none"
            problems.append(Problem(Place("--focus"), fact, "leave --coarse out, or --focus"))
        problems += _missing(parquet=self.parquet, xlsx=self.xlsx, report=self.report)
        if problems:
            raise InputError(problems)
        self.imprint.check()

    @property
    def path(self) -> Path:
        """The portfolio's file."""
        return Path(self.portfolio)

    @property
    def plans_folder(self) -> Path | None:
        """The folder of plan files that go before the shipped ones."""
        return Path(self.plans) if self.plans else None

    @property
    def what_ifs(self) -> tuple[Path, ...]:
        """The overlays, in order."""
        return tuple(map(Path, self.overlays))

    @cached_property
    def aimed_at(self) -> tuple[Target, ...]:
        """The targets."""
        return tuple(map(read_target, self.targets))

    def given(self, seed: int, draws: int) -> dict[str, object]:
        """The same as a manifest has it: what changes the numbers, as it came to be; backends and jobs change none."""
        found: dict[str, object] = {
            "start": self.start,
            "months": self.months,
            "draws": draws,
            "seed": seed,
            "scenario": self.scenario,
            "target": [target_text(target) for target in self.aimed_at],
            **self.imprint.options,
        }
        return {name: value for name, value in found.items() if value not in (None, [])}

    @property
    def switches(self) -> tuple[str, ...]:
        """The options without a value that were given."""
        names = ("coarse", "focus", "parquet", "report", "tornado", "xlsx")
        given = {f"--{name}": getattr(self, name) for name in names}
        return tuple(name for name, on in given.items() if on)


def target_text(target: Target) -> str:
    """``paid=80000.00/year``: a target as the command line has it."""
    return f"{target.measure}={cents_text(target.cents)}{YEARLY if target.yearly else ''}"


def read_target(text: str) -> Target:
    """``paid=80000`` or ``paid=80000/year``; InputError, naming the option, for what is neither."""
    measure, parted, amount = text.partition("=")
    yearly = amount.endswith(YEARLY)
    amount = amount.removesuffix(YEARLY)
    if not parted or measure not in TITLES:
        fact = f"'{text}' names no measure"
        raise InputError.at("--target", fact, did_you_mean(measure, TITLES))
    cents = cents_of(amount)
    if cents is None:
        raise InputError.at("--target", *no_amount(amount, f"{measure}=80000 or {measure}=80000{YEARLY}"))
    if yearly and measure in RUN_RATES:
        fact = f"{measure} is known at the end of the horizon alone"
        raise InputError.at("--target", fact, f"leave {YEARLY} out")
    return Target(measure, cents, yearly)


def _wrong_start(start: date | None) -> Iterator[Problem]:
    if start is not None and start.day != 1:
        fact = f"{start} is not the first day of a month"
        yield Problem(Place("--start"), fact, f"forecast whole months, from {start.replace(day=1)} on")


def _missing(*, parquet: bool, xlsx: bool, report: bool) -> Iterator[Problem]:
    """The packages that are needed and not installed."""
    from planshift.reports.page.html import check_report
    from planshift.reports.workbook.book import check_excel

    if parquet and find_spec("pyarrow") is None:
        fact = "Parquet needs the package pyarrow, which is not installed"
        yield Problem(Place("--parquet"), fact, "pip install 'planshift[parquet]', or leave --parquet out")
    for wanted, check in ((xlsx, check_excel), (report, check_report)):
        if wanted:
            try:
                check()
            except InputError as error:
                yield from error.problems
