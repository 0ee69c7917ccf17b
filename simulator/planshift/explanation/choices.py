"""Open choices: where nothing is published, what each other choice would have given for an amount."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from planshift.billing.contract import Migrate
from planshift.billing.ledger import Ledger
from planshift.billing.minimum import COUNTS, PART_MONTH, amount_agreed
from planshift.billing.money import dollars
from planshift.explanation.explanation import OtherChoice
from planshift.explanation.replay import Replay
from planshift.explanation.words import difference, listed, money
from planshift.plans.catalogue import Catalogue
from planshift.plans.plan import Dated, Plan, Sourced, plain
from planshift.problems import InputError

Amounts: TypeAlias = Mapping[str, int]
"""Nano-dollars by name; the first is the amount asked for, the others come with it."""
Asked: TypeAlias = Callable[[Ledger], Amounts | None]
"""Finds the amounts asked for in a ledger; None where they are not there."""

SURFACES = "seats.*.surfaces"
CREDIT_BASIS = "early_migration.credit_basis"
SUBJECTS: Mapping[str, tuple[str, str]] = {
    "proration": ("S2", "how the rest of a term is counted"),
    "credits.expiry_months": ("C3", "whether credits expire"),
    "credits.at_renewal": ("C4", "what becomes of credits at a renewal"),
    "included_usage.window": ("I1", "which window included usage runs by"),
    "early_migration.credit": ("R3", "what becomes of the rest of the old term after an early move"),
    CREDIT_BASIS: ("R3", "at which price the rest of the old term is given back"),
    PART_MONTH: ("A3", "how a minimum of usage counts in a part of a month"),
    COUNTS: ("A3", "at which price usage counts towards a minimum"),
    SURFACES: ("U4", "which surfaces a {seat} opens"),
}
"""Path of a value → the rule that leaves it open, and what it decides."""

WORDS: Mapping[tuple[str, str], str] = {
    ("proration", "months_and_days"): "whole months and the days left of the current one",
    ("proration", "whole_months"): "the current month counted whole",
    ("proration", "days"): "days left ÷ days in the term",
    ("credits.expiry_months", "none"): "credits that do not expire",
    ("credits.at_renewal", "kept"): "credits kept at a renewal",
    ("credits.at_renewal", "lapse"): "credits that lapse at a renewal",
    ("included_usage.window", "iso_week"): "weeks from Monday to Sunday",
    ("included_usage.window", "week_of_term"): "weeks that begin on the weekday on which the term began",
    ("early_migration.credit", "none"): "no credit for the rest of the old term",
    ("early_migration.credit", "prorated"): "a credit for the rest of the old term",
    (PART_MONTH, "days"): "the minimum by days",
    (PART_MONTH, "whole"): "the whole minimum",
    (PART_MONTH, "none"): "no minimum",
    (COUNTS, "billed"): "usage as it is billed",
    (COUNTS, "list"): "usage at list price",
    (CREDIT_BASIS, "price_paid"): "the price that was paid",
    (CREDIT_BASIS, "price_of_the_day"): "the price of the day where it is below what was paid",
}
"""What a choice says, in words."""


@dataclass(frozen=True)
class Open:
    """An open choice of a plan that was in force in a run: the entry taken, and the other choices."""

    plan: Plan
    dated: Dated
    taken: Sourced
    surfaces: Mapping[str, str]

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
        """The rule of the rulebook that leaves it open; empty where planshift knows of none."""
        return SUBJECTS.get(SURFACES if self._seat else self.path, ("", ""))[0]

    @property
    def subject(self) -> str:
        """What the choice decides: ``how the rest of a term is counted``."""
        said = SUBJECTS.get(SURFACES if self._seat else self.path, ("", self.path))[1]
        return said.format(seat=self.plan.seat_titles.get(self._seat, ""))

    def words(self, value: Any) -> str:
        """One of the choices in words."""
        known = WORDS.get((self.path, plain(value)))
        if known:
            return known
        if self.path == "credits.expiry_months":
            return f"credits that expire after {plain(value)} months"
        if self._seat:
            opened = listed(self.surfaces.get(name, name) for name in value)
            return f"a {self.plan.seat_titles[self._seat]} that opens {opened}"
        return f"{self.path} {plain(value)}"

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
                    yield Open(plan, dated, entry, surfaces)


@dataclass(frozen=True)
class Weighed:
    """Open choices by what they do to an amount: they change it, they do not, or the contract settles them."""

    alternatives: tuple[OtherChoice, ...]
    without_effect: tuple[str, ...]
    agreed: tuple[str, ...]


def weigh(replay: Replay, asked: Asked, rules: Collection[str]) -> Weighed:
    """What every other choice would have given for what ``asked`` finds in a ledger.

    Each is simulated with that one value replaced. What the contract settles is agreed, not open; it is named where
    its rule is among the ``rules`` of the amount.
    """
    here = asked(replay.ledger) or {}
    found: list[OtherChoice] = []
    refusals: list[str] = []
    agreed: list[str] = []
    idle: dict[str, list[str]] = {}
    for choice in open_choices(replay):
        changes, refused = _changes(replay, choice, here, asked)
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


def _changes(replay: Replay, choice: Open, here: Amounts, asked: Asked) -> tuple[list[OtherChoice], list[str]]:
    """What the other choices would change, and those that cannot be simulated."""
    found, refused = [], []
    for other in choice.taken.alternatives:
        try:
            there = asked(replay.under(choice.chosen(other, replay.run.scenario.catalogue)))
        except InputError as error:
            why = error.problems[0].fact
            refused.append(f"{choice.subject} ({choice.plan.id}): {choice.words(other)} cannot be simulated: {why}")
            continue
        if there != here:
            found.append(_other_choice(choice, other, here, there))
    return found, refused


def _other_choice(choice: Open, other: Any, here: Amounts, there: Amounts | None) -> OtherChoice:
    main = next(iter(here))
    after: Amounts = there or dict.fromkeys(here, 0)
    changed = {name: after[name] - amount for name, amount in here.items() if after[name] != amount}
    said = [_said(name, after[name], change) for name, change in changed.items() if name != main]
    if there is None:
        answer = f"nothing here, {difference(-here[main])}"
    else:
        answer = f"{money(after[main])} USD, {difference(changed.get(main, 0))}"
    others = {name: (dollars(after[name]), dollars(change)) for name, change in changed.items() if name != main}
    taken, instead = choice.words(choice.taken.value), choice.words(other)
    return OtherChoice(
        plan=choice.plan.id,
        path=choice.path,
        rule=choice.rule,
        chosen=taken,
        other=instead,
        amount=None if there is None else dollars(after[main]),
        difference=dollars(changed.get(main, 0)),
        text=f"with {instead}: {answer}{''.join(said)}; taken here: {taken} ({choice.plan.id}, {choice.path})",
        others=others if there is not None else {},
    )


def _said(name: str, amount: int, change: int) -> str:
    return f"; {name} {money(amount)}, {difference(change)}"


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
    return "" if not said or None in said else listed(dict.fromkeys(choice.words(value) for value in said))
