"""A language: what it calls things, and how it writes amounts, dates, shares and lists (formats by Babel)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from planshift.billing.money import half_up
from planshift.reports.page.labels import COUNT, LANGUAGES, Label, read_labels
from planshift.reports.page.said import Money, Month, Name, Said, Value
from planshift.reports.words import WHOLE_DOLLARS_FROM

if TYPE_CHECKING:
    from babel import Locale

MINUS = "−"
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Language:
    """A language by its code. Amounts are rounded before they get here: Babel only writes them."""

    code: str

    @cached_property
    def labels(self) -> Mapping[str, Label]:
        """Everything it says, by key."""
        return read_labels(self.code)

    @cached_property
    def locale(self) -> Locale:
        """The formats."""
        from babel import Locale

        return Locale.parse(LANGUAGES[self.code])

    def say(self, key: str, **values: Value) -> str:
        """A label with its placeholders filled; LookupError for a key, a missing value or one too many."""
        label = self.labels[key]
        if label.placeholders != values.keys():
            differing = sorted(label.placeholders ^ values.keys())
            raise LookupError(f"{self.code}: the label '{key}' and its values differ in {', '.join(differing)}")
        number = values.get(COUNT, 0)
        form = self.plural_form(number) if label.counted and isinstance(number, int) else "other"
        return label.text(form).format_map({name: self.text(value) for name, value in values.items()})

    def plural_form(self, number: int) -> str:
        """Which form of a label a number of things takes: ``one`` or ``other``."""
        return str(self.locale.plural_form(number))

    def cell(self, value: Value) -> str:
        """A value as a cell of a table has it: amounts to the cent, all else as a sentence has it."""
        return self.exact(value.cents, signed=value.signed) if isinstance(value, Money) else self.text(value)

    def text(self, value: Value) -> str:
        """A value in words or figures, as its kind asks for; amounts as a sentence has them."""
        match value:
            case str():
                return value
            case Money(cents, signed, bare):
                return self.prose(cents, signed=signed) if bare else self.dollars(cents, signed=signed)
            case Month(first):
                return self.month(first)
            case Name(key, own):
                return self.say(key) if key in self.labels else own
            case Said(key, values):
                return self.say(key, **values)
            case date():
                return self.day(value)
            case Fraction():
                return self.percent(value, plain=True)
            case int():
                return self.count(value)
            case _:
                return self.listed([self.text(item) for item in value])

    def sentence(self, text: str) -> str:
        """A text as it stands at the beginning of a line: with a capital."""
        return text[:1].upper() + text[1:]

    def dollars(self, cents: int, *, signed: bool = False) -> str:
        """An amount with its currency in a sentence or headline, in whole dollars where it is large: ``74,164 USD``."""
        return self._with_currency(self.prose(cents, signed=signed))

    def exact(self, cents: int, *, signed: bool = False) -> str:
        """An amount with its currency, to the cent: ``74,164.45 USD``, ``74.164,45 $``; ``signed``: with a plus too."""
        return self._with_currency(self.figure(cents, signed=signed))

    def _with_currency(self, amount: str) -> str:
        return f"{amount}{NO_BREAK}{self.say('page.currency')}"

    def figure(self, cents: int, *, signed: bool = False) -> str:
        """An amount without its currency, for tables that say it once: ``74,164.45``, ``74.164,45``."""
        from babel.numbers import format_decimal

        return _sign(cents, signed) + format_decimal(_hundredths(abs(cents)), format="#,##0.00", locale=self.locale)

    def prose(self, cents: int, *, signed: bool = False) -> str:
        """An amount without its currency in a sentence: whole dollars where it is large, else to the cent."""
        written = self.whole if abs(cents) >= WHOLE_DOLLARS_FROM else self.figure
        return written(cents, signed=signed)

    def whole(self, cents: int, *, signed: bool = False) -> str:
        """The same in whole dollars, half up: ``74,164``."""
        dollars = half_up(Fraction(cents, 100))
        return _sign(dollars, signed) + self.count(abs(dollars))

    def count(self, number: int) -> str:
        """A whole number: ``1,234``, ``1.234``."""
        from babel.numbers import format_decimal

        return _sign(number) + format_decimal(abs(number), format="#,##0", locale=self.locale)

    def average(self, number: Fraction) -> str:
        """How many on average: a whole number where it is one, else with one decimal, half up: ``30``, ``4.4``."""
        from babel.numbers import format_decimal

        tenths = half_up(number * 10)
        if tenths % 10 == 0:
            return self.count(tenths // 10)
        return _sign(tenths) + format_decimal(Decimal(abs(tenths)).scaleb(-1), format="#,##0.0", locale=self.locale)

    def percent(self, share: Fraction, *, plain: bool = False) -> str:
        """A share with one decimal, half up, with the blank that the language puts before its sign: ``24.7%``.

        ``plain``: whole per cent without a decimal, as a sentence has them: ``5%``.
        """
        from babel.numbers import parse_pattern

        tenths = half_up(share * 1000)
        # The locale's own pattern, so that its blank stays; Babel has no other way to ask for one decimal.
        form = self.locale.percent_formats[None].pattern
        pattern = parse_pattern(form if plain and tenths % 10 == 0 else form.replace("##0", "##0.0"))
        written: str = pattern.apply(Decimal(abs(tenths)).scaleb(-3), self.locale)
        return _sign(tenths) + written

    def day(self, day: date) -> str:
        """A day: ``1 January 2027``; the blanks in it do not break."""
        from babel.dates import format_date

        return format_date(day, "long", locale=self.locale).replace(" ", NO_BREAK)

    def month(self, month: date) -> str:
        """A month: ``Jan 2027``."""
        from babel.dates import format_date

        return format_date(month, "MMM y", locale=self.locale).replace(" ", NO_BREAK)

    def short_month(self, month: date) -> str:
        """A month without its year, for an axis: ``Jan``."""
        return str(self.locale.months["stand-alone"]["abbreviated"][month.month])

    def listed(self, items: list[str]) -> str:
        """``a, b and c``."""
        from babel.lists import format_list

        return str(format_list(items, locale=self.locale)) if items else ""


def _hundredths(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _sign(number: int, signed: bool = False) -> str:
    if number < 0:
        return MINUS
    return "+" if signed and number else ""
