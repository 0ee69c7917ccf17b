"""Whether what a scenario multiplies and adds up stays inside what money is counted in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from planshift.billing.contract import NOTHING, AddSeats, BuyCredits, CreditSettings, Own
from planshift.billing.scenario import Scenario
from planshift.plans.bounds import LEAST_RELOAD, MOST_IN_ALL, MOST_RELOADS, NANO, too_much
from planshift.plans.documents import Step
from planshift.plans.plan import Plan
from planshift.problems import Problem

_WEEKS = 53
_YEAR = 12
_PRICE, _INCLUDED = "price_usd_per_month", "included_usd_per_week"


def magnitude_problems(scenario: Scenario) -> Iterator[Problem]:
    """Seats times price times months, included usage, and credits, that come to more than can be calculated with."""
    contract, document = scenario.contract, scenario.document
    added = sum(sum(event.action.seats.values()) for event in scenario.events if isinstance(event.action, AddSeats))
    held = added + sum(contract.seats.values())
    terms: list[tuple[tuple[Step, ...], Plan, Own, Mapping[str, int] | None]] = [
        (("contract",), contract.plan, contract.own, contract.seats),
        (("contract", "renewal"), _after(scenario), contract.renewal.own, contract.renewal.seats),
    ]
    for name, other in scenario.alternatives.items():
        terms.append((("alternatives", name), scenario.catalogue.plan(name), other.own, other.seats))
    for keys, plan, own, seats in terms:
        count = max(held, added + sum((seats or NOTHING).values()))
        for fact, remedy in _of_seats(plan, own, count):
            yield Problem(document.place(*keys, "seats"), fact, remedy)
    bought = _most_bought(scenario)
    if bought > MOST_IN_ALL:
        fact = f"all credits that may be bought {too_much(bought)}"
        yield Problem(document.place("contract", "credits"), fact, "buy less at a time, or let credits last longer")


def reload_problem(below: int, amount: int) -> tuple[str, str] | None:
    """What is wrong with an auto reload of so many nano-dollars, and what to do (Rulebook C2)."""
    if amount < LEAST_RELOAD * NANO:
        fact = f"a reload buys {Decimal(amount).scaleb(-9).normalize():f} dollars"
        return fact, f"let it buy at least {LEAST_RELOAD} dollar"
    if below > MOST_RELOADS * amount:
        times = f"{-(-below // amount):,}"
        fact = f"reaching {below // NANO:,} dollars takes {times} reloads of {amount // NANO:,}, on the first day"
        return fact, f"let {MOST_RELOADS:,} reloads suffice: raise the amount, or lower the threshold"
    return None


def _after(scenario: Scenario) -> Plan:
    """The plan after the renewal."""
    return scenario.catalogue.plan(scenario.contract.plan.successor(scenario.term.renewal))


def _of_seats(plan: Plan, own: Own, seats: int) -> Iterator[tuple[str, str]]:
    """What seats cost for a term, and include in it, where that is too much at the dearest price they may have."""
    months = max(int(entry.value) for _, entry in plan.values["term_months"].entries)
    price, included = _largest(plan, _PRICE, own.seat_prices), _largest(plan, _INCLUDED, own.included_usage)
    remedy = "check the seats, and what each of them costs and includes"
    weeks = -(-months * _WEEKS // _YEAR)
    for what, total in (
        (f"at up to {price:,f} dollars for {months} months", seats * price * months),
        (f"with up to {included:,f} dollars of usage for {weeks} weeks", seats * included * weeks),
    ):
        if total > MOST_IN_ALL:
            yield f"{seats:,} seats {what} {too_much(total)}", remedy


def _largest(plan: Plan, value: str, own: Mapping[str, Decimal]) -> Decimal:
    """The largest amount that a seat type has, at any time, in the plan or in the contract."""
    paths = (plan.values.get(f"seats.{seat}.{value}") for seat in plan.seat_types)
    listed = (Decimal(entry.value) for dated in paths if dated for _, entry in dated.entries)
    return max((*listed, *own.values()), default=Decimal(0))


def _most_bought(scenario: Scenario) -> int:
    """The most credits that can be bought besides those that are used, dollars: as often as others may have expired."""
    contract = scenario.contract
    bought = sum(event.action.amount for event in scenario.events if isinstance(event.action, BuyCredits))
    for settings in (contract.credits, contract.renewal.credits or CreditSettings()):
        each = settings.when_exhausted.buy if settings.when_exhausted else 0
        if settings.auto_reload:
            each += settings.auto_reload.below + settings.auto_reload.amount
        times = 1 + (scenario.months // settings.expiry_months if settings.expiry_months else 0)
        bought += settings.initial + each * times
    return bought // NANO
