"""The values of a plan by name: from a dotted path to words, as the schema describes it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from planshift.plans.plan import Plan
from planshift.plans.schemas import schema

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
