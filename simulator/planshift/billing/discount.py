"""The negotiated discount on metered usage."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from planshift.billing.sharing import Nanos


def discounted(listed: Nanos, discount: Fraction) -> Nanos:
    """What usage is billed at: list price × (1 − discount), each member-day rounded half up (Rulebook U5).

    ``listed``: nano-dollars of any shape, not negative. The discount has at most nine decimals.
    """
    if not discount:
        return listed
    paid = 1 - discount
    part, whole = np.int64(paid.numerator), np.int64(paid.denominator)
    # Split first, so that the product stays inside 64 bits whatever the decimals of the discount.
    quotient, rest = np.divmod(listed, whole)
    result: Nanos = quotient * part + (2 * rest * part + whole) // (2 * whole)
    return result
