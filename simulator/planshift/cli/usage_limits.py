"""``planshift usage limits``: the spend-limits export as the limits of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, present, sentence, working
from planshift.cli.options import Json, Plans, Quiet

if TYPE_CHECKING:
    from planshift.usage.limits_export import SpendLimits

Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="Pages of the effective spend limits, as JSON.")]
Target = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="The YAML file to write (default: print it).")
]


def limits_command(
    files: Files, out: Target = None, plans: Plans = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Turn the spend-limits export into the `spend_limits` of a scenario's contract.

    Prints them as YAML, to be put under `contract`, and what of the export a scenario cannot say.
    """
    with working("Reading", quiet=quiet):
        from planshift.plans.catalogue import load_catalogue
        from planshift.usage.files import check_limits_target, write_limits
        from planshift.usage.limits_export import read_limits

        if out:
            check_limits_target(out)
        catalogue = load_catalogue(plans)
        seats = {seat for plan in catalogue.plans.values() for seat in plan.seat_types}
        limits = read_limits(files, seats)
        if out:
            write_limits(limits.yaml(), out)
    answer = _answer(limits)

    def facts() -> dict[str, object]:
        return {
            "answer": answer,
            "rows_read": limits.rows_read,
            "spend_limits": limits.settings,
            "assumptions": list(limits.assumptions),
            "warnings": list(limits.warnings),
            "out": str(out) if out else None,
        }

    def details() -> None:
        sentence("")
        for line in limits.yaml().splitlines():
            sentence(line)
        bullets("Assumed", limits.assumptions)
        bullets("Warnings", limits.warnings)
        if out:
            sentence("")
            sentence(f"Written to {out}")

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _answer(limits: SpendLimits) -> str:
    from planshift.reports.words import counted, listed

    levels = [
        *(["the organization"] if limits.organization else []),
        *(["each member"] if limits.each_member else []),
        *([counted(len(limits.seat_types), "seat type")] if limits.seat_types else []),
        *([counted(len(limits.members), "member")] if limits.members else []),
    ]
    return f"Monthly spend limits of {listed(levels)}, from {counted(limits.rows_read, 'row')} of the export."
