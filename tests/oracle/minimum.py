"""The minimum of usage: what a usage period in arrears lacks to it (A3)."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from fractions import Fraction

from oracle.money import NANO_A_CENT, half_up, nano


def lacking(minimum: Decimal, first: date, day: date, billed: int) -> int:
    """Cents that `billed` nano-dollars of the days before `day`, from `first` on, lack to their part of the minimum."""
    part = Fraction((day - first).days, monthrange(first.year, first.month)[1])
    return half_up(Fraction(max(0, half_up(nano(minimum) * part) - billed), NANO_A_CENT))
