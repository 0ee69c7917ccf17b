"""Seats and terms through time, without usage: what an event meets on its day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from planshift.billing.contract import AddSeats, Agreed, Assign, Event, Limits, Migrate, RemoveSeats, SetLimits
from planshift.billing.renewal import gone_on, renewed
from planshift.billing.seats import Seats
from planshift.billing.terms import Terms

if TYPE_CHECKING:
    from planshift.billing.scenario import Scenario


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
