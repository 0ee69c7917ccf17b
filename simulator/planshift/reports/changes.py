"""Who wins and who loses: members whose cost falls, rises, or stays about the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from planshift.impact.odds import ABOUT_THE_SAME

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


def half_up(value: Fraction) -> int:
    """A fraction as a whole number, half up; a negative one is the mirror of its positive."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def tenths(value: Fraction) -> str:
    """A fraction with one decimal, half up: ``24.7``."""
    number = half_up(value * 10)
    sign = "-" if number < 0 else ""
    return f"{sign}{abs(number) // 10}.{abs(number) % 10}"


def percent(part: int, whole: int) -> str:
    """How large a part is, whatever its sign: ``24.7 %``, ``under 0.1 %``; empty where the whole is nothing."""
    if not whole:
        return ""
    share = Fraction(abs(part), abs(whole)) * 100
    return "under 0.1 %" if 0 < share < Fraction(1, 20) else f"{tenths(share)} %"
