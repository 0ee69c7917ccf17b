"""What usage that goes on can no longer be of: models that are retired, and modifiers that have ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planshift.plans.rates import REFUSED, RateCard
from planshift.plans.values import Sourced


@dataclass(frozen=True)
class Lapse:
    """A model that is gone from the day ``since`` on, or, with a ``modifier``, what the model no longer has.

    ``successor`` is the model that takes its place, and who says so; None where the card names none.
    """

    model: str
    since: date
    modifier: str = ""
    successor: Sourced | None = None


@dataclass(frozen=True)
class Lasting:
    """A model and modifiers as they go on, and every lapse that made them others."""

    model: str
    modifiers: tuple[str, ...]
    lapses: tuple[Lapse, ...]


def lasting(card: RateCard, model_id: str, modifiers: Sequence[str], used: date, day: date) -> Lasting:
    """What usage of the day ``used`` is of when it goes on, or is repeated, on a later day.

    A retired model is followed by its successor, and that by its own, down to one that is there on the day; where the
    card names none it stays. A modifier that held on the day of use and is refused on the later day is left out.
    """
    lapses: list[Lapse] = []
    if model_id not in card.models:
        return Lasting(model_id, tuple(modifiers), ())  # Pricing says that there is no such model.
    model = card.models[model_id]
    while model.retired and model.retired <= day:
        lapses.append(Lapse(model.id, model.retired, successor=model.replaced_by))
        if model.replaced_by is None:
            break
        model = card.models[model.replaced_by.value]
    kept = []
    for name in modifiers:
        modifier = card.modifiers[name]
        if modifier.otherwise == REFUSED and modifier.applies(model_id, used) and not modifier.applies(model.id, day):
            since = modifier.ends.get(model.id) or lapses[-1].since
            lapses.append(Lapse(model.id, since, modifier=name))
        else:
            kept.append(name)
    return Lasting(model.id, tuple(kept), tuple(lapses))


def lapse_days(card: RateCard, model_id: str, modifiers: Sequence[str]) -> tuple[date, ...]:
    """Every day from which on a model with modifiers goes on as something else; in order."""
    line = tuple(successors(card, model_id))
    retired = (card.models[model].retired for model in line if model in card.models)
    ended = (card.modifiers[name].ends.get(model) for name in modifiers for model in line)
    return tuple(sorted({day for day in (*retired, *ended) if day}))


def successors(card: RateCard, model_id: str) -> Iterator[str]:
    """A model, the one that takes its place, and so on; a checked card has no circle of them."""
    yield model_id
    while model_id in card.models and (found := card.models[model_id].replaced_by) is not None:
        model_id = found.value
        yield model_id
