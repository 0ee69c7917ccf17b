"""What members can do: by cause and surface it adds up to the work done, and hits are those of the ledger."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from alone import renew
from alone import undone as undone_of
from answering import CHAT, DEMO, answered, billed, demands, shipped
from command import EXAMPLES
from planshift.billing.ledger import COLUMN, ORGANIZATION
from planshift.billing.scenario import read_scenario
from planshift.impact.answers.capability import (
    CAUSES,
    NEWLY_POSSIBLE,
    NEWLY_STOPPED,
    UNAVAILABLE,
    capability,
    capability_block,
    undone,
)
from planshift.impact.answers.course import Course

PATHS = [DEMO, CHAT, EXAMPLES / "renewal_standard_premium.yaml", EXAMPLES / "renewal_chat_claude_code.yaml"]
each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@each
def test_causes_and_surfaces_add_up_to_the_work_not_done(path: Path) -> None:
    scenario = read_scenario(path, shipped(DEMO).catalogue)
    course, renewal = Course.of(scenario), renew(scenario)
    old, new = billed(course)
    asked = demands(course)
    for plan, year, demand, seen in (
        (course.old, old, asked.old, renewal.old),
        (course.new, new, asked.new, renewal.new),
    ):
        found = sum(int(nanos.sum()) for nanos in undone(plan, year, demand).values())
        # Each cause of each member is rounded to the nano-dollar at list price.
        assert abs(found - undone_of(seen)) <= len(CAUSES) * len(year.members)


@each
def test_newly_possible_less_newly_stopped_is_the_difference_of_the_work(path: Path) -> None:
    scenario = read_scenario(path, shipped(DEMO).catalogue)
    course, renewal = Course.of(scenario), renew(scenario)
    block = capability_block(course, *billed(course), (demands(course).old, demands(course).new))
    sums = {NEWLY_POSSIBLE: 0, NEWLY_STOPPED: 0}
    for (direction, _, _), nanos in block.works.items():
        sums[direction] += int(nanos.sum())
    change = undone_of(renewal.old) - undone_of(renewal.new)
    assert abs(sums[NEWLY_POSSIBLE] - sums[NEWLY_STOPPED] - change) <= 2 * len(CAUSES) * len(scenario.people)


def test_chat_seats_gain_claude_code_and_cowork() -> None:
    works = {(work.direction, work.cause, work.surface): work for work in answered(CHAT).capability.works}
    opened = works[NEWLY_POSSIBLE, UNAVAILABLE, "claude_code"]
    # Bruno and Dario have Chat seats and ask for Claude Code.
    assert (opened.members, opened.chance) == (2, 1)
    assert (NEWLY_POSSIBLE, UNAVAILABLE, "cowork") in works
    assert works[NEWLY_STOPPED, "blocked_member_limit", ""].members == 1
    rows = np.asarray([work.amount.p50 for work in works.values()])
    assert (rows > 0).all()


def test_hits_are_the_months_in_which_something_was_blocked() -> None:
    year = renew(shipped(DEMO))
    ledger, people = year.run.ledger, year.run.ledger.members
    expected = {
        (month, people[place])
        for (month, plan), used in ledger.usage.items()
        if plan == "enterprise" and month < year.end
        for place in np.flatnonzero(used[COLUMN["blocked_member_limit"], 0])
    }
    hits = [hit for hit in answered(DEMO).capability.hits if hit.plan == "enterprise"]
    assert {(hit.month, hit.scope) for hit in hits if hit.cause == "blocked_member_limit"} == expected
    pooled = {
        month
        for (month, plan), used in ledger.usage.items()
        if plan == "enterprise" and used[COLUMN["blocked_organization_limit"]].any()
    }
    assert {hit.month for hit in hits if hit.scope == ORGANIZATION} == pooled
    assert all(hit.chance == 1 and not hit.counterfactual for hit in hits)


def test_the_old_plans_hits_are_called_counterfactual() -> None:
    path = EXAMPLES / "renewal_standard_premium.yaml"
    course = Course.of(read_scenario(path, shipped(DEMO).catalogue))
    block = capability_block(course, *billed(course), (demands(course).old, demands(course).new))
    found = capability(course, [block], [1])
    old = [hit for hit in found.hits if hit.plan == course.old.plan.id]
    assert all(hit.counterfactual for hit in old)


def test_chances_are_shares_of_all_draws() -> None:
    course = Course.of(shipped(DEMO))
    block = capability_block(course, *billed(course), (demands(course).old, demands(course).new))
    nothing = type(block)({}, {}, {})
    found = capability(course, [block, nothing], [1, 3])
    assert {hit.chance for hit in found.hits} == {Fraction(1, 4)}
    assert {work.chance for work in found.works} == {Fraction(1, 4)}
    assert all(work.amount.p50 == 0 and work.amount.p90 > 0 for work in found.works)
