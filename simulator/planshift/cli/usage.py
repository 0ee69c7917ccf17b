"""``planshift usage``: usage exports as the rows that scenarios use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, present, sentence, table, working
from planshift.cli.fit import fit_command
from planshift.cli.options import Json, Overlays, Plans, Quiet, read_day
from planshift.cli.usage_draw import draw_command
from planshift.cli.usage_limits import limits_command

if TYPE_CHECKING:
    from planshift.usage.formats import ImportSummary, UnknownModel

app = typer.Typer(help="Usage exports as the rows that scenarios use.", no_args_is_help=True, rich_markup_mode=None)

FormatName = Annotated[
    str,
    typer.Argument(metavar="FORMAT", help="A format that `planshift usage formats` lists, such as spend-report."),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="The export's files; transcripts: also folders.")]
Target = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="The usage file to write, .csv or .parquet (default: none)."),
]
Start = Annotated[str | None, typer.Option("--start", metavar="DATE", help="Leave out earlier days.")]
End = Annotated[str | None, typer.Option("--end", metavar="DATE", help="Leave out later days.")]
User = Annotated[
    str | None, typer.Option("--user", metavar="ID", help="The member for rows without a name, and for transcripts.")
]
Surface = Annotated[
    str | None,
    typer.Option(
        "--surface", metavar="NAME", help="The surface for usage without a product, or with one that no surface covers."
    ),
]
Skip = Annotated[
    bool,
    typer.Option("--skip-unknown-models", help="Skip rows of models that are not in the rate card, and count them."),
]
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", metavar="MARK", help="The decimal mark if the numbers leave it open: comma or point."),
]
Persona = Annotated[
    str | None,
    typer.Option(
        "--persona",
        metavar="NAME",
        help="The persona whose models and tokens to assume where an export has only costs, such as engineer.",
    ),
]
Members = Annotated[
    Path | None,
    typer.Option(
        "--members", metavar="FILE", help="Also write the members, as a CSV file for `members` of a scenario."
    ),
]
SeatType = Annotated[
    str,
    typer.Option(
        "--seat-type",
        metavar="NAME",
        help="The seat type of all members in --members (default: left empty, to fill in).",
    ),
]
Rates = Annotated[str | None, typer.Option("--rates", metavar="ID", help="The rate card, if there are several.")]


@app.callback()
def usage() -> None:
    """Usage exports as the rows that scenarios use."""


app.command("fit", short_help="Turn a usage file into a scenario that generates usage like it.")(fit_command)
app.command("draw", short_help="Write one draw of a scenario's personas as a usage file.")(draw_command)


app.command("limits", short_help="Turn the spend-limits export into the limits of a scenario.")(limits_command)


@app.command("formats", short_help="List the formats of usage exports that can be imported.")
def formats_command(as_json: Json = False, quiet: Quiet = False) -> None:
    """List the formats of usage exports that can be imported: planshift's, and those of installed packages."""
    from planshift.problems import InputError
    from planshift.reports.words import counted
    from planshift.usage.formats import all_formats

    found = list(all_formats())
    faults = [str(each) for each in found if isinstance(each, InputError)]
    rows = [[each.name, each.title, each.package] for each in found if not isinstance(each, InputError)]
    answer = f"{counted(len(rows), 'format')} of usage exports can be imported."

    def facts() -> dict[str, object]:
        names = ("name", "title", "package")
        return {"answer": answer, "formats": [dict(zip(names, row, strict=True)) for row in rows], "warnings": faults}

    def details() -> None:
        table("Formats", ["name", "what it is", "package"], rows)
        bullets("Warnings", faults)

    present(answer, facts, details, as_json=as_json, quiet=quiet)


@app.command("import", short_help="Turn usage exports into a usage file.")
def import_command(
    format_name: FormatName,
    files: Files,
    out: Target = None,
    members: Members = None,
    seat_type: SeatType = "",
    start: Start = None,
    end: End = None,
    user: User = None,
    surface: Surface = None,
    skip_unknown_models: Skip = False,
    decimal: Decimal = None,
    persona: Persona = None,
    rates: Rates = None,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn usage exports into a usage file, and account for every row.

    Prints what was read and what became of it, and the cost at list rates beside the one that the export reports.
    """
    first, last = read_day("--start", start), read_day("--end", end)
    with working("Importing", quiet=quiet):
        from planshift.usage.files import write_members, write_usage
        from planshift.usage.formats import import_usage

        _check_targets(out, members, seat_type)
        result = import_usage(
            format_name,
            files,
            plans=plans,
            overlays=overlay or (),
            rates=rates,
            start=first,
            end=last,
            user=user,
            surface=surface,
            skip_unknown_models=skip_unknown_models,
            decimal=decimal,
            persona=persona,
        )
        changed = write_usage(result.usage, out) if out else ()
        if members:
            write_members(result.usage.users, members, seat_type)
    warnings = [*result.summary.warnings, *_changed(changed)]
    _present(result.summary, warnings, {"out": out, "members_file": members}, as_json=as_json, quiet=quiet)


def _check_targets(out: Path | None, members: Path | None, seat_type: str) -> None:
    from planshift.problems import InputError
    from planshift.usage.files import check_members_target, check_usage_target

    if seat_type and not members:
        raise InputError.at("--seat-type", "it is of the members in --members", "name that file too, or leave it out")
    if out:
        check_usage_target(out)
    if members:
        check_members_target(members)


def _present(
    summary: ImportSummary, warnings: list[str], written: dict[str, Path | None], *, as_json: bool, quiet: bool
) -> None:
    answer = _answer(summary, written["out"])

    def facts() -> dict[str, object]:
        files = {name: str(path) if path else None for name, path in written.items()}
        return {"answer": answer, **_facts(summary, warnings), **files}

    def details() -> None:
        _details(summary, warnings)
        if any(written.values()):
            sentence("")
            sentence(f"Written to {' and '.join(str(path) for path in written.values() if path)}")

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _changed(ids: tuple[str, ...]) -> list[str]:
    if not ids:
        return []
    names = ", ".join(f"'{name}'" for name in ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    return [
        f"A spreadsheet would take these ids for formulas; in the file an apostrophe stands before them: {names}. "
        "Write them so in the scenario, too."
    ]


def _answer(summary: ImportSummary, out: Path | None) -> str:
    from planshift.reports.words import counted

    days = f" from {summary.days.first} to {summary.days.last}" if summary.days else ""
    said = f"{counted(summary.rows_written, 'row')} of usage by {counted(summary.members, 'member')}{days}"
    cost = f", {summary.list_cost:,.2f} USD at list rates"
    return f"{said[:1].upper()}{said[1:]}{cost}{'' if out else '; no file was asked for (--out), so none is written'}."


def _facts(summary: ImportSummary, warnings: list[str]) -> dict[str, object]:
    def amount(value: object) -> str | None:
        return None if value is None else f"{value:f}"

    days = summary.days
    return {
        "format": summary.format,
        "rows_read": summary.rows_read,
        "rows_kept": summary.rows_kept,
        "rows_written": summary.rows_written,
        "rows_merged": summary.merged,
        "rows_dropped": dict(summary.dropped),
        "unknown_models": {
            name: {
                "rows": model.count,
                "nearest": list(model.nearest),
                "tokens": model.tokens,
                "reported_cost": amount(model.reported),
            }
            for name, model in summary.unknown_models.items()
        },
        "days": {"first": str(days.first), "last": str(days.last), "count": days.count} if days else None,
        "members": summary.members,
        "list_cost": amount(summary.list_cost),
        "reported_cost": amount(summary.reported_cost),
        "difference": amount(summary.difference),
        "assumptions": list(summary.assumptions),
        "warnings": warnings,
    }


def _details(summary: ImportSummary, warnings: list[str]) -> None:
    rows = [
        ["read", f"{summary.rows_read:,}"],
        ["kept", f"{summary.rows_kept:,}"],
        ["merged: given again", f"{summary.merged:,}"],
        *([f"left out: {reason}", f"{count:,}"] for reason, count in summary.dropped),
        ["written: one a day, member, surface, model", f"{summary.rows_written:,}"],
    ]
    table("Rows", ["what", "rows"], rows, numbers=["rows"])
    if summary.days:
        between = (summary.days.last - summary.days.first).days + 1
        sentence(f"{summary.days.count:,} of the {between:,} days from the first to the last have usage.")
    costs = {
        "at list rates": summary.list_cost,
        "as reported": summary.reported_cost,
        "list less reported": summary.difference,
    }
    # The z turns what rounds to -0.00 into 0.00.
    shown = [[what, f"{amount:z,.2f}"] for what, amount in costs.items() if amount is not None]
    table("Cost, US dollars", ["what", "USD"], shown, numbers=["USD"])
    bullets("Unknown models", [_unknown(name, model) for name, model in summary.unknown_models.items()])
    bullets("Assumed", summary.assumptions)
    bullets("Warnings", warnings)


def _unknown(name: str, model: UnknownModel) -> str:
    from planshift.reports.words import counted

    near = f"; did you mean {' or '.join(model.nearest)}?" if model.nearest else ""
    return f"{name}: {counted(model.count, 'row')} left out{near}"
