"""What an organization has signed, what is agreed for the term after, and what happens on which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from planshift.billing.money import UNLIMITED
from planshift.billing.schedule import Term
from planshift.plans.plan import Plan
from planshift.problems import Place

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class LimitChange:
    """What a change of limits says, nano-dollars a month; a key that it leaves out stays as it was (Rulebook L1)."""

    organization: int | None = None
    each_member: int | None = None
    seat_types: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """Monthly spend limits in nano-dollars, UNLIMITED where there is none (Rulebook L1, L5)."""

    organization: int = UNLIMITED
    each_member: int = UNLIMITED
    seat_types: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)

    def of(self, member: str, seat: str | None) -> int:
        """A member's limit: their own, else the seat type's, else that of every member (Rulebook L1)."""
        if member in self.members:
            return self.members[member]
        return self.seat_types.get(seat or "", self.each_member)

    def changed(self, change: LimitChange) -> Limits:
        """The limits after a change."""
        return Limits(
            organization=self.organization if change.organization is None else change.organization,
            each_member=self.each_member if change.each_member is None else change.each_member,
            seat_types={**self.seat_types, **change.seat_types},
            members={**self.members, **change.members},
        )

    @property
    def whole(self) -> LimitChange:
        """The change that leads to these limits from none."""
        return LimitChange(self.organization, self.each_member, self.seat_types, self.members)


@dataclass(frozen=True)
class Reaction:
    """Credits bought so many days after running out (Rulebook C2)."""

    buy: int
    after_days: int


@dataclass(frozen=True)
class AutoReload:
    """Credits bought at once whenever the balance falls below an amount (Rulebook C2)."""

    below: int
    amount: int
    place: Place = field(default=Place("auto_reload"), compare=False)


@dataclass(frozen=True)
class CreditSettings:
    """How an organization buys credits, in nano-dollars (Rulebook C2, C3)."""

    initial: int = 0
    when_exhausted: Reaction | None = None
    auto_reload: AutoReload | None = None
    expiry_months: int | None = None
    payment: str | None = None


@dataclass(frozen=True)
class Own:
    """What this customer has of their own, before the plan's values (Rulebook P3); None or absent: the plan's."""

    seat_prices: Mapping[str, Decimal] = field(default_factory=dict)
    included_usage: Mapping[str, Decimal] = field(default_factory=dict)
    usage_discount: Decimal | None = None
    extra_usage: bool | None = None
    proration: str | None = None
    usage_minimum: Decimal | None = None


@dataclass(frozen=True)
class Agreed:
    """What is agreed for the term after; what is not said is the successor plan's (Rulebook R1, R2, R4).

    ``later``: what is agreed for the term after that.
    """

    channel: str | None = None
    seats: Mapping[str, int] | None = None
    own: Own = Own()
    limits: LimitChange | None = None
    credits: CreditSettings | None = None
    later: Agreed | None = None


@dataclass(frozen=True)
class Contract:
    """A contract: plan, channel, annual term, seats, and what the customer has of their own.

    ``term_start``: the first day of the term in force; ``first_day``: the contract's, where that term is a later one.
    """

    plan: Plan
    channel: str
    term_start: date
    seats: Mapping[str, int]
    own: Own = Own()
    limits: Limits = Limits()
    credits: CreditSettings = CreditSettings()
    renewal: Agreed = Agreed()
    first_day: date | None = None

    @property
    def term(self) -> Term:
        """The term in force, counted from the contract's first day (Rulebook R0)."""
        first = Term(self.first_day or self.term_start, int(self.plan.value("term_months", self.term_start)))
        return first.in_force(self.term_start)

    def restarted(self, day: date) -> Contract:
        """The same terms in a contract whose first day is another one."""
        return replace(self, term_start=day, first_day=None)


@dataclass(frozen=True)
class AddSeats:
    """Seats bought during the term (Rulebook S2)."""

    seats: Mapping[str, int]


@dataclass(frozen=True)
class RemoveSeats:
    """Seats given up, with effect at the renewal (Rulebook S3)."""

    seats: Mapping[str, int]


@dataclass(frozen=True)
class Assign:
    """Members put on a seat type, or on none (Rulebook S4)."""

    members: Mapping[str, str | None]


@dataclass(frozen=True)
class BuyCredits:
    """Credits bought on a date, nano-dollars (Rulebook C2)."""

    amount: int


@dataclass(frozen=True)
class SetLimits:
    """Limits changed on a date, before that day's usage (Rulebook L4)."""

    change: LimitChange


@dataclass(frozen=True)
class Migrate:
    """The move to the successor before the renewal; ``credit`` None takes the plan's choice (Rulebook R3)."""

    credit: str | None = None


Action: TypeAlias = AddSeats | RemoveSeats | Assign | BuyCredits | SetLimits | Migrate


@dataclass(frozen=True)
class Event:
    """Something that happens on a day."""

    day: date
    action: Action
    place: Place = field(default=Place("events"), compare=False)
