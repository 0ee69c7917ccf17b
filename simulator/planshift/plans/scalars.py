"""What a plain YAML scalar means, and how written numbers are read.

Whatever YAML 1.1 would read in a way that surprises people (``no``, ``012``, ``12:30``) is refused with a remedy
instead of being guessed. A quoted scalar never comes here: it is text.

A point or a comma marks decimals or thousands. ``5.000`` is five thousand in half of Europe and five in the other
half, and no money or count is ever written with exactly three decimals. So a count or an amount of this form is
refused, with both readings and how to write each. What cannot have its thousands marked is no question: ``0.125``,
``1234.567``, ``5.0000``. Neither are shares, factors and prices of a million tokens, which do have three decimals.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from planshift.plans.bounds import LONGEST_NAME, day_problem
from planshift.problems import printable

_EITHER = {mark: re.compile(rf"[-+]?[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}") for mark in ".,"}
_FEWEST_DECIMALS = 2
_PLAIN = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")


def exact(text: str) -> Decimal | None:
    """The number that a program wrote as a text; None for another text, and for more digits than can be added up."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def may_mark_thousands(text: str, mark: str = ".") -> bool:
    """Whether the mark in a written number, the decimal one here, could stand for thousands: ``5.000``, ``110.000``."""
    return bool(_EITHER[mark].fullmatch(text))


def either_reading(text: str, *, whole: bool = False, mark: str = ".") -> tuple[str, str]:
    """The fact and the remedy for a number of which `may_mark_thousands` is true: ``could be 5000 … or 5.00``.

    The fact goes on after the number itself. ``whole``: only whole numbers are wanted, such as a count's.
    """
    thousands = text.replace(mark, "")
    decimals = _whole(text, mark) if whole else with_decimals(text.replace(mark, "."))
    readings = f"{thousands} or {decimals}" if decimals else thousands
    also = f" or {decimals} with three decimals" if decimals else ""
    return f"could be {thousands} with its thousands marked{also}", f"write {readings}"


def with_decimals(number: Decimal | str) -> str:
    """A number with as many decimals as it needs, two at least, and never three, which could be taken for thousands."""
    whole, _, decimals = f"{Decimal(number):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(_FEWEST_DECIMALS, "0")
    text = f"{whole}.{decimals}"
    return f"{text}0" if may_mark_thousands(text) else text


def _whole(text: str, mark: str) -> str:
    """The whole number before the mark, where nothing but zeros follows it."""
    whole, _, decimals = text.partition(mark)
    return "" if decimals.strip("0") else whole


def decimal_mark(text: str) -> str | None:
    """The mark that a number has for decimals, as far as it cannot be read in another way.

    A comma in ``0,12``, ``1.234,56`` and ``1.234.567``, a point in ``0.12`` and ``1,234.56``, None in ``5.000``.
    """
    bare = _bare(text)
    for mark, forms in _CERTAIN.items():
        if forms.fullmatch(bare) and not may_mark_thousands(bare, mark):
            return mark
    return None


def in_point_form(text: str, mark: str) -> str | None:
    """A number whose decimals have that mark, without thousands and with a point: ``1234.56`` for ``1.234,56``.

    Dollar signs are left out. None for what is no such number. What is given back is no question again.
    """
    bare = _bare(text)
    if not _FORMS[mark].fullmatch(bare):
        return None
    whole, point, decimals = bare.partition(mark)
    whole = re.sub("[.,]", "", whole)
    return with_decimals(f"{whole}.{decimals}") if point else whole


_BLANKS = " \u00a0\u202f'\u2019"
_BETWEEN_GROUPS = re.compile(rf"(?<=[0-9])[{_BLANKS}](?=[0-9]{{3}}(?![0-9]))")
_DOLLARS = re.compile(r"^(?:US\$|\$|USD\b)\s*|\s*(?:\$|\bUSD)$")
_OTHER = {",": r"\.", ".": ","}
_GROUPED = {mark: rf"[-+]?[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}})" for mark, other in _OTHER.items()}
_FORMS = {mark: re.compile(rf"(?:[-+]?[0-9]+|{one}+)(?:{re.escape(mark)}[0-9]+)?") for mark, one in _GROUPED.items()}
_CERTAIN = {
    mark: re.compile(rf"(?:[-+]?[0-9]+|{one}+){re.escape(mark)}[0-9]+|{one}{{2,}}") for mark, one in _GROUPED.items()
}


def _bare(text: str) -> str:
    """The number without a sign for dollars, and without the blanks and apostrophes that mark its thousands."""
    return _BETWEEN_GROUPS.sub("", _DOLLARS.sub("", text.strip()))


Scalar = str | int | bool | Decimal | date | None

MOST_DIGITS = 18
OR_QUOTE = ", or quote it if it is text"


class RefusedError(ValueError):
    """A scalar with two readings: the fact, and what to write instead."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(fact)
        self.fact = fact
        self.remedy = remedy


def shown(text: str, most: int = 40) -> str:
    """The text in quotes for a message: on one line, without control characters, at most ``most`` characters."""
    return f"'{printable(text if len(text) <= most else text[: most - 1] + '…')}'"


def odd_name(text: str) -> tuple[str, str] | None:
    """What is odd about a name that people write, so that nobody could tell it from another; and what to do."""
    if text != text.strip():
        return "begins or ends with a blank", "remove it"
    if not text.isprintable():
        return "has a character that cannot be seen", "remove it"
    if len(text) > LONGEST_NAME:
        return f"has more than {LONGEST_NAME} characters", "shorten it"
    return None


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar; raises RefusedError where people and YAML might read it differently."""
    if not _ANY_DIGIT.search(text):
        return _word(text)
    if _INTEGER.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text)
    if _DECIMAL.fullmatch(text) and len(text) <= MOST_DIGITS:
        return Decimal(text.replace("_", ""))
    if _DATE.fullmatch(text):
        return _date(text)
    for pattern, refusal in _REFUSALS:
        if pattern.fullmatch(text):
            raise refusal(text)
    return text


_ANY_DIGIT = re.compile("[0-9]")
_DIGITS = "(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:_[0-9]{3})+)"
_INTEGER = re.compile(f"[-+]?{_DIGITS}")
_DECIMAL = re.compile(rf"[-+]?{_DIGITS}\.[0-9]+")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

_MEANT = (
    dict.fromkeys(("true", "yes", "on"), "true") | dict.fromkeys(("false", "no", "off"), "false") | {"null": "null"}
)


def _word(text: str) -> Scalar:
    """The value of a scalar without digits."""
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    lower = text.lower()
    if lower in _MEANT:
        raise RefusedError(
            f"{shown(text)} is read differently by different programs", f"write {_MEANT[lower]}{OR_QUOTE}"
        )
    if lower.lstrip("+-") in (".nan", ".inf"):
        raise RefusedError(f"{shown(text)} is not a number that can be calculated with", f"write a number{OR_QUOTE}")
    if text == "<<":
        raise RefusedError("'<<' merges keys, which is not done here", f"write the keys out{OR_QUOTE}")
    return text


def _date(text: str) -> date:
    year, month, day = (int(part) for part in text.split("-"))
    if year == 0 or not 1 <= month <= 12:
        why = "years begin at 0001" if year == 0 else "months run from 01 to 12"
    elif not 1 <= day <= (last := calendar.monthrange(year, month)[1]):
        why = f"{calendar.month_name[month]} {year} has {last} days"
    else:
        found = date(year, month, day)
        strange = day_problem(found)
        if strange:
            raise RefusedError(f"{shown(text)} {strange[0]}", f"{strange[1]}{OR_QUOTE}")
        return found
    raise RefusedError(f"{shown(text)} is not a date of the calendar ({why})", f"write a date that exists{OR_QUOTE}")


def _digits(text: str) -> str:
    """The number in a text with thousands and decimals marked in some country's way, as it is to be written here."""
    bare = re.sub(r"[^0-9.,-]", "", text).rstrip(".,")
    last = max(bare.rfind("."), bare.rfind(","))
    marks = {c for c in bare if c in ".,"}
    thousands = len(marks) == 1 and (bare.count(bare[last]) > 1 or may_mark_thousands(bare, ","))
    if last < 0 or thousands:
        return re.sub("[.,]", "", bare)
    return re.sub("[.,]", "", bare[:last]) + "." + bare[last + 1 :]


def _comma(text: str) -> RefusedError:
    number = _digits(text)
    decimals = with_decimals(text.replace(",", ".")) if may_mark_thousands(text, ",") else ""
    also = f", or {decimals} if the comma marks decimals" if decimals else ""
    if "," in text and "." in number:
        fact = f"{shown(text)} is a number with a comma; decimals have a point"
    else:
        fact = f"{shown(text)} is a number with its thousands marked"
    return RefusedError(fact, f"write {number}{also}{OR_QUOTE}")


def _currency(text: str) -> RefusedError:
    return RefusedError(f"{shown(text)} has a currency with the number", f"write {_digits(text)}{OR_QUOTE}")


def _percent(text: str) -> RefusedError:
    share = Decimal(_digits(text)) / 100
    return RefusedError(f"{shown(text)} is a percentage", f"write the share, {share.normalize():f}{OR_QUOTE}")


def _exponent(text: str) -> RefusedError:
    fact = f"{shown(text)} is a number with an exponent"
    mantissa, exponent = re.split("[eE]", text.replace("_", ""))
    if len(mantissa) > MOST_DIGITS or len(exponent) > 3 or abs(int(exponent)) > MOST_DIGITS:
        return RefusedError(fact, f"write it out in digits{OR_QUOTE}")
    digits = f"{Decimal(mantissa).scaleb(int(exponent)):f}"
    return RefusedError(fact, f"write it out in digits, {digits}{OR_QUOTE}")


def _leading_zero(text: str) -> RefusedError:
    sign = "-" if text.startswith("-") else ""
    number = text.lstrip("+-").replace("_", "").lstrip("0") or "0"
    number = sign + ("0" + number if number.startswith(".") else number)
    return RefusedError(
        f"{shown(text)} begins with a zero", f"write {shown(number)[1:-1]}, or quote it if the zero counts"
    )


def _underscores(text: str) -> RefusedError:
    return RefusedError(
        f"{shown(text)} does not group its digits by three", f"write it like 100_000 or without underscores{OR_QUOTE}"
    )


def _half_point(text: str) -> RefusedError:
    number = text.replace("_", "")
    number = number + "0" if number.endswith(".") else number.replace(".", "0.", 1)
    return RefusedError(f"{shown(text)} lacks a digit beside the point", f"write {shown(number)[1:-1]}{OR_QUOTE}")


def _other_date(text: str) -> RefusedError:
    return RefusedError(f"{shown(text)} is not how a date is written here", f"write it like 2026-10-01{OR_QUOTE}")


def _time(text: str) -> RefusedError:
    return RefusedError(
        f"{shown(text)} is a time of day, or a number to base sixty", f"write the date or number{OR_QUOTE}"
    )


def _base(text: str) -> RefusedError:
    return RefusedError(f"{shown(text)} is a number to another base than ten", f"write it to base ten{OR_QUOTE}")


def _minus(text: str) -> RefusedError:
    return RefusedError(f"{shown(text)} begins with a long dash", f"write the minus sign '-'{OR_QUOTE}")


def _long(text: str) -> RefusedError:
    return RefusedError(
        f"{shown(text)} is longer than any number here", f"write at most {MOST_DIGITS} characters{OR_QUOTE}"
    )


# The first pattern that fits the whole scalar decides, so the order counts: dates before numbers, `012` before `1_0`.
_SIGNS = r"(?:US\$|[$€£¥]|USD|EUR|CHF|GBP)"
_COUNT = r"[0-9][0-9.,_'’]*"
_REFUSALS: list[tuple[re.Pattern[str], Callable[[str], RefusedError]]] = [
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt \t]+[0-9]{1,2}:[0-9]{2}.*"), _time),
    (re.compile(r"[0-9]{4}([-./])[0-9]{1,2}\1[0-9]{1,2}"), _other_date),
    (re.compile(r"[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{4}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}"), _other_date),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"), _time),
    (re.compile(r"[-+]?0[0-9_]+(?:\.[0-9_]*)?"), _leading_zero),
    (re.compile(r"[-+]?0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+)"), _base),
    (re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+"), _exponent),
    (re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"), _comma),
    (re.compile(r"[-+]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+"), _comma),
    (re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3}){2,}"), _comma),
    (re.compile("[-+]?[0-9]{1,3}(?:['’ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?"), _comma),
    (re.compile(rf"[-+]?{_SIGNS}\s?[-+]?{_COUNT}|[-+]?{_COUNT}\s?{_SIGNS}"), _currency),
    (re.compile(r"[-+]?[0-9]{1,9}(?:[.,][0-9]{1,9})?\s?%"), _percent),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*\.)"), _half_point),
    (re.compile("[\u2013\u2014\u2212][0-9][0-9_.,]*"), _minus),
    (re.compile(rf"[-+]?{_DIGITS}(?:\.[0-9]+)?"), _long),
    (re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?"), _underscores),
]
