"""A ledger from months: what an account's usage comes to once its organization's limits and credits are applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from planshift.billing.charges import Arrears, Charge, CreditCharge, credit_charge
from planshift.billing.contract import CreditSettings
from planshift.billing.credits import Expiry, Purchases
from planshift.billing.ledger import AMOUNTS, COLUMN, Ledger, TermEnd
from planshift.billing.schedule import month_of, months_after
from planshift.forecasting.coarse.usage import ASKED, BILLED, INCLUDED, METERED, Span

Nanos = npt.NDArray[np.int64]


@dataclass
class _Lot:
    """What is left of credits bought, nano-dollars of shape (draws,), and the day on which that is gone."""

    left: Nanos
    gone: date | None


class Pool:
    """An organization's credits in each draw; whoever uses some takes the oldest."""

    def __init__(self, draws: int) -> None:
        self.balance: Nanos = np.zeros(draws, dtype=np.int64)
        self.expired: Nanos = np.zeros(draws, dtype=np.int64)
        self.expiries: list[Expiry] = []
        self._lots: list[_Lot] = []

    def add(self, bought: Purchases) -> None:
        """Credits are bought."""
        amount = bought.times * bought.amount
        self._lots.append(_Lot(amount.copy(), bought.expires))
        self.balance += amount

    def expire(self, today: date) -> None:
        """What has expired by the beginning of a day is gone on its own day."""
        expired = [lot for lot in self._lots if lot.gone is not None and lot.gone <= today]
        self._lots = [lot for lot in self._lots if lot.gone is None or lot.gone > today]
        for lot in expired:
            if lot.gone is not None and lot.left.any():
                self.expiries.append(Expiry(lot.gone, lot.left))
            self.balance -= lot.left
            self.expired += lot.left

    def lapse(self, day: date) -> None:
        """Everything left is gone at a renewal (Rulebook C4)."""
        self.expiries.append(Expiry(day, self.balance.copy(), lapsed=True))
        self.expired += self.balance
        self.balance = np.zeros_like(self.balance)
        self._lots.clear()

    def use(self, found: Nanos, settings: CreditSettings, expiry_months: int | None, day: date) -> list[Purchases]:
        """Pay a span's usage, shape (len(AMOUNTS), draws), from credits, and buy what is agreed; what nothing pays is
        blocked. Purchases are made on the span's first ``day``."""
        wanted = found[COLUMN["billed"]]
        bought: list[Purchases] = []
        reload = settings.auto_reload
        if reload is not None:
            short = np.maximum(reload.below - (self.balance - wanted), 0)
            times = -(-short // reload.amount)
            if times.any():
                gone = months_after(day, expiry_months) if expiry_months else None
                bought.append(Purchases(day, reload.amount, "auto_reload", times, gone))
                self.add(bought[-1])
        used = np.minimum(wanted, self.balance)
        found[COLUMN["blocked_credits"]] += wanted - used
        found[COLUMN["billed"]] = used
        self._take(used)
        return bought

    def _take(self, used: Nanos) -> None:
        self.balance -= used
        left = used.copy()
        for lot in self._lots:
            taken = np.minimum(left, lot.left)
            lot.left -= taken
            left -= taken
        self._lots = [lot for lot in self._lots if lot.left.any()]


Key = tuple[date, str]
_DAY = timedelta(days=1)


@dataclass
class _Month:
    """A month under a plan so far: amounts of shape (len(AMOUNTS), draws), and how many of its days."""

    amounts: Nanos
    days: int


class Monthly:
    """Makes a ledger of many draws of a run without usage, and of what its spans come to.

    Within a span usage is spread evenly over the days; credits are bought on its first day.
    """

    def __init__(self, skeleton: Ledger, spans: Sequence[Span], amounts: Nanos) -> None:
        self._skeleton, self._spans = skeleton, spans
        self._draws = amounts.shape[2]
        self._months: dict[Key, _Month] = {}
        self._balances: dict[Key, Nanos] = {}
        self._pool = Pool(self._draws)
        self._bought: list[CreditCharge] = [
            charge.with_times(np.repeat(charge.purchases.times, self._draws))
            for charge in skeleton.charges
            if isinstance(charge, CreditCharge)
        ]
        self._turns: list[TermEnd] = []
        self._work_off(amounts)

    def ledger(self) -> Ledger:
        """The ledger; a single member stands for all."""
        return replace(
            self._skeleton,
            members=("all",),
            draws=self._draws,
            usage={key: month.amounts[:, :, None] for key, month in self._months.items()},
            balances=self._balances,
            charges=tuple(self._charges()),
            turns=tuple(self._turns),
            expired=self._pool.expired,
            expiries=tuple(self._pool.expiries),
        )

    def _work_off(self, amounts: Nanos) -> None:
        """Every span in turn."""
        waiting = list(self._bought)
        for number, span in enumerate(self._spans):
            phase, plan = span.phase, span.phase.terms.plan.id
            self._turn(span)
            while waiting and waiting[0].purchases.day < span.last:
                self._pool.add(waiting.pop(0).purchases)
            self._pool.expire(span.first)
            month = self._months.setdefault(
                (span.month, plan), _Month(np.zeros((len(AMOUNTS), self._draws), dtype=np.int64), 0)
            )
            found = _as_amounts(amounts[number])
            self._limit(found, month, phase.limits.organization)
            if phase.terms.prepaid_on(span.first):
                expiry = phase.terms.expiry_months(phase.credits.expiry_months, span.first)
                bought = self._pool.use(found, phase.credits, expiry, span.first)
                self._bought += [credit_charge(phase.terms, phase.term, one, len(self._turns)) for one in bought]
            self._pool.expire(span.last - _DAY)
            month.amounts += found
            month.days += (span.last - span.first).days
            self._balances[span.month, plan] = self._pool.balance.copy()

    def _limit(self, found: Nanos, month: _Month, limit: int) -> None:
        """Stop what the organization's monthly limit does not let through."""
        billed = found[COLUMN["billed"]]
        over = np.clip(month.amounts[COLUMN["billed"]] + billed - limit, 0, billed)
        billed -= over
        found[COLUMN["blocked_organization_limit"]] += over

    def _turn(self, span: Span) -> None:
        """Where things stand when a term ends on the span's first day; what lapses then."""
        turn = next((turn for turn in self._skeleton.turns if turn.day == span.first), None)
        if turn is None:
            return
        self._pool.expire(turn.day)
        month = self._months.get((month_of(turn.day), turn.plan))
        used = month.amounts if month else np.zeros((len(AMOUNTS), self._draws), dtype=np.int64)
        spent = used[COLUMN["billed"], :, None].copy()
        closing = tuple(one.with_usage(spent) for one in turn.closing)
        usage, balance = used[:, :, None].copy(), self._pool.balance.copy()
        self._turns.append(replace(turn, usage=usage, closing=closing, balance=balance))
        if any(expiry.lapsed and expiry.day == turn.day for expiry in self._skeleton.expiries):
            self._pool.lapse(turn.day)

    def _charges(self) -> Iterator[Charge]:
        """In the order of days, as the skeleton has them; purchases of a day come last."""
        bought = sorted(self._bought, key=lambda charge: charge.day)
        for charge in self._skeleton.charges:
            if isinstance(charge, CreditCharge):
                continue
            while bought and bought[0].day < charge.day:
                yield bought.pop(0)
            yield charge.with_usage(self._billed(charge)) if isinstance(charge, Arrears) else charge
        yield from bought

    def _billed(self, charge: Arrears) -> Nanos:
        """What is billed of the days of a charge, its part of the month under the plan, shape (draws, 1)."""
        month = self._months.get((month_of(charge.first), charge.plan))
        billed = np.zeros(self._draws, dtype=np.int64)
        if month:
            days = (charge.until - charge.first).days
            whole = month.amounts[COLUMN["billed"]]
            billed = whole if days >= month.days else whole * days // month.days
        return billed[:, None]


def _as_amounts(four: Nanos) -> Nanos:
    """The four amounts of a span, shape (4, draws), as (len(AMOUNTS), draws)."""
    result = np.zeros((len(AMOUNTS), four.shape[1]), dtype=np.int64)
    metered = np.minimum(four[METERED], np.maximum(four[ASKED] - four[INCLUDED], 0))
    billed = np.minimum(four[BILLED], metered)
    for name, values in (
        ("demand", four[ASKED]),
        ("included", np.minimum(four[INCLUDED], four[ASKED])),
        ("metered", metered),
        ("billed", billed),
        ("blocked_allowance", metered - billed),
    ):
        result[COLUMN[name]] = values
    return result
