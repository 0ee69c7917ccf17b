"""Many draws on the terminal: how far amounts lie apart, and what may happen in how many draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from planshift.cli.console import bullets, chances, table

if TYPE_CHECKING:
    from planshift.impact.spread import Spread
    from planshift.reports.draws.renewed import RenewedDraws
    from planshift.reports.table import Table, Values

_PERCENTILES = ("P10", "P50", "P90")


def renewed_draws(found: RenewedDraws, values: Mapping[str, tuple[Table, Values]]) -> None:
    """Print the mean bridge of a renewal, its months, what may happen, who costs more, the answers, and the notes."""
    from planshift.cli.renew_answers import answers
    from planshift.reports.draws.renewal_tables import steps
    from planshift.reports.words import usd

    names = ["mean", *_PERCENTILES]
    rows = [
        [step.title, *map(usd, (step.mean, step.spread.p10, step.spread.p50, step.spread.p90))]
        for step in steps(found.renewal)
    ]
    title = f"From the old cost to the new in {found.draws:,} draws, US dollars; means add up, percentiles do not"
    table(title, ["step", *names], rows, numbers=names, total=True)
    _months_of_both(found)
    chances(found.events)
    _members(found)
    answers(values)
    bullets("Notes", found.notes)
    bullets("Assumed, as it is published nowhere", [value.said for value in found.assumed])


def _months_of_both(found: RenewedDraws) -> None:
    """The cost of the old plan and of the new one by month, and in total."""
    from planshift.billing.schedule import month_text
    from planshift.impact.spread import spread, spreads

    both = found.measured
    by_month = [spreads(measured.by_month("cost")) for measured in both]
    rows = [
        [month_text(month), *_cells([of_plan[row] for of_plan in by_month])] for row, month in enumerate(both[0].months)
    ]
    rows.append(["total", *_cells([spread(measured.total("cost")) for measured in both])])
    headings = [f"{name} {percent}" for name in ("old", "new") for percent in _PERCENTILES]
    title = f"Months in {found.draws:,} draws, seats and usage, US dollars; old: counterfactual"
    table(title, ["month", *headings], rows, numbers=headings, total=True)


def _cells(found: Iterable[Spread]) -> Iterator[str]:
    from planshift.reports.words import usd

    for one in found:
        yield from (usd(one.p10), usd(one.p50), usd(one.p90))


def _members(found: RenewedDraws) -> None:
    """How many members cost more, less, or about the same: counted in each draw, and averaged."""
    from planshift.reports.answers.outcomes import count_said
    from planshift.reports.changes import GROUP_TITLES
    from planshift.reports.words import usd

    if not found.renewal.members.members:
        return
    rows = [
        [
            GROUP_TITLES[party.name],
            f"{count_said(party.count)} of {party.of:,}",
            "" if party.low == party.high else f"{party.low:,} to {party.high:,}",
            usd(party.change),
            "" if party.mean_change is None else usd(party.mean_change),
        ]
        for party in found.answers.winners_losers.members
    ]
    names = ["members", "in 8 of 10", "change", "change each"]
    title = f"Members, seat and usage, US dollars: counted in each of {found.draws:,} draws, and averaged"
    table(title, ["they", *names], rows, numbers=names)
