"""Work that is stopped in the year after a renewal, and whether anybody has agreed how credits are bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planshift.billing.contract import BuyCredits
from planshift.billing.ledger import BLOCKED, COLUMN
from planshift.billing.money import all_to_cents
from planshift.billing.sharing import Nanos
from planshift.impact.at_list import blocked_at_list
from planshift.impact.outcome import Cents
from planshift.impact.renewal import Renewal


@dataclass(frozen=True)
class StoppedWork:
    """Work that is stopped: ``amount`` in cents at list price, shape (draws,), ``share`` of all that is asked for on in
    all draws together, what stops most of it (``cause``, a column of the ledger's), and whether nothing else does."""

    amount: Cents
    share: Fraction
    cause: str
    all_of_it: bool

    @classmethod
    def of(cls, amounts: Nanos) -> StoppedWork:
        """What is stopped of amounts of all members together, shape (len(AMOUNTS), draws), nano-dollars."""
        at_list, asked = blocked_at_list(amounts), int(amounts[COLUMN["demand"]].sum())
        by_cause: Mapping[str, int] = {name: int(amounts[COLUMN[name]].sum()) for name in BLOCKED}
        largest = max(by_cause, key=lambda name: by_cause[name])
        return cls(
            amount=all_to_cents(np.maximum(at_list, 0)),
            share=Fraction(int(at_list.sum()), asked) if asked else Fraction(0),
            cause=largest,
            all_of_it=by_cause[largest] == sum(by_cause.values()),
        )

    def matters(self, level: Fraction) -> bool:
        """Is so large a share of all work stopped, or more?"""
        return self.share >= level


def credits_unsaid(renewal: Renewal) -> bool:
    """Is usage paid from credits after a renewal although nobody has said how they are bought from then on?"""
    scenario, day = renewal.scenario, renewal.day
    terms = renewal.run.ledger.phase(day).terms
    buys = any(event.day >= day and isinstance(event.action, BuyCredits) for event in scenario.events)
    paid_ahead = terms.prepaid_on(day)
    return paid_ahead and scenario.contract.renewal.credits is None and not buys
