"""Options that several commands share, each said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import partial
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from planshift.plans.bounds import day_problem
from planshift.problems import InputError

if TYPE_CHECKING:
    from planshift.reports.options import ScenarioOptions


class DrawOptions(TypedDict):
    """What commands are asked of random draws, as the library takes it."""

    draws: int | None
    seed: int | None
    detail: int | None
    budget: str | None
    jobs: int | None


def read_day(option: str, text: str | None) -> date | None:
    """A date given on the command line; InputError, naming the option, for what is none."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise InputError.at(option, f"'{text}' is not a date", "write it as 2026-10-31")
    strange = day_problem(day)
    if strange:
        raise InputError.at(option, f"{text} {strange[0]}", strange[1])
    return day


Plans = Annotated[
    Path | None,
    typer.Option(
        "--plans", "--plans-dir", metavar="DIR", help="A folder of your own plan files; they override the shipped ones."
    ),
]
PlansDir = Annotated[
    Path | None,
    typer.Option(
        "--plans-dir",
        metavar="DIR",
        help="A folder of your own plan files; they override the shipped ones (other commands also call it --plans).",
    ),
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option("--overlay", metavar="FILE", help="Apply this overlay; can be repeated, and applies in order."),
]
WhatIfs = Annotated[
    list[Path] | None,
    typer.Option("--what-if", metavar="FILE", help="Compare the renewal with this what-if; can be repeated."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The folder to write to (default: nothing is written)."),
]
On = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DATE", help="Show the values of this day (default: the day the plan was last checked)."
    ),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--draws", metavar="N", help="Number of simulated years (default: the scenario's). Not for usage files."
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="Random seed (default: the scenario's).")]
Detail = Annotated[
    int | None, typer.Option("--detail", metavar="N", help="How many simulated years to write in detail (default: 10).")
]
Budget = Annotated[
    str | None,
    typer.Option("--budget", metavar="USD", help="Show how many simulated years exceed this amount, and when first."),
]
Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", help="Worker processes (default: automatic).")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON; amounts are exact, as text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the answer, in one sentence.")]

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Stop after this day, and show the month to date, limits and credits."
    ),
]


@dataclass(frozen=True)
class Typed:
    """How an option is typed: its annotation, as Typer has it, its parameter's name where that is another one, and what
    is made of the text."""

    annotation: Any
    name: str = ""
    made: Callable[[Any], Any] = lambda given: given


TYPED: Mapping[str, Typed] = {
    "scenario": Typed(ScenarioFile),
    "as_of": Typed(AsOf, made=partial(read_day, "--as-of")),
    "plans": Typed(Plans),
    "overlays": Typed(Overlays, "overlay", lambda given: given or ()),
    "draws": Typed(Draws),
    "seed": Typed(Seed),
    "detail": Typed(Detail),
    "budget": Typed(Budget),
    "jobs": Typed(Jobs),
}
"""How the fields of a command's options are typed, in the order in which help shows them."""


def takes(options: type[ScenarioOptions], **own: Typed) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command of a function whose first parameter are the command's options: each field is an option, typed as TYPED
    or ``own`` says; the function's other parameters are options of their own."""
    required = {field.name: field.default is MISSING for field in fields(options)}
    typed = {name: how for name, how in {**own, **TYPED, **own}.items() if name in required}
    typed = {name: typed[name] for name in sorted(typed, key=lambda name: not required[name] or name != "scenario")}

    def command(function: Callable[..., None]) -> Callable[..., None]:
        def called(**given: Any) -> None:
            asked = {name: how.made(given.pop(how.name or name)) for name, how in typed.items()}
            function(options(**asked), **given)

        rest = [*signature(function, eval_str=True).parameters.values()][1:]
        parameters = [
            Parameter(
                how.name or name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if required[name] else None,
                annotation=how.annotation,
            )
            for name, how in typed.items()
        ]
        parameters += [one.replace(kind=Parameter.KEYWORD_ONLY) for one in rest]
        called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        called.__doc__, called.__name__ = function.__doc__, function.__name__
        return called

    return command
