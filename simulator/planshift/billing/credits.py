"""Prepaid credits: bought, drawn down by everybody, gone after a time, and bought again when they run out."""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from planshift.billing.calendar import months_after
from planshift.billing.contract import AutoReload, CreditSettings
from planshift.billing.sharing import Nanos

FAR = date.max.toordinal()


@dataclass(frozen=True)
class Purchase:
    """Credits bought: a day, an amount in nano-dollars, in which draw, why, and the stage of the day (Rulebook C1)."""

    day: date
    draw: int
    amount: int
    reason: str


class CreditPool:
    """The organization's credits in each draw, nano-dollars of shape (draws,)."""

    def __init__(self, draws: int) -> None:
        self.settings = CreditSettings()
        self.balance: Nanos = np.zeros(draws, dtype=np.int64)
        self.expired: Nanos = np.zeros(draws, dtype=np.int64)
        self._expiry_months: int | None = None
        self._lots: list[deque[list[int]]] = [deque() for _ in range(draws)]
        self._tracks_lots = False
        self._due: list[list[tuple[int, int]]] = [[] for _ in range(draws)]
        self._known_out: npt.NDArray[np.bool_] = np.zeros(draws, dtype=np.bool_)

    def set_up(self, settings: CreditSettings, expiry_months: int | None) -> None:
        """Take on how credits are bought from now on and how long those last; what is due by reaction stays due."""
        self.settings = settings
        self._expiry_months = expiry_months

    def close(self) -> None:
        """The contract closes: purchases waiting by reaction are dropped, what is left stays (Rulebook C4)."""
        self._due = [[] for _ in self._due]
        self._known_out[:] = False

    def lapse(self) -> None:
        """Every credit left is gone (Rulebook C4, where a plan says so)."""
        self.expired += self.balance
        self.balance[:] = 0
        self._lots = [deque() for _ in self._lots]
        self._tracks_lots = False

    def buy(self, day: date, amount: int, reason: str, draws: npt.NDArray[np.intp] | None = None) -> list[Purchase]:
        """Credits bought in some draws, or in all."""
        chosen = np.arange(len(self.balance)) if draws is None else draws
        self._put_by(chosen, day, amount)
        self.balance[chosen] += amount
        self._known_out[chosen] = False
        return [Purchase(day, int(draw), amount, reason) for draw in chosen]

    def _put_by(self, draws: npt.NDArray[np.intp], day: date, amount: int) -> None:
        """Remember which credits go when; nothing to remember as long as none of them ever do."""
        if self._expiry_months and not self._tracks_lots:
            self._tracks_lots = True
            self._lots = [deque([[FAR, int(left)]] if left else []) for left in self.balance]
        if self._tracks_lots:
            gone = months_after(day, self._expiry_months).toordinal() if self._expiry_months else FAR
            for draw in draws:
                self._lots[draw].append([gone, amount])

    def open_day(self, day: date) -> list[Purchase]:
        """What a day begins with: credits that expire, then purchases due by reaction (Rulebook C2, C3)."""
        today = day.toordinal()
        bought: list[Purchase] = []
        if not self._tracks_lots and not any(self._due):
            return bought
        for draw, lots in enumerate(self._lots):
            self._expire(draw, lots, today)
            while self._due[draw] and self._due[draw][0][0] <= today:
                _, amount = self._due[draw].pop(0)
                if not self.balance[draw]:
                    bought += self.buy(day, amount, "when_exhausted", np.array([draw]))
        return bought

    def _expire(self, draw: int, lots: deque[list[int]], today: int) -> None:
        gone = sum(amount for day, amount in lots if day <= today)
        if gone:
            self._lots[draw] = deque(lot for lot in lots if lot[0] > today)
            self.balance[draw] -= gone
            self.expired[draw] += gone

    def unchanged_until(self, day: date) -> date:
        """A day up to which nothing can expire or be bought by reaction, counted from ``day``; always after it."""
        today = day.toordinal()
        known = [due[0][0] for due in self._due if due]
        known += [day for lots in self._lots for day, _ in lots]
        if self.settings.when_exhausted:
            known.append(today + self.settings.when_exhausted.after_days)
        return date.fromordinal(max(today + 1, min(known, default=FAR)))

    @property
    def reloads(self) -> AutoReload | None:
        """The auto reload that keeps usage from stopping, if any."""
        return self.settings.auto_reload

    def draw_down(self, day: date, served: Nanos) -> list[Purchase]:
        """Take what a stretch used from the balance, and buy by auto reload where it falls too low (Rulebook C1, C2).

        ``served`` (days, draws): nano-dollars served so far, cumulative; the stretch begins on ``day``.
        """
        daily = np.diff(served, axis=0, prepend=0)
        bought: list[Purchase] = []
        for ahead, used in enumerate(daily):
            today = date.fromordinal(day.toordinal() + ahead)
            if self.reloads:
                bought += self._reload(self.reloads, today, used)
            self._use(used)
            self._notice_exhaustion(today)
        return bought

    def _reload(self, rule: AutoReload, day: date, used: Nanos) -> list[Purchase]:
        """n purchases, the fewest with balance + n × amount − used ≥ below."""
        short = rule.below + used - self.balance
        times = np.maximum(-(-short // rule.amount), 0)
        bought: list[Purchase] = []
        for draw in np.flatnonzero(times):
            for _ in range(int(times[draw])):
                bought += self.buy(day, rule.amount, "auto_reload", np.array([draw]))
        return bought

    def _use(self, used: Nanos) -> None:
        self.balance -= used
        if not self._tracks_lots:
            return
        for draw in np.flatnonzero(used):
            rest, lots = int(used[draw]), self._lots[draw]
            while rest:
                taken = min(rest, lots[0][1])
                lots[0][1] -= taken
                rest -= taken
                if not lots[0][1]:
                    lots.popleft()

    def _notice_exhaustion(self, day: date) -> None:
        out = self.balance == 0
        reaction = self.settings.when_exhausted
        if reaction:
            for draw in np.flatnonzero(out & ~self._known_out):
                # After a renewal with other settings, what was noticed later may be due earlier.
                insort(self._due[draw], (day.toordinal() + reaction.after_days, reaction.buy), key=itemgetter(0))
        self._known_out = out
