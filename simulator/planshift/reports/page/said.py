"""What is to be said, before a language says it: a label's key with its values, each with its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True)
class Money:
    """An amount in cents; ``signed``: a difference, which shows its sign; ``bare``: without its currency."""

    cents: int
    signed: bool = False
    bare: bool = False


@dataclass(frozen=True)
class Month:
    """A calendar month, by its first day."""

    first: date


@dataclass(frozen=True)
class Name:
    """What something is called: the label of a key, or, where there is none, the name that its file gives it."""

    key: str
    own: str


@dataclass(frozen=True)
class Said:
    """A label with the values for its placeholders."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


Value: TypeAlias = "Money | Month | Name | Said | date | int | Fraction | str | tuple[Value, ...]"
"""What a placeholder can hold. A whole number is a count, a fraction is shown in per cent, several are listed."""


def said(key: str, **values: Value) -> Said:
    """A label with its values."""
    return Said(key, values)
