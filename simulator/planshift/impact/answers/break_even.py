"""Break-even: the usage per member and month at which the old and the new plan cost the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from planshift.billing.meter import WEEK
from planshift.billing.money import NANO, half_up
from planshift.billing.sharing import Nanos
from planshift.billing.terms import Terms
from planshift.impact.answers.course import Course
from planshift.impact.answers.winners_losers import COSTS_LESS, COSTS_MORE, SAME


@dataclass(frozen=True)
class Tariff:
    """A seat's price, the usage that it includes, both US dollars a month, and the discount on usage beyond that.

    ``included`` is what a member can draw on who uses the same every week (Rulebook I1); 0 on a usage-based plan.
    ``billed_beyond``: is usage beyond it billed, or does the member wait (Rulebook I2)?
    """

    price: Fraction
    included: Fraction = Fraction(0)
    discount: Fraction = Fraction(0)
    billed_beyond: bool = True

    @property
    def slope(self) -> Fraction:
        """What a dollar of usage beyond the included costs."""
        return 1 - self.discount if self.billed_beyond else Fraction(0)

    def cost(self, usage: Fraction) -> Fraction:
        """Dollars a month at so many dollars of usage at list price.

        price + (1 − discount) × max(usage − included, 0), or the price alone where usage beyond is not billed
        """
        return self.price + self.slope * max(usage - self.included, Fraction(0))


@dataclass(frozen=True)
class Crossing:
    """A usage, in US dollars a month at list price, from which on the new plan is ``turns``: dearer or cheaper."""

    usage: Fraction
    turns: str


@dataclass(frozen=True)
class Piece:
    """A stretch of usage from ``start`` on, over which a difference of costs is constant + slope × usage."""

    start: Fraction
    constant: Fraction
    slope: Fraction

    def at(self, usage: Fraction) -> Fraction:
        """The difference at a usage."""
        return self.constant + self.slope * usage


def crossings(pieces: Sequence[Piece]) -> tuple[Crossing, ...]:
    """Where a difference of costs (new less old) changes its sign; its pieces begin at no usage and follow each other.

    A difference that stays at zero for a while crosses where it leaves zero.
    """
    found: list[Crossing] = []
    sign = 0
    for usage, after in _all_signs(pieces):
        if sign and after and after != sign:
            found.append(Crossing(usage, COSTS_MORE if after > 0 else COSTS_LESS))
        sign = after or sign
    return tuple(found)


def _all_signs(pieces: Sequence[Piece]) -> Iterator[tuple[Fraction, int]]:
    """The signs of a difference in order of usage, from which on each holds."""
    for place, piece in enumerate(pieces):
        yield from _signs(piece, pieces[place + 1].start if place + 1 < len(pieces) else None)


def _signs(piece: Piece, end: Fraction | None) -> Iterator[tuple[Fraction, int]]:
    """The sign at the beginning of a piece, or just behind it, and the one behind its zero, if that lies inside."""
    first = piece.at(piece.start)
    yield piece.start, _sign(first) or _sign(piece.slope)
    if first and piece.slope:
        zero = -piece.constant / piece.slope
        if zero > piece.start and (end is None or zero < end):
            yield zero, _sign(piece.slope)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def everywhere(pieces: Sequence[Piece]) -> str:
    """Which plan costs less at any usage, where they never cross: the new one is DEARER, CHEAPER, or SAME."""
    signs = {sign for _, sign in _all_signs(pieces) if sign}
    return SAME if not signs else COSTS_MORE if 1 in signs else COSTS_LESS


def difference(old: Tariff, new: Tariff) -> list[Piece]:
    """What a seat costs more on the new tariff, piece by piece."""
    pieces = []
    for start in sorted({Fraction(0), old.included, new.included}):
        constant, slope = new.price - old.price, Fraction(0)
        for tariff, sign in ((new, 1), (old, -1)):
            if tariff.included <= start:
                constant -= sign * tariff.slope * tariff.included
                slope += sign * tariff.slope
        pieces.append(Piece(start, constant, slope))
    return pieces


def summed(parts: Sequence[tuple[Fraction, Sequence[Piece]]], constant: Fraction) -> list[Piece]:
    """The sum of differences, each at ``weight`` times a common factor of usage: pieces in that factor.

    ``parts``: pairs of a weight, 0 or more, and pieces; ``constant`` is added to all.
    """
    slope, turns = Fraction(0), []
    # Members of a seat type have the same pieces: what changes at their bends is worked out once for all of them.
    bends: dict[int, list[tuple[Fraction, Fraction, Fraction]]] = {}
    for weight, pieces in parts:
        constant += pieces[0].constant
        if not weight:
            continue
        if id(pieces) not in bends:
            bends[id(pieces)] = [
                (after.start, after.constant - before.constant, after.slope - before.slope)
                for before, after in pairwise(pieces)
            ]
        slope += weight * pieces[0].slope
        turns += [(start / weight, more, weight * steeper) for start, more, steeper in bends[id(pieces)]]
    found = [Piece(Fraction(0), constant, slope)]
    for start, more, steeper in sorted(turns):
        constant, slope = constant + more, slope + steeper
        if start == found[-1].start:
            found.pop()
        found.append(Piece(start, constant, slope))
    return found


@dataclass(frozen=True)
class MemberPlace:
    """A member and their usage a month, nano-dollars at list price: the mean over the year, and over draws."""

    user_id: str
    team: str
    seat: str
    usage: int


@dataclass(frozen=True)
class SeatBreakEven:
    """An old seat type beside the seat that it becomes, and where its members stand.

    ``crossings``: rising; empty where one plan costs less (or both the same) at any usage, then ``everywhere`` says
    whether the new one is dearer, cheaper or the same. Of the ``members`` on this seat, at their own mean usage a month
    and alike in every week, so many are ``costs_more``, ``costs_less``, or neither on the new plan. ``mean_usage``:
    nano-dollars a month a member.
    """

    seat: str
    title: str
    new_seat: str
    new_title: str
    old: Tariff
    new: Tariff
    crossings: tuple[Crossing, ...]
    everywhere: str
    members: int
    costs_more: int
    costs_less: int
    mean_usage: int


@dataclass(frozen=True)
class MixBreakEven:
    """The whole organization: everybody's usage grows or shrinks alike, seats nobody has counted among the fees.

    ``crossings``: usage a month and member, on average over ``members``, from which on the new plan is dearer or
    cheaper. ``mean_usage``: what it is now, nano-dollars a month.
    """

    crossings: tuple[Crossing, ...]
    everywhere: str
    members: int
    mean_usage: int


@dataclass(frozen=True)
class BreakEven:
    """Where old and new cost the same, by old seat type and for the customer's own mix.

    Assumes the same usage in every week, days of the year compared ÷ 7 ÷ 12 weeks a month, no
    spend limit and no stop for want of credits, and only usage of surfaces that the old seat opens.
    """

    seats: tuple[SeatBreakEven, ...]
    mix: MixBreakEven
    places: tuple[MemberPlace, ...]
    draws: int


def break_even(course: Course, usage: Nanos, draws: int) -> BreakEven:
    """Break-even of a renewal.

    ``usage``: by member, nano-dollars at list price that they ask of surfaces open to their old seat, over the year and
    over all ``draws`` together.
    """
    members = course.scenario.people
    months = Fraction(int(course.new.plan.value("term_months", course.day)))
    weeks = Fraction((course.end - course.day).days, WEEK) / months
    monthly = [total / (draws * months) for total in usage.tolist()]
    seats = [course.old.seat(member) for member in members]
    tariffs = _tariffs(course, weeks)
    found = tuple(
        _seat(course, seat, pair, [used for used, held in zip(monthly, seats, strict=True) if held == seat])
        for seat, pair in tariffs.items()
    )
    teams = course.scenario.teams
    places = tuple(
        MemberPlace(member, teams.get(member, ""), seat, half_up(used))
        for member, seat, used in zip(members, seats, monthly, strict=True)
        if seat
    )
    return BreakEven(found, _mix(course, tariffs, monthly, seats), places, draws)


def tariff(terms: Terms, seat: str, day: date, weeks: Fraction) -> Tariff:
    """What a seat and its usage cost a month on a day, at so many weeks a month (Rulebook P3, I1, I2, U5)."""
    price, discount = Fraction(terms.seat_price(seat, day).value), Fraction(terms.usage_discount(day).value)
    if not terms.plan.seat_based:
        return Tariff(price, Fraction(0), discount)
    included = weeks * Fraction(terms.included(seat, day).value)
    return Tariff(price, included, discount, bool(terms.extra_usage(day).value))


def _tariffs(course: Course, weeks: Fraction) -> dict[str, tuple[str, Tariff, Tariff]]:
    """Old seat type → the new one, and both tariffs; of the types that are held, or that somebody has."""
    old, new, day = course.old, course.new, course.day
    seat_map = old.plan.seat_map(day)
    held = {seat for seat, count in old.phase.seats.held.items() if count}
    return {
        seat: (seat_map[seat], tariff(old.terms, seat, day, weeks), tariff(new.terms, seat_map[seat], day, weeks))
        for seat in old.plan.seat_types
        if seat in held
    }


def _seat(course: Course, seat: str, pair: tuple[str, Tariff, Tariff], monthly: Sequence[Fraction]) -> SeatBreakEven:
    new_seat, old, new = pair
    pieces = difference(old, new)
    found = crossings(pieces)
    changes = [new.cost(used / NANO) - old.cost(used / NANO) for used in monthly]
    return SeatBreakEven(
        seat=seat,
        title=course.old.plan.seat_titles[seat],
        new_seat=new_seat,
        new_title=course.new.plan.seat_titles[new_seat],
        old=old,
        new=new,
        crossings=found,
        everywhere=_everywhere(found, pieces),
        members=len(monthly),
        costs_more=sum(change > 0 for change in changes),
        costs_less=sum(change < 0 for change in changes),
        mean_usage=half_up(sum(monthly, Fraction(0)) / max(1, len(monthly))),
    )


def _mix(
    course: Course,
    tariffs: Mapping[str, tuple[str, Tariff, Tariff]],
    monthly: Sequence[Fraction],
    seats: Sequence[str],
) -> MixBreakEven:
    """Every member's usage times a common factor; what the factor makes of the mean is what is looked for."""
    held = [(used / NANO, seat) for used, seat in zip(monthly, seats, strict=True) if seat]
    mean = sum((used for used, _ in held), Fraction(0)) / max(1, len(held))
    pieces_of = {seat: difference(old, new) for seat, (_, old, new) in tariffs.items()}
    nobodys = _held_price(course.new.terms, course.new.phase.seats.held, course.day) - _held_price(
        course.old.terms, course.old.phase.seats.held, course.day
    )
    for seat in seats:
        if seat:
            nobodys -= tariffs[seat][2].price - tariffs[seat][1].price
    # At a usage of 1 on average everybody uses their share of it.
    pieces = summed([((used / mean if mean else Fraction(0)), pieces_of[seat]) for used, seat in held], nobodys)
    found = crossings(pieces)
    return MixBreakEven(found, _everywhere(found, pieces), len(held), half_up(mean * NANO))


def _everywhere(found: Sequence[Crossing], pieces: Sequence[Piece]) -> str:
    return "" if found else everywhere(pieces)


def _held_price(terms: Terms, held: Mapping[str, int], day: date) -> Fraction:
    """The price of all seats that are held, dollars a month."""
    return sum((Fraction(terms.seat_price(seat, day).value) * count for seat, count in held.items()), Fraction(0))
