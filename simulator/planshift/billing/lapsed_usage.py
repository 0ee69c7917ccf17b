"""What is said of usage that goes on without models and modifiers that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from planshift.billing.calendar import DAY
from planshift.billing.scenario import Scenario
from planshift.plans.rates import Lapse, RateCard, lasting
from planshift.usage.pricing import Lapsed
from planshift.usage.synthetic.persona import Organization


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
    """A sentence for each lapse: what is gone since when, how much of usage that is, and how it goes on."""
    held: dict[Lapse, list[Lapsed]] = {}
    for one in lapsed:
        held.setdefault(one.lapse, []).append(one)
    for lapse, all_of_it in held.items():
        model, share = card.models[lapse.model].title, f"From then on {_share_said(all_of_it)}"
        if lapse.modifier:
            mode = card.modifiers[lapse.modifier].title
            yield f"{mode} ended for {model} on {lapse.since}. {share} goes on without it."
        elif lapse.successor is None:
            yield f"{model} was retired on {lapse.since}. {share} keeps its price: the rate card names no successor."
        else:
            successor = card.models[lapse.successor.value].title
            assumed = f" (assumed: {lapse.successor.note.rstrip('.')})" if lapse.successor.assumed else ""
            yield f"{model} was retired on {lapse.since}. {share} goes on with {successor}, at its prices{assumed}."


def _share_said(lapsed: Iterable[Lapsed]) -> str:
    """How much of usage lapses alike: of the cost carried forward, or of what personas use."""
    shares = sorted({one.share for one in lapsed})
    drawn = any(one.persona for one in lapsed)
    of_what = "the tokens of the personas that use it" if drawn else "the cost of the usage carried forward"
    return f"{' to '.join(percent_text(share) for share in dict.fromkeys((shares[0], shares[-1])))} of {of_what}"


def percent_text(share: Fraction) -> str:
    """A share in per cent: ``24.7 %``, ``under 0.1 %``."""
    return "under 0.1 %" if 0 < share < Fraction(1, 2000) else f"{float(share * 100):.1f} %"
