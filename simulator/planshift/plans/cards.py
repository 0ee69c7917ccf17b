"""The rate card to use where no plan says which."""

from __future__ import annotations

from planshift.plans.catalogue import Catalogue
from planshift.plans.rates import RateCard
from planshift.problems import InputError, did_you_mean


def chosen_card(catalogue: Catalogue, name: str | None = None) -> RateCard:
    """The rate card of that id, or the only one; InputError where it is not there, or there are several."""
    if name is None and len(catalogue.cards) == 1:
        return next(iter(catalogue.cards.values()))
    if name is None:
        raise InputError.at("--rates", "there are several rate cards", f"name one of: {', '.join(catalogue.cards)}")
    if name not in catalogue.cards:
        raise InputError.at("--rates", f"no rate card '{name}'", did_you_mean(name, catalogue.cards))
    return catalogue.cards[name]
