"""What a forecast measures of every contract, month by month; each is a flow of a month, or a balance at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

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
