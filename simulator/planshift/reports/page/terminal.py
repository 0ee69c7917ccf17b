"""English as a terminal has it, without Babel: ``74,164 USD``, ``24.7 %``, ``2027-01-01``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.billing.schedule import month_text
from planshift.reports.page.language import Language
from planshift.reports.words import listed, prose_usd, tenths, usd


@dataclass(frozen=True)
class Terminal(Language):
    """The labels' English with a terminal's amounts, shares and dates."""

    code: str = "en"

    def plural_form(self, number: int) -> str:
        """``one`` for one thing, else ``other``."""
        return "one" if number == 1 else "other"

    def dollars(self, cents: int, *, signed: bool = False) -> str:
        """An amount in a sentence, with a blank that a terminal may break: ``74,164 USD``."""
        return f"{self.prose(cents, signed=signed)} USD"

    def prose(self, cents: int, *, signed: bool = False) -> str:
        """The same without its currency: ``74,164``."""
        return f"{_plus(cents, signed)}{prose_usd(cents)}"

    def figure(self, cents: int, *, signed: bool = False) -> str:
        """An amount in a table: ``74,164.45``."""
        return f"{_plus(cents, signed)}{usd(cents)}"

    def count(self, number: int) -> str:
        """A whole number: ``1,234``."""
        return f"{number:,}"

    def percent(self, share: Fraction, *, plain: bool = False) -> str:
        """A share with one decimal: ``24.7 %``; ``plain``: whole per cent without it."""
        written = tenths(share * 100)
        return f"{written.removesuffix('.0') if plain else written} %"

    def day(self, day: date) -> str:
        """A day: ``2027-01-01``."""
        return day.isoformat()

    def month(self, month: date) -> str:
        """A month: ``2027-01``."""
        return month_text(month)

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``."""
        return listed(items)


def _plus(number: int, signed: bool) -> str:
    return "+" if signed and number > 0 else ""
