"""The comparison: the same demand through each of several plans, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.account import bill
from planshift.billing.checks import check
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.money import to_cents
from planshift.billing.scenario import Scenario
from planshift.billing.terms import Terms
from planshift.impact.carry import forward
from planshift.impact.counterpart import counterpart
from planshift.impact.outcome import Outcome, outcome
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
    """The same demand through several plans; the first is the one that the others are held against."""

    scenario: Scenario
    first: date
    end: date
    plans: tuple[OnPlan, ...]
    members: tuple[MemberCost, ...]
    measured: Measured
    notes: tuple[str, ...]

    @property
    def cheapest(self) -> OnPlan:
        """The plan that costs least, the first of equals."""
        return min(self.plans, key=lambda plan: plan.outcome.cost)


def compare(scenario: Scenario, plan_ids: Sequence[str]) -> Comparison:
    """The scenario's demand over its horizon through each plan, each with a term from the horizon's first day.

    Each plan is held for the whole horizon; a legacy plan that cannot be had so long, or at all, is a counterfactual
    (Rulebook P2). Where the usage file ends more than a week before the horizon, it is carried forward. Raises
    InputError for fewer than two plans, unknown plans, or a customer who cannot be put on one of them.
    """
    place = Place("--plans")
    if len(dict.fromkeys(plan_ids)) < 2:
        raise InputError.at(place, f"there is nothing to compare: {', '.join(plan_ids)}", "name two plans or more")
    plans = [scenario.catalogue.plan(name, place) for name in dict.fromkeys(plan_ids)]
    warnings = check(scenario)
    carried = forward(scenario, scenario.end, tolerance=WEEK)
    measured = scenario.demand(scenario.start, scenario.end, carried=carried.carried)
    on_plans = []
    for plan in plans:
        there = counterpart(scenario, plan)
        ledger = bill(
            there.contract, there.seats, measured.demand, there.events, scenario.catalogue, counterfactual=True
        )
        result = replace(
            outcome(ledger, scenario.start, scenario.end), counterfactual=_cannot_be_had(scenario, plan)
        )
        on_plans.append(OnPlan(result, ledger, (*there.notes, *ledger.warnings)))
    notes = (carried.note, _outside(measured), *warnings, *(note for plan in on_plans for note in plan.notes))
    return Comparison(
        scenario=scenario,
        first=scenario.start,
        end=scenario.end,
        plans=tuple(on_plans),
        members=_members(scenario, on_plans),
        measured=measured,
        notes=tuple(note for note in dict.fromkeys(notes) if note),
    )


def _outside(measured: Measured) -> str:
    if not measured.outside:
        return ""
    return f"{measured.outside} of {measured.rows} rows of usage lie outside the horizon and are not counted."


def _cannot_be_had(scenario: Scenario, plan: Plan) -> bool:
    """Does a plan end before the horizon does, or is it not sold to somebody who does not have it (Rulebook P2)?"""
    if plan.id == scenario.contract.plan.id:
        return plan.legacy(scenario.start) and scenario.end > scenario.term.renewal
    return not plan.value("new_contracts", scenario.start)


def _members(scenario: Scenario, plans: Sequence[OnPlan]) -> tuple[MemberCost, ...]:
    seat_costs = [_seat_costs(plan) for plan in plans]
    return tuple(
        MemberCost(
            user_id=member,
            team=scenario.teams.get(member, ""),
            costs=tuple(
                seats[place] + to_cents(int(plan.outcome.amounts[COLUMN["billed"], place]))
                for seats, plan in zip(seat_costs, plans, strict=True)
            ),
            stopped=tuple(to_cents(int(plan.outcome.amounts[5:, place].sum())) for plan in plans),
        )
        for place, member in enumerate(plans[0].outcome.members)
    )


def _seat_costs(plan: OnPlan) -> list[int]:
    """By member, the price of their seat over the horizon, cents: the months' price, and the share of days beyond."""
    result = plan.outcome
    terms: Terms = plan.ledger.phases[0].terms
    days = (result.end - result.first).days
    year = (plan.ledger.phases[0].term.renewal - plan.ledger.phases[0].term.start).days
    months = int(terms.plan.value("term_months", result.first))
    by_seat = {
        seat: round(terms.seat_price(seat, result.first).value * 100 * months * days / year)
        for seat in terms.plan.seat_types
    }
    return [by_seat[seat] if (seat := result.seat_types.get(member)) else 0 for member in result.members]
