"""What is earned and what is owed: seat fees by the day in whole cents that add up, prepaid credits as they are used.

Seats (IFRS 15.35(a), 39, B18): a charge is spread so that what is earned by the end of each day, from its first on, is
rounded half up to the cent. An early move changes the contract prospectively (IFRS 15.21(a), ASC 606-10-25-13(a)): what
was earned stays, and what is left of the old fees, less what is credited, is spread over the term that begins.

Credits are sold at par, so that what is used is what is earned. Breakage (IFRS 15.B44-B47, ASC 606-10-55-46 to 49) is
an expected share of each purchase, earned in proportion to its use, and whatever is left of it on the day on which it
is gone; with a share of nothing, only the latter. A purchase never has more earned than was paid, so that whoever uses
more of one than was expected takes the breakage earned before back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from planshift.billing.charges import SEAT_CREDIT, CreditCharge
from planshift.billing.money import CENT, all_to_cents, to_cents
from planshift.billing.sharing import Nanos
from planshift.forecasting.charge import BookedSeats
from planshift.forecasting.history import Grid, History, Numbers, Which
from planshift.forecasting.result import Cents

YEAR = 12


@dataclass(frozen=True)
class EarnedSeats:
    """Seat fees that a plan charged, cents of shape (months + 1, draws): earned by each of a grid's ends.

    ``later``: what will be earned more than twelve months after that, as the contract stands then.
    """

    cents: Cents
    later: Cents


@dataclass(frozen=True)
class _Spread:
    """Cents, shape (draws,), earned by the day from ``day`` up to ``until`` (ordinals), in a term, by number."""

    term: int
    plan: str
    day: int
    until: int
    cents: Cents


def spread_by_day(cents: Cents, first: Numbers, until: Numbers, by: Numbers) -> Cents:
    """What is earned of charges by some days: cents × days ÷ all days, rounded half up, a negative one as the mirror.

    ``cents`` (charges, draws); ``first``, ``until`` (charges,) and ``by`` (days,): ordinals; what is earned by a day is
    earned on the days before it. Returns shape (charges, days, draws).
    """
    whole = (until - first)[:, None]
    days = np.clip(by[None, :] - first[:, None], 0, whole)[:, :, None]
    earned: Cents = (2 * np.abs(cents)[:, None, :] * days + whole[:, :, None]) // (2 * whole[:, :, None])
    return np.sign(cents)[:, None, :] * earned


def recognised_seats(history: History, charges: Sequence[BookedSeats], grid: Grid) -> Mapping[str, EarnedSeats]:
    """What is earned of seat fees, by the plan that charged them.

    A contract that ends by an early move has earned by that day all that it was charged.
    """
    book = _Book(history, grid)
    spreads = [
        _Spread(charge.term, charge.plan, charge.day, charge.until, charge.cents)
        for charge in charges
        if charge.kind != SEAT_CREDIT
    ]
    for number, turn in enumerate(history.turns):
        if turn.early:
            credited = [charge for charge in charges if charge.kind == SEAT_CREDIT and charge.term == number + 1]
            ended = [spread for spread in spreads if spread.term == number]
            spreads = [spread for spread in spreads if spread.term != number]
            spreads += book.move(number, ended, credited)
    book.earn(spreads, date.max.toordinal())
    return book.earned


class _Book:
    """What is earned by each of a grid's ends, by plan, while it is added up."""

    def __init__(self, history: History, grid: Grid) -> None:
        self._history, self._grid = history, grid
        self.earned: dict[str, EarnedSeats] = {}

    def earn(self, spreads: Sequence[_Spread], stop: int) -> Cents:
        """Earn charges by the day up to a day, and return what is left of each, shape (charges, draws)."""
        if not spreads:
            return np.zeros((0, self._history.draws), dtype=np.int64)
        cents = np.stack([spread.cents for spread in spreads])
        first, until = (np.array([getattr(spread, name) for spread in spreads]) for name in ("day", "until"))
        by = np.append(np.minimum(self._grid.ends, stop), stop)
        earned = spread_by_day(cents, first, until, by)
        later = np.zeros_like(earned[:, :-1])
        if any(held.term.months > YEAR for held in self._history.terms):
            known = (first[:, None] < self._grid.ends) & (self._grid.ends <= stop)
            later = (cents[:, None] - spread_by_day(cents, first, until, self._grid.year_on)) * known[:, :, None]
        for place, spread in enumerate(spreads):
            self._add(spread.plan, earned[place, :-1], later[place])
        return cents - earned[:, -1]

    def move(self, number: int, ended: Sequence[_Spread], credited: Sequence[BookedSeats]) -> list[_Spread]:
        """Earn a term's fees up to an early move; the rest, less what is credited, is to be spread over the next."""
        day = self._history.turns[number].day.toordinal()
        until = self._history.terms[number + 1].term.renewal.toordinal()
        stops = self._history.churns_at(number)
        plans = [spread.plan for spread in ended] + [charge.plan for charge in credited]
        left = {plan: np.zeros(self._history.draws, dtype=np.int64) for plan in plans}
        for spread, rest in zip(ended, self.earn(ended, day), strict=True):
            # Where the contract ends with the move, nothing is left to be done for what was paid.
            at_once = (self._grid.ends > day)[:, None] * (rest * stops)
            self._add(spread.plan, at_once, np.zeros_like(at_once))
            left[spread.plan] = left[spread.plan] + rest * ~stops
        for charge in credited:
            left[charge.plan] = left[charge.plan] + charge.cents
        return [_Spread(number + 1, plan, day, until, cents) for plan, cents in left.items()]

    def _add(self, plan: str, cents: Cents, later: Cents) -> None:
        before = self.earned.get(plan)
        if before is not None:
            cents, later = before.cents + cents, before.later + later
        self.earned[plan] = EarnedSeats(cents, later)


NEVER = date.max.toordinal()


@dataclass(frozen=True)
class Lots:
    """Purchases of credits in columns, oldest first, in the draws in which the contract comes to them.

    By lot: the ``plans`` that sold them, the numbers of the ``terms`` and the ``days`` (ordinals) in which they are
    bought, and the days from which they are ``gone``; is what they cost paid ``at_once``, as by card, or after the
    account's terms? ``amounts`` in nano-dollars and ``cents``: of shape (lots, draws). ``times``, of the same shape:
    how many purchases of that day a lot is; None where each is one.
    """

    plans: tuple[str, ...]
    terms: Numbers
    days: Numbers
    gone: Numbers
    at_once: tuple[bool, ...]
    amounts: Nanos
    cents: Cents
    times: Numbers | None = None

    def one_by_one(self) -> Lots:
        """The same with a lot for each purchase of a day, where there are several."""
        if self.times is None or self.times.max(initial=0) <= 1:
            return self
        counts = np.maximum(self.times.max(axis=1), 1)
        lot = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(lot)) - np.repeat(np.cumsum(counts) - counts, counts)
        there, times = self.times[lot] > number[:, None], np.maximum(self.times[lot], 1)
        return Lots(
            plans=tuple(self.plans[place] for place in lot.tolist()),
            terms=self.terms[lot],
            days=self.days[lot],
            gone=self.gone[lot],
            at_once=tuple(self.at_once[place] for place in lot.tolist()),
            amounts=self.amounts[lot] // times * there,
            cents=self.cents[lot] // times * there,
        )

    def of(self, plan: str) -> Which:
        """Which of the lots a plan sold."""
        return np.array([sold == plan for sold in self.plans], dtype=np.bool_)


@dataclass(frozen=True)
class EarnedCredits:
    """Credits that a plan sold, in cents: ``used`` and ``broken`` in each month, shape (months, draws).

    ``deferred``: what is owed by each of the grid's ends, shape (months + 1, draws).
    """

    plan: str
    used: Cents
    broken: Cents
    deferred: Cents


@dataclass(frozen=True)
class _Loss:
    """Credits gone on a day (an ordinal): nano-dollars of shape (draws,), and which of the lots they are of."""

    day: int
    amounts: Nanos
    lots: Which


def lots(history: History) -> Lots | None:
    """Every purchase; None where nobody buys anything."""
    found = [charge for charge in history.ledger.charges if isinstance(charge, CreditCharge)]
    if not found:
        return None
    bought = [charge.purchases for charge in found]
    terms = np.array([charge.terms_ended for charge in found])
    times = np.stack([one.times for one in bought]) * (history.last >= terms[:, None])
    return Lots(
        plans=tuple(charge.plan for charge in found),
        terms=terms,
        days=np.array([one.day.toordinal() for one in bought]),
        gone=np.array([one.expires.toordinal() if one.expires else NEVER for one in bought]),
        at_once=tuple(history.terms[term].credits.payment in (None, "card") for term in terms.tolist()),
        amounts=times * np.array([[one.amount] for one in bought]),
        cents=times * np.array([[to_cents(one.amount)] for one in bought]),
        times=times,
    )


def earned_credits(history: History, bought: Lots | None, grid: Grid, expected: Fraction) -> list[EarnedCredits]:
    """What is earned of credits and what is owed, for each plan that sold some.

    ``expected``: the share of each purchase that nobody is expected to use, 0 where breakage waits for the expiry;
    ValueError unless it is at least 0 and less than 1.
    """
    if not 0 <= expected < 1:
        raise ValueError(f"the expected breakage is a share from 0 to less than 1 (got {expected})")
    if bought is None:
        return []
    if expected:
        # The share of a purchase that is foreseen not to be used is of that purchase, not of all those of its day.
        bought = bought.one_by_one()
    balance = _balances(history, grid)
    losses, gone = _losses(history, bought)
    plans = tuple(dict.fromkeys(bought.plans))
    if len(plans) == 1 and not expected:
        # The usual case: one pool, of which only the sum matters.
        lost = grid.flows(history.draws)
        for loss in losses:
            lost[grid.place(loss.day)] += loss.amounts
        return [_of_plan(plans[0], bought, grid, balance, balance, lost, expected)]
    queue = _Queue.of(bought)
    left = queue.left(balance[:, None, :], queue.alive(grid, gone))
    owed = left - np.minimum(left, _foreseen(queue.amounts - left, expected)) if expected else left
    parts = [(loss, queue.left(loss.amounts[None, None, :], loss.lots[queue.order][None])) for loss in losses]
    result = []
    for plan in plans:
        of_plan, lost = bought.of(plan)[queue.order], grid.flows(history.draws)
        for loss, part in parts:
            lost[grid.place(loss.day)] += (part[0] * of_plan).sum(axis=0)
        sums = (left * of_plan).sum(axis=1), (owed * of_plan).sum(axis=1)
        result.append(_of_plan(plan, bought, grid, *sums, lost, expected))
    return result


@dataclass(frozen=True)
class _Queue:
    """The lots of each draw, oldest first, without those that it does not have: as many rows as any draw has lots.

    ``order`` (rows, draws): which of the lots it is; the others by row and draw.
    """

    order: npt.NDArray[np.intp]
    amounts: Nanos
    days: Numbers

    @classmethod
    def of(cls, bought: Lots) -> _Queue:
        """The queues of some purchases."""
        held = bought.amounts > 0
        order = np.argsort(~held, axis=0, kind="stable")[: held.sum(axis=0).max(initial=0)]
        return cls(order, np.take_along_axis(bought.amounts, order, axis=0), bought.days[order])

    def alive(self, grid: Grid, gone: Numbers) -> Which:
        """Is there perhaps something left by each of a grid's ends? Shape (months + 1, rows, draws)."""
        ends = grid.ends[:, None, None]
        result: Which = (self.days < ends) & (gone[self.order] >= ends)
        return result

    def left(self, balance: Nanos, alive: Which) -> Nanos:
        """What is left, shape (times, rows, draws), of balances (times, 1, draws) over the lots that are alive.

        Whoever uses credits takes the oldest, so that what is left is the newest.
        """
        stock = self.amounts * alive
        newer = np.cumsum(stock[:, ::-1], axis=1)[:, ::-1] - stock
        result: Nanos = np.clip(balance - newer, 0, stock)
        return result


def lot_by_lot(history: History, bought: Lots, grid: Grid) -> tuple[Nanos, list[tuple[int, Nanos]]]:
    """What is left of each lot by each of a grid's ends, shape (months + 1, lots, draws); and the days (ordinals) on
    which credits are lost, with what is lost of each lot, shape (lots, draws). Lots are those that every draw has."""
    losses, gone = _losses(history, bought)
    queue = _Queue.of(bought)
    left = queue.left(_balances(history, grid)[:, None, :], queue.alive(grid, gone))
    return left, [
        (loss.day, queue.left(loss.amounts[None, None, :], loss.lots[queue.order][None])[0]) for loss in losses
    ]


def _balances(history: History, grid: Grid) -> Nanos:
    """The credits left by each of a grid's ends, nano-dollars of shape (months + 1, draws)."""
    found = np.zeros((grid.months + 1, history.draws), dtype=np.int64)
    for (month, _), balance in history.ledger.balances.items():
        # Of the months before the start, and of the plans of a month, the last one stays.
        found[grid.place(month.toordinal())] = balance
    for number, turn in enumerate(history.turns):
        found[grid.place(turn.day.toordinal()) :, history.churns_at(number)] = 0
    return found


def _losses(history: History, bought: Lots) -> tuple[list[_Loss], Numbers]:
    """Credits that expired, that lapsed at a renewal, and that were left when the contract ended; and the days from
    which nothing is left of each lot, by the end of the run."""
    found: list[_Loss] = []
    gone, turns = bought.gone, [(turn.day.toordinal(), turn.early) for turn in history.turns]
    for number, (day, early) in enumerate(turns):
        ends = history.churns_at(number)
        # A day's expiries come after a renewal and before an early move.
        held: Which = (bought.terms <= number) & ((gone > day) if early else (gone >= day))
        if ends.any():
            found.append(_Loss(day, history.turns[number].balance * ends, held))
        for expiry in history.ledger.expiries:
            if expiry.lapsed and expiry.day == history.turns[number].day:
                found.append(_Loss(day, expiry.amounts * history.reaches(number + 1), held))
                gone = np.where(held, day, gone)
    for expiry in history.ledger.expiries:
        if not expiry.lapsed:
            day = expiry.day.toordinal()
            number = sum(turned < day or (turned == day and not early) for turned, early in turns)
            found.append(_Loss(day, expiry.amounts * history.reaches(number), bought.gone == day))
    return found, gone


def _foreseen(used: Nanos, expected: Fraction) -> Nanos:
    """The breakage earned beside what was used of a purchase: used × share ÷ (1 − share), rounded down."""
    share, rest = np.int64(expected.numerator), np.int64(expected.denominator - expected.numerator)
    # Split first, so that the product stays inside 64 bits whatever the decimals of the share.
    whole, part = np.divmod(used, rest)
    result: Nanos = whole * share + part * share // rest
    return result


def _of_plan(
    plan: str, bought: Lots, grid: Grid, left: Nanos, owed: Nanos, lost: Nanos, expected: Fraction
) -> EarnedCredits:
    """Cents of what nano-dollars are ``left`` and ``owed`` by the grid's ends, and ``lost`` by place.

    A balance of half a cent is rounded down, as what was used of it is rounded up. Where breakage waits for the expiry,
    a month without one has none, and one without use has no use, to the cent.
    """
    draws = left.shape[1]
    nanos, cents, of_plan = grid.flows(draws), grid.flows(draws), bought.of(plan)
    places = grid.places(bought.days[of_plan])
    np.add.at(nanos, places, bought.amounts[of_plan])
    np.add.at(cents, places, bought.cents[of_plan])
    deferred = (owed + (CENT // 2 - 1)) // CENT
    earned = cents[1:-1] - np.diff(deferred, axis=0)
    gone = lost[1:-1]
    if expected:
        used_by = np.cumsum(nanos[:-1] - lost[:-1], axis=0) - left
        used: npt.NDArray[np.int64] = np.diff(all_to_cents(used_by), axis=0)
    else:
        taken = nanos[1:-1] - np.diff(left, axis=0) - gone
        used = np.where(taken == 0, 0, earned - np.minimum(all_to_cents(gone), earned))
    return EarnedCredits(plan, used, earned - used, deferred)
