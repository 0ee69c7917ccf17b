"""A renewal's tables: years, bridge, months, and invoices; what is measured in every draw, and what may happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.money import all_to_cents
from planshift.billing.schedule import next_month
from planshift.impact.bridge import STEPS
from planshift.impact.outcome import Outcome
from planshift.impact.renewal import Renewal
from planshift.impact.spread import Spread, means, spread
from planshift.reports.renewal.member_tables import (
    MEANS,
    OLD_IS_COUNTERFACTUAL,
    RENEWAL_MEMBERS,
    RENEWAL_WINNERS,
    TEAMS,
)
from planshift.reports.renewal.words import NEW_COST, OLD_COST, names
from planshift.reports.risk import COSTS_MORE, Risk, outcome_risks
from planshift.reports.run_tables import INVOICES, STOPS, LedgerDraw
from planshift.reports.spread import (
    SPREAD,
    Amounts,
    Measured,
    means_that_add_up,
    outcome_measures,
    outcome_totals,
)
from planshift.reports.table import Column, Kind, Table, Values, by_draw, of_days

_OF_MEMBERS = (
    "cost_of_members",
    "Of the cost: members",
    "Seats that members have and their usage; members.csv adds up to it",
)
_OF_NOBODY = (
    "cost_of_nobody",
    "Of the cost: nobody's",
    "Seats that nobody has, what is left of an old term, and rounding to cents",
)


def _total(name: str) -> Callable[[Outcome], Amounts]:
    return lambda year: outcome_totals(year)[name]


def _blocked(name: str) -> Callable[[Outcome], Amounts]:
    return lambda year: all_to_cents(year.amounts[COLUMN[name]])


_BILLED_AT: Final = "At the price it would have been billed at"
MEASURES: Final[tuple[tuple[str, str, Callable[[Outcome], Amounts], str], ...]] = (
    (
        "seat_fees",
        "Seat fees",
        lambda year: np.full(year.draws, year.seat_cost.sum()),
        "Seats by the day: a charge counts for the days it pays",
    ),
    ("usage_billed", "Usage billed", lambda year: year.usage_cost.sum(axis=0), "Usage of these months as it is billed"),
    ("cost", "Cost", lambda year: year.cost, "Seat fees and usage billed"),
    (
        "included_usage",
        "Included usage",
        _total("included"),
        "Usage that the seats include, at list price; it costs nothing more",
    ),
    (
        "work_done",
        "Work done",
        _total("work_done"),
        "Everything that members can do, at list price: included, billed, and the discount on it",
    ),
    (
        "unavailable",
        "Not open to the seats",
        _total("unavailable"),
        "Asked of surfaces that the members' seats do not open, at list price",
    ),
    ("blocked_allowance", "Stopped: included usage used up", _blocked("blocked_allowance"), _BILLED_AT),
    ("blocked_member_limit", "Stopped: members' spend limits", _blocked("blocked_member_limit"), _BILLED_AT),
    (
        "blocked_organization_limit",
        "Stopped: the organization's spend limit",
        _blocked("blocked_organization_limit"),
        _BILLED_AT,
    ),
    ("blocked_credits", "Stopped: credits exhausted", _blocked("blocked_credits"), _BILLED_AT),
    ("credits_bought", "Credits bought", lambda year: year.credits_bought, "Bought in these months, used or not"),
    ("credits_left", "Credits left", lambda year: year.credits_left, "Left at the end of these months"),
    (
        "invoiced",
        "Invoiced",
        lambda year: year.invoiced,
        "Invoices dated in these months: seats for a term at once, usage in arrears a month later, credits in advance",
    ),
)
"""Measure, title, how it is taken of a year (cents, by draw), and what it is."""


@dataclass(frozen=True)
class YearRow:
    """A row of years.csv: a measure of both years and of the year before, cents."""

    measure: str
    title: str
    old_plan_counterfactual: int
    new_plan: int
    year_before: int | None
    description: str

    @property
    def change(self) -> int:
        """The new plan less the old one."""
        return self.new_plan - self.old_plan_counterfactual


def year_rows(renewal: Renewal) -> list[YearRow]:
    """Every measure, the cost also split into that of members and the rest."""
    rows, before = [], renewal.whole_year_before
    for measure, title, take, description in MEASURES:
        old, new, earlier = (
            None if year is None else int(means(take(year))) for year in (renewal.old, renewal.new, before)
        )
        assert old is not None
        assert new is not None
        rows.append(YearRow(measure, title, old, new, earlier, description))
        if measure == "cost":
            rows += _split(renewal, old, new)
    return rows


def _split(renewal: Renewal, old: int, new: int) -> Iterator[YearRow]:
    teams = renewal.teams
    mine = [int(means(cost.sum(axis=(0, 1)))) for cost in (teams.old_cost, teams.new_cost)] if teams else [0, 0]
    for (measure, title, description), cents in ((_OF_MEMBERS, mine), (_OF_NOBODY, (old - mine[0], new - mine[1]))):
        yield YearRow(measure, title, cents[0], cents[1], None, description)


YEARS: Final = Table(
    "years",
    f"a measure of the months after the renewal, on the old plan and on the new one{MEANS}",
    (
        Column("measure", Kind.TEXT, "What is measured, a name that stays"),
        Column("title", Kind.TEXT, "The measure in words"),
        Column("old_plan_counterfactual", Kind.CENTS, "Had the old plan continued: a counterfactual (Rulebook P2)"),
        Column("new_plan", Kind.CENTS, "On the new plan"),
        Column("change", Kind.CENTS, "The new plan less the old one"),
        Column("year_before", Kind.CENTS, "The same months a year before; empty where they are not known"),
        Column("description", Kind.TEXT, "What counts into it"),
    ),
    year_rows,
)


@dataclass(frozen=True)
class BridgeRow:
    """One of the costs, or a step between them: its mean, rounded so that means add up, and how it is spread."""

    step: str
    title: str
    amount: int
    rule: str
    description: str
    spread: Spread
    counterfactual: bool = False


def bridge_rows(renewal: Renewal) -> list[BridgeRow]:
    """From the old cost in steps to the new cost; means over the draws, which add up."""
    old, new = names(renewal)
    amounts = means_that_add_up([renewal.old.cost, *renewal.steps.values()])
    first = BridgeRow(
        step=OLD_COST,
        title=f"{old} (counterfactual)",
        amount=amounts[0],
        rule="P2",
        description="Seats and usage, had the old plan continued",
        spread=spread(renewal.old.cost),
        counterfactual=True,
    )
    between = [
        BridgeRow(key, STEPS[key][0], cents, STEPS[key][1], STEPS[key][2], spread(renewal.steps[key]))
        for key, cents in zip(renewal.steps, amounts[1:], strict=True)
    ]
    last = BridgeRow(NEW_COST, new, sum(amounts), "R1", "Seats and usage on the new plan", spread(renewal.new.cost))
    return [first, *between, last]


BRIDGE: Final = Table(
    "bridge",
    "the cost on the old plan, the steps that lead from it to the cost on the new plan, and that cost",
    (
        Column("step", Kind.TEXT, "old_cost, a step, or new_cost: names that stay"),
        Column("title", Kind.TEXT, "The step in words"),
        Column(
            "amount",
            Kind.CENTS,
            "The two costs; of a step, what it adds on the way from one to the other; of several draws the means, which"
            " add up, for which each may be off by a cent",
        ),
        Column("rule", Kind.TEXT, "The rules of the rulebook behind it"),
        Column("description", Kind.TEXT, "What it is"),
        Column("counterfactual", Kind.FLAG, "yes for the cost of the old plan, which cannot be renewed (Rulebook P2)"),
        *(replace(column, simulated=True) for column in SPREAD[1:]),
    ),
    bridge_rows,
)


def _years(amounts: Callable[[Outcome], Amounts], year: str) -> Callable[[Renewal], list[int]]:
    """Amounts of one of the years, of shape (months, draws) or the same in every draw, as a column."""

    def values(renewal: Renewal) -> list[int]:
        outcome: Outcome = getattr(renewal, year)
        return by_draw(amounts(outcome))

    return values


def _seats(year: Outcome) -> Amounts:
    return np.repeat(year.seat_cost[:, None], year.draws, axis=1)


def _before(renewal: Renewal) -> list[int | None]:
    months = [renewal.cost_before(month) for month in renewal.new.months]
    return [None if cents is None else int(cents[draw]) for draw in range(renewal.draws) for cents in months]


def _every_draw(value: Callable[[Renewal], list[Any]]) -> Callable[[Renewal], list[Any]]:
    return lambda renewal: value(renewal) * renewal.draws


RENEWAL_MONTHS: Final = Table(
    "months",
    "a calendar month of the months after the renewal, or the part of it that belongs to them",
    (
        Column("month", Kind.MONTH, "The calendar month", _every_draw(lambda of: list(of.new.months))),
        Column("old_seats", Kind.CENTS, "Seat fees by the day, had the old plan continued", _years(_seats, "old")),
        Column(
            "old_usage",
            Kind.CENTS,
            "Usage billed, had the old plan continued",
            _years(lambda year: year.usage_cost, "old"),
        ),
        Column("old_cost", Kind.CENTS, "The sum of the two", _years(lambda year: year.month_cost, "old")),
        Column(
            "new_seats",
            Kind.CENTS,
            "Seat fees by the day on the new plan, and of what is left of an old term",
            _years(_seats, "new"),
        ),
        Column("new_usage", Kind.CENTS, "Usage billed on the new plan", _years(lambda year: year.usage_cost, "new")),
        Column("new_cost", Kind.CENTS, "The sum of the two", _years(lambda year: year.month_cost, "new")),
        Column(
            "change",
            Kind.CENTS,
            "The new plan less the old one",
            lambda of: by_draw(of.new.month_cost - of.old.month_cost),
        ),
        Column(
            "year_before", Kind.CENTS, "What the same month cost a year before; empty where that is not known", _before
        ),
        Column(
            "old_stopped",
            Kind.CENTS,
            "Work stopped on the old plan, at the price it would have been billed at",
            _years(lambda year: all_to_cents(year.blocked), "old"),
        ),
        Column(
            "new_stopped",
            Kind.CENTS,
            "Work stopped on the new plan, likewise",
            _years(lambda year: all_to_cents(year.blocked), "new"),
        ),
        replace(
            OLD_IS_COUNTERFACTUAL,
            value=_every_draw(lambda of: [next_month(month) > of.scenario.term.renewal for month in of.new.months]),
        ),
    ),
    draw=lambda of: [draw for draw in range(of.draws) for _ in of.new.months],
)


COUNTERFACTUAL_INVOICES: Final = Table(
    "counterfactual_invoices",
    "a line of an invoice, had the old plan continued: nobody will ever get it (Rulebook P2)",
    INVOICES.columns,
    INVOICES.rows,
)

RENEWAL_TABLES: Final = (YEARS, BRIDGE, RENEWAL_MONTHS, RENEWAL_MEMBERS, TEAMS, RENEWAL_WINNERS)
"""The tables of every renewal besides invoices and stops; ``teams`` only where members are in teams."""
DATED_TABLES: Final = ((INVOICES, "date"), (COUNTERFACTUAL_INVOICES, "date"), (STOPS, "since"))
"""The tables that list draws one by one, and the column with the day of a row."""


def dated_values(table: Table, column: str, renewal: Renewal, detail: int) -> Values:
    """The values of one of DATED_TABLES, of the first draws; without random draws, of the only one there is."""
    run = renewal.counterfactual if table is COUNTERFACTUAL_INVOICES else renewal.run
    ledger: Ledger = run.ledger
    listed = range(min(detail, ledger.draws) if renewal.draws > 1 else 1)
    found = [of_days(table.values(LedgerDraw(ledger, draw)), column, renewal.day, renewal.end) for draw in listed]
    return table.of_draws(found) if renewal.synthetic else found[0]


def measured(renewal: Renewal) -> tuple[Measured, Measured]:
    """What is measured of the old plan and of the new one; the change is the new one's."""
    return outcome_measures(renewal.old), outcome_measures(renewal.new, renewal.old)


def risks(renewal: Renewal, budget: int | None) -> list[Risk]:
    """What may happen: that the new plan costs more; on each plan, beyond the budget, and what stops usage."""
    more = Risk(COSTS_MORE, renewal.new.plan.id, (), (renewal.change > 0)[None])
    return [more, *outcome_risks(renewal.new, budget), *outcome_risks(renewal.old, budget)]
