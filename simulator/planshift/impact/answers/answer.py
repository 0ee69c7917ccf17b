"""All answers about a renewal: every draw is asked for once, and whatever is to be known is billed on it, block by
block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from planshift.billing.blocks import Progress, block_size, in_blocks, jobs_for
from planshift.billing.contract import LimitChange
from planshift.billing.money import CENT
from planshift.billing.scenario import Scenario
from planshift.impact.answers.break_even import BreakEven, break_even
from planshift.impact.answers.capability import (
    Capability,
    CapabilityBlock,
    Needs,
    capability,
    capability_block,
    known_until,
    needs,
)
from planshift.impact.answers.course import AskedDraws, Course, Demands, Tried, Variant, Years, added_up, tried
from planshift.impact.answers.levels import Levels, WhatIfSpec, shipped_levels
from planshift.impact.answers.recommend import ORGANIZATION_LIMIT, Recommendations, recommend
from planshift.impact.answers.timing import Calendar, Timing, TimingBlock, calendar, timing, timing_block
from planshift.impact.answers.what_if import (
    BASE,
    Cost,
    Question,
    Tornado,
    WhatIf,
    cost,
    questions,
    rows,
    tornado,
    what_ifs,
)
from planshift.impact.answers.winners_losers import MemberSums, WinnersLosers, winners_losers
from planshift.impact.answers.year import BilledYear
from planshift.impact.spread import Spread, spread
from planshift.usage.session import session


@dataclass(frozen=True)
class Range:
    """The year's cost on the old plan, on the new one, and the difference, draw by draw, cents.

    ``costs_more``: the share of draws in which the new plan costs more.
    """

    old: Spread
    new: Spread
    change: Spread
    costs_more: Fraction
    draws: int


@dataclass(frozen=True)
class Answers:
    """What a renewal means: how much, from which usage on, for whom, what they can do, what to choose, when."""

    day: date
    end: date
    range: Range
    break_even: BreakEven
    winners_losers: WinnersLosers
    capability: Capability
    recommendations: Recommendations
    timing: Timing
    what_if: WhatIf
    tornado: Tornado


_Result = TypeVar("_Result")


def answer(
    scenario: Scenario,
    levels: Levels | None = None,
    *,
    what_if: Sequence[Path] = (),
    as_of: date | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Answers:
    """The answers about a scenario's renewal, over all of its draws.

    ``levels``: what they go by, the shipped ones without; ``what_if``: overlays besides those; ``as_of``: the day from
    which on early moves are offered (see `calendar`); ``jobs``: in how many
    processes, None for what is worth its while; ``progress`` is told how many draws are done. Raises InputError where
    the plan renews on itself, or an overlay is amiss.
    """
    with session():
        return _answer(scenario, levels or shipped_levels(), what_if, as_of, jobs, progress)


def _answer(
    scenario: Scenario,
    levels: Levels,
    what_if: Sequence[Path],
    as_of: date | None,
    jobs: int | None,
    progress: Progress | None,
) -> Answers:
    course = Course.of(scenario)
    asking = _Asking(
        course=course,
        levels=levels,
        always=tuple(path.stem for path in what_if),
        what_ifs=what_ifs(course, levels.what_ifs, what_if),
        questions=questions(course, levels),
        calendar=calendar(course, as_of),
    )
    blocks = _in_blocks(asking, course, 2 + len(asking.what_ifs), jobs, progress)
    found = recommend(course, Needs.joined([block.needs for block in blocks if block.needs]), levels)
    base = Cost.joined([block.base for block in blocks])
    return _answers(asking, blocks, base, found, _with_limit(asking, found, base, jobs))


@dataclass(frozen=True)
class _Asking:
    """Everything that is asked of a renewal, set up; what-ifs that are shown ``always``, the others if they matter."""

    course: Course
    levels: Levels
    always: tuple[str, ...]
    what_ifs: tuple[Tried, ...]
    questions: tuple[Question, ...]
    calendar: Calendar

    @property
    def since(self) -> date:
        """From which day on demand is measured: the first that has a say in any year, or where one demand does for
        everything, the scenario's first."""
        if not self.course.answers:
            return self.course.scenario.start
        variants = (one for question in self.questions for one in question.variants)
        return min(self.course.warm, *(one.course.warm for one in (*self.what_ifs, *variants)))

    def __call__(self, draws: range) -> _Block:
        """What a block of draws tells."""
        course, levels = self.course, self.levels
        asked = course.asked(draws, self.since)
        demands = asked.demands
        years = _years(course, demands)
        kept = min(len(draws), max(0, levels.draws - draws.start))
        before = asked.active(course.scenario.start, known_until(course))
        trial = min(len(draws), max(0, levels.trial_draws - draws.start))
        return _Block(
            size=len(draws),
            base=Cost.of(years),
            sums=MemberSums.of(course, years.old, years.new),
            capability=capability_block(course, years.old, years.new, (demands.old, demands.new)),
            needs=needs(course, years.new, demands.new, before, kept) if kept else None,
            what_ifs={
                one.variant.key: cost(one, years, asked.repriced(one.course) if one.reprices else demands)
                for one in self.what_ifs
            },
            trials=self._trials(years, asked, trial) if trial else {},
            timing=timing_block(self.calendar, asked, trial) if trial else None,
        )

    def _trials(self, years: Years, asked: AskedDraws, draws: int) -> dict[str, Cost]:
        """The tornado's variants in the first of the draws."""
        few, base = added_up(asked.demands.first(draws)), _first(years, draws)
        tries = (one for question in self.questions for one in question.variants)
        return {
            one.variant.key: cost(one, base, asked.repriced(one.course).first(draws) if one.reprices else few)
            for one in tries
        }


@dataclass(frozen=True)
class _Block:
    """What a block of so many draws tells (``size``)."""

    size: int
    base: Cost
    sums: MemberSums
    capability: CapabilityBlock
    needs: Needs | None
    what_ifs: Mapping[str, Cost]
    trials: Mapping[str, Cost]
    timing: TimingBlock | None


def _in_blocks(
    work: Callable[[range], _Result], course: Course, weight: int, jobs: int | None, progress: Progress | None
) -> list[_Result]:
    """What the work makes of every block of draws; ``weight``: how many years it bills for each."""
    members, days = len(course.scenario.people), (course.end - course.scenario.start).days
    wanted = jobs_for(weight * members * days * course.draws) if jobs is None else jobs
    return in_blocks(work, course.draws, block_size(members, days), wanted, progress)


def _years(course: Course, demands: Demands) -> Years:
    return Years(course.old.billed(demands.old), course.new.billed(demands.new))


def _first(years: Years, draws: int) -> Years:
    """Both years in the first of their draws."""
    return Years(_first_of(years.old, draws), _first_of(years.new, draws))


def _first_of(year: BilledYear, draws: int) -> BilledYear:
    usage = {month: amounts[:, :draws] for month, amounts in year.usage.items()}
    return replace(year, usage=usage, accrued={kind: amounts[:, :draws] for kind, amounts in year.accrued.items()})


@dataclass(frozen=True)
class _NewAlone:
    """The work of billing the new year alone of a variant that leaves usage as it is."""

    one: Tried
    since: date

    def __call__(self, draws: range) -> Cost:
        course = self.one.course
        # What was measured already is not measured again; what is drawn is only drawn for as long as it is needed.
        asked = course.asked(draws, course.new.warm if course.scenario.personas else self.since)
        return Cost.of_new(course.new.billed(asked.new))


def _with_limit(asking: _Asking, found: Recommendations, base: Cost, jobs: int | None) -> dict[str, tuple[str, Cost]]:
    """The renewal with the organization limit that is recommended, where that was asked for and is another one."""
    course, limit = asking.course, found.of(ORGANIZATION_LIMIT)
    asked = next((one for one in asking.levels.what_ifs if isinstance(one, WhatIfSpec) and one.recommended_limit), None)
    if asked is None or limit is None or limit.value == limit.agreed:
        return {}
    limits = course.new.phase.limits
    change = LimitChange(limit.value * CENT, limits.each_member, limits.seat_types, limits.members)
    one = tried(Variant(asked.key, asked.title, limits=change), course)
    new = Cost.joined(_in_blocks(_NewAlone(one, asking.since), course, 1, jobs, None))
    return {asked.key: (asked.title, replace(new, old=base.old))}


def _answers(
    asking: _Asking,
    blocks: Sequence[_Block],
    base: Cost,
    found: Recommendations,
    limited: Mapping[str, tuple[str, Cost]],
) -> Answers:
    """All blocks together."""
    course, levels = asking.course, asking.levels
    draws = sum(block.size for block in blocks)
    sums = MemberSums.added([block.sums for block in blocks])
    costs = [(one.variant, [block.what_ifs[one.variant.key] for block in blocks]) for one in asking.what_ifs]
    whole = {variant.key: (variant.title, Cost.joined(parts)) for variant, parts in costs}
    tables = {key: pair for key, pair in whole.items() if key in asking.always or not pair[1].same(base)}
    trials = [block for block in blocks if block.timing]
    trial_base = base.first(min(draws, levels.trial_draws))
    tried_costs = {key: Cost.joined([block.trials[key] for block in trials]) for key in trials[0].trials}
    return Answers(
        day=course.day,
        end=course.end,
        range=_range(base),
        break_even=break_even(course, sums.usage, draws),
        winners_losers=winners_losers(course, sums, draws, levels.bins),
        capability=capability(course, [block.capability for block in blocks], [block.size for block in blocks]),
        recommendations=found,
        timing=timing(asking.calendar, [block.timing for block in trials if block.timing]),
        what_if=rows({BASE: ("", base), **tables, **limited}),
        tornado=tornado(asking.questions, trial_base, tried_costs),
    )


def _range(base: Cost) -> Range:
    costs_more = Fraction(int(np.count_nonzero(base.change > 0)), len(base.new))
    return Range(spread(base.old), spread(base.new), spread(base.change), costs_more, len(base.new))
