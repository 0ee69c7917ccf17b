"""What a plan is called in the middle of a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from planshift.plans.plan import Plan
from planshift.reports.words import listed

_SEAT = " seat"


def plan_name(plan: Plan) -> str:
    """The seats that a plan is known by, ``Standard and Premium seats``; with one seat type, or none so named, its
    title."""
    titles = list(plan.seat_titles.values())
    if len(titles) < 2 or not all(title.endswith(_SEAT) for title in titles):
        return plan.title
    return f"{listed(title.removesuffix(_SEAT) for title in titles)} seats"


def plan_names(plans: Iterable[Plan]) -> list[str]:
    """The names of plans that stand beside each other: with their id behind them where they would be the same."""
    found = list(plans)
    names = [plan_name(plan) for plan in found]
    return [f"{name} ({plan.id})" if names.count(name) > 1 else name for name, plan in zip(names, found, strict=True)]


def set_off(name: str) -> str:
    """A name with a comma inside it, and one behind it, so that the sentence can go on."""
    return f"{name}," if "," in name else name
