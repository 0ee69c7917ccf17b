"""The months: what was charged, used and blocked in each calendar month, plan by plan."""

from dataclasses import dataclass

from oracle.money import cents_text, nano_text
from oracle.run import Run

COLUMN_OF = {
    "seat_fee": "seat_fees",
    "seat_addition": "seat_additions",
    "seat_credit": "seat_additions",
    "credit_purchase": "credit_purchases",
    "usage": "usage_invoiced",
    "usage_minimum": "usage_invoiced",
}


@dataclass
class Month:
    """One row: cents that were invoiced, nano-dollars that were used, blocked and left."""

    seat_fees: int = 0
    seat_additions: int = 0
    credit_purchases: int = 0
    usage_invoiced: int = 0
    usage_billed: int = 0
    blocked: int = 0
    credit_balance: int = 0
    active_members: int = 0
    credits_lapsed: int = 0

    def texts(self) -> tuple[str, ...]:
        """The row's columns after month and plan."""
        invoiced = (self.seat_fees, self.seat_additions, self.credit_purchases, self.usage_invoiced)
        exact = (self.usage_billed, self.blocked, self.credit_balance)
        return (
            *map(cents_text, (*invoiced, sum(invoiced))),
            *map(nano_text, exact),
            str(self.active_members),
            nano_text(self.credits_lapsed),
        )


def months_table(run: Run) -> list[tuple[str, ...]]:
    """A row for each month and plan in force in it, and for each month and plan with a charge; sorted."""
    rows = {key: Month(credit_balance=balance) for key, balance in run.balances.items()}
    for (month, plan, _), tally in run.tallies.items():
        row = rows[month, plan]
        row.usage_billed += tally.billed
        row.blocked += tally.blocked
        row.active_members += tally.demand > 0
    for key, lapsed in run.lapsed.items():
        rows[key].credits_lapsed = lapsed
    for charge in run.ledger.charges:
        key = (f"{charge.day:%Y-%m}", charge.plan)
        row = rows.setdefault(key, Month())
        column = COLUMN_OF[charge.kind]
        setattr(row, column, getattr(row, column) + charge.amount)
    return [(*key, *row.texts()) for key, row in sorted(rows.items())]
