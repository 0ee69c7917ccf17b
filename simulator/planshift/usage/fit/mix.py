"""What members' usage is made of: surfaces, models and classes of tokens; the shipped ones where little is known."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor, log10

import numpy as np

from planshift.plans.rates import TOKEN_CLASSES, NoPriceError, RateCard
from planshift.problems import Problem
from planshift.usage.fit import groups
from planshift.usage.fit.groups import Group, Places
from planshift.usage.fit.panel import Panel
from planshift.usage.fit.volume import Floats
from planshift.usage.products import read_products
from planshift.usage.synthetic.persona import Persona, Shocks, SurfaceUse, TokenMix
from planshift.usage.synthetic.persona_reading import Known, described, read_persona
from planshift.usage.synthetic.reading import shipped_personas

SHARE_DIGITS = 5


def significant(value: float, digits: int = 3) -> float:
    """The value with so many significant digits: 0.0123456 as 0.0123."""
    if not value:
        return 0.0
    return round(value, digits - 1 - floor(log10(abs(value))))


def whole_shares(amounts: Mapping[str, float], digits: int = SHARE_DIGITS) -> dict[str, float]:
    """Shares of so many digits that add up to exactly 1 as decimals; what rounds to nothing is left out.

    The largest takes what rounding leaves over.
    """
    total = sum(amounts.values())
    step = Decimal(1).scaleb(-digits)
    shares = {name: Decimal(str(amount / total)).quantize(step) for name, amount in amounts.items()}
    largest = max(shares, key=lambda name: shares[name])
    shares[largest] += 1 - sum(shares.values(), Decimal(0))
    return {name: float(share) for name, share in shares.items() if share}


LEAST = 0.005
"""A surface or a model with a smaller share of a group's usage is left out of it."""

_CACHED = TOKEN_CLASSES.index("cache_read")
_EDGE = 1e-4
_WIDEST = 3.0


@dataclass(frozen=True)
class Models:
    """Model → share of members who prefer it; how much of a member's tokens is of the preferred one; and the models
    that are left out because they cannot be had on the first day, with their share of tokens."""

    preferred: Mapping[str, float]
    share: float
    missing: Mapping[str, float]


def models(panel: Panel, members: Places, available: Collection[str]) -> Models:
    """The models of some members, of those ``available``; none where they use none of these.

    A model that nobody prefers has the share that it has of all tokens, so that the rest of members' tokens goes to it.
    """
    names = sorted({model for _, model in panel.tokens})
    by_model = {name: _tokens(panel, members, model=name).sum(axis=1) for name in names}
    total = sum(held.sum() for held in by_model.values())
    missing = {name: float(held.sum() / total) for name, held in by_model.items() if name not in available}
    kept = [name for name in names if name in available and by_model[name].sum() >= LEAST * total]
    if not kept:
        return Models({}, 1.0, missing)
    tokens = np.stack([by_model[name] for name in kept])
    tokens = tokens[:, tokens.sum(axis=0) > 0]
    first = tokens.argmax(axis=0)
    counts = np.bincount(first, minlength=len(kept)) / len(first)
    counts = np.where(counts > 0, counts, tokens.sum(axis=1) / tokens.sum())
    share = float((tokens.max(axis=0) / tokens.sum(axis=0)).mean())
    preferred = whole_shares(dict(zip(kept, counts.tolist(), strict=True)), digits=4)
    return Models(preferred, 1.0 if len(preferred) == 1 else round(share, 4), {n: s for n, s in missing.items() if s})


def surfaces(panel: Panel, group: Group, persona: Persona, name: str) -> tuple[tuple[SurfaceUse, ...], bool]:
    """Where a group works, by shares of its dollars, each with its token mix; and whether the spread of cache reads is
    the group's own. ``persona`` is the shipped one, for what is not."""
    dollars = {surface: float(held[group.members].sum()) for surface, held in panel.surfaces.items()}
    total = sum(dollars.values())
    kept = {surface: amount for surface, amount in dollars.items() if amount >= LEAST * total}
    shares = whole_shares(kept, digits=4)
    own = len(group.members) >= groups.CACHE.members
    uses = [
        SurfaceUse(surface, share, _mix(panel, group.members, surface, f"{name}_on_{surface}", persona, own))
        for surface, share in sorted(shares.items())
    ]
    return tuple(uses), own


def price_ratio(panel: Panel, group: Group, card: RateCard, day: date) -> float:
    """What a group's tokens cost on a day over what they cost on the file's first; of models with prices on both."""
    costs = [0.0, 0.0]
    for (_, model), held in panel.tokens.items():
        try:
            prices = [card.price(model, at).tokens for at in (panel.start, day)]
        except NoPriceError:
            continue
        tokens = held[group.members].sum(axis=0)
        costs = [cost + float(tokens @ [float(price) for price in of]) for cost, of in zip(costs, prices, strict=True)]
    return costs[1] / costs[0] if costs[0] > 0 else 1.0


def _mix(panel: Panel, members: Places, surface: str, name: str, persona: Persona, own: bool) -> TokenMix:
    """The tokens of some members on a surface: as they divide, with the middle member's share of cache reads."""
    tokens = _tokens(panel, members, surface=surface)
    shipped = {use.surface: use.mix for use in persona.surfaces}
    like = shipped.get(surface, persona.surfaces[0].mix)
    shares = tokens.sum(axis=0) / tokens.sum()
    users = tokens[tokens.sum(axis=1) > 0]
    cached = users[:, _CACHED] / users.sum(axis=1)
    spread = like.cache_spread
    if own and 0 < shares[_CACHED] < 1:
        logits = np.log(np.clip(cached, _EDGE, 1 - _EDGE) / (1 - np.clip(cached, _EDGE, 1 - _EDGE)))
        weights = np.sqrt(users.sum(axis=1))
        middle = float(np.average(logits, weights=weights))
        spread = min(float(np.sqrt(np.average((logits - middle) ** 2, weights=weights))), _WIDEST)
        theirs = 1 / (1 + np.exp(-middle))
        shares = shares * (1 - theirs) / (1 - shares[_CACHED])
        shares[_CACHED] = theirs
    elif not 0 < shares[_CACHED] < 1:
        spread = 0.0
    by_class = whole_shares(dict(zip(TOKEN_CLASSES, shares.tolist(), strict=True)))
    return TokenMix(name, "", by_class, round(spread, 3), like.step_tokens)


def _tokens(panel: Panel, members: Places, surface: str | None = None, model: str | None = None) -> Floats:
    """The tokens of some members on a surface or of a model, shape (members, token classes)."""
    found = np.zeros((len(members), len(TOKEN_CLASSES)))
    for (on, of), held in panel.tokens.items():
        if surface in (None, on) and model in (None, of):
            found += held[members]
    return found


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
