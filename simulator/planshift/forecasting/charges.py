"""The charges of one account in one draw: what is bought, what is used of it month by month, and what is lost of it.

A purchase (seats of a term, credits) is billed at once and covers later use; what is used of it is earned month by
month and billed no more. Usage in arrears is billed and earned in one. Everything is read off the same history as the
ledger of the account, and comes to the same cents; breakage that is only expected is no charge, so that unused credits
are lost on the day on which they are gone, whatever the method of breakage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planshift.billing.simulation import Run
from planshift.forecasting.charge import Charge
from planshift.forecasting.charged_credits import credit_charges
from planshift.forecasting.charged_seats import SeatCharges
from planshift.forecasting.charged_usage import UsagePrices, usage_charges
from planshift.forecasting.history import Grid, History, history
from planshift.forecasting.renewal_draws import last_terms, renewals_of
from planshift.forecasting.seat_prices import SeatPriceShock
from planshift.portfolio.account import Account
from planshift.portfolio.portfolio import Portfolio


def charges(past: History, grid: Grid) -> Iterator[Charge]:
    """Every charge that is billed or earned in the months of a grid, of an account's history in one draw.

    By kind and then by day: seats, credits, usage in arrears. What was bought before the first month is only seen in
    what is still used of it. ValueError for more than one draw.
    """
    if past.draws != 1:
        raise ValueError(f"charges are of one draw (got {past.draws})")
    yield from SeatCharges(past, grid).charges()
    usage = UsagePrices(past)
    yield from credit_charges(past, grid, usage)
    yield from usage_charges(past, grid, usage)


def account_charges(
    account: Account, run: Run, portfolio: Portfolio, seat_prices: Sequence[SeatPriceShock] = ()
) -> Iterator[Charge]:
    """The charges of an account of a portfolio in its first draw, in the months of the portfolio's horizon.

    ``run``: of the account's scenario in that draw alone, with ``until=portfolio.end``, as if every renewal happened;
    ``seat_prices``: the portfolio's shocks in that draw.
    """
    decided = renewals_of(account, run, portfolio, range(1))
    return charges(history(run, last_terms(decided), seat_prices), Grid(portfolio.start, portfolio.months))
