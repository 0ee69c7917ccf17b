"""The ledger of an account: every money event of its contract once, as booked, invoiced, paid, earned, still owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from planshift.billing.money import all_to_cents
from planshift.billing.simulation import Run
from planshift.forecasting.charge import BookedSeats, UsagePeriods, booked_seats, seats_held, usage_periods
from planshift.forecasting.history import (
    Grid,
    History,
    SeatPriceShock,
    Which,
    history,
    known,
    last_terms,
    months_from,
    renewals_of,
)
from planshift.forecasting.recognition import EarnedCredits, EarnedSeats, Lots, earned_credits, lots, recognised_seats
from planshift.forecasting.result import INDEX, MEASURES, Bridge, Cents
from planshift.forecasting.run_rates import (
    INCLUDED,
    STOPPED,
    MonthUsage,
    Renewal,
    RunRates,
    committed_bridge,
    committed_by,
    committed_steps,
    cut_usage,
    month_usage,
    renewals,
    term_arr,
    usage_bridge,
)
from planshift.portfolio.account import Account, PaymentTerms
from planshift.portfolio.portfolio import Portfolio

SEATS, CREDITS, USAGE, PAID = range(4)
"""The places of what a plan invoices, by what it is for, and of what it is paid."""


@dataclass(frozen=True)
class Invoiced:
    """Amounts invoiced, in columns: the plan, what for, the day and the day on which it is paid (ordinals), and cents
    of shape (amounts, draws)."""

    plans: Sequence[str]
    kinds: Sequence[int]
    days: Sequence[int]
    paid: Sequence[int]
    cents: Cents


def invoiced(seats: Sequence[BookedSeats], usage: UsagePeriods, lots: Lots | None, payment: PaymentTerms) -> Invoiced:
    """Every amount invoiced; credits bought by card are paid on the day itself."""
    cents = [np.stack([charge.cents for charge in seats])] if seats else []
    plans = [*(charge.plan for charge in seats), *usage.plans]
    days = [*(charge.day for charge in seats), *usage.untils]
    kinds = [SEATS] * len(seats) + [USAGE] * len(usage.plans)
    at_once = [False] * len(days)
    cents.append(usage.cents)
    if lots is not None:
        plans += lots.plans
        days += lots.days.tolist()
        kinds += [CREDITS] * len(lots.plans)
        at_once += lots.at_once
        cents.append(lots.cents)
    due = {day: payment.due(date.fromordinal(day)).toordinal() for day in set(days)}
    paid = [day if now else due[day] for day, now in zip(days, at_once, strict=True)]
    return Invoiced(plans, kinds, days, paid, np.concatenate(cents))


def billed(amounts: Invoiced, grid: Grid) -> Mapping[str, Cents]:
    """What each plan invoices and is paid: cents of shape (4, months + 2, draws), see SEATS and the others, by a grid's
    places."""
    codes = {plan: code for code, plan in enumerate(dict.fromkeys(amounts.plans))}
    flows = np.zeros((len(codes), 4, *grid.flows(amounts.cents.shape[1]).shape), dtype=np.int64)
    code = np.array([codes[plan] for plan in amounts.plans], dtype=np.intp)
    kinds = np.array(amounts.kinds, dtype=np.intp)
    np.add.at(flows, (code, kinds, grid.places(amounts.days)), amounts.cents)
    np.add.at(flows[:, PAID], (code, grid.places(amounts.paid)), amounts.cents)
    return dict(zip(codes, flows, strict=True))


@dataclass(frozen=True)
class AccountLedger:
    """What one account comes to, in the order of MEASURES.

    ``cells``: by plan, shape (len(MEASURES), months, draws), cents (counts for counts); ``opening``: the same at the
    end of the day before the first month, shape (len(MEASURES), draws), zero for flows. What a plan charged stays with
    it until it is earned and paid, also after the account has left it, so that the identities hold for every plan.

    ``committed`` and ``usage``: the bridges of run-rates; ``committed_by`` (months + 1, draws): committed ARR at the
    opening and at the end of each month; ``renewals``: those in the forecast's months, in order.
    """

    account_id: str
    cells: Mapping[str, Cents]
    opening: Mapping[str, Cents]
    committed: Bridge
    usage: Bridge
    committed_by: Cents
    renewals: tuple[Renewal, ...]

    @property
    def total(self) -> Cents:
        """All plans together, shape (len(MEASURES), months, draws)."""
        result: Cents = np.sum(list(self.cells.values()), axis=0)
        return result


@dataclass(frozen=True)
class Basis:
    """What all accounts of a forecast share.

    ``expected_breakage``: see `earned_credits`; ``seat_prices``: shocks, of the same draws as the runs.
    """

    grid: Grid
    expected_breakage: Fraction
    seat_prices: Sequence[SeatPriceShock] = ()


def account_ledger(
    account: Account, run: Run, portfolio: Portfolio, draws: range, seat_prices: Sequence[SeatPriceShock] = ()
) -> AccountLedger:
    """The ledger of an account of a portfolio in some draws, those of its run; see `ledger_of`.

    ``run``: of the account's scenario with ``until=portfolio.end``, as if every renewal happened; ``seat_prices``: the
    portfolio's shocks in these draws.
    """
    breakage = portfolio.breakage
    expected = breakage.expected if breakage.method == "proportional" else Fraction(0)
    basis = Basis(months_from(portfolio.start, portfolio.months), expected, seat_prices)
    decided = renewals_of(account, run, portfolio, draws)
    return ledger_of(account, run, basis, decided)


def ledger_of(account: Account, run: Run, basis: Basis, decided: Which) -> AccountLedger:
    """The ledger of an account from its run, up to the forecast's last day, as if every renewal happened.

    ``decided`` (turns, draws): does the contract go on at each turn of the run? Where it does not, nothing after it is
    booked, invoiced or used; what was used is still invoiced, on that day, and all that is deferred is earned.
    """
    if run.ledger.end != basis.grid.end:
        raise ValueError(f"the run of '{account.account_id}' ends on {run.ledger.end}, not on {basis.grid.end}")
    grid, past = basis.grid, history(run, last_terms(decided), basis.seat_prices)
    charges, periods, bought = booked_seats(past), usage_periods(past), lots(past)
    usage, terms = month_usage(past), term_arr(past, charges)
    rates = RunRates.of(past, usage, grid)
    steps = committed_steps(past, charges, terms, grid)
    sheet = _Sheet(grid, past.draws)
    sheet.invoices(billed(invoiced(charges, periods, bought, account.payment), grid))
    sheet.seats(recognised_seats(past, charges, grid))
    sheet.arrears(periods)
    sheet.prepaid(earned_credits(past, bought, grid, basis.expected_breakage))
    sheet.usage(cut_usage(past, usage))
    sheet.counts(past, charges)
    cells, opening = sheet.closed()
    return AccountLedger(
        account_id=account.account_id,
        cells=cells,
        opening=opening,
        committed=committed_bridge(steps),
        usage=usage_bridge(past, rates, grid),
        committed_by=committed_by(steps),
        renewals=tuple(renewals(account.account_id, account.renewal_probability, past, terms, rates, grid)),
    )


class _Sheet:
    """The measures by plan while they are filled in, flows and balances by the grid's ends, place 0 the opening."""

    def __init__(self, grid: Grid, draws: int) -> None:
        self._grid, self._draws = grid, draws
        self._plans: dict[str, Cents] = {}

    def _of(self, plan: str) -> Cents:
        """The measures of a plan, shape (len(MEASURES), months + 1, draws), to write into."""
        if plan not in self._plans:
            self._plans[plan] = np.zeros((len(MEASURES), self._grid.months + 1, self._draws), dtype=np.int64)
        return self._plans[plan]

    def invoices(self, plans: Mapping[str, Cents]) -> None:
        """What is invoiced, booked with it, paid, and owed by the customer."""
        for plan, flows in plans.items():
            sheet, by_end = self._of(plan), np.cumsum(flows[:, :-1], axis=1)
            for place, measure in ((SEATS, "seats"), (CREDITS, "credits"), (USAGE, "usage")):
                sheet[INDEX[f"billed_{measure}"], 1:] = flows[place, 1:-1]
            for place, measure in ((SEATS, "seats"), (CREDITS, "credits")):
                sheet[INDEX[f"booked_{measure}"], 1:] = flows[place, 1:-1]
            sheet[INDEX["paid"], 1:] = flows[PAID, 1:-1]
            sheet[INDEX["deferred_seats"]] += by_end[SEATS]
            sheet[INDEX["unbilled"]] -= by_end[USAGE]
            sheet[INDEX["receivable"]] = by_end[[SEATS, CREDITS, USAGE]].sum(axis=0) - by_end[PAID]

    def seats(self, plans: Mapping[str, EarnedSeats]) -> None:
        """What is earned of seat fees by each end, and what stays deferred for more than a year."""
        for plan, earned in plans.items():
            sheet = self._of(plan)
            sheet[INDEX["recognised_seats"], 1:] = np.diff(earned.cents, axis=0)
            sheet[INDEX["deferred_seats"]] -= earned.cents
            sheet[INDEX["deferred_later"]] = earned.later

    def arrears(self, periods: UsagePeriods) -> None:
        """Usage in arrears, earned in the month in which it is used."""
        # A period lies in one month; the day of its invoice may be the first of the next.
        places = self._grid.places(np.array(periods.untils, dtype=np.int64) - 1)
        for plan in dict.fromkeys(periods.plans):
            of_plan = np.array([one == plan for one in periods.plans])
            flows = self._grid.flows(self._draws)
            np.add.at(flows, places[of_plan], periods.cents[of_plan])
            sheet = self._of(plan)
            sheet[[INDEX["recognised_usage"], INDEX["booked_usage"]], 1:] = flows[1:-1]
            sheet[INDEX["unbilled"]] += known(flows)

    def prepaid(self, plans: Sequence[EarnedCredits]) -> None:
        """Credits used, expired and owed."""
        for earned in plans:
            sheet = self._of(earned.plan)
            sheet[INDEX["recognised_credits"], 1:] = earned.used
            sheet[INDEX["breakage"], 1:] = earned.broken
            sheet[INDEX["deferred_credits"]] = earned.deferred

    def usage(self, usage: MonthUsage) -> None:
        """What was included and what was stopped, each month rounded to the cent."""
        cents = all_to_cents(usage.amounts[[INCLUDED, STOPPED]])
        for number, (month, plan) in enumerate(zip(usage.months, usage.plans, strict=True)):
            place = self._grid.place(month.toordinal())
            if place:
                self._of(plan)[[INDEX["included"], INDEX["stopped"]], place] = cents[:, number]

    def counts(self, history: History, charges: Sequence[BookedSeats]) -> None:
        """Seats and contracts in force at the opening and at the end of each month."""
        held = seats_held(history, charges)
        # What is held from a day on counts from the end of that day on, up to where something else is.
        places = [self._grid.place(one.since) for one in held] + [self._grid.months + 1]
        for one, first, end in zip(held, places, places[1:], strict=False):
            there = history.reaches(one.term)
            self._of(one.plan)[INDEX["seats"], first:end] = one.seats * there
            self._of(one.plan)[INDEX["accounts"], first:end] = there

    def closed(self) -> tuple[dict[str, Cents], dict[str, Cents]]:
        """The measures of the months, and those at the opening, by plan."""
        cells = {plan: amounts[:, 1:] for plan, amounts in sorted(self._plans.items())}
        return cells, {plan: amounts[:, 0].copy() for plan, amounts in sorted(self._plans.items())}
