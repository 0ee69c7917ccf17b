"""The options of commands on a scenario: files, what-ifs, random draws; each command has one frozen type of them.

From that type the command line (`planshift.cli.options`), the functions of `import planshift` (`taking`) and the
manifest are made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, update_wrapper
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar

from planshift.plans.bounds import MOST_AIMED_AT, MOST_DRAWS, MOST_MONTHS, MOST_PROCESSES, MOST_SEED
from planshift.plans.scalars import either_reading, may_mark_thousands
from planshift.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from planshift.billing.scenario import Scenario

DETAIL = 10
"""So many draws are in detail where nothing else is asked for."""

_BOUNDS = {
    "--months": (1, MOST_MONTHS, "forecast one month or more, such as 24"),
    "--draws": (1, MOST_DRAWS, "ask for one draw or more, such as 1000"),
    "--seed": (0, MOST_SEED, "give a whole number from 0 on"),
    "--detail": (0, MOST_DRAWS, "give how many draws to write in detail, from 0 on"),
    "--jobs": (1, MOST_PROCESSES, "give how many processes to use, from 1 on"),
}

Progress: TypeAlias = Callable[[int, int], None]
"""Called now and then with how many draws are done, and how many there are."""

Dollars: TypeAlias = Decimal | int | str
"""An amount in US dollars as people give it."""


@dataclass(frozen=True)
class DrawOptions:
    """What is asked of draws; ``draws`` and ``seed`` None: as the scenario says. ``budget`` in cents."""

    draws: int | None = None
    seed: int | None = None
    detail: int = DETAIL
    budget: int | None = None
    jobs: int | None = None
    progress: Progress | None = None

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario with the draws and the seed asked for; InputError where it cannot have them."""
        if self.draws is not None or self.seed is not None:
            scenario = scenario.with_draws(self.draws, self.seed)
        if scenario.seed is None and self.budget is not None:
            fact = "measured usage has no chances to hold against a budget"
            raise InputError.at("--budget", fact, "leave it out, or simulate usage: a scenario with personas")
        return scenario

    def progress_of(self, scenario: Scenario) -> Callable[[int], None] | None:
        """What to call with how many draws were done since it was last called."""
        progress, total = self.progress, 0
        if progress is None:
            return None

        def done(draws: int) -> None:
            nonlocal total
            total += draws
            progress(total, scenario.draws)

        return done

    def options(self, scenario: Scenario) -> dict[str, object]:
        """The same as a manifest has it: draws and seed as they came to be, detail and budget where they count."""
        if scenario.seed is None:
            return {}
        from planshift.billing.money import cents_text

        budget = None if self.budget is None else cents_text(self.budget)
        return {"draws": scenario.draws, "seed": scenario.seed, "detail": self.detail, "budget": budget}


@dataclass(frozen=True)
class ScenarioOptions:
    """What a command on a scenario's file is asked; InputError with everything that cannot be.

    ``plans`` is a folder of plan files that go before the shipped ones, ``overlays`` are what-ifs, laid on in order.
    ``draws`` and ``seed`` go before those of a scenario whose usage is drawn at random; the first ``detail`` of its
    draws are listed, all are held against ``budget`` (US dollars) and made by so many processes (``jobs``).
    """

    scenario: Path | str
    _: KW_ONLY
    plans: Path | str | None = None
    overlays: Iterable[Path | str] = ()
    draws: int | None = None
    seed: int | None = None
    detail: int | None = None
    budget: Dollars | None = None
    jobs: int | None = None
    progress: Progress | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Everything about draws is in order; overlays may come one by one."""
        object.__setattr__(self, "overlays", tuple(map(Path, self.overlays)))
        draw_options(self.draws, self.seed, self.detail, self.budget, self.jobs, self.progress)

    @property
    def path(self) -> Path:
        """The scenario's file."""
        return Path(self.scenario)

    @property
    def plans_folder(self) -> Path | None:
        """The folder of plan files that go before the shipped ones."""
        return Path(self.plans) if self.plans else None

    @property
    def overlay_files(self) -> tuple[Path, ...]:
        """The overlays, in order."""
        return tuple(map(Path, self.overlays))

    @cached_property
    def drawn(self) -> DrawOptions:
        """What is asked of draws."""
        return draw_options(self.draws, self.seed, self.detail, self.budget, self.jobs, self.progress)

    def read(self) -> Scenario:
        """The scenario, with the draws and the seed asked for; InputError with every mistake in its files."""
        from planshift.billing.scenario import read_scenario
        from planshift.plans.catalogue import load_catalogue

        return self.drawn.of(read_scenario(self.path, load_catalogue(self.plans_folder, self.overlay_files)))

    def given(self, scenario: Scenario) -> dict[str, object]:
        """The command's own options as a manifest has them, in the order in which they are typed."""
        return self.drawn.options(scenario)


@dataclass(frozen=True)
class SimulateOptions(ScenarioOptions):
    """What `planshift simulate` is asked; the run ends with the day ``as_of``, whose state is shown."""

    _: KW_ONLY
    as_of: date | None = None

    def given(self, scenario: Scenario) -> dict[str, object]:
        """Also the day after which the run stops."""
        return {**({"as_of": self.as_of} if self.as_of else {}), **super().given(scenario)}


@dataclass(frozen=True)
class RenewOptions(ScenarioOptions):
    """What `planshift renew` is asked: ``what_ifs`` are each set beside the renewal by itself, early moves are offered
    from the day ``as_of`` on, by default the day after the last usage; ``page``: it is for a page."""

    _: KW_ONLY
    what_ifs: Iterable[Path | str] = ()
    as_of: date | None = None
    page: bool = False

    def __post_init__(self) -> None:
        """What-ifs may come one by one."""
        super().__post_init__()
        object.__setattr__(self, "what_ifs", tuple(map(Path, self.what_ifs)))

    @property
    def beside(self) -> tuple[Path, ...]:
        """The what-ifs that are set beside the renewal, in order."""
        return tuple(map(Path, self.what_ifs))

    def given(self, scenario: Scenario) -> dict[str, object]:
        """Also the day from which early moves are offered, and the what-ifs that are set beside."""
        day: dict[str, object] = {"as_of": self.as_of} if self.as_of else {}
        return {**day, **super().given(scenario), **({"what_if": list(self.beside)} if self.beside else {})}


@dataclass(frozen=True)
class CompareOptions(ScenarioOptions):
    """What `planshift compare` is asked; the plans of these ids are held against the first of them."""

    plan_ids: Iterable[str]

    def __post_init__(self) -> None:
        """Ids may come one by one."""
        super().__post_init__()
        object.__setattr__(self, "plan_ids", tuple(self.plan_ids))


Given = ParamSpec("Given")
Options = TypeVar("Options")
Found = TypeVar("Found")


def taking(
    options: Callable[Given, Options], name: str
) -> Callable[[Callable[[Options], Found]], Callable[Given, Found]]:
    """A function of a command's options as a function of each of them, under the name by which people call it."""

    def of_each(function: Callable[[Options], Found]) -> Callable[Given, Found]:
        def called(*given: Given.args, **named: Given.kwargs) -> Found:
            return function(options(*given, **named))

        update_wrapper(called, function, assigned=("__module__", "__doc__"))
        called.__name__ = called.__qualname__ = name
        called.__signature__ = signature(options)  # type: ignore[attr-defined]
        return called

    return of_each


def draw_options(
    draws: int | None = None,
    seed: int | None = None,
    detail: int | None = None,
    budget: Dollars | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> DrawOptions:
    """What was asked for, in order; InputError with everything that is not, each named by its option."""
    numbers = {"--draws": draws, "--seed": seed, "--detail": detail, "--jobs": jobs}
    problems = list(out_of_bounds(numbers))
    cents, wrong = _cents(budget)
    if problems or wrong:
        raise InputError([*problems, *wrong])
    return DrawOptions(draws, seed, DETAIL if detail is None else detail, cents, jobs, progress)


def out_of_bounds(numbers: Mapping[str, int | None]) -> Iterator[Problem]:
    """What is wrong with the numbers of some options; None where one is not given."""
    for option, number in numbers.items():
        least, most, remedy = _BOUNDS[option]
        if number is not None and number < least:
            yield Problem(Place(option), f"{number} is less than {least}", remedy)
        if number is not None and number > most:
            yield Problem(Place(option), f"{number} is more than {most}", f"give at most {most}")


def _cents(budget: Dollars | None) -> tuple[int | None, list[Problem]]:
    """An amount in cents, and what is wrong with it."""
    if budget is None:
        return None, []
    cents = cents_of(budget)
    if cents is not None:
        return cents, []
    return None, [Problem(Place("--budget"), *no_amount(budget, "80000 or 80000.00"))]


def cents_of(amount: Dollars) -> int | None:
    """An amount in US dollars as people give it, in cents; None where it is none, or could be one of two."""
    if isinstance(amount, str) and may_mark_thousands(amount):
        return None
    try:
        cents = Decimal(amount).scaleb(2)
    except ArithmeticError:
        return None
    return int(cents) if cents.is_finite() and 0 <= cents <= 100 * MOST_AIMED_AT and cents == int(cents) else None


def no_amount(amount: Dollars, example: str) -> tuple[str, str]:
    """The fact and the remedy for an amount that `cents_of` knows no cents of."""
    text = str(amount)
    if may_mark_thousands(text):
        fact, remedy = either_reading(text)
        return f"'{text}' {fact}", remedy
    with contextlib.suppress(ArithmeticError):
        if MOST_AIMED_AT < Decimal(amount) < Decimal("Infinity"):
            return f"'{text}' is more than {MOST_AIMED_AT:,} dollars", "write a smaller amount"
    return f"'{text}' is not an amount in US dollars", f"write it without signs or commas, as in {example}"
