"""Outcomes over many draws: what some days cost under a plan in each draw, and what became of the work asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.billing.sharing import Nanos
from planshift.plans.plan import Plan

Cents = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DrawnOutcome:
    """What the days from ``first`` up to, not including, ``end`` came to under a plan, in each draw.

    ``seats``: held on the first day; ``months``: first days of the calendar months of which days count. Cents:
    ``seat_cost`` (months,), the same in every draw; ``usage_cost`` (months, draws), each month rounded once, with
    what else ``accrued``: by kind of charge, (draws,);
    ``invoiced``, ``credits_bought``, ``credits_left``, ``credits_lapsed`` (draws,). Nano-dollars: ``amounts``
    (len(AMOUNTS), draws);
    ``undone`` (draws,): work that could not be done, at list price, stopped or not open to the members' seats;
    ``blocked`` (months, draws), and ``by_cause``: the same for each of the columns of what was blocked.
    ``counterfactual``: the plan ran on past its end, or could not be had (Rulebook P2).
    """

    plan: Plan
    first: date
    end: date
    counterfactual: bool
    seats: Mapping[str, int]
    months: tuple[date, ...]
    seat_cost: Cents
    usage_cost: Cents
    accrued: Mapping[str, Cents]
    amounts: Nanos
    undone: Nanos
    blocked: Nanos
    by_cause: Mapping[str, Nanos]
    invoiced: Cents
    credits_bought: Cents
    credits_left: Cents
    credits_lapsed: Cents

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.undone)

    @property
    def month_cost(self) -> Cents:
        """Seats and usage of each month, cents, shape (months, draws)."""
        return self.seat_cost[:, None] + self.usage_cost

    @property
    def cost(self) -> Cents:
        """Seats and usage of these days, cents, shape (draws,)."""
        cost: Cents = self.month_cost.sum(axis=0)
        return cost


def joined_outcomes(outcomes: Sequence[DrawnOutcome]) -> DrawnOutcome:
    """Outcomes of the same days under the same plan, one or more, put together: their draws one after the other."""

    def together(arrays: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
        return np.concatenate(list(arrays), axis=-1)

    return replace(
        outcomes[0],
        usage_cost=together(one.usage_cost for one in outcomes),
        accrued={kind: together(one.accrued[kind] for one in outcomes) for kind in outcomes[0].accrued},
        amounts=together(one.amounts for one in outcomes),
        undone=together(one.undone for one in outcomes),
        blocked=together(one.blocked for one in outcomes),
        by_cause={name: together(one.by_cause[name] for one in outcomes) for name in outcomes[0].by_cause},
        invoiced=together(one.invoiced for one in outcomes),
        credits_bought=together(one.credits_bought for one in outcomes),
        credits_left=together(one.credits_left for one in outcomes),
        credits_lapsed=together(one.credits_lapsed for one in outcomes),
    )
