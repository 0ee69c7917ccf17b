"""What is said of usage that goes on without models and modifiers that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from planshift.billing.calendar import DAY
from planshift.billing.scenario import Scenario
from planshift.plans.lapses import lasting
from planshift.plans.rates import RateCard
from planshift.usage.repetition import Lapsed
from planshift.usage.synthetic.organization import Organization


def lapsed_in_draws(scenario: Scenario, end: date) -> tuple[Lapsed, ...]:
    """What lapses before ``end`` of the models that a scenario's personas use; nothing where usage is not drawn."""
    if not isinstance(scenario.usage, Organization):
        return ()
    card, found = scenario.card, dict[Lapsed, None]()
    for population in scenario.usage.populations:
        persona = population.persona
        for name, share in persona.models.items():
            goes_on = lasting(card, card.resolve(name) or name, (), scenario.usage.start, end - DAY)
            of_mix = Fraction(share) / sum(map(Fraction, persona.models.values()))
            found.update(dict.fromkeys(Lapsed(lapse, of_mix, persona.name) for lapse in goes_on.lapses))
    return tuple(found)


def lapsed_said(lapsed: Iterable[Lapsed], card: RateCard) -> Iterator[str]:
    """A sentence for each: what is gone since when, how much of usage that is, and how it goes on."""
    for one in lapsed:
        lapse, model = one.lapse, card.models[one.lapse.model].title
        of_what = f"the mix of models of '{one.persona}'" if one.persona else "the cost of the usage carried forward"
        share = f"From then on {percent_text(one.share)} of {of_what}"
        if lapse.modifier:
            mode = card.modifiers[lapse.modifier].title
            yield f"{mode} ended for {model} on {lapse.since}. {share} goes on without it."
        elif lapse.successor is None:
            yield f"{model} was retired on {lapse.since}. {share} keeps its price: the rate card names no successor."
        else:
            successor = card.models[lapse.successor.value].title
            assumed = f" (assumed: {lapse.successor.note.rstrip('.')})" if lapse.successor.assumed else ""
            yield f"{model} was retired on {lapse.since}. {share} goes on with {successor}, at its prices{assumed}."


def percent_text(share: Fraction) -> str:
    """A share in per cent: ``24.7 %``, ``under 0.1 %``."""
    return "under 0.1 %" if 0 < share < Fraction(1, 2000) else f"{float(share * 100):.1f} %"
