"""What plans and their values are called in a sentence, and what tells two plans apart, value by value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from planshift.plans.catalogue import Catalogue
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


NOTHING = "-"


@dataclass(frozen=True)
class Difference:
    """One value of two plans: its path, what it is, and both texts (``-`` where a plan has no such value)."""

    path: str
    label: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """Are the two values unlike (who says so does not matter)?"""
        return self.one.removesuffix(ASSUMED) != self.other.removesuffix(ASSUMED)


ASSUMED = " (assumed)"


def differences(one: Plan, other: Plan, day: date | None = None) -> list[Difference]:
    """Every value of either plan on a day, in the order of the files; without a day, on the day each was checked."""
    found = [
        Difference("kind", "Is usage billed, or included in seats?", one.kind, other.kind),
        Difference("rates", "The rate card that prices tokens", one.rates, other.rates),
    ]
    for path in dict.fromkeys([*one.values, *other.values]):
        holder = one if path in one.values else other
        found.append(Difference(path, label(holder, path), _text(one, path, day), _text(other, path, day)))
    return found


def _text(plan: Plan, path: str, day: date | None) -> str:
    entry = plan.find(path, day or plan.checked)
    if entry is None:
        return NOTHING
    return f"{entry.text}{ASSUMED if entry.assumed else ''}"


def no_effect(catalogue: Catalogue, plans: Collection[str], day: date) -> Iterator[str]:
    """A sentence for each what-if that changes none of the plans, by id, or none of them by a day."""
    for overlay in catalogue.overlays:
        said = f"What-if '{overlay.title}' has no effect here"
        since = min(max(change.entries[0][0], overlay.since) for change in overlay.changes)
        if overlay.baseline not in plans:
            yield f"{said}: it changes '{overlay.baseline}', which is not compared."
        elif since > day:
            yield f"{said}: it begins on {since}, and the values are those of {day} (see --on)."
