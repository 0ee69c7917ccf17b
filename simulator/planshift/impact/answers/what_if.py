"""What if: the renewal again with something else, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from planshift.billing.contract import CreditSettings
from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.sharing import Nanos
from planshift.impact.answers.course import Course, Demands
from planshift.impact.answers.levels import Asked
from planshift.impact.answers.variant import Tried, Variant, Years, tried
from planshift.impact.answers.year import BilledYear, cents
from planshift.impact.at_list import listed_per_metered
from planshift.impact.drawn import Cents
from planshift.impact.spread import Spread, spread
from planshift.plans.plan import read_overlay
from planshift.problems import InputError


@dataclass(frozen=True)
class WhatIfRow:
    """The year under a what-if: ``old`` and ``new`` cost, ``change`` (new less old), cents.

    ``effect``: the new cost less the new cost as it stands; ``undone``: work that cannot be done on the new plan, at
    list price. ``dearer``: the share of draws in which the new plan costs more than the old. ``key``: a name that
    stays; the first row is BASE, without any what-if.
    """

    key: str
    title: str
    old: Spread
    new: Spread
    change: Spread
    effect: Spread
    undone: Spread
    dearer: Fraction


BASE = "base"
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


def what_ifs(course: Course, asked: Sequence[Path | Asked], always: Sequence[Path] = ()) -> tuple[Tried, ...]:
    """The what-ifs that have a say in a renewal, set up; those that change nothing of its plans are left out.

    A file is an overlay. A what-if on the recommended limit is not among them, as that has first to be found. Raises
    InputError for a file that is no overlay, and for one of ``always``, asked for by name, that cannot be laid on.
    """
    for path in always:
        course.scenario.catalogue.with_overlay(read_overlay(path))
    return tuple(_set_up(course, (*asked, *always)))


def _set_up(course: Course, asked: Sequence[Path | Asked]) -> Iterator[Tried]:
    card = course.scenario.catalogue.card(course.new.plan).id
    for one in asked:
        if isinstance(one, Path):
            overlay = read_overlay(one)
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
    dearer = Fraction(int(np.count_nonzero(one.change > 0)), len(one.change))
    return WhatIfRow(
        key=key,
        title=title,
        old=spread(one.old),
        new=spread(one.new),
        change=spread(one.change),
        effect=spread(one.new - base.new[: len(one.new)]),
        undone=spread(one.undone),
        dearer=dearer,
    )
