"""``planshift renew``: what a renewal changes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planshift.cli.console import ROWS_SHOWN, bullets, facts, present, sentence, table, where, working
from planshift.cli.drawn import renewed_draws
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
    WhatIfs,
    read_day,
)
from planshift.cli.page import (
    ENGLISH,
    Customer,
    Language,
    MadeOn,
    PreparedBy,
    ReportFor,
    ValidUntil,
    asked_page,
    imprint,
)

if TYPE_CHECKING:
    from planshift.reports.draws.renewed import RenewedDraws
    from planshift.reports.page.report import Asked, Report
    from planshift.reports.renewal.renewed import Renewed
    from planshift.reports.table import Table, Values

_MONTHS = {
    "old_cost": "old cost",
    "new_seats": "new seats",
    "new_usage": "new usage",
    "new_cost": "new cost",
    "change": "change",
    "year_before": "before",
}
"""The columns of months.csv that a terminal has room for, as the table heads them."""

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Offer early moves from this day on (default: the day after the last usage)."
    ),
]
ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML.")]


def renew(
    scenario: ScenarioFile,
    out: Out = None,
    plans: Plans = None,
    overlay: Overlays = None,
    what_if: WhatIfs = None,
    as_of: AsOf = None,
    report: ReportFor = None,
    language: Language = ENGLISH,
    customer: Customer = "",
    date: MadeOn = None,
    prepared_by: PreparedBy = "",
    valid_until: ValidUntil = None,
    draws: Draws = None,
    seed: Seed = None,
    detail: Detail = None,
    budget: Budget = None,
    jobs: Jobs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a renewal changes: the months after it on the new plan, beside the same months on the old one.

    The old plan cannot be renewed, so that its side is a counterfactual. Prints one sentence with the answer, the
    bridge from one cost to the other, the months, who gains or loses, break-even, what we recommend, when to move,
    and what other terms would change. With --out it writes years.csv, bridge.csv, months.csv, members.csv, teams.csv,
    winners.csv, invoices.csv, counterfactual_invoices.csv, stops.csv, the answers (range.csv, break_even.csv,
    usage_of_members.csv, who.csv, can_do.csv, limits.csv, recommendations.csv, early.csv, early_cash.csv, what_if.csv,
    tornado.csv), charts (bridge.png, months.png, break_even.png, early.png, tornado.png) and manifest.json into a
    folder, all of them or none.

    With --report the folder also holds a page for people, renewal.html, the same as renewal.pdf, and its charts: for a
    customer with nothing on it that is not theirs to see, or for colleagues with everything. It needs the extra
    `report`. Of usage that is drawn, it rests on 200 draws where neither the scenario nor --draws says how many.

    With many draws it says the median cost, how far the years lie apart and in how many it is more, and all answers
    rest on the draws. In place of years.csv, bridge.csv, teams.csv and winners.csv there are then summary.csv,
    chances.csv, steps.csv, draws.csv and change.png; months.csv and draws.csv have every draw, invoices.csv,
    counterfactual_invoices.csv and stops.csv the first ones (--detail).
    """
    drawn = DrawOptions(draws=draws, seed=seed, detail=detail, budget=budget, jobs=jobs)
    asked = asked_page(report, language, customer, imprint(date, prepared_by, valid_until), out)
    _check(out)
    files = {"plans": plans, "overlays": overlay or (), "what_ifs": what_if or ()}
    given = {**files, "as_of": read_day("--as-of", as_of)}
    found, values, page = _renewed(scenario, {**given, **drawn}, asked, out, quiet=quiet)
    details = partial(_details, found, values, page, out)
    present(found.answer, lambda: facts(page or found, out), details, as_json=as_json, quiet=quiet)


def _renewed(
    scenario: Path, options: Mapping[str, Any], asked: Asked | None, out: Path | None, *, quiet: bool
) -> tuple[Renewed | RenewedDraws, Mapping[str, tuple[Table, Values]], Report | None]:
    """The renewal, its tables, and the page that is asked for, written where there is a folder."""
    from planshift.reports.renewal.renewed import renew as run
    from planshift.usage.session import session

    with working("Renewing", quiet=quiet) as progress, session():
        found = run(scenario, progress=progress, page=asked is not None, **options)
        # What the answers need is billed here, while the bar moves.
        return found, found.values, _written(found, asked, out)


def _check(out: Path | None) -> None:
    """Nothing where the folder can be written; OutputError where it cannot, before anything is calculated."""
    from planshift.reports.folder import check_target

    if out:
        check_target(out)


def _written(found: Renewed | RenewedDraws, asked: Asked | None, out: Path | None) -> Report | None:
    """The page that is asked for, and the folder with everything, where there is one."""
    page = asked.of(found) if asked else None
    if out:
        (page or found).write(out)
    return page


def _details(
    found: Renewed | RenewedDraws,
    values: Mapping[str, tuple[Table, Values]],
    page: Report | None,
    out: Path | None,
) -> None:
    """Print the tables, where the files are, and why one of them is missing."""
    from planshift.reports.renewal.renewed import Renewed

    if isinstance(found, Renewed):
        tables(found, values)
    else:
        renewed_draws(found, values)
    where((page or found).file_names, out)


def tables(found: Renewed, values: Mapping[str, tuple[Table, Values]]) -> None:
    """Print the bridge, the months, who gains and loses, what to choose, what if, and the notes."""
    from planshift.cli.renew_answers import answers

    _bridge(found)
    _months(found)
    _winners(found)
    _teams(found)
    answers(values)
    bullets("Notes", found.notes)
    bullets("Assumed, as it is published nowhere", [value.said for value in found.assumed])


def _bridge(found: Renewed) -> None:
    from planshift.reports.words import usd

    values = found.values["bridge"][1]
    amounts = list(zip(values["title"], values["amount"], strict=True))
    (first, *steps, last) = amounts
    rows = [
        [first[0], usd(first[1])],
        *([title, f"{'+' if cents > 0 else ''}{usd(cents)}"] for title, cents in steps),
        [last[0], usd(last[1])],
    ]
    table("From the old cost to the new, US dollars", ["step", "USD"], rows, numbers=["USD"], total=True)


def _months(found: Renewed) -> None:
    from planshift.billing.schedule import month_text
    from planshift.reports.words import usd

    values = found.values["months"][1]
    shown = [name for name in _MONTHS if any(cell is not None for cell in values[name])]
    rows = [
        [month_text(month), *("" if values[name][row] is None else usd(values[name][row]) for name in shown)]
        for row, month in enumerate(values["month"])
    ]
    rows.append(["total", *(usd(sum(cell or 0 for cell in values[name])) for name in shown)])
    headings = [_MONTHS[name] for name in shown]
    title = "Months, US dollars; old: today's terms (counterfactual)"
    title += "; before: a year earlier" if "year_before" in shown else ""
    table(title, ["month", *headings], rows, numbers=headings, total=True)


def _winners(found: Renewed) -> None:
    from planshift.reports.changes import GROUP_TITLES
    from planshift.reports.words import usd

    values = found.values["winners"][1]
    if not any(values["members"]):
        return
    rows = [
        [
            GROUP_TITLES[group],
            str(values["members"][row]),
            *(usd(values[name][row]) for name in ("old_cost", "new_cost", "change")),
            "" if values["mean_change"][row] is None else usd(values["mean_change"][row]),
        ]
        for row, group in enumerate(values["group"])
    ]
    names = ["members", "old cost", "new cost", "change", "change each"]
    table("Members, seat and usage, US dollars; old: counterfactual", ["they", *names], rows, numbers=names)


def _teams(found: Renewed) -> None:
    from planshift.reports.words import usd

    if "teams" not in found.values:
        return
    values = found.values["teams"][1]
    rows = [
        [
            team or "(no team)",
            str(values["members"][row]),
            *(usd(values[name][row]) for name in ("old_cost", "new_cost", "change")),
            *(str(values[name][row]) for name in ("cheaper", "dearer")),
        ]
        for row, team in enumerate(values["team"])
    ]
    names = ["members", "old cost", "new cost", "change", "cheaper", "dearer"]
    table("Teams, US dollars; old: counterfactual", ["team", *names], rows[:ROWS_SHOWN], numbers=names)
    if len(rows) > ROWS_SHOWN:
        sentence(f"… and {len(rows) - ROWS_SHOWN} more; --json and --out have them all")
