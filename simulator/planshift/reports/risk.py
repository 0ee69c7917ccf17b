"""What may happen, and in how many draws it does: the bill beyond a budget, limits reached, credits gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from planshift.billing import alerts
from planshift.billing.schedule import month_text
from planshift.impact.outcome import Outcome
from planshift.impact.spread import means
from planshift.reports.spread import OF_PLAN, Amounts
from planshift.reports.table import Column, Kind, Table, each
from planshift.reports.words import in_draws, prose_usd, prose_usd_of, share_text

ANY = "any"
OVER_BUDGET, COSTS_MORE, COSTS_LEAST = "over_budget", "costs_more", "costs_least"
ORGANIZATION_LIMIT, MEMBER_LIMIT = "organization_limit", "member_limit"
CREDITS_GONE, ALLOWANCE_USED_UP = "credits_gone", "allowance_used_up"

TITLES: Mapping[str, str] = {
    OVER_BUDGET: "It comes to more than the budget",
    ORGANIZATION_LIMIT: "The organization's spend limit stops usage",
    MEMBER_LIMIT: "A member's spend limit stops usage",
    CREDITS_GONE: "Usage stops because the credits are used up",
    ALLOWANCE_USED_UP: "A member is blocked: the included usage is used up",
    COSTS_MORE: "It costs more than the old plan",
    COSTS_LEAST: "It costs least of the plans",
}
"""What reports call a risk."""

CAUSES: Mapping[str, str] = {
    ORGANIZATION_LIMIT: "blocked_organization_limit",
    MEMBER_LIMIT: "blocked_member_limit",
    CREDITS_GONE: "blocked_credits",
    ALLOWANCE_USED_UP: "blocked_allowance",
}
"""The risks that stop usage, and the amount that this blocks."""

REASONS: Mapping[str, str] = {
    ALLOWANCE_USED_UP: alerts.ALLOWANCE_USED_UP,
    MEMBER_LIMIT: alerts.MEMBER_LIMIT,
    ORGANIZATION_LIMIT: alerts.ORGANIZATION_LIMIT,
    CREDITS_GONE: alerts.CREDITS_EXHAUSTED,
}
"""What stops usage, in the order in which it is named."""

Happens = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Risk:
    """Something that happens in some draws: by month, shape (months, draws); or one row, and no months at all."""

    key: str
    plan: str
    months: tuple[date, ...]
    happens: Happens
    counterfactual: bool = False
    title: str = ""

    @property
    def said(self) -> str:
        """What reports call it."""
        return self.title or TITLES[self.key]

    @property
    def of_draws(self) -> int:
        """How many draws there are."""
        return int(self.happens.shape[1])

    @property
    def draws(self) -> int:
        """In how many of them it happens at all."""
        return int(self.happens.any(axis=0).sum())

    @property
    def first_draws(self) -> list[int]:
        """By month, in how many draws it happens there for the first time."""
        once = self.happens[:, self.happens.any(axis=0)]
        return [int(draws) for draws in np.bincount(once.argmax(axis=0), minlength=len(self.months))]

    @property
    def first_month(self) -> date | None:
        """The month in which it most often happens first, the earliest of equals; None where it never does."""
        first = self.first_draws
        return self.months[first.index(max(first))] if self.months and self.draws else None


def stopping_risks(
    plan: str, months: tuple[date, ...], blocked: Mapping[str, Amounts], *, counterfactual: bool
) -> Iterator[Risk]:
    """The risks that stop usage; ``blocked``: cause → nano-dollars of shape (months, draws)."""
    for key, cause in CAUSES.items():
        yield Risk(key, plan, months, blocked[cause] > 0, counterfactual)


def budget_risk(
    plan: str, months: tuple[date, ...], so_far: Amounts, budget: int, *, counterfactual: bool = False
) -> Risk:
    """Beyond the budget: ``so_far`` are cents up to each month's end, shape (months, draws)."""
    beyond = np.maximum.accumulate(so_far > budget, axis=0)
    # What a later credit brings below the budget again was beyond it, but the bill is not.
    return Risk(OVER_BUDGET, plan, months, beyond & (so_far[-1] > budget), counterfactual)


def outcome_risks(outcome: Outcome, budget: int | None) -> list[Risk]:
    """What may happen on a plan in the months of an outcome."""
    plan, months, flag = outcome.plan.id, outcome.months, outcome.counterfactual
    found = list(stopping_risks(plan, months, outcome.by_cause, counterfactual=flag))
    if budget is None:
        return found
    so_far = np.cumsum(outcome.month_cost, axis=0)
    return [budget_risk(plan, months, so_far, budget, counterfactual=flag), *found]


@dataclass(frozen=True)
class _Row:
    """A row of chances.csv: in how many draws a risk happens in a month, and in how many it first does there."""

    risk: Risk
    month: str
    draws: int
    first_draws: int | None


def _rows(risk: Risk) -> Iterator[_Row]:
    if risk.months:
        counts = risk.happens.sum(axis=1).tolist()
        for month, draws, first in zip(risk.months, counts, risk.first_draws, strict=True):
            yield _Row(risk, month_text(month), draws, first)
    yield _Row(risk, ANY, risk.draws, None)


CHANCES: Final = Table(
    "chances",
    "something that may happen, in a month or in any of them, and in how many draws it does",
    (
        Column(
            "event",
            Kind.TEXT,
            "over_budget, organization_limit, member_limit, credits_gone, allowance_used_up, costs_more, costs_least:"
            " names that stay",
            each(lambda row: row.risk.key),
        ),
        Column("title", Kind.TEXT, "The event in words", each(lambda row: row.risk.said)),
        Column(
            "plan",
            Kind.TEXT,
            "Id of the plan; all where several were in force and count together",
            each(lambda row: row.risk.plan),
        ),
        Column(
            "month", Kind.TEXT, "The calendar month, 2026-10; any for all of them. Beyond a budget: by the month's end"
        ),
        Column("draws", Kind.COUNT, "The draws in which it happens"),
        Column("of_draws", Kind.COUNT, "How many draws there are", each(lambda row: row.risk.of_draws)),
        Column(
            "probability",
            Kind.NUMBER,
            "The share of the draws, four decimals",
            each(lambda row: share_text(row.draws, row.risk.of_draws)),
        ),
        Column("first_draws", Kind.COUNT, "The draws in which it first happens in this month", optional=True),
        Column(
            "first_probability",
            Kind.NUMBER,
            "Their share of all draws",
            each(lambda row: "" if row.first_draws is None else share_text(row.first_draws, row.risk.of_draws)),
        ),
        replace(OF_PLAN, value=each(lambda row: row.risk.counterfactual)),
    ),
    lambda risks: [row for risk in risks for row in _rows(risk)],
)
"""Computed from risks: by risk, months first and then any of them."""


def budget_said(risk: Risk, budget: int) -> str:
    """``beyond the budget of 80,000 USD in 31 of 100 draws, most often first in 2027-06``; of one draw ``within the
    budget of 80,000 USD``, or ``beyond`` it and since when."""
    several = risk.of_draws > 1
    if not risk.draws:
        return f"within the budget of {prose_usd(budget)} USD{' in every draw' if several else ''}"
    how = f" {in_draws(risk.draws, risk.of_draws)}" if several else ""
    month = risk.first_month
    first = f", {'most often ' if several else ''}first in {month_text(month)}" if month else ""
    return f"beyond the budget of {prose_usd(budget)} USD{how}{first}"


def stops_said(risks: Iterable[Risk], blocked: Amounts) -> str:
    """``usage worth 93.05 USD was stopped (member limit)``; of many draws, on average, and in how many it was.

    ``blocked``: what was stopped in each draw, nano-dollars.
    """
    happened = {risk.key for risk in risks if risk.key in CAUSES and risk.draws}
    several = len(blocked) > 1
    if not happened:
        return f"no usage was stopped{' in any draw' if several else ''}"
    how = f" on average was stopped {in_draws(int((blocked > 0).sum()), len(blocked))}" if several else " was stopped"
    reasons = ", ".join(said for key, said in REASONS.items() if key in happened)
    return f"usage worth {prose_usd_of(int(means(blocked)))} USD{how} ({reasons})"


def risk_facts(risks: Iterable[Risk]) -> list[dict[str, object]]:
    """Risks as plain data, those that happen in no draw included."""
    return [
        {
            "event": risk.key,
            "plan": risk.plan,
            "draws": risk.draws,
            "of_draws": risk.of_draws,
            "most_often_first_in": month_text(risk.first_month) if risk.first_month else None,
        }
        for risk in risks
    ]


def of_plan(risks: Sequence[Risk], plan: str) -> list[Risk]:
    """The risks of one plan, or of all together."""
    return [risk for risk in risks if risk.plan == plan]


def budget_name(budget: int | None) -> str:
    """What a line for the budget is called."""
    return "" if budget is None else f"Budget: {prose_usd(budget)} USD"
