"""``planshift compare``: the same demand through several plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, facts, present, table, where, working
from planshift.cli.drawn import compared_draws
from planshift.cli.options import Budget, Detail, DrawOptions, Draws, Jobs, Json, Out, Overlays, PlansDir, Quiet, Seed
from planshift.problems import InputError

if TYPE_CHECKING:
    from planshift.reports.comparison.compared import Compared

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, YAML.")]
PlanIds = Annotated[
    str,
    typer.Option(
        "--plans",
        metavar="A,B",
        help="The ids of two plans or more; the others are held against the first. Elsewhere --plans is a folder of"
        " plan files: here that is --plans-dir.",
    ),
]


def compare(
    scenario: ScenarioFile,
    plans: PlanIds,
    out: Out = None,
    plans_dir: PlansDir = None,
    overlay: Overlays = None,
    draws: Draws = None,
    seed: Seed = None,
    detail: Detail = None,
    budget: Budget = None,
    jobs: Jobs = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare plans: the same demand over the scenario's horizon through each of them.

    Each plan is held for the whole horizon, with seats, limits and prices as `alternatives` in the scenario say; one
    that this customer could not have is called a counterfactual. Prints one sentence with the answer, the totals, the
    months, and who gains or loses. With --out it writes totals.csv, months.csv, members.csv, winners.csv, invoices.csv,
    totals.png, months.png, members.png and manifest.json into a folder, all of them or none.

    With many draws (--draws, or the scenario's own), the same for every plan, it says which plan is most often the
    cheapest, how far costs lie apart, and in how many draws a plan costs more. The folder then holds summary.csv,
    chances.csv, months.csv, draws.csv, members.csv, costs.png and months.png; months.csv and draws.csv have every draw,
    invoices.csv the first ones (--detail).
    """
    from planshift.reports.comparison.compared import Compared
    from planshift.reports.comparison.compared import compare as run
    from planshift.reports.folder import check_target

    ids = _ids(plans)
    drawn = DrawOptions(draws=draws, seed=seed, detail=detail, budget=budget, jobs=jobs)
    if out:
        check_target(out)
    with working("Comparing", quiet=quiet) as progress:
        found = run(scenario, ids, plans=plans_dir, overlays=overlay or (), progress=progress, **drawn)
        if out:
            found.write(out)

    def details() -> None:
        if isinstance(found, Compared):
            _tables(found)
        else:
            compared_draws(found)
        where(found.file_names, out)

    present(found.answer, lambda: facts(found, out), details, as_json=as_json, quiet=quiet)


def _ids(text: str) -> list[str]:
    """The ids in ``A,B``; InputError, with the option that was meant, for a folder."""
    if "," not in text and Path(text).is_dir():
        remedy = "name plans, as in --plans A,B; a folder of plan files goes to --plans-dir"
        raise InputError.at("--plans", f"'{text}' is a folder", remedy)
    return [name for part in text.split(",") if (name := part.strip())]


def _tables(found: Compared) -> None:
    _totals(found)
    _months(found)
    _winners(found)
    bullets("Notes", found.notes)
    bullets("Assumed, as it is published nowhere", [value.said for value in found.assumed])


def _totals(found: Compared) -> None:
    from planshift.billing.money import to_cents
    from planshift.impact.bridge import undone
    from planshift.reports.comparison.words import marked_names
    from planshift.reports.words import usd

    first = found.comparison.plans[0].outcome.cost
    rows = [
        [
            name,
            f"{sum(result.seats.values()):,}",
            *map(usd, (result.seat_cost, result.usage_cost, result.cost, result.cost - first)),
            usd(to_cents(undone(result))),
        ]
        for name, result in zip(
            marked_names(found.comparison), (plan.outcome for plan in found.comparison.plans), strict=True
        )
    ]
    names = ["seats", "seat fees", "usage", "cost", "difference", "not done"]
    table("Plans, US dollars", ["plan", *names], rows, numbers=names)


def _months(found: Compared) -> None:
    from planshift.billing.calendar import month_text
    from planshift.reports.comparison.words import COUNTERFACTUAL
    from planshift.reports.words import usd

    results = [plan.outcome for plan in found.comparison.plans]
    names = [f"{result.plan.id} {COUNTERFACTUAL}" if result.counterfactual else result.plan.id for result in results]
    by_month = zip(*(result.months for result in results), strict=True)
    rows = [[month_text(row[0].month), *(usd(month.total) for month in row)] for row in by_month]
    rows.append(["total", *(usd(result.cost) for result in results)])
    table("Months, seats and usage, US dollars", ["month", *names], rows, numbers=names, total=True)


def _winners(found: Compared) -> None:
    from planshift.reports.changes import GROUP_TITLES
    from planshift.reports.comparison.words import marked_names
    from planshift.reports.words import usd

    values = found.values["winners"][1]
    if not any(values["members"]):
        return
    first, *others = marked_names(found.comparison)
    called = {plan.outcome.plan.id: name for plan, name in zip(found.comparison.plans[1:], others, strict=True)}
    rows = [
        [
            called[plan],
            GROUP_TITLES[values["group"][row]],
            str(values["members"][row]),
            usd(values["change"][row]),
            "" if values["mean_change"][row] is None else usd(values["mean_change"][row]),
        ]
        for row, plan in enumerate(values["plan"])
    ]
    names = ["members", "change", "change each"]
    table(f"Members, held against {first}, US dollars", ["on", "they", *names], rows, numbers=names)
