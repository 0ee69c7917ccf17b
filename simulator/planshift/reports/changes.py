"""Who wins and who loses: members whose cost falls, rises, or stays about the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from planshift.billing.money import half_up
from planshift.impact.odds import ABOUT_THE_SAME
from planshift.reports.words import tenths

CHEAPER, DEARER, SAME = "cheaper", "dearer", "about the same"
GROUPS = (CHEAPER, DEARER, SAME)
GROUP_TITLES = {CHEAPER: "cost less", DEARER: "cost more", SAME: "cost about the same (within 1 %)"}


@dataclass(frozen=True)
class Change:
    """What somebody cost before and costs afterwards, cents."""

    before: int
    after: int

    @property
    def cents(self) -> int:
        """What they cost more."""
        return self.after - self.before

    @property
    def group(self) -> str:
        """One of GROUPS."""
        if abs(self.cents) <= ABOUT_THE_SAME * self.before:
            return SAME
        return DEARER if self.cents > 0 else CHEAPER


@dataclass(frozen=True)
class Group:
    """Those of one group: how many, what they cost before and afterwards, cents."""

    name: str
    members: int
    before: int
    after: int

    @property
    def cents(self) -> int:
        """What they cost more, together."""
        return self.after - self.before

    @property
    def mean(self) -> int | None:
        """What one of them costs more on average, cents, half up; None where there is nobody."""
        return half_up(Fraction(self.cents, self.members)) if self.members else None

    def share(self, whole: int) -> str:
        """Their part of a whole change in per cent, one decimal; empty where nothing changes."""
        return tenths(Fraction(self.cents, whole) * 100) if whole else ""


def groups(changes: Iterable[Change]) -> list[Group]:
    """The three groups, in the order of GROUPS, also those with nobody in them."""
    found = list(changes)
    return [_group(name, [change for change in found if change.group == name]) for name in GROUPS]


def _group(name: str, inside: Sequence[Change]) -> Group:
    return Group(name, len(inside), sum(change.before for change in inside), sum(change.after for change in inside))
