"""The bridge from one cost to another: steps that add up to the difference, to the cent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import to_cents
from planshift.billing.sharing import Nanos
from planshift.impact.outcome import Outcome

SEAT_FEES = "seat_fees"
INCLUDED = "included_usage"
DISCOUNT = "discount"
OLD_BLOCKED = "work_the_old_plan_blocked"
SURFACES = "surfaces_newly_open"
NEW_LIMITS = "work_the_new_limits_stop"
NEW_CREDITS = "work_stopped_without_credits"
ROUNDING = "rounding"

STEPS = {
    SEAT_FEES: ("Seat fees", "S1, P3, R1", "What the seats cost, new less old"),
    INCLUDED: ("Included usage, now billed", "I1, R4", "Usage that the old seats included, at list price"),
    DISCOUNT: ("Discount lost", "U5, R4", "What the old discount took off billed usage, less what a new one takes off"),
    OLD_BLOCKED: ("Work the old plan blocked", "I2, L2, C1", "Work stopped before that can now be done, at list price"),
    SURFACES: ("Surfaces newly open", "U4, R4", "What members asked of surfaces that their old seat did not open"),
    NEW_LIMITS: ("Work the new limits stop", "L2, L6", "Work that the new spend limits stop: it is not billed"),
    NEW_CREDITS: ("Work stopped for want of credits", "C1, L6", "Work stopped while credits are exhausted: not billed"),
    ROUNDING: ("Rounding to cents", "A1", "Each month is rounded to the cent once"),
}
"""Step → what reports call it, the rules behind it, and what it is."""


@dataclass(frozen=True)
class Step:
    """One step of a bridge: a key of STEPS and its amount in cents, positive where the new plan costs more."""

    key: str
    cents: int

    @property
    def title(self) -> str:
        """What reports call it."""
        return STEPS[self.key][0]

    @property
    def rule(self) -> str:
        """The rules of the rulebook behind it."""
        return STEPS[self.key][1]

    @property
    def description(self) -> str:
        """What it is, in a sentence."""
        return STEPS[self.key][2]


def bridge(old: Outcome, new: Outcome) -> tuple[Step, ...]:
    """The steps from the old cost to the new: they add up to ``new.cost - old.cost`` to the cent.

    For the same demand, usage billed = demand − unavailable − included − discount on it − what was blocked, at list
    price; so the difference of two plans is the sum of the differences of these parts, whatever the order.
    """
    nanos = {
        INCLUDED: old.amount("included") - new.amount("included"),
        DISCOUNT: int(discount_taken(old.amounts).sum() - discount_taken(new.amounts).sum()),
        OLD_BLOCKED: int(blocked_at_list(old.amounts).sum()),
        SURFACES: old.amount("unavailable") - new.amount("unavailable"),
    }
    stopped, for_credits = _stopped(new.amounts)
    nanos |= {NEW_LIMITS: -stopped, NEW_CREDITS: -for_credits}
    cents = {SEAT_FEES: new.seat_cost - old.seat_cost} | {key: to_cents(amount) for key, amount in nanos.items()}
    cents[ROUNDING] = new.cost - old.cost - sum(cents.values())
    return tuple(Step(key, cents[key]) for key in STEPS if cents[key] or key == SEAT_FEES)


def listed(amounts: Nanos) -> Nanos:
    """What was metered, by member, at list price: demand − unavailable − included, nano-dollars."""
    result: Nanos = amounts[COLUMN["demand"]] - amounts[COLUMN["unavailable"]] - amounts[COLUMN["included"]]
    return result


def discount_taken(amounts: Nanos) -> Nanos:
    """By member, what the discount took off usage that was billed, nano-dollars (Rulebook U5).

    discount × billed ÷ metered: the part of it that fell on blocked usage was never given.
    """
    metered = amounts[COLUMN["metered"]]
    share = np.divide(amounts[COLUMN["billed"]], metered, out=np.zeros(len(metered)), where=metered > 0)
    taken: Nanos = np.rint((listed(amounts) - metered) * share).astype(np.int64)
    return taken


def blocked_at_list(amounts: Nanos) -> Nanos:
    """By member, what was blocked, at list price, nano-dollars: metered less billed and the discount on it."""
    blocked: Nanos = listed(amounts) - amounts[COLUMN["billed"]] - discount_taken(amounts)
    return blocked


def done_at_list(amounts: Nanos) -> Nanos:
    """By member, the work that could be done, at list price, nano-dollars: included, billed, and the discount on it."""
    done: Nanos = amounts[COLUMN["included"]] + amounts[COLUMN["billed"]] + discount_taken(amounts)
    return done


def undone(result: Outcome) -> int:
    """The work that could not be done, at list price, nano-dollars: stopped, or not open to the members' seats."""
    return int(blocked_at_list(result.amounts).sum()) + result.amount("unavailable")


def _stopped(amounts: Nanos) -> tuple[int, int]:
    """What limits stopped, and what exhausted credits stopped, at list price."""
    causes = sum(amounts[COLUMN[column]] for column in BLOCKED)
    without = amounts[COLUMN["blocked_credits"]]
    share = np.divide(without, causes, out=np.zeros(len(without)), where=np.asarray(causes) > 0)
    at_list = blocked_at_list(amounts)
    for_credits = int(np.rint(at_list * share).astype(np.int64).sum())
    return int(at_list.sum()) - for_credits, for_credits
