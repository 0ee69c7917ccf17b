"""``planshift usage fit``: from a usage file to a scenario whose personas generate usage like it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, present, sentence, table, working
from planshift.cli.options import Json, Overlays, Plans, Quiet
from planshift.plans.bounds import MOST_SEATS, MOST_SEED
from planshift.problems import InputError

if TYPE_CHECKING:
    from planshift.reports.fit.fitted import FitResult
    from planshift.usage.fit.fitting import PersonaFit

UsageFile = Annotated[Path, typer.Argument(metavar="FILE", help="The usage file, .csv or .parquet.")]
Target = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="The scenario to write, .yaml (default: none).")
]
ChartFile = Annotated[
    Path | None,
    typer.Option("--chart", metavar="FILE", help="The chart to write, .png (default: next to the scenario)."),
]
ContractFile = Annotated[
    Path | None,
    typer.Option("--contract", metavar="SCENARIO", help="Keep the contract, horizon and seats of this scenario."),
]
PlanId = Annotated[str | None, typer.Option("--plan", metavar="ID", help="The plan, if no --contract is given.")]
Channel = Annotated[
    str | None, typer.Option("--channel", metavar="NAME", help="How the plan is bought: self_serve or sales_assisted.")
]
SeatType = Annotated[
    str | None,
    typer.Option("--seat-type", metavar="TYPE", help="The seat type of every member, if the plan has several."),
]
Seats = Annotated[
    int | None,
    typer.Option(
        "--seats", metavar="N", min=1, max=MOST_SEATS, help="Number of seats bought (default: one per member)."
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=MOST_SEED, help="The random seed of the new scenario.")
]


def fit_command(
    usage: UsageFile,
    out: Target = None,
    contract: ContractFile = None,
    plan: PlanId = None,
    channel: Channel = None,
    seat_type: SeatType = None,
    seats: Seats = None,
    chart: ChartFile = None,
    seed: Seed = 1,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit personas to a usage file, and write a scenario that generates usage like it.

    Prints who was found, the fit's quality as real and generated side by side, and what the file is too small for. With
    --out it writes the scenario and a picture.
    """
    if chart and not out:
        raise InputError.at("--chart", "there is no scenario for the picture to stand beside", "give --out, too")
    with working("Fitting", quiet=quiet):
        from planshift.reports.fit.fitted import check_targets, fit_usage

        picture = chart or (out.with_suffix(".png") if out else None)
        if out and picture:
            check_targets(out, picture)
        found = fit_usage(
            usage,
            contract=contract,
            plan=plan,
            channel=channel,
            seat_type=seat_type,
            seats=seats,
            seed=seed,
            plans=plans,
            overlays=overlay or (),
        )
        if out and picture:
            found.write(out, picture)

    def facts() -> dict[str, object]:
        return {**found.facts(), "out": str(out) if out else None, "chart": str(picture) if picture else None}

    present(found.answer, facts, lambda: _details(found, out, picture), as_json=as_json, quiet=quiet)


def _details(found: FitResult, out: Path | None, chart: Path | None) -> None:
    columns = ["persona", "members", "USD a day", "sigma", "active", "drift", "shape", "like"]
    table("Personas", columns, [_row(person) for person in found.fit.personas], numbers=columns[1:-1])
    names = ["what", "file", "generated", "apart"]
    title = f"The file and {found.quality.draws} draws of the fit"
    table(title, names, found.rows(), numbers=names[1:])
    bullets("Warnings", found.warnings)
    sentence("")
    if out:
        sentence(f"Written to {out}, with a picture in {chart}")
    else:
        sentence("No file was asked for (--out), so none is written.")


def _row(person: PersonaFit) -> list[str]:
    """A persona: members, dollars of an active day, how levels differ, weekdays active, drift and shape of days."""
    persona = person.persona
    share = persona.activity.alpha / (persona.activity.alpha + persona.activity.beta)
    return [
        persona.name,
        f"{len(person.group.members):,}",
        f"{persona.level.amount:,.2f}",
        f"{persona.level.sigma:.2f}",
        f"{share * 100:.0f} %",
        f"{persona.drift.sd:.2f}",
        f"{persona.day.shape:.2f}",
        person.like,
    ]
