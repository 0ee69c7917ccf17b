"""``planshift usage draw``: one draw of a scenario's personas as a usage file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, present, sentence, table, working
from planshift.cli.options import Json, Overlays, Plans, Quiet, Seed

if TYPE_CHECKING:
    from planshift.billing.drawn_usage import DrawnUsage

Drawn = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario whose usage names personas.")]
Target = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="The usage file to write, .csv or .parquet (default: none)."),
]
Draw = Annotated[int, typer.Option("--draw", metavar="K", help="The number of the simulated year, from 0.")]


def draw_command(
    scenario: Drawn,
    out: Target = None,
    draw: Draw = 0,
    seed: Seed = None,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write one draw of a scenario's personas as a usage file.

    A scenario with that file as its usage, and the same contract and members, has the bills of that draw to the
    nano-dollar. Prints what was drawn, by surface and model.
    """
    with working("Drawing", quiet=quiet):
        from planshift.billing.drawn_usage import draw_usage
        from planshift.usage.files import check_usage_target, write_usage

        if out:
            check_usage_target(out)
        found = draw_usage(scenario, draw=draw, seed=seed, plans=plans, overlays=overlay or ())
        if out:
            write_usage(found.rows, out)
    answer = _answer(found, out)

    def facts() -> dict[str, object]:
        return {"answer": answer, **_facts(found), "notes": _notes(found), "out": str(out) if out else None}

    def details() -> None:
        _rows(found)
        bullets("Notes", _notes(found))
        if out:
            sentence("")
            sentence(f"Written to {out}")

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _answer(found: DrawnUsage, out: Path | None) -> str:
    from planshift.reports.words import counted

    rows = f"{counted(len(found.rows), 'row')} of usage by {counted(found.members, 'member')}"
    days = f" from {found.rows['date'].min()} to {found.rows['date'].max()}" if len(found.rows) else ""
    said = f"{rows}{days}, drawn at random (draw {found.draw}, seed {found.scenario.seed})"
    nothing = "" if out else "; no file was asked for (--out), so none is written"
    return f"{found.scenario.title}: {said}, {found.cost:,.2f} USD at list rates{nothing}."


def _facts(found: DrawnUsage) -> dict[str, object]:
    return {
        "title": found.scenario.title,
        "draw": found.draw,
        "seed": found.scenario.seed,
        "rows_written": len(found.rows),
        "members": found.members,
        "list_cost": f"{found.cost:f}",
        "tokens": [
            {"surface": surface, "model": model, "rows": rows, "tokens": tokens}
            for surface, model, rows, tokens in _sums(found)
        ],
    }


def _sums(found: DrawnUsage) -> list[tuple[str, str, int, int]]:
    """Surface, model, rows and tokens, in order of name."""
    from planshift.usage.cells import TOKEN_COLUMNS

    tokens = found.rows[[*TOKEN_COLUMNS]].sum(axis=1)
    groups = tokens.groupby([found.rows["surface"], found.rows["model"]]).agg(["size", "sum"])
    return [(*names, int(size), int(total)) for names, size, total in groups.itertuples()]


def _rows(found: DrawnUsage) -> None:
    rows = [[surface, model, f"{size:,}", f"{tokens:,}"] for surface, model, size, tokens in _sums(found)]
    table("Drawn", ["surface", "model", "rows", "tokens"], rows, numbers=["rows", "tokens"])


def _notes(found: DrawnUsage) -> list[str]:
    notes = ["Usage is simulated, not measured; other draws come to other amounts."]
    if found.metered:
        notes.append(f"From {found.metered} on nothing is included any more, and usage answers as `behaviour` says.")
    return notes
