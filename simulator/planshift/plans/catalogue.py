"""The catalogue: every plan and rate card at hand, the user's own before the shipped ones, with overlays laid on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from planshift.plans.bundled import folder
from planshift.plans.overlay import Overlay, overlaid, read_overlay
from planshift.plans.plan import Plan, read_plan
from planshift.plans.rates import RateCard, read_rates
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


def load_catalogue(own: Path | None = None, overlays: Iterable[Path] = ()) -> Catalogue:
    """The shipped plans and rates, those of the folder ``own`` before them, under the overlays in their order.

    Raises InputError with the mistakes of every file at once.
    """
    return read_catalogue([folder("plans"), *([own] if own else [])], overlays)


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
