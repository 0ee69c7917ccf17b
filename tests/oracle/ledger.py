"""The invoices: every charge in the order in which it happened (S1, S2, A1, C1, R3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from oracle.contract import Contract
from oracle.money import NANO, cents, cents_text, invoice_cents


@dataclass(frozen=True)
class Charge:
    """One line of an invoice, in cents."""

    day: date
    plan: str
    kind: str
    line: int
    user_id: str
    seat_type: str
    quantity: int | None
    amount: int


def seat_cents(contract: Contract, seat_type: str, seats: int, months: Fraction) -> int:
    """Seats x price x months, rounded once to the cent."""
    return cents(seats * Fraction(contract.price(seat_type)) * months)


@dataclass
class Ledger:
    """The charges so far."""

    charges: list[Charge] = field(default_factory=list)

    def _seats(self, day: date, contract: Contract, kind: str, lines: list[tuple[str, int, int]]) -> None:
        """One line a seat type: (type, seats, cents)."""
        for number, (seat_type, seats, amount) in enumerate(lines, start=1):
            self.charges.append(Charge(day, contract.plan.id, kind, number, "", seat_type, seats, amount))

    def seat_fee(self, day: date, contract: Contract) -> None:
        """Seats x price x 12, at once, at the start of a term (S1)."""
        lines = [(t, n, seat_cents(contract, t, n, Fraction(12))) for t, n in contract.held()]
        self._seats(day, contract, "seat_fee", lines)

    def seat_addition(self, day: date, contract: Contract, added: Mapping[str, int]) -> None:
        """Seats x price x the months that are left of the term (S2)."""
        left = contract.months_left(day)
        types = [(t, added[t]) for t in contract.plan.seat_types if added.get(t, 0) > 0]
        self._seats(day, contract, "seat_addition", [(t, n, seat_cents(contract, t, n, left)) for t, n in types])

    def seat_credit(self, day: date, contract: Contract) -> None:
        """Minus what each charge of the term has paid for the months that are left, a line each (R3).

        A contract has one price a seat type for all of a term, so that what was paid is what a seat costs now.
        """
        left = contract.months_left(day)
        lines = [(t, n, -seat_cents(contract, t, n, left)) for t, n in contract.charges()]
        self._seats(day, contract, "seat_credit", lines)

    def credit_purchase(self, day: date, contract: Contract, amount: int) -> None:
        """An invoice of one line for a purchase of credits, in nano-dollars (C1)."""
        exact = Fraction(amount, NANO)
        self.charges.append(Charge(day, contract.plan.id, "credit_purchase", 1, "", "", 1, cents(exact)))

    def usage(self, day: date, contract: Contract, billed: Mapping[str, int]) -> None:
        """What the members used in a period, a line for each of them who used something (A1)."""
        used = {member: billed[member] for member in sorted(billed) if billed[member] > 0}
        for number, (member, amount) in enumerate(invoice_cents(used).items(), start=1):
            self.charges.append(Charge(day, contract.plan.id, "usage", number, member, "", None, amount))

    def usage_minimum(self, day: date, contract: Contract, amount: int) -> None:
        """What a period lacks to the minimum, in cents, as one line; none where nothing is lacking (A3)."""
        if amount:
            self.charges.append(Charge(day, contract.plan.id, "usage_minimum", 1, "", "", None, amount))

    def table(self) -> list[tuple[str, ...]]:
        """date, plan, kind, line, user_id, seat_type, quantity, amount."""
        return [
            (
                c.day.isoformat(),
                c.plan,
                c.kind,
                str(c.line),
                c.user_id,
                c.seat_type,
                "" if c.quantity is None else str(c.quantity),
                cents_text(c.amount),
            )
            for c in self.charges
        ]
