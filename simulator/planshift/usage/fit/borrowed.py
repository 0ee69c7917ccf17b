"""The shipped personas as parameters, for what a file says too little of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planshift.plans.rates import RateCard
from planshift.problems import Problem
from planshift.usage.products import read_products
from planshift.usage.synthetic.layers import described
from planshift.usage.synthetic.organization import Shocks
from planshift.usage.synthetic.persona import Persona
from planshift.usage.synthetic.persona_reading import Known, read_persona
from planshift.usage.synthetic.shipped import shipped_personas

_OTHER_UNIT = 10.0
"""How far a level in tokens is from one in dollars: farther than any in dollars."""


@dataclass(frozen=True)
class Shipped:
    """Personas by name, and what the members of an organization share."""

    personas: Mapping[str, Persona]
    shocks: Shocks

    def nearest(self, surfaces: Mapping[str, float], level: float) -> Persona:
        """The persona of people that works where a group mostly does, divides its work like it, and has a near level.

        ``surfaces``: dollars by surface; ``level``: dollars per active day. Programs are nobody's likeness.
        """
        total = sum(surfaces.values())
        shares = {name: held / total for name, held in surfaces.items()}
        people = [persona for persona in self.personas.values() if not persona.service_account]
        alike = [persona for persona in people if _main(_shares(persona)) == _main(shares)] or people

        def distance(persona: Persona) -> float:
            theirs = _shares(persona)
            elsewhere = sum(abs(theirs.get(name, 0) - shares.get(name, 0)) for name in {*theirs, *shares})
            if persona.level.unit != "usd":
                return elsewhere + _OTHER_UNIT
            return elsewhere + abs(math.log(max(level, 1e-6) / persona.level.amount))

        return min(alike, key=distance)


def read_shipped(card: RateCard, start: date) -> Shipped:
    """The shipped personas, with the models of the day ``start``, or of the day the card was checked where they have
    none on it."""
    file = shipped_personas()
    found: dict[str, Persona] = {}
    for name in file.layers:
        for day in (start, card.checked):
            problems: list[Problem] = []
            words = described(name, {}, file.layers, problems)
            known = Known(read_products().titles, file.mixes, card, day)
            persona = read_persona(words, known, problems) if words else None
            if persona and not problems:
                found[name] = persona
                break
    return Shipped(found, file.shocks)


def _shares(persona: Persona) -> dict[str, float]:
    return {use.surface: use.share for use in persona.surfaces}


def _main(shares: Mapping[str, float]) -> str:
    return max(sorted(shares), key=lambda name: shares[name])


def title_of(kind: str, size: str, titles: Mapping[str, str]) -> str:
    """What reports call a group: ``Claude Code, heavy``."""
    said: Sequence[str] = [titles.get(kind, "Several surfaces" if kind == "mixed" else kind), size]
    return ", ".join(part for part in said if part)
