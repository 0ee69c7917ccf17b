"""``planshift simulate``: a scenario's bills."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from planshift.cli.console import ROWS_SHOWN, bullets, chances, facts, present, sentence, table, where, working
from planshift.cli.options import Json, Out, Quiet, takes
from planshift.reports.options import SimulateOptions

if TYPE_CHECKING:
    from planshift.billing.ledger import Stop
    from planshift.reports.simulation.simulation import Simulation

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
_SPREAD = ("invoiced", "usage_billed")
"""Those of which many draws show P10 and P90, too."""
_EXACT = ("usage_billed", "blocked", "credits_lapsed", "credit_balance")


@takes(SimulateOptions)
def simulate(options: SimulateOptions, out: Out = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Simulate a scenario: what is invoiced, what is used, what is stopped.

    Prints one sentence with the answer, a table of months and one of stops. With --out it writes invoices.csv,
    members.csv, alerts.csv, stops.csv, months.csv and manifest.json into a folder, all of them or none.

    Where usage is simulated at random, in one draw or in many (--draws, or the scenario's own), it says what the median
    draw comes to, how far the draws lie apart and what may happen in how many of them. The folder then also holds
    summary.csv, chances.csv, draws.csv and, of many draws, months.png and so_far.png; months.csv and draws.csv have
    every draw, invoices.csv, members.csv, alerts.csv and stops.csv the first ones (--detail).
    """
    from planshift.reports.folder import check_target
    from planshift.reports.simulation.simulation import simulation

    if out:
        check_target(out)
    with working("Simulating", quiet=quiet) as progress:
        found = simulation(replace(options, progress=progress))
        if out:
            found.write(out)

    def details() -> None:
        _standing(found) if found.as_of else _months(found)
        _stops(found)
        chances(found.risks)
        bullets("Warnings", found.warnings)
        where(found.file_names, out)

    present(found.answer, lambda: facts(found, out), details, as_json=as_json, quiet=quiet)


def _months(found: Simulation) -> None:
    """The months on each plan: the amounts of one draw; of many, each amount's median, and how far it is spread."""
    import numpy as np

    from planshift.billing.schedule import month_text
    from planshift.impact.spread import spreads
    from planshift.reports.words import usd, usd_of

    totals, many = found.run.totals, found.draws > 1
    plans = list(dict.fromkeys(plan for _, plan in totals.spans))
    arrays = {**totals.charges, "invoiced": totals.invoiced, "usage_billed": totals.amount("billed")}
    arrays |= {"blocked": totals.blocked, "credits_lapsed": totals.lapsed, "credit_balance": totals.balances}
    columns: list[list[str]] = []
    heads: list[str] = []
    for name, head in _MONEY.items():
        if not arrays[name].any() and name != "invoiced":
            continue
        text = usd_of if name in _EXACT else usd
        shown = spreads(np.vstack([arrays[name], arrays[name].sum(axis=0)]))
        for key in ("p10", "p50", "p90") if many and name in _SPREAD else ("p50",):
            cells = [text(getattr(one, key)) for one in shown]
            # A balance stands at the end of each month: its sum would mean nothing.
            columns.append([*cells[:-1], "" if name == "credit_balance" else cells[-1]])
            heads.append(f"{head} {key.upper()}" if many and name in _SPREAD else head)
    active = [f"{one.p50:,}" for one in spreads(totals.active)]
    names = [[month_text(month), *([plan] if len(plans) > 1 else [])] for month, plan in totals.spans]
    names.append(["total", *([""] if len(plans) > 1 else [])])
    rows = [[*name, *cells] for name, *cells in zip(names, *columns, [*active, ""], strict=True)]
    numbers = [*heads, "active"]
    of = f"Months on {plans[0]}" if len(plans) == 1 else "Months"
    of += f" in {found.draws:,} draws" if many else ""
    title = f"{of}, US dollars{': medians, each its own, which do not add up' if many else ''}"
    table(title, ["month", *(["plan"] if len(plans) > 1 else []), *numbers], rows, numbers=numbers, total=True)


def _stops(found: Simulation) -> None:
    """What was stopped in the first draw, which is the only one or one of many."""
    from planshift.reports.risk import CAUSES, REASONS
    from planshift.reports.words import usd_of

    ledger = found.run.ledger
    columns = {said: CAUSES[key] for key, said in REASONS.items()}

    def row(cause: str, stops: list[Stop]) -> list[str]:
        scopes = sorted({stop.scope for stop in stops})
        who = ", ".join(scopes[:3]) + (f" and {len(scopes) - 3} more" if len(scopes) > 3 else "")
        going_on = sum(stop.until is None for stop in stops)
        blocked = usd_of(ledger.total(columns[cause]))
        return [cause, who, str(len(stops)), min(stop.since for stop in stops).isoformat(), str(going_on), blocked]

    by_cause = groupby(sorted(ledger.stops(), key=lambda stop: stop.cause), key=lambda stop: stop.cause)
    rows = [row(cause, list(stops)) for cause, stops in by_cause]
    if rows:
        numbers = ["times", "not ended", "stopped, USD"]
        title = "Stops" if found.draws == 1 else "Stops in the first draw"
        table(title, ["cause", "who", "times", "first", "not ended", "stopped, USD"], rows, numbers=numbers)


def _standing(found: Simulation) -> None:
    from planshift.reports.words import usd_of

    def amount(value: int | None) -> str:
        return "" if value is None else usd_of(value)

    values = found.values["standing"][1]
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
