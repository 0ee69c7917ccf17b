"""Which what-ifs reach a run: what an overlay changes, beside what was in force, charged and used in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal, TypeAlias

from planshift.billing.charges import SeatCharge
from planshift.billing.ledger import Ledger
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import DAY
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Dated, Overlay
from planshift.plans.rates import RateCard, lasting
from planshift.usage.measure import Measured
from planshift.usage.synthetic.persona import Organization, Persona

Why: TypeAlias = Literal[
    "late", "plan", "ended", "seat", "fee", "channel", "credits", "card", "model", "tokens", "unused_since"
]
"""Why a change reaches nothing."""


@dataclass(frozen=True)
class InForce:
    """A plan in force from ``first`` up to, not including, ``end``: through which channel, with which seat types, and
    whether usage is paid from credits; None where nobody kept them."""

    plan: str
    first: date
    end: date
    channel: str | None = None
    seats: frozenset[str] | None = None
    prepaid: bool | None = None


@dataclass(frozen=True)
class Reads:
    """What runs up to, not including, ``end`` read of plans and prices.

    ``fees``: plan and seat type → the days on which seats were charged, None where nobody kept them; ``used``: model
    and token class → the last day on which anybody used any, by the prices of ``card``.
    """

    end: date
    in_force: tuple[InForce, ...]
    fees: Mapping[tuple[str, str], frozenset[date]] | None
    card: str
    used: Mapping[tuple[str, str], date]

    @classmethod
    def of(cls, scenario: Scenario, ledgers: Sequence[Ledger], measured: Measured) -> Reads:
        """What the ledgers of a scenario's usage read."""
        end, fees = max(ledger.end for ledger in ledgers), dict[tuple[str, str], set[date]]()
        for ledger in ledgers:
            for charge in ledger.charges:
                if isinstance(charge, SeatCharge):
                    fees.setdefault((charge.plan, charge.seat_type), set()).add(charge.day)
        populations = scenario.usage.populations if isinstance(scenario.usage, Organization) else ()
        drawn = used_by((population.persona for population in populations), scenario.card, end)
        return cls(
            end=end,
            in_force=tuple(held for ledger in ledgers for held in _in_force(ledger)),
            fees={key: frozenset(days) for key, days in fees.items()},
            card=scenario.card.id,
            used={**measured.used, **drawn},
        )


def _in_force(ledger: Ledger) -> Iterator[InForce]:
    ends = [phase.since for phase in ledger.phases[1:]] + [ledger.end]
    for phase, end in zip(ledger.phases, ends, strict=True):
        seats = frozenset(seat for seat, count in phase.seats.held.items() if count)
        terms = phase.terms
        yield InForce(terms.plan.id, max(phase.since, ledger.start), end, terms.channel, seats, terms.prepaid)


def used_by(personas: Iterable[Persona], card: RateCard, end: date) -> dict[tuple[str, str], date]:
    """Model and token class → the last day before ``end`` on which personas may use any."""
    found: dict[tuple[str, str], date] = {}
    for persona in personas:
        classes = {name for use in persona.surfaces for name, share in use.mix.shares.items() if share}
        for name in (name for name, share in persona.models.items() if share):
            goes_on = lasting(card, card.resolve(name) or name, (), end, end - DAY)
            last = {lapse.model: lapse.since - DAY for lapse in goes_on.lapses} | {goes_on.model: end - DAY}
            for key, day in ((key, day) for model, day in last.items() for key in product([model], classes)):
                found[key] = max(found.get(key, day), day)
    return found


@dataclass(frozen=True)
class Unreached:
    """A what-if that reaches nothing of a run, and ``why``: of one of its changes, the first.

    ``name``: what is not there (a plan, a seat, a channel, a model) and ``part`` of it; ``since``: when the change
    begins; ``last``: the last day on which there was something to reach.
    """

    title: str
    why: Why
    since: date
    last: date
    name: str = ""
    part: str = ""


def unreached(catalogue: Catalogue, reads: Reads, overlays: Iterable[Overlay] | None = None) -> tuple[Unreached, ...]:
    """The what-ifs that are laid on, or ``overlays``, of which no change is read by the run."""
    found = []
    for overlay in catalogue.overlays if overlays is None else overlays:
        whys = [_unreached(overlay, change, reads, catalogue) for change in overlay.changes]
        if whys and all(whys):
            found.append(whys[0])
    return tuple(why for why in found if why)


def _unreached(overlay: Overlay, change: Dated, reads: Reads, catalogue: Catalogue) -> Unreached | None:
    since = max(change.entries[0][0], overlay.since)
    last = reads.end - DAY
    if since > last:
        return Unreached(overlay.title, "late", since, last)
    if overlay.baseline in catalogue.plans:
        return _of_plan(overlay, change.path, since, reads, catalogue)
    return _of_card(overlay, change.path, since, reads, catalogue.cards[overlay.baseline])


def _of_plan(overlay: Overlay, path: str, since: date, reads: Reads, catalogue: Catalogue) -> Unreached | None:
    """Why a change of a plan's value is not read; None where it is."""
    plan = catalogue.plans[overlay.baseline]
    held = [one for one in reads.in_force if one.plan == plan.id]
    last = max((one.end for one in held), default=since) - DAY
    if not held:
        return Unreached(overlay.title, "plan", since, last, plan.title)
    if last < since:
        return Unreached(overlay.title, "ended", since, last, plan.title)
    later = [one for one in held if one.end > since]
    kind, _, rest = path.partition(".")
    name, _, value = rest.partition(".")
    if kind == "seats":
        if all(one.seats is not None and name not in one.seats for one in later):
            return Unreached(overlay.title, "seat", since, last, plan.seat_titles[name])
        if value == "price_usd_per_month" and reads.fees is not None:
            charged = reads.fees.get((plan.id, name), frozenset())
            if not any(day >= since for day in charged):
                return Unreached(overlay.title, "fee", since, max(charged, default=last), plan.seat_titles[name])
    if kind == "credits" and all(one.prepaid is False for one in later):
        return Unreached(overlay.title, "credits", since, last, plan.title)
    if kind == "channels" and all(one.channel not in (None, name) for one in later):
        return Unreached(overlay.title, "channel", since, last, plan.channel_titles[name])
    return None


def _of_card(overlay: Overlay, path: str, since: date, reads: Reads, card: RateCard) -> Unreached | None:
    """Why a change of a price is not read; None where it is."""
    name, _, key = path.removeprefix("models.").rpartition(".")
    token_class = key.removesuffix("_usd_per_mtok")
    model = card.models[card.resolve(name) or name]
    last = max((day for (used, _), day in reads.used.items() if used == model.id), default=None)
    of_class = reads.used.get((model.id, token_class))
    if reads.card != card.id:
        return Unreached(overlay.title, "card", since, since, card.title)
    if last is None:
        return Unreached(overlay.title, "model", since, since, model.title)
    if of_class is None:
        return Unreached(overlay.title, "tokens", since, last, model.title, token_class)
    return Unreached(overlay.title, "unused_since", since, of_class, model.title) if of_class < since else None
