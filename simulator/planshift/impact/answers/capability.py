"""What members can do: work that was stopped or not open and no longer is, the other way
round, who hits limits, and what members would spend without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from planshift.billing.ledger import COLUMN, ORGANIZATION
from planshift.billing.schedule import month_of, next_month
from planshift.billing.sharing import Nanos, discounted
from planshift.impact.answers.course import Course
from planshift.impact.answers.year import BilledYear, PlanYear, cents
from planshift.impact.at_list import listed_per_metered
from planshift.impact.spread import Spread, mean_of_sums, spread
from planshift.usage.demand import Demand, Which

NEWLY_POSSIBLE, NEWLY_STOPPED = "newly possible", "newly stopped"
UNAVAILABLE = "unavailable"
CAUSES = (
    UNAVAILABLE,
    "blocked_allowance",
    "blocked_member_limit",
    "blocked_organization_limit",
    "blocked_credits",
)
"""Why work is not done, as the columns of members.csv call it."""
POOLED = ("blocked_organization_limit", "blocked_credits")
"""The causes that stop everybody at once."""
NEW, OLD = "new", "old"

Undone: TypeAlias = Mapping[tuple[str, str], Nanos]
"""Cause and surface → work not done at list price, nano-dollars of shape (draws, members)."""


@dataclass(frozen=True)
class Work:
    """Work that one plan keeps from being done and the other does not, over the year, in cents at list price.

    ``direction``: NEWLY_POSSIBLE (the old plan kept it from being done) or NEWLY_STOPPED (the new one does); ``cause``:
    one of CAUSES; ``surface``: for what is not open, the surface; empty for stops, which hold for all surfaces alike.
    ``members``: how many it concerns, counted in each draw and averaged; ``chance``: the share of draws in which there
    is any.
    """

    direction: str
    cause: str
    surface: str
    amount: Spread
    members: Fraction
    chance: Fraction


@dataclass(frozen=True)
class Hit:
    """Somebody stopped in a month: ``scope`` a member's id, ``organization``, or, where members are drawn, the name of
    their persona; ``cause`` one of CAUSES.

    ``chance``: the share of draws in which it happens, of a persona to one of its members; ``stopped``: cents, the mean
    over all draws, at the price it would have been billed at. ``plan``: under which plan; ``counterfactual``: that plan
    has ended (Rulebook P2).
    """

    month: date
    plan: str
    counterfactual: bool
    scope: str
    team: str
    cause: str
    chance: Fraction
    stopped: int


@dataclass(frozen=True)
class Capability:
    """What can be done that could not be, what no longer can, and every hit of a limit, of credits or of an allowance.

    ``hits``: of the new plan first, by month and scope.
    """

    works: tuple[Work, ...]
    hits: tuple[Hit, ...]
    draws: int


@dataclass(frozen=True)
class Stopped:
    """How a cause strikes in the months of a year, over a block of draws.

    ``times`` (months, members): draws in which it stops the member; ``any_times`` (months,): in which it stops anybody;
    ``cents`` (months, members): what it stops, in all of the draws together.
    """

    times: npt.NDArray[np.int64]
    any_times: npt.NDArray[np.int64]
    cents: npt.NDArray[np.int64]


@dataclass(frozen=True)
class CapabilityBlock:
    """What a block of draws tells: by direction, cause and surface nano-dollars of shape (draws,), and how many members
    it concerns in all draws together; by plan (NEW, OLD) and cause how it strikes."""

    works: Mapping[tuple[str, str, str], Nanos]
    touched: Mapping[tuple[str, str, str], int]
    stopped: Mapping[tuple[str, str], Stopped]


def capability_block(course: Course, old: BilledYear, new: BilledYear, asked: tuple[Demand, Demand]) -> CapabilityBlock:
    """What a block of draws tells; ``asked`` on the old and on the new plan."""
    before, after = undone(course.old, old, asked[0]), undone(course.new, new, asked[1])
    works: dict[tuple[str, str, str], Nanos] = {}
    touched: dict[tuple[str, str, str], int] = {}
    for cause, surface in dict.fromkeys([*before, *after]):
        nothing = np.zeros(old.amounts.shape[1:], dtype=np.int64)
        change = before.get((cause, surface), nothing) - after.get((cause, surface), nothing)
        for direction, amount in ((NEWLY_POSSIBLE, change), (NEWLY_STOPPED, -change)):
            gained = np.maximum(amount, 0)
            if gained.any():
                key = direction, cause, surface
                works[key], touched[key] = gained.sum(axis=1), int(np.count_nonzero(gained))
    stopped = {
        (name, cause): _stopped(year, cause)
        for name, year in ((NEW, new), (OLD, old))
        for cause in CAUSES[1:]
        if year.amounts[COLUMN[cause]].any()
    }
    return CapabilityBlock(works, touched, stopped)


def undone(plan: PlanYear, year: BilledYear, asked: Demand) -> Undone:
    """What could not be done in a year, by cause and, for what is not open, by surface; at list price.

    blocked at list price = blocked × (demand − unavailable − included) ÷ metered
    """
    amounts = year.amounts
    found: dict[tuple[str, str], Nanos] = {}
    left = amounts[COLUMN["unavailable"]].copy()
    if left.any():
        rows = asked.between(plan.first, plan.end)
        opened = {seat: plan.terms.surfaces(seat, plan.first).value for seat in plan.plan.seat_types}
        seats = [plan.seat(member) for member in year.members]
        for surface, nanos in asked.by_surface.items():
            shut = np.array([surface not in opened.get(seat, ()) for seat in seats], dtype=np.bool_)
            # WinnersLosers changes seats within the year is asked about by their first seat, never beyond the whole.
            part = np.minimum(nanos[rows].sum(axis=0) * shut, left)
            found[UNAVAILABLE, surface] = part
            left -= part
        if left.any():
            found[UNAVAILABLE, ""] = left
    at_list = listed_per_metered(amounts)
    for cause in CAUSES[1:]:
        blocked = amounts[COLUMN[cause]]
        if blocked.any():
            found[cause, ""] = np.rint(blocked * at_list).astype(np.int64)
    return {key: nanos for key, nanos in found.items() if nanos.any()}


def _stopped(year: BilledYear, cause: str) -> Stopped:
    blocked = [year.usage[month][COLUMN[cause]] for month in year.months]
    return Stopped(
        times=np.stack([np.count_nonzero(month, axis=0) for month in blocked]),
        any_times=np.array([np.count_nonzero(month.any(axis=1)) for month in blocked]),
        cents=np.stack([cents(month).sum(axis=0) for month in blocked]),
    )


def capability(course: Course, blocks: Sequence[CapabilityBlock], sizes: Sequence[int]) -> Capability:
    """What all blocks of draws tell together; ``sizes``: how many draws each has."""
    draws = sum(sizes)
    works = sorted(_works(blocks, sizes, draws), key=_rank)
    hits = [hit for name in (NEW, OLD) for hit in _hits(course, blocks, name, draws)]
    return Capability(tuple(works), tuple(hits), draws)


def _rank(work: Work) -> tuple[int, int, str]:
    return (NEWLY_POSSIBLE, NEWLY_STOPPED).index(work.direction), CAUSES.index(work.cause), work.surface


def _works(blocks: Sequence[CapabilityBlock], sizes: Sequence[int], draws: int) -> Iterator[Work]:
    for key in dict.fromkeys(key for block in blocks for key in block.works):
        parts = [block.works.get(key, np.zeros(size, np.int64)) for block, size in zip(blocks, sizes, strict=True)]
        nanos = np.concatenate(parts)
        touched = Fraction(sum(block.touched.get(key, 0) for block in blocks), draws)
        chance = Fraction(int(np.count_nonzero(nanos)), draws)
        yield Work(*key, spread(cents(nanos)), touched, chance)


def _scopes(course: Course, people: Sequence[str]) -> Mapping[str, list[int]]:
    """Whom hits are told of, and the places of their members: each by themselves, those who are drawn by persona."""
    personas = course.scenario.personas
    found: dict[str, list[int]] = {}
    for place, member in enumerate(people):
        found.setdefault(personas[member].name if member in personas else member, []).append(place)
    return found


def _hits(course: Course, blocks: Sequence[CapabilityBlock], name: str, draws: int) -> Iterator[Hit]:
    year = course.new if name == NEW else course.old
    teams, people = course.scenario.teams, course.scenario.people
    ends = course.scenario.term.renewal
    found: list[Hit] = []
    for cause in CAUSES[1:]:
        parts = [block.stopped[name, cause] for block in blocks if (name, cause) in block.stopped]
        if not parts:
            continue
        pooled = cause in POOLED
        axis = "any_times" if pooled else "times"
        times = np.sum([getattr(part, axis) for part in parts], axis=0).reshape(len(year.months), -1)
        amounts = np.sum([part.cents for part in parts], axis=0)
        scopes = {ORGANIZATION: [0]} if pooled else _scopes(course, people)
        # Every place is of one scope: where each one's begin, in the order of the scopes.
        places = np.concatenate([*scopes.values()])
        starts = np.cumsum([0, *(len(inside) for inside in scopes.values())])[:-1]
        often = np.add.reduceat(times[:, places], starts, axis=1)
        stopped = amounts.sum(axis=1)[:, None] if pooled else np.add.reduceat(amounts[:, places], starts, axis=1)
        means, names = mean_of_sums(stopped, draws), [*scopes]
        for place, row in np.argwhere(often.T).tolist():
            month, scope = year.months[row], names[place]
            past = name == OLD and month >= ends.replace(day=1)
            chance = Fraction(int(often[row, place]), draws * len(scopes[scope]))
            found.append(
                Hit(month, year.plan.id, past, scope, teams.get(scope, ""), cause, chance, int(means[row, place]))
            )
    yield from sorted(found, key=lambda hit: (hit.month, CAUSES.index(hit.cause), hit.scope))


@dataclass(frozen=True)
class Needs:
    """What the new plan's members need in some draws, nano-dollars as billed.

    ``months`` (months, draws, members): what they would spend if no limit stopped them; ``days`` (draws, days): what
    all of them would spend a day within their own limits, empty where usage is not paid ahead; ``active`` (draws,
    members): who asks for anything in the year, ``before`` (draws, members): in the days before it that are known.
    """

    months: Nanos
    days: Nanos
    active: Which
    before: Which

    @classmethod
    def joined(cls, blocks: Sequence[Needs]) -> Needs:
        """The draws of several blocks, one after the other."""
        return cls(
            months=np.concatenate([block.months for block in blocks], axis=1),
            days=np.concatenate([block.days for block in blocks], axis=0),
            active=np.concatenate([block.active for block in blocks], axis=0),
            before=np.concatenate([block.before for block in blocks], axis=0),
        )


def needs(course: Course, new: BilledYear, asked: Demand, before: Which, draws: int) -> Needs:
    """The needs in the first ``draws`` draws of a block, for what is ``asked`` on the new plan.

    ``before``, shape (draws, members): who asks for anything in the days before it that are known.
    """
    months = np.stack([new.usage[month][COLUMN["metered"], :draws] for month in new.months])
    paid_ahead = course.new.terms.prepaid_on(course.day)
    return Needs(
        months=months,
        days=_days(course.new, asked, draws) if paid_ahead else np.zeros((months.shape[1], 0), dtype=np.int64),
        active=new.amounts[COLUMN["demand"], :draws] > 0,
        before=before[:draws],
    )


def known_until(course: Course) -> date:
    """The day up to which, not including it, usage before the renewal is known: not carried forward from a file."""
    covered = course.scenario.covered
    known = covered[1] + timedelta(days=1) if covered else course.day
    return max(course.scenario.start, min(known, course.day))


def member_limits(plan: PlanYear, members: Sequence[str]) -> Nanos:
    """The limit of each member on the first day, nano-dollars a month (Rulebook L1)."""
    limits = plan.phase.limits
    return np.array([limits.of(member, plan.seat(member) or None) for member in members], dtype=np.int64)


def _days(plan: PlanYear, asked: Demand, draws: int) -> Nanos:
    """What all members would spend on each day within their own limits, shape (draws, days)."""
    limits = member_limits(plan, asked.members)
    discount = Fraction(plan.terms.usage_discount(plan.first).value)
    opened = {seat: plan.terms.surfaces(seat, plan.first).value for seat in plan.plan.seat_types}
    opens = {
        surface: np.array([surface in opened.get(plan.seat(member), ()) for member in asked.members], dtype=np.int64)
        for surface in asked.by_surface
    }
    found, day = [], plan.first
    while day < plan.end:
        until = min(next_month(month_of(day)), plan.end)
        rows = asked.between(day, until)
        open_to = [nanos[rows, :draws] * opens[surface] for surface, nanos in asked.by_surface.items()]
        used = discounted(sum(open_to, np.zeros_like(asked.total[rows, :draws])), discount)
        so_far = np.minimum(np.cumsum(used, axis=0), limits)
        found.append(np.diff(so_far, axis=0, prepend=0).sum(axis=2))
        day = until
    return np.concatenate(found, axis=0).T
