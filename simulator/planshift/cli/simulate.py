"""``planshift simulate``: a scenario's bills."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import ROWS_SHOWN, bullets, facts, present, sentence, table, where, working
from planshift.cli.drawn import simulated_draws
from planshift.cli.options import (
    Budget,
    Detail,
    DrawOptions,
    Draws,
    Jobs,
    Json,
    Out,
    Overlays,
    Plans,
    Quiet,
    Seed,
    read_day,
)

if TYPE_CHECKING:
    from planshift.billing.ledger import MonthRow, Stop
    from planshift.reports.simulated import Simulation

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Stop after this day; show month to date, limits and credits."),
]

_MONEY = {
    "seat_fees": "seat fees",
    "seat_additions": "added",
    "credit_purchases": "credits",
    "usage_invoiced": "usage",
    "invoiced": "invoiced",
    "usage_billed": "used",
    "blocked": "stopped",
    "credits_lapsed": "lapsed",
    "credit_balance": "balance",
}
"""The columns of months.csv that are money, as the table heads them; those without any are left out."""
_EXACT = ("usage_billed", "blocked", "credits_lapsed", "credit_balance")


def simulate(
    scenario: ScenarioFile,
    out: Out = None,
    as_of: AsOf = None,
    plans: Plans = None,
    overlay: Overlays = None,
    draws: Draws = None,
    seed: Seed = None,
    detail: Detail = None,
    budget: Budget = None,
    jobs: Jobs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario: what is invoiced, what is used, what is stopped.

    Prints one sentence with the answer, a table of months and one of stops. With --out it writes invoices.csv,
    members.csv, alerts.csv, stops.csv, months.csv and manifest.json into a folder, all of them or none.

    With many draws (--draws, or the scenario's own) it says what the middle draw comes to, how far the draws lie apart
    and what may happen in how many of them. The folder then also holds summary.csv, chances.csv, draws.csv, months.png
    and so_far.png; months.csv and draws.csv have every draw, invoices.csv, members.csv, alerts.csv and stops.csv the
    first ones (--detail).
    """
    from planshift.reports.folder import check_target
    from planshift.reports.simulated import Simulation
    from planshift.reports.simulated import simulate as run

    day = read_day("--as-of", as_of)
    drawn = DrawOptions(draws=draws, seed=seed, detail=detail, budget=budget, jobs=jobs)
    if out:
        check_target(out)
    with working("Simulating", quiet=quiet) as progress:
        found = run(scenario, plans=plans, overlays=overlay or (), as_of=day, progress=progress, **drawn)
        if out:
            found.write(out)

    def details() -> None:
        if isinstance(found, Simulation):
            _months(found) if day is None else _standing(found)
            _stops(found)
            bullets("Warnings", found.warnings)
        else:
            simulated_draws(found)
        where(found.file_names, out)

    present(found.answer, lambda: facts(found, out), details, as_json=as_json, quiet=quiet)


def _months(found: Simulation) -> None:
    from planshift.billing.calendar import month_text
    from planshift.reports.words import usd, usd_of

    plans = list(dict.fromkeys(row.plan for row in found.months))
    sums = {name: sum(int(getattr(row, name)) for row in found.months) for name in _MONEY}
    shown = [name for name in _MONEY if sums[name] or name == "invoiced"]
    texts = {name: usd_of if name in _EXACT else usd for name in shown}

    def cells(row: MonthRow) -> list[str]:
        plan = [row.plan] if len(plans) > 1 else []
        return [month_text(row.month), *plan, *(texts[name](int(getattr(row, name))) for name in shown)]

    # A balance stands at the end of each month: its sum would mean nothing.
    totals = ["" if name == "credit_balance" else texts[name](sums[name]) for name in shown]
    rows = [[*cells(row), str(row.active_members)] for row in found.months]
    rows.append(["total", *([""] if len(plans) > 1 else []), *totals, ""])
    numbers = [*(_MONEY[name] for name in shown), "active"]
    title = f"Months on {plans[0]}, US dollars" if len(plans) == 1 else "Months, US dollars"
    table(title, ["month", *(["plan"] if len(plans) > 1 else []), *numbers], rows, numbers=numbers, total=True)


def _stops(found: Simulation) -> None:
    from planshift.reports.simulated import CAUSES
    from planshift.reports.words import usd_of

    if not found.stops:
        return

    def row(cause: str, stops: list[Stop]) -> list[str]:
        scopes = sorted({stop.scope for stop in stops})
        who = ", ".join(scopes[:3]) + (f" and {len(scopes) - 3} more" if len(scopes) > 3 else "")
        going_on = sum(stop.until is None for stop in stops)
        blocked = usd_of(found.run.ledger.total(CAUSES[cause]))
        return [cause, who, str(len(stops)), min(stop.since for stop in stops).isoformat(), str(going_on), blocked]

    by_cause = groupby(sorted(found.stops, key=lambda stop: stop.cause), key=lambda stop: stop.cause)
    rows = [row(cause, list(stops)) for cause, stops in by_cause]
    numbers = ["times", "not ended", "stopped, USD"]
    table("Stops", ["cause", "who", "times", "first", "not ended", "stopped, USD"], rows, numbers=numbers)


def _standing(found: Simulation) -> None:
    from planshift.reports.run_tables import STANDING, LedgerDraw
    from planshift.reports.words import usd_of

    def amount(value: int | None) -> str:
        return "" if value is None else usd_of(value)

    values = STANDING.values(LedgerDraw(found.run.ledger))
    rows = list(zip(values["scope"], values["month_to_date"], values["limit"], values["left"], strict=True))
    # The organization stays first; then those who spent most, and among those who spent nothing, the order of ids.
    rows = [rows[0], *sorted(rows[1:], key=lambda row: -row[1])]
    shown = [
        [scope, usd_of(spent), "unlimited" if limit is None else amount(limit), amount(left)]
        for scope, spent, limit, left in rows[:ROWS_SHOWN]
    ]
    numbers = ["month to date", "limit", "left"]
    table(f"At the end of {found.as_of}, US dollars", ["who", *numbers], shown, numbers=numbers)
    if len(rows) > ROWS_SHOWN:
        sentence(f"… and {len(rows) - ROWS_SHOWN} more, who spent less; --json and --out have them all")
    if values["credit_balance"][0] is not None:
        sentence(f"Credits left: {usd_of(values['credit_balance'][0])} USD")
