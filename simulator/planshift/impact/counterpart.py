"""The same customer on another plan: seats, members, events and terms carried over by seat map or as they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.contract import (
    Action,
    AddSeats,
    Agreed,
    Assign,
    BuyCredits,
    Contract,
    CreditSettings,
    Event,
    LimitChange,
    Limits,
    Migrate,
    Own,
    RemoveSeats,
    SetLimits,
)
from planshift.billing.renewal import opening
from planshift.billing.scenario import Alternative, Scenario
from planshift.billing.seats import Seats
from planshift.billing.terms import Terms
from planshift.plans.plan import Plan
from planshift.problems import InputError


@dataclass(frozen=True)
class Counterpart:
    """What a customer would have on a plan: a contract from the horizon's first day, seats, events, assumptions."""

    contract: Contract
    seats: Seats
    events: tuple[Event, ...]
    notes: tuple[str, ...]

    def scenario(self, of: Scenario) -> Scenario:
        """The scenario of the same customer with this contract."""
        members = {member: seat for member, seat in self.seats.assigned.items() if seat}
        contract = replace(self.contract, seats=self.seats.held)
        return replace(of, contract=contract, members=members, events=self.events, alternatives={})


def counterpart(scenario: Scenario, plan: Plan) -> Counterpart:
    """The scenario's customer on a plan, with a term that starts on the horizon's first day.

    On their own plan they keep what they have. On another, `alternatives` in the scenario says what they would have;
    what it does not say is what was agreed for the renewal where the plan is the successor, else the plan's. Raises
    InputError where it is not clear which seat a member would get, or how credits would be bought.
    """
    held, limits, events, _ = opening(scenario)
    contract = scenario.contract
    if plan.id == contract.plan.id:
        again = contract.restarted(scenario.start)
        same = replace(again, limits=limits, renewal=Agreed(own=contract.own))
        return Counterpart(same, held, _without_moves(events), ())
    said = scenario.alternatives.get(plan.id, Alternative(place=scenario.document.place("contract", "plan")))
    agreed = contract.renewal if plan.id == contract.plan.successor(scenario.start) else Agreed()
    mapping = _seat_map(scenario, plan, said)
    channel = said.channel or agreed.channel or _channel(contract, plan)
    terms = Terms(plan, channel, said.own if said.own != Own() else agreed.own)
    seats, notes = _seats(scenario, held, terms, said, mapping, agreed)
    settings = _credits(terms, said, agreed, events, scenario.start)
    other = Contract(
        plan=plan,
        channel=terms.channel,
        term_start=scenario.start,
        seats=seats.held,
        own=terms.own,
        limits=said.limits or (Limits().changed(agreed.limits) if agreed.limits else Limits()),
        credits=settings,
        renewal=Agreed(own=terms.own),
    )
    moved = tuple(moved_event(event, mapping, terms, scenario.start) for event in _without_moves(events))
    assumed = assumed_prices(terms, seats.held, scenario.start)
    return Counterpart(other, seats, tuple(event for event in moved if event), (*notes, *assumed))


def _without_moves(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(event for event in events if not isinstance(event.action, Migrate))


def _channel(contract: Contract, plan: Plan) -> str:
    return contract.channel if contract.channel in plan.channel_titles else next(iter(plan.channel_titles))


def _seat_map(scenario: Scenario, plan: Plan, said: Alternative) -> dict[str, str]:
    """Seat type, or member, here → seat type there."""
    mine, day = scenario.contract.plan, scenario.start
    if plan.id == mine.successor(day):
        known = mine.seat_map(day)
    elif len(plan.seat_types) == 1:
        known = dict.fromkeys(mine.seat_types, plan.seat_types[0])
    else:
        known = {}
    result = {**known, **said.members}
    missing = [seat for seat in mine.seat_types if seat not in result]
    unnamed = [member for member, seat in scenario.members.items() if seat in missing and member not in result]
    if unnamed:
        shown = ", ".join(unnamed[:3]) + (f" and {len(unnamed) - 3} more" if len(unnamed) > 3 else "")
        example = "{" + ", ".join(f"{seat}: {plan.seat_types[0]}" for seat in missing) + "}"
        raise InputError.at(
            said.place,
            f"it is not clear which seat of '{plan.id}' {shown} would have",
            f"say so under alternatives.{plan.id}.members, for example {example}",
        )
    for seat in result.values():
        if seat not in plan.seat_types:
            fact = f"'{seat}' is not a seat type of '{plan.id}'"
            raise InputError.at(said.place, fact, f"use one of: {', '.join(plan.seat_types)}")
    return result


def _seats(
    scenario: Scenario, held: Seats, terms: Terms, said: Alternative, mapping: Mapping[str, str], agreed: Agreed
) -> tuple[Seats, tuple[str, ...]]:
    """Seats and members there: as said or agreed, else one for one, and never fewer than members or the minimum."""
    assigned = {member: _seat_of(member, seat, mapping) for member, seat in held.assigned.items()}
    needed: dict[str, int] = {}
    for seat in assigned.values():
        if seat:
            needed[seat] = needed.get(seat, 0) + 1
    wanted = said.seats or agreed.seats
    if wanted is None:
        wanted = {}
        for seat, count in held.held.items():
            target = mapping.get(seat)
            spare = count - sum(1 for other in held.assigned.values() if other == seat)
            if target:
                wanted[target] = wanted.get(target, 0) + spare
        wanted = {seat: wanted.get(seat, 0) + needed.get(seat, 0) for seat in {**wanted, **needed}}
    short = [seat for seat, count in needed.items() if wanted.get(seat, 0) < count]
    if short:
        fact = f"{needed[short[0]]} members would have '{short[0]}', but there are {wanted.get(short[0], 0)} seats"
        raise InputError.at(said.place, fact, "give more seats under alternatives")
    missing = terms.minimum_seats(scenario.start) - sum(wanted.values())
    notes: tuple[str, ...] = ()
    result = dict(wanted)
    if missing > 0:
        first = next(iter(result), terms.plan.seat_types[0])
        result[first] = result.get(first, 0) + missing
        notes = (f"{terms.plan.title}: {missing} seats were added to reach the minimum (Rulebook S5)",)
    return Seats(held=result, assigned=assigned), notes


def _seat_of(member: str, seat: str | None, mapping: Mapping[str, str]) -> str | None:
    return None if seat is None else mapping.get(member) or mapping[seat]


def _credits(terms: Terms, said: Alternative, agreed: Agreed, events: tuple[Event, ...], day: date) -> CreditSettings:
    if not terms.prepaid_on(day):
        return CreditSettings()
    settings = said.credits or agreed.credits
    buys = any(isinstance(event.action, BuyCredits) for event in events)
    if settings is None and not buys:
        raise InputError.at(
            said.place,
            f"on '{terms.plan.id}', {terms.channel}, usage is paid from credits, and nothing says how they are bought",
            f"give alternatives.{terms.plan.id}.credits, or its channel",
        )
    return settings or CreditSettings()


def moved_event(event: Event, mapping: Mapping[str, str], terms: Terms, day: date) -> Event | None:
    """An event as it would be on the other plan; None where it has no meaning there."""
    action: Action = event.action
    if isinstance(action, AddSeats | RemoveSeats):
        seats: dict[str, int] = {}
        for seat, count in action.seats.items():
            target = mapping.get(seat, terms.plan.seat_types[0])
            seats[target] = seats.get(target, 0) + count
        return replace(event, action=replace(action, seats=seats))
    if isinstance(action, Assign):
        moved = {member: _seat_of(member, seat, mapping) for member, seat in action.members.items()}
        return replace(event, action=Assign(moved))
    if isinstance(action, SetLimits):
        change = action.change
        by_seat = {mapping[seat]: limit for seat, limit in change.seat_types.items() if seat in mapping}
        limits = LimitChange(change.organization, change.each_member, by_seat, change.members)
        return replace(event, action=SetLimits(limits))
    prepaid = terms.prepaid_on(day)
    return event if prepaid or not isinstance(action, BuyCredits) else None


def assumed_prices(terms: Terms, seats: Iterable[str], day: date) -> tuple[str, ...]:
    """A sentence with every amount of money for these seat types that is the plan's example and not this customer's."""
    assumed: list[str] = []
    for seat in seats:
        title, price = terms.plan.seat_titles[seat], terms.seat_price(seat, day)
        if price.assumed:
            assumed.append(f"{title} at {price.text} USD a month")
        if terms.plan.seat_based and (included := terms.included(seat, day)).assumed:
            assumed.append(f"{title} with {included.text} USD of usage a week")
    if not assumed:
        return ()
    examples = "; ".join(assumed)
    return (f"{terms.plan.title}: examples of the plan file stand for this customer's own terms: {examples}.",)
