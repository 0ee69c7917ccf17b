"""The meter: what members use day by day, what seats include of it, what stops them, and where everybody stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from planshift.billing.alerts import (
    ALLOWANCE_USED_UP,
    CREDITS_EXHAUSTED,
    MEMBER_LIMIT,
    NEW_PERIOD,
    NEW_WINDOW,
    ORGANIZATION_LIMIT,
    RENEWAL,
    Alerts,
    Stops,
)
from planshift.billing.contract import Limits
from planshift.billing.credits import CreditPool
from planshift.billing.ledger import AMOUNTS, COLUMN
from planshift.billing.money import UNLIMITED, nano
from planshift.billing.schedule import month_of
from planshift.billing.seats import Seats
from planshift.billing.serving import RunOut, Served, days_below, serve
from planshift.billing.sharing import Nanos, discounted
from planshift.billing.terms import Terms
from planshift.usage.demand import Demand

WEEK = 7


def window_starts(window: str, term_start: date, day: date) -> bool:
    """Does a window of included usage begin on this day (Rulebook I1)?

    ``iso_week`` begins on Mondays, ``week_of_term`` on the weekday on which the term started.
    """
    return day.weekday() == (0 if window == "iso_week" else term_start.weekday())


def next_window(window: str, term_start: date, day: date) -> date:
    """The first day after ``day`` on which a window begins."""
    following = (day + timedelta(days=ahead) for ahead in range(1, WEEK + 1))
    return next(other for other in following if window_starts(window, term_start, other))


class Allowance:
    """What members have used of their window's included usage, nano-dollars of shape (draws, members)."""

    def __init__(self, draws: int, members: int) -> None:
        self._used = np.zeros((draws, members), dtype=np.int64)

    def new_window(self) -> None:
        """Everybody's amount is full again; what was not used is lost."""
        self._used[:] = 0

    def draw(self, available: Nanos, amounts: Nanos, fresh: Collection[int] = ()) -> tuple[Nanos, Nanos]:
        """Included usage by member, and by day what goes beyond it (Rulebook I1).

        included = min(available, amount − used before in the window), day by day

        ``available``: nano-dollars of shape (days, draws, members); ``amounts``: by member; ``fresh``: the indices of
        days on which another window begins. Returns shapes (draws, members) and (days, draws, members).
        """
        beyond = np.empty_like(available)
        included, taken = np.zeros_like(self._used), np.empty_like(self._used)
        left = np.maximum(amounts - self._used, 0)
        held = left.copy()
        # Day by day, so that what is left stays close at hand: running sums over whole stretches take twice as long.
        for day, asked in enumerate(available):
            if day in fresh:
                included += held - left
                self.new_window()
                held[:] = left[:] = amounts
            np.minimum(asked, left, out=taken)
            np.subtract(left, taken, out=left)
            np.subtract(asked, taken, out=beyond[day])
        held -= left
        self._used += held
        included += held
        return included, beyond


class Meter:
    """Usage under the terms in force; arrays are nano-dollars of shape (draws, members) unless they say otherwise."""

    def __init__(self, demand: Demand) -> None:
        self._demand = demand
        self.members, self.draws = demand.members, demand.draws
        self.period_start = demand.start
        self._nothing: Nanos = np.zeros((self.draws, len(self.members)), dtype=np.int64)
        self.spent = self._nothing
        self.member_limits: Nanos = np.full(len(self.members), UNLIMITED, dtype=np.int64)
        self.organization_limit = UNLIMITED
        self._unspent: Nanos = np.full_like(self.spent, UNLIMITED)
        self.usage: dict[tuple[date, str], Nanos] = {}
        self.balances: dict[tuple[date, str], Nanos] = {}
        self.member_alerts = Alerts(self.draws, len(self.members))
        self.organization_alerts = Alerts(self.draws, 1)
        self._by_member_limit = Stops(MEMBER_LIMIT, self.draws, len(self.members))
        self._by_allowance = Stops(ALLOWANCE_USED_UP, self.draws, len(self.members))
        self._by_organization_limit = Stops(ORGANIZATION_LIMIT, self.draws, 1)
        self._by_credits = Stops(CREDITS_EXHAUSTED, self.draws, 1)
        self._allowance = Allowance(self.draws, len(self.members))
        self._shut: Mapping[str, npt.NDArray[np.bool_]] = {}
        self._amounts: Nanos | None = None
        self._discount = Fraction(0)
        self._waits = False
        self._plan = ""

    @property
    def member_stops(self) -> tuple[Stops, ...]:
        """The records of stops of single members."""
        return self._by_member_limit, self._by_allowance

    @property
    def organization_stops(self) -> tuple[Stops, ...]:
        """The records of stops of the whole organization."""
        return self._by_organization_limit, self._by_credits

    # --- turns of the calendar -----------------------------------------------------------------------------------

    def new_period(self, day: date) -> None:
        """Month-to-date spend starts again; limits no longer stop anybody (Rulebook L1, L4)."""
        self.period_start = day
        self.spent = self._nothing
        self.member_alerts.re_arm()
        self.organization_alerts.re_arm()
        self._by_member_limit.end(day.toordinal(), NEW_PERIOD)
        self._by_organization_limit.end(day.toordinal(), NEW_PERIOD)

    def new_window(self, day: date) -> None:
        """Included usage is full again (Rulebook I1)."""
        self._allowance.new_window()
        self._by_allowance.end(day.toordinal(), NEW_WINDOW)

    def close(self, day: date) -> None:
        """The contract closes: spend starts again and every stop ends (Rulebook R1, M3)."""
        self.new_period(day)
        self.new_window(day)
        for stops in (*self.member_stops, *self.organization_stops):
            stops.close(day.toordinal(), RENEWAL)

    def end_credit_stops(self, day: date, resumed_by: str, which: npt.NDArray[np.bool_]) -> None:
        """Credits were bought in some draws, shape (draws, 1)."""
        self._by_credits.end(day.toordinal(), resumed_by, which)

    # --- what is in force ----------------------------------------------------------------------------------------

    def apply_terms(self, terms: Terms, seats: Seats, limits: Limits, day: date, changed_by: str) -> None:
        """Use what is in force on a day; a stop ends where its limit took another value (Rulebook L4, M3)."""
        held = SeatAssignments.of(list(map(seats.assigned.get, self.members)))
        self._plan = terms.plan.id
        opened = {seat: terms.surfaces(seat, day).value if seat else () for seat in held.types}
        opens = {surface: held.opens(surface, opened) for surface in self._demand.by_surface}
        self._shut = {surface: ~members for surface, members in opens.items() if not members.all()}
        self._discount = Fraction(terms.usage_discount(day).value)
        self._waits = terms.plan.seat_based and not terms.extra_usage(day).value
        self._amounts = None
        if terms.plan.seat_based:
            self._amounts = held.by_seat(lambda seat: nano(terms.included(seat, day).value) if seat else 0)
        amounts, which = self._each_limit(held, limits)
        own = np.array(amounts, dtype=np.int64).take(which)
        today = day.toordinal()
        self._by_member_limit.end(today, changed_by, own != self.member_limits)
        if limits.organization != self.organization_limit:
            self._by_organization_limit.end(today, changed_by)
        self.member_limits, self.organization_limit = own, limits.organization
        self._unspent = np.tile(own, (self.draws, 1))
        thresholds = terms.alert_thresholds(day)
        self.member_alerts.watch(amounts, which, thresholds, self.spent)
        pooled = self.spent.sum(axis=1)[:, None]
        self.organization_alerts.watch([limits.organization], np.zeros(1, dtype=np.intp), thresholds, pooled)

    def _each_limit(self, held: SeatAssignments, limits: Limits) -> tuple[list[int], npt.NDArray[np.intp]]:
        """The limits that members have, and which of them is each member's (Rulebook L1)."""
        amounts, which = [limits.of("", seat) for seat in held.types], held.codes.copy()
        for member, limit in limits.members.items() if self.members else ():
            which[self.members.index(member)] = len(amounts)
            amounts.append(limit)
        return amounts, which

    # --- usage ---------------------------------------------------------------------------------------------------

    @property
    def waits_for_windows(self) -> bool:
        """Does a new window end somebody's waiting, now or in the days to come?"""
        return self._waits or self._by_allowance.any_open

    def use(self, day: date, until: date, pool: CreditPool | None, windows: Iterable[date] = ()) -> Nanos | None:
        """Meter the days from ``day`` up to, not including, ``until``, on which nothing else happens.

        ``windows``: days after the first one on which a window of included usage begins, if nobody waits for one.

        availability (U4) → included usage (I1) → discount (U5) → member limit → organization limit, credits (L6) →
        alerts

        Returns what was served to all members so far, by day and draw, where a ``pool`` of credits is to pay for it.
        """
        book = self._book(day)
        if not self.members and self.organization_limit and pool is None:
            return None  # Nobody uses anything, and nothing is reached.
        rows = self._demand.between(day, until)
        available, unavailable = self._demand.available(rows, self._shut)
        beyond = available
        if self._amounts is not None:
            fresh = {(window - day).days for window in windows}
            included, beyond = self._allowance.draw(available, self._amounts, fresh)
            book[COLUMN["included"]] += included
        metered = discounted(beyond, self._discount)
        asked: Nanos = metered.sum(axis=0)
        book[COLUMN["metered"]] += asked
        demand = asked if metered is beyond else beyond.sum(axis=0)
        if self._amounts is not None:
            demand = demand + included
        if self._shut:
            book[COLUMN["unavailable"]] += unavailable
            demand = demand + unavailable
        book[COLUMN["demand"]] += demand
        if not self._waits:
            return self._serve(metered, asked, book, day, pool)
        self._wait(metered, asked, book, day)
        return None

    def asked(self, day: date, until: date) -> Nanos:
        """What everybody together asks for on each of some days, at list price, shape (days, draws)."""
        return self._demand.pooled[self._demand.between(day, until)]

    def booked(self, day: date) -> Nanos:
        """What usage came to so far in a day's month under the plan in force, shape (len(AMOUNTS), draws, members)."""
        return self._book(day).copy()

    def _book(self, day: date) -> Nanos:
        key = (month_of(day), self._plan)
        if key not in self.usage:
            self.usage[key] = np.zeros((len(AMOUNTS), self.draws, len(self.members)), dtype=np.int64)
        return self.usage[key]

    def _wait(self, metered: Nanos, asked: Nanos, book: Nanos, day: date) -> None:
        """Without extra usage, whoever has used the window's amount up waits for the next (Rulebook I2)."""
        book[COLUMN["blocked_allowance"]] += asked
        places = np.flatnonzero(asked)
        days = (metered.reshape(len(metered), -1)[:, places] > 0).argmax(axis=0)
        self._by_allowance.begin(places, days + day.toordinal())
        # Nobody spends, but a limit may have changed.
        self.member_alerts.catch_up(day.toordinal(), self.spent)
        self.organization_alerts.catch_up(day.toordinal(), self.spent.sum(axis=1)[:, None])

    def _serve(self, metered: Nanos, asked: Nanos, book: Nanos, day: date, pool: CreditPool | None) -> Nanos | None:
        """Returns what was served to all members so far, by day and draw."""
        spent, left, reach, pooled = None, self._unspent, asked, np.zeros(self.draws, dtype=np.int64)
        if day != self.period_start:
            # The usual stretch is a whole period, in which nobody has spent anything yet.
            spent, left = self.spent, np.maximum(self.member_limits - self.spent, 0)
            reach, pooled = spent + asked, spent.sum(axis=1)
        limit_left = room = np.maximum(self.organization_limit - pooled, 0)
        if pool and not pool.reloads:
            room = np.minimum(room, pool.balance)
        # Credits are drawn down day by day; else the organization's days matter from its next alert on.
        next_alert = self.organization_alerts.next_at(pooled[:, None])[:, 0] - pooled
        served = serve(
            metered,
            asked,
            left,
            room,
            watched=reach >= self.member_alerts.next_at(self.spent),
            marks=partial(self.member_alerts.to_go, spent=spent),
            quiet=np.full_like(room, -1) if pool else np.minimum(room, next_alert - 1),
        )
        self._note(served, None if spent is None else pooled[:, None], day, len(metered))
        self.spent = served.total if spent is None else spent + served.total
        book[COLUMN["billed"]] += served.total
        book[COLUMN["blocked_member_limit"]] += served.blocked_member
        if served.run_out:
            self._stop_pool(served.run_out, room < limit_left, book, day)
        return served.pool_by_day

    def _stop_pool(self, run_out: RunOut, by_credits: npt.NDArray[np.bool_], book: Nanos, day: date) -> None:
        """Enter what the pool blocked under its cause, in the draws in which it ran out."""
        short = by_credits[run_out.draws]
        for record, column, draws in (
            (self._by_credits, "blocked_credits", run_out.draws[short]),
            (self._by_organization_limit, "blocked_organization_limit", run_out.draws[~short]),
        ):
            record.begin(draws, run_out.day[draws] + day.toordinal())
            book[COLUMN[column], draws] += run_out.blocked[draws]

    def _note(self, served: Served, pooled: Nanos | None, day: date, days: int) -> None:
        """Put the alerts of a stretch on record, and the members whom their own limit stops."""
        first = day.toordinal()
        self.member_alerts.notice(first, served.places, served.reached, days)
        self._by_member_limit.begin(served.limited, served.limited_since + np.int64(first))
        if served.pool_by_day is not None:
            draws = np.arange(self.draws)
            to_go = self.organization_alerts.to_go(draws, pooled)
            self.organization_alerts.notice(first, draws, days_below(served.pool_by_day, to_go), days)

    def keep_balance(self, day: date, pool: CreditPool) -> None:
        """Note the credits left at the end of a stretch, for the month's row."""
        self.balances[month_of(day), self._plan] = pool.balance.copy()


@dataclass(frozen=True)
class SeatAssignments:
    """Which seat type each member has: ``codes`` by member index ``types``; None stands for no seat."""

    types: tuple[str | None, ...]
    codes: npt.NDArray[np.intp]

    @classmethod
    def of(cls, held: list[str | None]) -> SeatAssignments:
        """From the seat types by member."""
        if held and held.count(held[0]) == len(held):
            # The usual case is worth a short way: nearly all of a run's set-up is spent on looking members up.
            return cls((held[0],), np.zeros(len(held), dtype=np.intp))
        code = {seat: number for number, seat in enumerate(dict.fromkeys(held))}
        return cls(tuple(code), np.fromiter(map(code.__getitem__, held), dtype=np.intp, count=len(held)))

    def by_seat(self, amount: Callable[[str | None], int]) -> Nanos:
        """By member, what their seat type says, nano-dollars."""
        return np.array([amount(seat) for seat in self.types], dtype=np.int64)[self.codes]

    def opens(self, surface: str, opened: Mapping[str | None, Collection[str]]) -> npt.NDArray[np.bool_]:
        """By member, does their seat open a surface (Rulebook U4)?"""
        return np.array([surface in opened[seat] for seat in self.types], dtype=np.bool_)[self.codes]
