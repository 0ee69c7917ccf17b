"""What if: the renewal again with something else, side by side, and what the answer depends on most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from planshift.billing.contract import CreditSettings, Migrate
from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.minimum import amount_agreed
from planshift.billing.sharing import Nanos
from planshift.impact.answers.course import Course, Demands, Tried, Variant, Years, tried
from planshift.impact.answers.levels import Levels, WhatIfSpec
from planshift.impact.answers.timing import CREDIT
from planshift.impact.answers.year import BilledYear, PlanYear, cents
from planshift.impact.at_list import listed_per_metered
from planshift.impact.outcome import Cents
from planshift.impact.spread import Spread, spread
from planshift.plans.plan import ALWAYS, Dated, Overlay, Sourced, plain, read_overlay
from planshift.problems import InputError
from planshift.usage.session import edition, kept


@dataclass(frozen=True)
class WhatIfRow:
    """The year under a what-if: ``old`` and ``new`` cost, ``change`` (new less old), cents.

    ``effect``: the new cost less the new cost as it stands; ``undone``: work that cannot be done on the new plan, at
    list price. ``costs_more``: the share of draws in which the new plan costs more than the old. ``key``: a name that
    stays; the first row is BASE, without any what-if.
    """

    key: str
    title: str
    old: Spread
    new: Spread
    change: Spread
    effect: Spread
    undone: Spread
    costs_more: Fraction


BASE = "base"
OVERLAY_BYTES = 1 << 14
"""About what an overlay takes in memory."""
AUTO_RELOAD = "auto_reload"


@dataclass(frozen=True)
class WhatIf:
    """The renewal as it stands, then one row a what-if, in the order in which they were asked for."""

    rows: tuple[WhatIfRow, ...]
    draws: int

    @property
    def base(self) -> WhatIfRow:
        """The renewal as it stands."""
        return self.rows[0]

    def of(self, key: str) -> WhatIfRow | None:
        """The what-if of that key; None where it is not shown."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True)
class Cost:
    """Both years under a variant in some draws, cents of shape (draws,): what the old and the new plan cost, and the
    work at list price that cannot be done on the new one."""

    old: Cents
    new: Cents
    undone: Cents

    @classmethod
    def of(cls, years: Years) -> Cost:
        """The costs of both years."""
        return cls(years.old.cost, years.new.cost, cents(_undone(years.new)))

    @classmethod
    def of_new(cls, year: BilledYear) -> Cost:
        """The costs of a new year alone, as if the old one cost nothing."""
        return cls(np.zeros_like(year.cost), year.cost, cents(_undone(year)))

    @classmethod
    def joined(cls, blocks: Sequence[Cost]) -> Cost:
        """The draws of several blocks, one after the other."""
        parts = ([getattr(block, name) for block in blocks] for name in ("old", "new", "undone"))
        return cls(*(np.concatenate(part) for part in parts))

    def first(self, draws: int) -> Cost:
        """The same in the first of the draws."""
        return Cost(self.old[:draws], self.new[:draws], self.undone[:draws])

    def same(self, other: Cost) -> bool:
        """Is it the same in every draw?"""
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ("old", "new", "undone"))

    @property
    def change(self) -> Cents:
        """What the new plan costs more than the old one, shape (draws,)."""
        return self.new - self.old


def _undone(year: BilledYear) -> Nanos:
    """Work that cannot be done, at list price: what is blocked, × listed ÷ metered, and what is not open."""
    amounts = year.amounts
    at_list = listed_per_metered(amounts)
    blocked = amounts[COLUMN[BLOCKED[0]] :].sum(axis=0)
    undone: Nanos = np.rint(blocked * at_list).astype(np.int64) + amounts[COLUMN["unavailable"]]
    total: Nanos = undone.sum(axis=1)
    return total


def what_ifs(course: Course, asked: Sequence[Path | WhatIfSpec], always: Sequence[Path] = ()) -> tuple[Tried, ...]:
    """The what-ifs that have a say in a renewal, set up; those that change nothing of its plans are left out.

    A file is an overlay. A what-if on the recommended limit is not among them, as that has first to be found. Raises
    InputError for a file that is no overlay, and for one of ``always``, asked for by name, that cannot be laid on.
    """
    for path in always:
        course.scenario.catalogue.with_overlay(_overlay(path))
    return tuple(_set_up(course, (*asked, *always)))


def _overlay(path: Path) -> Overlay:
    """The overlay of a file, which a session keeps."""
    return kept(lambda: ("overlay", edition(path)), lambda: read_overlay(path), lambda _: OVERLAY_BYTES)


def _set_up(course: Course, asked: Sequence[Path | WhatIfSpec]) -> Iterator[Tried]:
    card = course.scenario.catalogue.card(course.new.plan).id
    for one in asked:
        if isinstance(one, Path):
            overlay = _overlay(one)
            if overlay.baseline not in (course.old.plan.id, course.new.plan.id, card):
                continue
            variant = Variant(one.stem, overlay.title, overlays=(overlay,))
            try:
                yield tried(variant, course)
            except InputError:
                # It repeats what is laid on already, or this customer could not have it.
                continue
        elif one.auto_reload:
            if course.new.terms.prepaid:
                by = course.new.plan.value("credits.auto_reload_payments", course.day)[0]
                settings = CreditSettings(auto_reload=one.auto_reload, payment=by)
                yield tried(Variant(one.key, one.title, credits=settings), course)
        elif not one.recommended_limit:
            surfaces = {one.surface: one.share} if one.surface else {}
            usage = Fraction(1) if one.surface else one.share
            yield tried(Variant(one.key, one.title, usage=usage, surfaces=surfaces), course)


def cost(one: Tried, base: Years, demands: Demands) -> Cost:
    """What a variant costs for what is asked, at its own prices; ``base``: the years without it."""
    return Cost.of(one.years(base, demands))


def rows(found: Mapping[str, tuple[str, Cost]]) -> WhatIf:
    """The table; ``found``: key → title and cost, BASE among them, in the order of the table."""
    base = found[BASE][1]
    return WhatIf(tuple(_row(key, title, one, base) for key, (title, one) in found.items()), len(base.new))


def _row(key: str, title: str, one: Cost, base: Cost) -> WhatIfRow:
    costs_more = Fraction(int(np.count_nonzero(one.change > 0)), len(one.change))
    return WhatIfRow(
        key=key,
        title=title,
        old=spread(one.old),
        new=spread(one.new),
        change=spread(one.change),
        effect=spread(one.new - base.new[: len(one.new)]),
        undone=spread(one.undone),
        costs_more=costs_more,
    )


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
    if group == "usage_minimum":
        return amount_agreed(year.terms, course.day) is not None and not year.terms.prepaid
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
