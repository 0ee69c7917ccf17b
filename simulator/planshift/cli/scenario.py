"""``planshift scenario``: what a scenario's usage will be like, and which scenarios and personas are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import ROWS_SHOWN, heading, present, sentence, table, where, working
from planshift.cli.options import Json, Out, Overlays, Plans, Quiet, Seed

if TYPE_CHECKING:
    from planshift.reports.scenario.shown import ScenarioShown

app = typer.Typer(
    help="Scenarios: what their usage will be like, and which ones are shipped.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="Write only the chart, to this .png file.")
]
DrawsSeen = Annotated[
    int | None,
    typer.Option("--draws", metavar="N", help="Number of simulated years to look at (default: 20)."),
]


@app.callback()
def scenario_group() -> None:
    """Scenarios: what their usage will be like, and which ones are shipped."""


@app.command("show", short_help="Show what a scenario's usage will be like.")
def show_command(
    scenario: ScenarioFile,
    out: Out = None,
    chart: ChartFile = None,
    draws: DrawsSeen = None,
    seed: Seed = None,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a scenario's usage will be like, before any plan bills it.

    Prints one sentence with the answer, what each persona comes to in some draws, the months, and what is drawn in
    plain words, each with its source or marked as assumed; of a usage file what it holds. With --out it writes
    days.csv, months.csv, members.csv, usage.png and manifest.json into a folder, all of them or none.
    """
    from planshift.reports.folder import check_picture_target, check_target
    from planshift.reports.scenario.shown import show_scenario

    if out:
        check_target(out)
    if chart:
        check_picture_target(chart)
    with working("Drawing", quiet=quiet) as progress:
        found = show_scenario(scenario, plans=plans, overlays=overlay or (), draws=draws, seed=seed, progress=progress)
        if out:
            found.write(out)
        if chart:
            found.write_chart(chart)

    def details() -> None:
        _personas(found)
        _months(found)
        _statements(found)
        where(found.file_names, out)
        if chart:
            sentence("")
            sentence(f"Written: {chart}")

    def facts() -> dict[str, object]:
        places = {"out": str(out) if out else None, "chart": str(chart) if chart else None}
        return {**found.facts(), **places, "files": list(found.file_names) if out else []}

    present(found.answer, facts, details, as_json=as_json, quiet=quiet)


@app.command("list", short_help="List the shipped scenarios and personas.")
def list_command(as_json: Json = False, quiet: Quiet = False) -> None:
    """List the scenarios that planshift ships, and the personas that scenarios can name."""
    from dataclasses import asdict

    from planshift.reports.scenario.shipped import personas, shipped_scenarios
    from planshift.reports.words import counted

    scenarios, kinds = shipped_scenarios(), personas()
    answer = f"{counted(len(scenarios), 'scenario')} and {counted(len(kinds), 'persona')} are shipped."

    def details() -> None:
        rows = [[one.file, one.title, one.plan, str(one.months), one.usage] for one in scenarios]
        table("Scenarios", ["file", "title", "plan", "months", "usage"], rows, numbers=["months"])
        people = [
            [
                one.name,
                one.title,
                f"{one.level} {one.unit}{' (assumed)' if one.assumed else ''}",
                one.active_weekdays,
                ", ".join(one.surfaces),
            ]
            for one in kinds
        ]
        table("Personas", ["name", "title", "on an active day", "of weekdays", "surfaces"], people)

    def facts() -> dict[str, object]:
        return {
            "answer": answer,
            "scenarios": [asdict(one) for one in scenarios],
            "personas": [asdict(one) for one in kinds],
        }

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _personas(found: ScenarioShown) -> None:
    from planshift.reports.scenario.personas import percent
    from planshift.reports.words import usd

    if not found.personas:
        return
    rows = [
        [
            row.name,
            f"{row.members:,}",
            row.seat_type,
            usd(row.per_active_day),
            str(row.active_days),
            usd(row.per_month),
            percent(row.share),
            percent(row.cache_read),
        ]
        for row in found.personas
    ]
    numbers = ["members", "USD an active day", "active days a month", "USD a month each", "of it all", "cache reads"]
    names = ["persona", numbers[0], "seat", *numbers[1:]]
    table("Personas in these draws, US dollars at list price", names, rows, numbers=numbers)


def _months(found: ScenarioShown) -> None:
    from planshift.billing.schedule import month_text
    from planshift.reports.words import usd

    if not found.charts:
        return
    values = found.values["months"][1]
    spread = ["p10", "p50", "p90"] if found.sample.draws > 1 else ["p50"]
    names = ["P10", "P50", "P90"] if found.sample.draws > 1 else ["USD"]
    rows = [
        [month_text(month), *(usd(values[name][place]) for name in spread)]
        for place, month in enumerate(values["month"])
    ]
    shown = rows[:ROWS_SHOWN]
    table("Months, US dollars at list price", ["month", *names], shown, numbers=names)
    if len(rows) > len(shown):
        sentence(f"… and {len(rows) - len(shown)} more; --json and --out have them all")


def _statements(found: ScenarioShown) -> None:
    topic = ""
    for statement in found.statements:
        if statement.topic != topic:
            topic = statement.topic
            heading(topic)
        sentence(statement.cited, indent=2)
