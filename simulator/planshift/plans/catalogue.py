"""The catalogue: every plan and rate card at hand, the user's own before the shipped ones, with overlays laid on; what
in it makes no sense, alone or together, and what contradicts what was published.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from planshift.plans.files import folder
from planshift.plans.plan import ITSELF, Dated, Overlay, Plan, Sourced, overlaid, read_overlay, read_plan
from planshift.plans.rate_files import read_rates
from planshift.plans.rates import RateCard
from planshift.problems import InputError, Place, Problem, did_you_mean

Read = TypeVar("Read")

NO_PLANS = ("rules.yaml", "surfaces.yaml")
"""What lies beside the plan files of a folder and is none."""


@dataclass(frozen=True)
class Catalogue:
    """Plans and rate cards by id, and the files they came from."""

    plans: Mapping[str, Plan] = field(repr=False)
    cards: Mapping[str, RateCard] = field(repr=False)
    files: tuple[Path, ...]
    overlays: tuple[Overlay, ...] = ()

    def plan(self, name: str, place: Place | None = None) -> Plan:
        """The plan of that id; InputError with the nearest ones where there is none."""
        if name in self.plans:
            return self.plans[name]
        raise InputError.at(place or Place("--plans"), f"no plan '{name}'", did_you_mean(name, self.plans))

    def card(self, plan: Plan) -> RateCard:
        """The rate card that prices a plan's tokens (Rulebook U1)."""
        if plan.rates in self.cards:
            return self.cards[plan.rates]
        fact = f"plan '{plan.id}' is priced by the rate card '{plan.rates}', which does not exist"
        raise InputError.at(Place(plan.file), fact, did_you_mean(plan.rates, self.cards))

    def with_overlay(self, overlay: Overlay) -> Catalogue:
        """The catalogue under a what-if; InputError where its baseline is unknown or it changes nothing."""
        overlays = (*self.overlays, overlay)
        if overlay.baseline in self.plans:
            changed = overlaid(self.plans[overlay.baseline], overlay)
            return replace(self, plans={**self.plans, changed.id: changed}, overlays=overlays)
        if overlay.baseline in self.cards:
            card = self.cards[overlay.baseline].with_changes(overlay.changes, overlay.since, overlay.title)
            return replace(self, cards={**self.cards, card.id: card}, overlays=overlays)
        names = [*self.plans, *self.cards]
        raise InputError.at(
            overlay.place, f"no plan or rate card '{overlay.baseline}'", did_you_mean(overlay.baseline, names)
        )


def shipped_plans() -> Path:
    """The folder of the shipped plans."""
    return folder("plans")


def load_catalogue(own: Path | None = None, overlays: Iterable[Path] = ()) -> Catalogue:
    """The shipped plans and rates, those of the folder ``own`` before them, under the overlays in their order.

    Raises InputError with the mistakes of every file at once.
    """
    return read_catalogue([shipped_plans(), *([own] if own else [])], overlays)


def read_catalogue(folders: Iterable[Path], overlays: Iterable[Path] = ()) -> Catalogue:
    """The plans and rates of some folders alone, later ones before earlier ones; InputError as `load_catalogue`."""
    folders = list(folders)
    for place in folders:
        if not place.is_dir():
            raise InputError.at(str(place), "there is no such folder of plans", "name a folder that holds plan files")
    plan_files = [file for place in folders for file in sorted(place.glob("*.yaml")) if file.name not in NO_PLANS]
    card_files = [file for place in folders for file in sorted((place / "rates").glob("*.yaml"))]
    problems: list[Problem] = []
    plans = {plan.id: plan for plan in _read_all(plan_files, read_plan, problems)}
    cards = {card.id: card for card in _read_all(card_files, read_rates, problems)}
    what_ifs = list(overlays)
    laid = list(_read_all(what_ifs, read_overlay, problems))
    catalogue = Catalogue(plans=plans, cards=cards, files=(*plan_files, *card_files, *what_ifs))
    for overlay in laid:
        try:
            catalogue = catalogue.with_overlay(overlay)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return catalogue


def _read_all(files: Iterable[Path], read: Callable[[Path], Read], problems: list[Problem]) -> Iterator[Read]:
    for file in files:
        try:
            yield read(file)
        except InputError as error:
            problems += error.problems


def chosen_card(catalogue: Catalogue, name: str | None = None) -> RateCard:
    """The rate card of that id, or the only one; InputError where it is not there, or there are several."""
    if name is None and len(catalogue.cards) == 1:
        return next(iter(catalogue.cards.values()))
    if name is None:
        raise InputError.at("--rates", "there are several rate cards", f"name one of: {', '.join(catalogue.cards)}")
    if name not in catalogue.cards:
        raise InputError.at("--rates", f"no rate card '{name}'", did_you_mean(name, catalogue.cards))
    return catalogue.cards[name]


ALWAYS_BILLED = "always"


def catalogue_problems(catalogue: Catalogue, surfaces: Collection[str]) -> list[Problem]:
    """Every mistake of meaning in the plans and between them; empty without one. Rate cards are checked when read."""
    problems = [problem for plan in catalogue.plans.values() for problem in plan_problems(plan, catalogue, surfaces)]
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
