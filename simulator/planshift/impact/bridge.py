"""The bridge from one cost to another: steps that add up to the difference, to the cent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planshift.billing.charges import IN_ARREARS
from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import all_to_cents
from planshift.billing.sharing import Nanos
from planshift.impact.at_list import blocked_at_list, discount_taken
from planshift.impact.outcome import Cents

SEAT_FEES = "seat_fees"
INCLUDED = "included_usage"
DISCOUNT = "discount"
OLD_BLOCKED = "work_the_old_plan_blocked"
SURFACES = "surfaces_newly_open"
BEHAVIOUR = "usage_answers_to_the_plan"
NEW_LIMITS = "work_the_new_limits_stop"
NEW_CREDITS = "work_stopped_without_credits"
ROUNDING = "rounding"

STEPS = {
    SEAT_FEES: ("Seat fees", "S1, P3, R1", "What the seats cost, new less old"),
    INCLUDED: ("Included usage, now billed", "I1, R4", "Usage that the old seats included, at list price"),
    DISCOUNT: ("Discount on usage", "U5, R4", "What the old discount took off billed usage, less what a new one does"),
    **{one.name: (one.title, one.rule, f"{one.of.capitalize()}, new less old") for one in IN_ARREARS if one.by_day},
    OLD_BLOCKED: ("Work the old plan blocked", "I2, L2, C1", "Work stopped before that can now be done, at list price"),
    SURFACES: ("Surfaces newly open", "U4, R4", "What members asked of surfaces that their old seat did not open"),
    BEHAVIOUR: ("Usage answers to the plan", "U1", "What members ask for more or less, as the scenario says they do"),
    NEW_LIMITS: ("Work the new limits stop", "L2, L6", "Work that the new spend limits stop: it is not billed"),
    NEW_CREDITS: ("Work stopped because credits ran out", "C1, L6", "Work stopped without credits: it is not billed"),
    ROUNDING: ("Rounding to cents", "A1", "Each month is rounded to the cent once"),
}
"""Step → what reports call it, the rules behind it, and what it is."""


def steps(
    old: Nanos, new: Nanos, seats: int, accrued: tuple[Mapping[str, Cents], Mapping[str, Cents]], whole: Cents
) -> dict[str, Cents]:
    """The steps of a bridge in each draw, by key of STEPS: cents of shape (draws,).

    Usage billed = demand − unavailable − included − discount on it − what was blocked, at list price; so the difference
    of two plans is the sum of the differences of these parts, whatever the order. Demand differs only where a scenario
    says how usage answers to the plan.

    ``old``, ``new`` (len(AMOUNTS), draws, members): nano-dollars; ``seats``: what the new seats cost more, cents;
    ``accrued`` (draws,): what accrues beside seats and usage on the old plan and on the new one, by kind of charge;
    ``whole`` (draws,): the difference of the costs, to which the steps add up.
    """
    stopped, for_credits = _stopped(new)
    nanos = {
        INCLUDED: (old - new)[COLUMN["included"]].sum(axis=1),
        DISCOUNT: (discount_taken(old) - discount_taken(new)).sum(axis=1),
        OLD_BLOCKED: blocked_at_list(old).sum(axis=1),
        SURFACES: (old - new)[COLUMN["unavailable"]].sum(axis=1),
        BEHAVIOUR: (new - old)[COLUMN["demand"]].sum(axis=1),
        NEW_LIMITS: -stopped,
        NEW_CREDITS: -for_credits,
    }
    found = {key: all_to_cents(amount) for key, amount in nanos.items()}
    before, after = accrued
    nothing = np.zeros_like(whole)
    found |= {kind: after.get(kind, nothing) - before.get(kind, nothing) for kind in {**before, **after}}
    found[SEAT_FEES] = np.full_like(whole, seats)
    cents = {key: found[key] for key in STEPS if key in found}
    cents[ROUNDING] = whole - sum(cents.values())
    return cents


def _stopped(amounts: Nanos) -> tuple[Nanos, Nanos]:
    """By draw, what limits stopped, and what exhausted credits stopped, at list price."""
    causes: Nanos = amounts[COLUMN[BLOCKED[0]] :].sum(axis=0)
    without = amounts[COLUMN["blocked_credits"]]
    share = np.divide(without, causes, out=np.zeros(without.shape), where=causes > 0)
    at_list = blocked_at_list(amounts)
    for_credits: Nanos = np.rint(at_list * share).astype(np.int64).sum(axis=1)
    return at_list.sum(axis=1) - for_credits, for_credits
