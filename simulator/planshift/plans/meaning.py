"""What a schema cannot see: whether the plans of a catalogue make sense, alone and together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import ITSELF, Plan
from planshift.plans.values import Dated, Sourced
from planshift.problems import InputError, Place, Problem, did_you_mean

ALWAYS_BILLED = "always"


def catalogue_problems(catalogue: Catalogue, surfaces: Collection[str]) -> list[Problem]:
    """Every mistake of meaning in the plans, the rate cards and between them; empty when all is well."""
    problems = [problem for plan in catalogue.plans.values() for problem in plan_problems(plan, catalogue, surfaces)]
    for card in catalogue.cards.values():
        problems += card.problems()
    return sorted(problems)


def plan_problems(plan: Plan, catalogue: Catalogue, surfaces: Collection[str]) -> list[Problem]:
    """The mistakes of meaning of one plan, in the light of the others."""
    return [
        *_name(plan),
        *_references(plan),
        *_rates(plan, catalogue),
        *_billing_stays_on(plan),
        *_surfaces(plan, surfaces),
        *_thresholds(plan),
        *_succession(plan, catalogue),
        *_migration(plan),
        *_alternatives(plan),
    ]


def _entries(plan: Plan, suffix: str = "") -> Iterator[tuple[Dated, date, Sourced]]:
    for path, dated in plan.values.items():
        if path.endswith(suffix):
            for since, entry in dated.entries:
                yield dated, since, entry


def _name(plan: Plan) -> Iterator[Problem]:
    if plan.file.rsplit("/", 1)[-1] != f"{plan.id}.yaml":
        yield Problem(Place(plan.file), f"the file holds plan '{plan.id}'", f"name it {plan.id}.yaml")


def _references(plan: Plan) -> Iterator[Problem]:
    for dated, _, entry in _entries(plan):
        if entry.reference and not entry.reference.startswith("https://") and entry.reference not in plan.sources:
            fact = f"{dated.path} refers to '{entry.reference}', which is not among the plan's sources"
            yield Problem(entry.place, fact, did_you_mean(entry.reference, plan.sources))


def _rates(plan: Plan, catalogue: Catalogue) -> Iterator[Problem]:
    try:
        catalogue.card(plan)
    except InputError as error:
        yield from error.problems


def _billing_stays_on(plan: Plan) -> Iterator[Problem]:
    for _, _, entry in _entries(plan, "usage_billing"):
        if entry.value != ALWAYS_BILLED:
            fact = f"usage billing is '{entry.text}', but it cannot be switched off on a usage-based plan (Rulebook U6)"
            yield Problem(entry.place, fact, f"write {ALWAYS_BILLED}")


def _surfaces(plan: Plan, surfaces: Collection[str]) -> Iterator[Problem]:
    for dated, _, entry in _entries(plan, ".surfaces"):
        for surface in entry.value:
            if surface not in surfaces:
                fact = f"{dated.path} opens '{surface}', which is not a surface"
                yield Problem(entry.place, fact, did_you_mean(surface, surfaces))


def _thresholds(plan: Plan) -> Iterator[Problem]:
    for dated, _, entry in _entries(plan, "alert_thresholds"):
        if any(low >= high for low, high in pairwise(entry.value)):
            yield Problem(entry.place, f"{dated.path} does not rise: {entry.text}", "sort the thresholds")


def _succession(plan: Plan, catalogue: Catalogue) -> Iterator[Problem]:
    for _, since, entry in _entries(plan, "renewal.successor"):
        named = str(entry.value)
        if named == ITSELF:
            continue
        if named not in catalogue.plans:
            yield Problem(
                entry.place, f"the successor '{named}' is not a plan", did_you_mean(named, [*catalogue.plans, ITSELF])
            )
            continue
        yield from _seat_map(plan, catalogue.plans[named], since, entry)


def _seat_map(plan: Plan, successor: Plan, since: date, entry: Sourced) -> Iterator[Problem]:
    mapped = plan.find("renewal.seat_map", max(since, date.min))
    if mapped is None:
        fact = f"the plan becomes '{successor.id}' but has no renewal.seat_map"
        yield Problem(entry.place, fact, "say which seat each seat type becomes")
        return
    for seat in plan.seat_types:
        if seat not in mapped.value:
            yield Problem(mapped.place, f"the seat map leaves out '{seat}'", f"say which seat '{seat}' becomes")
    for seat, target in mapped.value.items():
        if seat not in plan.seat_types:
            yield Problem(mapped.place, f"'{seat}' is not a seat type here", did_you_mean(seat, plan.seat_types))
        if target not in successor.seat_types:
            fact = f"the seat map gives '{target}', which plan '{successor.id}' does not have"
            yield Problem(mapped.place, fact, did_you_mean(target, successor.seat_types))


def _migration(plan: Plan) -> Iterator[Problem]:
    for _, since, entry in _entries(plan, "early_migration.allowed"):
        successor = plan.find("renewal.successor", since)
        if entry.value and successor is not None and successor.value == ITSELF:
            fact = "early migration is allowed, but the plan renews on itself: nothing to move to (Rulebook R3)"
            yield Problem(entry.place, fact, "name another plan as renewal.successor, or do not allow it")


def _alternatives(plan: Plan) -> Iterator[Problem]:
    for dated, _, entry in _entries(plan):
        if entry.value in entry.alternatives:
            fact = f"{dated.path} lists its own value '{entry.text}' among the alternatives"
            yield Problem(entry.place, fact, "list only the other choices")
