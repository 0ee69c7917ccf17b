"""An explanation: a title, a calculation in steps, and what other choices would have given, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from planshift.explanation.words import Words


@dataclass(frozen=True)
class Step:
    """One step of a calculation, as (text, amount, rule, source).

    ``part`` names the calculation that the step belongs to. Steps of level 0 add up along their part: one marked
    ``total`` is the sum of those before it, back to the part's beginning. A step of level 1 is a part of the last one
    of level 0 before it, one of level 2 of that of level 1: where all of them have amounts, they add up to it.
    ``amount`` is exact, US dollars; None where the step only says something.
    """

    text: str
    amount: Decimal | None = None
    rule: str = ""
    source: str = ""
    level: int = 0
    total: bool = False
    part: str = ""

    def facts(self) -> dict[str, object]:
        """The step as plain data; the amount is text."""
        return {
            "part": self.part,
            "level": self.level,
            "text": self.text,
            "amount": None if self.amount is None else f"{self.amount:f}",
            "total": self.total,
            "rule": self.rule,
            "source": self.source,
        }


def as_part(title: str, steps: Iterable[Step]) -> list[Step]:
    """The steps as a calculation of that title."""
    return [replace(step, part=title) for step in steps]


def adds_up(what: str, whole: Decimal, parts: Decimal) -> None:
    """Nothing where the parts are the whole; planshift would otherwise have explained another amount."""
    if whole != parts:
        raise RuntimeError(f"{what} is {whole:f}, but its parts add up to {parts:f}")


@dataclass(frozen=True)
class OtherChoice:
    """What another choice, where nothing is published, would have given (an [open] point of the rulebook).

    ``amount`` is None where the amount asked for would not be there at all; then ``difference`` takes it away whole.
    ``others`` names further amounts that change, each with what it would be and the difference.
    """

    plan: str
    path: str
    rule: str
    chosen: str
    other: str
    amount: Decimal | None
    difference: Decimal
    text: str
    others: Mapping[str, tuple[Decimal, Decimal]]

    def facts(self) -> dict[str, object]:
        """The choice as plain data; amounts are text."""
        others = {
            name: {"amount": f"{amount:f}", "difference": f"{difference:f}"}
            for name, (amount, difference) in self.others.items()
        }
        return {
            "plan": self.plan,
            "value": self.path,
            "rule": self.rule,
            "chosen": self.chosen,
            "other": self.other,
            "amount": None if self.amount is None else f"{self.amount:f}",
            "difference": f"{self.difference:f}",
            "text": self.text,
            "others": others,
        }


@dataclass(frozen=True)
class Explanation:
    """Why an amount is what it is.

    ``title`` says the answer in a sentence. ``alternatives`` are the open choices that would change the amount,
    ``without_effect`` those that would not, ``agreed`` what would be open if the contract did not settle it, and
    ``next`` what to type to go on. ``words``: the language of all this.
    """

    title: str
    amount: Decimal
    steps: tuple[Step, ...]
    alternatives: tuple[OtherChoice, ...] = ()
    without_effect: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    words: Words = Words()

    @cached_property
    def parts(self) -> dict[str, list[Step]]:
        """The calculations by title, in order."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.part, []).append(step)
        return found

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Everybody who says so, in the order of the steps, each once."""
        return tuple(dict.fromkeys(step.source for step in self.steps if step.source))

    @cached_property
    def rules(self) -> Mapping[str, str]:
        """The rules that steps and choices cite, in order, and what each is about."""
        cited = [*(step.rule for step in self.steps), *(choice.rule for choice in self.alternatives)]
        ids = dict.fromkeys(rule for rules in cited for rule in rules.split(", ") if rule)
        return {rule: self.words.rule(rule) for rule in ids}

    def facts(self) -> dict[str, object]:
        """The same as plain data, which is what ``--json`` prints; amounts are text, exact."""
        return {
            "language": self.words.code,
            "title": self.title,
            "amount": f"{self.amount:f}",
            "steps": [step.facts() for step in self.steps],
            "rules": dict(self.rules),
            "alternatives": [choice.facts() for choice in self.alternatives],
            "without_effect": list(self.without_effect),
            "agreed": list(self.agreed),
            "next": list(self.next),
        }
