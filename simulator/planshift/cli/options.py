"""Options that several commands share, each said once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from planshift.plans.bounds import day_problem
from planshift.problems import InputError


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
        "--plans", "--plans-dir", metavar="DIR", help="A folder of plan files, which go before the shipped ones."
    ),
]
PlansDir = Annotated[
    Path | None,
    typer.Option(
        "--plans-dir",
        metavar="DIR",
        help="A folder of plan files, which go before the shipped ones; elsewhere also --plans.",
    ),
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option("--overlay", metavar="FILE", help="Apply this overlay; may be given several times, in order."),
]
WhatIfs = Annotated[
    list[Path] | None,
    typer.Option("--what-if", metavar="FILE", help="A what-if to set beside the renewal; may be given several times."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The folder to write to; without it, nothing is written."),
]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="The day whose values to show; else the day the plan was last checked."),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--draws", metavar="N", help="Number of simulated years (default: the scenario's). Not for usage files."
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="The number to draw from; else the scenario's.")]
Detail = Annotated[
    int | None, typer.Option("--detail", metavar="N", help="Of many draws, write the first N in detail; else 10.")
]
Budget = Annotated[
    str | None,
    typer.Option("--budget", metavar="USD", help="Of many draws, say how many go beyond this, and when first."),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", metavar="N", help="Use so many processes; else as many as are worth it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the same as JSON; amounts are text, exact.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the sentence with the answer.")]
