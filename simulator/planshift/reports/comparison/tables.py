"""A comparison's tables: totals, months, members, winners and invoices on each plan, and what may happen on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from planshift.billing.money import all_to_cents, half_up
from planshift.impact.compare import Comparison, OnPlan
from planshift.impact.odds import changed
from planshift.impact.outcome import Cents, Shares
from planshift.impact.spread import means
from planshift.reports.changes import CHEAPER, DEARER, GROUPS, SAME
from planshift.reports.risk import COSTS_LEAST, COSTS_MORE, Risk, outcome_risks
from planshift.reports.run_tables import INVOICES, LedgerDraw
from planshift.reports.spread import PLAN_DRAWS, Amounts, Measured, interleaved, outcome_measures, shares
from planshift.reports.table import Column, Kind, Table, Values, of_days
from planshift.reports.words import tenths

_GROUP: Final = f"{CHEAPER}, {DEARER}, or {SAME}: within 1 % of the first plan's cost"
_MEAN: Final = "; the mean over the draws"
_CANNOT_BE_HAD: Final = Column(
    "counterfactual", Kind.FLAG, "yes where this customer could not have the plan, or not for so long (Rulebook P2)"
)


def _of_plans(value: Callable[[OnPlan], object]) -> Callable[[Comparison], list[object]]:
    return lambda comparison: [value(plan) for plan in comparison.plans]


def _drawn(name: str) -> Callable[[Comparison], list[int]]:
    """The mean of a column of draws.csv."""

    def values(comparison: Comparison) -> list[int]:
        column = PLAN_DRAWS.column(name).value
        assert column is not None
        by_plan = np.reshape(column([plan.outcome for plan in comparison.plans]), (comparison.draws, -1)).T
        return [int(cents) for cents in means(by_plan)]

    return values


TOTALS: Final = Table(
    "totals",
    "a plan, over the horizon; amounts of several draws are their means",
    (
        Column("plan", Kind.TEXT, "Id of the plan", _of_plans(lambda plan: plan.outcome.plan.id)),
        Column("title", Kind.TEXT, "Its title", _of_plans(lambda plan: plan.outcome.plan.title)),
        Column(
            "seats", Kind.COUNT, "Seats held on the first day", _of_plans(lambda plan: sum(plan.outcome.seats.values()))
        ),
        Column(
            "seat_fees", Kind.CENTS, "Seat fees of these days: a term's price counts by the day", _drawn("seat_fees")
        ),
        Column("usage_billed", Kind.CENTS, "Usage of these days as it is billed", _drawn("usage_billed")),
        Column("cost", Kind.CENTS, "The sum of the two", _drawn("cost")),
        Column(
            "difference", Kind.CENTS, "What the plan costs more than the first one in the same draw", _drawn("change")
        ),
        *(
            replace(PLAN_DRAWS.column(name), value=_drawn(name))
            for name in (
                *("included", "unavailable", "blocked_allowance", "blocked_member_limit"),
                *("blocked_organization_limit", "blocked_credits", "work_done", "invoiced", "credits_bought"),
                "credits_left",
            )
        ),
        replace(_CANNOT_BE_HAD, value=_of_plans(lambda plan: plan.outcome.counterfactual)),
    ),
)


def _by_month(amounts: Callable[[OnPlan], Amounts]) -> Callable[[Comparison], list[int]]:
    """Amounts of shape (months, draws): by draw, by month and then in the order of the plans."""
    return lambda comparison: interleaved([amounts(plan) for plan in comparison.plans])


def _months_of_plans(value: Callable[[OnPlan], object]) -> Callable[[Comparison], list[object]]:
    def values(comparison: Comparison) -> list[object]:
        return [value(plan) for plan in comparison.plans] * (len(comparison.plans[0].outcome.months) * comparison.draws)

    return values


COMPARED_MONTHS: Final = Table(
    "months",
    "a calendar month, or the part of it that lies in the horizon, on a plan",
    (
        Column(
            "month",
            Kind.MONTH,
            "The calendar month",
            lambda of: [month for month in of.plans[0].outcome.months for _ in of.plans] * of.draws,
        ),
        Column("plan", Kind.TEXT, "Id of the plan", _months_of_plans(lambda plan: plan.outcome.plan.id)),
        Column(
            "seat_fees",
            Kind.CENTS,
            "Seat fees by the day",
            _by_month(lambda plan: np.repeat(plan.outcome.seat_cost[:, None], plan.totals.draws, axis=1)),
        ),
        Column(
            "usage_billed",
            Kind.CENTS,
            "Usage of the month as it is billed",
            _by_month(lambda plan: plan.outcome.usage_cost),
        ),
        Column("cost", Kind.CENTS, "The sum of the two", _by_month(lambda plan: plan.outcome.month_cost)),
        Column(
            "stopped",
            Kind.CENTS,
            "Work stopped, at the price it would have been billed at",
            _by_month(lambda plan: all_to_cents(plan.outcome.blocked)),
        ),
        Column(
            "unavailable",
            Kind.CENTS,
            "Asked of surfaces that the seats do not open, at list price",
            _by_month(lambda plan: all_to_cents(plan.unavailable)),
        ),
        replace(_CANNOT_BE_HAD, value=_months_of_plans(lambda plan: plan.outcome.counterfactual)),
    ),
    draw=lambda of: [draw for draw in range(of.draws) for _ in of.plans[0].outcome.months for _ in of.plans],
)


def _of_members(cents: Callable[[Comparison], Cents | Shares]) -> Callable[[Comparison], list[Any]]:
    """Amounts of shape (plans, members): by member and then in the order of the plans."""

    def values(comparison: Comparison) -> list[Any]:
        column: list[Any] = cents(comparison).T.ravel().tolist()
        return column

    return values


def _shares(found: Callable[[Comparison], Shares]) -> Callable[[Comparison], list[str]]:
    """Shares of the draws, likewise."""
    return lambda comparison: shares(_of_members(found)(comparison))


def _groups(comparison: Comparison) -> list[str]:
    """Of each member on each plan, what the change from the first is called; nothing on the first."""
    costs = comparison.members.costs
    dearer, cheaper = (which.T.ravel() for which in changed(costs[:1], costs))
    named = np.where(cheaper, CHEAPER, np.where(dearer, DEARER, SAME)).reshape(-1, len(comparison.plans))
    named[:, 0] = ""
    groups: list[str] = named.ravel().tolist()
    return groups


_PER_MEMBER: Final = (
    Column("user_id", Kind.TEXT, "The member", lambda of: [one for one in of.members.members for _ in of.plans]),
    Column(
        "team",
        Kind.TEXT,
        "Their team; empty where they are in none",
        lambda of: [one for one in of.members.teams for _ in of.plans],
    ),
    Column(
        "plan",
        Kind.TEXT,
        "Id of the plan",
        lambda of: [plan.outcome.plan.id for _ in of.members.members for plan in of.plans],
    ),
)
_OF_MEMBERS_PLAN: Final = replace(
    _CANNOT_BE_HAD, value=lambda of: [plan.outcome.counterfactual for _ in of.members.members for plan in of.plans]
)

COMPARED_MEMBERS: Final = Table(
    "members",
    "a member on a plan; amounts of several draws are their means",
    (
        *_PER_MEMBER,
        Column(
            "seat_type",
            Kind.TEXT,
            "Their seat on the first day; empty without a seat",
            lambda of: [plan.seat_types.get(member) or "" for member in of.members.members for plan in of.plans],
        ),
        Column("cost", Kind.CENTS, "Seat and usage over the horizon", _of_members(lambda of: of.members.costs)),
        Column(
            "change",
            Kind.CENTS,
            "What the member costs more than on the first plan in the same draw",
            _of_members(lambda of: of.members.change),
        ),
        Column("group", Kind.TEXT, f"{_GROUP}; empty for the first plan", _groups),
        Column(
            "stopped",
            Kind.CENTS,
            "Work stopped, at the price it would have been billed at",
            _of_members(lambda of: of.members.stopped),
        ),
        _OF_MEMBERS_PLAN,
    ),
)

MEMBER_CHANCES: Final = Table(
    "member_chances",
    "a member on a plan, and in how many draws they cost more or less than on the first, or are stopped",
    (
        *_PER_MEMBER,
        Column(
            "chance_dearer",
            Kind.NUMBER,
            "Share of the draws in which they cost more, by over 1 % of that cost",
            _shares(lambda of: of.members.dearer),
        ),
        Column(
            "chance_cheaper",
            Kind.NUMBER,
            "Share of the draws in which they cost less, likewise",
            _shares(lambda of: of.members.cheaper),
        ),
        Column(
            "chance_stopped",
            Kind.NUMBER,
            "Share of the draws in which their own limit stops them at least once",
            _shares(lambda of: of.members.limited),
        ),
        _OF_MEMBERS_PLAN,
    ),
)


@dataclass(frozen=True)
class GroupRow:
    """A row of winners.csv: the members of a group on a plan, counted in each draw and averaged."""

    plan: str
    group: str
    members: int | str
    first_cost: int
    cost: int
    change: int
    mean_change: int | None
    share_of_change: str
    counterfactual: bool


def group_rows(comparison: Comparison) -> list[GroupRow]:
    """Every plan but the first, held against it: those who cost less, more, and about the same."""
    found, draws = comparison.groups, comparison.draws
    changes = found.after - found.before
    rows = []
    for number, plan in enumerate(comparison.plans[1:], start=1):
        whole = int(changes[number].sum())
        for place, group in enumerate(GROUPS):
            count, change = Fraction(int(found.members[number, place].sum()), draws), int(changes[number, place].sum())
            rows.append(
                GroupRow(
                    plan=plan.outcome.plan.id,
                    group=group,
                    members=int(count) if count.denominator == 1 else tenths(count),
                    first_cost=int(means(found.before[number, place])),
                    cost=int(means(found.after[number, place])),
                    change=int(means(changes[number, place])),
                    mean_change=half_up(Fraction(change) / (count * draws)) if count else None,
                    share_of_change=tenths(Fraction(change, whole) * 100) if whole else "",
                    counterfactual=plan.outcome.counterfactual,
                )
            )
    return rows


COMPARED_WINNERS: Final = Table(
    "winners",
    "the members who cost less, more, or about the same on a plan as on the first one, counted in each draw and"
    " averaged",
    (
        Column("plan", Kind.TEXT, "Id of the plan that is held against the first"),
        Column("group", Kind.TEXT, _GROUP),
        Column("members", Kind.NUMBER, f"How many there are{_MEAN}"),
        Column("first_cost", Kind.CENTS, f"Their seats and usage on the first plan{_MEAN}"),
        Column("cost", Kind.CENTS, f"Their seats and usage on this plan{_MEAN}"),
        Column("change", Kind.CENTS, f"This plan less the first{_MEAN}"),
        Column("mean_change", Kind.CENTS, "The change a member; empty without members"),
        Column(
            "share_of_change",
            Kind.NUMBER,
            "Per cent of the whole change, negative against it; empty where nothing changes",
        ),
        _CANNOT_BE_HAD,
    ),
    group_rows,
)

COMPARISON_TABLES: Final = (TOTALS, COMPARED_MONTHS, COMPARED_MEMBERS, COMPARED_WINNERS, INVOICES)
"""The tables of every comparison."""


def invoices(comparison: Comparison, draw: int) -> Values:
    """The values of invoices.csv of a draw: what would be invoiced on each plan, one below the other."""
    found = [
        of_days(INVOICES.values(LedgerDraw(plan.ledger, draw)), "date", comparison.first, comparison.end)
        for plan in comparison.plans
    ]
    flags = [
        plan.outcome.counterfactual
        for plan, values in zip(comparison.plans, found, strict=True)
        for _ in values["date"]
    ]
    below: dict[str, Sequence[object]] = {
        name: [one for values in found for one in values[name]] for name in INVOICES.header
    }
    return {**below, "counterfactual": flags}


def measured(comparison: Comparison) -> Iterator[Measured]:
    """What is measured of each plan; the changes are from the first, draw by draw."""
    first, *others = (plan.outcome for plan in comparison.plans)
    yield outcome_measures(first)
    for outcome in others:
        yield outcome_measures(outcome, first)


def risks(comparison: Comparison, budget: int | None) -> list[Risk]:
    """What may happen on each plan: that it costs least, or more than the first, is beyond the budget, or stops work.

    Of plans that cost the same least in a draw, the first counts.
    """
    first, found = comparison.plans[0].outcome, []
    for number, plan in enumerate(comparison.plans):
        name, flag = plan.outcome.plan.id, plan.outcome.counterfactual
        found.append(Risk(COSTS_LEAST, name, (), comparison.cheapest[number][None], flag))
        if number:
            more = (plan.outcome.cost > first.cost)[None]
            found.append(Risk(COSTS_MORE, name, (), more, flag, "It costs more than the first plan"))
        found += outcome_risks(plan.outcome, budget)
    return found
