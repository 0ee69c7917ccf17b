"""What may happen, and in how many draws it does: the bill beyond a budget, limits reached, credits gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.calendar import month_text
from planshift.impact.drawn import DrawnOutcome
from planshift.reports.changes import half_up
from planshift.reports.draws.columns import ANY
from planshift.reports.draws.percentiles import Amounts
from planshift.reports.table import Values

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
"""What reports call an event."""

CAUSES: Mapping[str, str] = {
    ORGANIZATION_LIMIT: "blocked_organization_limit",
    MEMBER_LIMIT: "blocked_member_limit",
    CREDITS_GONE: "blocked_credits",
    ALLOWANCE_USED_UP: "blocked_allowance",
}
"""The events that stop usage, and the amount that this blocks."""

Happens = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Event:
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


def stopping_events(
    plan: str, months: tuple[date, ...], blocked: Mapping[str, Amounts], *, counterfactual: bool
) -> Iterator[Event]:
    """The events that stop usage; ``blocked``: cause → nano-dollars of shape (months, draws)."""
    for key, cause in CAUSES.items():
        yield Event(key, plan, months, blocked[cause] > 0, counterfactual)


def budget_event(
    plan: str, months: tuple[date, ...], so_far: Amounts, budget: int, *, counterfactual: bool = False
) -> Event:
    """Beyond the budget: ``so_far`` are cents up to each month's end, shape (months, draws)."""
    beyond = np.maximum.accumulate(so_far > budget, axis=0)
    # What a later credit brings below the budget again was beyond it, but the bill is not.
    return Event(OVER_BUDGET, plan, months, beyond & (so_far[-1] > budget), counterfactual)


def outcome_events(outcome: DrawnOutcome, budget: int | None) -> list[Event]:
    """What may happen on a plan in the months of an outcome."""
    plan, months, flag = outcome.plan.id, outcome.months, outcome.counterfactual
    found = list(stopping_events(plan, months, outcome.by_cause, counterfactual=flag))
    if budget is None:
        return found
    so_far = np.cumsum(outcome.month_cost, axis=0)
    return [budget_event(plan, months, so_far, budget, counterfactual=flag), *found]


def share_text(draws: float, of_draws: int) -> str:
    """A share of the draws with four decimals, half up: ``0.8310``."""
    number = half_up(Fraction(draws) / of_draws * 10_000)
    return f"{number // 10_000}.{number % 10_000:04d}"


def chance_values(events: Sequence[Event]) -> Values:
    """The values of chances.csv: by event, months first and then any of them."""
    rows = [(event, *row) for event in events for row in _rows(event)]
    return {
        "event": [event.key for event, *_ in rows],
        "title": [event.said for event, *_ in rows],
        "plan": [event.plan for event, *_ in rows],
        "month": [month for _, month, _, _ in rows],
        "draws": [draws for *_, draws, _ in rows],
        "of_draws": [event.of_draws for event, *_ in rows],
        "probability": [share_text(draws, event.of_draws) for event, _, draws, _ in rows],
        "first_draws": [first for *_, first in rows],
        "first_probability": ["" if first is None else share_text(first, event.of_draws) for event, *_, first in rows],
        "counterfactual": [event.counterfactual for event, *_ in rows],
    }


def _rows(event: Event) -> Iterable[tuple[str, int, int | None]]:
    """Month, draws in which it happens in it, draws in which it first does."""
    if event.months:
        counts = event.happens.sum(axis=1).tolist()
        for month, draws, first in zip(event.months, counts, event.first_draws, strict=True):
            yield month_text(month), draws, first
    yield ANY, event.draws, None
