"""What a seat and the usage on it cost a month, as a line with a bend, and where two such lines meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

DEARER, CHEAPER, SAME = "dearer", "cheaper", "about the same"


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
            found.append(Crossing(usage, DEARER if after > 0 else CHEAPER))
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
    return SAME if not signs else DEARER if 1 in signs else CHEAPER


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


def summed(parts: Iterable[tuple[Fraction, Sequence[Piece]]], constant: Fraction) -> list[Piece]:
    """The sum of differences, each at ``weight`` times a common factor of usage: pieces in that factor.

    ``parts``: pairs of a weight, 0 or more, and pieces; ``constant`` is added to all.
    """
    slope, turns = Fraction(0), []
    for weight, pieces in parts:
        constant, slope = constant + pieces[0].constant, slope + weight * pieces[0].slope
        if weight:
            turns += [
                (after.start / weight, after.constant - before.constant, weight * (after.slope - before.slope))
                for before, after in pairwise(pieces)
            ]
    found = [Piece(Fraction(0), constant, slope)]
    for start, more, steeper in sorted(turns):
        constant, slope = constant + more, slope + steeper
        if start == found[-1].start:
            found.pop()
        found.append(Piece(start, constant, slope))
    return found
