"""The terms of both contracts side by side: seats and their prices, included usage, discount, limits, payment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from planshift.billing.ledger import Phase
from planshift.billing.money import CENT, UNLIMITED
from planshift.billing.scenario import Scenario
from planshift.impact.renewal import Renewal
from planshift.plans.plan import Plan, Sourced
from planshift.reports.page.model import TermRow
from planshift.reports.page.said import Money, Name, Said, Value, said
from planshift.usage.synthetic.persona import Persona

_Cell: TypeAlias = "tuple[Value | None, bool]"
"""A value, and whether it is the plan file's example and not this customer's."""


def terms_of(renewal: Renewal) -> tuple[TermRow, ...]:
    """The terms that are not the same nothing on both sides."""
    old = phase_on(renewal.counterfactual.ledger.phases, renewal.day)
    new = phase_on(renewal.run.ledger.phases, renewal.day)
    return tuple(row for row in _rows(old, new, renewal.day) if row.old is not None or row.new is not None)


def phase_on(phases: tuple[Phase, ...] | list[Phase], day: date) -> Phase:
    """What is in force on a day."""
    return [phase for phase in phases if phase.since <= day][-1]


def seat_name(plan: Plan, seat: str) -> Name:
    """What a seat type is called."""
    return Name(f"names.seats.{seat}", plan.seat_titles.get(seat, seat))


def persona_name(persona: Persona) -> Said:
    """What a persona is called, and that its members are simulated."""
    return said("names.simulated", persona=Name(f"names.personas.{persona.name}", persona.title))


def team_name(scenario: Scenario, team: str) -> Value:
    """What a team is called; one that stands for a persona, as the persona is."""
    for persona in scenario.personas.values():
        if persona.title == team:
            return Name(f"names.personas.{persona.name}", team)
    return team


def _rows(old: Phase, new: Phase, day: date) -> Iterator[TermRow]:
    yield TermRow(said("terms.seats"), sum(old.seats.held.values()), sum(new.seats.held.values()))
    mapped = old.terms.plan.seat_map(day)
    for seat, count in old.seats.held.items():
        if count:
            title = said("terms.seat_price", seat=seat_name(old.terms.plan, seat))
            yield _row(title, partial(_price, seat=seat, mapped=mapped, day=day), old, new)
    for seat, count in old.seats.held.items():
        if count and old.terms.plan.seat_based:
            title = said("terms.included", seat=seat_name(old.terms.plan, seat))
            included = _money(old.terms.included(seat, day))
            yield TermRow(title, included[0], said("terms.nothing"), included[1])
    yield _row(said("terms.discount"), lambda phase: _share(phase, day), old, new)
    yield _row(said("terms.organization_limit"), lambda phase: (_limit(phase.limits.organization), False), old, new)
    yield _row(said("terms.member_limit"), lambda phase: (_limit(phase.limits.each_member), False), old, new)
    yield _row(said("terms.payment"), lambda phase: (_payment(phase, day), False), old, new)


def _row(title: Value, cell: Callable[[Phase], _Cell], old: Phase, new: Phase) -> TermRow:
    (before, before_assumed), (after, after_assumed) = cell(old), cell(new)
    return TermRow(title, before, after, before_assumed, after_assumed)


def _price(phase: Phase, seat: str, mapped: dict[str, str], day: date) -> _Cell:
    own = seat if seat in phase.terms.plan.seat_types else mapped.get(seat, "")
    return _money(phase.terms.seat_price(own, day)) if own else (None, False)


def _money(found: Sourced) -> _Cell:
    return Money(int(found.value * 100)), found.assumed


def _share(phase: Phase, day: date) -> _Cell:
    share = Fraction(phase.terms.usage_discount(day).value)
    return (share if share else said("terms.none")), False


def _limit(nanos: int) -> Value:
    return said("terms.unlimited") if nanos == UNLIMITED else Money(nanos // CENT)


def _payment(phase: Phase, day: date) -> Value:
    return said(f"terms.payments.{phase.terms.usage_payment(day).value}")
