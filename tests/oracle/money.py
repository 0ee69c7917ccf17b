"""Money: whole nano-dollars inside, cents on invoices, text in tables (rulebook, head; A1, L6)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor

NANO = 10**9
NANO_A_CENT = 10**7


def half_up(exact: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def nano(dollars: Decimal | int) -> int:
    """Dollars as whole nano-dollars."""
    return half_up(Fraction(dollars) * NANO)


def cents(dollars: Fraction) -> int:
    """Dollars as whole cents, rounded once, half up."""
    return half_up(dollars * 100)


def by_largest_remainder(quotas: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Whole numbers that add up to `total`: each quota cut down, then one more for the largest remainders.

    Equal remainders: the smaller member id first (L6, A1).
    """
    whole = {member: floor(quota) for member, quota in quotas.items()}
    rest = total - sum(whole.values())
    ranked = sorted(quotas, key=lambda member: (whole[member] - quotas[member], member))
    for member in ranked[:rest]:
        whole[member] += 1
    return whole


def same_share(asked: Mapping[str, int], left: int) -> dict[str, int]:
    """What each member gets when `left` is less than all ask for together (L6)."""
    together = sum(asked.values())
    return by_largest_remainder({member: Fraction(want * left, together) for member, want in asked.items()}, left)


def invoice_cents(billed: Mapping[str, int]) -> dict[str, int]:
    """The cents of each member's line: the exact sum rounded once, shared out by largest remainder (A1)."""
    total = half_up(Fraction(sum(billed.values()), NANO_A_CENT))
    return by_largest_remainder({member: Fraction(part, NANO_A_CENT) for member, part in billed.items()}, total)


def cents_text(amount: int) -> str:
    """Cents as dollars with two decimals."""
    return f"{Decimal(amount).scaleb(-2):.2f}"


def nano_text(amount: int) -> str:
    """Nano-dollars as dollars with nine decimals."""
    return f"{Decimal(amount).scaleb(-9):.9f}"
