"""The credits: purchases in the order of their day, what is left of each, and purchases to come (C1-C4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from oracle.money import nano
from oracle.terms import months_after


@dataclass
class Purchase:
    """What is left of one purchase, and the day at whose start it is gone."""

    left: int
    expires: date | None


@dataclass
class Wallet:
    """The purchases, oldest first; the reaction that waits; whether it is known that there is nothing left."""

    purchases: list[Purchase] = field(default_factory=list)
    due: tuple[date, int] | None = None
    known_empty: bool = False

    @property
    def balance(self) -> int:
        """Nano-dollars of credits that can be used."""
        return sum(purchase.left for purchase in self.purchases)

    def put(self, day: date, amount: int, settings: Mapping[str, Any]) -> None:
        """Adds a purchase, which expires so many months after its day, if the settings say so (C3)."""
        months = settings.get("expiry_months")
        self.purchases.append(Purchase(amount, months_after(day, months) if months is not None else None))
        self.answered()

    def answered(self) -> None:
        """A purchase of any kind answers every running out before it (C2)."""
        self.known_empty, self.due = False, None

    def expire(self, day: date) -> int:
        """Drops the purchases that are gone at the start of the day, and says what was left of them (C3)."""
        before = self.balance
        self.purchases = [kept for kept in self.purchases if kept.expires is None or kept.expires > day]
        return before - self.balance

    def draw(self, amount: int) -> None:
        """Takes an amount out, from the oldest purchases first (C1, C3)."""
        for purchase in self.purchases:
            taken = min(purchase.left, amount)
            purchase.left -= taken
            amount -= taken
        self.purchases = [purchase for purchase in self.purchases if purchase.left > 0]
        if amount > 0:
            raise ValueError("more was drawn than there was")

    def due_on(self, day: date) -> int:
        """What is to be bought on this day by reaction; 0 if nothing is (C2)."""
        return self.due[1] if self.due is not None and self.due[0] == day else 0

    def close_day(self, day: date, settings: Mapping[str, Any]) -> None:
        """On the first evening without credits somebody notices, and will buy so many days later (C2)."""
        if self.balance > 0:
            self.known_empty = False
            return
        reaction = settings.get("when_exhausted")
        if not self.known_empty and reaction is not None:
            self.due = (day + timedelta(days=int(reaction["after_days"])), nano(reaction["buy"]))
        self.known_empty = True

    def start_anew(self) -> None:
        """A contract closed: what was to be bought is dropped; the credits stay (C4)."""
        self.due = None
        self.known_empty = False
