"""Each step of a bridge is the difference that it says it is, with every amount of both plans another one."""

import numpy as np

from planshift.billing.charges import USAGE_MINIMUM
from planshift.billing.ledger import AMOUNTS, COLUMN
from planshift.impact import bridge

DOLLAR = 1_000_000_000


def amounts(**dollars: int) -> np.ndarray:
    """One draw and one member: whole dollars by column; metered, billed and demand follow from the rest."""
    blocked = {column: dollars.get(column, 0) for column in AMOUNTS if column.startswith("blocked_")}
    at_list = dollars["metered_at_list"]
    taken = at_list * dollars.get("discount_percent", 0) // 100
    metered = at_list - taken
    whole = {
        **blocked,
        "unavailable": dollars.get("unavailable", 0),
        "included": dollars.get("included", 0),
        "demand": dollars.get("unavailable", 0) + dollars.get("included", 0) + at_list,
        "metered": metered,
        "billed": metered - sum(blocked.values()),
    }
    found = np.zeros((len(AMOUNTS), 1, 1), dtype=np.int64)
    for column, value in whole.items():
        found[COLUMN[column]] = value * DOLLAR
    return found


def steps(old: np.ndarray, new: np.ndarray, seats: int, lacking: tuple[int, int] | None = None) -> dict[str, int]:
    """The steps in cents, for a cost that differs by the seats and by what is billed."""
    billed = int((new - old)[COLUMN["billed"]].sum()) // (DOLLAR // 100)
    before, after = ({USAGE_MINIMUM.name: np.array([cents])} for cents in lacking) if lacking else ({}, {})
    whole = np.array([seats + billed + (lacking[1] - lacking[0] if lacking else 0)])
    found = bridge.steps(old, new, seats, (before, after), whole)
    return {key: int(cents[0]) for key, cents in found.items()}


def test_what_the_old_plan_included_did_not_open_and_stopped_is_billed_by_the_new_one() -> None:
    # Nothing is stopped on the new plan: 1,000 are billed in place of 500.
    old = amounts(unavailable=100, included=330, metered_at_list=570, blocked_allowance=40, blocked_member_limit=30)
    new = amounts(metered_at_list=1_000)
    assert steps(old, new, seats=-7_700) == {
        bridge.SEAT_FEES: -7_700,
        bridge.INCLUDED: 33_000,
        bridge.DISCOUNT: 0,
        bridge.OLD_BLOCKED: 7_000,
        bridge.SURFACES: 10_000,
        bridge.BEHAVIOUR: 0,
        bridge.NEW_LIMITS: 0,
        bridge.NEW_CREDITS: 0,
        bridge.ROUNDING: 0,
    }


def test_what_limits_and_empty_credits_stop_on_the_new_plan_are_two_steps() -> None:
    old = amounts(metered_at_list=1_000)
    new = amounts(metered_at_list=1_000, blocked_member_limit=20, blocked_organization_limit=40, blocked_credits=150)
    found = steps(old, new, seats=0)
    assert (found[bridge.NEW_LIMITS], found[bridge.NEW_CREDITS]) == (-6_000, -15_000)
    assert {key for key, cents in found.items() if cents} == {bridge.NEW_LIMITS, bridge.NEW_CREDITS}


def test_what_people_ask_for_less_and_the_discount_that_ends_are_two_steps() -> None:
    # 10 % of 1,000 no longer come off, and 300 of the demand are no longer asked for.
    old = amounts(metered_at_list=1_000, discount_percent=10)
    new = amounts(metered_at_list=700)
    found = steps(old, new, seats=1)
    assert (found[bridge.DISCOUNT], found[bridge.BEHAVIOUR]) == (10_000, -30_000)
    assert found[bridge.SEAT_FEES] == 1
    assert sum(found.values()) == -20_000 + 1


def test_what_usage_lacks_to_a_minimum_is_a_step_of_its_own() -> None:
    found = steps(amounts(metered_at_list=1_000), amounts(metered_at_list=700), seats=0, lacking=(5_000, 35_000))
    assert (found[USAGE_MINIMUM.name], found[bridge.BEHAVIOUR], found[bridge.ROUNDING]) == (30_000, -30_000, 0)
