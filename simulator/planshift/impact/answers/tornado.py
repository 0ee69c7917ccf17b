"""The tornado: what the answer depends on most, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from planshift.billing.contract import Migrate
from planshift.impact.answers.course import Course
from planshift.impact.answers.levels import Levels
from planshift.impact.answers.variant import Tried, Variant, tried
from planshift.impact.answers.what_if import Cost
from planshift.impact.answers.when import CREDIT
from planshift.impact.answers.year import PlanYear
from planshift.impact.drawn import Cents
from planshift.impact.spread import spread
from planshift.plans.plan import ALWAYS, Dated, Overlay, Sourced, plain
from planshift.problems import InputError

OPEN, FIGURE, USAGE, SEATS = "open choice", "assumed figure", "usage", "seats"


@dataclass(frozen=True)
class Side:
    """One other value: in words, and the year's ``change`` (new less old) and ``new`` cost with it, cents, in the
    middle of the draws (P50)."""

    value: str
    change: int
    new: int


@dataclass(frozen=True)
class Swing:
    """Something that the answer depends on: its value as it stands, and the other values, by rising change.

    ``kind``: OPEN is published nowhere and has other choices, FIGURE is an example for a figure published nowhere.
    ``plan``: whose value it is, empty for usage and seats; ``path``: the value's path in the plan file, or what it is.
    ``effect``: how far the other values move the change, from the base at most, cents.
    """

    key: str
    kind: str
    plan: str
    path: str
    value: str
    sides: tuple[Side, ...]
    effect: int


@dataclass(frozen=True)
class Tornado:
    """Everything that was tried, the largest effect first; ``base``: the change as it stands, cents, P50.

    ``draws``: the first of all draws, which is what each was tried on.
    """

    base: int
    swings: tuple[Swing, ...]
    draws: int


@dataclass(frozen=True)
class Question:
    """Something to try: what the swing will say of it, and the other values, each with its variant set up."""

    key: str
    kind: str
    plan: str
    path: str
    value: str
    others: tuple[tuple[str, Tried], ...]

    @property
    def variants(self) -> Iterator[Tried]:
        """The variants to bill."""
        return (one for _, one in self.others)


def questions(course: Course, levels: Levels) -> tuple[Question, ...]:
    """What the answer may depend on: what the plans leave open, examples in place of figures, usage, seats.

    A choice that the contract has made by itself is not open. Other values that cannot be had are left out.
    """
    return tuple(one for one in _questions(course, levels) if one.others)


def _questions(course: Course, levels: Levels) -> Iterator[Question]:
    for year in (course.old, course.new):
        for path in year.plan.values:
            yield from _open(course, year, path)
        yield from _figures(course, year, levels.figures)
    factors = (1 - levels.usage, 1 + levels.usage)
    others = ((_text(factor), Variant(f"usage_{_text(factor)}", "", usage=factor)) for factor in factors)
    yield _question(course, "usage", USAGE, "", "usage", "1", others)
    yield _seats(course, levels.seats)


def _open(course: Course, year: PlanYear, path: str) -> Iterator[Question]:
    """A value that is published nowhere and has other choices."""
    entry = year.plan.find(path, course.day)
    if entry is None or not entry.assumed or not entry.alternatives or not _matters(course, year, path):
        return
    others = ((plain(value), _with(year, path, value)) for value in entry.alternatives)
    yield _question(course, f"{year.plan.id}.{path}", OPEN, year.plan.id, path, plain(entry.value), others)


def _matters(course: Course, year: PlanYear, path: str) -> bool:
    """Is it the plan's choice that counts, and not this customer's own?"""
    group, _, rest = path.partition(".")
    seat = rest.partition(".")[0]
    if group == "seats":
        return bool(year.phase.seats.held.get(seat))
    if group == "early_migration":
        moves = [event.action for event in course.scenario.events if isinstance(event.action, Migrate)]
        if path == CREDIT:
            return any(move.credit is None for move in moves)
        taken = str(year.plan.value(CREDIT, course.day))
        return any((move.credit or taken) == "prorated" for move in moves)
    if group == "credits" and not year.terms.prepaid:
        return False
    return not (
        (path == "proration" and year.terms.own.proration)
        or (path == "usage_discount" and year.terms.own.usage_discount is not None)
        or (path == "credits.expiry_months" and year.phase.credits.expiry_months)
    )


def _figures(course: Course, year: PlanYear, share: Fraction) -> Iterator[Question]:
    """Examples of the plan file that stand for the customer's own prices, or for amounts published nowhere."""
    terms, day = year.terms, course.day
    for seat in (seat for seat, count in year.phase.seats.held.items() if count):
        found = {f"seats.{seat}.price_usd_per_month": terms.seat_price(seat, day)}
        if year.plan.seat_based:
            found[f"seats.{seat}.included_usd_per_week"] = terms.included(seat, day)
        for path, entry in found.items():
            if entry.assumed and not entry.overlay:
                values = [_times(Decimal(entry.value), factor) for factor in (1 - share, 1 + share)]
                others = ((plain(value), _with(year, path, value)) for value in values)
                yield _question(
                    course, f"{year.plan.id}.{path}", FIGURE, year.plan.id, path, plain(entry.value), others
                )


def _with(year: PlanYear, path: str, value: Any) -> Variant:
    """The renewal with another value of a plan, as if it had always been that."""
    key = f"{year.plan.id}.{path}"
    note = "Another choice, tried out."
    change = Dated(path, ((ALWAYS, Sourced(value, assumed=True, note=note)),))
    overlay = Overlay(f"{key}: {plain(value)}", year.plan.id, date.min, (change,), file="")
    return Variant(f"{key}={plain(value)}", overlay.title, overlays=(overlay,))


def _seats(course: Course, share: Fraction) -> Question:
    """Other numbers of seats for the new term, never fewer than members and the plan's minimum."""
    held = course.new.phase.seats.held
    assigned = [seat for seat in course.new.phase.seats.assigned.values() if seat]
    least = course.new.terms.minimum_seats(course.day)
    total = sum(held.values())
    others: list[tuple[str, Variant]] = []
    for factor in (1 - share, 1 + share):
        seats = {seat: max(int(count * factor), assigned.count(seat)) for seat, count in held.items()}
        text = str(max(sum(seats.values()), least))
        if text not in (str(total), *(other for other, _ in others)):
            others.append((text, Variant(f"seats_{text}", "", seats=seats)))
    return _question(course, "seats", SEATS, course.new.plan.id, "seats", str(total), others)


def _question(
    course: Course, key: str, kind: str, plan: str, path: str, value: str, others: Iterable[tuple[str, Variant]]
) -> Question:
    ready = []
    for text, variant in others:
        try:
            ready.append((text, tried(variant, course)))
        except InputError:
            # It is what holds already, or this customer could not have it.
            continue
    return Question(key, kind, plan, path, value, tuple(ready))


def _times(value: Decimal, factor: Fraction) -> Decimal:
    """A figure times a factor, with its own decimals where they are enough."""
    exact = value * _decimal(factor)
    rounded = exact.quantize(value)
    return rounded if rounded == exact else exact


def _decimal(factor: Fraction) -> Decimal:
    return Decimal(factor.numerator) / Decimal(factor.denominator)


def _text(factor: Fraction) -> str:
    return f"{_decimal(factor):f}"


def tornado(asked: Sequence[Question], base: Cost, found: Mapping[str, Cost]) -> Tornado:
    """What the answer depends on; ``found``: the key of each variant → its cost in the draws of ``base``."""
    middle = _middle(base.change)
    swings = []
    for one in asked:
        sides = [
            Side(value, _middle(found[trial.variant.key].change), _middle(found[trial.variant.key].new))
            for value, trial in one.others
        ]
        effect = max(abs(side.change - middle) for side in sides)
        ordered = tuple(sorted(sides, key=lambda side: side.change))
        swings.append(Swing(one.key, one.kind, one.plan, one.path, one.value, ordered, effect))
    swings.sort(key=lambda swing: (-swing.effect, swing.key))
    return Tornado(middle, tuple(swings), len(base.new))


def _middle(values: Cents) -> int:
    return spread(values).p50
