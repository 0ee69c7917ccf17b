"""What a plan is called in the middle of a sentence, and its values by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from planshift.plans.plan import Plan
from planshift.plans.schemas import schema
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


_RULES = re.compile(r"\s*\(Rulebook[^)]*\)")


def label(plan: Plan, path: str) -> str:
    """What a value is, in words: ``Premium seat: list price of a seat, US dollars a month``."""
    for titles, group in ((plan.seat_titles, "seats"), (plan.channel_titles, "channels")):
        name = named(f"{group}.*.{path.rpartition('.')[2]}", path)
        if name is not None:
            said = description(path)
            return f"{titles.get(name, name)}: {said[:1].lower()}{said[1:]}"
    return description(path)


def named(pattern: str, path: str) -> str | None:
    """The part of a path that stands where the pattern has ``*``; empty for a pattern without one; None if unlike."""
    wanted, got = pattern.split("."), path.split(".")
    if len(wanted) != len(got) or any(part not in ("*", other) for part, other in zip(wanted, got, strict=True)):
        return None
    return got[wanted.index("*")] if "*" in wanted else ""


@lru_cache
def description(path: str) -> str:
    """The description of a value of a plan in the schema; the path itself where it has none."""
    part: Any = schema("plan")["$defs"]["rules"]
    for key in path.split("."):
        part = part.get("properties", {}).get(key) or part.get("additionalProperties") or {}
        if not isinstance(part, dict):
            return path
    return _RULES.sub("", str(part.get("description", path)))
