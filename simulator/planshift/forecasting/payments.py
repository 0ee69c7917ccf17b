"""What is invoiced and what is paid: every invoice on its day, every payment after the account's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.forecasting.events import BookedSeats, UsagePeriods
from planshift.forecasting.history import Grid
from planshift.forecasting.measures import Cents
from planshift.forecasting.prepaid import Lots
from planshift.portfolio.account import PaymentTerms

SEATS, CREDITS, USAGE, PAID = range(4)
"""The places of what a plan invoices, by what it is for, and of what it is paid."""


@dataclass(frozen=True)
class Invoiced:
    """Amounts invoiced, in columns: the plan, what for, the day and the day on which it is paid (ordinals), and cents
    of shape (amounts, draws)."""

    plans: Sequence[str]
    kinds: Sequence[int]
    days: Sequence[int]
    paid: Sequence[int]
    cents: Cents


def invoiced(seats: Sequence[BookedSeats], usage: UsagePeriods, lots: Lots | None, payment: PaymentTerms) -> Invoiced:
    """Every amount invoiced; credits bought by card are paid on the day itself."""
    cents = [np.stack([charge.cents for charge in seats])] if seats else []
    plans = [*(charge.plan for charge in seats), *usage.plans]
    days = [*(charge.day for charge in seats), *usage.untils]
    kinds = [SEATS] * len(seats) + [USAGE] * len(usage.plans)
    at_once = [False] * len(days)
    cents.append(usage.cents)
    if lots is not None:
        plans += lots.plans
        days += lots.days.tolist()
        kinds += [CREDITS] * len(lots.plans)
        at_once += lots.at_once
        cents.append(lots.cents)
    due = {day: payment.due(date.fromordinal(day)).toordinal() for day in set(days)}
    paid = [day if now else due[day] for day, now in zip(days, at_once, strict=True)]
    return Invoiced(plans, kinds, days, paid, np.concatenate(cents))


def billed(amounts: Invoiced, grid: Grid) -> Mapping[str, Cents]:
    """What each plan invoices and is paid: cents of shape (4, months + 2, draws), see SEATS and the others, by a grid's
    places."""
    codes = {plan: code for code, plan in enumerate(dict.fromkeys(amounts.plans))}
    flows = np.zeros((len(codes), 4, *grid.flows(amounts.cents.shape[1]).shape), dtype=np.int64)
    code = np.array([codes[plan] for plan in amounts.plans], dtype=np.intp)
    kinds = np.array(amounts.kinds, dtype=np.intp)
    np.add.at(flows, (code, kinds, grid.places(amounts.days)), amounts.cents)
    np.add.at(flows[:, PAID], (code, grid.places(amounts.paid)), amounts.cents)
    return dict(zip(codes, flows, strict=True))
