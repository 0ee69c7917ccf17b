"""Charges for credits: each purchase, what is used of it month by month, and what is lost of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np

from planshift.billing.charges import CreditCharge
from planshift.billing.money import CENT, NANO, to_cents
from planshift.forecasting.charge import (
    CREDIT_EXPIRY,
    CREDIT_PURCHASE,
    CREDIT_USE,
    PAR,
    Charge,
    covered,
    decimal,
    number_of,
)
from planshift.forecasting.charged_usage import UsagePrices
from planshift.forecasting.history import Grid, History
from planshift.forecasting.prepaid import NEVER, Lots, lot_by_lot, lots

_CREDITS = "C"


def credit_charges(past: History, grid: Grid, usage: UsagePrices) -> Iterator[Charge]:
    """Purchases of credits one by one, oldest first, each followed by what is used of it and what is lost."""
    together = lots(past)
    if together is None:
        return
    bought = _one_by_one(together, past)
    left, lost = lot_by_lot(past, bought, grid)
    numbers: dict[int, int] = {}
    for lot, day in enumerate(bought.days.tolist()):
        numbers[day] = numbers.get(day, 0) + 1
        losses = {gone: int(amounts[lot, 0]) for gone, amounts in lost if amounts[lot, 0]}
        terms = past.terms[int(bought.terms[lot])].terms
        ends = min(int(bought.gone[lot]), *losses, grid.days[-1] if bought.gone[lot] == NEVER else NEVER)
        amount = int(bought.amounts[lot, 0])
        number = number_of(date.fromordinal(day), f"{_CREDITS}{numbers[day]}")
        made = Charge(
            kind=CREDIT_PURCHASE,
            terms=terms,
            seat_type="",
            first=date.fromordinal(day),
            until=date.fromordinal(max(ends, day + 1)),
            invoiced=date.fromordinal(day),
            invoice=number,
            purchase=number,
            earned=None,
            quantity=decimal(Fraction(amount, NANO)),
            list_price=PAR,
            price=PAR,
            billed=int(bought.cents[lot, 0]),
            effective=0,
        )
        if grid.place(day):
            yield made
        yield from _lot_used(made, left[:, lot, 0].tolist(), losses, amount, grid, usage)


def _one_by_one(together: Lots, past: History) -> Lots:
    """The same purchases, each time an invoice of its own (Rulebook C1)."""
    times = [int(one.purchases.times[0]) for one in past.ledger.charges if isinstance(one, CreditCharge)]
    times = [count if cents else 0 for count, cents in zip(times, together.cents[:, 0].tolist(), strict=True)]
    counts = np.array(times, dtype=np.int64)
    each = np.maximum(counts, 1)[:, None]
    return Lots(
        plans=tuple(plan for plan, count in zip(together.plans, times, strict=True) for _ in range(count)),
        terms=np.repeat(together.terms, counts),
        days=np.repeat(together.days, counts),
        gone=np.repeat(together.gone, counts),
        at_once=tuple(one for one, count in zip(together.at_once, times, strict=True) for _ in range(count)),
        amounts=np.repeat(together.amounts // each, counts, axis=0),
        cents=np.repeat(together.cents // each, counts, axis=0),
    )


def _lot_used(
    made: Charge, left: Sequence[int], losses: Mapping[int, int], amount: int, grid: Grid, usage: UsagePrices
) -> Iterator[Charge]:
    """What is used of a purchase and what is lost of it, month by month.

    ``left``, ``losses``, ``amount``: nano-dollars. A balance of half a cent is rounded down, as in the ledger.
    """
    bought_in = grid.place(made.first.toordinal())
    deferred = [(nanos + CENT // 2 - 1) // CENT for nanos in left]
    for place, month in enumerate(grid.firsts, 1):
        if bought_in != place and not left[place - 1]:
            continue
        lost = {day: nanos for day, nanos in losses.items() if grid.place(day) == place}
        gone = sum(lost.values())
        taken = (amount if bought_in == place else 0) + left[place - 1] - left[place] - gone
        earned = (made.billed if bought_in == place else 0) + deferred[place - 1] - deferred[place]
        broken = min(to_cents(gone), earned) if taken else earned
        if taken:
            first = max(made.first.toordinal(), grid.days[place - 1])
            until = max(min(made.until.toordinal(), grid.days[place]), first + 1)
            listed = usage.listed(taken, made.terms.plan.id, month)
            used = covered(made, CREDIT_USE, first, until, month, listed, earned - broken)
            yield replace(used, price=usage.contracted(taken, listed, used.first, used.until))
        if gone:
            last = max(lost)
            first = max(made.first.toordinal(), last - 1)
            quantity = decimal(Fraction(gone, NANO))
            yield covered(made, CREDIT_EXPIRY, first, first + 1, month, quantity, broken)
