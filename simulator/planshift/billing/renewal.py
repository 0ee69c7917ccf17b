"""Renewal: what a contract becomes at the end of its term or by an early move, and how it stands through time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from planshift.billing.contract import AddSeats, Agreed, Assign, Event, Limits, Migrate, RemoveSeats, SetLimits
from planshift.billing.seats import Seats, mapped
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.problems import InputError, Place

if TYPE_CHECKING:
    from planshift.billing.scenario import Scenario


AGREED_SEATS = Place("contract.renewal.seats")
"""Where too few seats for the members are reported by whoever does not know the scenario's file."""


@dataclass(frozen=True)
class Renewed:
    """A contract after its renewal: terms, seats, limits (None: as they were), whether the old one closed, warnings."""

    terms: Terms
    seats: Seats
    limits: Limits | None
    closes: bool
    warnings: tuple[str, ...]


def renewed(terms: Terms, seats: Seats, agreed: Agreed, day: date, catalogue: Catalogue) -> Renewed:
    """What a contract becomes on its renewal date (Rulebook R1, R2, R4, S5).

    A plan that is no longer offered becomes its successor; one still offered renews on itself. The contract closes
    where plan or channel change; then what is not agreed is the new plan's. Raises InputError with more members than
    seats.
    """
    plan = catalogue.plan(terms.plan.successor(day))
    channel = agreed.channel or terms.channel
    closes = plan.id != terms.plan.id or channel != terms.channel
    proration = agreed.own.proration or (None if closes else terms.own.proration)
    after = Terms(plan, channel, replace(agreed.own, proration=proration))
    seat_map = terms.plan.seat_map(day)
    held, warnings = _seats_after(after, mapped(seats.remaining(), seat_map), agreed, day)
    assigned = {member: seat_map[seat] if seat else None for member, seat in seats.assigned.items()}
    moved = _enough(Seats(held=held, assigned=assigned), after, day)
    return Renewed(after, moved, _limits_after(agreed, terms, closes, day), closes, warnings)


def gone_on(terms: Terms, seats: Seats, day: date) -> Renewed:
    """The counterfactual: a plan that has ended goes on as it was for another term (Rulebook P2)."""
    return Renewed(terms, _enough(Seats(seats.remaining(), assigned=seats.assigned), terms, day), None, False, ())


def _limits_after(agreed: Agreed, terms: Terms, closes: bool, day: date) -> Limits | None:
    if agreed.limits is not None:
        return Limits().changed(agreed.limits)
    return None if not closes and carries_over(terms, "spend_limits", day) else Limits()


def carries_over(terms: Terms, setting: str, day: date) -> bool:
    """Does a renewal on the same plan leave an owner's setting as it is?"""
    return setting in terms.plan.value("renewal.carried_over", day)


def _seats_after(
    after: Terms, remaining: Mapping[str, int], agreed: Agreed, day: date
) -> tuple[dict[str, int], tuple[str, ...]]:
    held = dict(agreed.seats) if agreed.seats is not None else dict(remaining)
    missing = after.minimum_seats(day) - sum(held.values())
    if missing <= 0:
        return held, ()
    first = next(iter(held), after.plan.seat_types[0])
    held[first] = held.get(first, 0) + missing
    channel = after.plan.channel_titles[after.channel]
    warning = (
        f"{day}: {after.plan.title}, {channel}, has at least {sum(held.values())} seats; "
        f"{missing} were added (Rulebook S5)"
    )
    return held, (warning,)


def _enough(seats: Seats, terms: Terms, day: date) -> Seats:
    short = seats.shortage()
    if short:
        seat, members, held = short
        raise InputError.at(
            AGREED_SEATS,
            f"at the renewal on {day} {members} members would share {held} {terms.plan.seat_titles[seat]}s",
            "agree on more seats, give up fewer, or unassign members before",
        )
    return seats


class Timeline:
    """Terms, seats and limits as they stand after everything up to a day has happened."""

    def __init__(self, scenario: Scenario, *, counterfactual: bool = False) -> None:
        self._counterfactual = counterfactual
        contract = scenario.contract
        self._catalogue = scenario.catalogue
        self._agreed = contract.renewal
        self._term = scenario.term
        self.terms = Terms.of(contract)
        self.seats = Seats(held=contract.seats, assigned=scenario.members)
        self.limits = contract.limits

    @property
    def renewal(self) -> date:
        """The day on which the term in force ends."""
        return self._term.renewal

    def advance(self, day: date) -> None:
        """Renew on every renewal date up to and on a day."""
        while self._term.renewal <= day:
            self._renew(self._term.renewal)

    def happen(self, event: Event) -> None:
        """Take an event in."""
        self.advance(event.day)
        action = event.action
        if isinstance(action, AddSeats):
            self.seats = self.seats.added(action.seats)
        elif isinstance(action, RemoveSeats):
            self.seats = self.seats.given_up(action.seats)
        elif isinstance(action, Assign):
            self.seats = self.seats.with_assigned(action.members)
        elif isinstance(action, SetLimits):
            self.limits = self.limits.changed(action.change)
        elif isinstance(action, Migrate):
            self._renew(event.day)

    def _renew(self, day: date) -> None:
        if self._counterfactual and self.terms.plan.legacy(day):
            after = gone_on(self.terms, self.seats, day)
        else:
            after = renewed(self.terms, self.seats, self._agreed, day, self._catalogue)
        self.terms, self.seats = after.terms, after.seats
        self.limits = after.limits or self.limits
        self._term = self._term.followed(day, int(self.terms.plan.value("term_months", day)))
        self._agreed = self._agreed.later or Agreed()


class AtStart(NamedTuple):
    """Seats and limits on the horizon's first day, the events still to come, and those before it (Rulebook H1)."""

    seats: Seats
    limits: Limits
    events: tuple[Event, ...]
    earlier: tuple[Event, ...]


def opening(scenario: Scenario) -> AtStart:
    """What stands when a scenario's horizon begins."""
    timeline = Timeline(scenario)
    earlier = tuple(event for event in scenario.events if event.day < scenario.start)
    for event in earlier:
        timeline.happen(event)
    later = tuple(event for event in scenario.events if scenario.start <= event.day < scenario.end)
    return AtStart(timeline.seats, timeline.limits, later, earlier)
