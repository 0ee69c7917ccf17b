"""What the plans and the rate card say: a table of its own, from the rulebook and the public facts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

ALL_SURFACES = frozenset({"chat", "claude_code", "cowork"})
PREPAID, ARREARS = "prepaid_credits", "arrears"


@dataclass(frozen=True)
class SeatType:
    """What a seat costs a month, what it opens (U4), and what it includes a week (I1)."""

    price: Decimal
    surfaces: frozenset[str] = ALL_SURFACES
    included_per_week: Decimal = Decimal(0)


@dataclass(frozen=True)
class Plan:
    """One row of the rulebook's table of plans (P1-P3, S2, S5, M2)."""

    id: str
    kind: str
    seat_types: Mapping[str, SeatType]
    payment: Mapping[str, str]
    minimum_seats: Mapping[str, int]
    successor: str | None = None
    may_migrate: bool = False
    discount: Decimal = Decimal(0)
    extra_usage: bool = False
    proration: str = "months_and_days"
    thresholds: tuple[Decimal, ...] = (Decimal("0.75"), Decimal("0.90"), Decimal("1.00"))

    @property
    def first_seat_type(self) -> str:
        """The seat type that the plan lists first; a renewal below the minimum raises it (S5)."""
        return next(iter(self.seat_types))


BY_CHANNEL = {"self_serve": PREPAID, "sales_assisted": ARREARS}

PLANS: dict[str, Plan] = {
    "enterprise": Plan(
        id="enterprise",
        kind="usage_based",
        seat_types={"enterprise": SeatType(Decimal(20))},
        payment=BY_CHANNEL,
        minimum_seats={"self_serve": 20, "sales_assisted": 50},
    ),
    "legacy_chat_claude_code": Plan(
        id="legacy_chat_claude_code",
        kind="usage_based",
        seat_types={
            "chat": SeatType(Decimal(10), frozenset({"chat"})),
            "chat_claude_code": SeatType(Decimal(20)),
        },
        payment=BY_CHANNEL,
        minimum_seats={},
        successor="enterprise",
    ),
    "legacy_standard_premium": Plan(
        id="legacy_standard_premium",
        kind="seat_based",
        seat_types={
            "standard": SeatType(Decimal(40), included_per_week=Decimal("46.90")),
            "premium": SeatType(Decimal(200), included_per_week=Decimal("234.40")),
        },
        payment={"self_serve": ARREARS, "sales_assisted": ARREARS},
        minimum_seats={},
        successor="enterprise",
        may_migrate=True,
    ),
}


def plans_with(other: Mapping[str, Any] | None) -> dict[str, Plan]:
    """The plans, with the fields that `other` names put in place of those of the plan `other["id"]`."""
    if other is None:
        return dict(PLANS)
    return {**PLANS, other["id"]: replace(PLANS[other["id"]], **other)}


TOKEN_CLASSES = (
    "input_tokens",
    "output_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
)
WEB_SEARCH_USD = Decimal("0.01")
ALWAYS = date.min

# Model -> from which day -> USD per million tokens, in the order of TOKEN_CLASSES.
RATES: dict[str, dict[date, tuple[str, str, str, str, str]]] = {
    "claude-opus-5-5": {date(2026, 9, 22): ("4", "20", "5", "8", "0.20")},
    "claude-sonnet-5-5": {
        date(2026, 9, 28): ("2", "10", "2.5", "4", "0.20"),
        date(2026, 10, 7): ("2", "10", "2.5", "4", "0.10"),
    },
    "claude-haiku-5-5": {date(2026, 10, 7): ("0.10", "0.50", "0.125", "0.20", "0.01")},
    "claude-haiku-4-5": {ALWAYS: ("1", "5", "1.25", "2", "0.10")},
    "claude-opus-4-8": {ALWAYS: ("5", "25", "6.25", "10", "0.50")},
    "claude-sonnet-4-6": {ALWAYS: ("3", "15", "3.75", "6", "0.30")},
}


def rates_on(model: str, day: date) -> tuple[Decimal, ...]:
    """The model's prices per million tokens on a day: the latest entry that is in force (U1)."""
    dated = RATES.get(model, {})
    in_force = [since for since in dated if since <= day]
    if not in_force:
        raise ValueError(f"no rate for {model} on {day}")
    return tuple(Decimal(price) for price in dated[max(in_force)])
