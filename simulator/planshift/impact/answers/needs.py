"""Needs: what members would spend month by month without any limit, and who uses their seat at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from planshift.billing.calendar import month_of, next_month
from planshift.billing.discount import discounted
from planshift.billing.ledger import COLUMN
from planshift.billing.sharing import Nanos
from planshift.impact.answers.course import Course
from planshift.impact.answers.year import BilledYear, PlanYear
from planshift.usage.demand import Demand, Which


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
    paid_ahead = course.new.terms.usage_payment(course.day).value == "prepaid_credits"
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
