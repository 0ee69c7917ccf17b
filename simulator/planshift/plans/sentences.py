"""One sentence for each keyword of JSON Schema: what must be, what came, and what to do unless the schema says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from planshift.plans.breaches import Breach
from planshift.plans.checker import DATE_PATTERN, DOLLARS, DateText
from planshift.plans.scalars import either_reading, may_mark_thousands, shown
from planshift.problems import did_you_mean, nearest

Said = tuple[str, str]
"""A fact and a remedy."""

TYPES = {
    "object": "keys with values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}
_TO_WRITE = {
    "object": "write its keys on lines below it, indented",
    "array": "write it as [a, b], or on lines that begin with '- '",
    "boolean": "write true or false",
    "null": "remove the value",
    "integer": "write digits, without point or quotes",
    "number": "write digits, with a point for decimals, without quotes",
    "string": "write text",
}
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIKE_A_DATE = "write it like 2026-10-01"


class Told:
    """What a sentence needs to know of a breach: its subject, and what the schema wants there, in words.

    ``spare`` says of a key of the value, or of the value itself, whether the file would do without it.
    """

    def __init__(
        self,
        breach: Breach,
        subject: str,
        wanted: str,
        options: list[str],
        example: str,
        spare: Callable[..., bool],
    ) -> None:
        self.breach = breach
        self.subject = subject
        self.wanted = wanted
        self.options = options
        self.example = example
        self.spare = spare
        self.value: Any = breach.value
        self.rule: Any = breach.rule

    def must(self, be: str) -> str:
        """``'price' must be … (got …)``; of a key, what came is its name already."""
        got = "" if self.subject.startswith("the key ") else f" (got {words(self.value)})"
        return f"{self.subject} must {be}{got}"

    @property
    def or_remove(self) -> str:
        """``, or remove the key`` where that leads out of the mistake, and not into the one that it is missing."""
        return ", or remove the key" if self.spare() else ""

    @property
    def digits(self) -> str:
        """The number that a text is, where it is one."""
        is_number = isinstance(self.value, str) and _NUMBER.fullmatch(self.value.strip())
        return self.value.strip() if is_number else ""


def words(value: object) -> str:
    """A value in words, short however much it holds: ``text '24,00'``, ``12.50``, ``keys a, b``."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, DateText):
        return f"the date {value}"
    if isinstance(value, str):
        return f"text {shown(value)}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return f"keys {listed(value)}" if value else "no keys"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return str(value)


def listed(values: Iterable[object], join: str = ", ") -> str:
    """Up to five values, bare, joined, and a mark if there are more."""
    bare = [shown(value)[1:-1] if isinstance(value, str) else words(value) for value in values]
    return join.join(bare[:5]) + (", …" if len(bare) > 5 else "")


def choices(breaches: Iterable[Breach]) -> list[str]:
    """The texts that alternatives would have accepted for the value itself."""
    found: list[str] = []
    for breach in breaches:
        if not breach.is_inside and breach.keyword in ("enum", "const"):
            accepted = breach.rule if breach.keyword == "enum" else [breach.rule]
            found += [each for each in accepted if isinstance(each, str)]
    return found


def only_missing(breaches: Iterable[Breach]) -> bool:
    """Whether nothing but keys of the value itself is lacking."""
    return all(breach.keyword == "required" and not breach.is_inside for breach in breaches)


def sentence(told: Told) -> Said:
    """The fact and the remedy for any error but missing or unknown keys."""
    return _SENTENCES.get(str(told.breach.keyword), _other)(told)


def _type(told: Told) -> Said:
    value, types = told.value, [told.rule] if isinstance(told.rule, str) else told.rule
    fact = told.must(f"be {told.wanted}")
    if told.digits and {"number", "integer"} & set(types):
        if may_mark_thousands(told.digits):
            return fact, f"{either_reading(told.digits, whole='number' not in types)[1]}, without quotes"
        return fact, f"write {told.digits} without quotes"
    if isinstance(value, Decimal) and "integer" in types:
        if may_mark_thousands(f"{value:f}"):
            return _either(told, whole=True)
        if value == value.to_integral_value():
            return fact, f"write {value:.0f}"
    if told.breach.rules.get("format") == "date":
        return fact, _LIKE_A_DATE
    if value is None:
        return fact, f"write it{told.or_remove}"
    if "string" in types and not isinstance(value, dict | list):
        return fact, f"quote it: '{value if isinstance(value, DateText) else words(value)}'"
    return fact, _TO_WRITE[types[0]]


def _either(told: Told, *, whole: bool) -> Said:
    number = words(told.value)
    fact, remedy = either_reading(number, whole=whole)
    return f"{told.subject} is {number}, which {fact}", remedy


def _format(told: Told) -> Said:
    if told.rule == DOLLARS:
        return _either(told, whole=False)
    unquoted = told.rule == "date" and _DATE.fullmatch(told.value)
    return told.must(f"be a {told.rule}"), f"write {told.value} without quotes" if unquoted else _LIKE_A_DATE


def _pattern(told: Told) -> Said:
    if told.rule.startswith(DATE_PATTERN):
        return told.must("be a date"), f"write {told.value} without quotes" if _DATE.fullmatch(
            told.value
        ) else _LIKE_A_DATE
    if told.example:
        return told.must(f"have a form like {told.example}"), "write it in that form"
    return told.must(f"have the form {told.rule}"), "write it in that form"


def _choice(told: Told) -> Said:
    accepted = told.rule if told.breach.keyword == "enum" else [told.rule]
    fact = told.must(f"be {'one of ' if len(accepted) > 1 else ''}{listed(accepted)}")
    if len(accepted) == 1:
        return fact, f"write {listed(accepted)}"
    if isinstance(told.value, dict | list):
        return fact, f"write one of: {listed(accepted)}"
    return fact, did_you_mean(listed([told.value]), [listed([each]) for each in accepted])


def _alternatives(told: Told) -> Said:
    if not told.breach.inner:
        return _too_many(told)
    if isinstance(told.value, dict) and only_missing(told.breach.inner):
        keys = dict.fromkeys(breach.keys[0] for breach in told.breach.inner)
        return told.must(f"have one of the keys {', '.join(keys)}"), "add the one that is meant"
    options = " or ".join(told.options)
    fact = told.must(f"be {options or 'of another form'}")
    accepted = choices(told.breach.inner)
    if isinstance(told.value, str) and nearest(told.value, accepted) is not None:
        return fact, did_you_mean(told.value, accepted)
    if told.digits and "number" in options:
        return fact, f"write {told.digits} without quotes"
    return fact, f"write {options}" if options else "see `planshift schema`"


def _too_many(told: Told) -> Said:
    needed = [key for rules in told.rule if isinstance(rules, dict) for key in rules.get("required", ())]
    present = [key for key in dict.fromkeys(needed) if isinstance(told.value, dict) and key in told.value]
    if len(present) > 1:
        return f"{told.subject} can have only one of the keys {', '.join(present)}", "keep one of them"
    return f"{told.subject} fits more than one of the forms it can have", "keep what belongs to one of them"


def _bound(told: Told) -> Said:
    phrase = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
    }[str(told.breach.keyword)]
    limit = f"{phrase} {words(told.rule)}"
    return told.must(f"be {limit}"), f"write {told.wanted or 'a number'}, {limit}"


def _multiple(told: Told) -> Said:
    step = Decimal(str(told.rule))
    places = -int(step.as_tuple().exponent)
    if places > 0 and step == Decimal(1).scaleb(-places):
        return told.must(f"have at most {places} decimals"), "round it"
    return told.must(f"be a multiple of {step:f}"), "round it"


_COUNTED = {"Items": ("item", "items"), "Properties": ("key", "keys"), "Length": ("character", "characters")}


def _size(told: Told) -> Said:
    least, count = str(told.breach.keyword).startswith("min"), int(told.rule)
    one, many = _COUNTED[str(told.breach.keyword)[3:]]
    if least and count == 1:
        return f"{told.subject} must not be empty", f"write at least one {one}{told.or_remove}"
    bound = f"{'at least' if least else 'at most'} {count} {one if count == 1 else many}"
    return f"{told.subject} must have {bound} (got {len(told.value)})", "add to it" if least else "shorten it"


def _unique(told: Told) -> Said:
    return f"{told.subject} has an item twice", "remove the repetition"


def _forbidden(told: Told) -> Said:
    together = told.rule.get("required", []) if isinstance(told.rule, dict) else []
    if len(together) > 1:
        return f"{told.subject} cannot have the keys {' and '.join(together)} together", "keep one of them"
    if together:
        return f"{told.subject} cannot have the key '{together[0]}'", "remove it"
    subject = f"key {told.subject}" if told.subject.startswith("'") else told.subject
    return f"{subject} does not belong here", "remove it"


def _dependent(told: Told) -> Said:
    key, missing = next(
        (key, other)
        for key, others in told.rule.items()
        for other in others
        if key in told.value and other not in told.value
    )
    or_remove = f" or remove '{key}'" if told.spare(key) else ""
    return f"{told.subject} has '{key}' and lacks '{missing}', which goes with it", f"add '{missing}'{or_remove}"


def _other(told: Told) -> Said:
    rules = told.breach.rules if isinstance(told.breach.rules, dict) else {}
    about = rules.get("description", "")
    fact = f"{told.subject} breaks the schema's rule '{told.breach.keyword}'"
    return fact, f"it is: {about}" if about else "see `planshift schema`"


_SENTENCES: dict[str, Callable[[Told], Said]] = {
    "type": _type,
    "format": _format,
    "pattern": _pattern,
    "enum": _choice,
    "const": _choice,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "minimum": _bound,
    "maximum": _bound,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "multipleOf": _multiple,
    "minItems": _size,
    "maxItems": _size,
    "minProperties": _size,
    "maxProperties": _size,
    "minLength": _size,
    "maxLength": _size,
    "uniqueItems": _unique,
    "not": _forbidden,
    "dependentRequired": _dependent,
}
