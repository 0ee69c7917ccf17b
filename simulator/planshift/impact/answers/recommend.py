"""Recommendations: limits, credits and seats for the new plan, each by a rule, with what it costs to be wrong.

=====================  ===============================================================================================
organization_limit     the least that is exceeded in at most `years_beyond` of the draws by the largest month of all
                       members together, each within the limit of their own that is agreed
default_member_limit   the least that the largest month of a member exceeds in at most `members_beyond` of all members'
                       years, those of every draw together
member_limit           for each whose own largest month exceeds that in more than `years_beyond` of the draws
persona_limit          where members are drawn, and no limit can be for one of them: for each persona, the least that
                       the largest month exceeds in at most `members_beyond` of its members' years, if that is more
reload_below           what the heaviest day takes, in all but `years_beyond` of the draws
reload_amount          the largest month, likewise, ÷ the most reloads that there should be in a month
first_purchase         the two together; without auto reload the largest month
seats                  those who used their seat in at least `years_beyond` of the draws, and no fewer than the minimum
=====================  ===============================================================================================

Amounts are rounded up to a step. With one draw each is the amount of the one year that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np

from planshift.billing.money import CENT, UNLIMITED, half_up
from planshift.billing.sharing import Nanos
from planshift.impact.answers.capability import Needs, member_limits
from planshift.impact.answers.course import Course
from planshift.impact.answers.levels import Levels
from planshift.impact.answers.year import cents
from planshift.impact.outcome import Cents

ORGANIZATION_LIMIT = "organization_limit"
DEFAULT_LIMIT = "default_member_limit"
MEMBER_LIMIT = "member_limit"
PERSONA_LIMIT = "persona_limit"
FIRST_PURCHASE = "first_purchase"
RELOAD_BELOW = "reload_below"
RELOAD_AMOUNT = "reload_amount"
SEATS = "seats"
KEYS = (
    ORGANIZATION_LIMIT,
    DEFAULT_LIMIT,
    MEMBER_LIMIT,
    PERSONA_LIMIT,
    FIRST_PURCHASE,
    RELOAD_BELOW,
    RELOAD_AMOUNT,
    SEATS,
)
CENTS, COUNT = "cents", "seats"

WORK_STOPPED, SPENT_MORE, MONEY_PARKED, SEAT_FEES, PURCHASES = (
    "work_stopped",
    "spent_more",
    "money_parked",
    "seat_fees",
    "purchases",
)


@dataclass(frozen=True)
class Wrong:
    """What it costs to choose another ``value``: ``kind`` of loss and its ``amount``.

    ``kind``: WORK_STOPPED in cents a year, on average over the draws; SPENT_MORE, cents a year at most, where usage
    runs to the limit (for a limit for all: by one member); MONEY_PARKED, cents on average; SEAT_FEES, cents a year;
    PURCHASES, a number a year. ``chance``: the share of draws in which it happens, None where it is certain or nobody
    can say.
    """

    value: int
    kind: str
    amount: int
    chance: Fraction | None = None


@dataclass(frozen=True)
class Recommendation:
    """A value for the new plan: ``key`` one of KEYS, ``subject`` the member or persona it is for, or a seat
    type, or empty.

    ``value`` and ``agreed`` (what the scenario has, None: nothing): cents a month, cents, or seats, as ``unit`` says;
    ``exact``: before it was rounded to a step. ``chance``: the share of draws in which the value is exceeded, at most
    ``level``; for the default limit, the share of members and years. ``too_low``, ``too_high``: what a lower and a
    higher value cost. ``names``: members it names, for seats those who never used theirs; nobody who was drawn.
    ``minimum``: the fewest seats that are sold, 0 where there is no minimum, and ``held``: how many there are today.
    """

    key: str
    subject: str
    unit: str
    value: int
    exact: int
    agreed: int | None
    level: Fraction
    chance: Fraction
    too_low: Wrong
    too_high: Wrong
    names: tuple[str, ...] = ()
    minimum: int = 0
    held: int = 0


@dataclass(frozen=True)
class Recommendations:
    """All recommendations, in the order of KEYS; ``draws`` 1 means that they rest on one year alone."""

    all: tuple[Recommendation, ...]
    draws: int

    def of(self, key: str) -> Recommendation | None:
        """The first recommendation of one of KEYS; None where there is none."""
        return next((one for one in self.all if one.key == key), None)

    @property
    def rests_on_one_year(self) -> bool:
        """Is there only one year of usage to go by?"""
        return self.draws == 1


def recommend(course: Course, needs: Needs, levels: Levels) -> Recommendations:
    """What to choose for the new plan, by the rules above."""
    drawn = _Drawn(course, needs, levels)
    found = [*_limits(drawn), *_credits(drawn), *_seats(drawn)]
    return Recommendations(tuple(sorted(found, key=lambda one: KEYS.index(one.key))), drawn.draws)


class _Drawn:
    """Needs over draws as the rules look at them, in cents."""

    def __init__(self, course: Course, needs: Needs, levels: Levels) -> None:
        self.course, self.needs, self.levels = course, needs, levels
        self.members = course.scenario.people
        self.draws = needs.months.shape[1]
        self.seated = np.array([bool(course.new.seat(member)) for member in self.members], dtype=np.bool_)
        self.limits = member_limits(course.new, self.members)
        self.months: Cents = cents(needs.months)
        """By month, draw and member, without limits."""
        self.pooled: Cents = cents(np.minimum(needs.months, self.limits).sum(axis=2))
        """By month and draw, of all members within their own limits."""
        self.peaks: Cents = self.months.max(axis=0)
        """By draw and member, the largest month."""

    def beyond(self, values: Cents, share: Fraction) -> int:
        """The least of some values, shape (values,), that at most this share of them exceeds."""
        ordered = np.sort(values)
        kept = len(ordered) - int(len(ordered) * share)
        return int(ordered[kept - 1])

    def lower(self, value: int) -> int:
        """A value that is so much lower, cents."""
        return int(value * (1 - self.levels.other))

    def higher(self, value: int) -> int:
        """A value that is so much higher, cents."""
        return int(value * (1 + self.levels.other))

    def share(self, which: Cents | Nanos) -> Fraction:
        """The share of draws for which something is not zero, shape (draws,)."""
        return Fraction(int(np.count_nonzero(which)), len(which))

    def a_year(self, by_draw: Cents) -> int:
        """The mean over draws, cents, half up."""
        return half_up(Fraction(int(by_draw.sum()), len(by_draw)))


def _stepped(value: int, step: int) -> int:
    """Rounded up to a multiple of a step, one step at least."""
    return max(1, -(-value // step)) * step


def _limits(drawn: _Drawn) -> Iterator[Recommendation]:
    levels, limits = drawn.levels, drawn.course.new.phase.limits
    largest = drawn.pooled.max(axis=0)
    yield _limit(
        drawn,
        ORGANIZATION_LIMIT,
        "",
        drawn.beyond(largest, levels.years_beyond),
        levels.organization_step,
        limits.organization,
        partial(_stopped, drawn.pooled),
    )
    if not drawn.seated.any():
        return
    exact = drawn.beyond(drawn.peaks[:, drawn.seated].ravel(), levels.members_beyond)
    default = _stepped(exact, levels.member_step)
    own = {one: drawn.beyond(drawn.peaks[:, one.places].ravel(), one.level) for one in _owners(drawn)}
    apart = [one for one, limit in own.items() if limit > default]
    kept = drawn.seated.copy()
    for one in apart:
        kept[list(one.places)] = False
    found = _limit(
        drawn,
        DEFAULT_LIMIT,
        "",
        exact,
        levels.member_step,
        limits.of("", drawn.course.new.plan.seat_types[0]),
        partial(_stopped_of_each, drawn.months[:, :, kept]),
    )
    over = drawn.peaks[:, drawn.seated] > default
    yield replace(found, level=levels.members_beyond, chance=Fraction(int(np.count_nonzero(over)), over.size))
    for one in apart:
        months, agreed = drawn.months[:, :, one.places], {int(drawn.limits[place]) for place in one.places}
        found = _limit(
            drawn,
            one.key,
            one.subject,
            own[one],
            levels.member_step,
            agreed.pop() if len(agreed) == 1 else UNLIMITED,
            partial(_stopped_of_each, months),
        )
        over = drawn.peaks[:, one.places] > found.value
        yield replace(found, level=one.level, chance=Fraction(int(np.count_nonzero(over)), over.size))


@dataclass(frozen=True)
class _Owner:
    """Who may have a limit of their own: a member, or a persona; the places of its members with a seat."""

    key: str
    subject: str
    places: tuple[int, ...]
    level: Fraction


def _owners(drawn: _Drawn) -> Iterator[_Owner]:
    """Personas in the order of their names, and members who are of none."""
    personas = drawn.course.scenario.personas
    inside: dict[str, list[int]] = {}
    for place in map(int, np.flatnonzero(drawn.seated)):
        member = drawn.members[place]
        if member in personas:
            inside.setdefault(personas[member].name, []).append(place)
        else:
            yield _Owner(MEMBER_LIMIT, member, (place,), drawn.levels.years_beyond)
    for name in sorted(inside):
        yield _Owner(PERSONA_LIMIT, name, tuple(inside[name]), drawn.levels.members_beyond)


def _stopped_of_each(months: Cents, limit: int) -> Cents:
    """What a limit of each member stops of amounts of shape (months, draws, members), by draw."""
    stopped: Cents = np.maximum(months - limit, 0).sum(axis=(0, 2))
    return stopped


def _stopped(months: Cents, limit: int) -> Cents:
    """What a limit stops of amounts of shape (months, draws), by draw."""
    stopped: Cents = np.maximum(months - limit, 0).sum(axis=0)
    return stopped


def _limit(
    drawn: _Drawn,
    key: str,
    subject: str,
    exact: int,
    step: int,
    agreed: int,
    stopped: Callable[[int], Cents],
) -> Recommendation:
    """A monthly limit; ``agreed`` in nano-dollars, ``stopped``: what a limit stops in a year, by draw."""
    value = _stepped(exact, step)
    lower, higher = drawn.lower(value), drawn.higher(value)
    months = int(drawn.course.new.plan.value("term_months", drawn.course.day))
    return Recommendation(
        key=key,
        subject=subject,
        unit=CENTS,
        value=value,
        exact=exact,
        agreed=None if agreed >= UNLIMITED else agreed // CENT,
        level=drawn.levels.years_beyond,
        chance=drawn.share(stopped(value)),
        too_low=Wrong(lower, WORK_STOPPED, drawn.a_year(stopped(lower)), drawn.share(stopped(lower))),
        too_high=Wrong(higher, SPENT_MORE, (higher - value) * months),
    )


def _credits(drawn: _Drawn) -> Iterator[Recommendation]:
    """The first purchase and the reload, where usage is paid ahead (Rulebook C1, C2)."""
    course, levels = drawn.course, drawn.levels
    if not drawn.needs.days.shape[1]:
        return
    days, step = cents(drawn.needs.days), levels.credit_step
    settings = course.new.phase.credits
    month = drawn.beyond(drawn.pooled.max(axis=0), levels.years_beyond)
    agreed = settings.initial // CENT if settings.initial else None
    by = course.new.plan.value("credits.auto_reload_payments", course.day)
    if settings.payment and settings.payment not in by:
        value = _stepped(month, step)
        stopped = _stopped(drawn.pooled, drawn.lower(value))
        low = Wrong(drawn.lower(value), WORK_STOPPED, drawn.a_year(stopped), drawn.share(stopped))
        yield _purchase(drawn, FIRST_PURCHASE, month, value, agreed, drawn.pooled.max(axis=0), low, 1)
        return
    heaviest, reload = days.max(axis=1), settings.auto_reload
    below = _stepped(drawn.beyond(heaviest, levels.years_beyond), step)
    stopped = _stopped(days.T, drawn.lower(below))
    low = Wrong(drawn.lower(below), WORK_STOPPED, drawn.a_year(stopped), drawn.share(stopped))
    exact = -(-month // levels.reloads_a_month)
    amount = _stepped(exact, step)
    year = Fraction(int(drawn.pooled.sum()), drawn.draws)
    more = int(year / drawn.lower(amount)) - int(year / amount)
    fewer = Wrong(drawn.lower(amount), PURCHASES, more)
    largest = -(-drawn.pooled.max(axis=0) // levels.reloads_a_month)
    yield _purchase(drawn, FIRST_PURCHASE, below + exact, below + amount, agreed, heaviest, low, 1)
    held = reload.below // CENT if reload else None
    yield _purchase(drawn, RELOAD_BELOW, drawn.beyond(heaviest, levels.years_beyond), below, held, heaviest, low, 1)
    bought = reload.amount // CENT if reload else None
    yield _purchase(drawn, RELOAD_AMOUNT, exact, amount, bought, largest, fewer, 2)


def _purchase(
    drawn: _Drawn, key: str, exact: int, value: int, agreed: int | None, needed: Cents, low: Wrong, parts: int
) -> Recommendation:
    """An amount of credits; of what is bought in excess a part of 1 ÷ ``parts`` lies idle on average."""
    higher = drawn.higher(value)
    return Recommendation(
        key=key,
        subject="",
        unit=CENTS,
        value=value,
        exact=exact,
        agreed=agreed,
        level=drawn.levels.years_beyond,
        chance=drawn.share(np.maximum(needed - value, 0)),
        too_low=low,
        too_high=Wrong(higher, MONEY_PARKED, (higher - value) // parts),
    )


def _seats(drawn: _Drawn) -> Iterator[Recommendation]:
    """Seats for those who use theirs; who does not is named."""
    course, levels, needs = drawn.course, drawn.levels, drawn.needs
    plan = course.new
    used = needs.before if needs.before.any() else needs.active
    times = np.count_nonzero(used, axis=0)
    idle = drawn.seated & (times < max(1, levels.years_beyond * drawn.draws))
    active = drawn.seated & ~idle
    exact = int(np.count_nonzero(active))
    least_sold = plan.terms.minimum_seats(course.day)
    value = max(exact, least_sold)
    held = plan.phase.seats.held
    seat = max(held, key=lambda name: held[name], default=plan.plan.seat_types[0])
    months = int(plan.plan.value("term_months", course.day))
    fee = int(plan.terms.seat_price(seat, course.day).value * 100 * months)
    work = drawn.months.sum(axis=0).sum(axis=0)[active]
    least = int(Fraction(int(work.min()), drawn.draws)) if exact and value == exact else 0
    yield Recommendation(
        key=SEATS,
        subject=seat,
        unit=COUNT,
        value=value,
        exact=exact,
        agreed=sum(held.values()),
        level=levels.years_beyond,
        chance=drawn.share((needs.active & idle).sum(axis=1)),
        too_low=Wrong(max(0, value - 1), WORK_STOPPED, least),
        too_high=Wrong(value + 1, SEAT_FEES, fee),
        names=tuple(
            member
            for member, unused in zip(drawn.members, idle, strict=True)
            if unused and member not in course.scenario.personas
        ),
        minimum=least_sold,
        held=sum(course.old.phase.seats.held.values()),
    )
