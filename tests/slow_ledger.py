"""A slow ledger of an account, in one draw: day by day, in whole cents and fractions, on what the slow biller finds.

It shares no code with the simulator, and says what the fast one must: what is booked, invoiced, paid, earned and owed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from oracle import biller
from oracle.contract import Contract, first_contract
from oracle.demand import demand_of
from oracle.events import act
from oracle.facts import plans_with
from oracle.ledger import seat_cents
from oracle.minimum import lacking
from oracle.money import NANO_A_CENT, half_up
from oracle.renewal import renew
from oracle.run import Run
from oracle.stops import ALLOWANCE, MEMBER_LIMIT, ORGANIZATION_LIMIT
from oracle.terms import months_after
from oracle.usage import use
from oracle.wallet import Purchase, Wallet

DAY = timedelta(days=1)


@dataclass
class Lot(Purchase):
    """A purchase with what it was at first, and the plan that sold it."""

    plan: str = ""
    amount: int = 0


@dataclass
class Lots(Wallet):
    """A wallet that forgets nothing: what was used and what was lost, by day and plan."""

    plan: Callable[[], str] = str
    bought: list[tuple[date, Lot]] = field(default_factory=list)
    used: dict[tuple[date, str], int] = field(default_factory=lambda: defaultdict(int))
    lost: dict[tuple[date, str], int] = field(default_factory=lambda: defaultdict(int))
    today: date = date.min

    def put(self, day: date, amount: int, settings: Mapping[str, Any]) -> None:
        months = settings.get("expiry_months")
        lot = Lot(amount, None if months is None else months_after(day, months), self.plan(), amount)
        self.purchases.append(lot)
        self.bought.append((day, lot))
        self.answered()

    def expire(self, day: date) -> int:
        self.today, before = day, self.balance
        self.lose(lambda lot: lot.expires is not None and lot.expires <= day)
        return before - self.balance

    def lose(self, gone: Callable[[Lot], bool]) -> None:
        for _, lot in self.bought:
            if lot.left and gone(lot):
                self.lost[self.today, lot.plan] += lot.left
                lot.left = 0
        self.purchases = [lot for lot in self.purchases if lot.left > 0]

    def draw(self, amount: int) -> None:
        for _, lot in self.bought:
            taken = min(lot.left, amount)
            lot.left -= taken
            amount -= taken
            self.used[self.today, lot.plan] += taken
        self.purchases = [lot for lot in self.purchases if lot.left > 0]
        assert amount == 0


@dataclass
class Fee:
    """Cents that are earned by the day from one day up to another."""

    plan: str
    day: date
    until: date
    cents: int
    term: int
    earned: int = 0

    def earn(self, day: date) -> int:
        """What a day earns: all that is earned by its evening, rounded half up, less what was by the evening before."""
        if not self.day <= day < self.until:
            return 0
        exact = Fraction(abs(self.cents) * ((day - self.day).days + 1), (self.until - self.day).days)
        by_now = half_up(exact) * (-1 if self.cents < 0 else 1)
        before, self.earned = self.earned, by_now
        return by_now - before


@dataclass(frozen=True)
class Terms:
    """How an account pays, which turn of its contract does not happen (None: all do), and what holds for all."""

    days: int
    end_of_month: str
    start: date
    months: int
    ends_at: int | None = None
    expected: Fraction = Fraction(0)
    shocks: tuple[tuple[date, Fraction], ...] = ()

    @property
    def end(self) -> date:
        """The day after the forecast's last."""
        return months_after(self.start, self.months)

    def due(self, day: date) -> date:
        """When an invoice is paid."""
        if self.end_of_month == "before":
            day = months_after(day.replace(day=1), 1) - DAY
        day += timedelta(days=self.days)
        return months_after(day.replace(day=1), 1) - DAY if self.end_of_month == "after" else day

    def shocked(self, cents: int, term_start: date) -> int:
        """A line's cents at the prices of a term."""
        factor = Fraction(1)
        for since, times in self.shocks:
            if since <= term_start:
                factor *= times
        return half_up(abs(cents) * factor) * (-1 if cents < 0 else 1)


class SlowLedger:
    """One account from day to day; `flows` and `balances` hold measures by plan and month, place 0 the opening."""

    def __init__(self, scenario: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], terms: Terms) -> None:
        self.terms, self.scenario = terms, scenario
        self.run: Run = biller._open(scenario, False, None)
        self.first: date = scenario["horizon"]["start"]
        self.demand = demand_of(row for row in rows if self.first <= row["date"] < terms.end)
        self.turn, self.over = 0, False
        self.fees: list[Fee] = []
        self.flows: dict[tuple[str, str, int], int] = defaultdict(int)
        self.standing: dict[tuple[str, str, int], int] = defaultdict(int)
        self.paid: list[tuple[str, date, int]] = []
        self.seen = 0
        self.period, self.period_from = 0, self.first
        self.credits_sold: dict[tuple[str, date], int] = defaultdict(int)
        self._adopt_wallet()
        self._before()
        self._go()

    # --- days ----------------------------------------------------------------------------------------------------

    def _adopt_wallet(self) -> None:
        lots = Lots(plan=lambda: self.run.contract.plan.id, due=self.run.wallet.due, today=self.first)
        for purchase in self.run.wallet.purchases:
            lot = Lot(purchase.left, purchase.expires, self.run.contract.plan.id, purchase.left)
            lots.purchases.append(lot)
            lots.bought.append((self.first, lot))
        self.run.wallet = self.lots = lots

    def _before(self) -> None:
        """What was charged for seats in this term before the first day (H1)."""
        contract = first_contract(self.scenario["contract"], plans_with(None))
        if contract.start < self.first:
            for seat, count in contract.held():
                self._fee(contract, contract.start, seat_cents(contract, seat, count, Fraction(12)))
            self._opening_seats(contract)
        for event in self.scenario.get("events", []):
            if "add_seats" in event and event["date"] < self.first:
                left = contract.months_left(event["date"])
                for seat, count in event["add_seats"].items():
                    self._fee(contract, event["date"], seat_cents(contract, seat, count, left))

    def _opening_seats(self, contract: Contract) -> None:
        if self.first == self.terms.start:
            early = [event for event in self.scenario.get("events", []) if event["date"] < self.first]
            added = sum(sum(event.get("add_seats", {}).values()) for event in early)
            self.standing[contract.plan.id, "seats", 0] = sum(contract.seats.values()) + added
            self.standing[contract.plan.id, "accounts", 0] = 1

    def _go(self) -> None:
        day = min(self.first, first_contract(self.scenario["contract"], plans_with(None)).start)
        while day < self.terms.end:
            if day >= self.first and not self.over:
                self._live(day)
            if day < self.first:
                self._earn(day)
            else:
                self._evening(day)
            day += DAY
            if day.day == 1 and self._month(day - DAY) >= 0:
                self._close_month(day)
        if not self.over:
            self._settle()

    def _live(self, day: date) -> None:
        """A day in the rulebook's order, broken off where the contract ends."""
        run = self.run
        self.lots.today = day
        if day == run.contract.end:
            if self._ends(day):
                return
            renew(run, day)
            self._read(day)
        run.wallet.expire(day)
        if day.day == 1:
            self._end_period(day)
            run.end_usage_period(day)
            run.stops.end(day, "new period", MEMBER_LIMIT, ORGANIZATION_LIMIT)
        if day.isoweekday() == 1:
            run.used_this_week = {}
            run.stops.end(day, "new window", ALLOWANCE)
        if amount := run.wallet.due_on(day):
            run.buy_credits(day, amount)
        for event in self.scenario.get("events", []):
            if event["date"] != day:
                continue
            self._read(day)
            if "migrate" in event:
                if self._ends(day, early=True):
                    return
                self._move(event, day)
            else:
                act(run, event)
        self._read(day)
        run.notice_limits(day, "limit changed")
        before = {key: vars(tally).copy() for key, tally in run.tallies.items()}
        use(run, day, self.demand.get(day, {}))
        self._used(day, before)
        biller._close_day(run, day)
        self._read(day)

    # --- turns ---------------------------------------------------------------------------------------------------

    def _ends(self, day: date, early: bool = False) -> bool:
        """The contract ends, or the turn is counted."""
        self._read(day)
        closing = self.run.contract
        if self.terms.ends_at == self.turn:
            self.over = True
            if not closing.prepaid:
                self._invoice(closing.plan.id, "usage", day, self._period_cents(day), at_once=False)
            self.period = 0
            self.lots.lose(lambda _: True)
            for fee in self.fees:
                rest, fee.earned = fee.cents - fee.earned, fee.cents
                fee.until = min(fee.until, day)
                self._flow(fee.plan, "recognised_seats", day, rest)
            return True
        if not early and (day.day == 1 or self._closes(day)):
            self._end_period(day)
        self.turn += 1
        return False

    def _closes(self, day: date) -> bool:
        contract = self.run.contract
        channel = contract.renewal.get("channel", contract.channel)
        return contract.plan.successor is not None or channel != contract.channel

    def _move(self, event: Mapping[str, Any], day: date) -> None:
        """An early move: what is left of the old fees, less the credit, goes over the new term."""
        self._end_period(day)
        old, left = self.run.contract, defaultdict(int)
        for fee in self.fees:
            if fee.until > day:
                left[fee.plan] += fee.cents - fee.earned
                fee.cents, fee.until = fee.earned, day
        seen = len(self.run.ledger.charges)
        act(self.run, event)
        for charge in self.run.ledger.charges[seen:]:
            if charge.kind == "seat_credit":
                left[charge.plan] += self.terms.shocked(charge.amount, old.start)
        for plan, cents in left.items():
            self.fees.append(Fee(plan, day, self.run.contract.end, cents, self.turn))
        self._read(day, old.start)

    # --- what a day brings ---------------------------------------------------------------------------------------

    def _fee(self, contract: Contract, day: date, cents: int) -> None:
        shocked = self.terms.shocked(cents, contract.start)
        self.fees.append(Fee(contract.plan.id, day, contract.end, shocked, self.turn))
        self._invoice(contract.plan.id, "seats", day, shocked, at_once=False)

    def _read(self, day: date, left_term: date = date.max) -> None:
        """Take in the charges that were made since the last look; usage is invoiced by this ledger itself."""
        for charge in self.run.ledger.charges[self.seen :]:
            if charge.kind in ("seat_fee", "seat_addition"):
                self._fee(self.run.contract, charge.day, charge.amount)
            elif charge.kind == "seat_credit":
                cents = self.terms.shocked(charge.amount, left_term)
                self._invoice(charge.plan, "seats", charge.day, cents, at_once=False)
            elif charge.kind == "credit_purchase":
                at_once = self.run.contract.credits.get("payment", "card") == "card"
                self._invoice(charge.plan, "credits", charge.day, charge.amount, at_once=at_once)
        self.seen = len(self.run.ledger.charges)

    def _used(self, day: date, before: Mapping[Any, Mapping[str, int]]) -> None:
        plan = self.run.contract.plan.id
        for key, tally in self.run.tallies.items():
            earlier = before.get(key, {})
            today = {name: amount - earlier.get(name, 0) for name, amount in vars(tally).items()}
            self._flow(plan, "included", day, today["included"])
            listed = today["demand"] - today["unavailable"] - today["included"]
            self._flow(plan, "stopped", day, listed - today["billed"])
            if not self.run.contract.prepaid:
                self.period += today["billed"]

    def _period_cents(self, day: date) -> int:
        """What was used in the period that ends with the day before, and what that lacks to the minimum (A3)."""
        short = lacking(self.run.metered_under.minimum, self.period_from, day, self.period)
        return half_up(Fraction(self.period, NANO_A_CENT)) + short

    def _end_period(self, day: date) -> None:
        """A usage period in arrears ended with the day before (A1, A2)."""
        contract = self.run.contract
        if not contract.prepaid and (cents := self._period_cents(day)):
            self._invoice(contract.plan.id, "usage", day, cents, at_once=False)
        self.period, self.period_from = 0, day

    def _settle(self) -> None:
        self._end_period(self.terms.end)

    def _invoice(self, plan: str, what: str, day: date, cents: int, *, at_once: bool) -> None:
        self._flow(plan, f"billed_{what}", day, cents)
        booked = day - DAY if what == "usage" else day
        self._flow(plan, f"booked_{what}", booked, cents)
        if what == "usage":
            self._flow(plan, "recognised_usage", booked, cents)
        self._flow(plan, "paid", day if at_once else self.terms.due(day), cents)

    def _earn(self, day: date) -> None:
        for fee in self.fees:
            self._flow(fee.plan, "recognised_seats", day, fee.earn(day))

    def _evening(self, day: date) -> None:
        self._earn(day)

    # --- months --------------------------------------------------------------------------------------------------

    def _month(self, day: date) -> int:
        """0 for every day before the forecast, m + 1 for month m of it."""
        months = (day.year - self.terms.start.year) * 12 + day.month - self.terms.start.month
        return max(0, months + 1)

    def _flow(self, plan: str, measure: str, day: date, amount: int) -> None:
        self.flows[plan, measure, self._month(day)] += amount

    def _close_month(self, end: date) -> None:
        """The counts and the credits at the end of a month, and what the month made of them."""
        month = self._month(end - DAY)
        if end <= self.first:
            return
        for key in [key for key in self.standing if key[2] == month]:
            del self.standing[key]
        if not self.over:
            plan = self.run.contract.plan.id
            self.standing[plan, "seats", month] = sum(self.run.contract.seats.values())
            self.standing[plan, "accounts", month] = 1
        for plan in {lot.plan for _, lot in self.lots.bought}:
            owed = sum(self._owed(lot) for _, lot in self.lots.bought if lot.plan == plan)
            # A half is rounded down here, as it is rounded up where it is used.
            self.standing[plan, "deferred_credits", month] = -floor(Fraction(1, 2) - Fraction(owed, NANO_A_CENT))

    def _owed(self, lot: Lot) -> int:
        if not lot.left:
            return 0
        share = self.terms.expected / (1 - self.terms.expected)
        return max(0, lot.left - floor((lot.amount - lot.left) * share))

    # --- what comes out ------------------------------------------------------------------------------------------

    def measure(self, plan: str, name: str) -> list[int]:
        """A measure of a plan: the opening, then each month."""
        months = range(self.terms.months + 1)
        if name in ("recognised_credits", "breakage"):
            return self._credits(plan)[name]
        if name in ("included", "stopped"):
            return [half_up(Fraction(self.flows[plan, name, month], NANO_A_CENT)) for month in months]
        if name in ("seats", "accounts", "deferred_credits"):
            return [self.standing[plan, name, month] for month in months]
        if name == "deferred_later":
            return [0 for _ in months]
        adds, takes = {
            "deferred_seats": (["billed_seats"], ["recognised_seats"]),
            "unbilled": (["recognised_usage"], ["billed_usage"]),
            "receivable": (["billed_seats", "billed_credits", "billed_usage"], ["paid"]),
        }.get(name, ([], []))
        if not adds:
            return [self.flows[plan, name, month] for month in months]
        balance, found = 0, []
        for month in months:
            balance += sum(self.flows[plan, add, month] for add in adds)
            balance -= sum(self.flows[plan, take, month] for take in takes)
            found.append(balance)
        return found

    def _credits(self, plan: str) -> dict[str, list[int]]:
        """Credits used and lost, to the cent: together they are what the liability goes down by, and what is bought."""
        used, broken, owed_before, used_before = [0], [0], self.standing[plan, "deferred_credits", 0], 0
        by_month: dict[str, list[int]] = {}
        for name, found in (("used", self.lots.used), ("lost", self.lots.lost)):
            by_month[name] = [0] * (self.terms.months + 1)
            for (day, of_plan), nanos in found.items():
                if of_plan == plan:
                    by_month[name][self._month(day)] += nanos
        used_before = half_up(Fraction(by_month["used"][0], NANO_A_CENT))
        for month in range(1, self.terms.months + 1):
            owed = self.standing[plan, "deferred_credits", month]
            earned = self.flows[plan, "billed_credits", month] - (owed - owed_before)
            if self.terms.expected:
                used_by = half_up(Fraction(sum(by_month["used"][: month + 1]), NANO_A_CENT))
                of_use = used_by - used_before
                used_before = used_by
            elif by_month["used"][month]:
                of_use = earned - min(earned, half_up(Fraction(by_month["lost"][month], NANO_A_CENT)))
            else:
                of_use = 0
            used.append(of_use)
            broken.append(earned - of_use)
            owed_before = owed
        return {"recognised_credits": used, "breakage": broken}
