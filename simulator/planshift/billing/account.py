"""One organization's account, carried day by day through a run: the order of a day, from the rulebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import numpy as np

from planshift.billing.alerts import CREDITS_BOUGHT, LIMIT_CHANGED, RENEWAL
from planshift.billing.charges import (
    SEAT_ADDITION,
    SEAT_FEE,
    Arrears,
    Charge,
    Kind,
    SeatCharge,
    credit_charge,
    seat_charges,
    seat_credits,
    usage_charge,
)
from planshift.billing.contract import (
    AddSeats,
    Agreed,
    Assign,
    BuyCredits,
    Contract,
    CreditSettings,
    Event,
    Migrate,
    RemoveSeats,
    SetLimits,
)
from planshift.billing.credits import CreditPool, Purchases
from planshift.billing.ledger import AMOUNTS, EndOfDay, Ledger, Phase, Snapshot, TermEnd
from planshift.billing.meter import Meter, next_window, window_starts
from planshift.billing.minimum import minimum_charge
from planshift.billing.renewal import Renewed, carries_over, gone_on, renewed
from planshift.billing.schedule import DAY, month_of, next_month
from planshift.billing.seats import Seats
from planshift.billing.terms import CONTRACT, Terms
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Sourced
from planshift.problems import InputError
from planshift.usage.demand import Demand


def bill(
    contract: Contract,
    seats: Seats,
    demand: Demand,
    events: Sequence[Event],
    catalogue: Catalogue,
    *,
    counterfactual: bool = False,
    earlier: Sequence[Event] = (),
    by_day: bool = False,
) -> Ledger:
    """What a contract makes of a demand over all of its days: the ledger.

    ``seats`` says what is held and assigned on the demand's first day; ``events`` happen inside its days, ``earlier``
    ones happened before them in the same term. With
    ``counterfactual`` a plan that ends at its renewal goes on as it was (Rulebook P2). ``by_day``: the ledger also has
    what became of each day's usage, for explanations. Raises InputError where an event cannot happen (a migration that
    the plan does not allow, fewer seats than members).
    """
    account = Account(
        contract, seats, demand, events, catalogue, counterfactual=counterfactual, earlier=earlier, by_day=by_day
    )
    return account.run()


def _charged_before(contract: Contract, events: Iterable[Event], start: date) -> tuple[SeatCharge, ...]:
    """What was charged for seats in the contract's term before a run's first day (Rulebook H1)."""
    terms, term = Terms.of(contract), contract.term
    charges = seat_charges(SEAT_FEE, terms, contract.seats, term, term.start) if term.start < start else ()
    for event in events:
        if event.day < start and isinstance(event.action, AddSeats):
            charges += seat_charges(SEAT_ADDITION, terms, event.action.seats, term, event.day)
    return charges


class Account:
    """The state of a run; everything it finds goes into a ledger."""

    def __init__(
        self,
        contract: Contract,
        seats: Seats,
        demand: Demand,
        events: Sequence[Event],
        catalogue: Catalogue,
        *,
        counterfactual: bool,
        earlier: Sequence[Event],
        by_day: bool,
    ) -> None:
        self._start, self._end = demand.start, demand.end
        self._catalogue = catalogue
        self._counterfactual = counterfactual
        self._terms = self._metered_under = Terms.of(contract)
        self._term = contract.term
        self._seats = seats
        self._limits = contract.limits
        self._agreed = contract.renewal
        self._settings = contract.credits
        self._pool = CreditPool(demand.draws)
        self._meter = Meter(demand)
        self._events: Mapping[date, list[Event]] = {
            day: list(found) for day, found in groupby(sorted(events, key=lambda e: e.day), key=lambda e: e.day)
        }
        self._opening = _charged_before(contract, earlier, demand.start)
        self._charges: list[Charge] = []
        self._charged_in_term: list[SeatCharge] = [*self._opening]
        self._phases: list[Phase] = []
        self._turns: list[TermEnd] = []
        self._warnings: list[str] = []
        self._past_end = False
        self._paid_ahead = False
        self._days: dict[date, EndOfDay] | None = {} if by_day else None

    def run(self) -> Ledger:
        """Every day in turn; days on which nothing but usage happens are taken together."""
        with np.errstate():
            np.setbufsize(256)
            return self._run()

    def _run(self) -> Ledger:
        day = self._start
        self._open(day)
        while day < self._end:
            self._begin(day)
            if self._days is None:
                until = self._next_turn(day)
                self._use(day, until)
            else:
                until = day + DAY
                self._days[day] = self._used_on(day)
            day = until
        self._close_books()
        return self._ledger()

    # --- the beginning and the end -------------------------------------------------------------------------------

    def _open(self, day: date) -> None:
        if day == self._term.start:
            self._charge_seats(SEAT_FEE, self._seats.held, day)
        self._set_up_credits(self._settings, day)

    def _close_books(self) -> None:
        """A usage period, or a contract, that ends with the run is still invoiced, on the day after (Rulebook A2)."""
        if self._end.day == 1 or (self._end == self._term.renewal and self._closes_at(self._end)):
            self._charges += self._arrears(self._end)
            self._meter.period_start = self._end

    def _closes_at(self, day: date) -> bool:
        if self._counterfactual and self._terms.plan.legacy(day):
            return False
        channel = self._agreed.channel or self._terms.channel
        return self._terms.plan.legacy(day) or channel != self._terms.channel

    # --- the order of a day --------------------------------------------------------------------------------------

    def _begin(self, day: date) -> None:
        """Renewal, new usage period, due purchases, the day's events, as listed."""
        if day == self._term.renewal:
            self._renew(day)
            self._meter.apply_terms(self._terms, self._seats, self._limits, day, RENEWAL)
        if day.day == 1 and day != self._start:
            self._charges += self._arrears(day)
            self._meter.new_period(day)
        if self._terms.plan.seat_based and window_starts(self._window(day), self._term.start, day):
            self._meter.new_window(day)
        self._bought(self._pool.open_day(day))
        for event in self._events.get(day, ()):
            self._happen(event)
        if day in (self._start, self._term.start) or day in self._events or day in self._terms.plan.change_dates:
            self._remember(day)
            self._meter.apply_terms(self._terms, self._seats, self._limits, day, LIMIT_CHANGED)
            self._paid_ahead, self._metered_under = self._terms.prepaid_on(day), self._terms

    def _next_turn(self, day: date) -> date:
        """The next day that begins with more than usage."""
        turns = [self._end, next_month(day)]
        turns += [other for other in self._events if other > day]
        turns += [other for other in self._terms.plan.change_dates if other > day]
        if self._term.renewal > day:
            turns.append(self._term.renewal)
        if self._terms.plan.seat_based and self._meter.waits_for_windows:
            turns.append(next_window(self._window(day), self._term.start, day))
        until = min(turns)
        return min(until, self._pool.unchanged_until(day, lambda: self._meter.asked(day, until)))

    def _use(self, day: date, until: date) -> None:
        pool = self._pool if self._paid_ahead else None
        served = self._meter.use(day, until, pool, self._windows(day, until))
        if pool is not None and served is not None:
            self._bought(pool.draw_down(day, served))
        self._meter.keep_balance(day, self._pool)

    def _used_on(self, day: date) -> EndOfDay:
        """Use a day by itself, and say what became of it."""
        before = self._meter.booked(day)
        self._use(day, day + DAY)
        return EndOfDay(self._meter.booked(day) - before, self._pool.balance.copy(), self._pool.expired.copy())

    def _windows(self, day: date, until: date) -> Iterator[date]:
        """The days between two others on which a window of included usage begins."""
        while self._terms.plan.seat_based and (day := next_window(self._window(day), self._term.start, day)) < until:
            yield day

    def _window(self, day: date) -> str:
        return str(self._terms.plan.value("included_usage.window", day))

    # --- charges -------------------------------------------------------------------------------------------------

    def _charge_seats(self, kind: Kind, seats: Mapping[str, int], day: date) -> None:
        charges = seat_charges(kind, self._terms, seats, self._term, day, len(self._turns))
        self._charges += charges
        self._charged_in_term += charges

    def _arrears(self, day: date) -> tuple[Arrears, ...]:
        """What the usage period so far comes to, where usage is paid in arrears (Rulebook A1, A3)."""
        first = self._meter.period_start
        if first == day or self._paid_ahead:
            return ()
        meter, ended = self._meter, len(self._turns)
        usage = usage_charge(self._metered_under, self._term, first, day, meter.spent, meter.members, ended)
        minimum = minimum_charge(usage)
        return (usage,) if minimum is None else (usage, minimum)

    def _bought(self, bought: list[Purchases]) -> None:
        for purchases in bought:
            self._charges.append(credit_charge(self._terms, self._term, purchases, len(self._turns)))
            self._meter.end_credit_stops(purchases.day, CREDITS_BOUGHT, purchases.times[:, None] > 0)

    def _set_up_credits(self, settings: CreditSettings, day: date) -> None:
        self._settings = settings
        if not self._terms.prepaid_on(day):
            self._pool.set_up(CreditSettings(), None)
            return
        self._pool.set_up(settings, self._terms.expiry_months(settings.expiry_months, day))
        if settings.initial:
            self._bought(self._pool.buy(day, settings.initial, "initial"))

    # --- events --------------------------------------------------------------------------------------------------

    def _happen(self, event: Event) -> None:
        day, action = event.day, event.action
        if isinstance(action, AddSeats):
            self._seats = self._seats.added(action.seats)
            self._charge_seats(SEAT_ADDITION, action.seats, day)
        elif isinstance(action, RemoveSeats):
            self._seats = self._seats.given_up(action.seats)
        elif isinstance(action, Assign):
            self._seats = self._seats.with_assigned(action.members)
        elif isinstance(action, BuyCredits):
            self._bought(self._pool.buy(day, action.amount, "by_date"))
        elif isinstance(action, SetLimits):
            self._limits = self._limits.changed(action.change)
        else:
            self._migrate(action, event)

    def _migrate(self, action: Migrate, event: Event) -> None:
        """The move before the renewal: close, credit what the plan or the customer says, start anew (Rulebook R3)."""
        plan, day = self._terms.plan, event.day
        if not plan.value("early_migration.allowed", day):
            fact = f"on {day} the contract is on '{plan.id}', which cannot move before its renewal (Rulebook R3)"
            raise InputError.at(event.place, fact, "remove the event, or wait for the renewal")
        listed = plan.on("early_migration.credit", day)
        credit = Sourced(action.credit, reference=CONTRACT) if action.credit else listed
        self._turn(day, early=True)
        self._close_contract(day)
        if credit.value == "prorated":
            self._charges += seat_credits(self._charged_in_term, self._terms, day, credit, len(self._turns))
        after = renewed(self._terms, self._seats, self._agreed, day, self._catalogue)
        self._begin_term(after, day)

    # --- renewal -------------------------------------------------------------------------------------------------

    def _renew(self, day: date) -> None:
        if self._counterfactual and self._terms.plan.legacy(day):
            after = gone_on(self._terms, self._seats, day)
        else:
            after = renewed(self._terms, self._seats, self._agreed, day, self._catalogue)
        self._turn(day, early=False)
        if after.closes:
            self._close_contract(day)
        self._begin_term(after, day)

    def _close_contract(self, day: date) -> None:
        self._charges += self._arrears(day)
        self._meter.close(day)
        self._pool.close()

    def _begin_term(self, after: Renewed, day: date) -> None:
        old = self._terms
        gone_on_as_it_was = after.terms is old
        self._terms, self._seats = after.terms, after.seats
        self._term = self._term.followed(day, int(after.terms.plan.value("term_months", day)))
        self._warnings += after.warnings
        if after.limits is not None:
            self._limits = after.limits
        self._charged_in_term = []
        self._charge_seats(SEAT_FEE, self._seats.held, day)
        if not gone_on_as_it_was:
            self._renew_credits(old, after.closes, day)
        self._agreed = self._agreed.later or Agreed()
        self._past_end = self._past_end or gone_on_as_it_was

    def _renew_credits(self, old: Terms, closes: bool, day: date) -> None:
        """Credits left stay or lapse (C4); how they are bought is agreed anew, goes on, or starts from nothing."""
        fate = old.plan.find("credits.at_renewal", day)
        if fate is not None and fate.value == "lapse":
            self._pool.lapse(day)
        if self._agreed.credits is not None:
            self._set_up_credits(self._agreed.credits, day)
        elif closes or not carries_over(old, "credits", day):
            self._set_up_credits(CreditSettings(), day)

    def _turn(self, day: date, *, early: bool) -> None:
        """Put on record how a term ends, for whoever asks what there would be if nothing came after it."""
        meter, plan = self._meter, self._terms.plan.id
        used = meter.usage.get((month_of(day), plan))
        self._turns.append(
            TermEnd(
                day=day,
                early=early,
                plan=plan,
                prepaid=self._paid_ahead,
                closing=self._arrears(day),
                usage=np.zeros((len(AMOUNTS), *meter.spent.shape), dtype=np.int64) if used is None else used.copy(),
                balance=self._pool.balance.copy(),
            )
        )

    # --- what comes out ------------------------------------------------------------------------------------------

    def _remember(self, day: date) -> None:
        self._phases.append(
            Phase(day, self._terms, self._term, self._seats, self._limits, self._settings, self._past_end)
        )

    def _ledger(self) -> Ledger:
        meter = self._meter
        return Ledger(
            start=self._start,
            end=self._end,
            members=meter.members,
            draws=meter.draws,
            usage=meter.usage,
            balances=meter.balances,
            charges=tuple(self._charges),
            opening=self._opening,
            pending=self._arrears(self._end),
            member_alerts=meter.member_alerts.records(),
            organization_alerts=meter.organization_alerts.records(),
            member_stops=meter.member_stops,
            organization_stops=meter.organization_stops,
            phases=tuple(self._phases),
            standing=Snapshot(
                meter.spent.copy(),
                meter.member_limits.copy(),
                meter.organization_limit,
                self._pool.balance.copy() if self._terms.prepaid_on(self._end) else None,
            ),
            expired=self._pool.expired.copy(),
            warnings=tuple(self._warnings),
            turns=tuple(self._turns),
            expiries=tuple(self._pool.expiries),
            days=self._days or {},
        )
