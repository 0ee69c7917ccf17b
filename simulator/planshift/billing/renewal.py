"""Renewal: what a contract becomes at the end of its term, or when it moves before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from planshift.billing.contract import Agreed, Limits
from planshift.billing.seats import Seats, mapped
from planshift.billing.terms import Terms
from planshift.plans.catalogue import Catalogue
from planshift.problems import InputError, Place

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
