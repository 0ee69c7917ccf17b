"""What becomes of an account's seats and members at its first renewal, or at its early move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.billing.seats import mapped
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Plan
from planshift.portfolio.account import Account
from planshift.portfolio.term import following


@dataclass(frozen=True)
class FirstRenewal:
    """An account's first renewal, or its early move: its day, the plan after it, and the seats held then.

    ``seat_map``: what each seat type becomes; ``added``: how many more seats are wanted than held (negative: fewer),
    by the seat types after; ``raised``: how many beyond what is wanted the minimum asks for (Rulebook S5).
    """

    day: date
    plan: Plan
    seats: Mapping[str, int]
    seat_map: Mapping[str, str]
    added: Mapping[str, int]
    raised: int


def first_renewal(account: Account, catalogue: Catalogue) -> FirstRenewal:
    """The first renewal of an account, or its early move where that comes before.

    Seats are those held times 1 + the seat change, by the seat type that they become, rounded half up; then the first
    type is raised to the plan's minimum (Rulebook S5).
    """
    contract = account.contract
    after, day = following(catalogue, contract.plan, contract.term), contract.term.renewal
    if account.migrate_on is not None and account.migrate_on < day:
        day = account.migrate_on
        after = catalogue.plan(contract.plan.successor(day))
    seat_map = contract.plan.seat_map(day)
    held = mapped(contract.seats, seat_map)
    wanted = {seat: _half_up(count * (1 + account.seat_change)) for seat, count in held.items()}
    channel = contract.renewal.channel or contract.channel
    missing = max(0, Terms(after, channel).minimum_seats(day) - sum(wanted.values()))
    first = next(iter(wanted), after.seat_types[0])
    seats = {**wanted, first: wanted.get(first, 0) + missing}
    added = {seat: wanted[seat] - held[seat] for seat in held}
    return FirstRenewal(day, after, seats, seat_map, added, missing)


def _half_up(value: Fraction) -> int:
    return int((2 * value + 1) // 2)
