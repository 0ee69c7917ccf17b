"""What was published: plans and prices as they were last checked, and what in a catalogue contradicts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from planshift.plans.bundled import folder
from planshift.plans.catalogue import Catalogue, read_catalogue
from planshift.plans.plan import Plan
from planshift.plans.rates import RateCard
from planshift.plans.values import Dated
from planshift.problems import Place, Problem

PUBLISHED = Path("cases", "plans")
"""Where a folder of plans keeps them as they were last checked."""
REMEDY = (
    "date a new value from the first day on which it holds; if what was published is wrong, correct it in"
    f" {PUBLISHED.as_posix()} as well"
)


def published_catalogue(own: Path | None = None) -> Catalogue:
    """The plans and rate cards as they were last checked: the shipped ones, those of the folder ``own`` before them."""
    theirs = [own / PUBLISHED] if own and (own / PUBLISHED).is_dir() else []
    return read_catalogue([folder("plans") / PUBLISHED, *theirs])


def past_changes(catalogue: Catalogue, published: Catalogue) -> list[Problem]:
    """What a catalogue says of days up to the last check other than was published: bills already shown change by it.

    Plans and rate cards that were not published have no past; nor has a value that is new to one that was.
    """
    plans = _changes(catalogue.plans, published.plans)
    return sorted([*plans, *_changes(catalogue.cards, published.cards)])


def _changes(now: Mapping[str, Plan | RateCard], then: Mapping[str, Plan | RateCard]) -> Iterator[Problem]:
    for name in now.keys() & then.keys():
        values = _values(now[name])
        for path, before in _values(then[name]).items():
            after = values.get(path, Dated(path, ()))
            yield from _past(before, after, then[name].checked, Place(now[name].file))


def _values(of: Plan | RateCard) -> Mapping[str, Dated]:
    """Every dated value by its path; of a rate card, prices of models and of searches and factors of modifiers."""
    if isinstance(of, Plan):
        return of.values
    prices = {f"{model.id}.{name}": dated for model in of.models.values() for name, dated in model.prices.items()}
    factors = {f"{modifier.name}.factors": modifier.factors for modifier in of.modifiers.values()}
    return {"web_search": of.web_search, **prices, **factors}


def _past(before: Dated, after: Dated, checked: date, file: Place) -> Iterator[Problem]:
    """A change for each entry that gives another value than was published, on the first day on which it does."""
    told: set[Place] = set()
    for day in sorted({checked, *(day for day in (*before.dates, *after.dates) if day <= checked)}):
        was, entry = before.on(day), after.on(day)
        place = entry.place if entry else file
        if was is None or place in told or (entry and entry.value == was.value):
            continue
        told.add(place)
        value = entry.text if entry else "not there"
        fact = f"{before.path} is {value} on {day}, where {was.text} was published: bills already shown change"
        yield Problem(place, fact, REMEDY)
