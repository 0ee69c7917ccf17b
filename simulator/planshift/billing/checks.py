"""What a schema cannot see of a scenario: whether its contract, members, limits and events can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

from planshift.billing.contract import (
    RELOAD,
    AddSeats,
    Agreed,
    Assign,
    BuyCredits,
    CreditSettings,
    Event,
    Limits,
    Migrate,
    Own,
    RemoveSeats,
    SetLimits,
)
from planshift.billing.ledger import ORGANIZATION
from planshift.billing.magnitude import magnitude_problems, reload_problem
from planshift.billing.renewal import AGREED_SEATS, Timeline
from planshift.billing.scenario import Alternative, Scenario
from planshift.billing.seats import CONVENTIONS
from planshift.billing.terms import Terms
from planshift.plans.catalogue import plan_problems
from planshift.plans.documents import Document, Step
from planshift.plans.plan import Plan
from planshift.plans.scalars import odd_name, shown
from planshift.problems import InputError, Problem, did_you_mean
from planshift.usage.products import read_products

DECIMALS = 9

Moment = TypeVar("Moment", date, Event)


def check(scenario: Scenario, *, counterfactual: bool = False) -> tuple[str, ...]:
    """Warnings about a scenario; InputError with every mistake of meaning.

    With ``counterfactual`` events meet the plan that runs on past its end (Rulebook P2).
    """
    checker = _Checker(scenario, counterfactual, [], [])
    for step in (checker.plans, checker.contract, checker.events):
        step()
        if checker.problems:
            raise InputError(checker.problems)
    return tuple(checker.warnings)


@cache
def _surfaces() -> frozenset[str]:
    return frozenset(read_products().titles)


@dataclass(frozen=True)
class _Checker:
    scenario: Scenario
    counterfactual: bool
    problems: list[Problem]
    warnings: list[str]

    @property
    def document(self) -> Document:
        return self.scenario.document

    def wrong(self, keys: tuple[Step, ...], fact: str, remedy: str) -> None:
        self.problems.append(Problem(self.document.place(*keys), fact, remedy))

    # --- the contract --------------------------------------------------------------------------------------------

    def plans(self) -> None:
        """The contract's plan and the one that follows it, which may be the user's own or changed by a what-if."""
        catalogue, plan = self.scenario.catalogue, self.scenario.contract.plan
        self.problems.extend(plan_problems(plan, catalogue, _surfaces()))
        if not self.problems:
            after = catalogue.plan(plan.successor(self.scenario.term.renewal))
            self.problems.extend(plan_problems(after, catalogue, _surfaces()))

    def contract(self) -> None:
        """Everything that is true or false before anything happens."""
        contract, plan = self.scenario.contract, self.scenario.contract.plan
        if not self._channel(plan, contract.channel, ("contract", "channel")):
            return
        self._seat_types(plan, contract.seats, ("contract", "seats"))
        self._own(plan, contract.own, ("contract",))
        self._usage_minimum(Terms(plan, contract.channel, contract.own), ("contract",), contract.term_start)
        self._limits(plan, contract.limits, ("contract", "spend_limits"))
        self._credits(Terms(plan, contract.channel), contract.credits, ("contract", "credits"), contract.term_start)
        self._minimum()
        self._members(plan)
        self._horizon()
        self._renewal(contract.renewal, plan)
        for name, alternative in self.scenario.alternatives.items():
            self._alternative(name, alternative)
        if not self.problems:
            self.problems.extend(magnitude_problems(self.scenario))

    def _alternative(self, name: str, said: Alternative) -> None:
        plans = self.scenario.catalogue.plans
        keys: tuple[Step, ...] = ("alternatives", name)
        if name not in plans:
            self.problems.append(Problem(said.place, f"no plan '{name}'", did_you_mean(name, plans)))
            return
        plan = plans[name]
        if said.channel and not self._channel(plan, said.channel, (*keys, "channel")):
            return
        self._seat_types(plan, said.seats or {}, (*keys, "seats"))
        self._own(plan, said.own, keys)
        terms = Terms(plan, said.channel or self.scenario.contract.channel, said.own)
        if terms.channel in plan.channel_titles:
            self._usage_minimum(terms, keys, self.scenario.start)
        self._limits(plan, said.limits or Limits(), (*keys, "spend_limits"))
        for who, seat in said.members.items():
            if who not in (*self.scenario.people, *self.scenario.contract.plan.seat_types):
                place = self.document.key_place(*keys, "members", who)
                fact = f"'{who}' is neither a member nor a seat type held now"
                self.problems.append(Problem(place, fact, did_you_mean(who, self.scenario.people)))
            if seat not in plan.seat_types:
                fact = f"'{seat}' is not a seat type of '{name}'"
                self.wrong((*keys, "members", who), fact, did_you_mean(seat, plan.seat_types))

    def _channel(self, plan: Plan, channel: str, keys: tuple[Step, ...]) -> bool:
        if channel in plan.channel_titles:
            return True
        self.wrong(keys, f"'{channel}' is not a channel of '{plan.id}'", did_you_mean(channel, plan.channel_titles))
        return False

    def _seat_types(self, plan: Plan, seats: Mapping[str, object], keys: tuple[Step, ...]) -> None:
        for seat in seats:
            if seat not in plan.seat_types:
                place = self.document.key_place(*keys, seat)
                fact = f"'{seat}' is not a seat type of '{plan.id}'"
                self.problems.append(Problem(place, fact, did_you_mean(seat, plan.seat_types)))

    def _own(self, plan: Plan, own: Own, keys: tuple[Step, ...]) -> None:
        self._seat_types(plan, own.seat_prices, (*keys, "seat_prices"))
        self._seat_types(plan, own.included_usage, (*keys, "included_usage_per_week"))
        if own.included_usage and not plan.seat_based:
            where = (*keys, "included_usage_per_week")
            self.wrong(where, f"seats of '{plan.id}' include no usage (Rulebook U3)", "remove it")
        if own.extra_usage is not None and not plan.seat_based:
            fact = f"extra usage belongs to plans whose seats include usage; '{plan.id}' bills all of it (Rulebook U6)"
            self.wrong((*keys, "extra_usage"), fact, "remove it; a spend limit can stop usage")
        if own.usage_discount is not None and -int(own.usage_discount.as_tuple().exponent) > DECIMALS:
            self.wrong((*keys, "usage_discount"), f"the discount has more than {DECIMALS} decimals", "round it")
        if own.proration is not None and own.proration not in CONVENTIONS:
            fact = f"'{own.proration}' is no way to prorate"
            self.wrong((*keys, "proration"), fact, did_you_mean(own.proration, CONVENTIONS))

    def _usage_minimum(self, terms: Terms, keys: tuple[Step, ...], day: date) -> None:
        if terms.own.usage_minimum and terms.prepaid_on(day):
            title = terms.plan.channel_titles[terms.channel]
            fact = f"usage of {terms.plan.title}, {title}, is paid from credits, which have no minimum (Rulebook A3)"
            self.wrong((*keys, "usage_minimum"), fact, "remove it, or choose a channel with usage in arrears")

    def _limits(self, plan: Plan, limits: Limits, keys: tuple[Step, ...]) -> None:
        self._seat_types(plan, limits.seat_types, (*keys, "seat_types"))
        for member in limits.members:
            if member not in self.scenario.people:
                place = self.document.key_place(*keys, "members", member)
                hint = did_you_mean(member, self.scenario.people)
                self.problems.append(Problem(place, f"'{member}' is not a member", hint))

    def _credits(self, terms: Terms, settings: CreditSettings, keys: tuple[Step, ...], day: date) -> None:
        prepaid = terms.prepaid_on(day)
        if settings != CreditSettings() and not prepaid:
            fact = f"usage is paid in arrears on '{terms.plan.id}', {terms.channel}: there are no credits (Rulebook A1)"
            self.wrong(keys, fact, "remove them, or choose a channel with prepaid credits")
            return
        if prepaid and settings == CreditSettings() and not self._buys_later():
            what = f"{terms.plan.title}, {terms.plan.channel_titles[terms.channel]}"
            self.warnings.append(f"{what}: no credits are ever bought, so that nobody can use anything (Rulebook C1)")
        allowed = terms.plan.find("credits.auto_reload_payments", day)
        if settings.auto_reload and settings.payment and allowed and settings.payment not in allowed.value:
            fact = f"auto reload does not work with payment by {settings.payment} (Rulebook C2)"
            self.wrong((*keys, "payment"), fact, f"pay by {allowed.text}, or buy by date or by reaction")
        found = settings.auto_reload and reload_problem(settings.auto_reload.below, settings.auto_reload.amount)
        if found:
            self.wrong((*keys, RELOAD), *found)

    def _buys_later(self) -> bool:
        return any(isinstance(event.action, BuyCredits) for event in self.scenario.events)

    def _minimum(self) -> None:
        contract = self.scenario.contract
        fewest = Terms(contract.plan, contract.channel).minimum_seats(contract.term_start)
        held = sum(contract.seats.values())
        if held < fewest:
            fact = f"{held} seats are below the minimum of {fewest} for {contract.channel} (Rulebook S5)"
            self.wrong(("contract", "seats"), fact, f"buy at least {fewest} seats")

    def _members(self, plan: Plan) -> None:
        for member, seat in self.scenario.members.items():
            odd = odd_name(member)
            if odd:
                place = self.document.key_place("members", member)
                self.problems.append(Problem(place, f"the member {shown(member)} {odd[0]}", odd[1]))
            if member == ORGANIZATION:
                self.wrong(("members", member), f"'{ORGANIZATION}' stands for all members together", "use another id")
            if seat not in plan.seat_types:
                fact = f"'{seat}' is not a seat type of '{plan.id}'"
                self.wrong(("members", member), fact, did_you_mean(seat, plan.seat_types))

    def _horizon(self) -> None:
        term, start, contract = self.scenario.term, self.scenario.start, self.scenario.contract
        if term.start != contract.term_start:
            fact = f"no term of a contract of {contract.first_day} begins on {contract.term_start} (Rulebook R0)"
            self.wrong(("contract", "first_day"), fact, f"write term_start: {term.start}, or correct first_day")
            return
        if not term.start <= start < term.renewal:
            last = _day_before(term.renewal)
            fact = f"the horizon starts on {start}, outside the contract's term ({term.start} to {last})"
            self.wrong(("horizon", "start"), fact, "start it on the term's first day, or inside the term (Rulebook H1)")

    def _renewal(self, agreed: Agreed, plan: Plan) -> None:
        day = self.scenario.term.renewal
        after = self.scenario.catalogue.plan(plan.successor(day))
        channel = agreed.channel or self.scenario.contract.channel
        if not self._channel(after, channel, ("contract", "renewal", "channel")):
            return
        keys: tuple[Step, ...] = ("contract", "renewal")
        self._seat_types(after, agreed.seats or {}, (*keys, "seats"))
        self._own(after, agreed.own, keys)
        self._usage_minimum(Terms(after, channel, agreed.own), keys, day)
        self._limits(after, Limits().changed(agreed.limits) if agreed.limits else Limits(), (*keys, "spend_limits"))
        if agreed.credits is not None:
            self._credits(Terms(after, channel), agreed.credits, (*keys, "credits"), day)

    # --- events --------------------------------------------------------------------------------------------------

    def events(self) -> None:
        """Every event in its turn, with the plan and the seats that are in force by then."""
        timeline = Timeline(self.scenario, counterfactual=self.counterfactual)
        short = timeline.seats.shortage()
        if short:
            seat, members, held = short
            title = timeline.terms.plan.seat_titles[seat]
            fact = f"{members} members have a {title}, but the contract has {held} (Rulebook S4)"
            self.wrong(("contract", "seats", seat), fact, "buy more seats, or assign fewer members")
            return
        last = max(self.scenario.end, self.scenario.term.month(2 * self.scenario.term.months))
        for event in self.scenario.events:
            problem = self._date(event, last)
            if problem is None and not self._renews(timeline.advance, event.day):
                return
            problem = problem or next(self._event(event, timeline), None)
            if problem:
                self.problems.append(problem)
            elif not self._renews(timeline.happen, event):
                return
        if not self.problems:
            self._renews(timeline.advance, _day_before(self.scenario.end))

    def _renews(self, step: Callable[[Moment], None], to: Moment) -> bool:
        """Takes a step of the timeline; False, with the problem noted, where a renewal on the way cannot be."""
        try:
            step(to)
        except InputError as error:
            where = self.document.place("contract", "renewal", "seats")
            self.problems.extend(
                replace(problem, place=where) if problem.place == AGREED_SEATS else problem
                for problem in error.problems
            )
            return False
        return True

    def _date(self, event: Event, last: date) -> Problem | None:
        term, start = self.scenario.term, self.scenario.start
        if not term.start <= event.day < last:
            fact = f"the event is on {event.day}, outside the contract's terms ({term.start} to {_day_before(last)})"
            return Problem(event.place, fact, "correct the date")
        if event.day < start and isinstance(event.action, BuyCredits | Migrate):
            fact = f"the event is on {event.day}, before the horizon starts on {start}, and cannot be carried in"
            return Problem(event.place, fact, "say what is left of it in the contract, or start the horizon earlier")
        if event.day >= self.scenario.end:
            self.warnings.append(f"the event on {event.day} lies behind the horizon and is not reached")
        return None

    def _event(self, event: Event, timeline: Timeline) -> Iterator[Problem]:
        action, plan = event.action, timeline.terms.plan
        seats = action.seats if isinstance(action, AddSeats | RemoveSeats) else {}
        named = [*seats, *(_assigned(action) if isinstance(action, Assign) else ())]
        for seat in named:
            if seat not in plan.seat_types:
                fact = f"on {event.day} the plan is '{plan.id}', which has no seat type '{seat}'"
                yield Problem(event.place, fact, did_you_mean(seat, plan.seat_types))
                return
        if isinstance(action, RemoveSeats):
            yield from self._removal(event, action, timeline)
        elif isinstance(action, Assign):
            yield from self._assignment(event, action, timeline)
        elif isinstance(action, BuyCredits) and not timeline.terms.prepaid_on(event.day):
            fact = f"on {event.day} usage is paid in arrears: there are no credits to buy (Rulebook A1)"
            yield Problem(event.place, fact, "remove the event, or choose a channel with prepaid credits")
        elif isinstance(action, Migrate) and not plan.value("early_migration.allowed", event.day):
            fact = f"on {event.day} the contract is on '{plan.id}', which cannot move before its renewal (Rulebook R3)"
            yield Problem(event.place, fact, "remove the event, or wait for the renewal")
        elif isinstance(action, SetLimits):
            yield from self._limit_change(event, action, plan)

    def _removal(self, event: Event, action: RemoveSeats, timeline: Timeline) -> Iterator[Problem]:
        for seat, count in action.seats.items():
            left = timeline.seats.remaining().get(seat, 0)
            if count > left:
                fact = f"{count} seats '{seat}' are given up, but only {left} are held (Rulebook S3)"
                yield Problem(event.place, fact, f"give up at most {left}")

    def _assignment(self, event: Event, action: Assign, timeline: Timeline) -> Iterator[Problem]:
        if ORGANIZATION in action.members:
            fact = f"'{ORGANIZATION}' stands for all members together"
            yield Problem(event.place, fact, "use another id")
        short = timeline.seats.with_assigned(action.members).shortage()
        if short:
            seat, members, held = short
            title = timeline.terms.plan.seat_titles[seat]
            fact = f"{members} members would have a {title}, but the contract has {held} (Rulebook S4)"
            yield Problem(event.place, fact, "add seats before, or unassign somebody")

    def _limit_change(self, event: Event, action: SetLimits, plan: Plan) -> Iterator[Problem]:
        for seat in action.change.seat_types:
            if seat not in plan.seat_types:
                fact = f"on {event.day} the plan is '{plan.id}', which has no seat type '{seat}'"
                yield Problem(event.place, fact, did_you_mean(seat, plan.seat_types))
        for member in action.change.members:
            if member not in self.scenario.people:
                yield Problem(event.place, f"'{member}' is not a member", did_you_mean(member, self.scenario.people))


def _assigned(action: Assign) -> list[str]:
    return [seat for seat in action.members.values() if seat]


def _day_before(day: date) -> date:
    return day - timedelta(days=1)
