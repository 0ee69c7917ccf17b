"""Variants: the same renewal with something else in a plan, in a rate card, in what is agreed, or in the usage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from planshift.billing.contract import CreditSettings, LimitChange
from planshift.billing.scenario import Scenario
from planshift.billing.sharing import Nanos
from planshift.impact.answers.course import Course, Demands, added_up
from planshift.impact.answers.year import BilledYear
from planshift.plans.plan import Overlay
from planshift.usage.demand import Demand

SEATS_ALONE = ("price_usd_per_month", "proration", "early_migration.credit", "early_migration.credit_basis")
"""The ends of paths of values that change what seats cost, and nothing of what becomes of usage."""


@dataclass(frozen=True)
class Variant:
    """Something else: overlays laid on, limits, seats or credits agreed for the new term, or another usage.

    ``usage``: a factor on all that members ask for; ``surfaces``: one on what they ask of a surface. ``key`` is a name
    that stays, ``title`` what it is called.
    """

    key: str
    title: str
    overlays: tuple[Overlay, ...] = ()
    limits: LimitChange | None = None
    seats: Mapping[str, int] | None = None
    credits: CreditSettings | None = None
    usage: Fraction = Fraction(1)
    surfaces: Mapping[str, Fraction] = field(default_factory=dict)

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario under it, its usage left as it is; InputError where an overlay changes nothing."""
        catalogue = scenario.catalogue
        for overlay in self.overlays:
            catalogue = catalogue.with_overlay(overlay)
        agreed = scenario.contract.renewal
        if self.limits is not None:
            agreed = replace(agreed, limits=self.limits)
        if self.seats is not None:
            agreed = replace(agreed, seats=self.seats)
        if self.credits is not None:
            agreed = replace(agreed, credits=self.credits)
        plan = catalogue.plans[scenario.contract.plan.id]
        contract = replace(scenario.contract, plan=plan, renewal=agreed)
        return replace(scenario, catalogue=catalogue, contract=contract)

    def asked(self, demands: Demands) -> Demands:
        """What is asked for under it."""
        if self.usage == 1 and not self.surfaces:
            return demands
        new = self._asked(demands.new)
        return added_up(Demands(new, new if demands.old is demands.new else self._asked(demands.old)))

    def _asked(self, demand: Demand) -> Demand:
        factors = {name: self.usage * self.surfaces.get(name, 1) for name in demand.by_surface}
        by_surface = {name: scaled(demand.by_surface[name], factor) for name, factor in factors.items()}
        return replace(demand, by_surface=by_surface)


def scaled(nanos: Nanos, factor: Fraction) -> Nanos:
    """Amounts that are not negative times a factor, each rounded half up to the nano-dollar."""
    if factor == 1:
        return nanos
    part, whole = np.int64(factor.numerator), np.int64(factor.denominator)
    if nanos.size and int(nanos.max()) < (1 << 62) // int(part):
        quick: Nanos = nanos * part
        quick += whole // 2
        quick //= whole
        return quick
    # Split first, so that the product stays inside 64 bits.
    quotient, rest = np.divmod(nanos, whole)
    result: Nanos = quotient * part + (2 * rest * part + whole) // (2 * whole)
    return result


@dataclass(frozen=True)
class Tried:
    """A variant's course beside the one it differs from, and which of it must be billed again.

    ``reprices``: tokens have other prices; ``new``, ``old``: usage on that plan has another outcome.
    """

    variant: Variant
    course: Course
    reprices: bool
    new: bool
    old: bool

    def years(self, base: Years, demands: Demands) -> Years:
        """Both years under the variant, where ``base`` is them without it, for what is asked without it.

        ``demands`` are priced as the variant prices them.
        """
        asked = self.variant.asked(demands.since(self.course.warm))
        old = self.course.old.billed(asked.old) if self.old else base.old
        new = self.course.new.billed(asked.new) if self.new else base.new
        return Years(
            replace(old, seat_cost=self.course.old.seat_cost), replace(new, seat_cost=self.course.new.seat_cost)
        )


@dataclass(frozen=True)
class Years:
    """Both years billed, in some draws."""

    old: BilledYear
    new: BilledYear


def tried(variant: Variant, base: Course) -> Tried:
    """A variant of a renewal, set up; InputError where an overlay changes nothing, or the contract cannot be."""
    scenario = variant.applied(base.scenario)
    baselines = {overlay.baseline for overlay in variant.overlays}
    in_usage = {
        overlay.baseline
        for overlay in variant.overlays
        if any(not change.path.endswith(SEATS_ALONE) for change in overlay.changes)
    }
    reprices = bool(baselines & base.scenario.catalogue.cards.keys())
    stops = variant.limits is not None or variant.credits is not None
    agreed = stops or variant.seats is not None
    new, old = base.new.plan.id, base.old.plan.id
    # Credits have a memory that reaches behind the renewal, and so do the fees of a term that is left early.
    remembers = base.new.warm < base.day and old in baselines
    early = base.day < base.scenario.term.renewal and old in baselines
    set_up = (new in baselines or agreed or remembers or early, old in baselines)
    usage = reprices or variant.usage != 1 or bool(variant.surfaces)
    return Tried(
        variant,
        base.under(scenario, new=set_up[0], old=set_up[1]),
        reprices,
        new=usage or stops or new in in_usage or (remembers and old in in_usage),
        old=usage or old in in_usage,
    )
