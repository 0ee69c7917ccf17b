"""Prepaid credits: how they are bought, used oldest first, and lost, in every draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from planshift.billing.contract import AutoReload, CreditSettings
from planshift.billing.money import dollars
from planshift.billing.schedule import months_after
from planshift.billing.sharing import Nanos
from planshift.plans.bounds import MOST_RELOADS
from planshift.problems import InputError


class Lots:
    """What is left of credits in each draw, by purchase: used up in the order of buying, gone on a day of their own."""

    def __init__(self, gone: int, amounts: Nanos) -> None:
        self._gone = np.array([gone])
        self._left = amounts[None].copy()

    def add(self, gone: int, amounts: Nanos) -> None:
        """Credits bought, nano-dollars of shape (draws,); they are gone on a day (an ordinal)."""
        self._gone = np.append(self._gone, gone)
        self._left = np.concatenate((self._left, amounts[None]))

    def use(self, used: Nanos) -> None:
        """Take what was used, shape (draws,), from the oldest; there is as much."""
        older = np.cumsum(self._left, axis=0) - self._left
        self._keep(self._left - np.clip(used - older, 0, self._left))

    def expire(self, today: int) -> Nanos:
        """Drop what is gone by a day (an ordinal); the amounts dropped, shape (draws,)."""
        gone = self._gone <= today
        expired: Nanos = self._left[gone].sum(axis=0)
        if gone.any():
            self._left[gone] = 0
            self._keep(self._left)
        return expired

    @property
    def first(self) -> int:
        """The first day (an ordinal) on which something is gone; far off where nothing is left."""
        return int(self._gone.min(initial=date.max.toordinal()))

    def _keep(self, left: Nanos) -> None:
        held = left.any(axis=1)
        self._gone, self._left = self._gone[held], left[held]


FAR = date.max.toordinal()

Times = npt.NDArray[np.int64]
Which = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Purchases:
    """Credits bought on a day on the same occasion: an amount in nano-dollars, ``times`` over in each draw.

    ``times`` has the shape (draws,); each time is a purchase of its own (Rulebook C1). ``expires``: the day from which
    what is left of it is gone (Rulebook C3), None where there is no such day.
    """

    day: date
    amount: int
    occasion: str
    times: Times
    expires: date | None = None


@dataclass(frozen=True)
class Expiry:
    """Credits gone on a day, nano-dollars of shape (draws,): ``lapsed`` all at a renewal (Rulebook C4), or expired."""

    day: date
    amounts: Nanos
    lapsed: bool = False


class CreditPool:
    """The organization's credits in each draw, nano-dollars of shape (draws,)."""

    def __init__(self, draws: int) -> None:
        self.settings = CreditSettings()
        self.balance: Nanos = np.zeros(draws, dtype=np.int64)
        self.expired: Nanos = np.zeros(draws, dtype=np.int64)
        self.expiries: list[Expiry] = []
        self._expiry_months: int | None = None
        self._lots: Lots | None = None
        self._due = _Due(len(self.balance))
        self._known_out: Which = np.zeros(draws, dtype=np.bool_)

    def set_up(self, settings: CreditSettings, expiry_months: int | None) -> None:
        """Take on how credits are bought from now on and how long those last; what is due by reaction stays due."""
        self.settings = settings
        self._expiry_months = expiry_months

    def close(self) -> None:
        """The contract closes: purchases waiting by reaction are dropped, what is left stays (Rulebook C4)."""
        self._due = _Due(len(self.balance))
        self._known_out[:] = False

    def lapse(self, day: date) -> None:
        """Every credit left is gone (Rulebook C4, where a plan says so)."""
        self.expiries.append(Expiry(day, self.balance.copy(), lapsed=True))
        self.expired += self.balance
        self.balance[:] = 0
        self._lots = None

    def buy(self, day: date, amount: int, occasion: str, which: Which | None = None) -> list[Purchases]:
        """Credits bought in some draws, or in all."""
        times = np.ones(len(self.balance), dtype=np.int64) if which is None else which.astype(np.int64)
        self._put_by(day, times * amount)
        self.balance += times * amount
        self._known_out &= times == 0
        self._due.answer(times > 0)
        return [Purchases(day, amount, occasion, times, self._expires(day))]

    def _expires(self, day: date) -> date | None:
        """The day from which credits bought on a day are gone (Rulebook C3)."""
        return months_after(day, self._expiry_months) if self._expiry_months else None

    def _put_by(self, day: date, amounts: Nanos) -> None:
        """Remember which credits go when; nothing to remember as long as none of them ever do."""
        if self._expiry_months and self._lots is None:
            self._lots = Lots(FAR, self.balance)
        if self._lots is not None:
            expires = self._expires(day)
            self._lots.add(expires.toordinal() if expires else FAR, amounts)

    def open_day(self, day: date) -> list[Purchases]:
        """What a day begins with: credits that expire, then purchases due by reaction (Rulebook C2, C3)."""
        today = day.toordinal()
        if self._lots is not None:
            gone = self._lots.expire(today)
            if gone.any():
                self.expiries.append(Expiry(day, gone))
            self.balance -= gone
            self.expired += gone
        bought: list[Purchases] = []
        for amount, which in self._due.by(today):
            bought += self.buy(day, amount, "when_exhausted", which)
        return bought

    def unchanged_until(self, day: date, asked: Callable[[], Nanos]) -> date:
        """A day up to which nothing can expire or be bought by reaction, counted from ``day``; always after it.

        ``asked`` says the most that everybody together may use on each of the next days, shape (days, draws).
        """
        today = day.toordinal()
        known = self._due.first
        if self._lots is not None:
            known = min(known, self._lots.first)
        if self.settings.when_exhausted:
            known = min(known, today + self._days_left(asked()) + self.settings.when_exhausted.after_days)
        return date.fromordinal(max(today + 1, min(known, FAR)))

    def _days_left(self, asked: Nanos) -> int:
        """For so many days, at least, no draw can newly run out."""
        if self.reloads:
            return 0
        waiting = ~self._known_out
        runs_out = (np.cumsum(asked[:, waiting], axis=0) >= self.balance[waiting]).any(axis=1)
        return int(np.argmax(runs_out)) if np.any(runs_out) else len(asked)

    @property
    def reloads(self) -> AutoReload | None:
        """The auto reload that keeps usage from stopping, if any."""
        return self.settings.auto_reload

    def draw_down(self, day: date, served: Nanos) -> list[Purchases]:
        """Take what a stretch used from the balance, and buy by auto reload where it falls too low (Rulebook C1, C2).

        ``served`` (days, draws): nano-dollars served so far, cumulative; the stretch begins on ``day``.
        """
        times = np.zeros_like(served)
        bought: list[Purchases] = []
        if self.reloads:
            rule = self.reloads
            # n purchases so far, the fewest with balance + n × amount − served so far ≥ below.
            so_far = np.maximum(-(-(rule.below + served - self.balance) // rule.amount), 0)
            times = np.diff(so_far, axis=0, prepend=0)
            _check_reloads(rule, day, times)
            for ahead in np.flatnonzero(times.any(axis=1)):
                today = date.fromordinal(day.toordinal() + int(ahead))
                bought.append(Purchases(today, rule.amount, "auto_reload", times[ahead], self._expires(today)))
            self._due.answer(times.any(axis=0))
        self._take(served, bought)
        self._notice_exhaustion(day, times, served)
        self.balance = self._left(times, served)[-1]
        return bought

    def _left(self, times: Times, served: Nanos) -> Nanos:
        """The balance at the end of each day of a stretch, shape (days, draws)."""
        amount = self.reloads.amount if self.reloads else 0
        left: Nanos = self.balance + np.cumsum(times, axis=0) * amount - served
        return left

    def _take(self, served: Nanos, bought: list[Purchases]) -> None:
        """Put by what a stretch bought, and take what it used from the oldest credits first (Rulebook C3).

        Whether use or a later purchase comes first makes no difference: older credits go before newer ones.
        """
        for purchases in bought:
            self._put_by(purchases.day, purchases.times * purchases.amount)
        if self._lots is not None:
            self._lots.use(served[-1])

    def _notice_exhaustion(self, day: date, times: Times, served: Nanos) -> None:
        """A balance of zero at the end of a day is noticed once; then a reaction falls due (Rulebook C2)."""
        out = self._left(times, served) == 0
        reaction = self.settings.when_exhausted
        if reaction:
            known = np.concatenate((self._known_out[None], out[:-1])) & (times == 0)
            for ahead, draw in np.argwhere(out & ~known):
                self._due.add(day.toordinal() + int(ahead) + reaction.after_days, int(draw), reaction.buy)
        self._known_out = out[-1]


def _check_reloads(rule: AutoReload, day: date, times: Times) -> None:
    """InputError where one day of a stretch that begins on ``day`` buys more often than anybody lets a card pay."""
    most = int(times.max(initial=0))
    if most > MOST_RELOADS:
        ahead = int(times.max(axis=1).argmax())
        fact = f"{day + timedelta(days=ahead)} takes {most:,} reloads of {dollars(rule.amount):,.2f} dollars"
        raise InputError.at(rule.place, fact, f"raise the amount, so that {MOST_RELOADS:,} a day suffice")


class _Due:
    """The purchase by reaction that waits in each draw: its day (an ordinal; FAR where none waits) and its amount."""

    def __init__(self, draws: int) -> None:
        self._days = np.full(draws, FAR)
        self._amounts = np.zeros(draws, dtype=np.int64)

    def add(self, day: int, draw: int, amount: int) -> None:
        """A purchase in a draw falls due on a day."""
        self._days[draw], self._amounts[draw] = day, amount

    def answer(self, which: Which) -> None:
        """Some draws have bought credits of whatever kind: nothing waits there any more."""
        self._days[which] = FAR

    @property
    def first(self) -> int:
        """The first day on which something falls due."""
        return int(self._days.min(initial=FAR))

    def by(self, day: int) -> list[tuple[int, Which]]:
        """What has fallen due by a day: amounts, and the draws in which each is bought."""
        due = self._days <= day
        return [(int(amount), due & (self._amounts == amount)) for amount in np.unique(self._amounts[due])]
