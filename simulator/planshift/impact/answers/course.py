"""The course of a renewal: both years, on the new plan and on the old one, before any usage, and what is asked for; and
variants of it, with something else in a plan, in a rate card, in what is agreed, or in the usage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np

from planshift.billing.contract import CreditSettings, LimitChange
from planshift.billing.renewal import opening
from planshift.billing.scenario import Scenario
from planshift.billing.schedule import months_after
from planshift.billing.sharing import Nanos
from planshift.billing.simulation import metered_from
from planshift.billing.usage_request import UsageRequest
from planshift.impact.answers.year import BilledYear, Contracted, PlanYear, plan_year
from planshift.impact.carry import Forward, forward
from planshift.impact.renewal_setup import moves_on, term_after, without_the_move
from planshift.plans.plan import Overlay
from planshift.usage.demand import Demand, Which


@dataclass(frozen=True)
class Demands:
    """What members ask for in some draws when they go to the new plan, and when they stay on the old one."""

    new: Demand
    old: Demand

    def first(self, draws: int) -> Demands:
        """The same in the first of the draws."""
        new = first_draws(self.new, draws)
        return Demands(new, new if self.old is self.new else first_draws(self.old, draws))

    def since(self, day: date) -> Demands:
        """The same from a day on."""
        new = _since(self.new, day)
        return Demands(new, new if self.old is self.new else _since(self.old, day))


def _since(demand: Demand, day: date) -> Demand:
    return demand if demand.start >= day else demand.window(day, demand.end)


def first_draws(demand: Demand, draws: int) -> Demand:
    """A demand in the first of its draws."""
    if draws >= demand.draws:
        return demand
    by_surface = {name: nanos[:, :draws] for name, nanos in demand.by_surface.items()}
    return replace(demand, by_surface=by_surface, draws=draws)


def added_up(demands: Demands) -> Demands:
    """The same, added up over surfaces once for every window of them."""
    _ = demands.new.total, demands.old.total
    return demands


@dataclass(frozen=True)
class Course:
    """A scenario's move on ``day`` and the year up to ``end``: on the ``new`` plan, and had the ``old`` one gone on.

    ``kept``: the scenario without the move; ``goes`` and ``stays``: the contract with the move and without it.
    """

    scenario: Scenario
    kept: Scenario
    day: date
    end: date
    forward: Forward
    goes: Contracted
    stays: Contracted
    new: PlanYear
    old: PlanYear

    @classmethod
    def of(cls, scenario: Scenario) -> Course:
        """The course of a scenario's renewal; InputError where its plan renews on itself."""
        day = moves_on(scenario)
        end = term_after(scenario, day).renewal
        kept, _ = without_the_move(scenario, day)
        goes, stays_on = contracted(scenario, end), contracted(kept, end, counterfactual=True)
        start = scenario.start
        return cls(
            scenario=scenario,
            kept=kept,
            day=day,
            end=end,
            forward=forward(scenario, end),
            goes=goes,
            stays=stays_on,
            new=plan_year(goes, start, day, end),
            old=plan_year(stays_on, start, day, end),
        )

    def under(self, scenario: Scenario, *, new: bool, old: bool) -> Course:
        """The same renewal of a scenario with other terms; only the years that are ``new`` or ``old`` are set up."""
        start, day, end = scenario.start, self.day, self.end
        goes, stays = contracted(scenario, end), self.stays
        kept, _ = without_the_move(scenario, day)
        if old:
            stays = contracted(kept, end, counterfactual=True)
        return replace(
            self,
            scenario=scenario,
            kept=kept,
            goes=goes,
            stays=stays,
            new=plan_year(goes, start, day, end) if new else self.new,
            old=plan_year(stays, start, day, end) if old else self.old,
        )

    @property
    def draws(self) -> int:
        """How many draws of usage the scenario has."""
        return self.scenario.draws

    @property
    def answers(self) -> bool:
        """Does anybody's usage answer to being metered? If not, one demand does for both years."""
        return self.scenario.asked(self.end).answers

    @property
    def warm(self) -> date:
        """The first day that has a say in either year."""
        return min(self.new.warm, self.old.warm)

    def asked(self, draws: range, since: date | None = None) -> AskedDraws:
        """What the members ask for in some draws, from a day, or else the scenario's start, to ``end``."""
        return AskedDraws(self, draws, since or self.scenario.start)


@dataclass(frozen=True)
class AskedDraws:
    """What the members of a course ask for in some draws from the day ``since`` on, made when it is needed.

    ``like``: what was drawn at other prices, where it is to be the same tokens.
    """

    course: Course
    draws: range
    since: date
    like: UsageRequest | None = None

    @cached_property
    def demands(self) -> Demands:
        """When they move on the course's day, and when they stay."""
        return added_up(Demands(self.new, self._measured(self.course.kept, counterfactual=True)))

    @cached_property
    def new(self) -> Demand:
        """When they move."""
        return self._measured(self.course.scenario, counterfactual=False)

    def repriced(self, course: Course) -> Demands:
        """The same tokens at the prices of another course, from the first day that has a say in it."""
        return AskedDraws(course, self.draws, course.warm, self._asked).demands

    def moved(self, since: date) -> Moved:
        """When they move as other scenarios say, from a day on."""
        return Moved(self._asked, since, self.course.end)

    def active(self, start: date, end: date) -> Which:
        """Who asks for anything from ``start`` up to, not including, ``end`` when they move, shape (draws, members)."""
        if self.since <= start:
            return self.new.window(start, end).active
        return self._asked.active(start, end, metered_from(self.course.scenario, self.course.end))

    def _measured(self, scenario: Scenario, *, counterfactual: bool) -> Demand:
        """What they ask for under a scenario's contract; the same object where they ask for the same."""
        end = self.course.end
        metered = metered_from(scenario, end, counterfactual=counterfactual)
        return self._asked.measured(self.since, end, metered).demand

    @cached_property
    def _asked(self) -> UsageRequest:
        course = self.course
        asked = course.scenario.asked(course.end, self.draws, course.forward.carried)
        return asked if self.like is None else self.like.priced_as(asked)


class Moved:
    """What members ask for from ``since`` up to, not including, ``end`` when they move as one scenario or another says.

    The scenarios are the same but for their events. Only days on which they differ are measured again.
    """

    def __init__(self, asked: UsageRequest, since: date, end: date) -> None:
        self._asked, self._since, self._end = asked, since, end
        self._demand: Demand | None = None
        self._metered = end

    def as_in(self, scenario: Scenario, draws: int) -> Demand:
        """When they move as a scenario says, in the first of the draws; good until the next scenario is asked about."""
        assert scenario.usage == self._asked.usage
        since, end = self._since, self._end
        if not self._asked.answers:
            return first_draws(self._asked.measured(since, end).demand, draws)
        metered = min(max(metered_from(scenario, end) or end, since), end)
        if self._demand is None:
            self._demand = self._asked.measured(since, end, metered, keep=False).demand
        elif metered != self._metered:
            first, last = sorted((metered, self._metered))
            part = self._asked.measured(first, last, metered, keep=False).demand
            self._demand = self._demand.with_days(part)
        self._metered = metered
        return first_draws(self._demand, draws)


def contracted(scenario: Scenario, end: date, *, counterfactual: bool = False) -> Contracted:
    """A scenario's contract with everything that happens before ``end``, whatever its own horizon."""
    months = scenario.months
    while months_after(scenario.start, months) < end:
        months += 1
    seats, limits, events, earlier = opening(replace(scenario, months=months))
    happening = tuple(event for event in events if event.day < end)
    contract = replace(scenario.contract, limits=limits)
    return Contracted(contract, seats, happening, scenario.catalogue, counterfactual, earlier)


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
