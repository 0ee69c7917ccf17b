"""The contract in force: its plan, seats and terms, and what it becomes at a renewal (P1-P3, S5, R1-R4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.facts import PREPAID, Plan
from oracle.limits import Limits
from oracle.terms import months_left, term_start

Seats = Mapping[str, int]
NOTHING_AGREED: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Contract:
    """A plan, the channel it was bought through, the term, and everything that this customer has of their own."""

    plan: Plan
    channel: str
    signed: date
    seats: Seats
    waiting: Seats = field(default_factory=dict)
    own_prices: Mapping[str, Decimal] = field(default_factory=dict)
    own_included: Mapping[str, Decimal] = field(default_factory=dict)
    discount: Fraction = Fraction(0)
    extra_usage: bool = False
    proration: str = "months_and_days"
    minimum: Decimal = Decimal(0)
    limits: Limits = field(default_factory=Limits)
    credits: Mapping[str, Any] = field(default_factory=dict)
    renewal: Mapping[str, Any] = field(default_factory=dict)
    term: int = 0
    charged: tuple[tuple[str, int], ...] = ()

    @property
    def start(self) -> date:
        """The first day of the term in force, counted from the contract's (R0)."""
        return term_start(self.signed, self.term)

    @property
    def end(self) -> date:
        """The renewal date (R0, R1)."""
        return term_start(self.signed, self.term + 1)

    def months_left(self, day: date) -> Fraction:
        """The months of the term that are left on a day, as this contract counts them (S2)."""
        return months_left(day, self.signed, self.term, self.proration)

    @property
    def prepaid(self) -> bool:
        """True where usage draws on credits (C1), False where it is invoiced in arrears (A1)."""
        return self.plan.payment[self.channel] == PREPAID

    def price(self, seat_type: str) -> Decimal:
        """The contract's own price of a seat and month, else the plan's (P3)."""
        return Decimal(self.own_prices.get(seat_type, self.plan.seat_types[seat_type].price))

    def included(self, seat_type: str) -> Decimal:
        """Dollars of API value that a seat includes a week (I1)."""
        return Decimal(self.own_included.get(seat_type, self.plan.seat_types[seat_type].included_per_week))

    def held(self) -> list[tuple[str, int]]:
        """Seat types and seats, in the plan's order, without types of which there are none."""
        return [(name, self.seats[name]) for name in self.plan.seat_types if self.seats.get(name, 0) > 0]

    def charges(self) -> tuple[tuple[str, int], ...]:
        """Every charge for seats in the term so far, types and numbers: the fee, then what was added (S1, S2)."""
        return self.charged or tuple(self.held())

    def seats_left(self) -> dict[str, int]:
        """The seats held less the removals that wait for the renewal (S3, R2)."""
        return {name: seats - self.waiting.get(name, 0) for name, seats in self.seats.items()}

    def with_seats(self, added: Seats) -> "Contract":
        """This contract with more seats, which are a charge of their own (S2)."""
        more = tuple((name, added[name]) for name in self.plan.seat_types if added.get(name, 0) > 0)
        return replace(self, seats=_sum(self.seats, added), charged=(*self.charges(), *more))

    def with_removal(self, removed: Seats) -> "Contract":
        """This contract with seats to be removed at the renewal (S3)."""
        waiting = _sum(self.waiting, removed)
        if any(seats > self.seats.get(name, 0) for name, seats in waiting.items()):
            raise ValueError("more seats wait for removal than are held")
        return replace(self, waiting=waiting)


def _sum(some: Seats, more: Seats) -> dict[str, int]:
    """Seats by type, added up."""
    return {name: some.get(name, 0) + more.get(name, 0) for name in (*some, *(n for n in more if n not in some))}


def first_contract(terms: Mapping[str, Any], plans: Mapping[str, Plan]) -> Contract:
    """The contract as the scenario states it; too few seats are an error (S5)."""
    plan = plans[terms["plan"]]
    channel = terms["channel"]
    seats = dict(terms["seats"])
    if sum(seats.values()) < plan.minimum_seats.get(channel, 0):
        raise ValueError(f"fewer seats than {plan.id} has to have")
    return Contract(
        plan=plan,
        channel=channel,
        signed=terms["term_start"],
        seats=seats,
        own_prices=terms.get("seat_prices", {}),
        own_included=terms.get("included_usage_per_week", {}),
        discount=Fraction(terms.get("usage_discount", plan.discount)),
        extra_usage=terms.get("extra_usage", {}).get("enabled", plan.extra_usage),
        proration=terms.get("proration", plan.proration),
        minimum=Decimal(terms.get("usage_minimum", 0)),
        limits=Limits().changed_by(terms.get("spend_limits", {})),
        credits=terms.get("credits", {}),
        renewal=terms.get("renewal", {}),
    )


def closes(contract: Contract) -> bool:
    """True if the renewal ends the contract: the plan or the channel is another one afterwards (P2, R1)."""
    return contract.plan.successor is not None or contract.renewal.get("channel", contract.channel) != contract.channel


def _seats_after(contract: Contract, plan: Plan, channel: str) -> dict[str, int]:
    """The seats of the next term: as agreed, else those left, moved to the plan's seat types; at least the minimum."""
    seats = dict(contract.renewal.get("seats", {}))
    if not seats and plan.id == contract.plan.id:
        seats = contract.seats_left()
    elif not seats:
        seats = {plan.first_seat_type: sum(contract.seats_left().values())}
    short = plan.minimum_seats.get(channel, 0) - sum(seats.values())
    return _sum(seats, {plan.first_seat_type: max(0, short)})


def successor_of(contract: Contract, day: date, plans: Mapping[str, Plan]) -> Contract:
    """The contract that starts when this one closes: what was agreed, and for the rest the plan's own (R1, R4)."""
    agreed = contract.renewal
    plan = plans[contract.plan.successor or contract.plan.id]
    channel = agreed.get("channel", contract.channel)
    return Contract(
        plan=plan,
        channel=channel,
        signed=contract.signed if day == contract.end else day,
        term=contract.term + 1 if day == contract.end else 0,
        seats=_seats_after(contract, plan, channel),
        own_prices=agreed.get("seat_prices", {}),
        discount=Fraction(agreed.get("usage_discount", plan.discount)),
        proration=plan.proration,
        minimum=Decimal(agreed.get("usage_minimum", 0)),
        limits=Limits().changed_by(agreed.get("spend_limits", {})),
        credits=agreed.get("credits", {}),
    )


def renewed(contract: Contract) -> Contract:
    """The same contract for a new term: own prices and discount end unless agreed anew, the rest goes on (R2, R4)."""
    agreed = contract.renewal
    limits = Limits().changed_by(agreed["spend_limits"]) if "spend_limits" in agreed else contract.limits
    return replace(
        contract,
        term=contract.term + 1,
        seats=_seats_after(contract, contract.plan, contract.channel),
        waiting={},
        charged=(),
        own_prices=agreed.get("seat_prices", {}),
        discount=Fraction(agreed.get("usage_discount", contract.plan.discount)),
        minimum=Decimal(agreed.get("usage_minimum", 0)),
        limits=limits,
        credits=agreed.get("credits", contract.credits),
        renewal=NOTHING_AGREED,
    )


def prolonged(contract: Contract) -> Contract:
    """The counterfactual: the same terms for twelve months more, less the seats that were to go (P2)."""
    return replace(contract, term=contract.term + 1, seats=contract.seats_left(), waiting={}, charged=())
