"""The comparison: the same demand through each of several plans, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from planshift.billing.account import bill
from planshift.billing.checks import check
from planshift.billing.lapsed_usage import lapsed_in_draws, lapsed_said
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.money import all_to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.simulation import Run
from planshift.billing.terms import Terms
from planshift.impact.carry import Forward, forward
from planshift.impact.counterpart import Counterpart, counterpart
from planshift.impact.drawn import Cents
from planshift.impact.outcome import Outcome, Outcomes, joined, outcomes
from planshift.plans.plan import Plan
from planshift.problems import InputError, Place
from planshift.usage.measure import WEEK, Measured


@dataclass(frozen=True)
class OnPlan:
    """A customer on one plan over the horizon: its outcome, its ledger, what was assumed to get there."""

    outcome: Outcome
    ledger: Ledger
    notes: tuple[str, ...]


@dataclass(frozen=True)
class MemberCost:
    """What a member costs on each plan, in the order of the comparison: seat and billed usage together, cents."""

    user_id: str
    team: str
    costs: tuple[int, ...]
    stopped: tuple[int, ...]

    def change(self, plan: int) -> int:
        """What the member costs more on a plan than on the first, cents."""
        return self.costs[plan] - self.costs[0]


@dataclass(frozen=True)
class Comparison:
    """The same demand through several plans, in one draw; the first is the one that the others are held against.

    ``draw``: which draw of the plans' ledgers this is.
    """

    scenario: Scenario
    first: date
    end: date
    plans: tuple[OnPlan, ...]
    members: tuple[MemberCost, ...]
    measured: Measured
    notes: tuple[str, ...]
    draw: int = 0

    @property
    def cheapest(self) -> OnPlan:
        """The plan that costs least, the first of equals."""
        return min(self.plans, key=lambda plan: plan.outcome.cost)


def compare(scenario: Scenario, plan_ids: Sequence[str]) -> Comparison:
    """The scenario's demand over its horizon through each plan, each with a term from the horizon's first day.

    Each plan is held for the whole horizon; a legacy plan that cannot be had so long, or at all, is a counterfactual
    (Rulebook P2). Where the usage file ends more than a week before the horizon, it is carried forward; of usage drawn
    at random, the first draw counts. Raises InputError for fewer than two plans, unknown plans, or a customer who
    cannot be put on one of them.
    """
    return Choice.of(scenario, plan_ids).bills(range(1)).comparison(0)


@dataclass(frozen=True)
class Choice:
    """A customer and the plans to choose from, before any usage: what they would have on each, in the same order."""

    scenario: Scenario
    plans: tuple[Plan, ...]
    there: tuple[Counterpart, ...]
    forward: Forward
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario, plan_ids: Sequence[str]) -> Choice:
        """The choice between plans by id, each counted once; InputError as `compare` says."""
        place, named = Place("--plans"), list(dict.fromkeys(plan_ids))
        if len(named) < 2:
            raise InputError.at(place, f"there is nothing to compare: {', '.join(plan_ids)}", "name two plans or more")
        plans = tuple(scenario.catalogue.plan(name, place) for name in named)
        warnings = check(scenario)
        ahead = forward(scenario, scenario.end, tolerance=WEEK)
        return cls(scenario, plans, tuple(counterpart(scenario, plan) for plan in plans), ahead, warnings)

    def bills(self, draws: range) -> Bills:
        """What some draws come to on each plan: drawn once for all of them."""
        scenario = self.scenario
        asked = scenario.asked(scenario.end, draws, self.forward.carried)
        demands: dict[date | None, Measured] = {}
        ledgers, results = [], []
        for plan, there in zip(self.plans, self.there, strict=True):
            since = self._metered_from(plan)
            if since not in demands:
                demands[since] = asked.measured(scenario.start, scenario.end, since)
            demand = demands[since].demand
            ledger = bill(there.contract, there.seats, demand, there.events, scenario.catalogue, counterfactual=True)
            found = outcomes(ledger, scenario.start, scenario.end)
            named = replace(found.drawn, counterfactual=_cannot_be_had(scenario, plan))
            ledgers.append(ledger)
            results.append(replace(found, drawn=named))
        return Bills(self, tuple(ledgers), tuple(results), next(iter(demands.values())))

    def run(self, plan: Plan) -> tuple[Run, bool]:
        """The first draw on one of the plans as a run of its own, day by day, and whether the plan could not be had."""
        scenario, there = self.scenario, self.there[self.plans.index(plan)]
        asked = scenario.asked(scenario.end, range(1), self.forward.carried)
        measured = asked.measured(scenario.start, scenario.end, self._metered_from(plan))
        ledger = bill(
            there.contract,
            there.seats,
            measured.demand,
            there.events,
            scenario.catalogue,
            counterfactual=True,
            by_day=True,
        )
        return Run(there.scenario(scenario), ledger, measured, there.notes), _cannot_be_had(scenario, plan)

    def _metered_from(self, plan: Plan) -> date | None:
        """The first day where a plan includes no usage, unlike the customer's own."""
        own = self.scenario.contract.plan
        return self.scenario.start if own.seat_based and not plan.seat_based else None


@dataclass(frozen=True)
class Bills:
    """What some draws come to on each of the plans of a choice."""

    choice: Choice
    ledgers: tuple[Ledger, ...]
    outcomes: tuple[Outcomes, ...]
    measured: Measured

    def forgetting(self) -> Bills:
        """The same without what was asked for on each day."""
        return replace(self, measured=self.measured.forgetting())

    @classmethod
    def joined(cls, parts: Sequence[Bills]) -> Bills:
        """Bills of blocks of draws, one or more, put together."""
        ledgers = zip(*(part.ledgers for part in parts), strict=True)
        found = zip(*(part.outcomes for part in parts), strict=True)
        return replace(
            parts[0],
            ledgers=tuple(Ledger.joined(of_plan) for of_plan in ledgers),
            outcomes=tuple(joined(of_plan) for of_plan in found),
        )

    def comparison(self, draw: int) -> Comparison:
        """The plans side by side in one of the draws."""
        scenario = self.choice.scenario
        sides = zip(self.outcomes, self.ledgers, self.notes_by_plan, strict=True)
        return Comparison(
            scenario=scenario,
            first=scenario.start,
            end=scenario.end,
            plans=tuple(OnPlan(found.of(draw), ledger, notes) for found, ledger, notes in sides),
            members=self._members(draw),
            measured=self.measured,
            notes=self.notes,
            draw=draw,
        )

    @property
    def notes_by_plan(self) -> tuple[tuple[str, ...], ...]:
        """What was assumed for each plan."""
        sides = zip(self.choice.there, self.ledgers, strict=True)
        return tuple((*there.notes, *ledger.warnings) for there, ledger in sides)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, each thing once."""
        of_plans = (note for notes in self.notes_by_plan for note in notes)
        scenario, lapsed = self.choice.scenario, self.measured.lapsed
        gone = lapsed_said((*lapsed, *lapsed_in_draws(scenario, scenario.end)), scenario.card)
        notes = (self.choice.forward.note, *gone, *_of_usage(self.measured), *self.choice.warnings, *of_plans)
        return tuple(note for note in dict.fromkeys(notes) if note)

    @cached_property
    def costs(self) -> Cents:
        """What members cost, seat and billed usage, cents of shape (plans, draws, members)."""
        sides = zip(self.ledgers, self.outcomes, strict=True)
        return np.stack(
            [_seat_costs(ledger, found) + all_to_cents(found.amounts[COLUMN["billed"]]) for ledger, found in sides]
        )

    @cached_property
    def stopped(self) -> Cents:
        """What members' blocked usage comes to, cents of shape (plans, draws, members)."""
        first = COLUMN[BLOCKED[0]]
        return np.stack([all_to_cents(found.amounts[first:].sum(axis=0)) for found in self.outcomes])

    def _members(self, draw: int) -> tuple[MemberCost, ...]:
        teams = self.choice.scenario.teams
        costs, stopped = self.costs[:, draw].T.tolist(), self.stopped[:, draw].T.tolist()
        return tuple(
            MemberCost(member, teams.get(member, ""), tuple(of_plans), tuple(blocked))
            for member, of_plans, blocked in zip(self.outcomes[0].members, costs, stopped, strict=True)
        )


def _of_usage(measured: Measured) -> Iterator[str]:
    if measured.outside:
        yield f"{measured.outside} of {measured.rows} rows of usage lie outside the horizon and are not counted."
    yield from (f"{note[:1].upper()}{note[1:]}." for note in measured.notes)


def _cannot_be_had(scenario: Scenario, plan: Plan) -> bool:
    """Does a plan end before the horizon does, or is it not sold to somebody who does not have it (Rulebook P2)?"""
    if plan.id == scenario.contract.plan.id:
        return plan.legacy(scenario.start) and scenario.end > scenario.term.renewal
    return not plan.value("new_contracts", scenario.start)


def _seat_costs(ledger: Ledger, found: Outcomes) -> Cents:
    """By member, the price of their seat over the horizon, cents: the months' price, and the share of days beyond."""
    result, phase = found.drawn, ledger.phases[0]
    terms: Terms = phase.terms
    days = (result.end - result.first).days
    year = (phase.term.renewal - phase.term.start).days
    months = int(terms.plan.value("term_months", result.first))
    by_seat = {
        seat: round(terms.seat_price(seat, result.first).value * 100 * months * days / year)
        for seat in terms.plan.seat_types
    }
    held = (found.seat_types.get(member) for member in found.members)
    return np.array([by_seat[seat] if seat else 0 for seat in held], dtype=np.int64)
