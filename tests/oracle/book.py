"""Who sits where while a scenario is being written, so that what is written can happen (S4, S5, R1, R2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oracle.facts import PLANS, PREPAID, Plan
from oracle.terms import term_start


@dataclass
class Book:
    """The plan, the seats and the members on the day that is being written."""

    plan: Plan
    channel: str
    signed: date
    seats: dict[str, int]
    seat_of: dict[str, str]
    renewal: Mapping[str, Any]
    counterfactual: bool
    waiting: dict[str, int] = field(default_factory=dict)
    term: int = 0

    @property
    def renews(self) -> date:
        """The day on which the term ends (R0)."""
        return term_start(self.signed, self.term + 1)

    @property
    def prepaid(self) -> bool:
        """True while credits can be bought."""
        return self.plan.payment[self.channel] == PREPAID

    def room(self, seat_type: str) -> int:
        """Seats of a type that nobody sits on and that do not go at the renewal."""
        sitting = sum(seat == seat_type for seat in self.seat_of.values())
        return self.seats.get(seat_type, 0) - self.waiting.get(seat_type, 0) - sitting

    def turn_to(self, day: date) -> None:
        """Lets the renewals up to this day happen."""
        while self.renews <= day:
            self.renew(self.renews)

    def renew(self, day: date) -> None:
        """A renewal, or a migration: seats as agreed or as left, on the plan that comes after."""
        seats = {name: count - self.waiting.get(name, 0) for name, count in self.seats.items()}
        self.waiting = {}
        self.signed, self.term = (self.signed, self.term + 1) if day == self.renews else (day, 0)
        if self.counterfactual and self.plan.successor is not None:
            self.seats = seats
            return
        self.plan = PLANS[self.plan.successor or self.plan.id]
        self.channel = self.renewal.get("channel", self.channel)
        total = sum(self.renewal.get("seats", seats).values())
        self.seats = {"enterprise": max(total, self.plan.minimum_seats[self.channel])}
        self.seat_of = {member: seat and "enterprise" for member, seat in self.seat_of.items()}
        self.renewal = {}
