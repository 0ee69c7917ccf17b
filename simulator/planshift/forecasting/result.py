"""What a forecast measures, and what it comes to: sums over accounts by plan and segment, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Cents: TypeAlias = npt.NDArray[np.int64]

FLOW: Final = "flow"
BALANCE: Final = "balance"
COUNT: Final = "count"


@dataclass(frozen=True)
class Measure:
    """Something measured: cents that flow in a month, cents that stand at its end, or a count at its end."""

    name: str
    kind: Literal["flow", "balance", "count"]
    title: str


MEASURES = (
    Measure("booked_seats", FLOW, "Booked: seats"),
    Measure("booked_credits", FLOW, "Booked: credits"),
    Measure("booked_usage", FLOW, "Booked: usage in arrears"),
    Measure("billed_seats", FLOW, "Invoiced: seats"),
    Measure("billed_credits", FLOW, "Invoiced: credits"),
    Measure("billed_usage", FLOW, "Invoiced: usage in arrears"),
    Measure("paid", FLOW, "Paid"),
    Measure("recognised_seats", FLOW, "Recognised: seats, by the day"),
    Measure("recognised_credits", FLOW, "Recognised: credits used"),
    Measure("breakage", FLOW, "Recognised: credits that expired"),
    Measure("recognised_usage", FLOW, "Recognised: usage in arrears"),
    Measure("deferred_seats", BALANCE, "Deferred: seats"),
    Measure("deferred_credits", BALANCE, "Deferred: credits"),
    Measure("unbilled", BALANCE, "Unbilled receivable"),
    Measure("receivable", BALANCE, "Receivable: invoiced and not paid"),
    Measure("included", FLOW, "Usage that the plan includes, at list price"),
    Measure("stopped", FLOW, "Usage that was stopped, at list price"),
    Measure("seats", COUNT, "Seats held"),
    Measure("accounts", COUNT, "Contracts in force"),
    Measure("deferred_later", BALANCE, "Deferred: seats, recognised in more than twelve months"),
)
"""In the order of the first axis of a forecast's arrays.

Booked: what a contract commits to on the day it does (seat fees, additions and credits as they are invoiced), and usage
in arrears in the month it is used. In every month and draw, for seats and credits each: deferred at its beginning +
billed − recognised (breakage included) = deferred at its end; and for usage in arrears: unbilled at its beginning +
recognised − billed = unbilled at its end. Receivable at its beginning + everything billed − paid = receivable at its
end. ``deferred_later`` is the part of the deferred seats that is recognised after the twelve months that follow the
month's end, as the contracts stand then: nothing where no term is longer than twelve months. Credits are current.
"""
INDEX = {measure.name: place for place, measure in enumerate(MEASURES)}
BOOKED = ("booked_seats", "booked_credits", "booked_usage")
BILLED = ("billed_seats", "billed_credits", "billed_usage")
RECOGNISED = ("recognised_seats", "recognised_credits", "breakage", "recognised_usage")
DEFERRED = ("deferred_seats", "deferred_credits")


@dataclass(frozen=True, order=True)
class Cell:
    """What sums are kept by: a plan, and the account's segment and region.

    The plan of money is the one that charged it, also after the account has left it; the plan of seats, contracts and
    of usage that is included or stopped is the one in force.
    """

    plan: str
    segment: str
    region: str


@dataclass(frozen=True)
class Bridge:
    """From the first run-rate to the last, US cents a year, each step of shape (draws,); steps add up in every draw.

    ``steps``: key → cents, in order; keys of committed ARR (seat fees × 12): ``price``, ``seats``, ``churn``; of usage
    (the last three months' metered usage × 4): ``included_to_metered``, ``discount``, ``growth``, ``churn``.
    """

    first: Cents
    steps: Mapping[str, Cents]
    last: Cents


RENEWAL_COLUMNS = (
    *("account_id", "title", "segment", "region", "day", "number", "early", "plan", "plan_after"),
    *("seats_before", "seats_after", "arr_before", "retained", "usage_before", "probability", "reached", "renewed"),
)
"""The columns of `Forecast.renewals`: a row for each renewal of an account inside the horizon, also an early move, by
day and then by account.

``day``: datetime64[D]; ``number``: of the account's renewals in the horizon, from 1; ``early``: an early move.
``seats_after``: what is agreed if it goes on. US cents a year, means over all draws: ``arr_before`` (committed, the day
before; nothing in a draw in which the contract has ended by then), ``retained`` (committed, from the day on; nothing in
a draw in which it does not go on), ``usage_before`` (the last three months' metered usage × 4). ``probability``: that
it goes on, as the portfolio and the scenario have it, float; ``reached``, ``renewed``: the number of draws in which the
contract is in force the day before, and goes on.
"""
ACCOUNT_COLUMNS = (
    *("account_id", "title", "segment", "region", "plan", "term_start", "seats", "members"),
    *("billed", "paid", "recognised", "recognised_p10", "recognised_p90"),
    *("arr_first", "arr_last", "usage_first", "usage_last", "lost"),
)
"""The columns of `Forecast.accounts`: a row an account, in order of id.

``plan``, ``seats`` and ``members`` are those at the beginning, ``term_start`` is datetime64[D]. US cents over the
horizon: means over the draws of what is billed, paid and recognised, and the account's own P10 and P90 of what is
recognised; US cents a year, means: committed ARR (``arr_``) and usage run-rate (``usage_``) before the first month and
at the end of the last. ``lost``: the number of draws in which the contract ends inside the horizon.
"""


@dataclass(frozen=True)
class Table:
    """Rows in columns of equal length, in the order in which a table shows them."""

    columns: Mapping[str, np.ndarray[Any, Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True)
class Forecast:
    """One named scenario of a portfolio.

    ``cells``: cents (counts for counts) of shape (len(MEASURES), months, draws); ``opening``: the same measures at the
    end of the day before the first month, shape (len(MEASURES), draws), zero for flows. ``committed`` and ``usage``:
    ARR bridges by segment. ``renewals``: a row an account and renewal (RENEWAL_COLUMNS); ``accounts``: a row an
    account, in order of id (ACCOUNT_COLUMNS). ``coarse``: made from members by persona and month instead of days.
    """

    scenario: str
    title: str
    months: tuple[date, ...]
    draws: int
    cells: Mapping[Cell, Cents]
    opening: Mapping[Cell, Cents]
    committed: Mapping[str, Bridge]
    usage: Mapping[str, Bridge]
    renewals: Table
    accounts: Table
    coarse: bool
    warnings: tuple[str, ...]

    def total(self, *measures: str, plan: str | None = None, segment: str | None = None) -> Cents:
        """The sum of measures over accounts, shape (months, draws); of one plan or segment where they are said."""
        found = np.zeros((len(self.months), self.draws), dtype=np.int64)
        for cell, amounts in self.cells.items():
            if plan in (None, cell.plan) and segment in (None, cell.segment):
                found += sum((amounts[INDEX[measure]] for measure in measures), np.zeros_like(found))
        return found
