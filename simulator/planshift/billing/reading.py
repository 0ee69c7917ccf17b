"""From the words of a scenario file to contracts, limits, credits and events."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from planshift.billing.contract import (
    NOTHING,
    Action,
    AddSeats,
    Agreed,
    Assign,
    AutoReload,
    BuyCredits,
    Contract,
    CreditSettings,
    Event,
    LimitChange,
    Limits,
    Migrate,
    Own,
    Reaction,
    RemoveSeats,
    SetLimits,
)
from planshift.billing.money import UNLIMITED, nano
from planshift.plans.documents import Document
from planshift.plans.plan import Plan
from planshift.problems import Place

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
