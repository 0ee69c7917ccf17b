"""What-ifs: an overlay holds only what differs from a plan or a rate card, and from which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.plans.schemas import read_valid
from planshift.plans.values import Dated, Sourced, plain, sourced_values
from planshift.problems import InputError, Place, Problem, did_you_mean


@dataclass(frozen=True)
class Overlay:
    """A what-if: the values that differ from ``baseline`` from the day ``since`` on."""

    title: str
    baseline: str
    since: date
    changes: tuple[Dated, ...]
    file: str
    place: Place = Place("")


def read_overlay(path: Path) -> Overlay:
    """The overlay of a file; InputError with every slip of YAML and schema."""
    return overlay_from(read_valid(path, "overlay"))


def overlay_from(document: Document) -> Overlay:
    """The overlay of a document that the schema has accepted."""
    data: Any = document.data
    changes = {"changes": data["changes"]}
    return Overlay(
        title=data["title"],
        baseline=data["baseline"],
        since=data["from"],
        changes=tuple(
            replace(dated, path=dated.path.removeprefix("changes.")) for dated in sourced_values(document, changes)
        ),
        file=document.name,
        place=document.place("baseline"),
    )


def overlaid(plan: Plan, overlay: Overlay) -> Plan:
    """The plan under an overlay: nothing changes before its date.

    Raises InputError where a change names no value of the plan, begins before the overlay does, or changes nothing.
    """
    problems: list[Problem] = []
    changed: dict[str, Dated] = {}
    for change in overlay.changes:
        baseline = plan.values.get(change.path)
        first = change.entries[0][1]
        if baseline is None:
            hint = did_you_mean(change.path, plan.values)
            problems.append(Problem(first.place, f"plan '{plan.id}' has no value '{change.path}'", hint))
            continue
        problems += _early(overlay, change)
        changed[change.path] = _after(baseline, overlay, change)
    if not problems and all(_same(plan.values[path], dated, overlay.since) for path, dated in changed.items()):
        fact = f"the overlay changes nothing: plan '{plan.id}' has these values already"
        problems.append(Problem(overlay.place, fact, "change a value, or leave the overlay out"))
    if problems:
        raise InputError(problems)
    return plan.with_values(changed, overlay.title)


def _early(overlay: Overlay, change: Dated) -> list[Problem]:
    return [
        Problem(
            entry.place,
            f"'{change.path}' would change on {since}, before the overlay begins on {overlay.since}",
            "date it on or after `from`, or begin the overlay earlier",
        )
        for since, entry in change.entries
        if date.min < since < overlay.since
    ]


def _after(baseline: Dated, overlay: Overlay, change: Dated) -> Dated:
    result = baseline
    for since, entry in change.entries:
        result = result.from_day(max(since, overlay.since), replace(entry, overlay=overlay.title))
    return result


def _same(baseline: Dated, changed: Dated, since: date) -> bool:
    days: Mapping[date, None] = dict.fromkeys([since, *baseline.dates, *changed.dates])
    return all(_text(baseline.on(day)) == _text(changed.on(day)) for day in days if day >= since)


def _text(entry: Sourced | None) -> str:
    return "" if entry is None else plain(entry.value)
