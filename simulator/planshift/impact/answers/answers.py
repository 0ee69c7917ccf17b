"""All answers about a renewal together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.impact.answers.break_even import BreakEven
from planshift.impact.answers.can_do import CanDo
from planshift.impact.answers.recommend import Recommendations
from planshift.impact.answers.tornado import Tornado
from planshift.impact.answers.what_if import WhatIf
from planshift.impact.answers.when import When
from planshift.impact.answers.who import Who
from planshift.impact.spread import Spread


@dataclass(frozen=True)
class Range:
    """The year's cost on the old plan, on the new one, and the difference, draw by draw, cents; ``dearer``: the share
    of draws in which the new plan costs more."""

    old: Spread
    new: Spread
    change: Spread
    dearer: Fraction
    draws: int


@dataclass(frozen=True)
class Answers:
    """What a renewal means: how much, from which usage on, for whom, what they can do, what to choose, when."""

    day: date
    end: date
    range: Range
    break_even: BreakEven
    who: Who
    can_do: CanDo
    recommendations: Recommendations
    when: When
    what_if: WhatIf
    tornado: Tornado
