"""A believable forecast made by hand: random contracts whose money events are booked once, so that identities hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt

from planshift.forecasting.result import BILLED, INDEX, MEASURES, RECOGNISED, Bridge, Cell, Forecast, Table

Array = npt.NDArray[np.int64]

OLD, NEW = "legacy_standard_premium", "enterprise"
SEGMENTS = ("Large", "Mid-size", "Public sector")
REGIONS = ("EMEA", "North America")


def months_from(first: date, count: int) -> tuple[date, ...]:
    """So many months."""
    numbers = range(first.month - 1, first.month - 1 + count)
    return tuple(date(first.year + number // 12, number % 12 + 1, 1) for number in numbers)


def spread_evenly(cents: Array, months: int) -> Array:
    """Cents of shape (draws,) in so many whole cents that add up, shape (months, draws)."""
    steps = np.arange(months + 1)[:, None]
    return np.diff(cents[None] * steps // months, axis=0)


class Book:
    """The arrays of one account, filled event by event."""

    def __init__(self, months: int, draws: int) -> None:
        self.old = np.zeros((len(MEASURES), months, draws), dtype=np.int64)
        self.new = np.zeros_like(self.old)
        self.opening = np.zeros((len(MEASURES), draws), dtype=np.int64)
        self.months = months

    def put(self, measure: str, month: int, cents: Array, cut: int) -> None:
        """Add to a flow; what lies behind the last month is left out."""
        if month < self.months:
            (self.old if month < cut else self.new)[INDEX[measure], month] += cents


def forecast(
    accounts: int = 40,
    draws: int = 200,
    months: int = 24,
    seed: int = 3,
    scenario: str = "base",
    title: str = "As it stands",
    growth: float = 1.0,
    renewing: float = 1.0,
    price: float = 1.0,
) -> Forecast:
    """A forecast of random contracts from 2027 on; a scenario with the same seed has the same contracts and draws."""
    shared = np.random.default_rng(seed)
    up = np.exp(shared.normal(0.0, 0.12, draws)) * growth
    cells: dict[Cell, Array] = {}
    opening: dict[Cell, Array] = {}
    bridges: dict[str, list[Array]] = {}
    rows: list[dict[str, object]] = []
    renewals: list[dict[str, object]] = []
    for number in range(accounts):
        one = Contract(number, np.random.default_rng((seed, number)), draws, months, up, renewing, price)
        for plan, amounts in ((OLD, one.book.old), (NEW, one.book.new)):
            cell = Cell(plan, one.segment, one.region)
            cells[cell] = cells.get(cell, np.zeros_like(amounts)) + amounts
        cell = Cell(OLD, one.segment, one.region)
        opening[cell] = opening.get(cell, np.zeros_like(one.book.opening)) + one.book.opening
        held = bridges.setdefault(one.segment, [np.zeros(draws, dtype=np.int64) for _ in range(9)])
        for total, part in zip(held, one.bridge, strict=True):
            total += part
        rows.append(one.row)
        renewals.append(one.renewal)
    renewals.sort(key=lambda row: (row["day"], row["account_id"]))
    committed = {
        name: Bridge(one[0], {"price": one[1], "seats": one[2], "churn": one[3]}, one[0] + one[1] + one[2] + one[3])
        for name, one in bridges.items()
    }
    usage = {
        name: Bridge(
            one[4],
            {"included_to_metered": one[5], "discount": one[6], "growth": one[7], "churn": one[8]},
            sum(one[5:], one[4]),
        )
        for name, one in bridges.items()
    }
    return Forecast(
        scenario,
        title,
        months_from(date(2027, 1, 1), months),
        draws,
        cells,
        opening,
        committed,
        usage,
        table(renewals),
        table(rows),
        coarse=False,
        warnings=(),
    )


def table(rows: list[dict[str, object]]) -> Table:
    """Rows as columns."""
    names = list(rows[0]) if rows else []
    return Table({name: np.array([row[name] for row in rows]) for name in names})


class Contract:
    """A contract on annual seats with usage included, which renews once onto seats that cost less and metered usage."""

    def __init__(
        self,
        number: int,
        random: np.random.Generator,
        draws: int,
        months: int,
        up: npt.NDArray[np.float64],
        renewing: float,
        price: float,
    ) -> None:
        self.segment, self.region = SEGMENTS[number % 3], REGIONS[number % 2]
        self.draws, self.months = draws, months
        self.book = Book(months, draws)
        seats = int(random.integers(20, 400))
        self.turn = int(random.integers(0, 12))
        chance = float(random.uniform(0.75, 0.97))
        self.renews = random.random(draws) < min(1.0, chance * renewing)
        fee = np.full(draws, seats * 12 * int(random.integers(40, 90)) * 100)
        after = np.where(self.renews, seats * 12 * round(2000 * price), 0)
        self.seats(fee, after)
        month_usage = (random.gamma(4.0, 1.0, (months, draws)) * seats * 1800 * up).astype(np.int64)
        month_usage[: self.turn] = 0
        month_usage *= self.renews
        self.credits(month_usage) if number % 4 == 0 else self.arrears(month_usage)
        self.counts(seats)
        self.finish()
        metered = month_usage[-3:].sum(axis=0) * 4
        gone = np.where(self.renews, 0, -(fee + 0))
        self.bridge = [fee, np.where(self.renews, after - fee, 0), np.zeros_like(fee), gone]
        lost = np.zeros_like(metered)
        self.bridge += [lost, metered // 2, -(metered // 20), metered - metered // 2 + metered // 20, lost]
        self.tell(number, seats, fee, after, metered, chance)

    def seats(self, fee: Array, after: Array) -> None:
        """The old term's fee from before the horizon, deferred; the new one's charged at the turn and paid later."""
        before = spread_evenly(fee, 12)
        self.book.opening[INDEX["deferred_seats"]] = before[12 - self.turn :].sum(axis=0) if self.turn else 0
        for month in range(self.turn):
            self.book.put("recognised_seats", month, before[12 - self.turn + month], self.turn)
        for start in range(self.turn, self.months, 12):
            for name in ("booked_seats", "billed_seats"):
                self.book.put(name, start, after, self.turn)
            self.book.put("paid", start + 1, after, self.turn)
            for month, cents in enumerate(spread_evenly(after, 12)):
                self.book.put("recognised_seats", start + month, cents, self.turn)

    def arrears(self, used: Array) -> None:
        """Usage recognised in its month, invoiced in the next, paid in the one after."""
        for month in range(self.months):
            self.book.put("booked_usage", month, used[month], self.turn)
            self.book.put("recognised_usage", month, used[month], self.turn)
            self.book.put("billed_usage", month + 1, used[month], self.turn)
            self.book.put("paid", month + 2, used[month], self.turn)

    def credits(self, used: Array) -> None:
        """A purchase a quarter, a third more than is used by then on average; what is left expires after a year."""
        pack = (used.sum(axis=0) // 100 * 4 // 3 // 8) * 100
        balance = np.zeros(self.draws, dtype=np.int64)
        for month in range(self.turn, self.months):
            if (month - self.turn) % 3 == 0:
                for name in ("booked_credits", "billed_credits", "paid"):
                    self.book.put(name, month, pack, self.turn)
                balance += pack
            spent = np.minimum(balance, used[month])
            self.book.put("recognised_credits", month, spent, self.turn)
            self.book.put("stopped", month, used[month] - spent, self.turn)
            balance -= spent
            if (month - self.turn) % 12 == 11:
                self.book.put("breakage", month, balance // 2, self.turn)
                balance -= balance // 2

    def counts(self, seats: int) -> None:
        """Seats and contracts in force, and what the old plan includes."""
        for month in range(self.months):
            there = np.ones(self.draws, dtype=np.int64) if month < self.turn else self.renews.astype(np.int64)
            self.book.put("accounts", month, there, self.turn)
            self.book.put("seats", month, there * seats, self.turn)
            if month < self.turn:
                self.book.put("included", month, there * seats * 4321, self.turn)

    def finish(self) -> None:
        """The balances, from the flows; they stand in the plan in force."""
        both, opening = self.book.old + self.book.new, self.book.opening

        def stand(balance: str, adding: tuple[str, ...], taking: tuple[str, ...]) -> None:
            flows = sum(both[INDEX[name]] for name in adding) - sum(both[INDEX[name]] for name in taking)
            closing = opening[INDEX[balance]] + np.cumsum(flows, axis=0)
            self.book.old[INDEX[balance], : self.turn] = closing[: self.turn]
            self.book.new[INDEX[balance], self.turn :] = closing[self.turn :]

        stand("deferred_seats", ("billed_seats",), ("recognised_seats",))
        stand("deferred_credits", ("billed_credits",), ("recognised_credits", "breakage"))
        stand("unbilled", ("recognised_usage",), ("billed_usage",))
        stand("receivable", BILLED, ("paid",))

    def tell(self, number: int, seats: int, fee: Array, after: Array, metered: Array, chance: float) -> None:
        """The rows of the renewal and of the account."""
        whole = (self.book.old + self.book.new).sum(axis=1)

        def over(*measures: str) -> Array:
            return np.asarray(sum(whole[INDEX[measure]] for measure in measures))

        def mean(cents: Array) -> int:
            return int(np.floor(cents.mean() + 0.5))

        recognised = np.sort(over(*RECOGNISED))
        named = {
            "account_id": f"A{number:05d}",
            "title": f"Company {number}",
            "segment": self.segment,
            "region": self.region,
        }
        first = months_from(date(2027, 1, 1), 12)[self.turn]
        self.renewal: Mapping[str, object] = {
            **named,
            "day": np.datetime64(first),
            "number": 1,
            "early": False,
            "plan": OLD,
            "plan_after": NEW,
            "seats_before": seats,
            "seats_after": seats,
            "arr_before": mean(fee),
            "retained": mean(after),
            "usage_before": 0,
            "probability": round(chance, 3),
            "reached": self.draws,
            "renewed": int(self.renews.sum()),
        }
        self.row: Mapping[str, object] = {
            **named,
            "plan": OLD,
            "term_start": np.datetime64(date(first.year - 1, first.month, 1)),
            "seats": seats,
            "members": seats - number % 5,
            "billed": mean(over(*BILLED)),
            "paid": mean(over("paid")),
            "recognised": mean(over(*RECOGNISED)),
            "recognised_p10": int(recognised[-(-self.draws // 10) - 1]),
            "recognised_p90": int(recognised[-(-self.draws * 9 // 10) - 1]),
            "arr_first": mean(fee),
            "arr_last": mean(after),
            "usage_first": 0,
            "usage_last": mean(metered),
            "lost": int((~self.renews).sum()),
        }
