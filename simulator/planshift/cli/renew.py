"""``planshift renew``: what a renewal changes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import ROWS_SHOWN, bullets, chances, facts, listing, present, sentence, table, where, working
from planshift.cli.options import Json, Out, Quiet, Typed, WhatIfs, read_day, takes
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
from planshift.reports.options import RenewOptions

if TYPE_CHECKING:
    from planshift.reports.page.report import Report
    from planshift.reports.renewal.renewal import RenewalResult

_MONTHS = {
    "old_cost": "old cost",
    "new_seats": "new seats",
    "new_usage": "new usage",
    "new_cost": "new cost",
    "change": "change",
    "year_before": "before",
}
"""The columns of months.csv that a terminal has room for, as the table heads them."""

_COSTS = {"old_cost": "old cost", "new_cost": "new cost", "change": "change"}

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Offer early moves from this day on (default: the day after the last usage)."
    ),
]


@takes(
    RenewOptions,
    what_ifs=Typed(WhatIfs, "what_if", lambda given: given or ()),
    as_of=Typed(AsOf, made=partial(read_day, "--as-of")),
)
def renew(
    options: RenewOptions,
    out: Out = None,
    report: ReportFor = None,
    language: Language = ENGLISH,
    customer: Customer = "",
    date: MadeOn = None,
    prepared_by: PreparedBy = "",
    valid_until: ValidUntil = None,
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

    Where usage is simulated at random, in one draw or in many (--draws, or the scenario's own), the folder also holds
    summary.csv, chances.csv, member_chances.csv and draws.csv, and of many draws change.png. It then says the median
    cost, how far the years lie apart and in how many it is more; amounts in tables are means over the draws, months.csv
    and draws.csv have every draw, invoices.csv, counterfactual_invoices.csv and stops.csv the first ones (--detail).
    """
    from planshift.reports.folder import check_target
    from planshift.reports.renewal.renewal import renewal
    from planshift.usage.session import session

    asked = asked_page(report, language, customer, imprint(date, prepared_by, valid_until), out)
    if out:
        check_target(out)
    with working("Renewing", quiet=quiet) as progress, session():
        found = renewal(replace(options, progress=progress, page=asked is not None))
        # What the answers need is billed here, while the bar moves.
        _ = found.values
        page = asked.of(found) if asked else None
        if out:
            (page or found).write(out)
    details = partial(_details, found, page, out)
    present(found.answer, lambda: facts(page or found, out), details, as_json=as_json, quiet=quiet)


def _details(found: RenewalResult, page: Report | None, out: Out) -> None:
    """Print the tables, where the files are, and why one of them is missing."""
    tables(found)
    where((page or found).file_names, out)


def tables(found: RenewalResult) -> None:
    """Print the bridge, the months, what may happen, who gains and loses, what to choose, what if, and the notes."""
    from planshift.cli.renew_answers import answers

    _bridge(found)
    (_months_spread if found.draws > 1 else _months)(found)
    chances(found.risks)
    _winners(found)
    _teams(found)
    answers(found.values)
    bullets("Notes", found.notes)
    bullets("Assumed, as it is published nowhere", [value.said for value in found.assumed])


def _bridge(found: RenewalResult) -> None:
    """The steps from the old cost to the new; of many draws their means, and how far they are spread."""
    from planshift.reports.renewal.tables import bridge_rows
    from planshift.reports.words import usd

    many = found.draws > 1
    first, *steps, last = bridge_rows(found.renewal)

    def spread(cents: int) -> str:
        return f"{'+' if cents > 0 else ''}{usd(cents)}"

    rows = [
        [row.title, text(row.amount), *(map(usd, (row.spread.p10, row.spread.p50, row.spread.p90)) if many else ())]
        for row, text in ((first, usd), *((step, spread) for step in steps), (last, usd))
    ]
    names = ["mean", "P10", "P50", "P90"] if many else ["USD"]
    of = f" in {found.draws:,} simulated years" if many else ""
    title = f"From the old cost to the new{of}, US dollars"
    table(
        f"{title}; means add up, percentiles do not" if many else title,
        ["step", *names],
        rows,
        numbers=names,
        total=True,
    )


def _months(found: RenewalResult) -> None:
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
    title = "Months, US dollars; old: today's terms, for comparison"
    title += "; before: a year earlier" if "year_before" in shown else ""
    table(title, ["month", *headings], rows, numbers=headings, total=True)


def _months_spread(found: RenewalResult) -> None:
    """The cost of the old plan and of the new one by month, and in total: how far they are spread over the draws."""
    from planshift.billing.schedule import month_text
    from planshift.impact.spread import Spread, spread, spreads
    from planshift.reports.words import usd

    def cells(of_plans: tuple[Spread, ...]) -> list[str]:
        return [usd(cents) for one in of_plans for cents in (one.p10, one.p50, one.p90)]

    years = (found.renewal.old, found.renewal.new)
    by_month = zip(*(spreads(year.month_cost) for year in years), strict=True)
    rows = [[month_text(month), *cells(row)] for month, row in zip(years[0].months, by_month, strict=True)]
    rows.append(["total", *cells(tuple(spread(year.cost) for year in years))])
    headings = [f"{name} {percent}" for name in ("old", "new") for percent in ("P10", "P50", "P90")]
    title = (
        f"Months in {found.draws:,} simulated years, seats and usage, US dollars; old: today's terms, for comparison"
    )
    table(title, ["month", *headings], rows, numbers=headings, total=True)


def _winners(found: RenewalResult) -> None:
    from planshift.reports.changes import GROUP_TITLES

    winners = found.values["winners"]
    if any(winners[1]["members"]):
        heads = {"group": "they", "members": "members", **_COSTS, "mean_change": "change each"}
        title = f"Cost per member, US dollars a year: today's terms and new{_averaged(found)}"
        listing(title, winners, heads, {"group": GROUP_TITLES.__getitem__})


def _teams(found: RenewalResult) -> None:
    if "teams" not in found.values:
        return
    declared, values = found.values["teams"]
    heads = {"team": "team", "members": "members", **_COSTS, "cheaper": "cost less", "dearer": "cost more"}
    first = {name: cells[:ROWS_SHOWN] for name, cells in values.items()}
    title = f"Teams, US dollars: today's terms and new{_averaged(found)}"
    listing(title, (declared, first), heads, {"team": lambda team: team or "(no team)"})
    if len(values["team"]) > ROWS_SHOWN:
        sentence(f"… and {len(values['team']) - ROWS_SHOWN} more; --json and --out have them all")


def _averaged(found: RenewalResult) -> str:
    return f"; counted in each of {found.draws:,} simulated years and averaged" if found.draws > 1 else ""
