"""The lines of a workbook: measures and their sums, in the order in which the sheet Months shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planshift.forecasting.measures import BALANCE, BILLED, BOOKED, COUNT, DEFERRED, FLOW, RECOGNISED


@dataclass(frozen=True)
class Line:
    """A column of the sheet Months: what its header and the band above it say, and the measures it is the sum of."""

    header: str
    band: str
    measures: tuple[str, ...]
    kind: Literal["flow", "balance", "count"]

    @property
    def is_sum(self) -> bool:
        """Whether it adds up other lines."""
        return len(self.measures) > 1


def _sum(header: str, measures: tuple[str, ...], kind: Literal["flow", "balance", "count"]) -> Line:
    return Line(header, header, measures, kind)


LINES = (
    Line("Booked seats", "Booked", ("booked_seats",), FLOW),
    Line("Booked credits", "Booked", ("booked_credits",), FLOW),
    Line("Booked usage", "Booked", ("booked_usage",), FLOW),
    _sum("Booked", BOOKED, FLOW),
    Line("Invoiced seats", "Invoiced", ("billed_seats",), FLOW),
    Line("Invoiced credits", "Invoiced", ("billed_credits",), FLOW),
    Line("Invoiced usage", "Invoiced", ("billed_usage",), FLOW),
    _sum("Invoiced", BILLED, FLOW),
    Line("Paid", "Cash", ("paid",), FLOW),
    Line("Recognised seats", "Recognised", ("recognised_seats",), FLOW),
    Line("Recognised credits", "Recognised", ("recognised_credits",), FLOW),
    Line("Recognised breakage", "Recognised", ("breakage",), FLOW),
    Line("Recognised usage", "Recognised", ("recognised_usage",), FLOW),
    _sum("Recognised", RECOGNISED, FLOW),
    Line("Deferred seats", "Deferred at month end", ("deferred_seats",), BALANCE),
    Line("Deferred credits", "Deferred at month end", ("deferred_credits",), BALANCE),
    Line("Deferred", "Deferred at month end", DEFERRED, BALANCE),
    Line("Unbilled", "Owed at month end", ("unbilled",), BALANCE),
    Line("Receivable", "Owed at month end", ("receivable",), BALANCE),
    Line("Included usage", "At list price", ("included",), FLOW),
    Line("Stopped usage", "At list price", ("stopped",), FLOW),
    Line("Seats", "Held at month end", ("seats",), COUNT),
    Line("Contracts", "Held at month end", ("accounts",), COUNT),
)
_OF = {line.measures[0]: line for line in LINES if not line.is_sum}


def parts(line: Line) -> tuple[Line, ...]:
    """The lines that a sum adds up, in their order."""
    return tuple(_OF[measure] for measure in line.measures)
