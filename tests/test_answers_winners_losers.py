"""Who: groups add up to the change, teams stand as one, and the new plan has no say in the bins."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import planshift
from alone import renew
from answering import CHAT, DEMO, answered, billed, shipped
from planshift.impact.answers.course import Course, Variant
from planshift.impact.answers.winners_losers import COSTS_LESS, COSTS_MORE, GROUPS, IDLE, MemberSums, winners_losers
from planshift.impact.odds import changed
from planshift.plans.files import folder
from planshift.plans.plan import read_overlay

each = pytest.mark.parametrize("path", [DEMO, CHAT], ids=lambda path: path.stem)


@each
def test_the_groups_add_up_to_the_change_of_all_members(path: Path) -> None:
    found, renewal = answered(path).winners_losers, renew(shipped(path))
    assert [party.name for party in found.members] == list(GROUPS)
    assert sum(party.count for party in found.members) == len(renewal.members)
    assert sum(party.change for party in found.members) == sum(member.change for member in renewal.members)
    assert sum(party.share_of_change or 0 for party in found.members) == 1
    assert sum(party.share or 0 for party in found.members) == 1


@each
def test_the_bins_hold_every_member_once(path: Path) -> None:
    found = answered(path).winners_losers
    assert sum(one.party.count for one in found.bins) == found.members[0].of
    assert all(one.split.costs_less + one.split.costs_more + one.split.same == one.party.count for one in found.bins)
    assert sum(one.party.change for one in found.bins) == sum(party.change for party in found.members)
    active = [one for one in found.bins if one.party.name != IDLE]
    assert [one.low for one in active] == sorted(one.low for one in active)
    assert all(earlier.high < later.low for earlier, later in pairwise(active))


def test_the_winners_are_those_of_the_renewals_own_table() -> None:
    table = planshift.renew(DEMO).tables["winners"]
    assert [party.count for party in answered(DEMO).winners_losers.members] == table["members"].tolist()


def test_teams_stand_as_one() -> None:
    found = answered(DEMO).winners_losers
    groups = {team.party.name: team.group for team in found.each_team}
    assert groups == {
        "apps": COSTS_MORE,
        "data": COSTS_MORE,
        "marketing": COSTS_MORE,
        "operations": COSTS_LESS,
        "platform": COSTS_MORE,
    }
    assert [party.count for party in found.teams] == [1, 4, 0]
    assert answered(CHAT).winners_losers.each_team == ()


OTHERS = ["seat_price_25", "seat_price_18", "usage_discount_10", "usage_discount_ramp"]


@pytest.mark.parametrize("name", OTHERS)
def test_the_bins_stay_when_the_new_plans_rules_change(name: str) -> None:
    overlay = read_overlay(folder("plans") / "overlays" / f"{name}.yaml")
    course = Course.of(Variant(name, "", overlays=(overlay,)).applied(shipped(DEMO)))
    changed = winners_losers(course, MemberSums.of(course, *billed(course)), 1, 4)
    base = answered(DEMO).winners_losers
    for one, other in zip(base.bins, changed.bins, strict=True):
        assert (one.party.name, one.party.count, one.low, one.high) == (
            other.party.name,
            other.party.count,
            other.low,
            other.high,
        )
        assert one.party.before == other.party.before
    assert [one.party.after for one in base.bins] != [one.party.after for one in changed.bins]


def test_members_of_the_same_usage_share_a_bin() -> None:
    course = Course.of(shipped(CHAT))
    people = len(course.scenario.people)
    usage = np.array([0, *([5] * (people - 2)), 9], dtype=np.int64) * 12
    nothing = np.zeros((1, people), dtype=np.int64)
    found = winners_losers(course, MemberSums.counted(course, nothing, nothing, usage), 1, 4)
    assert [(one.party.name, one.party.count) for one in found.bins] == [
        (IDLE, 1),
        ("1 of 4", people - 2),
        ("4 of 4", 1),
    ]


@pytest.mark.parametrize(
    ("before", "after", "more", "less"),
    [
        (10_000, 10_100, False, False),
        (10_000, 10_101, True, False),
        (10_000, 9_899, False, True),
        (0, 0, False, False),
        (0, 1, True, False),
    ],
)
def test_one_per_cent_of_the_old_cost_is_about_the_same(before: int, after: int, more: bool, less: bool) -> None:
    costs_more, costs_less = changed(np.array([before]), np.array([after]))
    assert (costs_more.item(), costs_less.item()) == (more, less)


def test_means_over_draws_come_from_sums() -> None:
    course = Course.of(shipped(DEMO))
    one = MemberSums.of(course, *billed(course))
    twice = MemberSums.added([one, one])
    assert winners_losers(course, twice, 2, 4).members == winners_losers(course, one, 1, 4).members
