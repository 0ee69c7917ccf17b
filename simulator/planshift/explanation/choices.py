"""Open choices: where nothing is published, what each other choice would have given for an amount."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

from planshift.billing.contract import Migrate
from planshift.billing.ledger import Ledger
from planshift.billing.minimum import COUNTS, PART_MONTH, amount_agreed
from planshift.billing.money import dollars
from planshift.explanation.explanation import OtherChoice, Words
from planshift.explanation.replay import Replay
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Dated, Plan, Sourced, plain
from planshift.plans.rules import matches, read_rules
from planshift.problems import InputError

Amounts: TypeAlias = Mapping[str, int]
"""Nano-dollars by name; the first is the amount asked for, the others come with it."""
AmountReader: TypeAlias = Callable[[Ledger], Amounts | None]
"""Finds the amounts asked for in a ledger; None where they are not there."""


@cache
def _rule_of(path: str) -> str:
    """The rule that reads a plan value; empty where none does."""
    rules = read_rules().rules.values()
    return next((rule.id for rule in rules if any(matches(path, pattern) for pattern in rule.values)), "")


@dataclass(frozen=True)
class Open:
    """An open choice of a plan that was in force in a run: the entry taken, and the other choices."""

    plan: Plan
    dated: Dated
    taken: Sourced
    surfaces: Mapping[str, str]
    words: Words

    @property
    def path(self) -> str:
        """The path of the value in the plan's file."""
        return self.dated.path

    @property
    def _seat(self) -> str:
        """The seat type whose surfaces it is about; empty for other choices."""
        group, _, rest = self.path.partition(".")
        return rest.removesuffix(".surfaces") if group == "seats" and rest.endswith(".surfaces") else ""

    @property
    def rule(self) -> str:
        """The rule that leaves it open; empty where planshift knows of none."""
        return _rule_of(self.path)

    @property
    def subject(self) -> str:
        """What the choice decides: ``how the rest of a term is counted``."""
        if self._seat:
            return self.words.say("choice.surfaces.subject", seat=self.words.seat(self.plan, self._seat))
        return self._labelled("subject", self.path)

    def said(self, value: Any) -> str:
        """One of the choices in words."""
        words = self.words
        if self._seat:
            opened = words.listed(self.surfaces.get(name, name) for name in value)
            return words.say("choice.surfaces.opens", seat=words.seat(self.plan, self._seat), surfaces=opened)
        if self.path == "credits.expiry_months" and plain(value) != "none":
            return words.say("choice.credits_expiry_months.months", count=int(value))
        return self._labelled(plain(value), f"{self.path} {plain(value)}")

    def _labelled(self, name: str, otherwise: str) -> str:
        """A label of the choice; what to say where nobody has written one."""
        key = f"{self.path.replace('.', '_')}.{name}"
        return self.words.say(f"choice.{key}") if self.words.has(f"choice.{key}") else otherwise

    def chosen(self, other: Any, catalogue: Catalogue) -> Catalogue:
        """The catalogue with this one entry of this one value replaced."""
        others = tuple(value for value in (*self.taken.alternatives, self.taken.value) if value != other)
        instead = replace(self.taken, value=other, alternatives=others)
        entries = tuple((since, instead if entry is self.taken else entry) for since, entry in self.dated.entries)
        values = {**self.plan.values, self.path: replace(self.dated, entries=entries)}
        return replace(catalogue, plans={**catalogue.plans, self.plan.id: replace(self.plan, values=values)})


def open_choices(replay: Replay) -> Iterator[Open]:
    """Every open choice of every plan that was in force in a run; of a minimum of usage, where there is one."""
    surfaces = replay.run.scenario.surfaces
    with_minimum = any(amount_agreed(phase.terms, phase.since) for phase in replay.ledger.phases)
    for plan in replay.plans:
        for path, dated in plan.values.items():
            for _, entry in dated.entries:
                if entry.alternatives and (with_minimum or path not in (PART_MONTH, COUNTS)):
                    yield Open(plan, dated, entry, surfaces, replay.words)


@dataclass(frozen=True)
class Weighed:
    """Open choices by what they do to an amount: they change it, they do not, or the contract settles them."""

    alternatives: tuple[OtherChoice, ...]
    without_effect: tuple[str, ...]
    agreed: tuple[str, ...]


def weigh(replay: Replay, read: AmountReader, rules: Collection[str]) -> Weighed:
    """What every other choice would have given for the amounts that are ``read`` from a ledger.

    For each the run is billed once, with that one value replaced. What the contract settles is agreed, not open; it is
    named where its rule is among the ``rules`` of the amount.
    """
    here = read(replay.ledger) or {}
    found: list[OtherChoice] = []
    refusals: list[str] = []
    agreed: list[str] = []
    idle: dict[str, list[str]] = {}
    for choice in open_choices(replay):
        changes, refused = _changes(replay, choice, here, read)
        found += changes
        refusals += refused
        if changes or refused:
            continue
        settled = settled_by_contract(replay, choice)
        if not settled:
            idle.setdefault(choice.subject, []).append(choice.plan.id)
        elif choice.rule in rules:
            agreed.append(f"{choice.subject} ({choice.plan.id}): {settled}")
    without = [f"{subject} ({', '.join(plans)})" for subject, plans in idle.items()]
    return Weighed(tuple(found), (*without, *refusals), tuple(agreed))


def _changes(replay: Replay, choice: Open, here: Amounts, read: AmountReader) -> tuple[list[OtherChoice], list[str]]:
    """What the other choices would change, and those that cannot be simulated."""
    found, refused = [], []
    for other in choice.taken.alternatives:
        try:
            there = read(replay.under(choice.chosen(other, replay.run.scenario.catalogue)))
        except InputError as error:
            of = {"subject": choice.subject, "plan": choice.plan.id, "other": choice.said(other)}
            refused.append(replay.words.say("choice.refused", why=error.problems[0].fact, **of))
            continue
        if there != here:
            found.append(_other_choice(choice, other, here, there))
    return found, refused


def _other_choice(choice: Open, other: Any, here: Amounts, there: Amounts | None) -> OtherChoice:
    words, main = choice.words, next(iter(here))
    after: Amounts = there or dict.fromkeys(here, 0)
    changed = {name: after[name] - amount for name, amount in here.items() if after[name] != amount}
    changes = {name: words.difference(change) for name, change in changed.items()}
    if there is None:
        answer = words.say("choice.nothing", change=words.difference(-here[main]))
    else:
        answer = words.say(
            "choice.amount", amount=words.usd(after[main]), change=changes.get(main, words.difference(0))
        )
    beside = [
        words.say(f"choice.beside.{name}", amount=words.usd(after[name]), change=said)
        for name, said in changes.items()
        if name != main
    ]
    others = {name: (dollars(after[name]), dollars(change)) for name, change in changed.items() if name != main}
    taken, instead = choice.said(choice.taken.value), choice.said(other)
    of = {"other": instead, "answer": "; ".join((answer, *beside)), "taken": taken, "plan": choice.plan.id}
    return OtherChoice(
        plan=choice.plan.id,
        path=choice.path,
        rule=choice.rule,
        chosen=taken,
        other=instead,
        amount=None if there is None else dollars(after[main]),
        difference=dollars(changed.get(main, 0)),
        text=words.say("choice.text", path=choice.path, **of),
        others=others if there is not None else {},
    )


def settled_by_contract(replay: Replay, choice: Open) -> str:
    """What the contract, or the event, says of a choice wherever it bears; empty where it leaves it open."""
    under = [phase for phase in replay.ledger.phases if phase.terms.plan.id == choice.plan.id]
    said: list[Any] = []
    if choice.path == "proration":
        said = [phase.terms.own.proration for phase in under]
    elif choice.path == "credits.expiry_months":
        said = [phase.credits.expiry_months for phase in under if phase.terms.prepaid]
    elif choice.path == "early_migration.credit":
        said = [event.action.credit for event in replay.run.scenario.events if isinstance(event.action, Migrate)]
    return "" if not said or None in said else choice.words.listed(dict.fromkeys(choice.said(value) for value in said))
