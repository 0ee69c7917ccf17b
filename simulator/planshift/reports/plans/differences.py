"""What tells two plans apart, value by value."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.reports.plans.names import label

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
