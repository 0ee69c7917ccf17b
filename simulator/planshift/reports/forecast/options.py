"""What is asked of a forecast: how many draws from which seed, which scenario and months, where, and which targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec

from planshift.billing.money import cents_text
from planshift.problems import InputError, Place, Problem, did_you_mean
from planshift.reports.forecast.cube import RUN_RATES, TITLES, Target
from planshift.reports.options import cents_of, no_amount, out_of_bounds
from planshift.reports.page.imprint import NO_IMPRINT, Imprint

YEARLY = "/year"
"""Behind an amount: it is meant for each twelve months."""


@dataclass(frozen=True)
class ForecastOptions:
    """What was asked for; None: as the portfolio says. ``scenario`` None: all of them."""

    start: date | None = None
    months: int | None = None
    draws: int | None = None
    seed: int | None = None
    scenario: str | None = None
    targets: tuple[Target, ...] = ()
    coarse: bool = False
    backend: str | None = None
    jobs: int | None = None
    parquet: bool = False
    xlsx: bool = False
    tornado: bool = False
    report: bool = False
    focus: bool = False
    imprint: Imprint = Imprint()

    def options(self, seed: int, draws: int) -> dict[str, object]:
        """The same as a manifest has it: what changes the numbers, as it came to be; backends and jobs change none."""
        found: dict[str, object] = {
            "start": self.start,
            "months": self.months,
            "draws": draws,
            "seed": seed,
            "scenario": self.scenario,
            "target": [target_text(target) for target in self.targets],
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


def asked(
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
) -> ForecastOptions:
    """What was asked for, in order; InputError with everything that is not, each named by its option."""
    numbers = {"--months": months, "--draws": draws, "--seed": seed, "--jobs": jobs}
    problems = [*out_of_bounds(numbers), *_wrong_start(start)]
    wanted: list[Target] = []
    for text in targets:
        try:
            wanted.append(read_target(text))
        except InputError as error:
            problems += error.problems
    if coarse and focus:
        fact = "charges are made day by day, and a coarse forecast has none"
        problems.append(Problem(Place("--focus"), fact, "leave --coarse out, or --focus"))
    problems += _missing(parquet=parquet, xlsx=xlsx, report=report)
    if problems:
        raise InputError(problems)
    imprint.check()
    switches = (parquet, xlsx, tornado, report, focus)
    return ForecastOptions(
        start, months, draws, seed, scenario, tuple(wanted), coarse, backend, jobs, *switches, imprint
    )


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
