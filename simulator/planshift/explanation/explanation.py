"""An explanation in one language: its words, a calculation in steps, and what other choices would have given."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from planshift.billing.money import CENT, dollars
from planshift.billing.terms import CONTRACT
from planshift.plans.plan import ALWAYS, Dated, Plan, Sourced
from planshift.plans.rates import RateCard
from planshift.reports.page.labels import COUNT
from planshift.reports.page.language import Language
from planshift.reports.page.said import Value
from planshift.reports.page.terminal import Terminal

ENGLISH = "en"
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Words:
    """A language by its code; English is written as a terminal has it, with days as 2027-01-01."""

    code: str = ENGLISH

    @cached_property
    def _language(self) -> Language:
        return Terminal() if self.code == ENGLISH else Language(self.code)

    def say(self, key: str, **values: str | int | date) -> str:
        """The label of a key below ``explain`` with its values: days and whole numbers as the language writes them."""
        texts: dict[str, Value] = {
            name: value if name == COUNT else self._text(value) for name, value in values.items()
        }
        label = f"explain.{key}"
        return self._language.say(label, **texts)

    def _text(self, value: str | int | date) -> str:
        match value:
            case str():
                return value
            case date():
                return self.day(value)
            case _:
                return self._language.count(value)

    def has(self, key: str) -> bool:
        """Is there a label of that key below ``explain``?"""
        return f"explain.{key}" in self._language.labels

    def name(self, key: str, own: str) -> str:
        """What something of a plan's file is called: by its label, or, in English or without one, as the file says."""
        labelled = self.code != ENGLISH and key in self._language.labels
        return self._language.say(key) if labelled else own

    # --- numbers -------------------------------------------------------------------------------------------------

    def usd(self, nanos: int) -> str:
        """Nano-dollars as dollars, half up to the cent: ``1,285.16``."""
        return self.cents(dollars(nanos))

    def cents(self, amount: Decimal) -> str:
        """Dollars, half up to the cent; what is not nothing never looks like it: ``under 0.01``."""
        if 0 < abs(amount) < _CENT / 2:
            return f"{'-' if amount < 0 else ''}{self.say('under', amount=self.cents(_CENT))}"
        return self._language.figure(int(amount.quantize(_CENT, ROUND_HALF_UP).scaleb(2)))

    def exact(self, nanos: int) -> str:
        """Nano-dollars with all nine decimals where they are no whole cents: for what is rounded in the next step."""
        return self.usd(nanos) if nanos % CENT == 0 else self.number(dollars(nanos), 9)

    def number(self, value: Decimal | int, decimals: int = 0) -> str:
        """A number with as many decimals as it has, but at least so many: a price with two."""
        whole, _, rest = f"{Decimal(value).normalize():,f}".partition(".")
        rest = rest.ljust(decimals, "0")
        english = f"{whole}.{rest}" if rest else whole
        if self.code == ENGLISH:
            return english
        from babel.numbers import get_decimal_symbol, get_group_symbol

        locale = self._language.locale
        return english.translate({ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)})

    def difference(self, nanos: int) -> str:
        """``30.00 more``, ``12.50 less``, ``the same``."""
        if not nanos:
            return self.say("change.same")
        return self.say("change.more" if nanos > 0 else "change.less", amount=self.usd(abs(nanos)))

    def percent(self, share: Decimal | int) -> str:
        """A share as ``7.5 %``."""
        return self.say("percent", share=self.number(Decimal(share) * 100))

    def count(self, number: int) -> str:
        """A whole number: ``5,000``."""
        return self._language.count(number)

    # --- days, lists ---------------------------------------------------------------------------------------------

    def day(self, day: date) -> str:
        """``2027-01-01``, ``01.01.2027``, ``1 gen 2027``."""
        if self.code == ENGLISH:
            return day.isoformat()
        from babel.dates import format_date

        return str(format_date(day, "medium", locale=self._language.locale))

    def days(self, first: date, end: date) -> str:
        """Days from ``first`` up to, not including, ``end``: ``2026-10-01 to 2026-10-31``, or the one day."""
        last = end - timedelta(days=1)
        return self.day(first) if first == last else self.say("days", first=first, last=last)

    def month(self, month: date) -> str:
        """``2027-01``, ``Jan. 2027``."""
        return self._language.month(month).replace("\u00a0", " ")

    def listed(self, words: Iterable[str]) -> str:
        """``a``, ``a and b``, ``a, b and c``."""
        return self._language.listed(list(words))

    # --- plans ---------------------------------------------------------------------------------------------------

    def seat(self, plan: Plan, seat: str) -> str:
        """``Standard seat``, ``Standard-Lizenz``."""
        return self.name(f"names.seats.{seat}", plan.seat_titles[seat])

    def seats(self, plan: Plan, seat: str, number: int) -> str:
        """``1 Standard seat``, ``5,000 Standard seats``."""
        if self.code != ENGLISH and self.has(f"counted_seats.{seat}"):
            return self.say(f"counted_seats.{seat}", count=number)
        title = plan.seat_titles[seat]
        return f"{self.count(number)} {title if number == 1 else f'{title}s'}"

    def plan(self, plan: str, title: str) -> str:
        """A plan's name, by its id and the title in its file."""
        return self.name(f"names.plans.{plan}", title)

    def channel(self, plan: Plan, channel: str) -> str:
        """``Self-serve``, ``Sales-assisted``, or as the plan's file calls it."""
        return self.name(f"explain.channels.{channel}", plan.channel_titles[channel])

    @cached_property
    def your_contract(self) -> str:
        """Who says so, where it is neither the plan nor a what-if."""
        return self.say("source.contract")

    def source(self, origin: Plan | RateCard, value: Sourced) -> str:
        """Who says so: title and address of a source, ``your contract``, ``assumed: …`` or ``what-if: …``."""
        if value.reference == CONTRACT:
            return self.your_contract
        if value.overlay:
            return self.say("source.what_if", title=value.overlay)
        known = origin.sources.get(value.reference)
        read = f"{known.title}, {known.address}" if known else value.reference
        if not value.assumed:
            return read.removesuffix(".")
        assumed = f"{self.assumed}{value.note}".removesuffix(".")
        return f"{read}; {assumed}" if read and isinstance(origin, RateCard) else assumed

    @cached_property
    def assumed(self) -> str:
        """What goes before an assumption: ``assumed: ``."""
        return self.say("source.assumed", note="")

    def in_force_since(self, dated: Dated | None, day: date) -> str:
        """``, in force since 2025-11-01`` for the entry of a dated value that holds on a day; empty for an undated."""
        held = [since for since, _ in dated.entries if since <= day] if dated else []
        return self.say("since", day=held[-1]) if held and held[-1] != ALWAYS else ""

    # --- rules, commands -----------------------------------------------------------------------------------------

    def rule(self, rule: str) -> str:
        """What a rule is about: ``Seats are charged for the whole term at its start``."""
        return self._language.labels[f"names.rules.{rule}"].text("other")

    def command(self, run_name: str, *options: object) -> str:
        """What to type for another explanation of a folder in the same language."""
        language = () if self.code == ENGLISH else ("--language", self.code)
        return shlex.join(["planshift", "explain", run_name, *map(str, options), *language])


def of_cents(cents: int) -> Decimal:
    """Cents as dollars."""
    return Decimal(cents).scaleb(-2)


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
