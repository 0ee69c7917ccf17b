"""What an organization has signed, what is agreed for the term after, what happens when, and how files say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from planshift.billing.money import UNLIMITED, nano
from planshift.billing.schedule import Term
from planshift.plans.documents import Document
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


RELOAD = "auto_reload"
UNASSIGNED = "unassigned"
"""What an `assign` event says for a member who keeps no seat (Rulebook S4)."""


def read_contract(document: Document, plan: Plan) -> Contract:
    """The contract of a scenario."""
    whole: Any = document.data
    data = whole["contract"]
    now, then = (document.place("contract", *keys, "credits", RELOAD) for keys in ((), ("renewal",)))
    return Contract(
        plan=plan,
        channel=data["channel"],
        term_start=data["term_start"],
        first_day=data.get("first_day"),
        seats=data["seats"],
        own=read_own(data),
        limits=Limits().changed(read_limits(data.get("spend_limits", NOTHING))),
        credits=read_credits(data.get("credits", NOTHING), now),
        renewal=read_agreed(data.get("renewal", NOTHING), then),
    )


def read_own(data: Mapping[str, Any]) -> Own:
    """What a customer has of their own."""
    extra = data.get("extra_usage")
    discount, minimum = data.get("usage_discount"), data.get("usage_minimum")
    return Own(
        seat_prices=_decimals(data.get("seat_prices", NOTHING)),
        included_usage=_decimals(data.get("included_usage_per_week", NOTHING)),
        usage_discount=None if discount is None else Decimal(discount),
        extra_usage=None if extra is None else extra["enabled"],
        proration=data.get("proration"),
        usage_minimum=None if minimum is None else Decimal(minimum),
    )


def read_agreed(data: Mapping[str, Any], reload: Place) -> Agreed:
    """What is agreed for the term after; ``reload``: where it speaks of auto reload."""
    return Agreed(
        channel=data.get("channel"),
        seats=data.get("seats"),
        own=read_own(data),
        limits=read_limits(data["spend_limits"]) if "spend_limits" in data else None,
        credits=read_credits(data["credits"], reload) if "credits" in data else None,
    )


def read_limits(data: Mapping[str, Any]) -> LimitChange:
    """A change of limits, in nano-dollars; `unlimited` is a limit that never binds (Rulebook L5)."""
    return LimitChange(
        organization=_limit(data["organization"]) if "organization" in data else None,
        each_member=_limit(data["each_member"]) if "each_member" in data else None,
        seat_types={seat: _limit(limit) for seat, limit in data.get("seat_types", NOTHING).items()},
        members={member: _limit(limit) for member, limit in data.get("members", NOTHING).items()},
    )


def read_credits(data: Mapping[str, Any], place: Place) -> CreditSettings:
    """How credits are bought, in nano-dollars (Rulebook C2); ``place``: where it speaks of auto reload."""
    exhausted, reload = data.get("when_exhausted"), data.get(RELOAD)
    return CreditSettings(
        initial=nano(data.get("initial", 0)),
        when_exhausted=exhausted and Reaction(nano(exhausted["buy"]), exhausted["after_days"]),
        auto_reload=reload and AutoReload(nano(reload["below"]), nano(reload["amount"]), place),
        expiry_months=data.get("expiry_months"),
        payment=data.get("payment"),
    )


def read_events(document: Document) -> tuple[Event, ...]:
    """The events of a scenario, by day, those of one day as listed."""
    data: Any = document.data
    events = [
        Event(item["date"], _action(item), document.place("events", number))
        for number, item in enumerate(data.get("events", ()))
    ]
    return tuple(sorted(events, key=lambda event: event.day))


def _action(item: Mapping[str, Any]) -> Action:
    name, said = next((key, value) for key, value in item.items() if key != "date")
    if name == "add_seats":
        return AddSeats(said)
    if name == "remove_seats":
        return RemoveSeats(said)
    if name == "assign":
        return Assign({member: None if seat == UNASSIGNED else seat for member, seat in said.items()})
    if name == "buy_credits":
        return BuyCredits(nano(said))
    if name == "set_limits":
        return SetLimits(read_limits(said))
    return Migrate(None if said is True else said["credit"])


def _limit(value: Decimal | int | str) -> int:
    return UNLIMITED if isinstance(value, str) else nano(value)


def _decimals(values: Mapping[str, Any]) -> dict[str, Decimal]:
    return {key: Decimal(value) for key, value in values.items()}
