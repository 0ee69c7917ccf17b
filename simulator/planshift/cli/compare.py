"""``planshift compare``: the same demand through several plans."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, chances, facts, listing, present, table, where, working
from planshift.cli.options import Json, Out, PlansDir, Quiet, Typed, takes
from planshift.problems import InputError
from planshift.reports.options import CompareOptions

if TYPE_CHECKING:
    from planshift.reports.comparison.comparison import ComparisonResult

PlanIds = Annotated[
    str,
    typer.Option(
        "--plans",
        metavar="A,B",
        help="The ids of two or more plans; the first is the baseline. (In other commands --plans is a folder of plan"
        " files; here that is --plans-dir.)",
    ),
]


def _ids(text: str) -> list[str]:
    """The ids in ``A,B``; InputError, with the option that was meant, for a folder."""
    if "," not in text and Path(text).is_dir():
        remedy = "name plans, as in --plans A,B; a folder of plan files goes to --plans-dir"
        raise InputError.at("--plans", f"'{text}' is a folder", remedy)
    return [name for part in text.split(",") if (name := part.strip())]


@takes(CompareOptions, plan_ids=Typed(PlanIds, "plans", _ids), plans=Typed(PlansDir, "plans_dir"))
def compare(options: CompareOptions, out: Out = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Compare plans: the same demand over the scenario's horizon through each of them.

    Each plan is held for the whole horizon, with seats, limits and prices as `alternatives` in the scenario say; one
    that this customer could not have is called a counterfactual. Prints one sentence with the answer, the totals, the
    months, and who gains or loses. With --out it writes totals.csv, months.csv, members.csv, winners.csv, invoices.csv,
    totals.png, months.png, members.png and manifest.json into a folder, all of them or none.

    Where usage is simulated at random, in one draw or in many (--draws, or the scenario's own), the same for every
    plan, it says which plan is most often the cheapest, how far costs lie apart, and in how many draws a plan costs
    more. The folder then also holds summary.csv, chances.csv, member_chances.csv, draws.csv and, of many draws,
    costs.png; totals.csv, members.csv and winners.csv have means over the draws, months.csv and draws.csv every draw,
    invoices.csv the first ones (--detail).
    """
    from planshift.reports.comparison.comparison import comparison
    from planshift.reports.folder import check_target

    if out:
        check_target(out)
    with working("Comparing", quiet=quiet) as progress:
        found = comparison(replace(options, progress=progress))
        if out:
            found.write(out)

    def details() -> None:
        _totals(found)
        _months(found)
        _winners(found)
        chances(found.risks)
        bullets("Notes", found.notes)
        bullets("Assumed, as it is published nowhere", [value.said for value in found.assumed])
        where(found.file_names, out)

    present(found.answer, lambda: facts(found, out), details, as_json=as_json, quiet=quiet)


def _totals(found: ComparisonResult) -> None:
    """What each plan comes to; of many draws, on average, and how far the cost is spread."""
    from planshift.impact.spread import spread
    from planshift.reports.comparison.words import marked_names, undone
    from planshift.reports.words import usd

    many, values = found.draws > 1, found.values["totals"][1]
    rows = []
    for row, (name, plan) in enumerate(zip(marked_names(found.comparison), found.comparison.plans, strict=True)):
        money = [values[column][row] for column in ("seat_fees", "usage_billed", "cost")]
        cost = spread(plan.outcome.cost)
        money += [cost.p10, cost.p50, cost.p90] if many else []
        money += [values["difference"][row], undone(plan).mean]
        rows.append([name, f"{values['seats'][row]:,}", *map(usd, money)])
    spreads = ["cost P10", "cost P50", "cost P90"] if many else []
    names = ["seats", "seat fees", "usage", "cost", *spreads, "difference", "not done"]
    title = f"Plans in {found.draws:,} draws, means in US dollars" if many else "Plans, US dollars"
    table(title, ["plan", *names], rows, numbers=names)


def _months(found: ComparisonResult) -> None:
    """The cost of each plan by month, and in total; of many draws, the median, and P10 to P90."""
    from planshift.billing.schedule import month_text
    from planshift.impact.spread import Spread, spread, spreads
    from planshift.reports.charts.styles import whole
    from planshift.reports.comparison.words import COUNTERFACTUAL
    from planshift.reports.words import usd

    many, plans = found.draws > 1, [plan.outcome for plan in found.comparison.plans]

    def cell(one: Spread) -> str:
        return f"{whole(one.p50)} ({whole(one.p10)} to {whole(one.p90)})" if many else usd(one.p50)

    names = [f"{one.plan.id} {COUNTERFACTUAL}" if one.counterfactual else one.plan.id for one in plans]
    by_month = zip(*(spreads(one.month_cost) for one in plans), strict=True)
    rows = [[month_text(month), *map(cell, row)] for month, row in zip(plans[0].months, by_month, strict=True)]
    rows.append(["total", *(cell(spread(one.cost)) for one in plans)])
    of = f"Months in {found.draws:,} draws, seats and usage, whole US dollars: P50 (P10 to P90)"
    title = of if many else "Months, seats and usage, US dollars"
    table(title, ["month", *names], rows, numbers=names, total=True)


def _winners(found: ComparisonResult) -> None:
    """Who costs more and less on each plan: counted in each draw, and averaged."""
    from planshift.reports.changes import GROUP_TITLES
    from planshift.reports.comparison.words import marked_names

    winners = found.values["winners"]
    if not any(winners[1]["members"]):
        return
    first, *others = marked_names(found.comparison)
    called = {plan.outcome.plan.id: name for plan, name in zip(found.comparison.plans[1:], others, strict=True)}
    listing(
        f"Members, held against {first}, US dollars",
        winners,
        {"plan": "on", "group": "they", "members": "members", "change": "change", "mean_change": "change each"},
        {"plan": called.__getitem__, "group": GROUP_TITLES.__getitem__},
    )
